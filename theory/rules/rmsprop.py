"""RMSprop: the gradient over the root of its running mean square (Tieleman & Hinton 2012, lecture 6.5)."""

from ..language import (
    Convention,
    Source,
    State,
    UpdateRule,
    b,
    beta2,
    choose,
    d,
    denom,
    eps,
    eq,
    eta,
    g,
    hyper,
    m,
    mu,
    new,
    sqrt,
    theta,
    v,
    v_used,
)

eps_axis = Convention(
    "eps", {"outside": "sqrt(v) + eps (torch; Malladi et al.)", "inside": "sqrt(v + eps) (TensorFlow)"}
)
second_moment = Convention(
    "second_moment", {"new": "v after this step (lecture, torch)", "old": "v before it (Malladi et al. 2022)"}
)
centered = Convention("centered", {"no": "mean square", "yes": "variance: v - m^2, m a running mean of g"})
momentum = Convention(
    "momentum",
    {
        "none": "as in the lecture",
        "outside": "b = mu*b + d, step eta*b (torch)",
        "inside": "b = mu*b + eta*d, step b (TensorFlow)",
    },
)

rmsprop = UpdateRule(
    name="rmsprop",
    source=Source("hinton2012rmsprop", "slide 29", "second_moment=old: malladi2022sdes, RMSprop; beta is beta2 here"),
    conventions=[eps_axis, second_moment, centered, momentum],
    hyperparameters=[hyper(eta, "0.01"), hyper(beta2, "0.99"), hyper(eps, "1e-8"), hyper(mu, "0.9")],
    state=[State(v, init=0), State(m, init=0), State(b, init=0)],
    equations=[
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(new(m), beta2 * m + (1 - beta2) * g),
        eq(
            v_used,
            choose(
                "second_moment",
                new=choose("centered", no=new(v), yes=new(v) - new(m) ** 2),
                old=choose("centered", no=v, yes=v - m**2),
            ),
        ),
        eq(denom, choose("eps", outside=sqrt(v_used) + eps, inside=sqrt(v_used + eps))),
        eq(d, g / denom),
        eq(new(b), mu * b + choose("momentum", none=d, outside=d, inside=eta * d)),
        eq(new(theta), theta - choose("momentum", none=eta * d, outside=eta * new(b), inside=new(b))),
    ],
)
