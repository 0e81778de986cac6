"""Schedulers of torch read back as formulas, and formulas as schedulers of torch, where there is an exact one.

`formula` reads the class and the parameters of a live scheduler, and holds what it makes of them to the scheduler's own
numbers: up to rounding they are the same, or it is not that formula. `recipe_for` goes the other way, to a text that
`torch_schedules.recipe` reads. Elsewhere the list of numbers stays, and the reason is said. torch is not imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import sympy
from sympy import Expr

from driftproof.impl.planned_values import U, values
from driftproof.theory.course import Course
from driftproof.theory.errors import DriftproofError
from driftproof.theory.planned import (
    EPOCH,
    Constant,
    Cosine,
    Diminishing,
    Exponential,
    Polynomial,
    Schedule,
    Single,
    WarmUp,
    single,
)
from driftproof.theory.quantities import number
from driftproof.theory.symbols import t

ROUNDINGS = 32
"""Of the largest step size, for each step of a scheduler: torch goes from one number to the next in some 10 operations,
and an error stays as large as it is; our formulas have as many."""


@dataclass(frozen=True)
class ReadBack:
    """formula: None where there is none; then why says so."""

    formula: Schedule | None
    why: str = ""


class NoFormula(Exception):
    """Why there is none."""


@dataclass(frozen=True)
class Place:
    """Where a scheduler acts. s: how often it has been stepped in its part; length: how many numbers the part has.

    by: "epoch" or "step".   counts: whether epochs count them, so that parts may follow one another.
    alone: whether every epoch has one step.
    """

    s: Expr
    length: int
    by: str
    counts: bool
    alone: bool

    def part(self, length: int) -> Place:
        return replace(self, length=length)


def formula(optimizer: Any, scheduler: Any, course: Course, every: str, listed: Sequence[float]) -> ReadBack:
    """Of a live scheduler (or none) that is stepped every "step" or "epoch"; listed: its numbers, one per step."""
    alone = all(s.steps == 1 for s in course.stretches)
    by_epoch = every == "epoch" or alone
    length = course.epochs if by_epoch else course.steps
    place = Place(EPOCH if by_epoch else t - 1, length, "epoch" if by_epoch else "step", by_epoch, alone)
    try:
        found = _read(scheduler, optimizer.param_groups[0], place)
        ours = values(found, course)[0]
    except NoFormula as error:
        return ReadBack(None, str(error))
    except DriftproofError as error:
        return ReadBack(None, f"{error.what} {error.why}".strip())
    theirs = np.asarray(listed)
    off = np.abs(ours - theirs)
    if off.max() > ROUNDINGS * U * length * theirs.max():
        step = int(np.argmax(off > ROUNDINGS * U * length * theirs.max())) + 1
        return ReadBack(None, f"{_kind(scheduler)} gives {theirs[step - 1]:.6g} at step {step}, "
                              f"its formula {ours[step - 1]:.6g}.")  # fmt: skip
    return ReadBack(found)


def _read(scheduler: Any, group: Mapping[str, Any], place: Place) -> Schedule:
    lr = number(float(group.get("initial_lr", group["lr"])), "lr")
    if scheduler is None:
        return Constant(number(float(group["lr"]), "lr"))
    if isinstance(scheduler, Sequence):
        if len(scheduler) > 1:
            raise NoFormula("Several schedulers are stepped in turn.")
        return _read(scheduler[0], group, place)
    for one in scheduler._schedulers if _kind(scheduler) == "ChainedScheduler" else [scheduler]:
        if one.last_epoch != 0:
            raise NoFormula(f"{_kind(scheduler)} has been stepped before: its formula is not read from the middle.")
    return _part(scheduler, lr, place)


def _part(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    if not type(scheduler).__module__.startswith("torch.optim") or _kind(scheduler) not in READ:
        raise NoFormula(f"No formula is declared for {_kind(scheduler)}.")
    return READ[_kind(scheduler)](scheduler, lr, place)


def _kind(scheduler: Any) -> str:
    return type(scheduler).__name__


def _parameter(scheduler: Any, name: str) -> Expr:
    return number(getattr(scheduler, name), name)


def _then(first: Schedule, count: int, then: Schedule, place: Place) -> Schedule:
    """One schedule for so many numbers, then another for the rest of the part."""
    if count >= place.length:
        return first
    if not place.counts:
        raise NoFormula("It changes within an epoch: parts of a schedule are whole epochs.")
    return WarmUp(first, count, then)


def _held(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """ConstantLR"""
    count, factor = scheduler.total_iters, _parameter(scheduler, "factor")
    return _then(Constant(factor * lr), count, Constant(lr), place) if count else Constant(lr)


def _straight(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """LinearLR"""
    a, b, n = _parameter(scheduler, "start_factor"), _parameter(scheduler, "end_factor"), scheduler.total_iters
    if n == 0:
        return Constant(b * lr)
    stretched = n == min(n, place.length) and (place.alone or place.by == "step")
    first = Polynomial(a * lr, b * lr) if stretched else single(lr * (a + (b - a) * place.s / n))
    return _then(first, n, Constant(b * lr), place)


def _power(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """PolynomialLR"""
    n, p = scheduler.total_iters, _parameter(scheduler, "power")
    stretched = n == min(n, place.length) and (place.alone or place.by == "step")
    first = Polynomial(lr, 0, p) if stretched else single(lr * (1 - place.s / n) ** p)
    return _then(first, n, Constant(0), place)


def _cosine(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """CosineAnnealingLR: from T_max on it goes up again."""
    n, low = scheduler.T_max, _parameter(scheduler, "eta_min")
    if n == place.length:
        return Cosine(lr, low, place.by)
    return single(low + (lr - low) / 2 * (1 + sympy.cos(sympy.pi * place.s / n)))


def _geometric(scheduler: Any, lr: Expr, place: Place, every: int = 1) -> Schedule:
    """ExponentialLR, StepLR"""
    factor = _parameter(scheduler, "gamma")
    if place.counts:
        return Exponential(lr, factor, every)
    if every > 1:
        raise NoFormula("It changes within an epoch: an exponential changes from epoch to epoch.")
    return single(lr * factor**place.s)


def _milestones(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """MultiStepLR; a milestone that is named twice counts twice."""
    factor, at, size, found = _parameter(scheduler, "gamma"), 0, lr, []
    for milestone, times in sorted(scheduler.milestones.items()):
        if milestone > at:
            found.append((milestone - at, size))
        at, size = max(milestone, at), size * factor**times
    return _chain([(count, lambda _, value=value: Constant(value)) for count, value in found],
                  lambda _: Constant(size), place)  # fmt: skip


def _in_turn(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """SequentialLR"""
    ends = [0, *scheduler._milestones]
    parts = [lambda p, one=one: _part(one, lr, p) for one in scheduler._schedulers]
    counts = [b - a for a, b in pairwise(ends)]
    return _chain(list(zip(counts, parts[:-1], strict=True)), parts[-1], place)


def _chain(
    parts: Sequence[tuple[int, Callable[[Place], Schedule]]], last: Callable[[Place], Schedule], place: Place
) -> Schedule:
    """Parts of so many numbers each, one after the other; those beyond the run are left out."""
    if not parts:
        return last(place)
    (count, first), rest = parts[0], parts[1:]
    if count >= place.length:
        return first(place)
    return _then(first(place.part(count)), count, _chain(rest, last, place.part(place.length - count)), place)


def _product(scheduler: Any, lr: Expr, place: Place) -> Schedule:
    """ChainedScheduler: the factors of all of them."""
    parts = [_part(one, lr, place) for one in scheduler._schedulers]
    if not all(isinstance(part, Single) for part in parts):
        raise NoFormula("Chained schedulers that have parts are not multiplied.")
    return single(lr * sympy.prod(part.expression / lr for part in parts if isinstance(part, Single)))


READ: Mapping[str, Callable[[Any, Expr, Place], Schedule]] = {
    "ConstantLR": _held,
    "LinearLR": _straight,
    "PolynomialLR": _power,
    "CosineAnnealingLR": _cosine,
    "ExponentialLR": _geometric,
    "StepLR": lambda scheduler, lr, place: _geometric(scheduler, lr, place, scheduler.step_size),
    "MultiStepLR": _milestones,
    "SequentialLR": _in_turn,
    "ChainedScheduler": _product,
}


# And back


@dataclass(frozen=True)
class TorchRecipe:
    """lr: of the optimizer; text: the scheduler, "" for none; every: when it is stepped. why: where there is none."""

    lr: float | None
    text: str
    every: str
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"lr": self.lr, "scheduler": self.text or None, "every": self.every or None, "reason": self.why or None}


def recipe_for(schedule: Schedule, course: Course) -> TorchRecipe:
    """The scheduler of torch with these numbers, up to rounding; or why there is none."""
    alone = all(s.steps == 1 for s in course.stretches)
    try:
        lr = _base(schedule)
        if lr == 0:
            raise NoFormula("Its step sizes are 0, and torch's schedulers are factors.")
        text, every = _text(schedule, lr, course, alone)
        return TorchRecipe(float(lr), "" if text == HELD else text, every or "epoch")
    except NoFormula as error:
        fix = "driftproof.impl.torch_plan.StepSizes takes the numbers themselves."
        return TorchRecipe(None, "", "", f"{error} {fix}")


HELD = "ConstantLR(1, 0)"
"""The lr of the optimizer, all along."""


def _base(schedule: Schedule) -> Expr:
    """The lr of the optimizer: what a part begins with, all the same; constant and straight parts are its fractions."""
    rigid, highest = set(), [sympy.Integer(0)]
    for part in _parts(schedule):
        match part:
            case Constant(value):
                highest.append(value)
            case Polynomial(high, low, power) if power == 1:
                highest += [high, low]
            case Cosine(high) | Polynomial(high):
                rigid.add(high)
            case Exponential(start):
                rigid.add(start)
            case Diminishing():
                raise NoFormula("torch has no scheduler with 1/sqrt(t).")
            case _:
                raise NoFormula(f"torch has no scheduler for {str(part)[:60]}.")
    if len(rigid) > 1 or (rigid and max(highest) > min(rigid)):
        raise NoFormula("Its parts begin at different step sizes: torch's have one lr, and factors up to 1.")
    return rigid.pop() if rigid else max(highest)


def _parts(schedule: Schedule) -> list[Schedule]:
    return [part for part, _ in _placed(schedule, 0)]


def _placed(schedule: Schedule, first: int) -> list[tuple[Schedule, int]]:
    """Every part, and the epoch that it begins with."""
    if isinstance(schedule, WarmUp):
        return [*_placed(schedule.first, first), *_placed(schedule.then, first + schedule.epochs)]
    return [(schedule, first)]


def _in_parts(schedule: Schedule, lr: Expr, course: Course, alone: bool) -> str:
    placed = _placed(schedule, 0)
    ends = [*(begin for _, begin in placed[1:]), course.epochs]
    texts = [_text(part, lr, course.within(begin, end), alone)
             for (part, begin), end in zip(placed, ends, strict=True)]  # fmt: skip
    if "step" in {often for _, often in texts}:
        raise NoFormula("One part changes within epochs: torch's parts follow one another by one count.")
    return f"SequentialLR([{', '.join(text for text, _ in texts)}], milestones={ends[:-1]})"


def _text(schedule: Schedule, lr: Expr, course: Course, alone: bool) -> tuple[str, str]:
    """(text, "epoch" or "step" or "" for either)"""
    match schedule:
        case Constant(value):
            return HELD if value == lr else f"ConstantLR({_float(value / lr)}, {course.steps + 1})", ""
        case Cosine(_, low, per):
            count = course.epochs if per == "epoch" else course.steps
            return f"CosineAnnealingLR({count}, {_float(low)})", "epoch" if alone else per
        case Polynomial(high, low, power) if power == 1:
            if high == 0:
                raise NoFormula("It begins at 0: torch's factors begin above.")
            return f"LinearLR({_float(high / lr)}, {_float(low / lr)}, {course.steps})", "epoch" if alone else "step"
        case Polynomial(_, low, power) if low == 0:
            return f"PolynomialLR({course.steps}, {_float(power)})", "epoch" if alone else "step"
        case Exponential(_, factor, every):
            epochs = every if every is not None else _block(course)
            return f"StepLR({epochs}, {_float(factor)})" if epochs else HELD, "epoch"
        case WarmUp():
            return _in_parts(schedule, lr, course, alone), "epoch"
    raise NoFormula(f"torch has no scheduler for {str(schedule)[:60]}.")


def _block(course: Course) -> int:
    """Epochs in a block; 0 where there is one block. raises: NoFormula where blocks differ, but for the last."""
    lengths = [part.epochs for part in course.by_block()]
    if len(lengths) == 1:
        return 0
    if len(set(lengths[:-1])) > 1 or lengths[-1] > lengths[0]:
        raise NoFormula("Blocks are of different lengths.")
    return lengths[0]


def _float(value: Expr) -> str:
    """As torch gets it, to the bit; whole numbers short."""
    return str(value) if value.is_Integer else repr(float(value))
