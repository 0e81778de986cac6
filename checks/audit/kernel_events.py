"""The audit of a kernel as events, in the process of the kernel: the same form as core.audit_events."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftproof.checks.runtime.render import equation_lines
from driftproof.theory.errors import DriftproofError, UnknownName, nearest

from .declared import claimed
from .kernel import CHECKS, audit_kernel
from .target import located
from .variant import Variant

SETTINGS = ("arrays", "device")
"""What --set may say: arrays, "torch" or "numpy"; device, of torch."""


def kernel_events(
    target: str,
    rule: str = "",
    words: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    deep: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    seed: int = 20260129,
) -> Iterator[dict[str, Any]]:
    """Runs the sweep; the whole of it is one check, since a kernel that crashes leaves nothing to go on with.

    target: module:function or path.py:function.   rule: needed unless the function has the name of one.
    fixed: see SETTINGS.
    raises: DriftproofError for a function, a rule or a setting that cannot be found.
    """
    began = time.perf_counter()
    function, _, name, _ = located(target)
    settings = _settings(fixed or {})
    declared = rule or claimed(name)
    if not callable(function) or not declared:
        what = "is no function" if declared else "does not say which rule it is"
        raise DriftproofError(f"{target} {what}.", "", "driftproof audit --kernel module:function --rule RULE")
    variant = Variant.of(declared)
    yield {"event": "target", "title": name, "kind": "kernel", "where": "", "version": "", "declared": variant.text}
    yield _identified(variant)
    findings = []
    if "DP950" not in ignore:  # it is, when the sweep has crashed an earlier process
        yield {"event": "probe", "code": "DP950", "check": CHECKS["DP950"][0]}
        audit = audit_kernel(function, variant, target, seed=seed, **settings)
        findings = [f for f in audit.findings]
        rows = [[size, *words] for size, words in audit.rows()]
        yield {**_identified(variant), "table": rows, "runs": audit.runs}
        yield from ({"event": "finding", **found.as_json()} for found in findings)
        yield from _others({f.code for f in findings})
    bug = any(f.severity == "error" for f in findings)
    end = {"verdict": "bug" if bug else "conforms", "seconds": time.perf_counter() - began, "dictionary": None}
    yield {"event": "end", **end}


def _others(found: set[str]) -> Iterator[dict[str, Any]]:
    """The checks without a finding: they say nothing of a kernel that is wrong, or raises, on plain buffers."""
    reason = "the kernel is not right on plain buffers" if found & {"DP950", "DP955"} else ""
    for code, (check, _) in CHECKS.items():
        if code not in found:
            outcome = {"event": "skipped", "reason": reason} if reason else {"event": "passed"}
            yield {**outcome, "code": code, "check": check}


def _settings(fixed: Mapping[str, Any]) -> dict[str, Any]:
    for name in fixed:
        if name not in SETTINGS:
            raise UnknownName(f"A kernel has no setting '{name}'.", "", nearest(name, SETTINGS))
    if fixed.get("arrays", "torch") not in ("torch", "numpy"):
        raise DriftproofError(f"arrays = {fixed['arrays']!r} is not known.", "", "One of 'torch', 'numpy'.")
    return dict(fixed)


def _identified(variant: Variant) -> dict[str, Any]:
    return {
        "event": "identified",
        "rule": variant.name,
        "conventions": variant.conventions,
        "text": variant.text,
        "exact": True,
        "equation": equation_lines(variant.rule),
        "verdict": "conforms",
        "explanation": "",
        "options": [],
    }
