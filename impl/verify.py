"""Emitted code equals the rule: the text is run on 200-bit intervals and compared with the equations themselves.

`compare(rule, target, seed)` emits the text, runs its functions on intervals over a few steps, evaluates the
rule's equations directly on their SymPy trees at the same values, and returns the worst relative gap. Both sides
enclose the exact value, so equality shows as a gap near 2^-200 times the condition of the formula; LIMIT leaves 50
bits for that. A wrong sign, operation or constant gives a gap of order 1, or an infinite one.

The arithmetic is that of the reals: rounding, NaN and infinities are the business of other tests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule

from . import interval
from .backends import backend
from .compiled import CompiledRule
from .engine import Column, NumpyEngine, widen
from .equations import Equations
from .interpret import MAXIMUM, functions
from .interval import Interval, Undecided
from .lower import lower
from .program import Program
from .stages import Stage
from .state import RuleState

LIMIT = 2.0**-150
STEPS = (1, 2, 3, 50)
"""The steps t that are looked at: the first ones, where rules branch, and one well beyond."""
ATTEMPTS = 20
"""How often other random inputs are tried when intervals cannot decide a branch."""
GROUPS = (0, 1, 0)


def compare(
    rule: UpdateRule, target: str, seed: int = 0, program: Program | None = None, text: str | None = None
) -> float:
    """The worst relative gap between what the emitted text computes and what the rule's equations say.

    program, text: others than those made from the rule, as a test of this test gives them.
    returns: at most about 1e-55 for equal mathematics; infinite where a value is not finite on one side.
    raises: Refused, by name, for what the target cannot carry, and where ATTEMPTS random inputs leave a branch
    undecided; NotReadable for a text in another form.
    """
    chosen = backend(target)
    program = program or lower(rule, chosen.DEFAULT)
    found = functions(program, chosen.emit(program) if text is None else text, chosen.LANGUAGE)
    compiled = CompiledRule(program, target, "", IntervalEngine(program, found)).bind(rule)
    for attempt in range(ATTEMPTS):
        try:
            return max(gap for _, gap in _gaps(rule, compiled, random.Random(f"{seed}/{attempt}")))
        except Undecided:
            continue
    raise Refused(f"{rule.label}: {ATTEMPTS} random inputs left a branch undecided.", "", "Try another seed.")


def _gaps(rule: UpdateRule, compiled: CompiledRule, draw: random.Random) -> Iterator[tuple[str, float]]:
    """Every value that a step makes, and how far the emitted code and the equations are apart in it."""
    shapes = _shapes(compiled.program)
    state = compiled.init([_array(shape, draw) for shape in shapes], GROUPS)
    for t in STEPS:
        state.t = t - 1
        given = _settings(rule, draw)
        grads = [[_array(shape, draw) for shape in shapes] for _ in rule.gradients]
        loss = interval.number(draw.uniform(0.5, 2))
        equations = Equations(rule, state, grads, given, loss)
        for name, arrays in compiled.points(state, given).items():
            yield f"point {name}", _apart(arrays, equations.point(name))
        state = compiled.step(state, dict(zip(_draws(rule), grads, strict=True)), given, loss)
        if not state.applied:
            raise Undecided("the guard stopped the step")
        yield from _new_values(compiled, state, equations)
        state = _centred(state)


def _shapes(program: Program) -> list[tuple[int, ...]]:
    """Matrices where the rule needs them; vectors and matrices where it looks at shapes or lines."""
    if program.has(("matmul", "transpose")):
        return [(2, 3), (3, 2), (2, 2)]
    return [(2, 3), (2,), (3, 2)] if program.has(("along",)) or program.inputs("shape") else [(2,), (1,), (2,)]


def _draws(rule: UpdateRule) -> list[str]:
    return [draw.symbol.name for draw in rule.gradients]


def _new_values(compiled: CompiledRule, state: RuleState, equations: Equations) -> Iterator[tuple[str, float]]:
    expected = equations.step()
    program = compiled.program
    yield "theta", _apart(state.theta, expected["theta"])
    for name, kept in state.states.items():
        yield name, _apart(widen(list(kept), program.buffer(name).scope, "tensor", GROUPS), expected[name])
    for name, number in program.outputs:
        kept = widen(list(state.outputs[name]), program.ops[number].scope, "tensor", GROUPS)
        yield f"output {name}", _apart(kept, equations.output(name))


def _settings(rule: UpdateRule, draw: random.Random) -> list[dict[str, float]]:
    """Hyperparameters well inside their domains, different in each group and step."""
    given: list[dict[str, float]] = [{}, {}]
    for hyper in rule.hyperparameters:
        low = hyper.domain.lower
        high = hyper.domain.upper
        start = float(low) if low is not None else float(high) - 2 if high is not None else -1.0
        end = float(high) if high is not None else start + 2
        values = [start + (end - start) * draw.uniform(0.05, 0.95) for _ in given]
        for mapping, value in zip(given, values, strict=True):
            mapping[hyper.name] = values[0] if hyper.scope == "global" else value
    return given


def _array(shape: tuple[int, ...], draw: random.Random) -> Any:
    array = np.empty(shape, dtype=object)
    array.ravel()[:] = [interval.number(draw.uniform(-2, 2)) for _ in range(array.size)]
    return array


def _apart(found: Sequence[Any], expected: Sequence[Any]) -> float:
    """The largest relative gap over all entries of all tensors; infinite where the shapes differ."""
    worst = 0.0
    for one, other in zip(found, expected, strict=True):
        if not isinstance(other, np.ndarray):
            other = np.full(np.shape(one), other, dtype=object)
        if np.shape(one) != other.shape:
            return float("inf")
        pairs = zip(np.ravel(np.asarray(one, dtype=object)), other.ravel(), strict=True)
        worst = max([worst, *(interval.spread(interval.number(a), interval.number(b)) for a, b in pairs)])
    return worst


def _centred(state: RuleState) -> RuleState:
    """The state with each interval replaced by its middle, so that the next step starts from exact values."""
    state.theta = [interval.MIDDLE(a) for a in state.theta]
    for name, kept in state.states.items():
        state.states[name] = [interval.MIDDLE(a) for a in kept] if isinstance(kept, list) else interval.MIDDLE(kept)
    return state


class IntervalEngine(NumpyEngine):
    """Runs stage functions on arrays of intervals."""

    def parameter(self, value: Any, place: str, copy: bool) -> Any:
        return value.copy()

    def gradient(self, value: Any, like: Any, place: str) -> Any:
        return value

    def fill(self, like: Any, value: float) -> Any:
        return np.full(like.shape, interval.number(value), dtype=object)

    def scalars(self, values: Column, host: bool, theta: Column) -> Any:
        array = np.empty(len(values), dtype=object)
        array[:] = [interval.number(v) for v in values]
        return array

    def loss(self, value: Any, theta: Column) -> Any:
        return value

    def number(self, value: float) -> Interval:
        return interval.number(value)

    def quiet(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def prepare(self, column: Column, number: int, stage: Stage, theta: Column) -> Column:
        """Hyperparameters are floats, hence exact numbers; truth values and arrays stay."""
        return [interval.number(x) if isinstance(x, float) else x for x in column]

    def store(self, value: Any) -> Any:
        return np.asarray(value, dtype=object)

    def _join(self, kind: str, total: Any, part: Any) -> Any:
        return MAXIMUM(total, part) if kind == "max" else total + part
