"""The bound with weights eta (1 - L eta/2) is never above the one with the largest step (Umeda & Iiduka, Lemma 2.1)."""

from ..proving.instance import Instance, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

WEIGHT, WEIGHTS = "eta(t)*(1 - L*eta(t)/2)", "sum(t < T, eta(t)*(1 - L*eta(t)/2))"
STEPS, NOISE = "sum(t < T, eta(t))", "sum(t < T, eta(t)^2/b(t))"


def script(proof: Proof) -> None:
    """sum eta (1 - L eta/2) is at least (1 - L top/2) sum eta; divide by both."""
    proof.have("rest", "2 - L*top > 0", ["stable"])
    with proof.fixing("weigh", f"forall t nat: {WEIGHT} - (1 - L*top/2)*eta(t) >= 0") as inner:
        inner.use("positive", "steps", t="t")
        inner.use("small", "largest", t="t")
        inner.have("here", f"{WEIGHT} - (1 - L*top/2)*eta(t) >= 0", ["positive*small*smoothness"])
    proof.add("weights_above", f"{WEIGHTS} - (1 - L*top/2)*{STEPS} >= 0", "weigh", "T")
    sums = "sums_of_positive_numbers_are_positive"
    values = {"n": "T", "x": ["t", "eta(t)"]}
    proof.lemma("S_positive", f"{STEPS} > 0", sums, ["some", "steps"], values)
    proof.lemma("S_unit", f"{STEPS}*(1/{STEPS}) = 1", sums, ["some", "steps"], values)
    proof.lemma("S_over", f"1/{STEPS} > 0", sums, ["some", "steps"], values)
    proof.have("weights_positive", f"{WEIGHTS} > 0", ["weights_above", "rest*S_positive"])
    for name, whole, body in (("W", "weights_positive", WEIGHTS), ("rest", "rest", "2 - L*top")):
        reciprocal(proof, name, whole, body)
    proof.have(
        "over",
        f"1/{WEIGHTS} <= 2/(2 - L*top)*(1/{STEPS})",
        ["weights_above*W_over*S_over*rest_over"],
        ["W_unit", "S_unit", "rest_unit"],
    )
    top = f"(gap + L*sigma2/2*{NOISE})"
    proof.have(
        "weaker",
        f"{top}/{WEIGHTS} <= 2*gap/(2 - L*top)*(1/{STEPS}) + L*sigma2/(2 - L*top)*({NOISE}/{STEPS})",
        ["over*bounded"],
    )


THEOREM = Theorem(
    theorem="schedule_bound_is_below_the_printed_one",
    title="The bound with weights eta (1 - L eta/2) is below the printed one",
    says="""With positive step sizes of at most top < 2/L, the quotient of gap + L sigma^2/2 sum eta^2/b (if not
    negative) by sum eta (1 - L eta/2) is at most 2 gap/(2 - L top) B_T + L sigma^2/(2 - L top) V_T, where B_T
    = 1/sum eta and V_T = (sum eta^2/b)/sum eta.""",
    sources=["umeda2024increasing, Lemma 2.1"],
    variables={
        "T": "nat",
        "L": "real",
        "sigma2": "real",
        "gap": "real",
        "top": "real",
        "eta": "real(nat)",
        "b": "real(nat)",
    },
    hypotheses={
        "some": "T > 0",
        "smoothness": "L >= 0",
        "steps": "forall t nat: eta(t) > 0",
        "largest": "forall t nat: eta(t) <= top",
        "stable": "L*top < 2",
        "bounded": f"gap + L*sigma2/2*{NOISE} >= 0",
    },
    claims={
        "positive": f"{WEIGHTS} > 0",
        "weaker": f"(gap + L*sigma2/2*{NOISE})/{WEIGHTS}"
        f" <= 2*gap/(2 - L*top)*(1/{STEPS}) + L*sigma2/(2 - L*top)*({NOISE}/{STEPS})",
    },
    model={
        "T": "2",
        "L": "1",
        "sigma2": "1",
        "gap": "1",
        "top": "1",
        "eta": ["t", "1"],
        "b": ["t", "1"],
    },
    lemmas=["sums_of_positive_numbers_are_positive"],
    script=script,
    instances=[
        Instance(
            "three step sizes and growing batches",
            {
                **{"T": "3", "L": "2", "sigma2": "3/2", "gap": "3/4", "top": "1/2"},
                **{"eta": Table(("1/2", "1/4", "1/3")), "b": Table(("1", "2", "4"))},
            },
        ),
        Instance(
            "a gap below 0, as low as it may be",
            {
                **{"T": "3", "L": "3/2", "sigma2": "1/5", "gap": "-L*sigma2/2*sum(t < T, eta(t)^2/b(t))", "top": "2/3"},
                **{"eta": Table(("1/2", "1/4", "1/3")), "b": Table(("1", "2", "4"))},
            },
        ),
    ],
)
