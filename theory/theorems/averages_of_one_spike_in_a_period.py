"""An exponential average along a period with one entry s and zeros after it."""

from ..proving.instance import Instance, Recursion
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import known_powers

RING = ["last", "closed", ("1", "along"), ("1", "along_split"), ("1", "shift")]


def script(proof: Proof) -> None:
    """The sum of u over the period and over the period one later differ by s; so the sum is s, and u(0) >= 0."""
    proof.have("rest", "1 - b > 0", ["below_one"])
    proof.use("rest_apart", "positive_is_apart", "rest", x="1 - b")
    proof.use("rest_one", "reciprocal", "rest_apart", x="1 - b")
    with proof.induction("shifted", "forall m nat: sum(j < m, u(j + 1)) = sum(j < m, u(j)) + u(m) - u(0)") as (
        zero,
        following,
    ):
        zero.linear("now", "sum(j < 0, u(j + 1)) = sum(j < 0, u(j)) + u(0) - u(0)")
        following.linear("one", "sum(j < m + 1, u(j + 1)) = sum(j < m, u(j + 1)) + u(m + 1)")
        following.linear("two", "sum(j < m + 1, u(j)) = sum(j < m, u(j)) + u(m)")
        claim = "sum(j < m + 1, u(j + 1)) = sum(j < m + 1, u(j)) + u(m + 1) - u(0)"
        following.have("next", claim, [], ["one", "two", "before"])
    with proof.fixing("each", "forall j nat: u(j + 1) - b*u(j) = 0") as inner:
        inner.use("here", "decay", j="j")
        inner.have("difference", "u(j + 1) - b*u(j) = 0", [], ["here"])
    proof.add("along", "sum(j < N + 1, u(j + 1) - b*u(j)) = 0", "each", "N + 1")
    proof.linear(
        "along_split",
        "sum(j < N + 1, u(j + 1) - b*u(j)) = sum(j < N + 1, u(j + 1)) - b*sum(j < N + 1, u(j))",
    )
    proof.use("shift", "shifted", m="N + 1")
    proof.use("last", "decay", j="N")
    proof.have("scaled", "(1 - b)*(sum(j < N + 1, u(j)) - s) = 0", [], RING)
    whole = "sum(j < N + 1, u(j)) = s"
    proof.have("total", whole, [], [("sum(j < N + 1, u(j)) - s", "rest_one"), ("1/(1 - b)", "scaled")])
    with proof.cases("start", "u(0) >= 0", on="u(0)") as (low, high):
        low.have("start", "u(0) >= 0", ["case"])
        with high.induction("below", "forall j nat: u(j) <= 0") as (zero, following):
            zero.have("now", "u(0) <= 0", ["case"])
            following.use("here", "decay", j="j")
            following.have("next", "u(j + 1) <= 0", ["before*nonnegative"], ["here"])
        high.add("negative", "sum(j < N + 1, u(j)) <= 0", "below", "N + 1")
        high.use("apart", "positive_is_apart", "spike", x="s")
        high.use("one", "reciprocal", "apart", x="s")
        high.use("inverse", "reciprocal_positive", "spike", x="s")
        high.have("none", "s <= 0", ["negative"], ["total"])
        high.have("start", "u(0) >= 0", ["none*inverse*case", "case"], ["one"])
    with proof.induction("at_least_0", "forall j nat: u(j) >= 0") as (zero, following):
        zero.have("now", "u(0) >= 0", ["start"])
        following.use("here", "decay", j="j")
        following.have("next", "u(j + 1) >= 0", ["before*nonnegative"], ["here"])
    with proof.fixing("falls", "forall j nat: u(j + 1) <= u(j)") as inner:
        inner.use("here", "decay", j="j")
        inner.use("sign", "at_least_0", j="j")
        inner.have("next", "u(j + 1) <= u(j)", ["sign*rest"], ["here"])
    with proof.induction("most", "forall j nat: u(j) <= u(0)") as (zero, following):
        zero.have("now", "u(0) <= u(0)")
        following.use("fall", "falls", j="j")
        following.have("next", "u(j + 1) <= u(0)", ["before", "fall"])
    proof.add("all_below", "sum(j < N + 1, u(j)) <= (N + 1)*u(0)", "most", "N + 1")
    proof.have("large", "s <= (N + 1)*u(0)", ["all_below"], ["total"])
    with proof.induction("part", "forall m nat: sum(j < m + 1, u(j)) >= u(0)") as (zero, following):
        zero.linear("one", "sum(j < 0 + 1, u(j)) = u(0)")
        zero.have("now", "sum(j < 0 + 1, u(j)) >= u(0)", [], ["one"])
        following.use("sign", "at_least_0", j="m + 1")
        following.linear("more", "sum(j < m + 1 + 1, u(j)) = sum(j < m + 1, u(j)) + u(m + 1)")
        following.have("next", "sum(j < m + 1 + 1, u(j)) >= u(0)", ["before", "sign"], ["more"])
    proof.use("first", "part", m="N")
    proof.have("small", "u(0) <= s", ["first"], ["total"])


def shown(proof: Proof) -> None:
    """1 = 1/2 1/2 + 1/2 3/2."""
    known_powers(proof)
    proof.have("closed", "exp(0*log(1/2)) = 1/2*exp(1*log(1/2)) + (1 - 1/2)*(3/2)", [], ["halves_start", "half"])


THEOREM = Theorem(
    theorem="averages_of_one_spike_in_a_period",
    title="Averages of one spike in a period",
    says="""u(j + 1) = b u(j) for 0 <= b < 1, and u(0) = b u(N) + (1 - b) s with s > 0: the exponential average of an
    entry s followed by N zeros, again and again. Over the period it sums to s; it is not negative, does not increase,
    and s/(N + 1) <= u(0) <= s.""",
    variables={"b": "real", "s": "real", "N": "nat", "u": "real(nat)"},
    hypotheses={
        "nonnegative": "b >= 0",
        "below_one": "b < 1",
        "spike": "s > 0",
        "decay": "forall j nat: u(j + 1) = b*u(j)",
        "closed": "u(0) = b*u(N) + (1 - b)*s",
    },
    claims={
        "total": "sum(j < N + 1, u(j)) = s",
        "at_least_0": "forall j nat: u(j) >= 0",
        "falls": "forall j nat: u(j + 1) <= u(j)",
        "large": "s <= (N + 1)*u(0)",
        "small": "u(0) <= s",
    },
    model={"b": "1/2", "s": "3/2", "N": "1", "u": ["i", "exp(i*log(1/2))"]},
    shown=shown,
    script=script,
    instances=[
        Instance(
            "13, then two zeros",
            {"b": "1/3", "s": "13", "N": "2", "u": Recursion(("j",), "9", "b*u(j)")},
        ),
    ],
)
