"""On the sum of n losses with slopes n, -1, ..., -1 Adam turns around at a beta2 that depends on n; other thresholds.

With constant betas theta goes the wrong way for 1 - beta2 above 1 - beta2*, and the right way just below it; to first
order 1 - beta2* = 1/kappa(n, beta1), which is 4/(n(n - 2)) at beta1 = 0. The search encloses 1 - beta2*; here the
moments are written out as geometric sums over a period, with mpmath. No beta2 < 1 is enough for all n.

Shi et al.'s explicit inequality, which guarantees RMSprop for every sum of n losses of that growth, holds only for far
smaller 1 - beta2: it must never speak where the spike goes wrong.

The instance on which Zhang et al. show divergence has the growth D1 <= 2 n^2 from n = 4 on. At n = 3 it is 21.375 > 18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.explicit import shi_guarantees
from driftproof.theory.phase import Turn, turn
from driftproof.theory.problems import finite_sum
from driftproof.theory.references import Source

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.verdict import Verdict

CASES = tuple((n, b1) for n in (10, 20, 30, 100) for b1 in ("0", "1/2", "9/10"))
DIGITS = 40


@cache
def found(n: int, b1: str) -> Turn:
    return turn(rule_of("adam"), n, Fraction(b1))


def drift(n: int, b1: Fraction, small: Fraction) -> Any:
    """-sum_j m_j/(sqrt(v_j) + 1e-8), every moment as its geometric sum over one period."""
    b2 = 1 - mpmath.mpf(small.numerator) / small.denominator
    beta1 = mpmath.mpf(b1.numerator) / b1.denominator
    slopes = [n, *[-1] * (n - 1)]

    def average(values: list[int], beta: Any, j: int) -> Any:
        return (1 - beta) * sum(beta**k * values[(j - k) % n] for k in range(n)) / (1 - beta**n)

    squares = [g * g for g in slopes]
    below = [mpmath.sqrt(average(squares, b2, j)) + mpmath.mpf("1e-8") for j in range(n)]
    return -sum(average(slopes, beta1, j) / below[j] for j in range(n))


def growth(n: int) -> Fraction:
    """D1 of the instance, for the mean of the n losses: n^2 sum_i |grad f_i|^2 / |sum_i grad f_i|^2 above -1."""
    values = [Fraction(int(c.p), int(c.q)) for c in finite_sum(n).values]
    return n**2 * sum(c * c for c in values) / sum(values) ** 2


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Every threshold from both sides; the guarantee; the growth of the instance."""
    if not context.wants(rule_of("adam")):
        return
    with mpmath.workdps(DIGITS):
        for n, b1 in CASES:
            yield _threshold(context, n, b1)
    for n in (3, 10, 30, 100):
        yield _guarantee(context, n)
    holds = all(growth(n) <= 2 * n**2 for n in range(4, 100))
    yield context.verdict("growth of Zhang et al.'s instance, n >= 4", holds, n=96)
    at_three = {"D1": str(growth(3)), "2 n^2": 18}
    yield context.verdict("the same, n = 3", growth(3) > 18, "T0", claim=REFUTED, status="refuted", detail=at_three)


def _threshold(context: Context, n: int, b1: str) -> Verdict:
    seen, beta1 = found(n, b1), Fraction(b1)
    assert seen.small is not None
    low, high = seen.small
    good = drift(n, beta1, low) <= 0 < drift(n, beta1, high)
    # First order in 1 - beta2 over a period: what is left out is of the relative order n (1 - beta2*).
    near = abs(float(seen.first_order / high) - 1) <= n * high
    told = {"1 - beta2*": float(high), "first order": float(seen.first_order)}
    return context.verdict(f"n = {n}, beta1 = {b1}", good and near, n=2, detail=told)


def _guarantee(context: Context, n: int) -> Verdict:
    """It speaks for some beta2, and the spike goes the right way at the largest 1 - beta2 for which it does."""
    powers = [Fraction(1, 10**k) for k in range(1, 30)]
    sure = [small for small in powers if shi_guarantees(1 - small, n, 1, n**2 + n - 1)]
    with mpmath.workdps(DIGITS):
        good = bool(sure) and all(drift(n, Fraction(0), small) < 0 for small in sure[:3])
    return context.verdict(f"guarantee, n = {n}", good, n=len(powers), detail={"from 1 - beta2": float(max(sure))})


# Wrong versions

WRONG: dict[str, tuple[int, Callable[[int], float]]] = {
    "4/(n(n - 2)) exactly": (10, lambda n: 4 / (n * (n - 2))),
    "4/n^2 exactly": (10, lambda n: 4 / n**2),
    "2/(n(n - 2))": (20, lambda n: 2 / (n * (n - 2))),
    "1/n": (20, lambda n: 1 / n),
    "one hundredth more": (10, lambda n: 1.01 * float(found(n, "0").small[1])),
    "one hundredth less": (10, lambda n: 0.99 * float(found(n, "0").small[0])),
}
"""Thresholds 1 - beta2* at beta1 = 0."""


def mutants(context: Context) -> Iterator[Mutant]:
    """Other thresholds, killed by torch.optim.RMSprop on the stream."""
    if context.wants(rule_of("adam")) and not absent("torch"):
        for name, (n, threshold) in WRONG.items():
            yield Mutant(name, "torch.optim.RMSprop", partial(_killed, n, threshold))


def _killed(n: int, threshold: Callable[[int], float]) -> str:
    """Just above the threshold theta ought to go up, just below it down."""
    for factor, sign in ((1.001, 1), (0.999, -1)):
        moved = torch_drift(n, 1 - factor * threshold(n))
        if moved * sign < -1e-9:  # 20 roundings of 2^-53 a step, and room
            return f"at 1 - beta2 = {factor * threshold(n):.5g} a period moves theta by {moved:.3g}"
    return ""


def torch_drift(n: int, beta2: float) -> float:
    """The last of so many periods that the start is forgotten: beta2^steps < e^-36. Step size 1."""
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.RMSprop([parameter], lr=1, alpha=beta2, eps=1e-8, foreach=False)
    slopes = [torch.tensor([g], dtype=torch.float64) for g in (float(n), -1.0)]
    before = 0.0
    for _ in range(int(36 / (1 - beta2) / n) + 2):
        before = parameter.item()
        for j in range(n):
            parameter.grad = slopes[min(j, 1)]
            optimizer.step()
    return parameter.item() - before


REFUTED = (
    "The instance on which Zhang et al. show divergence has D1 <= 2 n^2 for every n >= 3: false at n = 3, 21.375 > 18."
)

check = Check(
    id="spike-turns",
    claim="On the sum of n losses with slopes n, -1, ..., -1 constant betas turn from the right way to the wrong one "
    "at the 1 - beta2* enclosed, near 4/(n(n - 2)) for beta1 = 0; where Shi et al.'s explicit inequality guarantees "
    "RMSprop the spike goes the right way.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "adam",
    source=Source("zhang2022adam", "divergence for small beta2; its phase transition", "thresholds are ours"),
    refutes=REFUTED,
)
