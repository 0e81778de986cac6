"""The replay of files: each certificate alone, on the word of what it rests on, and then all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..kernel.inferences import Proved
from ..kernel.replay import Report, replay, sha256, stated
from ..kernel.untrusted import Rejected, parsed
from .corpus import shipped

Spread = Callable[..., Iterable[Any]]
"""A function as `map`: it may do the work elsewhere, and keeps the order."""


@dataclass(frozen=True)
class Replayed:
    """A theorem and what the replay says: a report, or why it is rejected."""

    theorem: str
    report: Report | None
    reason: str = ""


@dataclass(frozen=True)
class Task:
    """A certificate and the texts that its replay reads. Tasks know nothing of each other."""

    theorem: str
    certificate: str
    statement: str | None
    lemmas: Mapping[str, str]
    """The statements of the theorems that it uses, by name."""
    definitions: Mapping[str, str]


def replay_alone(task: Task) -> Replayed:
    """Replays a certificate on the word of the statements that it rests on; whether those hold is not asked."""
    try:
        if task.statement is None:
            raise Rejected(
                f"no statement of {task.theorem[:80]!r} ships; a certificate proves a statement that is on record"
            )
        definitions = tuple(sorted(task.definitions.items()))
        before = {name: (sha256(text), _proved(text, definitions)) for name, text in task.lemmas.items()}
        return Replayed(task.theorem, replay(task.certificate, task.statement, task.definitions, before))
    except Rejected as wrong:
        return Replayed(task.theorem, None, str(wrong))


@lru_cache(maxsize=512)
def _proved(statement: str, definitions: tuple[tuple[str, str], ...]) -> Proved:
    return stated(statement, dict(definitions)).proved


@dataclass(frozen=True)
class ProofFiles:
    """Statements, certificates and definitions, by name."""

    statements: Mapping[str, str]
    certificates: Mapping[str, str]
    definitions: Mapping[str, str]

    @classmethod
    def shipped(cls) -> ProofFiles:
        """Those that ship."""
        return cls(*map(shipped, ("statements", "certificates", "definitions")))

    def replayed(self, asked: Sequence[tuple[str, str]], spread: Spread = map) -> list[Replayed]:
        """The certificates (theorem, text), each of them and of those that they rest on replayed once.

        Rejected is also what rests on a rejected certificate, or on itself. spread: `map`, or that of a pool.
        """
        waiting, tasks = list(asked), dict[tuple[str, str], Task]()
        while waiting:
            name, text = waiting.pop()
            if (name, text) not in tasks:
                tasks[name, text] = task = self._task(name, text)
                waiting += [(used, self.certificates.get(used, "")) for used in task.lemmas]
        found = dict(zip(tasks, spread(replay_alone, tasks.values()), strict=True))
        wrong = {one: result.reason for one, result in found.items() if result.report is None}
        memo: dict[tuple[str, str], str] = {}

        def reason(one: tuple[str, str], above: tuple[tuple[str, str], ...] = ()) -> str:
            """Why a certificate is rejected, or one that it rests on; "" if none is."""
            if one in above:
                return "it rests on itself"
            if one not in memo:
                used = ((name, self.certificates.get(name, "")) for name in tasks[one].lemmas if one not in wrong)
                below = (f"{name}: {why}" for name, text in used if (why := reason((name, text), (*above, one))))
                memo[one] = wrong.get(one) or next(below, "")
            return memo[one]

        return [Replayed(one[0], None, why) if (why := reason(one)) else found[one] for one in asked]

    def _task(self, name: str, text: str) -> Task:
        try:
            lemmas = parsed(text).get("lemmas")
            used = [lemma for lemma in lemmas if lemma in self.statements] if isinstance(lemmas, dict) else []
        except (Rejected, AttributeError):
            used = []
        lemmas = {lemma: self.statements[lemma] for lemma in used}
        return Task(name, text, self.statements.get(name), lemmas, self.definitions)
