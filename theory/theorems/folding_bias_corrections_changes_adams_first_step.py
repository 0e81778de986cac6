"""A first step of Adam, in numbers, that changes when both bias corrections are folded into the step size."""

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import known_root


def script(proof: Proof) -> None:
    """Two roots: sqrt(9/25) = 3/5 and sqrt(1) = 1."""
    known_root(proof, "three_fifths", "9/25", "3/5")
    known_root(proof, "one", "1", "1")
    proof.congruent("in_first", "one", "(1/2)/(1 - 1/2)/(hole + 1)")
    proof.have("adam", "(1/2)/(1 - 1/2)/(sqrt((9/25)/(1 - 16/25)) + 1) = 1/2", (), [("1", "in_first")])
    proof.congruent("in_second", "three_fifths", "hole/(1 - 1/2)*(1/2)/(hole + 1)")
    proof.have("folded", "sqrt(1 - 16/25)/(1 - 1/2)*(1/2)/(sqrt(9/25) + 1) = 3/8", (), [("1", "in_second")])


THEOREM = Theorem(
    theorem="folding_bias_corrections_changes_adams_first_step",
    title="Folding the bias corrections changes Adam's first step",
    says="""With beta1 = 1/2, beta2 = 16/25, eps = 1, step size 1 and the gradient 1, Adam's first step is 1/2; with
    both bias corrections folded into the step size and eps left as it is, it is 3/8.""",
    sources=["kingma2015adam, Section 2"],
    variables={},
    hypotheses={},
    claims={
        "adam": "(1/2)/(1 - 1/2)/(sqrt((9/25)/(1 - 16/25)) + 1) = 1/2",
        "folded": "sqrt(1 - 16/25)/(1 - 1/2)*(1/2)/(sqrt(9/25) + 1) = 3/8",
    },
    model={},
    script=script,
)
