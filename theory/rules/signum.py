"""Signum: the sign of an average of gradients (Bernstein et al. 2018, Algorithm 2)."""

from ..language import *

undecayed = UpdateRule(
    name="signum",
    source=Source("bernstein2018signsgd", "Algorithm 2", "beta is mu here; the decay is that of the experiments"),
    hyperparameters=[hyper(eta, "1e-4"), hyper(mu, "0.9")],
    state=[State(m, init=0)],
    equations=[
        average(m, g, mu),
        eq(new(theta), theta - eta * sign(new(m))),
    ],
)
signum = compose(
    "signum",
    undecayed,
    [decoupled_decay("0")],
    conventions=[DECAY_ORDERS],
    used_in=["pytorch_optimizer.SignSGD", "optax.signum"],
    disagreements=["A sum b = mu*b + g has the same sign as the average, so that both forms are one rule."],
)
