"""Noise models: what is assumed of the gradient noise, and the hypotheses that a derivation used.

A call of the oracle at theta returns g = grad f(theta) + sigma * z with E z = 0, Cov z = Sigma(theta), the calls
independent. Batch size B means sigma = 1/sqrt(B) when Sigma is the per-sample covariance.
source: Malladi et al. 2022, the noisy gradient oracle with scale parameter (our wording).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol


@dataclass(frozen=True)
class Hypothesis:
    """One assumption of a derived claim. needed_for: the moments that would break it, empty if it is general."""

    name: str
    statement: str
    needed_for: tuple[str, ...] = ()

    def __str__(self) -> str:
        suffix = f" (needed for {', '.join(self.needed_for)})" if self.needed_for else ""
        return f"{self.name}: {self.statement}{suffix}"


@dataclass(frozen=True)
class NoiseModel:
    """Moments of z in one coordinate; higher ones are symbols of their own.

    skewness_order: the power of h that the third moment is assumed to carry (0: no assumption).
    """

    name: str
    skewness_order: Fraction = Fraction(0)
    hypotheses: tuple[Hypothesis, ...] = field(default=())

    def moment(self, degree: int) -> Expr:
        """E z^degree in one coordinate."""
        known: Mapping[int, Expr] = {0: sympy.Integer(1), 1: sympy.Integer(0), 2: SIGMA, 3: MU3, 4: MU4}
        return known.get(degree, Symbol(f"mu{degree}", real=True))

    def expectation(self, polynomial: Expr, draws: Sequence[Symbol]) -> Expr:
        """E of a polynomial in independent draws of z, all in one coordinate."""
        result: Any = sympy.Integer(0)
        for powers, coefficient in sympy.Poly(polynomial, *draws).terms():
            result += coefficient * sympy.Mul(*(self.moment(k) for k in powers))
        return sympy.expand(result)


SIGMA = Symbol("Sigma", positive=True)
MU3 = Symbol("mu3", real=True)
MU4 = Symbol("mu4", positive=True)

GENERAL = NoiseModel("general")


def low_skewness(needed_for: tuple[str, ...]) -> Hypothesis:
    """source: Malladi et al. 2022, well-behaved oracle, low skewness (our wording)."""
    return Hypothesis(
        "low skewness",
        "|E z^3| <= K(theta)/sigma: batching does not imply it (it is small where sigma is small), SVAG enforces it",
        needed_for,
    )
