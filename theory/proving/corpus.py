"""All theorems: from their scripts, and from the files that ship."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from ..errors import DriftproofError, UnknownName, nearest
from .theorem import Theorem

PACKAGE = "driftproof.theory"


@cache
def theorems() -> Mapping[str, Theorem]:
    """Every theorem by its id, the name of its file in theory/theorems; those that are used come first."""
    from .. import theorems as folder

    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    found = {name: _theorem(name) for name in names}
    ordered: dict[str, Theorem] = {}
    for name in found:
        _visit(name, found, ordered, ())
    return ordered


def _theorem(name: str) -> Theorem:
    theorem = getattr(importlib.import_module(f"{PACKAGE}.theorems.{name}"), "THEOREM", None)
    if not isinstance(theorem, Theorem):
        raise DriftproofError(f"theory/theorems/{name}.py has no THEOREM", "every file there states one")
    if theorem.theorem != name:
        raise DriftproofError(
            f"theory/theorems/{name}.py states {theorem.theorem!r}", "a theorem has the name of its file"
        )
    return theorem


def _visit(name: str, found: Mapping[str, Theorem], ordered: dict[str, Theorem], above: tuple[str, ...]) -> None:
    if name in above:
        raise DriftproofError(f"{name} rests on itself", " -> ".join((*above, name)))
    if name not in found:
        raise UnknownName(f"there is no theorem {name!r}", "", nearest(name, found))
    if name not in ordered:
        for used in found[name].lemmas:
            _visit(used, found, ordered, (*above, name))
        ordered[name] = found[name]


def folder(kind: str) -> Path:
    """Where files of a kind ship: "statements", "certificates" or "definitions"."""
    return Path(str(resources.files(PACKAGE))) / kind


def shipped(kind: str) -> dict[str, str]:
    """The files of a kind, by name."""
    return {path.stem: path.read_text() for path in sorted(folder(kind).glob("*.json"))}


def definitions() -> dict[str, str]:
    """The definitions that theorems use, generated from the rule files, by name."""
    made = {one.name: one for theorem in theorems().values() for one in theorem.definitions}
    return {name: one.text for name, one in sorted(made.items())}


def accepted_by_coq() -> dict[str, str]:
    """The hashes of the exported files that Coq accepted when `make coq` last wrote them down, by theorem."""
    file = folder("coq") / "accepted.json"
    found: dict[str, str] = json.loads(file.read_text())["theorems"] if file.exists() else {}
    return found
