"""What terms and formulas mean, computed in finite models: independent of the kernel's normal forms.

A model has outcomes, which are sequences of draws, with weights; numbers, families of numbers, and random variables as
lists over the outcomes. Numbers are rational where nothing else is needed, and floats behind sqrt, exp and log.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

ROUNDING = 1e-7  # floats differ by less, relative to the terms; false by less is not refuted


class Undecided(Exception):
    """A number that is too large, or a claim that rounding decides."""


def sqrt(x):
    if x <= 0:
        return Fraction(0)
    x = Fraction(x)
    roots = math.isqrt(x.numerator), math.isqrt(x.denominator)
    return Fraction(*roots) if Fraction(*roots) ** 2 == x else math.sqrt(x)


FUNCTIONS = {
    "abs": abs,
    "sqrt": sqrt,
    "exp": lambda x: Fraction(1) if x == 0 else math.exp(x),
    "log": lambda x: Fraction(0) if x in (0, 1) or x < 0 else math.log(x),
}


class Model:
    """`draws` draws with two results each, so 2^draws outcomes; `values` of names, families as functions."""

    def __init__(self, weights, values, draws=0, functions=FUNCTIONS):
        assert len(weights) == 2**draws and sum(weights) == 1
        self.weights, self.values, self.draws, self.functions = weights, dict(values), draws, functions
        self.outcomes = range(len(weights))

    def value(self, term, names=None, at=0):
        """The value of a term at an outcome."""
        try:
            return self._value(term, self.values | (names or {}), at)
        except (OverflowError, ZeroDivisionError) as error:
            raise Undecided(str(error)) from error

    def _value(self, term, names, at):
        head = term[0]
        if head == "num":
            return Fraction(term[1])
        if head == "name":
            found = names[term[1]]
            if term[2]:
                found = found(*(int(self._value(part, names, at)) for part in term[2]))
            return found[at] if isinstance(found, tuple) else found
        if head == "sum":
            bound = self._value(term[2], names, at)
            if bound > 60:
                raise Undecided("a long sum")
            return sum(
                (self._value(term[3], names | {term[1]: Fraction(i)}, at) for i in range(int(bound))), Fraction(0)
            )
        if head == "E":
            return sum(
                (w * self._value(term[1], names, here) for here, w in zip(self.outcomes, self.weights, strict=True)),
                Fraction(0),
            )
        if head == "^":
            return self._value(term[1], names, at) ** term[2]
        return self._combined(head, [self._value(part, names, at) for part in term[1:]])

    def _combined(self, head, parts):
        if head == "+":
            return sum(parts, Fraction(0))
        if head == "*":
            return math.prod(parts, start=Fraction(1))
        if head == "neg":
            return -parts[0]
        if head == "/":
            return parts[0] * inverse(parts[1])
        if head == "pow":
            return self.functions["exp"](parts[1] * self.functions["log"](parts[0]))
        if head in ("max", "min"):
            return {"max": max, "min": min}[head](parts)
        return self.functions[head](parts[0])

    def past(self, term, time, names=None):
        """Whether a term is the same on outcomes that agree on the first draws."""
        kept = [at >> max(self.draws - time, 0) for at in self.outcomes]
        found = {}
        return all(
            found.setdefault(first, here) == here
            for first, here in (
                (first, self.value(term, names, at)) for first, at in zip(kept, self.outcomes, strict=True)
            )
        )

    def holds(self, claim, names=None):
        """Whether a claim holds on all outcomes."""
        if claim.relation == "past":
            return self.past(claim.left, int(self.value(claim.right, names)), names)
        return all(self._holds(claim, names, at) for at in self.outcomes)

    def _holds(self, claim, names, at):
        left, right = self.value(claim.left, names, at), self.value(claim.right, names, at)
        if isinstance(left - right, float):
            if not math.isfinite(left - right):
                raise Undecided("no number")
            if abs(left - right) <= ROUNDING * (1 + abs(left) + abs(right)):
                if claim.relation in (">", "<", "/="):
                    raise Undecided("rounding decides")
                return True
        return {
            "=": left == right,
            ">=": left >= right,
            ">": left > right,
            "<=": left <= right,
            "<": left < right,
            "/=": left != right,
        }[claim.relation]

    def true(self, formula, draw, most=40, naturals=6):
        """Whether a formula holds for the values of its binders that are tried."""
        for names in itertools.islice(self._binders(formula.binders, draw, naturals), most):
            if all(self.holds(premise, names) for premise in formula.premises) and not self.holds(
                formula.conclusion, names
            ):
                return False
        return True

    def _binders(self, binders, draw, naturals):
        """Values of binders: the small ones, in all ways, in an order that is drawn."""
        sorts = {"nat": [Fraction(n) for n in range(naturals)], "real": REALS, "rand": self._random(draw)}
        every = list(itertools.product(*(sorts[sort] for _, sort in binders)))
        draw.shuffle(every)
        for values in every:
            yield dict(zip((name for name, _ in binders), values, strict=True))

    def _random(self, draw):
        """Constants, what each draw decides, single outcomes, and others."""
        bits = [tuple(Fraction(at >> place & 1) for at in self.outcomes) for place in range(self.draws)]
        single = [tuple(Fraction(at == here) for at in self.outcomes) for here in self.outcomes]
        other = [tuple(Fraction(draw.randint(-3, 3)) for _ in self.outcomes) for _ in range(2)]
        return [tuple(value for _ in self.outcomes) for value in (Fraction(1), Fraction(-2))] + bits + single + other


REALS = [Fraction(text) for text in ("0", "1", "-1", "1/2", "3", "-5/2")]


def inverse(x):
    return 1 / x if x else Fraction(0)
