"""Schedule-Free SGD: the gradient is taken between a base sequence and its average (Defazio et al. 2024)."""

from ..language import *

weights = Convention("weights", {
    "equal": "x is the mean of all z, the start included (paper)",
    "largest": "z weighs as the square of the largest step size so far, the start not at all (authors' code)"})

schedule_free_sgd = UpdateRule(
    name="schedule_free_sgd",
    source=Source("defazio2024road", "Eqs. (3)-(5)", "theta is their y, as the authors' code stores it; gamma is eta"),
    conventions=[weights],
    names={"x": "average, where the loss is evaluated", "w": "sum of the weights", "r": "share of the newest z"},
    hyperparameters=[
        hyper(eta, "1"),
        hyper(beta, "0.9", "(0, 1)", role="constant", meaning="share of the average in theta"),
        hyper(lambda_, "0", role="coupled_decay"),
    ],
    state=[State(z, init=first(theta)), State(w, init=0, scope="group"), State(eta_max, init=0, scope="group")],
    equations=[
        eq(new(eta_max), Max(eta_max, eta)),
        eq(weight, new(eta_max) ** 2),
        eq(new(w), w + weight),
        eq(r, choose("weights", equal=1 / (t + 1), largest=weight / new(w))),
        eq(d, g + lambda_ * theta),
        eq(new(z), z - eta * d),
        eq(new(theta), (1 - r) * theta + r * z - eta * (1 - beta * (1 - r)) * d),
    ],
    outputs=[Output("evaluation", new(theta) / beta + (1 - 1 / beta) * new(z), "x, the average")],
    used_in=["schedulefree.SGDScheduleFree", "optax.contrib.schedule_free_sgd"],
    disagreements=[
        "Packages: weights=largest, so that their average does not count the start.",
        "The decay acts at theta, where the gradient is taken."],
)
