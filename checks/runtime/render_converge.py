"""The page of `converge`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .convergence import CERTIFIED, CONVERGES, MEANS
from .layout import block, columns

if TYPE_CHECKING:
    from .convergence import Convergence

STATEMENTS = {
    "SC1": "0 <= beta1_t <= beta < 1",
    "SC2": "0 < beta2_t < 1, not decreasing",
    "SC3": "chi_t = alpha_t/sqrt(1 - beta2_t) almost non-increasing",
    "SC4": "sum alpha_t sqrt(1 - beta2_t) / (T alpha_T) -> 0",
}


def converge_text(found: Convergence, why: bool = False) -> str:
    """why: also what was read off the rule and how it was decided."""
    lines = block(found.rule, _headline(found))
    lines += block("why", found.reason)
    if found.limit.conditions:
        lines += ["", *columns([(c.name, c.word, STATEMENTS[c.name], c.why) for c in found.limit.conditions]), ""]
    lines += _number(found)
    for item in found.explicit:
        lines += block("also", f"{item.theorem}: {item.says}, where {item.hypotheses}")
    lines += [line for note in found.notes for line in block("note", note)]
    return "\n".join([*lines, *(_read_off(found) if why else [])])


def _headline(found: Convergence) -> str:
    if found.verdict == CONVERGES:
        return f"CONVERGES by the {found.by.replace('_', ' ')}, {MEANS}. Order: {found.limit.rate}"
    if found.verdict == CERTIFIED:
        return f"CERTIFIED_UP_TO_T, {MEANS}." + (f" Order in T: {found.limit.rate}" if found.limit.rate else "")
    return found.verdict


def _number(found: Convergence) -> list[str]:
    if found.finite is None:
        return []
    f, i = found.finite, found.finite.inputs
    bound = f"{f.bound:.4g}" if math.isfinite(f.bound) else f"none: {f.reason}"
    given = f"L = {i.L:g}, G = {i.G:g}, dim = {i.dim}, gap = {i.gap:g}, steps {f.start} to {i.horizon}"
    word = "informative" if f.informative else "not informative"
    return [
        *block("bound", f"{bound} ({word}: the trivial bound d G^2 is {f.trivial:.4g})"),
        *block("of", "(E |grad f(theta_tau)|^(4/3))^(3/2), tau drawn with weights alpha_t (1 - beta1_t)"),
        *block("inputs", given),
    ]


def _read_off(found: Convergence) -> list[str]:
    r = found.limit.recursion
    rows = [(name, value) for name, value in r.as_json().items() if isinstance(value, str) and value != "0"]
    return ["", "read off the rule's equations", *columns([(name, str(value)) for name, value in rows])]
