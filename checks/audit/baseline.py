"""A baseline: the findings that a project knows and lives with, so that only new ones fail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.checks.runtime.output import as_json, write_whole
from driftproof.theory.errors import DriftproofError

from .finding import SEVERITIES, Finding

if TYPE_CHECKING:
    from .report import AuditReport


@dataclass(frozen=True)
class Baseline:
    """targets: target -> {"verdict": its verdict, "findings": {code: worst severity}}.   dictionary: see core."""

    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dictionary: int | None = None

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """raises: DriftproofError for a file that is not there, or is none."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise DriftproofError(f"There is no baseline {path}.", "", "--write-baseline makes it.") from error
        except (OSError, ValueError) as error:
            raise DriftproofError(f"{path} cannot be read: {error}", "", "--write-baseline makes it anew.") from error
        if not _sound(data):
            raise DriftproofError(f"{path} is no baseline.", "", "--write-baseline makes one.")
        return cls(data["targets"], data["dictionary"])

    def write(self, path: Path) -> None:
        """Whole or not at all. raises: CannotWrite."""
        write_whole(
            path, as_json({"dictionary": self.dictionary, "targets": dict(sorted(self.targets.items()))}) + "\n"
        )

    def knows(self, target: str, found: Finding) -> bool:
        """Whether the code was there, at least as severe."""
        known = self._findings(target).get(found.code)
        return known is not None and SEVERITIES.index(known) >= SEVERITIES.index(found.severity)

    def verdict(self, target: str) -> str:
        """The verdict at that time, "" for a target that it does not have."""
        return str(self.targets.get(target, {}).get("verdict", ""))

    def gone(self, report: AuditReport) -> list[str]:
        """Codes that were there and are not found any more, of checks that passed or had no finding left."""
        now = {f.code for f in report.findings}
        return [code for code in self._findings(report.target) if code not in now]

    def updated(self, reports: Iterable[AuditReport]) -> Baseline:
        """With what these reports found, in place of what was known of their targets."""
        reports = list(reports)
        found = {r.target: {"verdict": r.verdict, "findings": _worst(r.findings)} for r in reports}
        versions = [r.dictionary for r in reports if r.dictionary is not None]
        return Baseline({**self.targets, **found}, versions[-1] if versions else self.dictionary)

    def _findings(self, target: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self.targets.get(target, {}).get("findings", {})
        return found


def _worst(findings: Iterable[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in sorted(findings, key=lambda f: (f.code, SEVERITIES.index(f.severity))):
        found[item.code] = item.severity
    return found


def _sound(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("targets"), dict) or "dictionary" not in data:
        return False
    return all(
        isinstance(entry, dict)
        and isinstance(entry.get("findings"), dict)
        and set(map(str, entry["findings"].values())) <= set(SEVERITIES)
        for entry in data["targets"].values()
    )
