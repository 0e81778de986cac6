"""Batch sizes (a m + b0)^c, c > 1: a bound on V_T with zeta(c) (Umeda & Iiduka 2024, scheduler (ii), polynomial)."""

from ..proving.instance import Instance, Table
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem

PRODUCTS = "forall Y rand, Z rand, W rand: Y > 0, Z > 0, W > 0 => log(Y) - log(Z) - log(W) >= 1 - Z*W/Y"
NOISE, ZETA = "sum(m < n, squares(m)/b(m))", "sum(k < n, pow(k + 1, -c))"
LIMIT = "most*top^2*pow(low, -c)"
BASE = "log(a*m + b0)"
LOGS, POWERS = "logs_lie_below_their_tangents", "sums_of_inverse_powers_are_bounded"


def script(proof: Proof) -> None:
    """b(m) is at least (low (m + 1))^c; the reciprocals add up to partial sums of zeta(c)."""
    proof.lemma("logs", PRODUCTS, LOGS, [], {})
    bound = "forall i nat: sum(k < i, pow(k + 1, -c)) <= c/(c - 1)"
    proof.lemma("partial_sums", bound, POWERS, ["growing"], {"c": "c"})
    proof.use("partial_sum", "partial_sums", i="n")
    proof.use("low_power", "exp_positive", x="-c*log(low)")
    with proof.fixing("reciprocals", "forall m nat: pow(low, -c)*pow(m + 1, -c) - 1/b(m) >= 0") as inner:
        _reciprocal(inner)
    with proof.fixing("each", f"forall m nat: {LIMIT}*pow(m + 1, -c) - squares(m)/b(m) >= 0") as inner:
        inner.use("order", "reciprocals", m="m")
        inner.use("block", "blocks", m="m")
        _positive(inner)
        goal = f"{LIMIT}*pow(m + 1, -c) - squares(m)/b(m) >= 0"
        inner.have("here", goal, [square("top") * "some*order", "block*over_positive"])
    proof.add("all", f"{LIMIT}*sum(m < n, pow(m + 1, -c)) - {NOISE} >= 0", "each", "n")
    proof.use("total_over", "reciprocal_positive", "positive", x="total")
    for name, known, value in (("zeta", "zeta_above", "zeta"), ("fraction", "partial_sum", "c/(c - 1)")):
        products: list[Product | str] = ["all", square("top") * f"some*low_power*{known}"]
        proof.have(f"noise_{name}", f"{NOISE} <= {LIMIT}*({value})", products)
        proof.have(f"V_{name}", f"{NOISE}/total <= {LIMIT}*({value})/total", [f"noise_{name}*total_over"])


def _positive(proof: Proof) -> None:
    """1/b(m) is exp(-c log(a m + b0))."""
    proof.use("natural_m", "natural", n="m")
    proof.have("base_positive", "a*m + b0 > 0", ["slope*natural_m", "start", "low_positive*natural_m", "low_positive"])
    proof.use("batch", "batches", m="m")
    proof.use("power", "exp_positive", x=f"c*{BASE}")
    proof.have("batch_positive", "b(m) > 0", ["power"], ["batch"])
    proof.use("over_positive", "reciprocal_positive", "batch_positive", x="b(m)")


def _reciprocal(proof: Proof) -> None:
    _positive(proof)
    proof.use("batch_apart", "positive_is_apart", "batch_positive", x="b(m)")
    proof.use("unit", "reciprocal", "batch_apart", x="b(m)")
    proof.use("product", "exp_of_sum", x=f"c*{BASE}", y=f"-c*{BASE}")
    proof.use("one", "exp_of_zero")
    inverse = f"exp(-c*{BASE})"
    proof.have("value", f"1/b(m) = {inverse}", (), [
        (inverse, "unit"), ("-1/b(m)", "one"), ("1/b(m)", "product"), (f"-{inverse}/b(m)", "batch")])  # fmt: skip
    proof.have("next_positive", "m + 1 > 0", ["natural_m"])
    proof.use("log_order", "logs", "base_positive", "low_positive", "next_positive", Y="a*m + b0", Z="low", W="m + 1")
    proof.use("base_over", "reciprocal_positive", "base_positive", x="a*m + b0")
    proof.use("base_apart", "positive_is_apart", "base_positive", x="a*m + b0")
    proof.use("base_unit", "reciprocal", "base_apart", x="a*m + b0")
    gap = f"{BASE} - log(low) - log(m + 1)"
    products = ["log_order", "slope*natural_m*base_over", "start*base_over"]
    proof.have("ordered", f"{gap} >= 0", products, ["base_unit"])
    proof.use("tangent", "exp_tangent", x=f"c*({gap})")
    proof.use("inverse_positive", "exp_positive", x=f"-c*{BASE}")
    proof.use("split", "exp_of_sum", x=f"-c*{BASE}", y=f"c*({gap})")
    proof.use("two_powers", "exp_of_sum", x="-c*log(low)", y="-c*log(m + 1)")
    proof.have("exponent", "c > 0", ["growing"])
    proof.have(
        "order",
        "pow(low, -c)*pow(m + 1, -c) - 1/b(m) >= 0",
        ["inverse_positive*tangent", "inverse_positive*exponent*ordered"],
        ["value", ("1", "two_powers"), ("1", "split")],
    )


THEOREM = Theorem(
    theorem="batches_that_grow_as_a_power_bound_the_noise",
    title="Batch sizes that grow as a power of the block: the bound on V_T",
    says="""Batch sizes (a m + b0)^c in block m with c > 1, low = min(a, b0) > 0 (or less), and any step sizes whose
    squares add up to at most most top^2 in a block. Then V_T is at most most top^2 zeta(c)/(low^c total), total = sum
    eta, where zeta(c), the sum of k^(-c), is at most c/(c - 1): for T steps of one size top, total = top T, top most
    zeta(c)/(low^c T).""",
    sources=["umeda2024increasing, scheduler (ii)"],
    variables={
        "n": "nat",
        "a": "real",
        "b0": "real",
        "c": "real",
        "low": "real",
        "most": "real",
        "top": "real",
        "zeta": "real",
        "total": "real",
        "b": "real(nat)",
        "squares": "real(nat)",
    },
    hypotheses={
        "growing": "c > 1",
        "low_positive": "low > 0",
        "slope": "a >= low",
        "start": "b0 >= low",
        "batches": "forall m nat: b(m) = pow(a*m + b0, c)",
        "some": "most >= 0",
        "blocks": "forall m nat: squares(m) <= most*top^2",
        "positive": "total > 0",
        "zeta_above": f"{ZETA} <= zeta",
    },
    claims={
        "V_zeta": f"{NOISE}/total <= {LIMIT}*zeta/total",
        "V_fraction": f"{NOISE}/total <= {LIMIT}*(c/(c - 1))/total",
    },
    model={
        "n": "3",
        "a": "1",
        "b0": "2",
        "c": "3/2",
        "low": "1",
        "most": "5",
        "top": "1/10",
        "zeta": "sum(k < 3, pow(k + 1, -3/2))",
        "total": "3/2",
        "b": ["m", "pow(m + 2, 3/2)"],
        "squares": ["m", "1/20"],
    },
    lemmas=[LOGS, POWERS],
    script=script,
    instances=[
        Instance(
            "blocks with other step sizes, and the partial sum for zeta",
            {
                **{
                    "n": "4",
                    "a": "3/2",
                    "b0": "1/2",
                    "c": "2",
                    "low": "1/2",
                    "most": "3",
                    "top": "1/5",
                    "total": "7/4",
                },
                "zeta": "sum(k < n, pow(k + 1, -c))",
                "b": ["m", "pow(a*m + b0, c)"],
                "squares": Table(("3/25", "1/25", "0", "1/10")),
            },
        ),
        Instance(
            "batch sizes that grow as the power 3/2, and a larger number for zeta",
            {
                **{
                    "n": "3",
                    "a": "2/3",
                    "b0": "4/3",
                    "c": "3/2",
                    "low": "2/3",
                    "most": "2",
                    "top": "1/3",
                    "total": "1/2",
                },
                "zeta": "3",
                "b": ["m", "pow(a*m + b0, c)"],
                "squares": Table(("1/9", "2/9", "1/5")),
            },
        ),
    ],
)
