"""Batch sizes that grow by a factor from block to block: a bound on V_T (Umeda & Iiduka 2024, scheduler (ii))."""

from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .reciprocals_of_a_geometric_sequence_add_up import CLAIMS as GEOMETRIC
from .reciprocals_of_a_geometric_sequence_add_up import TWOS, shown

NOISE = "sum(m < n, squares(m)/b(m))"
LIMIT = "most*top^2*factor/(factor - 1)/b(0)"


def script(proof: Proof) -> None:
    """The squares of a block are at most most top^2; the reciprocals of the batch sizes add up."""
    given = ["growing", "first", "multiplied"]
    values: dict[str, str | list[str]] = {"factor": "factor", "b": ["m", "b(m)"]}
    for name in ("over", "bound"):
        proof.lemma(
            f"all_{name}", GEOMETRIC[name].replace("n nat", "k nat").replace("m < n", "m < k"), LEMMA, given, values
        )
    with proof.fixing("each", "forall m nat: most*top^2/b(m) - squares(m)/b(m) >= 0") as inner:
        inner.use("over", "all_over", m="m")
        inner.use("block", "blocks", m="m")
        inner.have("here", "most*top^2/b(m) - squares(m)/b(m) >= 0", ["block*over"])
    proof.add("all", f"most*top^2*sum(m < n, 1/b(m)) - {NOISE} >= 0", "each", "n")
    proof.use("bound", "all_bound", k="n")
    proof.have("noise", f"{NOISE} <= {LIMIT}", ["all", square("top") * "some*bound"])
    proof.use("total_over", "reciprocal_positive", "positive", x="total")
    proof.have("V", f"{NOISE}/total <= {LIMIT}/total", ["noise*total_over"])


LEMMA = "reciprocals_of_a_geometric_sequence_add_up"
THEOREM = Theorem(
    theorem="batches_that_multiply_bound_the_noise",
    title="Batch sizes that grow exponentially: the bound on V_T",
    says="""Batch sizes b(m + 1) = factor b(m), factor > 1, over n blocks, and any step sizes: in each block their
    squares add up to at most most top^2 (at most `most` steps of at most `top`). Then sum eta^2/b is at most most top^2
    factor/((factor - 1) b(0)), and V_T that times B_T = 1/total, total = sum eta: for T steps of one size top, total =
    top T, V_T <= top most factor/((factor - 1) b(0) T).""",
    sources=["umeda2024increasing, scheduler (ii)"],
    variables={
        "n": "nat",
        "most": "real",
        "top": "real",
        "factor": "real",
        "total": "real",
        "b": "real(nat)",
        "squares": "real(nat)",
    },
    hypotheses={
        "growing": "factor > 1",
        "first": "b(0) > 0",
        "multiplied": "forall m nat: b(m + 1) = factor*b(m)",
        "some": "most >= 0",
        "blocks": "forall m nat: squares(m) <= most*top^2",
        "positive": "total > 0",
    },
    claims={"noise": f"{NOISE} <= {LIMIT}", "V": f"{NOISE}/total <= {LIMIT}/total"},
    model={
        "n": "3",
        "most": "5",
        "top": "1/10",
        "factor": "2",
        "total": "3/2",
        "b": ["m", TWOS],
        "squares": ["m", "1/20"],
    },
    lemmas=[LEMMA],
    script=script,
    shown=shown,
    instances=[
        Instance(
            "batch sizes that grow by half, and blocks of unequal length",
            {
                **{"n": "4", "most": "3", "top": "1/5", "factor": "3/2", "total": "7/4"},
                "b": Recursion(("m",), "2/3", "3/2*b(m)"),
                "squares": Table(("3/25", "2/25", "3/25", "1/10", "1/25")),
            },
        ),
    ],
)
