"""The loop without a C compiler: NumPy over all lanes, step by step, with the same draws.

The functions of the stages are those of the target reference. Iterates differ from those of the compiled loop by the
rounding of fma alone: NumPy has none, and rounds a product before it is added.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .backends import reference
from .emit_loop import LoopPlan, check
from .engine import NumpyEngine
from .loop import Array, Memory, Work
from .philox import words


class NumpyLoop:
    """raises: Refused for what a loop does not carry."""

    name = "NumPy"

    def __init__(self, plan: LoopPlan) -> None:
        check(plan.program)
        self.plan = plan
        self.text = reference.emit(plan.program)
        engine = reference.load(plan.program, self.text).engine
        assert isinstance(engine, NumpyEngine)
        self._functions = engine.functions

    def advance(self, work: Work, memory: Memory, first: int, steps: int) -> None:
        """Steps first .. first + steps - 1 of every lane."""
        draws = Draws(self.plan, work, memory.states.shape[1])
        with np.errstate(all="ignore"):
            for t in range(first, first + steps):
                self._step(work, memory, t, draws.at(t))

    def _step(self, work: Work, memory: Memory, t: int, slope: Array) -> None:
        plan, known = self.plan, self._inputs(work, memory, t, slope)
        for stage in plan.program.stages:
            found = self._functions[stage.name](*(known[n] for n in stage.reads))
            known |= dict(zip(stage.yields, found, strict=True))
        before = memory.states[0].copy()
        after = {name: known[number] for name, number in plan.program.stores}
        for row, name in enumerate(plan.entry_states):
            memory.states[row] = after[name]
        for row, name in enumerate(plan.scalar_states):
            memory.kept[row] = after[name]
        self._measure(work, memory, t, slope, before)

    def _inputs(self, work: Work, memory: Memory, t: int, slope: Array) -> dict[int, Any]:
        program = self.plan.program
        known: dict[int, Any] = dict(zip(program.inputs("hyperparameter"), work.numbers, strict=True))
        known |= {n: np.float64(t) for n in program.inputs("step")}
        known |= {n: np.float64(program.ops[n].name != "dims") for n in program.inputs("shape")}
        known |= {n: slope for n in program.inputs("gradient")}
        rows = dict(zip(self.plan.entry_states, memory.states.copy(), strict=True))
        rows |= dict(zip(self.plan.scalar_states, memory.kept, strict=True))
        return known | {n: rows[program.ops[n].name] for n in (*program.inputs("theta"), *program.inputs("state"))}

    def _measure(self, work: Work, memory: Memory, t: int, slope: Array, before: Array) -> None:
        rows = dict(zip(self.plan.rows, memory.measured, strict=True))
        after = memory.states[0]
        if "hit" in rows:
            rows["hit"][(rows["hit"] == 0) & (after == work.target)] = t
        if "sum_g" in rows:
            rows["sum_gx"] += slope * before
            rows["sum_g"] += slope
        if "largest" in rows:
            rows["largest_last"][after >= rows["largest"]] = t
            rows["smallest_last"][after <= rows["smallest"]] = t
            for name, further in (("largest", after > rows["largest"]), ("smallest", after < rows["smallest"])):
                rows[f"{name}_at"][further] = t
                rows[name][further] = after[further]


class Draws:
    """The values of the problem, step by step."""

    def __init__(self, plan: LoopPlan, work: Work, lanes: int) -> None:
        self.plan, self.work, self.lanes = plan, work, np.arange(lanes)
        self._epoch, self._table = -1, np.empty((0, lanes))

    def at(self, t: int) -> Array:
        """The value of step t in every lane."""
        values, count = self.work.values, len(self.work.values)
        if self.plan.sampling == "cyclic":
            return np.full(len(self.lanes), values[(t - 1) % count])
        if self.plan.sampling == "reshuffled":
            epoch, place = divmod(t - 1, count)
            if epoch != self._epoch:
                self._epoch, self._table = epoch, self._shuffled(epoch)
            row: Array = self._table[place]
            return row
        found = words(self.work.seed, t, self.lanes)
        if not self.plan.branches:
            found = values[(found * np.uint64(count) >> np.uint64(32)).astype(np.int64)]
            return found
        chosen: Array = values[np.searchsorted(self.work.cuts, found.astype(np.int64), side="right")]
        return chosen

    def _shuffled(self, epoch: int) -> Array:
        """Shape (values, lanes): the permutation of Fisher and Yates with the words of the epoch's steps."""
        count = len(self.work.values)
        table = np.repeat(self.work.values[:, None], len(self.lanes), axis=1)
        for i in range(count):
            found = words(self.work.seed, epoch * count + i + 1, self.lanes)
            other = i + (found * np.uint64(count - i) >> np.uint64(32)).astype(np.int64)
            table[i], table[other, self.lanes] = table[other, self.lanes], table[i].copy()
        return table
