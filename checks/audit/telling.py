"""Scripts of counterexamples, run before they are given out: only one that shows a difference tells anything."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet

from .finding import Counterexample
from .script import called
from .subject import Array
from .torch_class import step_text, written

RELATIVE = 1e-9
"""Numbers that differ by less are equal, where one comes from the reference."""
NUMBERS = (1.0, -2.0, 0.5, 3.0, -0.25, 1.5, -1.0, 0.1, 2.0, -0.75)
"""Gradients, in this order."""


def printed(script: str) -> tuple[Any, Any] | None:
    """What a script says that it got, and what is right; None if it raises or does not say both."""
    seen: dict[str, Any] = {}

    def record(label: Any = "", value: Any = None, *_: Any) -> None:
        seen[str(label).strip()] = value

    try:
        with quiet(), redirect_stderr(io.StringIO()):
            exec(compile(script, "<counterexample>", "exec"), {"print": record, "__name__": "counterexample"})
    except Exception:
        return None
    return (seen["got"], seen["right"]) if {"got", "right"} <= set(seen) else None


def tells(script: str, relative: float = RELATIVE) -> bool:
    """Whether the two differ."""
    found = printed(script)
    if found is None:
        return False
    got, right = found
    try:
        a, b = np.asarray(got, dtype=float), np.asarray(right, dtype=float)
    except (TypeError, ValueError):
        return bool(got != right)
    return a.shape != b.shape or not np.allclose(a, b, rtol=relative, atol=0.0, equal_nan=True)


def first_telling(candidates: Iterable[Counterexample], relative: float = RELATIVE) -> Counterexample | None:
    """The first that shows a difference, so that they should come from small to large.

    None if none does, or if the target takes no such parameters.
    """
    try:
        return next((c for c in candidates if tells(c.script, relative)), None)
    except Exception:
        return None


def numbers(shape: tuple[int, ...], shift: int) -> Array:
    size = int(np.prod(shape))
    return np.array([NUMBERS[(shift + k) % len(NUMBERS)] for k in range(size)]).reshape(shape)


def small(shapes: Sequence[tuple[int, ...]], steps: int) -> tuple[list[Array], list[list[Array]]]:
    """Parameters and gradients of few digits."""
    start = [numbers(shape, 5 * k) for k, shape in enumerate(shapes)]
    return start, [[numbers(shape, step + 3 * k + 1) for k, shape in enumerate(shapes)] for step in range(steps)]


# Lines of scripts about torch


def tensors(names: Sequence[str], arrays: Sequence[Array], dtype: str = "float64") -> list[str]:
    return [
        f"{name} = torch.nn.Parameter(torch.tensor({written(a)}, dtype=torch.{dtype}))"
        for name, a in zip(names, arrays, strict=True)
    ]


def made(subject: Any, name: str, parameters: str, keywords: Mapping[str, Any]) -> list[str]:
    """Makes an optimizer, in the mode of training if it has one."""
    train = [f"{name}.train()"] if hasattr(subject.maker, "train") else []
    return [f"{name} = {called(subject, parameters, keywords)}", *train]


def stepper(subject: Any) -> list[str]:
    """A function of the script that makes steps: steps(optimizer, tensors, gradients)."""
    return [
        "def steps(optimizer, tensors, gradients):",
        "    for row in gradients:",
        "        for p, g in zip(tensors, row):",
        "            p.grad = None if g is None else torch.tensor(g, dtype=p.dtype)",
        f"        {step_text(subject)}",
    ]


def series(gradients: Sequence[Sequence[Any]]) -> str:
    """Gradients as literals: a list of steps, each a list with one entry per tensor."""
    return f"[{', '.join('[' + ', '.join(written(g) for g in step) + ']' for step in gradients)}]"


def plain(values: Iterable[Any]) -> list[float]:
    return [float(x) for x in values]


def telling_script(
    subject: Any, lines: Sequence[str], start: Sequence[Array], steps: int, right: str = "", why: str = ""
) -> Counterexample:
    """A script of its imports and these lines. right: where the lines do not print it, what is right, as a literal."""
    shown = [f'print("right", {right})' + (f"  # {why}" if why else "")] if right else []
    entries = sum(int(np.size(a)) for a in start)
    return Counterexample(len(start), entries, steps, "\n".join([*subject.header(), *lines, *shown]))
