"""Numbers known up to an error: intervals of floats that hold the exact value, whatever is done with them.

Sums, products, quotients and roots are correctly rounded in IEEE 754, so that one float further out on either side
encloses them; exp and log of a C library are off by less than `LIBRARY` floats (glibc states at most 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter

LIBRARY = 4
MOST_BITS = 2000
"""A rational with more becomes an interval: exact arithmetic would cost more than it tells."""


@dataclass(frozen=True, slots=True)
class Near:
    """A number from low to high."""

    low: float
    high: float

    def __add__(self, other: Number) -> Number:
        if other == 0:
            return self
        a = near(other)
        return Near(nextafter(self.low + a.low, -inf), nextafter(self.high + a.high, inf))

    def __mul__(self, other: Number) -> Number:
        if other == 0:
            return Fraction(0)
        a = near(other)
        ends = (self.low * a.low, self.low * a.high, self.high * a.low, self.high * a.high)
        return Near(nextafter(min(ends), -inf), nextafter(max(ends), inf))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Near:
        return Near(-self.high, -self.low)

    @property
    def width(self) -> float:
        return self.high - self.low


Number = Fraction | Near


class Unclear(ArithmeticError):
    """A value that cannot be enclosed: 1/x or log(x) where x may be 0, or a number too large for a float."""


def near(value: Number) -> Near:
    """The interval of one float, or of the two around a rational."""
    if isinstance(value, Near):
        return value
    try:
        x = value.numerator / value.denominator  # correctly rounded, as int/int is
    except OverflowError as error:
        raise Unclear("a number too large for a float") from error
    exact = Fraction(x) == value
    return Near(x, x) if exact else Near(nextafter(x, -inf), nextafter(x, inf))


def around(x: float, radius: float) -> Number:
    """Within a radius of x; a rational if the radius is 0."""
    if not radius:
        return Fraction(x)
    return Near(nextafter(x - radius, -inf), nextafter(x + radius, inf))


def bounded(value: Number) -> Number:
    """The same number, as an interval if it is too long. raises: Unclear for what is not finite."""
    if isinstance(value, Near):
        if not (math.isfinite(value.low) and math.isfinite(value.high)):
            raise Unclear("a number too large for a float")
        return value
    long = value.denominator.bit_length() + value.numerator.bit_length() > MOST_BITS
    return near(value) if long else value


def inverse(x: Number) -> Number:
    """1/x; 0 where x is 0. raises: Unclear where x may be 0 or not."""
    if not isinstance(x, Near):
        return 1 / x if x else x
    if x.low <= 0 <= x.high:
        raise Unclear(f"1/x where x is between {x.low:.3g} and {x.high:.3g}")
    return Near(nextafter(1 / x.high, -inf), nextafter(1 / x.low, inf))


def sqrt(x: Number) -> Number:
    """The root; 0 where x < 0."""
    if not isinstance(x, Near):
        if x <= 0:
            return Fraction(0)
        roots = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if roots[0] ** 2 == x.numerator and roots[1] ** 2 == x.denominator:
            return Fraction(*roots)
    a = near(x)
    low, high = (math.sqrt(max(end, 0.0)) for end in (a.low, a.high))
    return Near(max(0.0, nextafter(low, -inf)), nextafter(high, inf))


def absolute(x: Number) -> Number:
    if not isinstance(x, Near):
        return abs(x)
    return x if x.low >= 0 else -x if x.high <= 0 else Near(0.0, max(-x.low, x.high))


def exp(x: Number) -> Number:
    return Fraction(1) if x == 0 else _monotone(math.exp, near(x))


def log(x: Number) -> Number:
    """The logarithm; 0 where x <= 0, as the language lets it be any number there. raises: Unclear around 0."""
    if not isinstance(x, Near) and (x <= 0 or x == 1):
        return Fraction(0)
    a = near(x)
    if a.high <= 0:
        return Fraction(0)
    if a.low <= 0:
        raise Unclear("log(x) where x may be 0")
    return _monotone(math.log, a)


def _monotone(function: Callable[[float], float], a: Near) -> Near:
    try:
        low, high = function(a.low), function(a.high)
    except OverflowError as error:
        raise Unclear("a number too large for a float") from error
    for _ in range(LIBRARY):
        low, high = nextafter(low, -inf), nextafter(high, inf)
    return Near(low, high)


def power(x: Number, a: Number) -> Number:
    """exp(a log(x)), exactly where a is a small whole number and x a positive rational."""
    if not isinstance(x, Near) and not isinstance(a, Near) and x > 0 and a.denominator == 1 and abs(a) <= 64:
        return x**a.numerator
    return exp(a * log(x))


def larger(x: Number, y: Number) -> Number:
    if not isinstance(x, Near) and not isinstance(y, Near):
        return max(x, y)
    a, b = near(x), near(y)
    return x if a.low >= b.high else y if b.low >= a.high else Near(max(a.low, b.low), max(a.high, b.high))


def smaller(x: Number, y: Number) -> Number:
    return -larger(-x, -y)


def whole_power(x: Number, n: int) -> Number:
    """x^n; an even power is not below 0."""
    if not isinstance(x, Near):
        return x**n
    size = absolute(x) if n % 2 == 0 else x
    total: Number = size
    for _ in range(n - 1):
        total = total * size
    return Near(max(0.0, near(total).low), near(total).high) if n % 2 == 0 else total
