"""Step sizes that fall as a power of what is left: B_T and V_T (Umeda & Iiduka 2024, scheduler (i), polynomial)."""

from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .sums_of_powers_lie_near_their_integral import CLAIMS as INTEGRALS

SUMS = "sums_of_powers_lie_near_their_integral"
S1, S2 = "sum(t < T, eta(t))", "sum(t < T, eta(t)^2/b)"
POWER = "pow(1 - t/(N + 1), {})"
ETA = f"(high - low)*{POWER.format('p')} + low"
P1, P2 = (f"sum(t < N + 1, {POWER.format(exponent)})" for exponent in ("p", "2*p"))
MAIN = "(2*p^2*low^2 + 2*p*low*high + (p + 1)*high^2)/(2*p + 1)/(high + p*low)/b"
REST = "(p + 1)*(high^2 - low^2)/(high + p*low)/b/T"


def script(proof: Proof) -> None:
    """Both sums from those of (1 - t/T)^p and (1 - t/T)^(2 p); divided."""
    proof.have("twice", "2*p >= 0", ["power"])
    for name, exponent, condition in (("one", "p", "power"), ("two", "2*p", "twice")):
        values: dict[str, str | list[str]] = {"q": exponent}
        for side, claim in INTEGRALS.items():
            proof.lemma(f"all_{side}_{name}", claim.replace("q", exponent).replace("N", "n"), SUMS, [condition], values)
            proof.use(f"{side}_{name}", f"all_{side}_{name}", n="N")
    _sums(proof)
    _divided(proof)


def _sums(proof: Proof) -> None:
    square_of = f"(high - low)^2*{POWER.format('2*p')} + 2*low*(high - low)*{POWER.format('p')} + low^2"
    with proof.fixing("each_one", f"forall t nat: eta(t) - ({ETA}) = 0") as inner:
        inner.use("value", "values", t="t")
        inner.have("here", f"eta(t) - ({ETA}) = 0", (), ["value"])
    with proof.fixing("each_two", f"forall t nat: eta(t)^2/b - ({square_of})/b = 0") as inner:
        inner.use("value", "values", t="t")
        inner.use("doubled", "exp_of_sum", x="p*log(1 - t/(N + 1))", y="p*log(1 - t/(N + 1))")
        inner.have("here", f"eta(t)^2/b - ({square_of})/b = 0", (), ["value", "doubled"])
    proof.add("all_one", f"sum(t < N + 1, eta(t)) - sum(t < N + 1, {ETA}) = 0", "each_one", "N + 1")
    proof.add("all_two", f"sum(t < N + 1, eta(t)^2/b) - sum(t < N + 1, ({square_of})/b) = 0", "each_two", "N + 1")
    proof.linear("out_one", f"sum(t < N + 1, {ETA}) = (high - low)*{P1} + low*(N + 1)")
    value = f"((high - low)^2*{P2} + 2*low*(high - low)*{P1} + low^2*(N + 1))/b"
    proof.linear("out_two", f"sum(t < N + 1, ({square_of})/b) = {value}")
    proof.congruent("horizon_one", "steps", "sum(t < hole, eta(t))")
    proof.congruent("horizon_two", "steps", "sum(t < hole, eta(t)^2/b)")
    proof.have("S1", f"{S1} = (high - low)*{P1} + low*T", (), ["horizon_one", ("1", "all_one"), "out_one", "steps"])
    value = value.replace("(N + 1))/b", "T)/b")
    proof.have("S2", f"{S2} = {value}", (), ["horizon_two", ("1", "all_two"), "out_two", "steps"])


def _divided(proof: Proof) -> None:
    proof.use("natural_N", "natural", n="N")
    proof.have("horizon", "T > 0", ["natural_N"], ["steps"])
    proof.have("p1", "p + 1 > 0", ["power"])
    proof.have("p2", "2*p + 1 > 0", ["power"])
    proof.have("ends", "high + p*low > 0", ["top", "power*nonnegative"])
    bodies = {"horizon": "T", "p1": "p + 1", "p2": "2*p + 1", "ends": "high + p*low", "batch": "b"}
    for whole, body in bodies.items():
        reciprocal(proof, whole, whole, body)
    units = ["p1_unit", "p2_unit", "ends_unit", "horizon_unit"]
    proof.have("lower", f"{S1} >= (high + p*low)/(p + 1)*T", ["order*lower_one"], ["S1", "steps@N", "p1_unit"])
    proof.have("S_positive", f"{S1} > 0", ["lower", "ends*p1_over*horizon"])
    reciprocal(proof, "S_positive", "S_positive", S1)
    proof.have(
        "B",
        f"1/{S1} <= (p + 1)/(high + p*low)/T",
        ["lower*S_positive_over*ends_over*horizon_over*p1"],
        [*units, "S_positive_unit"],
    )
    proof.have(
        "noise",
        f"{S2} <= (low^2*T + 2*low*(high - low)*(T/(p + 1) + 1) + (high - low)^2*(T/(2*p + 1) + 1))/b",
        [square("high - low") * "batch_over*upper_two", "order*nonnegative*upper_one*batch_over"],
        ["S2", "steps@N"],
    )
    with proof.fixing("terms", "forall t nat: eta(t)^2/b >= 0") as inner:
        inner.have("square", "eta(t)^2/b >= 0", [square("eta(t)") * "batch_over"])
    proof.add("size", f"{S2} >= 0", "terms", "T")
    proof.have("quotient", f"({S2})/({S1}) <= (p + 1)/(high + p*low)/T*({S2})", ["B*size"])
    proof.have(
        "V",
        f"({S2})/({S1}) <= {MAIN} + {REST}",
        ["quotient", "noise*p1*ends_over*horizon_over"],
        units,
    )


THEOREM = Theorem(
    theorem="polynomial_steps_have_bounded_sums",
    title="Polynomial step sizes: B_T and V_T",
    says="""For step sizes (high - low)(1 - t/T)^p + low, t = 0, ..., T - 1, with a real p >= 0, and batch size b: B_T
    <= (p + 1)/((high + p low) T), and V_T is at most (2 p^2 low^2 + 2 p low high + (p + 1) high^2) /((2 p +
    1)(high + p low) b) + (p + 1)(high^2 - low^2)/((high + p low) b T).""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables={
        "N": "nat",
        "T": "nat",
        "p": "real",
        "high": "real",
        "low": "real",
        "b": "real",
        "eta": "real(nat)",
    },
    hypotheses={
        "steps": "T = N + 1",
        "power": "p >= 0",
        "nonnegative": "low >= 0",
        "order": "high >= low",
        "top": "high > 0",
        "batch": "b > 0",
        "values": f"forall t nat: eta(t) = {ETA}",
    },
    claims={
        "lower": f"{S1} >= (high + p*low)/(p + 1)*T",
        "B": f"1/{S1} <= (p + 1)/(high + p*low)/T",
        "V": f"({S2})/({S1}) <= {MAIN} + {REST}",
    },
    model={
        "N": "2",
        "T": "3",
        "p": "3/2",
        "high": "3",
        "low": "1",
        "b": "2",
        "eta": ["t", "2*pow(1 - t/3, 3/2) + 1"],
    },
    lemmas=[SUMS],
    script=script,
    instances=[
        step_sizes(
            "PolynomialLR with power 2",
            "(high - low)*(1 - t/(N + 1))^2 + low",
            4,
            "PolynomialLR(4, power=2)",
            {"N": "3", "T": "N + 1", "p": "2", "b": "4", "low": "0", "high": "1/2"},
        )
    ],
)
