"""SGDW: SGD with momentum and decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 1)."""

from ..language import *
from .sgd import sgd

undecayed = amend("sgdw", sgd, defaults={"momentum": "heavy_ball"})
sgdw = compose(
    "sgdw",
    undecayed,
    [decoupled_decay("0.01", long_run=theta_raw - eta * lambda_ / (1 - mu) * theta)],
    source=Source("loshchilov2019decoupled", "Algorithm 1", "their schedule multiplier eta_t is part of eta here"),
    conventions=[decay_orders(long_run="theta shrinks by 1 - eta*lambda/(1 - mu), as long as its steps (SGDP)")],
    used_in=["timm.optim.SGDW", "pytorch_optimizer.SGDW", "torch_optimizer.SGDW"],
    disagreements=[
        "The paper has the step size in the buffer (momentum=inside) and decays by eta_t*lambda, without alpha.",
        "torch_optimizer's SGDW subtracts eta*lambda, without theta: a slip, not a convention.",
    ],
)
