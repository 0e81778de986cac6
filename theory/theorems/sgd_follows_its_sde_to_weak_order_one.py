"""SGD is a weak approximation of order 1 of its SDE, dX = -grad f dt + sigma0 Sigma^(1/2) dW, h = eta.

Malladi et al. 2022; Li, Malladi & Arora 2021; the argument is Milstein's (1986), from the moments that match.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.noisy import noisy_run
from ..proving.same_names import with_same_names
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from .moments_that_match_give_weak_order_one import NAMES, ONE_BLOCK, Instance
from .moments_that_match_give_weak_order_one import shown as exact_expansions
from .sgd_moments_match_its_sde import FOURTH, THIRD, D
from .sgd_moments_match_its_sde import THEOREM as MOMENTS
from .sizes_on_every_outcome import absolute_of_zero

INSTANCE = Instance(
    milstein=ONE_BLOCK,
    h="eta",
    values={
        "P_x": ["t", "i", D["i"]],
        "B_x": ["t", "i", "-G(t, i)"],
        "P_xx": ["t", "i", "j", f"{D['i']}*{D['j']}"],
        "B_xx": ["t", "i", "j", "sigma0^2*Sigma(t, i, j)"],
        "R_xx": ["t", "i", "j", "abs(G(t, i)*G(t, j))"],
        "P_xxx": ["t", "i", "j", "l", f"{D['i']}*{D['j']}*{D['l']}"],
        "R_xxx": ["t", "i", "j", "l", THIRD],
    },
    near={"x": "drift", "xx": "diffusion", "xxx": "third_moments"},
    exact=["xx"],
    rests={"fourth_moments": (f"{D['i']}^4", FOURTH)},
)


def script(proof: Proof) -> None:
    """The moments of a step in Taylor's formula for the value; then the sum over steps."""
    with_same_names(proof, MOMENTS)
    proof.have("h_sign", "eta >= 0", ["positive_eta"])
    INSTANCE.prove(proof)


RUN: Mapping[str, Value] = {
    **MOMENTS.model,
    **{name: ["t", "0"] for name in ("M", "R")},
    **dict.fromkeys(("test", "limit"), "-1/2"),
    "V": ["t", "-1/2"],
    "later": ["t", "-1/4"],
    "V_x": ["t", "i", "1"],
    "V_xx": ["t", "i", "j", "0"],
    "V_xxx": ["t", "i", "j", "l", "0"],
    "d": "1",
    "N": "2",
    "C": "1",
}
"""One coordinate without noise, the test function theta, for which V = theta - (N - t) eta."""


def shown(proof: Proof) -> None:
    """Both expansions are exact."""
    absolute_of_zero(proof)
    said = {**THEOREM.hypotheses, **{name: text for name, (text, _) in THEOREM.cites.items()}}
    exact_expansions(proof, RUN, {name: said[name] for name in NAMES})
    proof.linear("start", "E(-1/2) = E(-1/2)")


THEOREM = Theorem(
    theorem="sgd_follows_its_sde_to_weak_order_one",
    title="SGD follows its SDE to weak order 1",
    says="""For SGD with sigma^2 eta = sigma0^2 held fixed and noise of low skewness, and a test function whose values
    V along the SDE solve Kolmogorov's backward equation (cited, with Taylor's formula for them): after N steps,
    a time of N eta, the mean of the test function differs from that over the SDE by at most C N eta eta, where C bounds
    the moments along the run that are written out.""",
    sources=["malladi2022sdes, weak approximation", "li2017stochastic, weak approximation theorem"],
    variables={**MOMENTS.variables, **INSTANCE.variables},
    hypotheses={**MOMENTS.hypotheses, **INSTANCE.hypotheses()},
    cites=INSTANCE.cites("Milstein 1986; Li, Tai & E 2019"),
    claims={"weak_error": INSTANCE.claim},
    definitions=MOMENTS.definitions,
    lemmas=[MOMENTS.theorem, "sizes_on_every_outcome", ONE_BLOCK.id],
    model=RUN,
    script=script,
    shown=shown,
    instances=[
        noisy_run(
            "sgd",
            "theta",
            torch="SGD",
            values={
                "eta": "1/4",
                "sigma0": "1",
                "d": "2",
                "N": "2",
                "G": ["t", "i", "1/2 - i + 0*z(0, i)"],
                "drift": "-(G(0, 0) - 2*G(0, 1))",
                "V": ["t", "theta(t, 0) - 2*theta(t, 1) + (N - t)*eta*drift"],
                "later": ["t", "V(t) - eta*drift"],
                "V_x": ["t", "i", "1 - 3*i"],
                "V_xx": ["t", "i", "j", "0"],
                "V_xxx": ["t", "i", "j", "l", "0"],
                "M": ["t", "0"],
                "R": ["t", "0"],
                "C": "0",
                "test": "V(2)",
                "limit": "V(0)",
            },
            wrong=("sgd@momentum=ema",),
        )
    ],
)
