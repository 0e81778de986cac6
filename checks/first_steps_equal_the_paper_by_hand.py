"""Rules and options that torch lacks make the first steps that were worked by hand from the paper.

The numbers and their working stand in runtime/worked_steps.py. Exact evaluation of a rule's equations must give the
very fractions, and the compiled reference the nearest floats up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import theta

from .runtime.check import Check, Context, Mutant
from .runtime.evaluate import EXACT, trajectory
from .runtime.mutants import mutants as mutants_of
from .runtime.roundoff import ALLOWANCE, RUNNING_ERROR
from .runtime.verdict import Verdict
from .runtime.worked_steps import CASES, Case


def variants() -> list[str]:
    """The RULE strings that are worked, each once."""
    return list(dict.fromkeys(case.rule for case in CASES))


def expected(case: Case) -> list[Fraction]:
    return [Fraction(x) for x in case.expected.split()]


def evaluated(rule: UpdateRule, case: Case) -> list[Any]:
    """theta after each step by exact evaluation of the rule's equations; a mutant may need further defaults."""
    exact, defaults = EXACT.number, {h.name: h.default for h in rule.hyperparameters}
    schedule = [defaults | {name: exact(x) for name, x in values.items()} for values in case.hyperparameters()]
    gradients = [exact(Fraction(x)) for x in case.gradients.split()]
    path = trajectory(rule, exact(Fraction(case.start)), gradients, schedule, EXACT)
    return [state[theta] for state in path]


def agrees(rule: UpdateRule, case: Case) -> str:
    """Where exact evaluation leaves the hand-worked numbers, or "" where it does not."""
    for step, (ours, hand) in enumerate(zip(evaluated(rule, case), expected(case), strict=True), start=1):
        if ours != EXACT.number(hand):
            return f"step {step}: {ours}, by hand {hand}"
    return ""


def rounding(rule: UpdateRule, case: Case) -> list[float]:
    """By how much a float64 run of the case may differ from the exact numbers, after each step."""
    number = RUNNING_ERROR.number
    schedule = [{name: number(x) for name, x in values.items()} for values in case.hyperparameters()]
    gradients = [number(Fraction(x)) for x in case.gradients.split()]
    path = trajectory(rule, number(Fraction(case.start)), gradients, schedule, RUNNING_ERROR)
    return [ALLOWANCE * float(state[theta].error) for state in path]


def compiled(rule: UpdateRule, case: Case) -> list[float]:
    """theta after each step of the reference backend."""
    from driftproof.impl import compile_rule

    run, found = compile_rule(rule, "reference"), []
    state = run.init([np.array([float(Fraction(case.start))])])
    for gradient, values in zip(case.gradients.split(), case.hyperparameters(), strict=True):
        state = run.step(state, [np.array([float(Fraction(gradient))])], {n: float(x) for n, x in values.items()})
        found.append(float(state.theta[0][0]))
    return found


def run(context: Context) -> Iterator[Verdict]:
    """One verdict per variant: exact evaluation, and the reference backend within rounding."""
    for text in variants():
        rule = rule_of(text)
        if not context.wants(rule):
            continue
        cases = [case for case in CASES if case.rule == text]
        wrong = next(filter(None, (agrees(rule, case) for case in cases)), "")
        gaps = [
            abs(ours - float(hand)) / bound if bound else 0.0 if ours == hand else float("inf")
            for case in cases
            for ours, hand, bound in zip(compiled(rule, case), expected(case), rounding(rule, case), strict=True)
        ]
        used = max(gaps)
        yield context.verdict(
            text,
            not wrong and used <= 1,
            n=len(gaps),
            detail={"exact": wrong or "equal", "used": used, "source": cases[0].source},
        )


def mutants(context: Context) -> Iterator[Mutant]:
    """Every observable mutant of every variant; a change of an equation that variants share counts once."""
    seen = set()
    for text in variants():
        rule = rule_of(text)
        if context.wants(rule):
            source = next(case.source for case in CASES if case.rule == text)
            for what, mutant in mutants_of(rule):
                change = (rule.name, what, _changed(rule, what))
                if change not in seen:
                    seen.add(change)
                    oracle = f"rational steps by hand from {source}"
                    yield Mutant(f"{text}, {what}", oracle, partial(_killed, text, mutant))


def _changed(rule: UpdateRule, what: str) -> Any:
    """The equation that a mutant changes; the whole rule where it is not one equation."""
    return next((e.expression for e in rule.equations if what.startswith(f"{e.symbol}: ")), rule.digest)


def _killed(text: str, mutant: UpdateRule) -> str:
    return next(filter(None, (agrees(mutant, case) for case in CASES if case.rule == text)), "")


check = Check(
    id="first-steps-by-hand",
    claim="Rules and options that torch lacks make the first steps that the paper's algorithm gives by hand.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(text.split("@")[0] == rule.name for text in variants()),
)
