"""Mutants by hand: whose counter it is, how often it counts, and in which type."""

# mypy: disable-error-code="misc"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .hand_good import Good, Group, State


class CounterOfGroup(Good):
    """One counter for a group: a late tensor starts with the count of the others."""

    def apart(self, ready: Sequence[Tensor], group: Group) -> None:
        group["counted"] = group.get("counted", 0) + 1
        super().apart(ready, group)

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        return super().corrections({"step": group["counted"]}, group)


class CounterOfTensors(Good):
    """One counter for the optimizer, incremented once per tensor."""

    def apart(self, ready: Sequence[Tensor], group: Group) -> None:
        for p in ready:
            group["counted"] = group.get("counted", 0) + 1
            super().apart([p], group)

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        return super().corrections({"step": group["counted"]}, group)


class CounterTwice(Good):
    """Two counts per step."""

    def count(self, state: State, group: Group) -> None:
        state["step"] += 2


class CounterAtOne(Good):
    """A counter that is never advanced."""

    def count(self, state: State, group: Group) -> None:
        state["step"].fill_(1)


class CounterAlways(Good):
    """Steps without a gradient are counted too."""

    def ready(self, group: Group) -> list[Tensor]:
        for p in group["params"]:
            if p.grad is None and self.state[p]:
                self.count(self.state[p], group)
        return super().ready(group)


class CounterInHalf(Good):
    """A counter in float16 stops at 2048."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["step"] = state["step"].half()


class CounterInBfloat16(Good):
    """A counter in bfloat16 stops at 256."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["step"] = state["step"].bfloat16()


class CounterInBytes(Good):
    """A counter in one byte starts again after 255: then the correction divides by 0."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["step"] = torch.zeros((), dtype=torch.uint8)


class CounterOfParameters(Good):
    """A counter in the type of the parameters."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["step"] = torch.zeros((), dtype=p.dtype)


class CounterAside(Good):
    """A counter in an attribute, which state_dict does not have."""

    def apart(self, ready: Sequence[Tensor], group: Group) -> None:
        self.steps = {**getattr(self, "steps", {})}
        for p in ready:
            self.steps[id(p)] = self.steps.get(id(p), 0) + 1
            self.state[p]["step"].fill_(self.steps[id(p)])
        super().apart(ready, group)


MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("CounterOfGroup", "C", "DP201", "warning"),
    ("CounterOfTensors", "C", "DP107"),
    ("CounterTwice", "C", "DP101"),
    ("CounterAtOne", "C", "DP101"),
    ("CounterAlways", "C", "DP202", "warning"),
    ("CounterInHalf", "C", "DP206"),
    ("CounterInBfloat16", "C", "DP206"),
    ("CounterInBytes", "C", "DP207", "warning"),
    ("CounterOfParameters", "C", "DP206"),
    ("CounterAside", "S", "DP304"),
)
