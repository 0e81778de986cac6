"""The recursion that a witness speaks of, its gradients, and intervals with dyadic ends."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

FORMS = ("new", "old")
Runs = tuple[tuple[int, Fraction], ...]
"""Gradients with how often each is repeated: ((1, 3), (2, -1)) is 3, -1, -1."""
Pair = tuple[int, int]
"""A number x with lo <= x 2^bits <= hi."""


class Unbounded(ArithmeticError):
    """A denominator is not bounded away from 0 at this precision."""


@dataclass(frozen=True)
class Recursion:
    """v' = beta2 v + (1 - beta2) g^2, and D(v) = max(sqrt(v + inside), floor) + outside.

    form: "new":    m' = beta1 m + (1 - beta1) g,          theta' = theta - alpha m'/D(v')
          "old":    m' = beta1 m + (1 - beta1) g/D(v),     theta' = theta - alpha m'
    raises: ValueError unless 0 <= beta1 < 1, 0 < beta2 < 1, and the others are >= 0.
    """

    form: str
    beta1: Fraction
    beta2: Fraction
    inside: Fraction
    outside: Fraction
    floor: Fraction

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError(f"form '{self.form}' is none of {', '.join(FORMS)}")
        if not 0 <= self.beta1 < 1:
            raise ValueError(f"beta1 = {self.beta1} is not in [0, 1)")
        if not 0 < self.beta2 < 1:
            raise ValueError(f"beta2 = {self.beta2} is not in (0, 1)")
        if min(self.inside, self.outside, self.floor) < 0:
            raise ValueError("inside, outside or floor is below 0")

    def denominator(self, v: Pair, bits: int) -> Pair:
        """D of every number between the ends. raises: Unbounded where it may be 0."""
        (inside_low, inside_high), (out_low, out_high) = enclosed(self.inside, bits), enclosed(self.outside, bits)
        floor_low, floor_high = enclosed(self.floor, bits)
        low = max(isqrt(max(v[0] + inside_low, 0) << bits), floor_low) + out_low
        # isqrt rounds down: one more is above the root.
        high = max(isqrt(max(v[1] + inside_high, 0) << bits) + 1, floor_high) + out_high
        if low <= 0:
            raise Unbounded
        return low, high


def enclosed(x: Fraction, bits: int) -> Pair:
    """x between two neighbours."""
    scaled = x.numerator << bits
    return scaled // x.denominator, -(-scaled // x.denominator)


def plus(*terms: Pair) -> Pair:
    return sum(a for a, _ in terms), sum(b for _, b in terms)


def minus(a: Pair, b: Pair) -> Pair:
    return a[0] - b[1], a[1] - b[0]


def times(a: Pair, b: Pair, bits: int) -> Pair:
    products = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return min(products) >> bits, -(-max(products) >> bits)


def over(a: Pair, b: Pair, bits: int) -> Pair:
    """a/b for b > 0. raises: Unbounded where b may be 0."""
    if b[0] <= 0:
        raise Unbounded
    low = (a[0] << bits) // (b[1] if a[0] >= 0 else b[0])
    high = -((-a[1] << bits) // (b[0] if a[1] >= 0 else b[1]))
    return low, high
