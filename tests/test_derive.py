"""The engine gives the SDEs of the literature, names the hypotheses they need, and refuses what has none.

The expected expressions are typed here from the papers' forms and from hand derivations, over plain symbols.
"""

from __future__ import annotations

import pytest
import sympy
from sympy import Symbol, exp, sqrt, sympify

from driftproof.theory.catalogue import names, rule
from driftproof.theory.combinators import clip_by_value, compose, l2
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.language import (
    Rational,
    Source,
    State,
    UpdateRule,
    beta1,
    beta2,
    delta,
    eps,
    eq,
    eta,
    g,
    hyper,
    m,
    new,
    norm,
    t,
    theta,
    v,
)
from driftproof.theory.noise import GAUSSIAN, SKEWED
from driftproof.theory.scaling import scaling_rule
from driftproof.theory.symbols import symbol as real

HERE = Source("kingma2015adam", "a test")
RMSPROP = {"theta": "-df/(sigma0*sqrt(u) + eps0)", "u": "c2*(Sigma - u)"}
ADAM = {
    "theta": "-sqrt(gamma2)/gamma1 * m/(sigma0*sqrt(u) + eps0*sqrt(gamma2))",
    "m": "c1*(df - m)",
    "u": "c2*(Sigma - u)",
}


def equal(found: sympy.Expr, expected: str) -> bool:
    """Equal as functions of positive letters."""
    letters = {s.name: Symbol(s.name, positive=True) for s in found.free_symbols}
    names_ = {
        **letters,
        **{n: Symbol(n, positive=True) for n in "theta m u v t df Sigma sigma0 eps0 c1 c2".split()},
    }
    names_ |= {
        n: Symbol(n, positive=True)
        for n in "c1_beta1 gamma1 gamma2 lambda0 delta0 eta Sigma_ij u_i u_j df_i df_j".split()
    }
    value = found.xreplace({s: names_[s.name] for s in found.free_symbols}) - sympify(expected, locals=names_)
    return bool(sympy.simplify(value) == 0)


def assert_drift(sde, expected: dict[str, str]) -> None:
    assert set(sde.drift) == set(expected)
    for state, value in expected.items():
        assert equal(sde.drift[state], value), (state, sde.drift[state])


def assert_diffusion(sde, expected: dict[tuple[str, str], str]) -> None:
    for pair, value in sde.diffusion.items():
        assert equal(value, expected.get(pair, expected.get(pair[::-1], "0"))), (pair, value)


def needed(sde) -> tuple[str, ...]:
    return next((h.needed_for for h in sde.hypotheses if h.name == "low skewness"), ())


def test_sgd_in_both_regimes():
    diffusive, small = derive(rule("sgd")), derive(rule("sgd"), "small")
    assert_drift(diffusive, {"theta": "-df"})
    assert_drift(small, {"theta": "-df"})
    assert_diffusion(diffusive, {("theta", "theta"): "sigma0**2*Sigma"})
    assert_diffusion(small, {("theta", "theta"): "eta*Sigma"})
    assert str(diffusive.time_per_step) == str(small.time_per_step) == "eta"
    assert str(diffusive.constants["sigma0"]) == "sqrt(eta)*sigma"


@pytest.mark.parametrize("text", ["rmsprop@second_moment=old", "rmsprop"])
def test_rmsprop_with_either_second_moment(text):
    sde = derive(rule(text))
    assert_drift(sde, RMSPROP)
    assert_diffusion(sde, {("theta", "theta"): "sigma0**2*Sigma/(sigma0*sqrt(u) + eps0)**2"})
    cross = "sigma0**2*Sigma_ij/((sigma0*sqrt(u_i) + eps0)*(sigma0*sqrt(u_j) + eps0))"
    assert equal(sde.cross_diffusion["theta", "theta"], cross)
    assert str(sde.time_per_step) == "eta**2"
    assert dict(sde.rescaling) == {"u": "v/sigma**2"}
    assert sde.valid_from == "t >= 0"


def test_rmsprop_names_its_two_skewness_terms_by_itself():
    assert needed(derive(rule("rmsprop@second_moment=old"))) == ("E[dtheta du]", "E[dtheta^3]")


def test_the_new_second_moment_adds_a_skewness_term_in_the_mean():
    assert needed(derive(rule("rmsprop"))) == ("E[dtheta]", "E[dtheta du]", "E[dtheta^3]")


def test_without_low_skewness_the_refusal_names_exactly_those_terms():
    with pytest.raises(Refused) as refusal:
        derive(rule("rmsprop@second_moment=old"), noise=SKEWED)
    assert "2 moment(s)" in str(refusal.value)
    assert "E[dtheta du]" in str(refusal.value) and "E[dtheta^3]" in str(refusal.value)


def test_gaussian_noise_needs_no_hypothesis_on_skewness():
    assert needed(derive(rule("rmsprop"), noise=GAUSSIAN)) == ()


@pytest.mark.parametrize("text", ["adam", "adam@second_moment=old"])
def test_adam_with_bias_correction_as_explicit_time_dependence(text):
    sde = derive(rule(text))
    assert_drift(sde, ADAM)
    assert_diffusion(sde, {("m", "m"): "sigma0**2*c1**2*Sigma"})
    assert equal(sde.cross_diffusion["m", "m"], "sigma0**2*c1**2*Sigma_ij")
    assert sde.valid_from.startswith("t >= t0 > 0") and "gamma1" in sde.valid_from
    assert "exp(-c1 t)" in sde.symbols["gamma1"]


@pytest.mark.parametrize("order", ["before", "after", "proximal"])
def test_decoupled_decay_adds_minus_lambda0_theta_in_every_order(order):
    sde = derive(rule(f"adamw@decay={order}"))
    assert_drift(sde, {**ADAM, "theta": f"{ADAM['theta']} - lambda0*theta"})
    assert str(sde.constants["lambda0"]) == "lambda/eta"


def test_coupled_decay_sits_beside_the_gradient():
    sde = derive(compose("adam_l2", rule("adam"), [l2()]))
    assert_drift(sde, {**ADAM, "m": "c1*(df + lambda0*theta - m)"})
    assert str(sde.constants["lambda0"]) == "lambda"


def test_epsilon_hat_is_another_sde_at_finite_time():
    hat = derive(rule("adam@eps=hat")).drift["theta"]
    assert equal(hat, "-sqrt(gamma2)/gamma1 * m/(sigma0*sqrt(u) + eps0)")
    assert not equal(hat, ADAM["theta"])


def test_epsilon_inside_the_root_scales_with_the_square_of_the_step():
    sde = derive(rule("rmsprop@eps=inside"))
    assert equal(sde.drift["theta"], "-df/sqrt(sigma0**2*u + eps0)")
    assert str(sde.constants["eps0"]) == "eps*eta**2"


def test_the_ballistic_regime_keeps_the_squared_gradient():
    """Callisti, Romito & Triggiano: v' = c(f'^2 + S - v), variance rate of v: c^2 (4 S f'^2 + ... + (k4-1) S^2)."""
    sde = derive(rule("rmsprop"), "small", noise=GAUSSIAN)
    assert_drift(sde, {"theta": "-df/(sqrt(v) + eps0)", "v": "c2*(df**2 + Sigma - v)"})
    assert equal(sde.diffusion["v", "v"], "eta*c2**2*(4*Sigma*df**2 + 2*Sigma**2)")
    assert equal(sde.diffusion["theta", "v"], "-eta*2*c2*Sigma*df/(sqrt(v) + eps0)")


def test_momentum_in_both_parametrisations():
    ema, heavy = derive(rule("sgd@momentum=ema")), derive(rule("sgd@momentum=heavy_ball"))
    assert_drift(ema, {"theta": "-b", "b": "c1*(df - b)"})
    assert str(ema.time_per_step) == "eta"
    assert str(heavy.time_per_step) == "sqrt(eta)"
    assert dict(heavy.rescaling) == {"b_scaled": "b*sqrt(eta)"}


def test_adagrad_has_a_limit_with_the_step_size_kept():
    sde = derive(rule("adagrad"))
    assert str(sde.time_per_step) == "h"
    assert equal(sde.drift["u"], "Sigma")
    assert equal(sde.drift["theta"], "-eta*df/((sigma0*sqrt(u) + eps0)*(1 + delta0*t))")


def test_schedules_multiply_the_line_of_theta():
    plain, scheduled = derive(rule("rmsprop")), derive(rule("rmsprop"), scheduled=("eta",))
    s = Symbol("s_eta")
    assert sympy.simplify(scheduled.drift["theta"] - s * plain.drift["theta"]) == 0
    pair = ("theta", "theta")
    assert sympy.simplify(scheduled.diffusion[pair] - s**2 * plain.diffusion[pair]) == 0
    assert scheduled.drift["u"] == plain.drift["u"]


def test_a_rule_that_is_not_among_ours_laprop():
    laprop = UpdateRule(
        name="laprop",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), hyper(beta2, "0.99"), hyper(eps, "1e-8")],
        state=[State(v, init=0), State(m, init=0)],
        equations=[
            eq(new(v), beta2 * v + (1 - beta2) * g**2),
            eq(new(m), beta1 * m + (1 - beta1) * g / (sympy.sqrt(new(v)) + eps)),
            eq(new(theta), theta - eta * new(m)),
        ],
    )
    sde = derive(laprop)
    assert equal(sde.drift["theta"], "-m_scaled")
    assert equal(sde.drift["m_scaled"], "c1*(df/(sigma0*sqrt(u) + eps0) - m_scaled)")
    assert dict(sde.rescaling) == {"u": "v/sigma**2", "m_scaled": "m/eta"}


def test_a_decaying_step_size_in_the_rule_itself():
    decay = UpdateRule(
        name="decay",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(delta, "0.01")],
        equations=[eq(new(theta), theta - eta * exp(-delta * t) * g)],
    )
    assert equal(derive(decay).drift["theta"], "-df*exp(-delta0*t)")
    root = UpdateRule(
        name="root",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1")],
        equations=[eq(new(theta), theta - eta / sqrt(t) * g)],
    )
    sde = derive(root)
    assert equal(sde.drift["theta"], "-df/sqrt(t)") and sde.valid_from.startswith("t >= t0 > 0")


def elementwise(name: str, step: sympy.Expr) -> UpdateRule:
    return UpdateRule(
        name=name, source=HERE, hyperparameters=[hyper(eta, "0.1")], equations=[eq(new(theta), theta - step)]
    )


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (rule("signum"), "sign of a state"),
        (rule("adopt"), "not smooth"),
        (rule("adam@amsgrad=raw"), "not smooth"),
        (compose("clipped", rule("sgd"), [clip_by_value()]), "not smooth"),
        (elementwise("normalised", eta * g / norm(g, over="tensor")), "couples coordinates"),
        (elementwise("soft", eta * g / sqrt(1 + g**2)), "noise at leading order"),
        (elementwise("cube", eta * g**3), "even powers"),
        (elementwise("root4", eta * g * (1 + g**2) ** Rational(1, 4)), "noise at leading order"),
    ],
    ids=lambda value: getattr(value, "label", value),
)
def test_what_has_no_smooth_drift_is_refused_with_the_reason(refused, reason):
    with pytest.raises(Refused, match=reason):
        derive(refused)


def test_a_state_that_is_not_slow_is_refused():
    d = Symbol("d", real=True)
    previous = UpdateRule(
        name="previous",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1")],
        state=[State(d, init=0)],
        equations=[eq(new(d), g), eq(new(theta), theta - eta * (2 * g - d))],
    )
    with pytest.raises(Refused, match="forgets its old value"):
        derive(previous)


def test_orders_that_are_not_derived_are_refused():
    with pytest.raises(Refused, match="Order 4"):
        derive(rule("sgd"), order=4)
    with pytest.raises(Refused, match="regime"):
        derive(rule("sgd"), regime="medium")


@pytest.mark.parametrize("name", names())
def test_every_declared_rule_has_an_sde_or_a_refusal_and_its_json_reads_back(name):
    try:
        sde = derive(rule(name))
    except Refused as refusal:
        assert refusal.why
        return
    document = sde.as_json()
    letters = {n: Symbol(n) for n in document["symbols"]}
    for state, text in document["drift"].items():
        assert sympify(text, locals=letters) == sde.drift[state]
    for key, text in document["diffusion_matrix"].items():
        assert sympify(text, locals=letters) == sde.diffusion[tuple(key.split(","))]


def one_average(name: str, state, step, *more, **fields) -> UpdateRule:
    """theta moves along `step`; `state` is a running mean of g."""
    return UpdateRule(
        name=name,
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), *more],
        state=[State(state, init=0)],
        equations=[eq(new(state), beta1 * state + (1 - beta1) * g), eq(new(theta), theta - eta * step)],
        **fields,
    )


def test_letters_of_the_rule_and_of_the_sde_are_never_confused():
    """A hyperparameter called c1 is not the rate of beta1; a buffer called z is not the noise."""
    c1, z = real("c1"), real("z")
    named = derive(one_average("named", m, c1 * new(m), hyper(c1, "0.5", role="constant")))
    assert equal(named.drift["theta"], "-c1*m") and equal(named.drift["m"], "c1_beta1*(df - m)")
    assert str(named.constants["c1_beta1"]) == "(1 - beta1)/eta"
    assert equal(derive(one_average("buffer", z, new(z))).drift["theta"], "-z")
    with pytest.raises(Refused, match="calls one of its letters df"):
        bad = real("df")
        derive(one_average("bad", m, bad * new(m), hyper(bad, "1", role="constant"), names={"df": "a name"}))


def test_two_rates_of_one_average_both_scale():
    rule_ = UpdateRule(
        name="two_rates",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), hyper(beta2, "0.99")],
        state=[State(m, init=0)],
        equations=[eq(new(m), beta1 * beta2 * m + (1 - beta1 * beta2) * g), eq(new(theta), theta - eta * new(m))],
        names={},
    )
    assert equal(derive(rule_).drift["m"], "(c1 + c2)*(df - m)")
    assert {n: int(e) for n, e in scaling_rule(rule_).exponents.items()} == {
        "eta": 1, "1-beta1": 1, "1-beta2": 1, "steps": -1,
    }  # fmt: skip


def test_a_coefficient_that_is_singular_where_a_state_crosses_zero_is_refused():
    with pytest.raises(Refused, match="may cross 0"):
        derive(one_average("quotient", m, g / new(m)))
    with pytest.raises(Refused, match="may cross 0"):
        derive(one_average("cube_root", m, new(m) ** Rational(1, 3)))


def test_what_must_stay_positive_is_read_off_the_coefficients():
    def stated(text, regime="diffusive"):
        return [h.statement for h in derive(rule(text), regime).hypotheses if h.name == "smooth coefficients"]

    assert stated("adam") == ["u stays above a positive number"]
    assert stated("rmsprop@centered=yes", "small") == ["-m**2 + v stays above a positive number"]
    assert stated("sgd") == []


def test_what_is_dominated_is_reported():
    assert any("dominated" in remark and "m**2" in remark for remark in derive(rule("rmsprop@centered=yes")).remarks)


def test_only_step_sizes_are_scheduled():
    with pytest.raises(Refused, match="beta1 cannot be scheduled"):
        derive(rule("adam"), scheduled=("beta1",))
