"""Intervals that hold the value of an expression at one step."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy
from mpmath import iv
from sympy import Expr
from sympy.core import relational

from .growth import Undecided
from .power_sums import PowerSum
from .symbols import t


def enclosed(e: Expr, step: int, horizon: int | None = None) -> Any:
    """An interval with the value at t = step, T = horizon. raises: Undecided where it has none."""
    try:
        found = _value(e, step, horizon)
        return _exact(e, step) if found.a <= 0 <= found.b and not horizon else found
    except (ZeroDivisionError, ValueError, TypeError, OverflowError, NotImplementedError) as error:
        raise Undecided(f"{str(e)[:60]} has no value at t = {step}.") from error


def _value(e: Any, k: int, horizon: int | None) -> Any:
    if e == t:
        return iv.mpf(k)
    if e.is_Symbol:
        if e.name != "T" or horizon is None:
            raise Undecided(f"{e} has no value.")
        return iv.mpf(horizon)
    if e.is_Rational:
        return iv.mpf(int(e.p)) / int(e.q)
    if isinstance(e, sympy.Piecewise):
        return _value(next(v for v, c in e.args if _holds(c, k, horizon)), k, horizon)
    if isinstance(e, sympy.Pow):
        return _power(_value(e.base, k, horizon), e.exp, k, horizon)
    if isinstance(e, PowerSum):
        return _sum(e.args[0], int(e.args[1].subs(t, k)))
    if not e.args:
        return around(e)
    return _OF[type(e)](*(_value(a, k, horizon) for a in e.args))


def _exact(e: Expr, k: int) -> Any:
    """Where the sign hangs on rounding: the value in exact arithmetic, if it is rational."""
    found = e.xreplace({t: sympy.Integer(k)})
    return iv.mpf(int(found.p)) / int(found.q) if found.is_Rational else _value(e, k, None)


def _power(base: Any, exponent: Expr, k: int, horizon: int | None) -> Any:
    if exponent.is_Integer:
        return base ** int(exponent)
    if base.a < 0:
        raise Undecided("A root of what is not shown to be positive.")
    if exponent == sympy.Rational(1, 2):
        return iv.sqrt(base)
    if base.b == 0:
        return iv.mpf(0)
    power = _value(exponent, k, horizon)
    if power.a == power.b and power.a == int(power.a):
        return base ** int(power.a)
    return iv.exp(power * iv.log(base))


@lru_cache(maxsize=4096)
def _sum(u: Expr, n: int) -> Any:
    """By the sum that ends one earlier."""
    if n <= 0:
        return iv.mpf(0)
    before = iv.mpf(0) if n == 1 else _sum(u, n - 1) if n % 64 else sum((_term(u, k) for k in range(1, n)), iv.mpf(0))
    return before + _term(u, n)


def _term(u: Expr, k: int) -> Any:
    return iv.exp(-_value(u, 1, None) * iv.log(k))


def around(c: Expr) -> Any:
    """An interval around an exact number."""
    if c.is_Rational:
        return iv.mpf(int(c.p)) / int(c.q)
    value = digits(c)
    if not value.is_Float:
        raise Undecided(f"{str(c)[:60]} is not a real number.")
    number = iv.mpf(str(value))
    return number + iv.mpf([-1, 1]) * abs(number) * iv.mpf(10) ** -30


@lru_cache(maxsize=4096)
def digits(c: Expr) -> Any:
    """40 of them; the same few numbers come again and again, and a zeta is slow."""
    return c.evalf(40)


def _holds(condition: Any, k: int, horizon: int | None) -> bool:
    """A comparison at one step; equal enclosures count as equal. raises: Undecided."""
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if isinstance(condition, relational.Relational):
        found = condition.xreplace({t: sympy.Integer(k), sympy.Symbol("T", real=True): sympy.Integer(horizon or 0)})
        if found in (sympy.true, sympy.false):
            return bool(found)
    if isinstance(condition, sympy.And | sympy.Or):
        parts = [_holds(c, k, horizon) for c in condition.args]
        return all(parts) if isinstance(condition, sympy.And) else any(parts)
    raise Undecided(f"{str(condition)[:60]} is not decided at t = {k}.")


def _extreme(sign: int) -> Callable[..., Any]:
    def applied(*values: Any) -> Any:
        if sign > 0:
            return iv.mpf([max(v.a for v in values), max(v.b for v in values)])
        return iv.mpf([min(v.a for v in values), min(v.b for v in values)])

    return applied


def _product(*values: Any) -> Any:
    done = iv.mpf(1)
    for value in values:
        done = done * value
    return done


_OF: dict[Any, Callable[..., Any]] = {
    sympy.Add: lambda *values: sum(values, iv.mpf(0)),
    sympy.Mul: _product,
    sympy.exp: lambda x: iv.exp(x),
    sympy.log: lambda x: iv.log(x),
    sympy.sin: lambda x: iv.sin(x),
    sympy.cos: lambda x: iv.cos(x),
    sympy.Abs: lambda x: abs(x),
    sympy.Max: _extreme(1),
    sympy.Min: _extreme(-1),
}
