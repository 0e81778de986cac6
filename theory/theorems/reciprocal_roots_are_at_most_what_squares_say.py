"""An upper bound of 1/sqrt(y), from its square."""

from ..proving.instance import Instance
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """With u = 1/sqrt(y): (high - u)(high + u) = u^2 (high^2 y - 1) >= 0 and high + u > 0."""
    proof.use("root", "root_positive", "above_zero", x="y")
    proof.have("weak", "y >= 0", ["above_zero"])
    proof.use("squared", "root_squared", "weak", x="y")
    proof.use("apart", "positive_is_apart", "root", x="sqrt(y)")
    proof.use("one", "reciprocal", "apart", x="sqrt(y)")
    proof.use("inverse", "reciprocal_positive", "root", x="sqrt(y)")
    proof.have("both", "high + 1/sqrt(y) > 0", ["inverse", "nonnegative"])
    inverse(proof, "both", "high + 1/sqrt(y)", "both")
    proof.have("product", "(high - 1/sqrt(y))*(high + 1/sqrt(y)) >= 0", ["large*inverse*inverse"], ["one", "squared"])
    proof.have("bound", "1/sqrt(y) <= high", ["product*both_inverse"], ["both_one"])


THEOREM = Theorem(
    theorem="reciprocal_roots_are_at_most_what_squares_say",
    title="Reciprocal roots are at most what squares say",
    says="If y > 0, high >= 0 and high^2 y >= 1, then 1/sqrt(y) <= high.",
    variables={"y": "real", "high": "real"},
    hypotheses={"above_zero": "y > 0", "nonnegative": "high >= 0", "large": "high^2*y >= 1"},
    claims={"bound": "1/sqrt(y) <= high"},
    model={"y": "1/4", "high": "3"},
    script=script,
    instances=[
        Instance("equal", {"y": "4/9", "high": "3/2"}),
        Instance("less", {"y": "2/5", "high": "7/4"}),
    ],
)
