"""Rprop: each entry has a step size, which grows while its gradient keeps its sign (Riedmiller & Braun 1993)."""

from ..language import *

reversal = Convention("reversal", {
    "zero": "a gradient that turned counts as 0, now and as the last one (iRprop-; torch)",
    "keep": "it is followed at once (Rprop-)"})
up, down = symbol("up"), symbol("down")

rprop = UpdateRule(
    name="rprop",
    source=Source("riedmiller1993direct", "Section D", "eta^+ is up, eta^- is down; iRprop-: igel2000improving"),
    conventions=[reversal],
    names={"up": "growth of a step size", "down": "shrinking of a step size"},
    hyperparameters=[
        hyper(eta, "0.01", meaning="first step size of every entry"),
        hyper(up, "1.2", "(1, oo)"),
        hyper(down, "0.5", "(0, 1)"),
        hyper(low, "1e-6"),
        hyper(high, "50"),
    ],
    state=[State(size, init=first(eta)), State(g_prev, init=0)],
    equations=[
        eq(r, g * g_prev),
        eq(new(size), Max(low, Min(high, size * Piecewise((up, r > 0), (down, r < 0), (1, True))))),
        eq(d, choose("reversal", zero=Piecewise((0, r < 0), (g, True)), keep=g)),
        eq(new(g_prev), d),
        eq(new(theta), theta - sign(d) * new(size)),
    ],
    used_in=["torch.optim.Rprop", "optax.rprop"],
    disagreements=["The paper's Rprop+ also takes back the last step; optax 0.2.8 takes each step one late."],
)
