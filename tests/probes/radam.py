"""RAdam: Adam whose step is rectified, and not adaptive while v has seen too few steps (Liu et al. 2020)."""

from driftproof.theory.language import (
    Piecewise,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    bias1,
    bias2,
    d,
    eps,
    eq,
    eta,
    g,
    hyper,
    m,
    m_hat,
    new,
    r,
    rho,
    sqrt,
    symbol,
    t,
    theta,
    v,
)

rho_inf = symbol("rho_inf")

radam = UpdateRule(
    name="radam",
    source=Source("liu2020variance", "Algorithm 2", "threshold 5 and the place of eps as in torch, where they have 4"),
    names={"rho_inf": "length of the second moment's memory", "rho": "length of the average seen so far"},
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.999"), hyper(eps, "1e-8")],
    state=[State(m, init=0), State(v, init=0)],
    equations=[
        eq(new(m), beta1 * m + (1 - beta1) * g),
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(bias1, 1 - beta1**t),
        eq(bias2, 1 - beta2**t),
        eq(m_hat, new(m) / bias1),
        eq(rho_inf, 2 / (1 - beta2) - 1),
        eq(rho, rho_inf - 2 * t * beta2**t / bias2),
        eq(r, sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))),
        eq(d, Piecewise((r * m_hat * sqrt(bias2) / (sqrt(new(v)) + eps), rho > 5), (m_hat, True))),
        eq(new(theta), theta - eta * d),
    ],
)
