"""Conditions of update rules as shares, terms that are 1 where something holds and 0 elsewhere, since 1/0 is 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from ..errors import Refused
from ..kernel.terms import Term
from ..nodes import IsFinite
from ..symbols import t
from .written_terms import NONE, ONE, factors

Read = Callable[[Any], Term]
"""The term of an expression."""


def refused(what: str) -> Refused:
    """That the kernel's language has no words for this."""
    return Refused(f"The language of the kernel cannot say it: {what}.", "It has reals over time and coordinates.")


def chosen(e: Any, term: Read) -> Term:
    """A case distinction: the sum of its values, each times its share."""
    if len(e.args) == 3 and (clipped := _clipped(e, term)) is not None:
        return clipped
    value, holds = e.args[-1]
    rest = term(value) if share_of(holds, term) == ONE else NONE
    for value, condition in reversed(e.args[:-1]):
        share = share_of(condition, term)
        if share == ONE:
            rest = term(value)
        elif share != NONE:
            parts = [_scaled(share, term(value)), _scaled(_opposite(share), rest)]
            parts = [part for part in parts if part != NONE]
            rest = parts[0] if len(parts) == 1 else ("+", *parts) if parts else NONE
    return rest


def _clipped(e: Any, term: Read) -> Term | None:
    """r/q between 0 and 1, and 0 where q is not positive; None for other distinctions."""
    r, q = e.args[1][0].as_numer_denom()
    if e != sympy.Piecewise((1, sympy.And(q > 0, r >= q)), (r / q, sympy.And(q > 0, r > 0)), (0, True)):
        return None
    part, all_of_it = term(r), term(q)
    return _scaled(_positive(all_of_it), ("/", ("max", NONE, ("min", all_of_it, part)), all_of_it))


def share_of(c: Any, term: Read) -> Term:
    """1 where a condition holds, and 0 elsewhere. Reals are finite."""
    if c in (sympy.true, sympy.false):
        return ONE if c == sympy.true else NONE
    if isinstance(c, IsFinite):
        return ONE
    if c.free_symbols == {t}:
        raise refused(f"{c} where a run may begin anywhere; let it begin after its first step")
    if isinstance(c, sympy.And | sympy.Or | sympy.Not):
        return _joined(c, term)
    difference = term(c.lhs - c.rhs)
    if isinstance(c, sympy.Eq | sympy.Ne):
        apart = ("/", difference, difference)
        return apart if isinstance(c, sympy.Ne) else ("+", ONE, ("neg", apart))
    if isinstance(c, sympy.StrictLessThan | sympy.LessThan):
        difference = term(c.rhs - c.lhs)
    if isinstance(c, sympy.GreaterThan | sympy.LessThan):
        turned = term(c.rhs - c.lhs) if isinstance(c, sympy.GreaterThan) else term(c.lhs - c.rhs)
        return _opposite(_positive(turned))
    return _positive(difference)


def _joined(c: Any, term: Read) -> Term:
    parts = [share_of(part, term) for part in c.args]
    if isinstance(c, sympy.And):
        made = ONE
        for part in parts:
            made = _scaled(made, part)
        return made
    none: Term = ONE
    for part in parts:
        none = _scaled(none, _opposite(part))
    return _opposite(none) if isinstance(c, sympy.Or) else none


def _positive(difference: Term) -> Term:
    """1 where the difference is positive, and 0 elsewhere."""
    above = difference if difference[0] in ("abs", "sqrt") else ("max", difference, NONE)
    return ("/", above, difference)


def _opposite(share: Term) -> Term:
    """1 where the share is 0, and 0 where it is 1."""
    if share in (ONE, NONE):
        return NONE if share == ONE else ONE
    twice = share[0] == "+" and share[1] == ONE and len(share) == 3 and share[2][0] == "neg"
    return share[2][1] if twice else ("+", ONE, ("neg", share))


def _scaled(share: Term, value: Term) -> Term:
    """share value, in which a share that is 0 only where the value is 0 is left out."""
    if NONE in (share, value):
        return NONE
    if share[0] == "/" and share[1] == share[2] and share[1][0] == "abs" and _has(value, share[1][1]):
        return value
    if ONE in (share, value):
        return value if share == ONE else share
    return ("*", *factors(share), *factors(value))


def _has(value: Term, factor: Term) -> bool:
    """Whether a product has this factor."""
    inside = value[1:] if value[0] in ("*", "neg") else value[1:2] if value[0] == "/" else ()
    return value == factor or any(_has(part, factor) for part in inside)
