"""Runs checks: in this process, or on several with loky (joblib) or dask; what is finished is never lost.

The unit of work is one check's verdicts, or its mutants. A check that raises is recorded as a crash and the
others go on.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftproof.theory.errors import DriftproofError, nearest

from . import resume as cache
from . import seeds
from .check import OPTIONAL, TIERS, Check, Context, MutantResult, NotRun, absent
from .discover import select
from .summary import Crash, Event, Report
from .verdict import Verdict

if TYPE_CHECKING:
    from driftproof.theory.rule import UpdateRule

PARTS = ("verdicts", "mutants")
EXECUTORS = ("serial", "loky", "dask")


@dataclass(frozen=True)
class Task:
    """One check's verdicts (part "verdicts") or its mutants (part "mutants")."""

    check: Check
    part: str
    tier: str
    rules: tuple[tuple[str, UpdateRule], ...] | None
    seed: int


@dataclass(frozen=True)
class Done:
    """The last that is heard of a task."""

    id: str
    part: str


def run(
    ids: Iterable[str] | None = None,
    rules: Sequence[str | UpdateRule] | None = None,
    tier: str = "fast",
    jobs: int = 1,
    executor: str | None = None,
    progress: Callable[[Event], object] | None = None,
    seed: int | None = None,
    resume: bool = False,
) -> Report:
    """Runs the checks of a tier, or those named, on all rules, or on those named.

    executor: "serial", "loky" or "dask"; by default loky where jobs > 1.
    progress: called with each verdict, mutant, omission or crash as it comes.
    seed: root of all randomness; without it each check has its pinned one.
    resume: take what the same run had finished when it was interrupted, and do the rest.
    raises: DriftproofError (UnknownName, NotReadable, ...) for an id, rule, tier or executor that does not exist.
    """
    _known(tier, TIERS, "tier")
    executor = executor or ("loky" if jobs > 1 else "serial")
    _known(executor, EXECUTORS, "executor")
    chosen = _resolve(rules)
    asked = select(ids, tier)
    checks = [check for check in asked if chosen is None or any(check.applies_to(r) for _, r in chosen)]
    tasks = [
        Task(check, part, tier, chosen, seeds.root(check.id) if seed is None else seed)
        for check in checks
        for part in PARTS
    ]
    place = cache.place(tasks)  # before anything runs: what is kept belongs to the source as it is now
    kept = cache.load(place) if resume else {}
    started = time.perf_counter()
    left = [task for task in tasks if task.check.id not in kept]
    events, done, interrupted = _heard(_STREAMS[executor](left, jobs), progress)
    events = [*(event for found in kept.values() for event in found), *events]
    unfinished = [c.id for c in checks if c.id not in kept and any(Done(c.id, part) not in done for part in PARTS)]
    report = Report(
        tuple(events),
        time.perf_counter() - started,
        interrupted,
        unfinished=tuple(unfinished),
        cites=_cites(checks, events),
    )
    said = [f"taken from the run that was interrupted: {', '.join(kept)}"] if kept else []
    said += ["nothing was kept of this very run; all of it was done"] if resume and not kept else []
    said += [_nothing(asked, chosen)] if not events and not interrupted else []
    return replace(report, notes=(*said, *_kept(report, place)))


def _kept(report: Report, place: Path) -> list[str]:
    """Keeps what an interrupted run had finished, and says how to go on; forgets it once a run is complete."""
    if not report.interrupted:
        cache.forget(place)
        return []
    left = {*report.unfinished, *(crash.id for crash in report.crashes)}
    whole: dict[str, list[Event]] = {}
    for event in report.events:
        if event.id not in left:
            whole.setdefault(event.id, []).append(event)
    if not whole or not cache.save(place, whole):
        return []
    return [f"kept: {', '.join(whole)}; the same command with --resume does the rest"]


def _heard(
    stream: Iterator[Event | Done], progress: Callable[[Event], object] | None
) -> tuple[list[Event], set[Done], bool]:
    """The events, the tasks that were done, and whether the user stopped it."""
    events: list[Event] = []
    done: set[Done] = set()
    try:
        for event in stream:
            if isinstance(event, Done):
                done.add(event)
                continue
            events.append(event)
            if progress is not None:
                progress(event)
    except KeyboardInterrupt:
        return events, done, True
    return events, done, False


def _cites(checks: Sequence[Check], events: Sequence[Event]) -> tuple[str, ...]:
    ran = {event.id for event in events if isinstance(event, Verdict)}
    return tuple(dict.fromkeys(text for check in checks if check.id in ran for text in check.cites))


def _nothing(asked: Sequence[Check], chosen: Sequence[tuple[str, UpdateRule]] | None) -> str:
    """Why no check said anything."""
    checks, rules = ", ".join(check.id for check in asked), ", ".join(text for text, _ in chosen or ())
    return f"nothing was run: no claim of {checks} is about {rules or 'any rule'}"


def _known(value: str, known: Sequence[str], word: str) -> None:
    if value not in known:
        raise DriftproofError(f"There is no {word} '{value}'.", "", nearest(value, known))


def _resolve(rules: Sequence[str | UpdateRule] | None) -> tuple[tuple[str, UpdateRule], ...] | None:
    if not rules:
        return None
    from driftproof.theory.catalogue import rule

    return tuple((item, rule(item)) if isinstance(item, str) else (item.label, item) for item in rules)


def perform(task: Task) -> Iterator[Event | Done]:
    """The events of one task, each with the seconds since the one before it; then that it is done."""
    check, context = task.check, Context(task.check, task.tier, task.rules, task.seed)
    started = time.perf_counter()
    try:
        for event in _verdicts(context) if task.part == "verdicts" else _mutants(context):
            now = time.perf_counter()
            yield event if isinstance(event, NotRun) else replace(event, seconds=now - started)
            started = time.perf_counter()
    except Exception as error:
        yield _broken_off(task, error)
    yield Done(check.id, task.part)


def _broken_off(task: Task, error: Exception) -> NotRun | Crash:
    """A package that is not installed is no fault of the check: what is left of the task does not run."""
    if isinstance(error, ModuleNotFoundError) and error.name in OPTIONAL and absent(error.name):
        return NotRun(task.check.id, task.part, absent(error.name))
    return Crash(task.check.id, task.part, f"{type(error).__name__}: {error}", traceback.format_exc())


def _verdicts(context: Context) -> Iterator[Verdict | NotRun]:
    yield from context.check.run(context)


def _mutants(context: Context) -> Iterator[MutantResult]:
    for mutant in context.check.mutants(context):
        yield MutantResult(context.check.id, mutant.name, mutant.oracle, mutant.kill())


def _serial(tasks: Sequence[Task], jobs: int) -> Iterator[Event | Done]:
    for task in tasks:
        yield from perform(task)


def _performed(task: Task) -> list[Event | Done]:
    return list(perform(task))


def _loky(tasks: Sequence[Task], jobs: int) -> Iterator[Event | Done]:
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise _missing("loky", "joblib") from error
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
    for events in parallel(delayed(_performed)(task) for task in tasks):
        yield from events


def _dask(tasks: Sequence[Task], jobs: int) -> Iterator[Event | Done]:
    try:
        from distributed import Client, as_completed  # type: ignore[import-not-found]
    except ImportError as error:
        raise _missing("dask", "distributed") from error
    with Client(n_workers=jobs, threads_per_worker=1, dashboard_address=None) as client:
        for future in as_completed(client.map(_performed, tasks, pure=False)):
            yield from future.result()


def _missing(executor: str, package: str) -> DriftproofError:
    return DriftproofError(
        f"The executor '{executor}' needs the package '{package}'.",
        "It is not installed here.",
        f"Install it (pip install {package}), or use --executor serial.",
    )


_STREAMS = {"serial": _serial, "loky": _loky, "dask": _dask}
