"""From the drift of the periodic state to the trajectory: Adam on a periodic stream, from any state."""

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Recursion, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .steps_near_periodic_ones_follow_their_drift import THEOREM as PATH
from .steps_of_near_averages_are_near import ERROR
from .steps_of_near_averages_are_near import THEOREM as NEAR

MEAN, SIZE = "beta1*abs(m({0}) - M({0}))/(1 - beta1)", "beta2*abs(v({0}) - V({0}))/(1 - beta2)"
STEP, ORBIT = "m({0} + 1)/(sqrt(v({0} + 1)) + eps)", "M({0} + 1)/(sqrt(V({0} + 1)) + eps)"
LOSS = ERROR.format(mean=MEAN, size=SIZE)
"""The potential after {0} steps: what all later steps can be above those of the periodic state, in all."""
DRIFT = f"sum(j < n, {ORBIT.format('j')})"
ENTRY = Definitions("adam_without_correction_of_one_entry", "adam@correction=none", "real", False, after=0)


def prepared(proof: Proof) -> None:
    """1 - beta1 and 1 - beta2 have reciprocals; `near` steps of near averages; top and what multiplies sizes >= 0."""
    for beta in ("1", "2"):
        proof.have(f"rest{beta}", f"1 - beta{beta} > 0", [f"beta{beta}_most"])
        inverse(proof, f"rest{beta}", f"1 - beta{beta}", f"rest{beta}")
    proof.lemma("near", NEAR.claims["near"], NEAR.theorem, list(NEAR.hypotheses), {x: x for x in NEAR.variables})
    proof.use("f_root", "root_positive", "positive", x="least")
    inverse(proof, "l", "sqrt(least)", "f_root")
    proof.have("f_below", "sqrt(least) + eps > 0", ["f_root", "eps_sign"])
    inverse(proof, "f", "sqrt(least) + eps", "f_below")
    proof.use("low", "orbit_low", t="0")
    proof.use("high", "orbit_high", t="0")
    proof.have("top_sign", "top >= 0", ["low", "high"])


def least(proof: Proof, letter: str, time: str = "t") -> None:
    """`letter_least`: the averages of squares stay above their least value, from the first time that is known on."""
    with proof.induction(f"{letter}_least", f"forall t nat: {letter}({time}) >= least") as (zero, following):
        zero.have("now", f"{letter}({time.replace('t', '0')}) >= least", [f"{letter}_start"])
        following.use("next", f"{letter}_next", t=time)
        following.use("size", "gradients", t=time)
        said = f"{letter}({time.replace('t', '(t + 1)')}) >= least"
        following.have("now", said, ["before*beta2_least", "size*rest2"], ["next"])


def nearer(proof: Proof) -> None:
    """The distances from the periodic state shrink by beta."""
    for left, right, beta in (("m", "M", "1"), ("v", "V", "2")):
        here, there = f"{left}(t) - {right}(t)", f"{left}(t + 1) - {right}(t + 1)"
        claim = f"abs({there}) <= beta{beta}*abs({here})"
        with proof.fixing(f"{left}_nearer", f"forall t nat: {claim}") as inner:
            inner.use("one", f"{left}_next", t="t")
            inner.use("other", f"{right}_next", t="t")
            inner.use("above", "absolute_above", x=here)
            inner.use("below", "absolute_below", x=here)
            with inner.cases("nearer", claim, on=there) as (more, less):
                for part, kind in ((more, "absolute_of_nonnegative"), (less, "absolute_of_negative")):
                    part.use("value", kind, "case", x=there)
                    products = [f"above*beta{beta}_least", f"below*beta{beta}_least"]
                    part.have("nearer", claim, products, ["value", "one", "other"])


def close(proof: Proof) -> None:
    """`close`: a step is at most that of the periodic state, plus what the potential loses, which is >= 0."""
    loss, later = LOSS.format("t"), LOSS.format("t + 1")
    claim = f"{STEP.format('t')} <= {ORBIT.format('t')} + {loss} - ({later})"
    with proof.fixing("close", f"forall t nat: {claim}") as inner:
        inner.use("v_here", "v_least", t="t")
        inner.use("V_here", "V_least", t="t + 1")
        inner.use("now_low", "orbit_low", t="t + 1")
        inner.use("now_high", "orbit_high", t="t + 1")
        premises = ("v_here", "V_here", "now_low", "now_high")
        inner.use("error", "near", *premises, a="m(t + 1)", x="v(t + 1)", b="M(t + 1)", y="V(t + 1)")
        inner.use("m_less", "m_nearer", t="t")
        inner.use("v_less", "v_nearer", t="t")
        rows = ["m_less*rest1_inverse*f_inverse", "v_less*rest2_inverse*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", claim, ["error", *rows], ["rest1_one", "rest2_one"])
    with proof.fixing("loss_sign", f"forall t nat: {loss} >= 0") as inner:
        signs(inner)
        rows = ["m_sign*beta1_least*rest1_inverse*f_inverse"]
        rows += ["v_sign*beta2_least*rest2_inverse*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", f"{loss} >= 0", rows)


def signs(inner: Proof) -> None:
    """Distances from the periodic state are >= 0."""
    for left, right in (("m", "M"), ("v", "V")):
        distance = f"{left}(t) - {right}(t)"
        inner.use(f"{left}_above", "absolute_above", x=distance)
        inner.use(f"{left}_down", "absolute_below", x=distance)
        inner.have(f"{left}_sign", f"abs({distance}) >= 0", [f"{left}_above", f"{left}_down"])


def again(proof: Proof, period: str = "n") -> None:
    """`again`: the steps of the periodic state come again."""
    said = f"{ORBIT.format(f't + {period}')} = {ORBIT.format('t')}"
    with proof.fixing("again", f"forall t nat: {said}") as inner:
        inner.use("mean", "M_again", t="t + 1")
        inner.use("square", "V_again", t="t + 1")
        inner.congruent("root", "square", "1/(sqrt(hole) + eps)")
        inner.have("now", said, [], ["mean", "root"])


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, and the distances add up to a constant."""
    prepared(proof)
    least(proof, "v", "t + 1")
    least(proof, "V")
    nearer(proof)
    close(proof)
    again(proof)
    values: dict[str, str | list[str]] = {"theta": ["t", "theta(t)"], "eta": "eta", "n": "n"}
    values |= {"move": ["t", STEP.format("t")], "o": ["t", ORBIT.format("t")], "potential": ["t", LOSS.format("t")]}
    names = ["rate", "again", "loss_sign", "close", "theta_next"]
    proof.lemma("drift", THEOREM.claims["drift"], PATH.theorem, names, values)


ORBITS = {
    "orbit_low": "forall t nat: M(t) >= -top",
    "orbit_high": "forall t nat: M(t) <= top",
    "M_next": "forall t nat: M(t + 1) = beta1*M(t) + (1 - beta1)*g(t + 1)",
    "V_next": "forall t nat: V(t + 1) = beta2*V(t) + (1 - beta2)*g(t + 1)^2",
    "M_again": "forall t nat: M(t + n) = M(t)",
    "V_again": "forall t nat: V(t + n) = V(t)",
    "V_start": "V(0) >= least",
}
BETAS = {
    "beta1_least": "beta1 >= 0",
    "beta1_most": "beta1 < 1",
    "beta2_least": "beta2 >= 0",
    "beta2_most": "beta2 < 1",
}
SQUARES = {
    "eps_sign": "eps >= 0",
    "positive": "least > 0",
    "gradients": "forall t nat: g(t + 1)^2 >= least",
}
THREES: Mapping[str, Given] = {
    "beta1": "1/2",
    "beta2": "1/2",
    "least": "1",
    "top": "3",
    "g": Table(("0", "3", "-1", "-1", "3", "-1", "-1", "3", "-1", "-1")),
    "M": Recursion(("t",), "4/7*(g(1)/4 + g(2)/2 + g(3))", "(M(t) + g(t + 1))/2"),
    "V": Recursion(("t",), "4/7*(g(1)^2/4 + g(2)^2/2 + g(3)^2)", "(V(t) + g(t + 1)^2)/2"),
}
THEOREM = Theorem(
    theorem="adam_follows_the_drift_of_its_periodic_state",
    title="Adam follows the drift of its periodic state",
    says="""Adam without bias corrections, with eps >= 0 added to sqrt(v), on a stream of linear losses whose gradients
    come again after n steps. The squares of gradients, and v after the first step, are at least least. M and V are the
    periodic state of its averages m and v, |M| <= top. From any state, theta is after k periods at least as far up as k
    times what the periodic state moves in one period, up to a constant: if that is positive, theta goes up for ever.
    The constant is written out: the distances of m and v from the periodic state, times numbers.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{name: "real" for name in ("least", "top")},
        **{name: "real(nat)" for name in ("M", "V")},
        "n": "nat",
    },
    hypotheses={**BETAS, "rate": "eta >= 0", **SQUARES, "v_start": "v(1) >= least", **ORBITS},
    definitions=[ENTRY],
    claims={"drift": f"forall k nat: theta(n*k) - theta(0) >= eta*(k*(-{DRIFT}) - ({LOSS.format('0')}))"},
    lemmas=[NEAR.theorem, PATH.theorem],
    model={
        **{name: "1/2" for name in ("beta1", "beta2")},
        **{name: "1" for name in ("eta", "eps", "least", "top", "n")},
        **{name: ["t", "1"] for name in ("g", "m", "v", "M", "V")},
        "theta": ["t", "-t*(1/(sqrt(1) + 1))"],
    },
    script=script,
    instances=[
        Instance(
            says,
            {**THREES, "eta": "1/8", "eps": eps, "n": "3", "least": size},
            naturals={"": 10, "k": 4},
            run=Run(
                "adam@correction=none",
                {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
                "g(t + 1)",
                ("0",),
                9,
                {name: along(name) for name in ("m", "v", "theta")},
                why="torch corrects biases",
                before=before,
            ),
            wrong=("adam", "adam@correction=none,second_moment=old"),
        )
        for says, eps, size, before in (
            ("three periods of 3, -1, -1 after one other step", "0", "1", (("2",),)),
            ("three periods of 3, -1, -1 from Adam's start, with eps", "1/4", "1/2", ()),
        )
    ],
)
