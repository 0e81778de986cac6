"""Under limits on evaluations, steps and time, and floors on the batch size, no schedule has a smaller bound than ours.

The bound of a schedule by blocks is convex over concave in (steps, steps * eta, steps * b), so that what no small step
improves is the best of all. Held by hand: limits, floors and equal shares are kept, at least one limit binds, schedules
near and far that keep them too have no smaller bound, and the best constant is the one of two nested searches. Where
floors do not change the constant is the best; made whole, the schedule still keeps its limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.sgd_bound import Inputs

from .runtime import best_plan, seeds
from .runtime.best_answer import best_asked
from .runtime.best_plan import Found, Limits
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.verdict import Verdict

Find = Callable[[Limits, float], Found]
TOLERANCE = 1e-6
"""Relative, of a bound: the solver stops at 1e-8 of its scaled problem, and the bound is flat at its minimum."""
KEPT = 1e-9
"""Relative, of sums over a few blocks in float64."""
DRAWS = 400


@dataclass(frozen=True)
class Case:
    """r = sigma2/(L gap); the limits as `best_plan.Limits` has them."""

    name: str
    limits: Limits
    r: float


COST = {"per_step": 2e-3, "per_sample": 1e-5}
CASES = (
    Case("cap on steps", Limits(evaluations=4000.0, steps=400, floors=(1.0, 2.0, 4.0, 24.0)), 1.0),
    Case("evaluations", Limits(evaluations=4000.0, floors=(1.0, 2.0, 4.0, 24.0), share="evaluations"), 1.0),
    Case("time", Limits(time=10.0, **COST, floors=(1.0, 100.0, 1000.0), share="time"), 0.1),
    Case("all three", Limits(1e6, 3000, 10.0, **COST, floors=(300.0, 1.0, 30.0), share="steps"), 1e-3),
    Case("much noise", Limits(evaluations=1e5, floors=(1.0, 64.0)), 100.0),
    Case("one floor", Limits(time=10.0, **COST, floors=(8.0, 8.0, 8.0)), 0.1),
)


def kept(limits: Limits, w: Any, b: Any) -> float:
    """How far limits, floors and shares are overstepped, relative; and how far the nearest limit is from binding."""
    spent = {"evaluations": sum(x * y for x, y in zip(w, b, strict=True)), "steps": sum(w),
             "time": sum(x * (limits.per_step + limits.per_sample * y) for x, y in zip(w, b, strict=True))}  # fmt: skip
    over = [spent[name] / most - 1 for name in spent if (most := getattr(limits, name)) is not None]
    shares = {
        "steps": list(w),
        "evaluations": [x * y for x, y in zip(w, b, strict=True)],
        "time": [x * (limits.per_step + limits.per_sample * y) for x, y in zip(w, b, strict=True)],
    }[limits.share]
    low = [floor / y - 1 for floor, y in zip(limits.floors, b, strict=True)]
    return max(*over, *low, max(shares) / min(shares) - 1, -max(over))


def value(w: Any, eta: Any, b: Any, r: float) -> float:
    """The bound, by hand."""
    top = 1.0 + math.fsum(r * k * x * x / y / 2 for k, x, y in zip(w, eta, b, strict=True))
    return top / math.fsum(k * x * (1 - x / 2) for k, x in zip(w, eta, strict=True))


def most_steps(limits: Limits, b: Any) -> list[float]:
    """As many steps as the limits allow, in equal shares."""
    each = [{"steps": 1.0, "evaluations": y, "time": limits.per_step + limits.per_sample * y}[limits.share] for y in b]
    w = [1 / x for x in each]
    room = []
    if limits.evaluations is not None:
        room.append(limits.evaluations / sum(x * y for x, y in zip(w, b, strict=True)))
    if limits.steps is not None:
        room.append(limits.steps / sum(w))
    if limits.time is not None:
        room.append(limits.time / sum(x * (limits.per_step + limits.per_sample * y) for x, y in zip(w, b, strict=True)))
    return [x * min(room) for x in w]


def beaten(case: Case, found: Found, random: np.random.Generator) -> float:
    """By what fraction another schedule within the limits has a smaller bound; below 0 if none has."""
    best, ours = found.best, value(found.best.w, found.best.eta, found.best.b, case.r)
    worst = -math.inf
    for k in range(DRAWS):
        size = (1e-3, 1e-2, 0.1, 1.0)[k % 4]
        moves = random.normal(size=(2, len(best.b))) * (random.random((2, len(best.b))) < 0.6)
        b = np.maximum(best.b * np.exp(size * moves[0]), case.limits.floors)
        eta = np.minimum(best.eta * np.exp(size * moves[1]), 1.0)
        worst = max(worst, 1 - value(most_steps(case.limits, b), eta, b, case.r) / ours)
    return worst


def constant(case: Case) -> float:
    """The least bound of one step size and one batch size: two nested searches."""
    floor = max(case.limits.floors)
    limits = replace(case.limits, floors=(floor,))

    def of_batch(logarithm: float) -> float:
        b = math.exp(logarithm)
        w = most_steps(limits, [b])
        return _least(lambda x: value(w, [math.exp(x)], [b], case.r), -25.0, 0.0)

    return _least(of_batch, math.log(floor), math.log(floor) + 15)


def _least(f: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        left, right = low + 0.381966 * (high - low), low + 0.618034 * (high - low)
        low, high = (low, right) if f(left) <= f(right) else (left, high)
    return min(f(low), f((low + high) / 2))


def failure(case: Case, seed: int, find: Find | None = None) -> str:
    """What is wrong with an answer, or ""."""
    found = (find or partial(best_plan.found))(case.limits, case.r)
    if (over := kept(case.limits, found.best.w, found.best.b)) > KEPT:
        return f"limits, floors or shares are off by {over:.2g}"
    if (by := beaten(case, found, seeds.generator(seed, 1))) > TOLERANCE:
        return f"beaten by {by:.2g}"
    if (off := abs(found.constant.bound / constant(case) - 1)) > TOLERANCE:
        return f"the constant is {off:.2g} off"
    if len(set(case.limits.floors)) == 1 and abs(found.gap) > TOLERANCE:
        return f"a constant is {found.gap:.2g} above"
    return ""


def whole(case: Case) -> str:
    """What of the schedule in whole steps and samples is not within the limits, or is far from the best, or ""."""
    i = case.limits
    inputs = Inputs("5/2", str(case.r * 2.5 * 0.3), "3/10")
    answer = best_asked(inputs, i.evaluations, i.steps, i.time, i.per_step, i.per_sample, i.floors, None, i.share, None)
    eta, b = answer.answer.eta, answer.answer.b
    spent = {"evaluations": b.sum(), "steps": len(b), "time": float((i.per_step + i.per_sample * b).sum())}
    over = [name for name in spent if (most := getattr(i, name)) is not None and spent[name] > most * (1 + KEPT)]
    direct = value([1] * len(b), eta * 2.5, b, case.r) * 2.5 * 0.3
    if over or min(b) < min(i.floors) or any(b != np.floor(b)):
        return f"beyond {', '.join(over) or 'the floors'}"
    if abs(direct / (answer.answer.bound or 0) - 1) > 1e-9 or not direct / answer.bound >= 1 - TOLERANCE:
        return f"its bound is {answer.answer.bound:.6g}, by hand {direct:.6g}, and {answer.bound:.6g} is the least"
    return ""


def run(context: Context) -> Iterator[Verdict | NotRun]:
    if not context.wants(rule_of("sgd")):
        return
    if lacking := absent("cvxpy"):
        yield context.not_run("the solver", lacking)
        return
    for case in CASES:
        wrong = failure(case, context.seed)
        gap = best_plan.found(case.limits, case.r).gap
        detail = {"wrong": wrong, "constant is above by": gap}
        yield context.verdict(case.name, not wrong, n=DRAWS, seed=context.seed, detail=detail)
        wrong = whole(case)
        yield context.verdict(f"{case.name}, whole", not wrong, n=1, detail={"wrong": wrong})


# Mutants


def _shifted(limits: Limits, r: float) -> Found:
    return best_plan.found(replace(limits, floors=(*limits.floors[1:], limits.floors[0])), r)


def _constant_for_all(limits: Limits, r: float) -> Found:
    found = best_plan.found(limits, r)
    count = len(limits.floors)
    return replace(found, best=best_plan.of(limits, [found.constant.eta[0]] * count, [found.constant.b[0]] * count, r))


def _floors_alone(limits: Limits, r: float) -> Found:
    found = best_plan.found(limits, r)
    return replace(found, best=best_plan.of(limits, found.best.eta, np.array(limits.floors), r))


WRONG: Mapping[str, Find] = {
    "r/2 for r": lambda limits, r: best_plan.found(limits, r / 2),
    "no cost of a step": lambda limits, r: best_plan.found(
        replace(limits, per_step=0.0) if limits.time is not None else limits, r),
    "half the evaluations": lambda limits, r: best_plan.found(
        replace(limits, evaluations=limits.evaluations / 2) if limits.evaluations else limits, r),
    "no cap on steps": lambda limits, r: best_plan.found(replace(limits, steps=None), r),
    "shares of steps": lambda limits, r: best_plan.found(replace(limits, share="steps"), r),
    "floors a block late": _shifted,
    "the constant for the best": _constant_for_all,
    "batches at their floors": _floors_alone,
    "the constant at the lowest floor": lambda limits, r: replace(
        best_plan.found(limits, r), constant=best_plan.found(replace(limits, floors=(min(limits.floors),)), r).best),
}  # fmt: skip


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("sgd")) or absent("cvxpy"):
        return
    for name, find in WRONG.items():
        yield Mutant(name, "schedules within the limits, by hand", partial(_caught, context.seed, find))


def _caught(seed: int, find: Find) -> str:
    return next((f"{case.name}: {wrong}" for case in CASES if (wrong := failure(case, seed, find))), "")


check = Check(
    id="best-schedule-under-limits",
    claim="Under limits on gradient evaluations, steps and time, with floors on the batch size that change over time, "
    "the schedule found has the smallest bound on SGD: it is convex in steps, steps * eta and steps * b. Where floors "
    "do not change it is constant.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
    source=Source("umeda2024increasing", "the comparison of schedulers", "the program and its convexity are ours"),
)
