"""One step of a rule as series in h: the rule's own equations, evaluated on the scales of its limit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .scales import DF, TIME, Scales
from .series import Expansion, Series, monomial
from .settled import clocks, eventually
from .signs import Sign, Signs, sign_of
from .symbols import new, t


@dataclass
class StepSeries:
    """Increments of the SDE's states over one step, as series in h with polynomial coefficients in the noise."""

    scales: Scales
    length: Fraction = Fraction(2)

    def __post_init__(self) -> None:
        rule = self.scales.rule
        self.draws = [Symbol(f"noise of draw {i}", real=True) for i, _ in enumerate(rule.gradients)]
        self.expansion = Expansion(self.length, frozenset(self.draws))
        self._known: dict[Symbol, Series] = {}
        self._signs: dict[Expr, Sign] = {}
        self._equations = {e.symbol: e.expression for e in rule.equations} | clocks(rule)
        noise = self.scales.noise
        for draw, z in zip(rule.gradients, self.draws, strict=True):
            self._known[draw.symbol] = monomial(DF) + monomial(noise.coefficient * z, noise.weight)
        self._known[t] = monomial(TIME, -1) + monomial(1)
        for symbol in self.scales.states:
            scaled = self.scales.state(symbol)
            self._known[symbol] = monomial(scaled.coefficient, scaled.weight)
        for h in rule.hyperparameters:
            if h.symbol in self.scales.rates:
                weight = self.scales.weights.values.get(f"1-{h.name}", Fraction(1))
                self._known[h.symbol] = monomial(1) + monomial(-self.scales.rates[h.symbol], weight)
            else:
                scaled = self.scales.hyperparameter(h)
                self._known[h.symbol] = monomial(scaled.coefficient, scaled.weight)

    def increments(self) -> dict[Symbol, Series]:
        """SDE letter of each state -> its increment over one step."""
        result = {}
        for symbol in self.scales.states:
            scaled = self.scales.state(symbol)
            assert scaled.letter is not None
            unit = scaled.coefficient / scaled.letter
            after = self.value(new(symbol)).times(monomial(1 / unit, -scaled.weight))
            result[scaled.letter] = self._without_squares(after + monomial(-scaled.letter))
        return result

    @property
    def signs(self) -> Signs:
        """The signs met so far."""
        return Signs(tuple(self._signs.values()), tuple(self.draws), self.length)

    def _without_squares(self, series: Series) -> Series:
        """sign^2 = 1."""
        terms = dict(series.terms)
        for mark in (s.mark for s in self._signs.values()):
            for exponent, value in terms.items():
                if value.has(mark):
                    parts = sympy.Poly(value, mark).terms()
                    terms[exponent] = sympy.expand(sympy.Add(*(c * mark ** (p % 2) for (p,), c in parts)))
        return Series({k: v for k, v in terms.items() if v != 0}, series.order)

    def value(self, e: Expr) -> Series:
        """The series of an expression of the rule. raises: Refused for what has no expansion."""
        if e.is_Symbol:
            if e not in self._known and e not in self._equations:
                raise Refused(f"{self.scales.rule.label}: {e} has no limit.", "It is given by the shape of a tensor.")
            if e not in self._known:
                self._known[e] = self.value(eventually(self._equations[e], self.scales.rule))
            return self._known[e]
        if e.is_Rational:
            return monomial(e)
        if e.is_Add:
            return self._fold(e.args, Series.__add__)
        if e.is_Mul:
            return self._fold(e.args, Series.times)
        if e.is_Pow and e.exp.is_Rational:
            return self.expansion.power(self.value(e.base), Fraction(e.exp.p, e.exp.q), str(e.base))
        if e.is_Pow and (exponent := self._letters_only(e.exp)) is not None:
            return self.expansion.constant_power(self.value(e.base), exponent, str(e.base))
        if e.is_Pow:
            logarithm = self.expansion.logarithm(self.value(e.base), str(e.base))
            return self._exp(self.value(e.exp).times(logarithm), str(e))
        if isinstance(e, sympy.exp):
            return self._exp(self.value(e.args[0]), str(e))
        if isinstance(e, sympy.log):
            return self.expansion.logarithm(self.value(e.args[0]), str(e.args[0]))
        if isinstance(e, sympy.sign):
            return self._sign(e)
        raise Refused(
            f"{self.scales.rule.label}: {e} has no expansion in h.", "It is not smooth, or not an elementwise function."
        )

    def _letters_only(self, exponent: Expr) -> Expr | None:
        """The exponent in letters of the SDE, if it is made of constants."""
        constants = {h.symbol for h in self.scales.rule.hyperparameters if h.role == "constant"}
        if not exponent.free_symbols or not exponent.free_symbols <= constants:
            return None
        return self.value(exponent).coefficient(0)

    def _sign(self, e: Expr) -> Series:
        argument = self.value(e.args[0])
        if e not in self._signs:
            self._require_sign_of_letters(argument, e)
            mark = Symbol(f"sign {len(self._signs)}", real=True)
            self._signs[e] = sign_of(argument, mark, self.draws, self.expansion, str(e.args[0]))
            self.expansion.fixed |= {mark}
        return monomial(self._signs[e].mark)

    def _require_sign_of_letters(self, argument: Series, e: Expr) -> None:
        """The letters of an SDE count as positive, which says nothing where a domain has negative numbers."""
        beside = {s for c in argument.terms.values() if c.has(*self.draws) for s in c.free_symbols}
        for h in self.scales.rule.hyperparameters:
            lower = h.domain.lower
            if self.scales.hyperparameter(h).letter in beside and (lower is None or lower < 0):
                raise Refused(
                    f"{self.scales.rule.label}: {h.name} in {e} may be negative.",
                    "The gradient's factor there may change its sign, and the step with it.",
                    f"Give {h.name} a domain of positive numbers.",
                )

    def _exp(self, exponent: Series, what: str) -> Series:
        series = self.expansion.exponential(exponent, what)
        decays = {sympy.exp(-c * TIME): 1 - gamma for c, gamma in self.scales.gammas.items()}
        return Series({k: sympy.expand(v.xreplace(decays)) for k, v in series.terms.items()}, series.order)

    def _fold(self, parts: Any, operation: Any) -> Series:
        total = self.value(parts[0])
        for part in parts[1:]:
            total = operation(total, self.value(part))
        return total
