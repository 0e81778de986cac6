"""The engines over torch tensors. They need torch; the files that emit text for them do not, and load this one late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from driftproof.theory.errors import DriftproofError

from ..engine import Column, NumpyEngine, too_wide
from ..program import Program
from ..stages import Stage


class TorchEngine(NumpyEngine):
    """Runs emitted Python on tensors. All tensors of a rule lie on one device."""

    def __init__(self, program: Program, functions: dict[str, object]) -> None:
        super().__init__(program, functions)
        self.stored: torch.dtype = getattr(torch, self.storage)
        self.computed: torch.dtype = getattr(torch, self.compute)

    # Arrays at the door

    def parameter(self, value: Any, place: str, copy: bool) -> torch.Tensor:
        tensor = self._tensor(value, place)
        if copy:
            return tensor.to(self.stored, copy=True, memory_format=torch.contiguous_format)
        if not isinstance(value, torch.Tensor) or tensor.dtype != self.stored:
            raise DriftproofError(
                f"{place} is not a tensor of {self.storage}.",
                "Without a copy it is updated where it lies.",
                "Leave copy=True, or give such a tensor.",
            )
        return tensor

    def gradient(self, value: Any, like: torch.Tensor, place: str) -> torch.Tensor:
        tensor = self._tensor(value, place)
        if tensor.shape != like.shape:
            raise DriftproofError(f"{place} has shape {tuple(tensor.shape)}, its parameter {tuple(like.shape)}.")
        if tensor.device != like.device:
            raise DriftproofError(f"{place} lies on {tensor.device}, its parameter on {like.device}.")
        if tensor.dtype != self.stored and torch.promote_types(tensor.dtype, self.stored) != self.stored:
            raise too_wide(place, str(tensor.dtype).removeprefix("torch."), self.storage)
        return tensor.to(self.stored)

    def _tensor(self, value: Any, place: str) -> torch.Tensor:
        tensor = value.detach() if isinstance(value, torch.Tensor) else torch.as_tensor(self._numeric(value, place))
        if tensor.is_complex() or tensor.dtype == torch.bool or tensor.layout != torch.strided:
            raise DriftproofError(
                f"{place} is a {tensor.layout} tensor of {tensor.dtype}.",
                "Update rules act on dense tensors over the reals.",
                "Give a dense floating tensor.",
            )
        return tensor

    def fill(self, like: torch.Tensor, value: float) -> torch.Tensor:
        return torch.full_like(like, value)

    def scalars(self, values: Column, host: bool, theta: Column) -> Any:
        if host:
            return super().scalars(values, host, theta)
        if not values:
            return torch.zeros(0, dtype=torch.float64)
        return torch.stack([self._on_device(v, theta).to(torch.float64) for v in values])

    def loss(self, value: Any, theta: Column) -> torch.Tensor:
        if isinstance(value, torch.Tensor):
            return value.detach().reshape(()).to(_device(theta), torch.float64)
        return self._on_device(super().loss(value, theta), theta)

    def _on_device(self, value: Any, theta: Column) -> torch.Tensor:
        if isinstance(value, torch.Tensor):
            return value
        kind = torch.bool if isinstance(value, bool | np.bool_) else torch.float64
        return torch.full((), value.item() if hasattr(value, "item") else value, dtype=kind, device=_device(theta))

    def copy(self, value: Any) -> Any:
        return value.clone() if isinstance(value, torch.Tensor) else value.copy()

    def shares(self, value: Any, arguments: Sequence[Any]) -> bool:
        home = value.untyped_storage().data_ptr()
        return any(isinstance(a, torch.Tensor) and a.untyped_storage().data_ptr() == home for a in arguments)

    def store(self, value: torch.Tensor) -> torch.Tensor:
        return value.to(self.stored).contiguous()

    def assign(self, out: Any, value: Any) -> Any:
        if isinstance(out, torch.Tensor):
            return out.copy_(value)
        return super().assign(out, value)

    # Values on their way into a stage

    def quiet(self) -> AbstractContextManager[Any]:
        return _Quiet()

    def prepare(self, column: Column, number: int, stage: Stage, theta: Column) -> Column:
        op = self.program.ops[number]
        if stage.host:
            return column
        if stage.kind == "scalar":
            return [self._on_device(x, theta) for x in column]
        if op.host:
            return [x.item() if hasattr(x, "item") else x for x in column]
        if op.scope == "element":
            return column if self.stored == self.computed else [x.to(self.computed) for x in column]
        return [self._on_device(x, theta) for x in column] if op.type == "bool" else self._rounded(column, theta)

    def _rounded(self, column: Column, theta: Column) -> Column:
        return [self._on_device(x, theta).to(self.computed) for x in column]

    def _join(self, kind: str, total: Any, part: torch.Tensor) -> torch.Tensor:
        wide = part.to(torch.float64)
        if not isinstance(total, torch.Tensor):
            return wide
        return torch.maximum(total, wide) if kind == "max" else total + wide


class _Quiet(AbstractContextManager[None]):
    """No gradients are recorded, and divisions by zero on the host give infinities and NaN without a warning."""

    def __init__(self) -> None:
        self._parts = (torch.no_grad(), np.errstate(all="ignore"))

    def __enter__(self) -> None:
        for part in self._parts:
            part.__enter__()

    def __exit__(self, *error: Any) -> None:
        for part in reversed(self._parts):
            part.__exit__(*error)


def _device(theta: Column) -> torch.device:
    return theta[0].device if theta else torch.device("cpu")


Launch = Callable[[str, int, Sequence[int]], None]
"""(kernel, blocks, arguments of 8 bytes each), in the order of what runs on the device."""


class LaunchEngine(TorchEngine):
    """Work per entry by one launch for the whole list; scalars by functions on the host, as emitted for them."""

    def __init__(
        self, program: Program, functions: dict[str, object], launch: Launch, chunk: int, device: torch.device
    ) -> None:
        super().__init__(program, functions)
        self.launch, self.chunk, self.device = launch, chunk, device

    def parameter(self, value: Any, place: str, copy: bool) -> torch.Tensor:
        tensor = super().parameter(value, place, copy)
        if copy:
            return tensor.to(self.device)
        if tensor.device == self.device and tensor.is_contiguous():
            return tensor
        raise DriftproofError(
            f"{place} is not a contiguous tensor on {self.device}.", "", "Leave copy=True, or give such a tensor."
        )

    def gradient(self, value: Any, like: torch.Tensor, place: str) -> torch.Tensor:
        return super().gradient(value, like, place).contiguous()

    def prepare(self, column: Column, number: int, stage: Stage, theta: Column) -> Column:
        """Arrays stay in the storage type: the kernel itself widens what it loads."""
        if self.program.ops[number].scope == "element":
            return column
        return super().prepare(column, number, stage, theta)

    def run_entries(
        self, stage: Stage, columns: Sequence[Column], groups: Sequence[int], targets: Sequence[Column | None]
    ) -> list[Column]:
        theta = columns[0]
        made = [[torch.empty_like(a) for a in theta] if t is None else t for t in targets]
        chunks = [(i, k) for i, a in enumerate(theta) for k in range(0, a.numel(), self.chunk)]
        if chunks:
            self._launch(stage, self.spread(stage, columns, groups), made, chunks)
        return made

    def _launch(
        self, stage: Stage, columns: Sequence[Column], made: Sequence[Column], chunks: Sequence[tuple[int, int]]
    ) -> None:
        """The tables lie on the device, and outlive the launch on the stream that was current when they were made."""
        scopes = [self.program.ops[n].scope for n in stage.reads]
        theta = columns[0]
        arrays = [column for column, scope in zip(columns, scopes, strict=True) if scope == "element"]
        scalars = [column for column, scope in zip(columns, scopes, strict=True) if scope != "element"]
        integers = [
            [a.numel() for a in theta],
            [number for pair in chunks for number in pair],
            [self._place(a, like) for c in (*arrays, *made) for a, like in zip(c, theta, strict=True)],
            list(range(len(theta))),
        ]
        given = [float(x) for row in zip(*scalars, strict=True) for x in row]
        tables = [torch.tensor(values, dtype=torch.int64).to(self.device) for values in integers]
        tables.append(torch.tensor(given, dtype=torch.float64).to(self.device))
        self.launch(f"{stage.name}_kernel", len(chunks), [len(theta), *(table.data_ptr() for table in tables)])

    def _place(self, array: torch.Tensor, like: torch.Tensor) -> int:
        """The address of an array. The kernel reads and writes there, so each is looked at."""
        if (array.dtype, array.shape, array.device) != (self.stored, like.shape, self.device):
            raise DriftproofError(f"An array of the state is {array.dtype}{tuple(array.shape)} on {array.device}.")
        if not array.is_contiguous():
            raise DriftproofError("An array of the state is not contiguous.", "", "Give `out` contiguous tensors.")
        return array.data_ptr()
