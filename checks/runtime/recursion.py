"""Exact moments of SGD on a quadratic with multiplicative noise: E[x^k] closes on polynomials of degree k.

f = a x^2/2, and the gradient is a x + sigma s (p + q x) zeta with E zeta = 0, E zeta^2 = 1, so that the diffusion of
the limit depends on x. SGD becomes a matrix, its SDE a linear equation (Ito's formula for x^k).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import sympy
from sympy import Expr, Symbol

from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE
from driftproof.theory.symbols import new, theta

from .hand_steps import BY_HAND

DEGREE = 4
DIGITS = 60
PAIR = ("theta", "theta")
X, Z, H = Symbol("x"), Symbol("z"), Symbol("h", positive=True)


@dataclass(frozen=True)
class Problem:
    """The quadratic, and skewness and kurtosis of zeta."""

    a: Fraction = Fraction(1)
    s: Fraction = Fraction(1)
    p: Fraction = Fraction(3, 5)
    q: Fraction = Fraction(3, 10)
    skew: Fraction = Fraction(0)
    kurtosis: Fraction = Fraction(5, 2)

    @property
    def slope(self) -> Expr:
        return rational(self.a) * X

    @property
    def deviation(self) -> Expr:
        return rational(self.s) * (rational(self.p) + rational(self.q) * X)

    def moment(self, degree: int) -> Any:
        return rational((Fraction(1), Fraction(0), Fraction(1), self.skew, self.kurtosis)[degree])


def rational(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)


def matrix_of_step(rule: UpdateRule, problem: Problem, eta: Expr, sigma: Expr, by_hand: bool = False) -> sympy.Matrix:
    """M with E[(1, x', x'^2, ...)] = M E[(1, x, x^2, ...)], for any step that is a polynomial in x and the noise.

    by_hand: the step of `hand_steps` instead of the rule's equations.
    """
    values = {"theta": X, "g": problem.slope + sigma * problem.deviation * Z, "eta": eta}
    step = rule.step_map[new(theta)]
    moved = step.subs({s: values[s.name] for s in step.free_symbols}, simultaneous=True)
    if by_hand:
        moved = BY_HAND[rule.label](values)["theta"]
    rows = []
    for k in range(DEGREE + 1):
        powers = sympy.Poly(sympy.expand(moved**k), Z).terms()
        mean = sympy.expand(sympy.Add(*(c * problem.moment(power) for (power,), c in powers)))
        rows.append(_coefficients(mean))
    return sympy.Matrix(rows)


def matrix_of_sde(sde: SDE, problem: Problem, constants: Mapping[str, Expr]) -> sympy.Matrix:
    """A with d/dt E[x^k] = sum_j A[k, j] E[x^j], by Ito's formula for x^k."""
    letters = {"theta": X, **_derivatives(problem), **constants}
    drift, diffusion = (
        e.subs({s: letters[s.name] for s in e.free_symbols}, simultaneous=True)
        for e in (sde.drift["theta"], sde.diffusion[PAIR])
    )
    rows = []
    for k in range(DEGREE + 1):
        test = X**k
        generator = drift * sympy.diff(test, X) + diffusion * sympy.diff(test, X, 2) / 2
        rows.append(_coefficients(sympy.expand(generator)))
    return sympy.Matrix(rows)


def _derivatives(problem: Problem) -> dict[str, Expr]:
    """df, d2f, d3f, and Sigma, dSigma, d2Sigma."""
    found = {}
    for k in range(3):
        found[f"d{k + 1 if k else ''}f"] = sympy.diff(problem.slope, X, k)
        found[f"d{k if k > 1 else ''}Sigma" if k else "Sigma"] = sympy.diff(problem.deviation**2, X, k)
    return found


def _coefficients(polynomial: Expr) -> list[Expr]:
    found: list[Expr] = sympy.Poly(polynomial, X).all_coeffs()[::-1]
    if len(found) > DEGREE + 1:
        raise ValueError(f"{polynomial} leaves the polynomials of degree {DEGREE}")
    return found + [sympy.Integer(0)] * (DEGREE + 1 - len(found))


def powers(start: Fraction) -> Any:
    """(1, x, x^2, ...) at a point."""
    return mpmath.matrix([mpmath.mpf(start.numerator) ** k / start.denominator**k for k in range(DEGREE + 1)])


def numbers(matrix: sympy.Matrix, h: Fraction) -> Any:
    """The matrix at a step size, to DIGITS digits."""
    at = matrix.subs(H, rational(h))
    return mpmath.matrix([[mpmath.mpf(sympy.N(e, DIGITS)) for e in at.row(i)] for i in range(at.rows)])
