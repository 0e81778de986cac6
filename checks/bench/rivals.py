"""The loops that people write by hand: Adam with beta1 = 0, no bias correction and no eps, on Reddi's streams.

Each is written for this one case; ours is made from the declared rule. All are float64 with a projection on [-1, 1].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

LARGE, ALPHA, BETA2 = 3.0, 0.1, 0.1
SHARE = (1 + 0.02) / (LARGE + 1)
"""The probability of LARGE in the stochastic stream."""


def python_floats(steps: int) -> float:
    root, x, v = math.sqrt, 0.0, 0.0
    for t in range(1, steps + 1):
        g = LARGE if t % 3 == 1 else -1.0
        v = BETA2 * v + (1 - BETA2) * g * g
        x -= ALPHA / root(t) * g / root(v)
        if x > 1.0:
            x = 1.0
        elif x < -1.0:
            x = -1.0
    return x


def numpy_scalars(steps: int) -> float:
    x, v, beta2, alpha = np.float64(0), np.float64(0), np.float64(BETA2), np.float64(ALPHA)
    large, small = np.float64(LARGE), np.float64(-1)
    for t in range(1, steps + 1):
        g = large if t % 3 == 1 else small
        v = beta2 * v + (1 - beta2) * g * g
        x = min(max(x - alpha / np.sqrt(np.float64(t)) * g / np.sqrt(v), -1.0), 1.0)
    return float(x)


def torch_adam(steps: int) -> float:
    """torch.optim.Adam itself: with its bias correction, which it cannot leave out."""
    import torch

    x = torch.zeros(1, dtype=torch.float64)
    x.grad = torch.zeros(1, dtype=torch.float64)
    optimizer = torch.optim.Adam([x], lr=ALPHA, betas=(0.0, BETA2), eps=0.0, foreach=False)
    for t in range(1, steps + 1):
        x.grad.fill_(LARGE if t % 3 == 1 else -1.0)
        optimizer.param_groups[0]["lr"] = ALPHA / math.sqrt(t)
        optimizer.step()
        x.clamp_(-1.0, 1.0)
    return float(x)


def numpy_seeds(steps: int, seeds: int) -> np.ndarray:
    """As one writes it."""
    draws = np.random.Generator(np.random.Philox(0))
    x, v = np.zeros(seeds), np.zeros(seeds)
    for t in range(1, steps + 1):
        g = np.where(draws.random(seeds) < SHARE, LARGE, -1.0)
        v = BETA2 * v + (1 - BETA2) * g * g
        x = np.clip(x - ALPHA / math.sqrt(t) * g / np.sqrt(v), -1.0, 1.0)
    return x


def numpy_seeds_in_place(steps: int, seeds: int) -> np.ndarray:
    """With no temporary arrays, and single-precision uniforms."""
    draws = np.random.Generator(np.random.Philox(0))
    x, v, g, w = (np.zeros(seeds) for _ in range(4))
    for t in range(1, steps + 1):
        np.copyto(g, -1.0)
        g[draws.random(seeds, dtype=np.float32) < SHARE] = LARGE
        np.multiply(g, g, out=w)
        w *= 1 - BETA2
        v *= BETA2
        v += w
        np.sqrt(v, out=w)
        np.divide(g, w, out=w)
        w *= ALPHA / math.sqrt(t)
        x -= w
        np.clip(x, -1.0, 1.0, out=x)
    return x


def numpy_seeds_adam(steps: int, seeds: int) -> np.ndarray:
    """Adam (0.9, 0.99) with eps and alpha/sqrt(t), no bias correction, on 1010 with probability 1/100, else -10."""
    draws = np.random.Generator(np.random.Philox(0))
    x, m, v = np.zeros(seeds), np.zeros(seeds), np.zeros(seeds)
    for t in range(1, steps + 1):
        g = np.where(draws.random(seeds) < 0.01, 1010.0, -10.0)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.99 * v + (1 - 0.99) * g * g
        x = np.clip(x - 0.5 / math.sqrt(t) * m / (np.sqrt(v) + 1e-8), -1.0, 1.0)
    return x


def numba_one() -> Callable[[int], float]:
    """The loop of python_floats, compiled."""
    from numba import njit

    compiled: Callable[[int], float] = njit(python_floats)
    return compiled


def numba_seeds() -> Callable[[int, int], np.ndarray]:
    """Seed by seed, with numba's own generator."""
    from numba import njit

    @njit
    def loop(steps, seeds):  # type: ignore[no-untyped-def]
        found = np.empty(seeds)
        for s in range(seeds):
            x, v = 0.0, 0.0
            for t in range(1, steps + 1):
                g = LARGE if np.random.random() < SHARE else -1.0
                v = BETA2 * v + (1 - BETA2) * g * g
                x -= ALPHA / math.sqrt(t) * g / math.sqrt(v)
                x = min(max(x, -1.0), 1.0)
            found[s] = x
        return found

    return loop  # type: ignore[no-any-return]
