"""The numbers of a schedule along a course in float64, each with a bound on its error, and their sums.

The bound is carried through the expression, node by node: u = 2^-53 for + - * / and the root, 4 u for powers, exp, log,
sin and cos, whose libraries state less than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy
from sympy import Expr

from driftproof.theory.course import Course
from driftproof.theory.errors import OutOfDomain
from driftproof.theory.exact_sums import exact_sums
from driftproof.theory.planned import BLOCK, BLOCKS, EPOCH, EPOCHS, Schedule, T
from driftproof.theory.sgd_bound import S1, S2, SN, Totals, top
from driftproof.theory.symbols import t

from .sequences import Array, numbers

U = 2.0**-53
LIBRARY = 4 * U
PAIRWISE = 64 * U
"""Relative, of a sum of up to 10^7 numbers >= 0 by NumPy: blocks of 128 in eight lanes, then pairs of them."""
Known = dict[Any, tuple[Array, Array]]


def values(schedule: Schedule, course: Course) -> tuple[Array, Array]:
    """The numbers of all steps, and bounds on their absolute errors. raises: OutOfDomain where one is not finite."""
    parts = [_piece(p.expression, p.listed, p.course) for p in schedule.pieces(course)]
    found, error = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        raise OutOfDomain(f"{schedule} has no finite value at step {bad[0] + 1}.", "", "Mend it there.")
    return found, error


def _piece(e: Expr | None, listed: tuple[float, ...], course: Course) -> tuple[Array, Array]:
    n = course.steps
    if e is None:
        return np.array(listed, dtype=np.float64), np.zeros(n)
    with np.errstate(all="ignore"):
        value, error = _with_error(e, _letters(e, course), n)
    return np.broadcast_to(value, n).astype(np.float64), np.broadcast_to(error, n).astype(np.float64)


def _letters(e: Expr, course: Course) -> Known:
    """The letters, and the whole number of times that some epochs have passed, without rounding."""
    epoch = np.concatenate([[0], np.cumsum([s.epochs for s in course.stretches])])
    steps = [s.steps for s in course.stretches]
    each = np.concatenate([np.repeat(np.arange(a, b), k) for a, b, k in zip(epoch[:-1], epoch[1:], steps, strict=True)])
    block = np.repeat(
        [s.block - course.first_block for s in course.stretches], [s.epochs * s.steps for s in course.stretches]
    )
    known: dict[Any, Any] = {t: np.arange(1, course.steps + 1), T: course.steps, EPOCH: each, BLOCK: block}
    known |= {EPOCHS: course.epochs, BLOCKS: course.blocks}
    for atom in e.atoms(sympy.floor):
        known[atom] = each // int(1 / atom.args[0].coeff(EPOCH))
    return {letter: (np.asarray(x, dtype=np.float64), np.zeros(1)) for letter, x in known.items()}


def _with_error(e: Any, known: Known, n: int) -> tuple[Array, Array]:
    """Value and bound of one node, from those of its parts."""
    if e in known:
        return known[e]
    if e.is_number:
        constant = float(e)
        return np.asarray(constant), np.asarray(abs(constant) * U * (not e.is_Integer))
    if isinstance(e, sympy.Piecewise | sympy.Max | sympy.Min):
        return _chosen(e, known, n)
    parts = [_with_error(a, known, n) for a in e.args]
    value = _node(e, [v for v, _ in parts], n)
    return value, _ERROR[type(e)](value, parts)


def _node(e: Any, parts: list[Array], n: int) -> Array:
    """The value of a node whose parts have these values, by the one evaluator of schedules."""
    given = {a: np.broadcast_to(v, n) for a, v in zip(e.args, parts, strict=True) if not a.is_number}
    return numbers(e, np.arange(1, n + 1), n, given)


def _chosen(e: Any, known: Known, n: int) -> tuple[Array, Array]:
    """One of several values. Its error is at most their largest; conditions compare whole numbers."""
    options = [v for v, _ in e.args] if isinstance(e, sympy.Piecewise) else e.args
    parts = {a: _with_error(a, known, n) for a in options}
    letters = {a: np.broadcast_to(v, n) for a, (v, _) in {**known, **parts}.items() if not a.is_number}
    error = np.max([np.broadcast_to(x, n) for _, x in parts.values()], axis=0)
    return numbers(e, np.arange(1, n + 1), n, letters), error


def _of_sum(value: Array, parts: list[tuple[Array, Array]]) -> Array:
    """Every partial sum is at most the sum of the sizes."""
    size = sum(abs(v) for v, _ in parts)
    return np.asarray(sum(x for _, x in parts) + (len(parts) - 1) * U * size * (1 + 10 * U))


def _of_product(value: Array, parts: list[tuple[Array, Array]]) -> Array:
    size, error = np.asarray(1.0), np.asarray(0.0)
    for v, x in parts:
        size, error = abs(size * v), abs(size) * x + abs(v) * error + error * x
        error = error + U * (size + error)
    return error


def _of_power(value: Array, parts: list[tuple[Array, Array]]) -> Array:
    """base^exponent: (1 - d)^-|exponent| - 1 for a base that is off by a factor 1 + d at most, and |log base| more for
    an exponent that is."""
    (base, off), (exponent, much) = parts
    with np.errstate(all="ignore"):
        relative = np.where(base == 0, 0.0, off / abs(base))
        grown = np.expm1(-abs(exponent) * np.log1p(-relative)) + np.expm1(
            np.where(base == 0, 0.0, abs(np.log(abs(base)))) * much
        )
        found = abs(value) * (grown * (1 + 1e-6) + LIBRARY)
        return np.where((base == 0) & (off > 0), off**exponent, found)


_ERROR: Mapping[Any, Any] = {
    sympy.Add: _of_sum,
    sympy.Mul: _of_product,
    sympy.Pow: _of_power,
    sympy.exp: lambda v, p: abs(v) * (np.expm1(p[0][1]) + LIBRARY),
    sympy.log: lambda v, p: -np.log1p(-p[0][1] / abs(p[0][0])) + LIBRARY * abs(v),
    sympy.sin: lambda v, p: p[0][1] + LIBRARY,
    sympy.cos: lambda v, p: p[0][1] + LIBRARY,
    sympy.Abs: lambda v, p: p[0][1],
}


def totals(
    lr: Schedule, batch: Schedule, course: Course, eta: Any = None, b: Any = None, rational: bool = True
) -> Totals:
    """The sums of a run. eta, b: (values, errors) where they are there already.

    rational: also in fractions, where they are; not for batches that were rounded since.

    raises: OutOfDomain for a step size that is not >= 0, a batch below 1, or a run that never moves.
    """
    eta, off = values(lr, course) if eta is None else eta
    b, much = values(batch, course) if b is None else b
    _require(eta + off >= 0, eta, lr, "below 0", "Step sizes are >= 0.")
    _require(b + much >= 1, b, batch, "below 1", "A batch has at least one sample.")
    with np.errstate(all="ignore"):  # what overflows is refused below
        squares = eta * eta
        terms = {S1: (eta, off), S2: (squares, 2 * eta * off + off**2 + U * squares)}
        noise = squares / b
        terms[SN] = noise, noise * (much / b * 1.01 + 2 * U) + terms[S2][1] / b
        sums = {name: float(np.sum(v)) for name, (v, _) in terms.items()}
    if not sums[S1] > 0:
        raise OutOfDomain(f"The step sizes {lr} are 0 at every step.", "The run never moves.")
    if not all(0 < x < np.inf for x in sums.values()):
        raise OutOfDomain(f"The squares of {lr} over {batch} do not fit in float64.", "", "Measure f in other units.")
    at = int(np.argmax(eta))
    sums[top] = float(eta[at])
    errors = [float(np.sum(x)) / sums[name] + PAIRWISE for name, (_, x) in terms.items()]
    exact = exact_sums(lr, batch, course) if rational else None
    if exact is not None:
        sums, errors = {name: float(value) for name, value in exact.items()}, [U]
    return Totals(course.steps, float(np.sum(b)), sums, max(errors), at + 1, exact)


def _require(holds: Any, found: Array, schedule: Schedule, what: str, why: str) -> None:
    bad = np.flatnonzero(~np.asarray(holds))
    if bad.size:
        raise OutOfDomain(f"{schedule} is {found[bad[0]]:g} at step {bad[0] + 1}, {what}.", why, "Nothing is clipped.")


def rounded(found: Iterable[float], how: str) -> Array:
    """Batch sizes as whole numbers. how: up, down or nearest."""
    return np.asarray({"up": np.ceil, "down": np.floor, "nearest": np.rint}[how](np.asarray(found)))
