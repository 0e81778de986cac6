"""Differential operators with coefficients in the letters of an SDE, and series of them in h.

An operator is sum_a c_a d^a, kept as {multi-index a: coefficient c_a}. Its coefficients are functions of the states
and of t. The loss and the noise are functions of theta without a formula, so their derivatives are letters of their
own: df, d2f, d3f for f', f'', f'''; dSigma, d2Sigma, dmu3 for derivatives of Sigma and mu3 in theta.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import sympy
from sympy import Expr, Symbol

from .scales import TIME

Index = tuple[int, ...]
"""How often each coordinate is differentiated."""
Operator = Mapping[Index, Expr]
OperatorSeries = Mapping[Fraction, Operator]
"""Exponent of h -> operator."""

FUNCTIONS_OF_THETA = re.compile(r"(?:d(\d*))?(f|Sigma|mu\d+|K3)((?:_[ij]+)*)\Z")
"""Letters that are functions of theta: how often differentiated, of what, and the coordinates."""


def differentiated(letter: Symbol, side: str = "") -> Symbol | None:
    """The letter of the derivative in theta, or in theta_i or theta_j; None for what does not depend on theta.

    df -> d2f -> d3f, Sigma -> dSigma; across coordinates df_i -> d2f_ij, Sigma_i -> dSigma_i_j (of Sigma_ii in j).
    """
    match = FUNCTIONS_OF_THETA.match(letter.name)
    if match is None or letter.name == "f":
        return None
    times, what, indices = match.groups()
    count = (1 if times == "" else int(times or 0)) + 1
    return Symbol(f"d{count if count > 1 else ''}{what}{_indices(what, count, indices, side)}", real=True)


def _indices(what: str, count: int, indices: str, side: str) -> str:
    parts = [p for p in indices.split("_") if p]
    if what == "f":
        parts = ["".join(sorted("".join(parts) + side))]
    elif count == 1:
        parts.append(side)
    else:
        parts[-1:] = ["".join(sorted("".join(parts[-1:]) + side))]
    return "".join(f"_{part}" for part in parts if part)


@dataclass
class Calculus:
    """How coefficients are differentiated.

    coordinates: the states, then t where the step depends on it.   thetas: of these, theta -> its side (i, j or none).
    held: symbols that stand for expressions.   rates: gamma -> c, with gamma = 1 - exp(-c t).
    """

    coordinates: tuple[Symbol, ...]
    thetas: Mapping[Symbol, str]
    held: Mapping[Symbol, Expr] = field(default_factory=dict)
    rates: Mapping[Symbol, Symbol] = field(default_factory=dict)
    _slopes: dict[tuple[Symbol, Symbol], Expr] = field(default_factory=dict)

    def partial(self, e: Expr, x: Symbol) -> Expr:
        """d e / d x, by the chain rule over every letter of e."""
        parts = ((s, self.slope(s, x)) for s in sorted(e.free_symbols, key=str))
        return sympy.expand(sympy.Add(*(sympy.diff(e, s) * slope for s, slope in parts if slope != 0)))

    def slope(self, letter: Symbol, x: Symbol) -> Expr:
        """d letter / d x."""
        if (letter, x) not in self._slopes:
            self._slopes[letter, x] = self._slope(letter, x)
        return self._slopes[letter, x]

    def _slope(self, letter: Symbol, x: Symbol) -> Expr:
        if letter == x:
            return sympy.Integer(1)
        if letter in self.held:
            return self.partial(self.held[letter], x)
        if x == TIME and letter in self.rates:
            return self.rates[letter] * (1 - letter)
        next_letter = differentiated(letter, self.thetas[x]) if x in self.thetas else None
        return sympy.Integer(0) if next_letter is None else next_letter

    def derivative(self, e: Expr, index: Index) -> Expr:
        for x, times in zip(self.coordinates, index, strict=True):
            for _ in range(times):
                e = self.partial(e, x)
        return e

    def composed(self, a: Operator, b: Operator) -> Operator:
        """(sum a_i d^i)(sum b_j d^j), by Leibniz: d^i (b d^j) = sum_k binom(i, k) (d^k b) d^(i - k + j)."""
        found: dict[Index, Expr] = {}
        for (i, left), (j, right) in product(a.items(), b.items()):
            for k in _below(i):
                moved = self.derivative(right, k)
                if moved != 0:
                    ways = math.prod(math.comb(n, m) for n, m in zip(i, k, strict=True))
                    index = tuple(n - m + p for n, m, p in zip(i, k, j, strict=True))
                    found[index] = found.get(index, sympy.Integer(0)) + ways * left * moved
        return _clean(found)

    def product(self, a: OperatorSeries, b: OperatorSeries, last: Fraction) -> OperatorSeries:
        """The product of two series, up to h^last."""
        found: dict[Fraction, Operator] = {}
        for (i, left), (j, right) in product(a.items(), b.items()):
            if i + j <= last:
                found[i + j] = added(found.get(i + j, {}), self.composed(left, right))
        return found

    def logarithm(self, step: OperatorSeries, last: Fraction) -> OperatorSeries:
        """log(1 + N) = N - N N / 2 + N N N / 3 - ... for a series N that starts at h, up to h^last.

        With N = h D1 + h^2 D2 + h^3 D3 this is h D1 + h^2 (D2 - D1 D1 / 2)
        + h^3 (D3 - (D1 D2 + D2 D1) / 2 + D1 D1 D1 / 3).
        """
        total: dict[Fraction, Operator] = dict(step)
        power = step
        for count in range(2, math.floor(last / min(step)) + 1):
            power = self.product(power, step, last)
            for exponent, operator in power.items():
                part = {k: sympy.Rational((-1) ** (count + 1), count) * v for k, v in operator.items()}
                total[exponent] = added(total.get(exponent, {}), part)
        return {k: total[k] for k in sorted(total) if total[k]}


def _below(index: Index) -> Iterator[Index]:
    return product(*(range(n + 1) for n in index))


def added(a: Operator, b: Operator) -> Operator:
    return _clean({k: a.get(k, sympy.Integer(0)) + b.get(k, sympy.Integer(0)) for k in {**a, **b}})


def _clean(operator: Operator) -> Operator:
    expanded = {k: sympy.expand(v) for k, v in operator.items()}
    return {k: v for k, v in expanded.items() if v != 0}
