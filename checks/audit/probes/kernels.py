"""Kernels: sizes around those of vector registers, and types.

torch cannot be asked about its kernels; what they do to numbers can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from driftproof.checks.runtime.roundoff import UNITS

from .. import tensors
from ..finding import Finding
from ..observe import largest_step
from ..probe import Audited, Probe, Skipped, finding
from ..rounding import bounds, excess
from ..subject import Array

EDGES = (1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 100, 4097)
"""Whole and torn vectors of 4, 8, 16, 32 and 64 entries, and more than a thread's share."""
ALL = (*range(1, 101), 4097)
BASE = 100
TYPES = ("float64", *tensors.LOW)
STEPS = 2
WRONG, CERTAIN = 0.25, 4
"""As in siblings: of a step, and times what rounding explains."""


# Sizes


@tensors.on_several
def sizes(audited: Audited) -> Iterator[Finding]:
    """A tensor of n entries moves as n tensors of one, for every n around the widths of vectors, in every form."""
    if not audited.known:
        yield from _still(audited)
        return
    if audited.joins:
        raise Skipped("the rule looks at whole tensors, so that entries are not alone")
    counts = ALL if audited.deep else EDGES
    forms = tensors.runnable(audited)
    for dtype in TYPES:
        base, rows = _base(audited, dtype)
        right, bound = _reference(audited, base, rows, dtype)
        for form in list(forms):
            try:
                got = _all_sizes(audited, form, counts, base, rows, dtype)
            except Exception:  # a type that it does not take; that is another question
                continue
            for count, values in zip(counts, got, strict=True):
                share, _, entry = excess([_tiled(right, count)], [values], [_tiled(bound, count)])
                if share > 1:
                    yield _wrong_size(audited, form, dtype, count, entry, values, right)
                    forms.remove(form)  # in other types it will be the same
                    break


def _base(audited: Audited, dtype: str) -> tuple[Array, list[Array]]:
    """Entries that every tensor is a beginning of, repeated."""
    start, gradients = audited.draws(STEPS, ((BASE,),), salt=55)
    return tensors.rounded(start[0], dtype), [tensors.rounded(row[0], dtype) for row in gradients]


def _reference(audited: Audited, base: Array, rows: Sequence[Array], dtype: str) -> tuple[Array, Array]:
    """Where the rule ends, entry by entry, and how far rounding may be from it."""
    series = [[row] for row in rows]
    right = audited.oracle_path([base], series)
    if dtype != "float64":
        return right[-1], bounds(audited, [base], series, dtype)[-1]
    return right[-1], np.full(base.shape, 1e-9 * largest_step(right, base)) + 64 * np.spacing(np.abs(base))


def _tiled(array: Array, count: int) -> Array:
    return np.resize(array, count)


def _all_sizes(
    audited: Audited, form: Mapping[str, Any], counts: Sequence[int], base: Array, rows: Sequence[Array], dtype: str
) -> list[Array]:
    """One tensor of each size, in one optimizer."""
    with audited.arithmetic() if dtype == "float64" else tensors.as_it_is():
        parameters = [tensors.parameter(_tiled(base, n), dtype) for n in counts]
        run = tensors.live(audited, parameters, {**audited.loud, **form})
        for row in rows:
            tensors.step(run, [tensors.tensor(_tiled(row, n), dtype) for n in counts])
    return [tensors.entries([p]) for p in parameters]


def _wrong_size(
    audited: Audited, form: Mapping[str, Any], dtype: str, count: int, entry: int, values: Array, right: Array
) -> Finding:
    base, rows = _base(audited, dtype)
    unit = largest_step([right], base)
    gap = abs(values[entry] - _tiled(right, count)[entry]) / unit
    start, series = [_tiled(base, count)], [[_tiled(row, count)] for row in rows]
    shown = tensors.plain(
        audited, start, {**audited.loud, **form}, series, list(_tiled(right, count)), "entry by entry", dtype
    )
    certain = dtype == "float64" or gap > WRONG
    return finding(
        SIZES,
        f"with {tensors.named(form)} in {dtype}, entry {entry} of a tensor of {count} is {gap:.2g} steps from where it "
        "is alone",
        shown if count <= BASE else None,
        "error" if certain else "warning",
    )


@tensors.on_several
def _still(audited: Audited) -> Iterator[Finding]:
    """Where the rule is not known: entries that stay in tensors of some sizes and move in those of others."""
    base, rows = _base(audited, "float64")
    counts = EDGES[:-1]  # one that keeps a matrix per axis would take minutes for thousands of entries
    for form in tensors.runnable(audited):
        try:
            got = _all_sizes(audited, form, counts, base, rows, "float64")
        except Exception as error:
            raise Skipped(f"it does not run on vectors: {type(error).__name__}: {error}") from error
        still = {n: np.flatnonzero(values == _tiled(base, n)) for n, values in zip(counts, got, strict=True)}
        some = [n for n, entries in still.items() if entries.size]
        if some and len(some) < len(counts):
            entry = int(still[some[0]][0])
            start, series = [_tiled(base, some[0])], [[_tiled(row, some[0])] for row in rows]
            moves = "every entry has a gradient, and moves"
            shown = tensors.plain(audited, start, {**audited.loud, **form}, series, moves, "as in other sizes")
            told = f"with {tensors.named(form)}, entry {entry} of a tensor of {some[0]} stays where it is"
            yield finding(SIZES, f"{told}; there are sizes at which every entry moves", shown, "warning")
            return


def whole_sizes(audited: Audited) -> Iterator[Finding]:
    """A rule that looks at whole tensors is followed at every size around the widths of vectors, in every form."""
    if not audited.joins:
        raise Skipped("the rule works entry by entry; kernel-sizes looks at it")
    wide = (1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 100) if audited.deep else (1, 3, 8, 9, 17, 33, 65)
    matrices = all(len(s) == 2 for s in audited.shapes)
    start, gradients = audited.draws(STEPS, [(2, n) if matrices else (n,) for n in wide], salt=56)
    right = audited.oracle_path(start, gradients)
    for form in tensors.runnable(audited):
        got = tensors.path(audited, start, gradients, {**audited.loud, **form})
        size, step, entry = audited.differs(right, got, start)
        if step:
            number = int(np.searchsorted(np.cumsum([a.size for a in start]), entry, side="right"))
            one, series = [start[number]], [[row[number]] for row in gradients[:step]]
            shown = tensors.plain(
                audited, one, {**audited.loud, **form}, series, list(audited.oracle_path(one, series)[-1]), "the rule"
            )
            yield finding(
                WHOLE,
                f"with {tensors.named(form)} a tensor of shape {one[0].shape} is {size:.2g} steps from the rule",
                shown,
            )


# Types


@tensors.on_several
def low_precision(audited: Audited) -> Iterator[Finding]:
    """In float32, bfloat16 and float16 it is as near to the rule as rounding in that type explains."""
    start, gradients = audited.draws(6, audited.shapes, salt=57)
    for dtype in tensors.LOW:
        low = [tensors.rounded(a, dtype) for a in start]
        rows = [[tensors.rounded(g, dtype) for g in row] for row in gradients]
        right, bound = audited.oracle_path(low, rows), bounds(audited, low, rows, dtype)
        try:
            got = tensors.path(audited, low, rows, audited.loud, dtype)
        except Exception as error:
            said = f"{type(error).__name__}: {tensors.first_line(error)}"
            yield finding(TYPE, f"it does not run in {dtype}: {said}", None, "note")
            continue
        share, step, entry = excess(right, got, bound)
        if share > 1:
            gap = abs(got[step - 1][entry] - right[step - 1][entry])
            ulps = gap / (2 * UNITS[dtype] * max(abs(right[step - 1][entry]), np.finfo(float).tiny))
            shown = tensors.plain(
                audited,
                low,
                audited.loud,
                rows[:step],
                list(right[step - 1]),
                f"{audited.variant.text} in float64",
                dtype,
            )
            yield finding(
                TYPE,
                f"in {dtype} it is {ulps:.3g} units in the last place from the rule at step {step}, {share:.2g} times "
                "what rounding in that type explains",
                shown,
            )
            return


SIZES = Probe(
    "DP551",
    "kernel-sizes",
    "error",
    "A tensor of n entries moves as n tensors of one entry, in every form and type.",
    "Runs tensors of sizes around multiples of 4, 8, 16, 32 and 64 and one of 4097 entries (all from 1 to 100 with "
    "--deep), in float64, float32, bfloat16 and float16, in every form, and compares every entry with the declared "
    "rule run for it alone. Vectorised loops treat the last entries of a tensor apart from the others, and either "
    "part may be wrong. In float64 the two agree to rounding; in other types to a running error bound of this run.",
    sizes,
)
WHOLE = Probe(
    "DP552",
    "kernel-sizes-of-whole-tensors",
    "error",
    "A rule with norms, means or products is followed at every size.",
    "As kernel-sizes, for rules that look at whole tensors (LAMB, Adafactor, Muon): sums over a tensor have "
    "vectorised loops of their own. Tensors of several lengths are compared with the declared rule, in float64.",
    whole_sizes,
)
TYPE = Probe(
    "DP553",
    "low-precision",
    "warning",
    "In float32, bfloat16 and float16 it is as near to the rule as rounding in that type explains.",
    "Six steps in each type, from inputs that it holds exactly, against the declared rule in float64. What is "
    "allowed is a running error bound of this very run scaled to the type: every operation rounds once, up to four "
    "times as often as it is written. Beyond that, something is computed in a lower precision than the parameters "
    "have: a bias correction, a counter, a buffer.",
    low_precision,
)
PROBES = tensors.that_run(SIZES, WHOLE, TYPE)
