"""A lower bound of 1/sqrt(y), from its square."""

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """With u = 1/sqrt(y): 2(u - low) = u (1 - low^2 y) + u (1 - low sqrt(y))^2."""
    proof.use("root", "root_positive", "above_zero", x="y")
    proof.have("weak", "y >= 0", ["above_zero"])
    proof.use("squared", "root_squared", "weak", x="y")
    proof.use("apart", "positive_is_apart", "root", x="sqrt(y)")
    proof.use("one", "reciprocal", "apart", x="sqrt(y)")
    proof.use("inverse", "reciprocal_positive", "root", x="sqrt(y)")
    proof.have(
        "bound", "1/sqrt(y) >= low", ["small*inverse", square("1 - low*sqrt(y)") * "inverse"], ["one", "squared"]
    )


THEOREM = Theorem(
    theorem="reciprocal_roots_are_bounded_by_squares",
    title="Reciprocal roots are bounded by squares",
    says="If y > 0 and low^2 y <= 1, then 1/sqrt(y) >= low.",
    variables={"y": "real", "low": "real"},
    hypotheses={"above_zero": "y > 0", "small": "low^2*y <= 1"},
    claims={"bound": "1/sqrt(y) >= low"},
    model={"y": "1/4", "low": "1"},
    script=script,
    instances=[
        Instance("the reciprocal root itself", {"y": "4/9", "low": "3/2"}),
        Instance("a number below it", {"y": "2", "low": "2/3"}),
    ],
)
