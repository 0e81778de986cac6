"""Do growing batches and step sizes accelerate SGD? Answered by the bound, and by exact runs, at equal evaluations.

In step sizes of 1/L and gradients of L gap one number is left: r = sigma2/(L gap). The bound is then a line in r,

    bound/(L gap) = 1/W + (r/2) SN/W,       W = sum eta (1 - eta/2),   SN = sum eta^2/b,

and so are E |grad f|^2 of the last and of the drawn iterate on a quadratic. Where two lines cross is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from driftproof.impl.planned_values import totals
from driftproof.theory.plan import PAPER, Layout
from driftproof.theory.planned import planned
from driftproof.theory.sgd_bound import NOISE, START, Inputs

from .sgd_by_hand import PAPERS_RUNS, PapersRun, epochwise

METRICS = ("bound", "drawn", "last")
SPECTRUM = tuple(10 ** (3 * k / 19 - 3) for k in range(20))
"""Curvatures over three decades, the largest 1 = L."""
NEVER = 1e-9
"""A crossing at so small an r is none: such a run has no noise."""
CONTENDERS = {
    "(i) constant": 0,
    "(i) cosine": 1,
    "(ii) constant": 2,
    "(ii) cosine": 3,
    "(iii) to 0.2": 4,
    "(iii) to 1": 6,
    "(iv) to 0.2": 7,
}
"""Name -> place in PAPERS_RUNS."""


@dataclass(frozen=True)
class Line:
    """start + r noise, in units of L gap."""

    start: float
    noise: float

    def at(self, r: float) -> float:
        return self.start + r * self.noise

    def beats(self, other: Line) -> str:
        """For which r this line is below the other one."""
        steeper, higher = self.noise > other.noise, self.start > other.start
        if steeper == higher:
            return "never" if higher else "always"
        crossing = (self.start - other.start) / (other.noise - self.noise)
        if crossing <= NEVER:
            return "never" if steeper else "always"
        return f"{'r <' if steeper else 'r >'} {crossing:.2g}"


def lines(name: str, epochs: int) -> dict[str, Line]:
    """By metric. epochs: a multiple of 100; the paper's schedules are stretched to it."""
    run = replace(PAPERS_RUNS[CONTENDERS[name]], length=epochs)
    bound = _bound(run)
    gap = sum(SPECTRUM) / 2
    begun = epochwise(run, SPECTRUM, [1 / gap] * len(SPECTRUM), sigma2=0.0)
    noisy = epochwise(run, SPECTRUM, [0.0] * len(SPECTRUM))
    return {"bound": bound, "drawn": Line(begun.drawn, noisy.drawn), "last": Line(begun.last, noisy.last)}


def _bound(run: PapersRun) -> Line:
    """From our sums, of the text with its epochs stretched."""
    factor = run.length // 100
    text = run.lr.replace("every=3", f"every={factor}").replace("), 30,", f"), {10 * factor},")
    batch = planned(PAPER[run.paper]["batch"])
    course = Layout(samples=50000, epochs=run.length, block=10 * factor).course(batch)
    found = totals(planned(text), batch, course)
    return Line(found.value(START, Inputs()), found.value(NOISE, Inputs()))


def table(epochs: Sequence[int]) -> dict[int, dict[str, dict[str, Line]]]:
    """epochs -> contender -> metric -> line."""
    return {count: {name: lines(name, count) for name in CONTENDERS} for count in epochs}


def winner(of: dict[str, dict[str, Line]], metric: str, r: float) -> str:
    return min(of, key=lambda name: of[name][metric].at(r))
