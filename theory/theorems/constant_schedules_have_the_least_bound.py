"""Averaging step sizes and batch sizes over the steps never raises the bound on SGD: a constant is optimal under it."""

from ..proving.instance import Instance, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

WEIGHTS, NOISE = "sum(t < T, eta(t)*(1 - L*eta(t)/2))", "sum(t < T, eta(t)^2/b(t))"
ONE_WEIGHT, ONE_NOISE = "(T*mean_eta*(1 - L*mean_eta/2))", "T*mean_eta^2/mean_b"
CONSTANT = f"(gap + L*sigma2/2*({ONE_NOISE}))/{ONE_WEIGHT}"


def script(proof: Proof) -> None:
    """eta^2/b lies above its tangent planes, eta (1 - L eta/2) below its tangents; both add up to 0 there."""
    proof.use("count", "positive_is_apart", "some", x="T")
    proof.use("T_unit", "reciprocal", "count", x="T")
    proof.use("T_over", "reciprocal_positive", "some", x="T")
    proof.lemma("budget_positive", "sum(t < T, b(t)) > 0", SUMS, ["some", "batches"], {"n": "T", "x": ["t", "b(t)"]})
    proof.have("mean_b_positive", "mean_b > 0", ["budget_positive*T_over"], [("1/T", "budget"), "T_unit"])
    reciprocal(proof, "mean_b_positive", "mean_b_positive", "mean_b")
    slope = "mean_eta/mean_b"
    claim = f"eta(t)^2/b(t) - 2*{slope}*eta(t) + ({slope})^2*b(t) >= 0"
    with proof.fixing("planes", f"forall t nat: {claim}") as inner:
        inner.use("here", "batches", t="t")
        reciprocal(inner, "here", "here", "b(t)")
        inner.have("above", claim, [square(f"eta(t) - {slope}*b(t)") * "here_over"], ["here_unit"])
    parts = "sum(t < T, eta(t))", "sum(t < T, b(t))"
    proof.add("noise_above", f"{NOISE} - 2*{slope}*{parts[0]} + ({slope})^2*{parts[1]} >= 0", "planes", "T")
    proof.have("noise", f"{NOISE} >= {ONE_NOISE}", ["noise_above"], [
        ("2*mean_eta/mean_b", "steps"), ("mean_eta^2/mean_b^2", "budget"), "mean_b_positive_unit"])  # fmt: skip
    claim = "mean_eta*(1 - L*mean_eta/2) + (1 - L*mean_eta)*(eta(t) - mean_eta) - eta(t)*(1 - L*eta(t)/2) >= 0"
    with proof.fixing("tangents", f"forall t nat: {claim}") as inner:
        inner.have("below", claim, [square("eta(t) - mean_eta") * "smoothness"])
    proof.add(
        "weights_below",
        f"{ONE_WEIGHT} + (1 - L*mean_eta)*({parts[0]} - T*mean_eta) - {WEIGHTS} >= 0",
        "tangents",
        "T",
    )
    proof.have("weights", f"{WEIGHTS} <= {ONE_WEIGHT}", ["weights_below"], [("1 - L*mean_eta", "steps")])
    proof.have("one_positive", f"{ONE_WEIGHT} > 0", ["weights", "stable"])
    reciprocal(proof, "one_positive", "one_positive", ONE_WEIGHT)
    reciprocal(proof, "stable", "stable", WEIGHTS)
    proof.have(
        "over", f"1/{ONE_WEIGHT} <= 1/{WEIGHTS}", ["weights*one_positive_over*stable_over"],
        ["one_positive_unit", "stable_unit"],
    )  # fmt: skip
    proof.have(
        "size", f"gap + L*sigma2/2*({ONE_NOISE}) >= 0",
        ["start", square("mean_eta") * "smoothness*variance*some*mean_b_positive_over"],
    )  # fmt: skip
    proof.have("noisy", f"L*sigma2/2*({NOISE}) >= L*sigma2/2*({ONE_NOISE})", ["smoothness*variance*noise"])
    goal = f"{CONSTANT} <= (gap + L*sigma2/2*{NOISE})/{WEIGHTS}"
    proof.have("optimal", goal, ["over*size", "noisy*stable_over"])


def shown(proof: Proof) -> None:
    """1 and 2 are positive."""
    with proof.fixing("batches", "forall t nat: t + 1 > 0") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("here", "t + 1 > 0", ["natural_t"])


SUMS = "sums_of_positive_numbers_are_positive"
THEOREM = Theorem(
    theorem="constant_schedules_have_the_least_bound",
    title="Under the bound a constant step size and batch size are optimal",
    says="""For any step sizes with positive total weight sum eta (1 - L eta/2) and any batch sizes over T steps, the
    constant pair of their means, which takes the same number of steps and of gradient evaluations, has a bound that is
    not larger: for gap >= 0, (gap + L sigma^2/2 sum eta^2/b)/sum eta (1 - L eta/2) does not fall below its value
    there.""",
    sources=["umeda2024increasing, Lemma 2.1"],
    variables={
        "T": "nat",
        "L": "real",
        "sigma2": "real",
        "gap": "real",
        "mean_eta": "real",
        "mean_b": "real",
        "eta": "real(nat)",
        "b": "real(nat)",
    },
    hypotheses={
        "some": "T > 0",
        "smoothness": "L >= 0",
        "variance": "sigma2 >= 0",
        "start": "gap >= 0",
        "batches": "forall t nat: b(t) > 0",
        "stable": f"{WEIGHTS} > 0",
        "steps": "sum(t < T, eta(t)) = T*mean_eta",
        "budget": "sum(t < T, b(t)) = T*mean_b",
    },
    claims={"optimal": f"{CONSTANT} <= (gap + L*sigma2/2*{NOISE})/{WEIGHTS}"},
    model={
        "T": "2",
        "L": "1",
        "sigma2": "1",
        "gap": "1",
        "mean_eta": "3/4",
        "mean_b": "3/2",
        "eta": ["t", "(t + 1)/2"],
        "b": ["t", "t + 1"],
    },
    lemmas=[SUMS],
    script=script,
    shown=shown,
    instances=[
        Instance(
            "falling steps with growing batches",
            {
                **{"T": "3", "L": "1/2", "sigma2": "3", "gap": "2", "mean_eta": "7/12", "mean_b": "7/3"},
                "eta": Table(("1", "1/2", "1/4")),
                "b": Table(("1", "2", "4")),
            },
        ),
    ],
)
