"""A theorem: its statement, a model of its hypotheses, and the script that proves it. Written into two files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import DriftproofError
from ..kernel.formulas import formula
from ..kernel.inferences import Proved, Scope
from ..kernel.replay import VERSION, canonical, digest, sha256, stated
from .define import Definitions
from .instance import Instance
from .script import Proof
from .spoken import canonical as canonical_term

Value = str | Sequence[str]


def _nothing(proof: Proof) -> None:
    """No steps: the model shows its hypotheses by arithmetic."""


@dataclass(frozen=True)
class Theorem:
    """A statement and how it is proved.

    says: the theorem in words.   sources: keys of papers, with the place.   variables: sorts by name.
    hypotheses, claims: formulas by name.   cites: formulas taken on trust, each with its source.
    definitions: equations of update rules, generated from their files. They join variables and, first, hypotheses;
    the statement names them.   lemmas: theorems that the proof uses.
    model: values of all variables (for families [parameter, .., term]) for which the hypotheses hold; `shown` proves
    those of them that arithmetic does not decide.   script: the proof.
    instances: values with which the check theorems-hold-on-compiled-code judges all of it, on runs of optimizers.
    refutes: a published claim that it shows to be false as stated, as a sentence that says so.
    unproved: what of a published claim it does not reach, and why, as a sentence that says so.
    """

    theorem: str
    title: str
    says: str
    variables: Mapping[str, str]
    hypotheses: Mapping[str, str]
    claims: Mapping[str, str]
    model: Mapping[str, Value]
    script: Callable[[Proof], None]
    sources: Sequence[str] = ()
    cites: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    definitions: Sequence[Definitions] = ()
    lemmas: Sequence[str] = ()
    shown: Callable[[Proof], None] = _nothing
    instances: Sequence[Instance] = ()
    refutes: str = ""
    unproved: str = ""

    def __post_init__(self) -> None:
        equations = {name: said for made in self.definitions for name, said in made.equations.items()}
        sorts = {name: sort for made in self.definitions for name, sort in made.variables.items()}
        for name in equations.keys() & self.hypotheses.keys():
            if str(formula(self.hypotheses[name])) != equations[name]:
                raise DriftproofError(f"{self.theorem}: {name} is written, and is not what definitions say of it.")
        object.__setattr__(self, "hypotheses", {**equations, **self.hypotheses})
        object.__setattr__(self, "variables", {**self.variables, **sorts})

    @property
    def written(self) -> Mapping[str, str]:
        """The hypotheses that no definitions say."""
        said = {name for made in self.definitions for name in made.equations}
        return {name: text for name, text in self.hypotheses.items() if name not in said}

    @property
    def status(self) -> str:
        """proved, or reduced where something is cited."""
        return "reduced" if self.cites else "proved"

    def statement(self) -> str:
        """The statement as a file."""
        data = {
            "format": "driftproof statement",
            "version": VERSION,
            "theorem": self.theorem,
            "title": self.title,
            "says": " ".join(self.says.split()),
            "sources": list(self.sources),
            "variables": dict(self.variables),
            "definitions": [made.name for made in self.definitions],
            "hypotheses": _rows(self.written),
            "cites": [[name, str(formula(text)), source] for name, (text, source) in self.cites.items()],
            "claims": _rows(self.claims),
        }
        return canonical(data)

    def certificate(
        self, definitions: Mapping[str, str], proved: Mapping[str, tuple[str, Proved]], search: Mapping[str, str]
    ) -> str:
        """The certificate as a file. `proved` are the theorems shown before, with the hashes of their statements."""
        text = self.statement()
        used = {made.name: definitions[made.name] for made in self.definitions}
        said = stated(text, used)
        lemmas = {name: proved[name] for name in self.lemmas}
        proof = Proof(Scope.of(said.variables, said.given, {name: known for name, (_, known) in lemmas.items()}))
        self.script(proof)
        satisfied = Proof(Scope.of({}, {}, {}))
        self.shown(satisfied)
        made: dict[str, Any] = {
            "format": "driftproof certificate",
            "version": VERSION,
            "theorem": self.theorem,
            "statement": sha256(text),
            "definitions": {name: sha256(file) for name, file in used.items()},
            "lemmas": {name: found for name, (found, _) in lemmas.items()},
            "steps": proof.steps,
            "model": {"values": {name: _value(given) for name, given in self.model.items()}, "steps": satisfied.steps},
            "search": dict(search),
        }
        return canonical({**made, "digest": digest(made)})


def _rows(formulas: Mapping[str, str]) -> list[list[str]]:
    return [[name, str(formula(text))] for name, text in formulas.items()]


def _value(given: Value) -> str | list[str]:
    if isinstance(given, str):
        return canonical_term(given)
    return [*given[:-1], canonical_term(given[-1])]
