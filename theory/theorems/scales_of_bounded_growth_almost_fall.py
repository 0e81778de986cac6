"""The third sufficient condition of Zou et al. (2019) and Chen et al. (2022), in the other direction."""

from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """The least value so far is below chi, and at least chi/C, being one of the earlier values."""
    with proof.fixing("falls", "forall t nat: a(t + 1) <= a(t)") as inner:
        inner.use("next", "least", t="t")
        inner.use("other", "absolute_below", x="a(t) - chi(t + 1)")
        inner.have("fall", "a(t + 1) <= a(t)", ["other"], ["next"])
    with proof.induction("lower", "forall t nat: a(t) <= chi(t)") as (zero, following):
        zero.have("now", "a(0) <= chi(0)", [], ["first"])
        following.use("next", "least", t="t")
        following.use("distance", "absolute_above", x="a(t) - chi(t + 1)")
        following.have("now", "a(t + 1) <= chi(t + 1)", ["distance"], ["next"])
    with proof.fixing("upper", "forall s nat: chi(s) <= C*a(s)") as inner:
        with inner.induction("before_it", "forall t nat: t <= s => chi(s) <= C*a(t)", "later") as (zero, following):
            zero.use("here", "growth", "later", i="0", t="s")
            zero.have("now", "chi(s) <= C*a(0)", ["here"], ["first"])
            following.have("still", "t <= s", ["later"])
            following.use("so_far", "before", "still")
            following.use("here", "growth", "later", i="t + 1", t="s")
            following.use("next", "least", t="t")
            with following.cases("now", "chi(s) <= C*a(t + 1)", on="a(t) - chi(t + 1)") as (more, less):
                more.use("value", "absolute_of_nonnegative", "case", x="a(t) - chi(t + 1)")
                more.have("now", "chi(s) <= C*a(t + 1)", ["here"], ["next", "value"])
                less.use("value", "absolute_of_negative", "case", x="a(t) - chi(t + 1)")
                less.have("now", "chi(s) <= C*a(t + 1)", ["so_far"], ["next", "value"])
        inner.have("itself", "s <= s")
        inner.use("now", "before_it", "itself", t="s")


def shown(proof: Proof) -> None:
    """A constant is at most twice itself, and the minimum of two equal numbers is that number."""
    with proof.fixing("growth", "forall i nat, t nat: i <= t => 1 <= 2*1", "later") as inner:
        inner.have("here", "1 <= 2*1")
    proof.have("none", "0 >= 0")
    proof.use("value", "absolute_of_nonnegative", "none", x="1 - 1")
    with proof.fixing("least", "forall t nat: 1 = min(1, 1)") as inner:
        inner.have("here", "1 = min(1, 1)", [], ["value"])


THEOREM = Theorem(
    theorem="scales_of_bounded_growth_almost_fall",
    title="Scales of bounded growth almost fall",
    says="""If chi(t) <= C chi(i) for all i <= t, then the least value a(t) of chi up to t does not increase, and a(t)
    <= chi(t) <= C a(t). So, with almost_falling_scales_grow_at_most_by_their_constant, the condition that chi is almost
    non-increasing holds with the constant C if and only if no chi(t)/chi(i), i <= t, exceeds C: their supremum is the
    best constant.""",
    sources=["chen2022towards, the sufficient condition", "zou2019sufficient"],
    variables={"C": "real", "chi": "real(nat)", "a": "real(nat)"},
    hypotheses={
        "growth": "forall i nat, t nat: i <= t => chi(t) <= C*chi(i)",
        "first": "a(0) = chi(0)",
        "least": "forall t nat: a(t + 1) = min(a(t), chi(t + 1))",
    },
    claims={
        "falls": "forall t nat: a(t + 1) <= a(t)",
        "lower": "forall t nat: a(t) <= chi(t)",
        "upper": "forall t nat: chi(t) <= C*a(t)",
    },
    model={"C": "2", "chi": ["t", "1"], "a": ["t", "1"]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "a scale that rises by a half, twice",
            {
                "C": "3/2",
                "chi": Table(("2", "3", "1", "3/2")),
                "a": Recursion(("t",), "chi(0)", "min(a(t), chi(t + 1))"),
            },
            naturals={"": 4},
        ),
    ],
)
