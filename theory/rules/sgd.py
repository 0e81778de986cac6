"""SGD and its momentum forms (Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013)."""

from ..language import *

momentum = Convention("momentum", {
    "none": "plain SGD",
    "heavy_ball": "b = mu*b + (1 - tau)*g, step eta*b: a sum, effective step size eta/(1 - mu) (torch)",
    "ema": "b = mu*b + (1 - mu)*g, step eta*b: an average, effective step size eta",
    "inside": "b = mu*b + (1 - tau)*eta*g, step b: the step size is in the buffer (Sutskever et al.; Keras)",
})  # fmt: skip
nesterov = Convention("nesterov", {"no": "step along b", "yes": "step along the look-ahead g + mu*b (torch's form)"})
first_b = Convention(
    "first", {"gradient": "the first b is g, undamped (torch)", "damped": "the first b is like the others"}
)

weight = choose("momentum", none=1, heavy_ball=1 - tau, ema=1 - mu, inside=1 - tau)
fresh = choose("momentum", none=g, heavy_ball=g, ema=g, inside=eta * g)
buffered = mu * b + weight * fresh

sgd = UpdateRule(
    name="sgd",
    source=Source(
        "robbins1951stochastic", "Eq. (6)", "momentum: polyak1964some, Eq. (9); sutskever2013importance, Eqs. (1)-(4)"
    ),
    conventions=[momentum, nesterov, first_b],
    hyperparameters=[hyper(eta, "0.1"), hyper(mu, "0.9"), hyper(tau, "0")],
    state=[State(b, init=0)],
    equations=[
        eq(new(b), choose("first", gradient=Piecewise((fresh, t <= 1), (buffered, True)), damped=buffered)),
        eq(d, choose("nesterov", no=new(b), yes=weight * fresh + mu * new(b))),
        eq(new(theta), theta - choose("momentum", none=eta * g, heavy_ball=eta * d, ema=eta * d, inside=d)),
    ],
    used_in=["torch.optim.SGD", "optax.sgd", "keras.optimizers.SGD"],
    disagreements=[
        "torch: heavy_ball, first=gradient; optax: damped.",
        "Keras: inside, damped. From the old buffer Nesterov is no."],
)
