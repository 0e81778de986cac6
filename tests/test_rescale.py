"""Scaling hyperparameters: what the rule keeps, where it is refused, and what the alternatives approximate."""

import math
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Rational

from driftproof.theory.catalogue import rule
from driftproof.theory.combinators import compose, l2
from driftproof.theory.derive import derive
from driftproof.theory.errors import DriftproofError, OutOfDomain, UnknownName
from driftproof.theory.quantities import number, short
from driftproof.theory.rescale import rescale
from driftproof.theory.scaling import scaling_rule
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import symbol, t

RULES = [
    "adam",
    "adam@eps=inside",
    "adam@eps=hat",
    "adamw",
    "generic_adam",
    "rmsprop",
    "rmsprop@momentum=outside",
    "sgd",
    "sgd@momentum=ema",
    "sgd@momentum=heavy_ball",
    "sgd@momentum=heavy_ball,nesterov=yes",
]

kappas = st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=12)
few = settings(max_examples=20, deadline=None)


@cache
def scaling_of(text):
    return scaling_rule(rule(text))


@cache
def sde_of(text):
    return derive(rule(text))


def equal(left, right):
    """To 40 of 50 digits; SymPy's simplify decides nothing here."""
    left, right = (sympy.N(value, 50) for value in (left, right))
    return abs(left - right) <= abs(right) * Rational(1, 10**40)


def scaled(text, kappa, values=None, **run):
    chosen = rule(text)
    return rescale(chosen, scaling_of(text), kappa, values, **run)


def by_label(found, label):
    (item,) = [item for item in found.alternatives if item.label == label]
    return item


# What the rule keeps


@pytest.mark.parametrize("text", RULES)
@few
@given(kappa=kappas)
def test_rule_keeps_every_constant_of_the_sde_and_its_horizon(text, kappa):
    """The constants come from the derivation, the new values from the exponents: two computations."""
    sde, found = sde_of(text), scaled(text, kappa)
    sigma = Rational(3, 7)
    old = {"sigma": sigma, **found.values}
    new = {"sigma": sigma / sympy.sqrt(found.kappa), **found.setting.hyperparameters}
    for constant in sde.constants.values():
        before, after = (constant.subs(values, simultaneous=True) for values in (old, new))
        assert equal(before, after)
    h_old, h_new = (sde.time_per_step.subs(values) for values in (old, new))
    assert equal(h_new / h_old, found.kappa ** -Rational(found.exponents["steps"]))


@pytest.mark.parametrize("text", ["adam", "adamw", "sgd@momentum=heavy_ball"])
@few
@given(root=st.fractions(Fraction(1, 2), 2, max_denominator=8), second=kappas)
def test_scaling_twice_is_scaling_by_the_product(text, root, second):
    """The first kappa is a square, so that its result is rational and can be given again."""
    assume(root**2 * second < 9)
    once = scaled(text, root**2 * second)
    twice = scaled(text, second, scaled(text, root**2).setting.hyperparameters)
    for name, value in once.setting.hyperparameters.items():
        assert equal(value, twice.setting.hyperparameters[name])


def test_adam_at_four_times_the_batch():
    """source: Malladi et al. 2022, square-root scaling rule; worked by hand."""
    found = scaled("adam", 4, steps=1000, batch_size=64)
    wanted = {"eta": "1/500", "beta1": "3/5", "beta2": "249/250", "eps": "1/200000000"}
    assert {k: str(v) for k, v in found.setting.hyperparameters.items()} == wanted
    assert (found.batch_size, found.steps.chosen, found.steps.leftover) == (256, 250, 0)


def test_decoupled_decay_scales_with_the_root_of_kappa_and_coupled_decay_does_not_change():
    assert scaled("adamw", 4).setting.hyperparameters["lambda"] == Rational(2, 100)
    coupled = compose("adam_l2", rule("adam"), [l2("0.01")])
    found = rescale(coupled, scaling_rule(coupled), 4)
    assert found.setting.hyperparameters["lambda"] == Rational(1, 100)


def test_stored_state_moves_with_the_batch():
    moved = {name: str(e) for name, e in scaled("adam", 4).setting.state_transform.items()}
    assert moved == {"m": "m", "v": "v/4", "t": "t/4"}
    assert scaled("sgd@momentum=ema", 4).setting.state_transform == {"b": symbol("b")}
    assert scaled("sgd@momentum=heavy_ball", 4).setting.state_transform == {"b": symbol("b") / 4}


def test_nothing_changes_at_kappa_one_even_without_averaging():
    found = scaled("adam", 1, {"beta1": 0})
    assert found.valid and found.setting.hyperparameters == found.values


# The wall


def test_wall_is_refused_and_just_below_it_is_not():
    at, below = scaled("adam", 10), scaled("adam", "9.99")
    assert not at.valid and at.setting is None
    assert below.valid and below.setting.hyperparameters["beta1"] == Rational(1, 1000)
    assert at.walls == {"beta1": 10, "beta2": 1000}


@few
@given(kappa=st.fractions(Fraction(1, 10), 2000, max_denominator=10), tenths=st.integers(0, 999))
def test_every_value_given_lies_in_its_domain(kappa, tenths):
    declared = rule("adam")
    found = scaled("adam", kappa, {"beta1": Rational(tenths, 1000)})
    assert found.valid == (kappa == 1 or (kappa * (1 - Fraction(tenths, 1000)) < 1 and kappa < 1000))
    for setting in [found.setting, *found.alternatives] if found.valid else found.alternatives:
        for name, value in setting.hyperparameters.items():
            assert declared.hyperparameter(name).domain.contains(float(value))


def test_refusal_names_the_wall_and_json_holds_no_hyperparameter():
    found = scaled("adam", 16)
    assert "kappa = 16 is not below 10" in found.reason
    data = found.as_json()
    assert data["valid"] is False and data["hyperparameters"] == {} and data["state_transform"] == {}
    assert [item["label"] for item in data["alternatives"]] == ["beta^kappa", "beta1 fixed"]


def test_fixed_average_is_offered_only_for_one_that_is_linear_in_the_gradient():
    assert [item.label for item in scaled("rmsprop", 4).alternatives] == ["beta^kappa"]
    # Where beta2 leaves its domain too, keeping beta1 alone does not help.
    assert [item.label for item in scaled("adam", 2000).alternatives] == ["beta^kappa"]


# The alternatives


@few
@given(kappa=st.integers(2, 9), beta=st.fractions(Fraction(9, 10), Fraction(9999, 10000)))
def test_power_of_beta_agrees_with_the_rule_to_second_order_in_one_minus_beta(kappa, beta):
    """0 <= beta^k - (1 - k (1 - beta)) <= k (k - 1)/2 (1 - beta)^2, by Taylor; a step lasts O(1 - beta)."""
    found = scaled("adam", kappa, {"beta1": Rational(beta), "beta2": Rational(beta)})
    assume(found.valid)
    gap = by_label(found, "beta^kappa").hyperparameters["beta1"] - found.setting.hyperparameters["beta1"]
    assert 0 <= gap <= Rational(kappa * (kappa - 1), 2) * (1 - Rational(beta)) ** 2


@pytest.mark.parametrize("nesterov", ["no", "yes"])
def test_heavy_ball_has_two_readings_with_the_same_effective_step(nesterov):
    """eta/(1 - mu) grows by kappa: with mu scaled eta grows by kappa^2, with mu fixed by kappa."""
    found = scaled(f"sgd@momentum=heavy_ball,nesterov={nesterov}", 4, {"eta": "0.1", "mu": "0.9"})
    fixed = by_label(found, "mu fixed")
    assert found.setting.hyperparameters["eta"] == Rational(16, 10)
    assert fixed.hyperparameters["eta"] == Rational(4, 10) and fixed.hyperparameters["mu"] == Rational(9, 10)
    assert fixed.state_transform["b"] == symbol("b")
    for setting in (found.setting, fixed, by_label(found, "beta^kappa")):
        # b is a sum of gradients over 1/(1 - mu) steps.
        assert setting.state_transform["b"] == symbol("b") * Rational(1, 10) / (1 - setting.hyperparameters["mu"])
        values = setting.hyperparameters
        assert values["eta"] / (1 - values["mu"]) == 4 * Rational(1, 10) / Rational(1, 10)
    assert "the effective step size is eta (1 - mu)^-1" in found.setting.note
    assert "eta is the effective step size" in scaled("sgd@momentum=ema", 4).setting.note


@pytest.mark.parametrize(("momentum", "factor"), [("outside", 2), ("inside", 4)])
def test_with_momentum_fixed_its_state_scales_as_what_it_adds_up(momentum, factor):
    """RMSprop's d = g/sqrt(v) grows by sqrt(kappa), since v shrinks by kappa; and eta d by kappa."""
    fixed = by_label(scaled(f"rmsprop@momentum={momentum}", 4), "mu fixed")
    assert fixed.hyperparameters["eta"] == 2 * Rational(1, 100)
    assert fixed.state_transform["b"] == factor * symbol("b")


def _mean_of_theta(eta, mu, time):
    """E theta of SGD with EMA momentum on f = theta^2/2 from theta = 1, b = 0; exact up to rounding."""
    theta, b = 1.0, 0.0
    for _ in range(round(time / eta)):
        b = mu * b + (1 - mu) * theta
        theta -= eta * b
    return theta


def test_fixed_momentum_goes_to_the_sde_with_the_momentum_slaved_and_not_to_its_own():
    """Slaved: d theta = -theta dt.   Its own, c1 = (1 - mu)/eta fixed at 2: theta'' = -2 theta' - 2 theta."""
    slaved = math.exp(-1)
    own = math.exp(-1) * (math.cos(1) + math.sin(1))
    to_slaved = [abs(_mean_of_theta(h, 0.9, 1) - slaved) for h in (1 / 8000, 1 / 16000, 1 / 32000)]
    # O(h): each half of the step halves the error, up to terms of relative size h/(1 - mu)^2 = 1/80.
    assert all(abs(a / b - 2) < 2 / 80 for a, b in pairwise(to_slaved))
    assert abs(_mean_of_theta(1 / 8000, 0.9, 1) - own) > 100 * to_slaved[0]
    assert abs(_mean_of_theta(1 / 8000, 1 - 2 / 8000, 1) - own) < 1 / 1000


# Steps, batch size, schedules


@few
@given(kappa=kappas, steps=st.integers(50, 10**6))
def test_steps_end_within_half_a_new_step_of_the_same_time_and_say_by_how_much(kappa, steps):
    count = scaled("sgd", kappa, steps=steps).steps
    assert count.exact == Rational(steps) / Rational(kappa) == count.chosen + count.leftover
    assert count.chosen >= 1 and abs(count.leftover) <= Rational(1, 2)


def test_run_that_rounding_would_move_by_more_than_a_tenth_is_refused():
    with pytest.raises(OutOfDomain, match=r"10 becomes 2\.5 steps, and the nearest whole number is 3"):
        scaled("sgd", 4, steps=10)
    assert scaled("sgd", 4, steps=22).steps.chosen == 6  # exactly 5.5: 0.5/5.5 is less than a tenth


def test_warm_up_longer_than_the_run_is_refused():
    with pytest.raises(OutOfDomain, match="warmup = 101 is more than steps = 100"):
        scaled("adam", 4, steps=100, warmup=101)
    assert scaled("adam", 4, steps=100, warmup=100).warmup.chosen == 25


@pytest.mark.parametrize(
    ("text", "steps", "place"),
    [
        ("-1", None, "t = 1."),
        ("1/(t - 1)", None, "t = 1."),
        ("1/(1000000 - t)", 10**6, "t = 1000000."),
        ("1 - t/50", None, "t = 51."),
        ("sqrt(60 - t)", 64, "t = 61."),
        ("exp(exp(t))", 64, "t = 7."),
        ("1/(T - t)", 64, "t = 64."),
        ("Piecewise((1, t < 8))", 64, "t = 8."),
    ],
)
def test_schedule_that_is_negative_or_infinite_is_refused_with_the_step(text, steps, place):
    with pytest.raises(OutOfDomain) as refusal:
        scaled("sgd", 4, schedule=schedule(text), steps=steps)
    assert refusal.value.what.endswith(place)


def test_schedule_must_hold_on_the_new_grid_too():
    """At kappa = 1/2 the first new step ends at half an old one, where log(t) is negative."""
    assert scaled("sgd", 1, schedule=schedule("log(t)"), steps=64).valid
    with pytest.raises(OutOfDomain, match=r"below 0 at t = 1 of the new run \(t = 0\.5 of the old\)"):
        scaled("sgd", "1/2", schedule=schedule("log(t)"), steps=64)


@pytest.mark.parametrize("text", ["(1 + cos(pi*t/T))/2", "max(0, 1 - t/10)", "min(1, t/100)", "1 - t/T", "0"])
@pytest.mark.parametrize("steps", [None, 64, 10**6])
def test_schedules_in_use_are_accepted(text, steps):
    assert scaled("adam", 4, schedule=schedule(text), steps=steps).valid


def test_step_size_that_defines_time_must_not_be_0():
    with pytest.raises(OutOfDomain, match="eta = 0 cannot be scaled"):
        scaled("adam", 4, {"eta": 0})


def test_time_per_step_that_is_not_small_is_said_with_its_value():
    """Worked by hand: SGD has h = eta, Adam h = eta^2."""
    (said,) = scaled("sgd", 8, {"eta": "0.1"}).remarks
    assert said.startswith("h is 0.8, which is not small")
    assert scaled("sgd", 8, {"eta": "0.01"}).remarks == ()
    assert [r.partition(",")[0] for r in scaled("adam", 4, {"eta": "0.25"}).remarks] == [
        "1 - beta1 = c h is 0.4",
        "h = eta^2 is 0.25",
    ]


def test_result_has_the_attributes_of_its_json():
    found = scaled("adam", 4)
    assert found.hyperparameters == found.setting.hyperparameters and found.hyperparameters["eta"] == Rational(1, 500)
    assert {name: str(e) for name, e in found.state_transform.items()} == found.as_json()["state_transform"]
    assert scaled("adam", 100).hyperparameters == {} == scaled("adam", 100).state_transform


def test_batch_size_must_stay_whole_and_the_error_names_kappas_that_keep_it_so():
    with pytest.raises(OutOfDomain) as refusal:
        scaled("sgd", "3/2", batch_size=5)
    assert "15/2" in refusal.value.what
    for kappa, size in (("7/5", 7), ("8/5", 8)):
        assert f"kappa = {kappa} (batch size {size})" in refusal.value.fix
        assert scaled("sgd", kappa, batch_size=5).batch_size == size


@few
@given(kappa=kappas, step=st.integers(1, 400))
def test_schedule_has_the_same_value_at_the_same_time(kappa, step):
    """Old step kappa * k and new step k end at the same SDE time; T counts the steps of its own run."""
    old = schedule("min(1, t/100) * cos(pi*t/T)**2")
    new = scaled("adam", kappa, schedule=old).schedule
    horizon = {"old": sympy.Integer(1000), "new": 1000 / Rational(kappa)}
    before = old.subs({t: Rational(kappa) * step, symbol("T"): horizon["old"]})
    after = new.subs({t: step, symbol("T"): horizon["new"]})
    assert equal(before, after) or before == after == 0


def test_warm_up_shrinks_with_the_steps():
    warmup = scaled("adam", 8, steps=1000, warmup=100).warmup
    assert (warmup.exact, warmup.chosen, warmup.leftover) == (Rational(25, 2), 13, -Rational(1, 2))


# Bad input


@pytest.mark.parametrize(
    "kappa", ["0", "-1", "nan", "inf", float("nan"), float("-inf"), "1e999", "x", "", "1/0", "4 4"]
)
def test_kappa_that_is_no_positive_number_is_refused(kappa):
    with pytest.raises(DriftproofError):
        scaled("adam", kappa)


@pytest.mark.parametrize(
    ("values", "kind"),
    [({"beta1": "1"}, OutOfDomain), ({"eps": "-1"}, OutOfDomain), ({"mu": "0.9"}, UnknownName)],
)
def test_hyperparameters_outside_their_domain_or_unknown_are_refused(values, kind):
    with pytest.raises(kind):
        scaled("adam", 4, values)


@pytest.mark.parametrize("kappa", ["1e-20", "1e-320", "1e390"])
def test_values_that_float64_cannot_tell_from_the_edge_are_refused(kappa):
    """beta1 = 1 - 1e-21 is 1.0 in float64, outside [0, 1): refused, though the exact value lies inside."""
    assert not scaled("adam", kappa).valid


@given(value=st.floats(min_value=1e-300, max_value=1e300))
def test_a_float_means_its_shortest_decimal(value):
    assert number(value, "x") == Rational(repr(value)) == number(repr(value), "x")


@given(value=st.fractions(max_denominator=10**9).filter(bool))
def test_short_decimals_are_right_to_six_digits(value):
    assert abs(Fraction(short(Rational(value))) - value) <= abs(value) * Fraction(1, 2 * 10**5)


def test_text_inside_a_schedule_is_never_evaluated(tmp_path):
    """SymPy evaluates text as Python, also inside the tuples, lists and dictionaries that it is given."""
    made = tmp_path / "made"
    attack = f"__import__('os').mkdir('{made}')"
    words = ("exp", "max", "min", "abs", "sqrt", "cos", "sin", "log", "Rational", "Piecewise")
    for text in (f'"{attack}"', f'("{attack}", 1)', f'["{attack}", 1]', f'{{"{attack}": 1}}', f'{{1: "{attack}"}}'):
        calls = [f"{word}({text})" for word in words] + [f"{word}({text}, 1)" for word in words]
        sums = [f"t {sign} {text}" for sign in "+-*/<>"] + [f"{text} {sign} t" for sign in "+-*/<>"]
        for given_text in [*calls, *sums, f"t ** {text}", f"-{text}"]:
            with pytest.raises(DriftproofError):
                schedule(given_text)
    assert not made.exists()


@pytest.mark.parametrize(
    "text",
    [
        "t +",
        "__import__('os')",
        "1/0",
        "sqrt(-1)",
        "foo(t)",
        "t if t else 1",
        "max(exp(exp(exp(100))), 1)",
        "max(sin(exp(10**17)), 0)",
    ],
)
def test_schedule_that_is_no_expression_is_refused(text):
    with pytest.raises(DriftproofError):
        schedule(text)
