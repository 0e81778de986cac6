"""Generic Adam: Adam's recursion with free sequences alpha_t, beta_t, theta_t (Zou et al. 2019; Chen et al. 2022)."""

from ..language import Source, State, UpdateRule, beta1, beta2, eq, eta, g, hyper, m, new, sqrt, theta, v

generic_adam = UpdateRule(
    name="generic_adam",
    source=Source(
        "chen2022towards", "Algorithm 1", "alpha_t is eta, beta_t is beta1, theta_t is beta2; each a function of t"
    ),
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.999", domain="(0, 1)")],
    state=[State(v, init="1e-8"), State(m, init=0)],
    equations=[
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(new(m), beta1 * m + (1 - beta1) * g),
        eq(new(theta), theta - eta * new(m) / sqrt(new(v))),
    ],
)
