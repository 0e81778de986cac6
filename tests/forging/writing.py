"""How a forgery is written: steps, and the files of a theorem with hashes that fit. FORGERIES holds all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FORGERIES: dict[str, Callable[[Any], object]] = {}


def step(name: str, claim: str, by: str, **rest: Any) -> dict[str, Any]:
    return {"name": name, "claim": claim, "by": by, **rest}


def have(name: str, claim: str, products: Any = (), equations: Any = ()) -> dict[str, Any]:
    """A combination; a product is the names of facts, with the coefficient 1, or a row."""
    rows = [["1", [], row.split("*")] if isinstance(row, str) else list(row) for row in products]
    return step(name, claim, "combination", products=rows, equations=[list(row) for row in equations])


def same(name: str, claim: str) -> dict[str, Any]:
    return step(name, claim, "linear")


def use(name: str, claim: str, fact: str, *premises: str, **values: Any) -> dict[str, Any]:
    return step(name, claim, "instance", fact=fact, values=values, premises=list(premises))


def fixing(name: str, claim: str, steps: Any, *assume: str) -> dict[str, Any]:
    return step(name, claim, "fixing", assume=list(assume), steps=steps)


def mean(name: str, claim: str, fact: str) -> dict[str, Any]:
    return step(name, claim, "mean", fact=fact)


def cases(name: str, claim: str, term: str, nonnegative: Any, negative: Any, assume: str = "case") -> dict[str, Any]:
    return step(name, claim, "cases", term=term, assume=assume, nonnegative=nonnegative, negative=negative)


def past(name: str, claim: str, *facts: str) -> dict[str, Any]:
    return step(name, claim, "past", facts=list(facts))


def induct(name: str, claim: str, zero: Any, following: Any, *assume: str) -> dict[str, Any]:
    blocks = {"zero": zero, "next": following}
    return step(name, claim, "induction", assume=list(assume), hypothesis="before", **blocks)


def by_lemma(name: str, claim: str, *hypotheses: str, **values: Any) -> dict[str, Any]:
    return step(name, claim, "lemma", theorem="known", values=values, hypotheses=list(hypotheses))


def theorem(
    k: Any,
    claims: Any = "1 = 1",
    steps: Any = None,
    variables: Any = None,
    given: Any = None,
    model: Any = None,
    shown: Any = (),
    known: Any = None,
    definitions: Any = None,
    statement: Any = None,
    certificate: Any = None,
    text: Callable[[str], str] = lambda text: text,
) -> object:
    """The files of a theorem, whose hashes are right, and their replay. `known`: variables, hypotheses and claims."""
    replay, formula = k.replay, k.formulas.formula
    variables, given, definitions = variables or {}, given or {}, definitions or {}
    claims = {"claim": claims} if isinstance(claims, str) else claims
    said = {
        "format": "driftproof statement",
        "version": 1,
        "theorem": "forged",
        "title": "",
        "says": "",
        "sources": [],
        "variables": variables,
        "definitions": list(definitions),
        "hypotheses": [[name, text] for name, text in given.items()],
        "cites": [],
        "claims": [[name, text] for name, text in claims.items()],
    } | (statement or {})
    theorems = {}
    if known:
        sorts = {name: k.terms.Sort.of(sort) for name, sort in known[0].items()}
        proved = k.inferences.Proved(sorts, tuple(map(formula, known[1])), tuple(map(formula, known[2])))
        theorems["known"] = ("hash of known", proved)
    files = {name: replay.canonical(data) for name, data in definitions.items()}
    signed = replay.canonical(said)
    made = {
        "format": "driftproof certificate",
        "version": 1,
        "theorem": "forged",
        "statement": replay.sha256(signed),
        "definitions": {name: replay.sha256(file) for name, file in files.items()},
        "lemmas": {name: found for name, (found, _) in theorems.items()},
        "steps": [same("done", "1 = 1")] if steps is None else steps,
        "model": {"values": model or {}, "steps": list(shown)},
        "search": {},
    }
    made["digest"] = ""
    made |= {key: value for key, value in (certificate or {}).items() if value is not None}
    if not (certificate or {}).get("digest"):
        made["digest"] = replay.digest(made)
    for key in [key for key, value in (certificate or {}).items() if value is None]:
        del made[key]
    return replay.replay(text(replay.canonical(made)), signed, files, theorems)


def forged(name: str, *arguments: Any, **rest: Any) -> None:
    """A forgery that is a theorem."""
    assert name not in FORGERIES
    FORGERIES[name] = lambda k: theorem(k, *arguments, **rest)


def misread(name: str, attempt: Callable[[Any], object]) -> None:
    """A forgery that is a smaller thing, read by one function of the kernel."""
    assert name not in FORGERIES
    FORGERIES[name] = attempt


X = {"variables": {"x": "real"}, "model": {"x": "0"}}
