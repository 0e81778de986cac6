"""Exponential warm-up, then any schedule: exact sums, B_T and V_T (Umeda & Iiduka 2024, scheduler (iv))."""

from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .reciprocals_of_a_geometric_sequence_add_up import TWOS, powers_of_two

WARM, AFTER = "sum(t < W, warm(t))", "sum(t < R, eta(t))"
WARM_NOISE, AFTER_NOISE = "sum(t < W, warm(t)^2/batch)", "sum(t < R, eta(t)^2/b(t))"
FIRST = "(warm(W) - warm(0))/(gamma - 1)"
SECOND = "(warm(W)^2 - warm(0)^2)/(gamma^2 - 1)/batch"


def script(proof: Proof) -> None:
    """Both sums over the warm-up are geometric; leaving out positive terms bounds the rest."""
    proof.have("gain", "gamma - 1 > 0", ["growing"])
    proof.have("square_gain", "gamma^2 - 1 > 0", ["gain*gain", "gain"])
    proof.have("factor", "gamma > 0", ["growing"])
    for name, body in (("gain", "gamma - 1"), ("square_gain", "gamma^2 - 1")):
        reciprocal(proof, name, name, body)
    for name, body, value, over in (
        ("one", "warm(t)", "(warm({0}) - warm(0))/(gamma - 1)", "gain"),
        ("two", "warm(t)^2/batch", "(warm({0})^2 - warm(0)^2)/(gamma^2 - 1)/batch", "square_gain"),
    ):
        line = f"sum(t < {{0}}, {body}) = {value}"
        with proof.induction(f"all_{name}", "forall n nat: " + line.format("n")) as (zero, following):
            zero.linear("start", line.format("0"))
            following.use("next_one", "rule", t="n")
            following.linear("more", f"sum(t < n + 1, {body}) = sum(t < n, {body}) + {body.replace('(t)', '(n)')}")
            following.have("next", line.format("n + 1"), (), ["more", "before", "next_one", f"{over}_unit"])
        proof.use(f"sum_{name}", f"all_{name}", n="W")
    with proof.induction("warm_positive", "forall t nat: warm(t) > 0") as (zero, following):
        zero.have("start", "warm(0) > 0", ["first"])
        following.use("next_one", "rule", t="t")
        following.have("next", "warm(t + 1) > 0", ["before*factor"], ["next_one"])
    with proof.fixing("warm_sign", "forall t nat: warm(t) >= 0") as inner:
        inner.use("here", "warm_positive", t="t")
        inner.have("sign", "warm(t) >= 0", ["here"])
    proof.add("warm_sum", f"{WARM} >= 0", "warm_sign", "W")
    proof.have("whole", f"{WARM} + {AFTER} > 0", ["warm_sum", "some"])
    reciprocal(proof, "whole", "whole", f"{WARM} + {AFTER}")
    reciprocal(proof, "some", "some", AFTER)
    units = ["whole_unit", "some_unit"]
    proof.have("B", f"1/({WARM} + {AFTER}) <= 1/{AFTER}", ["warm_sum*whole_over*some_over"], units)
    _noise(proof)
    proof.have("numerator", f"{WARM_NOISE} + {AFTER_NOISE} >= 0", ["warm_noise", "noise"])
    proof.have(
        "V",
        f"({WARM_NOISE} + {AFTER_NOISE})/({WARM} + {AFTER}) <= {SECOND}/{AFTER} + {AFTER_NOISE}/{AFTER}",
        ["B*numerator"],
        ["sum_two"],
    )


def _noise(proof: Proof) -> None:
    proof.use("batch_over", "reciprocal_positive", "batch_positive", x="batch")
    with proof.fixing("warm_terms", "forall t nat: warm(t)^2/batch >= 0") as inner:
        inner.have("here", "warm(t)^2/batch >= 0", [square("warm(t)") * "batch_over"])
    proof.add("warm_noise", f"{WARM_NOISE} >= 0", "warm_terms", "W")
    with proof.fixing("terms", "forall t nat: eta(t)^2/b(t) >= 0") as inner:
        inner.use("batch_here", "batches", t="t")
        inner.use("over", "reciprocal_positive", "batch_here", x="b(t)")
        inner.have("here", "eta(t)^2/b(t) >= 0", [square("eta(t)") * "over"])
    proof.add("noise", f"{AFTER_NOISE} >= 0", "terms", "R")


def shown(proof: Proof) -> None:
    """Powers of 2."""
    powers_of_two(proof, "rule")
    proof.have("first", "exp(0*log(2)) > 0", (), ["start_at_one"])
    proof.linear("value", "sum(t < 3, 8) = 24")
    proof.have("some", "sum(t < 3, 8) > 0", (), ["value"])


THEOREM = Theorem(
    theorem="warmed_up_steps_have_bounded_sums",
    title="Exponential warm-up: the sums, B_T and V_T",
    says="""Step sizes grow by gamma > 1 for W steps at one batch size, then R steps of any schedule follow. The sums
    over the warm-up are geometric and exact; B_T is at most that of the R steps alone, and V_T at most theirs
    plus (warm(W)^2 - warm(0)^2)/((gamma^2 - 1) batch) over the sum of their step sizes.""",
    sources=["umeda2024increasing, scheduler (iv)"],
    variables={
        "W": "nat",
        "R": "nat",
        "gamma": "real",
        "batch": "real",
        "warm": "real(nat)",
        "eta": "real(nat)",
        "b": "real(nat)",
    },
    hypotheses={
        "growing": "gamma > 1",
        "first": "warm(0) > 0",
        "rule": "forall t nat: warm(t + 1) = gamma*warm(t)",
        "batch_positive": "batch > 0",
        "batches": "forall t nat: b(t) > 0",
        "some": f"{AFTER} > 0",
    },
    claims={
        "sum_one": f"{WARM} = {FIRST}",
        "sum_two": f"{WARM_NOISE} = {SECOND}",
        "B": f"1/({WARM} + {AFTER}) <= 1/{AFTER}",
        "V": f"({WARM_NOISE} + {AFTER_NOISE})/({WARM} + {AFTER}) <= {SECOND}/{AFTER} + {AFTER_NOISE}/{AFTER}",
    },
    model={
        "W": "3",
        "R": "3",
        "gamma": "2",
        "batch": "4",
        "warm": ["t", TWOS.replace("m", "t")],
        "eta": ["t", "8"],
        "b": ["t", "16"],
    },
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "ExponentialLR with a factor above 1, then a constant",
            "1/16*pow(gamma, t)",
            4,
            "ExponentialLR(2)",
            {"W": "3", "R": "3", "gamma": "2", "batch": "4", "eta": ["t", "1/2"], "b": ["t", "16"]},
            "warm",
        )
    ],
)
