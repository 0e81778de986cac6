"""What an audit reports: findings, with a counterexample as small as possible and a script that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEVERITIES = ("note", "warning", "error")


def verdict_with(verdict: str, severity: str, also_in_torch: bool) -> str:
    """A verdict on the rule, after a finding: an error that torch's own class does not share is a bug.

    An unknown rule stays unknown; its findings say what is wrong.
    """
    return "bug" if severity == "error" and not also_in_torch and verdict != "unknown" else verdict


@dataclass(frozen=True)
class Counterexample:
    """parameters x entries x steps, and a script that shows the wrong number beside the right one."""

    parameters: int
    entries: int
    steps: int
    script: str


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    code, check: stable, of the probe that saw it.   where: file:line of the class, "" where there is none.
    also_in_torch: whether torch's own class of the same rule has it too.
    """

    code: str
    check: str
    severity: str
    message: str
    counterexample: Counterexample | None = None
    also_in_torch: bool = False
    where: str = ""

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} of {self.code}: one of {', '.join(SEVERITIES)}")

    def as_json(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("code", "check", "severity", "message")}
        shown = self.counterexample
        counter = None if shown is None else {k: getattr(shown, k) for k in Counterexample.__dataclass_fields__}
        return {**found, "counterexample": counter, "also_in_torch": self.also_in_torch, "where": self.where}

    @classmethod
    def of_json(cls, read: dict[str, Any]) -> Finding:
        """The inverse of as_json."""
        shown = read["counterexample"]
        return cls(**{**read, "counterexample": None if shown is None else Counterexample(**shown)})
