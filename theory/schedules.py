"""Schedules given as text: expressions in t, the step from 1 on, and T, the number of steps. Nothing is executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr

from .errors import NotReadable
from .functions import absolute, as_expression, exp, log, maximum, minimum, piecewise, rational, sqrt
from .reader import expression
from .symbols import symbol, t

LARGEST_ANGLE = 10**6


def _of_angle(function: Callable[[Expr], Expr]) -> Callable[[Any], Expr]:
    """sin or cos; of a number only where that is a small multiple of 1 or pi, so that comparing it always ends."""

    def applied(argument: Any) -> Expr:
        angle = as_expression(argument)
        turns = [angle, angle / sympy.pi] if angle.is_number else []
        if turns and not any(x.is_Rational and abs(x) <= LARGEST_ANGLE for x in turns):
            raise NotReadable(
                f"{function}({str(angle)[:40]}) is not computed.",
                f"Angles are numbers up to {LARGEST_ANGLE}, or times pi.",
            )
        return function(angle)

    return applied


_WORDS: dict[str, Any] = {
    "t": t,
    "T": symbol("T"),
    "pi": sympy.pi,
    "Rational": rational,
    **{"exp": exp, "log": log, "sqrt": sqrt, "abs": absolute, "cos": _of_angle(sympy.cos), "sin": _of_angle(sympy.sin)},
    **{"min": minimum, "max": maximum, "Min": minimum, "Max": maximum, "Piecewise": piecewise},
}


def schedule(text: str) -> Expr:
    """The expression s(t) of a schedule. raises: NotReadable, NotExact, RuleError or UnknownName, with the place."""
    found = as_expression(expression(text, _WORDS, "schedule"))
    if found.is_number and not found.is_real:
        raise NotReadable(f"The schedule {text[:60]} is not real.", "", "Write one in t, such as min(1, t/100).")
    return found
