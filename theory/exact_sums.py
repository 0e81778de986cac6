"""The sums of a run as exact rationals, where its numbers are rational and change seldom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Rational

from .course import Course
from .errors import OutOfDomain
from .planned import BLOCK, BLOCKS, EPOCH, EPOCHS, Piece, Schedule, T
from .sgd_bound import S1, S2, SN, top
from .symbols import t

MOST_RUNS = 2000
Run = tuple[int, Expr]


def runs(schedule: Schedule, course: Course) -> Iterator[Run]:
    """(count, value): the exact numbers of a run, equal ones in a row together. raises: OutOfDomain for listed ones."""
    for piece in schedule.pieces(course):
        yield from _runs(piece)


def _runs(piece: Piece) -> Iterator[Run]:
    e, course = piece.expression, piece.course
    if e is None:
        raise OutOfDomain("Listed numbers are not exact.")
    e = e.xreplace({T: _int(course.steps), EPOCHS: _int(course.epochs), BLOCKS: _int(course.blocks)})
    step, epoch = 1, 0
    for s in course.stretches:
        block = e.xreplace({BLOCK: _int(s.block - course.first_block)})
        if not block.free_symbols:
            yield s.epochs * s.steps, block
        for k in range(s.epochs if block.free_symbols else 0):
            value = block.xreplace({EPOCH: _int(epoch + k)})
            if not value.has(t):
                yield s.steps, value
                continue
            first = step + k * s.steps
            yield from ((1, value.xreplace({t: _int(n)})) for n in range(first, first + s.steps))
        step, epoch = step + s.epochs * s.steps, epoch + s.epochs


def at(schedule: Schedule, course: Course, step: int) -> Expr:
    """The exact value at one step, from 1 on; a listed number is the rational that the float is."""
    before = 0
    for piece in schedule.pieces(course):
        if before < step <= before + piece.course.steps:
            return _at(piece, step - before)
        before += piece.course.steps
    raise OutOfDomain(f"Step {step} is not one of the {before} steps of the run.")


def _at(piece: Piece, step: int) -> Expr:
    if piece.expression is None:
        return Rational(Fraction(piece.listed[step - 1]))
    c, before, epoch = piece.course, 0, 0
    known: dict[Any, Any] = {T: _int(c.steps), EPOCHS: _int(c.epochs), BLOCKS: _int(c.blocks), t: _int(step)}
    for s in c.stretches:
        if step <= before + s.epochs * s.steps:
            known |= {EPOCH: _int(epoch + (step - 1 - before) // s.steps), BLOCK: _int(s.block - c.first_block)}
            break
        before, epoch = before + s.epochs * s.steps, epoch + s.epochs
    return piece.expression.xreplace(known)


def exact_sums(lr: Schedule, batch: Schedule, course: Course) -> Mapping[Any, Rational] | None:
    """S1, S2, SN and top as rationals; None where a number is not rational, or they change more than 2000 times."""
    one, other = _seldom(lr, course), _seldom(batch, course)
    if one is None or other is None:
        return None
    sums = dict.fromkeys((S1, S2, SN), Fraction(0))
    for count, eta, b in _together(one, other):
        sums[S1] += count * eta
        sums[S2] += count * eta**2
        sums[SN] += count * eta**2 / b
    found = {name: Rational(value) for name, value in sums.items()}
    return {**found, top: Rational(max(eta for _, eta in one))}


def _seldom(schedule: Schedule, course: Course) -> list[tuple[int, Fraction]] | None:
    found: list[tuple[int, Fraction]] = []
    if any(
        p.expression is None or (p.expression.has(t) and p.course.steps > MOST_RUNS) for p in schedule.pieces(course)
    ):
        return None
    for count, value in runs(schedule, course):
        if not value.is_Rational or len(found) >= MOST_RUNS:
            return None
        found.append((count, Fraction(int(value.p), int(value.q))))
    return found


def _together(
    one: list[tuple[int, Fraction]], other: list[tuple[int, Fraction]]
) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Both at once, cut where either changes."""
    left, right = iter(one), iter(other)
    (n, eta), (k, b) = next(left), next(right)
    while True:
        count = min(n, k)
        yield count, eta, b
        n, k = n - count, k - count
        try:
            if n == 0:
                n, eta = next(left)
            if k == 0:
                k, b = next(right)
        except StopIteration:
            return


def _int(value: int) -> sympy.Integer:
    return sympy.Integer(value)
