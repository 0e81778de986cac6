"""cpu: generated C11, the whole list of tensors in one call.

The list is cut into equal shares of entries, one per thread; below THRESHOLD entries one thread does it all. Results
do not depend on the number of threads: entries are independent, and a reduction adds blocks of BLOCK entries, each in
8 running sums, in an order that is fixed. Sums are kept in double. Explicit fma, no contraction, no fast-math.
Takes NumPy arrays and torch tensors in main memory; strided gradients are copied.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from driftproof.theory.errors import DriftproofError

from .. import emit_c, toolchain
from ..compiled import CompiledRule
from ..emit import header, names
from ..engine import Column, NumpyEngine, widen
from ..program import Program
from ..stages import Stage

TARGET = "cpu"
LANGUAGE = "c"
DEFAULT = "float32"
BLOCK = 4096
THRESHOLD = 300_000
"""Entries of the whole list below which starting threads costs more than it gains."""

RUNTIME = f"""\
#include <stdint.h>
#include <tgmath.h>
#ifdef _OPENMP
#include <omp.h>
#endif

{emit_c.MACROS}
#define BLOCK {BLOCK}

/* tensors: their number.  table: per array its tensors' addresses.  rows, given: each tensor's row of scalars. */
typedef struct {{
    int64_t tensors;
    const int64_t *sizes;
    void *const *table;
    const int64_t *rows;
    const double *given;
    double *parts;
}} list;

typedef void (*segment)(const list *, int64_t tensor, int64_t from, int64_t to, int64_t block);

/* Units begin..end of the list, a unit being `size` entries of one tensor. */
static void walk(const list *all, segment run, int64_t size, int64_t begin, int64_t end)
{{
    int64_t first = 0;
    for (int64_t i = 0; i < all->tensors && first < end; i++) {{
        const int64_t units = (all->sizes[i] + size - 1) / size;
        const int64_t from = begin > first ? begin - first : 0;
        const int64_t to = end - first < units ? end - first : units;
        if (size == 1 && from < to)
            run(all, i, from, to, 0);
        else
            for (int64_t k = from; k < to; k++)
                run(all, i, k * size, (k + 1) * size < all->sizes[i] ? (k + 1) * size : all->sizes[i], first + k);
        first += units;
    }}
}}

/* Equal shares of the list, one per thread. */
static void share(const list *all, segment run, int64_t size, int threads)
{{
    int64_t total = 0;
    for (int64_t i = 0; i < all->tensors; i++)
        total += (all->sizes[i] + size - 1) / size;
#ifdef _OPENMP
    if (threads > 1) {{
#pragma omp parallel num_threads(threads)
        {{
            const int64_t part = omp_get_thread_num(), parts = omp_get_num_threads();
            walk(all, run, size, total * part / parts, total * (part + 1) / parts);
        }}
        return;
    }}
#endif
    walk(all, run, size, 0, total);
}}
"""

PARAMETERS = "const int64_t tensors, const int64_t *sizes, void *const *table, const int64_t *rows, const double *given"


def emit(program: Program) -> str:
    """C11: one function per stage, and for each the loop over the list. raises: Refused for matrix products."""
    emit_c.check(program, TARGET)
    called = names(program)
    lines = [*header(program, TARGET, "//"), "", *emit_c.types(program), "", *RUNTIME.splitlines()]
    for stage in (*program.stages, *program.point_stages):
        lines += emit_c.function(program, stage, called, "static inline")
        if stage.kind == "scalar":
            lines += emit_c.scalar_runner(program, stage)
        elif stage.kind == "reduce":
            lines += _reduce_runner(program, stage)
        else:
            lines += _entry_runner(program, stage)
    return "\n".join(lines) + "\n"


def _opening(program: Program, stage: Stage) -> list[str]:
    _, scalars = emit_c.split_reads(program, stage)
    return [
        "",
        f"static void {stage.name}_segment(const list *all, int64_t i, int64_t from, int64_t to, int64_t block)",
        "{",
        "    void *const *table = all->table;",
        *([f"    const double *row = all->given + all->rows[i] * {len(scalars)};"] if scalars else []),
        *emit_c.loads(program, stage, "all->tensors"),
    ]


def _entry_runner(program: Program, stage: Stage) -> list[str]:
    inputs, width = len(emit_c.split_reads(program, stage)[0]), len(stage.yields)
    return [
        *_opening(program, stage),
        *(f"    storage *to{k} = (storage *)table[{inputs + k} * all->tensors + i];" for k in range(width)),
        "    (void)block;",
        "#pragma omp simd",
        "    for (int64_t k = from; k < to; k++) {",
        f"        {emit_c.results(stage)}",
        f"        {emit_c.call(program, stage, 'k')}",
        *(f"        to{k}[k] = (storage)out{k};" for k in range(width)),
        "    }",
        "}",
        "",
        f"void run_{stage.name}({PARAMETERS}, int threads)",
        "{",
        "    const list all = {tensors, sizes, table, rows, given, 0};",
        f"    share(&all, {stage.name}_segment, 1, threads);",
        "}",
    ]


def _reduce_runner(program: Program, stage: Stage) -> list[str]:
    """Parts per tensor, in `out`: for each reduction, one number per tensor."""
    kinds = [str(program.ops[n].value) for n in stage.reduces]
    width = len(kinds)
    start = ["-INFINITY" if kind == "max" else "0" for kind in kinds]
    joins = ["{0} = maximum({0}, {1});" if kind == "max" else "{0} += {1};" for kind in kinds]
    lanes = [f"    double lane{k}[8] = {{{', '.join([start[k]] * 8)}}};" for k in range(width)]
    add = [f"            {joins[k].format(f'lane{k}[j]', f'(double)out{k}')}" for k in range(width)]
    ends = []
    for k in range(width):
        ends += ["    for (int64_t j = 1; j < 8; j++)", f"        {joins[k].format(f'lane{k}[0]', f'lane{k}[j]')}"]
        ends += [f"    all->parts[block * {width} + {k}] = lane{k}[0];"]
    return [
        *_opening(program, stage),
        *lanes,
        "    for (int64_t k = from; k < to; k += 8)",
        "        for (int64_t j = 0; j < 8 && k + j < to; j++) {",
        f"            {emit_c.results(stage)}",
        f"            {emit_c.call(program, stage, 'k + j')}",
        *add,
        "        }",
        *ends,
        "}",
        "",
        f"void run_{stage.name}({PARAMETERS}, int threads, double *parts, double *out)",
        "{",
        "    const list all = {tensors, sizes, table, rows, given, parts};",
        f"    share(&all, {stage.name}_segment, BLOCK, threads);",
        "    for (int64_t i = 0, block = 0; i < tensors; i++) {",
        *(f"        double total{k} = {start[k]};" for k in range(width)),
        "        for (const int64_t end = block + (sizes[i] + BLOCK - 1) / BLOCK; block < end; block++) {",
        *(f"            {joins[k].format(f'total{k}', f'parts[block * {width} + {k}]')}" for k in range(width)),
        "        }",
        *(f"        out[{k} * tensors + i] = total{k};" for k in range(width)),
        "    }",
        "}",
    ]


def load(program: Program, text: str) -> CompiledRule:
    """Builds the text, or takes it from the cache. raises: Refused without a C compiler."""
    library = toolchain.load(toolchain.build(text))
    return CompiledRule(program, TARGET, text, CpuEngine(program, library))


class CpuEngine(NumpyEngine):
    """Runs a compiled library on NumPy arrays (a torch tensor in main memory is taken as one, sharing memory)."""

    def __init__(self, program: Program, library: ctypes.CDLL) -> None:
        super().__init__(program, {})
        self.library = library
        self.threads = _threads()

    def run_scalars(self, stage: Stage, columns: Sequence[Column], count: int) -> list[Column]:
        given = _matrix(columns, count)
        out = np.empty((count, len(stage.yields)))
        getattr(self.library, f"run_{stage.name}")(ctypes.c_int64(count), _address(given), _address(out))
        return [list(column) for column in out.T]

    def run_reduce(
        self, stage: Stage, columns: Sequence[Column], groups: Sequence[int], owners: Sequence[int], count: int
    ) -> list[Column]:
        work = _Work(self, stage, columns, groups, [])
        blocks = sum(-(-size // BLOCK) for size in work.sizes.tolist())
        width = len(stage.reduces)
        parts, out = np.empty((blocks, width)), np.empty((width, len(groups)))
        self._call(stage, work, _address(parts), _address(out))
        kinds = [str(self.program.ops[n].value) for n in stage.reduces]
        full = list(zip(owners, work.sizes.tolist(), strict=True))
        return [self._combine(kind, list(row), full, count) for kind, row in zip(kinds, out, strict=True)]

    def run_entries(
        self, stage: Stage, columns: Sequence[Column], groups: Sequence[int], targets: Sequence[Column | None]
    ) -> list[Column]:
        theta = columns[0]
        made = [[np.empty_like(a) for a in theta] if t is None else t for t in targets]
        self._call(stage, _Work(self, stage, columns, groups, made))
        return made

    def _call(self, stage: Stage, work: _Work, *more: Any) -> None:
        threads = self.threads if int(work.sizes.sum()) >= THRESHOLD else 1
        tables = (work.sizes, work.table, work.rows, work.given)
        arguments = [ctypes.c_int64(len(work.sizes)), *(_address(a) for a in tables), ctypes.c_int(threads), *more]
        getattr(self.library, f"run_{stage.name}")(*arguments)


class _Work:
    """The tables of one call: sizes, addresses of every array, and each tensor's row of scalars."""

    def __init__(
        self,
        engine: CpuEngine,
        stage: Stage,
        columns: Sequence[Column],
        groups: Sequence[int],
        targets: Sequence[Column],
    ) -> None:
        ops = engine.program.ops
        pairs = list(zip(stage.reads, columns, strict=True))
        arrays = [column for n, column in pairs if ops[n].scope == "element"]
        scalars = [(ops[n].scope, column) for n, column in pairs if ops[n].scope != "element"]
        self.sizes = np.array([a.size for a in columns[0]], dtype=np.int64)
        theta, kind = columns[0], np.dtype(engine.storage)
        found = [_place(a, like, kind, False) for c in arrays for a, like in zip(c, theta, strict=True)]
        found += [_place(a, like, kind, True) for c in targets for a, like in zip(c, theta, strict=True)]
        self.table = np.array(found, dtype=np.uint64)
        finest = "tensor" if any(scope == "tensor" for scope, _ in scalars) else "group"
        self.rows = np.array(range(len(groups)) if finest == "tensor" else groups, dtype=np.int64)
        self.given = self._rows([widen(c, s, finest, groups) for s, c in scalars], len(groups))

    def _rows(self, columns: Sequence[Column], tensors: int) -> np.ndarray[Any, Any]:
        return _matrix(columns, len(columns[0]) if columns else tensors)


def _place(array: Any, like: Any, kind: Any, written: bool) -> int:
    """The address of an array. C reads and writes there, so each is looked at: type, shape, contiguous, writable."""
    fits = array.flags.carray if written else array.flags.c_contiguous
    if array.dtype != kind or array.shape != like.shape or not fits:
        raise DriftproofError(
            f"An array of the state is {array.dtype}{array.shape}, not a contiguous, writable {kind}{like.shape}.",
            "The state was changed since init.",
            "Assign values with array[...] = value, and give `out` a state of the same shapes.",
        )
    if array.size and array.flags.writeable:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # a third of the time of the line below
    return int(array.__array_interface__["data"][0])


def _matrix(columns: Sequence[Column], count: int) -> np.ndarray[Any, Any]:
    """Columns side by side, as contiguous rows of float64."""
    if not columns:
        return np.zeros((count, 0))
    return np.array(list(zip(*columns, strict=True)), dtype=np.float64).reshape(count, len(columns))


def _address(array: np.ndarray[Any, Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _threads() -> int:
    """OMP_NUM_THREADS, else the processors that this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted):
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
