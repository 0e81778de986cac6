"""The answer of `prove`: every theorem searched anew, replayed by the kernel, and compared with the files that ship."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from driftproof.theory.errors import DriftproofError, UnknownName, nearest
from driftproof.theory.kernel.inferences import Proved
from driftproof.theory.kernel.replay import Report, replay, sha256, stated
from driftproof.theory.kernel.untrusted import Rejected
from driftproof.theory.proving import corpus
from driftproof.theory.proving.coq_export import exported
from driftproof.theory.proving.instance import Instance
from driftproof.theory.proving.theorem import Theorem

from .output import write_whole
from .processors import spread

PLACEHOLDER = "placeholder"
KINDS = ("statements", "certificates")


@dataclass(frozen=True)
class Outcome:
    """A theorem after the search and the replay. `reason` says what is wrong; empty where it is proved."""

    theorem: Theorem
    statement: str
    certificate: str
    report: Report | None
    coq: str  # the exported text; empty where it is not proved
    accepted_by_coq: bool
    seconds: float
    reason: str = ""
    shipped: bool = False

    def written(self) -> Outcome:
        """What it is once its files have been written."""
        return replace(self, reason="", shipped=True) if self.report else self

    @property
    def status(self) -> str:
        return self.theorem.status if self.report else PLACEHOLDER

    def as_json(self) -> dict[str, Any]:
        """The keys of the design: id, statement, status, cites, certificate, coq, seconds; `reason`, `instances`."""
        file = corpus.folder("certificates") / f"{self.theorem.theorem}.json"
        return {
            "id": self.theorem.theorem,
            "statement": " ".join(self.theorem.says.split()),
            "status": self.status,
            "cites": [source for _, source in self.theorem.cites.values()],
            "certificate": str(file) if self.shipped else None,
            "coq": self.accepted_by_coq,
            "definitions": {made.name: made.rule for made in self.theorem.definitions},
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
            "instances": [_instance(given) for given in self.theorem.instances],
        }


def _instance(given: Instance) -> dict[str, str]:
    """What it is, and whose numbers its names have: rule and torch are empty where nothing runs."""
    torch = f"torch.optim.{given.run.torch}" if given.run and given.run.torch else ""
    return {"instance": given.says, "rule": given.run.rule if given.run else "", "torch": torch}


def selected(ids: Sequence[str]) -> list[str]:
    """These theorems and those that they use, or all; what is used comes first. raises: UnknownName."""
    known = corpus.theorems()
    for name in ids:
        if name not in known:
            raise UnknownName(f"There is no theorem '{name}'.", "", nearest(name, known, "driftproof prove lists all."))
    wanted = set(ids or known)
    for name in reversed(known):
        if name in wanted:
            wanted.update(known[name].lemmas)
    return [name for name in known if name in wanted]


@dataclass(frozen=True)
class Searched:
    """What the search of one theorem gave, on the word of the statements of its lemmas."""

    certificate: str
    report: Report | None
    coq: str
    seconds: float
    reason: str = ""


def searched(name: str) -> Searched:
    """A theorem searched, replayed, and exported to Coq."""
    theorem, started = corpus.theorems()[name], time.perf_counter()
    try:
        used = {made.name: made.text for made in theorem.definitions}
        before = {lemma: _said(lemma) for lemma in theorem.lemmas}
        certificate = theorem.certificate(used, before, {})
        report = replay(certificate, theorem.statement(), used, before)
        coq = exported(report.statement, certificate, {lemma: said for lemma, (_, said) in before.items()})
    except (Rejected, DriftproofError) as wrong:
        return Searched("", None, "", time.perf_counter() - started, str(wrong))
    return Searched(certificate, report, coq, time.perf_counter() - started)


@cache
def _said(name: str) -> tuple[str, Proved]:
    """The hash of a theorem's statement, and what others may use of it."""
    theorem = corpus.theorems()[name]
    text = theorem.statement()
    return sha256(text), stated(text, {made.name: made.text for made in theorem.definitions}).proved


def proved(ids: Sequence[str], jobs: int = 1) -> Iterator[Outcome]:
    """Every selected theorem, searched, replayed, and exported to Coq, on so many processes."""
    names = selected(ids)
    with spread(jobs, len(names)) as spread_map:
        yield from _outcomes(names, spread_map(searched, names))


def _outcomes(names: Sequence[str], found: Iterable[Searched]) -> Iterator[Outcome]:
    """What each is beside the files that ship; proved is only what rests on what is proved."""
    shipped, statements, certificates = (corpus.shipped(k) for k in ("definitions", "statements", "certificates"))
    judged = corpus.accepted_by_coq()
    accepted: set[str] = set()
    for name, one in zip(names, found, strict=True):
        theorem = corpus.theorems()[name]
        statement = theorem.statement()
        missing = [used for used in theorem.lemmas if used not in accepted]
        if one.report is None or missing:
            reason = one.reason or f"it uses {missing[0]}, which is not proved"
            yield Outcome(theorem, statement, "", None, "", False, one.seconds, reason)
            continue
        accepted.add(name)
        same = statements.get(name) == statement and certificates.get(name) == one.certificate
        same = same and all(shipped.get(made.name) == made.text for made in theorem.definitions)
        reason = "" if same else "the files that ship are others: driftproof prove --write"
        by_coq = judged.get(name) == sha256(one.coq)
        yield Outcome(theorem, statement, one.certificate, one.report, one.coq, by_coq, one.seconds, reason, same)


def write(outcomes: Sequence[Outcome], complete: bool) -> list[str]:
    """Ships statements and certificates; with `complete`, removes those of no theorem. Returns what changed."""
    changed = []
    for outcome in outcomes:
        if outcome.report is None:
            continue
        files = [("definitions", made.name, made.text) for made in outcome.theorem.definitions]
        files += [
            (k, outcome.theorem.theorem, t)
            for k, t in zip(KINDS, (outcome.statement, outcome.certificate), strict=True)
        ]
        for kind, name, text in files:
            file = corpus.folder(kind) / f"{name}.json"
            if not file.exists() or file.read_text() != text:
                file.parent.mkdir(exist_ok=True)
                write_whole(file, text)
                changed.append(str(file))
    if complete:
        names = {outcome.theorem.theorem for outcome in outcomes}
        defined = {made.name for outcome in outcomes for made in outcome.theorem.definitions}
        for kind, kept in (*((kind, names) for kind in KINDS), ("definitions", defined)):
            for file in corpus.folder(kind).glob("*.json"):
                if file.stem not in kept:
                    file.unlink()
                    changed.append(str(file))
    return changed


def export(outcomes: Sequence[Outcome], folder: str) -> Path:
    """Writes the Coq library and a file for every proved theorem; in the order of use in _order."""
    to = Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    for old in to.glob("*.v"):
        old.unlink()
    write_whole(to / "Library.v", (corpus.folder("coq") / "Library.v").read_text())
    for outcome in outcomes:
        if outcome.coq:
            write_whole(to / f"{outcome.theorem.theorem}.v", outcome.coq)
    return to
