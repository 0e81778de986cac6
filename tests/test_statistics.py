"""Levels of looks add up, the sequential rule keeps both error rates, intervals cover, seeds repeat."""

from math import comb

import numpy as np
import pytest

from driftproof.checks.runtime import seeds
from driftproof.checks.runtime.statistics import exact_binomial, familywise, looks, sequential
from driftproof.checks.runtime.verdict import FAIL, INCONCLUSIVE, PASS, Region


def test_looks_double_and_their_levels_stay_below_alpha():
    found = list(looks(0.01, first=100, budget=100 * 2**20))
    assert [look.n for look in found[:3]] == [100, 200, 400]
    assert sum(look.level for look in found) <= 0.01
    assert found[-1].n == 100 * 2**20


@pytest.mark.parametrize("bad", [{"alpha": 0}, {"alpha": 1}, {"first": 0}, {"first": 11}])
def test_a_plan_that_makes_no_sense_is_refused(bad):
    with pytest.raises(ValueError, match="alpha"):
        list(looks(**{"alpha": 0.1, "first": 10, "budget": 10, **bad}))


@pytest.mark.parametrize("level", [0.05, 1e-3])
@pytest.mark.parametrize("n", [1, 7, 30])
def test_exact_binomial_covers_every_probability(n, level):
    """The coverage is a finite sum, so nothing is sampled; the ends of the intervals are where it is lowest."""
    intervals = [exact_binomial(k, n, level) for k in range(n + 1)]
    for p in sorted({end for interval in intervals for end in interval} | {0.001, 0.3, 0.5}):
        for near in (p * (1 - 1e-9), min(1.0, p * (1 + 1e-9))):
            weights = [comb(n, k) * near**k * (1 - near) ** (n - k) for k in range(n + 1)]
            covered = sum(w for w, (low, high) in zip(weights, intervals, strict=True) if low <= near <= high)
            assert covered >= 1 - level - 1e-12


def decided(probability, claimed, alternative, alpha, seed, budget=400):
    """One run of the rule on coins that fall with this probability."""
    coins = seeds.generator(seed).random(budget) < probability
    return sequential(
        lambda n, level: exact_binomial(int(coins[:n].sum()), n, level), claimed, alternative, 25, budget, alpha
    )


def test_both_error_rates_of_the_sequential_rule_stay_below_alpha():
    """600 repetitions at alpha = 0.1: more than 100 errors have probability below 1e-6 if the rate is 0.1."""
    claimed, alternative = Region(0, 0.5), Region(0.7, 1)
    at_claim = [decided(0.5, claimed, alternative, 0.1, seed).verdict for seed in range(600)]
    at_alternative = [decided(0.7, claimed, alternative, 0.1, seed).verdict for seed in range(600)]
    assert at_claim.count(FAIL) <= 100
    assert at_alternative.count(PASS) <= 100
    assert at_claim.count(PASS) > 300, "the rule has power"


def test_a_budget_too_small_is_inconclusive_and_says_what_it_spent():
    found = decided(0.5, Region(0, 0.5), Region(0.51, 1), 1e-9, seed=1, budget=50)
    assert found.verdict == INCONCLUSIVE
    assert found.n == 50
    assert found.level == pytest.approx(1e-9 * (1 / 2 + 1 / 6))


def test_familywise_bound_adds_levels():
    assert familywise([1e-9] * 500) == pytest.approx(5e-7)
    assert familywise([0.9, 0.9]) == 1.0
    assert familywise([]) == 0.0


def test_seeds_repeat_on_every_machine_and_differ_between_checks_and_replicates():
    assert seeds.root("adam-step-bound") == 576945652742963
    assert seeds.generator(5, 0).random() == 0.7435838372455151
    assert seeds.root("a") != seeds.root("b")
    first = seeds.generator(5, 0).random(4)
    assert np.array_equal(first, seeds.generator(5, 0).random(4))
    assert not np.array_equal(first, seeds.generator(5, 1).random(4))
