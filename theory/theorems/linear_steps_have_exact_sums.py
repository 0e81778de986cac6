"""Step sizes that fall linearly: exact sums (Umeda & Iiduka 2024, scheduler (i), polynomial with power 1)."""

from ..proving.script import Proof
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem

S1, S2 = "sum(t < T, eta(t))", "sum(t < T, eta(t)^2/b)"
ETA = "(high - low)*(1 - t/T) + low"


def script(proof: Proof) -> None:
    """The sums of t and of t^2, by induction."""
    for name, body, value in (
        ("numbers", "t", "n*(n - 1)/2"),
        ("squares", "t^2", "n*(n - 1)*(2*n - 1)/6"),
    ):
        claim = f"forall n nat: sum(t < n, {body}) = {value}"
        with proof.induction(name, claim) as (zero, following):
            zero.linear("start", f"sum(t < 0, {body}) = {value.replace('n', '0')}")
            following.linear("more", f"sum(t < n + 1, {body}) = sum(t < n, {body}) + {body.replace('t', 'n')}")
            goal = f"sum(t < n + 1, {body}) = {value.replace('n', '(n + 1)')}"
            following.have("next", goal, (), ["more", "before"])
        proof.use(f"all_{name}", name, n="T")
    proof.use("apart", "positive_is_apart", "some", x="T")
    proof.use("unit", "reciprocal", "apart", x="T")
    for name, body, value in (("one", "eta(t)", ETA), ("two", "eta(t)^2/b", f"({ETA})^2/b")):
        with proof.fixing(f"each_{name}", f"forall t nat: {body} - ({value}) = 0") as inner:
            inner.use("value", "values", t="t")
            inner.have("here", f"{body} - ({value}) = 0", (), ["value"])
        proof.add(f"all_{name}", f"sum(t < T, {body}) - sum(t < T, {value}) = 0", f"each_{name}", "T")
    slope = "(high - low)/T"
    proof.linear("out_one", f"sum(t < T, {ETA}) = high*T - {slope}*sum(t < T, t)")
    proof.linear(
        "out_two",
        f"sum(t < T, ({ETA})^2/b) = (high^2*T - 2*high*{slope}*sum(t < T, t) + ({slope})^2*sum(t < T, t^2))/b",
    )
    proof.have("first_sum", CLAIMS["first_sum"], (), [("1", "all_one"), "out_one", "all_numbers", "unit"])
    sums = ["out_two", "all_numbers", "all_squares", "unit"]
    proof.have("second_sum", CLAIMS["second_sum"], (), [("1", "all_two"), *sums])


CLAIMS = {
    "first_sum": f"{S1} = (high + low)*T/2 + (high - low)/2",
    "second_sum": f"{S2} = (low^2*T + low*(high - low)*(T + 1) + (high - low)^2*(T + 1)*(2*T + 1)/6/T)/b",
}

THEOREM = Theorem(
    theorem="linear_steps_have_exact_sums",
    title="Linear step sizes: exact sums",
    says="""For step sizes (high - low)(1 - t/T) + low, t = 0, ..., T - 1, and batch size b: sum eta is (high + low)
    T/2 + (high - low)/2, and sum eta^2/b is low^2 T + low (high - low)(T + 1) + (high - low)^2 (T + 1)(2 T +
    1)/(6 T) over b.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables={"T": "nat", "high": "real", "low": "real", "b": "real", "eta": "real(nat)"},
    hypotheses={"some": "T > 0", "values": f"forall t nat: eta(t) = {ETA}"},
    claims=CLAIMS,
    model={"T": "4", "high": "3", "low": "1", "b": "2", "eta": ["t", "2*(1 - t/4) + 1"]},
    script=script,
    instances=[
        step_sizes(
            "PolynomialLR with power 1",
            "(high - low)*(1 - t/T) + low",
            4,
            "PolynomialLR(4, power=1)",
            {"T": "4", "b": "4", "low": "0", "high": "1/2"},
        )
    ],
)
