"""NaN and infinities: where they may go, and steps that should not be made because of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import tensors
from ..finding import Counterexample, Finding
from ..probe import KINDS, Audited, Probe, Skipped, finding
from ..script import called
from ..subject import Array
from .numbers import Series, entry, ran, shown


def _spoilt(series: Series, tensor: int, place: int, value: float) -> list[list[Array]]:
    """The same with one entry of the second step's gradient spoilt."""
    copy = [[np.array(g) for g in row] for row in series]
    copy[1][tensor].reshape(-1)[place] = value
    return copy


def _wide(audited: Audited) -> list[tuple[int, ...]]:
    matrices = all(len(s) == 2 for s in audited.shapes)
    return [(2, 3), (3, 3)] if matrices else [(3,), (21,)]


@tensors.on_several
def in_its_entry(audited: Audited) -> Iterator[Finding]:
    """By a rule that works entry by entry, a NaN or an infinity in one entry touches no other."""
    if audited.joins:
        raise Skipped("the rule looks at whole tensors, where one NaN spreads by right")
    start, gradients = audited.draws(3, ((3,), (21,)), salt=67)
    right = audited.oracle_path(start, gradients)[-1]
    for form in _forms(audited):
        for value in (np.nan, np.inf, -np.inf) if audited.subject.kind == "torch" or audited.deep else (np.nan,):
            series = _spoilt(gradients, 1, 5, value)
            got = ran(audited, start, series, {**audited.loud, **form}, "float64")[-1]
            others = np.arange(right.size) != 8
            wrong = others & ~np.isclose(got, right, rtol=1e-9, atol=1e-9)
            if wrong.any():
                told = (
                    f"with {tensors.named(form)} a gradient entry of {value} changes {int(wrong.sum())} other entries"
                )
                yield finding(ENTRY, told, _spoilt_script(audited, form, value, 2))
                break


def _spoilt_script(audited: Audited, form: Mapping[str, Any], value: float, count: int) -> Counterexample:
    """On as few entries of one tensor as will do."""
    for size in (count, 8, 21):
        start, gradients = audited.draws(3, ((size,),), salt=67)
        series, given = _spoilt(gradients, 0, 0, value), {**audited.loud, **form}
        right = audited.oracle_path(start, gradients)[-1]
        got = ran(audited, start, series, given, "float64")[-1]
        if not np.isclose(got[1:], right[1:], rtol=1e-9, atol=1e-9).all():
            break
    return shown(audited, start, given, series, [value, *right[1:]], "the first entry may be anything")


def _forms(audited: Audited) -> list[dict[str, bool]]:
    return tensors.runnable(audited) if audited.subject.kind == "torch" else [{}]


def in_its_tensor(audited: Audited) -> Iterator[Finding]:
    """A NaN in the gradient of one tensor does not reach another tensor."""
    if audited.joint:
        raise Skipped("the rule acts on several tensors at once")
    start, gradients = audited.draws(3, _wide(audited), salt=68)
    size = start[0].size
    for form in _forms(audited):
        given = {**audited.loud, **form}
        right = ran(audited, start, gradients, given, "float64")[-1][:size]
        series = _spoilt(gradients, 1, 0, np.nan)
        got = ran(audited, start, series, given, "float64")[-1][:size]
        if not np.allclose(got, right, rtol=1e-9, atol=1e-9):
            told = f"with {tensors.named(form)} a NaN in one tensor's gradient changes another tensor"
            last = [*right, *[np.nan] * start[1].size]
            example = shown(audited, start, given, series, last, "the first tensor is as without the NaN")
            yield finding(TENSOR, told, example, "" if audited.known else "note")
            return


def scaled(audited: Audited) -> Iterator[Finding]:
    """A form that unscales gradients itself does so, and skips a step in which an infinity was found."""
    import torch

    start, gradients = audited.draws(3, (entry(audited),), salt=69)
    for form in [f for f in tensors.runnable(audited) if f.get("fused")]:
        parameter = tensors.parameter(start[0], "float32")
        run = tensors.live(audited, [parameter], {**audited.loud, **form})
        if not getattr(run.optimizer, "_step_supports_amp_scaling", False):
            break
        seen = []
        for number, row in enumerate(gradients):
            run.optimizer.grad_scale = torch.tensor(4.0)
            run.optimizer.found_inf = torch.tensor(float(number == 1))
            tensors.step(run, [tensors.tensor(4 * row[0], "float32")])
            seen.append(tensors.entries([parameter]))
        right = audited.oracle_path(start, [gradients[0], gradients[2]])
        expected = [right[0], right[0], right[1]]
        off = [
            k
            for k, (a, b) in enumerate(zip(expected, seen, strict=True))
            if not np.allclose(a, b, rtol=1e-5, atol=1e-6)
        ]
        if off:
            words = ("unscales no gradients", "makes a step though an infinity was found", "counts the step it skipped")
            told = f"with {tensors.named(form)} and grad_scale it {words[off[0]]}"
            yield finding(SCALED, told, _scaled_script(audited, form, start, gradients, list(expected[off[0]]), off[0]))
        return
    raise Skipped("no form supports gradient scaling by itself")


def _scaled_script(
    audited: Audited, form: Mapping[str, Any], start: Sequence[Array], series: Series, right: Sequence[float], last: int
) -> Counterexample:
    lines = [
        f"p = torch.nn.Parameter({tensors.written(start[0], 'float32')})",
        f"optimizer = {called(audited.subject, '[p]', {**audited.loud, **form})}",
        "optimizer.grad_scale = torch.tensor(4.0)",
    ]
    for number, row in enumerate(series[: last + 1]):
        lines += [
            f"optimizer.found_inf = torch.tensor({float(number == 1)})",
            f"p.grad = 4 * {tensors.written(row[0], 'float32')}",
            "optimizer.step()",
        ]
    lines += [
        'print("got  ", p.flatten().tolist())',
        f'print("right", {tensors.listed(right)})  # unscaled, inf skipped',
    ]
    return tensors.told(audited, lines, 1, int(start[0].size), last + 1)


ENTRY = Probe(
    "DP607",
    "nan-stays-in-its-entry",
    "error",
    "By a rule that works entry by entry, a NaN or an infinity in one entry touches no other entry.",
    "Spoils one entry of one gradient with NaN, inf and -inf in the second step, and compares all other entries with "
    "the declared rule. Entries meet where something is summed that the rule does not sum, or where code asks "
    "whether any entry is bad and acts on all.",
    in_its_entry,
    KINDS,
)
TENSOR = Probe(
    "DP608",
    "nan-stays-in-its-tensor",
    "error",
    "A NaN in the gradient of one tensor reaches no other tensor.",
    "Spoils one gradient and looks at the other tensor. Where the rule is known it joins no tensors, and the finding "
    "is an error. Where it is not known the target may join them by design (a norm over all gradients), and it is a "
    "note.",
    in_its_tensor,
    KINDS,
)
SCALED = Probe(
    "DP610",
    "gradient-scaling",
    "error",
    "A form that unscales gradients itself does so, and skips a step in which an infinity was found.",
    "torch.amp.GradScaler gives grad_scale and found_inf to an optimizer that says it supports them. Three steps "
    "with gradients four times as large; in the second an infinity is said to be found. The step must leave "
    "parameters, moments and counter as they were.",
    scaled,
)
PROBES = tensors.that_run(ENTRY, TENSOR, SCALED)
