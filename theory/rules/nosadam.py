"""NosAdam: AdamNC whose squared gradients weigh k^-gamma, the k-th, so that early ones last (Huang et al. 2019)."""

from ..language import *
from .adamnc import adamnc

nosadam = amend(
    "nosadam",
    adamnc,
    source=Source(
        "huang2019nostalgic", "Algorithm 1, hyperharmonic weights", "B_t is w, alpha_t is eta/t^power; from memory"
    ),
    hyperparameters=[hyper(gamma, "1/10", domain="[0, oo)", meaning="the k-th squared gradient weighs k^-gamma")],
    state=[State(w, init=0, scope="group")],
    equations=[eq(new(w), w + t ** (-gamma)), average(v, g**2, w / new(w))],
)
