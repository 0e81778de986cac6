"""Terms and formulas in Coq: naturals as nat, reals as R, random variables as functions of the outcome."""

from __future__ import annotations

from ..kernel.formulas import Claim, Formula
from ..kernel.polynomial import expanded
from ..kernel.terms import PAIRS, Sort, Sorts, Term, kind

TAKEN = frozenset(
    """E S R O I sum past agree outcome some_outcome omega Pr space exp ln sqrt pow Rabs INR IZR nat real plus mult
    eq le lt ge gt and or not fst snd pair tt true false None Some Type Set Prop SProp fun forall exists in as at let
    match with end if then else return using where fix cofix for mod is by do now""".split()
)
FUNCTIONS = {"sqrt": "sqrt", "abs": "Rabs", "exp": "exp", "log": "ln"}
SORTS = {"real": "R", "nat": "nat", "rand": "outcome Pr -> R"}
RELATIONS = {"=": "=", ">=": ">=", ">": ">", "<=": "<=", "<": "<", "/=": "<>"}


def name(letter: str) -> str:
    """The name of a variable in Coq."""
    return letter + "'" if letter in TAKEN or letter.startswith("h_") else letter


def sort(given: Sort) -> str:
    """The type of a variable."""
    return "nat -> " * given.arity + SORTS[given.kind]


def natural(term: Term) -> str:
    """A nat term, to stand inside (..)%nat."""
    head = term[0]
    if head == "num":
        return str(term[1])
    if head == "name":
        return name(term[1])
    if head == "^":
        return f"({natural(term[1])} ^ {term[2]})"
    return "(" + {"+": " + ", "*": " * "}[head].join(map(natural, term[1:])) + ")"


def real(term: Term, sorts: Sorts, at: str) -> str:
    """A term as a real; random variables are taken at the outcome `at`."""
    head = term[0]
    if head == "num":
        return str(term[1])
    if head == "name":
        return _named(term, sorts, at)
    if head in PAIRS:
        return real(expanded(term), sorts, at)
    if head == "E":
        return f"(E (fun omega : outcome Pr => {real(term[1], sorts, 'omega')}))"
    if head == "sum":
        inner = {**sorts, term[1]: Sort("nat")}
        return f"(sum {_argument(term[2])} (fun {name(term[1])} : nat => {real(term[3], inner, at)}))"
    parts = [real(part, sorts, at) for part in term[1:] if isinstance(part, tuple)]
    if head in FUNCTIONS:
        return f"({FUNCTIONS[head]} {parts[0]})"
    return ring(head, parts, term)


def ring(head: str, parts: list[str], term: Term) -> str:
    """A sum, product, quotient, power or opposite of texts."""
    if head == "neg":
        return f"(- {parts[0]})"
    if head == "^":
        return f"({parts[0]} ^ {term[2]})"
    if head == "/":
        return f"({parts[0]} * / {parts[1]})"
    text = parts[0]
    for part in parts[1:]:
        text = f"({text} {head} {part})"
    return text


def _argument(term: Term) -> str:
    return (
        f"{natural(term)}%nat" if term[0] == "num" else name(term[1]) if term[0] == "name" else f"({natural(term)})%nat"
    )


def _named(term: Term, sorts: Sorts, at: str) -> str:
    letter, arguments = term[1], term[2]
    found = sorts[letter]
    if found.kind == "nat":
        return f"(INR {name(letter)})"
    applied = [name(letter), *map(_argument, arguments), *([at] if found.kind == "rand" else [])]
    return f"({' '.join(applied)})" if len(applied) > 1 else applied[0]


def claim(said: Claim, sorts: Sorts, at: str) -> str:
    """A claim at an outcome."""
    if said.relation == "past":
        return f"past (fun omega : outcome Pr => {real(said.left, sorts, 'omega')}) {_argument(said.right)}"
    return f"{real(said.left, sorts, at)} {RELATIONS[said.relation]} {real(said.right, sorts, at)}"


def everywhere(said: Claim, sorts: Sorts, at: str | None, random: bool | None = None) -> str:
    """A claim at the outcome `at`, or, where none is fixed, on all outcomes if it is (or is taken to be) `random`."""
    if at is None and (said.kind(sorts) == "rand" if random is None else random):
        return f"(forall omega : outcome Pr, {claim(said, sorts, 'omega')})"
    return f"({claim(said, sorts, at or 'omega')})"


def random_claims(said: Formula, sorts: Sorts) -> list[bool]:
    """Which of its premises, and whether its conclusion, depend on the outcome."""
    inner = {**sorts, **{letter: Sort(kind) for letter, kind in said.binders}}
    return [claim.kind(inner) == "rand" for claim in (*said.premises, said.conclusion)]


def formula(said: Formula, sorts: Sorts, at: str | None, random: list[bool] | None = None) -> str:
    """A formula; `at` and `random` as in `everywhere`, for every claim in it."""
    inner = {**sorts, **{letter: Sort(kind) for letter, kind in said.binders}}
    binders = "".join(f"forall {name(letter)} : {SORTS[kind]}, " for letter, kind in said.binders)
    flags = random or random_claims(said, sorts)
    every = (*said.premises, said.conclusion)
    claims = [everywhere(one, inner, at, flag) for one, flag in zip(every, flags, strict=True)]
    return binders + " -> ".join(claims)


def is_random(term: Term, sorts: Sorts) -> bool:
    """Whether a term depends on the outcome."""
    return kind(term, sorts) == "rand"
