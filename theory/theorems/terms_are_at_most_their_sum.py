"""A term of a sum of nonnegative numbers is at most the sum."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """The last of m + 1 terms, or one of the first m."""
    with proof.fixing("each", "forall k nat, m nat: k + 1 <= m => y(k) <= sum(j < m, y(j))", "inside") as outer:
        claim = "forall s nat: k + 1 <= s => y(k) <= sum(j < s, y(j))"
        with outer.induction("partial", claim, "among") as (zero, following):
            zero.use("natural_here", "natural", n="k")
            zero.have("never", "0 - 1 >= 0", ["among", "natural_here"])
            zero.linear("empty", "sum(j < 0, y(j)) = 0")
            zero.use("here", "nonnegative", i="k")
            zero.have("now", "y(k) <= sum(j < 0, y(j))", ["here*never"], ["empty"])
            following.linear("more", "sum(j < s + 1, y(j)) = sum(j < s, y(j)) + y(s)")
            following.use("last", "nonnegative", i="s")
            then = "y(k) <= sum(j < s + 1, y(j))"
            with following.cases("now", then, on="s - k - 1", assume="early") as (before, at_end):
                before.have("first", "k + 1 <= s", ["early"])
                before.use("known", "before", "first")
                before.have("now", then, ["known", "last"], ["more"])
                at_end.have("late", "k + 1 > s", ["early"])
                at_end.use("next", "next_natural", "late", m="k + 1", n="s")
                at_end.have("least", "s - k >= 0", ["among"])
                at_end.have("most", "s - k <= 0", ["next"])
                at_end.use("zero", "zero_of_both_signs", "least", "most", x="s - k")
                at_end.have("same", "k = s", [], [("1", "zero")])
                at_end.congruent("moved", "same", "y(hole)")
                at_end.add("others", "sum(j < s, y(j)) >= 0", "nonnegative", "s")
                at_end.have("now", then, ["others"], ["more", "moved"])
        outer.use("now", "partial", "inside", s="m")
    with proof.fixing("term", THEOREM.claims["term"], "inside") as inner:
        inner.use("now", "each", "inside", k="i", m="n")


def shown(proof: Proof) -> None:
    """0, 1, 2, ..."""
    with proof.fixing("nonnegative", "forall i nat: i >= 0") as inner:
        inner.use("now", "natural", n="i")


THEOREM = Theorem(
    theorem="terms_are_at_most_their_sum",
    title="Terms are at most their sum",
    says="Each of n nonnegative numbers is at most their sum.",
    variables={"n": "nat", "y": "rand(nat)"},
    hypotheses={"nonnegative": "forall i nat: y(i) >= 0"},
    claims={"term": "forall i nat: i + 1 <= n => y(i) <= sum(j < n, y(j))"},
    model={"n": "2", "y": ["i", "i"]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "random numbers, most of them 0 on an outcome",
            {"n": "3", "y": Drawn((("1", "0", "1/2"), ("0", "0", "3")), draw=1)},
            ("1/3", "2/3"),
            draws=1,
            naturals={"": 4},
        ),
    ],
)
