"""What `scale` gives: the setting of the rule or its refusal, the alternatives, and the length of the new run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Rational

from .counts import Count
from .errors import OutOfDomain
from .quantities import in_float64


@dataclass(frozen=True)
class Setting:
    """One way to go on at the new batch size: every hyperparameter, and what becomes of the stored state."""

    label: str
    hyperparameters: Mapping[str, Expr]
    state_transform: Mapping[str, Expr]
    note: str

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "hyperparameters": {name: in_float64(name, e) for name, e in self.hyperparameters.items()},
            "exact": {name: str(e) for name, e in self.hyperparameters.items()},
            "state_transform": {name: str(e) for name, e in self.state_transform.items()},
            "note": self.note,
        }


@dataclass(frozen=True)
class Rescaled:
    """values: the old ones.   walls: for each averaging hyperparameter the kappa that the rule must stay below.

    setting: by the rule, None where that is refused.   What was not given is None.
    remarks: where the claim is weak at the new values.
    """

    rule: str
    kappa: Rational
    values: Mapping[str, Rational]
    exponents: Mapping[str, Rational]
    walls: Mapping[str, Expr]
    setting: Setting | None
    refusal: OutOfDomain | None
    reason: str
    alternatives: tuple[Setting, ...]
    batch_size: int | None = None
    steps: Count | None = None
    warmup: Count | None = None
    schedule: Expr | None = None
    remarks: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return self.setting is not None

    @property
    def hyperparameters(self) -> Mapping[str, Expr]:
        """The new values by the rule, exact; empty where it is refused."""
        return {} if self.setting is None else self.setting.hyperparameters

    @property
    def state_transform(self) -> Mapping[str, Expr]:
        """What becomes of each stored state in mid-run; empty where the rule is refused."""
        return {} if self.setting is None else self.setting.state_transform

    def as_json(self) -> dict[str, Any]:
        """Plain data; numbers as doubles, and exactly under `exact`."""
        refused = Setting("rule", {}, {}, "")
        return {
            "rule": self.rule,
            "kappa": str(self.kappa),
            "valid": self.valid,
            "reason": self.reason,
            **(self.setting or refused).as_json(),
            "batch_size": self.batch_size,
            **_count_json("steps", self.steps),
            **_count_json("warmup", self.warmup),
            "remarks": list(self.remarks),
            "schedule": None if self.schedule is None else str(self.schedule),
            "exponents": {name: str(e) for name, e in self.exponents.items()},
            "walls": {name: str(e) for name, e in self.walls.items()},
            "alternatives": [item.as_json() for item in self.alternatives],
        }


def _count_json(name: str, count: Count | None) -> dict[str, Any]:
    return {name: count and count.chosen, f"{name}_leftover": count and str(count.leftover)}
