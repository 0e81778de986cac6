"""Normal forms as terms again, in canonical text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..kernel.polynomial import Atom, Monomial, Polynomial
from ..kernel.terms import Term, show, term


def spoken(polynomial: Polynomial) -> str:
    """A text with this normal form."""
    return canonical(show(as_term(polynomial)))


def canonical(text: str) -> str:
    """A term in the one way that it is written."""
    for _ in range(3):
        text, before = show(term(text)), text
        if text == before:
            break
    return text


def as_term(polynomial: Polynomial) -> Term:
    """A term with this normal form: a sum of products, reciprocals as divisions."""
    parts = [_signed(monomial, value) for monomial, value in sorted(polynomial.items(), key=_order)]
    return ("num", 0) if not parts else parts[0] if len(parts) == 1 else ("+", *parts)


def _order(item: tuple[Monomial, Fraction]) -> tuple[bool, int, Monomial]:
    return item[1] < 0, -sum(power for _, power in item[0]), item[0]


def _signed(monomial: Monomial, value: Fraction) -> Term:
    above = [_power(_spoken(atom), power) for atom, power in monomial if atom.head != "inv"]
    below = [factor for atom, power in monomial if atom.head == "inv" for factor in _divisors(atom, power)]
    size = abs(value)
    if size.numerator != 1 or not above:
        above.insert(0, ("num", size.numerator))
    if size.denominator != 1:
        below.insert(0, ("num", size.denominator))
    made = _times(above)
    for factor in below:
        made = ("/", made, factor)
    return ("neg", made) if value < 0 else made


def _divisors(reciprocal: Atom, power: int) -> list[Term]:
    """What 1/y^power is divided by: y^power for a product y; a sum y again and again, since 1/(y^2) is not (1/y)^2."""
    base = as_term(reciprocal.parts[0])
    return [base] * power if len(reciprocal.parts[0]) > 1 else [_power(base, power)]


def _times(factors: list[Term]) -> Term:
    return factors[0] if len(factors) == 1 else ("*", *factors)


def _power(base: Term, exponent: int) -> Term:
    return base if exponent == 1 else ("^", base, exponent)


def _spoken(atom: Atom) -> Term:
    if atom.over:
        bound, body = map(as_term, atom.parts)
        name = atom.over if not atom.over.startswith("_") else f"i{atom.over.strip('_')}"
        return ("sum", name, bound, _renamed(body, atom.over, name))
    if atom.head in ("sqrt", "abs", "exp", "log", "E"):
        return (atom.head, as_term(atom.parts[0]))
    return ("name", atom.head, tuple(map(as_term, atom.parts)))


def _renamed(body: Term, old: str, new: str) -> Term:
    if body[0] == "name" and body[1] == old:
        return ("name", new, ())
    return tuple(_renamed_part(part, old, new) for part in body)


def _renamed_part(part: Any, old: str, new: str) -> Any:
    """A term, arguments, or a text or a power, which stay."""
    if not isinstance(part, tuple) or not part:
        return part
    if isinstance(part[0], tuple):
        return tuple(_renamed(argument, old, new) for argument in part)
    return _renamed(part, old, new)
