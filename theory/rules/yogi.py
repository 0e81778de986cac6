"""Yogi: the second moment moves by an amount that does not depend on its size (Zaheer et al. 2018, Algorithm 2)."""

from ..language import *
from .adam import adam

m0 = Convention("m0", {"zero": "m = 0 at the start (paper)", "same": "m starts at v0 too (optax, torch_optimizer)"})
start = Convention("start", {"constant": "v = v0 at the start (optax)", "gradient": "v = g^2 of the first batch"})

yogi = amend(
    "yogi",
    adam,
    [eq(new(v), v - (1 - beta2) * sign(v - g**2) * g**2)],
    source=Source("zaheer2018adaptive", "Algorithm 2", "the paper corrects no bias (correction=none), v_0 is open"),
    conventions=[m0, start],
    held={"second_moment": "new", "amsgrad": "off"},
    hyperparameters=[
        hyper(eta, "0.01"),
        hyper(eps, "0.001"),
        hyper(v0, "1e-6", domain="[0, oo)", meaning="second moment at the start"),
    ],
    state=[
        State(m, init=first(choose("m0", zero=0, same=v0))),
        State(v, init=first(choose("start", constant=v0, gradient=g**2))),
    ],
    used_in=["optax.yogi", "torch_optimizer.Yogi", "pytorch_optimizer.Yogi"],
    disagreements=["Packages: m0=same, correction=both; none starts v at g^2."],
)
