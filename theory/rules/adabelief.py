"""AdaBelief: the second moment of the gradient about its own average (Zhuang et al. 2020, Algorithm 2)."""

from ..language import *
from .adam import adam

damped = Convention("damped", {
    "each": "eps is added to v in each step, and again to its root (paper, authors' code)",
    "once": "eps acts in the denominator alone (optax with eps_root = 0)"})

adabelief = amend(
    "adabelief",
    adam,
    [eq(new(v), beta2 * v + (1 - beta2) * (g - new(m)) ** 2 + choose("damped", each=eps, once=0))],
    source=Source("zhuang2020adabelief", "Algorithm 2", "s is v here; alpha is eta"),
    conventions=[damped],
    held={"second_moment": "new"},
    hyperparameters=[hyper(eps, "1e-16")],
    used_in=["adabelief_pytorch.AdaBelief", "optax.adabelief", "timm.optim.AdaBelief"],
    disagreements=["optax: eps_root is added to v; adabelief_pytorch also rectifies as RAdam does unless told not to."],
)
