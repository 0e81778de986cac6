"""One audit, in the process of its target: what it is, what it should be, and every probe; as events."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftproof.checks.runtime.render import equation_lines

from .codes import applicable
from .declared import declared as declared_of
from .finding import Finding, verdict_with
from .identified import Identified
from .identify import identify
from .judge import Judge, Judged
from .observe import FAR, Laboratory, with_options
from .probe import Audited, Probe, Skipped
from .rule_codes import DICTIONARY
from .subject import Subject
from .target import subject as subject_of
from .variant import Variant

Event = dict[str, Any]


def audit_events(
    target: str,
    rule: str = "",
    words: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    deep: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    seed: int = 20260129,
) -> Iterator[Event]:
    """Runs the audit; each event is a mapping that JSON can hold, in the order in which things happen.

    target: module:Name or path.py:Name.   rule: the RULE that it should follow; "" to go by its name.
    words, fixed: letter -> argument, argument -> value.   deep: with what takes longer.
    select, ignore: codes or names of probes.
    raises: DriftproofError for a target or rule that cannot be found.
    """
    subject = subject_of(target)
    began = time.perf_counter()  # the time that imports take is not the audit's
    subject.signature = subject.signature.overridden(words or {}, fixed or {})
    claim = declared_of(subject.title, rule)
    yield {"event": "target", **_of_subject(subject), "declared": str(claim) if claim else ""}
    laboratory = Laboratory(subject)
    identified = identify(laboratory, claim)
    laboratory = with_options(laboratory, identified.under)
    judged = Judge(laboratory, identified, claim, bool(rule)).judged()
    yield _identified_event(identified, judged)
    verdict = judged.verdict
    own = subject.name.startswith("torch.optim")
    for found in judged.findings:
        yield _finding_event(found, own)
    audited = Audited(laboratory, identified, claim, deep, seed)
    for event in _probe_events(audited, tuple(select), tuple(ignore), own):
        if event["event"] == "finding":
            verdict = verdict_with(verdict, event["severity"], event["also_in_torch"])
        yield event
    yield {"event": "end", "verdict": verdict, "seconds": time.perf_counter() - began, "dictionary": DICTIONARY}


def _of_subject(subject: Subject) -> Event:
    return {name: getattr(subject, name) for name in ("title", "kind", "where", "version")}


def _identified_event(identified: Identified, judged: Judged) -> Event:
    variant = identified.variant
    ran = identified.distance is not FAR
    return {
        "event": "identified",
        "rule": variant.name if ran else "",
        "conventions": variant.conventions if ran else {},
        "text": str(variant) if ran else "",
        "around": variant.around,
        "exact": identified.exact,
        "in_steps": _number(max(identified.first.in_steps, identified.decay.in_steps if identified.decay else 0.0)),
        "at_default": _number(identified.at_default),
        "equation": equation_lines(variant.rule) if ran else [],
        "verdict": judged.verdict,
        "explanation": judged.explanation,
        "options": [
            {"option": o.text, "effect": o.effect, "is": str(o.variant) if o.variant else "", "exact": o.distance.exact}
            for o in identified.options
        ],
        "arguments": dict(identified.words),
        "near": [list(pair) for pair in identified.near],
    }


def _number(x: float) -> float | None:
    """JSON has no infinities and no NaN."""
    return float(x) if x == x and abs(x) != float("inf") else None


def _probe_events(audited: Audited, select: tuple[str, ...], ignore: tuple[str, ...], own: bool) -> Iterator[Event]:
    twin = _Twin(audited)
    for probe in applicable(audited.subject.kind, audited.deep, select, ignore):
        yield {"event": "probe", "code": probe.code, "check": probe.check}
        clean = True
        try:
            for found in probe.run(audited):
                clean = False
                yield _finding_event(found, own or twin.shares(probe))
        except Skipped as skipped:
            yield {"event": "skipped", "code": probe.code, "check": probe.check, "reason": str(skipped)}
            continue
        if clean:
            yield {"event": "passed", "code": probe.code, "check": probe.check}


def _finding_event(found: Finding, in_torch: bool) -> Event:
    return {"event": "finding", **found.as_json(), "also_in_torch": in_torch or found.also_in_torch}


TWINS: Mapping[str, str] = {
    "sgd": "SGD", "adam": "Adam", "amsgrad": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad",
    "adadelta": "Adadelta", "adamax": "Adamax", "nadam": "NAdam", "radam": "RAdam", "rprop": "Rprop", "asgd": "ASGD",
    "adafactor": "Adafactor", "muon": "Muon",
}  # fmt: skip
"""Rules and torch's own classes of them."""


class _Twin:
    """torch's own class of the rule that a target is, made when a finding asks for it."""

    def __init__(self, audited: Audited) -> None:
        self.audited = audited
        self._twin: Audited | None = None
        self._shared: dict[str, bool] = {}

    def shares(self, probe: Probe) -> bool:
        """Whether torch's class has a finding of the same probe."""
        identified = self.audited.identified
        name = TWINS.get(identified.variant.name, "") if identified and identified.distance.exact else ""
        if not name or self.audited.subject.kind != "torch":
            return False
        if probe.code not in self._shared:
            if self._twin is None:
                laboratory, declared = Laboratory(subject_of(f"torch.optim:{name}")), Variant(identified.variant.name)  # type: ignore[union-attr]
                self._twin = Audited(laboratory, identify(laboratory, declared), declared, self.audited.deep)
            try:
                self._shared[probe.code] = any(True for _ in probe.run(self._twin))
            except Exception:
                self._shared[probe.code] = False
        return self._shared[probe.code]
