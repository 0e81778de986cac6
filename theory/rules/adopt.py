"""ADOPT: normalises by the previous second moment, before the momentum (Taniguchi et al. 2024, Algorithm 2)."""

from ..language import (
    Convention,
    Max,
    Min,
    Piecewise,
    Rational,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    choose,
    d,
    denom,
    eps,
    eq,
    eta,
    first,
    g,
    hyper,
    limit,
    m,
    new,
    sqrt,
    t,
    theta,
    v,
)

eps_axis = Convention("eps", {"max": "max(sqrt(v), eps) (paper)", "outside": "sqrt(v) + eps"})
clip = Convention(
    "clip", {"none": "Algorithm 2", "growing": "normalised gradient clipped to t^(1/4) (the authors' later code)"}
)

adopt = UpdateRule(
    name="adopt",
    source=Source(
        "taniguchi2024adopt", "Algorithm 2", "their first gradient, g_0, is our t = 1: it sets v and moves nothing"
    ),
    conventions=[eps_axis, clip],
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.9999"), hyper(eps, "1e-6")],
    state=[State(v, init=first(g**2)), State(m, init=0)],
    equations=[
        eq(denom, choose("eps", max=Max(sqrt(v), eps), outside=sqrt(v) + eps)),
        eq(limit, Max(t - 1, 1) ** Rational(1, 4)),
        eq(d, choose("clip", none=g / denom, growing=Max(-limit, Min(limit, g / denom)))),
        eq(new(m), Piecewise((m, t <= 1), (beta1 * m + (1 - beta1) * d, True))),
        eq(new(theta), Piecewise((theta, t <= 1), (theta - eta * new(m), True))),
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
    ],
)
