"""Is convergence to stationarity guaranteed? What follows for T -> oo from a rule's recursion, and by which reason.

Verdicts. CONVERGES: by the sufficient condition SC1 to SC4, or by the certificate where that fails; to stationary
points, never "to the minimum". FINITE: no limit is decided, and only a number for a given horizon can speak.
NOT_COVERED: a condition fails; that is not divergence. REJECTED: the recursion is ill-posed.
"""

from __future__ import annotations

from dataclasses import dataclass

from .certificate import horizon_rate, rate, require_damping
from .conditions import Condition, Schedules, decide, sc4_ratio
from .errors import OutOfDomain
from .growth import BOUNDED, Growth, T, Undecided
from .recursion import Recursion
from .symbols import symbol

CONVERGES, FINITE, NOT_COVERED, REJECTED = "CONVERGES", "FINITE", "NOT_COVERED", "REJECTED"
SUFFICIENT, CERTIFICATE = "sufficient_condition", "certificate"


@dataclass(frozen=True)
class Limit:
    """What holds as T grows.

    by: sufficient_condition, certificate, or "".   rate: order of (E |grad f|^{4/3})^{3/2}, or None.
    conditions: SC1 to SC4, as far as they were asked.   reason: a sentence.
    """

    recursion: Recursion
    verdict: str
    by: str = ""
    rate: Growth | None = None
    conditions: tuple[Condition, ...] = ()
    reason: str = ""


def limit(recursion: Recursion, start: int = 1) -> Limit:
    """The verdict for T -> oo. start: the first step that is taken."""
    if recursion.form == "max":
        return Limit(
            recursion, NOT_COVERED, reason="AMSGrad's largest second moment is not an instance of Generic Adam."
        )
    if any(e.has(symbol("T")) for e in (recursion.alpha, recursion.beta1, recursion.beta2)):
        return _of_horizon(recursion)
    schedules = Schedules(recursion, max(start, recursion.since))
    try:
        schedules.require_well_posed()
    except OutOfDomain as error:
        return Limit(recursion, REJECTED, reason=" ".join(filter(None, (error.what, error.why, error.fix))))
    except Undecided as undecided:
        return Limit(recursion, REJECTED, reason=undecided.what)
    if recursion.form == "old":
        return _without_history(recursion, schedules)
    return _of_conditions(recursion, schedules)


def _of_conditions(recursion: Recursion, schedules: Schedules) -> Limit:
    conditions = decide(schedules)
    if recursion.decay != 0:
        why = f"The step also subtracts ({recursion.decay})*theta, which Generic Adam does not do."
        return Limit(recursion, NOT_COVERED, conditions=conditions, reason=why)
    if all(c.holds for c in conditions):
        return _of_sufficient(recursion, schedules, conditions)
    decisive = [c for c in conditions if c.holds is False] or [c for c in conditions if c.holds is None]
    missing = "; ".join(f"{c.name} {c}" for c in decisive).rstrip(".")
    try:
        order = rate(schedules)
        if order < BOUNDED:
            return Limit(
                recursion, CONVERGES, CERTIFICATE, order, conditions, f"{missing}. The certificate's bound vanishes."
            )
        told = f"{missing}. The certificate's bound is of the order {order}: it does not vanish"
        return Limit(recursion, NOT_COVERED, "", None, conditions, told + ". This is not divergence.")
    except Undecided as undecided:
        failed = any(c.holds is False for c in conditions)
        reason = f"{missing}." + (
            "" if undecided.what.rstrip(".") in missing or schedules.adds_up else f" {undecided.what}"
        )
        return Limit(recursion, NOT_COVERED if failed else FINITE, "", None, conditions, reason)


def _of_sufficient(recursion: Recursion, schedules: Schedules, conditions: tuple[Condition, ...]) -> Limit:
    """SC1 to SC4 hold; they speak of v_0 > 0 alone, so that the damping is looked at beside them."""
    try:
        require_damping(schedules)
    except Undecided as undecided:
        return Limit(recursion, FINITE, "", None, conditions, f"SC1 to SC4 hold. {undecided.what}")
    return Limit(recursion, CONVERGES, SUFFICIENT, _sufficient_rate(schedules), conditions, "SC1 to SC4 hold.")


def _sufficient_rate(s: Schedules) -> Growth:
    """C/(T alpha_T) and C' times SC4's ratio: the larger order."""
    return max((T * s.growth(s.alpha)) ** -1, sc4_ratio(s))


def _without_history(recursion: Recursion, schedules: Schedules) -> Limit:
    """ADOPT: the denominator is known before the gradient is drawn, and any beta2 will do."""
    if recursion.decay != 0:
        return Limit(recursion, NOT_COVERED, reason=f"The step also subtracts ({recursion.decay})*theta.")
    try:
        order = rate(schedules)
    except Undecided as undecided:
        return Limit(recursion, FINITE, reason=undecided.what)
    independent = (
        "It needs g_t independent of v_{t-1} given theta: i.i.d. draws, not reshuffled epochs or a cyclic stream."
    )
    if order < BOUNDED:
        return Limit(
            recursion, CONVERGES, CERTIFICATE, order, reason=f"The certificate's bound vanishes. {independent}"
        )
    return Limit(recursion, NOT_COVERED, reason=f"The bound is of the order {order}. {independent}")


def _of_horizon(recursion: Recursion) -> Limit:
    why = "The sequences depend on the horizon T, so that no single run has a limit; each T has its certificate"
    try:
        if recursion.decay == 0:
            order = horizon_rate(recursion)
            return Limit(recursion, FINITE, CERTIFICATE, order, (), f"{why}, of the order {order}.")
    except Undecided:
        pass
    return Limit(recursion, FINITE, reason=f"{why}.")
