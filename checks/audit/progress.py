"""What the processes of one audit have told so far, and the findings that are about the processes themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .finding import verdict_with

Event = dict[str, Any]
RUNS = "runs"
"""The check that fails where a target could not be looked at by any probe."""

PAGES: Mapping[str, str] = {
    "DP901": "The process in which the target ran ended during the check that is named: by a signal (a segmentation "
    "fault of compiled code, say) or by an exit. Every target runs in a process of its own, so the audit goes on with "
    "the checks that are left. What the process printed last is in the message. An end by SIGKILL or SIGTERM comes "
    "from outside, most often from a system out of memory, and is a warning.",
    "DP902": "The check that is named took more than a third of the time limit (60 s, with --deep 300 s, --timeout "
    "sets it) and was ended, so it is not decided. The target may be stuck, or slow: a larger --timeout tells which.",
    "DP903": "The module of the target raised an error while it was imported, or the target while it was looked at "
    "for the first time. Nothing could be audited. The message has the error and its place.",
    "DP904": "The check that is named ended in an error that it cannot read, in the target or in the check itself, "
    "so it is not decided. If the place of the error is inside driftproof, please report it.",
}
"""What --explain prints of the codes of this module."""


@dataclass
class Progress:
    """What the children so far have told. repeating: a later child says again what is known."""

    target: Event | None = None
    identified: Event | None = None
    probe: Event | None = None
    done: list[str] = field(default_factory=list)
    verdict: str = "unknown"
    dictionary: Any = None
    repeating: bool = False
    finished: bool = False

    def relayed(self, event: Event) -> Iterator[Event]:
        """The event, unless it is one that an earlier child has sent."""
        kind = event["event"]
        if kind == "probe":
            self.close()
            self.probe, self.repeating = event, False
        if kind == "end":
            self.close()
            self.finished, self.dictionary = True, event.get("dictionary")
            self.verdict = "bug" if event["verdict"] == "bug" else self.verdict
            return
        if self.repeating:
            return
        if kind == "target":
            self.target = event
        if kind == "identified":
            self.identified, self.verdict = event, event["verdict"]
        if kind == "finding":
            self.verdict = verdict_with(self.verdict, event["severity"], event["also_in_torch"])
        if kind in ("passed", "skipped"):
            self.close()
        yield event

    def close(self) -> None:
        """The probe that runs is over."""
        if self.probe is not None:
            self.done.append(self.probe["code"])
        self.probe = None

    @property
    def check(self) -> str:
        return self.probe["check"] if self.probe else RUNS

    @property
    def where(self) -> str:
        return str(self.target["where"]) if self.target else ""

    def during(self) -> str:
        return f"during {self.probe['check']}" if self.probe else "before any check could run"

    def finding(self, code: str, severity: str, message: str) -> Event:
        """One of ours, under the name of the check during which it happened."""
        found = {"code": code, "check": self.check, "severity": severity, "message": message}
        return {"event": "finding", **found, "counterexample": None, "also_in_torch": False, "where": self.where}
