"""Every class of torch.optim that is declared equals our compiled reference over 50 loud steps.

Every form that torch has (for-loop, foreach, fused), in float64, with large eps, betas far from 1, decay, a zero first
gradient, a change of the step size half-way, three groups, a 0-dimensional and an empty tensor. Nothing is tuned: the
difference that is allowed is a running error bound of this very run (Higham), a few times 1e-14 of a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from driftproof.theory.rule import UpdateRule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.mutants import Change, change_of
from .runtime.mutants import mutants as mutants_of
from .runtime.scenario import (
    Array,
    Comparison,
    Scenario,
    allowed,
    compare,
    compiled_run,
    first_difference,
    loud_scenario,
    start_of,
)
from .runtime.torch_optim import PAIRINGS, torch_run
from .runtime.verdict import Verdict

STEPS = 50


@cache
def _setting(pairing_number: int, seed: int) -> tuple[Scenario, tuple[Array, ...], tuple[Array, ...]]:
    """The scenario of a pairing, torch's for-loop run of it, and what is allowed."""
    pairing = PAIRINGS[pairing_number]
    scenario = loud_scenario(seeds.generator(seed), STEPS, pairing.shapes)
    return scenario, tuple(torch_run(pairing, scenario)), tuple(allowed(pairing.rule, scenario))


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per class, options and form."""
    for number, pairing in enumerate(PAIRINGS):
        if not context.wants(pairing.rule):
            continue
        if reason := absent("torch"):
            yield context.not_run(pairing.label, reason)
            continue
        scenario, _, bounds = _setting(number, context.seed)
        ours = list(compiled_run(pairing.rule, scenario))
        for form in pairing.implementations:
            found = compare(ours, list(torch_run(pairing, scenario, form)), bounds, start_of(pairing.rule, scenario))
            yield context.verdict(
                f"{pairing.label} {form}", found.agrees, n=STEPS * ours[0].size, **_shown(found, context)
            )


def _shown(found: Comparison, context: Context) -> dict[str, Any]:
    detail: dict[str, Any] = {"error in steps": found.in_steps, "ulps": found.ulps, "used": found.used}
    if not found.agrees:
        detail["first wrong step"] = found.step
    return {"seed": context.seed, "detail": detail}


def mutants(context: Context) -> Iterator[Mutant]:
    """Every observable mutant of every rule; a change of an equation that pairings share counts once."""
    seen: dict[str, set[Change]] = {}
    for number, pairing in enumerate(PAIRINGS):
        if not context.wants(pairing.rule):
            continue
        known = seen.setdefault(pairing.rule.name, set())
        for what, mutant in mutants_of(pairing.rule, known):
            known.add(change_of(pairing.rule, what))
            yield Mutant(f"{pairing.label}: {what}", f"torch.optim.{pairing.name}", _killer(mutant, number, context))


def _killer(mutant: UpdateRule, number: int, context: Context) -> Callable[[], str]:
    def kill() -> str:
        scenario, theirs, bounds = _setting(number, context.seed)
        return first_difference(compiled_run(mutant, scenario), theirs, bounds)

    return kill


check = Check(
    id="torch-equals-reference",
    claim="Every class of torch.optim that is declared follows its declaration, in every form that torch has.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(rule.name == pairing.rule_text.split("@")[0] for pairing in PAIRINGS),
)
