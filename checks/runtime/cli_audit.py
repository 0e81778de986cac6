"""The command `audit`: anybody's optimizer, held against the declared rules."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driftproof.theory.errors import DriftproofError

from .cli_rules import formats
from .config_audit import SEVERITIES
from .output import Usage, as_json, complain, emit, report, styled
from .processors import usable

if TYPE_CHECKING:
    from driftproof.checks.audit.baseline import Baseline
    from driftproof.checks.audit.policy import Policy
    from driftproof.checks.audit.report import AuditReport
    from driftproof.checks.audit.request import Request

    from .config_audit import AuditConfig

WRONG_INPUT = 2
TARGET = "TARGET is module:Class or path.py:Class (--explain targets). Its code runs, in a process of its own."


@click.command(epilog=TARGET)
@click.argument("targets", nargs=-1, metavar="[TARGET ...]")
@click.option("--rule", metavar="RULE", help="What it should be.  [by the name of its class]")
@click.option("--argument", "words", multiple=True, metavar="LETTER=NAME", help="Which argument is beta1, say.")
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="An argument that is always given.")
@click.option("--deep", is_flag=True, help="Run the probes that take longer too.")
@click.option("--select", multiple=True, metavar="CODE", help="Only this check, by code or name; repeatable.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Without this check; repeatable.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds each.  [60, deep 300]")
@click.option("--baseline", metavar="FILE", help="Findings that are known; only others fail.")
@click.option("--write-baseline", is_flag=True, help="Write what is found to the baseline.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="What fails.  [default: error]")
@click.option("--kernel", metavar="MODULE:FUNCTION", help="Audit an update function of bare arrays instead.")
@click.option("--selftest", is_flag=True, help="Audit broken optimizers; all must be caught.")
@click.option("--all", "whole", is_flag=True, help="Print everything.")
@formats("text", "json", "junit")
def audit(targets: tuple[str, ...], form: str, output: str | None, **options: Any) -> int:
    """Say what an optimizer computes, and what is wrong with it.

    Without TARGET: those of [tool.driftproof.audit] in pyproject.toml.
    """
    if options["selftest"]:
        return _selftest(targets, form, output, options)
    if options["kernel"] and targets:
        raise Usage("--kernel takes the place of the target.", "", "Leave TARGET out.")
    from driftproof.checks.audit.codes import named

    from .config import load

    config = load().audit
    names = (options["kernel"],) if options["kernel"] else tuple(dict.fromkeys(targets or config.targets))
    if not names:
        raise Usage(
            "No target is named.", "[tool.driftproof.audit] has no targets either.", "driftproof audit torch.optim:Adam"
        )
    options |= {key: named(options[key]) for key in ("select", "ignore")}
    _check_dictionary(config)
    baseline = _baseline(options)
    by_target = {name: _policy(name, config, options, baseline) for name in names}
    reports, errors = _audited([_request(name, config, options) for name in names], bool(options["kernel"]))
    policies = [by_target[item.target] for item in reports]
    if baseline is not None and options["write_baseline"]:
        baseline = baseline.updated(reports)
        baseline.write(Path(options["baseline"]))
        policies = [replace(policy, baseline=baseline) for policy in policies]
    if reports:
        _show(reports, policies, form, output, options["whole"])
    for error in errors:
        report(error)
    codes = [policy.exit_code(item) for item, policy in zip(reports, policies, strict=True)]
    return WRONG_INPUT if errors else min((code for code in codes if code), default=0)


def _request(target: str, config: AuditConfig, options: dict[str, Any]) -> Request:
    """What is said on the command line, then in the configuration."""
    from driftproof.checks.audit.request import DEEP, Request, literals, pairs

    given = {**config.about("set", target), **literals(options["fixed"])}
    if options["kernel"]:
        given = literals(options["fixed"])
    return Request(
        target,
        options["rule"] or config.rule_of(target),
        {**config.about("arguments", target), **pairs(options["words"], "--argument")},
        given,
        options["deep"],
        options["select"],
        options["ignore"],
        timeout=options["timeout"] or config.timeout or (DEEP if options["kernel"] else None),
    )


def _policy(target: str, config: AuditConfig, options: dict[str, Any], baseline: Baseline | None) -> Policy:
    from driftproof.checks.audit.codes import expected
    from driftproof.checks.audit.policy import Policy

    return Policy(
        options["fail_on"] or config.fail_on, expected(config.about("expected_failed_checks", target)), baseline
    )


def _check_dictionary(config: AuditConfig) -> None:
    """raises: DriftproofError where verdicts are pinned to another version of the conventions."""
    from driftproof.checks.audit.codes import dictionary_version

    now = dictionary_version()
    if config.dictionary and config.dictionary != now:
        raise DriftproofError(
            f"[tool.driftproof.audit] pins dictionary {config.dictionary}; this driftproof has {now}.",
            "A verdict may be another one than with the version that was pinned.",
            f"Read the findings again, then write dictionary = {now}.",
        )


def _baseline(options: dict[str, Any]) -> Baseline | None:
    """The one that is there; an empty one where it is about to be written for the first time."""
    from driftproof.checks.audit.baseline import Baseline

    from .output import require_folder

    path, write = options["baseline"], options["write_baseline"]
    if path is None:
        if write:
            raise Usage("--write-baseline needs a file.", "", "Say where: --baseline audit.json --write-baseline")
        return None
    if write:
        require_folder(path)
        if not Path(path).exists():
            return Baseline()
    return Baseline.read(Path(path))


def _audited(requests: Sequence[Request], kernel: bool) -> tuple[list[AuditReport], list[DriftproofError]]:
    """One after the other; a target that cannot be found does not cost the results of the others."""
    from driftproof.checks.audit.process import CORE, KERNEL
    from driftproof.checks.audit.report import audited

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the target's process ends with us
    reports: list[AuditReport] = []
    errors: list[DriftproofError] = []
    for number, request in enumerate(requests, 1):
        if sys.stderr and sys.stderr.isatty():
            print(f"\r\x1b[K[{number}/{len(requests)}] {request.target}"[:100], end="", file=sys.stderr, flush=True)
        try:
            reports.append(audited(request, KERNEL if kernel else CORE))
        except DriftproofError as error:
            errors.append(error)
        except KeyboardInterrupt:
            complain(f"interrupted during {request.target}; {len(reports)} of {len(requests)} targets were done")
            raise
        finally:
            if sys.stderr and sys.stderr.isatty():
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return reports, errors


def _show(
    reports: Sequence[AuditReport], policies: Sequence[Policy], form: str, output: str | None, whole: bool
) -> None:
    from driftproof.checks.audit.junit import junit
    from driftproof.checks.audit.screen import page, several

    if form == "json":
        found = [item.as_json() for item in reports]
        emit(as_json(found[0] if len(found) == 1 else found), output)
    elif form == "junit":
        emit(junit(zip(reports, policies, strict=True)), output)
    elif len(reports) == 1 or whole:
        pages = [page(item, policy, whole) for item, policy in zip(reports, policies, strict=True)]
        text = "\n\n".join(pages)
        emit(text if output else styled(text), output)
    else:
        text = several(reports, policies)
        emit(text if output else styled(text), output)


def _selftest(targets: Sequence[str], form: str, output: str | None, options: dict[str, Any]) -> int:
    """Whether the auditor sees what it should see."""
    if targets or options["kernel"]:
        raise Usage("--selftest takes no target.", "It audits broken optimizers of its own.", "Leave the target out.")
    if form == "junit":
        raise Usage("The self-test has no JUnit report.", "", "Use --format text or json.")
    from driftproof.checks.audit.selftest import selftest

    found = selftest(usable(), tier="full" if options["deep"] else "fast")
    emit(as_json(found.as_json()) if form == "json" else found.text(), output)
    return 0 if found.passed else 1


COMMANDS = (audit,)
