"""Adam dividing by the new second moment, as libraries do, has the moments of its SDE: AdamW without decay."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem
from ..proving.without_decay import use_without_decay, variables_without_decay, without_decay
from .adamw_in_units_of_its_sde import NAMES
from .adamw_with_new_second_moment_has_the_same_sde import THEOREM as ADAMW

ADAM = Definitions("adam_step", "adam", after=1, names=NAMES)
CLAIMS, HYPOTHESES = without_decay(ADAMW.claims), without_decay(ADAMW.hypotheses)
VARIABLES = variables_without_decay(ADAMW)


def script(proof: Proof) -> None:
    """AdamW with lambda = 0."""
    use_without_decay(proof, ADAMW, CLAIMS, ("i", "j", "l", "k"))


THEOREM = Theorem(
    theorem="adam_with_new_second_moment_has_the_same_sde",
    title="Adam with the new second moment has the same SDE",
    says="""For Adam as libraries take it, dividing by the new second moment, both averages bias-corrected at the step
    that is taken, beta2 >= 1/4 and otherwise as with the old second moment: given the past, its moments are those of
    the same SDE up to h^2 = eta^4, with these constants, and only the mixed moments of m and u and the third moments of
    m need low skewness. w2 and w4 bound the second and fourth moments of a m', m4 and u2 the fourth of m' - m and the
    second of u' - u over eta^4; all are written out.""",
    sources=["malladi2022sdes, method of its SDE derivations", "kingma2015adam, Algorithm 1"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[ADAM],
    claims=CLAIMS,
    lemmas=[ADAMW.theorem],
    model={
        **{name: value for name, value in ADAMW.model.items() if name in VARIABLES},
        "theta": ["t", "i", "i"],
    },
    script=script,
    shown=ADAMW.shown,
    instances=[noisy_adam(HYPOTHESES, new=True)],
)
