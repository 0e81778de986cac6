"""Truncated Puiseux series in h: sums of coefficient * h^exponent, with an O(h^order) that is tracked.

SymPy's own series expansion is slow on these expressions and guesses at signs; this does what is needed.
Leading coefficients that are sums are held as opaque symbols until the end: faster, and readable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused

INFINITE = Fraction(10**6)
"""The order of an exact series: no truncation has happened."""


@dataclass(frozen=True)
class Series:
    """terms: exponent of h -> coefficient; everything of order `order` and higher is unknown."""

    terms: Mapping[Fraction, Expr]
    order: Fraction = INFINITE

    @property
    def valuation(self) -> Fraction:
        return min(self.terms, default=self.order)

    def coefficient(self, exponent: Fraction | int) -> Expr:
        return self.terms.get(Fraction(exponent), sympy.Integer(0))

    def __add__(self, other: Series) -> Series:
        terms = dict(self.terms)
        for exponent, value in other.terms.items():
            terms[exponent] = terms.get(exponent, sympy.Integer(0)) + value
        return clean(terms, min(self.order, other.order))

    def scaled(self, factor: Any) -> Series:
        return clean({k: factor * v for k, v in self.terms.items()}, self.order)

    def truncated(self, order: Fraction) -> Series:
        return clean(self.terms, min(order, self.order))

    def times(self, other: Series, below: Fraction = INFINITE) -> Series:
        """The product, cut at order `below`."""
        order = min(self.order + other.valuation, other.order + self.valuation, below, INFINITE)
        terms: dict[Fraction, Expr] = {}
        for i, a in self.terms.items():
            for j, b in other.terms.items():
                if i + j < order:
                    terms[i + j] = terms.get(i + j, sympy.Integer(0)) + a * b
        return clean(terms, order)


def clean(terms: Mapping[Fraction, Expr], order: Fraction) -> Series:
    expanded = {k: sympy.expand(v) for k, v in terms.items() if k < order}
    return Series({k: v for k, v in expanded.items() if v != 0}, order)


def monomial(coefficient: Any, exponent: Fraction | int = 0) -> Series:
    return clean({Fraction(exponent): sympy.sympify(coefficient)}, INFINITE)


@dataclass
class Expansion:
    """Arithmetic that truncation needs: `length` is how many powers of h are kept beyond the leading one.

    opaque: leading coefficients that are sums, by the symbol that stands for them.
    fixed: symbols that a leading coefficient must not contain (the noise).
    """

    length: Fraction
    fixed: frozenset[Symbol]
    opaque: dict[Expr, Symbol] = field(default_factory=dict)

    def reveal(self, expression: Expr) -> Expr:
        """The expression with every opaque symbol replaced by what it stands for."""
        back = {symbol: value for value, symbol in self.opaque.items()}
        while expression.free_symbols & back.keys():
            expression = expression.xreplace(back)
        return expression

    def _hold(self, value: Expr) -> Expr:
        value = sympy.factor_terms(value)
        if value.is_rational_function() and not value.is_polynomial():
            value = sympy.factor(value)  # cancels what else would stay, written out, to the end
        if not value.is_Add:
            return value
        return self.opaque.setdefault(value, Symbol(f"held {len(self.opaque) + 1}", positive=True))

    def _split(self, base: Series, what: str) -> tuple[Expr, Fraction, Series]:
        """Leading coefficient and exponent, and x with base = leading * (1 + x)."""
        if not base.terms:
            raise Refused(f"{what} vanishes to the order kept.", "Its power or logarithm has no expansion.")
        at = base.valuation
        leading = base.coefficient(at)
        if leading.free_symbols & self.fixed:
            raise Refused(
                f"{what} contains the gradient noise at leading order.",
                "Its expectation is not a polynomial in the moments of the noise, so drift and diffusion are not "
                "determined by Sigma alone.",
                "State the law of the noise (a Gaussian one gives error functions), or use another regime.",
            )
        held = self._hold(leading)
        rest = {k - at: v / held for k, v in base.terms.items() if k != at}
        return held, at, Series(rest, min(base.order - at, INFINITE))

    def power(self, base: Series, exponent: Fraction, what: str) -> Series:
        if exponent.denominator == 1 and exponent >= 0:
            result = monomial(1)
            for _ in range(int(exponent)):
                result = result.times(base)
            return result
        leading, at, x = self._split(base, what)
        factor = monomial(leading ** sympy.Rational(exponent.numerator, exponent.denominator), at * exponent)
        rational = sympy.Rational(exponent.numerator, exponent.denominator)
        return self._taylor(x, lambda k: sympy.binomial(rational, k)).times(factor)

    def constant_power(self, base: Series, exponent: Expr, what: str) -> Series:
        """base^exponent for an exponent that is a letter; the base must have a limit."""
        leading, at, x = self._split(base, what)
        if at != 0:
            raise Refused(f"{what} to the power {exponent} is not a power of h.", "Its base has no limit.", "")

        def binomial(k: int) -> Expr:
            return sympy.Mul(*(exponent - j for j in range(k))) / math.factorial(k)

        return self._taylor(x, binomial).scaled(leading**exponent)

    def exponential(self, base: Series, what: str) -> Series:
        if base.valuation < 0:
            raise Refused(f"exp of {what} is not bounded as h goes to 0.", "", "Its rate must be of the order of h.")
        constant = base.coefficient(0)
        rest = Series({k: v for k, v in base.terms.items() if k != 0}, base.order)
        return self._taylor(rest, lambda k: sympy.Rational(1, math.factorial(k))).scaled(sympy.exp(constant))

    def logarithm(self, base: Series, what: str) -> Series:
        leading, at, x = self._split(base, what)
        if at != 0:
            raise Refused(f"log of {what} is not bounded as h goes to 0.", "", "")
        return self._taylor(x, lambda k: sympy.Rational((-1) ** (k + 1), k) if k else sympy.Integer(0)) + monomial(
            sympy.log(leading)
        )

    def _taylor(self, x: Series, coefficient: Any) -> Series:
        """sum_k coefficient(k) x^k, for x of positive valuation, cut at order `length` unless it ends before."""
        total, term = monomial(coefficient(0)), monomial(1)
        if not x.terms and x.order == INFINITE:
            return total
        steps = math.ceil(self.length / x.valuation)
        for k in range(1, steps + 1):
            term = term.times(x, below=self.length)
            total = total + term.scaled(coefficient(k))
        return total.truncated(self.length)
