"""The command `bench`."""

from __future__ import annotations

import sys

import click

from .cli_rules import formats
from .output import as_json, emit


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--rounds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Turns of every contender.")
@formats("text", "json")
def bench(names: tuple[str, ...], rounds: int, form: str, output: str | None) -> None:
    """Run benchmarks: contenders side by side in one run, and the ratios of their times.

    Times depend on the machine and on what else it does; ratios within one round much less.
    """
    from ..bench.contest import run, select

    shown = _progress if sys.stderr and sys.stderr.isatty() else None
    outcomes = [run(benchmark, rounds, shown) for benchmark in select(names)]
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if form == "json":
        found = [outcome.as_json() for outcome in outcomes]
        emit(as_json(found[0] if len(names) == 1 else found), output)
    else:
        emit("\n\n".join(outcome.text() for outcome in outcomes), output)


def _progress(text: str) -> None:
    print(f"\r\x1b[K{text}"[:100], end="", file=sys.stderr, flush=True)


COMMANDS = (bench,)
