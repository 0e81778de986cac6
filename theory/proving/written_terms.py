"""Terms built as people write them: sums and products in one order."""

from __future__ import annotations

from typing import Any

from ..kernel.terms import Term, names, show, subterms

NONE, ONE = ("num", 0), ("num", 1)


def name(text: str, *arguments: Term) -> Term:
    """A variable, or a family at arguments."""
    return ("name", text, arguments)


def later(time: Term, steps: int) -> Term:
    """time + steps, in one numeral."""
    if time[0] == "num":
        return ("num", time[1] + steps)
    parts = list(time[1:]) if time[0] == "+" else [time]
    if parts[-1][0] == "num":
        steps += parts.pop()[1]
    parts += [("num", steps)] if steps else []
    return parts[0] if len(parts) == 1 else ("+", *parts)


def number(e: Any) -> Term:
    """A rational number of SymPy."""
    made: Term = ("num", abs(int(e.p)))
    made = made if e.q == 1 else ("/", made, ("num", int(e.q)))
    return ("neg", made) if e < 0 else made


def factors(made: Term) -> tuple[Term, ...]:
    """What a term is the product of."""
    return made[1:] if made[0] == "*" else (made,)


def divisors(made: Term) -> list[Term]:
    """What to divide by, one after the other, in order to divide by a term."""
    return [made[1]] * made[2] if made[0] == "^" else [made]


def rank(made: Term) -> tuple[int, str]:
    """Factors: numbers, letters, sums, what is left."""
    kind = 0 if made[0] == "num" else 1 if made[0] == "name" and not made[2] else 2 if made[0] == "+" else 3
    return kind, show(made)


def place(made: Term) -> tuple[Any, ...]:
    """Terms of a sum: those with a minus last, and letters alone after what changes with time; numbers first."""
    alone = made[0] == "name" and not made[2]
    head = made[1] if made[0] in ("*", "/") else made
    return made[0] == "neg", (made[0] == "num" and 0) or 1, alone, rank(head)[0] if made[0] == "*" else 0, show(made)


def bound(made: Term) -> set[str]:
    """All names in a term, with those that its sums bind."""
    own = {made[1]} if made[0] == "sum" else set()
    return own.union(names(made), *map(bound, subterms(made)))
