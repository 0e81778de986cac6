"""The one place of a rule's equations in which a target differs: found by a run on one entry, then confirmed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from driftproof.checks.runtime.evaluate import Arithmetic, trajectory
from driftproof.checks.runtime.mutants import built, changes
from driftproof.checks.runtime.whole import Whole, joins_entries
from driftproof.theory.rule import Equation, UpdateRule
from driftproof.theory.symbols import theta

from .variant import Changed, Variant

STEPS = 4
AGREES = 1e-7
"""Relative difference of moves up to which a change is looked at more closely: the closer look is exact."""


def _power(base: Any, exponent: Any) -> Any:
    return float(base) ** float(exponent) if base or exponent > 0 else math.inf


FLOATS = Arithmetic(
    number=lambda fraction: fraction.numerator / fraction.denominator,
    power=_power,
    functions={
        sympy.exp: math.exp,
        sympy.log: math.log,
        sympy.Abs: abs,
        sympy.sign: lambda x: float((x > 0) - (x < 0)),
        sympy.Max: max,
        sympy.Min: min,
    },
    select=lambda pairs: next((value for condition, value in pairs if condition), math.nan),
    whole=Whole(float, max),
)
"""Python's floats, one entry at a time."""


@dataclass(frozen=True)
class _Standing:
    """A rule with other equations, unchecked: what a run on one entry reads."""

    rule: UpdateRule
    equations: tuple[Equation, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rule, name)


def suspects(
    variant: Variant,
    start: float,
    gradients: Sequence[float],
    schedule: Sequence[Mapping[str, float]],
    path: Sequence[float],
) -> Iterator[Changed]:
    """The variants of one changed place that move one entry as the target does, in the first steps.

    start, gradients, schedule, path: of one entry; path has theta after each step.
    """
    rule = variant.rule
    if joins_entries(rule):
        return
    states = {s.symbol for s in rule.state}
    for position, equation in enumerate(rule.equations):
        for what, expression in (*changes(equation.expression, states), *_confused(equation.expression, rule)):
            before, after = rule.equations[:position], rule.equations[position + 1 :]
            equations = (*before, Equation(equation.symbol, expression), *after)
            if _moves(_Standing(rule, equations), start, gradients, schedule, path):
                changed = built(rule, equations)
                if changed is not None:
                    yield Changed(variant, f"{equation.symbol}: {what}", changed)


def _confused(expression: Any, rule: UpdateRule) -> Iterator[tuple[str, Any]]:
    """One hyperparameter for another at one place, and an absolute value for a square."""
    for part in sorted(expression.atoms(sympy.Symbol), key=str):
        if part in {h.symbol for h in rule.hyperparameters}:
            for other in (h.symbol for h in rule.hyperparameters if h.symbol != part):
                yield from ((f"{other} for {part}", e) for e in _at_one_place(expression, part, other))
    for power in sorted(expression.atoms(sympy.Pow), key=str):
        if power.exp == 2:
            yield f"abs for the square of {power.base}", expression.xreplace({power: sympy.Abs(power.base)})


def _at_one_place(expression: Any, part: Any, other: Any) -> Iterator[Any]:
    """The expression with one occurrence of a symbol replaced, for each occurrence."""
    for number, argument in enumerate(expression.args):
        rest = (expression.args[:number], expression.args[number + 1 :])
        if argument == part:
            yield expression.func(*rest[0], other, *rest[1])
        for inner in _at_one_place(argument, part, other):
            yield expression.func(*rest[0], inner, *rest[1])


def _moves(
    rule: Any, start: float, gradients: Sequence[float], schedule: Sequence[Mapping[str, float]], path: Sequence[float]
) -> bool:
    """Whether the entry goes along the path; a change that does not run does not."""
    try:
        before = start
        run = trajectory(rule, start, gradients[:STEPS], schedule[:STEPS], FLOATS)
        for state, wanted in zip(run, path, strict=False):
            if not abs(state[theta] - wanted) <= AGREES * abs(wanted - before) + 1e-15:
                return False
            before = wanted
    except Exception:  # a change may divide by zero, take a root of a negative number, or compare what has no order
        return False
    return True
