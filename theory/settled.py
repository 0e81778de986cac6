"""What a rule does for all large t: branches that are decided, powers that have died out, states that only count time.

A limit holds from some t0 > 0 of SDE time on, where the step number t0/h grows without bound as h goes to 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .rule import First, Hyperparameter, State, UpdateRule
from .symbols import SHAPE, new, t

_STEPS = ("1e-8", "1e-12")
"""Times per step at which a condition is tried."""
_RATES = ("0.3", "1", "2.7")
_TIMES = ("0.05", "1", "7")


def averaging(rule: UpdateRule) -> dict[Symbol, str]:
    """The averaging rates beta of a rule, each with the name of its small quantity, "1-beta"."""
    return {h.symbol: f"1-{h.name}" for h in rule.hyperparameters if h.role == "averaging"}


def eventually(expression: Expr, rule: UpdateRule) -> Expr:
    """The expression for all large t.

    Piecewise, Max, Min: the branch that holds then, if it is decided by t and averaging rates alone (beta = 1 - c h).
    b^(c t) with 0 < b < 1, c > 0 fixed: 0, since it is smaller than any power of h from t0 > 0 on.
    raises: Refused for other branches.
    """
    if expression.has(sympy.Piecewise):
        expression = expression.replace(lambda e: isinstance(e, sympy.Piecewise), lambda e: _branch(e, rule))
    if expression.has(sympy.Max, sympy.Min):
        expression = expression.replace(lambda e: isinstance(e, sympy.Max | sympy.Min), lambda e: _extreme(e, rule))
    dead = {p: sympy.Integer(0) for p in expression.atoms(sympy.Pow) if _dies_out(p, rule)}
    return expression.xreplace(dead) if dead else expression


def _branch(piecewise: Any, rule: UpdateRule) -> Expr:
    for value, condition in piecewise.args:
        if condition == sympy.true or _holds(condition, rule):
            return value
    raise Refused(f"{rule.label}: no branch of {piecewise} holds for large t.", "", "")


def _holds(condition: Any, rule: UpdateRule) -> bool:
    """Whether a condition holds for all large t, or fails for all. raises: Refused where that is not decided."""
    if condition.free_symbols == {t} and condition.subs(t, sympy.oo) in (sympy.true, sympy.false):
        return bool(condition.subs(t, sympy.oo))
    whole = _written_out(condition, rule)
    rates = sorted(averaging(rule), key=str)
    if whole.free_symbols & {*SHAPE}:
        raise Refused(
            f"{rule.label} branches on the shape of the tensor: {condition}.",
            "It treats a matrix as a whole; the engine derives rules that act entry by entry.",
            "No SDE is claimed for this variant.",
        )
    if not whole.free_symbols <= {t, *rates}:
        raise Refused(
            f"{rule.label} branches on {condition}.",
            "A branch on the state or the gradient is a jump or a kink: no smooth drift.",
            "Take the variant without the branch.",
        )
    found = {bool(whole.xreplace(values)) for values in _tried(rates)}
    if len(found) != 1:
        raise Refused(
            f"{rule.label} branches on {condition}, which changes in SDE time.",
            "The drift would jump at that time.",
            "Take the variant without the branch.",
        )
    return found.pop()


def _extreme(extreme: Any, rule: UpdateRule) -> Expr:
    """The argument that is the extreme one for all large t, or the expression itself."""
    known = clocks(rule)
    if len(same := {known.get(a, a) for a in extreme.args}) == 1:
        return same.pop()
    whole = [_written_out(a, rule) for a in extreme.args]
    rates = sorted(averaging(rule), key=str)
    if not all(e.free_symbols <= {t, *rates} for e in whole) or not any(e.has(t) for e in whole):
        return extreme
    pick = max if isinstance(extreme, sympy.Max) else min
    found = set()
    for values in _tried(rates):
        numbers = [e.xreplace(values).evalf(40) for e in whole]
        found.add(numbers.index(pick(numbers)))
    return extreme.args[found.pop()] if len(found) == 1 else extreme


def _tried(rates: list[Symbol]) -> Iterator[dict[Symbol, Any]]:
    """Times, and rates of the size of h, at several small h."""
    for h, c, time in product(*(map(_float, values) for values in (_STEPS, _RATES, _TIMES))):
        yield {t: time / h} | {beta: 1 - c * (k + 1) * h for k, beta in enumerate(rates)}


def _float(text: str) -> Any:
    return sympy.Float(text, 60)


def _written_out(condition: Any, rule: UpdateRule) -> Any:
    """With the values of earlier equations put in."""
    for equation in reversed(rule.equations):
        if equation.symbol in condition.free_symbols:
            condition = condition.xreplace({equation.symbol: equation.expression})
    return condition


def _dies_out(power: Any, rule: UpdateRule) -> bool:
    if not (power.base.is_Rational and 0 < power.base < 1 and power.exp.has(t)):
        return False
    positive = {
        h.symbol: sympy.Dummy(positive=True)
        for h in rule.hyperparameters
        if h.role == "constant" and h.domain.lower is not None and h.domain.lower >= 0
    }
    slope = sympy.diff(power.exp, t).xreplace(positive)
    return bool(slope.is_positive and not slope.has(t))


def holds_later(rule: UpdateRule) -> bool:
    """Whether the limit leaves out what a rule does at first, beyond its first steps."""
    expressions = [e.expression for e in rule.equations]
    decided = {p for e in expressions for p in e.atoms(sympy.Piecewise, sympy.Max, sympy.Min)}
    conditions = [c for p in decided if isinstance(p, sympy.Piecewise) for _, c in p.args if c != sympy.true]
    return (
        any(c.free_symbols != {t} for c in conditions)
        or any(_extreme(p, rule) != p for p in decided if not isinstance(p, sympy.Piecewise))
        or any(_dies_out(p, rule) for e in expressions for p in e.atoms(sympy.Pow))
    )


def clocks(rule: UpdateRule) -> dict[Symbol, Expr]:
    """States that are functions of the step number: what such a state holds before step t, from the second step on.

    So is the largest value so far of a hyperparameter, which is constant here.
    """
    known = {t, *(h.symbol for h in rule.hyperparameters)}
    expressions = {e.symbol: e.expression for e in rule.equations}
    found = {}
    for state in rule.state:
        if expressions[new(state.symbol)].free_symbols <= known:
            found[state.symbol] = expressions[new(state.symbol)].xreplace({t: t - 1})
        for h in rule.hyperparameters:
            if expressions[new(state.symbol)] == sympy.Max(state.symbol, h.symbol) and _starts_below(state, h):
                found[state.symbol] = h.symbol
    return found


def _starts_below(state: State, h: Hyperparameter) -> bool:
    return not isinstance(state.init, First) and h.domain.lower is not None and bool(state.init <= h.domain.lower)
