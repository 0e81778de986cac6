"""Rules and options that torch lacks make the first steps that were worked by hand from the paper.

The numbers and their working stand in runtime/worked_*.py. Exact evaluation of a rule's equations must give the
very fractions, and the compiled reference the nearest floats up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath
import numpy as np

from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import theta

from .runtime.check import Check, Context, Mutant
from .runtime.evaluate import EXACT, MPMATH, Arithmetic, trajectory
from .runtime.mutants import Change, change_of, changed_equations, observable, other_options
from .runtime.roundoff import ALLOWANCE, RUNNING_ERROR, Rounded
from .runtime.verdict import Verdict
from .runtime.whole import Shape
from .runtime.worked_case import FRACTIONS, Case, Irrational, tensor
from .runtime.worked_steps import CASES, rule_of

DIGITS = 50


def variants() -> list[str]:
    """The RULE strings that are worked, each once."""
    return list(dict.fromkeys(case.rule for case in CASES))


def evaluated(rule: UpdateRule, case: Case, arithmetic: Arithmetic, join: Any = tensor) -> Iterator[list[Any]]:
    """theta and outputs after each step; a mutant may need further hyperparameters, which stay at their defaults."""
    number, defaults = arithmetic.number, {h.name: h.default for h in rule.hyperparameters}
    given = [{n: number(x) for n, x in values.items()} for values in case.hyperparameters()]
    missing = {name: value for name, value in defaults.items() if name not in given[0]}
    further = {name: number(_fraction(value)) for name, value in missing.items()}
    start, *gradients = (
        join([number(x) for x in step], case.shape) for step in case.steps(f"{case.start} {case.gradients}")
    )
    losses = [number(Fraction(x)) for x in case.losses.split()] or None
    path = trajectory(rule, start, gradients, [further | values for values in given], arithmetic, case.shape, losses)
    for state in path:
        yield [state[key] for key in (theta, *case.outputs)]


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _entries(values: Iterable[Any], shape: Shape) -> list[Any]:
    """All entries in a row; an output may be one number for the whole tensor."""
    return [x for value in values for x in np.broadcast_to(np.asarray(value, dtype=object), shape).ravel()]


def agrees(rule: UpdateRule, case: Case) -> str:
    """Where exact evaluation leaves the hand-worked numbers, or "" where it does not."""
    for number, (state, hand) in enumerate(zip(evaluated(rule, case, EXACT), case.by_hand(), strict=True), start=1):
        for ours, value in zip(_entries(state, case.shape), hand, strict=True):
            if ours != EXACT.number(value):
                return f"step {number}: {_shown(ours)}, by hand {_shown(value)}"
    return ""


def _shown(number: Any) -> str:
    """The number; six digits of one that has thousands."""
    try:
        text = str(number)
    except ValueError:  # Python prints no integer of so many digits
        return f"{float(number):.6g}"
    return text if len(text) < 80 else f"{float(number):.6g}"


def leaves(mutant: UpdateRule, case: Case) -> str:
    """As `agrees`, faster: in fractions, and to 50 digits where something on the way is none."""
    try:
        if not isinstance(case.expected, str):
            raise Irrational
        return _apart(mutant, case, FRACTIONS, 0)
    except (Irrational, ZeroDivisionError, TypeError):
        with mpmath.workdps(DIGITS):
            return _apart(mutant, case, MPMATH, mpmath.mpf(10) ** (10 - DIGITS))


def _apart(mutant: UpdateRule, case: Case, arithmetic: Arithmetic, tiny: Any) -> str:
    for number, (state, hand) in enumerate(zip(evaluated(mutant, case, arithmetic), case.by_hand(), strict=True), 1):
        for theirs, value in zip(_entries(state, case.shape), hand, strict=True):
            if not abs(theirs - arithmetic.number(value)) <= tiny:
                return f"step {number}: {float(theirs):.6g}, by hand {float(value):.6g}"
    return ""


def rounding(rule: UpdateRule, case: Case) -> list[np.ndarray]:
    """By how much a float64 run of the case may differ from the exact numbers, after each step."""

    def join(numbers: list[Rounded], shape: Shape) -> Rounded:
        return Rounded(*(np.reshape([getattr(x, part) for x in numbers], shape) for part in ("value", "error")))

    return [
        ALLOWANCE * np.concatenate([np.broadcast_to(x.error, case.shape).ravel() for x in state])
        for state in evaluated(rule, case, RUNNING_ERROR, join)
    ]


def compiled(rule: UpdateRule, case: Case) -> list[np.ndarray]:
    """theta and outputs after each step of the reference backend."""
    from driftproof.impl import compile_rule

    start, *gradients = (
        np.reshape([float(x) for x in step], case.shape) for step in case.steps(f"{case.start} {case.gradients}")
    )
    run, found = compile_rule(rule, "reference"), []
    state = run.init([start])
    losses = [float(Fraction(x)) for x in case.losses.split()] or [None] * len(gradients)
    for gradient, values, loss in zip(gradients, case.hyperparameters(), losses, strict=True):
        state = run.step(state, [gradient], {n: float(x) for n, x in values.items()}, loss)
        kept = [state.theta[0], *(state.outputs[name][0] for name in case.outputs)]
        found.append(np.concatenate([np.broadcast_to(a, case.shape).ravel() for a in kept]))
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
            abs(x - float(value)) / bound if bound else 0.0 if x == value else float("inf")
            for case in cases
            for step, hand, bounds in zip(compiled(rule, case), case.by_hand(), rounding(rule, case), strict=True)
            for x, value, bound in zip(step, hand, bounds, strict=True)
        ]
        used = max(gaps)
        yield context.verdict(
            text,
            not wrong and used <= 1,
            n=len(gaps),
            detail={"exact": wrong or "equal", "used": float(used), "source": cases[0].source},
        )


def mutants(context: Context) -> Iterator[Mutant]:
    """Every observable mutant of every variant; a change of an equation that variants share counts once."""
    seen: dict[str, set[Change]] = {}
    for text in variants():
        rule = rule_of(text)
        if not context.wants(rule):
            continue
        oracle = "rational steps by hand from " + next(case.source for case in CASES if case.rule == text)
        known = seen.setdefault(rule.name, set())
        for what, mutant in (*other_options(rule), *changed_equations(rule, known)):
            if mutant.digest == rule.digest:
                continue
            known.add(change_of(rule, what))
            try:
                how = _killed(text, mutant)
            except Refused:  # its matrices have no product: nobody could overlook it
                continue
            if how or observable(rule, mutant):
                yield Mutant(f"{text}, {what}", oracle, partial(str, how))


def _killed(text: str, mutant: UpdateRule) -> str:
    return next(filter(None, (leaves(mutant, case) for case in CASES if case.rule == text)), "")


check = Check(
    id="first-steps-by-hand",
    claim="Rules and options that torch lacks make the first steps that the paper's algorithm gives by hand.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(text.split("@")[0] == rule.name for text in variants()),
)
