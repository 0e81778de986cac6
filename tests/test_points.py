"""A gradient taken away from theta: df and Sigma are read at its point, if the point is slow and near its limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sympy
from sympy import Symbol, sympify

from driftproof.checks.derived_drift_and_diffusion_equal_exact_moments import disagrees
from driftproof.checks.runtime.local_moments import measured
from driftproof.theory.catalogue import rule
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.language import (
    Gradient,
    Source,
    State,
    UpdateRule,
    b,
    beta,
    beta1,
    beta2,
    eq,
    eta,
    first,
    g,
    g1,
    g2,
    hyper,
    m,
    mu,
    new,
    sqrt,
    t,
    theta,
    v,
    x,
    z,
)
from driftproof.theory.scaling import scaling_rule

HERE = Source("defazio2024road", "Section 1", "a test")
BASE = rule(str(Path(__file__).parent / "probes" / "schedule_free.py"))
REGIMES = ("diffusive", "small")


def letters(*names: str) -> list[Symbol]:
    return [Symbol(n) for n in names]


def zero(e) -> bool:
    return bool(sympy.simplify(e) == 0)


# Schedule-Free SGD, in the base sequence z (here theta) and the average x.


@pytest.mark.parametrize("regime", REGIMES)
def test_schedule_free_in_its_base_sequence(regime):
    sde = derive(BASE, regime)
    th, x_, t_, df, s, b_ = letters("theta", "x", "t", "df", "Sigma", "beta")
    noise = {"diffusive": Symbol("sigma0") ** 2, "small": Symbol("eta")}[regime]
    assert sde.drift["theta"] == -df and zero(sde.drift["x"] - (th - x_) / t_)
    assert zero(sde.diffusion["theta", "theta"] - noise * s)
    assert all(e == 0 for pair, e in sde.diffusion.items() if pair != ("theta", "theta"))
    assert zero(sde.gradient_at - ((1 - b_) * th + b_ * x_))
    assert sde.valid_from.startswith("t >= t0 > 0")
    assert str(sde.time_per_step) == "eta"


def test_every_text_says_where_df_and_sigma_stand():
    document = derive(BASE).as_json()
    at = sympify(document["gradient_at"], locals={n: Symbol(n) for n in document["symbols"]})
    assert zero(at - derive(BASE).gradient_at)
    for letter in ("df", "Sigma"):
        assert "where the gradient is taken" in document["symbols"][letter] or "y =" in document["symbols"][letter]
    assert any("point of the gradient" in remark for remark in document["remarks"])
    assert "beta" in document["symbols"]
    assert derive(rule("adam")).as_json()["gradient_at"] == "theta"


def test_schedule_free_scales_linearly():
    assert dict(scaling_rule(BASE).exponents) == {"eta": 1, "steps": -1}


# The same rule as the authors' code stores it: theta is y = (1 - beta) z + beta x, where the gradient is taken.

STORED = UpdateRule(
    name="stored",
    source=HERE,
    hyperparameters=[hyper(eta, "1"), hyper(beta, "0.9", role="constant")],
    state=[State(z, init=first(theta))],
    equations=[
        eq(new(z), z - eta * g),
        eq(x, (theta - (1 - beta) * z) / beta),
        eq(m, (1 - 1 / t) * x + new(z) / t),
        eq(new(theta), (1 - beta) * new(z) + beta * m),
    ],
)


def transformed(sde, functions: dict[str, sympy.Expr], back: dict[Symbol, sympy.Expr]):
    """Drift and D of Y = functions(X), by Ito: drift = J a + (D : Hessian)/2, D = J D J^T; letters then as `back`."""
    state = {n: Symbol(n) for n in sde.drift}
    jacobian = {(y, n): sympy.diff(e, s) for y, e in functions.items() for n, s in state.items()}
    drift, diffusion = {}, {}
    for y, e in functions.items():
        drift[y] = sum(jacobian[y, n] * sde.drift[n] for n in state) + sum(
            sde.diffusion[a, c] * sympy.diff(e, state[a], state[c]) / 2 for a in state for c in state
        )
        for w in functions:
            diffusion[y, w] = sum(jacobian[y, a] * sde.diffusion[a, c] * jacobian[w, c] for a in state for c in state)
    swap = [
        {k: sympy.simplify(e.subs(back, simultaneous=True)) for k, e in found.items()} for found in (drift, diffusion)
    ]
    return swap


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("other", [STORED, rule("schedule_free_sgd")], ids=lambda r: r.name)
def test_both_parametrisations_are_one_sde(regime, other):
    """x = (y - (1 - beta) z)/beta. Decay is 0: the rule of the catalogue has it, the other two have none."""
    ours, stored = derive(BASE, regime), derive(other, regime)
    th, x_, z_, b_ = letters("theta", "x", "z", "beta")
    point = (1 - b_) * th + b_ * x_
    drift, diffusion = transformed(ours, {"theta": point, "z": th}, {th: z_, x_: (th - (1 - b_) * z_) / b_})
    for state, entry in drift.items():
        assert zero(entry - stored.drift[state].subs(Symbol("lambda0"), 0)), state
    for pair, entry in diffusion.items():
        assert zero(entry - stored.diffusion[pair]), pair
    assert stored.gradient_at == Symbol("theta") and str(stored.time_per_step) == str(ours.time_per_step)


# The moments of one step, for a loss whose f' and Sigma move with the point.


@pytest.mark.parametrize("regime", REGIMES)
def test_moments_of_one_step_where_the_loss_is_curved(regime):
    sde = derive(BASE, regime)
    assert not [r for r in measured(BASE, sde, low_skew=True) if disagrees(r, regime)]
    th, x_, b_ = letters("theta", "x", "beta")
    for at in (th, x_, (1 - b_) * th - b_ * x_):
        wrong = replace(sde, gradient_at=at)
        assert [r for r in measured(BASE, wrong, low_skew=True) if disagrees(r, regime)], at


# Nesterov: the look-ahead is O(h), so that df stands at theta, and the SDE is heavy ball's.


def momentum(name: str, at) -> UpdateRule:
    """The velocity b holds the step size (Sutskever et al. 2013, Eqs. 1-4)."""
    return UpdateRule(
        name=name,
        source=Source("sutskever2013importance", "Eqs. (1)-(4)"),
        gradients=[Gradient(g, at=at)],
        hyperparameters=[hyper(eta, "0.1"), hyper(mu, "0.9")],
        state=[State(b, init=0)],
        equations=[eq(new(b), mu * b - eta * g), eq(new(theta), theta + new(b))],
    )


@pytest.mark.parametrize("regime", REGIMES)
def test_nesterov_has_the_sde_of_heavy_ball(regime):
    nesterov, classical = momentum("nesterov", theta + mu * b), momentum("classical", theta)
    ours, other = derive(nesterov, regime), derive(classical, regime)
    assert ours.gradient_at == Symbol("theta") and any("theta + O(h)" in r for r in ours.remarks)
    assert ours.drift == other.drift and ours.diffusion == other.diffusion
    assert dict(scaling_rule(nesterov).exponents) == dict(scaling_rule(classical).exponents)
    assert not [r for r in measured(nesterov, ours, low_skew=True) if disagrees(r, regime)]


# Refusals


def looking(name: str, *points, more=()) -> UpdateRule:
    """RMSprop with momentum; gradients at the points. In its limit h = eta^2."""
    draws = [g1, g2][: len(points)]
    mean = sum(draws) / len(points)
    return UpdateRule(
        name=name,
        source=HERE,
        gradients=[Gradient(s, at=at) for s, at in zip(draws, points, strict=True)],
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), hyper(beta2, "0.99"), *more],
        state=[State(m, init=0), State(v, init=1)],
        equations=[
            eq(new(v), beta2 * v + (1 - beta2) * mean**2),
            eq(new(m), beta1 * m + (1 - beta1) * mean),
            eq(new(theta), theta - eta * new(m) / sqrt(v)),
        ],
    )


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (looking("far", theta - eta * m), "deviates from its limit by h"),
        (looking("grows", theta - m / eta), "grows like"),
        (looking("two", theta, theta - m), "different points"),
        (looking("free", theta + beta * m, more=[hyper(beta, "0.9")]), "Left free: 1-beta"),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
def test_points_that_are_refused(refused, reason):
    with pytest.raises(Refused, match=reason) as refusal:
        derive(refused)
    assert refusal.value.why and refusal.value.fix


def test_a_look_ahead_of_the_size_of_a_step_is_near_enough():
    near = looking("near", theta - eta * m / sqrt(v))
    sde = derive(near)
    assert sde.gradient_at == Symbol("theta")
    assert not [r for r in measured(near, sde, low_skew=True) if disagrees(r, "diffusive")]


def test_two_draws_at_one_point_are_one_gradient():
    assert derive(looking("both", theta - m, theta - m)).gradient_at == Symbol("theta") - Symbol("m")


def test_higher_orders_are_refused_where_derivatives_at_the_point_would_be_needed():
    with pytest.raises(Refused, match="taken away from theta"):
        derive(BASE, "small", order=2)
    with pytest.raises(Refused, match="sign of a noisy gradient"):
        derive(rule("signsgd"), "small", order=2)
