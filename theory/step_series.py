"""One step of a rule as series in h: the rule's own equations, evaluated on the scales of its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Symbol

from .balance import FREE_ROLES, balances
from .errors import Refused
from .exponents import Weights, solve
from .increments import averaging, eventually, require_smooth
from .rule import UpdateRule
from .series import Expansion, Series, monomial
from .symbols import letter, new, t, theta

TIME = Symbol("t", positive=True)
DF = Symbol("df", real=True)
SIGMA0 = Symbol("sigma0", positive=True)
THETA = Symbol("theta", real=True)
H = Symbol("h", positive=True)


@dataclass(frozen=True)
class Scaled:
    """A symbol of the rule on the scale of the limit: symbol = coefficient * h^weight, coefficient in new letters."""

    coefficient: Expr
    weight: Fraction
    letter: Symbol | None = None


@dataclass(frozen=True)
class Scales:
    """What every letter of a rule becomes in its limit.

    small regime: the noise stays as it is, so nothing is measured in units of sigma.
    scheduled: step sizes multiplied by a function of time, written s_eta.
    """

    rule: UpdateRule
    regime: str
    scheduled: tuple[str, ...] = ()

    @cached_property
    def _balanced(self) -> tuple[Weights, Mapping[str, Mapping[str, Fraction]]]:
        found, unknowns, feeds = balances(self.rule, self.regime)
        label = f"{self.rule.label}, {self.regime} regime"
        return solve(found, unknowns, label, diffusion=self.regime == "diffusive"), feeds

    @property
    def weights(self) -> Weights:
        return self._balanced[0]

    @cached_property
    def states(self) -> list[Symbol]:
        """theta and the states it depends on."""
        return list(require_smooth(self.rule))

    @cached_property
    def rates(self) -> dict[Symbol, Symbol]:
        """beta -> its constant c, with 1 - beta = c h."""
        taken: set[str] = set()
        constants = {}
        for beta in averaging(self.rule):
            known = letter(beta.name)
            name = known.constant if known and known.constant not in taken else f"c_{beta.name}"
            taken.add(name)
            constants[beta] = Symbol(name, positive=True)
        return constants

    @cached_property
    def gammas(self) -> dict[Expr, Symbol]:
        """exp(-c t) -> gamma, with gamma = 1 - exp(-c t), for every averaging rate."""
        return {
            sympy.exp(-c * TIME): Symbol(c.name.replace("c", "gamma", 1), positive=True) for c in self.rates.values()
        }

    @cached_property
    def noise(self) -> Scaled:
        weight = self.weights.values["sigma"]
        return Scaled(sympy.Integer(1) if self.regime == "small" else SIGMA0, weight)

    def state(self, symbol: Symbol) -> Scaled:
        """v = sigma**2 u where noise feeds it; else the state over its power of h."""
        if symbol == theta:
            return Scaled(THETA, Fraction(0), THETA)
        weight = self.weights.values[symbol.name]
        in_sigma = int(self._balanced[1].get(symbol.name, {}).get("sigma", 0)) if self.regime == "diffusive" else 0
        renamed = "u" if symbol.name == "v" else f"{symbol.name}_scaled"
        plain = weight == 0 and in_sigma == 0
        # A mean square, or a sum of squares, stays positive.
        positive = self.weights.of(self._balanced[1].get(symbol.name, {})) != 0 or symbol.name == "v"
        name = symbol.name if plain else renamed
        here = Symbol(name, positive=True) if positive else Symbol(name, real=True)
        return Scaled(SIGMA0**in_sigma * here, weight, here)

    def hyperparameter(self, name: str) -> Scaled:
        """eta = h^w (w != 0), eps = eps0 h^w, ...; a constant keeps its name."""
        weight = self.weights.values.get(name, Fraction(0))
        known = letter(name)
        if name == "eta":
            schedule = Symbol("s_eta", positive=True) if name in self.scheduled else sympy.Integer(1)
            here = Symbol("eta", positive=True) if weight == 0 else sympy.Integer(1)
            return Scaled(schedule * here, weight)
        free = self.rule.hyperparameter(name).role in FREE_ROLES
        positive = Symbol(known.constant if free and known and known.constant else name, positive=True)
        return Scaled(positive, weight, positive)

    @cached_property
    def time_per_step(self) -> Expr:
        """h as a function of eta; a free h where the limit keeps eta fixed."""
        weight = self.weights.values.get("eta", Fraction(0))
        return H if weight == 0 else Symbol("eta", positive=True) ** sympy.Rational(1 / weight)


@dataclass
class StepSeries:
    """Increments of the SDE's states over one step, as series in h with polynomial coefficients in the noise."""

    scales: Scales
    length: Fraction = Fraction(2)

    def __post_init__(self) -> None:
        rule = self.scales.rule
        self.draws = [Symbol(f"z{i}" if i else "z", real=True) for i, _ in enumerate(rule.gradients)]
        self.expansion = Expansion(self.length, frozenset(self.draws))
        self._known: dict[Symbol, Series] = {}
        self._equations = {e.symbol: e.expression for e in rule.equations}
        noise = self.scales.noise
        for draw, z in zip(rule.gradients, self.draws, strict=True):
            self._known[draw.symbol] = monomial(DF) + monomial(noise.coefficient * z, noise.weight)
        self._known[t] = monomial(TIME, -1) + monomial(1)
        for symbol in self.scales.states:
            scaled = self.scales.state(symbol)
            self._known[symbol] = monomial(scaled.coefficient, scaled.weight)
        for h in rule.hyperparameters:
            scaled = self.scales.hyperparameter(h.name)
            if h.symbol in self.scales.rates:
                weight = self.scales.weights.values.get(f"1-{h.name}", Fraction(1))
                self._known[h.symbol] = monomial(1) + monomial(-self.scales.rates[h.symbol], weight)
            else:
                self._known[h.symbol] = monomial(scaled.coefficient, scaled.weight)

    def increments(self) -> dict[Symbol, Series]:
        """SDE letter of each state -> its increment over one step."""
        result = {}
        for symbol in self.scales.states:
            scaled = self.scales.state(symbol)
            assert scaled.letter is not None
            unit = scaled.coefficient / scaled.letter
            after = self.value(new(symbol)).times(monomial(1 / unit, -scaled.weight))
            result[scaled.letter] = after + monomial(-scaled.letter)
        return result

    def value(self, e: Expr) -> Series:
        """The series of an expression of the rule. raises: Refused for what has no expansion."""
        if e.is_Symbol:
            if e not in self._known:
                self._known[e] = self.value(eventually(self._equations[e], self.scales.rule.label))
            return self._known[e]
        if e.is_Rational:
            return monomial(e)
        if e.is_Add:
            return self._fold(e.args, Series.__add__)
        if e.is_Mul:
            return self._fold(e.args, Series.times)
        if e.is_Pow and e.exp.is_Rational:
            return self.expansion.power(self.value(e.base), Fraction(e.exp.p, e.exp.q), str(e.base))
        if e.is_Pow:
            logarithm = self.expansion.logarithm(self.value(e.base), str(e.base))
            return self._exp(self.value(e.exp).times(logarithm), str(e))
        if isinstance(e, sympy.exp):
            return self._exp(self.value(e.args[0]), str(e))
        if isinstance(e, sympy.log):
            return self.expansion.logarithm(self.value(e.args[0]), str(e.args[0]))
        raise Refused(
            f"{self.scales.rule.label}: {e} has no expansion in h.", "It is not smooth, or not an elementwise function."
        )

    def _exp(self, exponent: Series, what: str) -> Series:
        series = self.expansion.exponential(exponent, what)
        decays = {decay: 1 - gamma for decay, gamma in self.scales.gammas.items()}
        return Series({k: sympy.expand(v.xreplace(decays)) for k, v in series.terms.items()}, series.order)

    def _fold(self, parts: Any, operation: Any) -> Series:
        total = self.value(parts[0])
        for part in parts[1:]:
            total = operation(total, self.value(part))
        return total
