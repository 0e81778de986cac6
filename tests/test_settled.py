"""What holds for all large t: branches and maxima that t decides, powers that die out, states that only count."""

from __future__ import annotations

import pytest
import sympy
from sympy import Symbol

from driftproof.checks.derived_drift_and_diffusion_equal_exact_moments import disagrees
from driftproof.checks.runtime.local_moments import measured
from driftproof.theory.catalogue import rule
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.language import (
    Max,
    Piecewise,
    Rational,
    Source,
    State,
    UpdateRule,
    beta2,
    eq,
    eta,
    g,
    hyper,
    lambda_,
    new,
    power,
    s,
    sqrt,
    t,
    theta,
    v,
)
from driftproof.theory.scaling import scaling_rule
from driftproof.theory.settled import clocks, eventually

HERE = Source("liu2020variance", "Algorithm 2", "a test")
REGIMES = ("diffusive", "small")


def made(name: str, step, *more, state=(), equations=()) -> UpdateRule:
    return UpdateRule(
        name=name,
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), *more],
        state=list(state),
        equations=[*equations, eq(new(theta), theta - step)],
    )


def zero(e) -> bool:
    return bool(sympy.simplify(e) == 0)


def agree(rule_, regime="diffusive") -> bool:
    return not [r for r in measured(rule_, derive(rule_, regime), low_skew=True) if disagrees(r, regime)]


RATE = hyper(beta2, "0.99")


def test_a_branch_on_t_and_rates_is_decided_in_the_limit():
    """2 t beta2^t/(1 - beta2^t) < 2/(1 - beta2) for all t > 0, by x < exp(x) - 1."""
    length = 2 / (1 - beta2) - 2 * t * beta2**t / (1 - beta2**t)
    rule_ = made("rectified", eta * Piecewise((g, length > 5), (0, True)), RATE)
    assert eventually(Piecewise((1, length > 5), (0, True)), rule_) == 1
    assert eventually(Piecewise((1, length < 5), (0, True)), rule_) == 0
    assert eventually(Max(0, length - 5), rule_) == length - 5


def test_a_branch_that_changes_in_sde_time_is_refused():
    rule_ = made("switch", eta * g * beta2, RATE)
    with pytest.raises(Refused, match="changes in SDE time"):
        eventually(Piecewise((1, t * (1 - beta2) < 1), (0, True)), rule_)


def test_a_branch_on_a_state_is_refused():
    rule_ = made("state", eta * g * beta2, RATE)
    with pytest.raises(Refused, match="branches on"):
        eventually(Piecewise((1, v > 1), (0, True)), rule_)


def test_powers_that_die_out_need_a_positive_rate():
    held, free = hyper(power, "1", "(0, oo)"), hyper(power, "1", "(-oo, oo)")
    dying = Rational(24, 25) ** (power * t)
    for given, expected in ((held, 1), (free, 1 - dying)):
        assert eventually(1 - dying, made("dying", eta * g * power, given)) == expected
    assert eventually(Rational(25, 24) ** (power * t), made("growing", eta * g * power, held)) != 0


@pytest.mark.parametrize("regime", REGIMES)
def test_radam_is_adam_with_another_correction(regime):
    """r^2 -> rho/rho_max = 1 - c2 t exp(-c2 t)/gamma2, so that sqrt(gamma2) becomes a smaller root."""
    adam, radam = derive(rule("adam@eps=hat"), regime), derive(rule("radam"), regime)
    names = "theta m u v t df Sigma sigma0 eps0 c1 c2 gamma1 gamma2 lambda0".split()
    p = {Symbol(n): Symbol(n, positive=True) for n in names}
    c2, time, gamma2, theta_, l0 = (p[Symbol(n)] for n in ("c2", "t", "gamma2", "theta", "lambda0"))
    rectified = sympy.sqrt(1 - c2 * time * (1 - gamma2) / gamma2)
    expected = adam.drift["theta"].xreplace(p) * rectified - l0 * theta_
    numbers = {s_: sympy.Rational(k + 3, k + 4) for k, s_ in enumerate(p.values())}
    gap = (radam.drift["theta"].xreplace(p) - expected).xreplace(numbers)
    assert abs(gap.evalf(50)) < 1e-40
    assert {k: e for k, e in radam.drift.items() if k != "theta"} == {
        k: e for k, e in adam.drift.items() if k != "theta"
    }
    assert radam.diffusion == adam.diffusion and radam.valid_from.startswith("t >= t0 > 0")


def test_nadam_keeps_the_product_of_its_momenta_as_a_state():
    adam, nadam = derive(rule("adam")), derive(rule("nadam"))
    pi, gamma1 = Symbol("pi"), Symbol("gamma1")
    assert nadam.drift["pi"] == -Symbol("c1") * pi
    corrected = adam.drift["theta"].subs(gamma1, 1 - pi) - Symbol("lambda0") * Symbol("theta")
    assert zero(nadam.drift["theta"] - corrected)
    assert nadam.valid_from.startswith("t >= t0 > 0") and any("1 - pi" in h.statement for h in nadam.hypotheses)


@pytest.mark.parametrize("timing", ["stored", "direct"])
def test_asgd_has_its_schedule_in_sde_time(timing):
    sde = derive(rule(f"asgd@timing={timing}"))
    th, df, l0, time, power_ = (Symbol(n) for n in ("theta", "df", "lambda0", "t", "power"))
    assert zero(sde.drift["theta"] + (df + l0 * th) * (1 + l0 * time) ** -power_)
    assert set(sde.drift) == {"theta"} and dict(scaling_rule(rule("asgd")).exponents)["eta"] == 1


def test_a_state_that_counts_is_a_function_of_t():
    counting = made(
        "counting",
        s * g,
        hyper(lambda_, "0"),
        state=[State(s, init=1)],
        equations=[eq(new(s), eta / (1 + lambda_ * t))],
    )
    assert clocks(counting) == {s: eta / (1 + lambda_ * (t - 1))}
    assert zero(derive(counting).drift["theta"] + Symbol("df") / (1 + Symbol("lambda0") * Symbol("t")))
    assert agree(counting)


def test_a_state_that_stays_imposes_no_balance():
    """MADGRAD keeps where it started; a step of 0 says nothing of its size."""
    sde = derive(rule("madgrad"))
    assert sde.drift["x"] == 0 and str(sde.time_per_step) == "eta"
    assert dict(scaling_rule(rule("madgrad")).exponents)["1-mu"] == 1


def test_a_state_that_forgets_is_refused_at_once():
    with pytest.raises(Refused, match="g_prev forgets its old value") as refusal:
        derive(rule("adan"))
    assert "independent" in refusal.value.why


def test_a_number_may_be_what_is_dominated():
    """A constant under the root falls behind v in units of the noise, and stays where the noise is fixed."""
    guarded = made(
        "guarded",
        eta * g / sqrt(new(v) + Rational(1, 10)),
        RATE,
        state=[State(v, init=0)],
        equations=[eq(new(v), beta2 * v + (1 - beta2) * g**2)],
    )
    assert zero(derive(guarded).drift["theta"] + Symbol("df") / (Symbol("sigma0") * sympy.sqrt(Symbol("u"))))
    assert zero(derive(guarded, "small").drift["theta"] + Symbol("df") / sympy.sqrt(Symbol("v") + Rational(1, 10)))
    assert agree(guarded) and agree(guarded, "small")


def test_one_damping_in_two_places_is_named():
    with pytest.raises(Refused, match="take a variant with eps in one place"):
        derive(rule("adabelief"))
    assert derive(rule("adabelief@damped=once"))


def test_a_rescaled_state_does_not_take_the_letter_of_another():
    """Adadelta has a state u of its own: v over sigma^2 is not called so."""
    assert dict(derive(rule("adadelta")).rescaling) == {"v_scaled": "v/sigma**2", "u_scaled": "u/sigma**2"}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize(
    "text",
    "radam nadam nadam@schedule=constant asgd madgrad madgrad@offset=eps adadelta ademamix laprop "
    "schedule_free_adamw adabelief@damped=once".split(),
)
def test_the_sde_of_each_has_the_moments_of_one_step(text, regime):
    assert agree(rule(text), regime)


REFUSED = {
    "adamax": "not smooth", "adabound": "not smooth", "amsgrad": "not smooth", "lamb": "couples coordinates",
    "muon": "acts on matrices|couples", "adafactor": "couples coordinates", "rprop": "branches on",
    "qhadam": "noise at leading order", "signum": "sign of a state", "yogi": "not affine", "adan": "forgets",
}  # fmt: skip


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_why_and_the_way_out(name, regime):
    with pytest.raises(Refused, match=REFUSED[name]) as refusal:
        derive(rule(name), regime)
    assert refusal.value.what and refusal.value.why and refusal.value.fix
