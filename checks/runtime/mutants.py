"""Mutants of rules, made from the declared equations: one place changed at a time.

A term dropped, negated or doubled; a factor dropped; a root or square dropped; t moved by one; an old value
taken for a new one, and the reverse; Max for Min; one branch of a case distinction, and its condition turned; a
number moved by one; a sum for a mean, a row for a column; the factors of a matrix product, or two hyperparameters,
exchanged; and every other option of every convention, since implementations differ exactly there.
A mutant counts only if it is observable: exact evaluation shows that it moves theta differently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr, Symbol

from driftproof.theory.canonical import text
from driftproof.theory.dataflow import needed
from driftproof.theory.errors import DriftproofError, Refused
from driftproof.theory.nodes import LINES, MatMul, Reduce, Transpose, reduce
from driftproof.theory.rule import Equation, First, Output, UpdateRule
from driftproof.theory.symbols import new, t, theta

from .evaluate import MPMATH, trajectory, uses_loss
from .whole import joins_entries

DIGITS = 50
# Sequences that grow, shrink, change sign and pause, so that maxima, signs and first steps all come into play.
PROBES: tuple[tuple[str, ...], ...] = (
    ("0.7", "-1.3", "2.1", "0.4", "-0.2", "0.9", "1.1", "-0.6", "0.3"),
    ("0", "-2.3", "0.3", "-0.1", "1.7", "0.6", "-0.9", "0.2", "0.7"),
    ("-3.1", "1.9", "0.2", "0", "-0.3", "0.5"),
    ("0.1", "-0.01", "0.3", "-0.05", "20", "-1"),
    ("8", "-5", "-0.5", "0.04", "-0.7", "0.03"),
)
SEEDS = (27, 5)
"""Of the generic hyperparameters; with the first, beta2 is large enough for RAdam to become adaptive."""
LOSSES = ("5", "3", "1/2", "3/2", "-1/4", "2", "7", "1", "1/3")
"""Of the steps of a probe, for rules that use them: large and small ones, and one below a bound at 0."""
SCHEDULE = ("1", "1", "3/2", "1/2", "1/2", "2", "1", "1", "1")
"""Factors of the step size: it grows and falls."""


def variants(rule: UpdateRule, pairs: bool = False) -> list[UpdateRule]:
    """The rule, and its variants along one axis at a time; with pairs, along every two axes."""
    axes = [[(c.name, option) for option in c.options] for c in rule.conventions]
    chosen = [rule, *(rule.variant(**{name: option}) for axis in axes for name, option in axis)]
    for one, other in combinations(axes, 2) if pairs else ():
        chosen += [rule.variant(**dict(both)) for both in product(one, other)]
    found: dict[str, UpdateRule] = {}
    for item in chosen:
        found.setdefault(item.digest, item)  # of equal mathematics the variant with the shortest name
    return list(found.values())


def telling(rules: Iterable[UpdateRule]) -> Iterator[tuple[UpdateRule, list[UpdateRule]]]:
    """Each rule with its variants along one axis; an option whose equations came with an earlier rule is left out.

    Relatives of Adam take over its axes: where they put eps is looked at once, with Adam itself.
    """
    seen: set[tuple[str, str]] = set()
    for rule in sorted(rules, key=lambda rule: rule.name not in PARENTS):
        written, kept = _written(rule), []
        for variant in variants(rule):
            changed = _written(variant) - written
            if variant is rule or not changed <= seen:
                kept.append(variant)
            seen |= changed
        yield rule, kept


PARENTS = ("adam", "adamw")
"""The rules whose axes others take over."""


def _written(rule: UpdateRule) -> set[tuple[str, str]]:
    """The equations and first values as text."""
    equations = {(e.symbol.name, text(e.expression)) for e in rule.equations}
    return equations | {(s.name, text(s.init.expression if isinstance(s.init, First) else s.init)) for s in rule.state}


def other_options(rule: UpdateRule) -> Iterator[tuple[str, UpdateRule]]:
    """The variants that differ in one convention."""
    for convention in rule.conventions:
        for option in convention.options:
            if option != rule.options[convention.name]:
                yield f"{convention.name}={option}", rule.variant(**{convention.name: option})


Change = tuple[str, Any]
"""What was changed, and the equation it was changed in (the whole rule's digest where it is not one equation)."""


def change_of(rule: UpdateRule, what: str) -> Change:
    return what, next((e.expression for e in rule.equations if what.startswith(f"{e.symbol}: ")), rule.digest)


def changed_equations(rule: UpdateRule, known: Collection[Change] = ()) -> Iterator[tuple[str, UpdateRule]]:
    """The variants of the equations with one place changed; those that are not well formed are left out.

    known: changes that are left out, unbuilt, since another variant of the rule has had them.
    """
    equations = list(rule.equations)
    states = {s.symbol for s in rule.state}
    for position, equation in enumerate(equations):
        for what, expression in changes(equation.expression, states):
            if (f"{equation.symbol}: {what}", equation.expression) in known:
                continue
            swapped = [*equations[:position], Equation(equation.symbol, expression), *equations[position + 1 :]]
            mutant = built(rule, swapped)
            if mutant is not None:
                yield f"{equation.symbol}: {what}", mutant
    for output in rule.outputs:
        for what, expression in changes(output.expression, states):
            others = [replace(o, expression=expression) if o is output else o for o in rule.outputs]
            mutant = built(rule, equations, others)
            if mutant is not None:
                yield f"{output.name}: {what}", mutant
    for a, b in combinations([h.symbol for h in rule.hyperparameters], 2):
        exchange = {a: b, b: a}
        mutant = built(rule, [Equation(e.symbol, e.expression.xreplace(exchange)) for e in equations])
        if mutant is not None:
            yield f"{a} and {b} exchanged", mutant


def built(
    rule: UpdateRule, equations: Sequence[Equation], outputs: Sequence[Output] | None = None
) -> UpdateRule | None:
    """The rule with these equations (and outputs) and what they still use; None if it is not well formed."""
    outputs = rule.outputs if outputs is None else outputs
    parts: dict[str, Sequence[Any]] = {
        "equations": equations,
        "state": rule.state,
        "hyperparameters": rule.hyperparameters,
    }
    used = needed({**parts, "gradients": rule.gradients, "guard": rule.guard, "outputs": outputs})
    kept = {name: tuple(item for item in items if item.symbol in used) for name, items in parts.items()}
    try:
        mutant = rule.replace(**kept, outputs=tuple(outputs), guard=rule.guard, conventions=(), options={})
    except DriftproofError:
        return None
    undefined = any(e.expression.has(sympy.zoo, sympy.nan, sympy.oo) for e in mutant.equations)
    return None if undefined else mutant


def changes(expression: Any, states: Collection[Symbol] = ()) -> Iterator[tuple[str, Any]]:
    """Every single-place change of an expression, described. states: the symbols that have old and new values."""
    yield from _here(expression, states)
    for position, part in enumerate(expression.args):
        for what, changed in changes(part, states):
            try:
                yield what, expression.func(*expression.args[:position], changed, *expression.args[position + 1 :])
            except (TypeError, ValueError):  # such as a condition in a place for numbers
                continue


def _here(expression: Any, states: Collection[Symbol]) -> Iterator[tuple[str, Any]]:
    kind = type(expression)
    if isinstance(expression, Symbol):
        yield from _old_or_new(expression, states)
        if expression == t:
            yield from ((f"{t} {shift:+d}", t + shift) for shift in (-1, 1))
    elif expression.is_Rational and abs(expression) not in (0, 1):
        yield f"{expression + 1} for {expression}", expression + 1
    elif kind in _RULES:
        yield from _RULES[kind](expression)


def _old_or_new(symbol: Symbol, states: Collection[Symbol]) -> Iterator[tuple[str, Expr]]:
    if symbol in states:
        yield f"new {symbol} for old", new(symbol)
    for state in states:
        if symbol == new(state):
            yield f"old {state} for new", state


def _without(expression: Any, part: Any) -> Any:
    rest = list(expression.args)
    rest.remove(part)
    return expression.func(*rest)


def _of_sum(expression: Any) -> Iterator[tuple[str, Any]]:
    for part in sorted(expression.args, key=text):
        yield f"{part} dropped", _without(expression, part)
        yield f"{part} negated", _without(expression, part) - part
        yield f"{part} doubled", expression + part


def _of_product(expression: Any) -> Iterator[tuple[str, Any]]:
    for part in sorted(expression.args, key=text):
        if part != -1:  # that is the negated term of the sum around it
            yield f"factor {part} dropped", _without(expression, part)


def _of_power(expression: Any) -> Iterator[tuple[str, Any]]:
    base, exponent = expression.args
    if exponent.is_Rational and abs(exponent) != 1:
        yield f"power {exponent} of {base} dropped", base ** sympy.sign(exponent)


def _of_extreme(expression: Any) -> Iterator[tuple[str, Any]]:
    other = sympy.Min if isinstance(expression, sympy.Max) else sympy.Max
    yield f"{other.__name__} for {type(expression).__name__}", other(*expression.args)
    for part in sorted(expression.args, key=text):
        yield f"{part} alone", part


def _of_cases(expression: Any) -> Iterator[tuple[str, Any]]:
    for value, condition in expression.args:
        yield f"always the case {condition}", value


def _of_function(expression: Any) -> Iterator[tuple[str, Any]]:
    yield f"{type(expression).__name__.lower()} dropped", expression.args[0]


def _of_relation(expression: Any) -> Iterator[tuple[str, Any]]:
    yield f"{expression} turned", sympy.Not(expression)


def _of_reduction(expression: Any) -> Iterator[tuple[str, Any]]:
    kind = "mean" if expression.kind == "sum" else "sum"
    yield f"{kind} for {expression.kind}", reduce(kind, expression.operand, expression.over)
    if expression.over in LINES:
        other = "column" if expression.over == "row" else "row"
        yield f"{other} for {expression.over}", reduce(expression.kind, expression.operand, other)


def _of_matrices(expression: Any) -> Iterator[tuple[str, Any]]:
    yield "factors exchanged", MatMul(*expression.args[::-1])


_RULES: dict[type, Any] = {
    sympy.Add: _of_sum,
    sympy.Mul: _of_product,
    sympy.Pow: _of_power,
    sympy.Max: _of_extreme,
    sympy.Min: _of_extreme,
    sympy.Piecewise: _of_cases,
    sympy.sign: _of_function,
    sympy.Abs: _of_function,
    Reduce: _of_reduction,
    MatMul: _of_matrices,
    Transpose: _of_function,
    **dict.fromkeys((sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge), _of_relation),
}


def observable(rule: UpdateRule, mutant: UpdateRule) -> bool:
    """Whether theta or an output moves differently on some probe, by exact evaluation to DIGITS digits.

    A mutant whose matrices have no product is none: nobody could overlook it.
    """
    tiny = mpmath.mpf(10) ** (10 - DIGITS)
    where = product(PROBES, SEEDS, _shapes(rule))
    pairs = ((_path(rule, *at), _path(mutant, *at)) for at in where)
    try:
        return any(not abs(a - b) <= tiny for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))
    except Refused:
        return False


def trajectories(rule: UpdateRule) -> tuple[str, ...]:
    """theta and outputs along every probe, to 30 digits: equal for equal mathematics."""
    where = product(PROBES, SEEDS, _shapes(rule))
    return tuple(mpmath.nstr(x, 30) for at in where for x in _path(rule, *at))


def _shapes(rule: UpdateRule) -> tuple[tuple[int, ...], ...]:
    """One number; a vector and a matrix for rules that look at whole tensors; matrices for products of them."""
    if any(e.expression.has(MatMul) for e in rule.equations):
        return (2, 3), (3, 2)
    return ((2,), (2, 3)) if joins_entries(rule) else ((),)


@lru_cache(maxsize=64)
def _path(rule: UpdateRule, probe: Sequence[str], seed: int, shape: tuple[int, ...]) -> list[Any]:
    """theta and outputs along a probe, with generic hyperparameters and a step size that changes."""
    with mpmath.workdps(DIGITS):
        values = {h.name: _generic(h.name, seed) for h in rule.hyperparameters}
        factors = [mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in SCHEDULE[: len(probe)]]
        schedule = [values | {"eta": _generic("eta", seed) * factor} for factor in factors]
        gradients = [_entries([mpmath.mpf(x) for x in probe[k:] + probe[:k]], shape) for k in range(len(probe))]
        start = _entries([mpmath.mpf("1.1"), mpmath.mpf("-0.6"), mpmath.mpf("0.35")], shape)
        losses = [MPMATH.number(Fraction(x)) for x in LOSSES[: len(probe)]] if uses_loss(rule) else None
        run = trajectory(rule, start, gradients, schedule, MPMATH, shape, losses)
        keys = (theta, *(o.name for o in rule.outputs))
        return [x for state in run for key in keys for x in np.ravel(np.asarray(state[key], dtype=object))]


def _entries(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The first number, or a tensor filled with the numbers in turn, each further row a little larger."""
    if not shape:
        return numbers[0]
    found = np.empty(shape, dtype=object)
    for k, place in enumerate(np.ndindex(shape)):
        found[place] = numbers[k % len(numbers)] * (1 + mpmath.mpf(k // len(numbers)) / 3)
    return found


def _generic(name: str, seed: int) -> Any:
    """An irrational number in (0, 0.83), different for every name: inside every domain of the alphabet."""
    place = 1 + seed * sum(ord(c) * (i + 1) for i, c in enumerate(name)) % 97
    return (mpmath.mpf(place) + mpmath.sqrt(2)) / 120


def mutants(rule: UpdateRule, known: Collection[Change] = ()) -> list[tuple[str, UpdateRule]]:
    """The observable mutants of a rule, each mathematics once, with what was changed; without known changes."""
    seen, found = {rule.digest}, []
    for what, mutant in (*other_options(rule), *changed_equations(rule, known)):
        if mutant.digest not in seen:
            seen.add(mutant.digest)
            if observable(rule, mutant):
                found.append((what, mutant))
    return found
