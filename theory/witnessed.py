"""What a search for divergence witnesses is asked, and what it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from .crossing import Crossing
from .errors import DriftproofError, Refused
from .kernel.recursion import Runs
from .kernel.witness import Proof, as_data
from .limiting import rounded_down, rounded_up
from .rule import UpdateRule
from .sampled import Sampled


@dataclass(frozen=True)
class Search:
    """What is looked for. One of period, smallest, gradients at most; none: the fastest within the budget.

    period: the spike of that period.   smallest: the spike of sum 1 with the smallest period.
    gradients: one stream, judged as it is.   budget: of predicted steps from -1 to 1; None: 10^7 for the fastest,
    and none otherwise.   sampling: "cyclic" or "iid".
    """

    sampling: str = "cyclic"
    period: int | None = None
    smallest: bool = False
    gradients: Runs | None = None
    budget: int | None = None

    def __post_init__(self) -> None:
        if self.sampling not in ("cyclic", "iid"):
            raise DriftproofError(f"There is no model '{self.sampling}'.", "", "It is cyclic or iid.")
        if sum((self.period is not None, self.smallest, self.gradients is not None)) > 1:
            raise DriftproofError("Of period, smallest and gradients more than one is given.", "", "Give one.")
        if self.smallest and self.sampling == "iid":
            raise Refused(
                "The smallest period is not decided for independent draws.",
                "Their drift is enclosed by an interval that does not shrink to a point.",
                "Give a period, or gradients.",
            )
        if self.budget is not None and self.budget < 1:
            raise DriftproofError(f"A budget of {self.budget} steps is none.", "", "Give 1 or more.")


@dataclass(frozen=True)
class Outcome:
    """verdict: WITNESS, NONE_FOUND, IMPOSSIBLE or STATISTICAL.

    proof: for WITNESS.   predicted_steps: from -1 to 1 at the rule's step size, once the moments have settled.
    largest_sum: low, high: with the period that was asked for, a spike of sum low is a witness, one of sum high is not.
    interval: of the drift in a period (cyclic) or in as many draws as the list is long (iid), of the stream looked at.
    """

    verdict: str
    reason: str
    rule: UpdateRule
    sampling: str
    proof: Proof | None = None
    predicted_steps: int | None = None
    step_size: Fraction | None = None
    runs: Runs | None = None
    interval: tuple[Fraction, Fraction] | None = None
    largest_sum: tuple[Fraction, Fraction] | None = None
    crossing: Crossing | None = None
    sampled: Sampled | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Plain data; rationals are strings."""
        runs = self.proof.runs if self.proof else self.runs
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "rule": self.rule.label,
            "model": self.sampling,
            "period": length(runs),
            "pattern": [str(g) for count, g in runs for _ in range(count)] if runs else None,
            "gradient_sum": str(sum(count * g for count, g in runs)) if runs else None,
            "drift_lower_bound": str(self.proof.drift_lower_bound) if self.proof else None,
            "drift": _texts(self.interval),
            "predicted_steps": self.predicted_steps,
            "step_size": self.step_size and str(self.step_size),
            "largest_sum": _texts(self.largest_sum),
            "crossing": self.crossing and _crossing(self.crossing),
            "sampled": self.sampled and asdict(self.sampled),
            "certificate": as_data(self.proof) if self.proof else None,
        }


def _texts(pair: tuple[Fraction, Fraction] | None) -> list[str] | None:
    """Both ends, rounded outward to 12 digits."""
    return pair and [str(_below(pair[0])), str(-_below(-pair[1]))]


def _below(x: Fraction) -> Fraction:
    """A decimal of 12 digits that is not above x."""
    return rounded_down(x, 12) if x > 0 else -rounded_up(-x, 12) if x < 0 else x


def length(runs: Runs | None) -> int | None:
    return sum(count for count, _ in runs) if runs else None


def _crossing(found: Crossing) -> dict[str, Any]:
    return {"period": length(found.runs), "one_minus_beta2": _texts(found.small), "step": found.step}
