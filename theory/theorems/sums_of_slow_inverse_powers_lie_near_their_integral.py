"""The sum of t^(-q) for 0 <= q < 1 is T^(1 - q)/(1 - q), up to a constant."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

TANGENT = "roots_lie_below_their_tangents"
SUM = "sum(k < {0}, pow(k + 1, -q))"
LOW = "(1 - q)*" + SUM + " >= pow({0} + 1, 1 - q) - 1"
HIGH = "(1 - q)*sum(k < {0} + 1, pow(k + 1, -q)) <= pow({0} + 1, 1 - q) - q"


def tangent(proof: Proof, name: str, x: str, y: str) -> None:
    """x^(1 - q) <= y^(1 - q) + (1 - q) y^(-q) (x - y)."""
    claim = f"pow({x}, 1 - q) <= pow({y}, 1 - q) + (1 - q)*pow({y}, 1 - q - 1)*({x} - ({y}))"
    facts = [f"above_{x[-1]}", f"above_{y[-1]}", "power", "concave"]
    proof.lemma(name, claim, TANGENT, facts, {"x": x, "y": y, "a": "1 - q"})


def script(proof: Proof) -> None:
    """A term lies between the integrals over the steps beside it, differences of t^(1 - q)."""
    proof.have("power", "1 - q >= 0", ["slow"])
    proof.have("concave", "1 - q <= 1", ["nonnegative"])
    proof.use("log_of_one", "log_of_exp", x="0")
    proof.use("one_from_exp", "exp_of_zero")
    proof.congruent("log_one", "one_from_exp", "log(hole)")
    proof.have("log_is_0", "log(1) = 0", (), ["log_of_one", ("-1", "log_one")])
    proof.congruent("first_power", "log_is_0", "exp(-q*hole)")
    proof.congruent("first_other", "log_is_0", "exp((1 - q)*hole)")
    with proof.induction("low", f"forall n nat: {LOW.format('n')}") as (zero, following):
        zero.linear("none", f"{SUM.format('0')} = 0")
        zero.have("now", LOW.format("0"), (), ["none", "first_other", "one_from_exp"])
        following.use("natural_n", "natural", n="n")
        following.have("above_1", "n + 1 > 0", ["natural_n"])
        following.have("above_2", "n + 2 > 0", ["natural_n"])
        tangent(following, "step", "n + 2", "n + 1")
        following.linear("more", f"{SUM.format('n + 1')} = {SUM.format('n')} + pow(n + 1, -q)")
        following.have("next", LOW.format("(n + 1)").replace("k < (n + 1)", "k < n + 1"), ["before", "step"], ["more"])
    with proof.induction("high", f"forall n nat: {HIGH.format('n')}") as (zero, following):
        zero.linear("one", "sum(k < 0 + 1, pow(k + 1, -q)) = pow(1, -q)")
        zero.have("now", HIGH.format("0"), (), ["one", "first_other", "first_power", "one_from_exp"])
        following.use("natural_n", "natural", n="n")
        following.have("above_1", "n + 1 > 0", ["natural_n"])
        following.have("above_2", "n + 2 > 0", ["natural_n"])
        tangent(following, "step", "n + 1", "n + 2")
        longer = "sum(k < n + 1 + 1, pow(k + 1, -q))"
        following.linear("more", f"{longer} = sum(k < n + 1, pow(k + 1, -q)) + pow(n + 2, -q)")
        following.have("next", f"(1 - q)*{longer} <= pow(n + 2, 1 - q) - q", ["before", "step"], ["more"])


THEOREM = Theorem(
    theorem="sums_of_slow_inverse_powers_lie_near_their_integral",
    title="Sums of slow inverse powers lie near their integral",
    says="""For real 0 <= q < 1, 1 - q times the sum of t^(-q) over t = 1, .., T is at least (T + 1)^(1 - q) - 1, and at
    most T^(1 - q) - q for T >= 1.""",
    variables={"q": "real"},
    hypotheses={"nonnegative": "q >= 0", "slow": "q < 1"},
    claims={"low": f"forall n nat: {LOW.format('n')}", "high": f"forall n nat: {HIGH.format('n')}"},
    model={"q": "1/2"},
    lemmas=[TANGENT],
    script=script,
    instances=[
        Instance("inverse powers 2/3", {"q": "2/3"}, naturals={"": 6}),
        Instance("inverse powers 0: both are equations", {"q": "0"}, naturals={"": 6}),
    ],
)
