"""Every derived SDE agrees with exact moments of one step, and needs exactly the hypotheses it names.

For a noise law with three values the mean E[Delta], the covariance E[Delta Delta^T] (across coordinates too) and
all moments of degree three and four of a step are finite sums. Less what the SDE gives to first order in the
time step h, they must vanish like h^2: that is the condition of weak order 1 (Milstein; Malladi et al. 2022). With
a skewed law the moments that fail must be those that the hypothesis of low skewness names, no more and no fewer.

An SDE that names Gaussian noise (signs of the gradient) is judged by quadrature of the Gaussian, which knows no
error function, and a law that is not Gaussian must break the means that the hypothesis names. Gradients away from
theta see an f' and a Sigma that move with their point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from math import isnan
from typing import Any

import sympy
from sympy import Symbol

from driftproof.theory.catalogue import names
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.hypothesis import BOUNDED_MOMENTS, WEAK_ORDER
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE

from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.hand_steps import BY_HAND
from .runtime.local_moments import ENOUGH_ORDER, Remainder, generic, is_gaussian, measured, value_of
from .runtime.mutants import changes, telling, variants
from .runtime.verdict import Verdict

AGREEMENT = 1e-15
"""Remainder over h at h = 1e-24, of entries of order one: a wrong entry leaves its own size, a right one C h."""
ORACLE = "enumeration of the step written by hand"
OWN_STEP = "enumeration of the step by the rule's own equations"
MUTATED = ("sgd", "sgd@momentum=ema", "rmsprop@second_moment=old", "adamw", "adagrad", "signsgd", "lion")
ALSO_SMALL = ("signsgd", "lion")
"""Where the small-noise regime has other entries: error functions."""
SWAPPED = (
    ("adam", "adam@eps=hat"),
    ("adam", "adam@correction=none"),
    ("adam", "adam@correction=first"),
    ("rmsprop", "rmsprop@eps=inside"),
    ("adamw", "adamw@decay=independent"),
)


@cache
def derived(rule: UpdateRule, regime: str = "diffusive") -> SDE:
    return derive(rule, regime)


def disagrees(remainder: Remainder, regime: str) -> bool:
    """In the small-noise regime covariances are of order h^2 themselves, so there more must cancel."""
    enough = 2.5 if regime == "small" and remainder.degree == 2 else ENOUGH_ORDER
    return not (remainder.value < AGREEMENT and remainder.order > enough)


def named_by_hypothesis(sde: SDE) -> set[str]:
    """The moments that need low skewness, as the SDE says."""
    return {moment for h in sde.hypotheses if h.name == "low skewness" for moment in h.needed_for}


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Every variant that has an SDE: its entries, and its hypotheses; in the fast tier without shared options."""
    full = context.tier == "full"
    rules = context.rules(default=names())
    for rule, chosen in telling(rules) if not full else ((rule, variants(rule)) for rule in rules):
        for variant in [rule] if context.selected else chosen:
            yield _judge(context, variant, "diffusive", points=2 if full else 1)
            if full or variant is rule:
                yield _judge(context, variant, "small", points=1)


def _judge(context: Context, rule: UpdateRule, regime: str, points: int) -> Verdict | NotRun:
    subject = rule.label if regime == "diffusive" else f"{rule.label}, small noise"
    try:
        sde = derived(rule, regime)
    except Refused as refusal:
        return context.not_run(subject, f"no SDE is derived: {refusal.why or refusal.what}")
    found = _at_points(rule, sde, points)
    if rule.label in BY_HAND and rule.name in names() and rule.digest == rule_of(rule.label).digest:
        found += measured(rule, sde, low_skew=True, by_hand=True)
    wrong = [r for r in found if disagrees(r, regime)]
    detail: dict[str, Any] = {"moments": len(found), "wrong": _said(wrong)}
    holds = not wrong
    if is_gaussian(sde):
        other = measured(rule, sde, low_skew=False, cross=False)
        needed = {moment for h in sde.hypotheses if h.name == "Gaussian noise" for moment in h.needed_for}
        idle = needed - {r.name for r in other if disagrees(r, regime)}
        holds = holds and bool(needed) and not idle
        detail["Gaussian noise needed for"] = ", ".join(sorted(needed - idle)) or "nothing"
    elif regime == "diffusive":
        skewed = measured(rule, sde, low_skew=False, cross=False)
        failing, claimed = {r.name for r in skewed if not r.order > ENOUGH_ORDER}, named_by_hypothesis(sde)
        holds = holds and failing == claimed
        detail["low skewness needed for"] = ", ".join(sorted(failing)) or "nothing"
        if failing != claimed:
            detail["the SDE names"] = ", ".join(sorted(claimed)) or "nothing"
    return context.verdict(subject, holds, n=len(found), detail=detail)


def _at_points(rule: UpdateRule, sde: SDE, points: int) -> list[Remainder]:
    """The remainders at so many generic points. Where the step is no number (v < m^2 under a root) is no state.

    A point that is no number stays in, as a disagreement, if too few others are found.
    """
    tried = []
    for salt in range(points + 6):
        tried.append(measured(rule, sde, low_skew=True, salt=salt))
        inside = [found for found in tried if not any(isnan(r.value) for r in found)]
        if len(inside) == points:
            return [r for found in inside for r in found]
    return [r for found in tried for r in found]


def _said(wrong: list[Remainder], nothing: str = "none") -> str:
    return "; ".join(f"{r.name} off by {r.value:.2g}, order {r.order:.2f}" for r in wrong[:3]) or nothing


# Mutants: wrong SDEs, killed by exact moments of steps written by hand, which share no code with ours.


def wrong_sdes(sde: SDE) -> Iterator[tuple[str, SDE]]:
    """One term or factor of one entry changed; one constant defined with another power of the step size."""
    for state, entry in sde.drift.items():
        for what, other in _different(entry):
            yield f"drift of {state}: {what}", replace(sde, drift={**sde.drift, state: other})
    for pair in [p for p in sde.diffusion if p[0] == p[1] and sde.diffusion[p] != 0]:
        for what, other in _different(sde.diffusion[pair]):
            yield f"D[{pair[0]}, {pair[1]}]: {what}", replace(sde, diffusion={**sde.diffusion, pair: other})
        if sde.cross_diffusion[pair] != 0:
            yield (
                "coordinates taken as independent",
                replace(sde, cross_diffusion={**sde.cross_diffusion, pair: sympy.Integer(0)}),
            )
    if sde.gradient_at != Symbol("theta"):
        yield "df and Sigma at theta", replace(sde, gradient_at=Symbol("theta"))
        for what, other in _different(sde.gradient_at):
            yield f"df and Sigma at another point: {what}", replace(sde, gradient_at=other)
    for name, definition in sde.constants.items():
        wider = definition * sde.time_per_step ** sympy.Rational(1, 4)
        yield f"{name} defined as {wider}", replace(sde, constants={**sde.constants, name: wider})


def _different(entry: Any) -> Iterator[tuple[str, Any]]:
    """Changes of an expression that have another value at a generic point."""
    values = {s: generic(s.name, salt=3) for s in entry.free_symbols}
    for what, other in changes(entry):
        if abs(value_of(other, values) - value_of(entry, values)) > AGREEMENT:
            yield what, other


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong SDEs of rules that are written by hand; for any other rule that was asked for, against its own step."""
    yield from _by_hand(context)
    for text, rule in context.selected or ():
        if not any(rule.digest == known.digest and context.wants(known) for known in map(rule_of, MUTATED)):
            yield from _by_its_own_step(text, rule)


def _by_its_own_step(text: str, rule: UpdateRule) -> Iterator[Mutant]:
    try:
        sde = derived(rule)
    except Refused:
        return
    for what, wrong in wrong_sdes(sde):
        if wrong != sde:
            yield Mutant(f"SDE of {text}, {what}", OWN_STEP, partial(_killed, rule, wrong, False))


def _by_hand(context: Context) -> Iterator[Mutant]:
    for text in MUTATED:
        rule = rule_of(text)
        if context.wants(rule):
            for what, wrong in wrong_sdes(derived(rule)):
                yield Mutant(f"SDE of {text}, {what}", ORACLE, partial(_killed, rule, wrong))
        if context.wants(rule) and text in ALSO_SMALL:
            for what, wrong in wrong_sdes(derived(rule, "small")):
                yield Mutant(f"SDE of {text}, small noise, {what}", ORACLE, partial(_killed, rule, wrong))
    for text, other in SWAPPED:
        rule, wrong = rule_of(text), derived(rule_of(other))
        if context.wants(rule):
            yield Mutant(f"SDE of {other} for {text}", ORACLE, partial(_killed, rule, wrong))


def _killed(rule: UpdateRule, wrong: SDE, by_hand: bool = True) -> str:
    return _said([r for r in measured(rule, wrong, low_skew=True, by_hand=by_hand) if disagrees(r, wrong.regime)], "")


check = Check(
    id="moments-equal-derived",
    claim="The drift, diffusion and hypotheses of every derived SDE are those of exact moments of one step.",
    evidence="T1",
    run=run,
    mutants=mutants,
    cites=(str(BOUNDED_MOMENTS), WEAK_ORDER),
    source=Source("malladi2022sdes", "order-1 weak approximation", "local moment conditions up to degree four"),
)
