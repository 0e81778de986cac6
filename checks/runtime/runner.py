"""Runs checks: in this process, or on several with loky (joblib) or dask; what is finished is never lost.

The unit of work is one check's verdicts, or its mutants. A check that raises is recorded as a crash and the
others go on.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftproof.theory.errors import DriftproofError, nearest

from . import seeds
from .check import TIERS, Check, Context, MutantResult, NotRun
from .discover import select
from .summary import Crash, Event, Report
from .verdict import Verdict

if TYPE_CHECKING:
    from driftproof.theory.rule import UpdateRule

EXECUTORS = ("serial", "loky", "dask")


@dataclass(frozen=True)
class Task:
    """One check's verdicts (part "verdicts") or its mutants (part "mutants")."""

    check: Check
    part: str
    tier: str
    rules: tuple[tuple[str, UpdateRule], ...] | None
    seed: int


def run(
    ids: Iterable[str] | None = None,
    rules: Sequence[str | UpdateRule] | None = None,
    tier: str = "fast",
    jobs: int = 1,
    executor: str | None = None,
    progress: Callable[[Event], object] | None = None,
    seed: int | None = None,
) -> Report:
    """Runs the checks of a tier, or those named, on all rules, or on those named.

    executor: "serial", "loky" or "dask"; by default loky where jobs > 1.
    progress: called with each verdict, mutant, omission or crash as it comes.
    seed: root of all randomness; without it each check has its pinned one.
    raises: DriftproofError (UnknownName, NotReadable, ...) for an id, rule, tier or executor that does not exist.
    """
    _known(tier, TIERS, "tier")
    executor = executor or ("loky" if jobs > 1 else "serial")
    _known(executor, EXECUTORS, "executor")
    chosen = _resolve(rules)
    checks = [check for check in select(ids, tier) if chosen is None or any(check.applies_to(r) for _, r in chosen)]
    tasks = [
        Task(check, part, tier, chosen, seeds.root(check.id) if seed is None else seed)
        for part in ("verdicts", "mutants")
        for check in checks
    ]
    started, events, interrupted = time.perf_counter(), [], False
    try:
        for event in _STREAMS[executor](tasks, jobs):
            events.append(event)
            if progress is not None:
                progress(event)
    except KeyboardInterrupt:
        interrupted = True
    return Report(tuple(events), time.perf_counter() - started, interrupted)


def _known(value: str, known: Sequence[str], word: str) -> None:
    if value not in known:
        raise DriftproofError(f"There is no {word} '{value}'.", "", nearest(value, known))


def _resolve(rules: Sequence[str | UpdateRule] | None) -> tuple[tuple[str, UpdateRule], ...] | None:
    if not rules:
        return None
    from driftproof.theory.catalogue import rule

    return tuple((item, rule(item)) if isinstance(item, str) else (item.label, item) for item in rules)


def perform(task: Task) -> Iterator[Event]:
    """The events of one task, each with the seconds since the one before it."""
    check, context = task.check, Context(task.check, task.tier, task.rules, task.seed)
    started = time.perf_counter()
    try:
        for event in _verdicts(context) if task.part == "verdicts" else _mutants(context):
            now = time.perf_counter()
            yield event if isinstance(event, NotRun) else replace(event, seconds=now - started)
            started = time.perf_counter()
    except Exception as error:
        yield Crash(check.id, task.part, f"{type(error).__name__}: {error}", traceback.format_exc())


def _verdicts(context: Context) -> Iterator[Verdict | NotRun]:
    yield from context.check.run(context)


def _mutants(context: Context) -> Iterator[MutantResult]:
    for mutant in context.check.mutants(context):
        yield MutantResult(context.check.id, mutant.name, mutant.oracle, mutant.kill())


def _serial(tasks: Sequence[Task], jobs: int) -> Iterator[Event]:
    for task in tasks:
        yield from perform(task)


def _performed(task: Task) -> list[Event]:
    return list(perform(task))


def _loky(tasks: Sequence[Task], jobs: int) -> Iterator[Event]:
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise _missing("loky", "joblib") from error
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
    for events in parallel(delayed(_performed)(task) for task in tasks):
        yield from events


def _dask(tasks: Sequence[Task], jobs: int) -> Iterator[Event]:
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
