"""[tool.driftproof.audit]: which targets are audited, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from driftproof.theory.errors import nearest

from .config_error import BadConfig

SEVERITIES = ("note", "warning", "error")
ABOUT_TARGETS = ("rule", "arguments", "set", "expected_failed_checks")


@dataclass(frozen=True)
class AuditConfig:
    """What `driftproof audit` and the pytest plugin do unless their options say otherwise.

    targets: audited where none is named.   fail_on: the least severity that fails.   timeout: seconds for each target.
    dictionary: the version that verdicts are meant for; 0 for any.
    rule, arguments, set, expected_failed_checks: target -> what is said of it; "" -> what is said of all.
    """

    targets: tuple[str, ...] = ()
    rule: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    set: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    expected_failed_checks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fail_on: str = "error"
    timeout: int = 0
    dictionary: int = 0

    @classmethod
    def of(cls, table: Any, where: str) -> AuditConfig:
        """raises: BadConfig for a key that does not exist, with the nearest one, and for a value of another type."""
        if not isinstance(table, dict):
            raise BadConfig(f"{where}: audit = {table!r} is not a table.", "", "Write [tool.driftproof.audit].")
        known = [item.name for item in fields(cls)]
        for key in table:
            if key not in known:
                raise BadConfig(
                    f"{where} has the unknown key 'audit.{key}'.",
                    "A misspelt key would silently do nothing.",
                    nearest(key, known),
                )
        return cls(**{key: _READERS[key](key, value, where) for key, value in table.items()})

    def about(self, key: str, target: str) -> dict[str, Any]:
        """Of arguments, set or expected_failed_checks: what is said of all targets, then of this one."""
        found = getattr(self, key)
        return {**found.get("", {}), **found.get(target, {})}

    def rule_of(self, target: str) -> str:
        """The RULE of a target, "" if nothing is said."""
        return self.rule.get(target, self.rule.get("", ""))


def _targets(key: str, value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _wrong(key, value, where, 'a list of strings such as ["mylib.optim:MyAdam"]')


def _rule(key: str, value: Any, where: str) -> dict[str, str]:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and all(":" in name and isinstance(v, str) for name, v in value.items()):
        return dict(value)
    raise _wrong(key, value, where, 'a RULE, or a table {"mylib.optim:MyAdam" = "adam"}')


def _tables(key: str, value: Any, where: str) -> dict[str, dict[str, Any]]:
    """A key with a colon is a target, and has a table of its own; all others are for every target."""
    form = '{name = value}, or {"mylib.optim:MyAdam" = {name = value}}'
    if not isinstance(value, dict):
        raise _wrong(key, value, where, f"a table {form}")
    found: dict[str, dict[str, Any]] = {"": {}}
    for name, item in value.items():
        if ":" in name and not isinstance(item, dict):
            raise _wrong(key, {name: item}, where, f"a table {form}")
        inner = item if ":" in name else {name: item}
        if key != "set" and not all(isinstance(text, str) and text for text in inner.values()):
            raise _wrong(key, inner, where, f"a table {form} of strings")
        found.setdefault(name if ":" in name else "", {}).update({k: _tuple(v) for k, v in inner.items()})
    return found


def _tuple(value: Any) -> Any:
    """TOML has no tuples, and optimizers want them for betas."""
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value


def _severity(key: str, value: Any, where: str) -> str:
    if value not in SEVERITIES:
        raise _wrong(key, value, where, f"one of {', '.join(SEVERITIES)}")
    return str(value)


def _number(key: str, value: Any, where: str) -> int:
    if type(value) is not int or value < 1:
        raise _wrong(key, value, where, "a whole number from 1 on")
    return value


def _wrong(key: str, value: Any, where: str, meant: str) -> BadConfig:
    return BadConfig(f"{where}: audit.{key} = {value!r} is not {meant}.", "", f"Write {key} as {meant}.")


_READERS: Mapping[str, Any] = {
    "targets": _targets,
    "rule": _rule,
    **{key: _tables for key in ABOUT_TARGETS[1:]},
    "fail_on": _severity,
    "timeout": _number,
    "dictionary": _number,
}
