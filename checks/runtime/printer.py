"""Expressions as a person writes them, in text or LaTeX; the order of reading is fixed here.

SymPy prints in an order of its own, which is not a paper's. Here in a sum positive terms stand before
subtracted ones, the old value of what is being updated comes first and eps last; in a product numbers,
hyperparameters and constants stand before letters. Nothing depends on the order in which SymPy stores things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy

from driftproof.theory.nodes import Reduce

from .notation import ATOM, CASES, POWER, PRODUCT, SUM, Notation, Shown

CONSTANTS = "kappa ell h eta mu tau lambda c1 c2 c3 c sigma0 sigma eps eps0 lambda0 delta0 gamma1 gamma2 s_eta".split()
LETTERS = "Sigma theta x y z m v u b d f df g".split()
DAMPING = ("eps", "eps0")


class Printer:
    """Prints expressions in a notation. hyperparameters: their names, in the order of declaration."""

    def __init__(self, notation: Notation, hyperparameters: Iterable[str] = ()) -> None:
        self.notation = notation
        self.leading = [*hyperparameters, *CONSTANTS]

    def show(self, expression: Any, own: Any = None) -> str:
        """own: the letter that is being updated; the term that holds it stands first."""
        return (self._sum(expression, own) if expression.is_Add else self.shown(expression))[0]

    def shown(self, e: Any) -> Shown:
        """The expression, and how tightly it binds."""
        if e.is_Symbol:
            return self.notation.name(e.name), ATOM
        if e.is_Rational:
            return self._number(e)
        if e.is_NumberSymbol:
            return self.notation.name(str(e)), ATOM
        for kind, method in (
            (sympy.Add, self._sum),
            (sympy.Mul, self._product),
            (sympy.Pow, self._power),
            (sympy.Piecewise, self._cases),
            (Reduce, self._reduce),
            (sympy.core.relational.Relational, self._relation),
            ((sympy.And, sympy.Or, sympy.Not), self._logic),
        ):
            if isinstance(e, kind):
                return method(e)
        return self._call(e)

    def _inside(self, e: Any, binding: int) -> str:
        """e as a part of what binds with that strength, in parentheses where needed."""
        text, own = self.shown(e)
        return self.notation.parenthesised(text) if own < binding or text.startswith("-") else text

    # reading order

    def _term_key(self, term: Any, own: Any) -> tuple[Any, ...]:
        names = {s.name for s in term.free_symbols}
        coefficients = sorted(self.leading.index(n) for n in names if n in self.leading)
        return (
            any(f.is_Symbol and f.name in DAMPING for f in sympy.Mul.make_args(term)),
            _is_negative(term),
            not term.is_number,
            own not in term.free_symbols,
            bool(coefficients),
            sorted(_rank(n) for n in names if n not in self.leading),
            coefficients,
            self.shown(term)[0],
        )

    def _factor_key(self, factor: Any) -> tuple[Any, ...]:
        base = factor.base if factor.is_Pow else factor
        names = sorted(s.name for s in base.free_symbols)
        if factor.is_number:
            return (0, self.shown(factor)[0])
        if all(n in self.leading for n in names):
            return (1, not base.is_Symbol, [self.leading.index(n) for n in names], self.shown(factor)[0])
        return (2, not base.is_Symbol, sorted(_rank(n) for n in names), self.shown(factor)[0])

    # structure

    def _sum(self, e: Any, own: Any = None) -> Shown:
        text = ""
        for term in sorted(e.args, key=lambda term: self._term_key(term, own)):
            minus = _is_negative(term)
            part = self._inside(-term if minus else term, PRODUCT)
            text += f" {'-' if minus else '+'} {part}" if text else f"-{part}" if minus else part
        return text, SUM

    def _number(self, number: Any) -> Shown:
        if number.q == 1:
            return str(number.p), ATOM if number >= 0 else SUM
        return ("-" if number < 0 else "") + self.notation.fraction(abs(number.p), number.q), PRODUCT

    def _product(self, e: Any) -> Shown:
        number, rest = e.as_coeff_Mul()
        minus, factors = _without_sign(number < 0, list(sympy.Mul.make_args(rest)))
        above = self._factors(abs(number.p), [f for f in factors if not _divides(f)])
        below = self._factors(number.q, [1 / f for f in factors if _divides(f)])
        text, binding = above if below == ("1", ATOM) else (self.notation.quotient(above, below), PRODUCT)
        if not minus:
            return text, binding
        return f"-{text if binding >= PRODUCT else self.notation.parenthesised(text)}", SUM

    def _factors(self, number: int, factors: Sequence[Any]) -> Shown:
        """number * factors, in reading order; a factor 1 is left out."""
        ordered = sorted(factors, key=self._factor_key)
        if not ordered:
            return str(number), ATOM
        if number == 1 and len(ordered) == 1:
            return self.shown(ordered[0])
        parts = [self._inside(f, POWER) for f in ordered]
        return self.notation.juxtaposed([str(number), *parts] if number != 1 else parts), PRODUCT

    def _power(self, e: Any) -> Shown:
        if _divides(e):
            return self.notation.quotient(("1", ATOM), self.shown(1 / e)), PRODUCT
        if e.exp == sympy.Rational(1, 2):
            if isinstance(e.base, Reduce) and e.base.kind == "sum" and _is_square(e.base.operand):
                return self.notation.norm(self.show(e.base.operand.base), e.base.over), ATOM
            return self.notation.root(self.show(e.base)), ATOM
        return self.notation.power(self._inside(e.base, ATOM), self.shown(e.exp)), POWER

    def _cases(self, e: Any) -> Shown:
        pairs = [(self.show(value), None if c == sympy.true else self.show(c)) for value, c in e.args]
        return self.notation.cases(pairs), CASES

    def _reduce(self, e: Any) -> Shown:
        return self.notation.reduction(e.kind, self.show(e.operand), e.over), ATOM

    def _relation(self, e: Any) -> Shown:
        return self.notation.relation(self.show(e.lhs), e.rel_op, self.show(e.rhs)), SUM

    def _logic(self, e: Any) -> Shown:
        parts = sorted(self._inside(a, SUM) for a in e.args)
        return self.notation.logic(type(e).__name__.lower(), parts), CASES

    def _call(self, e: Any) -> Shown:
        arguments = list(e.args)
        if isinstance(e, sympy.Max | sympy.Min):
            arguments.sort(key=lambda a: self._term_key(a, None))
        return self.notation.call(type(e).__name__, [self.shown(a) for a in arguments]), ATOM


def _rank(name: str) -> tuple[int, str]:
    base = name.partition("_")[0]
    return (LETTERS.index(base) if base in LETTERS else len(LETTERS), name)


def _is_negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _is_square(e: Any) -> bool:
    return bool(e.is_Pow and e.exp == 2)


def _divides(factor: Any) -> bool:
    """Does the factor belong under the bar: a power with a negative exponent (but exp(-x) stays as it is)."""
    return bool(factor.is_Pow and factor.exp.could_extract_minus_sign())


def _without_sign(minus: bool, factors: list[Any]) -> tuple[bool, list[Any]]:
    """-c (m - f) becomes c (f - m): the sign goes into a difference, where there is one."""
    if minus:
        for place, factor in enumerate(factors):
            if factor.is_Add and any(map(_is_negative, factor.args)) and not _is_negative(factor.args[0] * 1):
                return False, [*factors[:place], -factor, *factors[place + 1 :]]
    return minus, factors
