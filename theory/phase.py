"""A phase diagram over (beta1, beta2) for problems of n parts: guaranteed, diverging, and unknown between.

The order of quantifiers. The class is fixed first: sums of n losses with sum_i |grad f_i|^2 <= D1 |grad f|^2, where
D1 = n^2 + n - 1 is that of the spike (n, -1, ..., -1). A point diverges if that one member goes the wrong way, which
is decided exactly (continued below -1 with the slopes c min(1, theta + 2) it has a minimum, at -2, and the same D1);
it is guaranteed if an inequality with explicit constants speaks for every member. Turned around,
with the betas fixed first, no point is guaranteed: every one has a period and a sum for which it diverges (`spikes`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from .catalogue import rule as declared
from .convergence import limit
from .crossing import turning
from .errors import OutOfDomain, Refused
from .explicit import shi_guarantees
from .generic import matched
from .limiting import Method, constant, rounded_down
from .quantities import number
from .rule import UpdateRule
from .schedules import schedule
from .spikes import first_order, spike

PERIOD, LONGEST = 100, 1000
OTHERS = (10, 30, 100, 300)
"""Periods whose boundary is drawn beside the one that was asked for."""
DEFAULT = (Fraction(9, 10), Fraction(999, 1000))
PER_DECADE = 4
DECADES = 3
"""Decades of 1 - beta1."""
GUARANTEED, DIVERGES, UNKNOWN = "guaranteed", "diverges", "unknown"
REGIONS = {
    GUARANTEED: "every sum of n losses with D1 = n^2 + n - 1 and D0 = 0 that is reshuffled in each epoch: RMSprop "
    "(beta1 = 0) tends to stationary points (Shi et al. 2021, their explicit inequality, constants from memory)",
    DIVERGES: "the spike (n, -1, ..., -1), a member of the class, in cyclic order moves theta the wrong way: exact, "
    "with a witness",
    UNKNOWN: "that spike moves theta the right way (exact); of the other members nothing is known here",
}
SCHEDULES = ("beta2", "1 - (1 - beta2)/sqrt(t)")
"""Classes of schedules of Generic Adam, written over a point's beta2; the step size is 1/sqrt(t)."""


@dataclass(frozen=True)
class Point:
    """drift: 1 if the spike moves theta the wrong way, -1 the right way, 0 if the precision does not tell; exact.

    guaranteed: by an inequality about the whole class.
    """

    beta1: Fraction
    beta2: Fraction
    drift: int
    guaranteed: bool

    @property
    def region(self) -> str:
        return DIVERGES if self.drift > 0 else GUARANTEED if self.guaranteed else UNKNOWN

    def as_json(self) -> dict[str, Any]:
        words = {1: "wrong way", -1: "right way", 0: "not decided"}
        numbers = {"beta1": _decimal(self.beta1), "beta2": _decimal(self.beta2)}
        return {**numbers, "region": self.region, "spike": words[self.drift]}


@dataclass(frozen=True)
class Turn:
    """Where the spike of a period turns: right at 1 - beta2 = low, wrong at high; None where it never goes wrong.

    first_order: 1 - beta2 where (1 - beta2) kappa = 1, which is 4/(n(n-2)) at beta1 = 0.
    """

    period: int
    beta1: Fraction
    small: tuple[Fraction, Fraction] | None
    first_order: Fraction

    def as_json(self) -> dict[str, Any]:
        ends = self.small and [_decimal(x) for x in self.small]
        about = {"one_minus_beta2": ends, "first_order": float(self.first_order)}
        return {"period": self.period, "beta1": _decimal(self.beta1), **about}


@dataclass(frozen=True)
class Covered:
    """Whether a class of schedules is covered by SC1 to SC4: decided at torch's default and at the corners."""

    beta2: str
    verdict: str
    rate: str
    reason: str


@dataclass(frozen=True)
class PhaseDiagram:
    """points: a grid, beta1 first.   turns: the boundary of this period and of a few others.

    default: torch's, (0.9, 0.999).   schedules: what is certified for schedules instead of constant betas.
    """

    rule: str
    period: int
    points: tuple[Point, ...]
    turns: tuple[Turn, ...]
    default: Point
    schedules: tuple[Covered, ...]

    @property
    def growth(self) -> int:
        """D1 of the class."""
        return self.period**2 + self.period - 1

    def as_json(self) -> dict[str, Any]:
        """Plain data; betas are exact decimals."""
        return {
            "rule": self.rule,
            "period": self.period,
            "class": {"parts": self.period, "dim": 1, "D1": self.growth, "D0": 0},
            "regions": REGIONS,
            "torch_default": self.default.as_json(),
            "schedules": [vars(item) for item in self.schedules],
            "boundaries": [turn.as_json() for turn in self.turns],
            "points": [point.as_json() for point in self.points],
        }


def _decimal(x: Fraction) -> str:
    """Exact, and in full: 0.999."""
    digits = next(k for k in range(64) if (x * 10**k).denominator == 1)
    text = str(x.numerator * 10**digits // x.denominator).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def phase_diagram(rule: UpdateRule, period: int = PERIOD) -> PhaseDiagram:
    """The diagram of a rule with beta1 and beta2, its other hyperparameters at their defaults.

    raises: OutOfDomain for the period; Refused where the rule is not Generic Adam's recursion, or has no such betas.
    """
    if not 3 <= period <= LONGEST:
        raise OutOfDomain(f"The period {period} is not from 3 to {LONGEST}.", "", f"Give {PERIOD}.")
    method = _method(rule)
    first = [1 - small for small in _grid(DECADES)]
    second = [1 - small for small in _grid(_decades(period))[1:]]
    points = tuple(_point(method, period, b1, b2) for b1 in first for b2 in second)
    turns = tuple(_turn(method, n, b1) for n in sorted({*OTHERS, period}) for b1 in first)
    corners = [(b1, b2) for b1 in (first[0], first[-1]) for b2 in (second[0], second[-1])]
    schedules = tuple(_covered(text, [DEFAULT, *corners]) for text in SCHEDULES)
    return PhaseDiagram(rule.label, period, points, turns, _point(method, period, *DEFAULT), schedules)


def _method(rule: UpdateRule) -> Method:
    values = {h.name: h.default for h in rule.hyperparameters}
    if not {"beta1", "beta2"} <= values.keys():
        raise Refused(f"{rule.label} has no beta1 and beta2.", "They are the axes.", "Take adam.")
    found = matched(rule, values)
    if found.form != "new":
        why = "Neither the spike nor the sufficient condition is about the largest v, or the v before the gradient."
        raise Refused(f"{rule.label} is not Generic Adam.", why, "Ask `driftproof witness` about single betas.")
    return Method(constant(found, DEFAULT[1]), "cyclic", None)


def _at(method: Method, beta1: Fraction, beta2: Fraction = DEFAULT[1]) -> Method:
    return replace(method, constant=replace(method.constant, beta1=beta1, beta2=beta2))


def _grid(decades: int) -> list[Fraction]:
    """1, 0.562, 0.316, 0.178, 0.1 ... as decimals of three digits."""
    steps = range(PER_DECADE * decades + 1)
    return [
        Fraction(1),
        *(rounded_down(Fraction(10 ** (-k / PER_DECADE)).limit_denominator(10**30), 3) for k in steps[1:]),
    ]


def _decades(period: int) -> int:
    """So many that the axis of 1 - beta2 reaches what is guaranteed."""
    return next(k for k in range(1, 60) if _guaranteed(period, 1 - Fraction(1, 10**k))) + 1


@cache
def _guaranteed(period: int, beta2: Fraction) -> bool:
    return shi_guarantees(beta2, period, 1, period**2 + period - 1)


def _point(method: Method, period: int, beta1: Fraction, beta2: Fraction) -> Point:
    here = _at(method, beta1, beta2)
    return Point(beta1, beta2, here.sign(spike(here, period)), beta1 == 0 and _guaranteed(period, beta2))


def turn(rule: UpdateRule, period: int, beta1: Fraction) -> Turn:
    """Where the spike of one period turns. raises: as `phase_diagram`."""
    return _turn(_method(rule), period, beta1)


def _turn(method: Method, period: int, beta1: Fraction) -> Turn:
    here = _at(method, beta1)
    kappa = first_order(here, period) / (1 - here.constant.beta2)
    return Turn(period, beta1, turning(here, spike(here, period)), 1 / kappa)


def _covered(text: str, betas: list[tuple[Fraction, Fraction]]) -> Covered:
    """SC1 to SC4 see of the betas only that they are in (0, 1); that the answers agree is looked at all the same.

    raises: Refused where they do not.
    """
    generic, found = declared("generic_adam"), set()
    for b1, b2 in betas:
        beta2 = schedule(text.replace("beta2", f"({b2})"))
        values = {"eta": schedule("1/sqrt(t)"), "beta1": number(str(b1), "beta1"), "beta2": sympy.sympify(beta2)}
        answer = limit(matched(generic, values))
        failing = "; ".join(f"{c.name} {c}" for c in answer.conditions if not c.holds)
        found.add(Covered(text, answer.verdict, str(answer.rate or ""), failing or "SC1 to SC4 hold"))
    if len(found) > 1:
        raise Refused(f"beta2 = {text} has several answers over the grid.", "", "")
    return found.pop()
