"""Cosine step sizes: exact sums, and the bounds on B_T and V_T (Umeda & Iiduka 2024, scheduler (i))."""

from ..proving.instance import Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .cosine_sums_are_exact import COSINES, TURN
from .cosine_sums_are_exact import shown as cosines_shown

ETA = "low + (high - low)/2*(1 + c(e))"
S1 = "sum(e < N + 1, sum(k < K, eta(e)))"
S2 = "sum(e < N + 1, sum(k < K, eta(e)^2/b))"
FIRST = "(low + high)/2*T + (high - low)/2*K"
SECOND = "(T*(low*high + 3*(high - low)^2/8) + K*(high^2 - low^2)/2)/b"
MAIN = "(3*low^2 + 2*low*high + 3*high^2)/4/(low + high)/b"
HYPOTHESES = {
    **TURN,
    "turning": "c(1)^2 < 1",
    "values": f"forall e nat: eta(e) = {ETA}",
    "steps": "T = K*(N + 1)",
    "some": "K > 0",
    "batch": "b > 0",
    "nonnegative": "low >= 0",
    "order": "high > low",
}
VARIABLES = {
    "N": "nat",
    "K": "nat",
    "T": "nat",
    "c": "real(nat)",
    "eta": "real(nat)",
    "low": "real",
    "high": "real",
    "b": "real",
}
MODEL: dict[str, str | list[str]] = {
    "N": "1",
    "K": "7",
    "T": "14",
    "low": "0",
    "high": "2",
    "b": "1",
    "c": ["n", COSINES],
    "eta": ["n", f"1 + ({COSINES})"],
}


def script(proof: Proof) -> None:
    """The sums from those of the cosines; divided, with all factors positive."""
    turn = ["first", "recurrence", "half", "after", "slow"]
    letters: dict[str, str | list[str]] = {"N": "N", "c": ["n", "c(n)"]}
    proof.lemma("ones", "sum(e < N + 1, c(e)) = 1", "cosine_sums_are_exact", turn, letters)
    half = "sum(e < N + 1, c(e)^2) = (N + 1)/2"
    proof.lemma("halves", f"c(1)^2 < 1 => {half}", "cosine_sums_are_exact", turn, letters)
    proof.use("squares", "halves", "turning")
    each = f"sum(k < K, eta(e)) - K*({ETA}) = 0", f"sum(k < K, eta(e)^2/b) - K/b*({ETA})^2 = 0"
    for name, body, claim in (("one", "eta(e)", each[0]), ("two", "eta(e)^2/b", each[1])):
        with proof.fixing(f"each_{name}", f"forall e nat: {claim}") as inner:
            inner.use("value", "values", e="e")
            inner.linear("same", f"sum(k < K, {body}) = K*({body})")
            inner.have("here", claim, (), ["same", "value"])
    proof.add("all_one", f"{S1} - sum(e < N + 1, K*({ETA})) = 0", "each_one", "N + 1")
    proof.add("all_two", f"{S2} - sum(e < N + 1, K/b*({ETA})^2) = 0", "each_two", "N + 1")
    short = "((high - low)/2)", "sum(e < N + 1, c(e))", "sum(e < N + 1, c(e)^2)"
    proof.linear("expanded", f"sum(e < N + 1, K*({ETA})) = K*((low + {short[0]})*(N + 1) + {short[0]}*{short[1]})")
    proof.linear(
        "expanded_two",
        f"sum(e < N + 1, K/b*({ETA})^2)"
        f" = K/b*((low + {short[0]})^2*(N + 1) + 2*(low + {short[0]})*{short[0]}*{short[1]} + {short[0]}^2*{short[2]})",
    )
    proof.have("first_sum", f"{S1} = {FIRST}", (), ["steps", ("1", "all_one"), "expanded", "ones"])
    proof.have("second_sum", f"{S2} = {SECOND}", (), ["steps", ("1", "all_two"), "expanded_two", "ones", "squares"])
    _divided(proof)


def _divided(proof: Proof) -> None:
    proof.use("natural_N", "natural", n="N")
    proof.have("epochs", "N + 1 > 0", ["natural_N"])
    proof.have("top", "high > 0", ["nonnegative", "order"])
    proof.have("long", "T > 0", ["some*epochs"], ["steps"])
    proof.have("ends", "low + high > 0", ["nonnegative", "order"])
    proof.have("S_positive", f"{S1} > 0", ["ends*long", "order*some"], ["first_sum"])
    for name, whole, body in (
        ("S", "S_positive", S1),
        ("T", "long", "T"),
        ("m", "ends", "low + high"),
        ("b", "batch", "b"),
    ):
        reciprocal(proof, name, whole, body)
    units = ["S_unit", "T_unit", "m_unit"]
    proof.have("B", f"1/{S1} <= 2/(low + high)/T", ["order*some*S_over*m_over*T_over"], [*units, "first_sum"])
    over = "S_over*m_over*T_over*b_over"
    proof.have(
        "sharper",
        f"({S2})/({S1}) <= {MAIN} + (high - low)*K/2/b/T",
        [f"{over}*order*order*ends*some*some", f"{over}*order*order*order*long*some"],
        ["second_sum", *units, "first_sum"],
    )
    wider = "(high - low)*K/2/b/T <= (high - low)*K/b/T"
    proof.have("weaker", wider, ["order*b_over*some*T_over"])
    proof.have("V", f"({S2})/({S1}) <= {MAIN} + (high - low)*K/b/T", ["sharper", "weaker"])
    proof.have(
        "above",
        f"({S2})/({S1}) > {MAIN}",
        [f"{over}*order*ends*ends*some*long", f"{over}*order*nonnegative*top*some*long"],
        ["second_sum", *units, "first_sum"],
    )


def shown(proof: Proof) -> None:
    """The recurrence up to 1."""
    cosines_shown(proof)


THEOREM = Theorem(
    theorem="cosine_schedule_has_exact_sums",
    title="Cosine step sizes: the sums, and what they are bounded by",
    says="""Step sizes fall from high towards low >= 0 along half a cosine in E = N + 1 > 1 values, each taken K
    times, T = K E, with batch size b. The sums of eta and eta^2/b are exact; so B_T <= 2/((low + high) T),
    and V_T is at most (3 low^2 + 2 low high + 3 high^2)/(4 (low + high) b) + (high - low) K/(b T), even with
    half that remainder, and above it without one.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    claims={
        "first_sum": f"{S1} = {FIRST}",
        "second_sum": f"{S2} = {SECOND}",
        "B": f"1/{S1} <= 2/(low + high)/T",
        "sharper": f"({S2})/({S1}) <= {MAIN} + (high - low)*K/2/b/T",
        "V": f"({S2})/({S1}) <= {MAIN} + (high - low)*K/b/T",
        "above": f"({S2})/({S1}) > {MAIN}",
    },
    model=MODEL,
    lemmas=["cosine_sums_are_exact"],
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "CosineAnnealingLR over three epochs",
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
        )
    ],
)
