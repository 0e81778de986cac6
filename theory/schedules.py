"""Schedules given as text: expressions in t, the step from 1 on, and T, the number of steps. Nothing is executed."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from .errors import NotReadable
from .reader import expression
from .symbols import symbol, t

MOST_NODES = 200

_WORDS: dict[str, Any] = {
    "t": t,
    "T": symbol("T"),
    "pi": sympy.pi,
    "Rational": sympy.Rational,
    **{name: getattr(sympy, name) for name in ("exp", "log", "sqrt", "cos", "sin", "Min", "Max", "Piecewise")},
    "abs": sympy.Abs,
    "min": sympy.Min,
    "max": sympy.Max,
}


def schedule(text: str) -> Expr:
    """The expression s(t) of a schedule. raises: NotReadable or UnknownName, with the place."""
    found = expression(text, _WORDS, "schedule")
    found = sympy.sympify(found) if isinstance(found, int) else found
    if not isinstance(found, Expr) or (not found.is_extended_real and found.is_number):
        raise NotReadable(
            f"The schedule {text} is not a real expression.", "", "Write one in t, such as min(1, t/100)."
        )
    if found.has(sympy.zoo, sympy.nan, sympy.oo) or sum(1 for _ in sympy.preorder_traversal(found)) > MOST_NODES:
        raise NotReadable(
            f"The schedule {text[:60]} is not finite, or too long.", "", "Write one such as min(1, t/100)."
        )
    return found
