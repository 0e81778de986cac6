"""Mutants by hand: eps, the recurrences and their corrections, weight decay."""

# mypy: disable-error-code="misc"
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .hand_good import Good, Group, State, real


class EpsScaled(Good):
    """eps times the first correction: it grows from step to step."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        first, _ = self.corrections(state, group)
        super().update(p, g, state, {**group, "eps": group["eps"] * first})


class EpsHat(Good):
    """eps beside the uncorrected root, as in TensorFlow."""

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return (v.sqrt() + group["eps"]) / second**0.5


class EpsInside(Good):
    """eps under the root."""

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return (v / second + group["eps"]).sqrt()


class HiddenConstant(Good):
    """1e-15 under the root as well."""

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return (v / second + 1e-15).sqrt() + group["eps"]


class CorrectionTwice(Good):
    """The first moment's correction applied twice."""

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        first, second = super().corrections(state, group)
        return first**2, second


class CorrectionLate(Good):
    """The corrections of the next step."""

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        return super().corrections({"step": state["step"] + 1}, group)


class CorrectionInPlace(Good):
    """The corrected moment written over the average, so that corrections accumulate."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        super().move(p, m.div_(first), denominator, 1.0, group)


class NoCorrection(Good):
    """No bias correction, as in BertAdam."""

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        return 1.0, 1.0


class MaximumNotStored(Good):
    """AMSGrad's maximum computed and not kept."""

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        m, v = super().average(g, state, {**group, "amsgrad": False})
        return m, torch.maximum(real(state["max_exp_avg_sq"]), v) if group["amsgrad"] else v


class OldSecondMoment(Good):
    """The denominator from before this step's gradient; the gradient itself at first."""

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        old = state["exp_avg_sq"].clone()
        m, v = super().average(g, state, group)
        return m, old if float(state["step"]) > 1 else v


class Ascends(Good):
    """A sign turned."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        super().move(p, -m, denominator, first, group)


class BetasExchanged(Good):
    """beta1 for the second moment, beta2 for the first."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        super().update(p, g, state, {**group, "betas": group["betas"][::-1]})


class DecayCoupled(Good):
    """Weight decay added to the gradient."""

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        return super().gradient(p, group) + group["weight_decay"] * real(p)

    def decay(self, p: Tensor, group: Group) -> None:
        pass


class DecayAfter(Good):
    """Weight decay after the step."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        super().update(p, g, state, {**group, "weight_decay": 0.0})
        self.decay(p, group)


class DecayIndependent(Good):
    """Weight decay without the step size."""

    def decay(self, p: Tensor, group: Group) -> None:
        p.mul_(1 - group["weight_decay"])


class DecayAbsent(Good):
    """AdamW that is Adam: weight_decay is taken and not used."""

    def decay(self, p: Tensor, group: Group) -> None:
        pass


class DecayOfMatrices(Good):
    """No weight decay for vectors."""

    def decay(self, p: Tensor, group: Group) -> None:
        if p.ndim > 1:
            super().decay(p, group)


class DecayOfFirstGroup(Good):
    """Every group decays as the first one does."""

    def decay(self, p: Tensor, group: Group) -> None:
        super().decay(p, {**group, "weight_decay": self.param_groups[0]["weight_decay"]})


class DecayUnscheduled(Good):
    """Weight decay by the step size of the constructor, not the scheduled one."""

    def decay(self, p: Tensor, group: Group) -> None:
        super().decay(p, {**group, "lr": self.defaults["lr"]})


MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("EpsScaled", "A1", "DP101"),
    ("EpsHat", "A1", "DP102", "warning"),
    ("EpsInside", "A1", "DP102", "warning"),
    ("HiddenConstant", "A1", "DP102", "warning"),
    ("CorrectionTwice", "A2", "DP101"),
    ("CorrectionLate", "A2", "DP101"),
    ("CorrectionInPlace", "A2", "DP101"),
    ("NoCorrection", "A2", "DP102", "warning"),
    ("MaximumNotStored", "A2", "DP711 DP112"),
    ("OldSecondMoment", "A2", "DP101"),
    ("Ascends", "A2", "DP101"),
    ("BetasExchanged", "A2", "DP101"),
    ("DecayCoupled", "W", "DP110"),
    ("DecayAfter", "W", "DP102", "warning"),
    ("DecayIndependent", "W", "DP102", "warning"),
    ("DecayAbsent", "W", "DP711 DP110"),
    ("DecayOfMatrices", "W", "DP102 DP110", "warning"),
    ("DecayOfFirstGroup", "W", "DP401"),
    ("DecayUnscheduled", "W", "DP110"),
)
