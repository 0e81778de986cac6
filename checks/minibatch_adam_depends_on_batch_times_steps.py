"""Mini-batch Generic Adam, noise-dominated: the mean gradient norm depends on batch times steps, as (b T)^(-1/4).

f = sum x^2/(1 + x^2) in 10 coordinates from x = 2, gradient noise N(0, 100/b) per coordinate, beta1 = 0.9,
beta2 = 1 - 5/T, alpha = 1/sqrt(T), v_0 = 0.001/b; sup |f'|^2 = 27/64, so that noise dominates for b up to 200. In the
certificate every term carries sqrt(G^2 + v_0) = O(b^(-1/2)), and the bound is on |grad|^2: hence the exponent.
Measured: the mean over t = 1..T of |grad f(x_t)|, at equal b T and at four times as much, by runs of the compiled rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from statistics import fmean, stdev
from typing import Any

import mpmath
import numpy as np
from sympy import Rational

from driftproof.impl import compile_rule
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule, eq
from driftproof.theory.symbols import g, new, symbol

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.statistics import ALPHA
from .runtime.verdict import FAIL, INCONCLUSIVE, PASS, Range, Region, Verdict

COORDINATES, NOISE = 10, 10.0
COLLAPSE = Region(0.9, 1 / 0.9)
"""Ratio of two values at equal b T."""
SPEED_UP = Region(0.66, 0.80)
"""Ratio of two values of which the second has four times the b T: 4^(-1/4) = 0.707 in the limit."""


@dataclass(frozen=True)
class Cell:
    """batch, steps; runs: independent ones, enough for an interval of about 2 % at level ALPHA/6."""

    batch: int
    steps: int
    runs: int

    @property
    def total(self) -> int:
        return self.batch * self.steps


FAST = (Cell(4, 8000, 320), Cell(16, 2000, 320), Cell(64, 500, 320), Cell(16, 8000, 128), Cell(64, 2000, 128),
        Cell(64, 8000, 64))  # fmt: skip
FULL = (Cell(1, 32000, 640), Cell(4, 8000, 640), Cell(16, 2000, 640), Cell(64, 500, 2560), Cell(4, 32000, 128),
        *FAST[3:5], Cell(16, 32000, 64), FAST[5])  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a run is made; the mutants change one thing. noise: deviation for a batch. alpha: step size for T steps."""

    rule: Callable[[int], UpdateRule] = lambda batch: rule_of("generic_adam")
    noise: Callable[[int], float] = lambda batch: NOISE / math.sqrt(batch)
    alpha: Callable[[int], float] = lambda steps: 1 / math.sqrt(steps)


RIGHT = Way()


def mean_norms(cell: Cell, seed: int, way: Way = RIGHT) -> np.ndarray:
    """Per run the mean of |grad f(x_t)| over t; all runs are entries of one tensor."""
    shape = (cell.runs, COORDINATES)
    random = seeds.generator(seed, cell.batch, cell.steps)
    compiled = compile_rule(way.rule(cell.batch), "reference")
    state = compiled.init([np.full(shape, 2.0)])
    state.states["v"][0][:] = 1e-3 / cell.batch
    settings = {"eta": way.alpha(cell.steps), "beta1": 0.9, "beta2": 1 - 5 / cell.steps}
    total, deviation = np.zeros(cell.runs), way.noise(cell.batch)
    for _ in range(cell.steps):
        x = state.theta[0]
        gradient = 2 * x / (1 + x * x) ** 2
        total += np.sqrt((gradient * gradient).sum(axis=1))
        state = compiled.step(state, [gradient + deviation * random.standard_normal(shape)], settings, out=state)
    return np.asarray(total / cell.steps)


@cache
def student(runs: int, level: float) -> float:
    """The two-sided quantile of Student's distribution with runs - 1 degrees of freedom."""
    nu = runs - 1
    tail = lambda x: mpmath.betainc(nu / 2, 0.5, 0, nu / (nu + x * x), regularized=True) / level - 1  # noqa: E731
    return float(mpmath.findroot(tail, (1, 60), solver="bisect", tol=1e-9))


def interval(values: np.ndarray, level: float) -> Range:
    """For the expectation, from the central limit theorem."""
    half = student(len(values), level) * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def ratio(over: Range, under: Range) -> Range:
    return over[0] / under[1], over[1] / under[0]


def judged(found: Range, claimed: Region) -> str:
    """PASS where the interval lies in the region, FAIL where it misses it."""
    if claimed.misses(found):
        return FAIL
    return PASS if claimed.lower <= found[0] and found[1] <= claimed.upper else INCONCLUSIVE


def comparisons(cells: tuple[Cell, ...]) -> Iterator[tuple[Cell, Cell, Region]]:
    """Cells of equal b T, each with the first of them; and cells of equal batch with four times the b T."""
    for cell in cells:
        first = next(c for c in cells if c.total == cell.total)
        if first is not cell:
            yield cell, first, COLLAPSE
        longer = [c for c in cells if c.batch == cell.batch and c.total == 4 * cell.total]
        yield from ((c, cell, SPEED_UP) for c in longer)


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per comparison."""
    if not context.wants(rule_of("generic_adam")):
        return
    cells = FAST if context.tier == "fast" else FULL
    level = ALPHA / len(cells)
    found = {cell: interval(mean_norms(cell, context.seed), level) for cell in cells}
    for one, other, claimed in comparisons(cells):
        seen = ratio(found[one], found[other])
        subject = f"b T = {other.total}: b = {one.batch} against {other.batch}"
        if claimed is SPEED_UP:
            subject = f"b = {one.batch}: b T = {one.total} against {other.total}"
        means = {f"b {c.batch}, T {c.steps}": round(sum(found[c]) / 2, 4) for c in (one, other)}
        more: dict[str, Any] = {"interval": seen, "n": one.runs + other.runs, "level": 2 * level, "seed": context.seed}
        yield context.verdict(subject, judged(seen, claimed), detail={**means, "claimed": str(claimed)}, **more)


def _squares_averaged(batch: int) -> UpdateRule:
    """b workers of one sample each, whose squared gradients are averaged: their mean square is g^2 plus the variance
    among them, here by its expectation 100 (1 - 1/b)."""
    rule = rule_of("generic_adam")
    v, beta2 = symbol("v"), symbol("beta2")
    spread = 100 * (1 - Rational(1, batch))
    wrong = eq(new(v), beta2 * v + (1 - beta2) * (g**2 + spread))
    return rule.replace(equations=[wrong if e.symbol == new(v) else e for e in rule.equations])


WRONG: Mapping[str, Way] = {
    "squared gradients of workers averaged": Way(rule=_squares_averaged),
    "noise of one sample whatever the batch": Way(noise=lambda batch: NOISE),
    "noise over b, not its root": Way(noise=lambda batch: NOISE / batch),
    "a step size that T does not change": Way(alpha=lambda steps: 0.005),
    "a step size of 1/T": Way(alpha=lambda steps: 10 / steps),
}


def mutants(context: Context) -> Iterator[Mutant]:
    """Other ways to average, killed by the law of b T; on fewer runs, and against the regions alone."""
    if context.wants(rule_of("generic_adam")):
        for name, way in WRONG.items():
            yield Mutant(name, "equal values at equal b T", partial(_killed, way, context.seed))


def _killed(way: Way, seed: int) -> str:
    cells = (Cell(16, 2000, 96), Cell(64, 500, 96), Cell(64, 2000, 96))
    found = {cell: interval(mean_norms(cell, seed, way), ALPHA / len(cells)) for cell in cells}
    for one, other, claimed in comparisons(cells):
        seen = ratio(found[one], found[other])
        if judged(seen, claimed) == FAIL:
            return f"ratio in [{seen[0]:.3f}, {seen[1]:.3f}], not in {claimed}"
    return ""


check = Check(
    id="minibatch-adam-scales",
    claim="On a noise-dominated problem the mean gradient norm of Generic Adam depends on batch times steps alone, "
    "within 10 %, and falls by a factor of 0.66 to 0.80 where that product is four times as large.",
    evidence="T3",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "generic_adam",
    source=Source("chen2022towards", "the mini-batch section", "the exponent is re-derived here, constants are not"),
)
