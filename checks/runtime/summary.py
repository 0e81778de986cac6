"""`Report`: what a run came to: verdicts, mutants, omissions and crashes, as counts, JSON and JUnit XML.

Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as xml

from .check import MutantResult, NotRun
from .statistics import familywise
from .verdict import FAIL, INCONCLUSIVE, PASS, STATUSES, Verdict


@dataclass(frozen=True)
class Crash:
    """A check that raised: a fault of ours, not a verdict. part: "verdicts" or "mutants"."""

    id: str
    part: str
    message: str
    traceback: str = ""


Event = Verdict | NotRun | MutantResult | Crash


@dataclass(frozen=True)
class Report:
    """events: in the order they came.   interrupted: the user stopped the run; what had finished is here.

    unfinished: checks whose verdicts or mutants were not all done.   cites: what the checks that ran take from the
    literature.   notes: sentences for the reader, such as why nothing ran.
    """

    events: tuple[Event, ...]
    seconds: float = 0.0
    interrupted: bool = False
    unfinished: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdicts(self) -> list[Verdict]:
        return [e for e in self.events if isinstance(e, Verdict)]

    @property
    def mutants(self) -> list[MutantResult]:
        return [e for e in self.events if isinstance(e, MutantResult)]

    @property
    def not_run(self) -> list[NotRun]:
        return [e for e in self.events if isinstance(e, NotRun)]

    @property
    def crashes(self) -> list[Crash]:
        return [e for e in self.events if isinstance(e, Crash)]

    @property
    def survivors(self) -> list[MutantResult]:
        return [m for m in self.mutants if not m.killed]

    def count(self, verdict: str) -> int:
        """How many verdicts are PASS, FAIL or INCONCLUSIVE."""
        return sum(v.verdict == verdict for v in self.verdicts)

    def shown(self, status: str) -> int:
        """How many claims are proved, derived, cited, measured or refuted.

        A verdict that passed is one claim, about its subject. A cited statement counts once, whatever rests on it;
        so does a published claim, however many verdicts refute it.
        """
        found = [v for v in self.verdicts if v.passed and v.status == status]
        if status == "refuted":
            return len({v.claim for v in found})
        return len(found) + (len(self.cites) if status == "cited" else 0)

    @property
    def familywise_error_bound(self) -> float:
        return familywise(v.level for v in self.verdicts)

    @property
    def exit_code(self) -> int:
        """130 interrupted, 3 a crash, 1 a failure or a mutant that survived, 4 inconclusive, 5 nothing ran, 0 good."""
        if self.interrupted:
            return 130
        if self.crashes:
            return 3
        if self.count(FAIL) or self.survivors:
            return 1
        if self.count(INCONCLUSIVE):
            return 4
        return 0 if self.verdicts else 5

    def as_json(self) -> dict[str, Any]:
        """Plain data for json.dumps; numbers that JSON lacks (infinities, NaN) are written as text."""
        found: dict[str, Any] = plain(
            {
                "verdicts": [_verdict_json(v) for v in self.verdicts],
                **{status: self.shown(status) for status in STATUSES},
                "passed": self.count(PASS),
                "failed": self.count(FAIL),
                "inconclusive": self.count(INCONCLUSIVE),
                "familywise_error_bound": self.familywise_error_bound,
                "mutation_score": {
                    "killed": len(self.mutants) - len(self.survivors),
                    "total": len(self.mutants),
                    "survivors": [{"id": m.id, "mutant": m.name, "oracle": m.oracle} for m in self.survivors],
                },
                "cites": list(self.cites),
                "not_run": [{"id": n.id, "subject": n.subject, "reason": n.reason} for n in self.not_run],
                "crashes": [{"id": c.id, "part": c.part, "message": c.message} for c in self.crashes],
                "interrupted": self.interrupted,
                "unfinished": list(self.unfinished),
                "notes": list(self.notes),
                "seconds": round(self.seconds, 3),
            }
        )
        return found

    def as_junit(self) -> str:
        """JUnit XML: a suite of verdicts and a suite of mutants."""
        root = xml.Element("testsuites", name="driftproof")
        suite(root, "checks", [_case(e) for e in self.events if not isinstance(e, MutantResult)])
        suite(root, "mutants", [_case(m) for m in self.mutants])
        xml.indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    keys = ("id", "claim", "subject", "verdict", "evidence", "status", "interval", "n", "level", "seed", "seconds")
    return {**{key: getattr(verdict, key) for key in keys}, "replay": verdict.replay, "detail": dict(verdict.detail)}


def plain(value: Any) -> Any:
    """Data that JSON can hold: what it lacks is written as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _case(event: Event) -> xml.Element:
    name = next(getattr(event, word) for word in ("subject", "name", "part") if hasattr(event, word))
    case = xml.Element("testcase", classname=event.id, name=xml_text(name), time=f"{getattr(event, 'seconds', 0):.3f}")
    match event:
        case Verdict(verdict="FAIL"):
            xml.SubElement(case, "failure", message=xml_text(event.claim)).text = xml_text(_detail(event))
        case Verdict(verdict="INCONCLUSIVE"):
            xml.SubElement(case, "skipped", message=xml_text(f"inconclusive: {_detail(event)}"))
        case NotRun():
            xml.SubElement(case, "skipped", message=xml_text(event.reason))
        case Crash():
            xml.SubElement(case, "error", message=xml_text(event.message)).text = xml_text(event.traceback)
        case MutantResult() if not event.killed:
            xml.SubElement(case, "failure", message=xml_text(f"survived {event.oracle}"))
    return case


def _detail(verdict: Verdict) -> str:
    return "; ".join([f"{k}: {v}" for k, v in verdict.detail.items()] + [f"replay: {verdict.replay}"])


def xml_text(value: str) -> str:
    """XML 1.0 has no control characters but tab and line ends."""
    return "".join(c if c in "\t\n" or ord(c) >= 32 else "?" for c in value)


def suite(root: xml.Element, name: str, cases: Iterable[xml.Element]) -> None:
    """Adds a suite with its counts."""
    suite = xml.SubElement(root, "testsuite", name=name)
    suite.extend(cases)
    suite.set("tests", str(len(suite)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"./testcase/{tag}"))))
