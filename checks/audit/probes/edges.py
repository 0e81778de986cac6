"""Tensors at the edge: without dimensions, without entries, without gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import decay_letters
from ..probe import Audited, Probe, Skipped, finding
from ..script import called
from ..subject import Array

EMPTY = ((0,), (0, 3))


def told(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


def only_matrices(audited: Audited) -> bool:
    return all(len(s) == 2 for s in audited.shapes)


def right_end(
    audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array]], form: Mapping[str, Any]
) -> Array:
    """Where the rule ends; where that is not known, the same form on these tensors."""
    if audited.known:
        return audited.oracle_path(start, series)[-1]
    return tensors.path(audited, start, series, {**audited.loud, **form})[-1]


def same(audited: Audited, right: Array, got: Array, start: Sequence[Array]) -> bool:
    return not audited.differs([right], [got], start)[1]


# Shapes


def no_dimension(audited: Audited) -> Iterator[Finding]:
    """A tensor without dimensions moves as the rule says."""
    if only_matrices(audited):
        raise Skipped("it takes matrices only")
    start, gradients = audited.draws(3, ((),), salt=71)
    flat_start, flat_series = [start[0].reshape(1)], [[row[0].reshape(1)] for row in gradients]
    for form in tensors.runnable(audited):
        right = right_end(
            audited, start if audited.known else flat_start, gradients if audited.known else flat_series, form
        )
        example = tensors.plain(audited, start, {**audited.loud, **form}, gradients, list(right), "the rule")
        try:
            got = tensors.path(audited, start, gradients, {**audited.loud, **form})[-1]
        except Exception as error:
            failing = tensors.plain(audited, start, {**audited.loud, **form}, gradients[:1], "a number", "no exception")
            words = f"with {tensors.named(form)} a tensor without dimensions fails: {told(error)}"
            yield finding(ZERO_DIM, words, failing, "warning")
            return
        if not same(audited, right, got, start):
            severity = "" if audited.known else "note"
            words = f"with {tensors.named(form)} a tensor without dimensions is off the rule"
            yield finding(ZERO_DIM, words, example, severity)
            return


@tensors.on_several
def no_entries(audited: Audited) -> Iterator[Finding]:
    """Tensors without entries are left alone, and leave others alone."""
    shapes = (audited.shapes[0], *([(0, 3)] if only_matrices(audited) else EMPTY), audited.shapes[1])
    start, gradients = audited.draws(2, shapes, salt=72)
    full = [0, len(shapes) - 1]
    chosen, rows = [start[k] for k in full], [[row[k] for k in full] for row in gradients]
    for form in tensors.runnable(audited):
        right = right_end(audited, chosen, rows, form)
        try:
            got = tensors.path(audited, start, gradients, {**audited.loud, **form})[-1]
        except Exception as error:
            yield finding(
                NO_ENTRIES,
                f"with {tensors.named(form)} a tensor without entries fails: {told(error)}",
                _empty_script(audited, form, shapes[1:-1]),
                "warning",
            )
            return
        if not same(audited, right, got, chosen):
            example = _others_script(audited, form, start, gradients, right)
            yield finding(NO_ENTRIES, f"with {tensors.named(form)} a tensor without entries changes others", example)
            return


def _empty_script(audited: Audited, form: Mapping[str, Any], shapes: Sequence[tuple[int, ...]]) -> Counterexample:
    failing = [s for s in shapes if not _goes(audited, form, s)] or list(shapes)
    lines = [
        f"p = torch.nn.Parameter(torch.zeros{failing[0]}, requires_grad=True)".replace("(0,)", "(0)"),
        f"p.grad = torch.zeros{failing[0]}".replace("(0,)", "(0)"),
        "try:",
        f"    optimizer = {called(audited.subject, '[p]', {**audited.loud, **form})}",
        "    optimizer.step()",
        '    print("got  ", tuple(p.shape))',
        "except Exception as error:",
        '    print("got  ", repr(error))',
        f'print("right", {failing[0]})  # nothing to do',
    ]
    return tensors.told(audited, lines, 1, 0, 1)


def _goes(audited: Audited, form: Mapping[str, Any], shape: tuple[int, ...]) -> bool:
    try:
        tensors.path(audited, [np.zeros(shape)], [[np.zeros(shape)]], {**audited.loud, **form})
    except Exception:
        return False
    return True


def _others_script(
    audited: Audited, form: Mapping[str, Any], start: Sequence[Array], series: Sequence[Sequence[Array]], right: Array
) -> Counterexample:
    text = [f"torch.zeros({a.shape}, dtype=torch.float64)" if not a.size else tensors.written(a) for a in start]
    rows = [[f"torch.zeros({g.shape}, dtype=torch.float64)" if not g.size else tensors.written(g) for g in row]
            for row in series]  # fmt: skip
    count = sum(a.size for a in start)
    return tensors.script(
        audited, text, {**audited.loud, **form}, rows, list(right), "as without the empty ones", count
    )


# Gradients that are not there


def no_gradients(audited: Audited) -> Iterator[Finding]:
    """A step without any gradient moves nothing and does not fail, at first and later."""
    start, gradients = audited.draws(2, audited.shapes, salt=73)
    nothing: list[Array | None] = [None for _ in start]
    for form in tensors.runnable(audited):
        given = {**audited.loud, **form}
        try:
            first = tensors.path(audited, start, [nothing], given)[0]
            path = tensors.path(audited, start, [gradients[0], nothing], given)
        except Exception as error:
            yield finding(
                NO_GRADIENTS,
                f"with {tensors.named(form)} a step without any gradient fails: {told(error)}",
                _nothing_script(audited, form),
                "warning",
            )
            return
        moved = (
            not (first == tensors.entries([tensors.tensor(a) for a in start])).all() or not (path[0] == path[1]).all()
        )
        if moved:
            right = list(path[0])
            example = tensors.plain(audited, start, given, [gradients[0], nothing], right, "as after the first step")
            yield finding(
                NO_GRADIENTS, f"with {tensors.named(form)} a step without any gradient moves parameters", example
            )
            return


def _nothing_script(audited: Audited, form: Mapping[str, Any]) -> Counterexample:
    shape = (1, 1) if only_matrices(audited) else (1,)
    lines = [
        f"p = torch.nn.Parameter(torch.ones{shape})".replace("(1,)", "(1)"),
        "try:",
        f"    optimizer = {called(audited.subject, '[p]', {**audited.loud, **form})}",
        "    optimizer.step()",
        '    print("got  ", p.flatten().tolist())',
        "except Exception as error:",
        '    print("got  ", repr(error))',
        'print("right", [1.0])  # there is no gradient',
    ]
    return tensors.told(audited, lines, 1, 1, 1)


@tensors.on_several
def missing(audited: Audited) -> Iterator[Finding]:
    """A tensor without a gradient stays in that step, and the others move as they would."""
    shapes = ((2, 3), (3, 2), (2, 2)) if only_matrices(audited) else ((2,), (2,), (3,))
    start, gradients = audited.draws(3, shapes, salt=74)
    gapped: list[list[Array | None]] = [list(row) for row in gradients]
    gapped[1][1] = None
    a, b = start[0].size, start[0].size + start[1].size
    for form in tensors.runnable(audited):
        given = {**audited.loud, **form}
        right = [row for row in _without_the_gap(audited, start, gradients, given)]
        try:
            path = tensors.path(audited, start, gapped, given)
        except Exception as error:
            example = tensors.plain(audited, start, given, gapped, "numbers", "no exception")
            yield finding(
                MISSING, f"with {tensors.named(form)} a missing gradient fails: {told(error)}", example, "warning"
            )
            return
        others = [np.concatenate([row[:a], row[b:]]) for row in path]
        expected = [np.concatenate([row[:a], row[b:]]) for row in right]
        size, step, _ = audited.differs(expected, others, [start[0], start[2]])
        if step and audited.known:
            last = np.array(right[-1])
            last[a:b] = np.nan
            example = tensors.plain(audited, start, given, gapped, list(last), "nan stands for anything")
            yield finding(
                MISSING,
                f"with {tensors.named(form)} a tensor without a gradient puts others {size:.2g} steps off",
                example,
            )
            return
        if not (path[1][a:b] == path[0][a:b]).all():
            last = np.full(path[1].shape, np.nan)
            last[a:b] = path[0][a:b]
            example = tensors.plain(audited, start, given, gapped[:2], list(last), "the second stays where it is")
            yield finding(MISSING, f"with {tensors.named(form)} a tensor without a gradient moves", example, "warning")
            return


def _without_the_gap(
    audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array]], given: Mapping[str, Any]
) -> list[Array]:
    return audited.oracle_path(start, series) if audited.known else tensors.path(audited, start, series, given)


def frozen(audited: Audited) -> Iterator[Finding]:
    """A parameter with requires_grad=False stays, and does not fail."""
    start, gradients = audited.draws(2, audited.shapes, salt=75)
    for form in tensors.runnable(audited):
        parameters = [tensors.parameter(a) for a in start]
        parameters[1].requires_grad_(False)
        given = {**audited.loud, **form}
        try:
            run = tensors.live(audited, parameters, given)
            for row in gradients:
                tensors.step(run, [tensors.tensor(row[0]), *[None] * (len(start) - 1)])
        except Exception as error:
            yield finding(
                FROZEN,
                f"with {tensors.named(form)} a parameter with requires_grad=False fails: {told(error)}",
                _frozen_script(audited, form),
            )
            return
        if not np.array_equal(parameters[1].detach().numpy(), start[1]):
            shown = _frozen_script(audited, form)
            yield finding(
                FROZEN, f"with {tensors.named(form)} a parameter with requires_grad=False moves", shown, "error"
            )
            return


def _frozen_script(audited: Audited, form: Mapping[str, Any]) -> Counterexample:
    shape = (1, 1) if only_matrices(audited) else (1,)
    one = f"torch.ones{shape}".replace("(1,)", "(1)")
    lines = [
        f"a, b = torch.nn.Parameter({one}), torch.nn.Parameter({one}, requires_grad=False)",
        f"a.grad = {one}",
        "try:",
        f"    optimizer = {called(audited.subject, '[a, b]', {**audited.loud, **form})}",
        "    optimizer.step()",
        '    print("got  ", b.flatten().tolist())',
        "except Exception as error:",
        '    print("got  ", repr(error))',
        'print("right", [1.0])  # b is frozen',
    ]
    return tensors.told(audited, lines, 2, 2, 1)


def empty_sparse(audited: Audited) -> Iterator[Finding]:
    """Where sparse gradients are taken, one that stores no entry is taken too."""
    import torch

    start = tensors.draws_of(audited, (3, 2), salt=76)
    letters = {k: 0.0 for k in decay_letters(audited.variant)} if audited.known else {}
    given = audited.keywords(letters) if audited.known else audited.loud

    def ran(make: Callable[[], Any]) -> None:
        parameter = tensors.parameter(start)
        run = tensors.live(audited, [parameter], given)
        tensors.step(run, [make()])

    try:
        ran(lambda: torch.ones(3, 2, dtype=torch.float64).to_sparse())
    except Exception as error:
        raise Skipped(f"it takes no sparse gradients: {told(error)}") from error
    try:
        ran(lambda: torch.zeros(3, 2, dtype=torch.float64).to_sparse())
    except Exception as error:
        lines = [
            "p = torch.nn.Parameter(torch.ones(3, 2))",
            "p.grad = torch.zeros(3, 2).to_sparse()",
            "try:",
            f"    optimizer = {called(audited.subject, '[p]', given)}",
            "    optimizer.step()",
            '    print("got  ", p.flatten().tolist())',
            "except Exception as error:",
            '    print("got  ", repr(error))',
            'print("right", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])  # a gradient without entries is 0',
        ]
        shown = tensors.told(audited, lines, 1, 6, 1)
        yield finding(SPARSE, f"a sparse gradient that stores no entry fails: {told(error)}", shown)


ZERO_DIM = Probe(
    "DP651",
    "no-dimensions",
    "error",
    "A tensor without dimensions moves as the rule says.",
    "Runs a parameter of shape (), such as a learned temperature, in every form, and compares with the declared "
    "rule. Code that indexes into a shape or takes a norm over the last axis fails there.",
    no_dimension,
)
NO_ENTRIES = Probe(
    "DP652",
    "no-entries",
    "error",
    "Tensors without entries are left alone, and leave others alone.",
    "Puts parameters of shape (0,) and (0, 3) between others. They come from pruned layers and empty embeddings. A "
    "mean over no entries is NaN or a division by zero, and a kernel over a list of tensors may skip the one after "
    "an empty one. A failure is a warning; a changed neighbour is an error.",
    no_entries,
)
NO_GRADIENTS = Probe(
    "DP653",
    "no-gradients",
    "error",
    "A step without any gradient moves nothing and does not fail.",
    "Calls step with p.grad None for every parameter, as the first step and after another one. torch leaves "
    "everything as it is.",
    no_gradients,
)
MISSING = Probe(
    "DP654",
    "missing-gradients",
    "error",
    "A tensor without a gradient stays in that step, and the others move as they would.",
    "The second of three tensors has no gradient in the second step. Buffers that are kept in a list and paired with "
    "gradients by their place are then off by one, and a tensor is moved by another one's moments. When the tensor "
    "counts its own steps is another question: see late-gradients.",
    missing,
)
FROZEN = Probe(
    "DP655",
    "frozen-parameters",
    "warning",
    "A parameter with requires_grad=False stays, and does not fail.",
    "Gives a parameter with requires_grad=False beside another one, as fine-tuning does with model.parameters().",
    frozen,
)
SPARSE = Probe(
    "DP656",
    "empty-sparse-gradients",
    "warning",
    "Where sparse gradients are taken, one that stores no entry is taken too.",
    "An embedding that no sample of a batch used has a sparse gradient without entries. Looked at only where a "
    "sparse gradient with entries runs.",
    empty_sparse,
)
PROBES = tensors.that_run(ZERO_DIM, NO_ENTRIES, NO_GRADIENTS, MISSING, FROZEN, SPARSE)
