"""Lion: the sign of an interpolated momentum (Chen et al. 2023, Algorithm 2)."""

from ..language import (
    DECAY_ORDERS,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    compose,
    d,
    decoupled_decay,
    eq,
    eta,
    g,
    hyper,
    m,
    new,
    sign,
    theta,
)

undecayed = UpdateRule(
    name="lion",
    source=Source("chen2023symbolic", "Algorithm 2"),
    hyperparameters=[hyper(eta, "1e-4"), hyper(beta1, "0.9"), hyper(beta2, "0.99")],
    state=[State(m, init=0)],
    equations=[
        eq(d, sign(beta1 * m + (1 - beta1) * g)),
        eq(new(m), beta2 * m + (1 - beta2) * g),
        eq(new(theta), theta - eta * d),
    ],
)
lion = compose("lion", undecayed, [decoupled_decay("0")], conventions=[DECAY_ORDERS])
