"""One run of an optimizer on several tensors in groups: what goes in, and what three readings make of it.

The compiled rule and torch are compared entry by entry; the bound on their difference comes from a third reading of
the equations that carries running errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import prod
from typing import Any

import numpy as np

from driftproof.impl import compile_rule
from driftproof.impl.compiled import CompiledRule
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import theta

from .evaluate import trajectory
from .roundoff import ALLOWANCE, RUNNING_ERROR, exactly

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Scenario:
    """shapes, groups: of each tensor.   start: one array per tensor.   gradients: per step, one array per tensor.

    settings: per step, for each group, hyperparameters by letter.
    """

    shapes: tuple[tuple[int, ...], ...]
    groups: tuple[int, ...]
    start: tuple[Array, ...]
    gradients: tuple[tuple[Array, ...], ...]
    settings: tuple[tuple[Mapping[str, float], ...], ...]

    @property
    def steps(self) -> int:
        return len(self.gradients)

    @cached_property
    def owner(self) -> Array:
        """The group of every entry, all tensors in a row."""
        sizes = [prod(shape) for shape in self.shapes]
        return np.repeat(np.asarray(self.groups, dtype=int), sizes)

    def with_defaults(self, rule: UpdateRule) -> Scenario:
        """The same with the rule's defaults for hyperparameters that have no value here."""
        defaults = {h.name: float(h.default) for h in rule.hyperparameters}
        settings = tuple(tuple({**defaults, **group} for group in step) for step in self.settings)
        return replace(self, settings=settings)

    def letters(self, step: int) -> dict[str, Array]:
        """Hyperparameters of a step, one number per entry."""
        groups = self.settings[step]
        return {name: np.array([g[name] for g in groups])[self.owner] for name in groups[0]}


LOUD: tuple[dict[str, float], ...] = (
    {"eta": 0.3, "beta1": 0.6, "beta2": 0.7, "mu": 0.55, "tau": 0.25, "eps": 0.4, "delta": 0.15, "lambda": 0.2},
    {"eta": 0.11, "beta1": 0.35, "beta2": 0.8, "mu": 0.45, "tau": 0.1, "eps": 0.05, "delta": 0.3, "lambda": 0.07},
)
"""Hyperparameters of two groups, all different and far from values at which mistakes hide."""
SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (0,), (2, 2), (5,))


def loud_scenario(random: np.random.Generator, steps: int = 50) -> Scenario:
    """Several tensors in two groups, 0-dimensional and empty ones among them.

    The first gradient of the first two tensors is zero, gradients of the third shape shrink from step to step so that
    maxima matter, and the step size changes half-way.
    """
    groups = (0, 1, 0, 1, 0)
    start = tuple(random.normal(size=shape) for shape in SHAPES)
    gradients = []
    for step in range(steps):
        scale = [step > 0, step > 0, 1.0, 3 * 0.8**step, 1 + step % 4]
        gradients.append(tuple(s * random.normal(size=shape) for s, shape in zip(scale, SHAPES, strict=True)))
    later = tuple({**group, "eta": group["eta"] / 3} for group in LOUD)
    settings = (LOUD,) * (steps // 2) + (later,) * (steps - steps // 2)
    return Scenario(SHAPES, groups, start, tuple(gradients), settings)


def flat(tensors: Sequence[Any]) -> Array:
    """All entries in a row, float64."""
    on_host = [t.cpu() if hasattr(t, "cpu") else t for t in tensors]
    parts = [np.asarray(t, dtype=np.float64).reshape(-1) for t in on_host]
    return np.concatenate(parts) if parts else np.zeros(0)


def compiled_run(rule: UpdateRule, scenario: Scenario, compiled: CompiledRule | None = None) -> Iterator[Array]:
    """theta after each step of a compiled rule; by default on the reference backend.

    Hyperparameters that the rule lacks are not given.
    """
    compiled = compiled or compile_rule(rule, "reference")
    names = {h.name for h in rule.hyperparameters}
    convert = partial(_tensor, compiled.backend)
    state = compiled.init([convert(a) for a in scenario.start], scenario.groups)
    for gradients, settings in zip(scenario.gradients, scenario.settings, strict=True):
        given = [{k: v for k, v in group.items() if k in names} for group in settings]
        state = compiled.step(state, [convert(g) for g in gradients], given)
        yield flat(state.theta)


def _tensor(target: str, array: Array) -> Any:
    """What a backend takes: torch tensors for torch, and for cuda where there is a device; else arrays."""
    if target in ("torch", "cuda"):
        import torch

        if target == "torch" or torch.cuda.is_available():
            return torch.tensor(array, device="cpu" if target == "torch" else "cuda")
    return np.asarray(array)


def allowed(rule: UpdateRule, scenario: Scenario, legs: int = 2) -> Iterator[Array]:
    """How far float64 runs may be apart after each step; legs: how many of the two compared are rounded."""
    schedule = [{k: exactly(v) for k, v in scenario.letters(step).items()} for step in range(scenario.steps)]
    gradients = [exactly(flat(g)) for g in scenario.gradients]
    for state in trajectory(rule, exactly(flat(scenario.start)), gradients, schedule, RUNNING_ERROR):
        yield legs * ALLOWANCE * state[theta].error


@dataclass(frozen=True)
class Comparison:
    """Of two runs. used: the largest difference over what is allowed.   step: the first step above it, 0 if none.

    in_steps: the largest difference over the largest step of the run.
    ulps: in units in the last place of the entry's largest value.
    """

    used: float
    step: int
    in_steps: float
    ulps: float

    @property
    def agrees(self) -> bool:
        return self.step == 0

    def __str__(self) -> str:
        return f"{self.in_steps:.2g} of the largest step apart, beyond rounding from step {self.step} on"


def _gap(a: Array, b: Array) -> Array:
    """|a - b|; 0 where both are NaN, infinite where one is."""
    return np.nan_to_num(np.where(np.isnan(a) & np.isnan(b), 0.0, np.abs(a - b)), nan=np.inf)


def _share(gap: Array, bound: Array) -> float:
    """The largest share of its bound that a gap uses; a bound that is NaN allows nothing."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shares = np.where(gap == 0, 0.0, gap / bound)
    return float(np.max(np.nan_to_num(shares, nan=np.inf), initial=0.0))


def compare(ours: Sequence[Array], theirs: Sequence[Array], bounds: Sequence[Array], start: Array) -> Comparison:
    """Entry by entry; a NaN on one side only is a difference without bound."""
    gaps = [_gap(a, b) for a, b in zip(ours, theirs, strict=True)]
    shares = [_share(gap, bound) for gap, bound in zip(gaps, bounds, strict=True)]
    first = next((number for number, share in enumerate(shares, start=1) if share > 1), 0)
    path = np.array([start, *theirs])
    if not path.size:
        return Comparison(0.0, 0, 0.0, 0.0)
    worst = np.max(gaps, axis=0)
    largest_step = float(np.max(np.abs(np.diff(path, axis=0)))) or 1.0
    unit = np.spacing(np.max(np.abs(path), axis=0))
    return Comparison(max(shares), first, float(worst.max()) / largest_step, float((worst / unit).max()))


def first_difference(ours: Iterable[Array], theirs: Iterable[Array], bounds: Iterable[Array]) -> str:
    """The step at which two runs part, or ""; `ours` runs no further than that."""
    for number, (a, b, bound) in enumerate(zip(ours, theirs, bounds, strict=False), start=1):
        gap = _gap(a, b)
        if _share(gap, bound) > 1:
            return f"{float(gap.max()):.2g} apart at step {number}"
    return ""
