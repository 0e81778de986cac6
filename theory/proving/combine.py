"""Finds combinations: p as a sum of products that are >= 0 and multiples of equations. Untrusted; the kernel checks.

Every polynomial is first rewritten by the equations, in their order. An equation y (1/y) = 1 multiplies the terms of
low degree in 1/y by it; others replace their left side, a product of atoms. What is left must be a combination of
the products with coefficients >= 0: a linear program in rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..kernel.polynomial import Atom, Monomial, Polynomial, constant, plus, single, times
from .linear_program import nonnegative_solution

MOST_ROUNDS = 200


@dataclass(frozen=True)
class Equation:
    """difference = 0, used to replace the monomial `lead`, or to multiply by `factor` times the atom `reciprocal`."""

    difference: Polynomial
    lead: Monomial
    reciprocal: Atom | None = None


def equation(left: Polynomial, difference: Polynomial) -> Equation | None:
    """How an equation rewrites: its left side, where that is one product; a reciprocal, where it is y (1/y) = 1."""
    one = plus(difference, constant(1))
    for atom in {atom for monomial in difference for atom, _ in monomial}:
        if atom.head == "inv" and times(atom.parts[0], single(atom)) == one:
            return Equation(difference, (), atom)
    if len(left) != 1 or () in left:
        return None
    ((lead, _),) = left.items()
    return Equation(difference, lead) if lead in difference else None


def _quotient(monomial: Monomial, lead: Monomial) -> Monomial | None:
    powers = dict(monomial)
    for atom, power in lead:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple(sorted((atom, power) for atom, power in powers.items() if power))


def _divided(polynomial: Polynomial, by: Equation) -> tuple[Polynomial, Polynomial]:
    """polynomial = quotient by.difference + rest, where no term of the rest has the lead."""
    quotient: Polynomial = {}
    factor = by.difference[by.lead]
    for _ in range(MOST_ROUNDS):
        for monomial in polynomial:
            over = _quotient(monomial, by.lead)
            if over is not None:
                break
        else:
            return quotient, polynomial
        step = {over: polynomial[monomial] / factor}
        quotient, polynomial = plus(quotient, step), plus(polynomial, times(step, by.difference), -1)
    raise ValueError("an equation replaces its left side again and again; turn it round or leave it out")


def _degree(polynomial: Polynomial, atom: Atom) -> int:
    return max((dict(monomial).get(atom, 0) for monomial in polynomial), default=0)


def _raised(polynomial: Polynomial, by: Equation, degree: int) -> tuple[Polynomial, Polynomial]:
    """polynomial = quotient by.difference + rest, where all of the rest has the degree in the reciprocal."""
    assert by.reciprocal is not None
    quotient: Polynomial = {}
    whole = plus(by.difference, constant(1))
    for _ in range(degree):
        low = {m: v for m, v in polynomial.items() if dict(m).get(by.reciprocal, 0) < degree}
        if not low:
            break
        least = min(dict(m).get(by.reciprocal, 0) for m in low)
        low = {m: v for m, v in low.items() if dict(m).get(by.reciprocal, 0) == least}
        # low = low y (1/y) - low (y (1/y) - 1)
        quotient = plus(quotient, low, -1)
        polynomial = plus(plus(polynomial, low, -1), times(low, whole))
    return quotient, polynomial


@dataclass(frozen=True)
class Rewritten:
    """polynomial = sum of multipliers times differences + rest."""

    rest: Polynomial
    multipliers: tuple[Polynomial, ...]


def rewritten(polynomials: Sequence[Polynomial], equations: Sequence[Equation]) -> list[Rewritten]:
    """All polynomials, rewritten by all equations until nothing changes."""
    rests = list(polynomials)
    multipliers = [[{} for _ in equations] for _ in polynomials]  # type: list[list[Polynomial]]
    for _ in range(MOST_ROUNDS):
        before = [dict(rest) for rest in rests]
        for place, by in enumerate(equations):
            atom = by.reciprocal
            degree = max((_degree(rest, atom) for rest in rests), default=0) if atom else 0
            for row, rest in enumerate(rests):
                quotient, rests[row] = _raised(rest, by, degree) if atom else _divided(rest, by)
                multipliers[row][place] = plus(multipliers[row][place], quotient)
        if before == rests:
            break
    return [Rewritten(rest, tuple(row)) for rest, row in zip(rests, multipliers, strict=True)]


def combination(
    goal: Polynomial, products: Sequence[Polynomial], equations: Sequence[Equation], strict: Sequence[int] = ()
) -> tuple[list[Fraction], list[Polynomial]] | None:
    """Coefficients c >= 0 and multipliers l with goal = sum c products + sum l differences; None where there are none.

    `strict` lists products of which one must have a coefficient above 0.
    """
    first, *others = rewritten([goal, *products], equations)
    monomials = sorted(set(first.rest).union(*(other.rest for other in others))) or [()]  # one row, also of zeros
    rows = [[other.rest.get(monomial, Fraction(0)) for other in others] for monomial in monomials]
    found = nonnegative_solution(rows, [first.rest.get(monomial, Fraction(0)) for monomial in monomials], strict)
    if found is None:
        return None
    multipliers = list(first.multipliers)
    for value, other in zip(found, others, strict=True):
        multipliers = [plus(one, two, -value) for one, two in zip(multipliers, other.multipliers, strict=True)]
    return found, multipliers
