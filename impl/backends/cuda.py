"""cuda: the update as CUDA C++, one launch for the whole list of tensors.

The functions of the stages are the text that the target cpu compiles. A block takes one chunk of one tensor from a
table of chunks. With a shim a C++ compiler builds the very same text for the host, where it gives the C backend's
results to the bit (`load_on_host`). Rules without reductions, the loss or a guard are carried so far.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from driftproof.theory.errors import Refused

from .. import emit_c, nvidia, toolchain
from ..compiled import CompiledRule
from ..emit import header, names, python_function
from ..program import Program
from ..stages import Stage
from . import reference
from .torch import missing

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
    """The text behind a shim, and for each kernel a function that runs its blocks and threads one by one."""
    lines = [SHIM, text]
    for stage in (*program.stages, *program.point_stages):
        if not stage.host:
            lines += [
                "",
                f'extern "C" void {stage.name}_kernel_on_host(long long blocks, {KERNEL_PARAMETERS})',
                "{",
                "    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)",
                "        for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++)",
                f"            {stage.name}_kernel(tensors, sizes, chunks, table, rows, given);",
                "}",
            ]
    return "\n".join(lines) + "\n"


def load_on_host(program: Program, text: str) -> CompiledRule:
    """The same text, tables and launches on tensors in main memory: slow, and the same to the bit.

    raises: Refused without a C++ compiler, or without torch.
    """
    try:
        import torch

        from ._torch import LaunchEngine
    except ImportError as error:
        raise missing(TARGET) from error

    library = toolchain.load(toolchain.build(host_text(program, text), "c++"))

    def launch(name: str, blocks: int, arguments: Sequence[int]) -> None:
        getattr(library, f"{name}_on_host")(*(ctypes.c_int64(a) for a in (blocks, *arguments)))

    engine = LaunchEngine(program, _host_functions(program), launch, CHUNK, torch.device("cpu"))
    return CompiledRule(program, f"{TARGET}, on the host", text, engine)


def load(program: Program, text: str) -> CompiledRule:
    """On the current CUDA device: compiled by NVRTC or nvcc, launched on torch's current stream.

    raises: Refused without torch, without a CUDA device, or without either compiler.
    """
    try:
        import torch

        from ._torch import LaunchEngine
    except ImportError as error:
        raise missing(TARGET) from error
    if not torch.cuda.is_available():
        raise _no_device("torch sees no CUDA device")
    device = torch.zeros(1, device="cuda").device  # also makes the device's context current
    major, minor = torch.cuda.get_device_capability(device)
    module = nvidia.Module(nvidia.cubin(text, f"sm_{major}{minor}"))

    def launch(name: str, blocks: int, arguments: Sequence[int]) -> None:
        with torch.cuda.device(device):
            module.launch(name, blocks, arguments, torch.cuda.current_stream().cuda_stream)

    engine = LaunchEngine(program, _host_functions(program), launch, CHUNK, device)
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
