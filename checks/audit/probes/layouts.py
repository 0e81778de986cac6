"""Layouts in memory of parameters and gradients: the same numbers with other strides.

torch cannot be asked about its kernels; what they do to numbers can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..subject import Array

STEPS = 2


@dataclass(frozen=True)
class Layout:
    """The same numbers, laid out otherwise. text: of an expression in x, which is contiguous."""

    name: str
    text: str
    make: Callable[[Any], Any]


def _torn(x: Any) -> Any:
    import torch

    return torch.stack([x, x], -1)[..., 0]


def _shifted(x: Any) -> Any:
    import torch

    return torch.cat([x[:1], x])[1:]


CONTIGUOUS = Layout("contiguous", "{}", lambda x: x)
OF_MATRICES = (
    CONTIGUOUS,
    Layout("transposed", "{}.t().contiguous().t()", lambda x: x.t().contiguous().t()),
    Layout("sliced", "torch.stack([{0}] * 2, -1)[..., 0]", _torn),
    Layout("shifted", "torch.cat([{0}[:1], {0}])[1:]", _shifted),
)
EXPANDED = Layout("expanded", "{}[:1].expand(3, 5)", lambda x: x[:1].expand_as(x))
"""Of gradients alone: nobody can write into it."""
LAST = Layout(
    "channels last",
    "{}.contiguous(memory_format=torch.channels_last)",
    lambda x: x.contiguous(memory_format=__import__("torch").channels_last),
)


def _pairs() -> Iterator[tuple[Layout, Layout, tuple[int, ...]]]:
    """Layouts of a parameter and of its gradient, and a shape."""
    for ours in OF_MATRICES:
        for theirs in (*OF_MATRICES, EXPANDED):
            yield ours, theirs, (3, 5)
    yield from ((a, b, (2, 3, 2, 2)) for a, b in ((LAST, LAST), (LAST, CONTIGUOUS), (CONTIGUOUS, LAST)))


def layouts(audited: Audited) -> Iterator[Finding]:
    """Every layout in memory of a parameter and its gradient gives the same numbers, in every form."""
    matrices = all(len(s) == 2 for s in audited.shapes)
    shapes = [s for s in ((3, 5), (2, 3, 2, 2)) if not (matrices and len(s) > 2) and _goes(audited, s)]
    pairs = [p for p in _pairs() if p[2] in shapes]
    for form in tensors.runnable(audited):
        wrong: list[tuple[Layout, Layout, float]] = []
        refused: list[tuple[Layout, Layout, str]] = []
        for ours, theirs, shape in pairs:
            try:
                size = _apart(audited, form, ours, theirs, shape)
            except Exception as error:
                refused.append((ours, theirs, f"{type(error).__name__}: {tensors.first_line(error)}"))
                continue
            if size:
                wrong.append((ours, theirs, size))
        yield from _told(audited, form, wrong, refused)


def _goes(audited: Audited, shape: tuple[int, ...]) -> bool:
    """Whether tensors of this shape run when they are contiguous: if not, it is no matter of layouts."""
    try:
        _apart(audited, {}, CONTIGUOUS, CONTIGUOUS, shape)
    except Exception:
        return False
    return True


def _values(audited: Audited, theirs: Layout, shape: tuple[int, ...]) -> tuple[Any, list[Any]]:
    """The start and the gradients as contiguous tensors; expanded ones have equal rows."""
    start, gradients = audited.draws(STEPS, (shape,), salt=58)
    rows = [tensors.tensor(row[0]) for row in gradients]
    return tensors.tensor(start[0]), [theirs.make(r).contiguous() for r in rows] if theirs is EXPANDED else rows


def _right(audited: Audited, form: Mapping[str, Any], start: Any, rows: Sequence[Any]) -> list[Array]:
    """By the rule, or where that is not known by the same form on contiguous tensors."""
    arrays, series = [start.numpy()], [[r.numpy()] for r in rows]
    if audited.known:
        return audited.oracle_path(arrays, series)
    return tensors.path(audited, arrays, series, {**audited.loud, **form})


def _apart(
    audited: Audited, form: Mapping[str, Any], ours: Layout, theirs: Layout, shape: tuple[int, ...], steps: int = STEPS
) -> float:
    """In steps, 0 where rounding explains it."""
    import torch

    start, rows = _values(audited, theirs, shape)
    rows = rows[:steps]
    right = _right(audited, form, start, rows)
    got = []
    with audited.arithmetic():
        parameter = torch.nn.Parameter(ours.make(start.clone()))
        leaf = parameter.clone() if form.get("differentiable") else parameter
        run = tensors.live(audited, [leaf], {**audited.loud, **form})
        for row in rows:
            tensors.step(run, [theirs.make(row)])
            got.append(tensors.entries([leaf]))
    size, step, _ = audited.differs(right, got, [start.numpy()])
    return size if step else 0.0


def _told(  # refusals are the same in every form: they are told of the first
    audited: Audited,
    form: Mapping[str, Any],
    wrong: Sequence[tuple[Layout, Layout, float]],
    refused: Sequence[tuple[Layout, Layout, str]],
) -> Iterator[Finding]:
    if wrong:
        ours, theirs, size = min(wrong, key=lambda w: (LAST in w[:2], EXPANDED in w[:2], -w[2]))  # simple ones first
        yield finding(
            LAYOUT,
            f"with {tensors.named(form)}, {_pair(ours, theirs)} is {size:.2g} steps "
            f"from the same numbers laid out alike ({len(wrong)} pairs of layouts are wrong)",
            _layout_script(audited, form, ours, theirs),
        )
    if refused and form == tensors.runnable(audited)[0]:
        ours, theirs, error = refused[0]
        yield finding(
            LAYOUT,
            f"with {tensors.named(form)}, {_pair(ours, theirs)} is refused: {error}",
            _layout_script(audited, form, ours, theirs, "numbers"),
            "warning",
        )


def _pair(ours: Layout, theirs: Layout) -> str:
    return f"a parameter that is {ours.name} with a gradient that is {theirs.name}"


def _layout_script(
    audited: Audited, form: Mapping[str, Any], ours: Layout, theirs: Layout, words: str = ""
) -> Counterexample:
    """On a small matrix and in one step where that shows it. words: in place of the right numbers."""
    small = [(1, 2), (2, 2), (3, 5)] if theirs is not EXPANDED and LAST not in (ours, theirs) else []
    tried = ((s, n) for s in small if not words for n in range(1, STEPS + 1))
    usual = ((2, 3, 2, 2) if LAST in (ours, theirs) else (3, 5), STEPS)
    shape, steps = next((t for t in tried if _apart(audited, form, ours, theirs, *t)), usual)
    start, rows = _values(audited, theirs, shape)
    rows = rows[:steps]
    right = words or list(flat([_right(audited, form, start, rows)[-1]]))
    return tensors.script(
        audited,
        [ours.text.format(tensors.written(start))],
        {**audited.loud, **form},
        [[theirs.text.format(tensors.written(r))] for r in rows],
        right,
        "the same numbers, both contiguous",
        int(np.prod(shape)),
    )


LAYOUT = Probe(
    "DP554",
    "memory-layouts",
    "error",
    "The layout of a parameter and of its gradient in memory changes no number.",
    "Gives parameters and gradients that are contiguous, transposed, sliced with gaps, shifted, expanded (gradients) "
    "or channels last, in every pair and every form, and compares with the declared rule. A kernel that walks "
    "through memory instead of through entries pairs each parameter with the gradient of another one where the two "
    "differ; autograd does produce gradients whose strides are not the parameter's. A refusal is a warning.",
    layouts,
)
PROBES = tensors.that_run(LAYOUT)
