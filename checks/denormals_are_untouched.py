"""No backend switches off gradual underflow: not in the thread that loads it, and not in its own results.

A library built with fast-math flags makes the whole thread flush denormal numbers to zero when it is loaded, which
changes results far from the optimizer. So after loading and running every backend, the smallest numbers must still
be there, as inputs and as results, in float32 and float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import Refused

from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.scenario import Scenario, compiled_run
from .runtime.texts import load, missing, targets
from .runtime.verdict import Verdict


def flushed() -> list[str]:
    """What this thread does to denormal numbers that IEEE 754 does not: empty if all is well."""
    found = []
    kinds: tuple[Any, ...] = (np.float32, np.float64)
    for kind in kinds:
        smallest, tiny = np.finfo(kind).smallest_subnormal, np.finfo(kind).tiny
        for length in (1, 64):  # one number, and enough of them for vector instructions
            results = np.full(length, tiny, dtype=kind) / kind(4)
            inputs = np.full(length, smallest, dtype=kind) * kind(2) ** 30
            name = f"{np.dtype(kind).name} x {length}"
            found += [f"results flushed ({name})"] * bool((results == 0).any())
            found += [f"inputs read as zero ({name})"] * bool((inputs == 0).any())
    return found


def denormal_steps(target: str) -> str:
    """SGD with step size 1 from a denormal theta and with denormal gradients is exact; what is not, or ""."""
    smallest = np.finfo(np.float64).smallest_subnormal
    start, gradient = 40 * smallest, 3 * smallest
    scenario = Scenario(((70,),), (0,), (np.full(70, start),), ((np.full(70, gradient),),) * 5, (({"eta": 1.0},),) * 5)
    rule = rule_of("sgd")
    path = list(compiled_run(rule, scenario, load(rule, target)))
    wrong = [k for k, theta in enumerate(path, start=1) if (theta != start - k * gradient).any()]
    return f"wrong after step {wrong[0]}" if wrong else ""


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per backend: the thread after it, and its own results."""
    for target in targets():
        if reason := missing(target):
            yield context.not_run(target, reason)
            continue
        try:
            wrong = denormal_steps(target)
        except Refused as refusal:
            yield context.not_run(target, refusal.what)
            continue
        after = flushed()
        detail = {"thread": ", ".join(after) or "as IEEE 754 says", "steps": wrong or "exact"}
        yield context.verdict(target, not after and not wrong, n=5 * 70, detail=detail)


def mutants(context: Context) -> Iterator[Mutant]:
    """What a fast-math library does to the thread, done on purpose and undone, where the processor can."""
    import torch

    if torch.set_flush_denormal(False):
        yield Mutant("a thread that flushes denormals", "the processor's own switch, set by torch", _flushing)


def _flushing() -> str:
    import torch

    torch.set_flush_denormal(True)
    try:
        return ", ".join(flushed())
    finally:
        torch.set_flush_denormal(False)


check = Check(
    id="denormals-untouched",
    claim="Loading and running a backend leaves gradual underflow as IEEE 754 says.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
)
