"""Closed forms of B_T and V_T: explanations of the exact sums, never in their place.

Each is an upper bound, with our constants: those that are said otherwise elsewhere stand beside it, marked, and are
held against the exact sum of the very run. A bound with the wrong remainder is not loose but false.
source: umeda2024increasing, Lemmas on schedulers (i) to (iii), from memory; every one derived anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sympy import Expr, Integer, log, sqrt, zeta

from .course import Course
from .planned import Constant, Cosine, Diminishing, Exponential, Polynomial, PolynomialGrowth, Schedule


@dataclass(frozen=True)
class ClosedForm:
    """B, V: upper bounds of B_T and V_T, as numbers, or None.   formula: what they are.

    ours: False for a variant that we do not claim.
    """

    name: str
    formula: str
    B: Expr | None
    V: Expr | None
    ours: bool = True


def closed_forms(lr: Schedule, batch: Schedule, course: Course) -> tuple[ClosedForm, ...]:
    """Those that fit; none for compositions, which exact sums cover."""
    found = (
        _of_constant_batch(lr, batch, course) if isinstance(batch, Constant) else _of_growing_batch(lr, batch, course)
    )
    return tuple(found)


def _of_constant_batch(lr: Schedule, batch: Constant, course: Course) -> Iterator[ClosedForm]:
    b, T = batch.value, Integer(course.steps)
    if isinstance(lr, Constant):
        yield ClosedForm("constant", "B = 1/(M T), V = M/b", 1 / (lr.value * T), lr.value / b)
    elif isinstance(lr, Diminishing):
        root = sqrt(T + 1) - 1
        formula = "B <= 1/(2 M (sqrt(T+1) - 1)), V <= M (1 + log T)/(2 b (sqrt(T+1) - 1))"
        yield ClosedForm("diminishing", formula, 1 / (2 * lr.start * root), lr.start * (1 + log(T)) / (2 * b * root))
    elif isinstance(lr, Cosine) and lr.high >= lr.low:
        yield from _cosine(lr, b, course)
    elif isinstance(lr, Polynomial) and lr.high >= lr.low:
        yield _polynomial(lr, b, T)


def _cosine(lr: Cosine, b: Expr, course: Course) -> Iterator[ClosedForm]:
    """K steps at each value; the remainder is d K/(b T), since every value is taken K times."""
    M, m, T = lr.high, lr.low, Integer(course.steps)
    sizes = {s.steps for s in course.stretches}
    if lr.per == "epoch" and len(sizes) > 1:
        return
    K = Integer(1) if lr.per == "step" else Integer(*sizes)
    E, d = T / K, M - m
    one = (m + M) * T / 2 + d * K / 2
    two = T * (m**2 + m * d + 3 * d**2 / 8) + K * (m * d + d**2 / 2) + (T * d**2 / 8 if E == 1 else 0)
    yield ClosedForm("cosine, exact", "S1 = (m+M)T/2 + dK/2, and S2 likewise", 1 / one, two / (b * one))
    main, B = (3 * m**2 + 2 * m * M + 3 * M**2) / (4 * (m + M) * b), 2 / ((m + M) * T)
    text = "B <= 2/((m+M) T), V <= (3m^2 + 2mM + 3M^2)/(4(m+M)b) + {}"
    yield ClosedForm("cosine", text.format("d K/(b T)"), B, main + d * K / (b * T))
    if K > 1:
        yield ClosedForm("cosine, remainder d/(bT)", text.format("d/(b T)"), None, main + d / (b * T), ours=False)
    yield ClosedForm("cosine, no remainder", text.format("0"), None, main, ours=False)


def _polynomial(lr: Polynomial, b: Expr, T: Expr) -> ClosedForm:
    M, m, p = lr.high, lr.low, lr.power
    main = (2 * p**2 * m**2 + 2 * p * m * M + (p + 1) * M**2) / ((2 * p + 1) * (p * m + M) * b)
    rest = (p + 1) * (M**2 - m**2) / ((p * m + M) * b * T)
    formula = "B <= (p+1)/((M+pm) T), V <= (2p^2m^2 + 2pmM + (p+1)M^2)/((2p+1)(pm+M)b) + (p+1)(M^2-m^2)/((pm+M)bT)"
    return ClosedForm("polynomial", formula, (p + 1) / ((M + p * m) * T), main + rest)


def _of_growing_batch(lr: Schedule, batch: Schedule, course: Course) -> Iterator[ClosedForm]:
    sizes = [sum(s.epochs * s.steps for s in group) for _, group in groupby(course.stretches, key=lambda s: s.block)]
    most, least, last = Integer(max(sizes)), Integer(min(sizes)), Integer(len(sizes) - 1)
    T = Integer(course.steps)
    if isinstance(batch, Exponential) and batch.every is None and batch.factor > 1:
        delta, b0 = batch.factor, batch.start
        if isinstance(lr, Constant):
            V = lr.value * most * delta / ((delta - 1) * b0 * T)
            yield ClosedForm("batch grows exponentially", "V <= M S_max delta/((delta-1) b_0 T)", 1 / (lr.value * T), V)
        if isinstance(lr, Exponential) and lr.every is None and lr.factor > 1 and lr.factor**2 < delta:
            B = 1 / (lr.start * least * lr.factor**last)
            V = most / least * lr.start / (b0 * (1 - lr.factor**2 / delta) * lr.factor**last)
            formula = (
                "B <= 1/(eta_0 S_min gamma^M), V <= (S_max/S_min) eta_0/(b_0 (1 - gamma^2/delta) gamma^M), "
                "S the steps of a block, M the last block"
            )
            yield ClosedForm("both grow exponentially", formula, B, V)
    if isinstance(batch, PolynomialGrowth) and isinstance(lr, Constant) and batch.power > 1 and batch.slope > 0:
        low, c = min(batch.slope, batch.start), batch.power
        text = "V <= M S_max {}/(min(a, b_0)^c T)"
        for name, value, ours in (("zeta(c)", zeta(c), True), ("2", Integer(2), False)):
            V = lr.value * most * value / (low**c * T)
            yield ClosedForm(f"batch grows as a power, {name}", text.format(name), 1 / (lr.value * T), V, ours)
