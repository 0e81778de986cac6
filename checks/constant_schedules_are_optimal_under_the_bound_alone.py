"""Under the bound alone a constant step size and batch size are optimal, at equal steps and gradient evaluations.

The bound's numerator is convex in (eta, b) and its denominator concave, so that averaging over the steps never raises
it: held in exact fractions. A convex solver finds no better schedule than the constant, whose optimum is a closed form.
Where floors on the batch size change over time it does, and its solution satisfies the conditions of optimality,

    r eta_k/b_k = bound (1 - eta_k),        sqrt(mu) = eta_k/b_k where no floor binds.

So no growth of batches or step sizes follows from this bound as the best plan; what it can be good for lies outside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source

from .runtime import best_schedule, seeds
from .runtime.best_schedule import best
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.verdict import Verdict

Bound = Callable[..., Any]
CASES = ((0.01, 4000.0), (1.0, 4000.0), (30.0, 4000.0), (1e-4, 40000.0))
"""r, budget, of 4 blocks with 100 steps each."""
WEIGHTS = (100.0, 100.0, 100.0, 100.0)
FLOORS = ((1.0, 2.0, 4.0, 24.0), (16.0, 8.0, 2.0, 1.0))
TOLERANCE = 1e-6
"""Relative, of a bound: the solver stops at 1e-8 of its scaled problem, and the bound is flat at its minimum."""
SLOPES = 1e-3
"""Relative, of first derivatives at the solver's point: the root of its 1e-8, times 10 for the scale of the problem."""


def raised(random: np.random.Generator, bound: Bound = best_schedule.bound) -> Fraction:
    """How much averaging raises the bound of a random schedule; never above 0."""
    count = int(random.integers(2, 7))
    eta, b, w = (
        [Fraction(int(x), d) for x in random.integers(1, top, count)] for top, d in ((199, 100), (400, 4), (9, 1))
    )
    b, r = [max(x, Fraction(1)) for x in b], Fraction(int(random.integers(1, 10**6)), 100)
    if random.random() < 0.5:  # both grow together, as in scheduler (iii)
        b = [1 + int(random.integers(1, 50)) * x for x in eta] if random.random() < 0.5 else [1 + 9 * x for x in eta]
    one, other = (sum(x * y for x, y in zip(w, values, strict=True)) / sum(w) for values in (eta, b))
    return Fraction(bound([one] * count, [other] * count, w, r)) - Fraction(bound(eta, b, w, r))


def closed_form(r: float, budget: float) -> float:
    """The least bound of a constant pair: b = N/T, and eta by golden section."""
    steps = sum(WEIGHTS)
    b, low, high = budget / steps, 0.0, 1.0

    def value(eta: float) -> float:
        return (1 + r * steps * eta * eta / (2 * b)) / (steps * (eta - eta * eta / 2))

    for _ in range(200):
        left, right = low + 0.381966 * (high - low), low + 0.618034 * (high - low)
        low, high = (low, right) if value(left) < value(right) else (left, high)
    return value((low + high) / 2)


def off(r: float, budget: float, solve: Callable[..., float] | None = None) -> float:
    """Relative distance of the solver's bound from the constant's."""
    found = best(WEIGHTS, r, budget).bound if solve is None else solve(r, budget)
    return abs(found / closed_form(r, budget) - 1)


def slopes(r: float, budget: float, floors: tuple[float, ...]) -> tuple[float, float]:
    """(worst relative failure of the conditions of optimality, gap to the best constant step size)."""
    found = best(WEIGHTS, r, budget, floors)
    eta, b = np.array(found.eta), np.array(found.b)
    worst = float(np.max(abs(r * eta / b / (found.bound * (1 - eta)) - 1)))
    free = (b > np.array(floors) * (1 + 1e-3)) & (eta > 0)
    ratio = (eta / b)[free]
    return max(worst, float(ratio.max() / ratio.min() - 1) if ratio.size else 0.0), found.gap


def run(context: Context) -> Iterator[Verdict | NotRun]:
    if not context.wants(rule_of("sgd")):
        return
    draws = 300 if context.tier == "fast" else 10000
    worst = max(raised(seeds.generator(context.seed, k)) for k in range(draws))
    yield context.verdict("averaging never raises the bound", worst <= 0, n=draws, detail={"raised": float(worst)})
    if lacking := absent("cvxpy"):
        yield context.not_run("the solver", lacking)
        return
    for r, budget in CASES:
        found = off(r, budget)
        yield context.verdict(
            f"r = {r:g}, N = {budget:g}: the constant", found <= TOLERANCE, n=1, detail={"off": found}
        )
    for floors in FLOORS:
        for r, budget in CASES[:2]:
            failure, gap = slopes(r, budget, floors)
            subject = f"r = {r:g}, N = {budget:g}, batches from {', '.join(f'{x:g}' for x in floors)}"
            holds = failure <= SLOPES and gap > 10 * TOLERANCE
            yield context.verdict(subject, holds, n=1, detail={"slopes": failure, "constant is above by": gap})


# Mutants


def _by(noise: Callable[[Any, Any], Any], weight: Callable[[Any], Any]) -> Bound:
    def bound(eta: Any, b: Any, w: Any, r: Any) -> Any:
        top = 1 + r * sum(k * noise(x, y) for k, x, y in zip(w, eta, b, strict=True)) / 2
        return top / sum(k * weight(x) for k, x in zip(w, eta, strict=True))

    return bound


WRONG: dict[str, Bound] = {
    "eta/b for eta^2/b": _by(lambda x, y: x / y, lambda x: x - x * x / 2),
    "eta^2/b^(-1)": _by(lambda x, y: x * x * y, lambda x: x - x * x / 2),
    "the weights convex": _by(lambda x, y: x * x / y, lambda x: x + x * x / 2),
}


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("sgd")):
        return
    for name, bound in WRONG.items():
        yield Mutant(name, "averages in fractions", partial(_averaged, context.seed, bound))
    if absent("cvxpy"):
        return
    for name, solve in SOLVERS.items():
        yield Mutant(name, "the constant by golden section", partial(_solver, solve))


def _averaged(seed: int, bound: Bound) -> str:
    worst = max(raised(seeds.generator(seed, k), bound) for k in range(100))
    return f"averaging raises it by {float(worst):.2g}" if worst > 0 else ""


SOLVERS: dict[str, Callable[[float, float], float]] = {
    "r for r/2": lambda r, budget: best(WEIGHTS, 2 * r, budget).bound,
    "half the budget": lambda r, budget: best(WEIGHTS, r, budget / 2).bound,
    "step sizes end too early": lambda r, budget: best(WEIGHTS, r, budget, most=0.05).bound,
    "a floor that is not there": lambda r, budget: best(WEIGHTS, r, budget, (budget / 200, 1, 1, 1)).bound,
}


def _solver(solve: Callable[[float, float], float]) -> str:
    worst = max(off(r, budget, solve) for r, budget in CASES[:2])
    return f"{worst:.2g} off the constant" if worst > TOLERANCE else ""


check = Check(
    id="constant-schedule-optimal",
    claim="At equal steps and gradient evaluations no schedule of step sizes and batch sizes has a smaller bound on "
    "SGD than the best constant pair: that growing both accelerates does not follow from the bound. Where floors on "
    "the batch size change, the best schedule is not constant.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
    source=Source("umeda2024increasing", "the comparison of schedulers", "the averaging argument is ours"),
)
