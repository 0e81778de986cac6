"""Steps that cost a potential and gain a pace climb up to a ceiling: an auxiliary fact about projected methods."""

from __future__ import annotations

from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem

CLIP, CLIMB = "clipped_numbers_stay_near", "steps_below_a_ceiling_add_up"
CLAIM = "forall L nat, k nat: theta(L + k) + bound*alpha(L) >= min(1, theta(L) + pace*sum(l < k, alpha(L + l)))"


def value(time: str) -> str:
    """theta less its potential, lifted to be at least what was there at L."""
    return f"theta({time}) - alpha({time})*potential({time}) + bound*alpha(L)"


def script(proof: Proof) -> None:
    """theta less alpha times the potential climbs by alpha times the pace, or reaches 1."""
    with proof.fixing("rates_fall", "forall L nat, k nat: alpha(L + k) <= alpha(L)") as inner:
        with inner.induction("all", "forall l nat: alpha(L + l) <= alpha(L)") as (zero, following):
            zero.have("now", "alpha(L + 0) <= alpha(L)")
            following.use("less", "falling", t="L + l")
            following.have("now", "alpha(L + (l + 1)) <= alpha(L)", ["less", "before"])
        inner.use("now", "all", l="k")
    with proof.fixing("reach", CLAIM) as inner:
        goal = "theta(L) + pace*sum(l < h, alpha(L + l))"
        said = f"{value('L + h')} >= min(1, {goal})"
        with inner.induction("all", f"forall h nat: {said}") as (zero, following):
            _start(zero, goal.replace("l < h", "l < 0"))
            _next(following, goal)
        inner.use("there", "all", h="k")
        inner.use("sign", "least", t="L + k")
        inner.use("rate", "rates", t="L + k")
        inner.have("now", CLAIM.split(": ")[1], ["there", "sign*rate"])


def _start(proof: Proof, goal: str) -> None:
    proof.linear("nothing", "sum(l < 0, alpha(L + l)) = 0")
    proof.use("up", "absolute_above", x=f"1 - ({goal})")
    proof.use("room", "most", t="L")
    proof.use("rate", "rates", t="L")
    proof.have("gap", "bound - potential(L) >= 0", ["room"])
    proof.have("now", f"{value('L + 0')} >= min(1, {goal})", ["gap*rate", "up"], [("pace", "nothing")])


def _next(proof: Proof, goal: str) -> None:
    now, then = value("L + h"), value("L + h + 1")
    step, z = "alpha(L + h)*pace", "theta(L + h) - alpha(L + h)*move(L + h)"
    proof.use("rate", "rates", t="L + h")
    proof.use("rate_then", "rates", t="L + h + 1")
    proof.use("less", "rates_fall", L="L", k="h + 1")
    proof.use("spent_here", "spent", t="L + h")
    proof.use("least_then", "least", t="L + h + 1")
    proof.use("most_then", "most", t="L + h + 1")
    proof.use("moved", "step", t="L + h")
    proof.lemma("above", f"theta(L + h + 1) >= min(1, {z})", CLIP, ["moved"], {"y": "theta(L + h + 1)", "z": z})
    proof.have("up", f"{step} >= 0", ["rate*upwards"])
    proof.have("bound_sign", "bound >= 0", ["least_then", "most_then"])
    proof.have("fallen", "alpha(L) - alpha(L + h + 1) >= 0", ["less"])
    proof.have("room", "bound - potential(L + h + 1) >= 0", ["most_then"])
    lift = "bound*alpha(L) - alpha(L + h + 1)*potential(L + h + 1)"
    proof.have("lift", f"{lift} >= 0", ["bound_sign*fallen", "rate_then*room"])
    target = f"{now} + {step}"
    proof.have("under", f"{target} <= {z} + {lift}", ["spent_here"])
    proof.use("target_up", "absolute_above", x=f"1 - ({target})")
    proof.use("target_down", "absolute_below", x=f"1 - ({target})")
    claim = f"{then} >= min(1, {target})"
    with proof.cases("next", claim, on=f"1 - ({z})") as (below, beyond):
        below.use("value", "absolute_of_nonnegative", "case", x=f"1 - ({z})")
        below.have("next", claim, ["above", "under", "target_up"], ["value"])
        beyond.use("value", "absolute_of_negative", "case", x=f"1 - ({z})")
        beyond.have("next", claim, ["above", "lift", "target_down"], ["value"])
    further = goal.replace("l < h", "l < h + 1")
    proof.linear("more", "sum(l < h + 1, alpha(L + l)) = sum(l < h, alpha(L + l)) + alpha(L + h)")
    proof.have("near", f"{further} <= {goal} + {step}", [], [("pace", "more")])
    values: dict[str, str | list[str]] = {"x": now, "y": then, "w": goal, "step": step, "goal": further}
    proof.lemma("now", f"{then} >= min(1, {further})", CLIMB, ["before", "up", "next", "near"], values)


def shown(proof: Proof) -> None:
    """At the upper end, with steps of 1/2 upwards."""
    proof.have("beyond", "1 - (1 - 1*(-1/2)) < 0")
    proof.use("cut", "absolute_of_negative", "beyond", x="1 - (1 - 1*(-1/2))")
    proof.have("low", "-1 - min(1, 1 - 1*(-1/2)) < 0", [], ["cut"])
    proof.use("kept", "absolute_of_negative", "low", x="-1 - min(1, 1 - 1*(-1/2))")
    with proof.fixing("step", "forall t nat: 1 = max(-1, min(1, 1 - 1*(-1/2)))") as inner:
        inner.have("now", "1 = max(-1, min(1, 1 - 1*(-1/2)))", [], ["kept", "cut"])


THEOREM = Theorem(
    theorem="steps_less_their_potential_climb",
    title="Steps less their potential climb",
    says="""Let theta move by -alpha times move, projected onto [-1, 1], with alpha >= 0 that does not increase, and let
    alpha times move be at most what alpha times a potential between 0 and bound loses in the step, less alpha times
    pace >= 0. Then after any step L theta is at least min(1, theta(L) + pace times the sum of alpha since L), up to
    bound alpha(L).""",
    variables={
        **dict.fromkeys(("theta", "alpha", "move", "potential"), "real(nat)"),
        **dict.fromkeys(("pace", "bound"), "real"),
    },
    hypotheses={
        "rates": "forall t nat: alpha(t) >= 0",
        "falling": "forall t nat: alpha(t + 1) <= alpha(t)",
        "step": "forall t nat: theta(t + 1) = max(-1, min(1, theta(t) - alpha(t)*move(t)))",
        "least": "forall t nat: potential(t) >= 0",
        "most": "forall t nat: potential(t) <= bound",
        "spent": "forall t nat: alpha(t)*move(t) <= "
        "alpha(t)*potential(t) - alpha(t + 1)*potential(t + 1) - alpha(t)*pace",
        "upwards": "pace >= 0",
    },
    claims={"reach": CLAIM},
    lemmas=[CLIP, CLIMB],
    model={
        **{"theta": ["t", "1"], "alpha": ["t", "1"], "move": ["t", "-1/2"], "potential": ["t", "1"]},
        **{"pace": "1/2", "bound": "2"},
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "steps that leave the interval on both sides",
            {
                "theta": Recursion(("t",), "-3/4", "max(-1, min(1, theta(t) - alpha(t)*move(t)))"),
                "alpha": ["t", "2/(t + 1)"],
                "move": Table(("3/4", "-5/2", "3/4", "-2", "1/2")),
                "potential": Table(("1", "0", "1", "0", "1")),
                **{"pace": "1/4", "bound": "1"},
            },
        )
    ],
)
