"""Adam as libraries run it, on any periodic stream: where it goes is decided by the steps of its periodic state."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import BETAS, DRIFT, SQUARES, THREES
from .averages_have_a_periodic_state import PERIOD, state_of_ones
from .averages_have_a_periodic_state import THEOREM as STATE
from .corrected_adam_follows_the_drift_of_its_periodic_state import BOUND, ENTRY, RISING, THREE_PERIODS
from .corrected_adam_follows_the_drift_of_its_periodic_state import THEOREM as FOLLOWS
from .sizes_on_every_outcome import sizes

CLAIM = f"theta(n*k) - theta(0) >= eta*(k*(-{DRIFT}) - ({BOUND.replace('wide', '(top^2)')}))"
CLAIM = CLAIM.replace("n*k", f"{PERIOD}*k").replace("j < n", f"j < {PERIOD}")


def state(letter: str, average: str, power: str) -> str:
    """What the periodic state is."""
    period = f"{average}(t + {PERIOD}) - {power}({PERIOD})*{average}(t)"
    return f"forall t nat: {letter}(t) = ({period})/(1 - {power}({PERIOD}))"


def script(proof: Proof) -> None:
    """The periodic state is one: it is an average as well, comes again, and lies between bounds of the gradients."""
    sizes(proof)
    with proof.fixing("squares", "forall t nat: g(t + 1)^2 <= top^2") as inner:
        inner.use("low", "g_low", t="t")
        inner.use("high", "g_high", t="t")
        inner.have("now", "g(t + 1)^2 <= top^2", ["low*high"])
    repeated = f"g(t + {PERIOD} + 1)^2 = g(t + 1)^2"
    with proof.fixing("squares_again", f"forall t nat: {repeated}") as inner:
        inner.use("back", "again", t="t")
        inner.have("now", repeated, [], ["back"])
    for left, right, beta, drawn, bottom, top, facts in (
        ("M", "m", "beta1", "g(t)", "-top", "top", ("again", "g_low", "g_high")),
        ("V", "v", "beta2", "g(t)^2", "least", "top^2", ("squares_again", "gradients", "squares")),
    ):
        values: dict[str, str | list[str]] = {"b": beta, "N": "N", "bottom": bottom, "top": top, "g": ["t", drawn]}
        values |= {"u": ["t", f"{right}(t)"], "p": ["i", f"{beta}_power(i)"], "M": ["t", f"{left}(t)"]}
        premises = [f"{beta}_least", f"{beta}_most", f"{beta}_power_start", f"{beta}_power_next", facts[0]]
        premises += [f"{right}_start", f"{right}_next", f"{left}_is", *facts[1:]]
        square = "^2" if left == "V" else ""
        for name, claim in (
            ("next", f"{left}(t + 1) = {beta}*{left}(t) + (1 - {beta})*g(t + 1){square}"),
            ("again", f"{left}(t + {PERIOD}) = {left}(t)"),
            ("low", f"{left}(t) >= {bottom}"),
            ("high", f"{left}(t) <= {top}"),
        ):
            proof.lemma(f"{left}_{name}", f"forall t nat: {claim}", STATE.theorem, premises, values)
    proof.use("V_start", "V_low", t="0")
    with proof.fixing("V_near", "forall t nat: abs(V(t) - V(0)) <= top^2") as inner:
        for name, time in (("here", "t"), ("first", "0")):
            inner.use(f"{name}_low", "V_low", t=time)
            inner.use(f"{name}_high", "V_high", t=time)
        inner.have("upper", "V(t) - V(0) <= top^2", ["here_high", "first_low", "positive"])
        inner.have("lower", "-(V(t) - V(0)) <= top^2", ["first_high", "here_low", "positive"])
        inner.use("now", "both_signs", "upper", "lower", Y="V(t) - V(0)", Z="top^2")
    values = {name: ["t", f"{name}(t)"] if "(" in sort else name for name, sort in FOLLOWS.variables.items()}
    values |= {"n": PERIOD, "wide": "top^2"}
    renamed = {"orbit_low": "M_low", "orbit_high": "M_high"}
    names = [renamed.get(name, name) for name in FOLLOWS.hypotheses]
    proof.lemma("drift", f"forall k nat: {CLAIM}", FOLLOWS.theorem, names, values)


def shown(proof: Proof) -> None:
    """All gradients are 1."""
    FOLLOWS.shown(proof)
    state_of_ones(proof)


THEOREM = Theorem(
    theorem="adam_on_a_periodic_stream_follows_its_drift",
    title="Adam on a periodic stream follows its drift",
    says="""Adam from its start, with bias corrections and eps >= 0 added to the root, on linear losses whose gradients
    come again after n = N + 1 steps, least <= g^2 and |g| <= top, least > 0. The averages m and v have the periodic
    state M(t) = (m(t + n) - beta1^n m(t))/(1 - beta1^n), and V likewise. After k periods theta is at least as far up as
    k times what -eta M/(sqrt(V) + eps) adds up to in one period, up to a constant times eta, which is written out. So a
    stream on which this is positive drives Adam up for ever, whatever the sum of its gradients.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{name: "real" for name in ("least", "top")},
        **{name: "real(nat)" for name in ("M", "V")},
        "N": "nat",
    },
    hypotheses={
        **BETAS,
        "rate": "eta >= 0",
        **SQUARES,
        "g_low": "forall t nat: g(t + 1) >= -top",
        "g_high": "forall t nat: g(t + 1) <= top",
        "again": f"forall t nat: g(t + {PERIOD} + 1) = g(t + 1)",
        "M_is": state("M", "m", "beta1_power"),
        "V_is": state("V", "v", "beta2_power"),
    },
    definitions=[ENTRY],
    claims={
        "drift": f"forall k nat: {CLAIM}",
        "M_again": f"forall t nat: M(t + {PERIOD}) = M(t)",
        "V_again": f"forall t nat: V(t + {PERIOD}) = V(t)",
    },
    lemmas=[STATE.theorem, FOLLOWS.theorem, "sizes_on_every_outcome"],
    model={"N": "0", **{name: value for name, value in FOLLOWS.model.items() if name not in ("n", "wide")}},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three periods of 3, -1, -1",
            {
                **{name: value for name, value in {**THREES, **RISING}.items() if name not in ("wide", "M", "V")},
                **{"eta": "1/8", "eps": "1/4", "N": "2"},
                "M": ["t", "(m(t + 3) - 1/8*m(t))/(1 - 1/8)"],
                "V": ["t", "(v(t + 3) - 1/8*v(t))/(1 - 1/8)"],
            },
            naturals={"": 10, "k": 4},
            run=THREE_PERIODS,
            wrong=("adam@correction=none", "adam@second_moment=old"),
        )
    ],
)
