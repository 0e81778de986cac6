"""Scripts that show what a kernel does: the function is called, and its entries stand beside the rule's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .finding import Counterexample
from .kernel_bounds import expected
from .kernel_case import first, layouts_of
from .subject import Array

if TYPE_CHECKING:
    from .kernel import Failure, Sweep

SHOWN = 4
"""Entries that are printed where there are more."""


def kernel_script(sweep: Sweep, failure: Failure) -> Counterexample:
    """All entries equal if that fails too, and one step if that is enough; else the numbers of the sweep."""
    start, gradients = sweep.inputs(failure.shape, failure.dtype)
    for steps in range(1, len(gradients) + 1):
        plain = np.full(failure.shape, 0.5), [np.full(failure.shape, 1.0)] * steps
        for begin, series in (plain, (start, gradients[:steps])):
            entry = _failing(sweep, begin, series, failure)
            if entry is not None:
                return _script(sweep, begin, series, failure, entry)
    return _script(sweep, start, gradients, failure, 0)


def _failing(sweep: Sweep, start: Array, gradients: Sequence[Array], failure: Failure) -> int | None:
    """The entry that is most off, None if these inputs do not show the failure."""
    from .kernel import problems_of

    letters = sweep.settings()[failure.row]
    right = expected(sweep.variant.rule, start, gradients, letters, failure.dtype)
    found = problems_of(sweep, start, gradients, letters, failure.dtype, failure.layout, right)
    wanted = "DP955" if failure.code in ("DP957", "DP958") else failure.code
    return found.entry if any(code == wanted for code, _ in found.found) else None


def _script(sweep: Sweep, start: Array, gradients: Sequence[Array], failure: Failure, entry: int) -> Counterexample:
    letters, rule = sweep.settings()[failure.row], sweep.variant.rule
    of_parameter, of_gradient = layouts_of(failure.layout)
    right = expected(rule, start, gradients, letters, failure.dtype).values[-1]
    module, _, name = sweep.name.partition(":")
    states = ", ".join(
        f"{s.name!r}: buffer({first(s, letters)!r}, {start.shape if s.scope == 'element' else ()})" for s in rule.state
    )
    given = "".join(f", {k}={v!r}" for k, v in sweep.keywords(letters).items())
    lines = [
        f"import {'numpy' if sweep.memory.arrays == 'numpy' else 'torch'}",
        f"from {_module(module)} import {name}",
        *_buffer(sweep, failure.dtype, of_parameter, "buffer"),
        *(_buffer(sweep, failure.dtype, of_gradient, "other") if of_gradient != of_parameter else []),
        f"theta, state = buffer({_literal(start)}, {start.shape}), {{{states}}}",
        f"for step, g in enumerate([{', '.join(_literal(g) for g in gradients)}], start=1):",
        f"    grad = {'other' if of_gradient != of_parameter else 'buffer'}(g, {start.shape})",
        f"    {name}(theta, grad, state, step{given})",
        *_shown(sweep, failure, gradients, right, entry),
    ]
    return Counterexample(1, int(start.size), len(gradients), "\n".join(lines))


def _shown(
    sweep: Sweep, failure: Failure, gradients: Sequence[Array], right: Mapping[str, Array], entry: int
) -> list[str]:
    """What the kernel got, and what is right."""
    if failure.code == "DP953":
        base = "theta.base" if sweep.memory.arrays == "numpy" else "theta._base"
        return [f'print("got  ", {base}.ravel().tolist())', 'print("right: zeros wherever theta does not lie")']
    if failure.code == "DP954":
        return ['print("got  ", grad.ravel().tolist())', f'print("right", {gradients[-1].ravel().tolist()})']
    if failure.code in ("DP955", "DP957", "DP958"):
        return ['print("right: no error")']
    name = failure.said.split()[1] if failure.code == "DP956" else "theta"
    what = f"state[{name!r}]" if failure.code == "DP956" else "theta"
    values = right[name].ravel()
    begin = max(0, min(entry, values.size - SHOWN)) if name == "theta" else 0
    return [
        f'print("got  ", {what}.ravel()[{begin}:{begin + SHOWN}].tolist())',
        f'print("right", {values[begin : begin + SHOWN].tolist()})  # entries from {begin} on, by {sweep.variant}',
    ]


def _module(text: str) -> str:
    from pathlib import Path

    return Path(text).stem if text.endswith(".py") else text


def _buffer(sweep: Sweep, dtype: str, layout: str, name: str) -> list[str]:
    """A function that lays numbers out as the failing run had them."""
    library = sweep.memory.arrays
    device = "" if library == "numpy" or sweep.memory.device == "cpu" else f", device={sweep.memory.device!r}"
    kind = f"dtype={library}.{dtype}{device}"
    made = "array" if library == "numpy" else "tensor"
    size = f"int({library}.{made}(shape).prod())"
    take = {"contiguous": "", "offset": "[1:]", "strided": "[1::2]"}[layout]
    count = {"contiguous": size, "offset": f"1 + {size}", "strided": f"2 * {size}"}[layout]
    return [
        f"def {name}(values, shape):",
        f"    found = {library}.zeros({count}, {kind}){take}.reshape(shape)",
        f"    found[...] = {library}.{made}(values, {kind})",
        "    return found",
    ]


def _literal(array: Array) -> str:
    """One number where all are equal."""
    values: Any = np.unique(array)
    return repr(float(values[0])) if values.size == 1 and array.size > 1 else repr(array.tolist())
