"""Adan: Nesterov momentum from averages of the gradient and of its differences (Xie et al. 2022, Algorithm 1)."""

from ..language import *

difference = Convention("difference", {
    "zero": "the first difference is 0 (authors' code)", "gradient": "the gradient before the first one was 0"})
start = Convention("start", {"zero": "averages start at 0 (code)", "gradient": "m and n start at g and g^2 (paper)"})
correction = Convention("correction", {"both": "all three averages corrected (authors' code)", "none": "none (paper)"})
n, jump = symbol("n"), symbol("jump")
ahead = new(m) / choose("correction", both=1 - beta1**t, none=1)
ahead_jump = beta2 * new(v) / choose("correction", both=1 - beta2**t, none=1)

undecayed = UpdateRule(
    name="adan",
    source=Source("xie2022adan", "Algorithm 1", "their beta_i is 1 - beta_i here; v averages differences, n squares"),
    conventions=[difference, start, correction],
    names={
        "v": "average of the differences of gradients",
        "n": "average of the squared look-ahead gradients",
        "jump": "difference of this gradient and the one before",
    },
    hyperparameters=[
        hyper(eta, "0.001"), hyper(beta1, "0.98"), hyper(beta2, "0.92"), hyper(beta3, "0.99"), hyper(eps, "1e-8")],
    state=[
        State(m, init=first(choose("start", zero=0, gradient=g))),
        State(v, init=0),
        State(n, init=first(choose("start", zero=0, gradient=g**2))),
        State(g_prev, init=first(choose("difference", zero=g, gradient=0))),
    ],
    equations=[
        eq(jump, g - g_prev),
        eq(new(g_prev), g),
        average(m, g, beta1),
        average(v, jump, beta2),
        average(n, (g + beta2 * jump) ** 2, beta3),
        eq(denom, sqrt(new(n) / choose("correction", both=1 - beta3**t, none=1)) + eps),
        eq(new(theta), theta - eta * (ahead + ahead_jump) / denom),
    ],
)
adan = compose(
    "adan", undecayed, [decoupled_decay("0")], conventions=[DECAY_ORDERS],
    used_in=["pytorch_optimizer.Adan", "optax.adan", "timm.optim.Adan"],
    disagreements=["Authors' code: proximal, or before with no_prox; optax 0.2.8 has 1 - b2 where b2 belongs."])
