"""A case of first steps worked by hand, and the arithmetic of fractions in which rules are held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt, prod
from typing import Any

import numpy as np
import sympy

from .evaluate import Arithmetic
from .whole import Shape, Whole

Steps = list[list[Fraction]]


@dataclass(frozen=True)
class Case:
    """A RULE string, its hyperparameters, theta before the first step, gradients, theta after each.

    Numbers are text: steps stand apart by spaces, the entries of a tensor within a step by commas, row by row.
    given: a value with several entries, "1/2 1/2 1/4", has one for each step; the last one holds on.
    expected: as text, or as fractions where they are too long to print.   shape: () for one coordinate.
    outputs: a named output of the rule -> its values after each step.
    losses: of each step, for rules that use them.
    """

    rule: str
    given: Mapping[str, str]
    start: str
    gradients: str
    expected: str | Steps
    source: str
    shape: Shape = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    losses: str = ""

    def hyperparameters(self) -> list[dict[str, Fraction]]:
        columns = {name: [Fraction(x) for x in text.split()] for name, text in self.given.items()}
        return [{n: c[min(i, len(c) - 1)] for n, c in columns.items()} for i in range(len(self.gradients.split()))]

    def steps(self, text: str) -> Steps:
        """The entries of one tensor for each step, in a row. raises: ValueError for another number of entries."""
        found = [[Fraction(x) for x in step.split(",")] for step in text.split()]
        if any(len(step) != prod(self.shape) for step in found):
            raise ValueError(f"{self.rule}: {text!r} does not hold tensors of shape {self.shape}.")
        return found

    def by_hand(self) -> Steps:
        """theta, then the outputs in order, after each step."""
        theta = self.steps(self.expected) if isinstance(self.expected, str) else self.expected
        columns = [theta, *(self.steps(text) for text in self.outputs.values())]
        return [[x for part in parts for x in part] for parts in zip(*columns, strict=True)]


def tensor(numbers: Sequence[Any], shape: Shape) -> Any:
    """One number, or an array of them."""
    if not shape:
        return numbers[0]
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found.reshape(shape)


class Irrational(ArithmeticError):
    """A number that is no fraction: a root of what is no square, or a quotient by zero."""


def root(number: int, degree: int) -> int:
    """The integer whose power it is. raises: Irrational if there is none."""
    found = isqrt(number) if degree == 2 else round(number ** (1 / degree))
    if found**degree != number:
        raise Irrational
    return found


def power(base: Fraction, exponent: Any) -> Fraction:
    whole = Fraction(exponent)
    if whole.denominator > 1:
        if base < 0:
            raise Irrational
        base = Fraction(root(base.numerator, whole.denominator), root(base.denominator, whole.denominator))
    if base == 0 and whole < 0:
        raise Irrational
    return base**whole.numerator


def _none(*_: Any) -> Any:
    raise Irrational


def _selected(pairs: Sequence[tuple[Any, Any]]) -> Any:
    return next((value for condition, value in pairs if condition), None)


FRACTIONS = Arithmetic(
    number=lambda fraction: fraction,
    power=power,
    functions={
        sympy.exp: _none,
        sympy.log: _none,
        sympy.Abs: abs,
        sympy.sign: lambda x: Fraction((x > 0) - (x < 0)),
        sympy.Max: max,
        sympy.Min: min,
    },
    select=_selected,
    whole=Whole(lambda fraction: fraction, max),
)
"""Fractions, where everything on the way is one; faster than the exact numbers of SymPy."""
