"""LAMB: Adam's direction, scaled in each tensor to the norm of its parameters (You et al. 2020, Algorithm 2)."""

from ..language import *
from .adam import adam

trust = Convention("trust", {
    "norm": "ratio |theta|/|d|, 1 where one of them is 0 (paper: phi is the identity)",
    "clamped": "|theta| cut to c before (torch_optimizer, c = 10)", "capped": "the ratio cut to 1 (timm's trust_clip)"})
p_used = symbol("p_used")

lamb = amend(
    "lamb",
    adam,
    [
        eq(d, m_hat / denom + lambda_ * theta),
        eq(p, norm(theta, over="tensor")),
        eq(q, norm(d, over="tensor")),
        eq(p_used, choose("trust", norm=p, clamped=Min(p, c), capped=p)),
        eq(r, Piecewise((1, p_used <= 0), (1, q <= 0), (p_used / q, True))),
        eq(step, eta * choose("trust", norm=r, clamped=r, capped=Min(r, 1)) * d),
    ],
    source=Source("you2020large", "Algorithm 2", "phi is the identity; r is their ratio of norms, d their r_t + decay"),
    conventions=[trust],
    held={"second_moment": "new", "amsgrad": "off"},
    hyperparameters=[
        hyper(eps, "1e-6"), hyper(lambda_, "0.01", role="coupled_decay"), hyper(c, "10", meaning="bound of the norm")],
    used_in=["optax.lamb", "timm.optim.Lamb", "torch_optimizer.Lamb", "pytorch_optimizer.Lamb"],
    disagreements=["pytorch_optimizer adds eps to |d|; it and torch_optimizer correct outside the ratio, if at all."],
)
