"""RMSprop and Adam have no SDE of order 2 where the noise dominates, whatever its law.

At order h their generator has a derivative of order 3, with a factor kurtosis - 1, and one of order 4, with a factor
kurtosis - 3: the variance of the second moment beside the square of the step, and the fourth cumulant of the step. An
SDE in the states of the rule has neither, and no kurtosis makes both vanish.

Both coefficients are measured here as log(T) of two exact steps, for laws of the noise with kurtosis 1, 3 and 6, and
compared with those that `derive` names in its refusal. Each is affine in the kurtosis, since moments of one step are.
(Callisti, Romito & Triggiano 2025 compare second-order equations in this regime and in the ballistic one.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

import mpmath
from sympy import Expr

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.forms import plain
from driftproof.theory.generator import generator as derived_generator
from driftproof.theory.hypothesis import BOUNDED_MOMENTS
from driftproof.theory.noise import GENERAL
from driftproof.theory.obstructions import conditions, contradiction, obstructions
from driftproof.theory.rule import UpdateRule
from driftproof.theory.scales import Scales
from driftproof.theory.sde import SDE

from .runtime.check import Check, Context, Mutant
from .runtime.hand_steps import BY_HAND
from .runtime.local_moments import DIGITS
from .runtime.mutants import changes
from .runtime.step_log import AGREEMENT, Index, Measured, Noise, Point, generator
from .runtime.verdict import Verdict

SUBJECTS = ("rmsprop", "rmsprop@second_moment=old", "adam", "adamw")
KURTOSES = (1, 3, 6)
ORDER = 2
ORACLE = "two exact steps written by hand"


@cache
def obstructing(rule: UpdateRule) -> dict[Index, Expr]:
    """The derivatives whose coefficients contradict each other, as the engine finds them."""
    found = derived_generator(Scales(rule, "diffusive"), GENERAL, ORDER)
    clash = contradiction(conditions(found, obstructions(found)))
    return {c.of.states: plain(c.of.coefficient) for c in clash}


@cache
def scales_of(rule: UpdateRule, regime: str) -> SDE:
    return derive(rule, regime)


@dataclass(frozen=True)
class Reading:
    """One coefficient under one law: what the steps give, and what the formula says."""

    measured: float
    formula: float

    @property
    def agrees(self) -> bool:
        return abs(self.measured - self.formula) < AGREEMENT

    @property
    def vanishes(self) -> bool:
        return abs(self.measured) < AGREEMENT


def readings(
    rule: UpdateRule, formulas: dict[Index, Expr], kurtosis: int, by_hand: bool, regime: str = "diffusive"
) -> dict[Index, Reading]:
    """[h] of the coefficients of L, which has no term of order 1 there: two steps give it up to O(h)."""
    with mpmath.workdps(DIGITS):
        what = Measured(rule, scales_of(rule, regime), Noise(kurtosis=Fraction(kurtosis)), by_hand)
        point, found = Point(what), generator(what, ORDER, 4)
        letters = scales_of(rule, "diffusive")
        here = point if regime == "diffusive" else Point(Measured(rule, letters, what.noise, by_hand))
        return {a: Reading(float(found[a] / point.h), float(here.value(e))) for a, e in formulas.items()}


def holds(rule: UpdateRule, formulas: dict[Index, Expr], by_hand: bool, regime: str = "diffusive") -> str:
    """What is wrong, or "": formulas that the steps do not have, or a law for which nothing obstructs."""
    if len(formulas) < 2:
        return "no two derivatives contradict each other"
    for kurtosis in KURTOSES:
        found = readings(rule, formulas, kurtosis, by_hand, regime)
        for index, reading in found.items():
            if not reading.agrees:
                return (
                    f"d/d{' d'.join(index)} at kurtosis {kurtosis}: {reading.measured:.3g}, not {reading.formula:.3g}"
                )
        if all(r.vanishes for r in found.values()):
            return f"kurtosis {kurtosis} makes all of them vanish"
    return ""


def refuses(rule: UpdateRule) -> bool:
    try:
        derive(rule, order=ORDER)
    except Refused as refusal:
        return "whatever the law of the noise" in refusal.what
    return False


def run(context: Context) -> Iterator[Verdict]:
    for text in SUBJECTS:
        rule = rule_of(text)
        if context.wants(rule):
            formulas = obstructing(rule)
            wrong = holds(rule, formulas, by_hand=False) or (text in BY_HAND and holds(rule, formulas, by_hand=True))
            detail = {f"d^{len(a)} in {', '.join(a)}": str(e).replace("**", "^") for a, e in formulas.items()}
            detail |= {"kurtosis": ", ".join(map(str, KURTOSES)), "wrong": wrong or "nothing"}
            count = len(formulas) * len(KURTOSES)
            yield context.verdict(text, not wrong and refuses(rule), n=count, detail=detail)


def mutants(context: Context) -> Iterator[Mutant]:
    """Coefficients with one place changed; and the regime where the same coefficients are not there."""
    for text in [t for t in SUBJECTS if t in BY_HAND]:
        rule = rule_of(text)
        if context.wants(rule):
            formulas = obstructing(rule)
            for index, entry in formulas.items():
                for what, other in changes(entry):
                    if other != entry:
                        name = f"{text}, d^{len(index)} in {', '.join(index)}: {what}"
                        yield Mutant(name, ORACLE, partial(holds, rule, {**formulas, index: other}, True))
            renamed = {tuple(x if x != "u" else "v" for x in a): e for a, e in formulas.items()}
            yield Mutant(f"{text}: small noise", ORACLE, partial(holds, rule, renamed, True, "small"))


check = Check(
    id="no-order-two",
    claim="Where the noise dominates, RMSprop, Adam and AdamW have no SDE of weak order 2 in their states, "
    "whatever the law of the noise.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name in {text.partition("@")[0] for text in SUBJECTS},
    cites=(str(BOUNDED_MOMENTS),),
)
