"""Expectations over a run of a compiled rule without sampling: backward iteration on Chebyshev grids.

A state of two numbers moves by y' = F(y, z, k), with z from a finite law. The value function
v_k(y) = E[v_{k+1}(F(y, z, k))] is interpolated on a Chebyshev grid over the bounding box of all images of the
grid before it, so nothing is ever extrapolated. Two resolutions bound the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Step = Callable[[Array, float, int], tuple[Array, Array]]
"""(states of shape (M, 2), z, k) -> (new states, increments of the sum that is followed beside them)."""
Law = Sequence[tuple[float, float]]


def mean_of_signs(count: int) -> Law:
    """(value, probability) of the mean of `count` fair signs, scaled to variance 1."""
    return [((2 * j - count) / sqrt(count), comb(count, j) / 2**count) for j in range(count + 1)]


@dataclass(frozen=True)
class Grid:
    """The product of Chebyshev points of the second kind on [low, high] in both coordinates."""

    low: Array
    high: Array
    shape: tuple[int, int]

    def axis(self, i: int) -> Array:
        count = self.shape[i]
        points = np.cos(np.pi * np.arange(count) / (count - 1))
        found: Array = (self.low[i] + self.high[i]) / 2 + (self.high[i] - self.low[i]) / 2 * points
        return found

    def nodes(self) -> Array:
        """Shape (n1 * n2, 2)."""
        return np.stack(np.meshgrid(self.axis(0), self.axis(1), indexing="ij"), axis=-1).reshape(-1, 2)

    def interpolate(self, values: Array, points: Array) -> Array:
        """values: (n1 * n2, F) at the nodes; points: (M, 2) in the box; returns (M, F)."""
        first, second = (barycentric(self.axis(i), points[:, i]) for i in (0, 1))
        inner = np.tensordot(first, values.reshape(*self.shape, -1), axes=1)
        found: Array = np.einsum("mj,mjf->mf", second, inner)
        return found


def barycentric(nodes: Array, points: Array) -> Array:
    """The matrix that takes values at Chebyshev points to values at other points (Berrut & Trefethen 2004)."""
    weights = (-1.0) ** np.arange(len(nodes))
    weights[[0, -1]] /= 2
    gaps = points[:, None] - nodes[None, :]
    exact = gaps == 0
    ratios: Array = weights / np.where(exact, 1.0, gaps)
    hit = exact.any(axis=1, keepdims=True)
    found: Array = np.where(hit, exact.astype(np.float64), ratios / ratios.sum(axis=1, keepdims=True))
    return found


def expectations(
    step: Step,
    start: Sequence[float],
    steps: range,
    law: Law,
    tests: Callable[[Array], Array],
    shape: tuple[int, int],
) -> Array:
    """E[D], E[D^2] for the sum D of the increments, and E of each test function of the last state.

    start: the state before step steps[0].   tests: (M, 2) -> (M, F).
    """
    grid = Grid(np.asarray(start) - 1e-3, np.asarray(start) + 1e-3, shape)
    moves, grids = [], [grid]
    for k in steps:
        moves.append([(p, *step(grid.nodes(), z, k)) for z, p in law])
        images = np.concatenate([image for _, image, _ in moves[-1]])
        grid = Grid(images.min(axis=0), images.max(axis=0), shape)
        grids.append(grid)
    values = _last(grid.nodes(), tests)
    for grid, move in zip(grids[:0:-1], reversed(moves), strict=True):
        parts = [p * _before(grid.interpolate(values, image), moved) for p, image, moved in move]
        values = np.sum(parts, axis=0)
    found: Array = grids[0].interpolate(values, np.asarray(start)[None, :])[0]
    return found


def _last(nodes: Array, tests: Callable[[Array], Array]) -> Array:
    return np.concatenate([np.zeros((len(nodes), 2)), tests(nodes)], axis=1)


def _before(later: Array, moved: Array) -> Array:
    """E[D], E[D^2] with one more increment in front; test functions stay."""
    first, second = later[:, 0], later[:, 1]
    return np.concatenate(
        [np.stack([moved + first, moved**2 + 2 * moved * first + second], axis=1), later[:, 2:]], axis=1
    )
