"""Which expressions of a rule are never negative, or lie in [0, 1], whatever the gradients. Sufficient tests only.

A state counts as never negative where it starts so, and its new value is so as long as all such states are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol

from .nodes import Choice, Reduce
from .rule import First, UpdateRule
from .symbols import SHAPE, new, t

_EVEN = (sympy.Abs, sympy.exp)


class Positive:
    """inlined: the rule's equations in terms of inputs, old values and some new values."""

    def __init__(self, rule: UpdateRule, inlined: Mapping[Symbol, Expr]) -> None:
        hyper = rule.declared["hyperparameters"]
        self.positive = {h.symbol for h in hyper if h.domain.lower is not None and h.domain.lower >= 0} | {t, *SHAPE}
        self.unit = {h.symbol for h in hyper if h.symbol in self.positive and _at_most_one(h.domain)}
        starts = {s.symbol: s.init.expression if isinstance(s.init, First) else s.init for s in rule.declared["state"]}
        self._add_states(starts, inlined, self.positive, self.nonnegative)
        self._add_states(starts, inlined, self.unit, self.within_one)

    def _add_states(
        self,
        starts: Mapping[Symbol, Any],
        inlined: Mapping[Symbol, Expr],
        known: set[Symbol],
        holds: Callable[..., bool],
    ) -> None:
        candidates = {s for s, start in starts.items() if holds(start)}
        while candidates:
            known |= candidates | {new(s) for s in candidates}
            failing = {s for s in candidates if not holds(inlined[new(s)].xreplace({new(s): s}))}
            known -= failing | {new(s) for s in failing}
            candidates -= failing
            if not failing:
                return

    def nonnegative(self, e: Any) -> bool:
        """Whether e >= 0 is plain from its form; where e is a root, the root is real."""
        if isinstance(e, Symbol):
            return e in self.positive
        if e.is_Rational:
            return bool(e >= 0)
        if isinstance(e, sympy.Pow):
            exponent = e.exp
            even = exponent.is_Rational and (exponent.p % 2 == 0 or exponent.q % 2 == 0)
            return bool(even) or self.nonnegative(e.base)
        if isinstance(e, sympy.Max):
            return any(map(self.nonnegative, e.args))
        if isinstance(e, sympy.Mul | sympy.Min):
            return all(map(self.nonnegative, e.args))
        if isinstance(e, sympy.Add):
            rest = (
                e.func(*(a for a in e.args if a not in (t, -1))) if {t, sympy.Integer(-1)} <= {*e.args} else e
            )  # t >= 1
            return rest == 0 or self._rest_of_one(e) or all(map(self.nonnegative, sympy.Add.make_args(rest)))
        if isinstance(e, Reduce):
            return self.nonnegative(e.operand)
        return isinstance(e, _EVEN) or self._every_branch(e, self.nonnegative)

    def within_one(self, e: Any) -> bool:
        """Whether 0 <= e <= 1 is plain from its form."""
        if isinstance(e, Symbol):
            return e in self.unit
        if e.is_Rational:
            return bool(0 <= e <= 1)
        if isinstance(e, sympy.Pow):
            return self.within_one(e.base) and self.nonnegative(e.exp)
        if isinstance(e, sympy.Mul):
            return all(map(self.within_one, e.args))
        if isinstance(e, sympy.Add):
            return self._rest_of_one(e)
        return self._every_branch(e, self.within_one)

    def _rest_of_one(self, e: Any) -> bool:
        """1 - x with x in [0, 1]."""
        return bool(1 - e != 0 and not isinstance(1 - e, sympy.Add) and self.within_one(1 - e))

    def _every_branch(self, e: Any, holds: Callable[[Any], bool]) -> bool:
        if isinstance(e, Choice):
            return all(map(holds, e.branches.values()))
        return isinstance(e, sympy.Piecewise) and all(holds(value) for value, _ in e.args)


def _at_most_one(domain: Any) -> bool:
    return domain.upper is not None and domain.upper <= 1
