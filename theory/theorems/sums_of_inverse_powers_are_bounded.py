"""The sum of k^(-c) is at most c/(c - 1) for c > 1: a bound on zeta(c) and on all its partial sums."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
SUM = "sum(k < {}, pow(k + 1, -c))"
LINE = SUM.format("{0} + 1") + " <= c/(c - 1) - 1/(c - 1)*pow({0} + 1, 1 - c)"
LAST = "log(n + 2)"


def script(proof: Proof) -> None:
    """Every term is below what the integral adds, since exp lies above its tangent and log below."""
    proof.have("above_1", "c - 1 > 0", ["growing"])
    proof.use("apart", "positive_is_apart", "above_1", x="c - 1")
    proof.use("unit", "reciprocal", "apart", x="c - 1")
    proof.use("over", "reciprocal_positive", "above_1", x="c - 1")
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    proof.use("log_of_one", "log_of_exp", x="0")
    proof.use("one_from_exp", "exp_of_zero")
    proof.congruent("log_one", "one_from_exp", "log(hole)")
    proof.have("log_is_0", "log(1) = 0", (), ["log_of_one", ("-1", "log_one")])
    proof.congruent("first_power", "log_is_0", "exp(-c*hole)")
    proof.congruent("first_other", "log_is_0", "exp((1 - c)*hole)")
    with proof.induction("integral", "forall n nat: " + LINE.format("n")) as (zero, following):
        zero.linear("first", SUM.format("0 + 1") + " = pow(1, -c)")
        zero.have("start", LINE.format("0"), (), ["first", "first_power", "first_other", "one_from_exp", "unit"])
        following.linear("more", f"{SUM.format('n + 1 + 1')} = {SUM.format('n + 1')} + pow(n + 2, -c)")
        _term(following)
        goal = LINE.format("(n + 1)").replace("k < (n + 1) + 1", "k < n + 1 + 1")
        following.have("next", goal, ["before", "term*over"], ["more", "unit"])
    with proof.induction("bound", "forall n nat: " + SUM.format("n") + " <= c/(c - 1)") as (zero, following):
        zero.linear("none", SUM.format("0") + " = 0")
        zero.have("start", SUM.format("0") + " <= c/(c - 1)", ["over", "growing*over"], ["none"])
        following.use("here", "integral", n="n")
        following.use("rest", "exp_positive", x="(1 - c)*log(n + 1)")
        following.have("next", SUM.format("n + 1") + " <= c/(c - 1)", ["here", "rest*over"])


def _term(proof: Proof) -> None:
    """(c - 1)(n + 2)^(-c) <= (n + 1)^(1 - c) - (n + 2)^(1 - c)."""
    proof.use("natural_n", "natural", n="n")
    for name, number in (("one", "n + 1"), ("two", "n + 2")):
        proof.have(f"{name}_positive", f"{number} > 0", ["natural_n"])
        proof.use(f"{name}_value", "exp_of_log", f"{name}_positive", x=number)
    proof.use("two_apart", "positive_is_apart", "two_positive", x="n + 2")
    proof.use("two_unit", "reciprocal", "two_apart", x="n + 2")
    proof.use("log_step", "logs", "one_positive", "two_positive", Y="n + 1", Z="n + 2")
    growth = "(c - 1)*(log(n + 2) - log(n + 1))"
    proof.use("tangent", "exp_tangent", x=growth)
    proof.have("enough", f"exp({growth}) >= 1 + (c - 1)/(n + 2)", ["tangent", "above_1*log_step"], ["two_unit"])
    proof.use("split", "exp_of_sum", x=f"(1 - c)*{LAST}", y=growth)
    proof.use("positive", "exp_positive", x=f"(1 - c)*{LAST}")
    proof.use("lower", "exp_of_sum", x=f"(1 - c)*{LAST}", y=f"-{LAST}")
    proof.use("inverse", "exp_of_sum", x=LAST, y=f"-{LAST}")
    proof.have(
        "inverse_value",
        f"exp(-{LAST}) = 1/(n + 2)",
        (),
        ["two_unit", ("-1/(n + 2)", "inverse"), ("1/(n + 2)", "one_from_exp"), (f"-exp(-{LAST})/(n + 2)", "two_value")],
    )
    proof.have(
        "term",
        "(c - 1)*pow(n + 2, -c) <= pow(n + 1, 1 - c) - pow(n + 2, 1 - c)",
        ["enough*positive"],
        ["lower", "inverse_value", "split"],
    )


THEOREM = Theorem(
    theorem="sums_of_inverse_powers_are_bounded",
    title="Sums of inverse powers are bounded",
    says="For real c > 1, the sum of k^(-c) over k = 1, ..., n is at most c/(c - 1), for every n.",
    variables={"c": "real"},
    hypotheses={"growing": "c > 1"},
    claims={"bound": "forall n nat: " + SUM.format("n") + " <= c/(c - 1)"},
    model={"c": "3/2"},
    lemmas=["logs_lie_below_their_tangents"],
    script=script,
    instances=[
        Instance("squares", {"c": "2"}, naturals={"": 10}),
        Instance("a power near 1", {"c": "21/20"}, naturals={"": 10}),
    ],
)
