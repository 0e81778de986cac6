"""Bounds of others whose constants are explicit, for the recursions that are exactly theirs. Thresholds that are
known only up to an O(.) decide nothing and are not here.

Defossez et al. sum instead of averaging: m_n = beta1 m + g, v_n = beta2 v + g^2, x_n = x - a_n m_n/sqrt(e + v_n). With
averages that weigh to one, v' = (1 - beta2) v for beta2 < 1, this is Adam with damping (1 - beta2) e under the root of
the uncorrected v, and only the second moment corrected: adam@correction=second,eps=inside_hat with eps = (1 - beta2) e.
For beta2 = 1 it is Adagrad with eps under the root.
source: defossez2022simple, Theorems 1 to 4, constants from memory; every one held to exact enumeration by a check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import sympy

from .certificate import Inputs
from .errors import OutOfDomain
from .recursion import Recursion
from .symbols import t


@dataclass(frozen=True)
class Explicit:
    """theorem: which.   says: its conclusion here.   value: the number in it, or None.   hypotheses: in words."""

    theorem: str
    says: str
    value: float | None
    hypotheses: str

    def as_json(self) -> dict[str, Any]:
        return {"theorem": self.theorem, "says": self.says, "value": self.value, "hypotheses": self.hypotheses}


@dataclass(frozen=True)
class FiniteSum:
    """f is the sum (not the mean) of `samples` functions, with sum_i |grad f_i|^2 <= growth |grad f|^2 + D0."""

    samples: int
    growth: float

    def __post_init__(self) -> None:
        if not (isinstance(self.samples, int) and self.samples >= 1 and 0 < self.growth < math.inf):
            raise OutOfDomain(f"samples = {self.samples}, growth = {self.growth}: both are positive.")


def explicit(r: Recursion, inputs: Inputs, problem: FiniteSum | None = None) -> tuple[Explicit, ...]:
    """What the theorems of others say where the recursion is exactly theirs: Defossez et al., and Shi et al."""
    return (*_by_defossez(r, inputs), *(_by_shi(r, inputs, problem) if problem else ()))


def _by_defossez(r: Recursion, inputs: Inputs) -> tuple[Explicit, ...]:
    found = _as_defossez(r)
    if found is None:
        return ()
    size, beta1, beta2, e = found
    theorem, value = defossez(size, beta1, beta2, e, inputs)
    told = "|g|_inf <= G almost surely; P(tau = j) proportional to 1 - beta1^(T - j), j = 0..T-1"
    said = f"E |grad f(theta_tau)|^2 <= {value:.4g}"
    return (Explicit(f"Defossez et al. 2022, {theorem}", said, value, told),) if math.isfinite(value) else ()


def _by_shi(r: Recursion, inputs: Inputs, problem: FiniteSum) -> tuple[Explicit, ...]:
    """For RMSprop with step sizes eta/sqrt(t)."""
    sizes = sympy.simplify(r.alpha * sympy.sqrt(t))
    if r.form != "new" or r.beta1 != 0 or r.beta2.has(t) or not sizes.is_number:
        return ()
    kept = shi_guarantees(float(r.beta2), problem.samples, inputs.dim, problem.growth)
    said = (
        "convergence to a neighbourhood of the stationary points, of size O(sqrt(D0)), is guaranteed"
        if kept
        else "its inequality does not hold, which decides nothing"
    )
    told = f"random reshuffling of {problem.samples} samples, D1 = {problem.growth:g}, f their sum"
    return (Explicit("Shi et al. 2021, the inequality on T2(beta2)", said, None, told),)


def _as_defossez(r: Recursion) -> tuple[float, float, float, float] | None:
    """alpha, beta1, beta2, e of their form; beta2 = 1 for Adagrad."""
    if r.form != "new" or r.outside != 0 or r.inside == 0 or r.v_start != 0 or r.decay != 0 or r.beta1.has(t):
        return None
    if sympy.simplify(r.beta2 - t / (t + 1)) == 0:
        size, e = sympy.simplify(r.alpha * sympy.sqrt(t + 1)), sympy.simplify(r.inside * (t + 1))
        numbers = (size / (1 - r.beta1), r.beta1, sympy.Integer(1), e)
    elif not r.beta2.has(t):
        size = sympy.simplify(r.alpha / sympy.sqrt(1 - r.beta2**t))
        numbers = (size, r.beta1, r.beta2, r.inside / (1 - r.beta2))
    else:
        return None
    if any(not x.is_number for x in numbers):
        return None
    size, beta1, beta2, e = (float(x) for x in numbers)
    return (size, beta1, beta2, e) if beta1 < beta2 else None


def defossez(alpha: float, beta1: float, beta2: float, e: float, inputs: Inputs) -> tuple[str, float]:
    """Their bound of E |grad f(x_tau)|^2 after N = horizon steps; infinite where N <= beta1/(1 - beta1).

    R = G + sqrt(e), so that |g|_inf <= R - sqrt(e).
    """
    n, d, L = inputs.horizon, inputs.dim, inputs.L
    R = inputs.G + math.sqrt(e)
    rest = n - beta1 / (1 - beta1)
    if rest <= 0:
        return "", math.inf
    if beta2 == 1:
        grown = math.log1p(n * R**2 / e)
        if beta1 == 0:
            return "Theorem 1", (2 * R * inputs.gap / alpha + (4 * d * R**2 + alpha * d * R * L) * grown) / math.sqrt(n)
        E = alpha * d * R * L + 12 * d * R**2 / (1 - beta1) + 2 * alpha**2 * d * L**2 * beta1 / (1 - beta1)
        return "Theorem 3", math.sqrt(n) / rest * (2 * R * inputs.gap / alpha + E * grown)
    short = 1 - beta2
    grown = math.log1p(R**2 / (short * e)) / rest - n / rest * math.log(beta2)
    if beta1 == 0:
        E = 4 * d * R**2 / math.sqrt(short) + alpha * d * R * L / short
        return "Theorem 2", 2 * R * inputs.gap / (alpha * rest) + E * grown
    q = 1 - beta1 / beta2
    E = alpha * d * R * L * (1 - beta1) / (q * short)
    E += 12 * d * R**2 * math.sqrt(1 - beta1) / (q**1.5 * math.sqrt(short))
    E += 2 * alpha**2 * d * L**2 * beta1 / (q * short**1.5)
    return "Theorem 4", 2 * R * inputs.gap / (alpha * rest) + E * grown


def shi_guarantees(beta2: Fraction | float, samples: int, dim: int, growth: float) -> bool:
    """Whether RMSprop with random reshuffling is guaranteed by Shi et al.'s explicit inequality, in 60 digits.

    growth: D1 with sum_i |grad f_i|^2 <= D1 |grad f|^2 + D0, for f = sum of the f_i (not their mean).
    source: shi2021rmsprop, condition on T2(beta2), constants from memory.
    """
    exact = Fraction(beta2)
    with localcontext(prec=60):  # beta2 may lie within 10^-16 of 1
        n, b = samples, Decimal(exact.numerator) / exact.denominator
        far, root = b**n, Decimal(2).sqrt()
        left = (5 * dim / far).sqrt() * dim * n**2 * Decimal(growth)
        left *= (1 - b) * (4 * n**2 / far - 1) / 2 + ((1 / far).sqrt() - 1)
        return left <= (root - 1) / (2 * root)
