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
from .planned import Constant, Cosine, Diminishing, Exponential, Polynomial, PolynomialGrowth, Schedule, WarmUp


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
    """Those that fit; none for other compositions than warm-ups, which exact sums cover."""
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
    elif isinstance(lr, WarmUp):
        pairs = _pair(lr, course)
        if pairs is not None:
            formula = "S1 = sum of the parts' S1, S2 likewise; geometric, arithmetic and cosine sums"
            yield ClosedForm("warm-up, exact", formula, 1 / pairs[0], pairs[1] / (b * pairs[0]))


def _cosine(lr: Cosine, b: Expr, course: Course) -> Iterator[ClosedForm]:
    """K steps at each value; the remainder is d K/(b T), since every value is taken K times."""
    M, m, T = lr.high, lr.low, Integer(course.steps)
    sizes = {s.steps for s in course.stretches}
    if lr.per == "epoch" and len(sizes) > 1:
        return
    K = Integer(1) if lr.per == "step" else Integer(*sizes)
    d = M - m
    one, two = _of_cosine(m, d, T, K)
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
    if isinstance(batch, Exponential) and batch.every is None and batch.factor > 1:
        delta, b0 = batch.factor, batch.start
        name, inverse = "batch grows exponentially", most * delta / ((delta - 1) * b0)
        yield from _under(lr, course, name, "S_max delta/((delta-1) b_0)", inverse)
        if isinstance(lr, Exponential) and lr.every is None and lr.factor > 1 and lr.factor**2 < delta:
            B = 1 / (lr.start * least * lr.factor**last)
            V = most / least * lr.start / (b0 * (1 - lr.factor**2 / delta) * lr.factor**last)
            formula = (
                "B <= 1/(eta_0 S_min gamma^M), V <= (S_max/S_min) eta_0/(b_0 (1 - gamma^2/delta) gamma^M), "
                "S the steps of a block, M the last block"
            )
            yield ClosedForm("both grow exponentially", formula, B, V)
    if isinstance(batch, PolynomialGrowth) and batch.slope > 0:
        low, c = min(batch.slope, batch.start), batch.power
        variants = [("zeta(c)", zeta(c), True), ("2", Integer(2), False)][: 1 + isinstance(lr, Constant)]
        for name, value, ours in variants if c > 1 else ():
            inverse = most * value / low**c
            yield from _under(
                lr, course, f"batch grows as a power, {name}", f"S_max {name}/min(a, b_0)^c", inverse, ours
            )
        if isinstance(lr, PolynomialGrowth) and min(lr.slope, lr.start) > 0 and c - 2 * lr.power > 1:
            yield _both_powers(lr, batch, most, least, last + 1)


def _under(
    lr: Schedule, course: Course, name: str, formula: str, inverse: Expr, ours: bool = True
) -> Iterator[ClosedForm]:
    """Where sum 1/b <= inverse and sum eta >= least: V <= top^2 inverse/least, top the largest eta."""
    found = _least(lr, course)
    if found is None:
        return
    top, least, told = found
    prefix = "" if isinstance(lr, Constant) else f"{type(lr).__name__.lower()}, "
    text = f"B <= 1/S, V <= M^2 {formula}/S, S = {told}, M the largest step size"
    yield ClosedForm(prefix + name, text, 1 / least, top**2 * inverse / least, ours)


def _least(lr: Schedule, course: Course) -> tuple[Expr, Expr, str] | None:
    """(largest eta, lower bound of sum eta, the latter as text), for a course whose epochs do not get longer.

    Along a cosine that falls, over epochs whose steps fall too, the mean over steps is no less than that over epochs.
    """
    T = Integer(course.steps)
    if isinstance(lr, Constant):
        return lr.value, lr.value * T, "M T"
    if isinstance(lr, Diminishing):
        return lr.start, 2 * lr.start * (sqrt(T + 1) - 1), "2 M (sqrt(T+1) - 1)"
    if isinstance(lr, Polynomial) and lr.high >= lr.low:
        M, m, p = lr.high, lr.low, lr.power
        return M, (M + p * m) * T / (p + 1), "(M + p m) T/(p+1)"
    steps = [s.steps for s in course.stretches]
    if isinstance(lr, Cosine) and lr.high >= lr.low and (lr.per == "step" or steps == sorted(steps, reverse=True)):
        return lr.high, (lr.low + lr.high) * T / 2, "(m + M) T/2"
    if isinstance(lr, WarmUp):
        return _least_after(lr, course)
    return None


def _least_after(lr: WarmUp, course: Course) -> tuple[Expr, Expr, str] | None:
    """What comes after the warm-up alone; the warm-up only for its largest step size."""
    if course.epochs <= lr.epochs:
        return None
    then, first = _least(lr.then, course.within(lr.epochs, course.epochs)), lr.first
    if then is None:
        return None
    if isinstance(first, Constant):
        tops = [first.value]
    elif isinstance(first, Polynomial | Cosine):
        tops = [first.high, first.low]
    elif isinstance(first, Exponential) and first.every is not None:
        tops = [first.start, first.start * first.factor ** ((lr.epochs - 1) // first.every)]
    else:
        return None
    return max(then[0], *tops), then[1], f"{then[2]} of the steps after the warm-up"


def _both_powers(lr: PolynomialGrowth, batch: PolynomialGrowth, most: Expr, least: Expr, blocks: Expr) -> ClosedForm:
    """(a1 m + eta_0)^c1 <= A^c1 (m+1)^c1, >= a^c1 (m+1)^c1; the same of b; sum j^c1 >= n^(c1+1)/(c1+1)."""
    c1, c2 = lr.power, batch.power
    A, a, low = max(lr.slope, lr.start), min(lr.slope, lr.start), min(batch.slope, batch.start)
    B = (c1 + 1) / (least * a**c1 * blocks ** (c1 + 1))
    V = most * A ** (2 * c1) * zeta(c2 - 2 * c1) / low**c2 * B
    formula = (
        "B <= (c1+1)/(S_min min(a1, eta_0)^c1 n^(c1+1)), V <= B S_max max(a1, eta_0)^(2 c1) zeta(c2 - 2 c1)/"
        "min(a2, b_0)^c2, S the steps of a block, n the blocks"
    )
    return ClosedForm("both grow as powers", formula, B, V)


# Exact sums of parts


def _pair(lr: Schedule, course: Course) -> tuple[Expr, Expr] | None:
    """sum eta and sum eta^2 in closed form, where all epochs have as many steps; None where they are not known."""
    T, steps = Integer(course.steps), {s.steps for s in course.stretches}
    if len(steps) > 1:
        return None
    if isinstance(lr, Constant):
        return lr.value * T, lr.value**2 * T
    if isinstance(lr, Cosine):
        return _of_cosine(lr.low, lr.high - lr.low, T, Integer(*steps) if lr.per == "epoch" else Integer(1))
    if isinstance(lr, Polynomial) and lr.power == 1:
        d, m = lr.high - lr.low, lr.low
        return m * T + d * (T + 1) / 2, m**2 * T + m * d * (T + 1) + d**2 * (T + 1) * (2 * T + 1) / (6 * T)
    if isinstance(lr, Exponential) and lr.every is not None and lr.factor != 1 and course.epochs % lr.every == 0:
        levels, each, q = course.epochs // lr.every, Integer(lr.every) * Integer(*steps), lr.factor
        return tuple(each * lr.start**k * (q ** (k * levels) - 1) / (q**k - 1) for k in (1, 2))
    if isinstance(lr, WarmUp) and course.epochs > lr.epochs:
        one = _pair(lr.first, course.within(0, lr.epochs))
        other = _pair(lr.then, course.within(lr.epochs, course.epochs))
        return None if one is None or other is None else (one[0] + other[0], one[1] + other[1])
    return None


def _of_cosine(m: Expr, d: Expr, T: Expr, K: Expr) -> tuple[Expr, Expr]:
    """K steps at each value, T in all."""
    one = m * T + d * T / 2 + d * K / 2
    two = T * (m**2 + m * d + 3 * d**2 / 8) + K * (m * d + d**2 / 2) + (T * d**2 / 8 if T == K else 0)
    return one, two
