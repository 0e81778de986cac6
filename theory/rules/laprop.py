"""LaProp: normalises the gradient first, then averages it (Ziyin, Wang & Ueda 2020, Algorithm 1)."""

from ..language import *
from .adam import adam

inner = Convention("inner", {
    "no": "m averages normalised gradients (paper)",
    "eta": "m averages steps: the step size is inside the average (authors' code)"})

undecayed = amend(
    "laprop",
    adam,
    [
        average(v, g**2, beta2),
        average(m, choose("inner", no=1, eta=eta) * g / denom, beta1),
        average(w, eta, beta1),
        eq(step, new(m) * choose("inner", no=eta / bias1, eta=eta / new(w))),
    ],
    source=Source("ziyin2020laprop", "Algorithm 1", "mu is beta1, nu is beta2; without their centred variant"),
    conventions=[inner],
    held={"second_moment": "new", "correction": "both", "amsgrad": "off"},
    hyperparameters=[hyper(eta, "4e-4"), hyper(eps, "1e-15")],
    state=[State(w, init=0, scope="group")],
    names={"w": "average of the step size"},
)
laprop = compose(
    "laprop", undecayed, [decoupled_decay("0")], conventions=[DECAY_ORDERS],
    used_in=["pytorch_optimizer.LaProp", "timm.optim.LaProp"],
    disagreements=["pytorch_optimizer, timm: inner=eta, decay=after; the two forms part where the step size changes."])
