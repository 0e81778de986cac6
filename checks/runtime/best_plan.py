"""The schedule with the smallest bound on SGD under stated limits: how many steps, of what size, with what batches.

    Limits(time=3600, per_step=2e-3, per_sample=5e-5, floors=(8, 16, 32, 64))

A run has blocks k of w_k steps with step size eta_k and batch size b_k >= floor_k. Limits on all of it: evaluations
sum w b, steps sum w, and time sum w (per_step + per_sample b). Blocks have equal shares of the steps, evaluations or
time: that is what makes a floor one over time. In step sizes of 1/L and gradients of L gap, with r = sigma2/(L gap),
u = w eta and n = w b, the bound is

    (1 + (r/2) sum u^2/n) / sum (u - u^2/(2 w)),

convex over concave in (u, n, w), and all limits, floors and shares are linear: a convex solver finds the best of all
(Dinkelbach's method). Where the floors do not change, a constant is optimal, whatever the limits: blocks may be
exchanged, and the mean over all orders is no worse. The gap to the best constant is reported; only the bound is made
small, and what a run does is another matter. cvxpy comes in for several blocks.
"""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from driftproof.theory.errors import OutOfDomain, UnknownName, nearest

from .best_schedule import bound
from .extras import extras_named

SHARES = ("steps", "evaluations", "time")
ROUNDS = 40
_TENTH = {"tol_gap_abs": 1e-7, "tol_gap_rel": 1e-7, "tol_feas": 1e-7}
ATTEMPTS: tuple[dict[str, Any], ...] = (
    {},
    {"equilibrate_enable": False},
    {"equilibrate_max_scaling": 10.0, "equilibrate_min_scaling": 0.1},
    {"static_regularization_constant": 1e-12, "dynamic_regularization_eps": 1e-15},
    _TENTH,
    {"equilibrate_enable": False, **_TENTH},
)
"""Options of the solver, tried until it says that it is accurate: to 1e-8, or in the last two to 1e-7, a tenth of what
is said of the bound. Its own scaling undoes ours by the present point, where a few steps stand beside millions."""
STILL = 1e-9
"""Dinkelbach's method stops where a round lowers the bound by less than this fraction."""
MOST = 1.0
"""Step sizes above 1/L lower neither term of the bound."""
BINDING = 1e-6


@dataclass(frozen=True)
class Limits:
    """On all of a run, None where there is none; per_step, per_sample: its time, in units of `time`.

    floors: of the batch size, one for each block.   share: what blocks have equal shares of.
    raises: OutOfDomain for numbers that are no limits, or where nothing limits the batch size.
    """

    evaluations: float | None = None
    steps: float | None = None
    time: float | None = None
    per_step: float = 0.0
    per_sample: float = 0.0
    floors: tuple[float, ...] = (1.0,)
    share: str = "steps"

    def __post_init__(self) -> None:
        if self.share not in SHARES:
            raise UnknownName(f"Blocks have no equal shares of '{self.share}'.", "", nearest(self.share, SHARES))
        for field in fields(self)[:5]:
            value = getattr(self, field.name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise OutOfDomain(f"{field.name} = {value:g} is no limit.", "", "Give a number above 0.")
        if not self.floors or not all(math.isfinite(x) and x >= 1 for x in self.floors):
            raise OutOfDomain("A floor of the batch size is below 1.", "A batch has at least one sample.")
        self._require_closed()

    def _require_closed(self) -> None:
        costs = self.per_step + self.per_sample
        if (self.time is None) != (costs == 0) or (self.share == "time" and not costs):
            raise OutOfDomain(
                "A limit on time, or equal shares of it, and the time of a step belong together.", "",
                "Give the time, and per_step or per_sample or both.",
            )  # fmt: skip
        if self.evaluations is None and (self.time is None or not self.per_sample):
            raise OutOfDomain(
                "Nothing limits the batch size.", "The bound falls as batches grow: there is no best schedule.",
                "Limit the evaluations, or the time with a cost per sample.",
            )  # fmt: skip
        if any(value == 0 for value in (self.evaluations, self.steps, self.time)):
            raise OutOfDomain("A limit is 0.", "There would be no step.")

    def rows(self) -> dict[str, tuple[float, float, float]]:
        """Name -> (cost of a step, cost of a sample, limit)."""
        found = {
            "evaluations": (0.0, 1.0, self.evaluations),
            "steps": (1.0, 0.0, self.steps),
            "time": (self.per_step, self.per_sample, self.time),
        }
        return {name: (a, c, most) for name, (a, c, most) in found.items() if most is not None}

    def shared(self) -> tuple[float, float]:
        """Cost of a step and of a sample, in what the shares are of."""
        return {"steps": (1.0, 0.0), "evaluations": (0.0, 1.0), "time": (self.per_step, self.per_sample)}[self.share]

    def steps_of(self, b: Any) -> Any:
        """Steps of the blocks with these batch sizes: as many as the limits allow, in equal shares."""
        b = np.asarray(b, dtype=np.float64)
        a, c = self.shared()
        w = 1 / (a + c * b)
        return w * min(most / float(np.sum(w * (one + each * b))) for one, each, most in self.rows().values())


@dataclass(frozen=True)
class Blocks:
    """Steps, step sizes in 1/L, and batch sizes of each block; bound in L gap."""

    w: Any
    eta: Any
    b: Any
    bound: float


@dataclass(frozen=True)
class Found:
    """best: over the blocks.   constant: the best with one step size and one batch size, in one block."""

    best: Blocks
    constant: Blocks

    @property
    def gap(self) -> float:
        """How much larger the constant's bound is, as a fraction."""
        return self.constant.bound / self.best.bound - 1


def found(limits: Limits, r: float, most: float = MOST) -> Found:
    """most: of step sizes, in 1/L. raises: OutOfDomain where the limits leave less than a step in a block."""
    if not 0 < most <= MOST or not r >= 0:
        raise OutOfDomain(f"Step sizes up to {most:g}/L, sigma2/(L gap) = {r:g}.", "", "They are above 0.")
    constant = best_constant(limits, r, most)
    if len(limits.floors) == 1:
        best = constant
    else:
        eta, b = solved(limits, r, most, constant)
        best = of(limits, eta, b, r)
        best = best if best.bound < constant.bound else _spread(limits, constant, r)
    for name, steps in (("the best schedule", best.w), ("the best constant", constant.w)):
        if steps.min() < 1:
            raise OutOfDomain(f"{name} has a block of {steps.min():.3g} steps.", "", "Raise the limits.")
    return Found(best, constant)


def of(limits: Limits, eta: Any, b: Any, r: float) -> Blocks:
    """With as many steps as the limits allow."""
    w = limits.steps_of(b)
    return Blocks(w, np.asarray(eta), np.asarray(b), float(bound(eta, b, w, r)))


def _spread(limits: Limits, one: Blocks, r: float) -> Blocks:
    """The constant, in as many blocks."""
    count = len(limits.floors)
    return of(limits, np.repeat(one.eta, count), np.repeat(one.b, count), r)


def best_constant(limits: Limits, r: float, most: float) -> Blocks:
    """By golden section over log b: the runs of one block with a bound below a level are a convex set in (u, n, w), and
    their n/w an interval."""
    single = replace(limits, floors=(max(limits.floors),))
    low, high = math.log(single.floors[0]), math.log(single.floors[0]) + 60
    high = min(high, math.log(max(most_batch(single), single.floors[0])))
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(120):
        left, right = high - golden * (high - low), low + golden * (high - low)
        one, other = (_with(single, math.exp(x), r, most).bound for x in (left, right))
        low, high = (low, right) if one <= other else (left, high)
    ends = (single.floors[0], math.exp(low), math.exp((low + high) / 2))
    return min((_with(single, b, r, most) for b in ends), key=lambda item: item.bound)


def most_batch(limits: Limits) -> float:
    """Of a run of one step."""
    sizes = [(most - one) / each for one, each, most in limits.rows().values() if each]
    return min(sizes)


def _with(limits: Limits, b: float, r: float, most: float) -> Blocks:
    """A constant batch size, and the step size that is best for it: the root of a eta^2 + eta = 1."""
    w = float(limits.steps_of([b])[0])
    a = r * w / (2 * b)
    eta = min(2 / (1 + math.sqrt(1 + 4 * a)), most)
    return of(limits, np.array([eta]), np.array([b]), r)


def solved(limits: Limits, r: float, most: float, begin: Blocks) -> tuple[Any, Any]:
    """Step sizes and batch sizes by block. begin: the best constant.

    raises: OutOfDomain where the solver does not say that it is accurate.
    """
    b = np.maximum(np.asarray(limits.floors), begin.b[0] if begin.b[0] > max(limits.floors) else 1.0)
    now = of(limits, _fitting(b, r, most, begin.bound), b, r)
    for _ in range(ROUNDS):
        level = now.bound
        b = _round(limits, r, most, now)
        lower = of(limits, _fitting(b, r, most, level), b, r)
        now = min(now, lower, key=lambda item: item.bound)
        if now.bound >= level * (1 - STILL):
            break
    return now.eta, now.b


def _fitting(b: Any, r: float, most: float, level: float) -> Any:
    """The step sizes that are best for these batches at a level of the bound: r eta/b = level (1 - eta)."""
    return np.minimum(level / (level + r / b), most)


def _round(limits: Limits, r: float, most: float, now: Blocks) -> Any:
    """Batch sizes where numerator - level * denominator is smallest; every variable in units of its present value."""
    with extras_named():
        import cvxpy
    count, level = len(limits.floors), now.bound
    u, n, w = (cvxpy.Variable(count) for _ in range(3))
    each, moved = now.w * now.b, now.w * now.eta
    noise = sum(cvxpy.quad_over_lin(u[k], n[k]) * (r / 2 * moved[k] * now.eta[k] / now.b[k]) for k in range(count))
    lost = sum(cvxpy.quad_over_lin(u[k], w[k]) * (level / 2 * moved[k] * now.eta[k]) for k in range(count))
    rows = [u >= 0, cvxpy.multiply(now.eta, u) <= most * w]
    rows += [cvxpy.multiply(now.b / np.array(limits.floors), n) >= w]
    rows += [w @ (a * now.w / top) + n @ (c * each / top) <= 1 for a, c, top in limits.rows().values()]
    a, c = limits.shared()
    share = cvxpy.multiply(a / (a + c * now.b), w) + cvxpy.multiply(c * now.b / (a + c * now.b), n)
    goal = noise + lost - (level * moved) @ u
    problem = cvxpy.Problem(cvxpy.Minimize(goal), [*rows, share[1:] == share[0]])
    _solve(problem)
    return np.maximum(now.b * n.value / w.value, limits.floors)


def _solve(problem: Any) -> None:
    """raises: OutOfDomain where the solver never says that it is accurate."""
    import cvxpy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what the status says
        for options in ATTEMPTS:
            with suppress(cvxpy.SolverError):
                problem.solve(solver=cvxpy.CLARABEL, **options)
            if problem.status == cvxpy.OPTIMAL:
                return
    fix = "Take limits and floors that are nearer to each other."
    raise OutOfDomain(f"The solver ends with {problem.status}.", "Numbers of too many decades meet.", fix)
