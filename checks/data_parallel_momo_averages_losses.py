"""Data-parallel MoMo: processes that average losses along with gradients make the steps of one process.

Real processes (1, 2 and 4 of them) over torch.distributed with gloo, each with its shard of 16 samples, train with the
torch optimizer MoMo. On data of which every sum is exact, theta is equal to the bit. Where sums are rounded, all
processes stay equal to the bit among themselves, and at every step gradient and loss differ from those of the whole
batch at the same theta by at most what two orders of summation allow: (n + 1) u sum |x_i| each, n = 16, u = 2^-53.
A process that goes by its own loss takes its own share of the step, and the replicas part.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import numpy as np

from driftproof.theory.catalogue import rule as rule_of

from .averaging_worker_gradients_equals_one_large_batch import ALLOWED, unavailable
from .averaging_worker_gradients_equals_one_large_batch import check as of_gradients
from .runtime import seeds, workers
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.verdict import Verdict
from .runtime.workers import SAMPLES, SIZES, STEPS


@cache
def _one(seed: int) -> np.ndarray:
    return np.array([step["theta"] for step in workers.momo_of_one_process("dyadic", seed)])


def first_difference(size: int, way: str, seed: int) -> str:
    """Where theta of any process first differs from that of one process on exact data, or ""."""
    for rank, seen in enumerate(workers.together(seed)[size]):
        off = np.abs(seen[f"dyadic momo {way} theta"] - _one(seed)).max(axis=1)
        if not (off == 0).all():
            step = int(np.flatnonzero(off != 0)[0])
            return f"theta is {off[step]:.3g} off after step {step} on process {rank} of {size}"
    return ""


def used(size: int, way: str, seed: int) -> float:
    """Largest difference of a gradient's entry or a loss over what rounding allows; inf where processes differ."""
    found = workers.together(seed)[size]
    names = [f"smooth momo {way} {name}" for name in ("theta", "gradient", "loss")]
    if any(seen[name].tobytes() != found[0][name].tobytes() for seen in found for name in names):
        return float("inf")
    gradients, losses, largest = workers.smooth(seed), workers.losses("smooth", seed), 0.0
    for k, (theta, gradient, loss) in enumerate(zip(*(found[0][name][:STEPS] for name in names), strict=True)):
        for seen, each in ((gradient, gradients(theta)), (loss, losses(k, theta))):
            off = np.abs(seen - each.sum(0) / SAMPLES) / np.abs(each).sum(0)
            largest = max(largest, float(np.max(off)))
    return largest / ALLOWED


def _seed(context: Context) -> int:
    """That of the check of gradients where none was asked for: the same processes serve both."""
    return seeds.root(of_gradients.id) if context.seed == seeds.root(context.check.id) else context.seed


def run(context: Context) -> Iterator[Verdict | NotRun]:
    if not context.wants(rule_of("momo")):
        return
    seed = _seed(context)
    reason = unavailable(seed)
    for size in SIZES:
        subject = f"{size} process{'es' * (size > 1)}"
        if reason:
            yield context.not_run(subject, reason)
            continue
        numbers = {"n": STEPS * workers.ENTRIES * size, "seed": seed}
        wrong = first_difference(size, "together", seed)
        yield context.verdict(f"{subject}, exact sums", not wrong, detail={"theta": wrong or "equal"}, **numbers)
        for way, words in (("together", "rounded sums"), ("uneven", "shards of different sizes")):
            share = used(size, way, seed)
            yield context.verdict(f"{subject}, {words}", share <= 1, detail={"used of the bound": share}, **numbers)


WRONG = {"own": "each process goes by its own loss", "total": "losses summed, not averaged"}


def mutants(context: Context) -> Iterator[Mutant]:
    seed = _seed(context)
    if context.wants(rule_of("momo")) and not unavailable(seed):
        for way, name in WRONG.items():
            for size in SIZES[1:]:
                killed = partial(first_difference, size, way, seed)
                yield Mutant(f"{name}, {size} processes", "one process with the whole batch", killed)


check = Check(
    id="workers-average-losses",
    claim="Processes that average losses along with gradients make the MoMo steps of one process with the whole batch: "
    "to the bit where sums are exact, within rounding where they are not.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "momo",
)
