"""Parameters of several types in one optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from driftproof.checks.runtime.roundoff import UNITS

from .. import tensors
from ..finding import Finding
from ..probe import Audited, Probe, Skipped, finding

TYPES = ("float64", "float32", "float64", "float32")
STEPS = 3
TINY = 1e-7
"""Of the second and the fourth gradient: the size of values that follow from a type."""


def mixed_types(audited: Audited) -> Iterator[Finding]:
    """Each tensor moves as in an optimizer of its own, whatever the types of the others."""
    usual = audited.signature.keywords({}, {})  # defaults may follow from a type
    for given in (audited.loud, usual):
        for form in tensors.runnable(audited):
            keywords = {**given, **form}
            try:
                if _apart(audited, keywords, (TYPES[0],) * len(TYPES)):
                    raise Skipped("tensors act on each other whatever their types")
                apart = _apart(audited, keywords)
            except Skipped:
                raise
            except Exception:
                continue  # a refusal of types that differ, or of these keywords
            if apart:
                place, size = apart
                said = f"a {TYPES[place]} tensor beside those of other types is {size:.2g} steps from itself alone"
                yield finding(MIXED, f"with {tensors.named(form)}, {said}", _script(audited, keywords, place))
                return


def _apart(audited: Audited, keywords: Mapping[str, Any], types: tuple[str, ...] = TYPES) -> tuple[int, float] | None:
    """The first tensor that moves otherwise beside the others than alone, and how far in steps."""
    start, rows = _values(audited)
    together = _run(audited, keywords, list(range(len(types))), start, rows, types)
    for place in range(len(types)):
        alone = _run(audited, keywords, [place], start, rows, types)[0]
        step = float(np.max(np.abs(alone - start[place]))) or 1.0
        gap = float(np.max(np.abs(together[place] - alone)))
        # A type's own rounding may fall otherwise where tensors are taken together.
        if not gap <= 64 * UNITS[types[place]] * (1 + float(np.max(np.abs(start[place])))):
            return place, gap / step
    return None


def _values(audited: Audited) -> tuple[list[Any], list[list[Any]]]:
    shape = (2, 2)
    start, gradients = audited.draws(STEPS, (shape,) * len(TYPES), salt=91)
    small = [[g * (TINY if k % 2 else 1.0) for k, g in enumerate(row)] for row in gradients]
    return [tensors.rounded(a, "float32") for a in start], [[tensors.rounded(g, "float32") for g in r] for r in small]


def _run(
    audited: Audited,
    keywords: Mapping[str, Any],
    places: list[int],
    start: Any,
    rows: Any,
    types: tuple[str, ...] = TYPES,
) -> list[Any]:
    parameters = [tensors.parameter(start[k], types[k]) for k in places]
    run = tensors.live(audited, parameters, keywords)
    for row in rows:
        tensors.step(run, [tensors.tensor(row[k], types[k]) for k in places])
    return [p.detach().double().numpy() for p in run.parameters]


def _script(audited: Audited, keywords: Mapping[str, Any], place: int) -> Any:
    start, rows = _values(audited)
    order = [place, 0] if place else [0, 1]
    text = [tensors.written(start[k], TYPES[k]) for k in order]
    grads = [[tensors.written(r[k], TYPES[k]) for k in order] for r in rows]
    alone = [_run(audited, keywords, [k], start, rows)[0] for k in order]
    return tensors.script(audited, text, keywords, grads, [x for a in alone for x in a.ravel()], "each alone", 8)


MIXED = Probe(
    "DP507",
    "mixed-types",
    "error",
    "Parameters of different types in one optimizer each move as alone.",
    "Puts float64 and float32 parameters into one optimizer, at loud hyperparameters and at its defaults, in every "
    "form, and compares each with the same parameter in an optimizer of its own. Lists of tensors that are taken "
    "together by type get out of step with lists of options, and values that follow from the type of the first "
    "parameter leak to the others. A refusal is no finding.",
    mixed_types,
)
PROBES = tensors.that_run(MIXED)
