"""Lion: the sign of an interpolated momentum (Chen et al. 2023, Algorithm 2)."""

from ..language import *

undecayed = UpdateRule(
    name="lion",
    source=Source("chen2023symbolic", "Algorithm 2"),
    hyperparameters=[hyper(eta, "1e-4"), hyper(beta1, "0.9"), hyper(beta2, "0.99")],
    state=[State(m, init=0)],
    equations=[
        eq(d, sign(beta1 * m + (1 - beta1) * g)),
        average(m, g, beta2),
        eq(new(theta), theta - eta * d),
    ],
)
lion = compose(
    "lion",
    undecayed,
    [decoupled_decay("0")],
    conventions=[DECAY_ORDERS],
    used_in=["lion_pytorch.Lion", "optax.lion", "keras.optimizers.Lion", "timm.optim.Lion"],
    disagreements=["All packages: before; bitsandbytes' 32-bit kernels coupled the decay until 2026."],
)
