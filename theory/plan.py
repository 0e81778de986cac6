"""A plan: step sizes, batch sizes, and how the run is laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Expr, ceiling

from .bounds import LARGEST_INTEGER
from .course import Course, of_samples, of_steps
from .errors import OutOfDomain, UnknownName, nearest
from .exact_sums import runs
from .planned import Listed, Schedule, T
from .symbols import t

ROUNDING = ("", "up", "down", "nearest")


@dataclass(frozen=True)
class Layout:
    """Either steps, per_epoch of them in an epoch; or epochs over so many samples. block: epochs in a block."""

    steps: int | None = None
    per_epoch: int = 1
    samples: int | None = None
    epochs: int | None = None
    block: int | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.epochs is None):
            raise OutOfDomain(
                "How long the run is, is not given, or given twice.",
                "",
                "Give steps, or epochs with samples or with steps per epoch.",
            )

    @property
    def length(self) -> int:
        """In steps, or in epochs."""
        return self.steps if self.steps is not None else self.epochs or 0

    def longer(self, length: int) -> Layout:
        """The same at another length."""
        return replace(self, **{"steps" if self.steps is not None else "epochs": length})

    def course(self, batch: Schedule) -> Course:
        """The steps of the run; over samples an epoch has ceil(samples/b) of them."""
        if self.samples is None:
            steps = self.steps if self.steps is not None else (self.epochs or 0) * self.per_epoch
            return of_steps(steps, self.per_epoch, self.block)
        if self.epochs is None:
            raise OutOfDomain("Samples are given and epochs are not.", "", "Give both, or steps alone.")
        sizes = _by_epoch(batch, of_steps(self.epochs, 1, self.block))
        return of_samples(self.samples, self.epochs, lambda epoch, _: sizes[epoch], self.block)


def _by_epoch(batch: Schedule, course: Course) -> list[Any]:
    """The batch size of every epoch, as a fraction or, where it is irrational, a float."""
    for piece in batch.pieces(course):
        if piece.expression is None or piece.expression.has(t, T):
            raise OutOfDomain(
                "The batch size changes within an epoch.", "An epoch over samples has ceil(samples/b) steps.",
                "Give it by epoch or block, or the run in steps.",
            )  # fmt: skip
    found = [(count, _size(value)) for count, value in runs(batch, course)]
    return [value for count, value in found for _ in range(count)]


def _size(value: Expr) -> int:
    if not value >= 1:
        raise OutOfDomain(f"A batch of {value} samples.", "A batch has at least one.")
    if value > LARGEST_INTEGER:
        raise OutOfDomain("A batch of more than 10^18 samples.", "", "Let the batch size grow for fewer blocks.")
    return int(ceiling(value))  # an int, not SymPy's


@dataclass(frozen=True)
class Plan:
    """whole: how batch sizes are rounded: "" (as they are), up, down or nearest."""

    lr: Schedule
    batch: Schedule
    layout: Layout
    whole: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if self.whole not in ROUNDING:
            raise UnknownName(f"There is no rounding '{self.whole}'.", "", nearest(self.whole, ROUNDING[1:]))

    @cached_property
    def course(self) -> Course:
        return self.layout.course(self.batch)

    def longer(self, length: int) -> Plan:
        """The same schedules over another number of steps or epochs."""
        return replace(self, layout=self.layout.longer(length))

    @property
    def is_listed(self) -> bool:
        """Whether it cannot be made longer."""
        return isinstance(self.lr, Listed) or isinstance(self.batch, Listed)

    def __str__(self) -> str:
        return self.label or f"lr = {self.lr}; batch = {self.batch}"


_RUN: Mapping[str, Any] = {"samples": 50000, "epochs": 300, "block": 30}
PAPER: Mapping[str, Mapping[str, Any]] = {
    "i": {**_RUN, "lr": "0.1", "batch": "128"},
    "ii": {**_RUN, "lr": "0.1", "batch": "exponential(8, 2)"},
    "iii": {**_RUN, "lr": "exponential(0.1, 2**(1/9))", "batch": "exponential(8, 2)"},
    "iv": {**_RUN, "lr": "warmup(exponential(0.1, 2**(1/9), every=3), 30, 0.2)", "batch": "exponential(8, 2)"},
}
"""The four schedulers as the authors ran them: CIFAR, 300 epochs, batches doubled every 30, step sizes up to 0.2.

source: umeda2024increasing, the numerical results, after the authors' code.
"""
