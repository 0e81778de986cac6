"""One run of an optimizer on several tensors in groups: what goes in, and what three readings make of it.

The compiled rule and torch are compared entry by entry; the bound on their difference comes from a third reading of
the equations that carries running errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import prod
from typing import Any

import numpy as np

from driftproof.impl import compile_rule
from driftproof.impl.compiled import CompiledRule
from driftproof.theory.nodes import MatMul, Reduce
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import theta

from .evaluate import Arithmetic, trajectory
from .roundoff import ALLOWANCE, RUNNING_ERROR, Joined, exactly
from .whole import joins_entries

Array = np.ndarray
Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Scenario:
    """shapes, groups: of each tensor.   start: one array per tensor.   gradients: per step, one array per tensor.

    settings: per step, for each group, hyperparameters by letter.   losses: of each step, for rules that take them.
    """

    shapes: tuple[tuple[int, ...], ...]
    groups: tuple[int, ...]
    start: tuple[Array, ...]
    gradients: tuple[tuple[Array, ...], ...]
    settings: tuple[tuple[Mapping[str, float], ...], ...]
    losses: tuple[float, ...] | None = None

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

    def rounded(self, dtype: np.dtype[Any]) -> Scenario:
        """The same with every number rounded to a type, so that a run in that type starts from the same ones."""

        def values(group: Mapping[str, float]) -> dict[str, float]:
            return {name: float(dtype.type(x)) for name, x in group.items()}

        return replace(
            self,
            start=tuple(a.astype(dtype).astype(np.float64) for a in self.start),
            gradients=tuple(tuple(g.astype(dtype).astype(np.float64) for g in step) for step in self.gradients),
            settings=tuple(tuple(values(group) for group in step) for step in self.settings),
            losses=self.losses and tuple(float(dtype.type(x)) for x in self.losses),
        )

    def turned(self) -> Scenario:
        """The same with every gradient negated."""
        return replace(self, gradients=tuple(tuple(-g for g in step) for step in self.gradients))

    @cached_property
    def tensor(self) -> Array:
        """The tensor of every entry, all tensors in a row."""
        return np.repeat(np.arange(len(self.shapes)), [prod(shape) for shape in self.shapes])

    def letters(self, step: int, shared: Collection[str] = ()) -> dict[str, Array]:
        """Hyperparameters of a step, one number per entry; those shared by all groups are the first group's."""
        groups = self.settings[step]
        owner = {name: np.zeros_like(self.owner) if name in shared else self.owner for name in groups[0]}
        return {name: np.array([g[name] for g in groups])[owner[name]] for name in groups[0]}


LETTERS = """
eta   beta1 beta2 beta3 beta mu   tau  eps  delta lambda lambda2 psi alpha gamma power c   up  down low  high begin
nu1   nu2   final v0    eps1 eps2 f_star
""".split()
_VALUES = """
0.3   0.6   0.7   0.85  0.65 0.55 0.25 0.4  0.15  0.2    0.13    0.9 1.7   0.3   0.6   1.5 1.3 0.4  0.05 0.9  7
0.6   0.8   0.2   0.3   0.2  0.3  0.7
0.11  0.35  0.8   0.7   0.4  0.45 0.1  0.05 0.3   0.07   0.3     0.4 0.6   0.1   0.8   1.1 1.6 0.7  0.02 0.3  3
0.3   0.5   0.07  0.1   0.9  0.9  -0.4
0.07  0.5   0.6   0.9   0.5  0.3  0.4  3e-8 0.1   0      0       0.2 0.9   0.7   0.7   1.3 1.4 0.5  0.01 0.5  5
0.8   0.9   0.1   0.2   3e-7 0.01 0.9
""".split()
_ROWS = [map(float, _VALUES[k : k + len(LETTERS)]) for k in range(0, len(_VALUES), len(LETTERS))]
LOUD: tuple[dict[str, float], ...] = tuple(dict(zip(LETTERS, row, strict=True)) for row in _ROWS)
"""Hyperparameters of three groups, all different and far from values at which mistakes hide.

The last has a small eps and no decay, which would drown its tiny gradients.
"""
SHAPES: Shapes = ((), (3,), (0,), (2, 2), (5,), (2,))
NOT_EMPTY: Shapes = ((), (3,), (2, 3), (2, 2), (3, 2), (2,))
MATRICES: Shapes = ((2, 3), (3, 2), (2, 2), (1, 4))
TINY = 1e-7
"""Gradients of the third group are so small: the size at which a small eps, or a hidden constant, tells."""


def loud_scenario(random: np.random.Generator, steps: int = 50, shapes: Shapes = SHAPES) -> Scenario:
    """Several tensors in three groups, by default 0-dimensional and empty ones among them.

    The first gradient of the first two tensors is zero, gradients of the fourth shrink from step to step so that
    maxima matter, those of the last are tiny, and the step size changes half-way.
    """
    groups = (*(0, 1, 0, 1, 0)[: len(shapes) - 1], 2)
    start = tuple(random.normal(size=shape) for shape in shapes)
    gradients = []
    for step in range(steps):
        scale = [*[step > 0, step > 0, 1.0, 3 * 0.8**step, 1 + step % 4][: len(shapes) - 1], TINY]
        gradients.append(tuple(s * random.normal(size=shape) for s, shape in zip(scale, shapes, strict=True)))
    later = tuple({**group, "eta": group["eta"] / 3} for group in LOUD)
    settings = (LOUD,) * (steps // 2) + (later,) * (steps - steps // 2)
    return Scenario(shapes, groups, start, tuple(gradients), settings, tuple(map(_loss, range(steps))))


def _loss(step: int) -> float:
    """High at first, then small or below 0 in turn: a bound at 0 is far, near, and above the loss."""
    return 30 * 0.7**step + (step % 3) / 2 - 0.7


def shapes_for(rule: UpdateRule) -> Shapes:
    """Matrices for a rule with products of them; no empty tensor for one that takes means over a tensor."""
    expressions = [e.expression for e in rule.equations]
    if any(e.has(MatMul) for e in expressions):
        return MATRICES
    return NOT_EMPTY if any(r.kind == "mean" for e in expressions for r in e.atoms(Reduce)) else SHAPES


def flat(tensors: Sequence[Any]) -> Array:
    """All entries in a row, float64."""
    on_host = [t.cpu() if hasattr(t, "cpu") else t for t in tensors]
    parts = [np.asarray(t, dtype=np.float64).reshape(-1) for t in on_host]
    return np.concatenate(parts) if parts else np.zeros(0)


def compiled_run(rule: UpdateRule, scenario: Scenario, compiled: CompiledRule | None = None) -> Iterator[Array]:
    """theta, and outputs per entry, after each step of a compiled rule; by default on the reference backend.

    Hyperparameters that the rule lacks are not given.
    """
    compiled = compiled or compile_rule(rule, "reference")
    names, shared = {h.name for h in rule.hyperparameters}, _shared(rule)
    convert = partial(_tensor, compiled.backend)
    state = compiled.init([convert(a) for a in scenario.start], scenario.groups)
    losses = scenario.losses or (None,) * scenario.steps
    for gradients, settings, loss in zip(scenario.gradients, scenario.settings, losses, strict=True):
        given = [{k: settings[0][k] if k in shared else v for k, v in s.items() if k in names} for s in settings]
        state = compiled.step(state, [convert(g) for g in gradients], given, loss=loss)
        yield flat([*state.theta, *(a for o in rule.outputs for a in _per_entry(state.outputs[o.name], scenario))])


def _per_entry(output: Any, scenario: Scenario) -> list[Any]:
    """An output that is one number of all, of a group or of a tensor, for each entry of it."""
    if isinstance(output, list):
        return output
    numbers = flat([output])
    owners = {1: np.zeros_like(scenario.owner), max(scenario.groups) + 1: scenario.owner}
    return [numbers[owners.get(len(numbers), scenario.tensor)]]


def _shared(rule: UpdateRule) -> set[str]:
    """Hyperparameters of which all groups have the first group's value."""
    return {h.name for h in rule.hyperparameters if h.scope == "global"}


def start_of(rule: UpdateRule, scenario: Scenario) -> Array:
    """What a run starts from: theta, and each output where it would stand if nothing moved, at theta."""
    return np.tile(flat(scenario.start), 1 + len(rule.outputs))


def _tensor(target: str, array: Array) -> Any:
    """What a backend takes: torch tensors for torch, and for cuda where there is a device; else arrays."""
    if target in ("torch", "cuda"):
        import torch

        if target == "torch" or torch.cuda.is_available():
            return torch.tensor(array, device="cpu" if target == "torch" else "cuda")
    return np.asarray(array)


def allowed(
    rule: UpdateRule, scenario: Scenario, legs: int = 2, arithmetic: Arithmetic = RUNNING_ERROR
) -> Iterator[Array]:
    """How far float64 runs may be apart after each step; legs: how many of the two compared are rounded.

    arithmetic: with another margin where the bound is for another type (roundoff.with_margin).
    """
    make = _whole_runs if _tensor_by_tensor(rule) else _run_of_entries
    runs = make(rule, scenario, arithmetic)
    for states in zip(*runs, strict=True):
        errors = [s[key] for key in (theta, *(o.name for o in rule.outputs)) for s in states]
        yield legs * ALLOWANCE * flat([e.error for e in errors])


def _run_of_entries(rule: UpdateRule, scenario: Scenario, arithmetic: Arithmetic) -> list[Iterator[dict[Any, Any]]]:
    """All entries of all tensors in a row."""
    letters = (scenario.letters(step, _shared(rule)) for step in range(scenario.steps))
    schedule = [{k: exactly(v) for k, v in given.items()} for given in letters]
    gradients, start = [exactly(flat(g)) for g in scenario.gradients], exactly(flat(scenario.start))
    joined = replace(arithmetic, whole=Joined(scenario.tensor, scenario.owner))
    losses = scenario.losses and [exactly(x) for x in scenario.losses]
    return [trajectory(rule, start, gradients, schedule, joined, start.value.shape, losses)]


def _whole_runs(rule: UpdateRule, scenario: Scenario, arithmetic: Arithmetic) -> list[Iterator[dict[Any, Any]]]:
    """Tensor by tensor, for rules that look at whole tensors."""
    found = []
    for k, (start, group) in enumerate(zip(scenario.start, scenario.groups, strict=True)):
        schedule = [{n: exactly(v) for n, v in step[group].items()} for step in scenario.settings]
        gradients = [exactly(g[k]) for g in scenario.gradients]
        losses = scenario.losses and [exactly(x) for x in scenario.losses]
        found.append(trajectory(rule, exactly(start), gradients, schedule, arithmetic, np.shape(start), losses))
    return found


def _tensor_by_tensor(rule: UpdateRule) -> bool:
    """Whether a rule looks at whole tensors, and at one at a time."""
    reductions = {r.over for e in rule.equations for r in e.expression.atoms(Reduce)}
    return joins_entries(rule) and not reductions & {"group", "all"}


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
