"""What the bound on SGD does as a run is made longer: it tends to 0 at a rate, to a floor, or no limit is known.

Longer means more steps or epochs of the same schedules: those in T or in epochs stretch, those in blocks get more
blocks of the same length. Orders are exact exponents; nothing is read off numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr

from .errors import DriftproofError
from .growth import BOUNDED, Growth, Undecided
from .planned import (
    ByBlock,
    Constant,
    Cosine,
    Diminishing,
    Exponential,
    Formula,
    Listed,
    Polynomial,
    PolynomialGrowth,
    Schedule,
    WarmUp,
)
from .sgd_bound import Inputs
from .symbols import t
from .tails import tail

CONVERGES, FLOOR, OPEN = "CONVERGES", "FLOOR", "OPEN"
ENDLESS = "exponential"
FAST = "summable"


@dataclass(frozen=True)
class Floor:
    """value: what the bound tends to; on the quadratic L x^2/2 the iterate drawn at random attains it.

    smallest: what the minimum over t tends to on that quadratic; equal to value for a constant step size. With steps
    that fall to 0 it is 0: there the floor is of the bound and of the drawn iterate, not of the best one.
    """

    value: Expr
    smallest: Expr


@dataclass(frozen=True)
class SgdLimit:
    """word: CONVERGES, FLOOR or OPEN.   rate: in T.   of_evaluations: the same in N = sum b_t, as text; may be ""."""

    word: str
    reason: str
    rate: Growth | None = None
    of_evaluations: str = ""
    floor: Floor | None = None


def sgd_limit(lr: Schedule, batch: Schedule, inputs: Inputs) -> SgdLimit:
    """The limit of the bound as the run gets longer."""
    eta, b = _order(_last(lr)), _order(_last(batch))
    if eta is None or b is None:
        which = "step sizes" if eta is None else "batch sizes"
        return SgdLimit(OPEN, f"No order in T is known of the {which}: this is about the run as given.")
    if eta == ENDLESS or (isinstance(eta, Growth) and eta > BOUNDED):
        return SgdLimit(OPEN, "The step sizes grow past 2/L in a longer run: this is about the run as given.")
    if b == FAST or (isinstance(b, Growth) and b < BOUNDED):
        return SgdLimit(OPEN, "The batch sizes fall below 1 in a longer run: this is about the run as given.")
    try:
        return _of_orders(lr, batch, inputs, eta, b)
    except Undecided as error:
        return SgdLimit(OPEN, f"{error.what} {error.why}".strip())


def _of_orders(lr: Schedule, batch: Schedule, inputs: Inputs, eta: Growth | str, b: Growth | str) -> SgdLimit:
    steps = BOUNDED if eta == FAST else eta.summed()  # type: ignore[union-attr]
    if steps == BOUNDED:
        return SgdLimit(OPEN, "The step sizes have a finite sum: the bound stays above gap/sum eta_t for ever.")
    noise = BOUNDED if b == ENDLESS or inputs.sigma2 == 0 else (eta**2 / b).summed()  # type: ignore[operator]
    rate = max(BOUNDED / steps, noise / steps)
    if rate >= BOUNDED:
        return _floored(lr, batch, inputs)
    dominant = "gap/sum eta_t" if BOUNDED / steps >= noise / steps else "the noise"
    return SgdLimit(
        CONVERGES, f"The bound is of order {rate} in T: {dominant} decides.", rate, _in_evaluations(rate, b)
    )


def _floored(lr: Schedule, batch: Schedule, inputs: Inputs) -> SgdLimit:
    why = "sum eta_t^2/b_t grows as fast as sum eta_t: with step sizes and batches of constant order noise stays."
    shape, size = _means(_last(lr)), _last(batch)
    if shape is None or not isinstance(size, Constant):
        return SgdLimit(FLOOR, why)
    one, two, least = shape
    L, sigma2, b = inputs.L, inputs.sigma2, size.value
    if one == least:
        floor = stationary(one, b, inputs)
        return SgdLimit(FLOOR, why, floor=Floor(floor, floor))
    return SgdLimit(
        FLOOR, why, floor=Floor(L * sigma2 / (2 * b) * two / (one - L * two / 2), stationary(least, b, inputs))
    )


def stationary(eta: Expr, b: Expr, inputs: Inputs) -> Expr:
    """E |grad f|^2 on f = L x^2/2 in the long run: the floor of a constant step size, attained."""
    return inputs.L * eta * inputs.sigma2 / (b * (2 - inputs.L * eta))


def _last(schedule: Schedule) -> Schedule:
    """What a longer run consists of, but for its beginning."""
    while isinstance(schedule, WarmUp | ByBlock):
        schedule = schedule.parts()[-1]
    return _last(schedule.formula) if isinstance(schedule, Listed) and schedule.formula is not None else schedule


def _means(lr: Schedule) -> tuple[Expr, Expr, Expr] | None:
    """The mean of eta and of eta^2 over a long run, and the smallest eta."""
    if isinstance(lr, Constant):
        return lr.value, lr.value**2, lr.value
    if isinstance(lr, Cosine):
        M, m = lr.high, lr.low
        return (m + M) / 2, (3 * m**2 + 2 * m * M + 3 * M**2) / 8, min(m, M)
    if isinstance(lr, Polynomial):
        M, m, p = lr.high, lr.low, lr.power
        d = M - m
        return m + d / (p + 1), m**2 + 2 * m * d / (p + 1) + d**2 / (2 * p + 1), min(m, M)
    return None


def _order(schedule: Schedule) -> Growth | str | None:
    """As t^p ..., or ENDLESS, or FAST where the sum is finite; None: not known. Shapes in T are constants."""
    if isinstance(schedule, Constant):
        return BOUNDED if schedule.value > 0 else FAST
    if isinstance(schedule, Cosine | Polynomial):
        return BOUNDED if max(schedule.high, schedule.low) > 0 else FAST
    if isinstance(schedule, Diminishing):
        return Growth(Fraction(-1, 2))
    if isinstance(schedule, Exponential):
        return BOUNDED if schedule.factor == 1 else ENDLESS if schedule.factor > 1 else FAST
    if isinstance(schedule, PolynomialGrowth):
        p = schedule.power
        return (Growth(Fraction(int(p.p), int(p.q))) if schedule.slope > 0 else BOUNDED) if p.is_Rational else None
    if isinstance(schedule, Formula) and schedule.value.free_symbols == {t}:
        return _growth(schedule.value)
    return None


def _growth(e: Expr) -> Growth | None:
    try:
        found = tail(e, 16)
        return found.bounds()[0] if found.sign() > 0 else None
    except DriftproofError:
        return None


def _in_evaluations(rate: Growth, b: Growth | str) -> str:
    """N ~ T^(p+1) for batches of order T^p; T ~ log N for exponential ones."""
    if b == ENDLESS:
        return str(Growth(q=rate.p, l=rate.q)).replace("T", "N")
    assert isinstance(b, Growth)
    return "" if b.q or b.l else str(Growth(rate.p / (b.p + 1), rate.q, rate.l)).replace("T", "N")
