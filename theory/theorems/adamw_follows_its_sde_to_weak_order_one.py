"""AdamW is a weak approximation of order 1, in h = eta^2, of its SDE from any time t0 > 0 on (Malladi et al. 2022).

d theta = -(lambda0 theta + sqrt(gamma2) m/(gamma1 (sigma0 sqrt(u) + eps0 sqrt(gamma2)))) dt,
d m = c1 (grad f - m) dt + c1 sigma0 Sigma^(1/2) dW,   d u = c2 (diag Sigma - u) dt,   gamma_i = 1 - exp(-c_i t).
The argument is Milstein's (1986), from the moments that match.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.noisy import noisy_adam
from ..proving.same_names import with_same_names
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from ..proving.value_of_theta import values_of_adam
from .adamw_in_units_of_its_sde import THEOREM as UNITS
from .adamw_in_units_of_its_sde import correction_below_one
from .adamw_moments_match_its_sde import (
    BOTH,
    CROSS,
    DM,
    DRIFT,
    DRIFT_ERROR,
    DT,
    DU,
    GAP,
    THIRD,
    TWO,
)
from .adamw_moments_match_its_sde import THEOREM as MOMENTS
from .adamw_steps_are_small import FOURTH_OF_M, FOURTH_OF_THETA, SECOND_OF_THETA
from .adamw_steps_are_small import THEOREM as SMALL
from .moments_of_three_states_give_weak_order_one import THREE_STATES
from .moments_that_match_give_weak_order_one import NAMES, Instance
from .moments_that_match_give_weak_order_one import shown as exact_expansions
from .steps_of_u_are_small import EIGHTH, FOURTH_OF_U, SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U

MIXED = f"-(c1*({BOTH}))"
INSTANCE = Instance(
    milstein=THREE_STATES,
    h="(eta^2)",
    values={
        "P_x": ["t", "i", DT["i"]],
        "B_x": ["t", "i", DRIFT],
        "R_x": ["t", "i", DRIFT_ERROR],
        "P_m": ["t", "i", DM["i"]],
        "B_m": ["t", "i", f"c1*{GAP['i']}"],
        "P_u": ["t", "i", DU["i"]],
        "B_u": ["t", "i", "c2*(Sigma(t, i, i) - u(t, i))"],
        "R_u": ["t", "i", "abs(c2*G(t, i)^2/sigma0^2)"],
        "P_mm": ["t", "i", "j", f"{DM['i']}*{DM['j']}"],
        "B_mm": ["t", "i", "j", "c1^2*sigma0^2*Sigma(t, i, j)"],
        "R_mm": ["t", "i", "j", f"abs(c1^2*{GAP['i']}*{GAP['j']})"],
        "P_xm": ["t", "i", "j", f"{DT['i']}*{DM['j']}"],
        "R_xm": ["t", "i", "j", f"abs({MIXED})"],
        "P_mu": ["t", "i", "j", f"{DM['i']}*{DU['j']}"],
        "R_mu": ["t", "i", "j", CROSS],
        "P_mmm": ["t", "i", "j", "l", f"{DM['i']}*{DM['j']}*{DM['l']}"],
        "R_mmm": ["t", "i", "j", "l", THIRD],
    },
    near={
        "x": "drift_of_theta",
        "m": "drift_of_m",
        "u": "drift_of_u",
        "mm": "diffusion_of_m",
        "xm": "mixed_theta_and_m",
        "mu": "no_diffusion_between_m_and_u",
        "mmm": "third_moments",
    },
    exact=["u", "mm", "xm"],
    rests={
        "fourth_of_m": (f"{DM['i']}^4", FOURTH_OF_M),
        "second_of_theta": (f"{DT['i']}^2", SECOND_OF_THETA),
        "fourth_of_theta": (f"{DT['i']}^4", FOURTH_OF_THETA),
        "second_of_u": (f"{DU['i']}^2", SECOND_OF_U),
        "fourth_of_u": (f"{DU['i']}^4", FOURTH_OF_U),
    },
)


def script(proof: Proof) -> None:
    """The moments of a step in Taylor's formula for the value; then the sum over steps."""
    correction_below_one(proof)
    moments_of_steps(proof, UNITS, MOMENTS, SMALL, SMALL_U)
    product = f"E(X*{DT['i']}*{DM['j']})"
    with proof.fixing("mixed_theta_and_m", f"{TWO} => {product} = eta^4*E(X*({MIXED}))", "known") as inner:
        inner.use("mixed", "no_diffusion_between_theta_and_m", "known", X="X", t="t", i="i", j="j")
        inner.linear("sign", f"E(X*({MIXED})) = -E(X*(c1*({BOTH})))")
        inner.have("turned", f"{product} = eta^4*E(X*({MIXED}))", (), ["mixed", "sign"])
    proof.have("h_sign", "eta^2 >= 0", ["positive_eta*positive_eta"])
    INSTANCE.prove(proof)


def moments_of_steps(proof: Proof, units: Theorem, *theorems: Theorem) -> None:
    """The claims of these theorems, with u >= 0 from that in units of the SDE."""
    with_same_names(proof, units, "u_positive")
    with proof.fixing("u_sign", units.claims["u_positive"].replace("> 0", ">= 0")) as inner:
        inner.use("positive", "u_positive", t="t", i="i")
        inner.have("sign", "u(t, i) >= 0", ["positive"])
    for moments in theorems:
        with_same_names(proof, moments)


RUN: Mapping[str, Value] = {
    **MOMENTS.model,
    "tail": ["t", "i", "0"],
    **{name: ["t", "0"] for name in ("M", "R", "V", "later")},
    **{name: ["t", "i", "0"] for name in ("V_x", "V_u")},
    "V_m": ["t", "i", "1"],
    **{name: ["t", "i", "j", "0"] for name in ("V_mm", "V_xm", "V_mu")},
    "V_mmm": ["t", "i", "j", "l", "0"],
    **dict.fromkeys(("test", "limit"), "0"),
    "d": "1",
    "N": "2",
    "C": "1",
}
"""One coordinate without noise on the gradient 0, the test function m."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    MOMENTS.shown(proof)
    said = {**THEOREM.hypotheses, **{name: text for name, (text, _) in THEOREM.cites.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(0) = E(0)")


THEOREM = Theorem(
    theorem="adamw_follows_its_sde_to_weak_order_one",
    title="AdamW follows its SDE to weak order 1",
    says="""For AdamW with bias-corrected averages (new first, old second moment) after k0 steps, sigma0 = eta sigma,
    eps0 = eta eps, c_i = (1 - beta_i)/eta^2, lambda0 = lambda/eta held fixed, noise of low skewness, and a test
    function whose values V along the SDE solve Kolmogorov's backward equation (cited, with Taylor's formula for them):
    after N more steps, a time of N eta^2, the mean of the test function of theta, m and u differs from that over the
    SDE by at most C N eta^2 eta^2, where C bounds the moments along the run that are written out; it does so for times
    bounded away from 0, where gamma1 and gamma2 are.""",
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
        SMALL.theorem,
        SMALL_U.theorem,
        "sizes_on_every_outcome",
        THREE_STATES.id,
    ],
    model=RUN,
    script=script,
    shown=shown,
    instances=values_of_adam(noisy_adam(MOMENTS.hypotheses, "adamw")),
)
