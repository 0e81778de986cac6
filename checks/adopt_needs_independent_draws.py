"""ADOPT goes the right way for every beta2 where draws are independent, and not where they are shuffled or cyclic.

ADOPT divides a gradient by the root of the v before it. An independent draw knows nothing of that v, so that the mean
step has the sign of -E g. In an epoch that uses every sample once, v does know: after the large gradient it is large,
and a large gradient that was not yet drawn is still to come. On n = 20 losses with slopes -(n-1) + s, 1, ..., 1 and the
sum s > 0 theta ought to fall. Cyclic: the exact drift of the declared rule. Shuffled anew in each epoch, and drawn
independently: runs, of which it is counted how many end below their start.

That "any beta2" converges is therefore a statement about independent draws, and no statement about a data loader that
shuffles, or about online streams.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from random import Random

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.problems import Problem
from driftproof.theory.references import Source
from driftproof.theory.witness import Search, witness

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.statistics import ALPHA, exact_binomial
from .runtime.texts import missing
from .runtime.verdict import Region, Verdict, decide

PARTS, SUM = 20, Fraction(1, 2)
SLOPES = (-(PARTS - 1) + SUM, *[Fraction(1)] * (PARTS - 1))
BETAS = (("0", "0.99"), ("0.9", "0.99"))
DEFAULT = ("0.9", "0.9999", 400)
"""ADOPT's own default betas, and a period whose spike of sum 1 turns them."""
RUNS = 128
STEPS = {"reshuffled": 40_000, "iid": 800_000}
"""Independent draws are noisier by far: here the mean of a run is five deviations away from 0."""
SURE, NEVER = Region(0.75, 1), Region(0, 0.25)
"""Shares of runs."""


def problem(sampling: str) -> Problem:
    return Problem("slopes", SLOPES, None, 0, sampling)


@cache
def fallen(sampling: str, betas: tuple[str, str], seed: int) -> int:
    """How many of the runs of the declared rule end below where they began; step size 1, no interval."""
    from driftproof.impl.simulate import simulate

    given = {"eta": 1, "beta1": betas[0], "beta2": betas[1]}
    run = simulate(
        "adopt", problem(sampling), STEPS[sampling], seeds=RUNS, seed=seed, hyperparameters=given, measure=()
    )
    return int((run.final < 0).sum())


def exactly(betas: tuple[str, str], period: int | None = None) -> tuple[Fraction, Fraction]:
    """The drift of the cyclic stream, enclosed."""
    runs = ((1, SLOPES[0]), (PARTS - 1, Fraction(1))) if period is None else None
    found = witness(
        rule_of("adopt"), {"beta1": betas[0], "beta2": betas[1]}, Search(period=period, gradients=runs)
    ).interval
    assert found is not None
    return found


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Cyclic, exactly; reshuffled and independent, by runs."""
    if not context.wants(rule_of("adopt")):
        return
    for b1, b2, period in (*((*betas, None) for betas in BETAS), DEFAULT):
        low, high = exactly((b1, b2), period)
        subject = f"cyclic, period {period or PARTS}, betas ({b1}, {b2})"
        drift = {"drift": float(low)}
        yield context.verdict(
            subject, low > 0, claim=REFUTED, status="refuted", interval=(float(low), float(high)), detail=drift
        )
    reason = missing("cpu") or absent("scipy")
    cases = [("reshuffled", betas, NEVER, SURE) for betas in BETAS] + [("iid", BETAS[0], SURE, NEVER)]
    for sampling, betas, claimed, other in cases:
        subject = f"{sampling}, betas ({betas[0]}, {betas[1]})"
        if reason:
            yield context.not_run(subject, reason)
            continue
        below = fallen(sampling, betas, context.seed % 2**64)
        share = exact_binomial(below, RUNS, ALPHA)
        told = {"evidence": "T2", "interval": share, "n": RUNS, "level": ALPHA, "seed": context.seed}
        yield context.verdict(subject, decide(share, claimed, other), detail={"ended below": below}, **told)


# Wrong versions


@dataclass(frozen=True)
class Statement:
    """Under this sampling, for these slopes, theta falls (or rises)."""

    sampling: str
    falls: bool
    slopes: tuple[Fraction, ...] = SLOPES


WRONG = {
    "any order of the samples: cyclic": Statement("cyclic", True),
    "any order of the samples: reshuffled": Statement("reshuffled", True),
    "independent draws fail as well": Statement("iid", False),
    "the spike that misleads Adam": Statement("cyclic", False, tuple(-g + 2 * SUM / PARTS for g in SLOPES)),
}


def mutants(context: Context) -> Iterator[Mutant]:
    """Other statements, killed by the paper's algorithm written out, with Python's own shuffling."""
    if context.wants(rule_of("adopt")):
        for name, said in WRONG.items():
            yield Mutant(name, "ADOPT by hand", partial(_killed, said, context.seed))


def _killed(said: Statement, seed: int) -> str:
    """Four runs; a statement dies if every one ends on the other side."""
    ends = [by_hand(said, Random(f"{seed} {k}")) for k in range(4)]
    wrong = all(end > 0 for end in ends) if said.falls else all(end < 0 for end in ends)
    return f"theta ends at {min(ends):.3g} to {max(ends):.3g}" if wrong else ""


def by_hand(said: Statement, random: Random, beta2: float = 0.99) -> float:
    """Algorithm 2 with beta1 = 0 and step size 1 in floats: the first gradient fills v alone."""
    slopes, theta, v = [float(g) for g in said.slopes], 0.0, -1.0
    for _ in range({"iid": 40_000}.get(said.sampling, 1000)):
        epoch = random.choices(slopes, k=PARTS) if said.sampling == "iid" else list(slopes)
        if said.sampling == "reshuffled":
            random.shuffle(epoch)
        for g in epoch:
            if v < 0:
                v = g * g
                continue
            theta -= g / max(math.sqrt(v), 1e-6)
            v = beta2 * v + (1 - beta2) * g * g
    return theta


REFUTED = (
    "ADOPT converges with any beta2, whatever the order of the samples: false for cyclic streams (exact witnesses, its "
    "default betas included) and for samples reshuffled in each epoch (measured); it needs independent draws."
)

check = Check(
    id="adopt-needs-independence",
    claim="ADOPT moves the right way where samples are drawn independently, and the wrong way on the same samples "
    "where they are reshuffled in each epoch (measured).",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "adopt",
    source=Source("taniguchi2024adopt", "the convergence theorem", "its hypothesis is independence of g_t and v_{t-1}"),
    refutes=REFUTED,
)
