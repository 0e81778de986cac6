"""From a rule's equations to its balances: what must weigh as much as time for an SDE to be its limit.

Unknown weights (powers of h): "sigma", each step size, damping and decay, "1-beta" for each averaging rate,
and one for each state. Values after the step are taken as before it, and (1 - beta) x beside x is dropped:
a state of a limit moves by O(h) per step. What this leaves out is checked afterwards by the full expansion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .exponents import Balance, Form, Weights, add, form, solve, subtract, times
from .nodes import IsFinite, MatMul, Reduce, Transpose
from .rule import UpdateRule
from .symbols import Letter, f, letter, new, t, theta

FREE_ROLES = ("step_size", "damping", "decay", "coupled_decay", "decoupled_decay", "rate")
"""Roles whose weight the balances determine; averaging rates enter as 1 - beta; all others are constants."""


def averaging(rule: UpdateRule) -> dict[Symbol, str]:
    """The averaging rates beta of a rule, each with the name of its small quantity, "1-beta"."""
    return {h.symbol: f"1-{h.name}" for h in rule.hyperparameters if h.role == "averaging"}


def require_smooth(rule: UpdateRule) -> dict[Symbol, Expr]:
    """The step map on which theta depends, with branches in t taken as they are eventually.

    raises: Refused, naming the equation, for what is outside the engine: kinks and jumps in the gradient or the
    state, reductions and matrix products, the loss as an input, gradients taken at another point than theta.
    """
    if any(d.at != theta for d in rule.gradients):
        raise Refused(
            f"{rule.label} takes its gradient at a point other than theta.",
            "The engine expands around theta, where drift and covariance are given.",
            "Rewrite the rule in terms of the point where the gradient is taken.",
        )
    if rule.guard != sympy.true and not rule.guard.atoms(IsFinite):
        raise Refused(f"{rule.label} has the guard {rule.guard}.", "A step that may be skipped has no smooth limit.")
    map_ = _needed_for_theta(rule)
    for symbol, expression in map_.items():
        _require_smooth(rule, symbol, expression)
    return map_


def _needed_for_theta(rule: UpdateRule) -> dict[Symbol, Expr]:
    step_map = {key: eventually(value, rule.label) for key, value in rule.step_map.items()}
    states = {s.symbol for s in rule.state}
    needed, frontier = {theta}, [theta]
    while frontier:
        inside = step_map[new(frontier.pop())].free_symbols & states
        frontier += inside - needed
        needed |= inside
    return {s: step_map[new(s)] for s in (theta, *(s.symbol for s in rule.state)) if s in needed}


def eventually(expression: Expr, label: str) -> Expr:
    """Piecewise expressions whose conditions speak of t alone, replaced by their branch for all large t."""

    def branch(piecewise: Any) -> Expr:
        for value, condition in piecewise.args:
            if condition != sympy.true and condition.free_symbols != {t}:
                raise Refused(
                    f"{label} branches on {condition}.",
                    "A branch on the state or the gradient is a jump or a kink: no smooth drift.",
                    "Take the variant without the branch.",
                )
            if condition == sympy.true or condition.subs(t, sympy.oo) == sympy.true:
                return value
        raise Refused(f"{label}: no branch of {piecewise} holds for large t.")

    return expression.replace(lambda e: isinstance(e, sympy.Piecewise), branch)


def _require_smooth(rule: UpdateRule, symbol: Symbol, expression: Expr) -> None:
    for kinds, why in (
        ((sympy.sign, sympy.Abs, sympy.Max, sympy.Min), "It is not smooth, and its mean under noise is no polynomial."),
        ((Reduce,), "It couples coordinates through a reduction; the engine treats rules that act entry by entry."),
        ((MatMul, Transpose), "It acts on matrices; the engine treats rules that act entry by entry."),
    ):
        bad = sorted(expression.atoms(*kinds), key=str)
        if bad:
            raise Refused(
                f"{rule.label}: the step of {symbol} contains {bad[0]}.", why, "No SDE is claimed for this variant."
            )
    if f in expression.free_symbols:
        raise Refused(f"{rule.label}: the step of {symbol} depends on the loss.", "The noise model is about gradients.")


@dataclass
class _Weigher:
    """Weights of subexpressions; collects the balances that sums impose."""

    rule: UpdateRule
    regime: str
    rates: dict[Symbol, str]
    balances: list[Balance] = field(default_factory=list)

    def letter(self, symbol: Symbol) -> tuple[Form | None, Form | None]:
        """(weight of the mean, weight of the noise) of a symbol."""
        if any(symbol == d.symbol for d in self.rule.gradients):
            return {}, form(sigma=1)
        if any(symbol == s.symbol for s in self.rule.state):
            return form(**{symbol.name: 1}), None
        if symbol == t:
            return {"": Fraction(-1)}, None
        for h in self.rule.hyperparameters:
            if h.symbol == symbol and h.role in FREE_ROLES:
                return form(**{h.name: 1}), None
        name = symbol.name.removeprefix("small ")
        return (form(**{name: 1}) if name != symbol.name else {}), None

    def weigh(self, e: Expr) -> tuple[Form | None, Form | None]:
        if e.is_Symbol:
            return self.letter(e)
        if e.is_Rational:
            return {}, None
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow and e.exp.is_Rational:
            return self._power(e)
        if isinstance(e, sympy.exp):
            weight, noise = self.weigh(e.args[0])
            if noise is None:
                self.require(weight or {}, f"the exponent {_plain(e.args[0])}", "fixed")
                return {}, None
        raise Refused(f"{self.rule.label}: {e} has no weight.", "Its growth with h is not that of a power.")

    def _sum(self, e: Expr) -> tuple[Form | None, Form | None]:
        """Terms balance the first one: a number, else a state, the simplest; a lighter term is dominated."""
        if e.has(t) and all(a == t or a.is_number for a in e.args):
            return self.letter(t)
        weights = [self.weigh(a) for a in sorted(e.args, key=self._rank)]
        chosen: list[Form | None] = []
        for index, word in ((0, "terms"), (1, "noise terms")):
            found = [w[index] for w in weights if w[index] is not None]
            for other in found[1:]:
                self.require(subtract(other or {}, found[0] or {}), f"{word} of {_plain(e)}", "inner")
            chosen.append(found[0] if found else None)
        return chosen[0], chosen[1]

    def _rank(self, term: Expr) -> tuple[bool, bool, int, str]:
        fixed = not any(s.symbol in term.free_symbols for s in self.rule.state)
        return not term.is_number, fixed, int(term.count_ops()), str(term)

    def require(self, weight: Form, reason: str, kind: str) -> None:
        if weight:
            self.balances.append(Balance(weight, reason, kind))

    def _product(self, e: Expr) -> tuple[Form | None, Form | None]:
        mean: Form = {}
        noise: Form | None = None
        for factor in e.args:
            m, n = self.weigh(factor)
            if noise is not None and n is not None:
                raise Refused(f"{self.rule.label}: {e} multiplies two noisy factors.", "Write it as a power.")
            noise = add(noise, m or {}) if noise is not None else add(mean, n) if n is not None else None
            mean = add(mean, m or {})
        return mean, noise

    def _power(self, e: Expr) -> tuple[Form | None, Form | None]:
        exponent = Fraction(e.exp.p, e.exp.q)
        mean, noise = self.weigh(e.base)
        if noise is None:
            return times(exponent, mean or {}), None
        if exponent.denominator != 1 or exponent < 0 or exponent % 2:
            raise Refused(
                f"{self.rule.label}: {e} is not a polynomial of even degree in the noisy gradient.",
                "Its mean is not determined by the mean and the covariance of the noise.",
                "The engine takes noisy gradients linearly and in even powers; take such a variant.",
            )
        # An even power of a gradient dominated by its noise has the weight of the noise, mean included.
        weight = times(exponent, noise)
        return weight, None


def frozen_increments(rule: UpdateRule, rates: dict[Symbol, str]) -> dict[Symbol, Expr]:
    """One step's increments with new values replaced by old ones, and beta written as 1 - small."""
    require_smooth(rule)
    freeze = {new(s.symbol): s.symbol for s in rule.state}
    known: dict[Symbol, Expr] = {}
    needed = _needed_for_theta(rule)
    for equation in rule.equations:
        known[equation.symbol] = equation.expression.xreplace(
            {k: v for k, v in known.items() if k not in freeze}
        ).xreplace(freeze)
    increments = {s: eventually(known[new(s)], rule.label) - s for s in needed}
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
    """beta -> 1 - small, powers beta^t as constants of their own; (small x) beside x is dropped."""
    powers = {
        p: Symbol(f"power of {p.base}", positive=True)
        for p in increment.atoms(sympy.Pow)
        if p.base in rates and p.exp.has(t)
    }
    small = {beta: Symbol(f"small {name}", positive=True) for beta, name in rates.items()}
    replaced = increment.xreplace(powers).xreplace({beta: 1 - s for beta, s in small.items()})
    expanded = _expand_products(replaced)
    best: dict[Expr, tuple[int, Expr]] = {}
    for term in sympy.Add.make_args(expanded):
        degree = sum(int(sympy.degree(term, s)) if term.has(s) and term.is_polynomial(s) else 0 for s in small.values())
        rest = abs_content(term.xreplace({s: sympy.Integer(1) for s in small.values()}))
        if rest not in best or degree < best[rest][0]:
            best[rest] = (degree, term)
    return sympy.Add(*(term for _, term in best.values()))


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


def balances(rule: UpdateRule, regime: str) -> tuple[list[Balance], list[str], dict[str, Form]]:
    """The balances of a rule, its unknowns, and for each state the weight of the term that feeds it."""
    rates = averaging(rule)
    weigher = _Weigher(rule, regime, rates)
    increments = frozen_increments(rule, rates)
    feeds: dict[str, Form] = {}
    for state, increment in increments.items():
        scale = {} if state == theta else form(**{state.name: 1})
        target = add(form(**{"": 1}), scale)
        terms: Iterable[Expr] = sorted(sympy.Add.make_args(increment), key=str)
        for term in terms:
            mean, noise = weigher.weigh(term)
            where = f"d{state} contains {_plain(term)}"
            weigher.require(subtract(mean or {}, target), f"{where}: mean", "mean")
            if regime == "diffusive" and noise is not None:
                doubled = subtract(times(Fraction(2), noise), add(form(**{"": 1}), times(Fraction(2), scale)))
                weigher.require(doubled, f"{where}: variance", "variance")
            if mean and "sigma" in mean:
                feeds[state.name] = mean
    if regime == "small":
        weigher.balances.append(Balance(form(sigma=1), "the noise stays as it is"))
    unknowns = ["sigma", *(h.name for h in rule.hyperparameters if h.role in FREE_ROLES), *rates.values()]
    unknowns += [s.name for s in increments if s != theta]
    return _distinct(weigher.balances), [u for u in unknowns if _appears(u, rule, increments)], feeds


def _appears(unknown: str, rule: UpdateRule, increments: dict[Symbol, Expr]) -> bool:
    names = {s.name.removeprefix("small ") for e in increments.values() for s in e.free_symbols}
    return unknown == "sigma" or unknown in names or any(unknown == s.name for s in increments)


def _plain(term: Expr) -> str:
    return str(term).replace("small ", "")


def _distinct(items: Iterable[Balance]) -> list[Balance]:
    seen: dict[tuple[Any, ...], Balance] = {}
    for item in items:
        seen.setdefault((*sorted(item.weight.items()), item.kind), item)
    return list(seen.values())


def weights(rule: UpdateRule, regime: str = "diffusive") -> Weights:
    """The weights of the distinguished limit of a rule. raises: Refused, as `exponents.solve`."""
    found, unknowns, _ = balances(rule, regime)
    return solve(found, unknowns, f"{rule.label}, {regime} regime", diffusion=regime == "diffusive")
