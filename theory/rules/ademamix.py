"""AdEMAMix: Adam with a second, much slower average beside the first (Pagliardini et al. 2024, Algorithm 1)."""

from ..language import *
from .adam import adam

undecayed = amend(
    "ademamix",
    adam,
    [
        average(b, g, beta3),
        eq(m_hat, new(m) / bias1 + alpha * new(b)),
    ],
    source=Source("pagliardini2024ademamix", "Algorithm 1", "m_2 is b; warm-ups: alpha and beta3 as functions of t"),
    held={"second_moment": "new", "amsgrad": "off"},
    hyperparameters=[hyper(alpha, "5"), hyper(beta3, "0.9999")],
    state=[State(b, init=0)],
    names={"b": "slow average of the gradient"},
)
ademamix = compose(
    "ademamix",
    undecayed,
    [decoupled_decay("0")],
    conventions=[DECAY_ORDERS],
    used_in=["pytorch_optimizer.AdEMAMix", "optax.contrib.ademamix", "bitsandbytes.optim.AdEMAMix"],
    disagreements=["pytorch_optimizer couples the decay by default; nobody corrects the slow average."],
)
