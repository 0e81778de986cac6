"""An audit in a process of its own, with a time limit: crashes, hangs and errors of a target become findings.

Containment, not a sandbox: the target is code that runs with the rights of the user. It cannot take the audit down with
it, and it is ended with its own children when its time is up; nothing keeps it from files or the network.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from driftproof.theory.errors import DriftproofError

from .pipe import ENDED, TIME_UP, Child
from .request import Request

Event = dict[str, Any]
CORE = "driftproof.checks.audit.core:audit_events"
"""The generator that runs in the child."""
SHARE = 3
"""One probe hangs if it takes more than the whole time limit over this."""
RUNS = "runs"
"""The check that fails where a target could not be looked at by any probe."""
FOREIGN = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU)
"""Signals that come from outside: the system out of memory, a person, a limit."""

PAGES: Mapping[str, str] = {
    "DP901": "The process in which the target ran ended during the check that is named: by a signal (a segmentation "
    "fault of compiled code, say) or by an exit. Every target runs in a process of its own, so the audit goes on with "
    "the checks that are left. What the process printed last is in the message. An end by SIGKILL or SIGTERM comes "
    "from outside, most often from a system out of memory, and is a warning.",
    "DP902": "The check that is named took more than a third of the time limit (60 s, with --deep 300 s, --timeout "
    "sets it) and was ended, so it is not decided. The target may be stuck, or slow: a larger --timeout tells which.",
    "DP903": "The module of the target raised an error while it was imported, or the target while it was looked at "
    "for the first time. Nothing could be audited. The message has the error and its place.",
    "DP904": "The check that is named ended in an error that it does not know how to read, in the target or in the check "
    "itself, so it is not decided. If the place of the error is inside driftproof, please report it.",
}
"""What --explain prints of the codes of this module."""


@dataclass
class _Progress:
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
        if kind == "finding" and event["severity"] == "error" and self.verdict != "unknown":
            self.verdict = "bug"
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


def events(request: Request, source: str = CORE) -> Iterator[Event]:
    """The events of an audit, from as many processes as it takes; the last one is always "end".

    Beside the events of core.audit_events: findings DP901 to DP904, and skipped checks with "undecided": True.
    raises: DriftproofError where the target, the rule or an argument cannot be found.
    """
    began, progress = time.monotonic(), _Progress()
    until = began + request.limit
    while not progress.finished:
        progress.repeating = progress.identified is not None
        ignored = (*request.ignore, *progress.done)
        with Child(replace(request, ignore=ignored), source) as child:
            yield from _watched(child, progress, until, request)
        if progress.probe is None:  # nothing to leave out, so a new child would come to the same end
            break
        progress.close()
        if time.monotonic() >= until:
            break
    if not progress.finished and progress.identified is not None:
        yield from _left(request, progress)
    yield {
        "event": "end",
        "verdict": progress.verdict,
        "seconds": time.monotonic() - began,
        "dictionary": progress.dictionary,
    }


def _watched(child: Child, progress: _Progress, until: float, request: Request) -> Iterator[Event]:
    """The events of one child, and how it ended if that was no end. Leaves progress.probe where it was cut off."""
    stage_began = time.monotonic()
    while not progress.finished:
        limit = min(until, stage_began + request.limit / SHARE) if progress.probe else until
        event = child.next(limit)
        if event is TIME_UP or event is ENDED:
            for found in _cut(child, progress, event is TIME_UP, time.monotonic() - stage_began, request):
                yield from progress.relayed(found)
            return
        kind = event["event"]
        if kind == "refused":
            raise _refusal(event)
        if kind == "raised":
            yield from progress.relayed(_raised(progress, event))
            return
        if kind == "probe":
            stage_began = time.monotonic()
        yield from progress.relayed(event)


def _cut(child: Child, progress: _Progress, late: bool, seconds: float, request: Request) -> Iterator[Event]:
    progress.repeating = False
    if late and progress.probe and seconds < request.limit / SHARE:
        # The audit as a whole is out of time; this check is not to blame.
        yield _undecided(progress.probe["code"], progress.probe["check"], request)
        return
    if late:
        child.stop(tell=True)
        said = f"no end after {seconds:.0f} s {progress.during()}; ended{child.said()}"
        yield progress.finding("DP902", "warning", said)
        return
    code = child.code
    name = _signal(code)
    foreign = name is not None and -code in FOREIGN
    how = f"was ended by {name}" if name else f"ended by itself with exit code {code}"
    said = f"the process of the target {how} {progress.during()}{child.said()}"
    yield progress.finding("DP901", "warning" if foreign else "error", said)


def _signal(code: int) -> str | None:
    try:
        return signal.Signals(-code).name if code < 0 else None
    except ValueError:
        return f"signal {-code}"


def _raised(progress: _Progress, event: Event) -> Event:
    """An error that came out of the generator."""
    what = f"{event['type']}: {event['message']}".strip(": ")
    place = f" ({_near(event['where'])})" if event["where"] else ""
    repeating, progress.repeating = progress.repeating, False
    if event["type"] == "SystemExit":
        return progress.finding("DP901", "error", f"the target called exit {progress.during()}: {what}{place}")
    if progress.identified is None:
        return progress.finding("DP903", "error", f"{what}{place}")
    if progress.probe is None and repeating:
        return progress.finding("DP904", "warning", f"a second start failed where the first did not: {what}{place}")
    return progress.finding("DP904", "warning", f"an error {progress.during()}: {what}{place}")


def _near(place: str) -> str:
    """A path from here where it is below."""
    here = os.getcwd() + os.sep
    return place.removeprefix(here)


def _undecided(code: str, check: str, request: Request) -> Event:
    reason = f"no time was left of {request.limit:g} s"
    return {"event": "skipped", "code": code, "check": check, "reason": reason, "undecided": True}


def _left(request: Request, progress: _Progress) -> Iterator[Event]:
    """The probes that did not run."""
    from .codes import applicable

    kind = progress.target["kind"] if progress.target else ""
    for probe in applicable(kind, request.deep, request.select, request.ignore):
        if probe.code not in progress.done:
            yield _undecided(probe.code, probe.check, request)


def _refusal(event: Event) -> DriftproofError:
    error = DriftproofError(event["what"], event["why"], event["fix"])
    error.code = event["code"]
    return error
