"""Step sizes that grow along with the batches against constant ones: the region (Umeda & Iiduka 2024, (ii)-(iv))."""

from ..proving.script import Proof
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .schedules_change_places_at_a_border import CLAIMS as PLACES

SUMS, BORDER = "sums_of_positive_numbers_are_positive", "schedules_change_places_at_a_border"
WEIGHT = "steps(m)*({0}*(1 - L*{0}/2))"
TOTALS = {
    "W1": f"sum(m < M + 1, {WEIGHT.format('eta(m)')})",
    "W2": f"sum(m < M + 1, {WEIGHT.format('low')})",
    "N1": "sum(m < M + 1, steps(m)*(eta(m)^2/b(m)))",
    "N2": "sum(m < M + 1, steps(m)*(low^2/b(m)))",
    "evaluations": "sum(m < M + 1, steps(m)*b(m))",
}


def written(claim: str) -> str:
    """A claim about the five sums with what they are."""
    for name, total in TOTALS.items():
        claim = claim.replace(name, total)
    return claim


def script(proof: Proof) -> None:
    """Larger step sizes below 2/L weigh more; the rest is the border between any two schedules."""
    proof.use("natural_M", "natural", n="M")
    proof.have("from_0", "0 <= M", ["natural_M"])
    proof.have("to_M", "M <= M")
    proof.use("first_together", "stable", "from_0", m="0")
    proof.use("first_larger", "growing", "from_0", m="0")
    proof.have("low_below_two", "2 - L*low > 0", ["first_together", "smoothness*first_larger", "smoothness*positive"])
    with proof.fixing("weigh", f"forall m nat: {WEIGHT.format('low')} > 0") as inner:
        inner.use("long", "lengths", m="m")
        inner.have("here", f"{WEIGHT.format('low')} > 0", ["long*positive*low_below_two"])
    with proof.fixing("evaluate", "forall m nat: steps(m)*b(m) > 0") as inner:
        inner.use("long", "lengths", m="m")
        inner.use("batch", "batches", m="m")
        inner.have("here", "steps(m)*b(m) > 0", ["long*batch"])
    proof.have("blocks", "M + 1 > 0", ["natural_M"])
    for name, fact, body in (
        ("W2", "weigh", WEIGHT.format("low")),
        ("evaluations", "evaluate", "steps(m)*b(m)"),
    ):
        proof.lemma(f"{name}_positive", f"{TOTALS[name]} > 0", SUMS, ["blocks", fact], {"n": "M + 1", "x": ["m", body]})
    _weights(proof)
    proof.have("W1_positive", f"{TOTALS['W1']} > 0", ["heavier", "W2_positive"])
    given = ["smoothness", "variance", "start", "stretch", "evaluations_positive", "stretched"]
    letters = {name: name for name in ("L", "sigma2", "gap", "k", "budget")}
    for name in ("inside", "outside"):
        conditions = [*given, "W1_positive", "W2_positive"]
        proof.lemma(name, written(PLACES[name]), BORDER, conditions, {**letters, **TOTALS})


def _weights(proof: Proof) -> None:
    gain = f"{WEIGHT.format('eta(m)')} - {WEIGHT.format('low')}"
    with proof.fixing("gains", f"forall m nat: m + 1 <= M => {gain} >= 0", "before_M") as inner:
        inner.have("in_time", "m <= M", ["before_M"])
        inner.use("long", "lengths", m="m")
        inner.use("larger", "growing", "in_time", m="m")
        inner.use("together", "stable", "in_time", m="m")
        inner.have("here", f"{gain} >= 0", ["long*larger*together"])
    parts = [f"sum(m < {{0}}, {WEIGHT.format(body)})" for body in ("eta(m)", "low")]
    proof.add("earlier", f"{parts[0].format('M')} - {parts[1].format('M')} >= 0", "gains", "M")
    proof.use("last_long", "lengths", m="M")
    proof.use("last_together", "stable", "to_M", m="M")
    last = [WEIGHT.format(body).replace("(m)", "(M)") for body in ("eta(m)", "low")]
    for name, part, end in (("one", parts[0], last[0]), ("two", parts[1], last[1])):
        proof.linear(f"more_{name}", f"{part.format('M + 1')} = {part.format('M')} + {end}")
    proof.have(
        "heavier",
        f"{TOTALS['W1']} > {TOTALS['W2']}",
        ["earlier", "last_long*grown*last_together"],
        ["more_one", "more_two"],
    )


def shown(proof: Proof) -> None:
    """Numbers 1, 2, ..."""
    with proof.fixing("batches", "forall m nat: m + 1 > 0") as inner:
        inner.use("natural_m", "natural", n="m")
        inner.have("here", "m + 1 > 0", ["natural_m"])
    for name, claim in (("growing", "(m + 1)/4 >= 1/4"), ("stable", "1*((m + 1)/4 + 1/4) < 2")):
        with proof.fixing(name, f"forall m nat: m <= 1 => {claim}", "early") as inner:
            inner.use("natural_m", "natural", n="m")
            inner.have("here", claim, ["natural_m", "early"])


THEOREM = Theorem(
    theorem="growing_steps_win_below_a_border",
    title="Where the bound of growing step sizes is below that of constant ones",
    says="""Schedules with the same batch sizes b(m) and numbers of steps steps(m) in blocks m = 0, ..., M, stretched k
    times: step sizes eta(m) >= low, the last one above it, as those that grow from `low` on, with or without a warm-up,
    against the constant `low`, where eta(m) + low < 2/L. They have the larger total weight W; their bound is the
    smaller one exactly where (L sigma^2/gap) budget (N1 W2 - N2 W1) < 2 evaluations (W1 - W2), with budget = k
    evaluations.""",
    sources=["umeda2024increasing, schedulers (ii), (iii) and (iv)"],
    variables={
        "M": "nat",
        **dict.fromkeys(("L", "sigma2", "gap", "k", "budget", "low"), "real"),
        **dict.fromkeys(("eta", "b", "steps"), "real(nat)"),
    },
    hypotheses={
        "smoothness": "L >= 0",
        "variance": "sigma2 >= 0",
        "start": "gap > 0",
        "stretch": "k > 0",
        "stretched": f"budget = k*{TOTALS['evaluations']}",
        "positive": "low > 0",
        "growing": "forall m nat: m <= M => eta(m) >= low",
        "grown": "eta(M) > low",
        "stable": "forall m nat: m <= M => L*(eta(m) + low) < 2",
        "lengths": "forall m nat: steps(m) > 0",
        "batches": "forall m nat: b(m) > 0",
    },
    claims={
        "heavier": f"{TOTALS['W1']} > {TOTALS['W2']}",
        "inside": written(PLACES["inside"]),
        "outside": written(PLACES["outside"]),
    },
    model={
        "M": "1",
        "L": "1",
        "sigma2": "1",
        "gap": "1",
        "k": "2",
        "budget": "6",
        "low": "1/4",
        "eta": ["m", "(m + 1)/4"],
        "b": ["m", "m + 1"],
        "steps": ["m", "1"],
    },
    lemmas=[SUMS, BORDER],
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "ExponentialLR with a factor above 1, much noise",
            "1/4*pow(2, t)",
            2,
            "ExponentialLR(2)",
            {
                **{"M": "1", "L": "1", "sigma2": "100", "gap": "1", "k": "2", "budget": "6", "low": "1/4"},
                **{"b": ["m", "m + 1"], "steps": ["m", "1"]},
            },
        )
    ],
)
