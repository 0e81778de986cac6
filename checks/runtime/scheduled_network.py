"""SGD with scheduled step sizes and batches on real images, beside what the bound predicts: an experiment, no proof.

The network of `digits` (64 - 32 - 10, tanh, cross-entropy, float64) by NumPy alone, several replicas at once: the same
start, batches of their own, drawn with replacement. f is the loss on all 1500 images. Measured at one step of each
epoch, drawn evenly, and after the last: f, |grad f|^2, and the variance of one image's gradient over all images, which
is exact there. Weighted by their epochs these are an unbiased estimate for the iterate that the bound is about.

    sigma2  the largest of these variances (means over replicas);
    L       the largest of |lambda|, by Lanczos' method on the Hessian of f there (first replica), and of
            |grad f(x) - grad f(y)|/|x - y| between points measured one after the other (all replicas);
    gap     f at the start: f >= 0.

The bound asks for an L and sigma2 that hold wherever the run may go, which nothing here shows: the L is an estimate
from below. What is said of the bound with these numbers is measured, not proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from driftproof.impl.planned_values import values
from driftproof.theory.plan import Layout, Plan
from driftproof.theory.planned import planned
from driftproof.theory.sgd_bound import Inputs

from . import seeds
from .digits import CLASSES, HIDDEN, TRAINING, digits, start
from .scheduled import Scheduled, scheduled

if TYPE_CHECKING:
    from driftproof.impl.sequences import Array

SHAPES = ((64, HIDDEN), (1, HIDDEN), (HIDDEN, CLASSES), (1, CLASSES))
BLOCKS = 5
CHUNK = 125
PRODUCTS, PROBE = 8, 1e-4
"""Products with the Hessian for an eigenvalue; and the step of their central differences, along unit vectors."""


def contenders(epochs: int) -> Mapping[str, tuple[str, str]]:
    """Name -> step sizes and batch sizes: the paper's four, from 0.1 to 0.2, batches doubled from block to block."""
    warm = max(epochs // 10, 1)
    growing = "exponential(8, 2)"
    return {
        "(i) constant": ("0.1", "32"),
        "(i) cosine": ("cosine(0.1)", "32"),
        "(ii) constant": ("0.1", growing),
        "(ii) cosine": ("cosine(0.1)", growing),
        "(iii) both grow": ("exponential(0.1, 2**(1/4))", growing),
        "(iv) warm-up": (f"warmup(exponential(0.1, 2**(1/{warm}), every=1), {warm}, 0.2)", growing),
    }


@dataclass(frozen=True)
class Network:
    """theta: a row of all parameters for each replica. Losses and gradients at images x (rows) with digits y.

    x has shape (replicas or 1, images, 64), y (replicas or 1, images).
    """

    theta: Array

    def parts(self) -> list[Any]:
        ends = np.cumsum([a * b for a, b in SHAPES])[:-1]
        cut = np.split(self.theta, ends, axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(cut, SHAPES, strict=True)]

    def backward(self, x: Any, y: Any) -> tuple[Any, ...]:
        """(mean loss, hidden units, derivatives by the hidden sums, derivatives by the scores), by image."""
        W, c, V, d = self.parts()
        hidden = np.tanh(x @ W + c)
        scores = hidden @ V + d
        scores = scores - scores.max(-1, keepdims=True)
        total = np.exp(scores).sum(-1, keepdims=True)
        right = np.arange(CLASSES) == y[..., None]
        loss = -np.where(right, scores - np.log(total), 0.0).sum(-1).mean(-1)
        of_scores = np.exp(scores) / total - right
        return loss, hidden, (of_scores @ V.swapaxes(1, 2)) * (1 - hidden**2), of_scores

    def gradient(self, x: Any, y: Any) -> Array:
        """Of the mean loss: a row for each replica."""
        return self.measured(x, y)[2]

    def measured(self, x: Any, y: Any) -> tuple[Array, Array, Array]:
        """(mean loss, mean |gradient of one image|^2, mean gradient).

        |grad f_i|^2 of a layer is |what goes in|^2 + 1, for its constant, times |derivative by its sums|^2.
        """
        loss, hidden, inner, outer = self.backward(x, y)
        sums = x.swapaxes(1, 2) @ inner, inner.sum(1), hidden.swapaxes(1, 2) @ outer, outer.sum(1)
        gradient = np.concatenate([part.reshape(len(self.theta), -1) / y.shape[1] for part in sums], axis=1)
        squares = (inner**2).sum(-1) * ((x**2).sum(-1) + 1) + (outer**2).sum(-1) * ((hidden**2).sum(-1) + 1)
        return loss, squares.mean(-1), gradient

    def over(self, x: Any, y: Any) -> tuple[Array, Array, Array]:
        """(f, variance of one image's gradient, gradient of f) with f the mean loss of these images.

        A few at a time: NumPy would share larger products among threads, which costs more than it gains.
        """
        starts = range(0, y.shape[1], CHUNK)
        found = [self.measured(x[:, k : k + CHUNK], y[:, k : k + CHUNK]) for k in starts]
        share = [min(CHUNK, y.shape[1] - k) / y.shape[1] for k in starts]
        loss, squares, gradient = (sum(w * item[k] for w, item in zip(share, found, strict=True)) for k in range(3))
        return loss, squares - (gradient**2).sum(-1), gradient


def images() -> tuple[Any, Any]:
    """All images trained on, for every replica."""
    x, y = digits()
    return x[None, :TRAINING], y[None, :TRAINING]


def curvature(theta: Array, vector: Array, products: int = PRODUCTS) -> float:
    """The largest |lambda| of the Hessian of f by Lanczos' method, begun at a vector (not 0): never above the largest
    there is, but for the error of the central differences."""
    basis = [vector / np.linalg.norm(vector)]
    images_of = []
    for _ in range(products):
        v = basis[-1]
        ahead, behind = Network(np.stack([theta + PROBE * v, theta - PROBE * v])).over(*images())[2]
        images_of.append((ahead - behind) / (2 * PROBE))
        rest = images_of[-1]
        for _ in range(2):  # once leaves rounding behind
            rest = rest - sum((u @ rest) * u for u in basis)
        basis.append(rest / np.linalg.norm(rest))
    small = np.array(basis[:-1]) @ np.array(images_of).T
    return float(np.max(np.abs(np.linalg.eigvalsh((small + small.T) / 2))))


@dataclass(frozen=True)
class Point:
    """Before step `step` (from 0): sum b_t so far, and by replica f, |grad f|^2 and the variance.

    curvature: the largest estimate of L there.
    """

    step: int
    evaluations: float
    loss: Array
    squared: Array
    variance: Array
    curvature: float


@dataclass(frozen=True)
class NetworkRun:
    """points: one for each epoch, and the end."""

    plan: Plan
    points: tuple[Point, ...]

    @property
    def smallest(self) -> float:
        """The mean over replicas at the point where it is smallest: no less than the minimum over all t."""
        return float(min(p.squared.mean() for p in self.points[:-1]))

    def drawn(self, L: float) -> Array:
        """By replica: the mean of |grad f|^2 with weights eta (1 - L eta/2), by epochs."""
        eta = values(self.plan.lr, self.plan.course)[0]
        ends = np.cumsum([0, *steps_of(self.plan)])
        weights = np.add.reduceat(eta * (1 - L * eta / 2), ends[:-1])
        return np.asarray(weights @ [p.squared for p in self.points[:-1]] / weights.sum())


@dataclass(frozen=True)
class Experiment:
    """All runs, and the numbers estimated over all of them. answers: of `schedule` with these numbers."""

    runs: Mapping[str, NetworkRun]
    answers: Mapping[str, Scheduled]
    L: float
    sigma2: float
    gap: float


def steps_of(plan: Plan) -> list[int]:
    return [s.steps for s in plan.course.stretches for _ in range(s.epochs)]


@cache
def experiment(epochs: int, replicas: int, seed: int) -> Experiment:
    """The contenders over so many epochs, a multiple of five."""
    layout = Layout(samples=TRAINING, epochs=epochs, block=epochs // BLOCKS)
    plans = {name: Plan(planned(lr), planned(b), layout) for name, (lr, b) in contenders(epochs).items()}
    runs = {name: trained(plan, replicas, seed, k) for k, (name, plan) in enumerate(plans.items())}
    points = [p for run in runs.values() for p in run.points]
    L, sigma2 = max(p.curvature for p in points), max(float(p.variance.mean()) for p in points)
    gap = float(Network(beginning(seed)).over(*images())[0][0])
    inputs = Inputs(L, sigma2, gap)
    return Experiment(runs, {name: scheduled(plan, inputs) for name, plan in plans.items()}, L, sigma2, gap)


def beginning(seed: int) -> Array:
    """All parameters at the start, one row."""
    return np.concatenate([part.reshape(-1) for part in start(seed)])[None]


def trained(plan: Plan, replicas: int, seed: int, place: int = 0) -> NetworkRun:
    """All replicas through the plan; place: of its random numbers."""
    random, x, y = seeds.generator(seed, 3, place), *(a[0] for a in images())
    eta, b = values(plan.lr, plan.course)[0], values(plan.batch, plan.course)[0].astype(int)
    theta, t, seen = np.repeat(beginning(seed), replicas, axis=0), 0, Seen()
    for steps in steps_of(plan):
        at = t + int(random.integers(steps))
        for _ in range(steps):
            if t == at:
                seen.look(t, int(b[:t].sum()), theta)
            drawn = random.integers(TRAINING, size=(replicas, b[t]))
            theta, t = theta - eta[t] * Network(theta).gradient(x[drawn], y[drawn]), t + 1
    seen.look(t, int(b.sum()), theta)
    return NetworkRun(plan, tuple(seen.points))


class Seen:
    """Measures, and keeps what the next measurement is compared with."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.last: Sequence[Any] = ()

    def look(self, step: int, evaluations: int, theta: Array) -> None:
        loss, variance, gradient = Network(theta).over(*images())
        largest = curvature(theta[0], gradient[0])
        if len(self.last):
            before, slope = self.last
            apart = np.linalg.norm(theta - before, axis=1)
            largest = max(largest, float(np.max(np.linalg.norm(gradient - slope, axis=1) / apart)))
        self.last = theta, gradient
        self.points.append(Point(step, evaluations, loss, (gradient**2).sum(1), variance, largest))
