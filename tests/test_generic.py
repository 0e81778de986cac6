"""Rules read as Generic Adam's recursion: what is read runs as the rule does, and what does not fit is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Expr, Rational, sqrt

import driftproof as dp
from driftproof.impl import compile_rule
from driftproof.impl.certificate import INSIDE, OUTSIDE, given_by
from driftproof.theory import certificate as claim
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import Refused
from driftproof.theory.generic import matched
from driftproof.theory.recursion import Recursion
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import symbol, t

eta, beta1, beta2, eps = (symbol(name) for name in ("eta", "beta1", "beta2", "eps"))
STEPS = 9
GIVEN = {"eta": "0.1/sqrt(t)", "beta1": "0.8", "beta2": "1 - 0.5/(t + 1)", "eps": "0.01"}


def put_in(name: str, **more: str) -> tuple[Any, dict[str, Expr], Recursion]:
    """The rule, its hyperparameters with GIVEN's schedules where it has them, and its recursion."""
    rule = rule_of(name)
    values = {h.name: h.default for h in rule.hyperparameters}
    values |= {k: schedule(v) for k, v in {**GIVEN, **more}.items() if k in values}
    return rule, values, matched(rule, values)


def by_rule(rule: Any, values: dict[str, Expr], start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    compiled = compile_rule(rule, "reference")
    state, path = compiled.init([start]), []
    for k, g in enumerate(gradients, start=1):
        given = {name: float(e.subs(t, k)) for name, e in values.items()}
        state = compiled.step(state, [g + 0.0], given)
        path.append(state.theta[0])
    return np.array(path)


def by_recursion(r: Recursion, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """The three equations of theory/recursion.py, from the numbers of the sequences alone."""
    q = given_by(r, np.arange(1, STEPS + 1), STEPS)
    floor, decay, penalty = (np.array([float(e.subs(t, k)) for k in range(1, STEPS + 1)])
                             for e in (r.floor, r.decay, r.penalty))  # fmt: skip
    theta, m, v, path = start, np.zeros_like(start), np.full_like(start, float(r.v_start)), []
    largest = v
    for k, draw in enumerate(gradients):
        g, a, b = draw + penalty[k] * theta, q[claim.beta1][k], q[claim.beta2][k]
        if r.form == "old":
            v = g**2 if k == 0 else v
            used = np.maximum(np.sqrt(v), floor[k]) if r.floor != 0 else np.sqrt(v + q[INSIDE][k]) + q[OUTSIDE][k]
            if k + 1 >= r.since:
                m = a * m + (1 - a) * g / used
                theta = theta - q[claim.alpha][k] * m - decay[k] * theta
            v = b * v + (1 - b) * g**2
        else:
            v = b * v + (1 - b) * g**2
            m, largest = a * m + (1 - a) * g, np.maximum(largest, v)
            used = np.sqrt((largest if r.form == "max" else v) + q[INSIDE][k]) + q[OUTSIDE][k]
            theta = theta - q[claim.alpha][k] * m / used - decay[k] * theta
        path.append(theta)
    return np.array(path)


RULES = [
    "adam", "adam@eps=inside", "adam@eps=hat", "adam@eps=both", "adam@eps=inside_hat", "adam@eps=guarded",
    "adam@correction=none", "adam@correction=first", "adam@correction=second", "adam@amsgrad=raw", "amsgrad", "adamw",
    "rmsprop", "adagrad", "adagrad@eps=inside", "adamnc", "generic_adam", "adopt", "adopt@eps=outside",
]  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_rule_and_its_recursion_make_the_same_steps(name: str) -> None:
    """Relative 1e-11: 9 steps of some 40 operations, and 1 - beta^t >= 0.2 taken from numbers near 1."""
    random = np.random.default_rng(len(name))
    more = {"v0": "0.3", "delta": "0.1"} if name.startswith("adagrad") else {"lambda": "0.05"}
    if name.startswith("adopt"):  # its decay, unlike the rest of it, already acts at the first step
        more = {}
    if name == "adam@amsgrad=raw":  # the maximum of v is the same as of the average only where beta2 stays
        more |= {"beta2": "0.9"}
    rule, values, recursion = put_in(name, **more)
    start, gradients = random.normal(size=3), random.normal(size=(STEPS, 3)) * 10 ** random.uniform(-1, 1, (STEPS, 1))
    expected = by_rule(rule, values, start, gradients)
    np.testing.assert_allclose(by_recursion(recursion, start, gradients), expected, rtol=1e-11, atol=1e-13)


def test_a_wrong_sequence_would_be_seen() -> None:
    rule, values, recursion = put_in("adam")
    gradients = np.random.default_rng(0).normal(size=(STEPS, 3))
    for letter, wrong in (("alpha", values["eta"]), ("beta2", schedule("0.9")), ("outside", Rational(1, 100))):
        other = Recursion(**{**vars(recursion), letter: wrong})
        found = by_recursion(other, np.zeros(3), gradients)
        assert not np.allclose(found, by_rule(rule, values, np.zeros(3), gradients), rtol=1e-6)


# What is read


def test_adam_has_its_bias_correction_as_a_schedule_of_the_step_and_of_the_damping() -> None:
    r = matched(rule_of("adam"))
    assert r.form == "new" and r.v_start == 0 and r.inside == 0
    assert sympy.simplify(r.alpha - eta * sqrt(1 - beta2**t) / (1 - beta1**t)) == 0
    assert sympy.simplify(r.outside - eps * sqrt(1 - beta2**t)) == 0
    assert (r.beta1, r.beta2) == (beta1, beta2)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("adam@eps=hat", 0, eps),
        ("adam@eps=inside", eps * (1 - beta2**t), 0),
        ("adam@eps=inside_hat", eps, 0),
        ("adam@eps=both", eps * (1 - beta2**t), eps * sqrt(1 - beta2**t)),
    ],
)
def test_eps_stands_where_the_variant_puts_it(name: str, inside: Any, outside: Any) -> None:
    r = matched(rule_of(name))
    assert sympy.simplify(r.inside - inside) == 0
    assert sympy.simplify(r.outside - outside) == 0


def test_adagrad_is_an_average_whose_weights_tend_to_one_over_t() -> None:
    r = matched(rule_of("adagrad"), {"delta": sympy.Integer(0), "v0": sympy.Integer(0)})
    assert r.beta1 == 0
    assert sympy.simplify(r.beta2 - t / (t + 1)) == 0
    assert sympy.simplify(r.alpha - eta / sqrt(t + 1)) == 0


def test_adamw_has_decay_and_amsgrad_and_adopt_have_forms_of_their_own() -> None:
    assert matched(rule_of("adamw")).decay != 0
    assert matched(rule_of("amsgrad")).form == "max"
    adopt = matched(rule_of("adopt"))
    assert (adopt.form, adopt.since) == ("old", 2)
    assert adopt.floor == eps


def test_schedules_are_put_into_the_equations() -> None:
    r = matched(rule_of("generic_adam"), {"eta": 1 / sqrt(t), "beta2": 1 - Rational(1, 2) / t})
    assert r.alpha == 1 / sqrt(t)
    assert r.beta1 == beta1
    assert r.chi.subs(t, 7) == sqrt(2)


# What does not fit

REFUSED = {
    "sgd": "eta",
    "signsgd": "sign",
    "lion": "sign",
    "adabelief": "g",
    "yogi": "sign",
    "lamb": "Reduce",
    "muon": "Reduce",
    "nadam": "g",
    "radam": "Piecewise",
    "qhadam": "g",
    "adamax": "Max",
    "rprop": "Piecewise",
    "adam@eps=max": "Max",
    "adam@second_moment=old": "v",
    "adopt@clip=growing": "m_new",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_that_is_not_generic_adam_is_refused_with_the_term(name: str) -> None:
    with pytest.raises(Refused) as caught:
        matched(rule_of(name))
    assert REFUSED[name] in caught.value.what
    assert "Generic Adam" in caught.value.what


# A user's rule

MINE = """
from driftproof.theory.language import *

mine = UpdateRule(
    name="mine",
    source=Source("kingma2015adam", "a variant"),
    hyperparameters=[hyper(eta, "0.001"), hyper(beta1, "0.9"), hyper(beta2, "0.999", domain="(0, 1)")],
    state=[State(v, init="{start}"), State(m, init=0)],
    equations=[
        eq(new(v), beta2 * v + (1 - beta2) * g**2),
        eq(new(m), beta1 * m + {share} * g),
        eq(new(theta), theta - {step}),
    ],
)
"""


def mine(folder: Any, step: str, start: str = "1/10", share: str = "(1 - beta1)") -> str:
    path = folder / "mine.py"
    path.write_text(MINE.format(step=step, start=start, share=share))
    return str(path)


SCHEDULES = {"lr": "1/sqrt(t)", "beta2": "1 - 0.5/t"}


def test_a_rule_file_of_a_user_is_covered_like_ours(tmp_path: Any) -> None:
    found = dp.converge(mine(tmp_path, "eta * new(m) / sqrt(new(v))"), **SCHEDULES, horizon=1000)
    ours = dp.converge("generic_adam", **SCHEDULES, eps="1/10", horizon=1000)
    assert (found.verdict, found.by, found.limit.rate) == ("CONVERGES", "sufficient_condition", ours.limit.rate)
    assert found.finite is not None and ours.finite is not None
    assert found.finite.bound == pytest.approx(ours.finite.bound, rel=1e-12)


def test_a_first_moment_that_sums_is_rescaled(tmp_path: Any) -> None:
    """m = beta1 m + g is 1/(1 - beta1) times the average."""
    path = mine(tmp_path, "eta * new(m) / sqrt(new(v))", share="1")
    found = dp.converge(path, **SCHEDULES, beta1="0.5").limit.recursion
    assert sympy.simplify(found.alpha - 2 / sqrt(t)) == 0


@pytest.mark.parametrize(
    ("step", "term"),
    [
        ("eta * new(m) / new(v)", "v_new"),
        ("eta * new(m) / Max(sqrt(new(v)), 10)", "Max(10, sqrt(v_new))"),
        ("eta * new(m)**3 / sqrt(new(v))", "m_new"),
        ("eta * (new(m) + g) / sqrt(new(v))", "g"),
        ("eta * new(m) / sqrt(new(v)) + eta * theta**2", "theta"),
    ],
)
def test_a_users_rule_that_does_not_fit_is_refused_with_its_term(tmp_path: Any, step: str, term: str) -> None:
    with pytest.raises(Refused) as caught:
        dp.converge(mine(tmp_path, step), **SCHEDULES)
    assert term in caught.value.what


def test_branches_on_t_are_taken_as_they_are_for_ever(tmp_path: Any) -> None:
    """The first steps of another form are named by `since`; a branch that ends late is not taken for the last one."""
    late = mine(tmp_path, "Piecewise((theta, t <= 3), (eta * new(m) / sqrt(new(v)), True))")
    found = dp.converge(late, **SCHEDULES, horizon=100)
    assert found.limit.recursion.since == 4
    assert found.as_json()["bound"] is None
    with pytest.raises(Refused, match="100 steps"):
        dp.converge(mine(tmp_path, "Piecewise((eta * g, t < 10**13), (eta * new(m) / sqrt(new(v)), True))"))
