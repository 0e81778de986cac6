"""Schedules as objects: constant, diminishing, cosine, polynomial, linear, exponential, warm-up, by blocks, as listed.

    planned("warmup(exponential(0.1, 1.2, every=3), 30, cosine(0.4))")
    Exponential(8, 2)                                              # 8 * 2^block: a batch size that doubles

Each stands for one number per step of a course. Its letters: t (step, from 1), T (steps), epoch and block (from 0),
epochs and blocks (how many); inside a part of a composition all six count from the beginning of that part.
Text is read by a whitelist; nothing is executed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sympy
from sympy import Expr

from .bounds import LARGEST_EXPONENT
from .course import Course
from .errors import NotReadable, OutOfDomain
from .quantities import number
from .reader import expression
from .schedules import WORDS
from .symbols import symbol, t

T, EPOCH, EPOCHS, BLOCK, BLOCKS = (symbol(name) for name in ("T", "epoch", "epochs", "block", "blocks"))
LETTERS = {t, T, EPOCH, EPOCHS, BLOCK, BLOCKS}
SMALLEST, LARGEST = 1e-30, 1e30
"""Of the parameters of a schedule, but for 0: powers of longer numbers would never end."""


@dataclass(frozen=True)
class Piece:
    """A part of a run, and its numbers: an expression in that part's letters, or one number per step."""

    course: Course
    expression: Expr | None
    listed: tuple[float, ...] = ()


class Schedule:
    """One number per step of a course."""

    def pieces(self, course: Course) -> Iterator[Piece]:
        """Its parts on this course, in order, without gaps. raises: OutOfDomain where it does not fit."""
        raise NotImplementedError

    def parts(self) -> tuple[Schedule, ...]:
        """The schedules that it is composed of."""
        return ()


class Single(Schedule):
    """One expression for a whole run. Such schedules are multiplied and added."""

    @property
    def expression(self) -> Expr:
        raise NotImplementedError

    def pieces(self, course: Course) -> Iterator[Piece]:
        yield Piece(course, self.expression)

    def __str__(self) -> str:
        return str(self.expression)

    def __mul__(self, other: Any) -> Formula:
        return Formula(self.expression * _expression(other))

    def __add__(self, other: Any) -> Formula:
        return Formula(self.expression + _expression(other))

    __rmul__, __radd__ = __mul__, __add__


@dataclass(frozen=True)
class Formula(Single):
    """An expression in t, T, epoch, epochs, block, blocks."""

    value: Expr

    def __post_init__(self) -> None:
        if self.value.free_symbols - LETTERS:
            unknown = sorted(map(str, self.value.free_symbols - LETTERS))
            raise NotReadable(f"{', '.join(unknown)} is no letter of a schedule.", "", f"Letters: {_letters()}.")

    @property
    def expression(self) -> Expr:
        return self.value


class Named(Single):
    """A formula with parameters, which are exact numbers >= 0; text and numbers are read as such."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            given = getattr(self, field.name)
            if field.name not in ("every", "per"):
                object.__setattr__(self, field.name, _amount(given, f"{field.name} of {type(self).__name__}"))


@dataclass(frozen=True)
class Constant(Named):
    """The same number at every step."""

    value: Any

    @property
    def expression(self) -> Expr:
        return self.value


@dataclass(frozen=True)
class Diminishing(Named):
    """start/sqrt(t)."""

    start: Any

    @property
    def expression(self) -> Expr:
        return self.start / sympy.sqrt(t)


@dataclass(frozen=True)
class Cosine(Named):
    """From high to low along half a cosine, by epoch or by step: the last value is above low.

    source: umeda2024increasing, scheduler (i), by epoch.
    """

    high: Any
    low: Any = 0
    per: str = "epoch"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.per not in ("epoch", "step"):
            raise OutOfDomain(f"per = {self.per!r} is neither 'epoch' nor 'step'.")

    @property
    def expression(self) -> Expr:
        turned = EPOCH / EPOCHS if self.per == "epoch" else (t - 1) / T
        return self.low + (self.high - self.low) / 2 * (1 + sympy.cos(sympy.pi * turned))


@dataclass(frozen=True)
class Polynomial(Named):
    """(high - low) (1 - (t - 1)/T)^power + low."""

    high: Any
    low: Any = 0
    power: Any = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_power(self.power)

    @property
    def expression(self) -> Expr:
        return (self.high - self.low) * (1 - (t - 1) / T) ** self.power + self.low


@dataclass(frozen=True)
class Exponential(Named):
    """start * factor^block; with every=k it changes every k epochs instead of from block to block."""

    start: Any
    factor: Any
    every: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_positive(self.factor, "factor")
        every = self.every
        if every is not None:
            if not (every == int(every) and every >= 1):
                raise OutOfDomain(f"every = {every} is not a whole number of epochs.")
            object.__setattr__(self, "every", int(every))

    @property
    def expression(self) -> Expr:
        passed = BLOCK if self.every is None else EPOCH if self.every == 1 else sympy.floor(EPOCH / self.every)
        return self.start * self.factor**passed


@dataclass(frozen=True)
class PolynomialGrowth(Named):
    """(slope * block + start)^power."""

    start: Any
    slope: Any
    power: Any = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_power(self.power)

    @property
    def expression(self) -> Expr:
        return (self.slope * BLOCK + self.start) ** self.power


@dataclass(frozen=True)
class WarmUp(Schedule):
    """first for so many epochs, and then the other one, whose letters count anew."""

    first: Schedule
    epochs: int
    then: Schedule

    def __post_init__(self) -> None:
        if self.epochs != int(self.epochs) or self.epochs < 1:
            raise OutOfDomain(f"A warm-up of {self.epochs} epochs.", "", "Give a whole number from 1 on.")
        object.__setattr__(self, "epochs", int(self.epochs))

    def pieces(self, course: Course) -> Iterator[Piece]:
        if course.epochs <= self.epochs:
            raise OutOfDomain(
                f"The warm-up takes {self.epochs} epochs and the run has {course.epochs}.", "", "Run longer."
            )
        yield from self.first.pieces(course.within(0, self.epochs))
        yield from self.then.pieces(course.within(self.epochs, course.epochs))

    def parts(self) -> tuple[Schedule, ...]:
        return self.first, self.then

    def __str__(self) -> str:
        return f"{self.first} for {self.epochs} epochs, then {self.then} counted anew"


@dataclass(frozen=True)
class ByBlock(Schedule):
    """A schedule of its own in each block; the last one holds on."""

    each: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        if not self.each:
            raise OutOfDomain("No block has a schedule.", "", "Write blocks(0.1, 0.01).")

    def pieces(self, course: Course) -> Iterator[Piece]:
        for place, part in enumerate(course.by_block()):
            yield from self.each[min(place, len(self.each) - 1)].pieces(part)

    def parts(self) -> tuple[Schedule, ...]:
        return self.each

    def __str__(self) -> str:
        return ", then ".join(map(str, self.each)) + ", block by block"


@dataclass(frozen=True)
class Listed(Schedule):
    """One number per step, as a run or a scheduler gives them.

    formula: a schedule with the same numbers up to rounding, if one was read back; why: if not, the reason.
    """

    values: tuple[float, ...]
    name: str = "as listed"
    formula: Schedule | None = None
    why: str = ""

    def pieces(self, course: Course) -> Iterator[Piece]:
        if course.steps > len(self.values):
            raise OutOfDomain(f"{len(self.values)} numbers for {course.steps} steps.", "", "Give one for each step.")
        yield Piece(course, None, self.values[: course.steps])

    def __str__(self) -> str:
        return self.name


def planned(given: Any) -> Schedule:
    """The schedule meant: a number, text, a sequence of numbers, or a schedule itself.

    raises: NotReadable, NotExact, UnknownName or OutOfDomain, with the place.
    """
    if isinstance(given, Schedule):
        return given
    if isinstance(given, str):
        return _schedule(expression(given, VOCABULARY, "schedule"))
    if isinstance(given, Sequence) or hasattr(given, "tolist"):
        return Listed(tuple(float(value) for value in given))
    return Constant(given)


def _schedule(value: Any) -> Schedule:
    if isinstance(value, Schedule) and not isinstance(value, Formula):
        return value
    return single(_expression(value))


def single(value: Expr) -> Formula | Constant:
    """The formula that an expression is, or the constant."""
    return Formula(value) if value.free_symbols else Constant(value)


def _expression(value: Any) -> Expr:
    if isinstance(value, Single):
        return value.expression
    if not isinstance(value, Expr):
        raise NotReadable(f"{str(value)[:60]} is no expression.", "Only formulas are multiplied and added.")
    return value


def _amount(value: Any, name: str) -> Expr:
    """An exact number >= 0. raises: NotExact, OutOfDomain."""
    found = value if isinstance(value, Expr) else number(value, name)
    if not found.is_number or not found.is_nonnegative or not found.is_finite:
        raise OutOfDomain(f"{name}: {str(found)[:40]} is not a number >= 0.", "", "Write 0.1, 1/3 or 2**(1/9).")
    if found != 0 and not SMALLEST <= float(found) <= LARGEST:
        raise OutOfDomain(f"{name}: {float(found):g} is not from {SMALLEST:g} to {LARGEST:g}.", "", "Change the units.")
    return found


def _require_power(value: Expr) -> None:
    """Above 0, and no larger than the exponents of all text."""
    _require_positive(value, "power")
    if value > LARGEST_EXPONENT:
        raise OutOfDomain(f"power = {float(value):g}.", "Exact powers grow long.", f"They end at {LARGEST_EXPONENT}.")


def _require_positive(value: Expr, name: str) -> None:
    if not value.is_positive:
        raise OutOfDomain(f"{name} = {value} is not above 0.")


def _letters() -> str:
    return ", ".join(sorted(map(str, LETTERS)))


def linear(first: Any, last: Any = 0) -> Polynomial:
    """From the first number straight to the last."""
    return Polynomial(first, last, 1)


def warmup(first: Any, epochs: Any, then: Any) -> WarmUp:
    """As WarmUp, of texts' values."""
    return WarmUp(_schedule(first), epochs, _schedule(then))


def blocks(*each: Any) -> ByBlock:
    """As ByBlock, of texts' values."""
    return ByBlock(tuple(_schedule(value) for value in each))


VOCABULARY: dict[str, Any] = {
    **WORDS,
    **{letter.name: letter for letter in LETTERS},
    **{"constant": Constant, "diminishing": Diminishing, "cosine": Cosine, "polynomial": Polynomial},
    **{"linear": linear, "exponential": Exponential, "growth": PolynomialGrowth, "warmup": warmup, "by_block": blocks},
}
"""The words of schedules given as text."""
