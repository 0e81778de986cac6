"""Mutants are wrong versions that differ: of rules, from their equations; of emitted text, from its statements."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from driftproof.checks.runtime import texts
from driftproof.checks.runtime.evaluate import EXACT, MPMATH, trajectory
from driftproof.checks.runtime.mutants import changed_equations, mutants, observable, other_options, variants
from driftproof.checks.runtime.roundoff import RUNNING_ERROR, exactly
from driftproof.theory import catalogue
from driftproof.theory.errors import Refused
from driftproof.theory.language import Source, UpdateRule, eq, eta, g, hyper, new, norm, theta

ADAM = dict(mutants(catalogue.rule("adam")))


@pytest.mark.parametrize(
    "slip",
    [
        *("eps=hat", "eps=inside", "correction=none", "second_moment=old", "amsgrad=raw"),
        *("bias1: t +1", "bias2: t -1", "denom: eps dropped", "m_hat: old m for new", "v_hat: old v for new"),
        *("v_new: power 2 of g dropped", "m_new: 1 dropped", "theta_new: -step negated", "beta1 and beta2 exchanged"),
    ],
)
def test_the_slips_that_implementations_make_are_among_adams_mutants(slip):
    assert slip in ADAM


@pytest.mark.parametrize("name", catalogue.names())
def test_mutants_are_well_formed_different_and_counted_once(name):
    rule = catalogue.rule(name)
    found = [mutant.digest for _, mutant in mutants(rule)]
    assert len(found) == len(set(found)) > 5
    assert rule.digest not in found


def test_a_change_that_no_run_can_show_is_not_counted():
    """ADOPT's limit is used from t = 2 on, where max(t - 1, 1) is t - 1."""
    rule = catalogue.rule("adopt@clip=growing")
    changes = dict(changed_equations(rule))
    assert not observable(rule, changes["limit: t - 1 alone"])
    assert "limit: t - 1 alone" not in dict(mutants(rule))


def test_options_that_do_not_touch_a_variant_are_not_counted():
    rule = catalogue.rule("sgd")  # without momentum neither Nesterov's form nor the first buffer matters
    assert {"nesterov=yes", "first=damped"} <= dict(other_options(rule)).keys()
    assert not {"nesterov=yes", "first=damped"} & dict(mutants(rule)).keys()


def test_variants_go_along_one_axis_at_a_time_or_over_all_combinations():
    rule = catalogue.rule("rmsprop")
    axes = [len(c.options) for c in rule.conventions]
    assert len(variants(rule, every=False)) == 1 + sum(n - 1 for n in axes)
    assert len(variants(rule, every=True)) == np.prod(axes)
    assert variants(rule, every=False)[0].label == "rmsprop"


# The second reading of the equations


def paths(rule, arithmetic, convert, steps=6):
    """theta over a few steps from the same inputs, in a given arithmetic."""
    gradients = [0.5, -1.25, 2.0, 0.125, -0.75, 1.5][:steps]
    schedule = [{h.name: convert(2.0 ** -(2 + k % 3)) for k, h in enumerate(rule.hyperparameters)}] * steps
    return [s[theta] for s in trajectory(rule, convert(1.5), [convert(x) for x in gradients], schedule, arithmetic)]


ALL = [variant.label for name in catalogue.names() for variant in variants(catalogue.rule(name), every=False)]


@pytest.mark.parametrize("label", ALL)
def test_the_running_error_covers_the_rounding_of_every_rule(label):
    """Against 50 digits; the inputs are exact in binary, so all of the difference is rounding."""
    rule = catalogue.rule(label)
    with mpmath.workdps(50):
        exact = paths(rule, MPMATH, mpmath.mpf)
        rounded = paths(rule, RUNNING_ERROR, exactly)
        for truth, found in zip(exact, rounded, strict=True):
            assert abs(truth - mpmath.mpf(float(found.value))) <= mpmath.mpf(float(found.error))
            assert found.error <= 1e-12, "the bound is sharp enough to be of use"


def test_the_second_reading_agrees_with_the_compiled_reference():
    from driftproof.impl import compile_rule

    rule = catalogue.rule("adamw@amsgrad=raw,decay=after")
    compiled = compile_rule(rule, "reference")
    given = {h.name: 2.0 ** -(2 + k % 3) for k, h in enumerate(rule.hyperparameters)}
    state = compiled.init([np.array([1.5])])
    for gradient, expected in zip([0.5, -1.25, 2.0], paths(rule, MPMATH, mpmath.mpf, 3), strict=True):
        state = compiled.step(state, [np.array([gradient])], given)
        assert float(state.theta[0][0]) == pytest.approx(float(expected), rel=1e-14)


def test_exact_evaluation_keeps_fractions():
    rule = catalogue.rule("sgd@momentum=ema")
    found = paths(rule, EXACT, lambda x: EXACT.number(Fraction(x)))
    assert all(value.is_Rational for value in found)


def test_rules_that_couple_entries_are_refused():
    rule = UpdateRule(
        "scaled",
        Source("kingma2015adam", "a test"),
        [eq(new(theta), theta - eta * g / norm(g, over="tensor"))],
        [hyper(eta, "0.1")],
    )
    with pytest.raises(Refused, match="one-entry"):
        paths(rule, MPMATH, mpmath.mpf)


# Edited texts


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
def test_edited_texts_differ_in_one_line(target):
    text = texts.emitted(catalogue.rule("adam@amsgrad=raw"), target)
    found = list(texts.edited(text))
    assert len(found) > 20
    for _, other in found:
        pairs = zip(text.splitlines(), other.splitlines(), strict=True)
        assert sum(a != b for a, b in pairs) == 1
