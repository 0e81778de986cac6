"""When a report fails: by severity, by what is expected, by what a baseline knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftproof.theory.errors import DriftproofError

from .baseline import Baseline
from .finding import SEVERITIES, Finding
from .report import AuditReport

FAILED, UNDECIDED = 1, 4


@dataclass(frozen=True)
class Outcome:
    """Of one check. headline: its worst finding.   text: all of them, with scripts.   skipped: why it has none."""

    failed: bool = False
    headline: str = ""
    text: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class Policy:
    """fail_on: the least severity that fails.   expected: check -> why it is meant to fail; it must then fail.

    baseline: what was there before; None without one.
    """

    fail_on: str = "error"
    expected: Mapping[str, str] = field(default_factory=dict)
    baseline: Baseline | None = None

    def __post_init__(self) -> None:
        if self.fail_on not in SEVERITIES:
            raise DriftproofError(f"There is no severity '{self.fail_on}'.", "", f"One of {', '.join(SEVERITIES)}.")

    def counts(self, report: AuditReport, found: Finding) -> bool:
        """Whether a finding fails the audit."""
        if found.check in self.expected or SEVERITIES.index(found.severity) < SEVERITIES.index(self.fail_on):
            return False
        return self.baseline is None or not self.baseline.knows(report.target, found)

    def failing(self, report: AuditReport) -> list[Finding]:
        """Findings that fail the audit."""
        return [f for f in report.findings if self.counts(report, f)]

    def healed(self, report: AuditReport) -> list[str]:
        """Checks that were expected to fail, and passed: the expectation is out of date."""
        return [check for check in self.expected if check in report.passed]

    def exit_code(self, report: AuditReport) -> int:
        """1 something fails, 4 unknown or not decided, 0 all else."""
        contradicted = report.verdict == "bug" and not any(f.severity == "error" for f in report.findings)
        if self.failing(report) or self.healed(report) or contradicted:
            return FAILED
        known = self.baseline is not None and self.baseline.verdict(report.target) == "unknown"
        if report.verdict == "unknown" and not known and "unknown-rule" not in self.expected:
            return UNDECIDED
        return UNDECIDED if set(report.undecided) - set(self.expected) else 0

    def outcomes(self, report: AuditReport) -> dict[str, Outcome]:
        """check -> its outcome, for every check of the report."""
        return {check: self.outcome(report, check) for check in report.checks}

    def outcome(self, report: AuditReport, check: str) -> Outcome:
        """What became of one check; a check that the report does not have was not run."""
        found = sorted(report.of(check), key=lambda f: -SEVERITIES.index(f.severity))
        text = "\n\n".join(described(f) for f in found)
        if check in self.expected:
            if check in report.passed:
                return Outcome(True, "it was expected to fail, and passed", f"expected: {self.expected[check]}")
            return Outcome(False, text=text, skipped=f"expected: {self.expected[check]}")
        if found:
            worst = found[0]
            undecided = worst.code in ("DP902", "DP904") and not self.counts(report, worst)
            headline = f"{worst.code} {worst.severity}: {worst.message}"
            failed = any(self.counts(report, f) for f in found)
            return Outcome(failed, headline, text, headline if undecided else "")
        if check in report.passed:
            return Outcome()
        reasons = [s.reason for s in report.skipped if s.check == check]
        return Outcome(skipped=reasons[0] if reasons else "it does not apply to this target")


def described(found: Finding) -> str:
    """A finding in full: what, how small, and the script."""
    also = " (torch's own class has it too)" if found.also_in_torch else ""
    lines = [f"{found.code} {found.severity} {found.check}: {found.message}{also}"]
    if found.where:
        lines.append(f"at {found.where}")
    if found.counterexample is not None:
        c = found.counterexample
        lines += [f"{c.parameters} parameters x {c.entries} entries x {c.steps} steps:", c.script]
    return "\n".join(lines)
