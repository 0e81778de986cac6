"""Formulas: what a text says, what it says with other values for its variables, and when two say the same.

    a = b, a >= b, a > b, a <= b, a < b, a /= b      on every outcome, where a or b is rand
    past(a, n)                                       a depends on the first n draws only
    forall n nat, x real, X rand: P, Q => R          for all values of n, x and X: if P and Q, then R

P, Q and R are of the first two kinds. Statements are lists of such formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from .polynomial import Normal, Polynomial, plus, text
from .terms import ORDER, Sort, Sorts, Term, Tokens, Values, is_name, kind, names, read, show, substitute, whole
from .untrusted import require

RELATIONS = ("=", ">=", ">", "<=", "<", "/=")


@dataclass(frozen=True)
class Claim:
    """One relation between two terms, or `past` of a term and a natural number."""

    relation: str
    left: Term
    right: Term

    def __str__(self) -> str:
        if self.relation == "past":
            return f"past({show(self.left)}, {show(self.right)})"
        return f"{show(self.left)} {self.relation} {show(self.right)}"

    def kind(self, sorts: Sorts) -> str:
        """rand if it depends on the outcome, real if not. Rejects what is not well sorted."""
        kinds = (kind(self.left, sorts), kind(self.right, sorts))
        if self.relation == "past":
            require(kinds[1] == "nat", "{} is no natural number", partial(show, self.right))
            return "real"
        return max("real", *kinds, key=ORDER.index)

    def meaning(self, normal: Normal) -> tuple[str, Polynomial]:
        """The relation =, >=, > or /= of a normal form to 0 that this says."""
        left, right = normal(self.left), normal(self.right)
        if self.relation in ("<=", "<"):
            return self.relation.replace("<", ">"), plus(right, left, -1)
        return self.relation, plus(left, right, -1)

    def key(self, normal: Normal) -> tuple[str, ...]:
        """Equal for claims that say the same."""
        if self.relation == "past":
            return ("past", text(normal(self.left)), text(normal(self.right)))
        relation, polynomial = self.meaning(normal)
        return (relation, text(polynomial))

    def substituted(self, values: Values) -> Claim:
        """The claim with other values for names."""
        return Claim(self.relation, substitute(self.left, values), substitute(self.right, values))


@dataclass(frozen=True)
class Formula:
    """For all values of the binders: if the premises hold, the conclusion holds."""

    binders: tuple[tuple[str, str], ...]
    premises: tuple[Claim, ...]
    conclusion: Claim

    def __str__(self) -> str:
        binders = "forall " + ", ".join(f"{name} {sort}" for name, sort in self.binders) + ": " if self.binders else ""
        premises = ", ".join(map(str, self.premises)) + " => " if self.premises else ""
        return binders + premises + str(self.conclusion)

    def inside(self, sorts: Sorts) -> dict[str, Sort]:
        """The sorts under the binders, which must be new names."""
        for name, _ in self.binders:
            require(name not in sorts, "{} is bound in {}, and means something already", name, self)
        require(len(dict(self.binders)) == len(self.binders), "a name is bound twice in {}", self)
        return {**sorts, **{name: Sort(sort) for name, sort in self.binders}}

    def check(self, sorts: Sorts) -> None:
        """Rejects a formula that is not well sorted."""
        inner = self.inside(sorts)
        for claim in (*self.premises, self.conclusion):
            claim.kind(inner)

    def key(self, sorts: Sorts) -> tuple[Any, ...]:
        """Equal for formulas that say the same up to the names of their binders."""
        fresh = {name: f"_bound{place}" for place, (name, _) in enumerate(self.binders)}
        inner = {**sorts, **{fresh[name]: Sort(sort) for name, sort in self.binders}} if self.binders else sorts
        values: Values = {name: ((), ("name", new, ())) for name, new in fresh.items()}
        normal = Normal(inner)
        claims = (claim.substituted(values).key(normal) for claim in (*self.premises, self.conclusion))
        return (tuple(sort for _, sort in self.binders), *claims)

    def substituted(self, values: Values) -> Formula:
        """The formula with other values for free names; refused where a binder would capture one."""
        binders = dict(self.binders)
        inner = {name: value for name, value in values.items() if name not in binders}
        claims = (*self.premises, self.conclusion)
        used = set[str]().union(*(names(c.left) | names(c.right) for c in claims)) if binders else ()
        for name, (parameters, body) in inner.items():
            captured = (names(body) - set(parameters)) & set(binders) if name in used else ()
            require(not captured, "{} in the value of {} would be captured by {}", captured, name, self)
        return Formula(
            self.binders, tuple(claim.substituted(inner) for claim in self.premises), self.conclusion.substituted(inner)
        )


def formula(source: str) -> Formula:
    """The formula that a text says."""
    result: Formula = whole(source, _formula)
    return result


@lru_cache(maxsize=4096)
def written(source: str) -> Formula:
    """The formula that a text says in the one way in which it can be written."""
    said = formula(source)
    require(str(said) == source, "it is written {!r}", partial(str, said))
    return said


def claim(source: str) -> Claim:
    """The claim that a text says: a formula without binders and premises."""
    result: Claim = whole(source, _claim)
    return result


def _formula(tokens: Tokens) -> Formula:
    binders = []
    if tokens.accept("forall"):
        binders.append(_binder(tokens))
        while tokens.accept(","):
            binders.append(_binder(tokens))
        tokens.take(":")
    claims = [_claim(tokens)]
    while tokens.accept(","):
        claims.append(_claim(tokens))
    if tokens.accept("=>"):
        return Formula(tuple(binders), tuple(claims), _claim(tokens))
    require(len(claims) == 1, f"several claims without => in {tokens.text!r}")
    return Formula(tuple(binders), (), claims[0])


def _binder(tokens: Tokens) -> tuple[str, str]:
    name, sort = tokens.take(), tokens.take()
    require(is_name(name) and sort in ORDER, f"{name!r} {sort!r} is no name and sort in {tokens.text!r}")
    return name, sort


def _claim(tokens: Tokens) -> Claim:
    if tokens.accept("past"):
        tokens.take("(")
        left = read(tokens)
        tokens.take(",")
        right = read(tokens)
        tokens.take(")")
        return Claim("past", left, right)
    left, relation = read(tokens), tokens.take()
    require(relation in RELATIONS, f"{relation!r} is no relation in {tokens.text!r}")
    return Claim(relation, left, read(tokens))
