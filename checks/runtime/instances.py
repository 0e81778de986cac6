"""Instances of theorems, judged: what a theorem says, with the numbers of a run for its names.

Numbers of a run are intervals (`instance_runs`), which carry errors of rounding through every term: what is false is
false beyond rounding, and what rounding could hide is not called true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import Any

from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.terms import names as free
from driftproof.theory.proving.instance import Drawn, Given, Instance, Recursion, Table
from driftproof.theory.proving.theorem import Theorem

from .finite import REALS, Finite, Judged, Unknown, Value, whole
from .instance_runs import declared, reader, term


@dataclass(frozen=True)
class Said:
    """A hypothesis, citation or claim of a theorem, and how it fares in an instance."""

    kind: str
    name: str
    judged: Judged

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.judged}"


def model_of(theorem: Theorem) -> Instance:
    """The model of the certificate as an instance: nothing random, and no run."""
    return Instance("the model", {name: given for name, given in theorem.model.items()}, naturals={"": 5})


def spoken(theorem: Theorem) -> Iterator[tuple[str, str, str]]:
    """Kind, name and text of everything that a theorem says, and of the equations of update rules that it rests on."""
    for used in theorem.definitions:
        yield from (("definition", name, text) for name, text in used.equations.items())
    yield from (("hypothesis", name, text) for name, text in theorem.written.items())
    yield from (("citation", name, text) for name, (text, _) in theorem.cites.items())
    yield from (("claim", name, text) for name, text in theorem.claims.items())


def lacking(theorem: Theorem, instance: Instance) -> list[str]:
    """The names of a theorem to which an instance gives no value."""
    given = {*instance.values, *(instance.run.reads if instance.run else ())}
    return [name for name in theorem.variables if name not in given]


@dataclass(frozen=True)
class Apart:
    """A part of an instance that no run enters; equal parts of several instances are one."""

    values: tuple[tuple[str, Any], ...]
    weights: tuple[str, ...]
    draws: int
    naturals: tuple[tuple[str, int], ...]
    reals: tuple[str, ...]


def judged(theorem: Theorem, finite: Finite, instance: Instance | None = None) -> Iterator[Said]:
    """Everything that a theorem says, in a model. instance: of which it is the model; what no run enters is kept."""
    for kind, name, text in spoken(theorem):
        apart = None if instance is None else _apart(instance, text)
        yield Said(kind, name, finite.judged(formula(text)) if apart is None else _kept(text, apart))


def _apart(instance: Instance, text: str) -> Apart | None:
    """What a formula rests on in an instance, if no number of a run is part of it."""
    said = formula(text)
    wanted = [
        n for claim in (*said.premises, said.conclusion) for side in (claim.left, claim.right) for n in free(side)
    ]
    found: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if instance.run and name in instance.run.reads:
            return None
        if name in instance.values and name not in found:
            given = instance.values[name]
            found[name] = tuple(given) if isinstance(given, list) else given
            wanted += _names_in(found[name])
    return Apart(
        tuple(sorted(found.items())), instance.weights, instance.draws, tuple(instance.naturals.items()), instance.reals
    )


@cache
def _names_in(given: Any) -> tuple[str, ...]:
    """The names in the terms of a value, its parameters among them, which name no value."""
    if isinstance(given, Recursion):
        return (*free(term(given.first)), *free(term(given.following)))
    if isinstance(given, Table):
        rows = [(row,) if isinstance(row, str) else row for row in given.entries]
        return tuple(name for row in rows for text in row for name in free(term(text)))
    if isinstance(given, Drawn):
        return ()
    return tuple(free(term(given if isinstance(given, str) else given[-1])))


@cache
def _kept(text: str, part: Apart) -> Judged:
    """How a formula fares in such a part."""
    values = {name: list(given) if isinstance(given, tuple) else given for name, given in part.values}
    naturals = dict(part.naturals)
    return built(Instance("a part", values, part.weights, part.draws, naturals, part.reals)).judged(formula(text))


def built(instance: Instance, torch: bool = False, rule: str = "", most: int = 100) -> Finite:
    """The model that an instance is. torch: with the numbers of its class of torch.   rule: another RULE."""
    values: dict[str, Callable[..., Value]] = {}
    weights = tuple(map(Fraction, instance.weights))
    reals = tuple(map(Fraction, instance.reals)) or REALS
    finite = Finite(values, weights, instance.draws, instance.naturals, most, reals)
    values |= {name: cache(partial(_given, finite, name, given)) for name, given in instance.values.items()}
    if instance.run is not None:
        found = reader(finite, instance.run, torch, declared(rule or instance.run.rule))
        values |= {name: cache(partial(found, read)) for name, read in instance.run.reads.items()}
    return finite


def _given(finite: Finite, name: str, given: Given, *arguments: int) -> Value:
    """A value of an instance at natural arguments."""
    if isinstance(given, Table):
        found: Any = given.entries
        for place in arguments:
            found = _entry(found, place)
        return finite.value(term(found), {})
    if isinstance(given, Drawn):
        return _drawn(finite, given, arguments)
    if isinstance(given, Recursion):
        n, *rest = arguments
        text, places = (given.following, (n - 1, *rest)) if n else (given.first, arguments)
        return finite.value(term(text), dict(zip(given.parameters, map(whole, places), strict=True)))
    *parameters, text = [given] if isinstance(given, str) else given
    return finite.value(term(text), dict(zip(parameters, map(whole, arguments), strict=True)))


def _entry(rows: Any, place: int) -> Any:
    if place >= len(rows):
        raise Unknown
    return rows[place]


def _drawn(finite: Finite, given: Drawn, arguments: tuple[int, ...]) -> Value:
    time, *rest = (given.draw, *arguments) if given.draw else arguments
    rows = [(row,) if isinstance(row, str) else row for row in given.results]
    column = [Fraction(_entry(row, rest[0] if rest else 0)) for row in rows]
    if time > finite.draws:
        raise Unknown
    return tuple(column[outcome[time - 1]] for outcome in finite.outcomes) if time else Fraction(0)
