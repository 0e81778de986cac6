"""From drift to trajectory with bias corrections, eps, learning rates that fall and a projection: Adam of libraries."""

from ..proving.define import Definitions
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import BETAS, SQUARES, least, prepared
from .adam_with_falling_rates_goes_to_the_worst_point import LIMITED, WITH_EPS, between_the_ends, climb, reached
from .adam_with_falling_rates_goes_to_the_worst_point import THEOREM as UNCORRECTED
from .corrected_adam_follows_the_drift_of_its_periodic_state import LOSS, POWERS, RISING, STEP, WIDE, close, powers
from .corrected_adam_follows_the_drift_of_its_periodic_state import THEOREM as CONSTANT
from .powers_of_a_fraction import HALVES
from .sizes_on_every_outcome import sizes


def falls(proof: Proof) -> None:
    """`loss_next`: the potential does not grow, as the powers do not."""
    claim = f"{LOSS.format('t + 1')} <= {LOSS.format('t')}"
    with proof.fixing("loss_next", f"forall t nat: {claim}") as inner:
        for beta in ("1", "2"):
            inner.use(f"p{beta}_here", f"p{beta}_sign", t="t")
            inner.use(f"p{beta}_following", f"beta{beta}_power_next", t="t")
            less = f"beta{beta}_power(t + 1) <= beta{beta}_power(t)"
            inner.have(f"p{beta}_less", less, [f"p{beta}_here*rest{beta}"], [f"p{beta}_following"])
        rows = ["p1_less*top_sign*beta1_least*rest1_inverse*rest1_inverse*f_inverse"]
        second = "p2_less*wide_sign*beta2_least*rest2_inverse*rest2_inverse"
        rows += [f"{second}*top_sign*l_inverse*f_inverse*f_inverse"]
        inner.have("now", claim, rows)


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, whose sums are near their mean; both differences telescope."""
    sizes(proof)
    prepared(proof)
    least(proof, "V")
    powers(proof)
    close(proof)
    falls(proof)
    climb(proof, STEP, LOSS)


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end: m is -(1 - 1/2^t), the corrected averages -1 and 1."""
    UNCORRECTED.shown(proof)
    downwards(proof)
    claim = f"(t + 1)*(1/(sqrt(1) + 1)) = t*(1/(sqrt(1) + 1)) - {MODEL_STEP}"
    with proof.fixing("free_steps", f"forall t nat: {claim}") as inner:
        inner.use("same", "steps", t="t")
        inner.have("now", claim, [], [("1", "same")])


def downwards(proof: Proof) -> None:
    """`steps` of gradients of 1, and the averages of gradients of -1."""
    CONSTANT.shown(proof)
    zero, here, there = (f"-(1 - {HALVES.replace('i', time)})" for time in ("0", "t", "(t + 1)"))
    said = f"{there} = 1/2*({here}) + (1 - 1/2)*(-1)"
    with proof.fixing("mean_steps", f"forall t nat: {said}") as inner:
        inner.use("same", "averages", t="t")
        inner.have("now", said, [], [("1", "same")])
    proof.have("mean_start", f"{zero} = 0", [], ["halves_start"])


AVERAGE = f"(1 - {HALVES.replace('i', '(t + 1)')})"
MODEL_STEP = f"(-{AVERAGE})/{AVERAGE}/(sqrt({AVERAGE}/{AVERAGE}) + 1)"
ENTRY = Definitions("adam_with_schedule", "adam", "real", False, schedules=("eta",), names={"theta": "free"})
THEOREM = Theorem(
    theorem="corrected_adam_with_falling_rates_goes_to_the_worst_point",
    title="Adam with corrections and falling rates goes to the worst point",
    says="""Adam from its start, with bias corrections and eps >= 0 added to the root, with learning rates that do not
    increase, on a stream of linear losses whose gradients come again after n = N + 1 steps and have squares of at least
    least > 0. Gradients do not depend on the point, and theta takes the same steps as free, which Adam moves, but is
    projected onto [-1, 1]. M and V are the periodic state of the averages m and v, |M| <= top, |V - V(0)| <= wide, and
    its steps -M/(sqrt(V) + eps) move up on average, by pace >= 0. From any time L on, theta is at least
    min(1, theta(L) + pace times the sum of the learning rates since L), up to B eta(L + 1), B a constant. So if the
    learning rates go to 0 and their sum is infinite, theta tends to the upper end 1, which is the worst point where the
    gradients have a positive sum.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={**UNCORRECTED.variables, "wide": "real"},
    hypotheses={**BETAS, **SQUARES, **LIMITED, **WIDE},
    definitions=[ENTRY],
    claims={"reach": reached(LOSS)},
    lemmas=[*UNCORRECTED.lemmas, POWERS, "sizes_on_every_outcome"],
    model={
        **UNCORRECTED.model,
        "wide": "1",
        **{name: ["i", HALVES] for name in ("beta1_power", "beta2_power")},
        "m": ["t", f"-(1 - {HALVES.replace('i', 't')})"],
        "v": ["t", f"1 - {HALVES.replace('i', 't')}"],
    },
    script=script,
    shown=shown,
    instances=[between_the_ends("adam", says, eps, RISING) for says, eps in WITH_EPS],
)
