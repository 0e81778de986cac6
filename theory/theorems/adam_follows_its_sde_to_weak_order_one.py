"""Adam is a weak approximation of order 1, in h = eta^2, of its SDE from any time t0 > 0 on: AdamW without decay."""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from .adam_moments_match_its_sde import ADAM
from .adamw_follows_its_sde_to_weak_order_one import INSTANCE
from .adamw_follows_its_sde_to_weak_order_one import RUN as ADAMW_RUN
from .adamw_follows_its_sde_to_weak_order_one import THEOREM as ADAMW
from .adamw_moments_match_its_sde import THEOREM as MOMENTS
from .moments_that_match_give_weak_order_one import NAMES
from .moments_that_match_give_weak_order_one import shown as exact_expansions

DECAY = (
    "2*lambda0^2*theta(t, i)^2 + ",
    "8*lambda0^4*theta(t, i)^4 + ",
    "-lambda0*theta(t, i) ",
    "lambda0*theta(t, i) + ",
    " - eta*lambda*theta(t, i)",
)


def _without_decay(formula: str) -> str:
    for letters in DECAY:
        formula = formula.replace(letters, "")
    return formula.replace("(- sqrt", "(-sqrt")


CITES = {name: (_without_decay(text), source) for name, (text, source) in ADAMW.cites.items()}
HYPOTHESES = {name: _without_decay(said) for name, said in ADAMW.hypotheses.items() if name != "decay_constant"}
VARIABLES = {name: sort for name, sort in ADAMW.variables.items() if not name.startswith("lambda")}


def script(proof: Proof) -> None:
    """AdamW with lambda = 0."""
    proof.have("no_decay", "0 = 0/eta")
    places = ("t", "i", "j", "l")
    values: dict[str, str | list[str]] = {"lambda": "0", "lambda0": "0"}
    for name, sort in VARIABLES.items():
        used = list(places[: sort.count("nat")]) if "(" in sort else []
        values[name] = [*used, f"{name}({', '.join(used)})"] if used else name
    names = ["no_decay" if name == "decay_constant" else name for name in (*ADAMW.hypotheses, *ADAMW.cites)]
    proof.lemma("weak_error", INSTANCE.claim, ADAMW.theorem, names, values)


RUN: Mapping[str, Value] = {
    **{name: value for name, value in ADAMW_RUN.items() if name in VARIABLES},
    "theta": ["t", "i", "i"],
}
"""One coordinate without noise on the gradient 0, the test function m."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    MOMENTS.shown(proof)
    said = {**HYPOTHESES, **{name: text for name, (text, _) in CITES.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(0) = E(0)")


THEOREM = Theorem(
    theorem="adam_follows_its_sde_to_weak_order_one",
    title="Adam follows its SDE to weak order 1",
    says="""For Adam with bias-corrected averages (new first, old second moment) after k0 steps, sigma0 = eta sigma,
    eps0 = eta eps, c_i = (1 - beta_i)/eta^2 held fixed, noise of low skewness, and a test function whose values V along
    the SDE solve Kolmogorov's backward equation (cited, with Taylor's formula for them): after N more steps, a time of
    N eta^2, the mean of the test function of theta, m and u differs from that over the SDE by at most C N eta^2 eta^2,
    where C bounds the moments along the run that are written out; it does so for times bounded away from 0, where
    gamma1 and gamma2 are.""",
    sources=["malladi2022sdes, weak approximation of Adam", "li2017stochastic, weak approximation theorem"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[ADAM],
    cites=CITES,
    claims=ADAMW.claims,
    lemmas=[ADAMW.theorem],
    model=RUN,
    script=script,
    shown=shown,
)
