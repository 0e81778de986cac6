"""Outputs of a monitored rule (`theory.monitor`) as numbers, and which hypothesis a run has left, at which step.

    watched = compile_rule(monitored(rule("adam"), bound=2), target="torch")
    state = watched.step(state, grads, {"eta": 0.1 / t**0.5})
    departures(state)           # () as long as the run keeps to the hypotheses; rows(state) has the numbers

Only these two functions wait for the device; the step that broke a hypothesis is remembered there.
"""

from __future__ import annotations

from dataclasses import dataclass

from driftproof.theory.errors import DriftproofError
from driftproof.theory.monitor import HYPOTHESES

from .state import RuleState


@dataclass(frozen=True)
class Departure:
    """group: of tensors.   hypothesis: a key of HYPOTHESES.   step: the first at which it failed."""

    group: int
    hypothesis: str
    step: int

    def __str__(self) -> str:
        return f"Group {self.group} left {self.hypothesis} at step {self.step}: {HYPOTHESES[self.hypothesis]}."


def rows(state: RuleState) -> list[dict[str, float]]:
    """Per group, every output of the last step by name. raises: DriftproofError where the rule was not monitored."""
    if "left_SC3" not in state.outputs:
        raise DriftproofError(
            "This state has no outputs of a monitor.",
            "Either its rule is not monitored, or it has made no step.",
            "Compile driftproof.theory.monitor.monitored(rule), and step.",
        )
    columns = {name: [float(x) for x in values] for name, values in state.outputs.items() if not _per_entry(values)}
    return [
        {name: values[group if len(values) > 1 else 0] for name, values in columns.items()}
        for group in range(state.group_count)
    ]


def _per_entry(values: object) -> bool:
    """Outputs per entry are lists of arrays."""
    return isinstance(values, list)


def departures(state: RuleState) -> tuple[Departure, ...]:
    """The hypotheses that the run has left so far, the earliest first. raises: as `rows`."""
    found = [
        Departure(group, name, int(row[f"left_{name}"]))
        for group, row in enumerate(rows(state))
        for name in HYPOTHESES
        if row[f"left_{name}"] > 0
    ]
    return tuple(sorted(found, key=lambda d: d.step))
