"""From the drift of the periodic state to the trajectory, with learning rates that fall and a projection."""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Recursion, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import (
    BETAS,
    LOSS,
    ORBIT,
    ORBITS,
    SQUARES,
    STEP,
    THREES,
    again,
    close,
    least,
    nearer,
    prepared,
    signs,
)
from .steps_less_their_potential_climb import THEOREM as CLIMBS
from .steps_of_near_averages_are_near import THEOREM as NEAR
from .sums_of_periodic_numbers_stay_near_their_mean import THEOREM as PERIODIC
from .sums_of_periodic_numbers_stay_near_their_mean import around as periodic_around
from .sums_of_periodic_numbers_stay_near_their_mean import away as periodic_away

PERIOD = "(N + 1)"
DRIFT = f"sum(j < {PERIOD}, {ORBIT.format('j')})"


def _here(text: str) -> str:
    """A text of the lemma on periodic numbers, for the steps of the periodic state."""
    return text.replace("o(i)", ORBIT.format("i")).replace("o(j)", ORBIT.format("j"))


def away(time: str) -> str:
    """How far the sum of the steps of the periodic state is behind its mean, before this time."""
    return _here(periodic_away(time))


AWAY, TOP = away("t"), _here(periodic_around("0"))
PACE = f"(-{DRIFT})/{PERIOD}"


def bound(loss: str) -> str:
    """What the state can ever lose against the mean drift, over the learning rate."""
    return f"({loss.format('0')} + 2*{TOP})"


def potential(loss: str, time: str) -> str:
    """What it can still lose."""
    return f"({loss.format(time)} + {away(time)} + {TOP})"


def reached(loss: str) -> str:
    """The claim."""
    rates = "sum(l < k, eta(L + l + 1))"
    return f"forall L nat, k nat: theta(L + k) + {bound(loss)}*eta(L + 1) >= min(1, theta(L) + ({PACE})*{rates})"


def same_distance(proof: Proof) -> None:
    """`size`: |away(t)| <= TOP at every time."""
    again(proof, PERIOD)
    values: dict[str, str | list[str]] = {"o": ["j", ORBIT.format("j")], "N": "N"}
    proof.lemma("size", f"forall t nat: abs({AWAY}) <= {TOP}", PERIODIC.theorem, ["again"], values)


def potentials(proof: Proof, loss: str) -> None:
    """Potentials lie between 0 and their bound, as the loss falls."""
    with proof.induction("loss_falls", f"forall t nat: {loss.format('t')} <= {loss.format('0')}") as (zero, following):
        zero.have("now", f"{loss.format('0')} <= {loss.format('0')}")
        following.use("less", "loss_next", t="t")
        following.have("now", f"{loss.format('t + 1')} <= {loss.format('0')}", ["before", "less"])
    for name, said in (("least", ">= 0"), ("most", f"<= {bound(loss)}")):
        claim = f"{potential(loss, 't')} {said}"
        with proof.fixing(f"potential_{name}", f"forall t nat: {claim}") as inner:
            inner.use("loss", "loss_sign" if name == "least" else "loss_falls", t="t")
            inner.use("distance", "size", t="t")
            inner.use("up", "absolute_above", x=AWAY)
            inner.use("down", "absolute_below", x=AWAY)
            inner.have("now", claim, ["loss", "distance", "down" if name == "least" else "up"])


def climb(proof: Proof, step: str, loss: str) -> None:
    """`reach`: theta less the potential climbs at the mean drift, up to a ceiling. From close, loss_sign, loss_next."""
    proof.use("natural_N", "natural", n="N")
    proof.have("period_positive", f"{PERIOD} > 0", ["natural_N"])
    inverse(proof, "period", PERIOD, "period_positive")
    same_distance(proof)
    potentials(proof, loss)
    here, then = potential(loss, "t"), potential(loss, "t + 1")
    spent = f"eta(t + 1)*({step}) <= eta(t + 1)*{here} - eta(t + 2)*{then} - eta(t + 1)*({PACE})"
    with proof.fixing("spent", f"forall t nat: {spent}") as inner:
        inner.use("excess", "close", t="t")
        inner.use("rate", "rates", t="t")
        inner.use("less", "falling", t="t")
        inner.use("sign", "potential_least", t="t + 1")
        inner.have("room", "eta(t + 1) - eta(t + 2) >= 0", ["less"])
        inner.linear("more", f"{away('t + 1')} = {AWAY} + {DRIFT}/{PERIOD} - {ORBIT.format('t')}")
        inner.have("now", spent, ["excess*rate", "room*sign"], ["more"])
    moved = f"theta(t + 1) = max(-1, min(1, theta(t) - eta(t + 1)*({step})))"
    with proof.fixing("moved", f"forall t nat: {moved}") as inner:
        inner.use("whole", "projected", t="t")
        inner.use("free_step", "theta_next", t="t")
        first = "theta(t) + (free(t + 1) - free(t))"
        inner.have("same", f"{first} = theta(t) - eta(t + 1)*({step})", [], ["free_step"])
        inner.congruent("clipped", "same", "max(-1, min(1, hole))")
        inner.have("now", moved, [], ["whole", "clipped"])
    proof.have("pace_sign", f"{PACE} >= 0", ["drift*period_inverse"])
    values: dict[str, str | list[str]] = {"theta": ["t", "theta(t)"], "alpha": ["t", "eta(t + 1)"], "move": ["t", step]}
    values |= {"potential": ["t", potential(loss, "t")], "pace": PACE, "bound": bound(loss)}
    names = ["rates", "falling", "moved", "potential_least", "potential_most", "spent", "pace_sign"]
    proof.lemma("reach", reached(loss), CLIMBS.theorem, names, values)


def falls(proof: Proof) -> None:
    """`loss_next`: the potential does not grow."""
    claim = f"{LOSS.format('t + 1')} <= {LOSS.format('t')}"
    with proof.fixing("loss_next", f"forall t nat: {claim}") as inner:
        signs(inner)
        for left, right, beta in (("m", "M", "1"), ("v", "V", "2")):
            inner.use(f"{left}_near", f"{left}_nearer", t="t")
            less = f"abs({left}(t + 1) - {right}(t + 1)) <= abs({left}(t) - {right}(t))"
            inner.have(f"{left}_less", less, [f"{left}_near", f"{left}_sign*rest{beta}"])
        rows = ["m_less*beta1_least*rest1_inverse*f_inverse"]
        rows += ["v_less*beta2_least*rest2_inverse*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", claim, rows)


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, whose sums are near their mean; both differences telescope."""
    prepared(proof)
    least(proof, "v", "t + 1")
    least(proof, "V")
    nearer(proof)
    close(proof)
    falls(proof)
    climb(proof, STEP.format("t"), LOSS)


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end: the projection keeps theta there."""
    ending(proof)
    step = "1/(sqrt(1) + 1)"
    inside = f"1 + ((t + 1)*({step}) - t*({step}))"
    with proof.fixing("kept", f"forall t nat: 1 = max(-1, min(1, {inside}))") as inner:
        inner.have("beyond", f"1 - ({inside}) < 0", ["over"])
        clipped(inner, inside)


def ending(proof: Proof) -> None:
    """A period of one gradient of -1 moves up."""
    proof.use("sign", "root_nonnegative", x="1")
    proof.have("below", "sqrt(1) + 1 > 0", ["sign"])
    proof.use("over", "reciprocal_positive", "below", x="sqrt(1) + 1")
    drift = "sum(j < 0 + 1, (-1)/(sqrt(1) + 1))"
    proof.linear("only", f"{drift} = -1/(sqrt(1) + 1)")
    proof.have("drift", f"{drift} <= 0", ["over"], ["only"])


def clipped(inner: Proof, inside: str) -> None:
    """What is `beyond` 1 is projected to it."""
    inner.use("cut", "absolute_of_negative", "beyond", x=f"1 - ({inside})")
    inner.have("low", "-1 - 1 < 0")
    inner.have("least", f"-1 - min(1, {inside}) < 0", ["low"], ["cut"])
    inner.use("kept", "absolute_of_negative", "least", x=f"-1 - min(1, {inside})")
    inner.have("now", f"1 = max(-1, min(1, {inside}))", [], ["kept", "cut"])


ENTRY = Definitions(
    "adam_without_correction_with_schedule",
    "adam@correction=none",
    "real",
    False,
    after=0,
    schedules=("eta",),
    names={"theta": "free"},
)
LIMITED = {
    **{name: said.replace("t + n", f"t + {PERIOD}") for name, said in ORBITS.items()},
    "drift": f"{DRIFT} <= 0",
    "rates": "forall t nat: eta(t + 1) >= 0",
    "falling": "forall t nat: eta(t + 2) <= eta(t + 1)",
    "projected": "forall t nat: theta(t + 1) = max(-1, min(1, theta(t) + (free(t + 1) - free(t))))",
}
WITH_EPS = (("without eps", "0"), ("with eps", "1/8"))


def between_the_ends(rule: str, says: str, eps: str, others: Mapping[str, Given]) -> Instance:
    """Three periods along which theta stays inside. others: values of what a theorem has besides."""
    corrects = rule == "adam"
    return Instance(
        f"three periods of 11/4, -1, -1, between the ends, {says}",
        {
            **THREES,
            **others,
            "theta": Recursion(("t",), "0", "max(-1, min(1, theta(t) + (free(t + 1) - free(t))))"),
            "beta1": "0",
            "M": Recursion(("t",), "g(3)", "g(t + 1)"),
            "g": Table(("0", "11/4", "-1", "-1", "11/4", "-1", "-1", "11/4", "-1", "-1")),
            "eta": Recursion(("t",), "1/16", "7/8*eta(t)"),
            "eps": eps,
            "N": "2",
        },
        naturals={"": 6},
        run=Run(
            rule,
            {"eta": "eta(t + 1)", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
            "g(t + 1)",
            ("0",),
            9,
            {"m": along("m"), "v": along("v"), "free": along("theta")},
            torch="Adam" if corrects else "",
            schedule="ExponentialLR(0.875)" if corrects else "",
            why="" if corrects else "torch corrects biases",
            before=() if corrects else (("2",),),
        ),
        wrong=("adam@correction=none" if corrects else "adam", OLD[rule]),
    )


OLD = {
    "adam": "adam@second_moment=old",
    "adam@correction=none": "adam@correction=none,second_moment=old",
}
THEOREM = Theorem(
    theorem="adam_with_falling_rates_goes_to_the_worst_point",
    title="Adam with falling rates goes to the worst point",
    says="""Adam without bias corrections, with eps >= 0 added to sqrt(v), with learning rates that do not increase, on
    a stream of linear losses whose gradients come again after n = N + 1 steps. Gradients do not depend on the point,
    and theta takes the same steps as free, which Adam moves, but is projected onto [-1, 1]. The squares of gradients,
    and v after the first step, are at least least. M and V are the periodic state of the averages m and v, |M| <= top,
    and its steps move up on average, by pace >= 0. From any state and any time L on, theta is at least
    min(1, theta(L) + pace times the sum of the learning rates since L), up to B eta(L + 1), B a constant. So if the
    learning rates go to 0 and their sum is infinite, theta tends to the upper end 1, which is the worst point where the
    gradients have a positive sum.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{name: "real" for name in ("least", "top")},
        **{name: "real(nat)" for name in ("M", "V", "theta")},
        "N": "nat",
    },
    hypotheses={**BETAS, **SQUARES, "v_start": "v(1) >= least", **LIMITED},
    definitions=[ENTRY],
    claims={"reach": reached(LOSS)},
    lemmas=[NEAR.theorem, PERIODIC.theorem, CLIMBS.theorem],
    model={
        **{name: "1/2" for name in ("beta1", "beta2")},
        **{name: "1" for name in ("least", "top", "eps")},
        **{name: ["t", "-1"] for name in ("g", "m", "M")},
        **{name: ["t", "1"] for name in ("v", "V", "eta", "theta")},
        "free": ["t", "t*(1/(sqrt(1) + 1))"],
        "N": "0",
    },
    script=script,
    shown=shown,
    instances=[between_the_ends("adam@correction=none", says, eps, {}) for says, eps in WITH_EPS],
)
