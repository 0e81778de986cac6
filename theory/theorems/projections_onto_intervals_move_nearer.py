"""Projection onto an interval moves nearer to each of its points."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Three cases: below the interval, above it, inside."""
    for name, claim in THEOREM.claims.items():
        with proof.cases(name, claim, on="high - y") as (under, over):
            under.use("first", "absolute_of_nonnegative", "case", x="high - y")
            leaves(under, name, claim, ["case"])
            over.use("first", "absolute_of_negative", "case", x="high - y")
            leaves(over, name, claim, ["case"])


def leaves(proof: Proof, name: str, claim: str, known: list[str]) -> None:
    """The claim where the smaller of high and y is known."""
    inner = "low - min(high, y)"
    with proof.cases(name, claim, on=inner, assume="inside") as (below, above):
        for part, kind in ((below, "absolute_of_nonnegative"), (above, "absolute_of_negative")):
            part.use("second", kind, "inside", x=inner)
            products = ["left", "right", *known, "inside"]
            if name == "nearer":
                products = [f"{one}*{other}" for k, one in enumerate(products) for other in products[k:]]
            part.have(name, claim, products, ["projected", "second", "first"])


THEOREM = Theorem(
    theorem="projections_onto_intervals_move_nearer",
    title="Projections onto intervals move nearer",
    says="If p is y clipped to [low, high] and b lies there, then p lies there, and |p - b| <= |y - b|.",
    variables={name: "real" for name in ("p", "y", "b", "low", "high")},
    hypotheses={
        "projected": "p = max(low, min(high, y))",
        "left": "low <= b",
        "right": "b <= high",
    },
    claims={"least": "p >= low", "most": "p <= high", "nearer": "(p - b)^2 <= (y - b)^2"},
    model={"p": "max(-1, min(1, 2))", "y": "2", "b": "0", "low": "-1", "high": "1"},
    script=script,
    instances=[
        Instance("above the interval", {"p": "3/4", "y": "7/3", "b": "3/4", "low": "-2/3", "high": "3/4"}),
        Instance("in it", {"p": "1/5", "y": "1/5", "b": "-1/2", "low": "-2/3", "high": "3/4"}),
        Instance("below it", {"p": "-2/3", "y": "-5/2", "b": "1/7", "low": "-2/3", "high": "3/4"}),
    ],
)
