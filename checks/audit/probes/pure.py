"""What a functional optimizer leaves of the arrays that it is handed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..finding import Finding
from ..probe import Audited, Probe, finding
from ..script import lines_script


def gradients_untouched(audited: Audited) -> Iterator[Finding]:
    """step changes no gradient that it is handed."""
    start, rows = audited.draws(2, audited.shapes, salt=93)
    live: Any = audited.subject.start(start, audited.loud)
    for number, row in enumerate(rows, start=1):
        handed = [np.array(g) for g in row]
        live.hand(handed)
        if not all(np.array_equal(a, b) for a, b in zip(handed, row, strict=True)):
            yield finding(UNTOUCHED, f"step {number} changes the gradients that it is handed", _script(audited))
            return


def _script(audited: Audited) -> Any:
    subject: Any = audited.subject
    made = f"{subject.title}()" if subject.made else subject.title
    start = audited.draws(0, (audited.shapes[0],), salt=93)[0][0].tolist()
    lines = [
        f"optimizer, params = {made}, [np.array({start})]",
        "grads = [np.ones_like(params[0])]",
        f"optimizer.step(params, grads, optimizer.init(params){subject.loss_given}, **{audited.loud!r})",
        'print("got  ", grads[0].tolist())',
        'print("right", np.ones_like(grads[0]).tolist())  # as it was handed',
    ]
    return lines_script(subject, lines, 1, int(np.size(start)), 1)


UNTOUCHED = Probe(
    "DP709",
    "handed-gradients-unchanged",
    "warning",
    "A functional step changes no gradient that it is handed.",
    "Compares the gradients bit for bit before and after a step. A caller that looks at them afterwards (a norm for a "
    "log, an accumulation) gets other numbers where they are divided or decayed in place.",
    gradients_untouched,
    kinds=("functional",),
)
PROBES = (UNTOUCHED,)
