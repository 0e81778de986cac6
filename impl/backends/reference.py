"""reference: readable Python over NumPy in float64. It carries every rule, and is what the others are held to."""

from __future__ import annotations

from collections.abc import Sequence

from driftproof.theory.errors import Refused

from ..compiled import CompiledRule
from ..emit import FORMS, along, along_functions, header, names, python_function
from ..engine import NumpyEngine
from ..program import Op, Program

TARGET = "reference"
LANGUAGE = "python"
DEFAULT = "float64"

CALLS = {
    "sqrt": "np.sqrt({0})",
    "exp": "np.exp({0})",
    "log": "np.log({0})",
    "abs": "np.abs({0})",
    "sign": "np.sign({0})",
    "min": "np.minimum({0}, {1})",
    "max": "np.maximum({0}, {1})",
    "and": "np.logical_and({0}, {1})",
    "or": "np.logical_or({0}, {1})",
    "not": "np.logical_not({0})",
    "isfinite": "np.isfinite({0})",
    "transpose": "{0}.T",
    "spread": "np.full_like(theta, {0})",
}
PARTS = {"sum": "np.sum({0})", "mean": "np.sum({0})", "max": "np.max({0})"}
ALONG = {
    "sum": "np.broadcast_to(np.sum(x, axis={axis}, keepdims=True), x.shape)",
    "mean": "np.broadcast_to(np.sum(x, axis={axis}, keepdims=True) / x.shape[{axis}], x.shape)",
    "max": "np.broadcast_to(np.max(x, axis={axis}, keepdims=True, initial=-np.inf), x.shape)",
}


def line(op: Op, texts: list[str], args: Sequence[Op]) -> str:
    """One operation over NumPy arrays and float64 scalars."""
    if op.code == "reduce":
        return PARTS[str(op.value)].format(*texts)
    if op.code == "along":
        return f"{along(op)}({texts[0]})"
    if op.code == "select":
        if args[0].scope == "element":
            yes, no = (f"{t}.0" if t.isdigit() else t for t in texts[1:])
            return f"np.where({texts[0]}, {yes}, {no})"
        return f"{texts[1]} if {texts[0]} else {texts[2]}"
    return (FORMS.get(op.code) or CALLS[op.code]).format(*texts)


def emit(program: Program) -> str:
    """Python text: one function per stage."""
    stages = (*program.stages, *program.point_stages)
    called = names(program)
    lines = [*header(program, TARGET, "#"), "", "import numpy as np"]
    lines += along_functions(program, ALONG)
    for stage in stages:
        lines += python_function(program, stage, called, line)
    return "\n".join(lines) + "\n"


def load(program: Program, text: str) -> CompiledRule:
    """Runs the emitted text, which is ours: it is made from the program, never read from a file.

    raises: Refused for any type but float64.
    """
    if any(b.storage != "float64" for b in program.buffers):
        raise Refused(
            f"The reference does not store {program.buffers[0].storage}.",
            "It is the measure of the others, and computes in float64.",
            'Use dtype="float64", or another target.',
        )
    namespace: dict[str, object] = {}
    exec(compile(text, f"<{program.label}, reference>", "exec"), namespace)
    return CompiledRule(program, TARGET, text, NumpyEngine(program, namespace))
