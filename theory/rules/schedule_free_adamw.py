"""Schedule-Free AdamW: RMSprop's direction in Schedule-Free's steps (Defazio et al. 2024, Algorithm 1)."""

from ..language import *
from .schedule_free_sgd import schedule_free_sgd

correction = Convention("correction", {"second": "v/(1 - beta2^t) (authors' code)", "none": "v as it is"})

schedule_free_adamw = amend(
    "schedule_free_adamw",
    schedule_free_sgd,
    [
        average(v, g**2, beta2),
        eq(denom, sqrt(new(v) / choose("correction", second=1 - beta2**t, none=1)) + eps),
        eq(d, g / denom + lambda_ * theta),
    ],
    source=Source("defazio2024road", "Algorithm 1", "theta is their y, beta1 is beta; warm-up: eta as a function of t"),
    conventions=[correction],
    defaults={"weights": "largest"},
    hyperparameters=[
        hyper(eta, "0.0025"),
        hyper(lambda_, "0", role="decoupled_decay"),
        hyper(beta2, "0.999"),
        hyper(eps, "1e-8"),
    ],
    state=[State(v, init=0)],
    used_in=["schedulefree.AdamWScheduleFree", "optax.contrib.schedule_free_adamw"],
    disagreements=[
        "The paper weighs z by eta_t^2; the code by the largest eta so far, which differs where eta falls.",
        "pytorch_optimizer hides 1e-15 under the root."],
)
