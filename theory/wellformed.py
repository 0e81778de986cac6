"""What makes a rule well formed. Each violation says what, why and the fix, where the rule is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Symbol
from sympy.core.relational import Relational

from .convention import IDENTIFIER
from .errors import NotExact, RuleError, UnknownName, nearest
from .nodes import SCOPES, Choice, IsFinite, MatMul, Reduce, Transpose, coarsest_common
from .symbols import ALPHABET, f, letter, new, t, theta

if TYPE_CHECKING:
    from .rule import UpdateRule

LANGUAGE = (
    *(sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log, sympy.Abs, sympy.sign, sympy.Min, sympy.Max),
    *(sympy.Piecewise, sympy.functions.elementary.piecewise.ExprCondPair, Relational, sympy.And, sympy.Or, sympy.Not),
    *(Choice, Reduce, MatMul, Transpose, IsFinite, sympy.Tuple, sympy.core.symbol.Str),
    *(Symbol, sympy.Rational, sympy.logic.boolalg.BooleanAtom),
)


def expressions(declared: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Every expression of a declaration, with the place it stands in."""
    from .rule import First

    places = [(f"the equation for {e.symbol}", e.expression) for e in declared["equations"]]
    places += [(f"the init of {s.symbol}", s.init.expression) for s in declared["state"] if isinstance(s.init, First)]
    places += [(f"the output '{o.name}'", o.expression) for o in declared["outputs"]]
    places += [(f"the point of gradient {d.symbol}", d.at) for d in declared["gradients"]]
    return [*places, ("the guard", declared["guard"])]


def check_declaration(name: str, declared: Mapping[str, Any]) -> None:
    """What holds for every variant: names, exact numbers, single assignment, the language, the conventions."""
    if not IDENTIFIER.match(name):
        raise RuleError(f"'{name}' is not a rule name.", "It is typed as RULE on the command line.", "Use lower case.")
    for place, expression in expressions(declared):
        _check_language(name, place, expression)
        _check_choices(name, place, expression, {c.name: c for c in declared["conventions"]})
    _check_names(name, declared)
    _check_unique(name, declared)


def _check_language(name: str, place: str, expression: Any) -> None:
    for part in sympy.preorder_traversal(expression):
        if isinstance(part, sympy.Float):
            raise NotExact(
                f"{part} in rule '{name}', {place}, is a float.",
                "Declarations are exact, and a float such as 0.1 is not 1/10 in binary.",
                "Write Rational(1, 10), or make it a hyperparameter.",
            )
        if not isinstance(part, LANGUAGE):
            raise RuleError(
                f"{part} ({type(part).__name__}) in rule '{name}', {place}, is outside the rule language.",
                "Every backend and every derivation must know each operation.",
                "Use rational powers, sqrt, exp, log, abs, sign, Min, Max, Piecewise, reduce, matmul, transpose.",
            )


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
    used: set[Symbol] = {e.symbol for e in declared["equations"]} | {s.symbol for s in declared["state"]}
    used |= {h.symbol for h in declared["hyperparameters"]} | {d.symbol for d in declared["gradients"]}
    for _, expression in expressions(declared):
        used |= expression.free_symbols
    for symbol in sorted(used, key=str):
        base = symbol.name.removesuffix("_new")
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


def check_variant(rule: UpdateRule) -> None:
    """What holds for the chosen variant: everything defined before use, every state updated, scopes fit."""
    given = {theta, f, t, *(d.symbol for d in rule.gradients)}
    given |= {s.symbol for s in rule.state} | {h.symbol for h in rule.hyperparameters}
    _check_assigned(rule, given)
    _check_order(rule, given)
    _check_scopes(rule)


def _check_assigned(rule: UpdateRule, given: set[Symbol]) -> None:
    assigned = {e.symbol for e in rule.equations}
    for symbol in assigned & given:
        raise RuleError(
            f"Rule '{rule.label}' assigns to {symbol}.",
            "Inputs, hyperparameters and old values do not change within a step.",
            f"Write eq(new({symbol}), ...) for the value after the step, or use a new name.",
        )
    for state in (theta, *(s.symbol for s in rule.state)):
        if new(state) not in assigned:
            raise RuleError(
                f"Rule '{rule.label}' has no equation for new({state}).",
                "Every state needs its value after the step.",
                f"Add eq(new({state}), ...), or make {state} a hyperparameter.",
            )


def _check_order(rule: UpdateRule, given: set[Symbol]) -> None:
    later = {e.symbol: e.expression.free_symbols for e in rule.equations}
    known = set(given)
    for equation in rule.equations:
        for symbol in sorted(equation.expression.free_symbols - known, key=str):
            raise _undefined(rule, symbol, f"the equation for {equation.symbol}", later, equation.symbol)
        known.add(equation.symbol)
    for place, expression in expressions(
        {k: getattr(rule, k) for k in ("equations", "state", "outputs", "gradients", "guard")}
    ):
        early = place.startswith(("the init", "the point"))
        for symbol in sorted(expression.free_symbols - (given if early else known), key=str):
            raise _undefined(rule, symbol, place, later, None)


def _undefined(
    rule: UpdateRule, symbol: Symbol, place: str, later: Mapping[Symbol, Iterable[Symbol]], at: Symbol | None
) -> RuleError:
    what = f"Rule '{rule.label}': {place} uses {symbol}"
    if symbol in later:
        if at is not None and _reaches(symbol, at, later):
            return RuleError(
                f"{what}, which depends on {at}: a cycle.", "A step is computed in order.", "Use an old value."
            )
        return RuleError(
            f"{what}, which is defined later or not yet known there.", "", f"Move the equation for {symbol} up."
        )
    if symbol.name.endswith("_new"):
        old = symbol.name.removesuffix("_new")
        return RuleError(f"{what}, but {old} is not a state.", "", f"Add State({old}, init=0) and an equation for it.")
    role = (letter(symbol.name) or ALPHABET["g"]).role
    fix = (
        f'Add hyper({symbol}, "...") to hyperparameters.'
        if role
        else f"Add State({symbol}, init=0), or an equation for it."
    )
    return RuleError(
        f"{what}, which is an undeclared symbol.", "Every symbol is an input, a state, a value or a number.", fix
    )


def _reaches(start: Symbol, goal: Symbol, graph: Mapping[Symbol, Iterable[Symbol]]) -> bool:
    seen, frontier = set(), [start]
    while frontier:
        at = frontier.pop()
        if at == goal:
            return True
        if at not in seen:
            seen.add(at)
            frontier += [s for s in graph.get(at, ()) if s in graph]
    return False


def scope_of(expression: Any, scopes: Mapping[Symbol, str]) -> str:
    """The finest scope among the parts of an expression; reductions coarsen, matrix products are per element."""
    if isinstance(expression, Reduce):
        return expression.scope
    if isinstance(expression, MatMul | Transpose):
        return "element"
    if isinstance(expression, Symbol):
        return scopes.get(expression, "element")
    return coarsest_common(scope_of(a, scopes) for a in expression.args)


def symbol_scopes(rule: UpdateRule) -> dict[Symbol, str]:
    """The scope of every symbol of a rule."""
    scopes = {theta: "element", f: "global", t: "global", **{d.symbol: "element" for d in rule.gradients}}
    scopes |= {s.symbol: s.scope for s in rule.state} | {h.symbol: h.scope for h in rule.hyperparameters}
    for equation in rule.equations:
        for power in equation.expression.atoms(sympy.Pow):
            if scope_of(power.exp, scopes) == "element":
                raise RuleError(
                    f"{power} in rule '{rule.label}' has an exponent that differs between entries.",
                    "Powers are rational, or have exponents made of t and hyperparameters.",
                    "Write it with exp and log.",
                )
        scopes[equation.symbol] = scope_of(equation.expression, scopes)
    return scopes


def _check_scopes(rule: UpdateRule) -> None:
    scopes = symbol_scopes(rule)
    for state in rule.state:
        _fits(rule, f"new({state.symbol})", scopes[new(state.symbol)], state.scope)
        if hasattr(state.init, "expression"):
            _fits(rule, f"the init of {state.symbol}", scope_of(state.init.expression, scopes), state.scope)
    _fits(rule, "the guard", scope_of(rule.guard, scopes), "global")


def _fits(rule: UpdateRule, what: str, found: str, declared: str) -> None:
    if SCOPES.index(found) < SCOPES.index(declared):
        raise RuleError(
            f"Rule '{rule.label}': {what} is of scope {found}, but {declared} is declared.",
            f"A {declared} value cannot hold one number per {found}.",
            'Reduce it: reduce("sum", ..., over="all" | "group" | "tensor"), norm(..., over=...), dot(..., over=...).',
        )
