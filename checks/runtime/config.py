"""[tool.driftproof] in the user's pyproject.toml: the nearest one, from the working folder up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from driftproof.theory.errors import nearest

from .config_audit import AuditConfig
from .config_error import BadConfig

MOST_JOBS = 1024
WORDS: Mapping[str, tuple[str, ...]] = {"tier": ("fast", "full"), "executor": ("serial", "loky", "dask", "")}
"""The values that a key can have, where they are words."""


@dataclass(frozen=True)
class Config:
    """What `check` and `audit` do unless their options say otherwise.

    tier: "fast" or "full".   jobs, executor: how checks are spread ("": loky if jobs > 1).
    select, ignore: ids of checks.   audit: the table [tool.driftproof.audit].
    """

    tier: str = "fast"
    jobs: int = 1
    executor: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    audit: AuditConfig = field(default_factory=AuditConfig)

    @classmethod
    def of(cls, table: Mapping[str, Any], where: str) -> Config:
        """raises: BadConfig for a key that does not exist, with the nearest one, and for a value of another type."""
        known = {item.name: type(item.default) for item in fields(cls)}
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                raise BadConfig(
                    f"{where} has the unknown key '{key}'.",
                    "A misspelt key would silently do nothing.",
                    nearest(key, known),
                )
            if key == "audit":
                values[key] = AuditConfig.of(value, where)
                continue
            values[key] = _typed(key, value, known[key], where)
            _known_value(key, values[key], where)
        return cls(**values)


def _typed(key: str, value: Any, kind: type, where: str) -> Any:
    names = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind is tuple and names:
        return tuple(value)
    if type(value) is not kind or (isinstance(value, int) and value < 1):
        meant = {str: "a string", int: "a whole number from 1 on", tuple: "a list of strings"}[kind]
        raise BadConfig(f"{where}: {key} = {value!r} is not {meant}.", "", f"Write {key} as {meant}.")
    return value


def _known_value(key: str, value: Any, where: str) -> None:
    """raises: BadConfig for a word that means nothing there, and for more processes than any machine has use for."""
    if key in WORDS and value not in WORDS[key]:
        raise BadConfig(
            f"{where}: {key} = {value!r} is not known.", "", f"Write one of {', '.join(filter(None, WORDS[key]))}."
        )
    if key == "jobs" and value > MOST_JOBS:
        raise BadConfig(f"{where}: jobs = {value} is more than {MOST_JOBS}.", "Each is a process.", "Write fewer.")


def load(start: Path | None = None) -> Config:
    """The configuration that holds in a folder. raises: BadConfig, with the file."""
    folder = (start or Path.cwd()).resolve()
    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if path.is_file():
            return Config.of(_table(path), f"[tool.driftproof] in {path}")
    return Config()


def _table(path: Path) -> Mapping[str, Any]:
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError) as error:
        raise BadConfig(f"{path} cannot be read: {error}.", "", "Mend the file, or run elsewhere.") from error
    table = tool.get("driftproof", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise BadConfig(
            f"[tool.driftproof] in {path} is not a table.", "", 'Write [tool.driftproof] and tier = "fast".'
        )
    return table
