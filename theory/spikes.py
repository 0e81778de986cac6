"""Spikes: the gradients (n - 1 + s, -1, ..., -1) of period n and sum s, and how they are searched.

For every beta1 in [0, 1), beta2 in (0, 1), n >= 3 there is an s* > 0 such that Adam goes the wrong way for 0 < s < s*.
At s = 0 the orbit is V_j = 1 + (V_0 - 1) beta2^j, strictly falling, and M_j = -1 + (M_0 + 1) beta1^j, not rising, not
constant, of sum 0; hence sum_j M_j/D(V_j) < 0 by Chebyshev's sum inequality, and the drift is continuous in s. For
n = 2, g^2 is constant at s = 0, and so is V. Where g is divided by the root of the v before (ADOPT) the sign turns
around, and (-(n - 1) + s, 1, ..., 1) does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .errors import OutOfDomain
from .kernel.recursion import Runs
from .kernel.witness import LONGEST
from .limiting import Method, rounded_down

SCANNED = 1000
PERIODS = 100
"""So many periods or more lead from -1 to 1: within a period theta moves little, as in the limit of small steps."""
PREFERRED = (1, Fraction(6, 5), Fraction(3, 2), 2, Fraction(5, 2), 3, 4, 5, 6, 8)


def spike(method: Method, period: int, total: Fraction = Fraction(1)) -> Runs:
    """The spike of that period and sum. raises: OutOfDomain for a period that has none."""
    if not 3 <= period <= LONGEST:
        why = "Of period 2, (1 + s, -1): at s = 0 the squares are constant, and so is v; nothing goes wrong."
        raise OutOfDomain(
            f"The period {period} is not from 3 to {LONGEST}.", why if period < 3 else "", "Give 3 or more."
        )
    sign = -1 if method.constant.form == "old" else 1
    return (1, sign * (period - 1) + total), (period - 1, Fraction(-sign))


def periods() -> Iterator[int]:
    """3, 4, ..., 10, 12, 15, 20, ... up to the longest."""
    decades = [int(10**k * step) for k in range(5) for step in PREFERRED if (10**k * step) % 1 == 0]
    yield from sorted({n for n in [*decades, 7, 9] if 3 <= n <= LONGEST})


def fastest(method: Method) -> list[tuple[int, Runs]]:
    """Predicted steps and gradients of the spikes with sum 1 that are witnesses, the best first.

    Longer ones are faster, until one period moves theta by a great part of the way: those come last.
    """
    found = []
    for period in periods():
        runs = spike(method, period)
        low, _ = method.drift(runs)
        steps = method.steps(runs, low)
        if steps is not None:
            found.append((steps < PERIODS * period, steps, runs))
            if method.sampling == "cyclic" and steps < PERIODS * period:
                break  # longer ones are as well
    return [(steps, runs) for _, steps, runs in sorted(found)]


def smallest(method: Method) -> Runs | None:
    """The spike with sum 1 of the smallest period that is a witness; every period up to it is looked at."""
    for period in range(3, SCANNED + 1):
        if method.sign(spike(method, period)) > 0:
            return spike(method, period)
    return None


def largest_sum(method: Method, period: int) -> tuple[Fraction, Fraction] | None:
    """Sums 0 < low < high within a ten-thousandth: the spike of sum low is a witness, that of sum high is not.

    returns: None where not even a small sum is one: the damping hides the gradients.
    """
    low, high = Fraction(0), first_order(method, period)
    if method.sign(spike(method, period, low)) <= 0:
        return None
    while method.sign(spike(method, period, high)) > 0:
        low, high = high, 2 * high
    while high - low > high / 10_000:
        middle = rounded_down((low + high) / 2, 8)
        if method.sign(spike(method, period, middle)) > 0:
            low = middle
        else:
            high = middle
        if high < Fraction(1, 10**40):
            return None
    return low, high


def first_order(method: Method, period: int) -> Fraction:
    """s* to first order in 1 - beta2: (1 - beta2) kappa, as a decimal.

    kappa = n (n-2) (1-beta1)/(2 (n-1) (1-beta1^n)) sum_{j<n} beta1^j ((n-1)/2 - j), which is n(n-2)/4 at beta1 = 0.
    """
    n, form = period, method.constant.form
    b = 0.0 if form == "old" else float(method.constant.beta1)
    moment = sum(b**j * ((n - 1) / 2 - j) for j in range(n)) if b else (n - 1) / 2
    kappa = n * (n - 2) * (1 - b) / (2 * (n - 1) * (1 - b**n)) * moment
    return rounded_down((1 - method.constant.beta2) * Fraction(max(kappa, 1e-9)), 6)
