"""From the drift of the periodic state to the trajectory, with bias corrections and eps: Adam as libraries run it."""

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Recursion, Run, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import (
    BETAS,
    DRIFT,
    ORBIT,
    ORBITS,
    SQUARES,
    THREES,
    again,
    least,
    prepared,
)
from .adam_moments_obey_cauchy_schwarz import averages_of_ones
from .powers_of_a_fraction import HALVES
from .sizes_on_every_outcome import sizes
from .steps_near_periodic_ones_follow_their_drift import THEOREM as PATH
from .steps_of_near_averages_are_near import ERROR
from .steps_of_near_averages_are_near import THEOREM as NEAR

POWERS = "powers_of_a_fraction"
M_HAT, V_HAT = "m(t + 1)/(1 - beta1_power(t + 1))", "v(t + 1)/(1 - beta2_power(t + 1))"
STEP = f"{M_HAT}/(sqrt({V_HAT}) + eps)"
MEAN, SIZE = "2*top*beta1{0}/(1 - beta1)/(1 - beta1)", "wide*beta2{1}/(1 - beta2)/(1 - beta2)"
BOUND = ERROR.format(mean=MEAN.format(""), size=f"({SIZE.format('', '')})")
"""The constant of the theorem."""
LOSS = ERROR.format(mean=MEAN.format("*beta1_power({0})"), size=f"({SIZE.format('', '*beta2_power({0})')})")
"""The potential after {0} steps: what all later steps can be above those of the periodic state, in all."""
ENTRY = Definitions("adam_of_one_entry", "adam", "real", False)


def powers(proof: Proof) -> None:
    """Powers of beta1 and beta2 lie in [0, 1], and from 1 on below beta; m - M and v - V are multiples of them."""
    for beta, left, right in (("1", "m", "M"), ("2", "v", "V")):
        proof.have(f"beta{beta}_weak", f"beta{beta} <= 1", [f"beta{beta}_most"])
        values: dict[str, str | list[str]] = {"b": f"beta{beta}", "p": ["i", f"beta{beta}_power(i)"]}
        premises = [f"beta{beta}_least", f"beta{beta}_weak", f"beta{beta}_power_start", f"beta{beta}_power_next"]
        proof.lemma(f"p{beta}_sign", f"forall t nat: beta{beta}_power(t) >= 0", POWERS, premises, values)
        proof.lemma(f"p{beta}_later", f"forall t nat: beta{beta}_power(t + 1) <= beta{beta}", POWERS, premises, values)
        claim = f"{left}({{0}}) = {right}({{0}}) - beta{beta}_power({{0}})*{right}(0)"
        with proof.induction(f"{left}_gap", f"forall t nat: {claim.format('t')}") as (zero, following):
            zero.have("now", claim.format("0"), [], [f"{left}_start", f"beta{beta}_power_start"])
            for name in (f"{left}_next", f"{right}_next", f"beta{beta}_power_next"):
                following.use(f"{name}_here", name, t="t")
            rules = [f"{left}_next_here", f"{right}_next_here", f"beta{beta}_power_next_here", "before"]
            following.have("now", claim.format("(t + 1)"), [], rules)
    with proof.induction("v_low", "forall t nat: v(t) >= (1 - beta2_power(t))*least") as (zero, following):
        zero.have("now", "v(0) >= (1 - beta2_power(0))*least", [], ["v_start", "beta2_power_start"])
        following.use("next", "v_next", t="t")
        following.use("power", "beta2_power_next", t="t")
        following.use("size", "gradients", t="t")
        claim = "v(t + 1) >= (1 - beta2_power(t + 1))*least"
        following.have("now", claim, ["before*beta2_least", "size*rest2"], ["next", "power"])


def corrected(inner: Proof) -> None:
    """At t + 1: both corrections are at most 1/(1 - beta), and the corrected averages are near the periodic state."""
    for beta, left, right in (("1", "m", "M"), ("2", "v", "V")):
        power = f"beta{beta}_power(t + 1)"
        inner.use(f"p{beta}_here", f"p{beta}_sign", t="t + 1")
        inner.use(f"p{beta}_most", f"p{beta}_later", t="t")
        inner.have(f"c{beta}", f"1 - {power} > 0", [f"p{beta}_most", f"beta{beta}_most"])
        inverse(inner, f"c{beta}", f"1 - {power}", f"c{beta}")
        over = f"1/(1 - {power}) <= 1/(1 - beta{beta})"
        rows = [f"p{beta}_most*c{beta}_inverse*rest{beta}_inverse"]
        inner.have(f"c{beta}_over", over, rows, [f"c{beta}_one", f"rest{beta}_one"])
        inner.use(f"{left}_is", f"{left}_gap", t="t + 1")
        away = f"{left}(t + 1)/(1 - {power}) - {right}(t + 1)"
        said = f"{away} = {power}/(1 - {power})*({right}(t + 1) - {right}(0))"
        chain = [(f"1/(1 - {power})", f"{left}_is"), (f"{right}(t + 1)", f"c{beta}_one")]
        inner.have(f"{left}_away", said, [], chain)


def bounded(inner: Proof) -> None:
    """The distances are at most the next power of beta, times a constant."""
    inner.use("now_low", "orbit_low", t="t + 1")
    inner.use("now_high", "orbit_high", t="t + 1")
    for name, said, rows in (
        ("m_upper", "M(t + 1) - M(0) <= 2*top", ["now_high", "low"]),
        ("m_lower", "-(M(t + 1) - M(0)) <= 2*top", ["now_low", "high"]),
    ):
        inner.have(name, said, rows)
    inner.use("V_here", "V_least", t="t + 1")
    inner.use("V_there", "V_near", t="t + 1")
    inner.use("V_above", "absolute_above", x="V(t + 1) - V(0)")
    inner.use("V_below", "absolute_below", x="V(t + 1) - V(0)")
    inner.have("v_upper", "V(t + 1) - V(0) <= wide", ["V_there", "V_above"])
    inner.have("v_lower", "-(V(t + 1) - V(0)) <= wide", ["V_there", "V_below"])
    for beta, left, right, size in (("1", "m", "M", "2*top"), ("2", "v", "V", "wide")):
        away = f"{left}(t + 1)/(1 - beta{beta}_power(t + 1)) - {right}(t + 1)"
        claim = f"{size}*beta{beta}_power(t + 1)/(1 - beta{beta})"
        sign = "top_sign" if left == "m" else "wide_sign"
        more = f"c{beta}_over*p{beta}_here*{sign}"
        for name, text in (("upper", away), ("lower", f"-({away})")):
            rows = [f"{left}_{name}*p{beta}_here*c{beta}_inverse", more]
            inner.have(f"{left}_{name}_far", f"{text} <= {claim}", rows, [f"{left}_away"])
        inner.use(f"{left}_near", "both_signs", f"{left}_upper_far", f"{left}_lower_far", Y=away, Z=claim)
        inner.use(f"power{beta}", f"beta{beta}_power_next", t="t")


def close(proof: Proof) -> None:
    """`close`: a step is at most that of the periodic state, plus what the potential loses, which is >= 0."""
    proof.use("V_first", "V_near", t="0")
    proof.use("V_itself", "absolute_above", x="V(0) - V(0)")
    proof.have("wide_sign", "wide >= 0", ["V_first", "V_itself"])
    loss, later = LOSS.format("t"), LOSS.format("t + 1")
    claim = f"{STEP} <= {ORBIT.format('t')} + {loss} - ({later})"
    with proof.fixing("close", f"forall t nat: {claim}") as inner:
        corrected(inner)
        bounded(inner)
        inner.use("v_here", "v_low", t="t + 1")
        inner.have("v_hat", f"{V_HAT} >= least", ["v_here*c2_inverse"], ["c2_one"])
        premises = ("v_hat", "V_here", "now_low", "now_high")
        inner.use("error", "near", *premises, a=M_HAT, x=V_HAT, b="M(t + 1)", y="V(t + 1)")
        rows = ["error", "m_near*f_inverse", "v_near*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", claim, rows, ["power1", "power2", "rest1_one", "rest2_one"])
    with proof.fixing("loss_sign", f"forall t nat: {loss} >= 0") as inner:
        inner.use("p1_here", "p1_sign", t="t")
        inner.use("p2_here", "p2_sign", t="t")
        rows = ["top_sign*beta1_least*p1_here*rest1_inverse*rest1_inverse*f_inverse"]
        second = "wide_sign*beta2_least*p2_here*rest2_inverse*rest2_inverse"
        rows += [f"{second}*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", f"{loss} >= 0", rows)


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, and the distances add up to a constant."""
    sizes(proof)
    prepared(proof)
    least(proof, "V")
    powers(proof)
    close(proof)
    again(proof)
    values: dict[str, str | list[str]] = {"theta": ["t", "theta(t)"], "eta": "eta", "n": "n"}
    values |= {"move": ["t", STEP], "o": ["t", ORBIT.format("t")], "potential": ["t", LOSS.format("t")]}
    names = ["rate", "again", "loss_sign", "close", "theta_next"]
    claim = f"theta(n*k) - theta(0) >= eta*(k*(-{DRIFT}) - ({{0}}))"
    proof.lemma("path", f"forall k nat: {claim.format(LOSS.format('0'))}", PATH.theorem, names, values)
    with proof.fixing("drift", THEOREM.claims["drift"]) as inner:
        inner.use("there", "path", k="k")
        inner.have("now", claim.format(BOUND), ["there"], ["beta1_power_start", "beta2_power_start"])


def shown(proof: Proof) -> None:
    """All gradients are 1: m and v are 1 - 1/2^t, their corrected values 1, and the steps 1/2."""
    averages_of_ones(proof)
    proof.have("none", "1 - 1 >= 0")
    proof.use("no_distance", "absolute_of_nonnegative", "none", x="1 - 1")
    with proof.fixing("near", "forall t nat: abs(1 - 1) <= 1") as inner:
        inner.have("now", "abs(1 - 1) <= 1", [], ["no_distance"])
    proof.have("start", f"1 - {HALVES.replace('i', '0')} = 0", [], ["halves_start"])
    average = f"1 - {HALVES.replace('i', '(t + 1)')}"
    step = f"({average})/({average})/(sqrt(({average})/({average})) + 1)"
    claim = f"-(t + 1)*(1/(sqrt(1) + 1)) = -t*(1/(sqrt(1) + 1)) - {step}"
    with proof.fixing("steps", f"forall t nat: {claim}") as inner:
        inner.use("later", "halves_later", i="t")
        inner.have("positive", f"{average} > 0", ["later"])
        inverse(inner, "hat", average, "positive")
        inner.have("one", f"({average})/({average}) = 1", [], ["hat_one"])
        inner.congruent("root", "one", "1/(sqrt(hole) + 1)")
        inner.have("now", claim, [], [(f"1/(sqrt(({average})/({average})) + 1)", "one"), ("1", "root")])


WIDE = {"V_near": "forall t nat: abs(V(t) - V(0)) <= wide"}
THREE_PERIODS = Run(
    "adam",
    {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
    "g(t + 1)",
    ("0",),
    9,
    {name: along(name) for name in ("m", "v", "theta")},
    torch="Adam",
)
RISING: Mapping[str, Given] = {
    "wide": "9",
    **{f"beta{k}_power": Recursion(("t",), "1", f"beta{k}*beta{k}_power(t)") for k in (1, 2)},
}
THEOREM = Theorem(
    theorem="corrected_adam_follows_the_drift_of_its_periodic_state",
    title="Adam with corrections follows the drift of its periodic state",
    says="""Adam from its start, with bias corrections and eps >= 0 added to the root, on a stream of linear losses
    whose gradients come again after n steps and have squares of at least least > 0. M and V are the periodic state of
    its averages m and v, |M| <= top and |V - V(0)| <= wide. After k periods theta is at least as far up as k times what
    -eta M/(sqrt(V) + eps) adds up to in one period, up to eta times the constant 2 top beta1/((1 - beta1)^2
    (sqrt(least) + eps)) + top wide beta2/(2 sqrt(least) (sqrt(least) + eps)^2 (1 - beta2)^2): if the periodic state
    moves up, theta goes up for ever.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{name: "real" for name in ("least", "top", "wide")},
        **{name: "real(nat)" for name in ("M", "V")},
        "n": "nat",
    },
    hypotheses={**BETAS, "rate": "eta >= 0", **SQUARES, **ORBITS, **WIDE},
    definitions=[ENTRY],
    claims={"drift": f"forall k nat: theta(n*k) - theta(0) >= eta*(k*(-{DRIFT}) - ({BOUND}))"},
    lemmas=[NEAR.theorem, PATH.theorem, POWERS, "sizes_on_every_outcome"],
    model={
        **{name: "1/2" for name in ("beta1", "beta2")},
        **{name: "1" for name in ("eta", "eps", "least", "top", "wide", "n")},
        **{name: ["t", "1"] for name in ("g", "M", "V")},
        **{name: ["i", HALVES] for name in ("beta1_power", "beta2_power")},
        **{name: ["t", f"1 - {HALVES.replace('i', 't')}"] for name in ("m", "v")},
        "theta": ["t", "-t*(1/(sqrt(1) + 1))"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            f"three periods of 3, -1, -1, {says}",
            {**THREES, **RISING, "eta": "1/8", "eps": eps, "n": "3"},
            naturals={"": 10, "k": 4},
            run=THREE_PERIODS,
            wrong=("adam@correction=none", "adam@second_moment=old"),
        )
        for says, eps in (("without eps", "0"), ("with eps", "1/4"))
    ],
)
