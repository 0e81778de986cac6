"""The commands about evidence: check and claims."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from driftproof.theory.errors import DriftproofError

from .cli_rules import RULE, formats
from .config import MOST_JOBS
from .output import as_json, complain, emit

if TYPE_CHECKING:
    from .check import Check
    from .config import Config
    from .summary import Event, Report

NOTHING_SELECTED = 5


@click.command(epilog=RULE)
@click.argument("ids", nargs=-1, metavar="[ID ...]")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only on this rule; may be repeated.")
@click.option("--tier", type=click.Choice(["fast", "full"]), help="Which checks run unless named.  [default: fast]")
@click.option("-j", "--jobs", type=click.IntRange(1, MOST_JOBS), help="How many processes.  [default: 1]")
@click.option("--executor", type=click.Choice(["serial", "loky", "dask"]), help="What spreads them.  [loky if -j > 1]")
@click.option("--seed", type=click.IntRange(min=0), help="Root of all randomness, instead of the pinned ones.")
@click.option("--resume", is_flag=True, help="Go on with the same run where it was interrupted.")
@click.option("--list", "listed", is_flag=True, help="List the checks, and run none.")
@formats("text", "json", "junit")
def check(ids: tuple[str, ...], listed: bool, form: str, output: str | None, **options: Any) -> int:
    """Run the checks and their mutants, and print the table.

    The last line counts what was proved, derived, cited and measured, and what is inconclusive.
    """
    from .config import load

    config = load()
    tier = options["tier"] or config.tier
    chosen = _selected(ids, tier, config)
    if not chosen:
        complain("no check is selected: [tool.driftproof] ignores them all")
        return NOTHING_SELECTED
    if listed:
        emit(_listing(chosen, form), output)
        return 0
    report = _run(chosen, tier, options, config)
    _show(report, form, output)
    return report.exit_code


def _selected(ids: Sequence[str], tier: str, config: Config) -> list[Check]:
    """The checks named on the command line; else those that the configuration selects, less those it ignores."""
    from .discover import select

    if ids:
        return select(ids, tier)
    ignored = {item.id for item in select(config.ignore, tier)} if config.ignore else set()
    return [item for item in select(config.select, tier) if item.id not in ignored]


def _listing(checks: Sequence[Check], form: str) -> str:
    if form == "json":
        keys = ("id", "claim", "evidence", "tier")
        return as_json([{key: getattr(item, key) for key in keys} for item in checks])
    if form == "junit":
        raise DriftproofError(
            "A list of checks is not a JUnit report.", "Nothing was run.", "Use --format text or json."
        )
    from .layout import block

    return "\n".join(line for c in checks for line in block(f"{c.evidence} {c.tier}", [c.id, c.claim]))


def _run(checks: Sequence[Check], tier: str, options: dict[str, Any], config: Config) -> Report:
    from .runner import run

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # being told to end is an interrupt: nothing is lost
    jobs = min(options["jobs"] or config.jobs, 2 * len(checks))  # a check has two parts to spread
    return run(
        [item.id for item in checks],
        options["rules"],
        tier=tier,
        jobs=jobs,
        executor=options["executor"] or config.executor or ("loky" if jobs > 1 else "serial"),
        seed=options["seed"],
        resume=options["resume"],
        progress=_progress() if sys.stderr and sys.stderr.isatty() else None,
    )


def _progress() -> Callable[[Event], None]:
    """One line on a terminal, rewritten with every event."""
    done = 0

    def show(event: Event) -> None:
        nonlocal done
        done += 1
        what = getattr(event, "subject", "") or getattr(event, "name", "")
        print(f"\r\x1b[K[{done}] {event.id} {what}"[:100], end="", file=sys.stderr, flush=True)

    return show


def _show(report: Report, form: str, output: str | None) -> None:
    from . import table

    if sys.stderr and sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if form == "json":
        emit(as_json(report.as_json()), output)
    elif form == "junit":
        emit(report.as_junit(), output)
    elif output is None and sys.stdout and sys.stdout.isatty():
        table.show(report, sys.stdout)
    else:
        emit(table.text(report), output)


@click.command()
@formats("text", "json")
def claims(form: str, output: str | None) -> None:
    """List every claim, and how it is known.

    The ledger is generated from checks, derivations and the sources of rules; checks are listed, not run.
    """
    from .claims import ledger, ledger_text

    found = ledger()
    emit(as_json([item.as_json() for item in found]) if form == "json" else ledger_text(found), output)


COMMANDS = (check, claims)
