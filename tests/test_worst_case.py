"""Multipliers that a solver finds and rounds: the kernel accepts them, and rejects them changed."""

from dataclasses import replace
from fractions import Fraction

import pytest

from driftproof.checks.runtime.worst_case import STAR, Found, accepted, searched
from driftproof.theory.proving.script import NotProved

pytest.importorskip("cvxpy")


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_what_is_found_for_n_steps_is_proved(steps):
    found = searched(steps)
    report = accepted(found)
    assert str(report.statement.claims[0]) == f"f{steps} <= {found.tau}*sum(i < d, x(i)^2)"
    assert Fraction(1, 4 * steps + 2) < found.tau <= Fraction(1001, 1000) / (4 * steps + 2)
    assert not report.statement.cites and not report.lemmas


@pytest.fixture(scope="module")
def two():
    return searched(2)


def changed(found: Found, pair: tuple[int, int], by: Fraction) -> Found:
    return replace(found, weights={**found.weights, pair: found.weights[pair] + by})


def test_a_multiplier_that_is_rounded_otherwise_is_rejected(two):
    with pytest.raises(NotProved, match="the two sides of the combination differ"):
        accepted(changed(two, (0, 1), Fraction(1, 10**6)))


def test_a_multiplier_below_zero_is_rejected_although_the_flow_fits(two):
    round_trip = -two.weights[0, 1] - Fraction(1, 100)
    with pytest.raises(NotProved, match="is not positive"):
        accepted(changed(changed(two, (0, 1), round_trip), (1, 0), round_trip))


def test_digits_that_are_too_few_are_rejected():
    with pytest.raises(NotProved, match="is not positive"):
        accepted(searched(2, digits=1))


def test_below_the_worst_case_nothing_is_found_that_is_accepted():
    with pytest.raises(NotProved, match="is not positive"):
        accepted(searched(2, slack=Fraction(-1, 100)))


def test_a_smaller_constant_with_the_same_multipliers_is_rejected(two):
    with pytest.raises(NotProved, match="is not positive"):
        accepted(replace(two, tau=two.tau * Fraction(99, 100)))


def test_every_step_has_a_way_to_the_minimiser(two):
    assert {a for a, b in two.weights if b == STAR} == {0, 1, 2} and min(two.weights.values()) > 0
