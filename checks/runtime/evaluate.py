"""A second reading of a rule's equations: a walk over the expression tree, in whatever arithmetic is given.

It shares no code with the compiler of `impl` and is not fast; checks use it where they need an answer that
was reached on another road: with mpmath to any number of digits, or with running error bounds.
A tensor is one number, or an array of numbers of the arithmetic. Rules with one gradient at theta are read; inputs
are finite here, so that a guard that asks for finite values holds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Symbol

from driftproof.theory.errors import Refused
from driftproof.theory.nodes import IsFinite, MatMul, Reduce, Transpose
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import columns, dims, f, new, rows, t, theta

from .whole import Shape, Whole, each

Values = Mapping[Symbol, Any]


@dataclass(frozen=True)
class Arithmetic:
    """What the walk needs beside + and *.

    number: Fraction -> value.    power: (value, Fraction or value) -> value.
    select: [(condition, value), ...] -> value of the first condition that holds.
    whole: what joins the entries of a tensor.
    """

    number: Callable[[Fraction], Any]
    power: Callable[[Any, Any], Any]
    functions: Mapping[type, Callable[..., Any]]
    select: Callable[[Sequence[tuple[Any, Any]]], Any]
    whole: Any


_RELATIONS = {
    sympy.StrictLessThan: operator.lt,
    sympy.LessThan: operator.le,
    sympy.StrictGreaterThan: operator.gt,
    sympy.GreaterThan: operator.ge,
    sympy.Equality: operator.eq,
    sympy.Unequality: operator.ne,
}


def evaluate(expression: Any, values: Values, arithmetic: Arithmetic, shape: Shape = ()) -> Any:
    """The value of an expression of the rule language, for one tensor of that shape. raises: Refused for others."""

    def recur(part: Any) -> Any:
        return evaluate(part, values, arithmetic, shape)

    if isinstance(expression, Symbol):
        return values[expression]
    if isinstance(expression, sympy.Rational):
        return arithmetic.number(Fraction(int(expression.p), int(expression.q)))
    if isinstance(expression, sympy.Add | sympy.Mul):
        join = operator.add if isinstance(expression, sympy.Add) else operator.mul
        return reduce(partial(each, join), (recur(a) for a in expression.args))
    if isinstance(expression, sympy.Pow):
        base, exponent = expression.args
        rational = isinstance(exponent, sympy.Rational)
        power = Fraction(int(exponent.p), int(exponent.q)) if rational else recur(exponent)
        return each(partial(_flipped, arithmetic.power, power), recur(base))
    if isinstance(expression, sympy.Piecewise):
        return _selected([(recur(condition), recur(value)) for value, condition in expression.args], arithmetic)
    if isinstance(expression, Reduce):
        return arithmetic.whole.reduce(expression.kind, expression.over, recur(expression.operand), shape)
    if isinstance(expression, MatMul):
        return arithmetic.whole.matmul(*(recur(a) for a in expression.args), shape)
    if isinstance(expression, Transpose):
        return arithmetic.whole.transpose(recur(expression.args[0]))
    if type(expression) in _RELATIONS:
        return each(_RELATIONS[type(expression)], *(recur(a) for a in expression.args))
    if isinstance(expression, sympy.And | sympy.Or):
        join = operator.and_ if isinstance(expression, sympy.And) else operator.or_
        return reduce(partial(each, join), (recur(a) for a in expression.args))
    if isinstance(expression, sympy.Not):
        return each(np.logical_not, recur(expression.args[0]))
    if isinstance(expression, sympy.logic.boolalg.BooleanAtom):
        return bool(expression)
    if type(expression) in arithmetic.functions:
        return each(arithmetic.functions[type(expression)], *(recur(a) for a in expression.args))
    raise Refused(f"{type(expression).__name__} is not evaluated here.", f"In {expression}.", "")


def _flipped(power: Callable[[Any, Any], Any], exponent: Any, base: Any) -> Any:
    return power(base, exponent)


def _selected(pairs: Sequence[tuple[Any, Any]], arithmetic: Arithmetic) -> Any:
    """The first value whose condition holds, entry by entry where there are arrays."""
    if not any(isinstance(part, np.ndarray) and part.dtype == object for pair in pairs for part in pair):
        return arithmetic.select(pairs)

    def one(*flat: Any) -> Any:
        return arithmetic.select(list(zip(flat[::2], flat[1::2], strict=True)))

    return each(one, *(part for pair in pairs for part in pair))


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
    whole=Whole(lambda x: mpmath.mpf(x.numerator) / x.denominator, max),
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
    whole=Whole(lambda x: sympy.Rational(x.numerator, x.denominator), _exact(sympy.Max)),
)
"""SymPy's exact numbers; roots that are not rational stay symbolic."""


def step(rule: UpdateRule, values: Values, arithmetic: Arithmetic, shape: Shape = ()) -> dict[Symbol, Any]:
    """All values after the equations of one step, given old values, inputs and hyperparameters."""
    known = dict(values)
    for equation in rule.equations:
        known[equation.symbol] = evaluate(equation.expression, known, arithmetic, shape)
    return known


def trajectory(
    rule: UpdateRule,
    start: Any,
    gradients: Sequence[Any],
    hyperparameters: Sequence[Mapping[str, Any]],
    arithmetic: Arithmetic,
    shape: Shape = (),
    losses: Sequence[Any] | None = None,
) -> Iterator[dict[Any, Any]]:
    """The new values of theta and of each state, step by step from t = 1, keyed by the old symbols; outputs by name.

    start, gradients: numbers, or arrays of that shape.   hyperparameters: values by name, for each step.
    losses: of each step, for a rule that uses them.
    raises: Refused for a rule with a guard on more than finite values, several gradients or one at another point than
    theta, or the loss where none is given.
    """
    _readable(rule, losses)
    draw = rule.gradients[0].symbol
    state: dict[Symbol, Any] = {theta: start}
    for number, (gradient, given) in enumerate(zip(gradients, hyperparameters, strict=True), start=1):
        inputs = {draw: gradient, t: arithmetic.number(Fraction(number)), **_of_shape(shape, arithmetic)}
        inputs |= {h.symbol: given[h.name] for h in rule.hyperparameters}
        inputs |= {} if losses is None else {f: losses[number - 1]}
        if number == 1:
            state |= {s.symbol: _initial(s.init, {**state, **inputs}, arithmetic, shape) for s in rule.state}
        known = step(rule, {**state, **inputs}, arithmetic, shape)
        state = {symbol: known[new(symbol)] for symbol in state}
        yield {**state, **{o.name: evaluate(o.expression, known, arithmetic, shape) for o in rule.outputs}}


def _of_shape(shape: Shape, arithmetic: Arithmetic) -> dict[Symbol, Any]:
    lengths = (1, 1, *shape)
    given = {dims: len(shape), rows: lengths[-2], columns: lengths[-1]}
    return {symbol: arithmetic.number(Fraction(value)) for symbol, value in given.items()}


def _initial(init: Any, values: Values, arithmetic: Arithmetic, shape: Shape) -> Any:
    return evaluate(init.expression if isinstance(init, First) else init, values, arithmetic, shape)


def uses_loss(rule: UpdateRule) -> bool:
    return any(f in e.expression.free_symbols for e in rule.equations)


def _readable(rule: UpdateRule, losses: Any) -> None:
    finite = all(isinstance(part, IsFinite) or part == sympy.true for part in sympy.And.make_args(rule.guard))
    if len(rule.gradients) != 1 or rule.gradients[0].at != theta or not finite or (losses is None and uses_loss(rule)):
        raise Refused(
            f"'{rule.label}' does not have one gradient at theta and no guard, without the loss.",
            "The independent evaluation reads nothing else.",
            "",
        )
