"""Several processes that average their gradients make the steps of one process with the whole batch.

Real processes (1, 2 and 4 of them) over torch.distributed with gloo, each with its shard of 16 samples, train the
compiled generic_adam. On data of which every sum is exact, theta is equal to the bit. Where sums are rounded, the
gradient of every step differs from that of one process by at most what the two orders of summation allow: a sum of n
terms in any order, each rounded once more, is off by at most (n + 1) u sum |x_i|, u = 2^-53; here n = 16, twice.
Averaging squares of worker gradients for the second moment is another algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source

from .runtime import workers
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.verdict import Verdict
from .runtime.workers import SAMPLES, SIZES, STEPS

SECOND_ORDER = 1.001
"""For products of rounding errors, which (n + 1) u leaves out."""
ALLOWED = 2 * (SAMPLES + 1) * 2.0**-53 * SECOND_ORDER / SAMPLES


@cache
def _one(problem: str, seed: int) -> np.ndarray:
    return np.array([step["theta"] for step in workers.one_process(problem, seed)])


def first_difference(size: int, way: str, seed: int) -> str:
    """Where theta of any process first differs from that of one process on exact data, or ""."""
    for rank, seen in enumerate(workers.together(seed)[size]):
        off = np.abs(seen[f"dyadic {way} theta"] - _one("dyadic", seed)).max(axis=1)
        if not (off == 0).all():
            step = int(np.flatnonzero(off != 0)[0])
            return f"theta is {off[step]:.3g} off after step {step} on process {rank} of {size}"
    return ""


def used(size: int, way: str, seed: int) -> float:
    """Difference of gradients over what rounding allows, at its largest; inf where processes differ among themselves.

    At every step both are taken at the theta that the processes had.
    """
    found = workers.together(seed)[size]
    names = [f"smooth {way} {name}" for name in ("theta", "gradient")]
    if any(seen[name].tobytes() != found[0][name].tobytes() for seen in found for name in names):
        return float("inf")
    gradients, largest = workers.smooth(seed), 0.0
    for theta, gradient in zip(*(found[0][name][:STEPS] for name in names), strict=True):
        each = gradients(theta)
        largest = max(largest, float((np.abs(gradient - each.sum(0) / SAMPLES) / np.abs(each).sum(0)).max()))
    return largest / ALLOWED


def unavailable(seed: int) -> str:
    """Why nothing can be run here, or ""."""
    if reason := absent("torch"):
        return reason
    import torch.distributed as dist

    if not dist.is_available() or not dist.is_gloo_available():
        return "this torch is built without gloo"
    try:
        workers.together(seed)
    except workers.Unavailable as unavailable:
        return f"processes could not work together: {unavailable}"
    return ""


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Exact data, rounded sums, and shards of different sizes, on each number of processes."""
    if not context.wants(rule_of("generic_adam")):
        return
    reason = unavailable(context.seed)
    for size in SIZES:
        subject = f"{size} process{'es' * (size > 1)}"
        if reason:
            yield context.not_run(subject, reason)
            continue
        wrong = first_difference(size, "averaged", context.seed)
        numbers = {"n": STEPS * workers.ENTRIES * size, "seed": context.seed}
        yield context.verdict(f"{subject}, exact sums", not wrong, detail={"theta": wrong or "equal"}, **numbers)
        for way, words in (("averaged", "rounded sums"), ("weighted", "shards of different sizes")):
            share = used(size, way, context.seed)
            yield context.verdict(f"{subject}, {words}", share <= 1, detail={"used of the bound": share}, **numbers)


WRONG = {
    "squares": "squares of worker gradients averaged",
    "summed": "gradients summed, not averaged",
    "alone": "no message",
    "unequal": "shards of different sizes averaged as if equal",
}


def mutants(context: Context) -> Iterator[Mutant]:
    """Other ways to combine gradients, on 2 and 4 real processes."""
    if context.wants(rule_of("generic_adam")) and not unavailable(context.seed):
        for way, name in WRONG.items():
            for size in SIZES[1:]:
                killed = partial(first_difference, size, way, context.seed)
                yield Mutant(f"{name}, {size} processes", "one process with the whole batch", killed)


check = Check(
    id="workers-equal-one-batch",
    claim="Processes that average their gradients before the step do what one process with the whole batch does: to "
    "the bit where sums are exact, within rounding where they are not.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "generic_adam",
    source=Source("chen2022towards", "the distributed section", "that averaging squares is another algorithm is ours"),
)
