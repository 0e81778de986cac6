"""Scaling rules and SVAG come out of the exponent systems, with the rank, and deficiency is refused."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
import sympy
from sympy import Symbol, sqrt

from driftproof.theory.balance import limit
from driftproof.theory.catalogue import rule
from driftproof.theory.combinators import compose, l2
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.exponents import Balance, form, solve
from driftproof.theory.scaling import scaling_rule, svag_form, svag_rule

HALF = F(1, 2)
ADAM = {"eta": HALF, "eps": -HALF, "1-beta1": 1, "1-beta2": 1, "steps": -1}


@pytest.mark.parametrize(
    ("text", "exponents", "states"),
    [
        ("sgd", {"eta": 1, "steps": -1}, {}),
        ("sgd@momentum=ema", {"eta": 1, "1-mu": 1, "steps": -1}, {"b": 0}),
        ("sgd@momentum=heavy_ball", {"eta": 2, "1-mu": 1, "steps": -1}, {"b": -1}),
        ("rmsprop", {"eta": HALF, "eps": -HALF, "1-beta2": 1, "steps": -1}, {"v": -1}),
        ("rmsprop@eps=inside", {"eta": HALF, "eps": -1, "1-beta2": 1, "steps": -1}, {"v": -1}),
        ("adam", ADAM, {"m": 0, "v": -1}),
        ("adamw", {**ADAM, "lambda": HALF}, {"m": 0, "v": -1}),
        ("adagrad", {"eta": 0, "eps": -1, "delta": 1, "steps": -1}, {"v": -2}),
    ],
)
def test_scaling_rules(text, exponents, states):
    found = scaling_rule(rule(text))
    assert dict(found.exponents) == exponents
    assert dict(found.state_exponents) == states
    assert found.rank == len(found.unknowns)


def test_coupled_decay_is_unchanged():
    assert scaling_rule(compose("adam_l2", rule("adam"), [l2()])).exponents["lambda"] == 0


@pytest.mark.parametrize(
    "text", ["sgd", "sgd@momentum=ema", "rmsprop", "adam", "adamw", "rmsprop@eps=inside", "adagrad"]
)
def test_scaled_hyperparameters_keep_every_constant_of_the_sde(text):
    """The definition of a scaling rule, checked on the SDE's own constants: an independent route to the exponents."""
    sde, scaling, kappa = derive(rule(text)), scaling_rule(rule(text)), Symbol("kappa", positive=True)
    swap = {Symbol("sigma"): Symbol("sigma") / sqrt(kappa), Symbol("h"): Symbol("h") * kappa}
    for name, exponent in scaling.exponents.items():
        power = kappa ** sympy.Rational(exponent.numerator, exponent.denominator)
        if name.startswith("1-"):
            swap[Symbol(name[2:])] = 1 - power * (1 - Symbol(name[2:]))
        elif name != "steps":
            swap[Symbol(name)] = power * Symbol(name)
    positive = {s: Symbol(s.name, positive=True) for e in sde.constants.values() for s in e.free_symbols}
    for constant in sde.constants.values():
        change = constant.xreplace(swap) / constant
        assert sympy.simplify(change.xreplace(positive) - 1) == 0


@pytest.mark.parametrize(
    ("text", "amplification"), [("sgd", "l"), ("rmsprop", "l**2"), ("adam", "l**2"), ("adagrad", "l")]
)
def test_svag_weights_keep_the_mean_and_amplify_the_covariance(text, amplification):
    form_ = svag_form(rule(text)).as_json()
    r1, r2 = sympy.sympify(form_["r1"]), sympy.sympify(form_["r2"])
    assert form_["amplification"] == amplification
    assert sympy.simplify(r1 + r2) == 1
    assert sympy.simplify(r1**2 + r2**2 - sympy.sympify(amplification)) == 0
    assert sympy.simplify(r1**3 + r2**3 - sympy.sympify(form_["cubes"])) == 0
    assert sympy.simplify(r1**4 + r2**4 - sympy.sympify(form_["fourth_powers"])) == 0


def test_svag_of_adam_is_the_published_one():
    form_ = svag_form(rule("adamw"))
    shown = {name: str(value) for name, value in form_.hyperparameters.items()}
    assert shown == {
        "eta": "eta/l", "eps": "eps*l", "lambda": "lambda/l",
        "beta1": "1 - (1 - beta1)/l**2", "beta2": "1 - (1 - beta2)/l**2",
    }  # fmt: skip
    assert str(form_.steps) == "l**2" and form_.order == 2


def test_svag_at_one_is_the_rule_with_its_first_draw():
    amplified, plain = svag_rule(rule("adam")), rule("adam")
    at_one = {s: e.subs("ell", 1) for s, e in amplified.step_map.items()}
    ell, g1, g = (next(s for s in e.free_symbols if s.name == n) for e, n in _letters(amplified, plain))
    for state, expected in plain.step_map.items():
        found = amplified.step_map[state].subs(ell, 1).subs(g1, g)
        assert sympy.simplify(found - expected) == 0
    assert at_one


def _letters(amplified, plain):
    return [
        (amplified.equations[0].expression, "ell"),
        (amplified.equations[0].expression, "g1"),
        (plain.equations[0].expression, "g"),
    ]


def test_a_drift_only_system_leaves_the_step_size_free_and_is_refused():
    drift_only = [Balance(form(**{"eta": 1, "time": -1}), "drift")]
    with pytest.raises(Refused, match="rank 1 for 2 unknowns") as refusal:
        solve(drift_only, ["eta", "time"], "drift only", diffusion=False)
    assert "eta" in str(refusal.value)


def test_contradicting_balances_are_refused():
    with pytest.raises(Refused, match="contradict"):
        solve([Balance(form(a=1), "one"), Balance(form(**{"a": 1, "": -1}), "two")], ["a"], "x", diffusion=False)


def test_a_dominated_term_is_dropped_only_if_it_is_lighter():
    lighter = [Balance(form(**{"a": 1, "": -1}), "kept"), Balance(form(a=1), "dominated", "inner")]
    assert solve(lighter, ["a"], "x", diffusion=False).dominated[0].reason == "dominated"
    heavier = [Balance(form(**{"a": 1, "": 1}), "kept"), Balance(form(a=1), "dominating", "inner")]
    with pytest.raises(Refused):
        solve(heavier, ["a"], "x", diffusion=False)


def test_the_rank_of_every_limit_is_full():
    for text in ("sgd", "rmsprop@second_moment=old", "adam", "adamw"):
        found = limit(rule(text)).weights
        assert found.rank == len(found.unknowns)
