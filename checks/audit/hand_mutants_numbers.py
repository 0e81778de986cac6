"""Mutants by hand: foreach paths, kernels, NaN, empty tensors, ignored arguments, changed gradients, chance."""

# mypy: disable-error-code="misc"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .hand_good import Good, Group, State


class ForeachIgnoresEps(Good):
    """With foreach eps is 1e-8 whatever it is set to."""

    def eps_together(self, group: Group) -> float:
        return 1e-8


class ForeachOneCount(Good):
    """With foreach all tensors have the count of the first."""

    def corrections_together(self, states: Sequence[State], group: Group) -> list[tuple[float, float]]:
        return [self.corrections(states[0], group)] * len(states)


class ForeachCouples(Good):
    """With foreach weight decay is added to the gradient."""

    def decay_together(self, params: list[Tensor], grads: list[Tensor], group: Group) -> list[Tensor]:
        return [g + group["weight_decay"] * p for g, p in zip(grads, params, strict=True)]


class EightsOnly(Good):
    """A kernel that leaves out what is left over from blocks of 8."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        step = torch.zeros_like(p).addcdiv_(m, denominator, value=-group["lr"] / first).reshape(-1)
        if step.numel() > 8:
            step[step.numel() // 8 * 8 :] = 0
        p.add_(step.reshape(p.shape))


class StrideIgnored(Good):
    """A kernel that walks through parameter and step as they lie in memory."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        step = (m / denominator).contiguous().view(-1)
        torch.as_strided(p, (p.numel(),), (1,)).add_(step, alpha=-group["lr"] / first)


class FirstAxisOnly(Good):
    """A kernel that takes size(0) for the number of entries."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        step = (-group["lr"] / first * m / denominator).reshape(-1)
        if p.ndim:
            step[p.shape[0] :] = 0
        p.add_(step.reshape(p.shape))


class NanSpreads(Good):
    """One NaN in a gradient makes the whole tensor NaN."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        g = super().gradient(p, group)
        return g + 0 * g.sum()


class NanSpreadsFar(Good):
    """One NaN in a gradient makes every tensor NaN."""

    def ready(self, group: Group) -> list[Tensor]:
        ready = super().ready(group)
        self.total = sum(float(p.grad.sum().real) for p in ready if p.grad is not None)
        return ready

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        return super().gradient(p, group) + 0 * self.total


class ZeroIsNan(Good):
    """Divided by its norm and multiplied by it again: NaN where a gradient is zero."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        g = super().gradient(p, group)
        return g / g.norm() * g.norm()


class EmptyCrashes(Good):
    """The largest entry of a gradient, which an empty one does not have."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        g = super().gradient(p, group)
        self.largest = float(g.abs().max())
        return g


class NoAxisCrashes(Good):
    """The first entry of the first axis, which a tensor of no dimension does not have."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        g = super().gradient(p, group)
        self.rows = g.shape[0]
        return g


class MaximizeIgnored(Good):
    """maximize is taken and does nothing."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        return super().gradient(p, {**group, "maximize": False})


class EpsIgnored(Good):
    """eps is 1e-8 whatever it is set to."""

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return super().denominator(v, second, {**group, "eps": 1e-8})


class GradientScaled(Good):
    """The gradient itself is multiplied by 1 - beta1, after it was used."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        super().update(p, g, state, group)
        g.mul_(1 - group["betas"][0])


class GradientTurned(Good):
    """Ascent turns the gradient's own sign and does not turn it back."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        assert p.grad is not None
        return super().gradient(p, {**group, "maximize": False}) if not group["maximize"] else p.grad.neg_()


class Chance(Good):
    """Noise of a millionth of a step."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        super().move(p, m * (1 + 1e-6 * torch.randn_like(m)), denominator, first, group)


class SingleInside(Good):
    """The step in float32 beside float64 parameters."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        super().move(p, (m.float() / first).to(p.dtype), denominator, 1.0, group)


MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("ForeachIgnoresEps", "F", "DP501"),
    ("ForeachOneCount", "F", "DP506"),
    ("ForeachCouples", "F", "DP501"),
    ("EightsOnly", "K", "DP551"),
    ("StrideIgnored", "K", "DP554"),
    ("FirstAxisOnly", "K", "DP551 DP107"),
    ("NanSpreads", "N", "DP607", "warning"),
    ("NanSpreadsFar", "N", "DP608", "warning"),
    ("ZeroIsNan", "N", "DP601 DP602"),
    ("EmptyCrashes", "E", "DP652", "warning"),
    ("NoAxisCrashes", "E", "DP651", "warning"),
    ("MaximizeIgnored", "I", "DP712", "warning"),
    ("EpsIgnored", "I", "DP711 DP101"),
    ("GradientScaled", "M", "DP705", "warning"),
    ("GradientTurned", "M", "DP705", "warning"),
    ("Chance", "D", "DP722", "warning"),
    ("SingleInside", "P", "DP103", "note"),
)
