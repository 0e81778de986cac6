"""AdaBound: Adam whose step size per entry is clipped to bounds that close in (Luo et al. 2019, Algorithm 2)."""

from ..language import *
from .adam import adam

root = Convention("root", {"no": "step sizes as they are (authors' code)", "yes": "divided by sqrt(t) (paper)"})
final = symbol("final")

adabound = amend(
    "adabound",
    adam,
    [
        eq(low, final * (1 - 1 / (gamma * t + 1))),
        eq(high, final * (1 + 1 / (gamma * t))),
        eq(step, Max(low, Min(high, eta / (bias1 * denom))) * new(m) / choose("root", no=1, yes=sqrt(t))),
    ],
    source=Source("luo2019adaptive", "Algorithm 2", "alpha is eta; the paper has neither correction nor eps"),
    conventions=[root],
    held={"second_moment": "new"},
    defaults={"eps": "hat"},
    hyperparameters=[
        hyper(final, "0.1", "[0, oo)", meaning="step size of SGD that it ends with"),
        hyper(gamma, "0.001"),
    ],
    names={"final": "step size in the end"},
    used_in=["adabound.AdaBound", "torch_optimizer.AdaBound", "pytorch_optimizer.AdaBound"],
    disagreements=["All three packages scale the final step size with the schedule: final*eta/eta_0."],
)
