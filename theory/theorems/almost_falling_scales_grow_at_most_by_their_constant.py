"""The third sufficient condition of Zou et al. (2019) and Chen et al. (2022), in one direction."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """chi(t) <= C a(t) <= C a(i) <= C chi(i)."""
    claim = "forall i nat, t nat: i <= t => chi(t) <= C*chi(i)"
    with proof.fixing("growth", claim, "later") as inner:
        inner.use("above", "upper", t="t")
        inner.use("fall", "falling", "later", i="i", t="t")
        inner.use("below", "lower", t="i")
        inner.have("growth", "chi(t) <= C*chi(i)", ["above", "fall*constant", "below*constant"])


def shown(proof: Proof) -> None:
    """Constants."""
    with proof.fixing("falling", "forall i nat, t nat: i <= t => 1 <= 1", "later") as inner:
        inner.have("here", "1 <= 1")


THEOREM = Theorem(
    theorem="almost_falling_scales_grow_at_most_by_their_constant",
    title="Almost falling scales grow at most by their constant",
    says="""If chi(t), as alpha/sqrt(1 - beta2) in the sufficient condition, lies between a(t) and C a(t) for some a
    that does not increase, C >= 0, then chi(t) <= C chi(i) for all i <= t: the largest quotient of a later by an
    earlier one is at most C.""",
    sources=["chen2022towards, the sufficient condition", "zou2019sufficient"],
    variables={"C": "real", "chi": "real(nat)", "a": "real(nat)"},
    hypotheses={
        "constant": "C >= 0",
        "falling": "forall i nat, t nat: i <= t => a(t) <= a(i)",
        "lower": "forall t nat: a(t) <= chi(t)",
        "upper": "forall t nat: chi(t) <= C*a(t)",
    },
    claims={"growth": "forall i nat, t nat: i <= t => chi(t) <= C*chi(i)"},
    model={"C": "2", "chi": ["t", "3/2"], "a": ["t", "1"]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "numbers that rise by as much as they may",
            {"C": "3/2", "a": Table(("3", "2", "2", "1/2")), "chi": Table(("7/2", "2", "3", "3/4"))},
            naturals={"": 4},
        ),
        Instance("negative numbers", {"C": "1/2", "a": Table(("-1", "-2", "-5")), "chi": Table(("-3/4", "-1", "-4"))}),
    ],
)
