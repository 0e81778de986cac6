"""One step of Adam has the moments of its SDE up to O(h^2), h = eta^2 (Malladi et al. 2022): AdamW without decay."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem
from ..proving.without_decay import use_without_decay, variables_without_decay, without_decay
from .adamw_in_units_of_its_sde import NAMES
from .adamw_moments_match_its_sde import THEOREM as ADAMW

ADAM = Definitions("adam_step_with_old_second_moment", "adam@second_moment=old", after=1, names=NAMES)
CLAIMS, HYPOTHESES = without_decay(ADAMW.claims), without_decay(ADAMW.hypotheses)
VARIABLES = variables_without_decay(ADAMW)


def script(proof: Proof) -> None:
    """AdamW with lambda = 0."""
    use_without_decay(proof, ADAMW, CLAIMS, ("i", "j", "l", "k"))


THEOREM = Theorem(
    theorem="adam_moments_match_its_sde",
    title="Adam's moments match its SDE",
    says="""For Adam with bias-corrected averages (new first, old second moment) and v > 0, g = grad f + sigma z, and
    sigma0 = eta sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2 held fixed, one step is h = eta^2 of time: given the
    past, the means of theta, m and u = v/sigma^2 are h times the drifts -sqrt(gamma2) m/(gamma1 P), c1 (grad f - m) and
    c2 (Sigma_ii - u) up to h^2, where gamma_i = 1 - exp(-c_i t) and P = sigma0 sqrt(u) + eps0 sqrt(gamma2); the second
    moments of m are h times c1^2 sigma0^2 Sigma_ij, across all coordinates and up to h^2, those of theta and m are
    O(h^2). If the noise has low skewness |E z^3| <= K/sigma, the mixed moments of m and u and the third moments of m
    are O(h^2) too.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[ADAM],
    claims=CLAIMS,
    lemmas=["adamw_moments_match_its_sde"],
    model={
        **{name: value for name, value in ADAMW.model.items() if name in VARIABLES},
        "theta": ["t", "i", "i"],
    },
    script=script,
    shown=ADAMW.shown,
    instances=[noisy_adam(HYPOTHESES)],
)
