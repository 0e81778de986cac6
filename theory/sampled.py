"""The drift under independent draws by simulation: an interval at a level, never a proof."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import NormalDist, fmean, stdev

from .kernel.recursion import Runs
from .limiting import Method

BATCHES, MEMORIES = 100, 20
MOST = 2_000_000


@dataclass(frozen=True)
class Sampled:
    """mean, low, high: of the drift of one step, divided by alpha.   samples: steps.   level: that the interval misses.

    The interval is the normal one from the means of 100 long stretches of one run.
    """

    mean: float
    low: float
    high: float
    samples: int
    level: float
    seed: int


def sampled(method: Method, runs: Runs, seed: int = 0, level: float = 1e-3) -> Sampled:
    """Runs the recursion; stretches are `MEMORIES` times as long as the longer of its two memories, within a limit."""
    c, draw = method.constant, Random(seed)
    b1, b2, inside, outside = float(c.beta1), float(c.beta2), float(c.inside), float(c.outside)
    floor = float(c.floor)
    values = [float(g) for count, g in runs for _ in range(count)]
    length = min(max(int(MEMORIES / min(1 - b1, 1 - b2)), 1000), MOST // (BATCHES + 1))
    v, m, means = fmean(g * g for g in values), fmean(values), []
    for _ in range(BATCHES + 1):  # the first stretch forgets the start, and is dropped
        total = 0.0
        for g in draw.choices(values, k=length):
            v = b2 * v + (1 - b2) * g * g
            m = b1 * m + (1 - b1) * g
            total -= m / (max(sqrt(v + inside), floor) + outside)
        means.append(total / length)
    kept = means[1:]
    half = NormalDist().inv_cdf(1 - level / 2) * stdev(kept) / sqrt(BATCHES)
    mean = fmean(kept)
    return Sampled(mean, mean - half, mean + half, BATCHES * length, level, seed)
