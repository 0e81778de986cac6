"""Signs of the noisy gradient under Gaussian noise: what their moments are.

sign(a z + b) with a > 0 is sign(z + r), r = b/a. It is no polynomial in z, so its moments need the law of z. For
z ~ N(0, Sigma) with density phi, integration by parts (Stein) gives for M_k(r) = E[z^k sign(z + r)]

    M_0 = erf(r / sqrt(2 Sigma)),   M_1 = 2 Sigma phi(r),   M_k = (k - 1) Sigma M_(k-2) + 2 Sigma (-r)^(k-1) phi(r),
    M_k' = 2 (-r)^k phi(r),

and for two coordinates at r = 0, rho = Sigma_ij / sqrt(Sigma_i Sigma_j), the same recursion from
E[sign(z_i) sign(z_j)] = (2/pi) asin(rho) (Sheppard 1899).
source: Bernstein et al. 2018, signSGD; Monzio Compagnoni et al. 2024 for the SDE in the small regime (our derivation).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .hypothesis import Hypothesis
from .noise import GAUSSIAN, SIGMA, SIGMA_IJ
from .series import Expansion, Series, monomial

R = Symbol("r", real=True)
_SIGMA_I, _SIGMA_J = Symbol("Sigma_i", positive=True), Symbol("Sigma_j", positive=True)


@dataclass(frozen=True)
class Sign:
    """One sign in a step: `mark` stands for sign(z + r), z of variance Sigma, r = at + rest.

    draws: those that its argument contains; z is that draw if there is one, else their normalised sum.
    at: the limit of r, 0 where the noise dominates.   rest: what vanishes with h.
    """

    mark: Symbol
    draws: tuple[Symbol, ...]
    at: Expr
    rest: Series


def sign_of(argument: Series, mark: Symbol, draws: Sequence[Symbol], expansion: Expansion, what: str) -> Sign:
    """The sign of a series that is affine in the draws. raises: Refused where something else leads, or it is not."""
    slopes, shift = _affine(argument, draws, expansion.fixed - {*draws}, what)
    leads = min(s.valuation for s in slopes.values()) if slopes else argument.order
    if not slopes or shift.valuation < leads:
        raise Refused(
            f"The leading term of the argument of sign({what}) is not the noise of the gradient.",
            "It is then the sign of a state or of the mean gradient: its drift jumps where that crosses 0.",
            "Order 1 is proved for smooth coefficients; no SDE is claimed for this variant in this regime.",
        )
    if len(slopes) == 1:
        (size,) = slopes.values()
        _require_positive(size.coefficient(size.valuation), what)
    else:
        squares = [s.times(s) for s in slopes.values()]
        size = expansion.power(sum(squares[1:], squares[0]), Fraction(1, 2), what)
    ratio = shift.times(expansion.power(size, Fraction(-1), what))
    rest = Series({k: v for k, v in ratio.terms.items() if k != 0}, ratio.order)
    at = ratio.coefficient(0)
    if at.is_Add:
        at = expansion.opaque.setdefault(sympy.factor_terms(at), Symbol(f"held {len(expansion.opaque) + 1}", real=True))
    return Sign(mark, tuple(slopes), at, rest)


def _affine(
    argument: Series, draws: Sequence[Symbol], others: frozenset[Symbol], what: str
) -> tuple[dict[Symbol, Series], Series]:
    slopes: dict[Symbol, dict[Fraction, Expr]] = {}
    shift: dict[Fraction, Expr] = {}
    for exponent, value in argument.terms.items():
        for powers, coefficient in sympy.Poly(value, *draws).terms():
            if sum(powers) > 1 or coefficient.free_symbols & others:
                raise Refused(
                    f"The argument of sign({what}) is not affine in the noise of the gradient.",
                    "Its sign then changes at several values of the noise, or with several draws of it.",
                    "Write the sign of an expression that is linear in the gradient.",
                )
            target = slopes.setdefault(draws[powers.index(1)], {}) if sum(powers) else shift
            target[exponent] = target.get(exponent, sympy.Integer(0)) + coefficient
    return {z: Series(terms, argument.order) for z, terms in slopes.items()}, Series(shift, argument.order)


def _require_positive(slope: Expr, what: str) -> None:
    if not slope.is_positive:
        raise Refused(
            f"The gradient enters sign({what}) with the factor {slope}, which may change its sign.",
            "The sign of the noise would then jump with that factor.",
            "Let the gradient enter with a factor that is positive, such as 1 - beta.",
        )


# One coordinate


@cache
def _moment(degree: int) -> Expr:
    """M_degree as a function of R."""
    density = sympy.exp(-(R**2) / (2 * SIGMA)) / sympy.sqrt(2 * sympy.pi * SIGMA)
    if degree == 0:
        return sympy.erf(R / sympy.sqrt(2 * SIGMA))
    below = (degree - 1) * _moment(degree - 2) if degree > 1 else sympy.Integer(0)
    return SIGMA * below + 2 * SIGMA * (-R) ** (degree - 1) * density


@cache
def _derivative(degree: int, times: int) -> Expr:
    return sympy.diff(_moment(degree), R, times) if times else _moment(degree)


@dataclass(frozen=True)
class Signs:
    """The signs of a step and the draws beside them, under Gaussian noise. length: powers of h that are kept."""

    items: tuple[Sign, ...]
    draws: tuple[Symbol, ...]
    length: Fraction

    def mean(self, series: Series) -> Series:
        """E of a series whose coefficients are polynomials in the draws and the marks."""
        total = Series({}, series.order)
        marks = [s.mark for s in self.items]
        for exponent, value in series.terms.items():
            for powers, coefficient in sympy.Poly(value, *self.draws, *marks).terms():
                degrees = dict(zip(self.draws, powers[: len(self.draws)], strict=True))
                present = [s for s, p in zip(self.items, powers[len(self.draws) :], strict=True) if p % 2]
                total = total + monomial(coefficient, exponent).times(self._moment(degrees, present))
        return total.truncated(series.order)

    def _moment(self, degrees: dict[Symbol, int], present: Sequence[Sign]) -> Series:
        """E[product of z^degree and of these signs]; signs of different draws are independent."""
        seen = [z for s in present for z in s.draws]
        shared = len(seen) != len(set(seen))
        if shared or any(len(s.draws) > 1 and any(degrees[z] for z in s.draws) for s in present):
            raise Refused(
                f"A moment of one step multiplies {', '.join(map(str, present)) or 'signs'} of the same noise.",
                "Their joint moments are not derived.",
                "Take a variant in which each gradient enters one sign.",
            )
        result = monomial(sympy.Mul(*(GAUSSIAN.moment(k) for z, k in degrees.items() if z not in seen)))
        for item in present:
            result = result.times(self._shifted(item, degrees[item.draws[0]]), below=self.length)
        return result

    def _shifted(self, item: Sign, degree: int) -> Series:
        """M_degree(at + rest), by Taylor in the rest."""
        total, power = monomial(_derivative(degree, 0).xreplace({R: item.at})), monomial(1)
        if not item.rest.terms and item.rest.order >= self.length:
            return total
        for k in range(1, math.ceil(self.length / item.rest.valuation) + 1):
            power = power.times(item.rest, below=self.length)
            value = _derivative(degree, k).xreplace({R: item.at}) / math.factorial(k)
            total = total + power.scaled(value)
        return total.truncated(self.length)

    @property
    def dominated_by_noise(self) -> bool:
        """Whether every sign is that of the noise alone in the limit: then joint moments are elementary."""
        return all(s.at == 0 for s in self.items)

    def joint(self, value: Expr, i: dict[Symbol, Symbol], j: dict[Symbol, Symbol]) -> Expr:
        """E of a polynomial in draws and marks of two coordinates, to leading order. i, j: their names there."""
        letters = [*self.draws, *(s.mark for s in self.items)]
        flat = [side[x] for side in (i, j) for x in letters]
        total: Expr = sympy.Integer(0)
        for powers, coefficient in sympy.Poly(value, *flat).terms():
            halves = [dict(zip(letters, p, strict=True)) for p in (powers[: len(letters)], powers[len(letters) :])]
            total += coefficient * self._joint_moment(*halves)
        return sympy.expand(total)

    def _joint_moment(self, left: dict[Symbol, int], right: dict[Symbol, int]) -> Expr:
        result: Expr = sympy.Integer(1)
        free = set(self.draws)
        for item in self.items:
            p, q = left[item.mark] % 2, right[item.mark] % 2
            if not (p or q):
                continue
            if not free >= set(item.draws) or (len(item.draws) > 1 and any(left[z] or right[z] for z in item.draws)):
                raise Refused("A moment across coordinates multiplies signs of the same noise.", "It is not derived.")
            free -= set(item.draws)
            z = item.draws[0]
            result *= _both(left[z], right[z], p, q)
        for z in free:
            result *= GAUSSIAN.joint(left[z], right[z])
        return result


# Two coordinates


@cache
def _both(a: int, b: int, p: int, q: int) -> Expr:
    """E[z_i^a z_j^b sign(z_i)^p sign(z_j)^q] by Stein's identity in z_i, else in z_j."""
    if not (p or q):
        return GAUSSIAN.joint(a, b)
    if (a + b + p + q) % 2:
        return sympy.Integer(0)
    if a == b == 0:
        return 2 / sympy.pi * sympy.asin(SIGMA_IJ / sympy.sqrt(_SIGMA_I * _SIGMA_J))
    if a == 0:
        mirror = {_SIGMA_I: _SIGMA_J, _SIGMA_J: _SIGMA_I}
        return _both(b, a, q, p).xreplace(mirror)
    total = sympy.Integer(0)
    if a > 1:
        total += (a - 1) * _SIGMA_I * _both(a - 2, b, p, q)
    if b:
        total += b * SIGMA_IJ * _both(a - 1, b - 1, p, q)
    if p and a == 1:  # the density of z_i at 0, times what is left of z_j there
        total += _SIGMA_I * _at_zero(_SIGMA_I) * _rest(b, q, _SIGMA_J - SIGMA_IJ**2 / _SIGMA_I)
    if q and b == 0:
        total += SIGMA_IJ * _at_zero(_SIGMA_J) * _rest(a - 1, p, _SIGMA_I - SIGMA_IJ**2 / _SIGMA_J)
    return total


def _at_zero(variance: Expr) -> Expr:
    return 2 / sympy.sqrt(2 * sympy.pi * variance)


def _rest(degree: int, signed: int, variance: Expr) -> Expr:
    """E[w^degree sign(w)^signed] of w ~ N(0, variance)."""
    moment = _moment(degree).xreplace({R: sympy.Integer(0)}) if signed else GAUSSIAN.moment(degree)
    return moment.xreplace({SIGMA: variance})


def gaussian_noise(states: Iterable[str]) -> tuple[Hypothesis, Hypothesis]:
    """What an SDE with signs assumes of the noise."""
    means = tuple(f"E[d{name}]" for name in states)
    return (
        Hypothesis(
            "Gaussian noise",
            "z ~ N(0, Sigma): the mean of a sign is not determined by the mean and covariance of the noise",
            means,
        ),
        Hypothesis("nondegenerate noise", "Sigma_ii stays above a positive number", means),
    )


SIGMA_DIAGONAL = Hypothesis(
    "Sigma diagonal",
    "Sigma_ij = 0 for i != j: the covariance of the signs of correlated coordinates whose means do not vanish beside "
    "the noise is no elementary function",
    ("every entry of D between coordinates",),
)
