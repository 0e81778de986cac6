"""Statements and certificates that are changed together, so that what was well formed and bound stays so.

A mutant has another statement, and steps that say the same other thing wherever they said the old one. Some are still
proofs (of something weaker, or of an instance), most are not; whether one is accepted is up to the kernel.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from driftproof.theory.kernel import replay
from driftproof.theory.kernel.formulas import Claim, Formula, formula
from driftproof.theory.kernel.terms import Term, show, substitute, term
from driftproof.theory.kernel.untrusted import Rejected

TERMS = ("bound", "context", "term")
BLOCKS = ("steps", "zero", "next", "nonnegative", "negative")
SWAPPED = {"<=": "<", "<": "<=", ">=": ">", ">": ">=", "=": "<=", "/=": ">"}
Change = Callable[[Any, Any, random.Random], None]


def steps(found: list[Any]) -> Iterator[Any]:
    """Every step, those in blocks too."""
    for step in found:
        yield step
        for block in BLOCKS:
            yield from steps(step[block]) if block in step else ()


def rows(said: Any) -> list[Any]:
    return [*said["hypotheses"], *said["cites"], *said["claims"]]


def formulas(said: Any, proof: Any) -> list[str]:
    """The texts of all formulas, each once."""
    return list(dict.fromkeys([row[1] for row in rows(said)] + [step["claim"] for step in steps(proof["steps"])]))


def everywhere(said: Any, proof: Any, change: Callable[[str], str], inner: Callable[[Term], Term] | None) -> None:
    """Changes every formula, by its text, and every term elsewhere."""
    for row in rows(said):
        row[1] = change(row[1])
    for step in steps(proof["steps"]):
        step["claim"] = change(step["claim"])
        if inner is None:
            continue
        for key in TERMS:
            if key in step:
                step[key] = show(inner(term(step[key])))
        for product in step.get("products", ()):
            product[1] = [show(inner(term(text))) for text in product[1]]
        for equation in step.get("equations", ()):
            equation[0] = show(inner(term(equation[0])))
        for name, value in step.get("values", {}).items():
            *parameters, body = value if isinstance(value, list) else [value]
            changed = show(inner(term(body)))
            step["values"][name] = [*parameters, changed] if isinstance(value, list) else changed


def mapped(found: Formula, inner: Callable[[Term], Term]) -> Formula:
    """The formula with another term on each side of each claim."""

    def side(claim: Claim) -> Claim:
        return Claim(claim.relation, inner(claim.left), inner(claim.right))

    return Formula(found.binders, tuple(map(side, found.premises)), side(found.conclusion))


def written(found: Formula) -> str:
    return str(formula(str(found)))


# The changes


def relation(said: Any, proof: Any, draw: random.Random) -> None:
    """One formula, or all, with < for <=, > for >=, or the other way round."""
    chosen = draw.choice(formulas(said, proof)) if draw.random() < 0.8 else None

    def change(text: str) -> str:
        if chosen not in (None, text):
            return text
        found = formula(text)
        end = found.conclusion
        end = Claim(SWAPPED.get(end.relation, end.relation), end.left, end.right)
        return written(Formula(found.binders, found.premises, end))

    everywhere(said, proof, change, None)


def numeral(said: Any, proof: Any, draw: random.Random) -> None:
    """Another number, in one formula wherever it stands, or everywhere."""
    chosen = draw.choice(formulas(said, proof)) if draw.random() < 0.7 else None
    old, new = draw.choice([0, 1, 1, 2, 2, 3, 4]), draw.choice([0, 1, 2, 3, 5])

    def inner(found: Term) -> Term:
        if found == ("num", old):
            return ("num", new)
        return tuple(inner(part) if isinstance(part, tuple) else part for part in found)

    def change(text: str) -> str:
        return written(mapped(formula(text), inner)) if chosen in (None, text) else text

    everywhere(said, proof, change, inner if chosen is None else None)


def factor(said: Any, proof: Any, draw: random.Random) -> None:
    """A variable times 2, minus it, itself plus 1, or another one: in one formula, or everywhere."""
    name, sort = draw.choice(sorted(said["variables"].items()))
    arity, kind = sort.count("nat") - (sort == "nat"), sort.partition("(")[0]
    alike = [other for other, like in said["variables"].items() if like == sort]
    letters = tuple(f"p{place}" for place in range(arity))
    plain = ("name", name, tuple(("name", letter, ()) for letter in letters))
    other = ("name", draw.choice(alike), plain[2])
    choices = [("*", ("num", 2), plain), ("+", plain, ("num", 1)), other, ("num", draw.choice([0, 1, 2]))]
    choices += [] if kind == "nat" else [("neg", plain)]
    value = {name: (letters, draw.choice(choices))}
    chosen = draw.choice(formulas(said, proof)) if draw.random() < 0.4 else None

    def change(text: str) -> str:
        return written(formula(text).substituted(value)) if chosen in (None, text) else text

    everywhere(said, proof, change, (lambda found: substitute(found, value)) if chosen is None else None)


def sort(said: Any, proof: Any, draw: random.Random) -> None:
    """A variable, or a binder wherever its formula stands, of another sort."""
    bound = [text for text in formulas(said, proof) if text.startswith("forall")]
    kinds = ("nat", "real", "rand")
    if bound and draw.random() < 0.5:
        chosen = draw.choice(bound)
        place = draw.randrange(len(formula(chosen).binders))

        def change(text: str) -> str:
            if text != chosen:
                return text
            binders = list(formula(text).binders)
            binders[place] = (binders[place][0], draw.choice(kinds))
            return written(Formula(tuple(binders), formula(text).premises, formula(text).conclusion))

        everywhere(said, proof, change, None)
        return
    name, old = draw.choice(sorted(said["variables"].items()))
    said["variables"][name] = draw.choice(kinds[1:] if "(" in old else kinds) + old[len(old.partition("(")[0]) :]


def dropped(said: Any, proof: Any, draw: random.Random) -> None:
    """Without a hypothesis, a premise of a formula, or a step, and without what is said to rest on it."""
    several = [text for text in formulas(said, proof) if formula(text).premises]
    if several and draw.random() < 0.3:
        chosen = draw.choice(several)

        def change(text: str) -> str:
            found = formula(text)
            return written(Formula(found.binders, found.premises[1:], found.conclusion)) if text == chosen else text

        for step in steps(proof["steps"]):
            if step["claim"] == chosen and "assume" in step:
                _forgotten(proof["steps"], step["assume"].pop(0))
        everywhere(said, proof, change, None)
        return
    if said["hypotheses"] and draw.random() < 0.7:
        _forgotten(proof["steps"], said["hypotheses"].pop(draw.randrange(len(said["hypotheses"])))[0])
    else:
        _forgotten(proof["steps"], proof["steps"].pop(draw.randrange(len(proof["steps"])))["name"])


def _forgotten(found: list[Any], name: str) -> None:
    for step in steps(found):
        for product in step.get("products", ()):
            product[2] = [fact for fact in product[2] if fact != name]
        if "equations" in step:
            step["equations"] = [row for row in step["equations"] if row[1] != name]
        for key in ("premises", "facts", "hypotheses"):
            if key in step:
                step[key] = [fact for fact in step[key] if fact != name]


def evidence(said: Any, proof: Any, draw: random.Random) -> None:
    """The same claims for other reasons: another fact, coefficient, or square."""
    names = [row[0] for row in [*said["hypotheses"], *said["cites"]]] + [step["name"] for step in steps(proof["steps"])]
    found = draw.choice(list(steps(proof["steps"])))
    if found.get("products"):
        product = draw.choice(found["products"])
        product[0] = draw.choice([product[0], "1", "1/2", "2", "-1"])
        product[2] = [draw.choice(names) if draw.random() < 0.3 else fact for fact in product[2]]
    elif found.get("equations"):
        draw.choice(found["equations"])[1] = draw.choice(names)
    elif "fact" in found:
        found["fact"] = draw.choice(names)
    for key in ("premises", "facts", "hypotheses"):
        if key in found:
            found[key] = [draw.choice(names) if draw.random() < 0.3 else fact for fact in found[key]]


CHANGES: dict[str, Change] = {
    change.__name__: change for change in (relation, numeral, factor, sort, dropped, evidence)
}


def mutant(statement: str, certificate: str, change: Change, draw: random.Random) -> tuple[str, str] | None:
    """The two files after a change, hashes and digest right; None if the change cannot be written down."""
    said, proof = json.loads(statement), json.loads(certificate)
    before = copy.deepcopy((said, proof))
    try:
        change(said, proof, draw)
    except (Rejected, IndexError):  # a name would be captured, or there is nothing of that kind to change
        return None
    if (said, proof) == before:
        return None
    changed = replay.canonical(said)
    proof["statement"] = replay.sha256(changed)
    proof["digest"] = replay.digest(proof)
    return changed, replay.canonical(proof)
