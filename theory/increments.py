"""What the limit engine accepts, and one step's increments at leading order.

Values after the step are taken as before it, and (1 - beta) x beside x is dropped: a state of a limit moves by
O(h) per step. What this leaves out is checked afterwards by the full expansion in `derive`.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .nodes import IsFinite, MatMul, Reduce, Transpose
from .rule import UpdateRule
from .settled import clocks, eventually
from .symbols import Letter, f, letter, new, t, theta


def require_smooth(rule: UpdateRule) -> dict[Symbol, Expr]:
    """The step map on which theta depends, with branches in t taken as they are eventually.

    raises: Refused, naming the equation, for what is outside the engine: kinks and jumps in the state, other kinks
    than the sign in the gradient, reductions and matrix products, the loss as an input.
    """
    if rule.guard != sympy.true and not rule.guard.atoms(IsFinite):
        raise Refused(f"{rule.label} has the guard {rule.guard}.", "A step that may be skipped has no smooth limit.")
    map_ = _needed_for_theta(rule)
    for symbol, expression in map_.items():
        _require_smooth(rule, symbol, expression)
    return map_


def _needed_for_theta(rule: UpdateRule) -> dict[Symbol, Expr]:
    states = {s.symbol for s in rule.state} - {*clocks(rule)}
    _require_entrywise(rule, states)
    step_map = {new(s): eventually(rule.step_map[new(s)], rule) for s in (theta, *states)}
    at_points = {s for d in rule.gradients for s in d.at.free_symbols & states}
    needed, frontier = {theta, *at_points}, [theta, *at_points]
    while frontier:
        inside = step_map[new(frontier.pop())].free_symbols & states
        frontier += inside - needed
        needed |= inside
    return {s: step_map[new(s)] for s in (theta, *(s.symbol for s in rule.state)) if s in needed}


def _require_entrywise(rule: UpdateRule, states: set[Symbol]) -> None:
    """The equations that new(theta) depends on, read one by one: written out, those of a matrix method are long."""
    inside = {e.symbol: e.expression for e in rule.equations}
    found: set[Symbol] = set()
    frontier = [new(theta), *(s for d in rule.gradients for s in d.at.free_symbols)]
    while frontier:
        at = frontier.pop()
        if at in found:
            continue
        found.add(at)
        if at in states:
            frontier.append(new(at))
        if at in inside:
            _require_no(_WHOLE, rule, at, inside[at])
            frontier += inside[at].free_symbols


_WHOLE = (
    ((Reduce,), "It couples coordinates through a reduction; the engine treats rules that act entry by entry."),
    ((MatMul, Transpose), "It acts on matrices; the engine treats rules that act entry by entry."),
)
_KINKS = (
    (
        (sympy.Abs, sympy.Max, sympy.Min),
        "It is not smooth: a kink of the drift, and its mean under noise is no polynomial.",
    ),
)


def _require_no(kinds_and_why: Any, rule: UpdateRule, symbol: Symbol, expression: Expr) -> None:
    for kinds, why in kinds_and_why:
        bad = sorted(expression.atoms(*kinds), key=str)
        if bad:
            name = symbol.name.removesuffix("_new")
            raise Refused(
                f"{rule.label}: the step of {name} contains {bad[0]}.", why, "No SDE is claimed for this variant."
            )


def _require_smooth(rule: UpdateRule, symbol: Symbol, expression: Expr) -> None:
    draws = {d.symbol for d in rule.gradients}
    for jump in sorted(expression.atoms(sympy.sign), key=str):
        if not jump.free_symbols & draws:
            raise sign_of_a_state(rule.label, jump)
    _require_no(_KINKS, rule, symbol, expression)
    if f in expression.free_symbols:
        raise Refused(f"{rule.label}: the step of {symbol} depends on the loss.", "The noise model is about gradients.")


def sign_of_a_state(label: str, jump: Any) -> Refused:
    return Refused(
        f"{label}: {jump} is the sign of a state at leading order.",
        "It is not smooth: the drift would jump where its argument crosses 0, and order 1 is proved for smooth ones.",
        "No SDE is claimed; the sign of the noisy gradient itself has one, under Gaussian noise.",
    )


def frozen_increments(rule: UpdateRule, rates: dict[Symbol, str]) -> dict[Symbol, Expr]:
    """One step's increments with new values replaced by old ones, and beta written as 1 - small."""
    needed = require_smooth(rule)
    freeze = {new(s): s for s in (theta, *(s.symbol for s in rule.state))}
    known: dict[Symbol, Expr] = {}
    counted = clocks(rule)
    for equation in rule.equations:
        known[equation.symbol] = (
            equation.expression.xreplace(counted)
            .xreplace({k: v for k, v in known.items() if k not in freeze})
            .xreplace(freeze)
            .xreplace(counted)
        )
    increments = {s: eventually(known[new(s)], rule) - s for s in needed}
    for state in needed:
        if state not in known[new(state)].free_symbols:
            raise Refused(
                f"{rule.label}: {state} forgets its old value in every step.",
                "It is not slow: what it holds is the noise, or the change, of one step, which the next step then "
                "uses, so that the steps of the SDE's states are not independent.",
                "No SDE is claimed for this variant: the engine needs states that move by O(h) in the mean.",
            )
    for increment in increments.values():
        _require_polynomial(rule, increment)
    return {s: _small(increment, rates) for s, increment in increments.items()}


def _require_polynomial(rule: UpdateRule, increment: Expr) -> None:
    """At leading order the gradient must enter as a polynomial, or its mean asks for the whole law of the noise."""
    draws = {d.symbol for d in rule.gradients}
    for part in increment.atoms(sympy.Pow, sympy.exp, sympy.log):
        whole = isinstance(part, sympy.Pow) and part.exp.is_Integer and part.exp > 0
        if not whole and part.free_symbols & draws:
            raise Refused(
                f"{rule.label}: {part} contains the gradient noise at leading order.",
                "Its expectation is not a polynomial in the moments of the noise, so drift and diffusion are not "
                "determined by Sigma alone.",
                "No SDE is claimed: it would need the law of the noise (a Gaussian one gives error functions).",
            )


def _small(increment: Expr, rates: dict[Symbol, str]) -> Expr:
    """beta -> 1 - small, powers in t of what contains a beta as constants of their own; (small x) beside x dropped."""
    powers = {
        p: Symbol(
            f"{POWER}{', '.join(sorted(s.name for s in p.base.free_symbols & rates.keys()))} in {p}", positive=True
        )
        for p in increment.atoms(sympy.Pow)
        if p.exp.has(t) and p.base.free_symbols & rates.keys()
    }
    small = {beta: Symbol(f"small {name}", positive=True) for beta, name in rates.items()}
    replaced = increment.xreplace(powers).xreplace({beta: 1 - s for beta, s in small.items()})
    expanded = _expand_products(replaced)
    kept: list[tuple[Expr, tuple[int, ...], Expr]] = []
    for term in () if expanded == 0 else sympy.Add.make_args(expanded):
        degrees = tuple(int(sympy.degree(term, s)) if term.is_polynomial(s) else 0 for s in small.values())
        rest = abs_content(term.xreplace({s: sympy.Integer(1) for s in small.values()}))
        kept.append((rest, degrees, term))
    return sympy.Add(*(term for rest, degrees, term in kept if not _beside_larger(rest, degrees, kept)))


POWER = "power of "
"""Begins the name of a symbol that stands for beta^t; then come the rates in its base."""


def in_powers(increment: Expr) -> set[str]:
    """The names of averaging rates that stand in a power with t, whose limit is exp(-c t)."""
    found = (s.name.removeprefix(POWER).split(" in ")[0] for s in increment.free_symbols if s.name.startswith(POWER))
    return {name for names in found for name in names.split(", ")}


def _beside_larger(rest: Expr, degrees: tuple[int, ...], kept: list[tuple[Expr, tuple[int, ...], Expr]]) -> bool:
    """Whether the same term stands there with fewer small factors."""
    return any(
        rest == other and lower != degrees and all(a <= b for a, b in zip(lower, degrees, strict=True))
        for other, lower, _ in kept
    )


def _expand_products(increment: Expr) -> Expr:
    """Products of sums multiplied out, other powers left as they are; x/(1 + small) - x over one denominator."""
    others = [p for p in increment.atoms(sympy.Pow) if not (p.exp.is_Integer and p.exp > 0) or p.base.is_Add]
    held = {p: sympy.Dummy() for p in others}
    shrink = [p for p in others if p.exp == -1 and _near_one(p.base)]
    result = sympy.expand(increment.xreplace(held))
    for p in shrink:
        poly = sympy.Poly(result, held[p])
        if poly.degree() == 1:
            with_p, without = poly.all_coeffs()
            result = sympy.expand(held[p] * sympy.expand(without * p.base + with_p))
    return result.xreplace({dummy: p for p, dummy in held.items()})


def _near_one(total: Expr) -> bool:
    """1 + products of hyperparameters."""
    return (
        total.is_Add
        and sympy.Integer(1) in total.args
        and all((letter(s.name) or Letter("")).role for s in total.free_symbols)
    )


def abs_content(term: Expr) -> Expr:
    """A term without its numerical coefficient."""
    return term.as_coeff_Mul()[1]
