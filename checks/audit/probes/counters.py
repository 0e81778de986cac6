"""Steps without a gradient: a tensor counts the steps in which it had one, and stands still in the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..bookkeeping import (
    Series,
    apart_or_skip,
    base,
    differing,
    entry_shapes,
    expected,
    guarded,
    named,
    path_of,
    same,
    source,
    steady,
    walk,
)
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..subject import Array
from ..telling import first_telling, made, plain, series, small, stepper, telling_script, tensors

Absent = Callable[[int, int], bool]
"""Whether a tensor has no gradient in a step, both counted from 0; tensor 1 always has one."""


def late(tensor: int, step: int) -> bool:
    return tensor != 1 and step < 3


def gapped(tensor: int, step: int) -> bool:
    return tensor != 1 and step in (2, 3)


def late_gradient(audited: Audited) -> Iterator[Finding]:
    """A tensor whose first gradient comes at step 4 moves as one that an optimizer of its own has from then on."""
    what = "whose first gradient comes at step 4"
    yield from _missing(audited, LATE, late, what, "its count, or its state, is not its own")


def gapped_gradient(audited: Audited) -> Iterator[Finding]:
    """A tensor without a gradient in steps 3 and 4 stands still in them, and goes on as if they had not been."""
    what = "without a gradient in steps 3 and 4"
    yield from _missing(audited, GAPPED, gapped, what, "it is counted, or its state moves, where it was not there")


def _missing(audited: Audited, probe: Probe, absent: Absent, what: str, why: str) -> Iterator[Finding]:
    """Three tensors, two of them of one shape so that one may be taken for the other."""
    keywords = base(audited)
    steady(audited, keywords)
    apart_or_skip(audited, keywords)
    first, last = audited.shapes
    start, gradients = audited.draws(7, (first, first, last), salt=1)
    holes = _holes(gradients, absent)
    try:
        theirs = walk(audited.subject.start(start, keywords), holes)
    except Exception as error:
        yield finding(probe, f"a tensor {what} raises {named(error)}", _raising(audited, keywords, absent))
        return
    if moved := _moved(theirs, holes, start):
        text = f"a tensor without a gradient moves, at step {moved}"
        yield finding(probe, text, _holes_script(audited, absent, keywords))
        return
    right = _alone(audited, start, holes, keywords)
    size, step, _ = differing([right], [theirs[-1]], start)
    if not step:
        return
    always = slice(np.size(start[0]), np.size(start[0]) + np.size(start[1]))
    whose = source(audited, keywords)
    if off := _off(audited, right[always], theirs[-1][always], start[1]):
        text = f"a tensor with a gradient in each step is {off:.2g} steps from {whose} where another has none in some"
        yield finding(probe, text, _holes_script(audited, absent, keywords), severity="error")
    else:
        text = f"a tensor {what} is {size:.2g} steps from {whose} counted for it alone: {why}"
        yield finding(probe, text, _holes_script(audited, absent, keywords))


def _off(audited: Audited, right: Array, theirs: Array, start: Array) -> float:
    """In steps; 0 where they are equal up to rounding."""
    size, step, _ = differing([right], [theirs], [start])
    return size if step else 0.0


def _holes(gradients: Series, absent: Absent) -> list[list[Array | None]]:
    return [[None if absent(k, step) else g for k, g in enumerate(row)] for step, row in enumerate(gradients)]


def _alone(audited: Audited, start: Sequence[Array], holes: Series, keywords: dict[str, Any]) -> Array:
    """Where each tensor ends that had an optimizer of its own, called where the tensor has a gradient."""
    columns = [[[row[k]] for row in holes if row[k] is not None] for k in range(len(start))]
    ends = [expected(audited, [a], column, keywords)[-1:] for a, column in zip(start, columns, strict=True)]
    return flat([end[0] if end else a for end, a in zip(ends, start, strict=True)])


def _moved(path: Sequence[Array], holes: Series, start: Sequence[Array]) -> int:
    """The first step (from 1) in which a tensor without a gradient moves; 0 if none does."""
    cuts = np.cumsum([np.size(a) for a in start])[:-1]
    before = flat(start)
    for number, (now, row) in enumerate(zip(path, holes, strict=True), 1):
        for g, a, b in zip(row, np.split(before, cuts), np.split(now, cuts), strict=True):
            if g is None and not np.array_equal(a, b, equal_nan=True):
                return number
        before = now
    return 0


def _patterns(absent: Absent) -> list[Absent]:
    """Two tensors: the second, the first, and as in the run itself."""
    out = (0,) if absent is late else (1,)
    return [lambda tensor, step: tensor == 1 and step in out, lambda tensor, step: tensor == 0 and step in out, absent]


def _holes_script(audited: Audited, absent: Absent, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for pattern in _patterns(absent):
                for steps in (1, 2, 3, 4, 6):
                    start, gradients = small([shape, shape], steps)
                    holes = _holes(gradients, pattern)
                    right = _alone(audited, start, holes, keywords)
                    why = f"{source(audited, keywords)}, once for each tensor"
                    lines = [*_run_lines(audited, start, holes, keywords), 'print("got  ", got)']
                    yield telling_script(audited.subject, lines, start, steps, str(plain(right)), why)

    return first_telling(candidates())


def _run_lines(audited: Audited, start: Sequence[Array], rows: Series, keywords: dict[str, Any]) -> list[str]:
    names = ", ".join("ab"[: len(start)])
    return [
        *tensors("ab"[: len(start)], start),
        *made(audited.subject, "optimizer", f"[{names}]", keywords),
        *stepper(audited.subject),
        f"steps(optimizer, [{names}], {series(rows)})",
        f"got = [{', '.join(f'*{name}.flatten().tolist()' for name in 'ab'[: len(start)])}]",
    ]


def _raising(audited: Audited, keywords: dict[str, Any], absent: Absent) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for pattern in (*_patterns(absent), absent):
            start, gradients = small([(2, 2), (2, 2)], 5)
            whole = _run_lines(audited, start, _holes(gradients, pattern), keywords)
            lines = [*whole[:-2], "try:", *(f"    {line}" for line in whole[-2:])]
            lines += ["except Exception as error:", "    got = repr(error)"]
            lines.append('print("got  ", got if isinstance(got, str) else "no error")')
            yield telling_script(audited.subject, lines, start, 5, "'no error'", "torch passes over such a tensor")

    return first_telling(candidates())


def no_gradients(audited: Audited) -> Iterator[Finding]:
    """A step in which no tensor has a gradient leaves no trace in the steps after it."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(5, salt=4)
    none: list[list[Array | None]] = [[None] * len(start)] * 2
    plainly = path_of(audited, start, gradients, keywords)
    try:
        path = walk(audited.subject.start(start, keywords), [*gradients[:2], *none, *gradients[2:]])
    except Exception as error:
        shown = _raising(audited, keywords, lambda tensor, step: step == 2)
        yield finding(EMPTY_STEP, f"a step without any gradient raises {named(error)}", shown)
        return
    if not same(path[1:4], [path[1]] * 3):
        yield finding(
            EMPTY_STEP, "parameters move in a step in which no tensor has a gradient", _empty_script(audited, keywords)
        )
    elif not same(path[-1:], plainly[-1:]):
        size = differing(plainly[-1:], path[-1:], start)[0]
        text = f"two steps without any gradient change the steps after them, by {size:.2g} steps: they are counted"
        yield finding(EMPTY_STEP, text, _empty_script(audited, keywords))


def _empty_script(audited: Audited, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 3)):
                start, gradients = small([shape], before + after)
                right = path_of(audited, start, gradients, keywords)[-1:] or [flat(start)]
                rows = [*gradients[:before], [None], *gradients[before:]]
                lines = [*_run_lines(audited, start, rows, keywords), 'print("got  ", got)']
                why = "without the empty step"
                yield telling_script(audited.subject, lines, start, len(rows), str(plain(right[0])), why)

    return first_telling(candidates())


LATE = Probe(
    "DP201",
    "late-gradients",
    "warning",
    "A tensor that gets its first gradient later starts its own count then.",
    "Runs several tensors, all but one of which (not the first) have no gradient in the first three steps, and "
    "compares each with a run of it alone from its first gradient on: of the declared rule where the target is one, "
    "of the target otherwise. torch counts steps per tensor. A counter per group, or one for the whole optimizer, "
    "gives a late tensor the bias correction of an old one: its first steps are too small. It is torch's convention, "
    "not a law; where it is meant, list the check in expected_failed_checks.",
    guarded(late_gradient),
)
GAPPED = Probe(
    "DP202",
    "gapped-gradients",
    "warning",
    "A tensor without a gradient in some steps stands still in them, and they do not count.",
    "Runs several tensors, all but one of which have no gradient in steps 3 and 4. torch passes over a tensor whose "
    ".grad is None: no momentum, no weight decay, no count. It matters for parts of a model that are used in some "
    "steps only (experts, adapters, layers dropped at random). An optimizer that moves such a tensor, or counts the "
    "step, gives another path than torch's class. Skip where p.grad is None, and count per tensor.",
    guarded(gapped_gradient),
)
EMPTY_STEP = Probe(
    "DP204",
    "steps-without-gradients",
    "warning",
    "A step in which no tensor has a gradient changes nothing.",
    "Makes two steps with every .grad at None in the middle of a run; the steps after them must be as if they had not "
    "been made. Loops over accumulation and skipped batches do this. torch's classes count per tensor with a "
    "gradient.",
    guarded(no_gradients),
)
PROBES = (LATE, GAPPED, EMPTY_STEP)
