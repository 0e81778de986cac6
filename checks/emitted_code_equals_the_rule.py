"""The emitted source of every backend computes the rule's equations: run on 200-bit intervals, not trusted.

`impl.verify` interprets the text as it stands, statement by statement, and compares it with the equations at random
points over the first steps and a late one. That it can see mistakes is shown on edited texts: each is first run for
what it is and found wrong against torch.optim, and must then be found wrong by the comparison too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from driftproof.impl.verify import LIMIT, compare
from driftproof.theory.catalogue import names
from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.mutants import telling, variants
from .runtime.scenario import Array, Scenario, allowed, compiled_run, first_difference, loud_scenario
from .runtime.texts import edited, emitted, load, missing, targets
from .runtime.torch_optim import PAIRINGS, Pairing, torch_run
from .runtime.verdict import Verdict

EDITED = {
    "torch.optim.Adam amsgrad weight_decay": ("reference", "torch"),
    "torch.optim.RMSprop momentum weight_decay": ("torch",),
}
IN_C = "torch.optim.Adagrad"
STEPS = 4


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per rule and backend, over its variants: along one axis at a time, or in full along every two.

    In the fast tier options that relatives share are looked at once.
    """
    rules, full = context.rules(default=names()), context.tier == "full"
    for rule, chosen in telling(rules) if not full else ((rule, variants(rule, pairs=True)) for rule in rules):
        for target in targets():
            yield from _judge(context, rule, [rule] if context.selected else chosen, target)


def _judge(context: Context, rule: UpdateRule, chosen: list[UpdateRule], target: str) -> Iterator[Verdict | NotRun]:
    gaps = {}
    try:
        emitted(rule, target)
    except Refused as refusal:
        yield context.not_run(f"{rule.label} on {target}", refusal.what)
        return
    for number, variant in enumerate(chosen):
        try:
            gaps[variant.label] = compare(variant, target, seed=context.seed + number)
        except Refused as refusal:
            yield context.not_run(f"{variant.label} on {target}", refusal.what)
    if gaps:
        worst = max(gaps, key=lambda label: gaps[label])
        detail = {"variants": len(gaps), "worst": worst, "relative gap": gaps[worst], "limit": LIMIT}
        holds = all(gap < LIMIT for gap in gaps.values())
        yield context.verdict(f"{rule.label} on {target}", holds, n=len(gaps), seed=context.seed, detail=detail)


# Mutants: edited texts that torch shows to be wrong.


@cache
def _truth(label: str, seed: int) -> tuple[Scenario, tuple[Array, ...], tuple[Array, ...]]:
    pairing = _pairing(label)
    scenario = loud_scenario(seeds.generator(seed), STEPS)
    return scenario, tuple(torch_run(pairing, scenario)), tuple(allowed(pairing.rule, scenario))


def _pairing(label: str) -> Pairing:
    return next(p for p in PAIRINGS if p.label == label)


def mutants(context: Context) -> Iterator[Mutant]:
    """Edits of the Python texts, run as they are; the C of Adagrad is compiled anew for each."""
    chosen = EDITED if missing("cpu") else {**EDITED, IN_C: ("cpu",)}
    for label, where in chosen.items():
        rule = _pairing(label).rule
        for target in where if context.wants(rule) else ():
            for what, text in edited(emitted(rule, target)):
                if _is_wrong(rule, target, text, label, context.seed):
                    yield Mutant(f"{label} on {target}, {what}", label.split(" ")[0], _killer(rule, target, text))


def _is_wrong(rule: UpdateRule, target: str, text: str, label: str, seed: int) -> bool:
    """Whether the edited text, run, leaves torch's path. One that does not run is no mutant."""
    scenario, theirs, bounds = _truth(label, seed)
    try:
        return bool(first_difference(compiled_run(rule, scenario, load(rule, target, text)), theirs, bounds))
    except (ArithmeticError, TypeError, ValueError, Refused):
        return False


def _killer(rule: UpdateRule, target: str, text: str) -> Callable[[], str]:
    def kill() -> str:
        try:
            gap = compare(rule, target, text=text)
        except Refused as refusal:  # it is not accepted, which is what counts
            return f"not accepted: {refusal.what}"
        return f"relative gap {gap:.2g}" if not gap < LIMIT else ""

    return kill


check = Check(
    id="emitted-code-equals-rule",
    claim="The emitted source of every backend computes the rule's equations, over the reals.",
    evidence="T1",
    run=run,
    mutants=mutants,
)
