"""`Check`: one property, in a file of its own whose name is a sentence that is true when it passes.

A check yields verdicts, and `NotRun` for what it could not run here. It names mutants too: wrong versions of
what it checks, each with the oracle that must tell it from the right one. A run executes both.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from . import seeds
from .verdict import EVIDENCE, FAIL, PASS, Verdict

if TYPE_CHECKING:
    from driftproof.theory.references import Source
    from driftproof.theory.rule import UpdateRule

TIERS = ("fast", "full")
OPTIONAL = ("torch", "hypothesis", "scipy", "cvxpy")
"""Packages that some subjects need and the base installation does not bring."""
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def absent(*packages: str) -> str:
    """Which of these packages are not installed, and how to get them; "" if none is missing."""
    lacking = [name for name in packages if find_spec(name) is None]
    verb = "is" if len(lacking) == 1 else "are"
    return f'{", ".join(lacking)} {verb} not installed: pip install "driftproof[torch,check]"' if lacking else ""


@dataclass(frozen=True)
class NotRun:
    """What a check left out, and why: a missing compiler, a rule out of scope."""

    id: str
    subject: str
    reason: str


@dataclass(frozen=True)
class Mutant:
    """A wrong version, and the oracle that kills it without sharing code with us.

    kill: runs it; returns how it died, such as "0.31 steps off at step 2", or "" if it survived.
    """

    name: str
    oracle: str
    kill: Callable[[], str]


@dataclass(frozen=True)
class MutantResult:
    """id: of the check.  how: the mutant's end, empty if it survived."""

    id: str
    name: str
    oracle: str
    how: str
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        return bool(self.how)


@dataclass(frozen=True)
class Context:
    """What a run gives a check.

    tier: "fast" or "full".   selected: the rules asked for by --rule, with their RULE strings; None means all.
    seed: root of all randomness of this check.
    """

    check: Check
    tier: str = "fast"
    selected: tuple[tuple[str, UpdateRule], ...] | None = None
    seed: int = 0

    def rules(self, default: Iterable[str] = ()) -> list[UpdateRule]:
        """The rules asked for that the check applies to; where none was asked for, these RULE strings."""
        if self.selected is not None:
            return [rule for _, rule in self.selected if self.check.applies_to(rule)]
        from driftproof.theory.catalogue import rule

        return [rule(text) for text in default]

    def wants(self, rule: UpdateRule) -> bool:
        """Whether a rule of the check's own list was asked for: by name, or by its exact variant."""
        if self.selected is None:
            return True
        named = (asked for _, asked in self.selected if asked.name == rule.name and _is_declared(asked))
        return any(asked.label in (asked.name, rule.label) for asked in named)

    def verdict(self, subject: str, holds: bool | str, evidence: str | None = None, **more: Any) -> Verdict:
        """A verdict of this check; holds: True, False, or the outcome of `decide`."""
        outcome = holds if isinstance(holds, str) else PASS if holds else FAIL
        fields = {"evidence": evidence or self.check.evidence, "replay": self.replay, **more}
        return Verdict(self.check.id, fields.pop("claim", self.check.claim), subject, outcome, **fields)

    def not_run(self, subject: str, reason: str) -> NotRun:
        return NotRun(self.check.id, subject, reason)

    @property
    def replay(self) -> str:
        """The command that repeats the verdict, with the rules and the seed of this run."""
        words = ["driftproof", "check", self.check.id]
        for text, _ in self.selected or ():
            words += ["--rule", text]
        if self.tier != "fast":
            words += ["--tier", self.tier]
        if self.seed != seeds.root(self.check.id):
            words += ["--seed", str(self.seed)]
        return shlex.join(words)


def _is_declared(rule: UpdateRule) -> bool:
    """Whether this is the declared rule of that label, not a file's own rule of the same name."""
    from driftproof.theory.catalogue import rule as declared
    from driftproof.theory.errors import DriftproofError

    try:
        return bool(declared(rule.label).digest == rule.digest)
    except DriftproofError:
        return False


def every_rule(rule: UpdateRule) -> bool:
    return True


def no_mutants(context: Context) -> Iterator[Mutant]:
    yield from ()


@dataclass(frozen=True)
class Check:
    """One property.

    id: stable, typed on the command line.    claim: one sentence, in our words.
    evidence: the strongest level its verdicts reach.    tier: "fast" runs always, "full" on request.
    run: yields verdicts.   mutants: wrong versions that it must tell apart.   applies_to: rules in its scope.
    source: where the claim is from, if it is from a paper.
    refutes: a published claim that its verdicts show to be false as stated, as a sentence that says so.
    cites: statements taken from the literature that its meaning rests on; a run counts each once.
    """

    id: str
    claim: str
    evidence: str
    run: Callable[[Context], Iterable[Verdict | NotRun]]
    mutants: Callable[[Context], Iterable[Mutant]] = no_mutants
    applies_to: Callable[[UpdateRule], bool] = every_rule
    tier: str = "fast"
    source: Source | None = None
    refutes: str = ""
    cites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise ValueError(f"check id {self.id!r}: use lower-case words with hyphens between them")
        if self.evidence not in EVIDENCE or self.tier not in TIERS or not self.claim.strip():
            raise ValueError(f"check '{self.id}': evidence {self.evidence!r}, tier {self.tier!r}, claim {self.claim!r}")
