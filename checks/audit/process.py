"""An audit in a process of its own, with a time limit: crashes, hangs and errors of a target become findings.

Containment, not a sandbox: the target is code that runs with the rights of the user. It cannot take the audit down with
it, and it is ended with its own children when its time is up; nothing keeps it from files or the network.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

from driftproof.theory.errors import DriftproofError

from .pipe import ENDED, TIME_UP, Child
from .progress import Event, Progress
from .request import Request

CORE = "driftproof.checks.audit.core:audit_events"
KERNEL = "driftproof.checks.audit.kernel_events:kernel_events"
"""The generators that run in the child."""
SHARE = 3
"""One probe hangs if it takes more than the whole time limit over this."""
FOREIGN = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU)
"""Signals that come from outside: the system out of memory, a person, a limit."""


def events(request: Request, source: str = CORE) -> Iterator[Event]:
    """The events of an audit, from as many processes as it takes; the last one is always "end".

    Beside the events of core.audit_events: findings DP901 to DP904, and skipped checks with "undecided": True.
    raises: DriftproofError where the target, the rule or an argument cannot be found.
    """
    began, progress = time.monotonic(), Progress()
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


def _watched(child: Child, progress: Progress, until: float, request: Request) -> Iterator[Event]:
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


def _cut(child: Child, progress: Progress, late: bool, seconds: float, request: Request) -> Iterator[Event]:
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


def _raised(progress: Progress, event: Event) -> Event:
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


def _left(request: Request, progress: Progress) -> Iterator[Event]:
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
