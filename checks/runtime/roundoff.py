"""Running error bounds: float64 arrays that carry how far rounding may have moved them.

Every operation adds one relative rounding error of at most u = 2^-53 to the errors it inherits, to first order
(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.3). What comes out at the
end of a run is a bound for that very run, with its own cancellations, and not a tolerance that somebody chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np
import sympy

from driftproof.theory.errors import Refused

from .evaluate import Arithmetic
from .whole import AXES, Shape

UNIT = 2.0**-53
UNITS = {"float64": UNIT, "float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}
"""The largest relative error of one rounding to the nearest, by type."""
SECOND_ORDER = 2
"""For what the first order leaves out: in bfloat16 a unit is 1/256, and squares of errors are no longer small."""
ALLOWANCE = 4
"""An implementation may order the operations in its own way and use up to this many times as many roundings."""


@dataclass(frozen=True)
class Rounded:
    """value: float64 array.   error: bound of |computed - exact|, same shape."""

    value: np.ndarray
    error: np.ndarray

    def __add__(self, other: Rounded) -> Rounded:
        with np.errstate(all="ignore"):
            return _rounded(self.value + other.value, self.error + other.error)

    def __mul__(self, other: Rounded) -> Rounded:
        with np.errstate(all="ignore"):  # 0 times infinity, as in a branch that is not taken
            inherited = np.abs(self.value) * other.error + np.abs(other.value) * self.error + self.error * other.error
            return _rounded(self.value * other.value, inherited)

    def __lt__(self, other: Rounded) -> Any:
        return self.value < other.value

    def __le__(self, other: Rounded) -> Any:
        return self.value <= other.value

    def __gt__(self, other: Rounded) -> Any:
        return self.value > other.value

    def __ge__(self, other: Rounded) -> Any:
        return self.value >= other.value


def exactly(value: Any) -> Rounded:
    """An input, without error."""
    array = np.asarray(value, dtype=np.float64)
    return Rounded(array, np.zeros_like(array))


def _rounded(value: np.ndarray, inherited: np.ndarray, roundings: Any = 1) -> Rounded:
    return Rounded(value, inherited + roundings * UNIT * np.abs(value))


def _power(base: Rounded, exponent: Any) -> Rounded:
    """x^p: |p| |x|^(p-1) inherited, and one rounding for each multiplication of a power taken step by step."""
    p = exponent.value if isinstance(exponent, Rounded) else float(exponent)
    with np.errstate(all="ignore"):  # 0 to a negative power, as in the branch that a first step does not take
        value = np.power(base.value, p)
        slope = np.where(base.error == 0, 0.0, np.abs(p) * np.power(np.abs(base.value), p - 1))
        return _rounded(value, slope * base.error, np.maximum(np.abs(p), 1) + 1)


def _select(pairs: Sequence[tuple[Any, Rounded]]) -> Rounded:
    conditions = [np.asarray(condition) for condition, _ in pairs]
    values = np.select(conditions, [v.value for _, v in pairs], np.nan)
    return Rounded(values, np.select(conditions, [v.error for _, v in pairs], np.nan))


def _extreme(a: Rounded, b: Rounded, choose: Any) -> Rounded:
    return Rounded(choose(a.value, b.value), np.maximum(a.error, b.error))


def _sign(a: Rounded, margin: float = 1.0) -> Rounded:
    return Rounded(np.sign(a.value), np.where((np.abs(a.value) <= margin * a.error) & (a.error > 0), 2.0, 0.0))


class _Whole:
    """Joined entries: a sum of n terms rounds n times, in whatever order, each time by a share of sum |terms|."""

    def reduce(self, kind: str, over: str, value: Rounded, shape: Shape) -> Rounded:
        entries = _filled(value, shape)
        axis = AXES.get(over)
        if axis is not None and len(shape) < -axis:
            return entries
        if kind == "max":
            return Rounded(*(np.broadcast_to(a.max(axis=axis, keepdims=True), shape) for a in _parts(entries)))
        count = entries.value.size if axis is None else shape[axis]
        total = _sum(entries, axis, count)
        if kind == "mean":
            total = _rounded(total.value / count, total.error / count)
        return total if axis is None else Rounded(*(np.broadcast_to(a, shape) for a in _parts(total)))

    def matmul(self, a: Rounded, b: Rounded, shape: Shape) -> Rounded:
        x, y = np.abs(a.value), np.abs(b.value)
        inherited = x @ b.error + a.error @ y + a.error @ b.error
        return Rounded(a.value @ b.value, inherited + (a.value.shape[1] + 1) * UNIT * (x @ y))

    def transpose(self, a: Rounded) -> Rounded:
        return Rounded(a.value.T, a.error.T)


@dataclass(frozen=True, eq=False)
class Joined:
    """What joins entries where all tensors stand in a row. tensors, groups: to which one each entry belongs.

    A sum over several tensors is one of n terms in some order, whether partial sums are taken or not.
    """

    tensors: np.ndarray
    groups: np.ndarray

    def reduce(self, kind: str, over: str, value: Rounded, shape: Shape) -> Rounded:
        """raises: Refused along rows and columns, which a row of entries does not have."""
        owners = {"tensor": self.tensors, "group": self.groups, "all": np.zeros_like(self.groups)}.get(over)
        if owners is None:
            raise Refused(
                f"A reduction along a {over} beside one over several tensors.", "Entries stand in a row here."
            )
        entries, found = _filled(value, shape), Rounded(np.empty(shape), np.empty(shape))
        for owner in np.unique(owners):
            mine = owners == owner
            one = _Whole().reduce(kind, "tensor", Rounded(*(a[mine] for a in _parts(entries))), (int(mine.sum()),))
            found.value[mine], found.error[mine] = one.value, one.error
        return found

    def matmul(self, a: Rounded, b: Rounded, shape: Shape) -> Rounded:
        raise Refused("A product of matrices beside a reduction over several tensors.", "Entries stand in a row here.")

    transpose = matmul


def _parts(a: Rounded) -> tuple[np.ndarray, np.ndarray]:
    return a.value, a.error


def _filled(a: Rounded, shape: Shape) -> Rounded:
    return Rounded(*(np.broadcast_to(part, shape) for part in _parts(a)))


def _sum(a: Rounded, axis: int | None, count: int) -> Rounded:
    def joined(x: np.ndarray) -> np.ndarray:
        return np.asarray(x.sum(axis=axis, keepdims=axis is not None))

    return Rounded(joined(a.value), joined(a.error) + count * UNIT * joined(np.abs(a.value)))


def _number(fraction: Fraction) -> Rounded:
    value = np.asarray(np.float64(fraction.numerator) / np.float64(fraction.denominator))
    return Rounded(value, np.abs(value) * UNIT * (Fraction(float(value)) != fraction))


RUNNING_ERROR = Arithmetic(
    number=_number,
    power=_power,
    functions={
        sympy.exp: lambda a: _rounded(np.exp(a.value), np.exp(a.value) * a.error, 2),
        sympy.log: lambda a: _rounded(np.log(a.value), a.error / np.abs(a.value), 2),
        sympy.Abs: lambda a: Rounded(np.abs(a.value), a.error),
        sympy.sign: _sign,
        sympy.Max: lambda *values: reduce(lambda a, b: _extreme(a, b, np.maximum), values),
        sympy.Min: lambda *values: reduce(lambda a, b: _extreme(a, b, np.minimum), values),
    },
    select=_select,
    whole=_Whole(),
)


def growth(dtype: str) -> float:
    """How much larger than in float64 the errors of a run in another type are."""
    return SECOND_ORDER * UNITS[dtype] / UNIT


def with_margin(margin: float) -> Arithmetic:
    """The same where errors will be taken that many times as large: a sign is uncertain that much further from 0."""
    return replace(RUNNING_ERROR, functions={**RUNNING_ERROR.functions, sympy.sign: partial(_sign, margin=margin)})
