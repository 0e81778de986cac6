"""What joins the entries of one tensor, for the readings of `evaluate`: sums, means, maxima, products of matrices.

Tensors are arrays of exact numbers, or of numbers with many digits, as NumPy objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce as fold
from operator import add, mul
from typing import Any

import numpy as np

from driftproof.theory.errors import Refused
from driftproof.theory.nodes import MatMul, Reduce
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import SHAPE

AXES = {"row": -1, "column": -2}
Shape = tuple[int, ...]


def joins_entries(rule: UpdateRule) -> bool:
    """Whether a rule looks at whole tensors: a reduction, a product of matrices, or a shape."""
    expressions = [e.expression for e in rule.equations]
    return any(e.has(Reduce, MatMul) or e.free_symbols & {*SHAPE} for e in expressions)


def each(function: Callable[..., Any], *values: Any) -> Any:
    """The function of numbers, entry by entry where a value is an array of objects."""
    if any(isinstance(v, np.ndarray) and v.dtype == object for v in values):
        return np.frompyfunc(function, len(values), 1)(*values)
    return function(*values)


def filled(value: Any, shape: Shape) -> np.ndarray:
    return np.broadcast_to(np.asarray(value, dtype=object), shape)


@dataclass(frozen=True)
class Whole:
    """number: Fraction -> number.   largest: of two numbers."""

    number: Callable[[Fraction], Any]
    largest: Callable[[Any, Any], Any]

    def reduce(self, kind: str, over: str, value: Any, shape: Shape) -> Any:
        """One number for the tensor; along a row or column an array, which a tensor without that axis is already."""
        entries = filled(value, shape)
        if over not in AXES:
            return self._joined(kind, list(entries.ravel()))
        axis = AXES[over]
        if entries.ndim < -axis:
            return entries
        lines = np.moveaxis(np.array(entries), axis, -1)
        for place in np.ndindex(lines.shape[:-1]):
            lines[place] = [self._joined(kind, list(lines[place]))] * lines.shape[-1]
        return np.moveaxis(lines, -1, axis)

    def _joined(self, kind: str, entries: list[Any]) -> Any:
        if kind == "max":
            return fold(self.largest, entries)
        total = fold(add, entries, self.number(Fraction(0)))
        return mul(total, self.number(Fraction(1, len(entries)))) if kind == "mean" else total

    def matmul(self, a: Any, b: Any, shape: Shape) -> Any:
        if np.shape(a)[1:] != np.shape(b)[:1]:
            raise Refused(f"Matrices of shapes {np.shape(a)} and {np.shape(b)} have no product.")
        rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
        product = np.empty((rows, columns), dtype=object)
        for i, j in np.ndindex(rows, columns):
            product[i, j] = fold(add, (mul(a[i, k], b[k, j]) for k in range(inner)))
        return product

    def transpose(self, a: Any) -> Any:
        if np.ndim(a) != 2:
            raise Refused("Only a matrix has a transpose.")
        return a.T
