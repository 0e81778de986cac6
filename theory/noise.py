"""Noise models: what is assumed of the gradient noise.

A call of the oracle at theta returns g = grad f(theta) + sigma * z with E z = 0, Cov z = Sigma(theta), the calls
independent. Batch size B means sigma = 1/sqrt(B) when Sigma is the per-sample covariance.
source: Malladi et al. 2022, the noisy gradient oracle with scale parameter (our wording).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import RuleError
from .hypothesis import Hypothesis

SIGMA = Symbol("Sigma", positive=True)
SIGMA_IJ = Symbol("Sigma_ij", real=True)
MU3 = Symbol("mu3", real=True)
MU4 = Symbol("mu4", positive=True)
LAWS = ("any", "unskewed", "gaussian")


@dataclass(frozen=True)
class NoiseModel:
    """Moments of z.

    law: "any" (moments are symbols: Sigma, mu3, mu4, ...), "unskewed" (the same, third moments 0) or "gaussian" (all
         moments follow from Sigma).
    low_skewness: whether |E z^3| <= K(theta)/sigma may be assumed where a derivation needs it.
    """

    law: str = "any"
    low_skewness: bool = True

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise RuleError(f"There is no noise law '{self.law}'.", "", f"Laws: {', '.join(LAWS)}.")

    def moment(self, degree: int) -> Expr:
        """E z^degree in one coordinate."""
        if self.law == "gaussian":
            return sympy.Integer(0) if degree % 2 else sympy.factorial2(degree - 1) * SIGMA ** (degree // 2)
        if self.law == "unskewed" and degree == 3:
            return sympy.Integer(0)
        known = {0: sympy.Integer(1), 1: sympy.Integer(0), 2: SIGMA, 3: MU3, 4: MU4}
        return known.get(degree, Symbol(f"mu{degree}", real=True))

    def joint(self, i: int, j: int) -> Expr:
        """E z_i^i z_j^j for two coordinates."""
        if 0 in (i, j):
            side, moment = "i" if i else "j", self.moment(i + j)
            return moment.xreplace({s: Symbol(f"{s.name}_{side}", **s.assumptions0) for s in moment.free_symbols})
        if (i, j) == (1, 1):
            return SIGMA_IJ
        if self.law == "unskewed" and i + j == 3:
            return sympy.Integer(0)
        if self.law == "gaussian":  # Isserlis: z_i paired with another z_i, or with a z_j
            own = (i - 1) * Symbol("Sigma_i", positive=True) * self.joint(i - 2, j) if i > 1 else sympy.Integer(0)
            return sympy.expand(own + j * SIGMA_IJ * self.joint(i - 1, j - 1))
        return Symbol(f"mu{i}{j}_ij", real=True)

    def expectation(self, polynomial: Expr, draws: Sequence[Symbol]) -> Expr:
        """E of a polynomial in independent draws of z, all in one coordinate."""
        return self._sum(polynomial, draws, lambda powers: sympy.Mul(*(self.moment(k) for k in powers)))

    def joint_expectation(self, polynomial: Expr, pairs: Sequence[tuple[Symbol, Symbol]]) -> Expr:
        """E of a polynomial in independent draws, each seen in coordinates i and j."""
        flat = [z for pair in pairs for z in pair]

        def moment(powers: Sequence[int]) -> Expr:
            return sympy.Mul(*(self.joint(i, j) for i, j in zip(powers[::2], powers[1::2], strict=True)))

        return self._sum(polynomial, flat, moment)

    def _sum(self, polynomial: Expr, variables: Sequence[Symbol], moment: Any) -> Expr:
        terms = sympy.Poly(polynomial, *variables).terms()
        return sympy.expand(sympy.Add(*(coefficient * moment(powers) for powers, coefficient in terms)))


GENERAL = NoiseModel()
GAUSSIAN = NoiseModel(law="gaussian")
UNSKEWED = NoiseModel(law="unskewed")
SKEWED = NoiseModel(low_skewness=False)


def low_skewness(needed_for: tuple[str, ...]) -> Hypothesis:
    """source: Malladi et al. 2022, well-behaved oracle, low skewness (our wording)."""
    return Hypothesis(
        "low skewness",
        "|E z^3| <= K(theta)/sigma: batching does not imply it (it is small where sigma is small), SVAG enforces it",
        needed_for,
    )
