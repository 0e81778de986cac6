"""Contenders, benchmarks, and how they are run: in turns, with ratios within each round."""

from __future__ import annotations

import ast
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from driftproof.theory.errors import DriftproofError, Refused, UnknownName, nearest

FOLDER = Path(__file__).parent
SHORTEST = 1e-6
"""Seconds that a turn takes at least: the resolution of the clock of processor time."""


@dataclass(frozen=True)
class Contender:
    """prepare: makes what is timed, a function that returns how many units of work it did; its time does not count.

    needs: a package without which it does not run.   note: what a reader must know to judge it.
    wall: timed by the clock on the wall, for what uses several threads; else by the processor's time of this process,
    which does not count what others on the machine take away.
    """

    name: str
    prepare: Callable[[], Callable[[], int]]
    needs: str = ""
    note: str = ""
    wall: bool = False


@dataclass(frozen=True)
class Ratio:
    """How many times as fast `name` is as `than`; wanted: the smallest number that the project aims at, or 0."""

    name: str
    than: str
    wanted: float = 0.0

    @property
    def label(self) -> str:
        return f"{self.name} / {self.than}"


@dataclass(frozen=True)
class Benchmark:
    """name: as typed.   unit: of the work, such as "step".   raises: ValueError for a ratio of unknown contenders."""

    name: str
    title: str
    unit: str
    contenders: tuple[Contender, ...]
    ratios: tuple[Ratio, ...]

    def __post_init__(self) -> None:
        names = [c.name for c in self.contenders]
        unknown = [n for r in self.ratios for n in (r.name, r.than) if n not in names]
        if unknown or len(set(names)) < len(names):
            raise ValueError(f"benchmark '{self.name}': {unknown or names}")


@dataclass(frozen=True)
class Outcome:
    """seconds: per unit of work and round, by contender.   absent: why the others did not run."""

    benchmark: Benchmark
    seconds: dict[str, list[float]]
    absent: dict[str, str]
    machine: dict[str, Any]

    @property
    def ratios(self) -> dict[str, float | None]:
        """Medians over the rounds; None where one of the two did not run."""
        return {r.label: self._ratio(r) for r in self.benchmark.ratios}

    def _ratio(self, ratio: Ratio) -> float | None:
        if ratio.name not in self.seconds or ratio.than not in self.seconds:
            return None
        pairs = zip(self.seconds[ratio.name], self.seconds[ratio.than], strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)

    def as_json(self) -> dict[str, Any]:
        """{name, contenders, ratios, machine}; times in seconds per unit."""
        return {
            "name": self.benchmark.name,
            "title": self.benchmark.title,
            "unit": self.benchmark.unit,
            "contenders": [self._contender(c) for c in self.benchmark.contenders],
            "ratios": self.ratios,
            "wanted": {r.label: r.wanted for r in self.benchmark.ratios if r.wanted},
            "machine": self.machine,
        }

    def _contender(self, contender: Contender) -> dict[str, Any]:
        clock = "wall" if contender.wall else "processor"
        found: dict[str, Any] = {"name": contender.name, "note": contender.note, "clock": clock}
        if contender.name in self.absent:
            return {**found, "not_run": self.absent[contender.name]}
        times = self.seconds[contender.name]
        middle = statistics.median(times)
        return {**found, "seconds": middle, "per_second": 1 / middle, "fastest": min(times), "slowest": max(times)}

    def text(self) -> str:
        """For people."""
        lines = [self.benchmark.title, ""]
        width = max(len(c.name) for c in self.benchmark.contenders)
        for row in map(self._contender, self.benchmark.contenders):
            speed = f"{row['per_second']:9.3g} {self.benchmark.unit}s/s" if "per_second" in row else row["not_run"]
            lines.append(f"  {row['name']:{width}}  {speed}" + (f"   {row['note']}" if row["note"] else ""))
        lines.append("")
        for ratio in self.benchmark.ratios:
            value = self.ratios[ratio.label]
            wanted = f"   (wanted: {ratio.wanted:g})" if ratio.wanted else ""
            lines.append(f"  {ratio.label}: " + ("not run" if value is None else f"{value:.3g}{wanted}"))
        return "\n".join([*lines, "", "  " + ", ".join(f"{k} {v}" for k, v in self.machine.items())])


def run(benchmark: Benchmark, rounds: int = 5, progress: Callable[[str], object] | None = None) -> Outcome:
    """Every contender once a round, after one turn that is not counted. raises: DriftproofError for rounds < 1."""
    if rounds < 1:
        raise DriftproofError(f"rounds = {rounds} is not at least 1.")
    ready, absent = _prepared(benchmark)
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    clocks = {c.name: time.perf_counter if c.wall else time.process_time for c in benchmark.contenders}
    for turn in range(rounds):
        for name, work in ready.items():
            if progress:
                progress(f"round {turn + 1} of {rounds}: {name}")
            begin = clocks[name]()
            done = work()
            seconds[name].append(max(clocks[name]() - begin, SHORTEST) / done)
    return Outcome(benchmark, seconds, absent, machine())


def _prepared(benchmark: Benchmark) -> tuple[dict[str, Callable[[], int]], dict[str, str]]:
    ready: dict[str, Callable[[], int]] = {}
    absent: dict[str, str] = {}
    for contender in benchmark.contenders:
        if contender.needs and find_spec(contender.needs) is None:
            absent[contender.name] = f"not run: {contender.needs} is not installed"
            continue
        try:
            ready[contender.name] = contender.prepare()
            ready[contender.name]()
        except Refused as refusal:
            absent[contender.name] = f"not run: {refusal.what}"
            ready.pop(contender.name, None)
    return ready, absent


def machine() -> dict[str, Any]:
    """What a reader must know of the machine."""
    from driftproof.impl.toolchain import processor

    lines = dict(line.partition(":")[::2] for line in processor().splitlines() if ":" in line)
    names = {key.strip(): value.strip() for key, value in lines.items()}
    return {
        "processor": names.get("model name") or platform.machine(),
        "processors": os.cpu_count(),
        "avx512": "avx512f" in names.get("flags", "").split(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
    }


@cache
def benchmarks() -> dict[str, Benchmark]:
    """Every benchmark by name, in the order of the files."""
    found: dict[str, Benchmark] = {}
    for path in sorted(FOLDER.glob("*.py")):
        assigned = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.Assign)]
        if any(isinstance(t, ast.Name) and t.id == "benchmark" for node in assigned for t in node.targets):
            item: Benchmark = import_module(f"driftproof.checks.bench.{path.stem}").benchmark
            found[item.name] = item
    return found


def select(names: Sequence[str]) -> list[Benchmark]:
    """Those asked for, or all. raises: UnknownName, with the nearest name."""
    known = benchmarks()
    for name in names:
        if name not in known:
            raise UnknownName(f"There is no benchmark '{name}'.", "", nearest(name, known))
    return [known[name] for name in names] if names else list(known.values())
