"""Generic Adam turns round where its second moment has become slow enough: at the predicted crossing time.

On the stream (n - 1 + delta, -1, ..., -1) Adam with fixed coefficients drifts the wrong way while 1 - beta2 is larger
than a threshold 1 - beta2*. With beta2(t) = 1 - a/t^r and r < 1 the iterate therefore goes to the wrong end first and
turns at

    t_c = (a / (1 - beta2*))^(1/r).

For r < 1 the memory t^r/a of the second moment is short beside t, so that at each time it is nearly the periodic steady
state of its present coefficient; what is neglected shrinks as t^(r-1), and 20 percent leave room for it at the t_c of
these cases. The threshold is the root of the drift of that steady state,

    Phi(beta2) = - sum_j M_j / sqrt(V_j),

M and V the periodic solutions of the two moments. A run of 10^4 steps that has not turned says nothing where t_c is
10^6: what decides is the prediction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from driftproof.impl.simulate import simulate
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.problems import spike
from driftproof.theory.quantities import number
from driftproof.theory.references import Source
from driftproof.theory.symbols import t as step

from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.periodic import adam_drift
from .runtime.verdict import Verdict

ROOM = 0.2
STEP_SIZE = 0.5
"""alpha in alpha/sqrt(t)."""


@dataclass(frozen=True)
class Case:
    """beta2(t) = 1 - a/t^power on the stream of that period and sum, and how long to run: three times past the turn."""

    period: int
    total: str
    beta1: float
    a: str
    power: str
    steps: int

    @property
    def name(self) -> str:
        return f"n={self.period}, sum {self.total}, beta1={self.beta1}, beta2=1-{self.a}/t^{self.power}"

    @property
    def gradients(self) -> list[float]:
        return [self.period - 1 + float(self.total), *[-1.0] * (self.period - 1)]


CASES = (
    Case(30, "1", 0.0, "0.505", "0.5", 40_000),
    Case(30, "1", 0.9, "0.505", "0.5", 10_000),
    Case(20, "0.1", 0.5, "0.604", "0.6", 100_000),
    Case(101, "1", 0.9, "0.7525", "0.75", 60_000),
    Case(101, "1", 0.9, "0.505", "0.5", 3_300_000),
)


@cache
def threshold(case: Case) -> float:
    """1 - beta2*, by bisection: the drift is wrong above it."""
    low, high = 1e-9, 0.5
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if adam_drift(case.gradients, case.beta1, 1 - middle) > 0 else (middle, high)
    return low


def crossing_time(case: Case) -> float:
    return float((float(case.a) / threshold(case)) ** (1 / float(case.power)))


def turned(case: Case) -> int:
    """The last time at which the iterate of our loop is as large as it ever is."""
    beta2 = 1 - number(case.a, "a") * step ** -number(case.power, "power")
    given: dict[str, Any] = {"eta": f"{STEP_SIZE}/sqrt(t)", "beta1": case.beta1, "beta2": beta2}
    run = simulate(
        "adam@correction=none", spike(case.period, case.total), case.steps, hyperparameters=given, measure=["extremes"]
    )
    assert run.largest_last is not None
    return int(run.largest_last[0])


def close(measured: float, predicted: float) -> bool:
    return abs(measured / predicted - 1) <= ROOM


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Measured turning points beside predicted ones."""
    if not context.wants(rule_of("adam@correction=none")):
        return
    for case in CASES:
        measured, predicted = turned(case), crossing_time(case)
        yield context.verdict(
            case.name,
            close(measured, predicted),
            "T1",
            n=case.steps,
            detail={"turned at": measured, "predicted": round(predicted), "ratio": round(measured / predicted, 3)},
        )


# Mutants: wrong predictions and wrong optimizers. The oracle is a loop of Python floats.


def by_hand(case: Case, scale: Callable[[float], float], beta2: Callable[[float], float]) -> int:
    """scale: factor of the step, of theta_t = 1 - a/t^r.   beta2: the coefficient, of theta_t."""
    a, power, gradients = float(case.a), float(case.power), case.gradients
    x, m, v, largest, last = 0.0, 0.0, 0.0, -math.inf, 0
    for t in range(1, case.steps + 1):
        rate = 1 - a / t**power
        g, coefficient = gradients[(t - 1) % case.period], beta2(rate)
        m = case.beta1 * m + (1 - case.beta1) * g
        v = coefficient * v + (1 - coefficient) * g * g
        x = min(max(x - scale(rate) * STEP_SIZE / math.sqrt(t) * m / (math.sqrt(v) + 1e-8), -1.0), 1.0)
        if x >= largest:
            largest, last = x, t
    return last


@cache
def right(case: Case) -> int:
    return by_hand(case, lambda rate: 1.0, lambda rate: rate)


PREDICTIONS: dict[str, Callable[[Case], float]] = {
    "exponent r for 1/r": lambda c: (float(c.a) / threshold(c)) ** float(c.power),
    "a forgotten": lambda c: (1 / threshold(c)) ** (1 / float(c.power)),
    "momentum forgotten": lambda c: (
        (float(c.a) / threshold(Case(c.period, c.total, 0.0 if c.beta1 else 0.9, c.a, c.power, c.steps)))
        ** (1 / float(c.power))
    ),
    "threshold doubled": lambda c: (float(c.a) / (2 * threshold(c))) ** (1 / float(c.power)),
}
OPTIMIZERS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "theta_t multiplies the step, beta2 stays 0.999": (lambda rate: rate, lambda rate: 0.999),
    "theta_t is written down and never read": (lambda rate: 1.0, lambda rate: 0.999),
    "1 - theta_t for theta_t": (lambda rate: 1.0, lambda rate: max(1 - rate, 0.0)),
}
"""The first two are what a public reproduction of the paper's experiment runs."""


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong predictions die by a hand-written loop, wrong optimizers by the crossing time."""
    if not context.wants(rule_of("adam@correction=none")):
        return
    for name, prediction in PREDICTIONS.items():
        yield Mutant(name, "a loop of Python floats", partial(_wrong_prediction, prediction))
    for name, changed in OPTIMIZERS.items():
        yield Mutant(name, "the crossing time, in Python floats", partial(_wrong_optimizer, *changed))


def _wrong_prediction(prediction: Callable[[Case], float]) -> str:
    for case in CASES[:3]:
        if not close(right(case), prediction(case)):
            return f"{case.name}: turned at {right(case)}, said to at {prediction(case):.0f}"
    return ""


def _wrong_optimizer(scale: Callable[[float], float], beta2: Callable[[float], float]) -> str:
    for case in CASES[:3]:
        found = by_hand(case, scale, beta2)
        if not close(found, crossing_time(case)):
            return f"{case.name}: turned at {found}, the crossing time is {crossing_time(case):.0f}"
    return ""


check = Check(
    id="turning-points",
    claim="Adam with beta2(t) = 1 - a/t^r, r < 1, turns from the wrong end to the right one within 20 percent of the "
    "time at which its drift in the periodic steady state changes sign (measured).",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "adam",
    source=Source("chen2022towards", "Section 5, synthetic experiment", "the crossing time is ours"),
)
