"""Reddi et al.'s Theorem 1 is true; the chain of inequalities that it is proved by fails in the first period.

The stream C, -1, -1, ... with C > 2, beta1 = 0, beta2 = 1/(1 + C^2), no bias correction, eps = 0, step size
alpha/sqrt(t): the gradients of a period add up to C - 2 > 0, and yet every period moves theta up. With a = 1 - beta2,
and T1, T2, T3 the sizes of the steps t = 3k+1, 3k+2, 3k+3 over alpha:

1. beta2 C^2 = a, and v <= C^2 always, so that v_{3k+1} >= a C^2 and v_{3k+2}, v_{3k+3} <= 2a (beta2 < 1/2).
2. T1 <= 1/sqrt((3k+1) a).  T2 + T3 >= (1/sqrt(3k+2) + 1/sqrt(3k+3))/sqrt(2a).
3. The chain goes on with 3k+2, 3k+3 <= 2(3k+1), which gives T2 + T3 >= T1 for k >= 1. For k = 0 it says 3 <= 2.
4. For k = 0 directly: v_2 = a (2 - beta2), v_3 = a (1 + 2 beta2 - beta2^2), and
   (T2 + T3)/T1 = 1/sqrt(2 (2 - beta2)) + 1/sqrt(3 (1 + 2 beta2 - beta2^2)): above 1.022 for beta2 < 1/5.

The theorem as it is retold; the paper's own print was not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import mpmath
import sympy

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import g, new, symbol, theta

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.evaluate import MPMATH, trajectory
from .runtime.verdict import Verdict

RULE = "adam@correction=none"
LARGE = ("201/100", "5/2", "3", "10", "100")
PERIODS = 40
MARGIN = Fraction(1022, 1000)
"""Of the first period: the least ratio is 1.02212, at C = 2."""
PIECES = 1024
"""Of [0, 1/5]; on each the two terms are taken at opposite ends, which costs about 0.03/PIECES."""
v, beta1, beta2, eta, eps = (symbol(name) for name in "v beta1 beta2 eta eps".split())


# Symbolic part


def obligations(rule: UpdateRule) -> dict[str, Any]:
    """What must vanish, from the rule's own equations; b is beta2, C^2 = (1 - b)/b."""
    b = sympy.symbols("b", positive=True)
    found = {e.symbol: e.expression for e in rule.equations}
    known: dict[Any, Any] = {}
    for lhs, rhs in found.items():
        known[lhs] = rhs.xreplace(known)
    step = (known[new(theta)] - theta).xreplace({beta1: sympy.S.Zero, eps: sympy.S.Zero})
    second, large = found[new(v)].xreplace({beta2: b}), sympy.sqrt((1 - b) / b)
    v1 = second.subs({v: 0, g: large})
    v2 = second.subs({v: v1, g: -1})
    v3 = second.subs({v: v2, g: -1})
    return {
        "the step is -eta g/sqrt(v)": step + eta * g / sympy.sqrt(known[new(v)]),
        "v_1 = a C^2": v1 - (1 - b) * large**2,
        "beta2 C^2 = a": b * large**2 - (1 - b),
        "v_{3k+2} at v = C^2 is 2a": second.subs({v: large**2, g: -1}) - 2 * (1 - b),
        "v_{3k+3} at v_{3k+2} = 2a is a (1 + 2 beta2)": second.subs({v: 2 * (1 - b), g: -1}) - (1 - b) * (1 + 2 * b),
        "v_2 of the first period": v2 - (1 - b) * (2 - b),
        "v_3 of the first period": v3 - (1 - b) * (1 + 2 * b - b**2),
    }


def shown(rule: UpdateRule) -> dict[str, bool]:
    return {name: sympy.simplify(sympy.expand(rest)) == 0 for name, rest in obligations(rule).items()}


def chain_holds(k: int) -> bool:
    """3k+2, 3k+3 <= 2(3k+1); the larger one decides, and 2(3k+1) - (3k+3) = 3k - 1."""
    return max(3 * k + 2, 3 * k + 3) <= 2 * (3 * k + 1)


def first_ratio(b: Any) -> Any:
    """(T2 + T3)/T1 of the first period."""
    return 1 / mpmath.sqrt(2 * (2 - b)) + 1 / mpmath.sqrt(3 * (1 + 2 * b - b**2))


def least_first_ratio() -> Any:
    """A lower bound for 0 <= beta2 <= 1/5: the first term rises with beta2, the second falls."""
    ends = [mpmath.mpf(i) / (5 * PIECES) for i in range(PIECES + 1)]
    pieces = pairwise(ends)
    return min(1 / mpmath.sqrt(2 * (2 - a)) + 1 / mpmath.sqrt(3 * (1 + 2 * c - c**2)) for a, c in pieces)


# Runs


@dataclass(frozen=True)
class Statement:
    """beta2 and the step size over alpha, of C and t: every period moves theta up. ratio: of the first period."""

    beta2: Callable[[Fraction], Fraction] = lambda large: 1 / (1 + large**2)
    size: Callable[[int], Any] = lambda t: 1 / mpmath.sqrt(t)
    ratio: Callable[[Any], Any] = first_ratio


RIGHT = Statement()


def moves(rule: UpdateRule, large: Fraction, said: Statement = RIGHT) -> list[tuple[Any, Any]]:
    """(T1, T2 + T3) over alpha, period by period, of the declared rule from its start."""
    b = said.beta2(large)
    fixed = {"beta1": mpmath.mpf(0), "beta2": mpmath.mpf(b.numerator) / b.denominator, "eps": mpmath.mpf(0)}
    given = [{**fixed, "eta": said.size(t)} for t in range(1, 3 * PERIODS + 1)]
    gradients = [mpmath.mpf(large.numerator) / large.denominator, mpmath.mpf(-1), mpmath.mpf(-1)] * PERIODS
    path = [mpmath.mpf(0), *(s[theta] for s in trajectory(rule, mpmath.mpf(0), gradients, given, MPMATH))]
    return [(path[i] - path[i + 1], path[i + 3] - path[i + 1]) for i in range(0, 3 * PERIODS, 3)]


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """The proof, the first period, runs of the declared rule, and the chain."""
    rule = rule_of(RULE)
    if not context.wants(rule):
        return
    failed = [name for name, holds in shown(rule).items() if not holds]
    later = all(chain_holds(k) for k in range(1, 100)) and sympy.Poly("3*k - 1", sympy.Symbol("k")).eval(1) > 0
    yield context.verdict("later periods", not failed and later, n=7, detail={"not shown": ", ".join(failed) or "none"})
    with mpmath.workdps(40):
        least = least_first_ratio()
        holds = least > mpmath.mpf(MARGIN.numerator) / MARGIN.denominator
        yield context.verdict("first period", holds, "T1", n=PIECES, detail={"least ratio": mpmath.nstr(least, 8)})
        for text in LARGE:
            yield _of_run(context, rule, Fraction(text))
    said = {"k": 0, "needs": "3 <= 2", "holds": chain_holds(0)}
    yield context.verdict("the chain, first period", not chain_holds(0), claim=REFUTED, status="refuted", detail=said)


def _of_run(context: Context, rule: UpdateRule, large: Fraction) -> Verdict:
    found = moves(rule, large)
    up = [second / first for first, second in found]
    b = 1 / (1 + large**2)
    off = abs(up[0] - first_ratio(mpmath.mpf(b.numerator) / b.denominator))
    good = min(up) > 1 and off < mpmath.mpf(10) ** -30
    return context.verdict(f"run, C = {large}", good, "T1", n=PERIODS, detail={"least ratio": mpmath.nstr(min(up), 8)})


# Wrong versions


def _blog(large: Fraction) -> Fraction:
    """The condition of Theorem 2, for period C and beta1 = 0, at C = 10: beta2 <= min(C^(-4/(C-2)), 1 - (9/2C)^2)."""
    return Fraction(316, 1000)


WRONG: dict[str, tuple[str, Statement]] = {
    "beta2 that Theorem 2 allows for period C, on this stream": ("10", Statement(beta2=_blog)),
    "a step size of alpha/t": ("3", Statement(size=lambda t: mpmath.mpf(1) / t)),
    "1 - beta2 for beta2": ("3", Statement(beta2=lambda large: 1 - 1 / (1 + large**2))),
    "v_3 = a (1 + beta2)": (
        "3",
        Statement(ratio=lambda b: 1 / mpmath.sqrt(2 * (2 - b)) + 1 / mpmath.sqrt(3 * (1 + b))),
    ),
    "step sizes of the first period that do not fall": (
        "3",
        Statement(ratio=lambda b: 1 / mpmath.sqrt(2 - b) + 1 / mpmath.sqrt(1 + 2 * b - b**2)),
    ),
}
"""The first is told of this stream in a published exposition."""


def mutants(context: Context) -> Iterator[Mutant]:
    """Other statements, killed by torch.optim.RMSprop, which is Adam with beta1 = 0 and no correction."""
    if context.wants(rule_of(RULE)) and not absent("torch"):
        for name, (large, said) in WRONG.items():
            yield Mutant(name, "torch.optim.RMSprop", partial(_killed, Fraction(large), said))


def _killed(large: Fraction, said: Statement) -> str:
    found = torch_moves(float(large), float(said.beta2(large)), [float(said.size(t)) for t in range(1, 121)])
    down = next((k for k, (first, second) in enumerate(found) if second < first * (1 - 1e-9)), None)
    if down is not None:
        return f"period {down} moves theta down"
    b = said.beta2(large)
    off = abs(found[0][1] / found[0][0] - float(said.ratio(mpmath.mpf(b.numerator) / b.denominator)))
    return f"the ratio of the first period is {off:.3g} off" if off > 1e-9 else ""  # six roundings of 2^-53, and room


def torch_moves(large: float, decay: float, sizes: list[float]) -> list[tuple[float, float]]:
    """As `moves`, by torch."""
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.RMSprop([parameter], alpha=decay, eps=0, foreach=False)
    path = [0.0]
    for place, size in enumerate(sizes):
        optimizer.param_groups[0]["lr"] = size
        parameter.grad = torch.tensor([-1.0 if place % 3 else large], dtype=torch.float64)
        optimizer.step()
        path.append(parameter.item())
    return [(path[i] - path[i + 1], path[i + 3] - path[i + 1]) for i in range(0, len(sizes), 3)]


REFUTED = (
    "The chain of inequalities by which Theorem 1 of Reddi et al. is proved holds in every period: false in the first, "
    "where it needs 3 <= 2; the theorem holds."
)

check = Check(
    id="reddi-theorem-one",
    claim="On Reddi's stream (C, -1, -1) with beta1 = 0, beta2 = 1/(1 + C^2) and alpha/sqrt(t), every period moves "
    "Adam (no bias correction) away from the minimiser, the first one by at least 2.2 % of its largest step.",
    evidence="T0",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "adam",
    source=Source("reddi2018convergence", "Theorem 1", "as it is retold; the print was not compared"),
    refutes=REFUTED,
)
