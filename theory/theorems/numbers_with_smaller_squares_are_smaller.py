"""Squares keep the order of numbers that are not negative."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Were a > b, then a + b > 0 and (b - a)(b + a) >= 0, so b >= a."""
    with proof.cases("order", "a <= b", on="b - a") as (below, above):
        below.have("order", "a <= b", ["case"])
        above.have("total", "a + b > 0", ["case", "nonnegative"])
        above.use("apart", "positive_is_apart", "total", x="a + b")
        above.use("one", "reciprocal", "apart", x="a + b")
        above.use("positive", "reciprocal_positive", "total", x="a + b")
        above.have("order", "a <= b", ["positive*squares"], ["one"])


THEOREM = Theorem(
    theorem="numbers_with_smaller_squares_are_smaller",
    title="Numbers with smaller squares are smaller",
    says="If a^2 <= b^2 and b >= 0, then a <= b.",
    variables={"a": "real", "b": "real"},
    hypotheses={"nonnegative": "b >= 0", "squares": "a^2 <= b^2"},
    claims={"order": "a <= b"},
    model={"a": "1", "b": "2"},
    script=script,
    instances=[
        Instance("equal squares, apart", {"a": "-3/2", "b": "3/2"}),
        Instance("near numbers", {"a": "2/3", "b": "7/10"}),
    ],
)
