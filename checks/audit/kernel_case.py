"""One run of a kernel: sizes, layouts and types of its buffers, and what it left in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftproof.theory.rule import First, UpdateRule

from .subject import Array

Kernel = Callable[..., Any]
GUARD = 768.0
"""What lies around a buffer, and has to lie there afterwards; every type has it."""
LAYOUTS = ("contiguous", "offset", "strided", "gradient strided", "parameter strided")
"""offset: starts one entry into its memory.   strided: every second entry of its memory."""


@dataclass(frozen=True)
class Memory:
    """Arrays of torch (on a device) or of NumPy."""

    arrays: str = "torch"
    device: str = "cpu"

    def buffer(self, values: Array, dtype: str, layout: str) -> tuple[Any, Any]:
        """(a view with these values, the memory that it is a part of)."""
        shape, step = values.shape, 2 if layout == "strided" else 1
        if layout == "contiguous":
            flat = whole = self.array(np.zeros(values.size), dtype)
        else:
            whole = self.array(np.full(values.size * step + 2, GUARD), dtype)
            flat = whole[1 : 1 + values.size * step : step]
        flat[...] = self.array(values.reshape(-1), dtype)
        return self._shaped(flat, shape), whole

    def _shaped(self, flat: Any, shape: tuple[int, ...]) -> Any:
        if self.arrays == "numpy":
            view = flat.view()
            view.shape = shape  # raises where that would be a copy
            return view
        return flat.view(shape)

    def array(self, values: Array, dtype: str) -> Any:
        if self.arrays == "numpy":
            return np.array(values, dtype=dtype)
        import torch

        return torch.tensor(np.array(values), dtype=torch.float64).to(device=self.device, dtype=getattr(torch, dtype))

    def numbers(self, array: Any) -> Array:
        if self.arrays == "numpy":
            return np.array(array, dtype=np.float64)
        found: Array = array.detach().cpu().double().numpy().copy()
        return found

    def rounded(self, values: Array, dtype: str) -> Array:
        """As the type holds them."""
        return self.numbers(self.array(values, dtype))


@dataclass(frozen=True)
class Ran:
    """After each step, by buffer, its entries; what was broken beside them."""

    path: tuple[Mapping[str, Array], ...]
    outside: str = ""
    gradient_changed: bool = False


def layouts_of(layout: str) -> tuple[str, str]:
    """Of the parameter and its states, and of the gradient."""
    return {
        "gradient strided": ("contiguous", "strided"),
        "parameter strided": ("strided", "contiguous"),
    }.get(layout, (layout, layout))


def run(
    kernel: Kernel,
    rule: UpdateRule,
    start: Array,
    gradients: Sequence[Array],
    keywords: Mapping[str, Any],
    dtype: str,
    layout: str = "contiguous",
    memory: Memory | None = None,
) -> Ran:
    """Calls the kernel once per step. Whatever it raises is raised."""
    memory = memory or Memory()
    of_parameter, of_gradient = layouts_of(layout)
    initial = {"theta": start, **{s.name: np.full(_shape(s, start), first(s, keywords)) for s in rule.state}}
    views, wholes, scalars = {}, {}, {s.name for s in rule.state if s.scope != "element"}
    for name, values in initial.items():
        kept = ("float64", "contiguous") if name in scalars else (dtype, of_parameter)
        views[name], wholes[name] = memory.buffer(values, *kept)
    path, changed = [], False
    for number, g in enumerate(gradients, start=1):
        gradient, _ = memory.buffer(g, dtype, of_gradient)
        state = {name: view for name, view in views.items() if name != "theta"}
        kernel(views["theta"], gradient, state, number, **keywords)
        changed |= not np.array_equal(memory.numbers(gradient), g)
        path.append({name: memory.numbers(view) for name, view in views.items()})
    entries = {name: whole for name, whole in wholes.items() if name not in scalars}
    outside = [name for name, whole in entries.items() if _touched(memory.numbers(whole), views[name], of_parameter)]
    return Ran(tuple(path), ", ".join(outside), changed)


def first(state: Any, keywords: Mapping[str, Any]) -> float:
    """What a state holds before the first step; zeros where that is worked out from the first gradient, or a letter."""
    return 0.0 if isinstance(state.init, First) else float(state.init)


def _shape(state: Any, start: Array) -> tuple[int, ...]:
    return start.shape if state.scope == "element" else ()


def _touched(whole: Array, view: Any, layout: str) -> bool:
    if layout == "contiguous":
        return False
    around = np.ones(whole.shape, dtype=bool)
    step = 2 if layout == "strided" else 1
    around[1 : 1 + int(np.prod(view.shape)) * step : step] = False
    return bool(np.any(whole[around] != GUARD))
