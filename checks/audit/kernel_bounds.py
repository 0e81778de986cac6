"""What a kernel should leave in its buffers, and how far rounding in a type may move that: worked out, not chosen.

Two bounds, both by running errors of that very run. The narrow one holds for kernels that work out scalars (powers of
beta, corrections, step sizes) in float64 and round only what they do per entry. The wide one lets scalars be rounded
to the type of the entries too, at every operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from driftproof.checks.runtime.evaluate import Arithmetic, trajectory
from driftproof.checks.runtime.roundoff import ALLOWANCE, RUNNING_ERROR, UNITS, Rounded, exactly, growth, with_margin
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import theta

from .subject import Array

SMALLEST: Mapping[str, float] = {"float64": 5e-324, "float32": 2.0**-149, "float16": 2.0**-24, "bfloat16": 2.0**-133}
"""The spacing below the normal numbers, which one rounding may cost in any case."""


class Scalar(Rounded):
    """A number that is one for all entries, without error."""

    def __add__(self, other: Rounded) -> Rounded:
        return _kept(self, other, super().__add__(other))

    def __mul__(self, other: Rounded) -> Rounded:
        return _kept(self, other, super().__mul__(other))


def _kept(a: Rounded, b: Rounded, value: Rounded) -> Rounded:
    return scalar(value.value) if isinstance(b, Scalar) else value


def scalar(value: Any) -> Scalar:
    array = np.asarray(value, dtype=np.float64)
    return Scalar(array, np.zeros_like(array))


def _of_scalars(function: Callable[..., Rounded]) -> Callable[..., Rounded]:
    """The function, without error where all its arguments are scalars."""

    def applied(*values: Any) -> Rounded:
        found = function(*values)
        return scalar(found.value) if all(isinstance(v, Scalar) for v in values if isinstance(v, Rounded)) else found

    return applied


def _select(pairs: Sequence[tuple[Any, Rounded]]) -> Rounded:
    found = RUNNING_ERROR.select(pairs)
    alone = all(isinstance(v, Scalar) and np.ndim(c) == 0 for c, v in pairs)
    return scalar(found.value) if alone else Rounded(found.value, found.error)


def per_entry(margin: float) -> Arithmetic:
    """Running errors of what is done per entry; scalars are exact. margin: as roundoff.with_margin."""
    return replace(
        RUNNING_ERROR,
        number=lambda fraction: scalar(RUNNING_ERROR.number(fraction).value),
        power=_of_scalars(RUNNING_ERROR.power),
        functions={kind: _of_scalars(function) for kind, function in with_margin(margin).functions.items()},
        select=_select,
    )


@dataclass(frozen=True, eq=False)
class Expected:
    """After each step, by buffer ("theta" and the names of states): the value, and both bounds, one per entry."""

    values: tuple[Mapping[str, Array], ...]
    narrow: tuple[Mapping[str, Array], ...]
    wide: tuple[Mapping[str, Array], ...]

    def first(self, count: int) -> Expected:
        """Of the first entries alone, for a rule that works entry by entry."""
        parts = (self.values, self.narrow, self.wide)
        return Expected(*(tuple({n: a[:count] for n, a in step.items()} for step in part) for part in parts))


def expected(
    rule: UpdateRule, start: Array, gradients: Sequence[Array], letters: Mapping[str, float], dtype: str
) -> Expected:
    """A run of the rule. raises: Refused for a rule that does not have one gradient at theta."""
    larger = growth(dtype)
    margin = ALLOWANCE * larger
    kinds = ((with_margin(margin), exactly), (per_entry(margin), scalar))
    whole, entries = (_run(rule, start, gradients, letters, *how) for how in kinds)
    values = tuple({name: r.value for name, r in step.items()} for step in whole)
    floor = [_floor(step, dtype, number) for number, step in enumerate(values, start=1)]
    narrow = tuple(
        {n: ALLOWANCE * (a[n].error + (larger * b[n].error if dtype != "float64" else 0.0)) + low[n] for n in a}
        for a, b, low in zip(whole, entries, floor, strict=True)
    )
    wide = tuple(
        {n: ALLOWANCE * larger * a[n].error + low[n] for n in a} for a, low in zip(whole, floor, strict=True)
    )
    return Expected(values, narrow, wide)


def _floor(step: Mapping[str, Array], dtype: str, number: int) -> dict[str, Array]:
    """What it costs to store a number, even one that nothing was done to."""
    return {name: UNITS[dtype] * np.abs(a) + ALLOWANCE * number * SMALLEST[dtype] for name, a in step.items()}


def _run(
    rule: UpdateRule,
    start: Array,
    gradients: Sequence[Array],
    letters: Mapping[str, float],
    arithmetic: Arithmetic,
    given: Callable[[Any], Rounded],
) -> list[dict[str, Rounded]]:
    settings = [{name: given(value) for name, value in letters.items()}] * len(gradients)
    shape = np.shape(start)
    path = trajectory(rule, exactly(start), [exactly(g) for g in gradients], settings, arithmetic, shape)
    names = {theta: "theta", **{s.symbol: s.name for s in rule.state}}
    return [{name: _filled(state[symbol], shape) for symbol, name in names.items()} for state in path]


def _filled(value: Rounded, shape: tuple[int, ...]) -> Rounded:
    return Rounded(*(np.broadcast_to(part, shape) for part in (value.value, value.error)))
