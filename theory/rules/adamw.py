"""AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2)."""

from ..language import *
from .adam import adam

corrected = (1 - eta * lambda_ * sqrt(bias2) / bias1) * theta + (theta_raw - theta)

adamw = compose(
    "adamw",
    adam,
    [decoupled_decay("0.01", corrected=corrected)],
    source=Source("loshchilov2019decoupled", "Algorithm 2", "their schedule multiplier eta_t is part of eta here"),
    conventions=[decay_orders(corrected="theta shrinks by 1 - eta*lambda*sqrt(1 - beta2^t)/(1 - beta1^t) (OneFlow)")],
    used_in=["torch.optim.AdamW", "optax.adamw", "keras.optimizers.AdamW"],
    disagreements=["With lr/lr0 in place of lr (paper's eta_t) it is decay=before, lambda standing for lambda*lr0."],
)
