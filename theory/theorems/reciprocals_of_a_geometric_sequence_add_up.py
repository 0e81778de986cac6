"""The reciprocals of b, b f, b f^2, ... add up to less than f/((f - 1) b), f > 1; exactly, and as a bound."""

from ..proving.instance import Instance, Recursion
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

LINE = "sum(m < {0}, 1/b(m)) = factor/(factor - 1)*(1/b(0) - 1/b({0}))"
CLAIMS = {
    "positive": "forall m nat: b(m) > 0",
    "over": "forall m nat: 1/b(m) > 0",
    "exact": "forall n nat: " + LINE.format("n"),
    "bound": "forall n nat: sum(m < n, 1/b(m)) <= factor/(factor - 1)/b(0)",
}


def script(proof: Proof) -> None:
    """1/b(m) is factor/(factor - 1) times 1/b(m) - 1/b(m + 1); the sum of these telescopes."""
    proof.have("above_1", "factor - 1 > 0", ["growing"])
    proof.have("factor_positive", "factor > 0", ["growing"])
    for name, whole, body in (("gap", "above_1", "factor - 1"), ("factor", "factor_positive", "factor")):
        reciprocal(proof, name, whole, body)
    with proof.induction("positive", CLAIMS["positive"]) as (zero, following):
        zero.have("start", "b(0) > 0", ["first"])
        following.use("next_one", "multiplied", m="m")
        following.have("next", "b(m + 1) > 0", ["before*factor_positive"], ["next_one"])
    with proof.fixing("over", CLAIMS["over"]) as inner:
        inner.use("here", "positive", m="m")
        inner.use("done", "reciprocal_positive", "here", x="b(m)")
    with proof.induction("exact", CLAIMS["exact"]) as (zero, following):
        zero.linear("start", LINE.format("0"))
        following.use("next_one", "multiplied", m="n")
        following.congruent("next_over", "next_one", "1/hole")
        following.linear("more", "sum(m < n + 1, 1/b(m)) = sum(m < n, 1/b(m)) + 1/b(n)")
        following.have(
            "next",
            LINE.format("(n + 1)").replace("m < (n + 1)", "m < n + 1"),
            (),
            ["more", "before", ("factor/(factor - 1)", "next_over"), "gap_unit", "factor_unit"],
        )
    with proof.fixing("bound", CLAIMS["bound"]) as inner:
        inner.use("value", "exact", n="n")
        inner.use("last", "over", m="n")
        inner.have("done", CLAIMS["bound"].split(": ")[1], ["last*gap_over*factor_positive"], ["value"])


TWOS = "exp(m*log(2))"


def powers_of_two(proof: Proof, name: str = "multiplied") -> None:
    """That TWOS doubles, and starts at 1: facts `two` and this name."""
    proof.have("two_positive", "2 > 0")
    proof.use("two", "exp_of_log", "two_positive", x="2")
    proof.use("start_at_one", "exp_of_zero")
    with proof.fixing(name, "forall m nat: exp((m + 1)*log(2)) = 2*exp(m*log(2))") as inner:
        inner.use("split", "exp_of_sum", x="m*log(2)", y="log(2)")
        inner.have("done", "exp((m + 1)*log(2)) = 2*exp(m*log(2))", (), ["split", "two"])


def shown(proof: Proof) -> None:
    """Powers of 2."""
    powers_of_two(proof)
    proof.have("first", "exp(0*log(2)) > 0", (), ["start_at_one"])


THEOREM = Theorem(
    theorem="reciprocals_of_a_geometric_sequence_add_up",
    title="The reciprocals of a geometric sequence",
    says="""If b(0) > 0 and b(m + 1) = factor b(m) with factor > 1, the reciprocals of b(0), ..., b(n - 1) add up to
    factor/(factor - 1) (1/b(0) - 1/b(n)), which is at most factor/((factor - 1) b(0)).""",
    variables={"factor": "real", "b": "real(nat)"},
    hypotheses={
        "growing": "factor > 1",
        "first": "b(0) > 0",
        "multiplied": "forall m nat: b(m + 1) = factor*b(m)",
    },
    claims=CLAIMS,
    model={"factor": "2", "b": ["m", TWOS]},
    script=script,
    shown=shown,
    instances=[
        Instance("from 2/3 by 5/2", {"factor": "5/2", "b": Recursion(("m",), "2/3", "factor*b(m)")}, naturals={"": 5}),
    ],
)
