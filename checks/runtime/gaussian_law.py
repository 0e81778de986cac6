"""Gaussian noise as a law of many weighted values: quadrature between the places where a step jumps.

On each side of a jump a step is analytic in the noise, so that Gauss-Legendre nodes between the jumps give its
moments to some 36 digits. Nothing here knows a closed form: no error function, no arcsine.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import mpmath

NODES = 60
REACH = 13
"""Standard deviations: exp(-13^2/2) is 2 10^-37."""
RIGHT_DIGITS = 32
"""Of moments relative to their size: some digits less than the quadrature has."""

Law = tuple[tuple[Any, Any], ...]


@lru_cache(maxsize=8)
def _legendre(count: int, digits: int) -> Law:
    """Nodes and weights on [-1, 1] by Newton's method on the Legendre polynomial."""
    found = []
    for k in range(1, count + 1):
        x = mpmath.cos(mpmath.pi * (k - mpmath.mpf(1) / 4) / (count + mpmath.mpf(1) / 2))
        slope = mpmath.mpf(1)
        for _ in range(3 + digits.bit_length()):
            below, here = mpmath.mpf(1), x
            for n in range(2, count + 1):
                below, here = here, ((2 * n - 1) * x * here - (n - 1) * below) / n
            slope = count * (x * here - below) / (x * x - 1)
            x -= here / slope
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return tuple(found)


def gaussian_law(variance: Any, jumps: Iterable[Any]) -> Law:
    """(value, weight) of N(0, variance), the panels ending at the jumps (at 0 where there is none)."""
    deviation = mpmath.sqrt(variance)
    end = REACH * deviation
    inside = sorted({z for z in jumps if abs(z) < end}) or [mpmath.mpf(0)]
    breaks, law = [-end, *inside, end], []
    for low, high in pairwise(breaks):
        middle, half = (low + high) / 2, (high - low) / 2
        for x, weight in _legendre(NODES, mpmath.mp.dps):
            z = middle + half * x
            density = mpmath.exp(-z * z / (2 * variance)) / (deviation * mpmath.sqrt(2 * mpmath.pi))
            law.append((z, weight * half * density))
    return tuple(law)


def correlation_factor(x: Any, y: Any, rho: Any) -> Any:
    """Density of two standard normals of correlation rho over that of independent ones."""
    rest = 1 - rho * rho
    return mpmath.exp(-(rho * rho * (x * x + y * y) - 2 * rho * x * y) / (2 * rest)) / mpmath.sqrt(rest)
