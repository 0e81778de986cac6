"""The drift over a period of a cyclic stream of gradients, enclosed by integers.

Along gradients that repeat with period n, v and m tend at geometric rate to the orbit of period n of their
recursions, whatever they start from. With V and M on that orbit, theta moves over a period by alpha Phi in the limit,

    Phi = -sum_j M_j / D(V_j)     (form "old": -sum_j g_j / D(V_{j-1})).

For "old" the average of the g/D has over a period the sum of what it averages, so that beta1 plays no part.

The orbit: one period from v = 0 ends at some v_n; v -> beta2^n v + v_n is the map of a period, hence V_0 =
v_n/(1 - beta2^n). Every number is an interval of integers over 2^bits; both ends are rounded outward.
"""

from __future__ import annotations

from fractions import Fraction

from .recursion import Pair, Recursion, Runs, Unbounded, enclosed, over


def drift(recursion: Recursion, runs: Runs, bits: int) -> tuple[Fraction, Fraction]:
    """Rationals with low <= Phi <= high. raises: Unbounded where bits do not keep a denominator from 0."""
    squares = tuple((count, g * g) for count, g in runs)
    v = _start(recursion.beta2, squares, bits)
    m = _start(recursion.beta1, runs, bits)
    low = high = 0
    for count, g in runs:
        add_v = _gain(recursion.beta2, g * g, bits)
        add_m, exact = _gain(recursion.beta1, g, bits), enclosed(g, bits)
        for _ in range(count):
            before, v, m = v, _step(recursion.beta2, v, add_v), _step(recursion.beta1, m, add_m)
            above = exact if recursion.form == "old" else m
            below = recursion.denominator(v if recursion.form == "new" else before, bits)
            quotient = over(above, below, bits)
            low, high = low - quotient[1], high - quotient[0]
    return Fraction(low, 1 << bits), Fraction(high, 1 << bits)


def _gain(beta: Fraction, x: Fraction, bits: int) -> Pair:
    return enclosed((1 - beta) * x, bits)


def _step(beta: Fraction, x: Pair, gain: Pair) -> Pair:
    """beta x + gain: floors below, ceilings above."""
    p, q = beta.numerator, beta.denominator
    return p * x[0] // q + gain[0], -(-p * x[1] // q) + gain[1]


def _start(beta: Fraction, runs: Runs, bits: int) -> Pair:
    """The orbit of x' = beta x + (1 - beta) input, at the end of a period."""
    end, left = (0, 0), (1 << bits, 1 << bits)
    for count, x in runs:
        gain = _gain(beta, x, bits)
        for _ in range(count):
            end, left = _step(beta, end, gain), _step(beta, left, (0, 0))
    one = 1 << bits
    if left[1] >= one:
        raise Unbounded
    return over(end, (one - left[1], one - left[0]), bits)
