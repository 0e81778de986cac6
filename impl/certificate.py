"""The bound of the finite-horizon certificate as a number, from a rule's own sequences (theory.certificate)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import sympy

from driftproof.theory import certificate as claim
from driftproof.theory.certificate import BACKWARD, BOUND, FORWARD, GIVEN, Inputs
from driftproof.theory.conditions import Schedules
from driftproof.theory.enclose import enclosed
from driftproof.theory.errors import OutOfDomain
from driftproof.theory.growth import Undecided
from driftproof.theory.recursion import Recursion
from driftproof.theory.symbols import symbol, t

from .recurrence import run
from .sequences import Array, numbers

Equations = Mapping[sympy.Symbol, sympy.Expr]
LONGEST = 10**7
_UNIT = 2.0**-53


@dataclass(frozen=True)
class Finite:
    """bound: of (E |grad f(theta_tau)|^{4/3})^{3/2}, rounded up; infinite where it overflows.

    trivial: d G^2, which holds anyway.   steps: those that move, from `start` on.   reason: why there is no finite
    bound, or "".
    """

    bound: float
    trivial: float
    inputs: Inputs
    start: int
    steps: int
    reason: str = ""

    @property
    def informative(self) -> bool:
        return self.bound < self.trivial

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self.inputs), "start": self.start, "trivial": self.trivial, "steps": self.steps}


def finite(recursion: Recursion, inputs: Inputs, start: int = 1, given: Mapping[Any, Array] | None = None) -> Finite:
    """The certificate for the steps start..horizon.

    given: letter that the recursion still has -> its values at these steps: the step sizes of a live scheduler.
    raises: OutOfDomain for a horizon, and for the first step at which a sequence leaves its range.
    """
    if recursion.form == "old":
        start = max(start, recursion.since)  # the steps before it fill v and move nothing
    if not start <= inputs.horizon <= LONGEST:
        raise OutOfDomain(f"horizon = {inputs.horizon}.", "", f"Give a whole number from {start} to {LONGEST}.")
    if reason := _outside(recursion, start):
        return Finite(math.inf, inputs.trivial, inputs, start, 0, reason)
    steps = np.arange(start, inputs.horizon + 1)
    given = {name: values[-len(steps) :] for name, values in (given or {}).items()}
    found = given_by(recursion, steps, inputs.horizon, given)
    if reason := _beyond_floats(recursion, found, start, given):
        return Finite(math.inf, inputs.trivial, inputs, start, 0, reason)
    moving = _moving(found, start)
    found = {s: v[:moving] for s, v in found.items()}
    if recursion.form == "old":
        bound, reason = _without_history(recursion, found, inputs)
    else:
        bound, reason = _bound(found, inputs)
    return Finite(bound, inputs.trivial, inputs, start, moving, reason)


def _outside(r: Recursion, start: int) -> str:
    """Why the claim does not speak of this recursion, or ""."""
    if r.since > start:
        return f"the rule's first steps, before t = {r.since}, have another form"
    if r.form == "new" and r.floor != 0:
        return "the certificate is not for max(sqrt(v), eps)"
    if r.penalty.has(t, symbol("T")):
        return "the penalty makes another loss of every step"
    return ""


INSIDE, OUTSIDE, START = sympy.symbols("inside outside v_start", real=True)


def given_by(r: Recursion, steps: Array, horizon: int, given: Mapping[Any, Array] | None = None) -> dict[Any, Array]:
    """The sequences that a rule gives, at these steps: GIVEN, the damping and v_0."""
    floor = r.floor if r.form == "old" else sympy.Integer(0)
    expressions = {**claim.generated(r), INSIDE: r.inside, OUTSIDE: r.outside + floor, START: r.v_start}
    return {name: numbers(e, steps, horizon, given) for name, e in expressions.items()}


def _beyond_floats(r: Recursion, found: Mapping[Any, Array], start: int, given: Mapping[Any, Array] | None) -> str:
    """Where 1 - beta is 0 in float64 alone: the first such step, or ""."""
    for name, e in () if given else ((claim.gap1, Schedules(r).gap1), (claim.gap2, Schedules(r).gap2)):
        zero = np.flatnonzero(found[name] == 0)
        with suppress(Undecided):
            if len(zero) and enclosed(e, start + int(zero[0]), start + len(found[name]) - 1).a > 0:
                return f"1 - beta is below the smallest float64 at t = {start + int(zero[0])}"
    return ""


def _moving(found: Mapping[Any, Array], start: int) -> int:
    """How many steps move: those before the step size becomes 0 for good. raises: OutOfDomain for the rest."""
    size = found[claim.alpha]
    positive = np.flatnonzero(size > 0)
    last = int(positive[-1]) + 1 if len(positive) else 0
    ranges = {
        claim.alpha: (size > 0) & np.isfinite(size),
        claim.beta1: (found[claim.beta1] >= 0) & (found[claim.gap1] > 0),
        claim.beta2: (found[claim.beta2] > 0) & (found[claim.gap2] > 0),
    }
    words = {claim.alpha: "is not positive", claim.beta1: "is outside [0, 1)", claim.beta2: "is outside (0, 1)"}
    if not last:
        raise OutOfDomain("The step size is never positive.", "Nothing moves.", "Give another schedule.")
    for name, good in ranges.items():
        if not good[:last].all():
            k = int(np.argmin(good[:last]))
            raise OutOfDomain(f"{name}({start + k}) = {found[name][k]:.6g} {words[name]}.", "", "Change the schedule.")
    return last


def _bound(found: dict[Any, Array], inputs: Inputs) -> tuple[float, str]:
    with np.errstate(all="ignore"):
        if not _damping_keeps_up(found):
            return math.inf, "the damping falls faster than beta2 allows"
        if found[START][0] + found[INSIDE][0] + found[OUTSIDE][0] == 0:
            return math.inf, "v_0 and eps are both 0, so that the first steps have no bound"
        return _upward(evaluated(found, inputs), len(found[claim.alpha]))


def sequences(
    found: Mapping[Any, Array], inputs: Inputs, forward: Equations = FORWARD, backward: Equations = BACKWARD
) -> dict[Any, Array]:
    """The claim's sequences at every step, from those that the rule gives."""
    fixed = {claim.L: inputs.L, claim.G: inputs.G}
    given = {s: found[s] for s in GIVEN}
    there = run(forward, given, fixed)
    return there | run(backward, {**given, **{s: there[s] for s in (claim.rho, claim.P, claim.c)}}, fixed, True)


def evaluated(
    found: Mapping[Any, Array],
    inputs: Inputs,
    forward: Equations = FORWARD,
    backward: Equations = BACKWARD,
    bound: sympy.Expr = BOUND,
) -> float:
    """The bound in float64, not yet rounded up. The equations are arguments so that wrong ones can be tried."""
    weights = sequences(found, inputs, forward, backward)[claim.wbar]
    inside, outside, start = found[INSIDE], found[OUTSIDE], found[START][0]
    values = {
        claim.top: math.sqrt(inputs.G**2 + start + inside.max()) + outside.max(),
        claim.least: math.sqrt(start + inside[0]) + outside[0],
        claim.wbar1: weights[0],
        claim.forgotten: -np.sum(weights * np.log1p(-found[claim.gap2])),
        claim.moved: np.sum(found[claim.alpha] * found[claim.gap1]),
        claim.dim: inputs.dim,
        claim.gap: inputs.gap,
    }
    return float(sympy.lambdify(list(values), bound, "numpy")(*map(np.float64, values.values())))


def _damping_keeps_up(found: Mapping[Any, Array]) -> bool:
    """inside_t >= beta2_t inside_{t-1} and outside_t >= sqrt(beta2_t) outside_{t-1}, up to rounding."""
    beta2, room = found[claim.beta2][1:], 1 - 64 * _UNIT
    inside, outside = found[INSIDE], found[OUTSIDE]
    return bool(
        (inside[1:] >= beta2 * inside[:-1] * room).all() and (outside[1:] >= np.sqrt(beta2) * outside[:-1] * room).all()
    )


def _without_history(r: Recursion, found: dict[Any, Array], inputs: Inputs) -> tuple[float, str]:
    """ADOPT, without clipping: sqrt(G^2 + d e^2) [gap + k L (G^2/e^2) sum alpha^2]/sum alpha, with d G^2 for G^2.

    e: the least denominator.   k = 1/2, with momentum 1/2 + beta1/(1 - beta1) and a constant alpha.
    Proof: v_{t-1} is known before g_t, so E_t[g/denominator] = grad/denominator; descent lemma; Hoelder; with momentum
    at the point theta + beta1/(1 - beta1) (theta - theta_before).
    """
    size, beta1 = found[claim.alpha], float(found[claim.beta1][0])
    least = float((found[OUTSIDE] + np.sqrt(found[INSIDE])).min())
    if least == 0:
        return math.inf, "eps is 0, so that the steps have no bound"
    if beta1 and (np.ptp(size) > 0 or np.ptp(found[claim.beta1]) > 0):
        return math.inf, "with momentum the certificate of this form needs constant alpha and beta1"
    squared = inputs.dim * inputs.G**2
    held, inside, outside = max(inputs.G**2, float(found[START][0])), found[INSIDE].max(), found[OUTSIDE].max()
    one = math.sqrt(held + outside**2) if r.floor != 0 else math.sqrt(held + inside) + outside  # of one denominator
    k = 0.5 + beta1 / (1 - beta1)
    drift = k * inputs.L * squared / least**2 * float(np.sum(size**2))
    root = math.sqrt(inputs.dim) * one
    return _upward(root * (inputs.gap + drift) / float(np.sum(size)), len(size))


def _upward(bound: float, steps: int) -> tuple[float, str]:
    """Every term is positive, so each of the nested recurrences loses at most a few units a step."""
    if not math.isfinite(bound):
        return math.inf, "the certificate's sums overflow"
    return float(bound) * (1 + 1e-12 + 64 * steps * _UNIT), ""
