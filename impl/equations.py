"""A rule's equations, evaluated directly on their SymPy trees with intervals: the oracle of `verify`.

It shares nothing with lowering: no stages, no scopes, no shared subexpressions. Every value is held once per tensor,
as an array with one interval per entry, or as one interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce as fold
from operator import add, mul
from typing import Any

import numpy as np
import sympy
from sympy.core import relational

from driftproof.theory import nodes
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import columns, dims, f, new, rows, t, theta

from . import interval
from .interval import Interval, Undecided
from .state import RuleState

ENTRYWISE: dict[type, Any] = {
    sympy.exp: np.frompyfunc(interval.exp, 1, 1),
    sympy.log: np.frompyfunc(interval.log, 1, 1),
    sympy.Abs: np.frompyfunc(abs, 1, 1),
    sympy.sign: np.frompyfunc(interval.sign, 1, 1),
    sympy.Max: np.frompyfunc(interval.maximum, 2, 1),
    sympy.Min: np.frompyfunc(interval.minimum, 2, 1),
    relational.StrictLessThan: np.frompyfunc(lambda a, b: a < b, 2, 1),
    relational.LessThan: np.frompyfunc(lambda a, b: a <= b, 2, 1),
    relational.StrictGreaterThan: np.frompyfunc(lambda a, b: a > b, 2, 1),
    relational.GreaterThan: np.frompyfunc(lambda a, b: a >= b, 2, 1),
    relational.Equality: np.frompyfunc(lambda a, b: a == b, 2, 1),
    relational.Unequality: np.frompyfunc(lambda a, b: a != b, 2, 1),
    sympy.And: np.frompyfunc(lambda a, b: a and b, 2, 1),
    sympy.Or: np.frompyfunc(lambda a, b: a or b, 2, 1),
    sympy.Not: np.frompyfunc(lambda a: not a, 1, 1),
    nodes.IsFinite: np.frompyfunc(lambda a: a.is_finite(), 1, 1),
}
SQRT = np.frompyfunc(interval.sqrt, 1, 1)


class Equations:
    """The values of one step. given: the hyperparameters of each group; grads: a list per draw."""

    def __init__(
        self,
        rule: UpdateRule,
        state: RuleState,
        grads: Sequence[Sequence[Any]],
        given: Sequence[Mapping[str, float]],
        loss: Interval,
    ) -> None:
        self.rule, self.groups, self.tensors = rule, state.groups, range(len(state.theta))
        self.shapes = [array.shape for array in state.theta]
        self.reduced: dict[tuple[Any, int], Any] = {}
        self.values: dict[Any, list[Any]] = {
            theta: list(state.theta),
            t: [interval.number(state.t + 1)] * len(state.theta),
            f: [loss] * len(state.theta),
            dims: [interval.number(len(shape)) for shape in self.shapes],
            rows: [interval.number(shape[-2] if len(shape) > 1 else 1) for shape in self.shapes],
            columns: [interval.number(shape[-1] if shape else 1) for shape in self.shapes],
        }
        for draw, arrays in zip(rule.gradients, grads, strict=True):
            self.values[draw.symbol] = list(arrays)
        for hyper in rule.hyperparameters:
            self.values[hyper.symbol] = [interval.number(given[k][hyper.name]) for k in state.groups]
        for item in rule.state:
            self.values[item.symbol] = self._old(item.scope, state.states[item.name])
        if state.t == 0:
            first = {s.symbol: s.init.expression for s in rule.state if isinstance(s.init, First)}
            self.values |= {symbol: self._all(expression) for symbol, expression in first.items()}

    def _old(self, scope: str, kept: Any) -> list[Any]:
        place = {"group": list(self.groups), "global": [0] * len(self.groups)}.get(scope, list(self.tensors))
        return [kept[k] for k in place]

    def step(self) -> dict[str, list[Any]]:
        """The new values of theta and of every state, by name."""
        for equation in self.rule.equations:
            self.values[equation.symbol] = self._all(equation.expression)
        return {s.name: self.values[new(s)] for s in (theta, *(s.symbol for s in self.rule.state))}

    def output(self, name: str) -> list[Any]:
        return self._all(next(o.expression for o in self.rule.outputs if o.name == name))

    def point(self, name: str) -> list[Any]:
        return self._all(next(d.at for d in self.rule.gradients if d.symbol.name == name))

    def _all(self, expression: Any) -> list[Any]:
        return [self.value(expression, i) for i in self.tensors]

    def value(self, expression: Any, i: int) -> Any:
        """The value for tensor i: an array of intervals or of truth values, or a single one."""
        if expression.is_Symbol:
            return self.values[expression][i]
        if expression.is_Rational:
            return interval.number(_fraction(expression))
        if expression in (sympy.true, sympy.false):
            return bool(expression)
        if isinstance(expression, nodes.Reduce):
            return self._reduce(expression, i)
        if isinstance(expression, sympy.Piecewise):
            return self._piecewise(expression.args, i)
        return self._combined(expression, [self.value(a, i) for a in expression.args])

    def _combined(self, expression: Any, parts: list[Any]) -> Any:
        kind = type(expression)
        if kind is sympy.Add:
            return fold(add, parts)
        if kind is sympy.Mul:
            return fold(mul, parts)
        if kind is sympy.Pow:
            return self._power(parts[0], parts[1], expression.exp)
        if kind is nodes.MatMul:
            return parts[0] @ parts[1]
        if kind is nodes.Transpose:
            return parts[0].T
        function = ENTRYWISE[kind]
        return function(*parts) if function.nin == 1 else fold(function, parts)

    def _power(self, base: Any, exponent: Any, exact: Any) -> Any:
        """x**(p/2^k) by k roots, then a whole power; else by exp and log."""
        if not exact.is_Rational or exact.q & (exact.q - 1):
            return base**exponent
        for _ in range(int(exact.q).bit_length() - 1):
            base = SQRT(base)
        power = base ** interval.number(abs(int(exact.p)))
        return 1 / power if exact.p < 0 else power

    def _piecewise(self, branches: Sequence[Any], i: int) -> Any:
        """The first branch whose condition holds; one that is chosen for no entry is not evaluated."""
        if not branches:
            raise Undecided("no condition of a Piecewise holds")
        (expression, condition), *rest = branches
        holds = np.asarray(self.value(condition, i), dtype=bool)
        if holds.all():
            return self.value(expression, i)
        if not holds.any():
            return self._piecewise(rest, i)
        return np.where(holds, self.value(expression, i), self._piecewise(rest, i))

    def _line(self, expression: Any, i: int) -> Any:
        """Along rows or columns: line by line, the result written to each of its entries."""
        value = np.broadcast_to(np.asarray(self.value(expression.operand, i), dtype=object), self.shapes[i])
        axis = {"row": -1, "column": -2}[expression.over]
        if value.ndim < -axis:
            return value
        turned = np.moveaxis(value.copy(), axis, -1)
        for place in np.ndindex(turned.shape[:-1]):
            line = list(turned[place])
            joined = fold(interval.maximum if expression.kind == "max" else add, line)
            turned[place] = [joined / len(line) if expression.kind == "mean" else joined] * len(line)
        return np.moveaxis(turned, -1, axis)

    def _reduce(self, expression: Any, i: int) -> Any:
        if expression.over in nodes.LINES:
            return self._line(expression, i)
        over = {
            "tensor": [i],
            "group": [j for j in self.tensors if self.groups[j] == self.groups[i]],
            "all": list(self.tensors),
        }[expression.over]
        key = (expression, over[0])
        if key not in self.reduced:
            entries: list[Any] = []
            for j in over:
                entries += self._entries(self.value(expression.operand, j), j)
            joined = fold(interval.maximum if expression.kind == "max" else add, entries)
            self.reduced[key] = joined / len(entries) if expression.kind == "mean" else joined
        return self.reduced[key]

    def _entries(self, value: Any, j: int) -> list[Any]:
        """Every entry; a single value stands for each entry of the tensor."""
        if isinstance(value, np.ndarray):
            return list(value.ravel())
        return [value] * int(np.prod(self.shapes[j]))


def _fraction(number: Any) -> Any:
    from fractions import Fraction

    return Fraction(int(number.p), int(number.q))
