"""Which of two schedules has the smaller bound: the region in (L sigma^2/gap, budget) (Umeda & Iiduka 2024)."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

FIRST, SECOND = (f"(gap + L*sigma2/2*(k*N{x}))/(k*W{x})" for x in "12")
LEFT, RIGHT = "L*sigma2/gap*budget*(N1*W2 - N2*W1)", "2*evaluations*(W1 - W2)"


def script(proof: Proof) -> None:
    """Both bounds over a common divisor, which is positive."""
    for name, whole, body in (
        ("k", "stretch", "k"),
        ("W1", "first_weight", "W1"),
        ("W2", "second_weight", "W2"),
        ("gap", "start", "gap"),
        ("evaluations", "some", "evaluations"),
    ):
        reciprocal(proof, name, whole, body)
    units = ["k_unit", "W1_unit", "W2_unit", "gap_unit", "evaluations_unit"]
    over = "start*k_over*W1_over*W2_over*evaluations_over"
    with proof.fixing("inside", CLAIMS["inside"], "below") as inner:
        inner.have("smaller", f"{FIRST} < {SECOND}", [f"below*{over}"], ["stretched", *units])
    with proof.fixing("outside", CLAIMS["outside"], "above") as inner:
        inner.have("larger", f"{FIRST} >= {SECOND}", [f"above*{over}"], ["stretched", *units])
    with proof.fixing("always", CLAIMS["always"], "heavier", "quieter") as inner:
        inner.have("budget_positive", "budget > 0", ["stretch*some"], ["stretched"])
        products = ["heavier*some", "quieter*smoothness*variance*gap_over*budget_positive"]
        inner.have("below", f"{LEFT} < {RIGHT}", products)
        inner.use("smaller", "inside", "below")


CLAIMS = {
    "inside": f"{LEFT} < {RIGHT} => {FIRST} < {SECOND}",
    "outside": f"{LEFT} >= {RIGHT} => {FIRST} >= {SECOND}",
    "always": f"W1 > W2, N1*W2 <= N2*W1 => {FIRST} < {SECOND}",
}

THEOREM = Theorem(
    theorem="schedules_change_places_at_a_border",
    title="Where one schedule's bound is below another's",
    says="""Two schedules with W = sum eta (1 - L eta/2), N = sum eta^2/b and the same number of gradient evaluations,
    both stretched k times, so that the budget is k times those evaluations. The bound of the first is the
    smaller one exactly where (L sigma^2/gap) budget (N1 W2 - N2 W1) < 2 evaluations (W1 - W2): a hyperbola in
    (L sigma^2/gap, budget) is the border. Where W1 > W2 and N1/W1 <= N2/W2 it always is.""",
    sources=["umeda2024increasing, the comparison of schedulers"],
    variables=dict.fromkeys(
        ("L", "sigma2", "gap", "k", "budget", "evaluations", "W1", "W2", "N1", "N2"),
        "real",
    ),
    hypotheses={
        "smoothness": "L >= 0",
        "variance": "sigma2 >= 0",
        "start": "gap > 0",
        "stretch": "k > 0",
        "some": "evaluations > 0",
        "stretched": "budget = k*evaluations",
        "first_weight": "W1 > 0",
        "second_weight": "W2 > 0",
    },
    claims=CLAIMS,
    model={
        "L": "1",
        "sigma2": "1",
        "gap": "1",
        "k": "2",
        "budget": "6",
        "evaluations": "3",
        "W1": "2",
        "W2": "1",
        "N1": "3",
        "N2": "1",
    },
    script=script,
    instances=[
        Instance(
            "a schedule with more weight and no more noise",
            {
                **dict.fromkeys(("L", "sigma2", "gap", "W2", "N1", "N2"), "1"),
                "k": "2",
                "budget": "6",
                "evaluations": "3",
                "W1": "2",
            },
        )
    ],
)
