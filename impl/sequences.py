"""The numbers of a schedule: an expression in t and T at many steps at once, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy
from sympy import Expr
from sympy.core import relational

from driftproof.theory.errors import Refused
from driftproof.theory.power_sums import PowerSum
from driftproof.theory.symbols import symbol, t

Array = np.ndarray[Any, np.dtype[Any]]


def numbers(e: Expr, steps: Array, horizon: int, given: Mapping[Any, Array] | None = None) -> Array:
    """The values at t = steps, T = horizon; an array as long as steps. given: letter -> its values at these steps.

    Infinite and undefined values come out as such.   raises: Refused for what has no value, with the part.
    """
    known = {t: steps.astype(np.float64), symbol("T"): np.float64(horizon), **(given or {})}
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(_value(e, known), dtype=np.float64), steps.shape)


def _value(e: Any, known: Mapping[Any, Any]) -> Any:
    if e in known:
        return known[e]
    if isinstance(e, sympy.Piecewise):
        pieces = [(_value(v, known), _value(c, known)) for v, c in e.args]
        return np.select([np.asarray(c) for _, c in pieces], [v for v, _ in pieces], np.nan)
    if isinstance(e, PowerSum):
        return _sums(e, known)
    if e in (sympy.true, sympy.false):
        return bool(e)
    if e.is_number:
        return np.float64(e)
    function = _OF.get(type(e))
    if function is None:
        raise Refused(f"{str(e)[:60]} has no value at a step.", "", "Write it in t and T.")
    return function(*(_value(a, known) for a in e.args))


def _sums(e: Any, known: Mapping[Any, Any]) -> Array:
    ends = np.asarray(_value(e.args[1], known)).astype(np.int64)
    terms = np.arange(1, ends.max() + 1, dtype=np.float64) ** -_value(e.args[0], known)
    return np.asarray(np.concatenate([[0.0], np.cumsum(terms)])[ends])


def _power(base: Any, exponent: Any) -> Any:
    if np.ndim(exponent) == 0 and exponent in (0.5, -0.5):
        return np.sqrt(base) if exponent > 0 else 1 / np.sqrt(base)
    return np.power(base, exponent)


def _folded(function: Any) -> Callable[..., Any]:
    return lambda *values: reduce(function, values)


_OF: dict[Any, Callable[..., Any]] = {
    sympy.Add: _folded(np.add),
    sympy.Mul: _folded(np.multiply),
    sympy.Pow: _power,
    sympy.Max: _folded(np.maximum),
    sympy.Min: _folded(np.minimum),
    sympy.And: _folded(np.logical_and),
    sympy.Or: _folded(np.logical_or),
    sympy.Not: np.logical_not,
    sympy.exp: np.exp,
    sympy.log: np.log,
    sympy.sin: np.sin,
    sympy.cos: np.cos,
    sympy.Abs: np.abs,
    relational.StrictLessThan: np.less,
    relational.LessThan: np.less_equal,
    relational.StrictGreaterThan: np.greater,
    relational.GreaterThan: np.greater_equal,
    relational.Equality: np.equal,
    relational.Unequality: np.not_equal,
}
