"""How values flow through a rule: defined before use, every state updated, scopes that fit, nothing idle.

`fields` is a declaration or a chosen variant: equations, state, hyperparameters, gradients, guard, outputs.
A choice that is not resolved counts as all of its branches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Symbol

from .bounds import short
from .errors import RuleError
from .nodes import SCOPES, MatMul, Reduce, Transpose, coarsest_common
from .symbols import ALPHABET, SHAPE, f, letter, new, t, theta

if TYPE_CHECKING:
    from .rule import UpdateRule

FIELDS = ("equations", "state", "hyperparameters", "gradients", "guard", "outputs")


def expressions(declared: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Every expression of a declaration, with the place it stands in."""
    from .rule import First

    places = [(f"the equation for {e.symbol}", e.expression) for e in declared["equations"]]
    places += [(f"the init of {s.symbol}", s.init.expression) for s in declared["state"] if isinstance(s.init, First)]
    places += [(f"the output '{o.name}'", o.expression) for o in declared["outputs"]]
    places += [(f"the point of gradient {d.symbol}", d.at) for d in declared["gradients"]]
    return [*places, ("the guard", declared["guard"])]


def needed(fields: Mapping[str, Any]) -> set[Symbol]:
    """The symbols on which new(theta), the guard, the outputs or a point depend, through equations and states."""
    from .rule import First

    inside = {e.symbol: set(e.expression.free_symbols) for e in fields["equations"]}
    for state in fields["state"]:
        initial = state.init.expression.free_symbols if isinstance(state.init, First) else set()
        inside[state.symbol] = {new(state.symbol), *initial}
    found: set[Symbol] = set()
    frontier = [new(theta), *fields["guard"].free_symbols]
    frontier += [s for o in fields["outputs"] for s in o.expression.free_symbols]
    frontier += [s for d in fields["gradients"] for s in d.at.free_symbols]
    while frontier:
        at = frontier.pop()
        if at not in found:
            found.add(at)
            frontier += inside.get(at, ())
    return found


def check_variant(rule: UpdateRule) -> None:
    """What holds for the chosen variant: everything defined before use, every state updated, scopes fit."""
    check_fields(rule.label, {name: getattr(rule, name) for name in FIELDS})


def check_fields(label: str, fields: Mapping[str, Any]) -> None:
    """The same for any fields. raises: RuleError."""
    _check_assigned(label, fields)
    _check_order(label, fields)
    _check_points(label, fields)
    _check_scopes(label, fields)


def _names(fields: Mapping[str, Any], word: str) -> set[Symbol]:
    return {item.symbol for item in fields[word]}


def _check_assigned(label: str, fields: Mapping[str, Any]) -> None:
    given = {theta, f, t, *SHAPE}
    given |= {symbol for word in ("gradients", "state", "hyperparameters") for symbol in _names(fields, word)}
    assigned = [e.symbol for e in fields["equations"]]
    for item in assigned:
        if item in given:
            raise RuleError(
                f"Rule '{label}' assigns to {item}.",
                "Inputs, hyperparameters and old values do not change within a step.",
                f"Write eq(new({item}), ...) for the value after the step, or use a new name.",
            )
    for state in (theta, *(s.symbol for s in fields["state"])):
        if new(state) not in assigned:
            raise RuleError(
                f"Rule '{label}' has no equation for new({state}).",
                "Every state needs its value after the step.",
                f"Add eq(new({state}), ...), or make {state} a hyperparameter.",
            )


def _check_order(label: str, fields: Mapping[str, Any]) -> None:
    """Each place uses only what is known there: inputs at an init, old values at a point, then equation by equation."""
    later = {e.symbol: e.expression.free_symbols for e in fields["equations"]}
    constants = {theta, t, *SHAPE, *_names(fields, "hyperparameters")}
    inputs = {*constants, f, *_names(fields, "gradients")}
    old = {*constants, *_names(fields, "state")}
    known = inputs | old
    for equation in fields["equations"]:
        _check_known(label, f"the equation for {equation.symbol}", equation.expression, known, later, equation.symbol)
        known = {*known, equation.symbol}
    for place, expression in expressions({**fields, "equations": ()}):
        early = inputs if place.startswith("the init") else old if place.startswith("the point") else known
        _check_known(label, place, expression, early, later, None)


def _check_known(
    label: str, place: str, expression: Any, known: set[Symbol], later: Mapping[Symbol, Any], at: Symbol | None
) -> None:
    for item in sorted(expression.free_symbols - known, key=str):
        raise _undefined(f"Rule '{label}': {place} uses {item}", item, place, later, at)


def _undefined(what: str, item: Symbol, place: str, later: Mapping[Symbol, Any], at: Symbol | None) -> RuleError:
    if place.startswith("the init"):
        why = "At the first step there is nothing but theta, the loss, t, the gradients, shapes and hyperparameters."
        return RuleError(f"{what}, which is not an input.", why, "Write it in terms of those.")
    if place.startswith("the point"):
        why = "A point must be known before the gradient there: it is made of theta, states, hyperparameters and t."
        return RuleError(f"{what}, which is not an old value.", why, "Write it in terms of those.")
    if at is not None and item in later and _reaches(item, at, later):
        return RuleError(
            f"{what}, which depends on {at}: a cycle.", "A step is computed in order.", "Use an old value on one side."
        )
    if item in later:
        why = "A step is computed in the order in which it is written."
        return RuleError(f"{what}, which is defined later.", why, f"Move the equation for {item} up.")
    old = item.name.removesuffix("_new")
    if old != item.name:
        why = "Only states and theta have a value after the step."
        return RuleError(f"{what}, but {old} is not a state.", why, f"Add State({old}, init=0) and an equation for it.")
    is_hyper = (letter(item.name) or ALPHABET["g"]).role
    return RuleError(
        f"{what}, which is an undeclared symbol.",
        "Every symbol is an input, a hyperparameter, a state or the value of an equation above.",
        f'Add hyper({item}, "...") to hyperparameters.'
        if is_hyper
        else f"Add State({item}, init=0), or an equation for it.",
    )


def _check_points(label: str, fields: Mapping[str, Any]) -> None:
    """A point must be known before any gradient is, at the first step too."""
    from .rule import First

    unknown = {f, *_names(fields, "gradients")}
    late = {s.symbol for s in fields["state"] if isinstance(s.init, First) and s.init.expression.free_symbols & unknown}
    for gradient in fields["gradients"]:
        for item in sorted(gradient.at.free_symbols & late, key=str):
            raise RuleError(
                f"Rule '{label}': the point of gradient {gradient.symbol} uses {item}, which starts at a value "
                "made of the gradient or the loss: a cycle.",
                "At the first step that point would have to be known before itself.",
                f"Start {item} at a number or at first(theta).",
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


def _scopes(fields: Mapping[str, Any]) -> dict[Symbol, str]:
    scopes = {theta: "element", f: "global", t: "global", **dict.fromkeys(SHAPE, "tensor")}
    scopes |= dict.fromkeys(_names(fields, "gradients"), "element")
    scopes |= {s.symbol: s.scope for s in fields["state"]} | {h.symbol: h.scope for h in fields["hyperparameters"]}
    for equation in fields["equations"]:
        scopes[equation.symbol] = scope_of(equation.expression, scopes)
    return scopes


def _check_scopes(label: str, fields: Mapping[str, Any]) -> None:
    scopes = _scopes(fields)
    for place, expression in expressions(fields):
        for part in sympy.preorder_traversal(expression):
            _check_operands(label, place, part, scopes)
    for state in fields["state"]:
        _fits(label, f"new({state.symbol})", scopes[new(state.symbol)], state.scope)
        if hasattr(state.init, "expression"):
            _fits(label, f"the init of {state.symbol}", scope_of(state.init.expression, scopes), state.scope)
    _fits(label, "the guard", scope_of(fields["guard"], scopes), "global")


def _check_operands(label: str, place: str, part: Any, scopes: Mapping[Symbol, str]) -> None:
    if isinstance(part, sympy.Pow) and scope_of(part.exp, scopes) == "element":
        raise RuleError(
            f"{short(part)} in rule '{label}', {place}, has an exponent that differs between entries.",
            "Powers are rational, or have exponents made of t and hyperparameters.",
            "Write it with exp and log.",
        )
    operands = part.args if isinstance(part, MatMul | Transpose) else ()
    if isinstance(part, Reduce) and part.kind != "max" and not part.operand.is_number:
        operands = (part.operand,)
    for operand in operands:
        if scope_of(operand, scopes) != "element":
            raise RuleError(
                f"{short(part)} in rule '{label}', {place}: {short(operand)} is one number per "
                f"{scope_of(operand, scopes)}, not per entry.",
                "Sums, means and matrix products run over entries, and would count it once for each.",
                "Put the expression per entry inside, or leave out the reduction.",
            )


def _fits(label: str, what: str, found: str, declared: str) -> None:
    if SCOPES.index(found) < SCOPES.index(declared):
        raise RuleError(
            f"Rule '{label}': {what} is of scope {found}, but {declared} is declared.",
            f"A {declared} value cannot hold one number per {found}.",
            'Reduce it: reduce("sum", ..., over="all" | "group" | "tensor"), norm(..., over=...), dot(..., over=...).',
        )
