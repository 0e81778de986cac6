"""What SGD does on a quadratic, exactly: second moments by their recursion, no sampling."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from .sequences import Array


@dataclass(frozen=True)
class QuadraticLaw:
    """E |grad f|^2 at the start, at its smallest before step `at` (of steps 1, ..., T), after the last step; and of the
    iterate drawn with weights eta_t (1 - L eta_t/2), nan where these are no weights."""

    first: float
    smallest: float
    at: int
    last: float
    drawn: float


def quadratic_law(eta: Array, b: Array, curvatures: Any, squares: Any, sigma2: float) -> QuadraticLaw:
    """On f = sum lam_i x_i^2/2 with gradient noise of covariance (sigma2/(d b_t)) I.

    curvatures: lam, their largest is L.   squares: E x_i^2 at the start.
    e_i = E x_i^2 follows e_i <- (1 - eta lam_i)^2 e_i + eta^2 sigma2/(d b), and E |grad f|^2 = sum lam_i^2 e_i.
    """
    lam, e = np.asarray(curvatures, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    noise = eta**2 * sigma2 / (len(lam) * b)
    with np.errstate(all="ignore"):
        each = [_course(eta, noise, float(x), float(y)) for x, y in zip(lam, e, strict=True)]
        squared = np.sum(each, axis=0)
        weights = eta * (1 - lam.max() * eta / 2)
        drawn = float(np.sum(weights * squared[:-1]) / np.sum(weights)) if np.all(weights >= 0) else float("nan")
    at = int(np.argmin(squared[:-1]))
    return QuadraticLaw(float(squared[0]), float(squared[at]), at + 1, float(squared[-1]), drawn)


def _course(eta: Array, noise: Array, lam: float, start: float) -> Array:
    """lam^2 E x^2 before each step and after the last."""
    factors = ((1 - eta * lam) ** 2).tolist()
    steps = zip(factors, noise.tolist(), strict=True)
    found = accumulate(steps, lambda e, step: step[0] * e + step[1], initial=start)
    return lam * lam * np.fromiter(found, dtype=np.float64, count=len(factors) + 1)
