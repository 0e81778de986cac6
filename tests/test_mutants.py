"""Mutants are wrong versions that differ: of rules, from their equations; of emitted text, from its statements."""

from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest

from driftproof.checks.runtime import texts
from driftproof.checks.runtime.evaluate import EXACT, MPMATH, trajectory, uses_loss
from driftproof.checks.runtime.mutants import changed_equations, mutants, observable, other_options, variants
from driftproof.checks.runtime.roundoff import RUNNING_ERROR, exactly
from driftproof.impl import compile_rule
from driftproof.theory import catalogue
from driftproof.theory.errors import Refused
from driftproof.theory.language import Source, UpdateRule, eq, f, g, new, theta
from driftproof.theory.nodes import MatMul, Reduce

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


def test_variants_go_along_one_axis_at_a_time_or_along_every_two():
    rule = catalogue.rule("rmsprop")
    others = [len(c.options) - 1 for c in rule.conventions]
    assert len(variants(rule)) == 1 + sum(others)
    assert len(variants(rule, pairs=True)) == 1 + sum(others) + sum(a * b for a, b in combinations(others, 2))
    assert variants(rule)[0].label == "rmsprop"


# The second reading of the equations


def paths(rule, arithmetic, convert, steps=6, lossy=True):
    """theta over a few steps from the same inputs, in a given arithmetic."""
    gradients = [0.5, -1.25, 2.0, 0.125, -0.75, 1.5][:steps]
    schedule = [{h.name: convert(2.0 ** -(2 + k % 3)) for k, h in enumerate(rule.hyperparameters)}] * steps
    shape = (2, 2) if any(e.expression.has(Reduce, MatMul) for e in rule.equations) else ()
    spread = np.array([[1.0, -0.5], [0.25, 2.0]]) if shape else 1.0
    inputs = [convert(x * np.roll(spread, k)) for k, x in enumerate(gradients)]
    losses = [convert(x) for x in (3.0, 2.0, 1.0, 4.0, 0.25, 1.0)] if uses_loss(rule) and lossy else None
    return [s[theta] for s in trajectory(rule, convert(1.5 * spread), inputs, schedule, arithmetic, shape, losses)]


def many_digits(value):
    return np.frompyfunc(mpmath.mpf, 1, 1)(value) if np.ndim(value) else mpmath.mpf(float(value))


SHARP = {
    "muon": 1e-7,  # five polynomials of degree five multiply errors
    "yogi@start=gradient": np.inf,  # the first step takes the sign of v - g^2 = 0, where a bound sees a jump
}
ALL = [variant.label for name in catalogue.names() for variant in variants(catalogue.rule(name))]


@pytest.mark.parametrize("label", ALL)
def test_the_running_error_covers_the_rounding_of_every_rule(label):
    """Against 50 digits; the inputs are exact in binary, so all of the difference is rounding."""
    rule = catalogue.rule(label)
    sharp = SHARP.get(label, SHARP.get(rule.name, 1e-12))
    with mpmath.workdps(50):
        exact = paths(rule, MPMATH, many_digits)
        rounded = paths(rule, RUNNING_ERROR, exactly)
        for truth, found in zip(exact, rounded, strict=True):
            assert np.all(abs(truth - many_digits(found.value)) <= many_digits(found.error))
            assert np.all(found.error <= sharp), "the bound is sharp enough to be of use"


def test_the_second_reading_agrees_with_the_compiled_reference():
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


WHOLE = [("lamb", (2, 3)), ("adafactor", (2, 3)), ("adafactor", (4,)), ("adafactor", ()), ("muon", (3, 2))]


@pytest.mark.parametrize(("name", "shape"), WHOLE)
def test_the_second_reading_of_whole_tensors_agrees_with_the_compiled_reference(name, shape):
    rule, random = catalogue.rule(name), np.random.default_rng(5)
    start, gradients = random.normal(size=shape), [random.normal(size=shape) for _ in range(3)]
    given = {h.name: float(h.default) for h in rule.hyperparameters}
    schedule = [{k: mpmath.mpf(v) for k, v in given.items()}] * 3
    compiled = compile_rule(rule, "reference")
    state = compiled.init([start])
    with mpmath.workdps(50):
        run = trajectory(rule, many_digits(start), [many_digits(x) for x in gradients], schedule, MPMATH, shape)
        for gradient, expected in zip(gradients, run, strict=True):
            state = compiled.step(state, [gradient])
            assert np.allclose(state.theta[0], np.asarray(expected[theta], dtype=float), rtol=1e-14, atol=1e-16)


def test_the_second_reading_refuses_what_it_cannot_see():
    rule = UpdateRule("lossy", Source("kingma2015adam", "a test"), [eq(new(theta), theta - f * g)])
    with pytest.raises(Refused, match="without the loss"):
        paths(rule, MPMATH, mpmath.mpf, lossy=False)


# Edited texts


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
def test_edited_texts_differ_in_one_line(target):
    text = texts.emitted(catalogue.rule("adam@amsgrad=raw"), target)
    found = list(texts.edited(text))
    assert len(found) > 20
    for _, other in found:
        pairs = zip(text.splitlines(), other.splitlines(), strict=True)
        assert sum(a != b for a, b in pairs) == 1
