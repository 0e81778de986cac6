"""MoMo-Adam: Adam with a step cut by an averaged model of the loss (Schaipp et al. 2024)."""

from ..language import *
from .momo import momo

momo_adam = amend(
    "momo_adam",
    momo,
    [
        average(v, g**2, beta2),
        eq(denom, eps + sqrt(new(v) / (1 - beta2**t))),
        eq(step, Piecewise((0, denom <= 0), (eta * new(m) / (bias1 * denom), True))),
    ],
    source=Source("schaipp2024momo", "Lemma 3.1", "D is denom: eps stands outside the root, after the correction"),
    defaults={"average": "bias"},
    hyperparameters=[hyper(eta, "0.01"), hyper(beta2, "0.999"), hyper(eps, "1e-8")],
    state=[State(v, init=0)],
    used_in=["momo.MomoAdam (momo-opt)", "optax.contrib.momo_adam"],
)
