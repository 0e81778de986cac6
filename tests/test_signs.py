"""The sign of a noisy gradient has an SDE under Gaussian noise; the sign of a state has none."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import mpmath
import pytest
import sympy
from sympy import Rational, Symbol, sympify

from driftproof.checks.derived_drift_and_diffusion_equal_exact_moments import disagrees
from driftproof.checks.runtime.gaussian_law import correlation_factor, gaussian_law
from driftproof.checks.runtime.local_moments import is_gaussian, measured
from driftproof.theory.catalogue import rule
from driftproof.theory.combinators import compose, decoupled_decay
from driftproof.theory.convention import DECAY_ORDERS
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.language import Source, State, UpdateRule, beta1, eq, eta, g, hyper, m, new, sign, theta
from driftproof.theory.noise import SIGMA, SIGMA_IJ, SKEWED
from driftproof.theory.rescale import rescale
from driftproof.theory.scaling import scaling_rule, svag_rule
from driftproof.theory.signs import R, _both, _moment

HERE = Source("bernstein2018signsgd", "a test")


def same(found, expected: str) -> bool:
    letters = {n: Symbol(n, positive=True) for n in "df m m_scaled Sigma sigma0 c1 c2 eta theta lambda0".split()}
    letters |= {s.name: Symbol(s.name, positive=True) for s in found.free_symbols}
    here = found.xreplace({s: letters[s.name] for s in found.free_symbols})
    return bool(sympy.simplify(here - sympify(expected, locals=letters)) == 0)


def named(sde) -> list[str]:
    return [h.name for h in sde.hypotheses]


# The moments, against quadrature that knows no closed form.


@pytest.mark.parametrize("degree", range(6))
@pytest.mark.parametrize("shift", ["0", "-0.7", "1.9"])
def test_moments_of_a_sign_are_those_of_quadrature(degree, shift):
    with mpmath.workdps(50):
        variance, r = mpmath.mpf("1.3"), mpmath.mpf(shift)
        law = gaussian_law(variance, [-r])
        expected = mpmath.fsum(w * z**degree * mpmath.sign(z + r) for z, w in law)
        found = mpmath.mpf(
            str(_moment(degree).subs({SIGMA: sympy.Rational("1.3"), R: sympy.Rational(shift)}).evalf(45))
        )
        assert abs(found - expected) < mpmath.mpf(10) ** -30


POWERS = [(a, b, p, q) for a, b, p, q in product(range(4), range(4), (0, 1), (0, 1)) if p or q]


@pytest.mark.parametrize("rho", ["3/5", "-1/3"])
def test_moments_of_signs_of_two_coordinates_are_those_of_quadrature(rho):
    with mpmath.workdps(30):
        variances, r = (mpmath.mpf("1.3"), mpmath.mpf("0.6")), mpmath.mpf(sympy.Rational(rho).evalf(30))
        nodes = list(product(*(gaussian_law(x, []) for x in variances)))
        scale = [mpmath.sqrt(x) for x in variances]
        weights = [u * w * correlation_factor(x / scale[0], y / scale[1], r) for (x, u), (y, w) in nodes]
        values = {
            Symbol("Sigma_i", positive=True): sympy.Rational("1.3"),
            Symbol("Sigma_j", positive=True): sympy.Rational("0.6"),
            SIGMA_IJ: sympy.Rational(rho) * sympy.sqrt(sympy.Rational("0.78")),
        }
        for a, b, p, q in POWERS[::7]:
            expected = mpmath.fsum(
                u * x**a * y**b * mpmath.sign(x) ** p * mpmath.sign(y) ** q
                for u, ((x, _), (y, _)) in zip(weights, nodes, strict=True)
            )
            found = mpmath.mpf(str(_both(a, b, p, q).subs(values).evalf(28)))
            assert abs(found - expected) < mpmath.mpf(10) ** -20, (a, b, p, q)


# signSGD


def test_signsgd_in_the_diffusive_regime():
    """Noise dominates: the error function is linear, a step of eta makes D = 1 in time eta^2."""
    sde = derive(rule("signsgd"))
    assert same(sde.drift["theta"], "-sqrt(2/pi)*df/(sigma0*sqrt(Sigma))")
    assert sde.diffusion["theta", "theta"] == 1 and str(sde.time_per_step) == "eta**2"
    assert str(sde.constants["sigma0"]) == "eta*sigma"
    assert same(sde.cross_diffusion["theta", "theta"], "2/pi*asin(Sigma_ij/sqrt(Sigma_i*Sigma_j))")
    assert {"Gaussian noise", "nondegenerate noise"} <= set(named(sde)) and "low skewness" not in named(sde)
    assert "Sigma diagonal" not in named(sde)


def test_signsgd_in_the_small_regime():
    """Monzio Compagnoni et al. 2024: drift -erf, D = eta (1 - erf^2), for a diagonal Sigma."""
    sde = derive(rule("signsgd"), "small")
    assert same(sde.drift["theta"], "-erf(df/sqrt(2*Sigma))")
    assert same(sde.diffusion["theta", "theta"], "eta*(1 - erf(df/sqrt(2*Sigma))**2)")
    assert sde.cross_diffusion["theta", "theta"] == 0
    assert "Sigma diagonal" in named(sde) and "Gaussian noise" in named(sde)


def test_signsgd_scales_with_the_root_of_the_batch():
    found = scaling_rule(rule("signsgd"))
    assert dict(found.exponents) == {"eta": Fraction(1, 2), "steps": Fraction(-1)}
    assert found.rank == len(found.unknowns) == 2


def test_the_law_is_named_whatever_noise_model_is_given():
    assert "Gaussian noise" in named(derive(rule("signsgd"), noise=SKEWED))


@pytest.mark.parametrize("order", DECAY_ORDERS.options)
def test_signsgd_decays_in_every_order(order):
    decayed = compose("signsgdw", rule("signsgd"), [decoupled_decay("0.1")], conventions=[DECAY_ORDERS])
    sde = derive(decayed.variant(decay=order))
    assert same(sde.drift["theta"], "-sqrt(2/pi)*df/(sigma0*sqrt(Sigma)) - lambda0*theta")


def test_svag_of_signsgd_is_its_sde_with_more_noise():
    """Two draws: the sign of their mixture, whose variance is ell times that of one."""
    sde = derive(svag_rule(rule("signsgd")))
    assert sde.diffusion["theta", "theta"] != 0 and is_gaussian(sde)
    at_one = sde.drift["theta"].subs(Symbol("ell"), 1)
    assert same(at_one, "-sqrt(2/pi)*df/(sigma0*sqrt(Sigma))")


# Lion: the sign of a mixture of a state and the gradient, which is that of the noise while beta1 stays fixed.


def test_lion_has_a_limit_in_which_beta1_stays():
    sde = derive(rule("lion"))
    assert same(sde.drift["theta"], "-sqrt(2/pi)*(df + (1 - c1)/c1*m)/(sigma0*sqrt(Sigma)) - lambda0*theta")
    assert same(sde.drift["m"], "c2*(df - m)")
    assert same(sde.diffusion["theta", "m"], "-sqrt(2/pi)*c2*sigma0*sqrt(Sigma)")
    assert str(sde.constants["c1"]) == "1 - beta1" and str(sde.constants["c2"]) == "(1 - beta2)/eta**2"
    assert any("beta1" in remark for remark in sde.remarks)
    assert dict(scaling_rule(rule("lion")).exponents) == {
        "eta": Fraction(1, 2), "lambda": Fraction(1, 2), "1-beta1": 0, "1-beta2": 1, "steps": -1,
    }  # fmt: skip


def sign_first(name: str = "sign_first", value=sign(g)) -> UpdateRule:  # noqa: B008
    return UpdateRule(
        name=name,
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9")],
        state=[State(m, init=0)],
        equations=[eq(new(m), beta1 * m + (1 - beta1) * value), eq(new(theta), theta - eta * new(m))],
    )


def test_an_average_of_signs():
    sde = derive(sign_first())
    (state,) = set(sde.drift) - {"theta"}
    assert same(sde.drift[state], f"c1*(sqrt(2/pi)*df/(sigma0*sqrt(Sigma)) - {state})")
    assert same(sde.diffusion[state, state], "c1**2")


@pytest.mark.parametrize("made", [rule("signsgd"), rule("lion"), sign_first(), rule("lion@decay=proximal")])
@pytest.mark.parametrize("regime", ["diffusive", "small"])
def test_moments_of_one_step_are_those_of_the_sde_by_quadrature(made, regime):
    sde = derive(made, regime)
    found = measured(made, sde, low_skew=True)
    assert not [r for r in found if disagrees(r, regime)]


@pytest.mark.parametrize("regime", ["diffusive", "small"])
def test_noise_that_is_not_gaussian_breaks_the_mean_of_a_sign(regime):
    sde = derive(rule("signsgd"), regime)
    other = measured(rule("signsgd"), sde, low_skew=False, cross=False)
    assert "E[dtheta]" in {r.name for r in other if disagrees(r, regime)}


# Refusals


def step_along(name: str, direction, *more) -> UpdateRule:
    return UpdateRule(
        name=name,
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), *more],
        state=[State(m, init=0)],
        equations=[eq(new(m), beta1 * m + (1 - beta1) * g), eq(new(theta), theta - eta * direction)],
    )


def plain_step(name: str, direction, *more) -> UpdateRule:
    equations = [eq(new(theta), theta - eta * direction)]
    return UpdateRule(name=name, source=HERE, hyperparameters=[hyper(eta, "0.1"), *more], equations=equations)


FREE = hyper(Symbol("kappa", real=True), "1", domain="(-oo, oo)", role="constant")


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (rule("signum"), "sign of a state"),
        (rule("yogi"), "not affine"),
        (step_along("state", sign(m) * g), "sign of a state"),
        (plain_step("square", sign(g**2 - 1)), "not affine"),
        (plain_step("slope", sign(FREE.symbol * g + 1), FREE), "may be negative"),
    ],
    ids=lambda x: getattr(x, "label", ""),
)
def test_other_signs_are_refused_with_the_reason(refused, reason):
    with pytest.raises(Refused, match=reason) as refusal:
        derive(refused)
    assert refusal.value.why


def test_the_memory_of_lion_has_no_reading_without_its_average():
    """Held fixed, m would be noise inside the sign: that is no SDE without m, so no such alternative is offered."""
    found = rescale(rule("lion"), scaling_rule(rule("lion")), 4)
    assert found.valid and {item.label for item in found.alternatives} == {"beta^kappa"}
    assert found.hyperparameters["beta1"] == Rational("0.9") and found.hyperparameters["beta2"] == Rational("0.96")
