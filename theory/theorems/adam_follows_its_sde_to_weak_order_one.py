"""Adam is a weak approximation of order 1, in h = eta^2, of its SDE from any time t0 > 0 on: AdamW without decay."""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from ..proving.value_of_theta import values_of_adam
from ..proving.without_decay import use_without_decay, variables_without_decay, without_decay
from .adam_moments_match_its_sde import ADAM
from .adamw_follows_its_sde_to_weak_order_one import RUN
from .adamw_follows_its_sde_to_weak_order_one import THEOREM as ADAMW
from .adamw_moments_match_its_sde import THEOREM as MOMENTS
from .moments_that_match_give_weak_order_one import NAMES
from .moments_that_match_give_weak_order_one import shown as exact_expansions


def weak_order(
    theorem: str,
    title: str,
    says: str,
    adam: Definitions,
    adamw: Theorem,
    moments: Theorem,
    run: Mapping[str, Value],
    new: bool = False,
) -> Theorem:
    """The theorem on Adam as that on AdamW with lambda = 0.

    moments: that on the moments of AdamW.   run: the model of `adamw`.
    new: whether Adam divides by the new second moment.
    """
    texts = without_decay({name: text for name, (text, _) in adamw.cites.items()})
    hypotheses, variables = without_decay(adamw.hypotheses), variables_without_decay(adamw)
    model = {**{name: value for name, value in run.items() if name in variables}, "theta": ["t", "i", "i"]}

    def script(proof: Proof) -> None:
        """AdamW with lambda = 0."""
        use_without_decay(proof, adamw, adamw.claims, ("t", "i", "j", "l"))

    def shown(proof: Proof) -> None:
        """Both expansions are exact."""
        moments.shown(proof)
        said = {**hypotheses, **texts}
        exact_expansions(proof, model, {name: said[name] for name in NAMES})
        proof.linear("start", "E(0) = E(0)")

    return Theorem(
        theorem=theorem,
        title=title,
        says=says,
        sources=["malladi2022sdes, weak approximation of Adam", "li2017stochastic, weak approximation theorem"],
        variables=variables,
        hypotheses=hypotheses,
        definitions=[adam],
        cites={name: (text, adamw.cites[name][1]) for name, text in texts.items()},
        claims=adamw.claims,
        lemmas=[adamw.theorem],
        model=model,
        script=script,
        shown=shown,
        instances=values_of_adam(noisy_adam(hypotheses, new=new), lambda0="0"),
    )


THEOREM = weak_order(
    "adam_follows_its_sde_to_weak_order_one",
    "Adam follows its SDE to weak order 1",
    """For Adam with bias-corrected averages (new first, old second moment) after k0 steps, sigma0 = eta sigma,
    eps0 = eta eps, c_i = (1 - beta_i)/eta^2 held fixed, noise of low skewness, and a test function whose values V along
    the SDE solve Kolmogorov's backward equation (cited, with Taylor's formula for them): after N more steps, a time of
    N eta^2, the mean of the test function of theta, m and u differs from that over the SDE by at most C N eta^2 eta^2,
    where C bounds the moments along the run that are written out; it does so for times bounded away from 0, where
    gamma1 and gamma2 are.""",
    ADAM,
    ADAMW,
    MOMENTS,
    RUN,
)
