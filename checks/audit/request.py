"""What an audit is asked for, as plain data that reaches another process as JSON."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from driftproof.theory.errors import DriftproofError

SEED = 20260129
FAST, DEEP = 60.0, 300.0
"""Seconds that an audit may take unless it is told otherwise."""
TUPLE = "__tuple__"
"""The mark of a tuple in JSON, which knows lists alone: betas should arrive as a tuple."""


@dataclass(frozen=True)
class Request:
    """See core.audit_events, whose arguments these are.   timeout: seconds for the whole audit; None for the usual."""

    target: str
    rule: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    deep: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seed: int = SEED
    timeout: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.target, str) or not self.target.strip():
            raise DriftproofError(
                f"{repr(self.target)[:60]} names no target.", "", "Write module:Class or path/to/file.py:Class."
            )
        if self.timeout is not None and not 0 < self.timeout < float("inf"):
            raise DriftproofError(f"A time limit of {self.timeout} seconds is none.", "", "Give a positive number.")
        for name, value in self.fixed.items():
            _plain(value, name)

    @property
    def limit(self) -> float:
        """Seconds for the whole audit."""
        return self.timeout or (DEEP if self.deep else FAST)

    def text(self) -> str:
        """As JSON."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        fixed = {name: _plain(value, name) for name, value in self.fixed.items()}
        return json.dumps({**values, "words": dict(self.words), "fixed": fixed})

    @classmethod
    def of_text(cls, text: str) -> Request:
        """The inverse of `text`."""
        read = json.loads(text)
        fixed = {name: _tuples(value) for name, value in read["fixed"].items()}
        return cls(**{**read, "fixed": fixed, "select": tuple(read["select"]), "ignore": tuple(read["ignore"])})

    def arguments(self) -> dict[str, Any]:
        """Keywords of core.audit_events, but for the target."""
        names = ("rule", "words", "fixed", "deep", "select", "ignore", "seed")
        return {name: getattr(self, name) for name in names}


def _plain(value: Any, name: str) -> Any:
    """raises: DriftproofError for what is no number, text, truth value, None, or list, tuple or table of them."""
    if isinstance(value, tuple):
        return {TUPLE: [_plain(item, name) for item in value]}
    if isinstance(value, list):
        return [_plain(item, name) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, name) for key, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise DriftproofError(
        f"{name} = {repr(value)[:60]} cannot be handed to the process of the target.",
        "It takes numbers, texts, truth values, None, and lists, tuples and tables of them.",
        "Wrap the class in a function or a subclass that sets the argument.",
    )


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(map(_tuples, value[TUPLE])) if set(value) == {TUPLE} else {k: _tuples(v) for k, v in value.items()}
    return [_tuples(item) for item in value] if isinstance(value, list) else value


def pairs(items: Iterable[str], option: str) -> dict[str, str]:
    """LETTER=NAME, several times. raises: DriftproofError for an item without both sides, or a left side twice."""
    found: dict[str, str] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise DriftproofError(f"{option} {item!r} is no pair.", "", f"Write {option} NAME=VALUE.")
        if name.strip() in found:
            raise DriftproofError(f"{option} sets {name.strip()} twice.", "", "Give it once.")
        found[name.strip()] = value.strip()
    return found


def literals(items: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """NAME=VALUE, several times; VALUE is a literal of Python, and is never executed. raises: DriftproofError."""
    found: dict[str, Any] = {}
    for name, text in pairs(items, option).items():
        try:
            found[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise DriftproofError(
                f"{option} {name}={text[:60]} is no literal.",
                "Values are numbers, quoted texts, True, False, None, and lists and tuples of them.",
                f'Write {option} {name}=0.9, {option} "{name}=(0.9, 0.99)" or {option} "{name}=\'text\'".',
            ) from error
    return found
