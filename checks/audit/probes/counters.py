"""Whose the step counter is: a tensor counts the steps in which it had a gradient, and no other tensor changes that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..bookkeeping import Series, apart_or_skip, base, expected, guarded, named, same, source, steady, walk
from ..counted import NAMES, rises
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..subject import Array
from ..telling import first_telling, made, plain, printed, series, small, stepper, telling_script, tensors

LATE_BY, GAP = 3, (2, 3)
"""The first step with a gradient of a late tensor, and the steps without one of a gapped tensor (from 0)."""


def late_gradient(audited: Audited) -> Iterator[Finding]:
    """A tensor whose first gradient comes at step 4 moves as one that an optimizer of its own has from then on."""
    yield from _missing(audited, LATE, lambda tensor, step: tensor > 0 and step < LATE_BY,
                        "whose first gradient comes at step 4",
                        "the count is shared by tensors that were not there")  # fmt: skip


def gapped_gradient(audited: Audited) -> Iterator[Finding]:
    """A tensor without a gradient in steps 3 and 4 stands still in them, and goes on as if they had not been."""
    yield from _missing(audited, GAPPED, lambda tensor, step: tensor > 0 and step in GAP,
                        "without a gradient in steps 3 and 4",
                        "steps count in which it was not there")  # fmt: skip


def _missing(audited: Audited, probe: Probe, absent: Any, what: str, why: str) -> Iterator[Finding]:
    keywords = base(audited)
    steady(audited, keywords)
    apart_or_skip(audited, keywords)
    start, gradients = audited.draws(7, salt=1)
    holes = _holes(gradients, absent)
    try:
        live = audited.subject.start(start, keywords)
        theirs = walk(live, holes)
    except Exception as error:
        yield finding(probe, f"a tensor {what} raises {named(error)}", _raising(audited, keywords, holes))
        return
    if moved := _moved(theirs, holes, start):
        yield finding(
            probe, f"a tensor without a gradient moves, at step {moved}", _holes_script(audited, probe, keywords)
        )
        return
    right = _alone(audited, start, holes, keywords)
    size, step, _ = audited.differs([right], [theirs[-1]], start)
    if step:
        whose = source(audited, keywords)
        text = f"a tensor {what} is {size:.2g} steps from {whose} counted for it alone: {why}"
        yield finding(probe, text, _holes_script(audited, probe, keywords))


def _holes(gradients: Series, absent: Any) -> list[list[Array | None]]:
    return [[None if absent(k, step) else g for k, g in enumerate(row)] for step, row in enumerate(gradients)]


def _alone(audited: Audited, start: Sequence[Array], holes: Series, keywords: dict[str, Any]) -> Array:
    """Where each tensor ends that had an optimizer of its own, called where the tensor has a gradient."""
    columns = [[[row[k]] for row in holes if row[k] is not None] for k in range(len(start))]
    return flat([expected(audited, [a], column, keywords)[-1] for a, column in zip(start, columns, strict=True)])


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


def _holes_script(audited: Audited, probe: Probe, keywords: dict[str, Any]) -> Counterexample | None:
    """Two tensors, the second of which has no gradient in one step."""
    patterns = [(1,)] if probe is GAPPED else [(0,), (0, 1, 2)]

    def candidates() -> Iterator[Counterexample]:
        for shape in ((1,), (2, 2)):
            for out in patterns:
                for steps in range(max(out) + 1, max(out) + 4):
                    start, gradients = small([shape, shape], steps)
                    holes = _holes(gradients, lambda tensor, step, out=out: tensor == 1 and step in out)
                    column = [[row[1]] for row in holes if row[1] is not None]
                    right = expected(audited, start[1:], column, keywords)[-1] if column else flat(start[1:])
                    lines = [
                        *tensors(("a", "b"), start),
                        *made(audited.subject, "optimizer", "[a, b]", keywords),
                        *stepper(audited.subject),
                        f"steps(optimizer, [a, b], {series(holes)})",
                        'print("got  ", b.flatten().tolist())',
                    ]
                    why = f"{source(audited, keywords)}: b, from its own gradients"
                    yield telling_script(audited.subject, lines, start, steps, str(plain(right)), why)

    return first_telling(candidates())


def _raising(audited: Audited, keywords: dict[str, Any], holes: Series) -> Counterexample | None:
    start, gradients = small([(2, 2), (2, 2)], 5)
    rows = _holes(
        gradients, lambda tensor, step: holes[min(step, len(holes) - 1)][min(tensor, len(holes[0]) - 1)] is None
    )
    lines = [
        *tensors(("a", "b"), start),
        *made(audited.subject, "optimizer", "[a, b]", keywords),
        *stepper(audited.subject),
        "got = 'no error'",
        "try:",
        f"    steps(optimizer, [a, b], {series(rows)})",
        "except Exception as error:",
        "    got = repr(error)",
        'print("got  ", got)',
    ]
    shown = telling_script(
        audited.subject, lines, start, 5, "'no error'", "torch passes over a tensor without a gradient"
    )
    return first_telling([shown])


def no_gradients(audited: Audited) -> Iterator[Finding]:
    """A step in which no tensor has a gradient leaves no trace in the steps after it."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(5, salt=4)
    none: list[list[Array | None]] = [[None] * len(start)] * 2
    plainly = audited.target_path(start, gradients, keywords)
    try:
        path = walk(audited.subject.start(start, keywords), [*gradients[:2], *none, *gradients[2:]])
    except Exception as error:
        shown = _raising(audited, keywords, [*gradients[:2], *none])
        yield finding(EMPTY_STEP, f"a step without any gradient raises {named(error)}", shown)
        return
    if not same(path[1:4], [path[1]] * 3):
        yield finding(
            EMPTY_STEP, "parameters move in a step in which no tensor has a gradient", _empty_script(audited, keywords)
        )
    elif not same(path[-1:], plainly[-1:]):
        size = audited.differs(plainly[-1:], path[-1:], start)[0]
        text = f"two steps without any gradient change the steps after them, by {size:.2g} steps: they are counted"
        yield finding(EMPTY_STEP, text, _empty_script(audited, keywords))


def _empty_script(audited: Audited, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in ((1,), (2, 2)):
            for before, after in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 3)):
                start, gradients = small([shape], before + after)
                right = audited.target_path(start, gradients, keywords)[-1:] or [flat(start)]
                holes = [*gradients[:before], [None], *gradients[before:]]
                lines = [
                    *tensors(("p",), start),
                    *made(audited.subject, "optimizer", "[p]", keywords),
                    *stepper(audited.subject),
                    f"steps(optimizer, [p], {series(holes)})",
                    'print("got  ", p.flatten().tolist())',
                ]
                yield telling_script(
                    audited.subject, lines, start, len(holes), str(plain(right[0])), "without the empty step"
                )

    return first_telling(candidates())


def tensors_apart(audited: Audited) -> Iterator[Finding]:
    """The path of a tensor is the same whether or not the optimizer has a second one."""
    keywords = base(audited)
    steady(audited, keywords)
    counted = _counted_per_tensor(audited, keywords) if audited.subject.kind == "torch" else ""
    start, gradients = audited.draws(6, salt=5)
    together = audited.target_path(start, gradients, keywords)
    size_of_first = int(np.size(start[0]))
    alone = expected(audited, start[:1], [row[:1] for row in gradients], keywords)
    size, step, _ = audited.differs(alone, [a[:size_of_first] for a in together], start[:1])
    if not step and not counted:
        return
    text = f"a second tensor changes the path of the first by {size:.2g} steps, from step {step} on" if step else ""
    sure = bool(counted) or audited.known
    yield finding(
        APART,
        "; ".join(filter(None, [text, counted]))
        + ("" if sure else ": something is shared (meant, if the rule has a global norm)"),
        _apart_script(audited, keywords),
        severity="" if sure else "note",
    )


def _counted_per_tensor(audited: Audited, keywords: dict[str, Any]) -> str:
    """What to say about a counter that rises by the number of tensors."""
    start, gradients = audited.draws(1)
    found = []
    for members in (1, 2):
        live = audited.subject.start(start[:members], keywords)
        found.append(rises(live, lambda live=live, members=members: live.step(gradients[0][:members])))  # type: ignore[misc]
    for path, (slot, by) in found[0].items():
        if "param_groups" in path and by == {1.0} and found[1].get(path, (slot, set()))[1] == {2.0}:
            return f"the counter {slot.key!r} of the group rises by 2 in a step with two tensors"
    return ""


def _apart_script(audited: Audited, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in ((1,), (2, 2)):
            for steps in (1, 2, 3, 5):
                start, gradients = small([shape, shape], steps)
                right = expected(audited, start[:1], [row[:1] for row in gradients], keywords)[-1]
                lines = audited.subject.script(start, keywords, gradients)
                lines = [*lines, f'print("got  ", got[:{start[0].size}])']
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), "the first tensor alone")

    return first_telling(candidates())


def counter_moves(audited: Audited) -> Iterator[Finding]:
    """What is called a counter rises by one at each step."""
    keywords = base(audited)
    start, gradients = audited.draws(1)
    live = audited.subject.start(start[:1], keywords)
    found = rises(live, lambda: live.step(gradients[0][:1]))
    counting = any(by == {1.0} for _, by in found.values())  # then one that stays is of no use, and does no harm
    for path, (slot, by) in found.items():
        if slot.key in NAMES and (by == {2.0} or (by == {0.0} and not counting)):
            what = "stays where it is" if by == {0.0} else "rises by 2 at each step"
            yield finding(MOVES, f"the counter {path} {what}", _moves_script(audited, keywords, path))


def _moves_script(audited: Audited, keywords: dict[str, Any], path: str) -> Counterexample | None:
    if audited.subject.kind != "torch":
        return None
    start, gradients = small([(2, 2)], 3)
    lines = [
        *tensors(("p",), start),
        *made(audited.subject, "optimizer", "[p]", keywords),
        *stepper(audited.subject),
        f"steps(optimizer, [p], {series(gradients[:1])})",
        f"before = float({path})",
        f"steps(optimizer, [p], {series(gradients[1:])})",
        f'print("got  ", float({path}) - before)',
    ]
    shown = telling_script(audited.subject, lines, start, 3, "2.0", "two steps later")
    return shown if printed(shown.script) else None


LATE = Probe(
    "DP201",
    "late-gradients",
    "warning",
    "A tensor that gets its first gradient later starts its own count then.",
    "Runs several tensors, all but one of which have no gradient in the first three steps, and compares each with a "
    "run of it alone from its first gradient on: of the declared rule where the target is one, of the target "
    "otherwise. torch counts steps per tensor. A counter per group, or one for the whole optimizer, gives a late "
    "tensor the bias correction of an old one: its first steps are too small. It is torch's convention, not a law; "
    "where it is meant, list the check in expected_failed_checks.",
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
APART = Probe(
    "DP203",
    "tensors-apart",
    "error",
    "The path of a tensor does not depend on which other tensors the optimizer has.",
    "Runs one tensor alone and beside others, and looks at counters in param_groups: one that is incremented inside "
    "the loop over parameters rises by the number of tensors. Every rule of the dictionary treats tensors one by one, "
    "so a path that depends on other tensors contradicts it. Rules with a norm over all tensors, or an estimate of a "
    "distance, are meant to; for a target that is no known rule it is a note.",
    guarded(tensors_apart),
    kinds=("torch", "optax", "functional"),
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
MOVES = Probe(
    "DP205",
    "counter-moves",
    "warning",
    "What is called a counter in the state rises by one at each step.",
    "Reads scalars of the state named step, t, count and the like before and after steps with one tensor. One that "
    "stays where it is was written before it was incremented, or never stored; one that rises by 2 is incremented in "
    "two places. The bias correction then follows another count than the number of steps.",
    guarded(counter_moves),
    kinds=("torch", "optax", "functional"),
)
PROBES = (LATE, GAPPED, APART, EMPTY_STEP, MOVES)
