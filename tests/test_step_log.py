"""The measured generator: on processes whose generator is known by hand, and on equations that are wrong."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import sympy

from driftproof.checks.runtime import step_log
from driftproof.checks.runtime.evaluate import MPMATH, evaluate
from driftproof.checks.runtime.hand_steps import BY_HAND
from driftproof.checks.runtime.step_log import AGREEMENT, SLOPE, VARIANCE, Measured, Noise, Point, X
from driftproof.theory.catalogue import rule
from driftproof.theory.derive import derive


@pytest.mark.parametrize("noise", [Noise(), Noise(Fraction(3, 2), Fraction(6)), Noise(kurtosis=Fraction(1))])
def test_the_law_has_the_moments_asked_for(noise):
    law = noise.law(1)
    moments = [mpmath.fsum(w * z**k for z, w in law) for k in range(5)]
    assert all(w > 0 for _, w in law)
    assert moments == pytest.approx([1, 0, 1, float(noise.skew), float(noise.kurtosis)], abs=1e-12)


def test_the_logarithm_of_an_exponential_is_its_exponent():
    """T^n phi = e^(n a h) - 1 for phi with L phi = a (phi + 1), so log(T) phi = a h up to h^4."""
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -6
        means = [mpmath.exp(n * h) - 1 for n in (1, 2, 3)]
        assert abs(step_log._logarithm(means) - h) < 10 * h**4


def test_sgd_of_order_three_by_hand():
    """L1 = -f' f''/2 d + Sigma/2 d^2, and at h^2 the third derivative -mu3/6."""
    sgd = rule("sgd")
    where = Measured(sgd, derive(sgd, "small"), Noise(Fraction(3, 2), Fraction(6)), by_hand=True)
    with mpmath.workdps(step_log.DIGITS):
        point, found = Point(where), step_log.generator(where, 3, 3)
        at = {X: point.start["theta"]}
        f1, f2, s = (mpmath.mpf(sympy.N(e.subs(at), 60)) for e in (SLOPE, SLOPE.diff(X), VARIANCE))
        h = point.h
        assert abs((found["theta",] + f1) / h + f1 * f2 / 2) < 1e-20
        assert abs(found["theta", "theta"] / h - s / 2) < 1e-20
        assert abs(found["theta", "theta", "theta"] / h**2 + mpmath.mpf(3) / 2 * s ** mpmath.mpf(1.5) / 6) < 1e-20


def test_an_equation_of_lower_order_is_told_from_one_of_higher():
    sgd = rule("sgd")
    first, second = derive(sgd, "small"), derive(sgd, "small", order=2)
    where = Measured(sgd, first, Noise(Fraction(3, 2), Fraction(6)))
    assert max(step_log.differences(where, first, 1, 4).values()) < AGREEMENT
    assert max(step_log.differences(where, second, 2, 4).values()) < AGREEMENT
    assert max(step_log.differences(where, first, 2, 4).values()) > 0.01
    unskewed = replace(second, weak_order=3)
    assert max(step_log.differences(where, unskewed, 3, 4).values()) > 0.01


# Two coordinates: what the other one adds to a drift, from exact steps of both


def two_steps(text: str, sde, h):
    """E[x_i] after one and two steps, less the start, and the start; the noises of i and j are +-1 and correlated."""
    x, y = sympy.symbols("x y")
    loss = x**2 / 2 + x * y / 3 + x**2 * y / 5 - y**3 / 7 + y**2
    spread = [sympy.Rational(3, 5) + x / 4 + y / 3, sympy.Rational(2, 5) + x * y / 5]  # standard deviations
    slopes = [sympy.lambdify((x, y), e, "mpmath") for e in (loss.diff(x), loss.diff(y), *spread)]
    shared = {
        "eta": h,
        "eps": mpmath.mpf("0.3"),
        "beta1": 1 - mpmath.mpf("0.7") * h,
        "beta2": 1 - mpmath.mpf("0.9") * h,
    }
    start = [{n: step_log.generic(n, side) for n in sde.drift} for side in (0, 1)]

    def after(sides, number):
        at = [side["theta"] for side in sides]
        for z, w in (((1, 1), 0.375), ((1, -1), 0.125), ((-1, 1), 0.125), ((-1, -1), 0.375)):
            values = [
                {
                    **shared,
                    **side,
                    "t": mpmath.mpf("0.8") / h + 1 + number,
                    "g": slopes[k](*at) + slopes[2 + k](*at) * z[k],
                }
                for k, side in enumerate(sides)
            ]
            yield [BY_HAND[text](v) for v in values], w

    ends = [(s, w) for s, w in after(start, 0)]
    later = [(s2, w * w2) for s, w in ends for s2, w2 in after(s, 1)]
    means = {n: [mpmath.fsum(w * (s[0][n] - start[0][n]) for s, w in e) for e in (ends, later)] for n in sde.drift}
    return means, start, loss, spread, (x, y)


@pytest.mark.parametrize("text", ["sgd", "rmsprop@second_moment=old", "rmsprop", "adam"])
def test_the_drift_of_order_two_with_another_coordinate_is_that_of_exact_steps(text):
    """log(T) of x_i - x_i(0) is the drift of i, with what j adds to it."""
    sde = derive(rule(text), "small", order=2)
    assert sde.drift_coupling
    with mpmath.workdps(100):
        h = mpmath.mpf(10) ** -20
        means, start, loss, spread, (x, y) = two_steps(text, sde, h)
        i, j = (s["theta"] for s in start)

        def at(e):
            return sympy.lambdify((x, y), e, "mpmath")(i, j)

        variance = [e**2 for e in spread]
        letters = {f"{n}_{side}": s[n] for side, s in zip("ij", start, strict=True) for n in s} | start[0]
        letters |= {"eta": h, "eps0": mpmath.mpf("0.3"), "c1": mpmath.mpf("0.7"), "c2": mpmath.mpf("0.9")}
        letters |= {"t": mpmath.mpf("0.8"), "mu3": mpmath.mpf(0), "mu4": at(variance[0] ** 2)}
        letters |= {f"gamma{k}": 1 - mpmath.exp(-letters[f"c{k}"] * letters["t"]) for k in (1, 2)}
        letters |= {"df": at(loss.diff(x)), "df_i": at(loss.diff(x)), "df_j": at(loss.diff(y))}
        letters |= {"d2f": at(loss.diff(x, 2)), "d2f_ij": at(loss.diff(x, y)), "Sigma": at(variance[0])}
        letters |= {"dSigma": at(variance[0].diff(x)), "dSigma_i_j": at(variance[0].diff(y))}
        for state, drift in sde.drift.items():
            whole = drift + sde.drift_coupling.get(state, 0)
            claimed = evaluate(whole, {s: letters[s.name] for s in whole.free_symbols}, MPMATH)
            alone = evaluate(drift, {s: letters[s.name] for s in drift.free_symbols}, MPMATH)
            found = step_log._logarithm(means[state]) / h
            assert abs(found - claimed) / h < AGREEMENT, state
            assert state not in sde.drift_coupling or abs(found - alone) / h > 1e-3, state
