"""The gradient of a scale-invariant loss is orthogonal to the parameters (Li, Malladi & Arora 2021)."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .root_of_quotient import invert

C, ALONG = "1/(n + 1)", "sum(i < d, x(i)*g(i))"


def script(proof: Proof) -> None:
    """With c = 1/(n + 1), L((1 + c) x) - L(x) is 0 and is c <x, g> up to curvature c^2; divide by c."""
    with proof.fixing("above", f"forall n nat: (n + 1)*{ALONG} <= curvature") as inner:
        bound(inner, "")
    with proof.fixing("below", f"forall n nat: -(n + 1)*{ALONG} <= curvature") as inner:
        bound(inner, "-")


def bound(inner: Proof, sign: str) -> None:
    """One side of the bound, times (n + 1)^2."""
    inner.use("natural_n", "natural", n="n")
    inner.have("next", "n + 1 > 0", ["natural_n"])
    invert(inner, "next", "n + 1")
    inner.use("constant", "invariant", n="n")
    inner.use("close", "smooth", n="n")
    error = f"scaled(n) - loss - {C}*{ALONG}"
    inner.use("upper", "absolute_above", x=error)
    inner.use("lower", "absolute_below", x=error)
    side = "lower" if not sign else "upper"
    inner.have("small", f"{sign}{C}*{ALONG} <= curvature*({C})^2", ["close", side], ["constant"])
    inner.have("done", f"{sign}(n + 1)*{ALONG} <= curvature", [square("n + 1") * "small"], ["next_unit"])


def shown(proof: Proof) -> None:
    """x and g are two orthogonal unit vectors."""
    proof.linear("along", "sum(i < 2, (1 - i)*i) = 0")
    proof.have("sign", "0 >= 0")
    proof.use("nothing", "absolute_of_nonnegative", "sign", x="0")
    claim = "abs(1 - 1 - 1/(n + 1)*sum(i < 2, (1 - i)*i)) <= 0*(1/(n + 1))^2"
    with proof.fixing("smooth", f"forall n nat: {claim}") as inner:
        inner.congruent("change", "along", "abs(1 - 1 - 1/(n + 1)*hole)")
        inner.have("done", claim, (), [("1", "change"), ("1", "nothing")])


THEOREM = Theorem(
    theorem="gradients_of_scale_invariant_losses_are_orthogonal",
    title="Gradients of scale-invariant losses are orthogonal to the parameters",
    says="""Let a loss be the same at x and at (1 + c) x, and differentiable at x with gradient g, so that its change is
    c <x, g> up to a constant times c^2. With c = 1/(n + 1), (n + 1) |<x, g>| is at most that constant for every n; this
    is so for <x, g> = 0 only. Here scaled(n) is the loss at (1 + 1/(n + 1)) x.""",
    sources=["li2021validity, when the linear rule fails"],
    variables={
        "d": "nat",
        "x": "real(nat)",
        "g": "real(nat)",
        "loss": "real",
        "scaled": "real(nat)",
        "curvature": "real",
    },
    hypotheses={
        "invariant": "forall n nat: scaled(n) = loss",
        "smooth": f"forall n nat: abs(scaled(n) - loss - {C}*{ALONG}) <= curvature*({C})^2",
    },
    claims={
        "above": f"forall n nat: (n + 1)*{ALONG} <= curvature",
        "below": f"forall n nat: -(n + 1)*{ALONG} <= curvature",
    },
    model={
        "d": "2",
        "x": ["i", "1 - i"],
        "g": ["i", "i"],
        "loss": "1",
        "scaled": ["n", "1"],
        "curvature": "0",
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three coordinates, and a curvature that is not used up",
            {
                **{"d": "3", "x": Table(("3/2", "-1/2", "2")), "g": Table(("1", "1", "-1/2"))},
                **{"loss": "-7/3", "scaled": ["n", "-7/3"], "curvature": "1/4"},
            },
        ),
    ],
)
