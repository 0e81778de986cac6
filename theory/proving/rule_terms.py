"""Expressions of update rules as terms of the kernel's language.

A case distinction becomes arithmetic, since 1/0 is 0: max(d, 0)/d is 1 where d > 0, and 0 elsewhere; x/abs(x) is the
sign of x. beta^t is a sequence of its own, which a recurrence defines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from ..kernel.terms import LARGEST_POWER, Term, show, substitute
from ..nodes import MatMul, Reduce, Transpose
from ..symbols import SHAPE, t
from .rule_shares import chosen, refused
from .written_terms import ONE, bound, divisors, factors, later, name, number, place, rank

COORDINATE, DIMENSION = "i", "n"
INDICES = ("j", "k", "l", "j1", "k1", "l1")
LATE = 10**6


@dataclass(frozen=True)
class Words:
    """What the letters of a rule mean at one step.

    letters: terms of letters.   step: t as a natural number.   power: the name of the sequence of powers of a letter.
    coordinates: whether entries have coordinates, without which there are no sums over entries.
    """

    letters: Mapping[Any, Term]
    step: Term
    power: Callable[[Any], str]
    coordinates: bool = True

    def term(self, e: Any) -> Term:
        """The term of an expression. raises: Refused where there is none."""
        if e == t:
            return self.step
        if e.is_Symbol:
            if e in SHAPE:
                raise refused(f"{e}, which belongs to the shape of a tensor")
            return self.letters[e]
        if e.is_Rational:
            return number(e)
        for kind, read in (
            (sympy.Add, self._sum),
            (sympy.Mul, self._product),
            (sympy.Pow, self._power),
            (sympy.Piecewise, lambda e: chosen(e, self.term)),
            (Reduce, self._reduced),
            (sympy.sign, self._sign),
        ):
            if isinstance(e, kind):
                return read(e)
        if isinstance(e, MatMul | Transpose):
            raise refused("products of matrices")
        words = {sympy.Abs: "abs", sympy.exp: "exp", sympy.log: "log", sympy.Max: "max", sympy.Min: "min"}
        for kind, word in words.items():
            if isinstance(e, kind):
                parts = sorted((self.term(part) for part in e.args), key=place)
                made = parts[0]
                for part in parts[1:]:
                    made = (word, made, part)
                return made if len(parts) > 1 else (word, made)
        raise refused(f"{type(e).__name__}")

    def _sum(self, e: Any) -> Term:
        parts = [self.term(part) for part in e.args]
        return ("+", *sorted((one for part in parts for one in (part[1:] if part[0] == "+" else [part])), key=place))

    def _product(self, e: Any) -> Term:
        value, parts = e.as_coeff_mul()
        above: list[Term] = []
        below: list[Term] = []
        for factor in parts:
            negative = factor.is_Pow and factor.exp.is_Rational and factor.exp < 0
            made = self.term(1 / factor if negative else factor)
            (below if negative else above).append(made)
        above = sorted(above, key=rank)
        below = [base for part in sorted(below, key=rank) for base in divisors(part)]
        if abs(value.p) != 1 or not above:
            above.insert(0, ("num", abs(int(value.p))))
        below = ([("num", int(value.q))] if value.q != 1 else []) + below
        made = above[0] if len(above) == 1 else ("*", *(f for part in above for f in factors(part)))
        for part in below:
            made = ("/", made, part)
        return ("neg", made) if value < 0 else made

    def _power(self, e: Any) -> Term:
        base, exponent = e.base, e.exp
        if exponent.is_Rational and exponent < 0:
            made: Term = ONE
            for part in divisors(self.term(base**-exponent)):
                made = ("/", made, part)
            return made
        if exponent.is_Integer or (exponent.is_Rational and exponent.q == 2):
            root = self.term(base) if exponent.q == 1 else ("sqrt", self.term(base))
            if exponent.p > LARGEST_POWER:
                raise refused(f"a power of {exponent.p}")
            return root if exponent.p == 1 else ("^", root, int(exponent.p))
        if exponent.has(t):
            shift = exponent - t
            if not (base.is_Symbol and shift.is_Integer):
                raise refused(f"the power {e}; of powers that grow with t it has those of letters, to t and an integer")
            if self.letters.get(base) != name(show(self.letters[base])):
                raise refused(f"the power {e} of something that changes with t")
            return name(self.power(base), later(self.step, int(shift)))
        if base == t:
            return ("pow", self.step, self.term(exponent))
        raise refused(f"the power {e}, which is no root and no integer power")

    def _sign(self, e: Any) -> Term:
        inside = self.term(e.args[0])
        return ("/", inside, ("abs", inside))

    def _reduced(self, e: Any) -> Term:
        if not self.coordinates:
            raise refused("a sum over entries where there is one entry")
        if e.kind == "max" or e.over in ("row", "column"):
            raise refused(f"the {e.kind} over {e.over}")
        body = self.term(e.operand)
        index = next(letter for letter in INDICES if letter not in bound(body))
        body = substitute(body, {COORDINATE: ((), name(index))})
        total = ("sum", index, name(DIMENSION), body)
        return total if e.kind == "sum" else ("/", total, name(DIMENSION))


def at_step(e: Any, first: bool) -> Any:
    """An expression whose case distinctions by t are decided: at the first step, or at all later ones."""
    decided = {c: c.subs(t, 1 if first else LATE) for c in _distinctions(e)}
    for c in decided:
        if any(c.subs(t, now) != c.subs(t, LATE) for now in (2, 3)):
            raise refused(f"a case distinction at a step beyond the first: {c}")
    return e.xreplace(decided)


def of_time(e: Any) -> bool:
    """Whether an expression distinguishes the first step from others."""
    return bool(_distinctions(e))


def _distinctions(e: Any) -> list[Any]:
    return [c for c in e.atoms(sympy.core.relational.Relational) if c.free_symbols == {t}]
