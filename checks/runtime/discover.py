"""Checks by file: every file of checks/ that assigns `check = Check(...)` at its top level is one.

Loading a check imports NumPy and SymPy at most; torch, SciPy and Hypothesis are imported when it runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

from driftproof.theory.errors import UnknownName, nearest

from .check import Check

FOLDER = Path(__file__).parents[1]


def _declares_check(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if "Check(" not in text:
        return False
    assigned = (node for node in ast.parse(text).body if isinstance(node, ast.Assign))
    return any(isinstance(t, ast.Name) and t.id == "check" for node in assigned for t in node.targets)


def files() -> list[Path]:
    """The check files, by name."""
    return sorted(path for path in FOLDER.glob("*.py") if _declares_check(path))


@cache
def checks() -> dict[str, Check]:
    """Every check by id, in the order of the file names. raises: ValueError where two files share an id."""
    found: dict[str, Check] = {}
    for path in files():
        check: Check = import_module(f"driftproof.checks.{path.stem}").check
        if check.id in found:
            raise ValueError(f"checks/{path.name}: the id '{check.id}' is taken by another file")
        found[check.id] = check
    return found


def select(ids: Iterable[str] | None, tier: str) -> list[Check]:
    """The checks asked for by id, whatever their tier; where none is, those of the tier (full includes fast).

    raises: UnknownName for an id that no check has.
    """
    known = checks()
    if ids:
        for name in ids:
            if name not in known:
                raise UnknownName(f"There is no check '{name}'.", "", nearest(name, known))
        return [known[name] for name in dict.fromkeys(ids)]
    return [check for check in known.values() if check.tier == "fast" or tier == "full"]
