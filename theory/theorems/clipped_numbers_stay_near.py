"""Projection onto [-1, 1]."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Cases of the absolute values in max and min."""
    proof.use("upper", "absolute_below", x="-1 - min(1, z)")
    proof.have("above", "y >= min(1, z)", ["upper"], ["clipped"])
    proof.use("lower", "absolute_above", x="-1 - min(1, z)")
    proof.have("least", "y >= -1", ["lower"], ["clipped"])
    proof.use("little", "absolute_below", x="1 - z")
    with proof.cases("most", "y <= 1", on="-1 - min(1, z)") as (low, high):
        low.use("value", "absolute_of_nonnegative", "case", x="-1 - min(1, z)")
        low.have("most", "y <= 1", [], ["clipped", "value"])
        high.use("value", "absolute_of_negative", "case", x="-1 - min(1, z)")
        high.have("most", "y <= 1", ["little"], ["clipped", "value"])


THEOREM = Theorem(
    theorem="clipped_numbers_stay_near",
    title="Clipped numbers stay near",
    says="If y is z clipped to [-1, 1], then -1 <= y <= 1 and y >= min(1, z).",
    variables={"y": "real", "z": "real"},
    hypotheses={"clipped": "y = max(-1, min(1, z))"},
    claims={"above": "y >= min(1, z)", "least": "y >= -1", "most": "y <= 1"},
    model={"y": "max(-1, min(1, 1/2))", "z": "1/2"},
    script=script,
    instances=[
        Instance("above the interval", {"y": "1", "z": "5/2"}),
        Instance("in it", {"y": "-3/5", "z": "-3/5"}),
        Instance("below it", {"y": "-1", "z": "-7/3"}),
    ],
)
