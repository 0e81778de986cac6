"""Schedules as texts that `planned` reads again: exponential(8, 2), warmup(linear(1/100, 1/10), 5, cosine(1/10))."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal, localcontext

from sympy import Expr

from .errors import NotReadable
from .planned import (
    ByBlock,
    Constant,
    Cosine,
    Diminishing,
    Exponential,
    Formula,
    Named,
    Polynomial,
    PolynomialGrowth,
    Schedule,
    WarmUp,
)

LONG, DIGITS = 10**6, 50
"""Denominators up to LONG are written as fractions; decimals have up to so many digits."""
WORDS: dict[type[Named], str] = {
    Diminishing: "diminishing",
    Cosine: "cosine",
    Polynomial: "polynomial",
    Exponential: "exponential",
    PolynomialGrowth: "growth",
}


def written(schedule: Schedule) -> str:
    """raises: NotReadable for a list of numbers, which has no text."""
    if isinstance(schedule, Constant):
        return _number(schedule.value)
    if isinstance(schedule, Formula):
        return str(schedule)
    if isinstance(schedule, WarmUp):
        return f"warmup({written(schedule.first)}, {schedule.epochs}, {written(schedule.then)})"
    if isinstance(schedule, ByBlock):
        return f"by_block({', '.join(map(written, schedule.each))})"
    if not isinstance(schedule, Named):
        raise NotReadable(f"{schedule} has no formula.", "", "It is a list of numbers.")
    words, named = [], False
    for field in fields(schedule):  # type: ignore[arg-type]
        value = getattr(schedule, field.name)
        if value == field.default:
            named = True
            continue
        word = repr(value) if field.name in ("every", "per") else _number(value)
        words.append(f"{field.name}={word}" if named or field.name in ("every", "per") else word)
    return f"{WORDS[type(schedule)]}({', '.join(words)})"


def _number(value: Expr) -> str:
    """A decimal where the fraction is long: whole numbers in texts are short."""
    if not value.is_Rational or value.q <= LONG or 10**DIGITS % int(value.q):
        return str(value)
    with localcontext(prec=60):
        return f"{Decimal(int(value.p)) / Decimal(int(value.q)):f}"
