"""V_T of cosine step sizes and the remainder (high - low)/(b T) without the factor K (Umeda & Iiduka 2024)."""

from ..proving.instance import Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .cosine_schedule_has_exact_sums import HYPOTHESES, MAIN, MODEL, S1, S2, VARIABLES, shown
from .cosine_schedule_has_exact_sums import THEOREM as SUMS

BOUND = f"{MAIN} + (high - low)/b/T"
CLAIMS = {
    "holds": f"K <= 2 => ({S2})/({S1}) <= {BOUND}",
    "fails": f"K >= 3, N >= 1, 3*low >= high => ({S2})/({S1}) > {BOUND}",
}


def script(proof: Proof) -> None:
    """V_T less the main term is K d (s^2/2 - d^2/16)/(b s (s T + K d/2)), s the mean and d the difference."""
    given, letters = list(HYPOTHESES), {name: name for name in VARIABLES}
    values: dict[str, str | list[str]] = {**letters, "c": ["n", "c(n)"], "eta": ["n", "eta(n)"]}
    for name in ("first_sum", "second_sum", "sharper"):
        proof.lemma(name, SUMS.claims[name], SUMS.theorem, given, values)
    proof.use("natural_N", "natural", n="N")
    proof.have("epochs", "N + 1 > 0", ["natural_N"])
    proof.have("T_positive", "T > 0", ["some*epochs"], ["steps"])
    proof.have("ends", "low + high > 0", ["nonnegative", "order"])
    proof.have("S_positive", f"{S1} > 0", ["ends*T_positive", "order*some"], ["first_sum"])
    for name, whole, body in (
        ("S", "S_positive", S1),
        ("T", "T_positive", "T"),
        ("m", "ends", "low + high"),
        ("b", "batch", "b"),
    ):
        reciprocal(proof, name, whole, body)
    with proof.fixing("holds", CLAIMS["holds"], "short") as inner:
        inner.have("now", CLAIMS["holds"].split("=> ")[1], ["sharper", "short*order*b_over*T_over"])
    with proof.fixing("fails", CLAIMS["fails"], "long", "several", "wide") as inner:
        _fails(inner)


def _fails(proof: Proof) -> None:
    s, d = "((low + high)/2)", "(high - low)"
    proof.have("most", f"{s} - {d} >= 0", ["wide"])
    proof.have("mean", f"{s} > 0", ["ends"])
    proof.have("part", f"{s}^2/6 - {d}^2/16 > 0", ["most*mean", "most*order", "mean*mean"])
    rest = f"(N + 1)*K*({s}^2/6 - {d}^2/16) - {s}*{d}/2"
    proof.have("two", "(N + 1)*K - 6 >= 0", ["several*long", "several", "long"])
    proof.have("rest", f"{rest} > 0", ["two*part", "most*mean", "most*order", "mean*mean"])
    more = f"(N + 1)*((K/2 - 1)*{s}^2 - K*{d}^2/16) - {s}*{d}/2"
    proof.have("more", f"{more} > 0", ["rest", "long*mean*mean*epochs"])
    over = "S_over*m_over*T_over*b_over"
    claim = CLAIMS["fails"].split("=> ")[1]
    units = ["second_sum", "S_unit", "T_unit", "m_unit", "first_sum", "steps"]
    proof.have("larger", claim, [f"more*some*order*{over}"], units)


THEOREM = Theorem(
    theorem="cosine_remainder_of_one_step_holds_up_to_two_only",
    title="A remainder (high - low)/(b T) holds for at most two steps per value of a cosine schedule",
    says="""Step sizes fall from high towards low >= 0 along half a cosine in E = N + 1 > 1 values, each taken K times,
    T = K E, with batch size b. The bound (3 low^2 + 2 low high + 3 high^2)/(4 (low + high) b) + (high - low)/(b T) on
    V_T, whose remainder lacks the factor K, holds for K = 1 and 2; from K = 3 on it is false, wherever E > 1 and low is
    at least high/3.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    claims=CLAIMS,
    model=MODEL,
    lemmas=[SUMS.theorem],
    refutes=(
        "Along a cosine by epochs of K steps, V_T is at most its main term plus (high - low)/(b T): true for "
        "K = 1 and 2, false from K = 3 on wherever low >= high/3. With K as a factor of the remainder, or "
        "half of it, the bound holds for every K."
    ),
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "CosineAnnealingLR over three epochs of 2 steps",
            "low + (high - low)/2*(1 + c(t))",
            3,
            "CosineAnnealingLR(3, eta_min=0.125)",
            {
                "N": "2",
                "K": "2",
                "T": "K*(N + 1)",
                "b": "4",
                "low": "1/8",
                "high": "1/2",
                "c": Table(("1", "1/2", "-1/2", "-1", "-1/2")),
            },
        ),
        step_sizes(
            "CosineAnnealingLR over three epochs of 3 steps",
            "low + (high - low)/2*(1 + c(t))",
            3,
            "CosineAnnealingLR(3, eta_min=0.25)",
            {
                "N": "2",
                "K": "3",
                "T": "K*(N + 1)",
                "b": "4",
                "low": "1/4",
                "high": "1/2",
                "c": Table(("1", "1/2", "-1/2", "-1", "-1/2")),
            },
        ),
    ],
)
