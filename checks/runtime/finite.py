"""What terms and formulas of theorems mean, computed on a finite probability space: no normal form, no proof.

A model has outcomes, which are sequences of draws, with rational weights, and values of the names of a theorem: numbers
(`Number`: rational, or an interval that holds the value) and random numbers, one number for each outcome. E is the
weighted sum. What a formula says of all natural numbers is computed for small ones, of all reals for some, and of all
random numbers for a set that spans those that depend on the first n draws, where `past(X, n)` is assumed: the
indicators of what can be known then. A name has no value past the end of a run: formulas are not judged there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property, reduce
from typing import Any

from driftproof.theory.kernel.formulas import Claim, Formula
from driftproof.theory.kernel.terms import Term, show
from driftproof.theory.kernel.terms import names as free

from . import near
from .near import Near, Number

Value = Number | tuple[Number, ...]
"""A number, or one for each outcome."""
Lookup = Callable[..., Value]
REALS = tuple(map(Fraction, ("1", "-1/2", "0", "3", "-2", "1/3", "2")))
COARSE = 1e-6
"""An equation that holds up to errors of this size, beside numbers of size 1 or more, says something."""
LONGEST, ATTEMPTS = 200, 50
FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "sqrt": near.sqrt, "abs": near.absolute, "exp": near.exp, "log": near.log,
    "max": near.larger, "min": near.smaller, "pow": near.power,
}  # fmt: skip


@cache
def whole(n: int) -> Fraction:
    """A natural number, the same object each time."""
    return Fraction(n)


class Unknown(Exception):
    """A name has no value there: the run is over."""


@dataclass(frozen=True)
class Judged:
    """A formula in a model. tried: values of its binders for which the premises hold.

    refuted: where it is false, or "".   coarse: where errors are too large to tell, or "".
    """

    tried: int = 0
    refuted: str = ""
    coarse: str = ""

    @property
    def holds(self) -> bool:
        return self.tried > 0 and not self.refuted and not self.coarse

    def __str__(self) -> str:
        if self.refuted:
            return f"false at {self.refuted}"
        return f"not decided at {self.coarse}" if self.coarse else "" if self.tried else "its premises never hold"


@dataclass(frozen=True)
class Finite:
    """weights: of the results of one draw; none if nothing is random.   draws: how many there are.

    values: of names, functions of natural numbers.   naturals: how many values a natural binder takes, by its name;
    "" for all others.   most: for how many values of all binders together a formula is judged.
    """

    values: Mapping[str, Lookup]
    weights: tuple[Fraction, ...] = (Fraction(1),)
    draws: int = 0
    naturals: Mapping[str, int] = field(default_factory=dict)
    most: int = 300
    reals: tuple[Fraction, ...] = REALS
    _known: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    _decided: dict[int, list[Value]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if sum(self.weights) != 1 or min(self.weights) <= 0:
            raise ValueError(f"weights {self.weights} of the results of a draw are positive and add up to 1")

    @cached_property
    def outcomes(self) -> tuple[tuple[int, ...], ...]:
        """Every sequence of results; those that agree on the first draws stand together."""
        return tuple(itertools.product(range(len(self.weights)), repeat=self.draws))

    @cached_property
    def probabilities(self) -> tuple[Fraction, ...]:
        return tuple(reduce(lambda p, k: p * self.weights[k], outcome, Fraction(1)) for outcome in self.outcomes)

    # Terms

    def value(self, term: Term, names: Mapping[str, Value]) -> Value:
        """The value of a term. raises: Unknown past the end of a run, Unclear where it cannot be enclosed.

        Terms and the values of `names` must outlive the formula that is judged: what is known is kept by their ids.
        """
        head = term[0]
        if head == "num":
            return whole(term[1])
        if head == "name" and not term[2] and term[1] in names:
            return names[term[1]]
        key = (id(term), *[id(names.get(name)) for name in self._free(term)])
        if key not in self._known:
            self._known[key] = self._value(head, term, names)
        found: Value = self._known[key]
        return found

    def _free(self, term: Term) -> tuple[str, ...]:
        """The names of a term."""
        if id(term) not in self._known:
            self._known[id(term)] = tuple(free(term))
        found: tuple[str, ...] = self._known[id(term)]
        return found

    def _value(self, head: str, term: Term, names: Mapping[str, Value]) -> Value:
        if head == "name":
            return self.values[term[1]](*(self.natural(part, names) for part in term[2]))
        if head == "sum":
            last = self.natural(term[2], names)
            if last > LONGEST:
                raise Unknown
            terms = (self.value(term[3], {**names, term[1]: whole(i)}) for i in range(last))
            return reduce(_plus, terms, Fraction(0))
        if head == "E":
            return self.mean(self.value(term[1], names))
        if head == "^":
            return _each(lambda x: near.whole_power(x, term[2]), self.value(term[1], names))
        return self._compound(head, [self.value(part, names) for part in term[1:]])

    def _compound(self, head: str, parts: list[Value]) -> Value:
        if head == "+":
            return reduce(_plus, parts)
        if head == "*":
            return reduce(_times, parts)
        if head == "neg":
            return _each(lambda x: -x, parts[0])
        if head == "/":
            return _times(parts[0], _each(near.inverse, parts[1]))
        return _each(FUNCTIONS[head], *parts)

    def natural(self, term: Term, names: Mapping[str, Value]) -> int:
        """The value of a term of sort nat."""
        found = self.value(term, names)
        if isinstance(found, Near | tuple) or found.denominator != 1 or found < 0:
            raise ValueError(f"{show(term)} is {found}, no natural number")
        return int(found)

    def mean(self, value: Value) -> Number:
        """E: the sum over outcomes, weighted."""
        if not isinstance(value, tuple):
            return value
        pairs = zip(self.probabilities, value, strict=True)
        total: Number = Fraction(0)
        for probability, x in pairs:
            total = total + probability * x
        return near.bounded(total)

    # Formulas

    def judged(self, formula: Formula) -> Judged:
        """A formula for the values of its binders that are tried."""
        self._known.clear()
        tried, coarse = 0, ""
        for names in self._binders(formula):
            try:
                if not all(self._true(premise, names)[0] for premise in formula.premises):
                    continue
                true, sharp = self._true(formula.conclusion, names)
            except Unknown:
                continue
            except near.Unclear as wrong:
                return Judged(tried, "", f"{_said(names)}: {wrong}")
            tried += 1
            if true is False:
                return Judged(tried, f"{_said(names)}: {self._sides(formula.conclusion, names)}")
            if not sharp:
                coarse = coarse or f"{_said(names)}: {self._sides(formula.conclusion, names)}"
            if tried == self.most:
                break
        return Judged(tried, "", coarse)

    def _true(self, claim: Claim, names: Mapping[str, Value]) -> tuple[bool | None, bool]:
        """Whether a claim holds on all outcomes, None where errors leave it open; and whether they are small."""
        left = self.value(claim.left, names)
        if claim.relation == "past":
            return self._past(left, self.natural(claim.right, names)), True
        right = self.value(claim.right, names)
        found = [_related(claim.relation, a, b) for a, b in _pairs(left, right)]
        return next((a for a in (False, None) if any(x is a for x, _ in found)), True), all(s for _, s in found)

    def _past(self, value: Value, time: int) -> bool:
        """Whether outcomes that agree on the first draws have one value."""
        if not isinstance(value, tuple):
            return True
        first: dict[tuple[int, ...], Number] = {}
        return all(first.setdefault(o[:time], x) == x for o, x in zip(self.outcomes, value, strict=True))

    def _binders(self, formula: Formula) -> Iterator[dict[str, Value]]:
        """Values of all binders together; where there are many, some of them, from all over."""
        plain = [(name, sort) for name, sort in formula.binders if sort != "rand"]
        random = [name for name, sort in formula.binders if sort == "rand"]
        some = [self._numbers(name, sort) for name, sort in plain]
        for numbers in _spread(some, self.most):
            names: dict[str, Value] = dict(zip((name for name, _ in plain), numbers, strict=True))
            try:
                choices = [self._random(name, formula.premises, names) for name in random]
            except Unknown:
                continue
            for chosen in _spread(choices, self.most):
                yield {**names, **dict(zip(random, chosen, strict=True))}

    def _numbers(self, name: str, sort: str) -> Sequence[Value]:
        if sort == "real":
            return self.reals
        return [whole(n) for n in range(self.naturals.get(name, self.naturals.get("", 3)))]

    def _random(self, name: str, premises: Sequence[Claim], names: Mapping[str, Value]) -> Sequence[Value]:
        """Indicators of what the first n draws can decide, where past(X, n) is assumed; else of all, and others."""
        for premise in premises:
            if premise.relation == "past" and premise.left == ("name", name, ()):
                return self._indicators(min(self.natural(premise.right, names), self.draws))
        if not self.draws:
            return self.reals
        return [*self._indicators(self.draws), *self.reals, *self._indicators(1)]

    def _indicators(self, time: int) -> list[Value]:
        if time not in self._decided:
            known = list(dict.fromkeys(outcome[:time] for outcome in self.outcomes))
            every = [tuple(Fraction(outcome[:time] == one) for outcome in self.outcomes) for one in known]
            self._decided[time] = list(every)
        return self._decided[time]

    def _sides(self, claim: Claim, names: Mapping[str, Value]) -> str:
        if claim.relation == "past":
            return f"{claim}"
        sides = self.value(claim.left, names), self.value(claim.right, names)
        worst = next((p for p in _pairs(*sides) if _related(claim.relation, *p)[0] is not True), (Fraction(0),) * 2)
        return f"{_short(worst[0])} {claim.relation} {_short(worst[1])}"


def _each(function: Callable[..., Number], *values: Value) -> Value:
    """The function, outcome by outcome where a value depends on the outcome."""
    count = next((len(v) for v in values if isinstance(v, tuple)), 0)
    if not count:
        return near.bounded(function(*values))
    columns = [v if isinstance(v, tuple) else (v,) * count for v in values]
    return tuple(near.bounded(function(*row)) for row in zip(*columns, strict=True))


def _plus(a: Value, b: Value) -> Value:
    return _each(lambda x, y: x + y, a, b)


def _times(a: Value, b: Value) -> Value:
    return _each(lambda x, y: x * y, a, b)


def _pairs(left: Value, right: Value) -> list[tuple[Number, Number]]:
    count = next((len(v) for v in (left, right) if isinstance(v, tuple)), 1)
    columns = [v if isinstance(v, tuple) else (v,) * count for v in (left, right)]
    return list(zip(*columns, strict=True))


def _related(relation: str, left: Number, right: Number) -> tuple[bool | None, bool]:
    """Whether two numbers are so related, None where errors leave it open; and whether these are small."""
    if relation in ("<=", "<"):
        return _related(relation.replace("<", ">"), right, left)
    difference = left + -right
    if not isinstance(difference, Near):
        return {"=": difference == 0, ">=": difference >= 0, ">": difference > 0, "/=": difference != 0}[relation], True
    low, high = difference.low, difference.high
    size = max(1.0, *(abs(end) for x in (left, right) for end in (near.near(x).low, near.near(x).high)))
    small = high - low <= COARSE * size
    if relation == "=":
        return (None if low <= 0 <= high else False), small
    if relation == "/=":
        return (None if low <= 0 <= high else True), not low <= 0 <= high
    if relation == ">=":
        return (True if low >= 0 else False if high < 0 else None), low >= 0 or small
    return (True if low > 0 else False if high <= 0 else None), low > 0


def _spread(choices: Sequence[Sequence[Any]], most: int) -> Iterator[tuple[Any, ...]]:
    """All combinations if there are at most so many; else a fixed sequence of `ATTEMPTS` times as many."""
    total = 1
    for some in choices:
        total *= len(some)
    if total <= most:
        yield from itertools.product(*choices)
        return
    state = 1
    for _ in range(ATTEMPTS * most):
        row = []
        for some in choices:
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            row.append(some[(state >> 33) % len(some)])
        yield tuple(row)


def _said(names: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in names.items()) or "the values"


def _short(value: Value) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_short, value[:4])) + (", ..)" if len(value) > 4 else ")")
    if isinstance(value, Fraction):
        return str(value) if value.denominator < 10**6 else f"{float(value):.6g}"
    return f"{(value.low + value.high) / 2:.6g} +- {value.width / 2:.1g}"
