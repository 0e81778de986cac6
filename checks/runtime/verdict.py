"""`Verdict`: the outcome of one check on one subject, three-valued, with its evidence. Standard library only.

The rule: a theorem claims a region R0 for a number, a named alternative another region R1, disjoint from R0.
With an interval C for that number: FAIL if C misses R0, PASS if C misses R1, else INCONCLUSIVE, so that a
weak run never looks green.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASS, FAIL, INCONCLUSIVE = VERDICTS = ("PASS", "FAIL", "INCONCLUSIVE")
EVIDENCE = {
    "T0": "symbolic: an identity or inequality over exact numbers, shown by SymPy or replayed by the kernel",
    "T1": "exact numeric: no sampling; the numerical error is bounded and reported",
    "T2": "certified Monte Carlo: a finite-sample interval under a stated fact",
    "T3": "asymptotic: an interval from the central limit theorem",
}
STATUSES = {
    "proved": "a theorem whose certificate replays in the independent checker",
    "derived": "shown by SymPy; no certificate yet",
    "cited": "taken from the literature",
    "measured": "a run",
    "refuted": "the published claim is false as stated, and a check or a theorem shows it",
}
SAMPLED = ("T2", "T3")
Range = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """A closed set of values [lower, upper]; an end may be infinite."""

    lower: float = -math.inf
    upper: float = math.inf

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"the region [{self.lower}, {self.upper}] is empty")

    def misses(self, interval: Range) -> bool:
        """No value of the interval lies in the region. An interval with a NaN is no evidence and misses nothing."""
        low, high = interval
        return high < self.lower or low > self.upper

    def __str__(self) -> str:
        return f"[{self.lower:g}, {self.upper:g}]"


def decide(interval: Range, claimed: Region, alternative: Region) -> str:
    """The verdict rule. raises: ValueError if the two regions meet, for then no interval could tell them apart."""
    if not claimed.misses((alternative.lower, alternative.upper)):
        raise ValueError(f"the claim {claimed} and its alternative {alternative} overlap")
    if claimed.misses(interval):
        return FAIL
    return PASS if alternative.misses(interval) else INCONCLUSIVE


@dataclass(frozen=True)
class Verdict:
    """One check on one subject.

    id, claim: of the check.        subject: a rule's label, or the target that was run.
    evidence: T0 to T3.             status: what the ledger may call it when it passes (one of STATUSES).
    interval: where the measured number lies.      n: samples drawn, or comparisons made.
    level: probability of a wrong verdict; 0 where nothing is sampled.     seed: root of all randomness, or None.
    detail: numbers for people, such as claimed, measured, residual.       replay: the command that repeats it.
    """

    id: str
    claim: str
    subject: str
    verdict: str
    evidence: str
    interval: Range | None = None
    n: int = 0
    level: float = 0.0
    seed: int | None = None
    seconds: float = 0.0
    replay: str = ""
    status: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.status:
            object.__setattr__(self, "status", "derived" if self.evidence == "T0" else "measured")
        for value, known in ((self.verdict, VERDICTS), (self.evidence, EVIDENCE), (self.status, STATUSES)):
            if value not in known:
                raise ValueError(f"check '{self.id}': {value!r} is not one of {', '.join(known)}")
        if (self.evidence in SAMPLED) != (self.level > 0) or not 0 <= self.level < 1:
            raise ValueError(f"check '{self.id}': level {self.level} does not fit evidence {self.evidence}")
        if self.evidence in SAMPLED and (self.seed is None or self.interval is None or self.n < 1):
            raise ValueError(f"check '{self.id}': sampled evidence needs a seed, an interval and a sample size")
        if self.interval is not None and self.interval[0] > self.interval[1]:
            raise ValueError(f"check '{self.id}': the interval {self.interval} is reversed")

    @property
    def passed(self) -> bool:
        return self.verdict == PASS
