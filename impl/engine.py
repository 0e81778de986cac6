"""Engines run the stages of a program on arrays. This one runs emitted Python over NumPy arrays.

A column is the list of a value's instances: one for the step, one per group, or one per tensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from driftproof.theory.errors import DriftproofError, Refused

from .program import Program
from .stages import Stage

Column = list[Any]


class NumpyEngine:
    """functions: by name of the stage, as emitted. Arrays are NumPy arrays of the storage type."""

    def __init__(self, program: Program, functions: Mapping[str, Any]) -> None:
        self.program, self.functions = program, functions
        self.storage, self.compute = program.buffers[0].storage, program.buffers[0].compute

    # Arrays at the door

    def parameter(self, value: Any, place: str, copy: bool) -> Any:
        """theta of one tensor: a copy of the storage type, or with copy=False the array itself."""
        array = self._numeric(value, place)
        if copy:
            return np.array(array, dtype=self.storage, order="C")
        if not isinstance(array, np.ndarray) or array.dtype != self.storage or not array.flags.c_contiguous:
            raise DriftproofError(
                f"{place} is not a contiguous array of {self.storage}.",
                "Without a copy it is updated where it lies.",
                "Leave copy=True, or give such an array.",
            )
        return array

    def gradient(self, value: Any, like: Any, place: str) -> Any:
        """A gradient of the parameter's shape, in the storage type; strided ones are copied."""
        array = self._numeric(value, place)
        if array.shape != like.shape:
            raise DriftproofError(f"{place} has shape {tuple(array.shape)}, its parameter {tuple(like.shape)}.")
        if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(self.storage).itemsize:
            raise too_wide(place, str(array.dtype), self.storage)
        return np.asarray(array, dtype=self.storage, order="C")

    def _numeric(self, value: Any, place: str) -> Any:
        if hasattr(value, "detach"):  # a torch tensor
            value = value.detach()
        try:
            array = np.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:
            raise DriftproofError(f"{place} is not an array of numbers in main memory.", str(error)) from error
        if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
            raise DriftproofError(
                f"{place} has type {array.dtype}.",
                "Update rules are over the reals.",
                "Give numbers of at most 64 bits.",
            )
        return array

    def fill(self, like: Any, value: float) -> Any:
        return np.full_like(like, value)

    def scalars(self, values: Column, host: bool, theta: Column) -> Any:
        """What is kept of a scalar state or output: a float64 array, one number per instance."""
        return np.array(values, dtype=np.float64)

    def loss(self, value: Any, theta: Column) -> Any:
        if hasattr(value, "detach"):
            value = value.detach()
        try:
            return np.float64(value)
        except (TypeError, ValueError) as error:
            raise DriftproofError(f"The loss {value!r} is not a number.") from error

    def number(self, value: float) -> Any:
        """A number as the host computes with it."""
        return np.float64(value)

    def instances(self, kept: Any) -> Column:
        return list(kept)

    def truth(self, value: Any) -> bool:
        return bool(value)

    def copy(self, value: Any) -> Any:
        return value.copy()

    def store(self, value: Any) -> Any:
        """A new array, rounded to the storage type."""
        return np.asarray(value, dtype=self.storage, order="C")

    def assign(self, out: Any, value: Any) -> Any:
        """Writes into `out`, rounded to its type, and returns it."""
        np.copyto(out, value)
        return out

    # Values on their way into a stage

    def quiet(self) -> AbstractContextManager[Any]:
        """IEEE 754: divisions by zero and overflows give infinities and NaN, and are no reason for a warning."""
        return np.errstate(all="ignore")

    def prepare(self, column: Column, number: int, stage: Stage, theta: Column) -> Column:
        """A column in the form in which a stage's function takes it."""
        return column

    # Stages

    def run_scalars(self, stage: Stage, columns: Sequence[Column], count: int) -> list[Column]:
        return self._each(self.functions[stage.name], columns, count, len(stage.yields))

    def run_reduce(
        self, stage: Stage, columns: Sequence[Column], groups: Sequence[int], owners: Sequence[int], count: int
    ) -> list[Column]:
        """owners: the instance of the stage's scope to which each tensor belongs; count: how many there are."""
        columns = self.spread(stage, columns, groups)
        kinds = [str(self.program.ops[n].value) for n in stage.reduces]
        sizes = [math.prod(theta.shape) for theta in columns[0]]
        rows = [row for row, size in zip(zip(*columns, strict=True), sizes, strict=True) if size]
        parts = [self.functions[stage.name](*row) for row in rows]
        full = [(owner, size) for owner, size in zip(owners, sizes, strict=True) if size]
        return [self._combine(kind, [p[k] for p in parts], full, count) for k, kind in enumerate(kinds)]

    def _combine(self, kind: str, parts: Column, full: Sequence[tuple[int, int]], count: int) -> Column:
        """Parts of the tensors that have entries, in the order of the list: added up, or their maximum."""
        totals: Column = [self.number(-math.inf if kind == "max" else 0)] * count
        entries = [self.number(0)] * count
        for part, (owner, size) in zip(parts, full, strict=True):
            totals[owner] = self._join(kind, totals[owner], part)
            entries[owner] += size
        return [t / n for t, n in zip(totals, entries, strict=True)] if kind == "mean" else totals

    def spread(self, stage: Stage, columns: Sequence[Column], groups: Sequence[int]) -> list[Column]:
        """Columns of every scope with one instance per tensor."""
        scopes = [self.program.ops[n].scope for n in stage.reads]
        return [widen(c, scope, "tensor", groups) for c, scope in zip(columns, scopes, strict=True)]

    def _join(self, kind: str, total: Any, part: Any) -> Any:
        return np.maximum(total, part) if kind == "max" else total + part

    def run_entries(
        self, stage: Stage, columns: Sequence[Column], groups: Sequence[int], targets: Sequence[Column | None]
    ) -> list[Column]:
        """The last stage: per yield, the new arrays, written into `targets` where given (old arrays or others)."""
        columns = self.spread(stage, columns, groups)
        function: Callable[..., Any] = self.functions[stage.name]
        results: list[Column] = [[] for _ in stage.yields]
        for i, arguments in enumerate(zip(*columns, strict=True)):
            try:
                values = function(*arguments)
            except (ValueError, RuntimeError) as error:
                raise self._misshapen(i, error) if stage.kind == "matrix" else error from error
            values = self._own(values, arguments)
            for result, value, target in zip(results, values, targets, strict=True):
                result.append(self.store(value) if target is None else self.assign(target[i], value))
        return results

    def _own(self, values: Sequence[Any], arguments: Sequence[Any]) -> Column:
        """The values, those that share memory with an argument copied before anything is written."""
        return [self.copy(v) if self.shares(v, arguments) else v for v in values]

    def shares(self, value: Any, arguments: Sequence[Any]) -> bool:
        """Whether a result is an argument itself, or a view."""
        return getattr(value, "base", None) is not None or any(value is a for a in arguments)

    def _misshapen(self, i: int, error: Exception) -> DriftproofError:
        return Refused(
            f"{self.program.label}: tensor {i} does not have a shape that the rule can take.",
            str(error),
            "Rules with matmul and transpose take matrices whose products are defined.",
        )

    def _each(self, function: Callable[..., Any], columns: Sequence[Column], count: int, width: int) -> list[Column]:
        rows = zip(*columns, strict=True) if columns else [()] * count
        results = [function(*row) for row in rows]
        return [list(column) for column in zip(*results, strict=True)] if results else [[] for _ in range(width)]


def widen(column: Column, scope: str, wanted: str, groups: Sequence[int]) -> Column:
    """A column of one scope with one instance per group or per tensor (of the given groups)."""
    if scope == wanted or scope == "element" or scope == "tensor":
        return column
    if scope == "global":
        return list(column) * {"global": 1, "group": max(groups, default=0) + 1}.get(wanted, len(groups))
    return [column[k] for k in groups]


def too_wide(place: str, found: str, storage: str) -> DriftproofError:
    return DriftproofError(
        f"{place} has type {found}, the rule was compiled for {storage}.",
        "Gradients are never rounded silently.",
        f"Convert it to {storage}, or compile the rule for {found}.",
    )
