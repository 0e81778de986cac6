"""RMSprop: the gradient over the root of its running mean square (Tieleman & Hinton 2012, lecture 6.5)."""

from ..language import *

eps_axis = Convention(
    "eps", {"outside": "sqrt(v) + eps (torch; Malladi et al.)", "inside": "sqrt(v + eps) (TensorFlow, Keras)"}
)
second_moment = Convention(
    "second_moment", {"new": "v after this step (lecture, torch)", "old": "v before it (Malladi et al. 2022)"}
)
start = Convention("start", {"zero": "v = 0 at first (torch)", "one": "v = 1 at first (TensorFlow 1)"})
correction = Convention("correction", {"none": "v as it is", "second": "v/(1 - beta2^t) (optax's option)"})
centered = Convention("centered", {"no": "mean square", "yes": "variance: v - m^2, m a running mean of g"})
momentum = Convention("momentum", {
    "none": "as in the lecture",
    "outside": "b = mu*b + d, step eta*b (torch)",
    "inside": "b = mu*b + eta*d, step b (TensorFlow)",
})  # fmt: skip

variance = choose("centered", no=v, yes=v - m**2)
new_variance = choose("centered", no=new(v), yes=new(v) - new(m) ** 2)

rmsprop = UpdateRule(
    name="rmsprop",
    source=Source("hinton2012rmsprop", "slide 29", "second_moment=old: malladi2022sdes, RMSprop; beta is beta2 here"),
    conventions=[eps_axis, second_moment, start, correction, centered, momentum],
    hyperparameters=[hyper(eta, "0.01"), hyper(beta2, "0.99"), hyper(eps, "1e-8"), hyper(mu, "0.9")],
    state=[State(v, init=first(choose("start", zero=0, one=1))), State(m, init=0), State(b, init=0)],
    equations=[
        average(v, g**2, beta2),
        average(m, g, beta2),
        eq(v_used, choose("second_moment", new=new_variance, old=variance)),
        eq(bias2, choose("correction", none=1, second=1 - beta2**t)),
        eq(denom, choose("eps", outside=sqrt(v_used / bias2) + eps, inside=sqrt(v_used / bias2 + eps))),
        eq(d, g / denom),
        eq(new(b), mu * b + choose("momentum", none=d, outside=d, inside=eta * d)),
        eq(new(theta), theta - choose("momentum", none=eta * d, outside=eta * new(b), inside=new(b))),
    ],
    used_in=["torch.optim.RMSprop", "optax.rmsprop", "keras.optimizers.RMSprop"],
    disagreements=[
        "TensorFlow 1: inside, start=one, momentum=inside.",
        "optax: inside, momentum=inside; it corrects m too, so that its first variance is 0 up to rounding."],
)
