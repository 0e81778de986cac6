"""The equations of order 2 and 3 have the generator of the step: the log of its operator, from exact moments.

An SDE has weak order p if its generator agrees with L = log(T)/h up to O(h^p), where T is the mean over one step.
L is measured at one point from the exact means over one, two and three steps with a law of three values, f' and Sigma
being given functions of theta, so that every derivative of theirs enters as a number (`runtime/step_log.py`). The
drift, the diffusion, and the absence of derivatives up to degree 4 are compared with what `derive` gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath

from driftproof.theory.catalogue import names
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.hypothesis import BOUNDED_MOMENTS, WEAK_ORDERS
from driftproof.theory.noise import NoiseModel
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE

from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.hand_steps import BY_HAND
from .runtime.local_moments import DIGITS
from .runtime.mutants import changes
from .runtime.step_log import AGREEMENT, Measured, Noise, Point, differences
from .runtime.verdict import Verdict

DEGREE = 4
OF_MODEL = {
    "any": Noise(skew=Fraction(3, 2), kurtosis=Fraction(6)),
    "unskewed": Noise(kurtosis=Fraction(5, 2)),
    "gaussian": Noise(kurtosis=Fraction(3)),  # the moments up to degree 5 are those of a Gaussian
}


@dataclass(frozen=True)
class Case:
    """One equation, and the noise law that it is derived for."""

    text: str
    regime: str = "small"
    order: int = 2
    noise: str = "any"

    def __str__(self) -> str:
        model = "" if self.noise == "any" else f", {self.noise} noise"
        return f"{self.text}, {self.regime} noise regime, order {self.order}{model}"


CASES = (
    Case("sgd"),
    Case("sgd", order=3, noise="unskewed"),
    Case("sgd@momentum=ema"),
    Case("sgd@momentum=ema", order=3, noise="unskewed"),
    Case("sgd@momentum=ema", regime="diffusive", noise="gaussian"),
    Case("rmsprop"),
    Case("rmsprop@second_moment=old"),
    Case("adam"),
)
MUTATED = tuple(case for case in CASES if case.text in BY_HAND and case.text != "rmsprop")


@cache
def equation(rule: UpdateRule, case: Case) -> SDE:
    return derive(rule, case.regime, case.order, NoiseModel(case.noise))


def _cases(context: Context) -> Iterator[tuple[Case, UpdateRule]]:
    """The list above; in the full tier, and for rules that were asked for, order 2 of each of them too."""
    listed = [(case, rule_of(case.text)) for case in CASES]
    yield from ((case, rule) for case, rule in listed if context.wants(rule))
    texts = list(names()) if context.tier == "full" or context.selected else []
    for rule in context.rules(default=texts) if texts else []:
        if not any(rule.digest == known.digest for case, known in listed):
            yield Case(rule.label), rule


def run(context: Context) -> Iterator[Verdict | NotRun]:
    for case, rule in _cases(context):
        try:
            sde = equation(rule, case)
        except Refused as refusal:
            yield context.not_run(str(case), f"not derived: {refusal.why or refusal.what}")
            continue
        found = differences(Measured(rule, sde, OF_MODEL[case.noise]), sde, case.order, DEGREE)
        if case in MUTATED:
            by_hand = Measured(rule, sde, OF_MODEL[case.noise], by_hand=True)
            found |= {("by hand", *a): d for a, d in differences(by_hand, sde, case.order, DEGREE).items()}
        worst = max(found, key=lambda a: found[a])
        yield context.verdict(
            str(case),
            all(d < AGREEMENT for d in found.values()),
            n=len(found),
            detail={"largest remainder over h^(order - 1)": f"{found[worst]:.2g}", "of the derivative in": worst},
        )


# Mutants: wrong equations, killed by steps written by hand.


def wrong_equations(sde: SDE, where: Measured, order: int) -> Iterator[tuple[str, SDE]]:
    """One place of one entry changed, such that its value changes by more than the order allows."""
    with mpmath.workdps(DIGITS):
        point = Point(where)
        for state, entry in sde.drift.items():
            for what, other in changes(entry):
                if _differs(point, entry, other, order):
                    yield f"drift of {state}: {what}", replace(sde, drift={**sde.drift, state: other})
        for (a, b), entry in sde.diffusion.items():
            for what, other in changes(entry) if list(sde.drift).index(a) <= list(sde.drift).index(b) else ():
                if _differs(point, entry, other, order):
                    changed = {**sde.diffusion, (a, b): other, (b, a): other}
                    yield f"D[{a}, {b}]: {what}", replace(sde, diffusion=changed)


def _differs(point: Point, entry: Any, other: Any, order: int) -> bool:
    gap = abs(point.value(other) - point.value(entry)) / point.h ** (order - 1)
    return bool(gap > 1e3 * AGREEMENT)


def mutants(context: Context) -> Iterator[Mutant]:
    oracle = "two or three exact steps written by hand"
    for case in MUTATED:
        rule = rule_of(case.text)
        if context.wants(rule):
            sde = equation(rule, case)
            where = Measured(rule, sde, OF_MODEL[case.noise], by_hand=True)
            for what, wrong in wrong_equations(sde, where, case.order):
                yield Mutant(f"{case}: {what}", oracle, partial(_killed, where, wrong, case.order))
    if context.wants(rule_of("sgd")):
        case = CASES[1]
        skewed = Measured(rule_of("sgd"), equation(rule_of("sgd"), case), OF_MODEL["any"], by_hand=True)
        yield Mutant(f"{case}: skewed noise", oracle, partial(_killed, skewed, skewed.scales, case.order))


def _killed(where: Measured, wrong: SDE, order: int) -> str:
    found = differences(where, wrong, order, DEGREE)
    worst = max(found, key=lambda a: found[a])
    return "" if found[worst] < AGREEMENT else f"d/d{' d'.join(worst)} off by {found[worst]:.2g} h^{order - 1}"


check = Check(
    id="modified-equations",
    claim="Equations of order 2 and 3 have the generator of exact steps, up to the order that they claim.",
    evidence="T1",
    run=run,
    mutants=mutants,
    cites=(str(BOUNDED_MOMENTS), WEAK_ORDERS),
    source=Source("li2017stochastic", "modified equations", "the generator as log of the one-step operator: our words"),
)
