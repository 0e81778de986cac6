"""RMSprop dividing by the new second moment (torch) is a weak approximation of order 1, in h = eta^2, of its SDE.

d theta = -P^-1 (grad f dt + sigma0 Sigma^(1/2) dW), d u = c2 (diag Sigma - u) dt, P = sigma0 sqrt(u) + eps0. The
argument is Milstein's (1986), from the moments that match.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.noisy import noisy_run
from ..proving.same_names import with_same_names
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from ..proving.value_functions import SQUARE_OF_THETA, valued
from .moments_of_two_states_with_errors_give_weak_order_one import TWO_STATES
from .moments_that_match_give_weak_order_one import NAMES, Instance
from .moments_that_match_give_weak_order_one import shown as exact_expansions
from .rmsprop_follows_its_sde_to_weak_order_one import INSTANCE as OLD
from .rmsprop_follows_its_sde_to_weak_order_one import RUN as OLD_RUN
from .rmsprop_in_units_of_its_sde import CLAIMS as UNITS_CLAIMS
from .rmsprop_in_units_of_its_sde import reciprocals
from .rmsprop_moments_match_its_sde import CROSS, DT, DU, THIRD, P
from .rmsprop_with_new_second_moment_has_the_same_sde import DRIFT_ERROR, FT, OTHER, PAIR, TRIPLE
from .rmsprop_with_new_second_moment_has_the_same_sde import THEOREM as MOMENTS
from .sizes_on_every_outcome import absolute_of_zero
from .steps_of_u_are_small import FOURTH_OF_U, SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U

INSTANCE = Instance(
    milstein=TWO_STATES,
    h="(eta^2)",
    values={
        **OLD.values,
        "R_x": ["t", "i", DRIFT_ERROR],
        "R_xx": ["t", "i", "j", f"abs(G(t, i)*G(t, j)/{P['i']}/{P['j']}) + {PAIR}"],
        "R_xu": ["t", "i", "j", f"{CROSS}/{P['i']} + {OTHER}"],
        "R_xxx": ["t", "i", "j", "l", f"({THIRD})/{P['i']}/{P['j']}/{P['l']} + {TRIPLE}"],
    },
    near=OLD.near,
    exact=["u"],
    rests={
        "fourth_moments": (f"{DT['i']}^4", f"16*({FT['i']})"),
        "second_of_u": (f"{DU['i']}^2", SECOND_OF_U),
        "fourth_of_u": (f"{DU['i']}^4", FOURTH_OF_U),
    },
)


def script(proof: Proof) -> None:
    """The moments of a step in Taylor's formula for the value; then the sum over steps."""
    reciprocals(proof)
    with proof.fixing("u_sign", UNITS_CLAIMS["u_positive"].replace("> 0", ">= 0")) as inner:
        inner.use("positive", "u_positive", t="t", i="i")
        inner.have("sign", "u(t, i) >= 0", ["positive"])
    for moments in (MOMENTS, SMALL_U):
        with_same_names(proof, moments)
    proof.have("h_sign", "eta^2 >= 0", ["positive_eta*positive_eta"])
    INSTANCE.prove(proof)


RUN: Mapping[str, Value] = {**OLD_RUN, **MOMENTS.model}
"""One coordinate without noise, the test function u."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    absolute_of_zero(proof)
    said = {**THEOREM.hypotheses, **{name: text for name, (text, _) in THEOREM.cites.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(1/4 - (2 - 0)/16) = E(1/8)")


THEOREM = Theorem(
    theorem="rmsprop_with_new_second_moment_follows_its_sde",
    title="RMSprop with the new second moment follows its SDE to weak order 1",
    says="""For RMSprop that divides by sqrt(v') + eps, v' the new second moment (as torch does), beta2 >= 1/4,
    sigma0 = eta sigma, eps0 = eta eps, c2 = (1 - beta2)/eta^2 fixed, noise of low skewness, and a test function whose
    values V along the SDE solve Kolmogorov's backward equation (cited, with Taylor's formula for them): after N steps,
    a time of N eta^2, the mean of the test function of theta and u differs from that over the SDE by at most
    C N eta^2 eta^2, where C bounds the moments along the run that are written out.""",
    sources=["malladi2022sdes, weak approximation of RMSprop", "li2017stochastic, weak approximation theorem"],
    variables={**MOMENTS.variables, **INSTANCE.variables},
    hypotheses={**MOMENTS.hypotheses, **INSTANCE.hypotheses()},
    definitions=MOMENTS.definitions,
    cites=INSTANCE.cites("Milstein 1986; Li, Tai & E 2019"),
    claims={"weak_error": INSTANCE.claim},
    lemmas=[MOMENTS.theorem, SMALL_U.theorem, "sizes_on_every_outcome", TWO_STATES.id],
    model=RUN,
    script=script,
    shown=shown,
    instances=[
        valued(
            noisy_run(
                "rmsprop",
                "theta v",
                {n: t for n, t in MOMENTS.hypotheses.items() if n.startswith(("theta4", "u2", "u4"))},
                torch="RMSprop",
                wrong=("rmsprop@correction=second",),
            ),
            "two steps on skewed noise, and the value of theta^2 + 3 u along the SDE",
            {**SQUARE_OF_THETA, "C": "434000"},
            ("3", "2"),
        )
    ],
)
