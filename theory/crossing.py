"""When Generic Adam with beta2(t) -> 1 stops going the wrong way along one cyclic stream.

As long as beta2 changes slowly against the memory 1/(1 - beta2), the drift at step t is that of the constant beta2(t):
wrong while 1 - beta2(t) is above some 1 - beta2*. With beta2(t) = 1 - a/t^r this gives t = (a/(1 - beta2*))^(1/r). For
r = 1 the memory is as long as the run is old, and it is an order of magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import sympy
from sympy import Expr

from .kernel.recursion import Runs
from .limiting import Method, rounded_down
from .symbols import t

LATEST = 10**18
FINEST = Fraction(1, 10**12)


@dataclass(frozen=True)
class Crossing:
    """runs: the stream.   small: (low, high): the drift is wrong at 1 - beta2 = high, right at low; None: never wrong.

    step: the first step at which 1 - beta2(t) is at most low; 0 if it is so from the start; None if not by 10^18.
    """

    runs: Runs
    small: tuple[Fraction, Fraction] | None
    step: int | None


def crossing(method: Method, beta2: Expr, runs: Runs) -> Crossing:
    """The predicted step. method: with any beta2; beta2: expression in t, taken to rise towards 1."""
    bracket = turning(method, runs)
    return Crossing(runs, bracket, None if bracket is None else _first(beta2, bracket[0]))


def turning(method: Method, runs: Runs) -> tuple[Fraction, Fraction] | None:
    """1 - beta2 within a ten-thousandth, from below and above; None where the drift is not wrong at any of 2^-k."""

    def wrong(small: Fraction) -> bool:
        return replace(method, constant=replace(method.constant, beta2=1 - small)).sign(runs) > 0

    high = Fraction(1, 2)
    while high > FINEST and not wrong(high):
        high /= 2
    if high <= FINEST:
        return None
    low = high
    while wrong(low):
        high, low = low, low / 2
        if low < FINEST:
            return None
    while high - low > high / 10_000:
        middle = rounded_down((low + high) / 2, 8)
        low, high = (low, middle) if wrong(middle) else (middle, high)
    return low, high


def _first(beta2: Expr, small: Fraction) -> int | None:
    """The first step with 1 - beta2(t) <= small, by bisection; 0 for the very first."""

    def reached(step: int) -> bool:
        return bool(sympy.N(1 - beta2.subs(t, step), 30) <= sympy.Rational(small.numerator, small.denominator))

    if reached(1):
        return 0
    early, late = 1, 2
    while not reached(late):
        early, late = late, 2 * late
        if late > LATEST:
            return None
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (early, middle) if reached(middle) else (middle, late)
    return late
