"""Derivatives of order above 2 in a generator: what an SDE would have to do and cannot, and what would remove them.

The coefficients are polynomials in what the noise law leaves open: its moments E z^3, E z^4, ... and the derivatives
of Sigma and of these in theta. That all of them vanish is a system of equations, decided by a Groebner basis over the
other letters: a basis {1} means that no noise law whatever satisfies it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import sympy
from sympy import Expr, Symbol

from .forms import tidy_quotient, vanishes
from .generator import Generator

OPEN = re.compile(r"(?:d\d*)?(?:mu\d+|K3)\Z|d\d*Sigma\Z")
"""Letters that the law of the noise decides, Sigma itself excepted."""


@dataclass(frozen=True)
class Obstruction:
    """At h^exponent of the generator: coefficient * (the derivative that often in each state).

    held: the coefficient before the symbols that stand for expressions were replaced.
    """

    exponent: Fraction
    states: tuple[str, ...]
    coefficient: Expr
    held: Expr

    @property
    def derivative(self) -> str:
        """d^3/dtheta^2 du."""
        parts = [f"d{n}" + (f"^{self.states.count(n)}" if self.states.count(n) > 1 else "") for n in self.distinct]
        return f"d^{len(self.states)}/{' '.join(parts)}"

    @property
    def distinct(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.states))

    def __str__(self) -> str:
        return f"{self.derivative} has the coefficient {written(self.coefficient)}"


def written(e: Expr) -> str:
    """An expression inside a sentence."""
    return str(e).replace("**", "^")


def obstructions(found: Generator) -> list[Obstruction]:
    """All of them, the lowest power of h first."""
    result = []
    for exponent, operator in found.terms.items():
        for index, held in operator.items():
            if sum(index) > 2 and not vanishes(found.revealed(held)):
                states = tuple(x.name for x, n in zip(found.coordinates, index, strict=True) for _ in range(n))
                result.append(Obstruction(exponent, states, found.revealed(tidy_quotient(held)), held))
    return sorted(result, key=lambda o: (o.exponent, len(o.states), o.states))


@dataclass(frozen=True)
class Condition:
    """What makes one obstruction vanish: that `factor` is 0, a polynomial in the open letters; 1 where there is none.

    held: the same before the symbols that stand for expressions were replaced.
    """

    of: Obstruction
    factor: Expr
    held: Expr

    @property
    def demand(self) -> str:
        """What the derivative asks for."""
        if not _open(self.factor):
            return f"{self.of.derivative} never vanishes where Sigma > 0"
        return f"{self.of.derivative} vanishes only if {self}"

    def __str__(self) -> str:
        """mu4 = 3*Sigma^2, solved for the moment of the highest degree that stands linearly."""
        for letter in sorted(_open(self.factor), key=_degree, reverse=True):
            poly = sympy.Poly(self.factor, letter)
            if poly.degree() == 1:
                slope, rest = poly.all_coeffs()
                return f"{letter} = {written(sympy.factor(sympy.cancel(-rest / slope)))}"
        return f"{written(self.factor)} = 0"


def conditions(found: Generator, items: Iterable[Obstruction]) -> list[Condition]:
    result = []
    for item in items:
        factor = _open_part(item.held)
        result.append(Condition(item, found.revealed(factor), factor))
    return result


def contradiction(items: Sequence[Condition]) -> tuple[Condition, ...]:
    """The fewest conditions that no law of the noise meets at once; () if all can be met."""
    for count in range(1, min(len(items), 3) + 1):
        for chosen in combinations(items, count):
            if _inconsistent([c.held for c in chosen]):
                return chosen
    return ()


def _open_part(coefficient: Expr) -> Expr:
    """The factors of the numerator with open letters: only these can vanish, Sigma and the loss being given."""
    numerator = sympy.together(coefficient).as_numer_denom()[0]
    _, factors = sympy.factor_list(numerator)
    return sympy.Mul(*(base for base, _ in factors if _open(base)))


def _inconsistent(equations: Sequence[Expr]) -> bool:
    """Whether 1 is a combination of these polynomials in the open letters, the other letters being generic."""
    rational = [_without_roots(e) for e in equations]
    letters = sorted({s for e in rational for s in _open(e)}, key=str)
    if not letters:
        return any(e != 0 for e in rational)
    others = sorted({s for e in rational for s in e.free_symbols} - set(letters), key=str)
    domain = sympy.QQ.frac_field(*others) if others else sympy.QQ
    basis = sympy.groebner([sympy.Poly(e, *letters, domain=domain) for e in rational], *letters, domain=domain)
    return bool(basis.exprs == [1])


def _without_roots(e: Expr) -> Expr:
    """Roots of single letters as letters, u = w^2, and powers with a letter in the exponent: rational functions.

    b^p is no algebraic function of b and p, so that a letter of its own loses nothing.
    """
    e = e.xreplace({p: _power_letter(p) for p in e.atoms(sympy.Pow) if not p.exp.is_Rational})
    roots = {p.base for p in e.atoms(sympy.Pow) if not p.exp.is_Integer and p.base.is_Symbol}
    squares = {s: Symbol(f"root of {s}", positive=True) ** 2 for s in roots}
    return sympy.expand(e.xreplace(squares))


def _power_letter(power: Expr) -> Expr:
    count, rest = power.exp.as_coeff_Mul()
    if not count.is_Integer:
        count, rest = sympy.Integer(1), power.exp
    return Symbol(f"{power.base} to the {rest}", positive=True) ** count


def _open(e: Expr) -> set[Symbol]:
    return {s for s in e.free_symbols if OPEN.match(s.name)}


def _degree(letter: Symbol) -> tuple[bool, int, str]:
    """Moments before derivatives, the highest degree last."""
    digits = re.sub(r"\D", "", letter.name) or "0"
    return not letter.name.startswith("d"), int(digits), letter.name
