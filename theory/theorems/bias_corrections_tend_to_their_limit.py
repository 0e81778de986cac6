"""Adam's bias corrections 1 - beta^k become 1 - exp(-c s), s = k h (Malladi et al. 2022, gamma of the SDE)."""

from ..proving.instance import Instance, Run, along
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES

CLAIMS = {
    "powers_below": "forall k nat: p(k) <= exp(-c*(k*h))",
    "powers_sign": "forall k nat: p(k) >= 0",
    "decreasing": "forall k nat: p(k + 1) <= p(k)",
    "correction_above": "forall k nat: 1 - p(k) >= 1 - exp(-c*(k*h))",
    "correction_below": "forall k nat: 1 - p(k) <= 1 - exp(-c*(k*h)) + c^2*(k*h)*h*exp(c*h)*exp(-c*(k*h))",
    "uniform": "forall k nat: 1 - p(k) <= 1 - exp(-c*(k*h)) + c^2*(k*h)*h",
    "next_correction": "forall k nat: 1 - p(k + 1) <= 1 - exp(-c*(k*h)) + c*(1 + c*(k*h))*h",
    "limit_positive": "forall k nat: 1 - exp(-c*((k + 1)*h)) > 0",
}


def script(proof: Proof) -> None:
    """1 - x <= exp(-x) <= 1 - x + x^2 for x = c h, and the difference of the powers by induction."""
    proof.use("tangent", "exp_tangent", x="-c*h")
    proof.have("x_sign", "c*h >= 0", ["positive_c*positive_h"])
    proof.use("other_tangent", "exp_tangent", x="c*h")
    proof.use("unit_sum", "exp_of_sum", x="c*h", y="-c*h")
    proof.use("nothing", "exp_of_zero")
    proof.have("inverse", "exp(c*h)*exp(-c*h) = 1", (), ["unit_sum@exp(c*h)*exp(-c*h)", "nothing"])
    proof.use("e_positive", "exp_positive", x="-c*h")
    proof.use("E_positive", "exp_positive", x="c*h")
    proof.have("product", "exp(-c*h)*(1 + c*h) <= 1", ["e_positive*other_tangent"], ["inverse"])
    proof.have("e_below", "exp(-c*h) <= 1", ["product", "e_positive*x_sign"])
    proof.have("gap", "exp(-c*h) - (1 - c*h) <= (c*h)^2", ["product", "x_sign*tangent"])
    proof.have("base", "1 - c*h >= 0", ["small"])
    with proof.fixing("later", "forall k nat: exp(-c*((k + 1)*h)) = exp(-c*h)*exp(-c*(k*h))") as inner:
        inner.use("parts", "exp_of_sum", x="-c*h", y="-c*(k*h)")
        inner.have("split", "exp(-c*((k + 1)*h)) = exp(-c*h)*exp(-c*(k*h))", (), [("1", "parts")])
    with proof.induction("powers_sign", "forall k nat: p(k) >= 0") as (zero, following):
        zero.have("start", "p(0) >= 0", (), ["first"])
        following.use("next", "powers", k="k")
        following.have("step", "p(k + 1) >= 0", ["base*before"], ["next"])
    with proof.fixing("decreasing", CLAIMS["decreasing"]) as inner:
        inner.use("next", "powers", k="k")
        inner.use("sign", "powers_sign", k="k")
        inner.have("less", "p(k + 1) <= p(k)", ["x_sign*sign"], ["next"])
    with proof.induction("powers_below", CLAIMS["powers_below"]) as (zero, following):
        zero.have("start", "p(0) <= exp(-c*(0*h))", (), ["first", "nothing"])
        following.use("next", "powers", k="k")
        following.use("split", "later", k="k")
        following.use("positive", "exp_positive", x="-c*(k*h)")
        following.have(
            "step", "p(k + 1) <= exp(-c*((k + 1)*h))", ["base*before", "positive*tangent"], ["next", "split"]
        )
    # exp(-(k + 1) x) - (1 - x)^(k + 1) = exp(-x) (exp(-k x) - (1 - x)^k) + (exp(-x) - (1 - x)) (1 - x)^k
    below = "exp(-c*(k*h)) - p(k) <= c^2*(k*h)*h*exp(c*h)*exp(-c*(k*h))"
    with proof.induction("difference", f"forall k nat: {below}") as (zero, following):
        zero.have("start", below.replace("k*h", "0*h").replace("p(k)", "p(0)"), (), ["first", "nothing"])
        following.use("next", "powers", k="k")
        following.use("split", "later", k="k")
        following.use("under", "powers_below", k="k")
        following.use("sign", "powers_sign", k="k")
        following.have("square", "(c*h)^2 >= 0", [square("c*h")])
        goal = below.replace("k*h", "(k + 1)*h").replace("p(k)", "p(k + 1)")
        rows = ["e_positive*before", "sign*gap", "square*under"]
        following.have("step", goal, rows, ["next", "split", "inverse@exp(c*h)*exp(-c*h)"])
    with proof.fixing("correction_above", CLAIMS["correction_above"]) as inner:
        inner.use("under", "powers_below", k="k")
        inner.have("above", CLAIMS["correction_above"].split(": ")[1], ["under"])
    with proof.fixing("correction_below", CLAIMS["correction_below"]) as inner:
        inner.use("close", "difference", k="k")
        inner.have("below", CLAIMS["correction_below"].split(": ")[1], ["close"])
    _uniform(proof)
    with proof.fixing("limit_positive", CLAIMS["limit_positive"]) as inner:
        inner.use("natural_k", "natural", n="k")
        inner.use("positive", "exp_positive", x="-c*((k + 1)*h)")
        inner.use("large", "exp_tangent", x="c*((k + 1)*h)")
        inner.use("parts", "exp_of_sum", x="c*((k + 1)*h)", y="-c*((k + 1)*h)")
        inner.have(
            "one",
            "exp(c*((k + 1)*h))*exp(-c*((k + 1)*h)) = 1",
            (),
            ["parts@exp(c*((k + 1)*h))*exp(-c*((k + 1)*h))", "nothing"],
        )
        inner.have("x", "c*((k + 1)*h) > 0", ["positive_c*positive_h", "positive_c*positive_h*natural_k"])
        rows = ["positive*large", "positive*x"]
        inner.have("limit", "1 - exp(-c*((k + 1)*h)) > 0", rows, ["one@exp(c*((k + 1)*h))*exp(-c*((k + 1)*h))"])


def _uniform(proof: Proof) -> None:
    """The same induction with exp(-x) and (1 - x)^k at most 1; one step later adds c h p(k) at most."""
    with proof.induction("at_most_1", "forall k nat: p(k) <= 1") as (zero, following):
        zero.have("start", "p(0) <= 1", (), ["first"])
        following.use("next", "powers", k="k")
        following.use("sign", "powers_sign", k="k")
        following.have("step", "p(k + 1) <= 1", ["before", "x_sign*sign"], ["next"])
    below = "exp(-c*(k*h)) - p(k) <= c^2*(k*h)*h"
    with proof.induction("close", f"forall k nat: {below}") as (zero, following):
        zero.have("start", below.replace("k*h", "0*h").replace("p(k)", "p(0)"), (), ["first", "nothing"])
        following.use("next", "powers", k="k")
        following.use("split", "later", k="k")
        following.use("under", "powers_below", k="k")
        following.use("sign", "powers_sign", k="k")
        following.use("most", "at_most_1", k="k")
        following.have("square", "(c*h)^2 >= 0", [square("c*h")])
        following.have("whole", "1 - exp(-c*h) >= 0", ["e_below"])
        following.have("over", "exp(-c*(k*h)) - p(k) >= 0", ["under"])
        goal = below.replace("k*h", "(k + 1)*h").replace("p(k)", "p(k + 1)")
        rows = ["before", "whole*over", "sign*gap", "square*most"]
        following.have("step", goal, rows, ["next", "split"])
    with proof.fixing("uniform", CLAIMS["uniform"]) as inner:
        inner.use("near", "close", k="k")
        inner.have("below", CLAIMS["uniform"].split(": ")[1], ["near"])
    with proof.fixing("next_correction", CLAIMS["next_correction"]) as inner:
        inner.use("near", "close", k="k")
        inner.use("next", "powers", k="k")
        inner.use("most", "at_most_1", k="k")
        inner.have("below", CLAIMS["next_correction"].split(": ")[1], ["near", "x_sign*most"], ["next"])


def halves(proof: Proof) -> None:
    """For models with beta = 1/2."""
    proof.have("half_positive", "1/2 > 0")
    proof.use("half", "exp_of_log", "half_positive", x="1/2")
    proof.use("start", "exp_of_zero")
    with proof.fixing("halves", "forall k nat: exp((k + 1)*log(1/2)) = (1 - 1/2)*exp(k*log(1/2))") as inner:
        inner.use("split", "exp_of_sum", x="k*log(1/2)", y="log(1/2)")
        inner.have("done", "exp((k + 1)*log(1/2)) = (1 - 1/2)*exp(k*log(1/2))", (), ["split", "half"])


THEOREM = Theorem(
    theorem="bias_corrections_tend_to_their_limit",
    title="Bias corrections tend to their limit",
    says="""If 1 - beta = c h, then at time s = k h the bias correction 1 - beta^k lies above 1 - exp(-c s), by at most
    c^2 s h exp(c h) exp(-c s), hence by at most c^2 s h, and 1 - beta^(k + 1) by at most c (1 + c s) h: with c fixed
    and h to 0, they tend to 1 - exp(-c s) at the rate h. The limit is positive for s > 0.""",
    sources=["malladi2022sdes, SDE of Adam"],
    variables={"c": "real", "h": "real", "p": "real(nat)"},
    hypotheses={
        "positive_c": "c > 0",
        "positive_h": "h > 0",
        "small": "c*h <= 1",
        "first": "p(0) = 1",
        "powers": "forall k nat: p(k + 1) = (1 - c*h)*p(k)",
    },
    claims=CLAIMS,
    model={"c": "1", "h": "1/2", "p": ["k", HALVES.replace("i", "k")]},
    script=script,
    shown=halves,
    instances=[
        Instance(
            "1 minus Adam's first moment, all gradients being 1",
            {"c": "1", "h": "1/4", "p": ["k", "1 - m(k)"]},
            naturals={"": 7},
            run=Run("adam", {"beta1": "1 - c*h"}, "1", ("0",), 6, {"m": along("m")}, torch="Adam"),
        )
    ],
)
