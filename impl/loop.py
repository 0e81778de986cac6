"""A compiled loop: the text of `emit_loop`, built by the C compiler of this machine and called through ctypes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftproof.theory.errors import DriftproofError

from . import toolchain
from .emit_loop import LoopPlan, emit

Array = np.ndarray[Any, np.dtype[Any]]
WITHOUT_AVX512 = ("-mno-avx512f",)


@dataclass
class Memory:
    """What a run keeps between two calls, changed in place.

    kept: scalar states.   states: theta and the states per entry, shape (states, lanes).
    measured: shape (rows of the plan, lanes).
    """

    kept: Array
    states: Array
    measured: Array


@dataclass(frozen=True)
class Work:
    """What stays the same during a run. numbers: hyperparameters, in the order of the program's inputs.

    values, cuts: the table of the problem, and for branches the bounds below 2^32 up to which a word takes a value.
    """

    numbers: Array
    values: Array
    cuts: Array
    target: float
    seed: int
    threads: int


class _Run(ctypes.Structure):
    """The struct `run` of the text."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("first", "steps", "lanes", "count")),
        *((name, ctypes.c_void_p) for name in "numbers values cuts kept scalars states measured".split()),
        ("target", ctypes.c_double),
        ("seed", ctypes.c_uint64),
        ("threads", ctypes.c_int64),
    ]


class CompiledLoop:
    """raises: Refused without a C compiler, or for what a loop does not carry."""

    def __init__(self, plan: LoopPlan, avx512: bool = True) -> None:
        self.plan, self.text = plan, emit(plan)
        library = toolchain.build(self.text, flags=() if avx512 else WITHOUT_AVX512)
        self._simulate = toolchain.load(library).simulate
        self.name = "C" if avx512 else "C without AVX-512"

    def advance(self, work: Work, memory: Memory, first: int, steps: int) -> None:
        """Steps first .. first + steps - 1 of every lane."""
        from .emit_loop import SEGMENT

        scalars = np.empty((max(len(self.plan.changing), 1), SEGMENT))
        arrays = (work.numbers, work.values, work.cuts, memory.kept, scalars, memory.states, memory.measured)
        lanes = memory.states.shape[1]
        given = _Run(
            first,
            steps,
            lanes,
            len(work.values),
            *(a.ctypes.data for a in arrays),
            work.target,
            work.seed,
            work.threads,
        )
        if self._simulate(ctypes.byref(given)):
            raise DriftproofError("There was no memory for the tables of the problem.", "", "Take a shorter period.")
