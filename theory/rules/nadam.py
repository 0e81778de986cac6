"""NAdam: Adam with Nesterov momentum (Dozat 2016, Algorithm 2)."""

from ..language import *
from .adam import adam

schedule = Convention("schedule", {
    "dozat": "momentum beta1*(1 - 0.96^(t*psi)/2) (torch, Keras)",
    "constant": "momentum beta1, the average corrected by 1 - beta1^(t+1) (optax)",
    "simple": "momentum beta1, both parts corrected by 1 - beta1^t (timm's NAdamW)"})
factor = Convention("factor", {"none": "v_hat = v/(1 - beta2^t) (torch, optax)", "beta2": "beta2 times that (Dozat)"})
mu_t, mu_next = symbol("mu_t"), symbol("mu_next")
ahead = (1 - mu_t) * g / (1 - new(pi)) + mu_next * new(m) / (1 - new(pi) * mu_next)
warm, warm_next = 1 - Rational("0.96") ** (t * psi) / 2, 1 - Rational("0.96") ** ((t + 1) * psi) / 2

undecayed = amend(
    "nadam",
    adam,
    [
        eq(mu_t, beta1 * choose("schedule", dozat=warm, constant=1, simple=1)),
        eq(mu_next, beta1 * choose("schedule", dozat=warm_next, constant=1, simple=1)),
        eq(new(pi), pi * mu_t),
        eq(m_hat, choose("schedule", dozat=ahead, constant=ahead, simple=((1 - mu_t) * g + mu_t * new(m)) / bias1)),
        eq(v_hat, choose("factor", none=1, beta2=beta2) * new(v) / bias2),
    ],
    source=Source("dozat2016incorporating", "Algorithm 2", "pi is the product of mu_1 ... mu_t; psi is 0.004 there"),
    conventions=[schedule, factor],
    held={"second_moment": "new", "correction": "both", "amsgrad": "off"},
    hyperparameters=[hyper(eta, "0.002"), hyper(psi, "0.004", "(0, oo)", meaning="speed of the momentum's schedule")],
    state=[State(pi, init=1, scope="group")],
    names={"mu_t": "momentum of this step", "mu_next": "momentum of the next step"},
)
nadam = compose(
    "nadam", undecayed, [decoupled_decay("0")], conventions=[DECAY_ORDERS],
    used_in=["torch.optim.NAdam", "optax.nadam", "keras.optimizers.Nadam", "timm.optim.NAdamW"],
    disagreements=[
        "optax: constant; timm: simple; Keras: psi = 1.",
        "torch keeps the product pi in its default type, float32."])
