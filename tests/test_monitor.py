"""Monitored rules: they move theta as the rule does, miss nothing, and refuse what they do not cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Rational, sqrt

from driftproof.impl import compile_rule
from driftproof.impl.monitor import departures, rows
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import DriftproofError, Refused, UnknownName
from driftproof.theory.monitor import HYPOTHESES, monitored
from driftproof.theory.symbols import symbol, t

RULES = ("adam", "adamw@decay=after", "rmsprop", "adagrad@eps=inside", "generic_adam")
GRADIENTS = [np.array([0.5, -0.25, 0.0]) * 0.9**k for k in range(6)]


def ran(compiled, gradients, settings=lambda k: {}):
    state = compiled.init([np.array([1.0, -2.0, 0.5])])
    for k, gradient in enumerate(gradients, start=1):
        state = compiled.step(state, [gradient], settings(k))
    return state


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
@pytest.mark.parametrize("name", RULES)
def test_a_monitored_rule_moves_theta_as_the_rule_does_to_the_bit(name, target):
    rule = rule_of(name)
    for dtype in ("float64", "float32") if target != "reference" else ("float64",):
        gradients = [g.astype(dtype) for g in GRADIENTS]
        plain, watched = (ran(compile_rule(r, target, dtype), gradients) for r in (rule, monitored(rule)))
        assert np.asarray(plain.theta[0]).tobytes() == np.asarray(watched.theta[0]).tobytes()
        assert departures(watched) == () or name.startswith("adam")  # Adam's own chi grows at first


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_leaves_the_bound_at_its_step(target, bad):
    gradients = [g.copy() for g in GRADIENTS]
    gradients[3][1] = bad
    state = ran(compile_rule(monitored(rule_of("rmsprop")), target, "float64"), gradients)
    assert [(d.hypothesis, d.step) for d in departures(state)] == [("gradient", 4)]
    assert "step 4" in str(departures(state)[0])


def test_schedules_become_part_of_the_rule():
    values = {"eta": Rational(1, 2) / sqrt(t), "beta2": 1 - 1 / (2 * t), "beta1": Rational(9, 10)}
    rule = monitored(rule_of("generic_adam"), values)
    assert {h.name for h in rule.hyperparameters} == {"G", "C0"}
    state = ran(compile_rule(rule), GRADIENTS)
    (row,) = rows(state)
    assert row["chi"] == pytest.approx(math.sqrt(0.5), rel=1e-14)
    assert row["C_0"] == pytest.approx(1, rel=1e-14)
    assert departures(state) == ()
    with pytest.raises(Refused, match="depends on T"):
        monitored(rule_of("generic_adam"), {"eta": 1 / sqrt(symbol("T"))})
    with pytest.raises(UnknownName, match="eta"):
        monitored(rule_of("generic_adam"), {"etta": 1 / sqrt(t)})


def test_a_step_size_that_starts_at_zero_leaves_sc3_and_one_that_ends_there_does_not():
    compiled = compile_rule(monitored(rule_of("generic_adam")))
    warm = ran(compiled, GRADIENTS, lambda k: {"eta": 0.1 * min(k - 1, 1)})
    assert [(d.hypothesis, d.step) for d in departures(warm)] == [("SC3", 2)]
    cold = ran(compiled, GRADIENTS, lambda k: {"eta": 0.1 * (6 - k)})
    assert departures(cold) == ()


def test_a_rising_average_constant_is_no_departure_and_a_falling_one_is():
    compiled = compile_rule(monitored(rule_of("generic_adam")))
    rising = ran(compiled, GRADIENTS, lambda k: {"eta": 0.1 / k, "beta2": 1 - 0.5 / k})
    assert departures(rising) == ()
    falling = ran(compiled, GRADIENTS, lambda k: {"eta": 0.1 / k, "beta2": 0.9 - 1e-5 * (k == 5)})
    assert [(d.hypothesis, d.step) for d in departures(falling)] == [("SC2", 5)]


def test_a_penalty_on_theta_counts_as_gradient():
    """l2 adds lambda theta to the gradient: 0.5 + 2 in the first entry is more than G = 1."""
    from driftproof.theory.combinators import compose, l2

    decayed = compose("decayed", rule_of("rmsprop"), [l2("2")])
    state = ran(compile_rule(monitored(decayed)), GRADIENTS[:1])
    assert rows(state)[0]["gradient_max"] == 4.25
    assert [d.hypothesis for d in departures(state)] == ["gradient"]


@pytest.mark.parametrize("name", ["adopt", "adam@amsgrad=raw", "nadam", "lion", "muon"])
def test_what_is_not_generic_adam_is_refused(name):
    with pytest.raises(Refused):
        monitored(rule_of(name))


def test_a_state_without_a_monitor_is_told():
    with pytest.raises(DriftproofError, match="monitored"):
        rows(compile_rule(rule_of("adam")).init([np.ones(1)]))
    assert set(HYPOTHESES) == {"SC2", "SC3", "gradient"}


def test_the_smallest_step_size_of_torchs_default_is_at_step_12():
    """sqrt(1 - 0.999^t)/(1 - 0.9^t) falls to 0.15224 at t = 12 and rises to 1: C_0 is 6.5685 in the end."""
    compiled = compile_rule(monitored(rule_of("adam"), spread=7))
    state, alphas = compiled.init([np.zeros(1)]), []
    for _ in range(12_000):
        state = compiled.step(state, [np.ones(1)], {"eta": 1.0}, out=state)
        alphas.append(float(state.outputs["alpha"][0]))
    assert min(range(len(alphas)), key=alphas.__getitem__) + 1 == 12
    (row,) = rows(state)
    assert min(alphas) == pytest.approx(0.15224, abs=5e-6)
    assert row["C_0"] == pytest.approx(6.5685, abs=5e-5)
    assert departures(state) == ()
