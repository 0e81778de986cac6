"""What an audit came to: verdict, what the target was identified as, findings; as JSON and JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from driftproof.checks.runtime.summary import plain

from .finding import SEVERITIES, Finding
from .process import events
from .request import Request

VERDICTS = ("conforms", "variant", "precision", "bug", "unknown")


@dataclass(frozen=True)
class NotDone:
    """A check without an outcome, and why. undecided: it was begun or should have been; a skip is none of that."""

    check: str
    reason: str
    undecided: bool = False


@dataclass(frozen=True)
class AuditReport:
    """declared: the rule that the target should follow, "" if nothing says.

    identified: rule, conventions, equation and distances, as core.audit_events gives them; empty if it never ran.
    verdict: one of VERDICTS.   passed, skipped: checks.   dictionary: version of the conventions, None if not reached.
    about: title, kind, where and version of the target.
    """

    target: str
    verdict: str = "unknown"
    declared: str = ""
    identified: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    skipped: tuple[NotDone, ...] = ()
    seconds: float = 0.0
    dictionary: int | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def explanation(self) -> str:
        """One line on the verdict."""
        return str(self.identified.get("explanation", "")) or next((f.message for f in self.findings), "")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Checks that have no outcome though they should: out of time, or ended by an error that says nothing."""
        broken = [f.check for f in self.findings if f.code in ("DP902", "DP904")]
        return tuple(dict.fromkeys([*(s.check for s in self.skipped if s.undecided), *broken]))

    @property
    def exit_code(self) -> int:
        """1 a finding of severity error or a bug, 4 unknown or not decided, 0 all else."""
        from .policy import Policy

        return Policy().exit_code(self)

    def count(self, severity: str) -> int:
        """How many findings are of that severity."""
        return sum(f.severity == severity for f in self.findings)

    def of(self, check: str) -> list[Finding]:
        """Findings of one check."""
        return [f for f in self.findings if f.check == check]

    @property
    def checks(self) -> tuple[str, ...]:
        """Every check with an outcome or a reason for none, each once."""
        names = (*(f.check for f in self.findings), *self.passed, *(s.check for s in self.skipped))
        return tuple(dict.fromkeys(names))

    def without(self, names: Iterable[str]) -> AuditReport:
        """The report without the findings and checks of these codes or names."""
        left = set(names)
        findings = tuple(f for f in self.findings if not {f.code, f.check} & left)
        skipped = tuple(s for s in self.skipped if s.check not in left)
        return replace(self, findings=findings, skipped=skipped, passed=tuple(c for c in self.passed if c not in left))

    def as_json(self) -> dict[str, Any]:
        """Plain data for json.dumps; numbers that JSON lacks are written as text."""
        found: dict[str, Any] = plain(
            {
                "target": self.target,
                "declared": self.declared or None,
                "identified": {k: v for k, v in self.identified.items() if k not in ("event", "verdict", "explanation")}
                or None,
                "verdict": self.verdict,
                "explanation": self.explanation,
                "findings": [f.as_json() for f in self.findings],
                **{f"{name}s": self.count(name) for name in SEVERITIES},
                "passed": list(self.passed),
                "skipped": [{"check": s.check, "reason": s.reason, "undecided": s.undecided} for s in self.skipped],
                "undecided": list(self.undecided),
                **{name: self.about.get(name, "") for name in ("title", "kind", "where", "version")},
                "dictionary": self.dictionary,
                "seconds": round(self.seconds, 3),
            }
        )
        return found

    def as_junit(self) -> str:
        """JUnit XML: one testcase for every check of the target."""
        from .junit import junit
        from .policy import Policy

        return junit([(self, Policy())])

    def __str__(self) -> str:
        from .screen import page

        return page(self)


def audited(request: Request, source: str | None = None) -> AuditReport:
    """Runs the audit in processes of its own.

    source: another generator than core's, for tests.
    raises: DriftproofError where the target, the rule or an argument cannot be found.
    """
    report = AuditReport(request.target)
    for event in events(request, source) if source else events(request):
        report = _with(report, event)
    return _with_identification(report).without(request.ignore)


def _with(report: AuditReport, event: Mapping[str, Any]) -> AuditReport:
    """The report after one more event."""
    match event["event"]:
        case "target":
            about = {name: str(event.get(name) or "") for name in ("title", "kind", "where", "version")}
            return replace(report, about=about, declared=event.get("declared") or "")
        case "identified":
            return replace(report, identified=dict(event), verdict=event["verdict"])
        case "finding":
            read = {name: value for name, value in event.items() if name != "event"}
            return replace(report, findings=(*report.findings, Finding.of_json(read)))
        case "passed":
            return replace(report, passed=(*report.passed, event["check"]))
        case "skipped":
            skip = NotDone(event["check"], event["reason"], bool(event.get("undecided")))
            return replace(report, skipped=(*report.skipped, skip))
        case "end":
            ended = {name: event[name] for name in ("verdict", "seconds", "dictionary")}
            return replace(report, **ended)
    return report


ALWAYS = ("rule", "convention", "precision", "runs", "step-size-changes", "several-tensors", "unknown-rule")
"""Checks of the identification that are decided for every target that is a declared rule."""


def _with_identification(report: AuditReport) -> AuditReport:
    """With the checks of the identification among the passed ones, or the skipped ones."""
    from .codes import identification_checks

    if report.about.get("kind") == "kernel":
        return report  # which was given its rule
    failed = {f.check for f in report.findings}
    passed, skipped = [], []
    for check in identification_checks():
        if check in failed:
            continue
        if reason := _undecidable(report, check):
            skipped.append(NotDone(check, reason))
        else:
            passed.append(check)
    return replace(report, passed=(*passed, *report.passed), skipped=(*skipped, *report.skipped))


def _undecidable(report: AuditReport, check: str) -> str:
    """Why a check of the identification says nothing here, or ""."""
    if not report.identified:
        return "the target did not run"
    if check == "runs" and report.identified.get("rule"):
        return ""
    if not report.identified.get("exact", report.verdict not in ("unknown", "bug")):
        return "the rule is not known"
    if check in ALWAYS:
        return ""
    if check == "weight-decay" and "lambda" not in report.identified.get("arguments", {}):
        return "no argument sets weight decay"
    if check in ("option", "option-unknown") and not report.identified.get("options"):
        return "no flag chooses a convention"
    return ""
