"""What the first cycle of the counterexample of Reddi, Kale & Kumar (2018, Theorem 1) needs; their chain misses it."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Both reciprocal roots lie above straight lines that touch them near beta = 1/5."""
    proof.have("positive_two", "2*(2 - beta) > 0", ["small"])
    proof.have("positive_three", "3*(1 + 2*beta - beta^2) > 0", ["small*nonnegative", "nonnegative"])
    proof.have(
        "below_two",
        "(497/1000 + 3/20*beta)^2*(2*(2 - beta)) <= 1",
        ["small", "small*small", "small*nonnegative", "small*small*nonnegative", "small*nonnegative*nonnegative"],
    )
    proof.have(
        "below_three",
        "(553/1000 - 29/100*beta)^2*(3*(1 + 2*beta - beta^2)) <= 1",
        [
            "small",
            "nonnegative",
            "small*small",
            "small*nonnegative",
            "small*nonnegative*nonnegative",
            "small*small*nonnegative",
            "small*small*small",
            "small*nonnegative*nonnegative*nonnegative",
            "small*small*nonnegative*nonnegative",
            "small*small*small*nonnegative",
            "small*small*small*small",
        ],
    )
    lemma = "reciprocal_roots_are_bounded_by_squares"
    proof.lemma(
        "two",
        "1/sqrt(2*(2 - beta)) >= 497/1000 + 3/20*beta",
        lemma,
        ["positive_two", "below_two"],
        {"y": "2*(2 - beta)", "low": "497/1000 + 3/20*beta"},
    )
    proof.lemma(
        "three",
        "1/sqrt(3*(1 + 2*beta - beta^2)) >= 553/1000 - 29/100*beta",
        lemma,
        ["positive_three", "below_three"],
        {"y": "3*(1 + 2*beta - beta^2)", "low": "553/1000 - 29/100*beta"},
    )
    goal = "1/sqrt(2*(2 - beta)) + 1/sqrt(3*(1 + 2*beta - beta^2)) >= 511/500"
    proof.have("up", goal, ["two", "three", "small", "nonnegative"])


THEOREM = Theorem(
    theorem="reddis_first_cycle_moves_up",
    title="The first cycle of the three-cycle moves up",
    says="""For 0 <= beta <= 1/5: 1/sqrt(2(2 - beta)) + 1/sqrt(3(1 + 2 beta - beta^2)) >= 1.022 > 1. These are the two
    steps up over the one step down in the first cycle of the counterexample, where t + 2 <= 2 t does not hold.""",
    sources=["reddi2018convergence, Theorem 1"],
    variables={"beta": "real"},
    hypotheses={"nonnegative": "beta >= 0", "small": "beta <= 1/5"},
    claims={"up": "1/sqrt(2*(2 - beta)) + 1/sqrt(3*(1 + 2*beta - beta^2)) >= 511/500"},
    lemmas=["reciprocal_roots_are_bounded_by_squares"],
    model={"beta": "1/10"},
    script=script,
    instances=[
        Instance("the largest beta", {"beta": "1/5"}),
        Instance("the smallest", {"beta": "0"}),
        Instance("between them", {"beta": "2/13"}),
    ],
)
