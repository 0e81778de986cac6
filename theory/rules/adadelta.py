"""Adadelta: steps in units of the root mean square of earlier steps (Zeiler 2012, Algorithm 1)."""

from ..language import *

adadelta = UpdateRule(
    name="adadelta",
    source=Source("zeiler2012adadelta", "Algorithm 1", "rho is beta, E[dx^2] is u; eta is 1 in the paper"),
    names={"u": "mean square of the steps"},
    hyperparameters=[hyper(eta, "1"), hyper(beta, "0.9"), hyper(eps, "1e-6")],
    state=[State(v, init=0), State(u, init=0)],
    equations=[
        average(v, g**2, beta),
        eq(d, sqrt(u + eps) / sqrt(new(v) + eps) * g),
        average(u, d**2, beta),
        eq(new(theta), theta - eta * d),
    ],
    used_in=["torch.optim.Adadelta", "optax.adadelta", "keras.optimizers.Adadelta"],
    disagreements=["The step size of 1 is the paper's; Keras has 0.001 by default."],
)
