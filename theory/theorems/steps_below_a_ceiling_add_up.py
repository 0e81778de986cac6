"""Steps up below the ceiling 1, one after the other."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Cases of the two minima that are known."""
    proof.use("goal_above", "absolute_above", x="1 - goal")
    proof.use("goal_below", "absolute_below", x="1 - goal")
    with proof.cases("climb", "y >= min(1, goal)", on="1 - (x + step)") as (low, high):
        low.use("value", "absolute_of_nonnegative", "case", x="1 - (x + step)")
        with low.cases("climb", "y >= min(1, goal)", on="1 - w", assume="inside") as (below, above):
            below.use("start", "absolute_of_nonnegative", "inside", x="1 - w")
            below.have("climb", "y >= min(1, goal)", ["next", "now", "near", "goal_above"], ["value", "start"])
            above.use("start", "absolute_of_negative", "inside", x="1 - w")
            above.have("climb", "y >= min(1, goal)", ["next", "now", "up", "goal_below"], ["value", "start"])
        high.use("value", "absolute_of_negative", "case", x="1 - (x + step)")
        high.have("climb", "y >= min(1, goal)", ["next", "goal_below"], ["value"])


def shown(proof: Proof) -> None:
    """The two minima are -1 and 1/2."""
    proof.have("two", "2 >= 0")
    proof.use("first", "absolute_of_nonnegative", "two", x="2")
    proof.have("now", "0 >= min(1, -1)", [], ["first"])
    proof.have("half", "1/2 >= 0")
    proof.use("second", "absolute_of_nonnegative", "half", x="1/2")
    proof.have("next", "1 >= min(1, 0 + 1/2)", [], ["second"])


THEOREM = Theorem(
    theorem="steps_below_a_ceiling_add_up",
    title="Steps below a ceiling add up",
    says="""If x >= min(1, w) and y >= min(1, x + step) for a step that is not negative, then y is at least min(1, goal)
    for every goal <= w + step.""",
    variables={"x": "real", "y": "real", "w": "real", "step": "real", "goal": "real"},
    hypotheses={
        "now": "x >= min(1, w)",
        "up": "step >= 0",
        "next": "y >= min(1, x + step)",
        "near": "goal <= w + step",
    },
    claims={"climb": "y >= min(1, goal)"},
    model={"x": "0", "y": "1", "w": "-1", "step": "1/2", "goal": "-1"},
    shown=shown,
    script=script,
    instances=[
        Instance("below the ceiling", {"x": "1/2", "y": "3/4", "w": "1/3", "step": "1/4", "goal": "7/12"}),
        Instance("at the ceiling", {"x": "1", "y": "1", "w": "5/4", "step": "1/2", "goal": "3/2"}),
    ],
)
