"""Whole numbers of a run at a new batch size: samples in a batch, steps, warm-up steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Rational

from .errors import OutOfDomain
from .quantities import number, short

FARTHEST = Rational(1, 10)
"""How far rounding may move the end of a run, as a part of its length."""


@dataclass(frozen=True)
class Count:
    """A whole number of steps near an exact one.

    old: steps of the old run.   leftover: exact - chosen, in steps of the new run.
    """

    old: int
    exact: Rational
    chosen: int

    @property
    def leftover(self) -> Rational:
        return self.exact - self.chosen


def new_count(name: str, value: Any, factor: Expr) -> Count:
    """The whole number of new steps nearest to the same SDE time; at least one step if there was one.

    factor: how many old steps one new step stands for.   raises: OutOfDomain if value is not a whole number.
    """
    old = _whole(name, value, 0)
    exact = old / factor
    nearest = int(sympy.floor(exact + Rational(1, 2)))
    return Count(old, exact, max(nearest, 1) if old else 0)


def horizon(steps: Any, factor: Expr) -> Count:
    """The new number of steps. raises: OutOfDomain where rounding would move the end by more than one part in ten."""
    found = new_count("steps", steps, factor)
    if abs(found.leftover) > FARTHEST * found.exact:
        raise OutOfDomain(
            f"steps = {found.old} becomes {short(found.exact)} steps, and the nearest whole number is {found.chosen}.",
            "The run would not end at the same SDE time, not even to one part in ten.",
            "Give a longer run, or a kappa that divides it.",
        )
    return found


def warm_up(value: Any, steps: Count | None, factor: Expr) -> Count:
    """The new number of warm-up steps. raises: OutOfDomain if the warm-up is longer than the run."""
    found = new_count("warmup", value, factor)
    if steps is not None and found.old > steps.old:
        raise OutOfDomain(
            f"warmup = {found.old} is more than steps = {steps.old}.",
            "The warm-up is a part of the run.",
            "Give a warmup of at most that many steps.",
        )
    return found


def new_batch(value: Any, kappa: Rational) -> int:
    """kappa times the batch size. raises: OutOfDomain if that is not whole, with kappas near by that make it so."""
    old = _whole("batch size", value, 1)
    exact = kappa * old
    if not exact.is_Integer:
        near = sorted({max(int(sympy.floor(exact)), 1), int(sympy.ceiling(exact))})
        options = " or ".join(f"kappa = {Rational(b, old)} (batch size {b})" for b in near)
        raise OutOfDomain(
            f"The new batch size {short(kappa)} * {old} = {exact} is not a positive whole number.",
            "A batch holds whole samples, and the rule holds for the kappa that is really used.",
            f"Take {options}.",
        )
    return int(exact)


def _whole(name: str, value: Any, least: int) -> int:
    exact = number(value, name)
    if not exact.is_Integer or exact < least:
        raise OutOfDomain(
            f"{name} = {short(exact)} is not a whole number from {least} on.",
            "It is counted.",
            f"Give {name} as {max(least, 1)}, 64 or 1000.",
        )
    return int(exact)
