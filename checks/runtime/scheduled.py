"""`schedule`: the bound on SGD for a plan of step sizes and batch sizes, its limit, and what an exact run does."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from mpmath import iv
from sympy import Expr

from driftproof.impl.planned_values import rounded, totals, values
from driftproof.impl.quadratic_law import QuadraticLaw, quadratic_law
from driftproof.theory.closed_forms import ClosedForm, closed_forms
from driftproof.theory.enclose import enclosed
from driftproof.theory.errors import OutOfDomain
from driftproof.theory.exact_sums import at
from driftproof.theory.plan import Plan
from driftproof.theory.planned import Exponential, Listed, PolynomialGrowth, Schedule
from driftproof.theory.sgd_bound import BOUND, NOISE, PAPERS, START, TRIVIAL, B, Inputs, Totals, V, largest_block, top
from driftproof.theory.sgd_limit import CONVERGES, FLOOR, OPEN, SgdLimit, sgd_limit
from driftproof.theory.written import written

from .torch_formulas import TorchRecipe, recipe_for

if TYPE_CHECKING:
    from driftproof.impl.sequences import Array

CERTIFIED, NOT_COVERED, REJECTED = "CERTIFIED_UP_TO_T", "NOT_COVERED", "REJECTED"
EXITS = {CONVERGES: 0, FLOOR: 0, CERTIFIED: 0, NOT_COVERED: 4, REJECTED: 2}
METRIC = "min over t of E |grad f(theta_t)|^2"
MOST_IN_LAW = 2_000_000
MOST_COMPARED = 10_000
"""Epochs that a run to compare with is made longer to."""
MOST_BITS = 1000
"""Of the fractions in the JSON."""
MOST_CLOSE = 1000
"""Steps looked at exactly because eta is within 1e-9 of 2/L; of more than that nothing is claimed."""


@dataclass(frozen=True)
class Held:
    """A hypothesis on this plan, and whether it holds."""

    name: str
    holds: bool
    why: str


@dataclass(frozen=True)
class Explained:
    """A closed form on this run. B, V: its values.   holds: whether they are bounds of the exact sums here."""

    form: ClosedForm
    B: float | None
    V: float | None
    holds: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.form.name,
            "formula": self.form.formula,
            "B_T": self.B,
            "V_T": self.V,
            "holds": self.holds,
            "ours": self.form.ours,
        }


@dataclass(frozen=True)
class Scheduled:
    """The answer for one plan.

    verdict: CONVERGES, FLOOR, CERTIFIED_UP_TO_T, NOT_COVERED or REJECTED.   eta, b: the numbers of all steps.
    law: what SGD does on L x^2/2, begun at that gap; None for longer runs than 2 million steps.
    """

    plan: Plan
    inputs: Inputs
    totals: Totals
    verdict: str
    reason: str
    held: tuple[Held, ...]
    limit: SgdLimit
    explained: tuple[Explained, ...]
    eta: Array
    b: Array
    law: QuadraticLaw | None = None
    notes: tuple[str, ...] = ()
    compared: tuple[Scheduled, ...] = ()

    @property
    def exit_code(self) -> int:
        return EXITS[self.verdict]

    def value(self, e: Expr) -> float:
        return self.totals.value(e, self.inputs)

    @property
    def steps_per_epoch(self) -> list[int]:
        """What impl.torch_plan.ScheduledBatches asks for, beside b."""
        return [s.steps for s in self.plan.course.stretches for _ in range(s.epochs)]

    @property
    def formula(self) -> str | None:
        """The step sizes as a text that `schedule` reads, exact or up to rounding; None for a mere list."""
        found = _formula(self.plan.lr)
        return None if isinstance(found, Listed) else written(found)

    @property
    def recipe(self) -> TorchRecipe:
        """The scheduler of torch with these step sizes, or why there is none; torch_schedules.made makes it."""
        return recipe_for(_formula(self.plan.lr), self.plan.course)

    @cached_property
    def bound(self) -> float | None:
        """None where a hypothesis fails."""
        return None if self.verdict == REJECTED else self.value(BOUND)

    @property
    def dominates(self) -> str | None:
        """start: the term of gap; noise: the term of sigma2."""
        return None if self.bound is None else "start" if self.value(START) >= self.value(NOISE) else "noise"

    @property
    def informative(self) -> bool:
        return self.bound is not None and self.bound < self.value(TRIVIAL)

    def as_json(self) -> dict[str, Any]:
        """Plain data; bound is null where a hypothesis fails. exact: fractions, where the sums are rational."""
        bounded, t, floor = self.bound is not None, self.totals, self.limit.floor
        exact = {name: t.exactly(e, self.inputs) for name, e in {"B_T": B, "V_T": V, "bound": BOUND}.items()}
        return {
            "B_T": self.value(B),
            "V_T": self.value(V),
            "bound": self.bound,
            "verdict": self.verdict,
            "reason": self.reason,
            "informative": self.informative,
            "trivial": self.value(TRIVIAL),
            "papers_bound": self.value(PAPERS) if bounded else None,
            "terms": {"start": self.value(START), "noise": self.value(NOISE)} if bounded else None,
            "dominates": self.dominates,
            "limit": {
                "word": self.limit.word,
                "rate": None if self.limit.rate is None else self.limit.rate.as_json(),
                "rate_in_evaluations": self.limit.of_evaluations or None,
                "reason": self.limit.reason,
            },
            "floor": None if floor is None else {"bound": float(floor.value), "smallest": float(floor.smallest)},
            "hypotheses": {h.name: {"holds": h.holds, "why": h.why} for h in self.held},
            "closed_forms": [item.as_json() for item in self.explained],
            "on_quadratic": self._on_quadratic(),
            "steps": t.steps,
            "evaluations": t.evaluations,
            "largest_step_size": t.sums[top],
            "exact": {name: None if value is None or (not bounded and name == "bound") else _digits(value)
                      for name, value in exact.items()},
            "relative_error": t.error,
            "lr": str(self.plan.lr),
            "lr_formula": self.formula,
            "torch": self.recipe.as_json(),
            "batch": str(self.plan.batch),
            "inputs": self.inputs.as_json(),
            "measures": METRIC,
            "notes": list(self.notes),
            "compared": [item.as_json() for item in self.compared],
        }  # fmt: skip

    def _on_quadratic(self) -> dict[str, Any] | None:
        if self.law is None:
            return None
        law = self.law
        found = {"first": law.first, "smallest": law.smallest, "drawn": law.drawn, "last": law.last}
        return {**{k: x if math.isfinite(x) else None for k, x in found.items()}, "smallest_before_step": law.at}

    def __str__(self) -> str:
        from .render_schedule import schedule_text

        return schedule_text(self)


def _formula(schedule: Schedule) -> Schedule:
    """That of a list, if it has one; every other schedule is one."""
    return schedule.formula if isinstance(schedule, Listed) and schedule.formula is not None else schedule


def _of_list(lr: Schedule) -> tuple[str, ...]:
    """What is known of a list of step sizes beside its numbers."""
    if not isinstance(lr, Listed) or not (lr.formula or lr.why):
        return ()
    if lr.formula is None:
        return (f"The step sizes are a list of numbers: {lr.why}",)
    return (f"Read back as {written(lr.formula)}: the same numbers up to rounding. A longer run stretches it.",)


def _digits(value: Any) -> str | None:
    """A fraction that people or programs can still use; None for longer ones."""
    return str(value) if max(int(value.p).bit_length(), int(value.q).bit_length()) <= MOST_BITS else None


def scheduled(plan: Plan, inputs: Inputs, notes: tuple[str, ...] = ()) -> Scheduled:
    """The answer for a plan. raises: OutOfDomain for numbers that are no step sizes or batch sizes."""
    eta, b = values(plan.lr, plan.course), values(plan.batch, plan.course)
    whole = bool(np.all(b[0] == np.floor(b[0])))
    if plan.whole and not whole:
        b = rounded(b[0], plan.whole), np.zeros_like(b[1])
    elif not whole:
        first = int(np.argmax(b[0] != np.floor(b[0]))) + 1
        notes += (f"The batch size at step {first} is {b[0][first - 1]:.6g}: no run draws so many. --round says how.",)
    sums = totals(plan.lr, plan.batch, plan.course, eta, b, rational=whole or not plan.whole)
    held = (_below(plan, inputs, sums, eta[0]), *_of_growth(plan))
    fine = all(h.holds for h in held)
    found = sgd_limit(plan.lr, plan.batch, inputs) if fine else SgdLimit(OPEN, "A hypothesis fails.")
    answer = Scheduled(
        plan, inputs, sums, "", "", held, found, _explained(plan, sums), eta[0], b[0], _law(inputs, eta[0], b[0]), notes
    )
    verdict, reason = _verdict(answer)
    return replace(answer, verdict=verdict, reason=reason, notes=(*answer.notes, *_of_list(plan.lr)))


def _law(inputs: Inputs, eta: Array, b: Array) -> QuadraticLaw | None:
    if len(eta) > MOST_IN_LAW:
        return None
    L, gap, sigma2 = float(inputs.L), float(inputs.gap), float(inputs.sigma2)
    return quadratic_law(eta, b, [L], [2 * gap / L], sigma2)


# Hypotheses


def _below(plan: Plan, inputs: Inputs, sums: Totals, eta: Array) -> Held:
    """eta_t < 2/L at every step, decided exactly where it is close."""
    if sums.exact is not None:
        above = [sums.at - 1] if sums.exact[top] * inputs.L >= 2 else []
    else:
        scaled = eta * float(inputs.L)
        close = np.flatnonzero(abs(scaled / 2 - 1) < 1e-9)[:MOST_CLOSE]
        fine = {k for k in close.tolist() if _less(at(plan.lr, plan.course, k + 1) * inputs.L)}
        above = [k for k in np.flatnonzero(scaled >= 2 * (1 - 1e-9)).tolist() if k not in fine]
    if not above:
        return Held("eta < 2/L", True, f"the largest is {eta.max():.6g}, 2/L = {float(2 / inputs.L):.6g}")
    k = above[0]
    why = (
        f"eta = {eta[k]:.6g} at step {k + 1}, and 2/L = {float(2 / inputs.L):.6g}: eta (1 - L eta/2) is no weight there"
    )
    if isinstance(plan.lr, Exponential) and plan.lr.every is None:
        last = largest_block(plan.lr.start, plan.lr.factor, inputs.L)
        why += f". The last block below it is {last}" if last is not None and last >= 0 else ""
    return Held("eta < 2/L", False, why)


def _less(value: Expr) -> bool:
    """Whether an exact number is below 2; where even 50 digits do not tell, it is not said to be."""
    if value.is_Rational:
        return bool(value < 2)
    before = iv.dps
    try:
        iv.dps = 50
        return bool(enclosed(value, 1).b < 2)
    finally:
        iv.dps = before


def _of_growth(plan: Plan) -> tuple[Held, ...]:
    """What the paper's theorem on scheduler (iii) asks of the two growths."""
    lr, batch = plan.lr, plan.batch
    if isinstance(lr, Exponential) and isinstance(batch, Exponential) and lr.every == batch.every:
        gamma, delta = lr.factor, batch.factor
        if gamma > 1 and delta > 1:
            told = f"gamma^2 = {float(gamma**2):.6g}, delta = {float(delta):.6g}"
            return (Held("gamma^2 < delta", bool(gamma**2 < delta), told),)
    if isinstance(lr, PolynomialGrowth) and isinstance(batch, PolynomialGrowth) and lr.slope > 0:
        told = f"c1 = {lr.power}, c2 = {batch.power}"
        return (Held("c2 - 2 c1 > 1", bool(batch.power - 2 * lr.power > 1), told),)
    return ()


CONSEQUENCE = {
    "eta < 2/L": "The descent step fails, and the quadratic with that L is not contracted there.",
    "gamma^2 < delta": "eta^2/b does not fall from block to block, so that the series behind scheduler (iii) diverges "
    "and its theorem says nothing. Written as an expression, 0.1*1.4**block, the schedule is one like any other, and "
    "the finite sums are bounded without that theorem.",
    "c2 - 2 c1 > 1": "eta^2/b is not summable over the blocks: the theorem on growth by powers says nothing.",
}


# Verdict


def _explained(plan: Plan, sums: Totals) -> tuple[Explained, ...]:
    """None for rounded batches: the closed forms are of the sizes as written."""
    if plan.whole:
        return ()
    unit, found = Inputs(), []
    for form in closed_forms(plan.lr, plan.batch, plan.course):
        pairs = [(form.B, sums.value(B, unit)), (form.V, sums.value(V, unit))]
        room = 1 + 4 * sums.error  # of a quotient of two sums
        holds = all(e is None or float(e) * room >= x for e, x in pairs)
        numbers = [None if e is None else float(e) for e, _ in pairs]
        found.append(Explained(form, numbers[0], numbers[1], holds))
    return tuple(found)


def _verdict(a: Scheduled) -> tuple[str, str]:
    failing = next((h for h in a.held if not h.holds), None)
    if failing is not None:
        return REJECTED, f"{failing.name} fails: {failing.why}. {CONSEQUENCE[failing.name]}"
    bound, trivial = a.value(BOUND), a.value(TRIVIAL)
    here = f"After {a.totals.steps} steps the bound is {bound:.4g}"
    first = "start" if a.value(START) >= a.value(NOISE) else "noise"
    here += f": the {first} term dominates." if bound < trivial else f", no less than the trivial {trivial:.4g}."
    if a.limit.word == CONVERGES:
        return CONVERGES, f"{a.limit.reason} {here}"
    if a.limit.word == FLOOR:
        return FLOOR, f"{a.limit.reason} {_floor(a)} {here}".replace("  ", " ")
    return (CERTIFIED if bound < trivial else NOT_COVERED), f"{a.limit.reason} {here}"


def _floor(a: Scheduled) -> str:
    floor = a.limit.floor
    if floor is None:
        return ""
    told = f"The bound tends to {float(floor.value):.4g}; on f = L x^2/2 the iterate drawn at random attains it"
    if floor.smallest == floor.value:
        return told + ", and so does every iterate in the long run: the floor is real."
    return f"{told}, while the smallest E |grad f|^2 there tends to {float(floor.smallest):.4g}."


# Comparing


def at_equal_evaluations(plans: tuple[Plan, ...], budget: float) -> tuple[Plan, ...]:
    """Each plan at the greatest length with at most so many gradient evaluations, sum b_t <= budget."""
    return tuple(_within(plan, budget) for plan in plans)


def _within(plan: Plan, budget: float) -> Plan:
    unit = plan.layout.per_epoch if plan.layout.steps is not None else 1
    most = plan.layout.length // unit
    if not plan.is_listed:
        most = max(most, (MOST_IN_LAW if plan.layout.steps is not None else MOST_COMPARED) // unit)
    low, high = 0, max(plan.layout.length // unit, 1)
    while high < most and _fits(plan.longer(high * unit), budget):
        low, high = high, min(2 * high, most)
    if _fits(plan.longer(high * unit), budget):
        if plan.is_listed:
            return plan.longer(high * unit)
        what = f"{plan} does not spend {budget:g} gradient evaluations in {high * unit} steps or epochs."
        raise OutOfDomain(what, "Runs to compare are not made longer.", "Lower --budget.")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(plan.longer(middle * unit), budget) else (low, middle)
    if low == 0:
        raise OutOfDomain(
            f"{plan} takes more than {budget:g} gradient evaluations at any length.", "", "Raise --budget."
        )
    return plan.longer(low * unit)


def _fits(plan: Plan, budget: float) -> bool:
    """A length that does not fit the schedule is too long if it has too many steps, and short otherwise."""
    try:
        b = values(plan.batch, plan.course)[0]
        return float(np.sum(rounded(b, plan.whole) if plan.whole else b)) <= budget
    except OutOfDomain:
        return plan.layout.length < 10**5


def compare(plans: tuple[Plan, ...], inputs: Inputs, budget: float | None = None) -> Scheduled:
    """The first plan's answer, with the others' at as many gradient evaluations (or all at the budget)."""
    if budget is not None:
        first, *rest = at_equal_evaluations(plans, budget)
    else:
        first = plans[0]
        b = values(first.batch, first.course)[0]
        budget = float(np.sum(rounded(b, first.whole) if first.whole else b))
        rest = list(at_equal_evaluations(plans[1:], budget))
    return replace(scheduled(first, inputs), compared=tuple(scheduled(plan, inputs) for plan in rest))
