"""Divergence witnesses move the rule the wrong way; one period less, or a slightly larger sum, and they do not.

The search and its replay speak of the periodic orbit of two recursions. Here nothing of that is used: the declared
rule, and torch's own class, are run from their own start until the start is forgotten, and the last period is read off.

What is left of the start after T steps is a share max(beta1, beta2)^T of the moments and of the bias corrections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from math import ceil, log
from random import Random
from typing import Any

import mpmath

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import DriftproofError
from driftproof.theory.generic import matched
from driftproof.theory.kernel.cyclic import drift
from driftproof.theory.kernel.recursion import Recursion, Runs
from driftproof.theory.limiting import Method, constant, exact
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.spikes import largest_sum, smallest
from driftproof.theory.symbols import theta

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.evaluate import MPMATH, trajectory
from .runtime.verdict import Verdict

RULES = (
    "adam",
    "adam@eps=inside",
    "adam@eps=both",
    "rmsprop",
    "rmsprop@second_moment=old",
    "adopt",
    "adopt@eps=outside",
    "generic_adam",
)
Betas = tuple[str, str]
SMALLEST: dict[Betas, int] = {
    ("0", ".5"): 4,
    ("0", ".9"): 7,
    ("0", ".99"): 21,
    (".9", ".9"): 14,
    (".9", ".95"): 17,
    (".9", ".99"): 30,
    (".9", ".999"): 74,
}
"""Smallest period n of a witness (n, -1, ..., -1), for eps = 0: worked out before, apart from this program."""
MORE: dict[Betas, int] = {("0", ".999"): 64, (".99", ".999"): 136, ("0", ".9999"): 201, (".9", ".9999"): 210}
"""In the full tier: long memories take torch many steps."""
PERIOD_THREE: dict[Betas, str] = {
    ("0", ".5"): ".8872",
    ("0", ".9"): ".08591",
    ("0", ".99"): ".007598",
    (".9", ".9"): ".00556",
    (".9", ".99"): "5.28e-4",
    (".95", ".5"): ".01651",
    (".99", ".5"): ".00319",
}
MORE_SUMS: dict[Betas, str] = {("0", ".999"): "7.51e-4", (".5", ".999"): "3.21e-4", (".9", ".999"): "5.261e-5"}
"""Largest sum s of a witness (2 + s, -1, -1), to the digits shown; worked out before, apart from this program."""
FORGOTTEN = 30
"""Digits of the start that are forgotten in runs of many digits; in float64, 13."""


# Runs


def forgetting(b1: float, b2: float, digits: int) -> int:
    """Steps T with max(beta)^T < 10^-digits."""
    return ceil(digits * log(10) / -log(max(b1, b2)))


def listed(runs: Runs) -> list[Fraction]:
    return [g for count, g in runs for _ in range(count)]


def declared(rule: UpdateRule, values: dict[str, Fraction], runs: Runs) -> Any:
    """What the declared rule moves theta in its last period, eta = 1, with 60 digits."""
    pattern = listed(runs)
    largest = max((float(values[name]) for name in ("beta1", "beta2") if name in values), default=0.0)
    periods = ceil(forgetting(largest, 0.0, FORGOTTEN) / len(pattern)) + 1
    with mpmath.workdps(60):
        given = {name: MPMATH.number(value) for name, value in values.items()}
        gradients = [MPMATH.number(g) for g in pattern] * periods
        path = list(trajectory(rule, mpmath.mpf(0), gradients, [given] * len(gradients), MPMATH))
        return path[-1][theta] - path[-1 - len(pattern)][theta]


def on_torch(betas: Betas, streams: Sequence[Runs], eps: float = 0.0) -> list[float]:
    """What torch.optim.Adam moves theta in the last period of each stream, over lr; float64, one entry a stream."""
    import torch

    b1, b2 = (float(Fraction(b)) for b in betas)
    patterns = [[float(g) for g in listed(runs)] for runs in streams]
    steps = forgetting(b1, b2, 13) + max(map(len, patterns))
    rows = torch.tensor([[p[t % len(p)] for p in patterns] for t in range(steps)], dtype=torch.float64).unbind()
    parameter = torch.zeros(len(patterns), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([parameter], lr=1.0, betas=(b1, b2), eps=eps, foreach=False)
    before = {steps - len(p): i for i, p in enumerate(patterns)}
    marks = [0.0] * len(patterns)
    for t, row in enumerate(rows):
        for i, p in enumerate(patterns) if t in before else ():
            if steps - len(p) == t:
                marks[i] = parameter[i].item()
        parameter.grad = row
        optimizer.step()
    return [parameter[i].item() - mark for i, mark in enumerate(marks)]


# The declared rules


@dataclass(frozen=True)
class Case:
    """A rule with drawn hyperparameters, and a drawn pattern."""

    rule: UpdateRule
    values: dict[str, Fraction]
    runs: Runs

    @cached_property
    def recursion(self) -> Recursion:
        found = matched(self.rule, {name: rational(value) for name, value in self.values.items()})
        return constant(found, exact(found.beta2, "beta2"))

    @cached_property
    def moved(self) -> Any:
        return declared(self.rule, self.values, self.runs)


def rational(value: Fraction) -> Any:
    """A fraction as SymPy's."""
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def drawn(rule: UpdateRule, draw: Random) -> Case:
    """Decays up to 9/10, damping that is felt, and 3 to 8 gradients none of which is 0."""
    decays = {"beta1": Fraction(draw.randrange(1, 90), 100), "beta2": Fraction(draw.randrange(20, 90), 100)}
    given = {"eta": Fraction(1), "eps": Fraction(draw.randrange(5, 90), 100), "lambda": Fraction(0), **decays}
    names = [h.name for h in rule.hyperparameters]
    values = {name: given.get(name, Fraction(str(rule.hyperparameter(name).default))) for name in names}
    size = draw.randrange(3, 9)
    runs = tuple((1, Fraction(draw.choice([-1, 1]) * draw.randrange(1, 60), 10)) for _ in range(size))
    return Case(rule, values, runs)


Reading = Callable[[Recursion, Runs], tuple[Fraction, Fraction]]


def enclosed(recursion: Recursion, runs: Runs) -> tuple[Fraction, Fraction]:
    return drift(recursion, runs, 200)


def outside(case: Case, reading: Reading) -> float:
    """How far the run is from the enclosure, beyond what is left of the start: 0 if it lies within.

    A share of 10^-30 of moments of size 60 and of roots that the damping and the smallest gradient keep above 0.02
    moves a period of 8 steps by less than 10^-24.
    """
    low, high = reading(case.recursion, case.runs)
    with mpmath.workdps(60):
        away = max(MPMATH.number(low) - case.moved, case.moved - MPMATH.number(high), mpmath.mpf(0))
        return float(away) if away > mpmath.mpf(10) ** -24 else 0.0


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Enclosures beside runs of the declared rules; tables of smallest periods and largest sums beside torch."""
    rounds = 1 if context.tier == "fast" else 8
    for rule in context.rules(RULES):
        draw = Random(f"{context.seed} {rule.label}")
        try:
            away = [outside(drawn(rule, draw), enclosed) for _ in range(rounds)]
        except DriftproofError as refusal:
            yield context.not_run(rule.label, refusal.what)
            continue
        yield context.verdict(rule.label, not any(away), "T1", n=rounds, detail={"farthest outside": max(away)})
    if not context.wants(rule_of("adam")):
        return
    reason = absent("torch")
    if reason:
        yield context.not_run("torch.optim.Adam", reason)
        return
    table = SMALLEST if context.tier == "fast" else SMALLEST | MORE
    wrong = [said for betas, n in table.items() if (said := not_smallest(betas, n))]
    yield _listed(context, "smallest periods, torch.optim.Adam", len(table), wrong)
    sums = PERIOD_THREE if context.tier == "fast" else PERIOD_THREE | MORE_SUMS
    wrong = [said for betas, known in sums.items() if (said := not_largest(betas, known))]
    yield _listed(context, "largest sums of period 3, torch.optim.Adam", len(sums), wrong)


def _listed(context: Context, subject: str, n: int, wrong: list[str]) -> Verdict:
    return context.verdict(subject, not wrong, "T1", n=n, detail={"wrong": "; ".join(wrong) or "none"})


def method(betas: Betas) -> Method:
    """Adam's recursion without eps."""
    b1, b2 = (Fraction(b) for b in betas)
    return Method(Recursion("new", b1, b2, Fraction(0), Fraction(0), Fraction(0)), "cyclic", None)


def unit(n: int) -> Runs:
    return (1, Fraction(n)), (n - 1, Fraction(-1))


def not_smallest(betas: Betas, known: int, off: int = 0) -> str:
    """Where the smallest period found is not the one known, or torch contradicts it; off: a slip of a mutant."""
    found = smallest(method(betas))
    n = sum(count for count, _ in found or ()) + off
    wrong, right = on_torch(betas, [unit(n), unit(n - 1)])
    holds = n == known and wrong > 0 > right
    return "" if holds else f"{betas}: period {n}, known {known}; torch moves {wrong:.3g}, one period less {right:.3g}"


def not_largest(betas: Betas, known: str, factor: Fraction = Fraction(1)) -> str:
    """Where the largest sum is not the one known to its digits, or torch contradicts it; factor: of a mutant."""
    low, high = (factor * s for s in largest_sum(method(betas), 3) or (Fraction(0), Fraction(0)))
    digit = Fraction(10) ** (int(f"{float(known):e}".partition("e")[2]) - len(_digits(known)) + 1)
    streams = [((1, 2 + s), (2, Fraction(-1))) for s in (low, high)]
    wrong, right = on_torch(betas, streams)
    holds = abs((low + high) / 2 - Fraction(known)) <= digit and wrong > 0 > right
    return "" if holds else f"{betas}: sum {float(low):.6g}, known {known}; torch moves {wrong:.3g} and {right:.3g}"


def _digits(text: str) -> str:
    """The significant digits shown."""
    return text.partition("e")[0].replace(".", "").lstrip("0")


# Wrong readings of the recursion, each a slip that is easily made.


def _of(**changes: Any) -> Reading:
    return lambda recursion, runs: enclosed(replace(recursion, **changes), runs)


def _shifted(recursion: Recursion, runs: Runs) -> tuple[Fraction, Fraction]:
    """The first moment before the step over the second after it: g one place on, and the squares where they were."""
    c, n = recursion, len(listed(runs))
    gradients, total = [float(g) for g in listed(runs)], 0.0
    v, m = 1.0, 0.0
    for t in range(400 * n):
        v = float(c.beta2) * v + (1 - float(c.beta2)) * gradients[t % n] ** 2
        total -= m / ((v + float(c.inside)) ** 0.5 + float(c.outside)) if t >= 399 * n else 0.0
        m = float(c.beta1) * m + (1 - float(c.beta1)) * gradients[t % n]
    return Fraction(total - 1e-9), Fraction(total + 1e-9)


WRONG: dict[str, Reading] = {
    "the sign of the step": lambda r, runs: tuple(-x for x in reversed(enclosed(r, runs))),  # type: ignore[dict-item]
    "eps dropped": _of(outside=Fraction(0)),
    "eps under the root": lambda r, runs: enclosed(replace(r, inside=r.outside, outside=Fraction(0)), runs),
    "eps as a floor": lambda r, runs: enclosed(replace(r, floor=r.outside, outside=Fraction(0)), runs),
    "the second moment before the step": _of(form="old"),
    "the first moment before the step": _shifted,
    "beta1 and beta2 exchanged": lambda r, runs: enclosed(replace(r, beta1=r.beta2, beta2=r.beta1), runs),
    "no first moment": _of(beta1=Fraction(0)),
    "one gradient less in a period": lambda r, runs: enclosed(r, runs[:-1]),
    "the order turned around": lambda r, runs: enclosed(r, runs[::-1]),
}


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong drifts, killed by runs of the declared rule; wrong tables, killed by torch."""
    if not context.wants(rule_of("adam")):
        return
    rule = rule_of("adam")
    values = {"eta": "1", "beta1": "7/10", "beta2": "4/5", "eps": "1/2"}
    pattern = tuple((1, Fraction(g)) for g in "5 -1 -2 1/2 -3".split())
    case = Case(rule, {name: Fraction(value) for name, value in values.items()}, pattern)
    for name, reading in WRONG.items():
        yield Mutant(name, "mpmath run of the declared rule", partial(_killed, case, reading))
    if absent("torch"):
        return
    yield Mutant("one period less", "torch.optim.Adam", partial(not_smallest, ("0", ".9"), 6, -1))
    yield Mutant("one period more", "torch.optim.Adam", partial(not_smallest, ("0", ".9"), 8, 1))
    yield Mutant(
        "a sum too large", "torch.optim.Adam", partial(not_largest, ("0", ".9"), ".08591", Fraction(1001, 1000))
    )
    yield Mutant(
        "a sum too small", "torch.optim.Adam", partial(not_largest, ("0", ".9"), ".08591", Fraction(999, 1000))
    )


def _killed(case: Case, reading: Reading) -> str:
    away = outside(case, reading)
    return f"the rule moves {away:.3g} beside the enclosure" if away else ""


check = Check(
    id="witnesses-go-wrong",
    claim="The drift of a cyclic stream is the one enclosed, for every rule that is Generic Adam's recursion; the "
    "smallest witnesses (n, -1, ..., -1), and the largest sums of period 3, are those that turn torch's Adam around.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name in {text.partition("@")[0] for text in RULES},
    source=Source("reddi2018convergence", "Theorem 2", "its streams; the smallest periods and sums are ours"),
)
