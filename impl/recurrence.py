"""Recurrences over many steps, printed from their SymPy equations as C, or as Python where there is no compiler."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from driftproof.theory.errors import Refused

from . import toolchain

Array = np.ndarray[Any, np.dtype[Any]]


def run(
    equations: Mapping[Symbol, Expr],
    given: Mapping[Symbol, Array],
    fixed: Mapping[Symbol, float],
    backward: bool = False,
) -> dict[Symbol, Array]:
    """The sequences that the equations define, in order, at every step.

    equations: letter -> its value; `x_before` is x one step earlier, `x_after` one later. A letter that is defined
    here is 0 beyond the ends; one that is given has there the value at the end.
    given: letter -> values, all of one length.   fixed: letters that are the same at every step.
    """
    names = [*given, *equations]
    length = len(next(iter(given.values())))
    columns = {s: np.ascontiguousarray(v, dtype=np.float64) for s, v in given.items()}
    columns |= {s: np.empty(length) for s in equations}
    arguments = [columns[s] for s in names]
    try:
        _in_c(equations, list(given), list(fixed), arguments, list(fixed.values()), length, backward)
    except Refused:
        _in_python(equations, list(given), list(fixed), arguments, list(fixed.values()), length, backward)
    return {s: columns[s] for s in equations}


def _neighbours(equations: Mapping[Symbol, Expr], suffix: str) -> list[str]:
    used = {s.name for e in equations.values() for s in e.free_symbols}
    return sorted(name.removesuffix(suffix) for name in used if name.endswith(suffix))


def _in_c(
    equations: Mapping[Symbol, Expr],
    given: Sequence[Symbol],
    fixed: Sequence[Symbol],
    arrays: list[Array],
    numbers: list[float],
    length: int,
    backward: bool,
) -> None:
    library = toolchain.load(toolchain.build(text(equations, given, fixed, backward)))
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in arrays]
    library.recurrence(ctypes.c_int64(length), *(ctypes.c_double(x) for x in numbers), *pointers)


def text(equations: Mapping[Symbol, Expr], given: Sequence[Symbol], fixed: Sequence[Symbol], backward: bool) -> str:
    """The C function `recurrence`."""
    suffix = "_after" if backward else "_before"
    near = _neighbours(equations, suffix)
    own = {s.name for s in equations}
    pointers = [*(f"const double *restrict {s}_at" for s in given), *(f"double *restrict {s}_at" for s in equations)]
    end = "length - 1" if backward else "0"
    lines = [
        "#include <math.h>",
        "#include <stdint.h>",
        f"void recurrence({', '.join(['int64_t length', *(f'double {s}' for s in fixed), *pointers])})",
        "{",
        *(f"    double {n}{suffix} = {'0' if n in own else f'{n}_at[{end}]'};" for n in near),
        "    for (int64_t k = 0; k < length; k++) {",
        f"        const int64_t i = {'length - 1 - k' if backward else 'k'};",
        *(f"        const double {s} = {s}_at[i];" for s in given),
    ]
    for s, e in equations.items():
        lines += [f"        const double {s} = {sympy.ccode(e)};", f"        {s}_at[i] = {s};"]
    lines += [f"        {n}{suffix} = {n};" for n in near]
    return "\n".join([*lines, "    }", "}", ""])


def _in_python(
    equations: Mapping[Symbol, Expr],
    given: Sequence[Symbol],
    fixed: Sequence[Symbol],
    arrays: list[Array],
    numbers: list[float],
    length: int,
    backward: bool,
) -> None:
    """The same, step by step."""
    suffix = "_after" if backward else "_before"
    near = _neighbours(equations, suffix)
    own = {s.name for s in equations}
    names = [*(s.name for s in given), *(s.name for s in equations)]
    columns = dict(zip(names, arrays, strict=True))
    values = dict(zip((s.name for s in fixed), numbers, strict=True))
    values |= {n + suffix: 0.0 if n in own else columns[n][-1 if backward else 0] for n in near}
    compiled = [(s.name, [a.name for a in sorted(e.free_symbols, key=str)], e) for s, e in equations.items()]
    functions = [(name, inputs, sympy.lambdify(inputs, e, "math")) for name, inputs, e in compiled]
    for i in reversed(range(length)) if backward else range(length):
        values |= {s.name: float(columns[s.name][i]) for s in given}
        for name, inputs, function in functions:
            try:
                values[name] = function(*(values[a] for a in inputs))
            except OverflowError:
                values[name] = float("inf")
            columns[name][i] = values[name]
        values |= {n + suffix: values[n] for n in near}
