"""Recurrences over many steps, printed from their SymPy equations as C, or run in Python where there is no compiler."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from driftproof.theory.errors import Refused

from . import toolchain

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Recurrence:
    """Sequences that the equations define, in order, at every step.

    equations: letter -> its value; `x_before` is x one step earlier, `x_after` one later. A letter that is defined
    here is 0 beyond the ends; one that is given has there the value at the end.
    given: letter -> values, all of one length.   fixed: letters that are the same at every step.
    """

    equations: Mapping[Symbol, Expr]
    given: Mapping[Symbol, Array]
    fixed: Mapping[Symbol, float]
    backward: bool = False

    @property
    def length(self) -> int:
        return len(next(iter(self.given.values())))

    @property
    def suffix(self) -> str:
        return "_after" if self.backward else "_before"

    @property
    def neighbours(self) -> list[str]:
        """Names of the letters that are needed at a neighbouring step."""
        used = {s.name for e in self.equations.values() for s in e.free_symbols}
        return sorted(name.removesuffix(self.suffix) for name in used if name.endswith(self.suffix))

    def is_own(self, name: str) -> bool:
        return any(s.name == name for s in self.equations)


def run(
    equations: Mapping[Symbol, Expr],
    given: Mapping[Symbol, Array],
    fixed: Mapping[Symbol, float],
    backward: bool = False,
) -> dict[Symbol, Array]:
    """The values at every step. See Recurrence for the arguments."""
    job = Recurrence(equations, given, fixed, backward)
    columns = {s: np.ascontiguousarray(v, dtype=np.float64) for s, v in given.items()}
    columns |= {s: np.empty(job.length) for s in equations}
    try:
        _in_c(job, columns)
    except Refused:
        _in_python(job, columns)
    return {s: columns[s] for s in equations}


def _in_c(job: Recurrence, columns: Mapping[Symbol, Array]) -> None:
    library = toolchain.load(toolchain.build(text(job)))
    numbers = [ctypes.c_double(x) for x in job.fixed.values()]
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in columns.values()]
    library.recurrence(ctypes.c_int64(job.length), *numbers, *pointers)


def text(job: Recurrence) -> str:
    """The C function `recurrence`."""
    pointers = [f"const double *restrict {s}_at" for s in job.given]
    pointers += [f"double *restrict {s}_at" for s in job.equations]
    end = "length - 1" if job.backward else "0"
    starts = {n: "0" if job.is_own(n) else f"{n}_at[{end}]" for n in job.neighbours}
    lines = [
        "#include <math.h>",
        "#include <stdint.h>",
        f"void recurrence({', '.join(['int64_t length', *(f'double {s}' for s in job.fixed), *pointers])})",
        "{",
        *(f"    double {n}{job.suffix} = {start};" for n, start in starts.items()),
        "    for (int64_t k = 0; k < length; k++) {",
        f"        const int64_t i = {'length - 1 - k' if job.backward else 'k'};",
        *(f"        const double {s} = {s}_at[i];" for s in job.given),
    ]
    for s, e in job.equations.items():
        lines += [f"        const double {s} = {sympy.ccode(e)};", f"        {s}_at[i] = {s};"]
    lines += [f"        {n}{job.suffix} = {n};" for n in starts]
    return "\n".join([*lines, "    }", "}", ""])


def _in_python(job: Recurrence, columns: Mapping[Symbol, Array]) -> None:
    """The same, step by step."""
    named = {s.name: a for s, a in columns.items()}
    values = {s.name: x for s, x in job.fixed.items()}
    end = -1 if job.backward else 0
    near = job.neighbours
    values |= {n + job.suffix: 0.0 if job.is_own(n) else float(named[n][end]) for n in near}
    inputs = {s.name: sorted(a.name for a in e.free_symbols) for s, e in job.equations.items()}
    functions = {s.name: sympy.lambdify(inputs[s.name], e, "math") for s, e in job.equations.items()}
    for i in reversed(range(job.length)) if job.backward else range(job.length):
        values |= {s.name: float(columns[s][i]) for s in job.given}
        for name, function in functions.items():
            try:
                values[name] = function(*(values[a] for a in inputs[name]))
            except OverflowError:
                values[name] = float("inf")
            named[name][i] = values[name]
        values |= {n + job.suffix: values[n] for n in near}
