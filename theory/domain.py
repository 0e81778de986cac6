"""Domains of hyperparameters: intervals with exact ends, written as in mathematics: "[0, 1)"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import OutOfDomain, RuleError

_INTERVAL = re.compile(r"\s*([\[(])\s*(-oo|[-+0-9./]+)\s*,\s*(oo|[-+0-9./]+)\s*([\])])\s*\Z")


@dataclass(frozen=True)
class Interval:
    """An interval of the reals; an end that is None is infinite and open."""

    lower: Fraction | None
    upper: Fraction | None
    closed_below: bool
    closed_above: bool

    def contains(self, value: Any) -> bool:
        """value: any real number; NaN and infinities lie in no domain."""
        if not math.isfinite(value):
            return False
        above = self.lower is None or value > self.lower or (self.closed_below and value == self.lower)
        below = self.upper is None or value < self.upper or (self.closed_above and value == self.upper)
        return above and below

    def check(self, name: str, value: Any) -> None:
        """raises: OutOfDomain, with the value; a value outside is refused, never clipped."""
        try:
            inside = self.contains(value)
        except TypeError as error:
            raise OutOfDomain(f"{name} = {value!r} is not a real number.", "", f"Give a value in {self}.") from error
        if not inside:
            raise OutOfDomain(
                f"{name} = {value} lies outside its domain {self}.",
                "The rule and every statement about it are declared on that domain only.",
                f"Choose {name} in {self}.",
            )

    def __str__(self) -> str:
        low = "-oo" if self.lower is None else str(self.lower)
        high = "oo" if self.upper is None else str(self.upper)
        return f"{'[' if self.closed_below else '('}{low}, {high}{']' if self.closed_above else ')'}"


def interval(text: str) -> Interval:
    """Reads "[0, 1)", "(0, oo)", "(-oo, oo)"; ends are exact fractions."""
    match = _INTERVAL.match(text)
    try:
        if match is None:
            raise ValueError(text)
        opening, low, high, closing = match.groups()
        lower = None if low == "-oo" else Fraction(low)
        upper = None if high == "oo" else Fraction(high)
    except (ValueError, ZeroDivisionError) as error:
        raise RuleError(
            f"'{text}' is not an interval.", "", 'Write it as "[0, 1)", "(0, oo)" or "(-oo, 1/2]".'
        ) from error
    if lower is not None and upper is not None and lower > upper:
        raise RuleError(f"The interval '{text}' is empty.", "", "Exchange its ends.")
    return Interval(lower, upper, opening == "[" and lower is not None, closing == "]" and upper is not None)
