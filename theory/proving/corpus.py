"""All theorems: from their scripts, from the files that ship, and the replay of those."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from ..errors import DriftproofError, UnknownName, nearest
from ..kernel.inferences import Proved
from ..kernel.replay import Report, replay, sha256
from ..kernel.untrusted import Rejected, parsed
from .theorem import Theorem

PACKAGE = "driftproof.theory"


@cache
def theorems() -> Mapping[str, Theorem]:
    """Every theorem by its id, the name of its file in theory/theorems; those that are used come first."""
    from .. import theorems as folder

    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    found = {name: _theorem(name) for name in names}
    ordered: dict[str, Theorem] = {}
    for name in found:
        _visit(name, found, ordered, ())
    return ordered


def _theorem(name: str) -> Theorem:
    theorem = getattr(importlib.import_module(f"{PACKAGE}.theorems.{name}"), "THEOREM", None)
    if not isinstance(theorem, Theorem):
        raise DriftproofError(f"theory/theorems/{name}.py has no THEOREM", "every file there states one")
    if theorem.theorem != name:
        raise DriftproofError(
            f"theory/theorems/{name}.py states {theorem.theorem!r}", "a theorem has the name of its file"
        )
    return theorem


def _visit(name: str, found: Mapping[str, Theorem], ordered: dict[str, Theorem], above: tuple[str, ...]) -> None:
    if name in above:
        raise DriftproofError(f"{name} rests on itself", " -> ".join((*above, name)))
    if name not in found:
        raise UnknownName(f"there is no theorem {name!r}", "", nearest(name, found))
    if name not in ordered:
        for used in found[name].lemmas:
            _visit(used, found, ordered, (*above, name))
        ordered[name] = found[name]


def folder(kind: str) -> Path:
    """Where files of a kind ship: "statements", "certificates" or "definitions"."""
    return Path(str(resources.files(PACKAGE))) / kind


def shipped(kind: str) -> dict[str, str]:
    """The files of a kind, by name."""
    return {path.stem: path.read_text() for path in sorted(folder(kind).glob("*.json"))}


def definitions() -> dict[str, str]:
    """The definitions that theorems use, generated from the rule files, by name."""
    made = {one.name: one for theorem in theorems().values() for one in theorem.definitions}
    return {name: one.text for name, one in sorted(made.items())}


def accepted_by_coq() -> dict[str, str]:
    """The hashes of the exported files that Coq accepted when `make coq` last wrote them down, by theorem."""
    file = folder("coq") / "accepted.json"
    found: dict[str, str] = json.loads(file.read_text())["theorems"] if file.exists() else {}
    return found


@dataclass(frozen=True)
class Replayed:
    """A theorem and what the replay says: a report, or why it is rejected."""

    theorem: str
    report: Report | None
    reason: str = ""


def in_order(certificates: Mapping[str, str]) -> list[str]:
    """The certificates, those that others use first; what is not readable last, for the replay to reject."""
    uses: dict[str, list[str]] = {}
    for name, text in certificates.items():
        try:
            uses[name] = [used for used in parsed(text)["lemmas"] if used in certificates]
        except (Rejected, KeyError, TypeError):
            uses[name] = []
    ordered: list[str] = []
    for _ in range(len(uses)):
        ready = [name for name in uses if name not in ordered and all(used in ordered for used in uses[name])]
        ordered += ready
    return [*ordered, *(name for name in uses if name not in ordered)]


def replayed(
    statements: Mapping[str, str], certificates: Mapping[str, str], definitions: Mapping[str, str]
) -> Iterator[Replayed]:
    """Certificates replayed one after the other; each may use those accepted before it."""
    accepted: dict[str, tuple[str, Proved]] = {}
    for name in in_order(certificates):
        try:
            if name not in statements:
                raise Rejected("there is no statement of this theorem")
            report = replay(certificates[name], statements[name], definitions, accepted)
        except Rejected as wrong:
            yield Replayed(name, None, str(wrong))
            continue
        accepted[name] = (sha256(statements[name]), report.statement.proved)
        yield Replayed(name, report)


class Shipped:
    """The files that ship, read once; each certificate replayed once, when it or one that uses it is asked for."""

    def __init__(self) -> None:
        kinds = "statements", "certificates", "definitions"
        self.statements, self.certificates, self.definitions = map(shipped, kinds)
        self._reports: dict[str, Report] = {}

    def replay(self, name: str, certificate: str, above: tuple[str, ...] = ()) -> Report:
        """A certificate of a statement that ships, after those that it uses. raises: Rejected."""
        if name in above:
            raise Rejected(f"{name} rests on itself")
        if name not in self.statements:
            raise Rejected(f"no statement of {name[:80]!r} ships; a certificate proves a statement that is on record")
        ships = certificate == self.certificates.get(name)
        if ships and name in self._reports:
            return self._reports[name]
        lemmas = parsed(certificate).get("lemmas")
        if not isinstance(lemmas, dict):
            raise Rejected("lemmas are missing")
        accepted = {used: self._used(used, (*above, name)) for used in lemmas if used in self.certificates}
        report = replay(certificate, self.statements[name], self.definitions, accepted)
        if ships:
            self._reports[name] = report
        return report

    def _used(self, name: str, above: tuple[str, ...]) -> tuple[str, Proved]:
        try:
            report = self.replay(name, self.certificates[name], above)
        except Rejected as wrong:
            raise Rejected(f"{name}: {wrong}") from None
        return sha256(self.statements[name]), report.statement.proved
