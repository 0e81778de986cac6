"""What makes a rule well formed. Each violation says what, why and the fix, where the rule is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Symbol
from sympy.core.relational import Relational

from .bounds import bounded, short, small
from .canonical import WORDS
from .convention import IDENTIFIER
from .dataflow import check_fields, expressions, needed
from .errors import DriftproofError, NotExact, RuleError, UnknownName, nearest
from .nodes import Choice, IsFinite, MatMul, Reduce, Transpose
from .symbols import ALPHABET, letter, new, symbol, theta

LANGUAGE = (
    *(sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log, sympy.Abs, sympy.sign, sympy.Min, sympy.Max),
    *(sympy.Piecewise, sympy.functions.elementary.piecewise.ExprCondPair, Relational, sympy.And, sympy.Or, sympy.Not),
    *(Choice, Reduce, MatMul, Transpose, IsFinite, sympy.Tuple, sympy.core.symbol.Str),
    *(Symbol, sympy.Rational, sympy.logic.boolalg.BooleanAtom),
)


def check_declaration(name: str, declared: Mapping[str, Any]) -> None:
    """What holds for every variant: names, exact numbers, single assignment, the language, the conventions, use."""
    if not IDENTIFIER.match(name):
        raise RuleError(f"'{name}' is not a rule name.", "It is typed as RULE on the command line.", "Use lower case.")
    for place, expression in expressions(declared):
        _check_language(name, place, expression)
        _check_choices(name, place, expression, {c.name: c for c in declared["conventions"]})
    _check_names(name, declared)
    _check_unique(name, declared)
    check_fields(name, declared)
    _check_use(name, declared)


def _check_language(name: str, place: str, expression: Any) -> None:
    try:
        bounded(expression)
    except DriftproofError as error:
        raise type(error)(f"Rule '{name}', {place}: {error.what}", error.why, error.fix) from error
    for part in sympy.preorder_traversal(expression):
        if isinstance(part, sympy.Float):
            raise NotExact(
                f"{float(part)} in rule '{name}', {place}, is a float.",
                "Declarations are exact, and a float such as 0.1 is not 1/10 in binary.",
                "Write Rational(1, 10), or make it a hyperparameter.",
            )
        if not isinstance(part, LANGUAGE):
            raise RuleError(
                f"{short(part)} ({type(part).__name__}) in rule '{name}', {place}, is outside the rule language.",
                "Every backend and every derivation must know each operation, and every value is a finite real.",
                "Use rational powers, sqrt, exp, log, abs, sign, Min, Max, Piecewise, reduce, matmul, transpose.",
            )
        problem = _flaw(part)
        if problem:
            raise RuleError(f"{short(part)} in rule '{name}', {place}, {problem[0]}", *problem[1:])


def _flaw(part: Any) -> tuple[str, str, str] | None:
    """What is wrong with a node whose kind is in the language: the end of the sentence, why, and the fix."""
    if isinstance(part, Symbol) and part != symbol(part.name):
        why = "Letters are real symbols, the same ones everywhere; one with other assumptions is another letter."
        return "is not a letter of the language.", why, f'Write symbol("{part.name}").'
    if isinstance(part, sympy.Pow) and part.base.is_Rational and part.base < 0 and not part.exp.is_integer:
        return "is not a real number.", "All values of the language are real.", "Take the power of a positive number."
    if isinstance(part, sympy.Piecewise) and part.args[-1].args[1] != sympy.true:
        why = "Where no condition holds it would have no value."
        return "has no last case.", why, "Let the last pair be (value, True)."
    if isinstance(part, sympy.Piecewise):
        for _, condition in part.args:
            small(condition, "A condition")
    return None


def _check_choices(name: str, place: str, expression: Any, axes: Mapping[str, Any]) -> None:
    for choice in expression.atoms(Choice) if expression.has(Choice) else ():
        if choice.axis not in axes:
            raise UnknownName(
                f"choose('{choice.axis}', ...) in rule '{name}', {place}: no such convention.",
                "Each axis is declared once, with what its options mean.",
                f'Add Convention("{choice.axis}", {{...}}) to conventions. '
                + (nearest(choice.axis, axes) if axes else ""),
            )
        if set(choice.branches) != set(axes[choice.axis].options):
            raise RuleError(
                f"choose('{choice.axis}') in rule '{name}', {place}, has branches {sorted(choice.branches)}.",
                f"The convention's options are {sorted(axes[choice.axis].options)}.",
                "Give one expression for each option.",
            )


def _check_names(name: str, declared: Mapping[str, Any]) -> None:
    states = {theta, *(s.symbol for s in declared["state"])}
    for equation in declared["equations"]:
        old = equation.symbol.name.removesuffix("_new")
        if old != equation.symbol.name and symbol(old) not in states:
            raise RuleError(
                f"Rule '{name}' has an equation for new({old}), but {old} is not a state.",
                "Only what is remembered has a value after the step.",
                f"Add State({old}, init=0), or give the equation a name without _new.",
            )
    used: set[Symbol] = {e.symbol for e in declared["equations"]} | {s.symbol for s in declared["state"]}
    used |= {h.symbol for h in declared["hyperparameters"]} | {d.symbol for d in declared["gradients"]}
    for _, expression in expressions(declared):
        used |= expression.free_symbols
    for item in sorted(used, key=str):
        base = item.name.removesuffix("_new")
        if base in WORDS:
            raise RuleError(
                f"'{base}' in rule '{name}' is a word of the language.",
                "Canonical text would read it as that word.",
                "Choose another name.",
            )
        if letter(base) is None and base not in declared["names"]:
            raise UnknownName(
                f"'{base}' in rule '{name}' is a name outside the alphabet.",
                "Code, documents and derivations share one alphabet, theory/symbols.py.",
                f'{nearest(base, ALPHABET)} Or declare it: names={{"{base}": "what it is"}}.',
            )


def _check_unique(name: str, declared: Mapping[str, Any]) -> None:
    groups = {
        "equation for": [e.symbol for e in declared["equations"]],
        "state": [s.symbol for s in declared["state"]],
        "hyperparameter": [h.symbol for h in declared["hyperparameters"]],
        "gradient": [d.symbol for d in declared["gradients"]],
        "output": [o.name for o in declared["outputs"]],
        "convention": [c.name for c in declared["conventions"]],
    }
    for word, items in groups.items():
        for item, count in Counter(items).items():
            if count > 1:
                raise RuleError(
                    f"Rule '{name}' has {count} times the {word} {item}.",
                    "Equations are single assignments, and names are declared once.",
                    "Give the second one its own name.",
                )


def _check_use(name: str, declared: Mapping[str, Any]) -> None:
    used = needed(declared)
    declarations = [("hyperparameter", h.symbol) for h in declared["hyperparameters"]]
    declarations += [("gradient", d.symbol) for d in declared["gradients"]]
    declarations += [("equation for", e.symbol) for e in declared["equations"]]
    declarations += [("state", s.symbol) for s in declared["state"] if new(s.symbol) not in used]
    for word, item in declarations:
        if item not in used:
            raise RuleError(
                f"Rule '{name}' declares the {word} {item}, and no variant uses it.",
                "What nothing depends on is a slip, or a hidden difference between two declarations.",
                f"Remove it, or use {item} in an equation that new(theta), the guard or an output depends on.",
            )
