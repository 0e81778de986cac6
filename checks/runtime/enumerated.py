"""Smooth problems in a few dimensions with two-point noise: every path of a run at once, and exact expectations.

f(x) = sum_j w_j h(a_j . x) with w_j > 0 and h one of three functions with least value 0 at 0, so that inf f = 0. The
noise of step t is r_t n_t with r_t one of two numbers of mean 0 and n_t a vector. After T steps there are 2^T paths;
path number i takes the second number at step t where bit t - 1 of i is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Shape:
    """h, h', and bounds of |h'| and |h''|."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    steepest: float
    curved: float


SHAPES = (
    Shape(lambda x: np.logaddexp(x, -x) - np.log(2), np.tanh, 1.0, 1.0),
    Shape(lambda x: x**2 / (1 + x**2), lambda x: 2 * x / (1 + x**2) ** 2, 27**0.5 / 8, 2.0),
    Shape(lambda x: 1 - np.cos(x), np.sin, 1.0, 1.0),
)
"""log cosh, x^2/(1 + x^2), 1 - cos. The steepest point of the second is x = 3^(-1/2)."""


@dataclass(frozen=True)
class Problem:
    """weights w (J,), directions a (J, d), start (d,), noise n (T, d), small r in (0, 1): the chance of the second."""

    shape: Shape
    weights: Array
    directions: Array
    start: Array
    noise: Array
    chance: Array

    @property
    def steps(self) -> int:
        return len(self.noise)

    @property
    def dim(self) -> int:
        return len(self.start)

    @property
    def smoothness(self) -> float:
        return float(self.weights @ np.sum(self.directions**2, axis=1)) * self.shape.curved

    @property
    def gap(self) -> float:
        return float(self.value(self.start))

    def steepest(self) -> Array:
        """A bound of |df/dx_k| for each k."""
        return self.weights @ abs(self.directions) * self.shape.steepest

    def largest(self) -> float:
        """G with E_t g_k^2 <= G^2: the noise has mean square n_k^2."""
        return float(np.sqrt((self.steepest() ** 2 + self.noise**2).max()))

    def almost_surely(self) -> float:
        """A bound of |g_k|, whatever the noise."""
        return float((self.steepest() + abs(self.noise) * np.maximum(*self.outcomes())[:, None]).max())

    def value(self, x: Array) -> Array:
        return self.shape.value(x @ self.directions.T) @ self.weights

    def gradient(self, x: Array) -> Array:
        return self.shape.slope(x @ self.directions.T) * self.weights @ self.directions

    def outcomes(self) -> tuple[Array, Array]:
        """Sizes of the two numbers, first < 0 < second: mean 0, mean square 1."""
        odds = self.chance / (1 - self.chance)
        return np.sqrt(odds), 1 / np.sqrt(odds)

    # All paths

    def second(self, t: int) -> Array:
        """(2^T,): whether a path takes the second number at step t, counted from 0."""
        return (np.arange(2**self.steps) >> t & 1).astype(bool)

    def noisy(self, x: Array, t: int) -> Array:
        """(2^T, d): the gradient of every path at its point."""
        first, second = self.outcomes()
        r = np.where(self.second(t), second[t], -first[t])
        return self.gradient(x) + r[:, None] * self.noise[t]

    def chances(self) -> Array:
        """(2^T,): of every path."""
        found = np.ones(2**self.steps)
        for t in range(self.steps):
            found *= np.where(self.second(t), self.chance[t], 1 - self.chance[t])
        return found

    def given_the_past(self, values: Array, t: int) -> Array:
        """E_t of values that paths have after step t: over the two outcomes of that step alone."""
        paths = np.arange(2**self.steps)
        return self.chance[t] * values[paths | 1 << t] + (1 - self.chance[t]) * values[paths & ~(1 << t)]


def problem(random: np.random.Generator, steps: int, dim: int) -> Problem:
    """A random one; sizes spread over two orders of magnitude."""
    pieces = dim if dim == 1 else dim + 1
    return Problem(
        SHAPES[random.integers(3)],
        10 ** random.uniform(-1, 1, pieces),
        random.normal(size=(pieces, dim)) if dim > 1 else np.ones((1, 1)),
        random.normal(size=dim) * 2,
        random.normal(size=(steps, dim)) * 10 ** random.uniform(-1.5, 1),
        random.uniform(0.1, 0.9, steps),
    )


def stationarity(p: Problem, points: list[Array], weights: Array, power: float) -> float:
    """(E |grad f(x_tau)|^power)^(2/power), P(tau = t) proportional to weights. points: (2^T, d) for each step."""
    chances = p.chances()
    each = [float(chances @ np.linalg.norm(p.gradient(x), axis=1) ** power) for x in points]
    return float(np.dot(weights, each) / np.sum(weights)) ** (2 / power)


# One run of Generic Adam by hand, with every quantity of the proof


@dataclass(frozen=True)
class Moment:
    """What the proof speaks of at one step; arrays (2^T, d). sized: s_t, expected: st_t; moved: D_t."""

    x: Array
    g: Array
    m: Array
    v: Array
    sized: Array
    expected: Array
    moved: Array


@dataclass(frozen=True)
class Settings:
    """Sequences (T,), and v_0."""

    alpha: Array
    beta1: Array
    beta2: Array
    inside: Array
    outside: Array
    v_start: float


def by_hand(p: Problem, s: Settings) -> Iterator[Moment]:
    """v = b v + (1 - b) g^2, m = a m + (1 - a) g, x = x - alpha m/(sqrt(v + inside) + outside)."""
    x = np.broadcast_to(p.start, (2**p.steps, p.dim))
    m, v = np.zeros(x.shape), np.full(x.shape, s.v_start)
    for t in range(p.steps):
        g, a, b = p.noisy(x, t), s.beta1[t], s.beta2[t]
        expected = b * v + (1 - b) * p.given_the_past(g**2, t)
        v, m = b * v + (1 - b) * g**2, a * m + (1 - a) * g
        sized, mean = (np.sqrt(value + s.inside[t]) + s.outside[t] for value in (v, expected))
        moved = -s.alpha[t] * m / sized
        yield Moment(x, g, m, v, sized, mean, moved)
        x = x + moved
