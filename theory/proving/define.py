"""Definitions: the equations of one step of an update rule, generated from its file, in the kernel's language.

    theta(t + 1, i) = theta(t, i) - eta*m(t + 1, i)/..       the families after t + 1 steps from those after t
    m(t + 1, i) = beta1*m(t, i) + (1 - beta1)*g(t + 1, i)    g(t + 1, i) is the gradient of step t + 1
    beta1_power(t + 1) = beta1*beta1_power(t)                for beta1^t

Parameters are one tensor, whose entries are i < n. What a rule computes on the way is put in where it is used; where
that is long and used again, it is a family of its own. Facts: m_start, m_next, m_is, and m_first for the first step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import DriftproofError
from ..kernel.replay import VERSION, canonical

if TYPE_CHECKING:
    from ..rule import UpdateRule


@dataclass(frozen=True)
class Definitions:
    """What a theorem says of an update rule, as the file theory/definitions/NAME.json.

    rule: a RULE string, with options.   kind: real or rand, the sort of gradients and of all that depends on them.
    coordinates: whether entries have coordinates; otherwise there is one entry.
    after: None for runs from their start. Otherwise the families begin after `k0 + after` steps, for any natural k0,
    at any state.   schedules: hyperparameters that are sequences: eta(t + 1) at step t + 1.
    only: these states alone, with those that they depend on.   names: other names, of letters and of facts.
    """

    name: str
    rule: str
    kind: str = "rand"
    coordinates: bool = True
    after: int | None = None
    schedules: Sequence[str] = ()
    only: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in ("real", "rand"):
            raise DriftproofError(f"{self.name}: gradients are real or rand, not {self.kind!r}.")

    def of(self, rule: UpdateRule | None = None) -> str:
        """The file for this rule, or for the one that is named. raises: Refused, where the language cannot say it."""
        from .. import catalogue
        from .rule_equations import Writer

        rule = rule or catalogue.rule(self.rule)
        variables, equations = Writer(rule, self).written()
        data: dict[str, Any] = {
            "format": "driftproof definitions",
            "version": VERSION,
            "name": self.name,
            "rule": rule.label,
            "variables": variables,
            "equations": equations,
        }
        return canonical(data)

    @cached_property
    def text(self) -> str:
        """The file."""
        return self.of()

    @property
    def variables(self) -> dict[str, str]:
        """Sorts by name."""
        found: dict[str, str] = json.loads(self.text)["variables"]
        return found

    @property
    def equations(self) -> dict[str, str]:
        """Formulas by name."""
        return dict(json.loads(self.text)["equations"])
