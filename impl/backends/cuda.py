"""cuda: the update as CUDA C++, one launch for the whole list of tensors.

The functions of the stages are the text that the target cpu compiles. A block takes one chunk of one tensor from a
table of chunks. `host_text` adds a shim with which a C++ compiler builds the very same text for the host, where it
gives the C backend's results to the bit. Rules without reductions, the loss or a guard are carried so far.
"""

from __future__ import annotations

from driftproof.theory.errors import Refused

from .. import emit_c, nvidia
from ..compiled import CompiledRule
from ..emit import header, names, python_function
from ..program import Program
from ..stages import Stage
from . import reference

TARGET = "cuda"
LANGUAGE = "c"
DEFAULT = "float32"
CHUNK = 16384
"""Entries per block; its threads walk through them side by side, so that accesses are contiguous."""

KERNEL_PARAMETERS = (
    "long long tensors, const long long *sizes, const long long *chunks, void *const *table, "
    "const long long *rows, const double *given"
)

SHIM = """\
// Stands in for CUDA on the host: one thread after the other.
#include <cmath>
#include <cstdint>
using std::exp;
using std::fabs;
using std::fma;
using std::log;
using std::pow;
using std::sqrt;
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
static struct { unsigned x; } blockIdx, threadIdx, blockDim = {32};
"""


def emit(program: Program) -> str:
    """CUDA C++: the stages' functions, and a kernel for the work per entry. raises: Refused, by name."""
    _check(program)
    called = names(program)
    macros = emit_c.MACROS.splitlines()
    lines = [*header(program, TARGET, "//"), "", *emit_c.types(program), "", *macros, f"#define CHUNK {CHUNK}"]
    for stage in (*program.stages, *program.point_stages):
        where = "__host__ __device__" if stage.host else "__device__"
        lines += emit_c.function(program, stage, called, f"static {where} __forceinline__")
        if not stage.host:
            lines += _kernel(program, stage)
    return "\n".join(lines) + "\n"


def _check(program: Program) -> None:
    emit_c.check(program, TARGET)
    stages = (*program.stages, *program.point_stages)
    found = ["reductions"] * any(s.kind == "reduce" for s in stages)
    found += ["the loss"] * bool(program.inputs("loss")) + ["a guard"] * (program.guard is not None)
    if found or any(s.kind == "scalar" and not s.host for s in stages):
        raise Refused(
            f"{TARGET} does not carry {' and '.join(found) or 'scalars that live on the device'}, "
            f"which {program.label} uses.",
            "Its scalars are computed on the host, before the launch.",
            "Use the target torch, on tensors of the same device.",
        )


def _kernel(program: Program, stage: Stage) -> list[str]:
    arrays, scalars = emit_c.split_reads(program, stage)
    width = len(stage.yields)
    return [
        "",
        f'extern "C" __global__ void {stage.name}_kernel({KERNEL_PARAMETERS})',
        "{",
        "    const long long i = chunks[2 * blockIdx.x], from = chunks[2 * blockIdx.x + 1];",
        "    const long long to = from + CHUNK < sizes[i] ? from + CHUNK : sizes[i];",
        *([f"    const double *row = given + rows[i] * {len(scalars)};"] if scalars else []),
        *emit_c.loads(program, stage, "tensors"),
        *(f"    storage *to{k} = (storage *)table[{len(arrays) + k} * tensors + i];" for k in range(width)),
        "    for (long long k = from + threadIdx.x; k < to; k += blockDim.x) {",
        f"        {emit_c.results(stage)}",
        f"        {emit_c.call(program, stage, 'k')}",
        *(f"        to{k}[k] = (storage)out{k};" for k in range(width)),
        "    }",
        "}",
    ]


def host_text(program: Program, text: str) -> str:
    """The text between a shim and loops over blocks and threads: a library with the C backend's functions."""
    lines = [SHIM, text]
    for stage in (*program.stages, *program.point_stages):
        if stage.host:
            lines += ['extern "C"', *emit_c.scalar_runner(program, stage)[1:]]
        else:
            lines += _host_runner(stage)
    return "\n".join(lines) + "\n"


def _host_runner(stage: Stage) -> list[str]:
    return [
        "",
        'extern "C"',
        f"void run_{stage.name}(int64_t tensors, const long long *sizes, void *const *table, const long long *rows,",
        "    const double *given, int)",
        "{",
        "    for (long long i = 0; i < tensors; i++)",
        "        for (long long from = 0; from < sizes[i]; from += CHUNK) {",
        "            const long long chunk[2] = {i, from};",
        "            for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++)",
        f"                {stage.name}_kernel(tensors, sizes, chunk, table, rows, given);",
        "        }",
        "}",
    ]


def load(program: Program, text: str) -> CompiledRule:
    """On the first CUDA device: compiled by NVRTC or nvcc, launched on torch's current stream.

    raises: Refused without a CUDA device, or without either compiler.
    """
    try:
        import torch
    except ImportError as error:
        raise _no_device("torch is not installed") from error
    if not torch.cuda.is_available():
        raise _no_device("torch sees no CUDA device")
    from .torch import LaunchEngine

    major, minor = torch.cuda.get_device_capability()
    kernels = nvidia.Module(nvidia.cubin(text, f"sm_{major}{minor}"))
    engine = LaunchEngine(program, _host_functions(program), kernels, CHUNK)
    return CompiledRule(program, TARGET, text, engine)


def _no_device(why: str) -> Refused:
    return Refused(
        "The target cuda runs on a CUDA device.",
        f"Here {why}.",
        "`driftproof compile` still emits its source; run with the target torch or cpu.",
    )


def _host_functions(program: Program) -> dict[str, object]:
    """The scalars of the host in Python, from the same program."""
    called = names(program)
    lines = ["import numpy as np"]
    for stage in (*program.stages, *program.point_stages):
        if stage.host:
            lines += python_function(program, stage, called, reference.line)
    namespace: dict[str, object] = {}
    exec(compile("\n".join(lines) + "\n", f"<{program.label}, host scalars>", "exec"), namespace)
    return namespace
