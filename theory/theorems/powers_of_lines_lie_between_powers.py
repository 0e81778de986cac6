"""(a m + e)^c between multiples of (m + 1)^c: step sizes and batch sizes that grow as a power of the block."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .logs_of_roots_and_quotients import THEOREM as QUOTIENTS

PRODUCTS = "forall Y rand, Z rand, W rand: Y > 0, Z > 0, W > 0 => log(Y) - log(Z) - log(W) >= 1 - Z*W/Y"
LOGS, LINE = "logs_lie_below_their_tangents", "a*m + e"
CLAIMS = {
    "positive": f"forall m nat: pow({LINE}, c) > 0",
    "above": f"forall m nat: pow({LINE}, c) >= pow(low, c)*pow(m + 1, c)",
    "below": f"forall m nat: pow({LINE}, c) <= pow(high, c)*pow(m + 1, c)",
}


def _positive(proof: Proof) -> None:
    proof.use("natural_m", "natural", n="m")
    proof.have("next_positive", "m + 1 > 0", ["natural_m"])
    rows = ["slope*natural_m", "start", "low_positive*natural_m", "low_positive"]
    proof.have("base_positive", f"{LINE} > 0", rows)


def _above(proof: Proof) -> None:
    """low (m + 1) <= a m + e, in logarithms."""
    reciprocal(proof, "base", "base_positive", LINE)
    proof.use("order", "logs", "base_positive", "low_positive", "next_positive", Y=LINE, Z="low", W="m + 1")
    gap = f"log({LINE}) - log(low) - log(m + 1)"
    rows = ["order", "slope*natural_m*base_over", "start*base_over"]
    proof.have("ordered", f"{gap} >= 0", rows, ["base_unit"])
    proof.use("tangent", "exp_tangent", x=f"c*({gap})")
    proof.use("two", "exp_of_sum", x="c*log(low)", y="c*log(m + 1)")
    proof.use("three", "exp_of_sum", x="c*log(low) + c*log(m + 1)", y=f"c*({gap})")
    proof.use("least", "exp_positive", x="c*log(low) + c*log(m + 1)")
    rows = ["least*tangent", "least*exponent*ordered"]
    proof.have("now", CLAIMS["above"].split(": ")[1], rows, [("1", "two"), ("1", "three")])


def _below(proof: Proof) -> None:
    """a m + e <= high (m + 1), in logarithms."""
    proof.have("high_positive", "high > 0", ["low_positive", "start", "start_most"])
    reciprocal(proof, "high", "high_positive", "high")
    reciprocal(proof, "next", "next_positive", "m + 1")
    both: dict[str, str | list[str]] = {"a": "high", "b": "high"}
    said = "log(1/high) = -log(high)"
    proof.lemma("log_high", said, QUOTIENTS.theorem, ["high_positive", "high_positive"], both)
    proof.use("order", "logs", "next_positive", "base_positive", "high_over", Y="m + 1", Z=LINE, W="1/high")
    gap = f"log(high) + log(m + 1) - log({LINE})"
    rows = ["order", "slope_most*natural_m*high_over*next_over", "start_most*high_over*next_over"]
    proof.have("ordered", f"{gap} >= 0", rows, ["log_high", "high_unit", "next_unit"])
    proof.use("tangent", "exp_tangent", x=f"c*({gap})")
    proof.use("two", "exp_of_sum", x="c*log(high)", y="c*log(m + 1)")
    proof.use("three", "exp_of_sum", x=f"c*log({LINE})", y=f"c*({gap})")
    proof.use("least", "exp_positive", x=f"c*log({LINE})")
    rows = ["least*tangent", "least*exponent*ordered"]
    proof.have("now", CLAIMS["below"].split(": ")[1], rows, [("1", "two"), ("1", "three")])


def script(proof: Proof) -> None:
    """exp(c x) grows with x = log(a m + e)."""
    proof.lemma("logs", PRODUCTS, LOGS, [], {})
    with proof.fixing("positive", CLAIMS["positive"]) as inner:
        inner.use("now", "exp_positive", x=f"c*log({LINE})")
    for name, prove in (("above", _above), ("below", _below)):
        with proof.fixing(name, CLAIMS[name]) as inner:
            _positive(inner)
            prove(inner)


THEOREM = Theorem(
    theorem="powers_of_lines_lie_between_powers",
    title="Powers of lines lie between powers",
    says="""If 0 < low <= a, e <= high and c >= 0, then (a m + e)^c lies between low^c (m + 1)^c and high^c (m + 1)^c
    for every m = 0, 1, ..""",
    variables=dict.fromkeys(("a", "e", "c", "low", "high"), "real"),
    hypotheses={
        "low_positive": "low > 0",
        "slope": "a >= low",
        "start": "e >= low",
        "slope_most": "a <= high",
        "start_most": "e <= high",
        "exponent": "c >= 0",
    },
    claims=CLAIMS,
    lemmas=[LOGS, QUOTIENTS.theorem],
    model={"a": "1", "e": "2", "c": "3/2", "low": "1", "high": "2"},
    script=script,
    instances=[
        Instance("a steep line", {"a": "2", "e": "2/3", "c": "5/2", "low": "1/2", "high": "2"}, naturals={"": 4}),
    ],
)
