"""MoMo-Adam: Adam whose step is cut by a model of the loss (Schaipp et al. 2024), with groups that share one cut.

With lambda > 0 and several groups this is the minimiser of the model in each group's own metric:
s = rho (f_bar - gamma - rho f_star + sum p) / sum q over all groups, clipped to [0, 1].
"""

from driftproof.theory.language import (
    Convention,
    Max,
    Min,
    Output,
    Piecewise,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    choose,
    d,
    denom,
    dot,
    eps,
    eq,
    eta,
    f,
    f_star,
    first,
    g,
    hyper,
    is_finite,
    m,
    new,
    p,
    q,
    reduce,
    rho,
    s,
    sqrt,
    symbol,
    t,
    theta,
    v,
)

A = symbol("A")
f_bar = symbol("f_bar")
gamma = symbol("gamma")
lambda_ = symbol("lambda")
average = Convention("average", {"bias": "averages start at 0 (MoMo-Adam)", "first": "at their first value (MoMo)"})

momo_adam = UpdateRule(
    name="momo_adam",
    source=Source("schaipp2024momo", "Lemma 3.1", "alpha is eta, d is m, D is denom; one s for all groups is ours"),
    conventions=[average],
    names={"gamma": "average of the inner products of gradient and iterate"},
    hyperparameters=[
        hyper(eta, "0.01"),
        hyper(beta1, "0.9", scope="global"),
        hyper(beta2, "0.999"),
        hyper(eps, "1e-8"),
        hyper(lambda_, "0"),
        hyper(f_star, "0", scope="global"),
    ],
    state=[
        State(m, init=first(choose("average", bias=0, first=g))),
        State(f_bar, init=first(choose("average", bias=0, first=f)), scope="global"),
        State(gamma, init=first(choose("average", bias=0, first=dot(g, theta, over="all"))), scope="global"),
        State(v, init=0),
    ],
    equations=[
        eq(new(m), beta1 * m + (1 - beta1) * g),
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(new(f_bar), beta1 * f_bar + (1 - beta1) * f),
        eq(new(gamma), beta1 * gamma + (1 - beta1) * dot(g, theta, over="all")),
        eq(rho, choose("average", bias=1 - beta1**t, first=1)),
        eq(denom, eps + sqrt(new(v) / (1 - beta2**t))),
        eq(d, Piecewise((0, denom <= 0), (new(m) / denom, True))),
        eq(A, 1 + eta * lambda_),
        eq(p, dot(new(m), theta / A, over="all")),
        eq(q, reduce("sum", eta * new(m) * d / A, over="all")),
        eq(s, Piecewise((0, q <= 0), (Min(1, Max(0, rho * (new(f_bar) - new(gamma) - rho * f_star + p) / q)), True))),
        eq(new(theta), (theta - eta * s / rho * d) / A),
    ],
    guard=is_finite(f + reduce("max", g**2, over="all")),
    outputs=[Output("cut", s, "share of the full step that is taken")],
)
