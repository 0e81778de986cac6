"""Schedule-Free SGD: the gradient is taken between a base sequence and its average (Defazio et al. 2024, Eqs. 3-5)."""

from driftproof.theory.language import (
    Gradient,
    Output,
    Source,
    State,
    UpdateRule,
    beta,
    eq,
    eta,
    first,
    g,
    hyper,
    new,
    t,
    theta,
    x,
)

schedule_free = UpdateRule(
    name="schedule_free",
    source=Source("defazio2024road", "Section 1", "theta is their z, the base sequence; gamma is eta, c_t is 1/t"),
    gradients=[Gradient(g, at=(1 - beta) * theta + beta * x)],
    hyperparameters=[hyper(eta, "1"), hyper(beta, "0.9", role="constant")],
    state=[State(x, init=first(theta))],
    equations=[
        eq(new(theta), theta - eta * g),
        eq(new(x), (1 - 1 / t) * x + new(theta) / t),
    ],
    outputs=[Output("evaluation", new(x), "the average, where the loss is evaluated")],
)
