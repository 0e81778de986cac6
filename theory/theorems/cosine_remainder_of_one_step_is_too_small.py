"""V_T of cosine step sizes exceeds the bound with remainder (high - low)/(b T), without K (Umeda & Iiduka 2024)."""

from ..proving.instance import Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .cosine_schedule_has_exact_sums import FIRST, HYPOTHESES, MODEL, S1, S2, SECOND, VARIABLES, shown

WRONG = "3*high/4/b + high/b/T"
MORE = {"to_zero": "low = 0", "several": "N >= 1", "long": "K >= 7"}
SUMS = "cosine_schedule_has_exact_sums"


def script(proof: Proof) -> None:
    """V_T - 3 high/(4 b) is high K/(4 b (T + K)), which is more than high/(b T) where K T > 4 (T + K)."""
    given, letters = list(HYPOTHESES), {name: name for name in VARIABLES}
    values: dict[str, str | list[str]] = {**letters, "c": ["n", "c(n)"], "eta": ["n", "eta(n)"]}
    proof.lemma("first_sum", f"{S1} = {FIRST}", SUMS, given, values)
    proof.lemma("second_sum", f"{S2} = {SECOND}", SUMS, given, values)
    proof.have("top", "high > 0", ["order"], ["to_zero"])
    proof.have("T_positive", "T > 0", ["some*several", "some"], ["steps"])
    proof.have("S_positive", f"{S1} > 0", ["top*T_positive", "top*some"], ["first_sum", "to_zero"])
    for name, whole, body in (("S", "S_positive", S1), ("T", "T_positive", "T"), ("b", "batch", "b")):
        reciprocal(proof, name, whole, body)
    proof.have("enough", "K*T > 4*(T + K)", ["long*several*some", "long*some", "several*some", "some"], ["steps"])
    proof.have(
        "larger",
        f"({S2})/({S1}) > {WRONG}",
        ["enough*top*top*S_over*T_over*b_over"],
        ["second_sum", "S_unit", "T_unit", "first_sum", "to_zero"],
    )


THEOREM = Theorem(
    theorem="cosine_remainder_of_one_step_is_too_small",
    title="A remainder (high - low)/(b T) is too small for cosine step sizes by epoch",
    says="""If cosine step sizes go towards 0 in two values or more, each taken K >= 7 times, then V_T is larger than
    3 high/(4 b) + high/(b T): as a bound, the form whose remainder lacks the factor K is false.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables=VARIABLES,
    hypotheses={**HYPOTHESES, **MORE},
    claims={"larger": f"({S2})/({S1}) > {WRONG}"},
    model=MODEL,
    lemmas=[SUMS],
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "CosineAnnealingLR over three epochs",
            "low + (high - low)/2*(1 + c(t))",
            3,
            "CosineAnnealingLR(3, eta_min=0)",
            {
                "N": "2",
                "K": "7",
                "T": "K*(N + 1)",
                "b": "4",
                "low": "0",
                "high": "1/2",
                "c": Table(("1", "1/2", "-1/2", "-1", "-1/2")),
            },
        )
    ],
)
