"""Certificates replay: the kernel goes through every proof that ships and accepts it; what is false it rejects.

Nothing is searched, and no script of a theorem is loaded: statements, definitions and certificates are read as files,
each with those that it rests on before it. A theorem that cites a premise counts as cited, any other as proved.

The mutants are what a forger would write, with all hashes made to fit: a claim that is false, in the statement and
wherever the proof says it; a step that is false; a model that the hypotheses exclude; a lemma whose statement is
another one; and an edit with the old hash. That the first three are false says arithmetic in the model of the
certificate (`runtime/finite.py`), which shares no code with the inferences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.inferences import Proved
from driftproof.theory.kernel.replay import canonical, digest, replay, sha256, stated
from driftproof.theory.kernel.untrusted import Rejected
from driftproof.theory.proving import corpus
from driftproof.theory.proving.files import ProofFiles
from driftproof.theory.proving.instance import Instance

from .runtime.check import Check, Context, Mutant
from .runtime.finite import Finite
from .runtime.instances import built
from .runtime.verdict import Verdict
from .theorems_hold_on_compiled_code import altered

SMALL, LARGE = 4000, 16000
"""Bytes: the fast and the full tier forge certificates up to this size."""
ODD_VALUES = ("-1", "0", "3/2", "-7/3", "1000")
"""Tried for one variable of a model at a time, until a hypothesis is false."""


def run(context: Context) -> Iterator[Verdict]:
    """One verdict for each statement that ships."""
    files = ProofFiles.shipped()
    statements, certificates = files.statements, files.certificates
    found = {result.theorem: result for result in files.replayed(list(certificates.items()))}
    for name in dict.fromkeys((*statements, *found)):
        report = found[name].report if name in found else None
        if report is None:
            reason = found[name].reason if name in found else "it ships without a certificate"
            yield context.verdict(name, False, detail={"wrong": reason})
            continue
        status = "cited" if report.statement.cites else "proved"
        detail = {"claims": len(report.statement.claims), "rests on": ", ".join(report.lemmas) or "no other theorem"}
        yield context.verdict(name, True, n=certificates[name].count('"by":'), status=status, detail=detail)


# Forgeries


@dataclass(frozen=True)
class Files:
    """A statement and its certificate as data, what is replayed before it, and a model of its hypotheses."""

    name: str
    statement: Mapping[str, Any]
    certificate: Mapping[str, Any]
    definitions: Mapping[str, str]
    before: Mapping[str, tuple[str, Proved]]

    @cached_property
    def model(self) -> Finite:
        return self.model_with({})

    def model_with(self, others: Mapping[str, str]) -> Finite:
        """The model with other values for some variables."""
        values = {**self.certificate["model"]["values"], **others}
        return built(Instance("the model", {k: v if isinstance(v, str) else tuple(v) for k, v in values.items()}))

    def is_false(self, said: str) -> bool:
        """Whether a formula about the statement's variables is false in the model."""
        return bool(self.model.judged(formula(said)).refuted)

    def rejected(self, statement: Mapping[str, Any], certificate: Mapping[str, Any], fits: bool = True) -> str:
        """Why the kernel rejects these files, or "" if it accepts them. fits: their hashes are made to fit."""
        text = canonical(statement)
        data = dict(certificate)
        if fits:
            data["statement"] = sha256(text)
            data["digest"] = digest(data)
        try:
            replay(canonical(data), text, self.definitions, self.before)
        except Rejected as wrong:
            return str(wrong)
        return ""


def files(largest: int) -> Iterator[Files]:
    """Those whose certificate has at most so many bytes."""
    statements, definitions = corpus.shipped("statements"), corpus.shipped("definitions")
    known = {name: (sha256(text), stated(text, definitions).proved) for name, text in statements.items()}
    for name, text in corpus.shipped("certificates").items():
        if len(text) <= largest:
            yield Files(name, json.loads(statements[name]), json.loads(text), definitions, known)


def mutants(context: Context) -> Iterator[Mutant]:
    for found in files(LARGE if context.tier == "full" else SMALL):
        yield from _false_claims(found)
        yield from _false_steps(found)
        yield from _excluded_models(found)
        yield from _other_lemmas(found)
        edited = {**found.certificate, "steps": found.certificate["steps"][:-1]}
        kill = partial(found.rejected, found.statement, edited, fits=False)
        yield Mutant(f"{found.name}: its last step left out, with the old hash", "SHA-256", kill)


IN_THE_MODEL = "arithmetic in the model of the certificate"


def _false(found: Files, said: str) -> str:
    """The formula altered, if that is false in the model; "" if not, or if it is about the past."""
    if formula(said).conclusion.relation == "past":
        return ""
    wrong = altered(said)
    return wrong if found.is_false(wrong) else ""


def _false_claims(found: Files) -> Iterator[Mutant]:
    """The statement claims what is false, and so does the proof wherever it said what was true."""
    for place, (name, said) in enumerate(found.statement["claims"]):
        wrong = _false(found, said)
        if wrong:
            claims = [*found.statement["claims"]]
            claims[place] = [name, wrong]
            forged = {**found.certificate, "steps": _said_otherwise(found.certificate["steps"], said, wrong)}
            kill = partial(found.rejected, {**found.statement, "claims": claims}, forged)
            yield Mutant(f"{found.name}: claims {wrong}", IN_THE_MODEL, kill)


def _said_otherwise(data: Any, said: str, wrong: str) -> Any:
    """The same steps, and those inside them, with another formula."""
    if isinstance(data, dict):
        return {key: _said_otherwise(value, said, wrong) for key, value in data.items()}
    if isinstance(data, list):
        return [_said_otherwise(value, said, wrong) for value in data]
    return wrong if data == said else data


def _false_steps(found: Files) -> Iterator[Mutant]:
    steps = found.certificate["steps"]
    for place, step in enumerate(steps):
        wrong = _false(found, step["claim"])
        if wrong:
            forged = [*steps[:place], {**step, "claim": wrong}, *steps[place + 1 :]]
            kill = partial(found.rejected, found.statement, {**found.certificate, "steps": forged})
            yield Mutant(f"{found.name}: step {step['name']} says {wrong}", IN_THE_MODEL, kill)


def _excluded_models(found: Files) -> Iterator[Mutant]:
    """For each variable, a value at which a hypothesis is false."""
    model = found.certificate["model"]
    for variable, value in model["values"].items():
        if not isinstance(value, str) or found.statement["variables"].get(variable, "nat") == "nat":
            continue
        for odd in ODD_VALUES:
            other = found.model_with({variable: odd})
            if any(other.judged(formula(text)).refuted for _, text in found.statement["hypotheses"]):
                forged = {**found.certificate, "model": {**model, "values": {**model["values"], variable: odd}}}
                kill = partial(found.rejected, found.statement, forged)
                yield Mutant(f"{found.name}: a model with {variable} = {odd}", IN_THE_MODEL, kill)
                break


def _other_lemmas(found: Files) -> Iterator[Mutant]:
    for name in found.certificate["lemmas"]:
        forged = {**found.certificate, "lemmas": {**found.certificate["lemmas"], name: sha256("another statement")}}
        kill = partial(found.rejected, found.statement, forged)
        yield Mutant(f"{found.name}: rests on another {name}", "SHA-256", kill)


check = Check(
    id="certificates-replay",
    claim="Every certificate that ships replays in the kernel: it proves its statement from what that assumes and "
    "cites.",
    evidence="T0",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: False,
)
