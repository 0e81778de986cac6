"""MADGRAD: dual averaging with the cube root of the sum of squares (Defazio & Jelassi 2021, Algorithm 1)."""

from ..language import *

offset = Convention("offset", {
    "none": "weight eta*sqrt(t) (paper)", "eps": "weight (eta + eps)*sqrt(t) (authors' code)"})

madgrad = UpdateRule(
    name="madgrad",
    source=Source("defazio2021adaptivity", "Algorithm 1", "nu is v, c is 1 - mu, gamma is eta; their k is t - 1"),
    conventions=[offset],
    names={"v": "weighted sum of squares", "s": "weighted sum of gradients", "x": "where the run started"},
    hyperparameters=[hyper(eta, "0.01"), hyper(mu, "0.9"), hyper(eps, "1e-6")],
    state=[State(s, init=0), State(v, init=0), State(x, init=first(theta))],
    equations=[
        eq(weight, (eta + choose("offset", none=0, eps=eps)) * sqrt(t)),
        eq(new(s), s + weight * g),
        eq(new(v), v + weight * g**2),
        eq(new(x), x),
        eq(z, x - new(s) / (new(v) ** Rational(1, 3) + eps)),
        eq(new(theta), mu * theta + (1 - mu) * z),
    ],
    used_in=["madgrad.MADGRAD", "timm.optim.MADGRAD", "pytorch_optimizer.MADGRAD", "optax.contrib.madgrad"],
    disagreements=[
        "offset=eps everywhere.",
        "The authors' 1.3 and pytorch_optimizer leave eps out where the step size is 0."],
)
