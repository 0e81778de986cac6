"""From a rule's equations to its balances: what must weigh as much as time for an SDE to be its limit.

Unknown weights (powers of h): "sigma", each step size, damping and decay, "1-beta" for each averaging rate,
and one for each state. The increments are those of `increments`, at leading order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .exponents import NOISE, Balance, Contradiction, Form, Weights, add, form, solve, subtract, times
from .increments import POWER, frozen_increments, in_powers, sign_of_a_state
from .rule import UpdateRule
from .settled import averaging
from .symbols import t, theta

FREE_ROLES = ("step_size", "damping", "decay", "coupled_decay", "decoupled_decay", "rate")
"""Roles whose weight the balances determine; averaging rates enter as 1 - beta; all others are constants."""


@dataclass
class _Weigher:
    """Weights of subexpressions; collects the balances that sums impose."""

    rule: UpdateRule
    regime: str
    rates: dict[Symbol, str]
    numbers_lead: bool = True
    balances: list[Balance] = field(default_factory=list)

    def letter(self, symbol: Symbol) -> tuple[Form | None, Form | None]:
        """(weight of the mean, weight of the noise) of a symbol."""
        if any(symbol == d.symbol for d in self.rule.gradients):
            return {}, form(**{NOISE: 1})
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
        if e.is_Pow and e.exp.free_symbols <= self._constants:
            weight, noise = self.weigh(e.base)
            if noise is None:
                self.require(weight or {}, f"the base {_plain(e.base)}", "fixed")
                return {}, None
        if isinstance(e, sympy.exp):
            weight, noise = self.weigh(e.args[0])
            if noise is None:
                self.require(weight or {}, f"the exponent {_plain(e.args[0])}", "fixed")
                return {}, None
        if isinstance(e, sympy.sign):
            return self._sign(e)
        raise Refused(f"{self.rule.label}: {e} has no weight.", "Its growth with h is not that of a power.")

    def _sign(self, e: Expr) -> tuple[Form | None, Form | None]:
        """Of size 1; where the noise dominates, its mean is that of the argument in units of the noise."""
        mean, noise = self.weigh(e.args[0])
        if noise is None and e.free_symbols & {d.symbol for d in self.rule.gradients}:
            raise Refused(
                f"{self.rule.label}: the argument of {e} is not affine in the noisy gradient.",
                "It changes its sign at several values of the noise, some of them rare: a jump for the step.",
                "The engine takes the sign of what is linear in the gradient.",
            )
        if noise is None:
            raise sign_of_a_state(self.rule.label, e)
        return subtract(mean or {}, noise), {}

    def _sum(self, e: Expr) -> tuple[Form | None, Form | None]:
        """Terms balance the first one: a number, else a state, the simplest; a lighter term is dominated."""
        if e.has(t) and all(a == t or a.is_number for a in e.args):
            return self.letter(t)
        if (weight := self._clock(e)) is not None:
            return weight, None
        weights = [self.weigh(a) for a in sorted(e.args, key=self._rank)]
        chosen: list[Form | None] = []
        for index, word in ((0, "terms"), (1, "noise terms")):
            found = [w[index] for w in weights if w[index] is not None]
            for other in found[1:]:
                self.require(subtract(other or {}, found[0] or {}), f"{word} of {_plain(e)}", "inner")
            chosen.append(found[0] if found else None)
        return chosen[0], chosen[1]

    @property
    def _constants(self) -> set[Symbol]:
        return {h.symbol for h in self.rule.hyperparameters if h.role not in FREE_ROLES and h.symbol not in self.rates}

    def _clock(self, e: Expr) -> Form | None:
        """The weight of a sum made of t, 1 - beta and beta^t alone, as in rectified steps: with 1 - beta = c h."""
        small = {s for s in e.free_symbols if s.name.startswith("small ")}
        others = {s for s in e.free_symbols if s.name.startswith(POWER)}
        inverse = any(p.exp.is_negative for s in small for p in _powers(e, s))
        if not (inverse or (e.has(t) and small | others)) or not e.free_symbols <= {t, *small, *others}:
            return None
        for s in small:
            self.require(form(**{s.name.removeprefix("small "): 1, "": -1}), f"{_plain(e)} has a limit", "fixed")
        return {"": valuation(e, small)}

    def _rank(self, term: Expr) -> tuple[bool, bool, bool, int, str]:
        fixed = not any(s.symbol in term.free_symbols for s in self.rule.state)
        last = term.is_number and not self.numbers_lead
        return last, not term.is_number, fixed, int(term.count_ops()), str(term)

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
        return times(exponent, noise), None


@dataclass(frozen=True)
class Limit:
    """The distinguished limit of a rule in one regime.

    weights: the powers of h.   increments: of each state over one step, at leading order (theta first).
    feeds: of each state that the noise feeds in the mean, the weight of the term that does.
    """

    weights: Weights
    increments: Mapping[Symbol, Expr]
    feeds: Mapping[str, Form]

    @property
    def dropped_steps(self) -> int:
        """How many terms of a step are dominated."""
        return sum(b.kind in ("mean", "variance") for b in self.weights.dominated)


def limit(rule: UpdateRule, regime: str = "diffusive") -> Limit:
    """raises: Refused for a rule outside the engine, and as `exponents.solve`."""
    try:
        first = _limit(rule, regime, numbers_lead=True)
    except Contradiction as refusal:
        try:
            return _limit(rule, regime, numbers_lead=False)
        except Refused:
            raise refusal from None
    if not first.dropped_steps:
        return first
    try:  # a number may also be what is dominated, as in sqrt(v + 1e-15); a limit should keep every drift
        second = _limit(rule, regime, numbers_lead=False)
    except Refused:
        return first
    return min(first, second, key=lambda found: found.dropped_steps)


def _limit(rule: UpdateRule, regime: str, numbers_lead: bool) -> Limit:
    rates = averaging(rule)
    weigher = _Weigher(rule, regime, rates, numbers_lead)
    increments = frozen_increments(rule, rates)
    feeds = _weigh_steps(weigher, increments)
    if regime == "small":
        weigher.balances.append(Balance(form(**{NOISE: 1}), "the noise stays as it is"))
    timed = {name for e in increments.values() for name in in_powers(e)}
    for beta, small in rates.items():
        if beta.name in timed:
            weigher.require(form(**{small: 1, "": -1}), f"{beta}^t has a limit", "fixed")
    names = {s.name.removeprefix("small ") for e in increments.values() for s in e.free_symbols}
    names |= {f"1-{name}" for name in timed}
    # What stands only in the point of the gradient is an unknown without an equation: the rank then says so.
    names |= {rates.get(s, s.name) for d in rule.gradients for s in d.at.free_symbols}
    candidates = [*(h.name for h in rule.hyperparameters if h.role in FREE_ROLES), *rates.values()]
    unknowns = [NOISE, *(u for u in candidates if u in names), *(s.name for s in increments if s != theta)]
    label = f"{rule.label}, {regime} regime"
    return Limit(
        solve(_distinct(weigher.balances), unknowns, label, diffusion=regime == "diffusive"), increments, feeds
    )


def _weigh_steps(weigher: _Weigher, increments: Mapping[Symbol, Expr]) -> dict[str, Form]:
    """Collects what every term of every step imposes; returns the feeds."""
    feeds: dict[str, Form] = {}
    for state, increment in increments.items():
        scale = {} if state == theta else form(**{state.name: 1})
        target = add(form(**{"": 1}), scale)
        for term in () if increment == 0 else sorted(sympy.Add.make_args(increment), key=str):
            mean, noise = weigher.weigh(term)
            where = f"d{state} contains {_plain(term)}"
            weigher.require(subtract(mean or {}, target), f"{where}: mean", "mean")
            if weigher.regime == "diffusive" and noise is not None:
                doubled = subtract(times(Fraction(2), noise), add(form(**{"": 1}), times(Fraction(2), scale)))
                weigher.require(doubled, f"{where}: variance", "variance")
            if mean and mean.get(NOISE, 0) > 0:
                feeds[state.name] = mean
    return feeds


def _powers(e: Expr, s: Symbol) -> set[Any]:
    return {p for p in e.atoms(sympy.Pow) if s in p.base.free_symbols}


def valuation(e: Expr, small: Iterable[Symbol]) -> Fraction:
    """The power of h that e carries with t = T/h and each of `small` = c h, at generic T and c."""
    letters = sorted(e.free_symbols, key=str)
    values = []
    for h in (sympy.Float("1e-20", 60), sympy.Float("1e-24", 60)):
        generic = {s: sympy.Rational(2 * k + 3, 2 * k + 7) for k, s in enumerate(letters)}
        at = {s: v / h if s == t else v * h if s in small else v for s, v in generic.items()}
        values.append(abs(e.xreplace(at).evalf(60)))
    slope = sympy.log(values[0] / values[1]) / sympy.log(10**4)
    return Fraction(str(slope.evalf(30))).limit_denominator(12)


def _plain(term: Expr) -> str:
    return re.sub(rf"small |{POWER}[^()]*? in ", "", str(term))


def _distinct(items: Iterable[Balance]) -> list[Balance]:
    seen: dict[tuple[Any, ...], Balance] = {}
    for item in items:
        seen.setdefault((*sorted(item.weight.items()), item.kind), item)
    return list(seen.values())
