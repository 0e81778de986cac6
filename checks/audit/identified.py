"""What was found out about a target: the nearest declared variant, how far it is, and what its options do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .inputs import Plan
from .observe import FAR, Distance
from .variant import Changed, Variant


@dataclass(frozen=True)
class Option:
    """What a flag does: the variant that the target is when it is turned, and the distance to it.

    effect: "changes", "nothing" (the path is the same) or "fails" (the run raises; the error is in `error`).
    """

    flag: str
    value: bool
    effect: str
    variant: Variant | None = None
    distance: Distance = FAR
    error: str = ""

    @property
    def text(self) -> str:
        return f"{self.flag}={self.value}"


@dataclass(frozen=True)
class Identified:
    """variant: the nearest one.   distance: to it, at loud hyperparameters.

    at_default: the distance in steps at the target's own defaults.
    plan: how it was run; a plan that is not the first says what the target cannot do.
    first: the distance under the first plan (the same as distance where that is the plan).
    changed: a variant with one place changed that the target equals exactly, where it equals none as declared.
    precise: whether it computes in the type of its parameters.   loss: how far it is off, in steps, where its lower
    precision cannot be taken out of a run.
    under: flags that were turned, since it is the declared rule with them alone.
    decay: the distance with weight decay on, None without an argument for it; variant has its form around it.
    """

    variant: Variant
    distance: Distance
    plan: Plan
    first: Distance
    at_default: float
    words: Mapping[str, str]
    changed: Changed | None = None
    decay: Distance | None = None
    options: tuple[Option, ...] = ()
    error: str = ""
    precise: bool = True
    loss: float = 0.0
    under: Mapping[str, Any] = field(default_factory=dict)
    near: tuple[tuple[str, float], ...] = ()

    @property
    def exact(self) -> bool:
        return self.distance.exact and (self.decay is None or self.decay.exact)
