"""Schedules given as text: expressions in t, the step from 1 on, and T, the number of steps. Nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from .errors import NotReadable, OutOfDomain
from .functions import absolute, as_expression, exp, log, maximum, minimum, piecewise, rational, sqrt
from .reader import expression
from .symbols import symbol, t

LARGEST_ANGLE = 10**6
MOST_POINTS = 200
UNKNOWN_RUN = 100
"""How far a schedule is looked at where the number of steps is not given."""
ROUNDOFF = 1e-9
"""A factor computed in float64 may come out so far below 0 and be 0: 1 + cos(pi t/T) at its end."""


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


WORDS: dict[str, Any] = {
    "t": t,
    "T": symbol("T"),
    "pi": sympy.pi,
    "Rational": rational,
    **{"exp": exp, "log": log, "sqrt": sqrt, "abs": absolute, "cos": _of_angle(sympy.cos), "sin": _of_angle(sympy.sin)},
    **{"min": minimum, "max": maximum, "Min": minimum, "Max": maximum, "Piecewise": piecewise},
}


def schedule(text: str) -> Expr:
    """The expression s(t) of a schedule. raises: NotReadable, NotExact, RuleError or UnknownName, with the place."""
    found = as_expression(expression(text, WORDS, "schedule"))
    if found.is_number and not found.is_real:
        raise NotReadable(f"The schedule {text[:60]} is not real.", "", "Write one in t, such as min(1, t/100).")
    return found


def require_usable(found: Expr, steps: tuple[int, int] | None, factor: Expr) -> None:
    """A factor of the step size is finite and >= 0 at the steps of the old run and, in old steps, of the new one.

    steps: of the old and the new run.   factor: how many old steps one new step stands for.
    Long runs are looked at in 200 places.   raises: OutOfDomain with the step.
    """
    scale = float(factor)
    old, new = steps or (UNKNOWN_RUN, max(math.floor(UNKNOWN_RUN / scale), 1))
    for run, length, unit in (("old", old, 1.0), ("new", new, scale)):
        for place in _places(length):
            value = _float(found, {"t": place * unit, "T": length * unit})
            if value is None or value < -ROUNDOFF:
                what = "not a finite number" if value is None else f"{value:g}, below 0"
                at = f"t = {place}" if run == "old" else f"t = {place} of the new run (t = {place * unit:g} of the old)"
                raise OutOfDomain(
                    f"The schedule {str(found)[:60]} is {what} at {at}.",
                    "It multiplies the step size, which is a number >= 0.",
                    "Write max(0, ...) around it, or begin later."
                    if steps
                    else "Mend it, or give the number of steps.",
                )


def _places(length: int) -> Iterable[int]:
    """Every step of a short run; of a long one both ends and steps evenly between."""
    if length <= MOST_POINTS:
        return range(1, length + 1)
    half = MOST_POINTS // 4
    ends = {*range(1, half + 1), *range(length - half + 1, length + 1)}
    return sorted(ends | {1 + i * (length - 1) // (2 * half) for i in range(2 * half + 1)})


def _float(e: Any, values: dict[str, float]) -> float | None:
    """The value in float64, or None where it is not finite or not real. It ends quickly, whatever the expression."""
    try:
        found = _value(e, values)
    except (ArithmeticError, ValueError, TypeError, StopIteration):
        return None
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else None


def _value(e: Any, values: dict[str, float]) -> Any:
    if e.is_Symbol:
        return values[e.name]
    if e.is_Rational:
        return float(Fraction(int(e.p), int(e.q)))
    if isinstance(e, sympy.Piecewise):
        return next(_value(piece, values) for piece, condition in e.args if _holds(condition, values))
    arguments = [_value(a, values) for a in e.args]
    if type(e) in _IN_FLOATS:
        return _IN_FLOATS[type(e)](arguments)
    return float(e)


def _holds(condition: Any, values: dict[str, float]) -> bool:
    """A comparison of two values, or a truth of such."""
    if isinstance(condition, sympy.core.relational.Relational):
        left, right = (_value(side, values) for side in condition.args)
        return bool(type(condition)(sympy.Float(left), sympy.Float(right)))
    if condition.args:
        parts = {a: sympy.sympify(_holds(a, values)) for a in condition.args}
        return bool(condition.func(*parts.values()))
    return bool(condition)


_IN_FLOATS: dict[Any, Callable[[list[float]], Any]] = {
    sympy.Add: math.fsum,
    sympy.Mul: math.prod,
    sympy.Pow: lambda a: a[0] ** a[1],
    sympy.exp: lambda a: math.exp(a[0]),
    sympy.log: lambda a: math.log(a[0]),
    sympy.cos: lambda a: math.cos(a[0]),
    sympy.sin: lambda a: math.sin(a[0]),
    sympy.Abs: lambda a: abs(a[0]),
    sympy.Max: max,
    sympy.Min: min,
}
