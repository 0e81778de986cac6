"""The page of `converge`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftproof.theory.convergence import REJECTED

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
        lines += ["", *columns([(c.name, c.word, c.why) for c in found.limit.conditions]), ""]
    lines += _number(found)
    for item in found.explicit:
        lines += block("also", f"{item.theorem}: {item.says}, where {item.hypotheses}")
    lines += [line for note in found.notes for line in block("note", note)]
    if why:
        lines += [*_decided(found), *_read_off(found), *_statements(found)]
    return "\n".join(lines)


def _statements(found: Convergence) -> list[str]:
    if not found.limit.conditions:
        return []
    return ["", "what is asked", *columns([(c.name, STATEMENTS[c.name]) for c in found.limit.conditions])]


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


def _decided(found: Convergence) -> list[str]:
    """Which condition decided, and the orders that it was decided by."""
    failing = [c for c in found.limit.conditions if not c.holds]
    by = ", ".join(f"{c.name} {c.word}" for c in failing) or "SC1 to SC4: all hold"
    if not found.limit.conditions:
        by = _without_conditions(found)
    elif failing and found.verdict == CONVERGES:
        by = f"the certificate, since {by}"
    orders = "   ".join(f"{name} ~ {order}" for name, order in _orders(found).items())
    return [*block("decided by", by), *(block("orders", orders) if orders else [])]


def _without_conditions(found: Convergence) -> str:
    if found.verdict == REJECTED:
        return "the first steps: the recursion is ill-posed"
    if found.limit.recursion.form != "new":
        return "the form of the recursion, which is not Generic Adam's"
    return "the certificate alone: with T in the schedules no run has a limit"


def _orders(found: Convergence) -> dict[str, str]:
    """Exact orders in T. They do not depend on the first steps, so that none of these is looked at."""
    from sympy import sqrt

    from driftproof.theory.conditions import TAILS, Schedules
    from driftproof.theory.growth import Undecided
    from driftproof.theory.symbols import symbol, t

    r, orders = found.limit.recursion, {}
    if found.verdict == REJECTED or r.form == "max" or any(e.has(symbol("T")) for e in (r.alpha, r.beta1, r.beta2)):
        return {}
    s = Schedules(r, TAILS[0])
    wanted = {"alpha": s.alpha, "1 - beta1": s.gap1 if r.beta1.has(t) else None, "1 - beta2": s.gap2}
    wanted |= {"chi": s.alpha / sqrt(s.gap2), "alpha sqrt(1 - beta2)": s.alpha * sqrt(s.gap2)}
    for name, e in wanted.items():
        try:
            orders |= {} if e is None else {name: str(s.growth(e))}
        except Undecided:
            orders[name] = "undecided"
    return orders


def _read_off(found: Convergence) -> list[str]:
    r = found.limit.recursion
    rows = [(name, value) for name, value in r.as_json().items() if isinstance(value, str) and value != "0"]
    return ["", "read off the rule's equations", *columns([(name, str(value)) for name, value in rows])]
