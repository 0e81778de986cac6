"""SGD has weak order 1: the error of its SDE falls like h, by exact moment recursions and without sampling.

Quadratic loss f = a x^2/2, gradient noise of standard deviation s (p + q x): multiplicative, so that the diffusion
depends on x. E[x^k], k = 1..4, then follows a linear recursion for SGD and a linear equation for its SDE; both are
solved exactly, and their difference at time T is the weak error of a polynomial test function.

Two regimes, because they see different things. With the noise fixed and h = eta -> 0 only the drift matters: the
gradient flow without any noise is of weak order 1 too. With sigma = sigma0/sqrt(h) the diffusion is of order one,
and the gradient flow is wrong. (Li, Tai & E 2017; Li, Malladi & Arora 2021.)

The slope is log2(err(h)/err(h/2)); its own change from one halving to the next bounds what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath
import sympy
from sympy import Symbol

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.hypothesis import BOUNDED_MOMENTS, WEAK_ORDER
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE

from .runtime.check import Check, Context, Mutant
from .runtime.orders import FIRST_ORDER, LESS, lowest, slope
from .runtime.recursion import (
    DEGREE,
    DIGITS,
    PAIR,
    H,
    Problem,
    X,
    matrix_of_sde,
    matrix_of_step,
    numbers,
    powers,
    rational,
)
from .runtime.verdict import FAIL, Range, Verdict, decide

START, TIME = Fraction(3, 2), 2
HALVINGS = range(16, 20)
"""h = T/2^16 ... T/2^19: a power of the recursion's matrix, so small steps cost nothing."""


def errors(rule: UpdateRule, sde: SDE, problem: Problem, by_hand: bool = False) -> list[list[Any]]:
    """Per test function x, x^2, ... the errors of its mean at time T, for each h. by_hand: see `matrix_of_step`."""
    sigma = 1 / sympy.sqrt(H) if sde.regime == "diffusive" else sympy.Integer(1)  # sigma0 = 1
    step = matrix_of_step(rule, problem, H, sigma, by_hand)
    flow = matrix_of_sde(sde, problem, {"sigma0": sympy.Integer(1), "eta": H})
    found = []
    for halving in HALVINGS:
        h = Fraction(TIME, 2**halving)
        run = numbers(step, h) ** (2**halving) * powers(START)
        limit = mpmath.expm(numbers(flow, h) * TIME) * powers(START)
        found.append([run[k] - limit[k] for k in range(1, DEGREE + 1)])
    return [list(column) for column in zip(*found, strict=True)]


@cache
def sde_of(regime: str) -> SDE:
    return derive(rule_of("sgd"), regime)


def judged(sde: SDE, problem: Problem, by_hand: bool = False) -> tuple[str, Range]:
    """The verdict on the slowest test function, and its slope."""
    with mpmath.workdps(DIGITS):
        interval = lowest([slope(column) for column in errors(rule_of("sgd"), sde, problem, by_hand)])
    return decide(interval, FIRST_ORDER, LESS), interval


def run(context: Context) -> Iterator[Verdict]:
    """One verdict per regime and law of the noise."""
    if not context.wants(rule_of("sgd")):
        return
    for regime, skew in (("small", 0), ("small", 1), ("diffusive", 0)):
        sde, problem = sde_of(regime), Problem(skew=Fraction(skew))
        verdict, interval = judged(sde, problem)
        yield context.verdict(
            f"sgd, {regime} noise regime, skew {skew}",
            verdict,
            interval=interval,
            n=DEGREE * len(HALVINGS),
            detail={
                "slowest slope of E[x^k], k = 1..4": f"{sum(interval) / 2:.6f}",
                "claimed": "1",
                "alternative": "<= 3/4",
            },
        )


# Mutants: wrong SDEs, killed by the exact recursion of the step written by hand.


def wrong_sdes(sde: SDE, problem: Problem) -> dict[str, SDE]:
    """Each has a wrong drift or a wrong diffusion."""
    at = Symbol("theta")
    drift, diffusion = sde.drift["theta"], sde.diffusion[PAIR]
    correction = sympy.diff(problem.deviation**2, X).subs(X, at) / 4  # D'/4 turns Ito's drift into Stratonovich's
    start = problem.deviation.subs(X, rational(START)) ** 2
    return {
        "no diffusion (gradient flow)": replace(sde, diffusion={PAIR: sympy.Integer(0)}),
        "half the diffusion": replace(sde, diffusion={PAIR: diffusion / 2}),
        "diffusion frozen at the start": replace(sde, diffusion={PAIR: diffusion.subs(Symbol("Sigma"), start)}),
        "twice the drift": replace(sde, drift={"theta": 2 * drift}),
        "drift with the wrong sign": replace(sde, drift={"theta": -drift}),
        "read in Stratonovich's sense": replace(sde, drift={"theta": drift + correction}),
    }


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong SDEs of the diffusive regime, and noise that breaks the hypothesis of low skewness."""
    if not context.wants(rule_of("sgd")):
        return
    problem, oracle = Problem(), "exact moment recursion of the step written by hand"
    for name, wrong in wrong_sdes(sde_of("diffusive"), problem).items():
        yield Mutant(name, oracle, partial(_killed, wrong, problem))
    skewed = Problem(skew=Fraction(1))
    yield Mutant("noise whose skewness stays fixed", oracle, partial(_killed, sde_of("diffusive"), skewed))


def _killed(wrong: SDE, problem: Problem) -> str:
    """The diffusive regime decides. Of a wrong diffusion it is said what the small-noise regime sees: nothing."""
    verdict, slope = judged(wrong, problem, by_hand=True)
    if verdict != FAIL:
        return ""
    said, right = f"slope {sum(slope) / 2:.2f}", sde_of("diffusive")
    if wrong.diffusion != right.diffusion:
        ratio = sympy.simplify(wrong.diffusion[PAIR] / right.diffusion[PAIR])
        small = sde_of("small")
        blind, other = judged(replace(small, diffusion={PAIR: small.diffusion[PAIR] * ratio}), problem, by_hand=True)
        said += f"; in the small-noise regime {blind} with slope {sum(other) / 2:.2f}"
    return said


check = Check(
    id="sgd-weak-order",
    claim="The SDE of SGD has weak order 1 in the small-noise regime and in the diffusive one.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
    cites=(str(BOUNDED_MOMENTS), WEAK_ORDER),
    source=Source("li2017stochastic", "order-1 weak approximation", "regimes: li2021validity"),
)
