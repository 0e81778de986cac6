"""A sum of positive numbers that is not empty is positive, and its reciprocal is one."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Sums are not negative, and the last number is positive."""
    with proof.fixing("each", "forall i nat: x(i) >= 0") as inner:
        inner.use("here", "positive", i="i")
        inner.have("weak", "x(i) >= 0", ["here"])
    claim = "forall m nat: m > 0 => sum(i < m, x(i)) > 0"
    with proof.induction("every", claim, "some_here") as (zero, following):
        zero.linear("empty", "sum(i < 0, x(i)) = 0")
        zero.have("none", "sum(i < 0, x(i)) > 0", ["some_here"], ["empty"])
        following.add("before_it", "sum(i < m, x(i)) >= 0", "each", "m")
        following.use("last", "positive", i="m")
        following.linear("more", "sum(i < m + 1, x(i)) = sum(i < m, x(i)) + x(m)")
        following.have("next", "sum(i < m + 1, x(i)) > 0", ["before_it", "last"], ["more"])
    proof.use("whole", "every", "some", m="n")
    proof.use("apart", "positive_is_apart", "whole", x="sum(i < n, x(i))")
    proof.use("unit", "reciprocal", "apart", x="sum(i < n, x(i))")
    proof.use("over", "reciprocal_positive", "whole", x="sum(i < n, x(i))")


def shown(proof: Proof) -> None:
    """1, 2, 3, ..."""
    with proof.fixing("positive", "forall i nat: i + 1 > 0") as inner:
        inner.use("natural_here", "natural", n="i")
        inner.have("here", "i + 1 > 0", ["natural_here"])


THEOREM = Theorem(
    theorem="sums_of_positive_numbers_are_positive",
    title="Sums of positive numbers are positive",
    says="The sum of n > 0 positive numbers is positive, and so is its reciprocal.",
    variables={"n": "nat", "x": "real(nat)"},
    hypotheses={"some": "n > 0", "positive": "forall i nat: x(i) > 0"},
    claims={
        "whole": "sum(i < n, x(i)) > 0",
        "unit": "sum(i < n, x(i))*(1/sum(i < n, x(i))) = 1",
        "over": "1/sum(i < n, x(i)) > 0",
    },
    model={"n": "2", "x": ["i", "i + 1"]},
    script=script,
    shown=shown,
    instances=[
        Instance("three numbers", {"n": "3", "x": Table(("1/1000000", "2/3", "5"))}),
        Instance("one of them", {"n": "1", "x": ["i", "1/1000 + i"]}),
    ],
)
