"""Adamax: the gradient's average over its exponentially weighted maximum (Kingma & Ba 2015, Algorithm 2)."""

from ..language import *

eps_axis = Convention("eps", {
    "max": "u = max(beta2*u, |g| + eps) (torch, optax)", "outside": "u + eps (Keras); eps = 0 is the paper's"})

adamax = UpdateRule(
    name="adamax",
    source=Source("kingma2015adam", "Algorithm 2", "alpha is eta here; the paper has no eps"),
    conventions=[eps_axis],
    names={"u": "exponentially weighted infinity norm of the gradient"},
    hyperparameters=[hyper(eta, "0.002"), hyper(beta1, "0.9"), hyper(beta2, "0.999"), hyper(eps, "1e-8")],
    state=[State(m, init=0), State(u, init=0)],
    equations=[
        average(m, g, beta1),
        eq(new(u), Max(beta2 * u, choose("eps", max=abs(g) + eps, outside=abs(g)))),
        eq(denom, choose("eps", max=new(u), outside=new(u) + eps)),
        eq(new(theta), theta - eta / (1 - beta1**t) * new(m) / denom),
    ],
    used_in=["torch.optim.Adamax", "optax.adamax", "keras.optimizers.Adamax"],
    disagreements=["torch and optax add eps to |g| inside the maximum, Keras to u."],
)
