"""Sums of 1/sqrt(t) and of 1/t against their integrals, for rates of SGD and Adam."""

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
CLAIMS = {
    "roots_above": "forall n nat: sum(t < n, 1/sqrt(t + 1)) >= 2*sqrt(n + 1) - 2",
    "roots_below": "forall n nat: n > 0 => sum(t < n, 1/sqrt(t + 1)) <= 2*sqrt(n) - 1",
    "reciprocals_above": "forall n nat: sum(t < n, 1/(t + 1)) >= log(n + 1)",
    "reciprocals_below": "forall n nat: n > 0 => sum(t < n, 1/(t + 1)) <= 1 + log(n)",
}
ROOTS, RECIPROCALS = "sum(t < {}, 1/sqrt(t + 1))", "sum(t < {}, 1/(t + 1))"


def script(proof: Proof) -> None:
    """Each by induction: what a term adds is compared with what the integral adds."""
    for name, claim in (("root", "sqrt(n + 1) > 0"), ("squared", "sqrt(n + 1)^2 = n + 1")):
        with proof.fixing(name, f"forall n nat: {claim}") as inner:
            inner.use("natural_n", "natural", n="n")
            inner.have("some", "n + 1 > 0" if name == "root" else "n + 1 >= 0", ["natural_n"])
            inner.use("here", "root_positive" if name == "root" else "root_squared", "some", x="n + 1")
    _root_of_one(proof)
    _roots(proof)
    _reciprocals(proof)
    _from_one(proof, "roots_below", "roots_after")
    _from_one(proof, "reciprocals_below", "reciprocals_after")


def _from_one(proof: Proof, name: str, known: str) -> None:
    """What holds at n + 1 holds at n > 0: 0 > 0 is impossible."""
    with proof.induction(name, CLAIMS[name], "some") as (zero, following):
        zero.linear("empty", "sum(t < 0, 1) = 0")
        zero.have("impossible", "sum(t < 0, 1) > 0", ["some"], ["empty"])
        zero.use("apart_from_itself", "positive_is_apart", "impossible", x="sum(t < 0, 1)")
        zero.use("nothing", "reciprocal", "apart_from_itself", x="sum(t < 0, 1)")
        at_zero = CLAIMS[name].partition("=> ")[2].replace("(n)", "(0)").replace("< n", "< 0")
        left, right = at_zero.split(" <= ")
        zero.have("start", at_zero, (), [(f"{left} - ({right})", "nothing"), "empty"])
        following.use("next", known, n="n")


def _root_of_one(proof: Proof) -> None:
    proof.use("first_positive", "root", n="0")
    proof.use("first_squared", "squared", n="0")
    proof.have("total", "sqrt(1) + 1 > 0", ["first_positive"])
    proof.use("apart", "positive_is_apart", "total", x="sqrt(1) + 1")
    proof.use("unit", "reciprocal", "apart", x="sqrt(1) + 1")
    proof.have("root_of_one", "sqrt(1) = 1", (), [("1/(sqrt(1) + 1)", "first_squared"), "unit"])


def _roots(proof: Proof) -> None:
    with proof.induction("roots_above", CLAIMS["roots_above"]) as (zero, following):
        zero.linear("none", ROOTS.format("0") + " = 0")
        zero.have("start", ROOTS.format("0") + " >= 2*sqrt(0 + 1) - 2", (), ["none", "root_of_one"])
        _two_roots(following, "n")
        following.linear("more", f"{ROOTS.format('n + 1')} = {ROOTS.format('n')} + 1/sqrt(n + 1)")
        difference = square("sqrt(n + 2) - sqrt(n + 1)")
        goal = ROOTS.format("n + 1") + " >= 2*sqrt(n + 1 + 1) - 2"
        following.have("next", goal, ["before", difference * "over"], ["more", "two", "one", "inverse"])
    with proof.induction("roots_after", f"forall n nat: {ROOTS.format('n + 1')} <= 2*sqrt(n + 1) - 1") as (
        zero,
        following,
    ):
        zero.linear("first_term", ROOTS.format("0 + 1") + " = 1/sqrt(1)")
        zero.use("one_apart", "positive_is_apart", "first_positive", x="sqrt(1)")
        zero.use("inverse", "reciprocal", "one_apart", x="sqrt(1)")
        zero.have("term", "1/sqrt(1) = 1", (), ["inverse", ("1/sqrt(1)", "root_of_one")])
        goal = ROOTS.format("0 + 1") + " <= 2*sqrt(0 + 1) - 1"
        zero.have("start", goal, (), ["first_term", "term", "root_of_one"])
        _two_roots(following, "n + 1")
        following.linear("more", f"{ROOTS.format('n + 1 + 1')} = {ROOTS.format('n + 1')} + 1/sqrt(n + 2)")
        goal = ROOTS.format("n + 1 + 1") + " <= 2*sqrt(n + 1 + 1) - 1"
        following.have("next", goal, ["before", difference * "over"], ["more", "one", "two", "inverse"])


def _two_roots(proof: Proof, place: str) -> None:
    """The squares of the two roots, and the reciprocal of one."""
    proof.use("one", "squared", n="n")
    proof.use("two", "squared", n="n + 1")
    proof.use("positive", "root", n=place)
    proof.use("far", "positive_is_apart", "positive", x=f"sqrt({place} + 1)")
    proof.use("inverse", "reciprocal", "far", x=f"sqrt({place} + 1)")
    proof.use("over", "reciprocal_positive", "positive", x=f"sqrt({place} + 1)")


def _reciprocals(proof: Proof) -> None:
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    with proof.fixing("steps", "forall n nat: 1/(n + 2) <= log(n + 2) - log(n + 1)") as inner:
        _quotients(inner)
        inner.use("log_here", "logs", "one", "two", Y="n + 1", Z="n + 2")
        inner.have("done", "1/(n + 2) <= log(n + 2) - log(n + 1)", ["log_here"], ["unit_two"])
    with proof.fixing("steps_above", "forall n nat: 1/(n + 1) >= log(n + 2) - log(n + 1)") as inner:
        _quotients(inner)
        inner.use("log_here", "logs", "two", "one", Y="n + 2", Z="n + 1")
        inner.have("done", "1/(n + 1) >= log(n + 2) - log(n + 1)", ["log_here"], ["unit_one"])
    proof.use("log_of_one", "log_of_exp", x="0")
    proof.use("one_from_exp", "exp_of_zero")
    proof.congruent("log_one", "one_from_exp", "log(hole)")
    with proof.induction("reciprocals_above", CLAIMS["reciprocals_above"]) as (zero, following):
        zero.linear("none", RECIPROCALS.format("0") + " = 0")
        zero.have("start", RECIPROCALS.format("0") + " >= log(0 + 1)", (), ["none", "log_of_one", ("1", "log_one")])
        following.use("step", "steps_above", n="n")
        following.linear("more", f"{RECIPROCALS.format('n + 1')} = {RECIPROCALS.format('n')} + 1/(n + 1)")
        following.have("next", RECIPROCALS.format("n + 1") + " >= log(n + 1 + 1)", ["before", "step"], ["more"])
    with proof.induction("reciprocals_after", f"forall n nat: {RECIPROCALS.format('n + 1')} <= 1 + log(n + 1)") as (
        zero,
        following,
    ):
        zero.linear("first_term", RECIPROCALS.format("0 + 1") + " = 1")
        goal = RECIPROCALS.format("0 + 1") + " <= 1 + log(0 + 1)"
        zero.have("start", goal, (), ["first_term", "log_of_one", ("1", "log_one")])
        following.use("step", "steps", n="n")
        following.linear("more", f"{RECIPROCALS.format('n + 1 + 1')} = {RECIPROCALS.format('n + 1')} + 1/(n + 2)")
        goal = RECIPROCALS.format("n + 1 + 1") + " <= 1 + log(n + 1 + 1)"
        following.have("next", goal, ["before", "step"], ["more"])


def _quotients(proof: Proof) -> None:
    proof.use("natural_n", "natural", n="n")
    for name, number in (("one", "n + 1"), ("two", "n + 2")):
        proof.have(name, f"{number} > 0", ["natural_n"])
        proof.use(f"apart_{name}", "positive_is_apart", name, x=number)
        proof.use(f"unit_{name}", "reciprocal", f"apart_{name}", x=number)


THEOREM = Theorem(
    theorem="inverse_roots_and_reciprocals_sum_like_integrals",
    title="Sums of inverse roots and of reciprocals",
    says="""2 sqrt(n + 1) - 2 <= sum of 1/sqrt(t) over t = 1, ..., n, and that sum is at most 2 sqrt(n) - 1 for n > 0;
    log(n + 1) <= sum of 1/t over t = 1, ..., n, which is at most 1 + log(n) for n > 0.""",
    variables={},
    hypotheses={},
    claims=CLAIMS,
    model={},
    lemmas=["logs_lie_below_their_tangents"],
    script=script,
    instances=[
        Instance("sums of up to eleven terms", {}, naturals={"": 12}),
    ],
)
