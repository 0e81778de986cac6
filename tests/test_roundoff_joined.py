"""The bound of rounding for sums over several tensors: it is one, it is not wide, and the scenario meets every case."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

import numpy as np
import pytest

from driftproof.checks.runtime import seeds
from driftproof.checks.runtime.roundoff import UNIT, Joined, Rounded, exactly
from driftproof.checks.runtime.scenario import allowed, compare, compiled_run, loud_scenario, start_of
from driftproof.impl import compile_rule
from driftproof.theory.catalogue import rule
from driftproof.theory.errors import Refused

TENSORS, GROUPS = np.array([0, 1, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 0, 0])
ROW = (6,)


@pytest.mark.parametrize("over, owners", [("tensor", TENSORS), ("group", GROUPS), ("all", np.zeros(6))])
@pytest.mark.parametrize("kind", ["sum", "mean", "max"])
def test_every_entry_gets_the_number_of_its_own_and_the_bound_holds_in_any_order(kind, over, owners):
    random = np.random.default_rng(3)
    for _ in range(50):
        x = random.normal(size=6) * 10.0 ** random.integers(-8, 8, size=6)
        found = Joined(TENSORS, GROUPS).reduce(kind, over, exactly(x), ROW)
        for k in range(6):
            mine = [Fraction(v) for v, owner in zip(x, owners, strict=True) if owner == owners[k]]
            exact = max(mine) if kind == "max" else sum(mine) / (len(mine) if kind == "mean" else 1)
            assert (
                abs(Fraction(float(found.value[k])) - exact) <= Fraction(float(found.error[k])) + abs(exact) * UNIT**2
            )
            shuffled = float(np.sum(random.permutation([float(v) for v in mine])))
            assert kind != "sum" or abs(Fraction(shuffled) - exact) <= Fraction(float(found.error[k]))


def test_errors_of_entries_are_inherited():
    found = Joined(TENSORS, GROUPS).reduce("sum", "group", Rounded(np.zeros(6), np.arange(6.0)), ROW)
    assert found.error.tolist() == [12, 3, 3, 12, 12, 12]


@pytest.mark.parametrize("over", ["row", "column"])
def test_rows_and_columns_are_refused(over):
    with pytest.raises(Refused, match=over):
        Joined(TENSORS, GROUPS).reduce("sum", over, exactly(np.ones(6)), ROW)


@pytest.mark.parametrize("text", ["momo", "momo_adam", "momo@bound=estimated", "momo_adam@bound=estimated"])
def test_the_scenario_meets_no_step_a_cut_step_and_the_full_one(text):
    compiled, scenario = compile_rule(text, "reference"), loud_scenario(seeds.generator(1), 20)
    found = np.array(list(compiled_run(rule(text), scenario, compiled)))
    entries = scenario.owner.size
    cuts = found[:, entries : 2 * entries]
    assert (cuts == cuts[:, :1]).all(), "one share for all entries"
    assert {0.0, 1.0} < set(cuts[:, 0].tolist())


@pytest.mark.parametrize("text", ["momo", "momo_adam"])
def test_a_loss_that_is_off_by_a_share_of_1e_10_is_beyond_the_bound(text):
    """The bound is a few hundred roundings of 1e-16 wide, not a tolerance under which mistakes hide."""
    from dataclasses import replace

    scenario = loud_scenario(seeds.generator(1), 20)
    other = replace(scenario, losses=tuple(f * (1 + 1e-10) for f in scenario.losses))
    ours, theirs = (list(compiled_run(rule(text), s)) for s in (scenario, other))
    bounds = list(allowed(rule(text), scenario.with_defaults(rule(text))))
    assert isclose(other.losses[0], scenario.losses[0], rel_tol=1e-9)
    assert not compare(theirs, ours, bounds, start_of(rule(text), scenario)).agrees
    assert compare(ours, ours, bounds, start_of(rule(text), scenario)).agrees
