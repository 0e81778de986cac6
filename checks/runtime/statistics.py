"""Sampled evidence: looks, levels and the sequential use of the verdict rule. Standard library only.

Both error rates stay at most alpha whatever the sample size; the plan of samples only decides how often
a run ends INCONCLUSIVE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .verdict import INCONCLUSIVE, Range, Region, decide

ALPHA = 1e-9


@dataclass(frozen=True)
class Look:
    """The number-th look at the data: n samples in all, judged at this level."""

    number: int
    n: int
    level: float


@dataclass(frozen=True)
class Decision:
    """What the looks came to. level: the sum of the levels of the looks taken, at most alpha."""

    verdict: str
    interval: Range
    n: int
    level: float


def looks(alpha: float, first: int, budget: int) -> Iterator[Look]:
    """n = first * 2^(j-1) up to the budget, at levels alpha / (j (j + 1)), which sum to at most alpha."""
    if not 0 < alpha < 1 or not 1 <= first <= budget:
        raise ValueError(
            f"alpha = {alpha}, first = {first}, budget = {budget}: need 0 < alpha < 1, 1 <= first <= budget"
        )
    number, n = 1, first
    while n <= budget:
        yield Look(number, n, alpha / (number * (number + 1)))
        number, n = number + 1, 2 * n


def sequential(
    interval: Callable[[int, float], Range],
    claimed: Region,
    alternative: Region,
    first: int,
    budget: int,
    alpha: float = ALPHA,
) -> Decision:
    """Draws until the verdict rule decides, or the budget is used.

    interval: (n, level) -> an interval that misses the true value with probability at most level, made of
              the first n samples; called with growing n.
    """
    spent = 0.0
    for look in looks(alpha, first, budget):
        found, spent = interval(look.n, look.level), spent + look.level
        verdict = decide(found, claimed, alternative)
        if verdict != INCONCLUSIVE:
            break
    return Decision(verdict, found, look.n, spent)


def exact_binomial(successes: int, n: int, level: float) -> Range:
    """The interval of Clopper and Pearson for a probability: it misses the true one with probability <= level."""
    from scipy.special import betaincinv

    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, level / 2))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - level / 2))
    return low, high


def familywise(levels: Iterable[float]) -> float:
    """Bonferroni: the probability that any verdict of the family is wrong is at most the sum of the levels."""
    return min(1.0, sum(levels))
