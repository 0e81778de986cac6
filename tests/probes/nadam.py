"""NAdam: Adam with Nesterov momentum whose decay follows a schedule (Dozat 2016, Algorithm 2)."""

from driftproof.theory.language import (
    Rational,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    denom,
    eps,
    eq,
    eta,
    g,
    hyper,
    m,
    new,
    sqrt,
    symbol,
    t,
    theta,
    v,
)

pi = symbol("pi")
psi = symbol("psi")
mu_t = symbol("mu_t")
mu_next = symbol("mu_next")

nadam = UpdateRule(
    name="nadam",
    source=Source("dozat2016incorporating", "Algorithm 2", "pi is the product of mu_1 ... mu_t; psi is 0.004 there"),
    names={"mu_t": "momentum of this step", "mu_next": "momentum of the next step"},
    hyperparameters=[
        hyper(eta, "0.002"),
        hyper(beta1, "0.9"),
        hyper(beta2, "0.999"),
        hyper(eps, "1e-8"),
        hyper(psi, "0.004", domain="[0, oo)", meaning="speed of the momentum's schedule"),
    ],
    state=[State(m, init=0), State(v, init=0), State(pi, init=1, scope="group")],
    equations=[
        eq(mu_t, beta1 * (1 - Rational("0.96") ** (t * psi) / 2)),
        eq(mu_next, beta1 * (1 - Rational("0.96") ** ((t + 1) * psi) / 2)),
        eq(new(pi), pi * mu_t),
        eq(new(m), beta1 * m + (1 - beta1) * g),
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(denom, sqrt(new(v) / (1 - beta2**t)) + eps),
        eq(
            new(theta),
            theta
            - eta * (1 - mu_t) / (1 - new(pi)) * g / denom
            - eta * mu_next / (1 - new(pi) * mu_next) * new(m) / denom,
        ),
    ],
)
