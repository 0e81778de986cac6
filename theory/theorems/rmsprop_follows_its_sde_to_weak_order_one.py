"""RMSprop is a weak approximation of order 1, in h = eta^2, of its SDE (Malladi et al. 2022).

d theta = -P^-1 (grad f dt + sigma0 Sigma^(1/2) dW), d u = c2 (diag Sigma - u) dt, P = sigma0 sqrt(u) + eps0. The
argument is Milstein's (1986), from the moments that match.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.noisy import noisy_rmsprop
from ..proving.same_names import with_same_names
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from ..proving.value_functions import THETA_TIMES_U, valued
from .moments_of_two_states_give_weak_order_one import TWO_STATES
from .moments_that_match_give_weak_order_one import NAMES, Instance
from .moments_that_match_give_weak_order_one import shown as exact_expansions
from .rmsprop_in_units_of_its_sde import CLAIMS as UNITS_CLAIMS
from .rmsprop_in_units_of_its_sde import THEOREM as UNITS
from .rmsprop_moments_match_its_sde import CROSS, DT, DU, THIRD, P
from .rmsprop_moments_match_its_sde import THEOREM as MOMENTS
from .rmsprop_steps_of_theta_are_small import CLAIM as FOURTH
from .rmsprop_steps_of_theta_are_small import THEOREM as SMALL_THETA
from .sizes_on_every_outcome import absolute_of_zero
from .steps_of_u_are_small import EIGHTH, FOURTH_OF_U, SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U

PAIR, TRIPLE = f"{P['i']}/{P['j']}", f"{P['i']}/{P['j']}/{P['l']}"
INSTANCE = Instance(
    milstein=TWO_STATES,
    h="(eta^2)",
    values={
        "P_x": ["t", "i", DT["i"]],
        "B_x": ["t", "i", f"-G(t, i)/{P['i']}"],
        "P_u": ["t", "i", DU["i"]],
        "B_u": ["t", "i", "c2*(Sigma(t, i, i) - u(t, i))"],
        "R_u": ["t", "i", "abs(c2*G(t, i)^2/sigma0^2)"],
        "P_xx": ["t", "i", "j", f"{DT['i']}*{DT['j']}"],
        "B_xx": ["t", "i", "j", f"sigma0^2*Sigma(t, i, j)/{PAIR}"],
        "R_xx": ["t", "i", "j", f"abs(G(t, i)*G(t, j)/{PAIR})"],
        "P_xu": ["t", "i", "j", f"{DT['i']}*{DU['j']}"],
        "R_xu": ["t", "i", "j", f"{CROSS}/{P['i']}"],
        "P_xxx": ["t", "i", "j", "l", f"{DT['i']}*{DT['j']}*{DT['l']}"],
        "R_xxx": ["t", "i", "j", "l", f"({THIRD})/{TRIPLE}"],
    },
    near={
        "x": "drift_of_theta",
        "u": "drift_of_u",
        "xx": "diffusion_of_theta",
        "xu": "no_diffusion_between_theta_and_u",
        "xxx": "third_moments",
    },
    exact=["u", "xx"],
    rests={
        "fourth_of_theta": (f"{DT['i']}^4", FOURTH.split(" <= eta^4*E(X*(")[1][:-2]),
        "second_of_u": (f"{DU['i']}^2", SECOND_OF_U),
        "fourth_of_u": (f"{DU['i']}^4", FOURTH_OF_U),
    },
)


def script(proof: Proof) -> None:
    """The moments of a step in Taylor's formula for the value; then the sum over steps."""
    with_same_names(proof, UNITS, "u_positive")
    with proof.fixing("u_sign", UNITS_CLAIMS["u_positive"].replace("> 0", ">= 0")) as inner:
        inner.use("positive", "u_positive", t="t", i="i")
        inner.have("sign", "u(t, i) >= 0", ["positive"])
    for moments in (MOMENTS, SMALL_THETA, SMALL_U):
        with_same_names(proof, moments)
    proof.have("h_sign", "eta^2 >= 0", ["positive_eta*positive_eta"])
    INSTANCE.prove(proof)


RUN: Mapping[str, Value] = {
    **MOMENTS.model,
    "tail": ["t", "i", "0"],
    **{name: ["t", "0"] for name in ("M", "R")},
    "V": ["t", "1/4 - (2 - t)/16"],
    "later": ["t", "1/4 - (1 - t)/16"],
    "V_x": ["t", "i", "0"],
    "V_u": ["t", "i", "1"],
    **{name: ["t", "i", "j", "0"] for name in ("V_xx", "V_xu")},
    "V_xxx": ["t", "i", "j", "l", "0"],
    "test": "1/4",
    "limit": "1/8",
    "d": "1",
    "N": "2",
    "C": "1",
}
"""One coordinate without noise, the test function u; the bound is attained."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    absolute_of_zero(proof)
    said = {**THEOREM.hypotheses, **{name: text for name, (text, _) in THEOREM.cites.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(1/4 - (2 - 0)/16) = E(1/8)")


THEOREM = Theorem(
    theorem="rmsprop_follows_its_sde_to_weak_order_one",
    title="RMSprop follows its SDE to weak order 1",
    says="""For RMSprop with the old second moment, sigma0 = eta sigma, eps0 = eta eps, c2 = (1 - beta2)/eta^2 fixed,
    noise of low skewness, and a test function whose values V along the SDE solve Kolmogorov's backward equation
    (cited, with Taylor's formula for them): after N steps, a time of N eta^2, the mean of the test function of theta
    and u differs from that over the SDE by at most C N eta^2 eta^2, where C bounds the moments along the run that are
    written out.""",
    sources=["malladi2022sdes, weak approximation of RMSprop", "li2017stochastic, weak approximation theorem"],
    variables={**MOMENTS.variables, "tail": "rand(nat, nat)", **INSTANCE.variables},
    hypotheses={**MOMENTS.hypotheses, **EIGHTH, **INSTANCE.hypotheses()},
    definitions=MOMENTS.definitions,
    cites=INSTANCE.cites("Milstein 1986; Li, Tai & E 2019"),
    claims={"weak_error": INSTANCE.claim},
    lemmas=[
        UNITS.theorem,
        MOMENTS.theorem,
        SMALL_THETA.theorem,
        SMALL_U.theorem,
        "sizes_on_every_outcome",
        TWO_STATES.id,
    ],
    model=RUN,
    script=script,
    shown=shown,
    instances=[
        valued(
            noisy_rmsprop({}),
            "two steps on skewed noise, and the value of (2 theta + 3) u along the SDE",
            {**THETA_TIMES_U, "C": "36"},
            ("3", "2"),
        )
    ],
)
