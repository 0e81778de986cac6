"""Normal forms: polynomials with rational coefficients over atoms. Two terms with one normal form have one value.

An atom is a name, a family at natural arguments, a reciprocal, or sqrt, abs, exp, log, E or sum of normal forms. Atoms
are compared by their text. The index of a sum is called _0, _1, ... after how deep sums stand in its body, so
that the names that an author gives to indices do not matter.

A `linear` normal form uses besides that E and sum are linear: E moves into sums, coefficients that are no random
variables leave E, those without the index leave the sum, E(1) is 1, a sum of ones is its bound, and the last terms of
sum(i < n + 2, a) are written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .terms import FUNCTIONS, PAIRS, Known, Sorts, Term, subterms
from .untrusted import require

Monomial = tuple[tuple["Atom", int], ...]
Polynomial = dict[Monomial, Fraction]
LARGEST, HIGHEST, WRITTEN_OUT, BITS, LONGEST = 2_000, 200, 8, 12_000, 20_000
KEPT = 10_000
"""Normal forms that are kept under the same sorts; then all are forgotten."""


class Atom(str):
    """A text, and what it is made of: the head, normal forms (the bound and the body of a sum), what a sum is over."""

    head: str
    parts: tuple[Polynomial, ...]
    over: str
    kind: str
    free: frozenset[str]
    height: int

    @classmethod
    def make(cls, head: str, parts: tuple[Polynomial, ...] = (), over: str = "", kind: str = "") -> Atom:
        """The atom of these parts. `kind` is given for names; the others take the largest of their parts."""
        inside = "; ".join(map(text, parts))
        made = cls(f"{head}<{over}>({inside})" if over else f"{head}({inside})" if parts else head)
        atoms = [atom for part in parts for monomial in part for atom, _ in monomial]
        made.head, made.parts, made.over = head, parts, over
        made.kind = kind or ("rand" if any(atom.kind == "rand" for atom in atoms) else "real")
        made.free = frozenset[str]().union(*(atom.free for atom in atoms)) - {over}
        if kind and head != "E":
            made.free |= {head}
        made.height = max((atom.height for atom in atoms), default=0) + bool(over)
        return made


def plus(left: Polynomial, right: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """left + factor right."""
    total = dict(left)
    for monomial, coefficient in right.items():
        change = coefficient if factor == 1 else _bounded(factor * coefficient)
        value = _bounded(total[monomial] + change) if monomial in total else change
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    require(len(total) <= LARGEST, "a sum of more than {} terms", LARGEST)
    return total


def _bounded(value: Fraction) -> Fraction:
    size = max(value.numerator.bit_length(), value.denominator.bit_length())
    require(size <= BITS, "a number of {} bits", size)
    return value


def times(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product."""
    require(len(left) * len(right) <= LARGEST, "a product of {} by {} terms", len(left), len(right))
    if left == ONE or right == ONE:
        return right if left == ONE else left
    total: Polynomial = {}
    for one, first in left.items():
        for other, second in right.items():
            value = second if first is UNIT else first if second is UNIT else _bounded(first * second)
            monomial = _joined(one, other)
            total[monomial] = _bounded(total[monomial] + value) if monomial in total else value
    return {monomial: value for monomial, value in total.items() if value}


def _joined(one: Monomial, other: Monomial) -> Monomial:
    if not one or not other:
        return one or other
    powers = dict(one)
    for atom, power in other:
        powers[atom] = powers.get(atom, 0) + power
    require(max(powers.values()) <= HIGHEST, "a power above {}", HIGHEST)
    return tuple(sorted(powers.items()))


def power(base: Polynomial, exponent: int) -> Polynomial:
    """base^exponent."""
    total = constant(1)
    for _ in range(exponent):
        total = times(total, base)
    return total


UNIT = Fraction(1)
"""Most coefficients are this very number, and need no arithmetic."""
ONE: Polynomial = {(): UNIT}


def constant(value: Fraction | int) -> Polynomial:
    """A rational as a polynomial."""
    return ({(): Fraction(value)} if value != 1 else ONE) if value else {}


def single(atom: Atom) -> Polynomial:
    """The polynomial that is one atom."""
    return {((atom, 1),): UNIT}


def text(polynomial: Polynomial) -> str:
    """A polynomial as a text; equal for equal polynomials only."""
    length = sum(len(atom) for monomial in polynomial for atom, _ in monomial)
    require(length <= LONGEST, f"a normal form of {length} characters")
    return "+".join(f"{value}{''.join(f'*{a}^{p}' for a, p in m)}" for m, value in sorted(polynomial.items())) or "0"


def inverse(polynomial: Polynomial) -> Polynomial:
    """1/polynomial: the reciprocal of a product is the product of reciprocals (1/0 is 0); that of a sum is an atom."""
    require(polynomial, "a division by 0")
    if len(polynomial) > 1:
        return single(Atom.make("inv", (polynomial,)))
    ((monomial, value),) = polynomial.items()
    total = constant(1 / value)
    for atom, exponent in monomial:
        total = times(total, power(single(Atom.make("inv", (single(atom),))), exponent))
    return total


def free(polynomial: Polynomial) -> frozenset[str]:
    """The names, and indices of sums around it, that a polynomial depends on."""
    return frozenset[str]().union(*(atom.free for monomial in polynomial for atom, _ in monomial))


def replaced(polynomial: Polynomial, name: str, by: Polynomial, linear: bool) -> Polynomial:
    """The polynomial with another value for the index `name`."""
    if name not in free(polynomial):
        return polynomial
    total: Polynomial = {}
    for monomial, value in polynomial.items():
        product = constant(value)
        for atom, exponent in monomial:
            product = times(product, power(_replaced(atom, name, by, linear), exponent))
        total = plus(total, product)
    return total


def _replaced(atom: Atom, name: str, by: Polynomial, linear: bool) -> Polynomial:
    if name not in atom.free:
        return single(atom)
    if atom.head == name:
        return by
    parts = tuple(replaced(part, name, by, linear) for part in atom.parts)
    if atom.head == "inv":
        return inverse(parts[0])
    if atom.head == "E":
        return expectation(parts[0], linear)
    if atom.over:
        return summed(parts[0], parts[1], atom.over, linear)
    return single(Atom.make(atom.head, parts, kind="" if atom.head in FUNCTIONS else atom.kind))


def expectation(body: Polynomial, linear: bool) -> Polynomial:
    """E of a polynomial."""
    if not linear:
        return single(Atom.make("E", (body,), kind="real"))
    total: Polynomial = {}
    for monomial, value in body.items():
        outside = tuple(pair for pair in monomial if pair[0].kind != "rand")
        inside = tuple(pair for pair in monomial if pair[0].kind == "rand")
        if len(inside) == 1 and inside[0][0].over and inside[0][1] == 1:
            bound, addend = inside[0][0].parts
            moved = summed(bound, expectation(addend, True), inside[0][0].over, True)
        else:
            moved = single(Atom.make("E", ({inside: Fraction(1)},), kind="real")) if inside else constant(1)
        total = plus(total, times({outside: value}, moved))
    return total


def summed(bound: Polynomial, body: Polynomial, index: str, linear: bool) -> Polynomial:
    """The sum of a polynomial in `index` over the natural numbers below `bound`."""
    if not linear:
        return single(_sum(bound, body, index, False))
    last = bound.get((), Fraction(0))
    total: Polynomial = {}
    if 0 < last <= WRITTEN_OUT:
        bound = plus(bound, constant(-last))
        for step in range(int(last)):
            total = plus(total, replaced(body, index, plus(bound, constant(step)), True))
    if not bound:
        return total
    for monomial, value in body.items():
        outside = tuple(pair for pair in monomial if index not in pair[0].free)
        inside = tuple(pair for pair in monomial if index in pair[0].free)
        moved = single(_sum(bound, {inside: Fraction(1)}, index, True)) if inside else bound
        total = plus(total, times({outside: value}, moved))
    return total


def _sum(bound: Polynomial, body: Polynomial, index: str, linear: bool) -> Atom:
    name = f"_{max((atom.height for monomial in body for atom, _ in monomial), default=0)}"
    return Atom.make("sum", (bound, replaced(body, index, single(Atom.make(name, kind="nat")), linear)), name)


class Normal:
    """Normal forms of terms over variables of known sorts."""

    def __init__(self, sorts: Sorts, linear: bool = False) -> None:
        self.sorts, self.linear = sorts, linear
        self.found: dict[Term, Polynomial] = sorts.found[linear] if isinstance(sorts, Known) else {}

    def __call__(self, term: Term, bound: Mapping[str, str] | None = None) -> Polynomial:
        """The normal form of a term that `terms.kind` accepts; `bound` says how the indices around it are called."""
        if term[0] == "num":
            return constant(term[1])
        key = (term, *bound.items()) if bound else term
        known = self.found.get(key)
        if known is not None:
            return known
        if term[0] in PAIRS:
            term = expanded(term)
        head = term[0]
        if head in ("name", "sum"):
            found = self._leaf(term, bound or {})
        else:
            values = [self(part, bound) for part in subterms(term)]
            if head == "E":
                found = expectation(values[0], self.linear)
            else:
                found = single(Atom.make(head, (values[0],))) if head in FUNCTIONS else _ring(head, values, term)
        if len(self.found) >= KEPT:
            self.found.clear()
        self.found[key] = found
        return found

    def _leaf(self, term: Term, bound: Mapping[str, str]) -> Polynomial:
        if term[0] == "name":
            return self._name(term, bound)
        index = f"__{term[1]}"  # one for each name in sight, also where a name hides another one
        body = self(term[3], {**bound, term[1]: index})
        return summed(self(term[2], bound), body, index, self.linear)

    def _name(self, term: Term, bound: Mapping[str, str]) -> Polynomial:
        if term[1] in bound:
            return single(Atom.make(bound[term[1]], kind="nat"))
        parts = tuple(self(argument, bound) for argument in term[2])
        return single(Atom.make(term[1], parts, kind=self.sorts[term[1]].kind))


def _ring(head: str, values: list[Polynomial], term: Term) -> Polynomial:
    if head == "neg":
        return plus({}, values[0], -1)
    if head == "/":
        return times(values[0], inverse(values[1]))
    if head == "^":
        return power(values[0], term[2])
    require(head in ("+", "*"), f"no term starts with {head!r}")
    total = values[0]
    for value in values[1:]:
        total = plus(total, value) if head == "+" else times(total, value)
    return total


def expanded(term: Term) -> Term:
    """max, min and pow in terms of abs, exp and log."""
    head, left, right = term
    if head == "pow":
        return ("exp", ("*", right, ("log", left)))
    distance = ("abs", ("+", left, ("neg", right)))
    return ("/", ("+", left, right, distance if head == "max" else ("neg", distance)), ("num", 2))
