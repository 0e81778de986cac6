"""AdamNC: Adam whose second moment is the mean of all squared gradients so far (Reddi, Kale & Kumar 2018)."""

from ..language import *

adamnc = UpdateRule(
    name="adamnc",
    source=Source(
        "reddi2018convergence", "Algorithm 3, with beta2_t = 1 - 1/t", "alpha_t is eta/t^power; eps is not in the paper"
    ),
    hyperparameters=[hyper(eta, "0.01"), hyper(beta1, "0.9"), hyper(eps, "1e-8"), hyper(power, "1/2")],
    state=[State(m, init=0), State(v, init=0)],
    equations=[
        average(m, g, beta1),
        average(v, g**2, 1 - 1 / t),
        eq(step, eta / t**power),
        eq(denom, sqrt(new(v)) + eps),
        eq(new(theta), theta - step * new(m) / denom),
    ],
)
