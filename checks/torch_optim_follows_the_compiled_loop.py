"""torch.optim's own classes, on the streams of the compiled loops, go where the loops go.

The gradients of these streams do not depend on theta, so that errors of the moments do not feed back, and putting the
iterate into [-1, 1] moves two iterates no further apart. What is left is a sum over the steps, with u = 2^-53:

    |x - x'|  <=  sum_t  eta_t mbar_t / denom_t * (2 C_1 + C_2 + 80) u  +  2 u,        C_i = 4/(1 - beta_i),

mbar the average of |g| that m is of g, and the step's other factors those of the run. Each reading computes a moment by
at most 4 roundings a step, remembered for 1/(1 - beta) steps: C_i u relative to mbar or v, and half of C_2 behind the
root; 1 - beta^t has the relative error u/(1 - beta) too; two readings double it all. The rest of a step is fewer than
40 roundings in each reading, and the sum theta - step rounds once, to 2^-53 below 1 in size: the 2 u per step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from driftproof.impl.philox import words
from driftproof.impl.simulate import simulate
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.problems import Problem, spike, synthetic

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.verdict import Verdict

STEPS, SEED = 3000, 20
RECORDED = (3, 30, 300, STEPS)
"""After so many steps the two are compared."""
UNIT = 2.0**-53


@dataclass(frozen=True)
class Case:
    """A class of torch.optim with arguments, the RULE that it is, and its step size at t: eta or eta/sqrt(t)."""

    rule: str
    cls: str
    arguments: tuple[tuple[str, Any], ...]
    eta: float
    falling: bool
    problem: Problem

    @property
    def name(self) -> str:
        size = f"{self.eta}/sqrt(t)" if self.falling else str(self.eta)
        return f"torch.optim.{self.cls}({', '.join(f'{k}={v}' for k, v in self.arguments)}), lr {size}, " + (
            f"{self.problem.name} {self.problem.sampling}"
        )

    def size(self, t: int) -> float:
        return self.eta / math.sqrt(t) if self.falling else self.eta

    @property
    def betas(self) -> tuple[float, float]:
        given = dict(self.arguments)
        return given.get("betas") or (0.0, given["alpha"])

    @property
    def hyperparameters(self) -> dict[str, Any]:
        beta1, beta2 = self.betas
        found: dict[str, Any] = {"eta": f"{self.eta}/sqrt(t)" if self.falling else self.eta, "beta2": beta2}
        return found if self.cls == "RMSprop" else {**found, "beta1": beta1}


ADAM = (("betas", (0.9, 0.999)),)
CASES = (
    Case("adam", "Adam", ADAM, 0.001, False, spike(74)),
    Case("adam", "Adam", (("betas", (0.9, 0.99)),), 0.5, True, synthetic("iid")),
    Case("adam@amsgrad=raw", "Adam", (*ADAM, ("amsgrad", True)), 0.5, True, synthetic()),
    Case("adam@amsgrad=raw", "Adam", (("betas", (0.0, 0.5)), ("amsgrad", True)), 0.01, False, spike(10).sampled("iid")),
    Case("rmsprop", "RMSprop", (("alpha", 0.9),), 0.1, True, spike(10).sampled("iid")),
)


def gradients(problem: Problem) -> list[float]:
    """The stream as the docstring of impl/philox.py describes it, read with NumPy's words."""
    if problem.sampling == "cyclic":
        return [float(problem.values[(t - 1) % len(problem.values)]) for t in range(1, STEPS + 1)]
    (first, share), (second, _) = problem.law
    drawn = words(SEED, np.arange(1, STEPS + 1), 0)
    return [float(first) if word < round(share * 2**32) else float(second) for word in drawn]


@cache
def torch_path(case: Case) -> tuple[float, ...]:
    """The recorded iterates of the class itself."""
    import torch

    x = torch.zeros(1, dtype=torch.float64)
    found = []
    optimizer = getattr(torch.optim, case.cls)([x], lr=case.eta, foreach=False, **dict(case.arguments))
    for t, gradient in enumerate(gradients(case.problem), 1):
        x.grad = torch.full((1,), gradient, dtype=torch.float64)
        optimizer.param_groups[0]["lr"] = case.size(t)
        optimizer.step()
        x.clamp_(-1.0, 1.0)
        if t in RECORDED:
            found.append(float(x))
    return tuple(found)


def bound(case: Case) -> float:
    """The bound of the docstring. The corrections are those of the run; a maximum of v only makes steps smaller."""
    beta1, beta2 = case.betas
    corrected = case.cls == "Adam"
    per_step = (2 * 4 / (1 - beta1) + 4 / (1 - beta2) + 80) * UNIT
    mbar = v = total = 0.0
    for t, g in enumerate(gradients(case.problem), 1):
        mbar = beta1 * mbar + (1 - beta1) * abs(g)
        v = beta2 * v + (1 - beta2) * g * g
        first, second = (1 - beta1**t, 1 - beta2**t) if corrected else (1.0, 1.0)
        total += case.size(t) * (mbar / first) / math.sqrt(v / second) * per_step + 2 * UNIT
    return total


def distance(case: Case, rule: str = "", **changes: Any) -> float:
    """The largest between torch and our loop, or a loop of another rule or with other hyperparameters."""
    given = {**case.hyperparameters, **changes}
    path = simulate(
        rule or case.rule, case.problem, STEPS, hyperparameters=given, seed=SEED, measure=(), record=RECORDED
    ).trajectory
    return max(abs(float(path[t][0]) - x) for t, x in zip(RECORDED, torch_path(case), strict=True))


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Every case: the distance up to 3000 steps beside its bound."""
    reason = absent("torch")
    for case in CASES:
        if not context.wants(rule_of(case.rule)):
            continue
        if reason:
            yield context.not_run(case.name, reason)
            continue
        apart, most = distance(case), bound(case)
        yield context.verdict(
            case.name, apart <= most, n=STEPS, detail={"apart": apart, "bound": most, "end": torch_path(case)[-1]}
        )


WRONG: tuple[tuple[str, Case, str, dict[str, Any]], ...] = (
    ("no bias correction", CASES[0], "adam@correction=none", {}),
    ("only m corrected", CASES[0], "adam@correction=first", {}),
    ("eps under the root", CASES[0], "adam@eps=inside", {}),
    ("no maximum", CASES[2], "adam", {}),
    ("maximum of the corrected moment", CASES[2], "adam@amsgrad=corrected", {}),
    ("second moment of the step before", CASES[1], "adam@second_moment=old", {}),
    ("beta2 one percent closer to 1", CASES[1], "", {"beta2": 0.9901}),
    ("step size falls from the second step on", CASES[1], "", {"eta": "0.5/sqrt(max(1, t - 1))"}),
    ("eps forgotten", CASES[3], "", {"eps": 0}),
    ("second moment starts at 1", CASES[4], "rmsprop@start=one", {}),
    ("variance for mean square", CASES[4], "rmsprop@centered=yes", {}),
)


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong rules, each a convention or a number away, killed by torch's classes."""
    if absent("torch"):
        return
    for name, case, rule, changes in WRONG:
        if context.wants(rule_of(case.rule)):
            yield Mutant(name, f"torch.optim.{case.cls}", partial(_killed, case, rule, changes))


def _killed(case: Case, rule: str, changes: dict[str, Any]) -> str:
    apart, most = distance(case, rule, **changes), bound(case)
    return f"{apart:.2e} apart within {STEPS} steps, at most {most:.1e} is rounding" if apart > most else ""


check = Check(
    id="torch-follows-loops",
    claim="torch.optim.Adam, Adam(amsgrad=True), RMSprop in float64 go where the compiled loops of their rules go, "
    "on the same streams, up to a derived bound of rounding (measured).",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name in ("adam", "rmsprop"),
)
