"""Truncated series agree with SymPy's own expansion, and never claim more orders than they know."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, Symbol

from driftproof.theory.errors import Refused
from driftproof.theory.series import Expansion, Series, monomial

h, a, b = Symbol("h", positive=True), Symbol("a", positive=True), Symbol("b", positive=True)
exponents = st.sampled_from([F(-1, 2), F(1, 2), F(-1), F(1, 3), F(2), F(3), F(-3, 2)])


def as_expression(series: Series) -> sympy.Expr:
    return sympy.Add(*(v * h ** Rational(k.numerator, k.denominator) for k, v in series.terms.items()))


def base(c1: int, c2: int) -> Series:
    return monomial(a) + monomial(c1 * b, F(1, 2)) + monomial(c2, 1)


@given(power=exponents, c1=st.integers(-3, 3), c2=st.integers(-3, 3))
def test_powers(power, c1, c2):
    series = Expansion(F(2), frozenset()).power(base(c1, c2), power, "x")
    exact = (a + c1 * b * sympy.sqrt(h) + c2 * h) ** Rational(power.numerator, power.denominator)
    x = Symbol("x", positive=True)
    expected = sympy.series(exact.subs(h, x**2), x, 0, 4).removeO()
    found = as_expression(series.truncated(F(2))).subs(h, x**2)
    assert sympy.simplify(found - expected) == 0


def test_exponential_and_logarithm_undo_each_other():
    expansion = Expansion(F(3), frozenset())
    series = base(1, 2)
    back = expansion.exponential(expansion.logarithm(series, "x"), "x")
    assert sympy.simplify(as_expression(back.truncated(F(3))) - as_expression(series)) == 0


def test_the_order_of_a_product_accounts_for_negative_powers():
    known = Series({F(0): sympy.Integer(1)}, F(2))
    assert monomial(1, -1).times(known).order == F(1)


def test_opaque_leading_coefficients_come_back():
    expansion = Expansion(F(2), frozenset())
    series = expansion.power(monomial(a + b) + monomial(1, 1), F(-1), "x")
    assert not series.coefficient(0).has(a)
    assert sympy.simplify(expansion.reveal(series.coefficient(1)) + 1 / (a + b) ** 2) == 0


def test_noise_in_a_leading_coefficient_is_refused():
    z = Symbol("z")
    with pytest.raises(Refused, match="noise at leading order"):
        Expansion(F(2), frozenset({z})).power(monomial(a + z), F(1, 2), "x")
