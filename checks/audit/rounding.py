"""How far rounding moves a run in a floating-point type: a bound for that very run, worked out and not chosen.

The reading of the equations that carries running errors (see runtime.roundoff) bounds float64 runs; to first order the
bound grows with the unit roundoff, so that the same reading serves every type. It holds where nothing overflows or
leaves the normal numbers: the inputs here are of size one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from driftproof.checks.runtime.roundoff import ALLOWANCE, growth, with_margin
from driftproof.checks.runtime.scenario import Scenario, allowed

from .probe import Audited
from .subject import Array
from .variant import Variant


def bounds(
    audited: Audited,
    start: Sequence[Array],
    gradients: Sequence[Sequence[Array]],
    dtype: str,
    letters: Mapping[str, float] | None = None,
    variant: Variant | None = None,
) -> list[Array]:
    """Per step and entry, how far a run in this type may be from the exact one.

    raises: Refused for a rule that looks at several tensors at once, or is no function of one gradient.
    """
    rule = (variant or audited.variant).rule
    given = {**audited.letters, **(letters or {})}
    settings = ({h.name: given[h.name] for h in rule.hyperparameters},)
    scenario = Scenario(
        tuple(np.shape(a) for a in start),
        (0,) * len(start),
        tuple(start),
        tuple(tuple(row) for row in gradients),
        (settings,) * len(gradients),
    )
    larger = growth(dtype)
    size = sum(int(np.size(a)) for a in start)  # what follows belongs to outputs, such as an average
    return [larger * error[:size] for error in allowed(rule, scenario, 1, with_margin(ALLOWANCE * larger))]


def excess(ours: Sequence[Array], theirs: Sequence[Array], bound: Sequence[Array]) -> tuple[float, int, int]:
    """The largest difference over its bound, with the step (from 1) and entry where it is; 0 where all agree."""
    worst, where = 0.0, (0, 0)
    for number, (a, b, most) in enumerate(zip(ours, theirs, bound, strict=True), start=1):
        with np.errstate(all="ignore"):
            gap = np.where((np.isnan(a) & np.isnan(b)) | (a == b), 0.0, np.abs(a - b))
            share = np.nan_to_num(np.where(gap == 0, 0.0, gap / most), nan=np.inf, posinf=np.inf)
        place = int(np.argmax(share)) if share.size else 0
        if share.size and share[place] > worst:
            worst, where = float(share[place]), (number, place)
    return worst, *where
