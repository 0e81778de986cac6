"""Equations of order 2 and 3: those of the literature, those of the notes' hand derivations, and honest refusals.

Expected expressions are typed here, over plain symbols; P is sqrt(v) + eps0, or sigma0 sqrt(u) + eps0.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import Symbol, sympify

import driftproof as dp
from driftproof.theory.catalogue import rule
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.generator import SIDES, generator
from driftproof.theory.language import Source, State, UpdateRule, beta1, eq, eta, exp, g, hyper, m, new, t, theta
from driftproof.theory.noise import GAUSSIAN, GENERAL, UNSKEWED
from driftproof.theory.operators import Calculus
from driftproof.theory.scales import DF, THETA, Scales

NAMES = "theta m u v b t df d2f d3f Sigma dSigma d2Sigma mu3 mu4 K3 sigma0 eps0 c1 c2 gamma1 gamma2 eta P".split()
LETTERS = {n: Symbol(n, positive=True) for n in NAMES}
HERE = Source("li2017stochastic", "a test")


def equal(found: sympy.Expr, expected: str, denominator: str = "1") -> bool:
    """Equal as functions of positive letters, P standing for the denominator."""
    letters = {**{s.name: Symbol(s.name, positive=True) for s in found.free_symbols}, **LETTERS}
    there = sympify(expected, locals=letters).xreplace({LETTERS["P"]: sympify(denominator, locals=letters)})
    here = found.xreplace({s: letters[s.name] for s in found.free_symbols})
    return bool(sympy.simplify(here - there) == 0)


def assert_generator(found, expected: dict[tuple[int, ...], str], denominator: str) -> None:
    """L1 has exactly these coefficients."""
    terms = found.terms[Fraction(1)]
    assert set(terms) == set(expected)
    for index, value in expected.items():
        states = [x for x, n in zip(found.coordinates, index, strict=True) for _ in range(n)]
        assert equal(found.coefficient(Fraction(1), *states), value, denominator), index


def test_the_logarithm_of_a_step_is_that_of_noncommuting_operators():
    """log(e^(h A)) = h A, with A = a(x) d + b(x) d^2 of coefficients that do not commute with d."""
    calculus = Calculus((THETA,), {THETA: ""})
    step, power = {}, {(0,): sympy.Integer(1)}
    a = {(1,): -DF, (2,): Symbol("Sigma", positive=True) / 2}
    for n in (1, 2, 3):
        power = calculus.composed(a, power) if n > 1 else a
        step[Fraction(n)] = {k: v / sympy.factorial(n) for k, v in power.items()}
    assert calculus.logarithm(step, Fraction(3)) == {Fraction(1): a}


def test_sgd_of_order_two():
    """Li, Tai & E: drift -grad(f + eta/4 |grad f|^2), the diffusion of order 1."""
    first, second = derive(rule("sgd"), "small"), derive(rule("sgd"), "small", order=2)
    assert equal(second.drift["theta"], "-df - eta/2*df*d2f")
    assert second.diffusion == first.diffusion and second.cross_diffusion == first.cross_diffusion
    assert second.weak_order == 2 and second.as_json()["weak_order"] == 2
    assert any("-grad(f + eta/4 |grad f|^2)" in remark for remark in second.remarks)


def test_sgd_of_order_two_in_two_coordinates():
    """The coefficient of d_i is -(1/4) d_i |grad f|^2, |grad f|^2 = f_i^2 + f_j^2."""
    found = generator(Scales(rule("sgd"), "small"), GENERAL, 2, SIDES)
    x, y = sympy.symbols("x y")
    f = sympy.Function("f")(x, y)
    letters = {"df_i": f.diff(x), "df_j": f.diff(y), "d2f_ii": f.diff(x, 2), "d2f_jj": f.diff(y, 2)}
    letters["d2f_ij"] = f.diff(x, y)
    for state, axis in zip(found.coordinates, (x, y), strict=True):
        value = found.coefficient(Fraction(1), state)
        value = value.xreplace({s: letters[s.name] for s in value.free_symbols})
        square = f.diff(x) ** 2 + f.diff(y) ** 2
        assert sympy.simplify(value + square.diff(axis) / 4) == 0
    coupling = derive(rule("sgd"), "small", order=2).drift_coupling["theta"]
    assert coupling == sympify("-eta*df_j*d2f_ij/2")


@pytest.mark.parametrize("noise", [GAUSSIAN, UNSKEWED], ids=["gaussian", "unskewed"])
def test_sgd_of_order_three_where_the_noise_is_unskewed(noise):
    sde = derive(rule("sgd"), "small", order=3, noise=noise)
    assert equal(sde.drift["theta"], "-df - eta/2*df*d2f - eta**2/12*(df**2*d3f + 4*df*d2f**2 - 3*Sigma*d3f)")
    assert equal(sde.diffusion["theta", "theta"], "eta*Sigma + eta**2/2*(2*Sigma*d2f + dSigma*df)")
    assert any(h.name == "non-negative diffusion" for h in sde.hypotheses)


def test_skewed_noise_has_no_equation_of_order_three():
    with pytest.raises(Refused) as refusal:
        derive(rule("sgd"), "small", order=3)
    text = str(refusal.value)
    assert "d^3/dtheta^3 has the coefficient -mu3/6" in text and "only if mu3 = 0" in text
    assert "--noise gaussian or --noise unskewed" in text


def test_ballistic_rmsprop_has_the_complete_generator_of_order_two():
    """Noise O(1), eta = h, 1 - beta = c h; in the notes mu3 = k3 S^(3/2), mu4 = k4 S^2, P' = 1/(2 sqrt v)."""
    found = generator(Scales(rule("rmsprop@second_moment=old"), "small"), GENERAL, 2)
    expected = {
        (1, 0): "-df/2*(d2f/P**2 + c2/(2*sqrt(v))*(df**2 + Sigma - v)/P**2)",
        (0, 1): "(c2*df*(2*df*d2f + dSigma)/P + c2**2*(df**2 + Sigma - v))/2",
        (2, 0): "Sigma/P**2/2",
        (0, 2): "c2**2*(4*Sigma*df**2 + 4*mu3*df + mu4 - Sigma**2)/2",
        (1, 1): "-c2*(2*Sigma*df + mu3)/P",
    }
    assert_generator(found, expected, "sqrt(v) + eps0")
    sde = derive(rule("rmsprop@second_moment=old"), "small", order=2)
    assert equal(sde.diffusion["theta", "v"], f"eta*({expected[1, 1]})", "sqrt(v) + eps0")
    assert equal(sde.diffusion["v", "v"], f"2*eta*({expected[0, 2]})", "sqrt(v) + eps0")


def test_noise_dominated_rmsprop_has_third_and_fourth_derivatives():
    """The same with sigma = sigma0/sqrt(h), u = v/sigma^2, E z^3 = K3/sigma; the notes have sigma0 = 1."""
    found = generator(Scales(rule("rmsprop@second_moment=old"), "diffusive"), GENERAL, 2)
    prime = "sigma0/(2*sqrt(u))"
    expected = {
        (1, 0): f"-df*d2f/(2*P**2) - c2*df*{prime}*(Sigma - u)/(2*P**2) + sigma0**2*Sigma*d3f/(4*P**3)",
        (0, 1): "c2*df**2/sigma0**2 + c2**2*(Sigma - u)/2 + c2*df*dSigma/(2*P) - c2*sigma0**2*Sigma*d2Sigma/(4*P**2)",
        (2, 0): f"sigma0**2*(Sigma*d2f/(2*P**3) + c2*Sigma*{prime}*(Sigma - u)/(2*P**3) + dSigma*df/(4*P**3)"
        " - sigma0**2*Sigma*d2Sigma/(8*P**4))",
        (1, 1): "-c2*(2*Sigma*df/P + K3/P + sigma0**2*Sigma*dSigma/(2*P**2))",
        (0, 2): "c2**2*(mu4 - Sigma**2)/2",
        (3, 0): "-sigma0**2*(2*K3*P + 3*sigma0**2*Sigma*dSigma)/(12*P**4)",
        (2, 1): "c2*sigma0**2*(mu4 - Sigma**2)/(2*P**2)",
        (4, 0): "sigma0**4*(mu4 - 3*Sigma**2)/(24*P**4)",
    }
    assert_generator(found, expected, "sigma0*sqrt(u) + eps0")


@pytest.mark.parametrize(
    ("text", "third", "fourth"),
    [
        ("rmsprop@second_moment=old", "d^3/dtheta^2 du", "d^4/dtheta^4"),
        ("rmsprop", "d^3/dtheta^2 du", "d^4/dtheta^4"),
        ("adam", "d^3/dm^2 du", "d^4/dm^4"),
        ("adam@second_moment=old", "d^3/dm^2 du", "d^4/dm^4"),
    ],
)
def test_adaptive_methods_have_no_equation_of_order_two_where_noise_dominates(text, third, fourth):
    with pytest.raises(Refused) as refusal:
        derive(rule(text), order=2)
    said = str(refusal.value)
    assert f"{text} has no SDE of order 2 in the diffusive regime, whatever the law of the noise" in said
    assert f"{third} vanishes only if mu4 = Sigma^2, {fourth} vanishes only if mu4 = 3*Sigma^2" in said
    with pytest.raises(Refused, match="never vanishes"):
        derive(rule(text), order=2, noise=GAUSSIAN)


def test_ballistic_adam_of_order_two():
    """E[m_new] = m + c1 h (f' - m), E[dtheta] = -h a(t + h) E[m_new]: what order 1 drops stands at order 2."""
    sde = derive(rule("adam@correction=none,second_moment=old"), "small", order=2)
    assert equal(
        sde.drift["theta"],
        "-m/P - eta/2*(c1*(df - m)/P + m*c2*(df**2 + Sigma - v)/(2*sqrt(v)*P**2))",
        "sqrt(v) + eps0",
    )
    assert equal(sde.drift["m"], "c1*(df - m) + eta/2*(c1**2*(df - m) + c1*d2f*m/P)", "sqrt(v) + eps0")
    assert equal(sde.diffusion["m", "v"], "eta*c1*c2*(2*Sigma*df + mu3)")
    corrected = derive(rule("adam"), "small", order=2)
    assert corrected.weak_order == 2 and corrected.valid_from.startswith("t >= t0 > 0")


def test_time_is_a_coordinate():
    """theta' = theta - eta e^(-c t) g without noise is the flow of a drift that order 2 corrects by its d/dt too.

    x_{k+1} = x_k - h e^(-delta (t + h)) f'(x_k): L1 = -(a' a + da/dt)/2 + delta e^(-delta t) f', a = -e^(-delta t) f'.
    """
    delta = sympy.Symbol("delta", real=True)
    decay = UpdateRule(
        name="decay",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(delta, "0.01")],
        equations=[eq(new(theta), theta - eta * exp(-delta * t) * g)],
    )
    found = derive(decay, "small", order=2).drift["theta"]
    names = {s.name: s for s in found.free_symbols}
    d, h, df, d2f = names["delta0"], names["eta"], names["df"], names["d2f"]
    a = -df * sympy.exp(-d * names["t"])
    second = -(d2f * sympy.exp(-2 * d * names["t"]) * df) / 2 - sympy.diff(a, names["t"]) / 2
    second += df * d * sympy.exp(-d * names["t"])  # the step is taken with t + h
    assert sympy.simplify(found - a - h * second) == 0


def test_momentum_completes_its_diffusion_so_that_it_is_non_negative():
    sde = derive(rule("sgd@momentum=ema"), order=2, noise=GAUSSIAN)
    matrix = sympy.Matrix(2, 2, lambda i, j: sde.diffusion[("theta", "b")[i], ("theta", "b")[j]])
    assert sympy.simplify(matrix.det()) == 0 and matrix[1, 1] != 0 and matrix[0, 1] != 0
    lowest = sympy.series(matrix[0, 0], Symbol("eta"), 0, 3).removeO()
    assert sympy.expand(lowest / Symbol("eta") ** 2).coeff(Symbol("eta"), -1) == 0  # nothing below h^2
    with pytest.raises(Refused, match="only if K3 = 0 and mu4 = 3"):
        derive(rule("sgd@momentum=ema"), order=2)


def test_letters_that_mean_a_derivative_are_refused_in_a_rule():
    named = sympy.Symbol("d2f", real=True)
    bad = UpdateRule(
        name="bad",
        source=HERE,
        hyperparameters=[hyper(eta, "0.1"), hyper(beta1, "0.9"), hyper(named, "1", role="constant")],
        state=[State(m, init=0)],
        equations=[eq(new(m), beta1 * m + (1 - beta1) * g), eq(new(theta), theta - eta * named * new(m))],
        names={"d2f": "a name"},
    )
    assert derive(bad, "small").drift
    with pytest.raises(Refused, match="calls one of its letters d2f"):
        derive(bad, "small", order=2)


def test_a_schedule_is_refused_beyond_order_one():
    with pytest.raises(Refused, match="schedule"):
        derive(rule("sgd"), "small", order=2, scheduled=("eta",))


@pytest.mark.parametrize(
    ("text", "regime", "order", "noise"),
    [("sgd", "small", 2, GENERAL), ("sgd", "small", 3, UNSKEWED), ("rmsprop", "small", 2, GENERAL)],
)
def test_the_json_reads_back(text, regime, order, noise):
    sde = derive(rule(text), regime, order, noise)
    document = sde.as_json()
    letters = {n: Symbol(n) for n in document["symbols"]}
    for state, said in document["drift"].items():
        assert sympy.simplify(sympify(said, locals=letters) - sde.drift[state]) == 0
    for state, said in document.get("drift_coupling", {}).items():
        assert sympy.simplify(sympify(said, locals=letters) - sde.drift_coupling[state]) == 0
    assert all(meaning != name for name, meaning in document["symbols"].items())


def test_the_page_is_mathematics():
    """Primes for derivatives, one line for each power of the step, and what another coordinate adds."""
    page = str(dp.derive("sgd", "small", 2))
    assert "weak order 2 in h" in page and "each j other than i adds to d theta_i:  -eta f'_j f''_ij / 2 dt" in page
    third = dp.derive("sgd", "small", 3, "unskewed")
    for line in ("= -f' dt", "- eta f' f'' / 2 dt", "+ eta^2 (3 Sigma f''' - 4 f' f''^2 - f'^2 f''') / 12 dt"):
        assert line in str(third)
    assert "unskewed noise" in str(third) and "d2f" not in str(third)
    assert r"\frac{\eta \, f' \, f''}{2} dt" in third.latex()
    assert third.as_json()["scaling"] is None and "see order 1" in third.as_json()["scaling_refused"]


def test_order_one_is_printed_as_before():
    page = str(dp.derive("sgd", "small"))
    assert "d theta  = -grad f dt + sqrt(eta) sqrt(Sigma) dW" in page and "coordinates" not in page
    assert "drift_coupling" not in dp.derive("sgd", "small").as_json()
