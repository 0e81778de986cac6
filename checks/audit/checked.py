"""Checks of targets as tests of pytest: loaded when there is one to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from driftproof.checks.runtime.config import load
from driftproof.checks.runtime.config_audit import AuditConfig
from driftproof.theory.errors import DriftproofError

from .codes import all_checks, expected
from .policy import Policy
from .report import AuditReport, audited
from .request import Request


class CheckFailed(AssertionError):
    """A check has findings that fail it; the text is for people."""


@lru_cache(maxsize=256)
def audit_once(text: str) -> AuditReport:
    """The report of a request, given as its text; the target runs once. raises: DriftproofError."""
    return audited(Request.of_text(text))


@dataclass(frozen=True)
class Check:
    """One check of one target; calling it runs the audit, once for all checks of a target.

    request: its text.   reason: why it is meant to fail, "" if it is not.
    """

    target: str
    name: str
    request: str
    policy: Policy
    reason: str = ""

    def __call__(self) -> None:
        """raises: CheckFailed with the findings; skips where the check says nothing about the target."""
        report = audit_once(self.request)
        if self.reason:
            if found := report.of(self.name):
                raise CheckFailed("\n".join(_described(f) for f in found))
            if self.name in report.passed:
                return
        outcome = self.policy.outcome(report, self.name)
        if outcome.failed:
            raise CheckFailed(outcome.text)
        if outcome.skipped:
            pytest.skip(outcome.skipped)

    def __repr__(self) -> str:
        return f"<check {self.name} of {self.target}>"


def _described(found: Any) -> str:
    from .policy import described

    return described(found)


def checks_of(
    target: str,
    expected_failed: Mapping[str, str] | None = None,
    rule: str = "",
    arguments: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    deep: bool = False,
    fail_on: str = "",
    config: AuditConfig | None = None,
) -> Iterator[Check]:
    """Every check of a target. What is not given comes from the configuration. raises: UnknownName."""
    config = config or load().audit
    reasons = expected({**config.about("expected_failed_checks", target), **(expected_failed or {})})
    request = Request(
        target,
        rule or config.rule_of(target),
        {**config.about("arguments", target), **(arguments or {})},
        {**config.about("set", target), **(fixed or {})},
        deep,
        timeout=config.timeout or None,
    ).text()
    policy = Policy(fail_on or config.fail_on)
    for name in all_checks(deep):
        yield Check(target, name, request, policy, reasons.get(name, ""))


def named_target(target: str | type) -> str:
    """The text of a target. raises: DriftproofError for a class that has no name of its own in its module."""
    if isinstance(target, str):
        return target
    module, name = getattr(target, "__module__", ""), getattr(target, "__qualname__", "")
    if not isinstance(target, type) or "<" in name or module == "__main__":
        raise DriftproofError(
            f"{target!r} cannot be imported by its name.",
            "A target runs in a process of its own, which imports it.",
            'Give "module:Class" or "path.py:Class".',
        )
    return f"{module}:{name}"


class CheckItem(pytest.Item):
    """One check of one target, without a test file."""

    check: Check

    def runtest(self) -> None:
        self.check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any, **__: Any) -> Any:
        if isinstance(excinfo.value, CheckFailed | DriftproofError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return Path(self.config.rootpath), None, f"{self.check.target} {self.check.name}"


class TargetCollector(pytest.Collector):
    """The checks of one target."""

    checks: tuple[Check, ...]

    def collect(self) -> Iterator[CheckItem]:
        for check in self.checks:
            item = CheckItem.from_parent(self, name=check.name)
            item.check = check
            if check.reason:
                item.add_marker(pytest.mark.xfail(reason=check.reason, strict=True, raises=CheckFailed))
            yield item


def items_of(session: pytest.Session, targets: Iterable[str], deep: bool) -> Iterator[pytest.Item]:
    """The tests of the targets on the command line. raises: pytest.UsageError for what is not understood."""
    try:
        config = load(session.config.rootpath).audit
        for target in dict.fromkeys(targets):
            node = TargetCollector.from_parent(session, name=target, nodeid=f"driftproof::{target}")
            node.checks = tuple(checks_of(target, deep=deep, config=config))
            yield from node.collect()
    except DriftproofError as error:
        raise pytest.UsageError(str(error)) from error
