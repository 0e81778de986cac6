"""Every backend makes the reference's steps, in float64, up to rounding; and torch's where torch has the rule.

Twenty loud steps on several tensors in two groups. What rounding may do is a running error bound of the very run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from driftproof.impl.compiled import CompiledRule
from driftproof.theory.catalogue import names
from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.mutants import variants
from .runtime.scenario import (
    Array,
    Scenario,
    Shapes,
    allowed,
    compare,
    compiled_run,
    first_difference,
    loud_scenario,
    shapes_for,
    start_of,
)
from .runtime.texts import edited, emitted, load, missing, targets
from .runtime.torch_optim import PAIRINGS, torch_run
from .runtime.verdict import Verdict

STEPS = 20
MUTATED = {"torch.optim.SGD momentum weight_decay": "torch", "torch.optim.AdamW": "torch"}


@cache
def _scenario(shapes: Shapes, seed: int) -> Scenario:
    return loud_scenario(seeds.generator(seed), STEPS, shapes)


@cache
def _reference(rule: UpdateRule, seed: int) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The reference run, and what is allowed beside it."""
    scenario = _scenario(shapes_for(rule), seed)
    bounds = tuple(allowed(rule, scenario.with_defaults(rule)))  # first: it refuses rules that it cannot read
    return tuple(compiled_run(rule, scenario)), bounds


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per rule and backend; in the full tier per variant."""
    full = context.tier == "full"
    for rule in context.rules(default=names()):
        for variant in variants(rule, pairs=True) if full and not context.selected else [rule]:
            for target in targets():
                if target != "reference":
                    yield _judge(context, variant, target)


def _judge(context: Context, rule: UpdateRule, target: str) -> Verdict | NotRun:
    subject = f"{rule.label} on {target}"
    if reason := missing(target):
        return context.not_run(subject, reason)
    scenario = _scenario(shapes_for(rule), context.seed)
    try:
        compiled, (ours, bounds) = load(rule, target), _reference(rule, context.seed)
    except Refused as refusal:
        return context.not_run(subject, refusal.what)
    found = compare(list(compiled_run(rule, scenario, compiled)), ours, bounds, start_of(rule, scenario))
    detail = {"error in steps": found.in_steps, "ulps": found.ulps, "used": found.used}
    n = STEPS * ours[0].size
    return context.verdict(subject, found.agrees, n=n, seed=context.seed, detail=detail)


# Mutants: edited texts that leave torch.optim's path; the comparison with the reference must see each.


def mutants(context: Context) -> Iterator[Mutant]:
    for pairing in PAIRINGS:
        if pairing.label in MUTATED and context.wants(pairing.rule):
            target = MUTATED[pairing.label]
            truth = tuple(torch_run(pairing, _scenario(pairing.shapes, context.seed)))
            for what, text in edited(emitted(pairing.rule, target)):
                mutant = _runs(pairing.rule, target, text)
                if mutant is not None and _parted(pairing.rule, mutant, truth, context.seed):
                    name, oracle = f"{pairing.rule.label} on {target}, {what}", f"torch.optim.{pairing.name}"
                    yield Mutant(name, oracle, _killer(pairing.rule, mutant, context))


def _runs(rule: UpdateRule, target: str, text: str) -> CompiledRule | None:
    try:
        return load(rule, target, text)
    except (SyntaxError, ValueError):
        return None


def _parted(rule: UpdateRule, mutant: CompiledRule, theirs: tuple[Array, ...], seed: int) -> str:
    run = compiled_run(rule, _scenario(shapes_for(rule), seed), mutant)
    return first_difference(run, theirs, _reference(rule, seed)[1])


def _killer(rule: UpdateRule, mutant: CompiledRule, context: Context) -> Callable[[], str]:
    return lambda: _parted(rule, mutant, _reference(rule, context.seed)[0], context.seed)


check = Check(
    id="backends-agree",
    claim="Every backend makes the steps of the reference, up to a running bound of rounding.",
    evidence="T1",
    run=run,
    mutants=mutants,
)
