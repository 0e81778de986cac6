"""Intervals with 200-bit ends: every operation encloses the exact result of the reals.

A comparison that the intervals do not decide raises Undecided; nothing is ever guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import libmp
from mpmath.libmp import libmpi

BITS = 200


class Undecided(ArithmeticError):
    """The intervals overlap, or a function's argument may leave its domain."""


def _operation(function: Callable[..., Any]) -> tuple[Any, Any]:
    """A binary operation and its reflection; with an array on the right NumPy takes it entry by entry."""

    def forward(self: Interval, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Interval(function(self.ends, number(other).ends, BITS))

    def reflected(self: Interval, other: Any) -> Any:
        return Interval(function(number(other).ends, self.ends, BITS))

    return forward, reflected


def _comparison(function: Callable[..., Any]) -> tuple[Any, Any]:
    """A comparison and its reflection. mpmath says None where the intervals overlap."""

    def decided(answer: Any) -> bool:
        if answer is None:
            raise Undecided("two intervals overlap")
        return bool(answer)

    def forward(self: Interval, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return decided(function(self.ends, number(other).ends))

    def reflected(self: Interval, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return decided(function(number(other).ends, self.ends))

    return forward, reflected


@dataclass(frozen=True, eq=False)
class Interval:
    """ends: lower and upper end, in mpmath's raw form."""

    ends: Any

    @property
    def lower(self) -> Any:
        return self.ends[0]

    @property
    def upper(self) -> Any:
        return self.ends[1]

    def is_finite(self) -> bool:
        return all(end not in (libmp.finf, libmp.fninf, libmp.fnan) for end in self.ends)

    def exact(self) -> Fraction | None:
        """The number, where the interval is a single one."""
        if self.lower != self.upper or not self.is_finite():
            return None
        sign, mantissa, exponent, _ = self.lower
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * (-1 if sign else 1)

    def __pow__(self, other: Any) -> Interval:
        if isinstance(other, np.ndarray):
            return NotImplemented
        exponent = number(other)
        exact = exponent.exact()
        if exact is not None and exact.denominator == 1:
            return Interval(libmpi.mpi_pow_int(self.ends, int(exact), BITS))
        return exp(exponent * log(self))

    def __rpow__(self, other: Any) -> Interval:
        return number(other) ** self

    __add__, __radd__ = _operation(libmpi.mpi_add)
    __sub__, __rsub__ = _operation(libmpi.mpi_sub)
    __mul__, __rmul__ = _operation(libmpi.mpi_mul)
    __truediv__, __rtruediv__ = _operation(libmpi.mpi_div)
    __lt__, __gt__ = _comparison(libmpi.mpi_lt)
    __le__, __ge__ = _comparison(libmpi.mpi_le)

    def __neg__(self) -> Interval:
        return Interval(libmpi.mpi_neg(self.ends, BITS))

    def __abs__(self) -> Interval:
        return Interval(libmpi.mpi_abs(self.ends, BITS))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, np.ndarray):
            return NotImplemented
        x, y = self, number(other)
        if x is not y and overlap(x, y) and (x.exact() is None or y.exact() is None):
            raise Undecided("two intervals overlap")
        return overlap(x, y)

    def __ne__(self, other: object) -> bool:
        return NotImplemented if isinstance(other, np.ndarray) else not self == other

    def __hash__(self) -> int:
        return hash(self.ends)


def number(value: Any) -> Interval:
    """The interval of an exact number: an int, a float (it is binary) or a Fraction; an infinity is kept."""
    if isinstance(value, Interval):
        return value
    if value in (float("inf"), float("-inf")):
        end = libmp.finf if value > 0 else libmp.fninf
        return Interval((end, end))
    exact = Fraction(value)
    ends = (libmp.from_rational(exact.numerator, exact.denominator, BITS, side) for side in ("f", "c"))
    return Interval(tuple(ends))


def sqrt(x: Interval) -> Interval:
    if not number(x) >= 0:
        raise Undecided("the root of a negative number")
    return Interval(libmpi.mpi_sqrt(number(x).ends, BITS))


def exp(x: Interval) -> Interval:
    return Interval(libmpi.mpi_exp(number(x).ends, BITS))


def log(x: Interval) -> Interval:
    if not number(x) > 0:
        raise Undecided("the logarithm of a number that is not positive")
    return Interval(libmpi.mpi_log(number(x).ends, BITS))


def sign(x: Interval) -> Interval:
    return number(0) if number(x) == 0 else number(1 if number(x) > 0 else -1)


def maximum(x: Interval, y: Interval) -> Interval:
    x, y = number(x), number(y)
    return Interval((_larger(x.lower, y.lower), _larger(x.upper, y.upper)))


def minimum(x: Interval, y: Interval) -> Interval:
    return -maximum(-number(x), -number(y))


def _larger(a: Any, b: Any) -> Any:
    return a if libmp.mpf_ge(a, b) else b


def overlap(x: Interval, y: Interval) -> bool:
    return bool(libmp.mpf_le(x.lower, y.upper) and libmp.mpf_le(y.lower, x.upper))


def spread(x: Interval, y: Interval) -> float:
    """Width of the hull of both, relative to its largest magnitude: a bound on how far the two values differ."""
    if not (x.is_finite() and y.is_finite()):
        return float("inf")
    low = x.lower if libmp.mpf_le(x.lower, y.lower) else y.lower
    width = libmp.mpf_sub(_larger(x.upper, y.upper), low, BITS, "u")
    size = _larger(libmp.mpf_abs(low), libmp.mpf_abs(_larger(x.upper, y.upper)))
    if size == libmp.fzero:
        return 0.0
    return float(libmp.to_float(libmp.mpf_div(width, size, BITS, "u")))


def _middle(x: Interval) -> Interval:
    end = libmpi.mpi_mid(x.ends, BITS)
    return Interval((end, end))


MIDDLE = np.frompyfunc(_middle, 1, 1)
"""The middle of an interval, or of every one in an array."""
