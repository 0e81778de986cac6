"""Runs of instances of theorems: the compiled rule or the class of torch, on every outcome, with rounding errors.

A run is made for every outcome of the instance in float64. Each number read from it is an interval of `ALLOWANCE` times
its running error bound (`roundoff`) on either side, which holds what the exact recursion gives; an input that is no
float to the bit brings the error of rounding it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from driftproof.impl import compile_rule
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.kernel.terms import Term
from driftproof.theory.kernel.terms import term as parsed
from driftproof.theory.proving.instance import Read, Run
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import theta

from .evaluate import trajectory, uses_loss
from .finite import Finite, Unknown, Value, whole
from .near import around, near
from .roundoff import ALLOWANCE, RUNNING_ERROR, UNIT, Rounded, exactly
from .torch_optim import Pairing, in_float64
from .torch_schedules import recipe
from .whole import joins_entries

STATES: Mapping[str, Mapping[str, str]] = {
    "Adam": {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"},
    "AdamW": {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"},
    "RMSprop": {"v": "square_avg", "b": "momentum_buffer", "m": "grad_avg"},
    "SGD": {"b": "momentum_buffer"},
}
"""Our letter of a state -> torch's key."""
SCHEDULER = 64
"""More roundings than one step size of a scheduler takes, where its formula cancels no more than one bit."""
Numbers = Mapping[str, np.ndarray]
"""theta and the states after some steps: entries of all outcomes in a row."""


@cache
def declared(text: str) -> UpdateRule:
    """The rule of a RULE string."""
    return rule_of(text)


@cache
def term(text: str) -> Term:
    """The term that a text says; the same object each time, as `Finite` wants it."""
    return parsed(text)


@dataclass(frozen=True, eq=False)
class Course:
    """What goes into a run, with errors of rounding: entries of all outcomes in a row, outcome by outcome."""

    start: Rounded
    gradients: tuple[Rounded, ...]
    settings: tuple[Mapping[str, Rounded], ...]
    losses: tuple[Rounded, ...] | None

    def letters(self, step: int) -> dict[str, float]:
        return {name: float(given.value) for name, given in self.settings[step].items()}


def reader(finite: Finite, run: Run, torch: bool, rule: UpdateRule) -> Callable[..., Value]:
    """What a name that is read has for its value."""
    course = _course(finite, run, rule)
    outcomes = len(finite.outcomes) if finite.draws else 1
    shared = joins_entries(rule) or uses_loss(rule)
    if shared and outcomes > 1:
        raise ValueError(f"{rule.label} looks at whole tensors: it is run without draws")
    errors = list(_errors(rule, course))
    if torch and run.schedule:
        errors = [{**found, "theta": found["theta"] + _of_scheduler(course, made)} for made, found in enumerate(errors)]
    found = [
        {k: x.value for k, x in _starts(rule, course).items()},
        *(_torch if torch else _compiled)(run, rule, course),
    ]

    def value(read: Read, *arguments: int) -> Value:
        names = dict(zip(read.parameters, map(whole, arguments), strict=True))
        made = finite.natural(term(read.steps), names) + read.shift + len(run.before)
        coordinate = finite.natural(term(read.coordinate), names)
        if coordinate >= len(run.start) or made >= len(found) or read.what not in found[max(made, 0)]:
            raise Unknown
        entries = found[max(made, 0)][read.what].reshape(outcomes, -1)[:, coordinate]
        radii = errors[max(made, 0)][read.what].reshape(outcomes, -1)[:, coordinate]
        numbers = tuple(around(float(x), ALLOWANCE * float(r)) for x, r in zip(entries, radii, strict=True))
        return numbers if finite.draws else numbers[0]

    return value


def _course(finite: Finite, run: Run, rule: UpdateRule) -> Course:
    times = range(-len(run.before), run.steps)
    defaults = {h.name: exactly(float(h.default)) for h in rule.hyperparameters}
    said = {k: term(v) for k, v in run.settings.items()}
    clocks = [{"t": whole(max(time, 0))} for time in times]
    settings = tuple({**defaults, **{k: _rounded([finite.value(v, at)], ()) for k, v in said.items()}} for at in clocks)
    losses = tuple(_rounded([finite.value(term(run.loss), at)], ()) for at in clocks) if run.loss else None
    start = _entries(finite, [finite.value(term(x), {}) for x in run.start])
    return Course(start, tuple(_gradients(finite, run, time) for time in times), settings, losses)


def _gradients(finite: Finite, run: Run, time: int) -> Rounded:
    """The gradients of one step."""
    if time < 0:
        return _entries(finite, [finite.value(term(x), {}) for x in run.before[time]])
    names = [{"t": whole(time), "i": whole(i)} for i in range(len(run.start))]
    return _entries(finite, [finite.value(term(run.gradient), at) for at in names])


def _entries(finite: Finite, columns: list[Value]) -> Rounded:
    """Values at the coordinates, for every outcome."""
    count = len(finite.outcomes) if finite.draws else 1
    return _rounded([c[k] if isinstance(c, tuple) else c for k in range(count) for c in columns], (-1,))


def _rounded(values: list[Any], shape: tuple[int, ...]) -> Rounded:
    """Floats, and how far they are from the numbers that they stand for."""
    intervals = [near(x) for x in values]
    floats = [x.numerator / x.denominator if isinstance(x, Fraction) else (x.low + x.high) / 2 for x in values]
    off = [0.0 if a.low == a.high else a.high - a.low for a in intervals]
    return Rounded(np.array(floats).reshape(shape), np.array(off).reshape(shape))


def _starts(rule: UpdateRule, course: Course) -> dict[str, Rounded]:
    """theta and the states before the first step; those that start at their first value have none."""
    known = {s.symbol.name: s.init for s in rule.state if not isinstance(s.init, First)}
    shape = course.start.value.shape
    filled = {k: _rounded([Fraction(int(x.p), int(x.q))] * int(np.prod(shape)), shape) for k, x in known.items()}
    return {"theta": course.start, **filled}


def _errors(rule: UpdateRule, course: Course) -> Iterator[Numbers]:
    """Running error bounds before the first step and after each."""
    names = {theta: "theta", **{s.symbol: s.symbol.name for s in rule.state}}
    shape = course.start.value.shape
    yield {name: given.error for name, given in _starts(rule, course).items()}
    for after in trajectory(rule, course.start, course.gradients, course.settings, RUNNING_ERROR, shape, course.losses):
        yield {name: np.broadcast_to(after[symbol].error, shape) for symbol, name in names.items()}


def _of_scheduler(course: Course, steps: int) -> float:
    """How far rounding in torch's step sizes may have moved theta after so many steps.

    A scheduler computes a step size from the one before, with fewer than SCHEDULER roundings of numbers that are at
    most as large as the largest step size; errors of all steps before are part of it.
    """
    largest = max(float(given["eta"].value) for given in course.settings)
    slope = max(float(np.abs(gradient.value).max()) for gradient in course.gradients)
    return SCHEDULER * UNIT * largest * slope * steps**2 / ALLOWANCE


def _compiled(run: Run, rule: UpdateRule, course: Course) -> Iterator[Numbers]:
    """The compiled rule on the reference backend, in float64."""
    compiled, names = _reference(rule), {h.name for h in rule.hyperparameters}
    state = compiled.init([course.start.value])
    for step, gradient in enumerate(course.gradients):
        loss = float(course.losses[step].value) if course.losses else None
        given = {k: v for k, v in course.letters(step).items() if k in names}
        state = compiled.step(state, [gradient.value], given, loss=loss)
        states = {name: np.broadcast_to(np.asarray(x[0]), gradient.value.shape) for name, x in state.states.items()}
        yield {"theta": np.array(state.theta[0]), **{name: np.array(x) for name, x in states.items()}}


@cache
def _reference(rule: UpdateRule) -> Any:
    return compile_rule(rule, "reference")


def _torch(run: Run, rule: UpdateRule, course: Course) -> Iterator[Numbers]:
    """The class of torch.optim, its for-loop, in float64."""
    import torch

    pairing = Pairing(run.torch, run.rule, run.options)
    parameter = torch.tensor(course.start.value, dtype=torch.float64, requires_grad=True)
    first = pairing.arguments(course.letters(0)) | ({"lr": float(Fraction(run.lr))} if run.lr else {})
    made = getattr(torch.optim, run.torch)([parameter], **first, **run.options, foreach=False)
    scheduler = recipe(run.schedule).made(made) if run.schedule else None
    for step, gradient in enumerate(course.gradients):
        if scheduler is None:
            made.param_groups[0].update(pairing.arguments(course.letters(step)))
        parameter.grad = torch.tensor(gradient.value, dtype=torch.float64)
        with in_float64():
            made.step()
        if scheduler is not None:
            scheduler.step()
        kept = made.state[parameter]
        states = {letter: kept[key] for letter, key in STATES[run.torch].items() if kept.get(key) is not None}
        yield {name: x.detach().numpy().copy() for name, x in {"theta": parameter, **states}.items()}
