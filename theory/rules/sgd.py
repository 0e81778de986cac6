"""SGD and its momentum forms (Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013)."""

from ..language import (
    Convention,
    Piecewise,
    Source,
    State,
    UpdateRule,
    b,
    choose,
    d,
    eq,
    eta,
    g,
    hyper,
    mu,
    new,
    t,
    tau,
    theta,
)

momentum = Convention(
    "momentum",
    {
        "none": "plain SGD",
        "heavy_ball": "b = mu*b + (1 - tau)*g: a sum, effective step size eta/(1 - mu) (torch)",
        "ema": "b = mu*b + (1 - mu)*g: an average, effective step size eta",
    },
)
nesterov = Convention("nesterov", {"no": "step along b", "yes": "step along the look-ahead g + mu*b (torch's form)"})
first = Convention(
    "first", {"gradient": "the first b is g, undamped (torch)", "damped": "the first b is like the others"}
)

weight = choose("momentum", none=1, heavy_ball=1 - tau, ema=1 - mu)
buffered = mu * b + weight * g

sgd = UpdateRule(
    name="sgd",
    source=Source(
        "robbins1951stochastic", "Eq. (6)", "momentum: polyak1964some, Eq. (9); sutskever2013importance, Eqs. (1)-(4)"
    ),
    conventions=[momentum, nesterov, first],
    hyperparameters=[hyper(eta, "0.1"), hyper(mu, "0.9"), hyper(tau, "0")],
    state=[State(b, init=0)],
    equations=[
        eq(new(b), choose("first", gradient=Piecewise((g, t <= 1), (buffered, True)), damped=buffered)),
        eq(d, choose("nesterov", no=new(b), yes=weight * g + mu * new(b))),
        eq(new(theta), theta - eta * choose("momentum", none=g, heavy_ball=d, ema=d)),
    ],
)
