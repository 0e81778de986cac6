"""Step sizes start/sqrt(t): the sums behind B_T and V_T (Umeda & Iiduka 2024, scheduler (i), diminishing)."""

from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .inverse_roots_and_reciprocals_sum_like_integrals import CLAIMS as INTEGRALS

S1, S2 = "sum(t < T, eta(t))", "sum(t < T, eta(t)^2/b)"
ROOTS, RECIPROCALS = "sum(t < T, 1/sqrt(t + 1))", "sum(t < T, 1/(t + 1))"


def script(proof: Proof) -> None:
    """Constants leave the sums, which lie near their integrals; sqrt(T + 1) > 1 makes the divisors positive."""
    for name, claim in INTEGRALS.items():
        proof.lemma(f"all_{name}", claim, "inverse_roots_and_reciprocals_sum_like_integrals", [], {})
    proof.use("roots_above", "all_roots_above", n="T")
    proof.use("roots_below", "all_roots_below", "some", n="T")
    proof.use("reciprocals_below", "all_reciprocals_below", "some", n="T")
    _sums(proof)
    proof.have("lower", f"{S1} >= 2*start*(sqrt(T + 1) - 1)", ["positive*roots_above"], ["S1"])
    proof.have("upper", f"{S1} <= start*(2*sqrt(T) - 1)", ["positive*roots_below"], ["S1"])
    proof.use("b_over", "reciprocal_positive", "batch", x="b")
    noise = f"{S2} <= start^2/b*(1 + log(T))"
    proof.have("noise", noise, ["positive*positive*b_over*reciprocals_below"], ["S2"])
    _divided(proof)


def _sums(proof: Proof) -> None:
    with proof.fixing("each", "forall t nat: eta(t) - start/sqrt(t + 1) = 0") as inner:
        inner.use("value", "values", t="t")
        inner.have("here", "eta(t) - start/sqrt(t + 1) = 0", (), ["value"])
    proof.add("all", f"{S1} - sum(t < T, start/sqrt(t + 1)) = 0", "each", "T")
    proof.linear("outside", f"sum(t < T, start/sqrt(t + 1)) = start*{ROOTS}")
    proof.have("S1", f"{S1} = start*{ROOTS}", (), [("1", "all"), "outside"])
    with proof.fixing("each_square", "forall t nat: eta(t)^2/b - start^2/b/(t + 1) = 0") as inner:
        inner.use("value", "values", t="t")
        inner.use("natural_t", "natural", n="t")
        inner.have("later", "t + 1 > 0", ["natural_t"])
        inner.use("root_positive_here", "root_positive", "later", x="t + 1")
        inner.have("weak", "t + 1 >= 0", ["natural_t"])
        inner.use("square", "root_squared", "weak", x="t + 1")
        for name, positive, body in (("r", "root_positive_here", "sqrt(t + 1)"), ("t", "later", "t + 1")):
            inner.use(f"{name}_apart", "positive_is_apart", positive, x=body)
            inner.use(f"{name}_unit", "reciprocal", f"{name}_apart", x=body)
        inner.have(
            "over",
            "1/sqrt(t + 1)^2 = 1/(t + 1)",
            (),
            [("1/sqrt(t + 1)^2/(t + 1)", "square"), "r_unit", "t_unit"],
        )
        inner.have("here", "eta(t)^2/b - start^2/b/(t + 1) = 0", (), ["value", ("start^2/b", "over")])
    proof.add("all_squares", f"{S2} - sum(t < T, start^2/b/(t + 1)) = 0", "each_square", "T")
    proof.linear("squares_outside", f"sum(t < T, start^2/b/(t + 1)) = start^2/b*{RECIPROCALS}")
    proof.have("S2", f"{S2} = start^2/b*{RECIPROCALS}", (), [("1", "all_squares"), "squares_outside"])


def _divided(proof: Proof) -> None:
    proof.use("natural_T", "natural", n="T")
    proof.have("after", "T + 1 >= 0", ["natural_T"])
    proof.use("squared", "root_squared", "after", x="T + 1")
    proof.use("root", "root_nonnegative", x="T + 1")
    proof.have("sum_positive", "sqrt(T + 1) + 1 > 0", ["root"])
    proof.use("sum_over", "reciprocal_positive", "sum_positive", x="sqrt(T + 1) + 1")
    proof.use("sum_apart", "positive_is_apart", "sum_positive", x="sqrt(T + 1) + 1")
    proof.use("sum_unit", "reciprocal", "sum_apart", x="sqrt(T + 1) + 1")
    proof.have("gap", "sqrt(T + 1) - 1 > 0", ["some*sum_over"], ["sum_unit", "squared"])
    proof.have("S_positive", f"{S1} > 0", ["lower", "positive*gap"])
    for name, whole, body in (
        ("S", "S_positive", S1),
        ("gap", "gap", "sqrt(T + 1) - 1"),
        ("start", "positive", "start"),
    ):
        reciprocal(proof, name, whole, body)
    units = ["S_unit", "gap_unit", "start_unit"]
    proof.have("B", f"1/{S1} <= 1/2/start/(sqrt(T + 1) - 1)", ["lower*S_over*gap_over*start_over"], units)
    with proof.fixing("terms", "forall t nat: eta(t)^2/b >= 0") as inner:
        inner.have("square", "eta(t)^2/b >= 0", [square("eta(t)") * "b_over"])
    proof.add("size", f"{S2} >= 0", "terms", "T")
    proof.have(
        "V",
        f"({S2})/({S1}) <= start*(1 + log(T))/2/b/(sqrt(T + 1) - 1)",
        ["lower*size*S_over*gap_over*start_over", "noise*gap_over*start_over"],
        units,
    )


THEOREM = Theorem(
    theorem="diminishing_steps_have_bounded_sums",
    title="Diminishing step sizes: B_T and V_T",
    says="""For step sizes start/sqrt(t), t = 1, ..., T, and batch size b: sum eta lies between 2 start (sqrt(T + 1) -
    1) and start (2 sqrt(T) - 1); so B_T <= 1/(2 start (sqrt(T + 1) - 1)) and V_T <= start (1 + log T)/(2 b
    (sqrt(T + 1) - 1)). In the formulas t counts from 0.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables={"T": "nat", "start": "real", "b": "real", "eta": "real(nat)"},
    hypotheses={
        "some": "T > 0",
        "positive": "start > 0",
        "batch": "b > 0",
        "values": "forall t nat: eta(t) = start/sqrt(t + 1)",
    },
    claims={
        "lower": f"{S1} >= 2*start*(sqrt(T + 1) - 1)",
        "upper": f"{S1} <= start*(2*sqrt(T) - 1)",
        "B": f"1/{S1} <= 1/2/start/(sqrt(T + 1) - 1)",
        "V": f"({S2})/({S1}) <= start*(1 + log(T))/2/b/(sqrt(T + 1) - 1)",
    },
    model={"T": "3", "start": "2", "b": "5", "eta": ["t", "2/sqrt(t + 1)"]},
    lemmas=["inverse_roots_and_reciprocals_sum_like_integrals"],
    script=script,
    instances=[
        step_sizes(
            "step sizes that fall as 1/sqrt(t)",
            "start/sqrt(t + 1)",
            4,
            "",
            {"T": "4", "b": "4", "start": "1/2"},
        )
    ],
)
