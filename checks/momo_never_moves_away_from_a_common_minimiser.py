"""MoMo on convex losses with a common minimiser never moves away from it, whatever the cap; 50 digits.

With f_j convex, f_j(x*) = f_star for all j, D = 1 and no decay, let e = h - rho f_star be the height of the averaged
model over the bound, d its slope, delta = f - f_star and tau <= (e)_+/|d|^2 the step. Then

    e_k >= (1 - beta) delta_k >= 0   and   |x' - x*|^2 <= |x - x*|^2 - 2 tau e + tau^2 |d|^2 <= |x - x*|^2,

and for a constant cap alpha, from both together, with D the first distance and G the largest |d| of the run,

    min over k <= K of delta_k <= max(2 D^2/(alpha (1 - beta) K), sqrt(2) G D/((1 - beta) sqrt(K))).

The first two are Schaipp et al. 2024's; the last one is ours. A bound set below the minimum breaks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import sympy

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import symbol, theta

from .runtime.check import Check, Context, Mutant
from .runtime.evaluate import MPMATH, trajectory
from .runtime.mutants import built
from .runtime.verdict import Verdict

DIGITS, STEPS, SHAPE = 50, 40, (2,)
TINY = mpmath.mpf(10) ** -40
"""What 40 steps of 50 digits may round off."""
LOSSES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "squares": (lambda r: r * r / 2, lambda r: r),
    "absolute values": (abs, mpmath.sign),
    "squared hinges": (lambda r: max(r, 0) ** 2 / 2, lambda r: max(r, 0)),
    "one absolute value": (abs, mpmath.sign),
}
"""Of r = <a, x - x*>, with slopes; each has its minimum 0 at x*. The direction a is drawn anew at each step; in the
last one it is that of the start."""
Bound = Callable[[Any, Any, Any, Any, int], Any]
"""Of the least loss, from D^2, G^2, beta, the cap and K."""


def finite_cap(D2: Any, G2: Any, beta: Any, cap: Any, K: int) -> Any:
    return max(2 * D2 / (cap * (1 - beta) * K), mpmath.sqrt(2 * G2 * D2 / K) / (1 - beta))


@dataclass(frozen=True)
class Setting:
    text: str
    loss: str
    beta: str
    cap: str

    @property
    def subject(self) -> str:
        return f"{self.text}, {self.loss}, beta {self.beta}, cap {self.cap}"


SETTINGS = [
    Setting(text, loss, beta, cap)
    for text in ("momo", "momo@average=bias")
    for loss in LOSSES
    for beta in ("0", "0.5", "0.9")
    for cap in ("0.01", "1", "100")
]


def run_of(rule: UpdateRule, setting: Setting, f_star: str, seed: int) -> list[tuple[Any, ...]]:
    """(distance^2 to x*, delta, e, |d|^2) at each step: x* is 0, losses are of random directions."""
    f, slope = LOSSES[setting.loss]
    random = np.random.default_rng([seed, *map(ord, setting.subject)])
    given = {"eta": mpmath.mpf(setting.cap), "beta1": mpmath.mpf(setting.beta), "f_star": mpmath.mpf(f_star)}
    given["lambda"] = mpmath.mpf(0)

    def direction() -> Any:
        return np.array([mpmath.mpf(x) for x in random.normal(size=2)], dtype=object)

    start = direction()
    at, losses, found = [start], [], []

    def gradients() -> Iterator[Any]:
        for _ in range(STEPS):
            a = start if setting.loss == "one absolute value" else direction()
            rest = a @ at[-1]
            losses.append(f(rest))
            yield slope(rest) * a

    for state in trajectory(rule, start, gradients(), [given] * STEPS, MPMATH, SHAPE, losses):  # type: ignore[arg-type]
        m, x = state[symbol("m")], state[theta]
        e = state[symbol("level")] - m @ (x - at[-1]) - state[symbol("rho")] * given["f_star"]
        found.append((at[-1] @ at[-1], losses[-1], e, m @ m))
        at.append(x)
    return [*found, (at[-1] @ at[-1], None, None, None)]


def broken(rule: UpdateRule, setting: Setting, seed: int, f_star: str = "0", bound: Bound = finite_cap) -> str:
    """Which of the three does not hold, or ""."""
    with mpmath.workdps(DIGITS):
        steps = run_of(rule, setting, f_star, seed)
        beta, cap = mpmath.mpf(setting.beta), mpmath.mpf(setting.cap)
        first = steps[0][0]
        for k, (now, after) in enumerate(pairwise(steps), start=1):
            distance, delta, e, _ = now
            if after[0] > distance + TINY * first:
                return f"step {k}: the distance grows by {mpmath.nstr(after[0] / distance - 1, 3)} of itself"
            if e < (1 - beta) * delta - TINY:
                return f"step {k}: the model's height is {mpmath.nstr(e, 3)}"
        G2, least = max(s[3] for s in steps[:-1]), min(s[1] for s in steps[:-1])
        most = bound(first, G2, beta, cap, STEPS)
        return "" if least <= most else f"the least loss is {mpmath.nstr(least / most, 3)} times the bound"


def run(context: Context) -> Iterator[Verdict]:
    if not context.wants(rule_of("momo")):
        return
    chosen = SETTINGS if context.tier == "full" else SETTINGS[::4]
    for setting in chosen:
        wrong = broken(rule_of(setting.text), setting, context.seed)
        yield context.verdict(setting.subject, not wrong, n=STEPS, detail={"steps": STEPS, "wrong": wrong or "none"})


SLOW, FREE = Setting("momo", "one absolute value", "0", "0.01"), Setting("momo", "absolute values", "0", "1e30")
SHARPER: dict[str, tuple[Setting, Bound]] = {
    "its term left out": (SLOW, lambda D2, G2, beta, cap, K: mpmath.sqrt(2 * G2 * D2 / K) / (1 - beta)),
    "its term falls as 1/K^2": (SLOW, lambda D2, G2, beta, cap, K: 2 * D2 / (cap * (1 - beta) * K**2)),
    "its term alone": (FREE, lambda D2, G2, beta, cap, K: 2 * D2 / (cap * (1 - beta) * K)),
    "the smaller term": (FREE, lambda D2, G2, beta, cap, K: min(2 * D2 / (cap * K), mpmath.sqrt(2 * G2 * D2 / K))),
}
"""Bounds that say too much, each with a run that is above it."""


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("momo")):
        return
    setting = Setting("momo", "squares", "0.5", "100")
    rule = rule_of("momo")
    low = partial(broken, rule, setting, context.seed, "-0.3")
    yield Mutant("a bound below the minimum", "distances to 50 digits", low)
    cut, move = symbol("cut"), symbol("move")
    slips = {
        "a step three times as long": {symbol("theta_new"): theta - 3 * cut * move},
        "the full step wherever the model is above the bound": {
            cut: sympy.Piecewise((1, symbol("rest") > 0), (0, True))
        },
    }
    for name, (case, sharper) in SHARPER.items():
        wrong = partial(broken, rule, case, context.seed, bound=sharper)
        yield Mutant(f"for a finite cap: {name}", "losses to 50 digits", wrong)
    for name, changed in slips.items():
        mutant = built(rule, [type(e)(e.symbol, changed.get(e.symbol, e.expression)) for e in rule.equations])
        if mutant is None:
            raise ValueError(f"the mutant '{name}' is not well formed")
        yield Mutant(name, "distances to 50 digits", partial(broken, mutant, setting, context.seed))


check = Check(
    id="momo-approaches-common-minimisers",
    claim="On convex losses with a common minimiser and the true bound, MoMo never moves away from it, for any cap, "
    "and its smallest loss falls at least as fast as the bound for a finite cap says.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "momo",
    source=Source(
        "schaipp2024momo",
        "the convergence theorem for convex losses",
        "for any cap; the bound for a finite cap is ours",
    ),
)
