"""AdamW on a gradient clipped by its global norm, with an average of the weights beside it."""

from driftproof.theory.language import Source, clip_by_norm, compose, ema
from driftproof.theory.rules.adamw import adamw

clipped_adamw = compose(
    "clipped_adamw",
    adamw,
    [clip_by_norm("1", over="all", form="torch"), ema("0.9")],
    source=Source("loshchilov2019decoupled", "Algorithm 2", "clipping and averaging as torch's utilities do them"),
)
