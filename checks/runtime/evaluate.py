"""A second reading of a rule's equations: a walk over the expression tree, in whatever arithmetic is given.

It shares no code with the compiler of `impl` and is not fast; checks use it where they need an answer that
was reached on another road: with mpmath to any number of digits, or with running error bounds.
Only rules made of one-entry mathematics are read; reductions and matrix products are refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import mpmath
import sympy
from sympy import Symbol

from driftproof.theory.errors import Refused
from driftproof.theory.nodes import MatMul, Reduce, Transpose
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import new, t, theta

Values = Mapping[Symbol, Any]


@dataclass(frozen=True)
class Arithmetic:
    """What the walk needs beside + and *.

    number: Fraction -> value.    power: (value, Fraction or value) -> value.
    select: [(condition, value), ...] -> value of the first condition that holds.
    """

    number: Callable[[Fraction], Any]
    power: Callable[[Any, Any], Any]
    functions: Mapping[type, Callable[..., Any]]
    select: Callable[[Sequence[tuple[Any, Any]]], Any]


_RELATIONS = {
    sympy.StrictLessThan: operator.lt,
    sympy.LessThan: operator.le,
    sympy.StrictGreaterThan: operator.gt,
    sympy.GreaterThan: operator.ge,
    sympy.Equality: operator.eq,
    sympy.Unequality: operator.ne,
}


def evaluate(expression: Any, values: Values, arithmetic: Arithmetic) -> Any:
    """The value of an expression of the rule language. raises: Refused outside one-entry mathematics."""

    def recur(part: Any) -> Any:
        return evaluate(part, values, arithmetic)

    if isinstance(expression, Symbol):
        return values[expression]
    if isinstance(expression, sympy.Rational):
        return arithmetic.number(Fraction(int(expression.p), int(expression.q)))
    if isinstance(expression, sympy.Add | sympy.Mul):
        join = operator.add if isinstance(expression, sympy.Add) else operator.mul
        return reduce(join, (recur(a) for a in expression.args))
    if isinstance(expression, sympy.Pow):
        base, exponent = expression.args
        rational = isinstance(exponent, sympy.Rational)
        return arithmetic.power(
            recur(base), Fraction(int(exponent.p), int(exponent.q)) if rational else recur(exponent)
        )
    if isinstance(expression, sympy.Piecewise):
        return arithmetic.select([(recur(condition), recur(value)) for value, condition in expression.args])
    if type(expression) in _RELATIONS:
        return _RELATIONS[type(expression)](*(recur(a) for a in expression.args))
    if isinstance(expression, sympy.logic.boolalg.BooleanAtom):
        return bool(expression)
    if type(expression) in arithmetic.functions:
        return arithmetic.functions[type(expression)](*(recur(a) for a in expression.args))
    raise Refused(f"{type(expression).__name__} is not evaluated here.", f"In {expression}.", "")


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, Fraction):
        exponent = (
            exponent.numerator if exponent.denominator == 1 else mpmath.mpf(exponent.numerator) / exponent.denominator
        )
    if base == 0 and exponent < 0:
        return mpmath.inf
    if base < 0 and exponent != int(exponent):
        return mpmath.nan
    return mpmath.power(base, exponent)


def _first_true(pairs: Sequence[tuple[Any, Any]]) -> Any:
    return next((value for condition, value in pairs if condition), mpmath.nan)


MPMATH = Arithmetic(
    number=lambda fraction: mpmath.mpf(fraction.numerator) / fraction.denominator,
    power=_power,
    functions={
        sympy.exp: mpmath.exp,
        sympy.log: mpmath.log,
        sympy.Abs: abs,
        sympy.sign: mpmath.sign,
        sympy.Max: lambda *values: reduce(max, values),
        sympy.Min: lambda *values: reduce(min, values),
    },
    select=_first_true,
)
"""Real numbers at mpmath's working precision (set it with mpmath.workdps)."""


def _exact_power(base: Any, exponent: Any) -> Any:
    return base ** (
        sympy.Rational(exponent.numerator, exponent.denominator) if isinstance(exponent, Fraction) else exponent
    )


def _exact(kind: Any) -> Callable[..., Any]:
    """The function, with NaN for what has no value, such as a maximum with 1/0."""
    return lambda *values: kind(*values) if all(v.is_comparable for v in values) else sympy.nan


EXACT = Arithmetic(
    number=lambda fraction: sympy.Rational(fraction.numerator, fraction.denominator),
    power=_exact_power,
    functions={kind: _exact(kind) for kind in (sympy.exp, sympy.log, sympy.Abs, sympy.sign, sympy.Max, sympy.Min)},
    select=lambda pairs: next((value for condition, value in pairs if condition), sympy.nan),
)
"""SymPy's exact numbers; roots that are not rational stay symbolic."""


def step(rule: UpdateRule, values: Values, arithmetic: Arithmetic) -> dict[Symbol, Any]:
    """All values after the equations of one step, given old values, inputs and hyperparameters."""
    known = dict(values)
    for equation in rule.equations:
        known[equation.symbol] = evaluate(equation.expression, known, arithmetic)
    return known


def trajectory(
    rule: UpdateRule,
    start: Any,
    gradients: Sequence[Any],
    hyperparameters: Sequence[Mapping[str, Any]],
    arithmetic: Arithmetic,
) -> Iterator[dict[Symbol, Any]]:
    """The new values of theta and of each state, step by step from t = 1, keyed by the old symbols.

    hyperparameters: values by name, for each step.
    raises: Refused for a rule that is not of one-entry mathematics.
    """
    _readable(rule)
    draw = rule.gradients[0].symbol
    state: dict[Symbol, Any] = {theta: start}
    for number, (gradient, given) in enumerate(zip(gradients, hyperparameters, strict=True), start=1):
        inputs = {draw: gradient, t: arithmetic.number(Fraction(number))}
        inputs |= {h.symbol: given[h.name] for h in rule.hyperparameters}
        if number == 1:
            state |= {s.symbol: _initial(s.init, {**state, **inputs}, arithmetic) for s in rule.state}
        known = step(rule, {**state, **inputs}, arithmetic)
        state = {symbol: known[new(symbol)] for symbol in state}
        yield dict(state)


def _initial(init: Any, values: Values, arithmetic: Arithmetic) -> Any:
    return evaluate(init.expression if isinstance(init, First) else init, values, arithmetic)


def _readable(rule: UpdateRule) -> None:
    whole = (Reduce, MatMul, Transpose)
    entries = all(s.scope == "element" for s in rule.state) and not any(
        e.expression.has(*whole) for e in rule.equations
    )
    if not entries or len(rule.gradients) != 1 or rule.gradients[0].at != theta or rule.guard != sympy.true:
        raise Refused(
            f"'{rule.label}' is not made of one-entry mathematics with one gradient at theta and no guard.",
            "The independent evaluation reads nothing else.",
            "",
        )
