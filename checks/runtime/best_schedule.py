"""The schedule with the smallest bound on SGD, under a budget of gradient evaluations and floors on the batch size.

In step sizes of 1/L and gradients of L gap, with r = sigma2/(L gap), a run of blocks with w_k steps has the bound

    (1 + (r/2) sum w eta^2/b) / sum w (eta - eta^2/2).

eta^2/b is jointly convex, eta - eta^2/2 is concave, and a budget sum w b <= N is linear, as are a cap on the steps and
a cost of time per step and per sample. Averaging eta and b over the steps therefore never raises the bound: under such
limits a constant is optimal. Floors that change, a batch size not below b_k in block k, are another matter: a convex
solver finds the best (Dinkelbach's method: minimise numerator - bound * denominator, update the bound, until it stays).
cvxpy comes in when something is solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftproof.theory.errors import OutOfDomain

from .extras import extras_named

ROUNDS = 30
STILL = 1e-9


@dataclass(frozen=True)
class Best:
    """Step sizes in 1/L and batch sizes of each block, and the bound in L gap.

    constant: (eta, bound) of the best constant step size, with the best batch sizes for it.
    """

    eta: tuple[float, ...]
    b: tuple[float, ...]
    bound: float
    constant: tuple[float, float]

    @property
    def gap(self) -> float:
        """How much larger the constant's bound is, as a fraction."""
        return self.constant[1] / self.bound - 1


def bound(eta: Any, b: Any, weights: Any, r: Any) -> Any:
    """The bound of a schedule by block; fractions stay exact."""
    noise = sum(w * x * x / y for w, x, y in zip(weights, eta, b, strict=True))
    return (1 + r * noise / 2) / sum(w * (x - x * x / 2) for w, x in zip(weights, eta, strict=True))


def best(weights: Sequence[float], r: float, budget: float, floors: Sequence[float] = (), most: float = 1.0) -> Best:
    """The smallest bound with sum w b <= budget, b_k >= floors_k (1 if none), 0 <= eta <= most < 2.

    raises: OutOfDomain where the floors alone exceed the budget.
    """
    w = np.asarray(weights, dtype=np.float64)
    low = np.asarray(floors if len(floors) else np.ones(len(w)), dtype=np.float64)
    if low.shape != w.shape or low.min() < 1 or w @ low > budget or not 0 < most < 2 or r < 0:
        raise OutOfDomain(
            f"Floors take {w @ low if low.shape == w.shape else len(low):g} of {budget:g} evaluations.",
            "There is no such schedule.", "Lower the floors, or raise the budget; step sizes end below 2.",
        )  # fmt: skip
    constant = best_constant(w, r, budget, low, most)
    eta, b, value = _solved(w, r, budget, low, most, constant[1])
    return Best(tuple(eta.tolist()), tuple(b.tolist()), value, constant)


def best_constant(w: Any, r: float, budget: float, low: Any, most: float) -> tuple[float, float]:
    """(eta, bound) of the best constant step size. Its noise is least with all batches at one level, or at their floor
    above it; the derivative of (1 + a eta^2)/(eta - eta^2/2) vanishes where a eta^2 + eta = 1."""
    b = filled(w, budget, low)
    a = r * float(np.sum(w / b)) / 2
    eta = min(2 / (1 + (1 + 4 * a) ** 0.5), most)
    return eta, float(bound(np.full(len(b), eta), b, w, r))


def filled(w: Any, budget: float, low: Any) -> Any:
    """max(level, floor) for the level that spends the budget; by bisection."""
    below, above = 0.0, budget / float(np.sum(w)) + float(np.max(low))
    for _ in range(100):
        level = (below + above) / 2
        below, above = (level, above) if w @ np.maximum(level, low) <= budget else (below, level)
    return np.maximum(below, low)


def _solved(
    w: Any, r: float, budget: float, low: Any, most: float, value: float, rounds: int = ROUNDS
) -> tuple[Any, Any, float]:
    """Dinkelbach: each round is a convex program, scaled by the steps."""
    with extras_named():
        import cvxpy
    total, spread = float(w.sum()), float(np.max([budget / w.sum(), low.max()]))
    eta, b = cvxpy.Variable(len(w)), cvxpy.Variable(len(w))  # b in units of spread
    level = cvxpy.Parameter(nonneg=True)
    share = w / total
    noise = sum(share[k] * cvxpy.quad_over_lin(eta[k], b[k]) for k in range(len(w))) * (r * total / (2 * spread))
    goal = noise - level * (share @ eta) + level * (share @ cvxpy.square(eta)) / 2
    limits = [eta >= 0, eta <= most, b >= low / spread, share @ b <= budget / (total * spread)]
    problem = cvxpy.Problem(cvxpy.Minimize(goal), limits)
    for _ in range(rounds):
        level.value = value * total
        problem.solve(solver=cvxpy.CLARABEL)
        steps, sizes = np.clip(eta.value, 0, most), np.maximum(b.value * spread, low)
        sizes = low + (sizes - low) * min(1.0, (budget - w @ low) / max(w @ (sizes - low), 1e-300))
        found = float(bound(steps, sizes, w, r))
        if found >= value * (1 - STILL):
            return steps, sizes, found
        value = found
    return steps, sizes, value
