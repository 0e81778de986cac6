"""Adagrad: the gradient over the root of the sum of its squares (Duchi, Hazan & Singer 2011, diagonal form)."""

from ..language import *

eps_axis = Convention("eps", {"outside": "sqrt(v) + eps (paper's delta; torch)", "inside": "sqrt(v + eps) (Keras)"})

adagrad = UpdateRule(
    name="adagrad",
    source=Source("duchi2011adaptive", "Figure 1, diagonal", "delta here is torch's lr_decay, not the paper's delta"),
    conventions=[eps_axis],
    hyperparameters=[
        hyper(eta, "0.01"),
        hyper(eps, "1e-10"),
        hyper(delta, "0"),
        hyper(v0, "0", domain="[0, oo)", meaning="sum of squares at the start"),
    ],
    state=[State(v, init=first(v0))],
    equations=[
        eq(new(v), v + g**2),
        eq(step, eta / (1 + (t - 1) * delta)),
        eq(denom, choose("eps", outside=sqrt(new(v)) + eps, inside=sqrt(new(v) + eps))),
        eq(new(theta), theta - step * g / denom),
    ],
    used_in=["torch.optim.Adagrad", "optax.adagrad", "keras.optimizers.Adagrad"],
    disagreements=["optax and Keras: eps=inside with v0 = 0.1; the paper and torch: outside with 0."],
)
