"""Discriminating inputs: hyperparameters far from where mistakes hide, gradients over decades, a changing step size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from driftproof.checks.runtime.scenario import LOUD, TINY

from .subject import Array

STEPS = 20
FAR_AWAY = 20.0
SHORT = 6
SHAPES = {"mixed": ((3,), (2, 3), (2,)), "vector": ((4,),), "matrices": ((2, 3), (3, 2)), "entry": ((1,),)}


@dataclass(frozen=True)
class Plan:
    """How a target is run. shapes: a key of SHAPES.   change: whether the step size grows and then falls.

    zeros: whether the first gradient of one tensor is 0.
    """

    shapes: str = "mixed"
    change: bool = True
    zeros: bool = True

    def __str__(self) -> str:
        words = (
            [] if self.shapes == "mixed" else [f"on {self.shapes}" if self.shapes == "matrices" else "on one tensor"]
        )
        words += [] if self.change else ["at a constant step size"]
        return ", ".join([*words, *([] if self.zeros else ["where no gradient is 0"])])


PLANS = (
    Plan(),
    Plan(zeros=False),
    Plan(change=False),
    Plan("vector"),
    Plan("vector", False),
    Plan("entry"),
    Plan("entry", False),
    Plan("matrices"),
)
"""From the most telling one to those that ask least of a target."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """start: tensors.   gradients: per step, one per tensor.   letters: hyperparameters.

    factors: of eta, per step.
    """

    start: tuple[Array, ...]
    gradients: tuple[tuple[Array, ...], ...]
    letters: Mapping[str, float]
    factors: tuple[float, ...]

    def at_constant_step_size(self) -> Inputs:
        """The same where no argument of the target is the step size."""
        return replace(self, factors=(1.0,) * len(self.factors))

    @property
    def losses(self) -> tuple[float, ...]:
        """Of each step, for rules and targets that use the loss: it falls, below a bound too, and rises at times."""
        return tuple(0.2 + 3.0 * 0.8**step + 0.5 * (step % 3) for step in range(len(self.gradients)))


@lru_cache(maxsize=64)
def loud(plan: Plan, steps: int = STEPS) -> tuple[Inputs, ...]:
    """One set of inputs for each row of loud hyperparameters; the last has tiny gradients.

    The first gradients are large, one tensor's are zero at first, another's shrink, so that maxima matter. One
    tensor is far from 0, beyond the norms that some rules clamp; the last second moment starts as tiny as its
    gradients, since a constant hidden in the root would drown beside a larger one; AdaBound's bounds are wide there.
    """
    random = np.random.default_rng(20260129)
    rows = (*LOUD[:-1], {**LOUD[-1], "v0": TINY**2, "gamma": TINY})
    return tuple(_inputs(random, row, letters, plan, steps) for row, letters in enumerate(rows))


def _inputs(random: np.random.Generator, row: int, letters: Mapping[str, float], plan: Plan, steps: int) -> Inputs:
    shapes = SHAPES[plan.shapes]
    away = FAR_AWAY if row == 1 else 1.0
    start = tuple((away if k == 1 else 1.0) * (random.normal(size=shape) + 0.1) for k, shape in enumerate(shapes))
    series = []
    for step in range(steps):
        pausing = float(step > 0 or not plan.zeros) * (1 + step % 4)
        scales = [3 * 0.7**step if row == 0 else 1.0, pausing, 5.0 if step == 0 else 1.0]
        unit = TINY if row == len(LOUD) - 1 else 1.0
        series.append(tuple(unit * scales[k % 3] * random.normal(size=shape) for k, shape in enumerate(shapes)))
    factors = tuple(_factor(step / steps) if plan.change else 1.0 for step in range(steps))
    return Inputs(start, tuple(series), letters, factors)


def _factor(share: float) -> float:
    """Of the step size: it grows before it falls, so that its maximum tells from its last value."""
    return 1.0 if share < 0.35 else 1.5 if share < 0.5 else 1 / 3


def perturbed(inputs: Inputs, relative: float) -> Inputs:
    """The same with gradients and start moved in their last digits: where a run jumps then, it decides nothing."""
    random = np.random.default_rng(7)

    def moved(array: Array) -> Array:
        return array * (1 + relative * random.choice((-1.0, 1.0), size=array.shape))

    gradients = tuple(tuple(moved(g) for g in step) for step in inputs.gradients)
    return Inputs(tuple(moved(a) for a in inputs.start), gradients, inputs.letters, inputs.factors)
