"""What the checks of MoMo's theorem and of its estimated bound stand on, at other seeds than theirs."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from driftproof.checks import estimated_bounds_of_momo_follow_from_a_lemma as lemma
from driftproof.checks import momo_reaches_common_minimisers_at_its_rate as rate
from driftproof.theory.catalogue import rule


@pytest.mark.parametrize("name", rate.LOSSES)
def test_the_steepest_slope_is_the_largest_over_the_ball_and_is_taken_there(name):
    loss, a, D = rate.LOSSES[name], np.array([0.6, -1.1]), 2.3
    angles = np.linspace(0, 2 * np.pi, 7201)
    points = np.concatenate([r * D * np.stack([np.cos(angles), np.sin(angles)], 1) for r in (0.3, 0.8, 1.0)])
    slopes = [abs(float(loss.slope(a @ x))) * np.linalg.norm(a) for x in points]
    assert float(loss.steepest(np.linalg.norm(a), D)) == pytest.approx(max(slopes), rel=1e-6)


@pytest.mark.parametrize("name", rate.LOSSES)
def test_losses_are_convex_with_those_slopes_and_least_at_the_common_minimiser(name):
    loss = rate.LOSSES[name]
    for r in np.linspace(-2, 2, 41):
        assert loss.value(r) >= 0 == loss.value(0.0)
        assert all(loss.value(s) >= loss.value(r) + loss.slope(r) * (s - r) - 1e-12 for s in np.linspace(-2, 2, 9))


@pytest.mark.parametrize("setting", rate.SETTINGS[::5], ids=lambda s: s.subject)
def test_the_theorem_holds_at_other_seeds_and_says_something(setting):
    used, wrong = rate.ratio(rule(setting.text), setting, 0, 11)
    assert wrong == "" and 0.01 < used <= 1


def test_expectations_are_those_of_paths_one_by_one():
    """The third mean gap, by running the compiled rule along all four pairs of losses."""
    from driftproof.impl import compile_rule

    setting, given = rate.Setting("momo", "squares", "0.5"), rate.instance(0, 3)
    with mpmath.workdps(rate.PRECISION):
        gaps, _ = rate.measured(rule("momo"), setting, 0, 3)
    a, start = np.array(given.directions, dtype=float), np.array(given.start, dtype=float)
    compiled, found = compile_rule("momo", "reference"), []
    for path in np.ndindex(2, 2):
        state = compiled.init([start])
        for j in path:
            rest = a[j] @ state.theta[0]
            state = compiled.step(state, [rest * a[j]], {"eta": 2.0**200, "beta1": 0.5}, loss=rest**2 / 2)
        found.append(np.mean((a @ state.theta[0]) ** 2 / 2))
    assert float(gaps[2]) == pytest.approx(np.mean(found), rel=1e-10)


@pytest.mark.parametrize("text", lemma.TEXTS)
def test_the_lemma_holds_at_other_seeds(text):
    for kind in lemma.LOSSES:
        for seed in (101, 102):
            seen = lemma.history(lemma._starred(text), text, kind, seed)
            assert lemma.lacking(text, seen) == "" == lemma.off(text, seen)


def test_terms_by_definition_are_those_that_the_rule_carries():
    seen = lemma.history(lemma._starred("momo"), "momo", "squares", 5)
    found = lemma.terms("momo", seen)
    assert np.all(found.rho == pytest.approx(1)) and np.all(found.eta == 1)
    assert found.h[0] == seen.f[0] and found.q[0] == pytest.approx(np.sum(seen.g[0] ** 2))
    moved = np.sum(np.diff(seen.x, axis=0) ** 2, axis=1)
    assert moved == pytest.approx(seen.tau**2 * found.q), "x^{j+1} - x^j = - tau_j d_j"
