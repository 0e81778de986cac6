"""`RuleState`: everything that passes from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class RuleState:
    """What passes from step to step; a plain container, and everything a checkpoint needs.

    t: completed steps (the rule's t is 1 more during a step).   theta: one array per tensor.
    states: per name, one array per tensor for states per entry, else an array with one number per instance.
    groups: the group of each tensor.   outputs: those of the last applied step.
    applied: False after a step that the guard stopped.
    """

    t: int
    theta: list[Any]
    states: dict[str, Any]
    groups: tuple[int, ...]
    outputs: dict[str, Any] = field(default_factory=dict)
    applied: bool = True

    @property
    def group_count(self) -> int:
        return max(self.groups, default=0) + 1

    def count(self, scope: str) -> int:
        """How many instances a value of that scope has."""
        return {"global": 1, "group": self.group_count}.get(scope, len(self.theta))
