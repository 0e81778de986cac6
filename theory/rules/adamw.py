"""AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2)."""

from ..language import DECAY_ORDERS, Source, compose, decoupled_decay
from .adam import adam

adamw = compose(
    "adamw",
    adam,
    [decoupled_decay("0.01")],
    source=Source("loshchilov2019decoupled", "Algorithm 2", "their schedule multiplier eta_t is part of eta here"),
    conventions=[DECAY_ORDERS],
)
