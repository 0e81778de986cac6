"""ASGD: SGD with falling steps, and the average of its iterates (Polyak & Juditsky 1992)."""

from ..language import *

timing = Convention("timing", {
    "stored": "the length of a step is made with the step size that held one step before (torch)",
    "direct": "with the step size that holds now"})
power_of = (1 + lambda_ * eta * t) ** power
begin = symbol("begin")

asgd = UpdateRule(
    name="asgd",
    source=Source("polyak1992acceleration", "the averaged algorithm", "steps as in torch; lambd is lambda, t0 begin"),
    conventions=[timing],
    names={"begin": "step after which the average begins", "step": "length of the step"},
    hyperparameters=[
        hyper(eta, "0.01"),
        hyper(lambda_, "1e-4"),
        hyper(power, "0.75"),
        hyper(begin, "1e6", "[0, oo)", meaning="step after which the average begins"),
    ],
    state=[State(s, init=first(eta), scope="group"), State(x, init=0)],
    equations=[
        eq(new(s), eta / power_of),
        eq(step, choose("timing", stored=s, direct=eta / (1 + lambda_ * eta * (t - 1)) ** power)),
        eq(new(theta), theta * (1 - lambda_ * step) - step * g),
        eq(w, 1 / Max(1, t - 1 - begin)),
        eq(new(x), x + (new(theta) - x) * w),
    ],
    outputs=[Output("mean", new(x), "average of the iterates")],
    used_in=["torch.optim.ASGD"],
    disagreements=["The paper averages from the first step on and leaves the lengths of the steps open."],
)
