"""`schedule --best`: limits as asked, the schedule with the smallest bound, whole steps and batches, and the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

from driftproof.impl.planned_values import values
from driftproof.theory.course import MOST_STEPS, of_steps
from driftproof.theory.errors import OutOfDomain
from driftproof.theory.plan import Layout, Plan
from driftproof.theory.planned import Listed, planned
from driftproof.theory.sgd_bound import Inputs

from .best_plan import BINDING, MOST, Blocks, Found, Limits, found
from .layout import block, columns
from .render_schedule import compared_text
from .scheduled import Scheduled, scheduled

MOST_BLOCKS = 100
DIGITS = 4
"""Of a step size as written, rounded down: near its minimum the bound changes by the square of that."""


@dataclass(frozen=True)
class BestSchedule:
    """found: in units of 1/L and L gap, with real numbers of steps and samples.

    answer: of `schedule`, for whole steps and samples within the limits; beside it, compared, the best constant.
    """

    limits: Limits
    inputs: Inputs
    found: Found
    answer: Scheduled

    @property
    def exit_code(self) -> int:
        return self.answer.exit_code

    @property
    def unit(self) -> float:
        """L gap"""
        return float(self.inputs.L * self.inputs.gap)

    @property
    def bound(self) -> float:
        """No schedule within the limits has a smaller one, whole or not; to the solver's accuracy, 1e-6 of it."""
        return self.found.best.bound * self.unit

    def spent(self) -> dict[str, tuple[float, float]]:
        """Limit -> (what the schedule takes of it before it is made whole, the limit)."""
        best = self.found.best
        return {
            name: (float(sum(best.w * (a + c * best.b))), most) for name, (a, c, most) in self.limits.rows().items()
        }

    def blocks(self) -> list[dict[str, float]]:
        best, L = self.found.best, float(self.inputs.L)
        rows = zip(best.w, best.eta / L, best.b, self.limits.floors, strict=True)
        return [dict(zip(("steps", "lr", "batch", "floor"), map(float, row), strict=True)) for row in rows]

    def as_json(self) -> dict[str, Any]:
        """As `schedule`, and `best`. lr, batch: of the answer, texts that `schedule` reads."""
        constant, L = self.found.constant, float(self.inputs.L)
        best = {
            "bound": self.bound,
            "blocks": self.blocks(),
            "share": self.limits.share,
            "limits": {name: {"spent": one, "limit": most} for name, (one, most) in self.spent().items()},
            "constant": {
                "steps": float(constant.w[0]),
                "lr": float(constant.eta[0]) / L,
                "batch": float(constant.b[0]),
                "bound": constant.bound * self.unit,
            },
            "gap_to_constant": self.found.gap,
        }
        return {**self.answer.as_json(), "best": best}

    def __str__(self) -> str:
        return best_text(self)


def best_asked(
    inputs: Inputs, budget: float | None, most_steps: float | None, time: float | None, step_cost: float,
    sample_cost: float, floor: Any, blocks: int | None, share: str, most_lr: float | None,
) -> BestSchedule:  # fmt: skip
    """raises: OutOfDomain where the limits leave no schedule, or no limit on the batch size."""
    limits = Limits(budget, most_steps, time, step_cost, sample_cost, floors_of(floor, blocks), share)
    most = MOST if most_lr is None else min(MOST, float(most_lr) * float(inputs.L))
    r = float(inputs.sigma2 / (inputs.L * inputs.gap))
    best = found(limits, r, most)
    whole = scheduled(_whole(limits, best.best, inputs, most), inputs)
    single = replace(limits, floors=(max(limits.floors),))
    beside = scheduled(_whole(single, best.constant, inputs, most), inputs)
    return BestSchedule(limits, inputs, best, replace(whole, compared=(beside,)))


def floors_of(floor: Any, blocks: int | None) -> tuple[float, ...]:
    """One for each block; a list says how many there are."""
    schedule = planned(floor)
    count = blocks if blocks is not None else len(schedule.values) if isinstance(schedule, Listed) else None
    if count is None and getattr(schedule, "expression", None) is not None and not schedule.expression.is_number:
        raise OutOfDomain(f"The floor {schedule} changes from block to block.", "", "Say how many blocks there are.")
    if count is not None and not 1 <= count <= MOST_BLOCKS:
        raise OutOfDomain(f"{count} blocks.", f"From 1 to {MOST_BLOCKS} are solved for.")
    return tuple(values(schedule, of_steps(count or 1, 1, 1))[0].tolist())


def _whole(limits: Limits, blocks: Blocks, inputs: Inputs, most: float) -> Plan:
    """Steps and samples rounded down, but no batch below its floor; a floor that is not whole is rounded up and paid
    for with steps. Only a block that would have none has one beyond the limits."""
    b = [max(math.ceil(low - BINDING), math.floor(x + BINDING)) for x, low in zip(blocks.b, limits.floors, strict=True)]
    room = min([1.0, *(limits.steps_of(b) / blocks.w)])
    w = [max(1, math.floor(x * room + BINDING)) for x in blocks.w]
    if sum(w) > MOST_STEPS:
        raise OutOfDomain(
            f"The best run has {sum(w)} steps.", f"Runs have up to {MOST_STEPS}.", "Limit them with --most-steps."
        )
    eta = [_down(float(x) / float(inputs.L), most / float(inputs.L)) for x in blocks.eta]
    lr, batch = (_written(column, w) for column in (eta, [str(x) for x in b]))
    return Plan(lr, batch, Layout(steps=sum(w)))


def _down(value: float, most: float) -> str:
    """Four digits, rounded down but for the solver's noise; not above the largest step size."""
    context = Context(prec=DIGITS, rounding=ROUND_DOWN)
    found = [context.create_decimal(Decimal(x)) for x in (value * (1 + BINDING), value)]
    return f"{float(found[0] if float(found[0]) <= most else found[1]):.{DIGITS}g}"


def _written(column: list[str], steps: list[int]) -> Listed:
    """The numbers, named by a text that `schedule` reads: warmup(0.1, 30, warmup(0.2, 40, 0.3))."""
    joined = [[column[0], steps[0]]]
    for value, count in zip(column[1:], steps[1:], strict=True):
        if value == joined[-1][0]:
            joined[-1][1] += count  # type: ignore[operator]
        else:
            joined.append([value, count])
    text = str(joined[-1][0])
    for value, count in reversed(joined[:-1]):
        text = f"warmup({value}, {count}, {text})"
    return Listed(tuple(float(x) for x, k in zip(column, steps, strict=True) for _ in range(k)), text)


# The page


def best_text(answer: BestSchedule) -> str:
    """Blocks, limits, bound, the best constant; and both as whole schedules, evaluated."""
    one, i, a = answer.found.constant, answer.inputs, answer.answer
    lines = block("inputs", f"L = {i.L}, sigma2 = {i.sigma2}, gap = {i.gap}")
    lines += block("bound", f"{answer.bound:.4g} is the least under these limits, on min over t of E |grad f|^2")
    lines += [line for name, pair in answer.spent().items() for line in block("limit", _limit(name, *pair))]
    if answer.limits.time is not None:
        cost = f"{answer.limits.per_step:g} + {answer.limits.per_sample:g} b"
        lines += block("time", f"a step with a batch of b takes {cost}")
    rows = [(str(k), *(f"{row[name]:.4g}" for name in row)) for k, row in enumerate(answer.blocks())]
    lines += ["", *columns([("block", "steps", "lr", "batch", "floor"), *rows], indent=""), ""]
    lines += block("blocks", f"equal shares of {answer.limits.share}")
    told = f"lr = {float(one.eta[0]) / float(i.L):.4g}, batch = {one.b[0]:.4g}, {one.w[0]:.4g} steps"
    lines += block("constant", f"{told}: {one.bound * answer.unit:.4g}, {_above(answer.found.gap)}")
    lines += block("note", "The least bound is not the fastest run: the bound may be far above what SGD does.")
    lines += ["", "with whole steps and batches, and beside it the best constant", "", *compared_text(a)]
    return "\n".join(lines)


def _above(gap: float) -> str:
    return f"{100 * gap:.3g} % above" if gap > BINDING else "no larger: a constant is optimal here"


def _limit(name: str, spent: float, most: float) -> str:
    return f"{name}: {spent:.5g} of {most:.5g}{', binds' if spent >= most * (1 - BINDING) else ''}"
