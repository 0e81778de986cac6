"""One target, one file. A backend has a name, the language it writes ("python" or "c"), a default type, and:

    TARGET, LANGUAGE, DEFAULT
    emit(program) -> text              readable source with a header; raises Refused, by name, for what it cannot carry
    load(program, text) -> CompiledRule

Discovery is by file; a backend's heavy library is imported in its own file only.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from driftproof.theory.errors import UnknownName, nearest

from ..compiled import CompiledRule
from ..program import Program


class Backend(Protocol):
    """What the file of a target provides."""

    TARGET: str
    LANGUAGE: str
    DEFAULT: str

    def emit(self, program: Program) -> str: ...

    def load(self, program: Program, text: str) -> CompiledRule: ...


def names() -> list[str]:
    """The targets, by file."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def backend(target: str) -> Backend:
    """The backend of that name; raises UnknownName."""
    if target not in names():
        raise UnknownName(f"There is no target {target!r}.", "", nearest(str(target), names()))
    return cast(Backend, import_module(f"{__name__}.{target}"))
