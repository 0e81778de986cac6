"""Statements, definitions and certificates as files, and the replay of a proof. Read as untrusted; nothing is executed.

A statement is what a person reads and signs:

    {"format": "driftproof statement", "version": 1, "theorem": ID, "title": .., "says": .., "sources": [..],
     "variables": {NAME: SORT}, "definitions": [NAME ..], "hypotheses": [[NAME, FORMULA] ..],
     "cites": [[NAME, FORMULA, SOURCE] ..], "claims": [[NAME, FORMULA] ..]}

Definitions are equations of an update rule, generated from its file:

    {"format": "driftproof definitions", "version": 1, "name": .., "rule": .., "variables": {NAME: SORT},
     "equations": [[NAME, FORMULA] ..]}

A certificate proves one statement, and says by hash which:

    {"format": "driftproof certificate", "version": 1, "theorem": ID, "statement": SHA256,
     "definitions": {NAME: SHA256}, "lemmas": {ID: SHA256}, "steps": [..],
     "model": {"values": {NAME: TERM}, "steps": [..]}, "search": {..}, "digest": SHA256}

Hypotheses, equations and cited formulas are the first facts, under their names. The steps derive every claim. The model
gives rational values to all variables and shows that all first facts hold there: no theorem is about nothing. Every
file is written one way (`canonical`); the digest covers all of a certificate but `search`, which says how it was found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .formulas import Formula, written
from .inferences import Proved, Scope, run
from .polynomial import Normal
from .terms import Sort, is_name, kind, show
from .terms import written as written_term
from .untrusted import Rejected, keys, parsed, require

VERSION = 1
_STATEMENT = "format version theorem title says sources variables definitions hypotheses cites claims".split()
_DEFINITIONS = "format version name rule variables equations".split()
_LISTS = {"sources", "hypotheses", "cites", "claims", "equations"}
_CERTIFICATE = "format version theorem statement definitions lemmas steps model search digest".split()


@dataclass(frozen=True)
class Statement:
    """A theorem as it is stated, its definitions put in."""

    theorem: str
    variables: Mapping[str, Sort]
    given: Mapping[str, Formula]  # equations, hypotheses and citations
    cites: tuple[str, ...]
    claims: tuple[Formula, ...]
    data: Mapping[str, Any]

    @property
    def proved(self) -> Proved:
        """What others may use of it once its certificate is replayed."""
        return Proved(self.variables, tuple(self.given.values()), self.claims)


@dataclass(frozen=True)
class Report:
    """A replayed certificate: what it proves, what that rests on, and which first facts the proof used."""

    statement: Statement
    lemmas: tuple[str, ...]
    used: frozenset[str]


def canonical(data: Any) -> str:
    """The one way in which a file is written."""
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def sha256(text: str) -> str:
    """The hash by which files name each other."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(certificate: Mapping[str, Any]) -> str:
    """The hash of a certificate on one line, without what it says about the search, and without this."""
    kept = {key: certificate[key] for key in _CERTIFICATE if key not in ("search", "digest")}
    return sha256(json.dumps(kept, sort_keys=True))


def _file(text: str, wanted: list[str], what: str) -> dict[str, Any]:
    data: dict[str, Any] = parsed(text)
    keys(data, wanted, f"the {what}")
    found = f"{data['format']} {data['version']!r}"
    require(found == f"driftproof {what} {VERSION}", f"it is no {what}, version {VERSION}")
    require(canonical(data) == text, f"the {what} is not written the one way it can be written")
    require(all(isinstance(data[key], list) for key in _LISTS & set(wanted)), f"a list in the {what} is none")
    return data


def stated(text: str, definitions: Mapping[str, str]) -> Statement:
    """The statement that a file says, with the files of its definitions."""
    data = _file(text, _STATEMENT, "statement")
    variables = _sorts(data["variables"])
    given: dict[str, Formula] = {}
    require(isinstance(data["definitions"], list), "the definitions of a statement are a list")
    for name in data["definitions"]:
        require(name in definitions, f"there are no definitions {name!r}")
        defined = _file(definitions[name], _DEFINITIONS, "definitions")
        require(defined["name"] == name, f"the definitions {name!r} are those of {defined['name']!r}")
        for letter, sort in _sorts(defined["variables"]).items():
            require(variables.setdefault(letter, sort) == sort, f"{letter} has two sorts")
        given |= _named(defined["equations"], given)
    given |= _named(data["hypotheses"], given)
    cited = _named([(name, text) for name, text, _ in data["cites"]], given)
    claims = _named(data["claims"], {})
    for name, said in (*given.items(), *cited.items(), *claims.items()):
        try:
            said.check(variables)
        except Rejected as wrong:
            raise Rejected(f"{name}: {wrong}") from None
    require(claims, "a statement claims something")
    return Statement(data["theorem"], variables, {**given, **cited}, tuple(cited), tuple(claims.values()), data)


def _sorts(data: Any) -> dict[str, Sort]:
    require(isinstance(data, dict) and all(map(is_name, data)), "variables are names with sorts")
    return {name: Sort.of(sort) for name, sort in data.items()}


def _named(rows: Any, taken: Mapping[str, Formula]) -> dict[str, Formula]:
    found: dict[str, Formula] = {}
    for name, text in rows:
        require(is_name(name) and name not in found and name not in taken, f"the name {name!r} is taken, or is none")
        found[name] = written(text)
    return found


def replay(
    certificate: str, statement: str, definitions: Mapping[str, str], theorems: Mapping[str, tuple[str, Proved]]
) -> Report:
    """Goes through a proof step by step. `theorems` are those replayed before, with the hashes of their statements.

    raises: Rejected, with the step and the reason; nothing else, whatever the files hold.
    """
    try:
        return _replay(certificate, statement, definitions, theorems)
    except Rejected:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, ArithmeticError) as error:
        raise Rejected(f"it is not well formed: {type(error).__name__}: {str(error)[:200]}") from error


def _replay(
    certificate: str, statement: str, definitions: Mapping[str, str], theorems: Mapping[str, tuple[str, Proved]]
) -> Report:
    data, said = _file(certificate, _CERTIFICATE, "certificate"), stated(statement, definitions)
    require(data["theorem"] == said.theorem, f"it proves {data['theorem']}, not {said.theorem}")
    require(data["statement"] == sha256(statement), "it was made for another statement")
    hashes = {name: sha256(definitions[name]) for name in said.data["definitions"]}
    require(data["definitions"] == hashes, "it was made for other definitions")
    require(data["digest"] == digest(data), "the digest is another one: the certificate was edited")
    for name, found in data["lemmas"].items():
        require(name in theorems and theorems[name][0] == found, f"it rests on another statement of {name}")
    lemmas = {name: theorems[name][1] for name in data["lemmas"]}
    scope = run(Scope.of(said.variables, said.given, lemmas), data["steps"])
    derived = _facts(scope)
    for claim in said.claims:
        require(derived(claim), "no step says the claim {}", claim)
    _satisfied(said, data["model"])
    return Report(said, tuple(data["lemmas"]), frozenset(scope.used & set(said.given)))


def _facts(scope: Scope) -> Callable[[Formula], bool]:
    """Whether a formula is among the facts, to the letter or by its key."""
    formulas = {fact.formula for fact in scope.facts.values()}
    by_key = cache(lambda: {said.key(scope.sorts) for said in formulas})
    return lambda goal: goal in formulas or goal.key(scope.sorts) in by_key()


def _satisfied(said: Statement, model: Any) -> None:
    """All first facts hold for these values, which know no variable: constants and functions of natural numbers."""
    keys(model, ["values", "steps"], "the model")
    values: dict[str, tuple[tuple[str, ...], Any]] = {}
    require(
        isinstance(model["values"], dict) and set(model["values"]) == set(said.variables), "values for all variables"
    )
    for name, given in model["values"].items():
        *parameters, body = given if isinstance(given, list) else [given]
        require(len(parameters) == said.variables[name].arity, f"the value of {name} takes other arguments")
        value = written_term(body)
        found = kind(value, dict.fromkeys(parameters, Sort("nat")))
        require(found == "nat" or said.variables[name].kind != "nat", f"{show(value)} is no natural number")
        values[name] = (tuple(parameters), value)
    shown = _facts(run(Scope.of({}, {}, {}), model["steps"]))
    for name, first in said.given.items():
        here = first.substituted(values)
        require(_plainly(here) or shown(here), "the model does not show {}: {}", name, here)


def _plainly(said: Formula) -> bool:
    """Whether a formula about constants holds by arithmetic, whatever its premises."""
    if said.conclusion.relation == "past":
        return kind(said.conclusion.left, said.inside({})) != "rand"
    sorts = said.inside({})
    said.check({})
    relation, difference = said.conclusion.meaning(Normal(sorts, linear=True))
    if difference and set(difference) != {()}:
        return False
    value = difference.get((), 0)
    return {"=": value == 0, ">=": value >= 0, ">": value > 0, "/=": value != 0}[relation]
