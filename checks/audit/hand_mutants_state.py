"""Mutants by hand: state that is lost, cast or shared; groups; copies; closures."""

# mypy: disable-error-code="misc"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .hand_good import Good, Group, State


class MomentsAside(Good):
    """Moments in an attribute, which state_dict does not have."""

    def made(self) -> None:
        self.moments: dict[Any, Any] = {}

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        mine = self.moments.setdefault(id(state), {k: v.clone() for k, v in state.items()})
        return super().average(g, mine, group)


class StateCast(Good):
    """A state that is loaded is made float32."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        for state in self.state.values():
            for name in ("exp_avg", "exp_avg_sq"):
                state[name] = state[name].float().to(state[name].dtype)


class StateHalved(Good):
    """Moments in bfloat16 once they were loaded."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        for state in self.state.values():
            state["exp_avg"] = state["exp_avg"].bfloat16().to(state["exp_avg"].dtype)


class StateNotSaved(Good):
    """The second moment is left out of the state that is saved."""

    def state_dict(self) -> dict[str, Any]:
        saved = super().state_dict()
        kept = {k: {n: v for n, v in s.items() if n != "exp_avg_sq"} for k, s in saved["state"].items()}
        return {**saved, "state": kept}

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        state.setdefault("exp_avg_sq", torch.zeros_like(state["exp_avg"]))
        return super().average(g, state, group)


class LoadKeepsSettings(Good):
    """Loading keeps the hyperparameters of the constructor."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        kept = [{k: v for k, v in group.items() if k != "params"} for group in self.param_groups]
        super().load_state_dict(state_dict)
        for group, values in zip(self.param_groups, kept, strict=True):
            group.update(values)


class LoadForgetsCount(Good):
    """Loading starts the count again."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        for state in self.state.values():
            state["step"] = torch.zeros(())


class MomentIsGradient(Good):
    """The first average is the gradient itself, which later steps then change."""

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        if float(state["step"]) == 1:
            state["exp_avg"] = g.mul_(1 - group["betas"][0])
            _, v = super().average(g, {**state, "exp_avg": g.clone()}, group)
            return state["exp_avg"], v
        return super().average(g, state, group)


class BegunInConstructor(Good):
    """State is made in the constructor alone: a group that is added later has none."""

    def made(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                super().begin(p, self.state[p], group)

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        raise KeyError("exp_avg")


class SettingsCached(Good):
    """Step sizes from the constructor; a schedule has no effect."""

    def made(self) -> None:
        self.cached = self.defaults["lr"]

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "cached": self.cached}

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        super().update(p, g, state, {**group, "lr": self.cached})


class FirstGroupOnly(Good):
    """Every group has the hyperparameters of the first."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        super().update(p, g, state, self.param_groups[0])


class StepSizeLeaks(Good):
    """A step size that is worked out for one tensor is written into the group."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        if p.numel() > 3:
            group["lr"] = group["lr"] * 0.9
        super().update(p, g, state, group)


class ListCached(Good):
    """The list of tensors from the constructor; those of a later group never move."""

    def made(self) -> None:
        self.groups = list(self.param_groups)

    def ready(self, group: Group) -> list[Tensor]:
        return super().ready(group) if any(group is g for g in self.groups) else []


class CopyLosesAttribute(Good):
    """An attribute that a step needs and a copy does not have."""

    def made(self) -> None:
        self.scale = 1.0

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        super().move(p, m * self.scale, denominator, first, group)


class ClosureTwice(Good):
    """The closure is called twice."""

    def evaluated(self, closure: Callable[[], Any] | None) -> Any:
        super().evaluated(closure)
        return super().evaluated(closure)


class ClosureWithoutGradient(Good):
    """The closure runs where gradients are off."""

    def evaluated(self, closure: Callable[[], Any] | None) -> Any:
        return None if closure is None else closure()


class LossNotReturned(Good):
    """The closure's value is dropped."""

    def evaluated(self, closure: Callable[[], Any] | None) -> Any:
        super().evaluated(closure)


MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("MomentsAside", "S", "DP304"),
    ("StateCast", "S", "DP301"),
    ("StateHalved", "S", "DP301"),
    ("StateNotSaved", "S", "DP301"),
    ("LoadKeepsSettings", "S", "DP302", "warning"),
    ("LoadForgetsCount", "S", "DP301"),
    ("MomentIsGradient", "A2", "DP101 DP705"),
    ("BegunInConstructor", "G", "DP402", "warning"),
    ("SettingsCached", "G", "DP106"),
    ("FirstGroupOnly", "G", "DP401"),
    ("StepSizeLeaks", "G", "DP107"),
    ("ListCached", "G", "DP402", "warning"),
    ("CopyLosesAttribute", "P", "DP308", "warning"),
    ("ClosureTwice", "O", "DP701", "warning"),
    ("ClosureWithoutGradient", "O", "DP702", "warning"),
    ("LossNotReturned", "O", "DP703", "warning"),
)
