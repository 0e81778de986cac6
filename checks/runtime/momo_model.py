"""The problem that a MoMo step solves, put together from the history of a run by definition, and handed to cvxpy.

Nothing here knows a closed form or a recurrence: weights, metric and averages are sums over all steps so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Array = np.ndarray
Values = Mapping[str, float]


@dataclass(frozen=True)
class Method:
    """weights: (number of steps k, hyperparameters) -> rho_1 .. rho_k.   metric: (gradients so far, same) -> D."""

    weights: Callable[[int, Values], Array]
    metric: Callable[[Array, Values], Array]


def _geometric(k: int, beta: float) -> Array:
    return beta ** np.arange(k - 1, -1, -1.0)


def _from_first(k: int, beta: float) -> Array:
    found = (1 - beta) * _geometric(k, beta)
    found[0] = beta ** (k - 1)
    return found


def _root(g: Array, beta: float, correct: bool) -> Array:
    v = (1 - beta) * _geometric(len(g), beta) @ g**2
    return np.sqrt(v / (1 - beta ** len(g)) if correct else v)


def _adam(g: Array, h: Values) -> Array:
    return _root(g, h["beta2"], True) + h["eps"]


def _mixed(g: Array, h: Values) -> Array:
    return np.sqrt((1 - h["nu2"]) * g[-1] ** 2 + h["nu2"] * _root(g, h["beta2"], True) ** 2) + h["eps"]


def _amsgrad(g: Array, h: Values) -> Array:
    largest = np.max([_root(g[:k], h["beta2"], False) for k in range(1, len(g) + 1)], axis=0)
    return (largest + h["eps"]) / (1 - h["beta1"] ** len(g))


def _ones(g: Array, h: Values) -> Array:
    return np.ones(g.shape[1])


def _hyperbolic(k: int, h: Values) -> Array:
    found = h["nu1"] * (1 - h["beta1"]) * _geometric(k, h["beta1"]) / (1 - h["beta1"] ** k)
    found[-1] += 1 - h["nu1"]
    return found


def _two_averages(k: int, h: Values) -> Array:
    fast = (1 - h["beta1"]) * _geometric(k, h["beta1"]) / (1 - h["beta1"] ** k)
    return fast + h["alpha"] * (1 - h["beta3"]) * _geometric(k, h["beta3"])


def _average(k: int, h: Values) -> Array:
    return (1 - h["beta1"]) * _geometric(k, h["beta1"])


def _last(k: int, h: Values) -> Array:
    return np.eye(k)[-1]


def _heavy(k: int, h: Values) -> Array:
    found = (1 - h["tau"]) * _geometric(k, h["mu"])
    found[0] = h["mu"] ** (k - 1)  # torch's first buffer is the gradient, undamped
    return found


METHODS: Mapping[str, Method] = {
    "momo": Method(lambda k, h: _from_first(k, h["beta1"]), _ones),
    "momo@average=bias": Method(_average, _ones),
    "momo_adam": Method(_average, _adam),
    "momo_adam@average=first": Method(lambda k, h: _from_first(k, h["beta1"]), _adam),
    "adam": Method(_average, _adam),
    "amsgrad": Method(_average, _amsgrad),
    "sgd@momentum=heavy_ball": Method(_heavy, lambda g, h: _ones(g, h) / np.sum(_heavy(len(g), h))),
    "sgd@momentum=none": Method(_last, _ones),
    "rmsprop": Method(_last, lambda g, h: _root(g, h["beta2"], False) + h["eps"]),
    "qhadam": Method(_hyperbolic, _mixed),
    "ademamix": Method(_two_averages, lambda g, h: _adam(g, h) / np.sum(_two_averages(len(g), h))),
}
"""By RULE string; those that are not MoMo's own are taken by momo(rule)."""


@dataclass(frozen=True)
class Problem:
    """min over y of max((F + <d, y>)/rho, f_star) + sum_i D_i ((y_i - x_i)^2/eta_i + lambda_i y_i^2)/2.

    With eta infinite it is the projection on the half-space where the model is at most f_star.
    """

    F: float
    d: Array
    D: Array
    rho: float
    x: Array
    eta: Array
    decay: Array
    f_star: float

    def objective(self, y: Array) -> float:
        model = max((self.F + self.d @ y) / self.rho, self.f_star)
        return float(model + self.D @ ((y - self.x) ** 2 / self.eta + self.decay * y**2) / 2)

    def distance(self, y: Array, z: Array) -> float:
        """By how much z must be worse than y at least, if y is the minimiser: the objective is strongly convex."""
        return float(((1 / self.eta + self.decay) * self.D) @ (y - z) ** 2 / 2)

    @cached_property
    def minimiser(self) -> Array:
        import cvxpy

        y, projection = cvxpy.Variable(len(self.x)), self.eta[0] > PROJECTION
        model = (self.F + self.d @ y) / self.rho
        eta = np.ones_like(self.eta) if projection else self.eta
        weights, decay = np.sqrt(self.D / (2 * eta)), np.sqrt(self.D * self.decay / 2)
        cost = cvxpy.sum_squares(cvxpy.multiply(weights, y - self.x)) + cvxpy.sum_squares(cvxpy.multiply(decay, y))
        if projection:
            found = cvxpy.Problem(cvxpy.Minimize(cost), [model <= self.f_star])
        else:
            found = cvxpy.Problem(cvxpy.Minimize(cost + cvxpy.maximum(model, self.f_star)))
        accuracy = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
        found.solve(solver="CLARABEL", **accuracy)
        if y.value is None:
            raise ArithmeticError(f"cvxpy says {found.status}")
        return np.asarray(y.value)


PROJECTION = 2.0**100
"""A step size beyond which no cap binds: powers of two scale exactly."""


def problem(
    method: Method, x: Array, g: Array, f: Sequence[float], values: Values, eta: Array, decay: Array
) -> Problem:
    """Of the last step. x, g: one row per step, the iterate and the gradient there.   f: the losses."""
    rho = method.weights(len(g), values)
    F = float(rho @ (np.asarray(f) - np.sum(g * x, axis=1)))
    return Problem(F, rho @ g, method.metric(g, values), float(rho.sum()), x[-1], eta, decay, values["f_star"])


def tie(found: Problem, f: float, last_weight: float, share: float) -> float:
    """The last loss for which the share of the full step is exactly `share` (0 or 1): a tie of two branches."""
    A = 1 + found.eta * found.decay
    q = np.sum(found.eta * found.d**2 / (found.D * A)) / found.rho
    rest = found.F - found.rho * found.f_star + found.d @ (found.x / A)
    return float(f + (share * q - rest) / last_weight)


def settings(names: Sequence[str], random: Any) -> dict[str, float]:
    """Generic values of what is the same in all groups."""
    ranges = {"eps": (0.01, 0.3), "alpha": (0.5, 3.0), "f_star": (-1.0, 1.0), "delta": (0.0, 0.5)}
    return {n: float(random.uniform(*ranges.get(n, (0.2, 0.95)))) for n in names if n not in ("eta", "lambda")}
