"""Powers with a real exponent a >= 1 are convex: they lie above their tangents (Bernoulli, weighted means)."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """With s = log x - log y: exp(a s) >= exp(s)(1 + (a - 1)s) and 1 >= exp(s)(1 - s), the latter a - 1 times."""
    s, more = "(log(x) - log(y))", "(a - 1)*(log(x) - log(y))"
    proof.use("of_x", "exp_of_log", "x_positive", x="x")
    proof.use("of_y", "exp_of_log", "y_positive", x="y")
    proof.use("steeper", "exp_tangent", x=more)
    proof.use("back", "exp_tangent", x=f"-{s}")
    proof.use("ratio_positive", "exp_positive", x=s)
    proof.use("base_positive", "exp_positive", x="a*log(y)")
    proof.use("whole", "exp_of_sum", x=s, y=more)
    proof.use("none", "exp_of_sum", x=s, y=f"-{s}")
    proof.use("one", "exp_of_zero")
    proof.have("power", "a - 1 >= 0", ["convex"])
    proof.have("first", f"exp({s})*exp({more}) >= exp({s})*(1 + {more})", ["ratio_positive*steeper"])
    proof.have("second", f"(a - 1)*exp({s})*exp(-{s}) >= (a - 1)*exp({s})*(1 - {s})", ["power*ratio_positive*back"])
    proof.have(
        "bernoulli",
        f"exp(a*{s}) >= 1 + a*(exp({s}) - 1)",
        ["first", "second"],
        [("1", "whole"), ("a - 1", "none"), ("a - 1", "one")],
    )
    tangent_from_bernoulli(proof, ">=")


def tangent_from_bernoulli(proof: Proof, relation: str) -> None:
    """`tangent`, from `bernoulli`: exp(a s) against 1 + a (exp(s) - 1), s = log x - log y."""
    s = "(log(x) - log(y))"
    proof.use("to_x", "exp_of_sum", x=f"a*{s}", y="a*log(y)")
    proof.use("slope", "exp_of_sum", x="(a - 1)*log(y)", y="log(y)")
    proof.use("quotient", "exp_of_sum", x=s, y="log(y)")
    proof.have("times_y", f"exp({s})*y = x", (), [("1", "of_x"), ("-1", "quotient"), (f"exp({s})", "of_y")])
    proof.have("base", "exp(a*log(y)) = exp((a - 1)*log(y))*y", (), [("1", "slope"), ("exp((a - 1)*log(y))", "of_y")])
    proof.have(
        "tangent",
        f"pow(x, a) {relation} pow(y, a) + a*pow(y, a - 1)*(x - y)",
        ["base_positive*bernoulli"],
        [("1", "to_x"), (f"a*(exp({s}) - 1)", "base"), ("a*exp((a - 1)*log(y))", "times_y")],
    )


THEOREM = Theorem(
    theorem="powers_lie_above_their_tangents",
    title="Powers lie above their tangents",
    says="For x, y > 0 and a real exponent a >= 1, x^a >= y^a + a y^(a - 1) (x - y).",
    variables={"x": "real", "y": "real", "a": "real"},
    hypotheses={"x_positive": "x > 0", "y_positive": "y > 0", "convex": "a >= 1"},
    claims={"tangent": "pow(x, a) >= pow(y, a) + a*pow(y, a - 1)*(x - y)"},
    model={"x": "2", "y": "1", "a": "3/2"},
    script=script,
    instances=[
        Instance("above the point where they touch", {"x": "9/4", "y": "1/3", "a": "5/3"}),
        Instance("below it", {"x": "1/5", "y": "3/2", "a": "7/2"}),
        Instance("a line", {"x": "3/7", "y": "5/2", "a": "1"}),
    ],
)
