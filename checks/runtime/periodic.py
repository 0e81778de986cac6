"""Moments of a periodic stream in their periodic steady state, and how far one period then moves theta."""

from __future__ import annotations

import math
from collections.abc import Sequence


def periodic(values: Sequence[float], decay: float) -> list[float]:
    """The periodic solution of x_j = decay x_{j-1} + (1 - decay) value_j."""
    x = 0.0
    for value in values:
        x = decay * x + (1 - decay) * value
    x /= 1 - decay ** len(values)
    found = []
    for value in values:
        x = decay * x + (1 - decay) * value
        found.append(x)
    return found


def adam_drift(gradients: Sequence[float], beta1: float, beta2: float) -> float:
    """- sum_j M_j / sqrt(V_j): what one period moves theta, over alpha, for eps = 0."""
    moments = zip(periodic(gradients, beta1), periodic([g * g for g in gradients], beta2), strict=True)
    return -sum(m / math.sqrt(v) for m, v in moments)


def adopt_drift(gradients: Sequence[float], beta2: float) -> float:
    """- sum_j g_j / sqrt(V_{j-1}): ADOPT divides by the second moment of the step before; beta1 only delays."""
    old = periodic([g * g for g in gradients], beta2)
    return -sum(g / math.sqrt(v) for g, v in zip(gradients, [old[-1], *old[:-1]], strict=True))
