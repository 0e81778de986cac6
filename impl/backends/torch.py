"""torch: readable Python over torch operations, for any floating type and device; torch.compile takes it on top.

What depends on hyperparameters and t alone stays on the host as Python numbers. Scalars that come from reductions
or the loss stay on the device in float64. A step waits for the device only where the rule has a guard, which it
must read. Half-precision storage computes in float32. Emitting needs no torch; loading does.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftproof.theory.errors import Refused

from ..compiled import CompiledRule
from ..emit import FORMS, along, along_functions, header, names, python_function
from ..program import Op, Program
from . import reference

TARGET = "torch"
LANGUAGE = "python"
DEFAULT = "float32"

CALLS = {
    "sqrt": "torch.sqrt({0})",
    "exp": "torch.exp({0})",
    "log": "torch.log({0})",
    "abs": "torch.abs({0})",
    "sign": "torch.where({0} != {0}, {0}, torch.sign({0}))",
    "and": "{0} & {1}",
    "or": "{0} | {1}",
    "not": "torch.logical_not({0})",
    "isfinite": "torch.isfinite({0})",
    "transpose": "{0}.T",
}
PARTS = {
    "sum": "torch.sum({0}, dtype=torch.float64)",
    "mean": "torch.sum({0}, dtype=torch.float64)",
    "max": "torch.amax({0})",
}


ALONG = {
    kind: f"x.{name}(dim={{axis}}, keepdim=True).expand_as(x)"
    for kind, name in (("sum", "sum"), ("mean", "mean"), ("max", "amax"))
}


def line(op: Op, texts: list[str], args: Sequence[Op]) -> str:
    """One operation over tensors; values known on the host are Python numbers in work per entry."""
    if op.host:
        return reference.line(op, texts, args)
    number = [a.code == "const" or (op.scope == "element" and a.host) for a in args]
    if op.code == "reduce":
        return PARTS[str(op.value)].format(*texts)
    if op.code == "along":
        return f"{along(op)}({texts[0]})"
    if op.code == "spread":
        return f"torch.full_like(theta, {texts[0]})" if number[0] else f"torch.zeros_like(theta) + {texts[0]}"
    if op.code in ("min", "max"):
        return _extreme(op.code, texts, number)
    if op.code == "select":
        return _select(op, texts, number)
    return (FORMS.get(op.code) or CALLS[op.code]).format(*texts)


def _extreme(code: str, texts: list[str], number: list[bool]) -> str:
    if any(number):
        value, bound = texts if number[1] else texts[::-1]
        return f"torch.clamp_{'min' if code == 'max' else 'max'}({value}, {bound})"
    return f"torch.{code}imum({texts[0]}, {texts[1]})"


def _select(op: Op, texts: list[str], number: list[bool]) -> str:
    condition, yes, no = texts
    if number[0]:
        return f"{yes} if {condition} else {no}"
    if number[1] and number[2]:
        # Two numbers alone would take torch's default type.
        kind = "theta.dtype" if op.scope == "element" else "torch.float64"
        yes = f"torch.full_like({condition}, {yes}, dtype={kind})"
    return f"torch.where({condition}, {yes}, {no})"


def emit(program: Program) -> str:
    """Python text: one function per stage."""
    called = names(program)
    lines = [*header(program, TARGET, "#"), "", "import numpy as np", "import torch"]
    lines += along_functions(program, ALONG)
    for stage in (*program.stages, *program.point_stages):
        lines += python_function(program, stage, called, line)
    return "\n".join(lines) + "\n"


def load(program: Program, text: str) -> CompiledRule:
    """Runs the emitted text, which is ours: it is made from the program, never read from a file.

    raises: Refused where torch is not installed.
    """
    try:
        from ._torch import TorchEngine
    except ImportError as error:
        raise missing(TARGET) from error
    namespace: dict[str, object] = {}
    exec(compile(text, f"<{program.label}, torch>", "exec"), namespace)
    return CompiledRule(program, TARGET, text, TorchEngine(program, namespace))


def missing(target: str) -> Refused:
    """What to say where a target runs on torch and torch is not there."""
    return Refused(
        f"The target {target} runs on torch, which is not installed.",
        "Its source can be emitted without torch, but not run.",
        'pip install "driftproof[torch]"',
    )
