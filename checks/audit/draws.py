"""What the deep part of an audit draws: numbers for parameters and gradients, hyperparameters, edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from .probe import Audited
from .session import Action, Apart, Case, Session, Tracked

Failures = list[tuple[Case, str]]
ENTRIES = (0.7, -1.3, 2.1, 0.4, -0.2, 0.03)
GRADIENTS = (0.9, -1.1, 0.6, -2.3, 0.07, 0.0, 3e-7, -8e3)
"""Ordinary ones first, to which others shrink; then zero, tiny and huge."""
DECAYS = (0.9, 0.5, 0.999, 0.0, 0.3)
DRAWN: Mapping[str, tuple[float, ...]] = {
    "eta": (0.1, 1.0, 0.01, 1e-4),
    "eps": (1e-8, 1e-3, 0.1, 2.0, 1e-12),
    "lambda": (0.0, 0.1, 0.01, 0.6),
    "lambda2": (0.0, 0.1, 0.01, 0.6),
    **dict.fromkeys(("beta1", "beta2", "beta3", "beta", "mu", "tau"), DECAYS),
}
"""Values by letter; letters that are not here keep their loud ones."""
EDITS: Mapping[str, tuple[float, ...]] = {
    "eta": (0.1, 0.02, 0.5),
    "eps": (1e-3, 1e-8, 0.3),
    "lambda": (0.1, 0.0, 0.4),
}


def watched(session: Session, action: Action, failures: Failures) -> None:
    try:
        session.do(action)
    except Apart as apart:
        failures.append((session.case, str(apart)))
        raise


def arrays(shape: tuple[int, ...], values: tuple[float, ...]) -> Any:
    size = int(np.prod(shape))
    return st.lists(st.sampled_from(values), min_size=size, max_size=size).map(lambda x: np.array(x).reshape(shape))


def letters(audited: Audited, table: Mapping[str, tuple[float, ...]]) -> Any:
    """Of letters that the target has arguments for, some set to other values."""
    return st.fixed_dictionaries({k: st.sampled_from(table[k]) for k in audited.words if k in table})


def started(audited: Audited, start: list[Any], letters: Mapping[str, float]) -> Session:
    """A session; a target that refuses these hyperparameters has nothing to show."""
    try:
        session = Session(audited, start, letters)
        Tracked(audited, start[0], session.letters).step(start[0])  # the rule too has domains
    except Exception:
        reject()
    return session


def editable(audited: Audited) -> dict[str, tuple[float, ...]]:
    """Letters that can be edited while the target runs."""
    if audited.identified is not None and not audited.identified.plan.change:
        return {}
    words = {k: w for k, w in audited.words.items() if k in EDITS and w.isidentifier()}
    if audited.subject.kind == "torch":
        live: Any = audited.subject.start([np.ones(s) for s in audited.shapes], audited.loud)
        words = {k: w for k, w in words.items() if all(w in group for group in live.optimizer.param_groups)}
    return {k: EDITS[k] for k in words}
