"""Published packages equal our compiled reference over 40 loud steps, each as the variant that it is.

The authors' packages (Schedule-Free, Lion, MADGRAD, AdaBound, QHAdam, AdaBelief), torch_optimizer, pytorch_optimizer
and optax, in float64 and in every code path they have, with large eps, betas far from 1, decay, and a step size that
grows half-way. What a package computes that is no option of ours stands in the table as its equations, and has to fit
as well. The difference that is allowed is the running error bound of this very run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from driftproof.theory.rule import UpdateRule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.mutants import observable, other_options
from .runtime.packages import Pairing, absent_package
from .runtime.packages_apart import PAIRINGS as APART
from .runtime.packages_optax import PAIRINGS as OPTAX
from .runtime.packages_optax import optax_run
from .runtime.packages_torch import PAIRINGS as TORCH
from .runtime.packages_torch import class_run
from .runtime.scenario import (
    Array,
    Scenario,
    allowed,
    compare,
    compiled_run,
    first_difference,
    loud_scenario,
    start_of,
)
from .runtime.verdict import Verdict

STEPS = 40
PAIRINGS = (*TORCH, *OPTAX, *APART)


@cache
def _scenario(number: int, seed: int) -> Scenario:
    pairing = PAIRINGS[number]
    return pairing.adapted(loud_scenario(seeds.generator(seed), STEPS, pairing.sizes))


@cache
def _theirs(number: int, form: str, seed: int) -> tuple[Array, ...]:
    pairing = PAIRINGS[number]
    run = optax_run if pairing.package == "optax" else class_run
    return tuple(run(pairing, _scenario(number, seed), form))


@cache
def _bounds(number: int, seed: int) -> tuple[Array, ...]:
    return tuple(allowed(PAIRINGS[number].rule, _scenario(number, seed)))


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per function or class, options and code path; what is missing is named once a package."""
    missing: dict[str, str] = {}
    for number, pairing in _wanted(context):
        if pairing.package not in missing:
            missing[pairing.package] = absent_package(pairing)
            if missing[pairing.package]:
                yield context.not_run(pairing.package, missing[pairing.package])
        if not missing[pairing.package]:
            yield from _verdicts(number, pairing, context)


def _wanted(context: Context) -> Iterator[tuple[int, Pairing]]:
    return ((number, pairing) for number, pairing in enumerate(PAIRINGS) if context.wants(pairing.declared))


def _verdicts(number: int, pairing: Pairing, context: Context) -> Iterator[Verdict]:
    scenario, bounds = _scenario(number, context.seed), _bounds(number, context.seed)
    ours = list(compiled_run(pairing.rule, scenario))
    for form in pairing.forms:
        found = compare(ours, list(_theirs(number, form, context.seed)), bounds, start_of(pairing.rule, scenario))
        detail: dict[str, Any] = {"error in steps": found.in_steps, "ulps": found.ulps, "used": found.used}
        if not found.agrees:
            detail["first wrong step"] = found.step
        if pairing.apart:
            detail["no option of ours"] = pairing.apart
        subject = " ".join(filter(None, (pairing.label, form, pairing.variant)))
        claim = f"{pairing.name} departs from {pairing.rule_text} in one way: {pairing.apart}." if pairing.apart else ""
        more = {"claim": claim} if claim else {}
        yield context.verdict(subject, found.agrees, n=STEPS * ours[0].size, seed=context.seed, detail=detail, **more)


def mutants(context: Context) -> Iterator[Mutant]:
    """Every other option that moves theta; for what is none of our options, the rule without the difference."""
    for number, pairing in _wanted(context):
        if absent_package(pairing):
            continue
        if pairing.apart:
            others = [("without the difference", pairing.declared)]
        else:
            others = [(what, rule) for what, rule in other_options(pairing.rule) if observable(pairing.rule, rule)]
        for what, rule in others:
            name = f"{pairing.label} {pairing.variant}: {what}"
            yield Mutant(name, pairing.name, _killer(rule, number, context))


def _killer(mutant: UpdateRule, number: int, context: Context) -> Callable[[], str]:
    def kill() -> str:
        ours = compiled_run(mutant, _scenario(number, context.seed))
        form = next(iter(PAIRINGS[number].forms))
        return first_difference(ours, _theirs(number, form, context.seed), _bounds(number, context.seed))

    return kill


check = Check(
    id="packages-equal-reference",
    claim="Published optimizer packages follow our declarations, each as the variant that the table of packages names.",
    evidence="T1",
    run=run,
    mutants=mutants,
    tier="full",
    applies_to=lambda rule: any(rule.name == pairing.rule_text.split("@")[0] for pairing in PAIRINGS),
)
