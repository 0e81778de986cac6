"""AdamW with the new second moment is a weak approximation of order 1, in h = eta^2, of AdamW's SDE, from t0 > 0 on.

d theta = -(lambda0 theta + sqrt(gamma2) m/(gamma1 (sigma0 sqrt(u) + eps0 sqrt(gamma2)))) dt,
d m = c1 (grad f - m) dt + c1 sigma0 Sigma^(1/2) dW,   d u = c2 (diag Sigma - u) dt,   gamma_i = 1 - exp(-c_i t).
The argument is Milstein's (1986), from the moments that match.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from ..proving.value_of_theta import values_of_adam
from .adamw_follows_its_sde_to_weak_order_one import INSTANCE as OLD
from .adamw_follows_its_sde_to_weak_order_one import RUN as OLD_RUN
from .adamw_follows_its_sde_to_weak_order_one import moments_of_steps
from .adamw_in_units_of_its_sde import correction_below_one
from .adamw_moments_match_its_sde import DM, DT, DU
from .adamw_with_new_second_moment_has_the_same_sde import DRIFT_ERROR, FOURTH_OF_THETA, MIXED, SECOND_OF_THETA
from .adamw_with_new_second_moment_has_the_same_sde import THEOREM as MOMENTS
from .adamw_with_new_second_moment_in_units_of_its_sde import THEOREM as UNITS
from .moments_of_three_states_give_weak_order_one import THREE_STATES
from .moments_that_match_give_weak_order_one import NAMES, Instance
from .moments_that_match_give_weak_order_one import shown as exact_expansions
from .steps_of_u_are_small import EIGHTH, FOURTH_OF_U, SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U

INSTANCE = Instance(
    milstein=THREE_STATES,
    h="(eta^2)",
    values={**OLD.values, "R_x": ["t", "i", DRIFT_ERROR], "R_xm": ["t", "i", "j", MIXED]},
    near={**OLD.near, "xm": "no_diffusion_between_theta_and_m"},
    exact=["u", "mm"],
    rests={
        "fourth_of_m": (f"{DM['i']}^4", "m4(t, i)"),
        "second_of_theta": (f"{DT['i']}^2", SECOND_OF_THETA),
        "fourth_of_theta": (f"{DT['i']}^4", FOURTH_OF_THETA),
        "second_of_u": (f"{DU['i']}^2", SECOND_OF_U),
        "fourth_of_u": (f"{DU['i']}^4", FOURTH_OF_U),
    },
)


def script(proof: Proof) -> None:
    """The moments of a step in Taylor's formula for the value; then the sum over steps."""
    correction_below_one(proof)
    proof.use("apart_eta", "positive_is_apart", "positive_eta", x="eta")
    proof.use("one_eta", "reciprocal", "apart_eta", x="eta")
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    proof.have("c2_sign", "c2 >= 0", ["beta2_below*over_eta*over_eta"], ["c2_constant"])
    moments_of_steps(proof, UNITS, MOMENTS, SMALL_U)
    proof.have("h_sign", "eta^2 >= 0", ["positive_eta*positive_eta"])
    INSTANCE.prove(proof)


RUN: Mapping[str, Value] = {**OLD_RUN, **MOMENTS.model}
"""One coordinate without noise on the gradient 0, the test function m."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    MOMENTS.shown(proof)
    said = {**THEOREM.hypotheses, **{name: text for name, (text, _) in THEOREM.cites.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(0) = E(0)")


THEOREM = Theorem(
    theorem="adamw_with_new_second_moment_follows_its_sde",
    title="AdamW with the new second moment follows its SDE to weak order 1",
    says="""For AdamW as libraries take it, dividing by the new second moment, both averages bias-corrected at the step
    that is taken, after k0 steps, beta2 >= 1/4, sigma0 = eta sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2,
    lambda0 = lambda/eta held fixed, noise of low skewness, and a test function whose values V along the SDE solve
    Kolmogorov's backward equation (cited, with Taylor's formula for them): after N more steps, a time of N eta^2, the
    mean of the test function of theta, m and u differs from that over the SDE by at most C N eta^2 eta^2, where C
    bounds the moments along the run that are written out; it does so for times bounded away from 0, where gamma1 and
    gamma2 are.""",
    sources=["malladi2022sdes, weak approximation of Adam", "li2017stochastic, weak approximation theorem"],
    variables={**MOMENTS.variables, "tail": "rand(nat, nat)", **INSTANCE.variables},
    hypotheses={**MOMENTS.hypotheses, **EIGHTH, **INSTANCE.hypotheses()},
    definitions=MOMENTS.definitions,
    cites=INSTANCE.cites("Milstein 1986; Li, Tai & E 2019"),
    claims={"weak_error": INSTANCE.claim},
    lemmas=[
        "powers_of_a_fraction",
        UNITS.theorem,
        MOMENTS.theorem,
        SMALL_U.theorem,
        "sizes_on_every_outcome",
        THREE_STATES.id,
    ],
    model=RUN,
    script=script,
    shown=shown,
    instances=values_of_adam(noisy_adam(MOMENTS.hypotheses, "adamw", new=True)),
)
