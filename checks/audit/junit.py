"""Audits as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as xml

from driftproof.checks.runtime.summary import suite, xml_text

from .policy import UNDECIDED, Policy
from .report import AuditReport


def junit(reports: Iterable[tuple[AuditReport, Policy]]) -> str:
    """JUnit XML: a suite for every target, a testcase for every check, and one for the verdict."""
    root = xml.Element("testsuites", name="driftproof audit")
    for report, policy in reports:
        suite(root, report.target, _cases(report, policy))
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _cases(report: AuditReport, policy: Policy) -> list[xml.Element]:
    cases = []
    for name, outcome in policy.outcomes(report).items():
        case = xml.Element("testcase", classname=xml_text(report.target), name=name, time="0.000")
        if outcome.failed:
            failure = xml.SubElement(case, "failure", message=xml_text(outcome.headline))
            failure.text = xml_text(outcome.text)
        elif outcome.skipped:
            xml.SubElement(case, "skipped", message=xml_text(outcome.skipped))
        elif outcome.text:
            xml.SubElement(case, "system-out").text = xml_text(outcome.text)
        cases.append(case)
    verdict = xml.Element("testcase", classname=xml_text(report.target), name="verdict", time=f"{report.seconds:.3f}")
    said = xml_text(f"{report.verdict}: {report.explanation}")
    if policy.exit_code(report) == UNDECIDED:
        xml.SubElement(verdict, "skipped", message=f"not decided: {said}")
    else:
        xml.SubElement(verdict, "system-out").text = said
    return [*cases, verdict]
