"""From the drift of the periodic state to the trajectory, with learning rates that fall and a projection."""

from __future__ import annotations

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import LOSS, STEP, one_step, rooted, states
from .adam_follows_the_drift_of_its_periodic_state import THEOREM as CONSTANT
from .steps_less_their_potential_climb import THEOREM as CLIMBS
from .sums_of_periodic_numbers_stay_near_their_mean import THEOREM as PERIODIC
from .sums_of_periodic_numbers_stay_near_their_mean import around as periodic_around
from .sums_of_periodic_numbers_stay_near_their_mean import away as periodic_away

PERIOD = "(N + 1)"
DRIFT = f"sum(j < {PERIOD}, M(j)/sqrt(V(j)))"


def _here(text: str) -> str:
    """A text of the lemma on periodic numbers, for the steps of the periodic state."""
    return text.replace("o(i)", "M(i)/sqrt(V(i))").replace("o(j)", "M(j)/sqrt(V(j))")


def away(time: str) -> str:
    """How far the sum of the steps of the periodic state is behind its mean, before this time."""
    return _here(periodic_away(time))


AWAY, TOP = away("t"), _here(periodic_around("0"))
START = LOSS.format(t="0")
BOUND = f"({START} + 2*{TOP})"


def potential(time: str) -> str:
    """What the state can still lose against the mean drift, over the learning rate."""
    return f"({LOSS.format(t=time)} + {away(time)} + {TOP})"


CLAIM = (
    f"forall L nat, k nat: theta(L + k) + {BOUND}*alpha(L) >= "
    f"min(1, theta(L) + (-{DRIFT})/{PERIOD}*sum(l < k, alpha(L + l)))"
)


def same_distance(proof: Proof) -> None:
    """`size`: |away(t)| <= TOP at every time."""
    step = f"M(t + {PERIOD})/sqrt(V(t + {PERIOD})) = M(t)/sqrt(V(t))"
    with proof.fixing("steps_again", f"forall t nat: {step}") as inner:
        inner.use("mean", "M_again", t="t")
        inner.use("square", "V_again", t="t")
        inner.congruent("root", "square", "1/sqrt(hole)")
        inner.have("now", step, [], ["mean", "root"])
    values: dict[str, str | list[str]] = {"o": ["j", "M(j)/sqrt(V(j))"], "N": "N"}
    proof.lemma("size", f"forall t nat: abs({AWAY}) <= {TOP}", PERIODIC.theorem, ["steps_again"], values)


def falling(proof: Proof) -> None:
    """LOSS falls, and potentials lie between 0 and BOUND."""
    with proof.fixing("loss_sign", f"forall t nat: {LOSS.format(t='t')} >= 0") as inner:
        signs(inner)
        rows = ["m_sign*rest1_inverse*f_inverse", "s_sign*rest2_inverse*f_inverse*least_inverse*top_sign"]
        inner.have("sign", f"{LOSS.format(t='t')} >= 0", rows)
    with proof.induction("loss_falls", f"forall t nat: {LOSS.format(t='t')} <= {START}") as (zero, following):
        zero.have("now", f"{START} <= {START}")
        signs(following)
        following.use("m_next", "m_nearer", t="t")
        following.use("v_next", "v_nearer", t="t")
        following.have("m_less", "abs(m(t) - M(t)) - abs(m(t + 1) - M(t + 1)) >= 0", ["m_next", "m_sign*rest1"])
        following.have("v_less", "abs(v(t) - V(t)) - abs(v(t + 1) - V(t + 1)) >= 0", ["v_next", "s_sign*rest2"])
        rows = ["before", "m_less*rest1_inverse*f_inverse"]
        rows += ["v_less*rest2_inverse*f_inverse*least_inverse*top_sign"]
        following.have("now", f"{LOSS.format(t='t + 1')} <= {START}", rows)
    for name, said in (("least", ">= 0"), ("most", f"<= {BOUND}")):
        with proof.fixing(f"potential_{name}", f"forall t nat: {potential('t')} {said}") as inner:
            inner.use("loss", "loss_sign" if name == "least" else "loss_falls", t="t")
            inner.use("near", "size", t="t")
            inner.use("up", "absolute_above", x=AWAY)
            inner.use("down", "absolute_below", x=AWAY)
            inner.have("now", f"{potential('t')} {said}", ["loss", "near", "down" if name == "least" else "up"])


def signs(proof: Proof) -> None:
    """Distances from the periodic state, and top, are >= 0."""
    for name, left, right in (("m", "m(t)", "M(t)"), ("s", "v(t)", "V(t)")):
        proof.use(f"{name}_above", "absolute_above", x=f"{left} - {right}")
        proof.use(f"{name}_below", "absolute_below", x=f"{left} - {right}")
        proof.have(f"{name}_sign", f"abs({left} - {right}) >= 0", [f"{name}_above", f"{name}_below"])
    proof.use("low", "orbit_low", t="t")
    proof.use("high", "orbit_high", t="t")
    proof.have("top_sign", "top >= 0", ["low", "high"])


PACE = f"(-{DRIFT})/{PERIOD}"
SPENT = f"alpha(t)*({STEP}) <= alpha(t)*{potential('t')} - alpha(t + 1)*{potential('t + 1')} - alpha(t)*({PACE})"


def climb(proof: Proof) -> None:
    """theta less the potential climbs at the mean drift, up to a ceiling."""
    with proof.fixing("spent", f"forall t nat: {SPENT}") as inner:
        inner.use("near", "close", t="t")
        inner.use("rate", "rates", t="t")
        inner.use("less", "falling", t="t")
        inner.use("sign", "potential_least", t="t + 1")
        inner.have("room", "alpha(t) - alpha(t + 1) >= 0", ["less"])
        inner.linear("more", f"{away('t + 1')} = {AWAY} + {DRIFT}/{PERIOD} - M(t)/sqrt(V(t))")
        inner.have("now", SPENT, ["near*rate", "room*sign"], ["more"])
    proof.have("pace_sign", f"{PACE} >= 0", ["upwards*period_inverse"])
    values: dict[str, str | list[str]] = {"theta": ["t", "theta(t)"], "alpha": ["t", "alpha(t)"], "move": ["t", STEP]}
    values |= {"potential": ["t", potential("t")], "pace": PACE, "bound": BOUND}
    names = ["rates", "falling", "step", "potential_least", "potential_most", "spent", "pace_sign"]
    proof.lemma("reach", CLAIM, CLIMBS.theorem, names, values)


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, whose sums are near their mean; both differences telescope."""
    roots = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
    proof.lemma("of_roots", roots, "orders_on_every_outcome", [], {})
    proof.use("natural_N", "natural", n="N")
    proof.have("period_positive", f"{PERIOD} > 0", ["natural_N"])
    inverse(proof, "period", PERIOD, "period_positive")
    for beta in ("1", "2"):
        proof.have(f"rest{beta}", f"1 - beta{beta} > 0", [f"beta{beta}_most"])
        inverse(proof, f"rest{beta}", f"1 - beta{beta}", f"rest{beta}")
    rooted(proof, "f", "least", "positive")
    inverse(proof, "least", "least", "positive")
    chain = [("1/least", "f_one"), ("1/least*sqrt(least)/sqrt(least)", "f_one")]
    chain += [("-1/least/sqrt(least)^2", "f_squared"), ("-1/sqrt(least)^2", "least_one")]
    proof.have("f_share", "1/sqrt(least)^2 = 1/least", [], chain)
    proof.have("upwards", f"-{DRIFT} >= 0", ["drift"])
    states(proof)
    one_step(proof)
    same_distance(proof)
    falling(proof)
    climb(proof)


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end: the projection keeps theta there."""
    proof.have("one", "1 > 0")
    proof.use("root", "root_positive", "one", x="1")
    proof.use("over", "reciprocal_positive", "root", x="sqrt(1)")
    drift = "sum(j < 0 + 1, (-1)/sqrt(1))"
    proof.linear("only", f"{drift} = -1/sqrt(1)")
    proof.have("drift", f"{drift} <= 0", ["over"], ["only"])
    inside = "1 - 1*((-1)/sqrt(1))"
    proof.have("beyond", f"1 - ({inside}) < 0", ["over"])
    proof.use("cut", "absolute_of_negative", "beyond", x=f"1 - ({inside})")
    proof.have("low", "-1 - 1 < 0")
    proof.have("least", f"-1 - min(1, {inside}) < 0", ["low"], ["cut"])
    proof.use("kept", "absolute_of_negative", "least", x=f"-1 - min(1, {inside})")
    with proof.fixing("step", f"forall t nat: 1 = max(-1, min(1, {inside}))") as inner:
        inner.have("now", f"1 = max(-1, min(1, {inside}))", [], ["kept", "cut"])


KEPT = {n: s for n, s in CONSTANT.hypotheses.items() if n not in ("rate", "step", "M_again", "V_again")}
THEOREM = Theorem(
    theorem="adam_with_falling_rates_goes_to_the_worst_point",
    title="Adam with falling rates goes to the worst point",
    says="""Adam without bias corrections and eps, projected onto [-1, 1], with learning rates that do not increase, on
    a stream of linear losses whose gradients come again after n = N + 1 steps and have squares of at least least. M and
    V are the periodic state of its averages m and v, |M| <= top, and its steps move up on average, by pace >= 0. From
    any start with v(0) >= least and any time L on, theta is at least min(1, theta(L) + pace times the sum of the
    learning rates since L), up to B alpha(L), B a constant. So if the learning rates go to 0 and their sum is infinite,
    theta tends to the upper end 1, which is the worst point where the gradients have a positive sum.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{n: s for n, s in CONSTANT.variables.items() if n not in ("alpha", "n")},
        "alpha": "real(nat)",
        "N": "nat",
    },
    hypotheses={
        **KEPT,
        "M_again": f"forall t nat: M(t + {PERIOD}) = M(t)",
        "V_again": f"forall t nat: V(t + {PERIOD}) = V(t)",
        "drift": f"{DRIFT} <= 0",
        "rates": "forall t nat: alpha(t) >= 0",
        "falling": "forall t nat: alpha(t + 1) <= alpha(t)",
        "step": f"forall t nat: theta(t + 1) = max(-1, min(1, theta(t) - alpha(t)*({STEP})))",
    },
    claims={"reach": CLAIM},
    lemmas=["orders_on_every_outcome", PERIODIC.theorem, CLIMBS.theorem],
    model={
        **{name: "1/2" for name in ("beta1", "beta2")},
        **{name: "1" for name in ("least", "top")},
        **{name: ["t", "-1"] for name in ("g", "m", "M")},
        **{name: ["t", "1"] for name in ("v", "V")},
        "alpha": ["t", "1"],
        "theta": ["t", "1"],
        "N": "0",
    },
    unproved=(
        "Adam with PyTorch's bias corrections and eps goes to the worst point as well: not proved. The "
        "corrected learning rate falls and then rises to its limit, and eps changes every step; exact "
        "witnesses and runs show it."
    ),
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three periods of 11/4, -1, -1 after one other step, between the ends",
            {
                "beta1": "0",
                "beta2": "1/2",
                "alpha": ["t", "1/(16*max(t, 1))"],
                "least": "1",
                "top": "3",
                "N": "2",
                "g": Table(("0", "11/4", "-1", "-1", "11/4", "-1", "-1", "11/4", "-1", "-1")),
                "M": Recursion(("t",), "g(3)", "g(t + 1)"),
                "V": Recursion(("t",), "4/7*(g(1)^2/4 + g(2)^2/2 + g(3)^2)", "(V(t) + g(t + 1)^2)/2"),
            },
            naturals={"": 6},
            run=Run(
                "adam@correction=none",
                {"eta": "alpha(t + 1)", "beta1": "beta1", "beta2": "beta2", "eps": "0"},
                "g(t + 1)",
                ("0",),
                9,
                {"m": along("m"), "v": along("v"), "theta": along("theta", -1)},
                why="torch corrects biases, which are gone in the limit that this is about",
                before=(("2",),),
            ),
            wrong=("adam", "adam@correction=none,second_moment=old"),
        )
    ],
)
