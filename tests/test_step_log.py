"""The measured generator: on processes whose generator is known by hand, and on equations that are wrong."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import sympy

from driftproof.checks.runtime import step_log
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
