"""ADOPT: normalises by the previous second moment, before the momentum (Taniguchi et al. 2024, Algorithm 2)."""

from ..language import *

eps_axis = Convention("eps", {"max": "max(sqrt(v), eps) (paper)", "outside": "sqrt(v) + eps"})
clip = Convention("clip", {
    "none": "Algorithm 2", "growing": "normalised gradient clipped to (t - 1)^power (authors' later code, optax, timm)",
    "counted": "clipped to t^power: the first gradient is counted too (pytorch_optimizer)"})
bound = Max(-limit, Min(limit, g / denom))

undecayed = UpdateRule(
    name="adopt",
    source=Source(
        "taniguchi2024adopt", "Algorithm 2", "their first gradient, g_0, is our t = 1: it sets v and moves nothing"
    ),
    conventions=[eps_axis, clip],
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.9999"), hyper(eps, "1e-6"),
        hyper(power, "1/4")],
    state=[State(v, init=first(g**2)), State(m, init=0)],
    equations=[
        eq(denom, choose("eps", max=Max(sqrt(v), eps), outside=sqrt(v) + eps)),
        eq(limit, choose("clip", none=1, growing=Max(t - 1, 1), counted=t) ** power),
        eq(d, choose("clip", none=g / denom, growing=bound, counted=bound)),
        eq(new(m), Piecewise((m, t <= 1), (beta1 * m + (1 - beta1) * d, True))),
        eq(new(theta), Piecewise((theta, t <= 1), (theta - eta * new(m), True))),
        average(v, g**2, beta2),
    ],
)
later = Piecewise((theta, t <= 1), (theta_raw - eta * lambda_ * theta, True))
adopt = compose(
    "adopt", undecayed, [decoupled_decay("0", later=later)],
    conventions=[decay_orders(later="as before, but not at the first step, which moves nothing (authors' code)")],
    used_in=["pytorch_optimizer.ADOPT", "timm.optim.Adopt", "optax.contrib.adopt"],
    disagreements=[
        "timm: power = 0.333, decay=later; pytorch_optimizer: counted.",
        "The paper's first version does not clip."])
