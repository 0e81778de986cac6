"""LAMB: Adam's direction, scaled in each tensor to the norm of its parameters (You et al. 2020, Algorithm 2)."""

from driftproof.theory.language import (
    Piecewise,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    d,
    eps,
    eq,
    eta,
    g,
    hyper,
    m,
    new,
    norm,
    p,
    q,
    r,
    sqrt,
    symbol,
    t,
    theta,
    v,
)

lambda_ = symbol("lambda")

lamb = UpdateRule(
    name="lamb",
    source=Source("you2020large", "Algorithm 2", "phi is the identity; r is their ratio of norms, d their r_t + decay"),
    hyperparameters=[
        hyper(eta, "0.001"),
        hyper(beta1, "0.9"),
        hyper(beta2, "0.999"),
        hyper(eps, "1e-6"),
        hyper(lambda_, "0.01"),
    ],
    state=[State(m, init=0), State(v, init=0)],
    equations=[
        eq(new(m), beta1 * m + (1 - beta1) * g),
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(d, (new(m) / (1 - beta1**t)) / (sqrt(new(v) / (1 - beta2**t)) + eps) + lambda_ * theta),
        eq(p, norm(theta, over="tensor")),
        eq(q, norm(d, over="tensor")),
        eq(r, Piecewise((1, p <= 0), (1, q <= 0), (p / q, True))),
        eq(new(theta), theta - eta * r * d),
    ],
)
