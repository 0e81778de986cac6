"""Other kinds of numbers and gradients: complex parameters, sparse gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftproof.checks.runtime.packages import quiet

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import decay_letters
from ..probe import Audited, Probe, Skipped, finding
from ..script import called
from ..subject import Array
from ..torch_class import step_text

FEW = 1e-6
"""Of the largest step: what a counter or a product in float32 amounts to."""


def complex_numbers(audited: Audited) -> Iterator[Finding]:
    """Complex parameters move as their real and imaginary parts do, or are refused."""
    import torch

    if audited.known and audited.joins:
        raise Skipped("the rule looks at whole tensors, and which norm a complex one has is a choice")
    start, series = audited.draws(3, ((2, 2),), salt=94)  # pairs: real and imaginary part
    for form in tensors.runnable(audited):
        keywords = {**audited.loud, **form}
        right = tensors.path(audited, start, series, keywords)
        parameter = torch.nn.Parameter(torch.view_as_complex(tensors.tensor(start[0])))
        got = []
        try:
            with audited.arithmetic():
                run = tensors.live(audited, [parameter], keywords)
                for row in series:
                    tensors.step(run, [torch.view_as_complex(tensors.tensor(row[0]))])
                    got.append(tensors.entries([torch.view_as_real(parameter.detach())]))
        except Exception as error:
            if "complex" not in str(error).lower():
                told = f"complex parameters fail with an error that does not say so: {type(error).__name__}"
                yield finding(COMPLEX, told, _complex_script(audited, keywords, start, series[:1], right[0]), "note")
            return
        size, step, _ = audited.differs(right, got, start)
        if step and size > FEW:
            told = f"with {tensors.named(form)} complex parameters are {size:.2g} steps from their two parts"
            shown = _complex_script(audited, keywords, start, series[:step], right[step - 1])
            yield finding(COMPLEX, told, shown, "" if audited.known else "note")
            return


def _complex_script(
    audited: Audited,
    keywords: Mapping[str, Any],
    start: Sequence[Array],
    series: Sequence[Sequence[Array]],
    right: Array,
) -> Counterexample:
    pair = "torch.view_as_complex({})".format
    lines = [
        f"p = torch.nn.Parameter({pair(tensors.written(start[0]))})",
        f"optimizer = {called(audited.subject, '[p]', keywords)}",
        "try:",
        f"    for g in {tensors.literal([row[0] for row in series])}:",
        f"        p.grad = {pair('torch.tensor(g, dtype=torch.float64)')}",
        f"        {step_text(audited.subject)}",
        '    print("got  ", torch.view_as_real(p.detach()).flatten().tolist())',
        "except Exception as error:",
        '    print("got  ", repr(error))',
        f'print("right", {tensors.listed(right)})  # real and imaginary parts as a real parameter',
    ]
    return tensors.told(audited, lines, 1, 2, len(series))


def sparse(audited: Audited) -> Iterator[Finding]:
    """Sparse gradients move parameters as the dense ones do, or are refused by an error that says so."""
    import torch

    start, series = audited.draws(3, ((3, 2),), salt=95)
    for number, row in enumerate(series):
        row[0][number % 3] = 0.0
    letters = {k: 0.0 for k in decay_letters(audited.variant)} if audited.known else {}
    keywords = audited.keywords(letters) if audited.known else audited.loud
    right = tensors.path(audited, start, series, keywords)
    parameter, got = tensors.parameter(start[0]), []
    try:
        with audited.arithmetic():
            run = tensors.live(audited, [parameter], keywords)
            for row in series:
                tensors.step(run, [_sparse(torch, row[0])])
                got.append(tensors.entries([parameter]))
    except Exception as error:
        if "sparse" not in str(error).lower():
            told = f"sparse gradients fail with an error that does not say so: {type(error).__name__}"
            yield finding(SPARSE, told, _sparse_script(audited, keywords, start, series[:1], right[0]), "note")
        return
    size, step, _ = audited.differs(right, got, start)
    if step:
        shown = _sparse_script(audited, keywords, start, series[:step], right[step - 1])
        yield finding(SPARSE, f"with sparse gradients it is {size:.2g} steps from the dense run at step {step}", shown)


def _stored(dense: Array) -> tuple[list[int], list[list[float]]]:
    """Rows that are not zero, the first of them in two halves, as an embedding makes it; and their entries."""
    rows = [k for k in range(dense.shape[0]) if dense[k].any()]
    return [*rows, rows[0]], [(dense[k] / (2 if k == rows[0] else 1)).tolist() for k in (*rows, rows[0])]


def _sparse(torch: Any, dense: Array) -> Any:
    rows, values = _stored(dense)
    with quiet():
        return torch.sparse_coo_tensor([rows], torch.tensor(values, dtype=torch.float64), dense.shape)


def _sparse_script(
    audited: Audited,
    keywords: Mapping[str, Any],
    start: Sequence[Array],
    series: Sequence[Sequence[Array]],
    right: Array,
) -> Counterexample:
    lines = [
        f"p = torch.nn.Parameter({tensors.written(start[0])})",
        f"optimizer = {called(audited.subject, '[p]', keywords)}",
        "try:",
        f"    for rows, g in {[_stored(row[0]) for row in series]!r}:",
        "        p.grad = torch.sparse_coo_tensor([rows], torch.tensor(g, dtype=torch.float64), p.shape)",
        f"        {step_text(audited.subject)}",
        '    print("got  ", p.flatten().tolist())',
        "except Exception as error:",
        '    print("got  ", repr(error))',
        f'print("right", {tensors.listed(right)})  # with the dense gradient',
    ]
    return tensors.told(audited, lines, 1, int(start[0].size), len(series))


COMPLEX = Probe(
    "DP731",
    "complex-parameters",
    "note",
    "Complex parameters move as their real and imaginary parts do, or are refused.",
    "torch's convention is view_as_real: a complex entry is two real ones. Squares of complex gradients are no "
    "second moments; a root of them turns the step. A refusal should be an error that says complex.",
    complex_numbers,
)
SPARSE = Probe(
    "DP732",
    "sparse-gradients",
    "warning",
    "Sparse gradients move parameters as the dense ones do, or are refused by an error that says so.",
    "Gives gradients of an embedding in sparse form, with one row stored twice, without weight decay. Lazy forms, "
    "which leave rows without a gradient alone, are another rule by design; list the check in expected_failed_checks "
    "then.",
    sparse,
)
PROBES = tensors.that_run(COMPLEX, SPARSE)
