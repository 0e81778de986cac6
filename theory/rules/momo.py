"""MoMo: averaged gradients with a step cut by an averaged model of the loss (Schaipp et al. 2024)."""

from ..language import *

start = Convention("average", {
    "first": "averages start at their first value: their weights add up to 1 (MoMo)",
    "bias": "averages start at 0, and their weights add up to 1 - beta1^t (MoMo-Adam, MoMo-Bias)"})
decay = Convention("decay", {
    "divide": "the minimiser of the model: all is divided by 1 + eta*lambda",
    "adamw": "the same step, theta shrinks by 1 - eta*lambda: AdamW where the model is high (momo-opt divide=False)"})
bound = Convention("bound", {
    "fixed": "f_star bounds the loss from below", "estimated": "estimated from f_star on (MoMo*, MoMo-Adam*)"})

averaged = UpdateRule(
    name="momo",
    source=Source("schaipp2024momo", "Lemma 3.1", "alpha is eta, d is m; one share for all groups is ours"),
    conventions=[start],
    hyperparameters=[hyper(eta, "1"), hyper(beta1, "0.9")],
    state=[State(m, init=first(choose("average", first=g, bias=0)))],
    equations=[
        average(m, g, beta1),
        eq(bias1, choose("average", first=1, bias=1 - beta1**t)),
        eq(new(theta), theta - eta * new(m) / bias1),
    ],
)
momo = compose(
    "momo", averaged, [momentum_model()], conventions=[decay, bound],
    used_in=["momo.Momo (momo-opt)", "optax.contrib.momo"]
)
