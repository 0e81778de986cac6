"""The descent lemma with its constant L/2 from a Lipschitz gradient, by one use of the mean value theorem."""

from ..proving.instance import Instance, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

SLOPE, THERE, SIZE = "sum(i < d, G(i)*s(i))", "sum(i < d, g(i)*s(i))", "sum(i < d, s(i)^2)"
FAR = "sum(i < d, (g(i) - G(i))^2)"


def script(proof: Proof) -> None:
    """<g - G, s> <= (|g - G|^2/(L c) + L c |s|^2)/2 <= L c |s|^2."""
    proof.have("factor", "L*c > 0", ["smoothness*inside"])
    reciprocal(proof, "factor", "factor", "L*c")
    far = "(g(i) - G(i))"
    claim = f"{far}^2/(L*c)/2 + L*c/2*s(i)^2 - {far}*s(i) >= 0"
    with proof.fixing("each", f"forall i nat: {claim}") as inner:
        inner.have("here", claim, [square(f"{far} - L*c*s(i)") * "factor_over"], ["factor_unit"])
    parts = "sum(i < d, g(i)^2) - 2*sum(i < d, g(i)*G(i)) + sum(i < d, G(i)^2)"
    proof.linear("distance", f"{FAR} = {parts}")
    proof.add("all", f"({parts})/(L*c)/2 + L*c/2*{SIZE} - {THERE} + {SLOPE} >= 0", "each", "d")
    proof.have("young", f"{THERE} <= {SLOPE} + L*c*{SIZE}", ["all", "near*factor_over"], ["distance", "factor_unit"])
    proof.have("descent", f"after <= before + {SLOPE} + L/2*{SIZE}", ["young"], ["mean_value"])


def shown(proof: Proof) -> None:
    """x^2 along the segment from 0 to 1, at its middle."""
    proof.linear("slope", "sum(i < 1, 1*1) = 1")
    proof.linear("size", "sum(i < 1, 1^2) = 1")
    proof.linear("far", "sum(i < 1, (1 - 0)^2) = 1")
    proof.have("mean_value", "1 = 0 + sum(i < 1, 1*1) + 2*(1/2 - 1/2)*sum(i < 1, 1^2)", (), ["slope", "size"])
    proof.have("near", "sum(i < 1, (1 - 0)^2) <= (2*(1/2))^2*sum(i < 1, 1^2)", (), ["far", "size"])


THEOREM = Theorem(
    theorem="the_descent_lemma_holds_with_half_of_l",
    title="The descent lemma holds with L/2",
    says="""Let G be the gradient of f at x, `before` and `after` f at x and at x + s. The mean value theorem for
    f(x + t s) - L t^2 |s|^2/2 gives a c in (0, 1) with after - before = <g, s> + L (1/2 - c)|s|^2, g the gradient at
    x + c s. If gradients are Lipschitz, |g - G| <= L c |s|, then f(x + s) <= f(x) + <G, s> + (L/2)|s|^2.""",
    sources=["umeda2024increasing, Lemma 2.1"],
    variables={
        **dict.fromkeys(("L", "c", "before", "after"), "real"),
        "d": "nat",
        **dict.fromkeys(("g", "G", "s"), "real(nat)"),
    },
    hypotheses={
        "smoothness": "L > 0",
        "inside": "c > 0",
        "mean_value": f"after = before + {THERE} + L*(1/2 - c)*{SIZE}",
        "near": f"{FAR} <= (L*c)^2*{SIZE}",
    },
    claims={"descent": f"after <= before + {SLOPE} + L/2*{SIZE}"},
    model={
        **{"L": "2", "c": "1/2", "before": "0", "after": "1", "d": "1"},
        "g": ["i", "1"],
        "G": ["i", "0"],
        "s": ["i", "1"],
    },
    unproved=(
        "That a differentiable loss has the mean value property which the descent lemma rests on: not proved "
        "here. The language of the kernel has no derivatives; it is a premise."
    ),
    script=script,
    shown=shown,
    instances=[
        Instance(
            "a gradient that changes along the step, as fast as it may",
            {
                **{"L": "4", "c": "1/4", "before": "1", "after": "7/2", "d": "2"},
                **{"g": Table(("3/2", "1/2")), "G": Table(("1/2", "1")), "s": Table(("1", "-1/2"))},
            },
        ),
        Instance(
            "one that changes across it",
            {
                **{"L": "4", "c": "1/3", "before": "1/2", "after": "4/3", "d": "2"},
                **{"g": Table(("1", "2")), "G": Table(("1/2", "1")), "s": Table(("1", "-1/2"))},
            },
        ),
    ],
)
