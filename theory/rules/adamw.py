"""AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2)."""

from ..language import *
from .adam import adam

matrices = Piecewise((theta_raw, dims < 2), (theta_raw - eta * lambda_ * theta, True))
corrected = theta_raw - eta * lambda_ * sqrt(bias2) / bias1 * theta

adamw = compose(
    "adamw",
    adam,
    [decoupled_decay("0.01", corrected=corrected, matrices=matrices)],
    source=Source("loshchilov2019decoupled", "Algorithm 2", "their schedule multiplier eta_t is part of eta here"),
    conventions=[decay_orders(
        corrected="theta shrinks by 1 - eta*lambda*sqrt(1 - beta2^t)/(1 - beta1^t) (OneFlow)",
        matrices="as before, but only tensors of two or more dimensions (a rule of training codes)")],
    used_in=["torch.optim.AdamW", "optax.adamw", "keras.optimizers.AdamW"],
    disagreements=["With lr/lr0 in place of lr (paper's eta_t) it is decay=before, lambda standing for lambda*lr0."],
)
