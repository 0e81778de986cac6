"""The drift of one step where every gradient is drawn independently from a finite list, enclosed.

In the stationary law of m and v, with w_l = (1 - beta2) beta2^l and g_l the gradient l steps back,

    E[m/D(v)] = sum_l (1 - beta1) beta1^l E[g_l phi(W_l + w_l g_l^2)],    W_l = v - w_l g_l^2 independent of g_l,

phi(x) = 1/(sqrt(x + inside) + outside). W_l has mean (1 - w_l) E g^2, variance Var(g^2) ((1-beta2)/(1+beta2) - w_l^2)
and lies in (1 - w_l) [min g^2, max g^2]. phi is completely monotone (1/(y + c) is, and the root is a Bernstein
function), so phi''' <= 0, and a quadratic that meets phi at one end and touches it at a second point lies on one side
of it: among laws with that mean, variance and range, E phi is largest for the law on {left end, one point}, and
smallest for the law on {one point, right end}.

The lags beyond `TERMS`, or with beta1^l < 2^-64, are bounded together by beta1^l max|g|/D(min g^2).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .recursion import Pair, Recursion, Runs, enclosed, minus, over, plus, times

TERMS = 20_000
"""Lags times different gradients: what one evaluation costs at most. Where they are too few the bound is wide."""


def drift(recursion: Recursion, runs: Runs, bits: int) -> tuple[Fraction, Fraction]:
    """Rationals with low <= -E[m/D(v)] <= high, one step; each gradient of the list is equally likely.

    raises: ValueError for a form other than "new", or a floor; Unbounded as `cyclic.drift`.
    """
    if recursion.form != "new" or recursion.floor:
        raise ValueError("independent draws are treated for the form 'new' without a floor")
    counts: dict[Fraction, int] = {}
    for count, g in runs:
        counts[g] = counts.get(g, 0) + count
    law = [(Fraction(count, sum(counts.values())), g) for g, count in counts.items()]
    total: Pair = (0, 0)
    weight = one = (1 << bits, 1 << bits)
    power, lag = one, 0
    share, beta1 = enclosed(1 - recursion.beta1, bits), enclosed(recursion.beta1, bits)
    scale, beta2 = enclosed(1 - recursion.beta2, bits), enclosed(recursion.beta2, bits)
    while weight[1] >> max(bits - 64, 0) and lag * len(law) < TERMS:
        term = _lag(recursion, law, times(scale, power, bits), bits)
        total = plus(total, times(times(share, weight, bits), term, bits))
        weight, power, lag = times(weight, beta1, bits), times(power, beta2, bits), lag + 1
    least = enclosed(min(g * g for _, g in law), bits)
    largest = enclosed(max(abs(g) for _, g in law), bits)
    rest = times(weight, over(largest, recursion.denominator(least, bits), bits), bits)[1]
    return Fraction(-total[1] - rest, 1 << bits), Fraction(-total[0] + rest, 1 << bits)


def _lag(recursion: Recursion, law: list[tuple[Fraction, Fraction]], w: Pair, bits: int) -> Pair:
    """E[g phi(W + w g^2)] between two bounds."""
    squares = [(p, g * g) for p, g in law]
    second = sum((p * s for p, s in squares), Fraction(0))
    fourth = sum((p * s * s for p, s in squares), Fraction(0)) - second**2
    least, most = min(s for _, s in squares), max(s for _, s in squares)
    others = minus((1 << bits, 1 << bits), w)
    beta2 = recursion.beta2
    spread = minus(enclosed((1 - beta2) / (1 + beta2), bits), times(w, w, bits))
    variance = times(enclosed(fourth, bits), (max(spread[0], 0), max(spread[1], 0)), bits)
    mean, left, right = (times(enclosed(x, bits), others, bits) for x in (second, least, most))
    low = high = 0
    for p, g in law:
        shift = times(w, enclosed(g * g, bits), bits)

        def phi(x: Pair, shift: Pair = shift) -> Pair:
            return over((1 << bits, 1 << bits), recursion.denominator(plus(x, shift), bits), bits)

        if least == most:
            bound = phi(mean)
        else:
            up, down = minus(mean, left), minus(right, mean)
            above = _two_points(phi, left, plus(mean, over(variance, up, bits)), variance, up, bits)
            below = _two_points(phi, right, minus(mean, over(variance, down, bits)), variance, down, bits)
            bound = below[0], above[1]
        term = times(enclosed(p * g, bits), bound, bits)
        low, high = low + term[0], high + term[1]
    return low, high


def _two_points(phi: Callable[[Pair], Pair], end: Pair, other: Pair, variance: Pair, gap: Pair, bits: int) -> Pair:
    """E phi for the law on an end of the range and one other point; gap: from the end to the mean."""
    at_end = over(variance, plus(variance, times(gap, gap, bits)), bits)
    one = (1 << bits, 1 << bits)
    return plus(times(at_end, phi(end), bits), times(minus(one, at_end), phi(other), bits))
