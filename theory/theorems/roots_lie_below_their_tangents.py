"""Powers with a real exponent 0 <= a <= 1 are concave: they lie below their tangents (Bernoulli, weighted means)."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_lie_above_their_tangents import tangent_from_bernoulli


def script(proof: Proof) -> None:
    """With s = log x - log y: a exp(s) + 1 - a >= exp(a s)(a + a (1 - a) s + 1 - a - (1 - a) a s) = exp(a s)."""
    s, rest = "(log(x) - log(y))", "(1 - a)*(log(x) - log(y))"
    proof.use("of_x", "exp_of_log", "x_positive", x="x")
    proof.use("of_y", "exp_of_log", "y_positive", x="y")
    proof.use("up", "exp_tangent", x=rest)
    proof.use("back", "exp_tangent", x=f"-a*{s}")
    proof.use("power_positive", "exp_positive", x=f"a*{s}")
    proof.use("base_positive", "exp_positive", x="a*log(y)")
    proof.use("whole", "exp_of_sum", x=f"a*{s}", y=rest)
    proof.use("none", "exp_of_sum", x=f"a*{s}", y=f"-a*{s}")
    proof.use("one", "exp_of_zero")
    proof.have("part", "1 - a >= 0", ["concave"])
    proof.have(
        "bernoulli",
        f"exp(a*{s}) <= 1 + a*(exp({s}) - 1)",
        ["nonnegative*power_positive*up", "part*power_positive*back"],
        [("a", "whole"), ("1 - a", "none"), ("1 - a", "one")],
    )
    tangent_from_bernoulli(proof, "<=")


THEOREM = Theorem(
    theorem="roots_lie_below_their_tangents",
    title="Roots lie below their tangents",
    says="For x, y > 0 and a real exponent 0 <= a <= 1, x^a <= y^a + a y^(a - 1) (x - y).",
    variables={"x": "real", "y": "real", "a": "real"},
    hypotheses={"x_positive": "x > 0", "y_positive": "y > 0", "nonnegative": "a >= 0", "concave": "a <= 1"},
    claims={"tangent": "pow(x, a) <= pow(y, a) + a*pow(y, a - 1)*(x - y)"},
    model={"x": "2", "y": "1", "a": "1/2"},
    script=script,
    instances=[
        Instance("above the point where they touch", {"x": "9/4", "y": "1/3", "a": "2/3"}),
        Instance("below it", {"x": "1/5", "y": "3/2", "a": "1/4"}),
        Instance("a line", {"x": "3/7", "y": "5/2", "a": "1"}),
    ],
)
