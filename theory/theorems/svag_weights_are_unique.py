"""SVAG's two weights are the only ones that keep the mean and multiply the covariance (Li, Malladi & Arora 2021)."""

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Substitute b = 1 - a in a^2 + b^2 = ell."""
    proof.have("second", "b = 1 - a", (), ["mean"])
    proof.have("quadratic", "ell = 2*a^2 - 2*a + 1", (), ["second", "covariance"])
    proof.have("at_least", "ell >= 1/2", [square("2*a - 1")], ["quadratic"])
    proof.have("positive", "2*ell - 1 >= 0", ["at_least"])
    proof.use("root", "root_squared", "positive", x="2*ell - 1")
    proof.have("weights", "(a - (1 + sqrt(2*ell - 1))/2)*(a - (1 - sqrt(2*ell - 1))/2) = 0", (), ["root", "quadratic"])


THEOREM = Theorem(
    theorem="svag_weights_are_unique",
    title="SVAG's weights are unique",
    says="""If a g1 + b g2, with g1 and g2 independent of one law whose mean and covariance are not 0, has that mean and
    ell times that covariance, which says a + b = 1 and a^2 + b^2 = ell, then ell is at least 1/2, and a and b are the
    two numbers (1 +- sqrt(2 ell - 1))/2.""",
    sources=["li2021validity, Section 4"],
    variables={"a": "real", "b": "real", "ell": "real"},
    hypotheses={"mean": "a + b = 1", "covariance": "a^2 + b^2 = ell"},
    claims={
        "weights": "(a - (1 + sqrt(2*ell - 1))/2)*(a - (1 - sqrt(2*ell - 1))/2) = 0",
        "second": "b = 1 - a",
        "at_least": "ell >= 1/2",
    },
    model={"a": "1", "b": "0", "ell": "1"},
    script=script,
    instances=[
        Instance("the weights for ell = 97/25, the smaller one first", {"a": "-4/5", "b": "9/5", "ell": "97/25"}),
        Instance("the least ell, where both are 1/2", {"a": "1/2", "b": "1/2", "ell": "1/2"}),
    ],
)
