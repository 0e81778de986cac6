"""The bound on mini-batch SGD with scheduled step sizes and batch sizes.

f is L-smooth on average over the samples, gap = f(theta_1) - inf f; each gradient is right on average with variance at
most sigma2, and b_t of them are drawn anew, with replacement. Where every eta_t < 2/L,

    min_t E |grad f(theta_t)|^2  <=  (gap + (L sigma2 / 2) sum eta_t^2/b_t) / sum eta_t (1 - L eta_t/2),

and the same holds for theta_tau, tau drawn with weights eta_t (1 - L eta_t/2). Nothing follows for the last iterate.
Proof: descent by smoothness, E |g|^2 <= |grad f|^2 + sigma2/b, the sum over t, and a mean is no less than a minimum.
The bound of the paper is larger: 1 - L eta_t/2 is replaced by its value at the largest step size.

source: umeda2024increasing, Lemma 2.1 (the paper's form), from memory; derived anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr, Rational

from .errors import OutOfDomain
from .quantities import in_float64, number
from .symbols import symbol

L, sigma2, gap = (symbol(name) for name in ("L", "sigma2", "gap"))
S1, S2, SN, top = (symbol(name) for name in ("S1", "S2", "SN", "top"))
"""sum eta_t, sum eta_t^2, sum eta_t^2/b_t, and the largest eta_t."""

WEIGHT = S1 - L * S2 / 2
"""sum eta_t (1 - L eta_t/2)"""
START = gap / WEIGHT
NOISE = L * sigma2 / 2 * SN / WEIGHT
BOUND = START + NOISE
B = 1 / S1
V = SN / S1
PAPERS = (2 * gap * B + L * sigma2 * V) / (2 - L * top)
"""The paper's form."""
TRIVIAL = 2 * L * gap
"""|grad f(theta_1)|^2 <= 2 L gap: what holds before the first step."""


@dataclass(frozen=True)
class Inputs:
    """L: mean smoothness of the samples' losses.   sigma2: of one sample's gradient.   gap: f(theta_1) - inf f.

    Exact numbers; texts and floats are read as their decimals. gap may be taken to the mean of the samples' infima.
    """

    L: Any = 1
    sigma2: Any = 1
    gap: Any = 1

    def __post_init__(self) -> None:
        for name in ("L", "sigma2", "gap"):
            found = number(getattr(self, name), name)
            if found < 0 or (name != "sigma2" and found == 0):
                what = "not above 0" if name != "sigma2" else "below 0"
                raise OutOfDomain(f"{name} = {found} is {what}.", "", f"Give {name} as 4, 0.001 or 1/3.")
            in_float64(name, found)
            object.__setattr__(self, name, found)

    @property
    def values(self) -> dict[Any, Rational]:
        return {L: self.L, sigma2: self.sigma2, gap: self.gap}

    def as_json(self) -> dict[str, float]:
        return {name: float(getattr(self, name)) for name in ("L", "sigma2", "gap")}


@dataclass(frozen=True)
class Totals:
    """The sums of a run.

    sums: S1, S2, SN, top as floats.   error: relative, of each of them.   exact: the same as rationals, where they are.
    evaluations: sum b_t, single-sample gradients.   at: the first step with the largest eta.
    """

    steps: int
    evaluations: float
    sums: Mapping[Any, float]
    error: float
    at: int
    exact: Mapping[Any, Rational] | None = None

    def value(self, e: Expr, inputs: Inputs) -> float:
        """One of the expressions above on this run; inf where it has no value."""
        if self.exact is not None:
            found = self.exactly(e, inputs)
            return float("inf") if found is None else float(found)
        known = {**self.sums, **{k: float(v) for k, v in inputs.values.items()}}
        return _float(e, known)

    def exactly(self, e: Expr, inputs: Inputs) -> Rational | None:
        """The rational number, or None."""
        if self.exact is None:
            return None
        found = e.xreplace({**self.exact, **inputs.values})
        return found if found.is_Rational else None


def _float(e: Any, known: Mapping[Any, float]) -> float:
    if e in known:
        return known[e]
    if e.is_Rational:
        return float(Fraction(int(e.p), int(e.q)))
    parts = [_float(a, known) for a in e.args]
    if e.is_Add:
        return sum(parts)
    if e.is_Mul:
        product = 1.0
        for part in parts:
            product *= part
        return product
    base, exponent = parts
    return float("inf") if base == 0 and exponent < 0 else base**exponent


def largest_block(start: Expr, factor: Expr, smoothness: Rational) -> int | None:
    """The last block whose step size start * factor^block is below 2/L; None where that never ends, -1 if none is.

    source: umeda2024increasing, scheduler (iii): its rate for growing M holds up to here only.
    """
    if not factor > 1:
        return None
    block, size = -1, start
    while size * smoothness < 2:
        block, size = block + 1, size * factor
        if block > 10**5:
            return None
    return block
