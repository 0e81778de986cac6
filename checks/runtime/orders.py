"""The order with which an error falls, from exact errors at halved steps; no sampling and no tuned tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import mpmath

from .verdict import Range, Region

FIRST_ORDER, LESS = Region(lower=1), Region(upper=0.75)
"""What a theorem of order 1 claims of the slope, and what a wrong limit leaves: half an order, or none."""


def at_least(order: int) -> tuple[Region, Region]:
    """What a theorem of that order claims of the slope, and what a wrong equation leaves: half an order less."""
    return Region(lower=order), Region(upper=order - 0.25)


def at_most(order: int) -> tuple[Region, Region]:
    """That an equation has no higher order than that, and what one of the next order has."""
    return Region(upper=order + 0.25), Region(lower=order + 0.75)


def slope(errors: Sequence[Any]) -> Range:
    """Where log2(err(h)/err(h/2)) goes as h -> 0.

    errors: at h, h/2, h/4, ... (at least three). NaN where they change sign.
    The slope is s + C h^p with p = 1, or 1/2 where skewness spoils it: after its last change d there remain at most
    d/(2^p - 1) <= 2.5 d.
    """
    if any(not a * b > 0 for a, b in pairwise(errors)):  # a change of sign can fake any slope
        return float("nan"), float("nan")
    local = [mpmath.log(a / b, 2) for a, b in pairwise(errors)]
    left = mpmath.mpf(5) / 2 * abs(local[-1] - local[-2])
    return float(local[-1] - left), float(local[-1] + left)


def lowest(intervals: Sequence[Range]) -> Range:
    """The interval of the slowest test function; one with a NaN, which decides nothing, comes first."""
    return min(intervals, key=lambda r: (r[0] == r[0], r))
