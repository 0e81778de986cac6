"""Expressions in the form that is printed and compared: tidied, over symbols without assumptions."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy import Expr, Symbol


def plain(expression: Expr) -> Expr:
    """The same expression over symbols without assumptions, so that its text reads back as itself."""
    return expression.xreplace({s: Symbol(s.name) for s in expression.free_symbols})


def tidy(expression: Expr) -> Expr:
    """The shortest of: each term over one denominator, common factors taken out, factored."""
    return _as_read(shortest(_forms(expression, expression.is_polynomial())))


def _as_read(e: Expr) -> Expr:
    """-(a + b)/c reads as (-a - b)/c, so that is what is kept: the text of an expression gives it back."""
    number, rest = e.as_coeff_Mul()
    above = [f for f in rest.as_ordered_factors() if not (f.is_Pow and f.exp.could_extract_minus_sign())]
    if number == 1 or not number.is_Integer or not (above and above[0].is_Add) or above[0] == rest:
        return e
    return sympy.Mul(sympy.Add(*(number * term for term in above[0].args)), rest / above[0])


def tidy_quotient(expression: Expr) -> Expr:
    """The same, and factored as a quotient too."""
    return shortest(_forms(expression, True))


def _forms(expression: Expr, factored: bool) -> list[Expr]:
    terms = sympy.Add(*(sympy.together(term) for term in sympy.Add.make_args(expression)))
    forms = [terms, sympy.factor_terms(terms)]
    if factored:
        forms.append(sympy.factor(expression))
    elif expression.has(sympy.pi):  # the terms of a sign's mean have one factor
        rest, signed = expression.as_independent(sympy.pi, as_Add=True)
        forms.append(rest + _as_read(sympy.factor(signed)))
    return forms


def shortest(forms: Iterable[Expr]) -> Expr:
    return min(forms, key=lambda e: (e.count_ops(), str(e)))


def vanishes(expression: Expr) -> bool:
    """Whether an expression is zero: a number at a generic point settles most cases, simplification the others."""
    if expression == 0:
        return True
    point = {s: sympy.sqrt(sympy.prime(9 + n)) for n, s in enumerate(sorted(expression.free_symbols, key=str))}
    value = expression.xreplace(point).evalf(40)
    if value.is_number and abs(value) > sympy.Float("1e-20"):
        return False
    return bool(sympy.simplify(expression) == 0)
