"""What an interrupted run had finished, kept for `check --resume`: one small JSON file per run that was asked for.

The file's name is a digest of all that the results depend on: tier, seeds, checks, rules, driftproof's own source,
the packages and the machine. Only checks whose verdicts and mutants were all done, without a crash, are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .check import OPTIONAL, MutantResult, NotRun
from .output import CannotWrite, write_whole
from .summary import Event
from .verdict import Verdict

if TYPE_CHECKING:
    from driftproof.theory.rule import UpdateRule

    from .runner import Task

KINDS: dict[str, Any] = {"verdict": Verdict, "mutant": MutantResult, "not run": NotRun}
Kept = dict[str, list[Event]]
"""By check, its events."""


def place(tasks: Sequence[Task]) -> Path:
    """The file of this run, in $XDG_CACHE_HOME/driftproof or ~/.cache/driftproof."""
    tasks_asked = [(t.check.id, t.part, t.tier, t.seed, _said(t.rules)) for t in tasks]
    key = json.dumps([tasks_asked, _source(), _surroundings()])
    folder = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "driftproof"
    return folder / f"check-{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _said(rules: Sequence[tuple[str, UpdateRule]] | None) -> list[tuple[str, str, str]] | None:
    return None if rules is None else [(text, rule.label, rule.digest) for text, rule in rules]


def _source() -> str:
    """A digest of driftproof's own files: a version number does not change with every edit."""
    found = hashlib.sha256()
    for room in ("theory", "impl", "checks"):
        for path in sorted((Path(__file__).parents[2] / room).rglob("*.py")):
            found.update(path.as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def _surroundings() -> list[str]:
    """Versions, machine, and what chooses the compilers."""
    return [
        sys.version,
        platform.platform(),
        platform.node(),
        *(f"{name} {_version(name)}" for name in ("numpy", "sympy", "mpmath", *OPTIONAL)),
        *(os.environ.get(name, "") for name in ("CC", "CXX", "PATH", "CUDA_VISIBLE_DEVICES")),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def save(path: Path, kept: Mapping[str, Sequence[Event]]) -> bool:
    """Writes the file whole; whether that worked. A place that cannot be written is no reason to fail."""
    words = {kind: word for word, kind in KINDS.items()}
    data = {name: [[words[type(e)], asdict(e)] for e in events] for name, events in kept.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(data, default=str))
    except (OSError, CannotWrite):
        return False
    return True


def load(path: Path) -> Kept:
    """What was kept, or nothing: a file that cannot be read whole counts as none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {name: [_event(*pair) for pair in events] for name, events in data.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _event(word: str, fields: dict[str, Any]) -> Event:
    if fields.get("interval") is not None:
        low, high = fields["interval"]
        fields = {**fields, "interval": (low, high)}
    event: Event = KINDS[word](**fields)
    return event


def forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
