"""SGD's equations have weak orders 1, 2 and 3: their errors fall like h, h^2 and h^3, exactly and without sampling.

Quadratic loss f = a x^2/2, gradient noise of standard deviation s (p + q x): multiplicative, so that the diffusion
depends on x. E[x^k], k = 1..4, then follows a linear recursion for SGD and a linear equation for its SDE; both are
solved exactly, and their difference at time T is the weak error of a polynomial test function.

Two regimes, because they see different things. With the noise fixed and h = eta -> 0 the gradient flow without any
noise is of weak order 1 too: there the diffusion matters from order 2 on. With sigma = sigma0/sqrt(h) the diffusion
is of order one, and the gradient flow is wrong. (Li, Tai & E 2017; Li, Malladi & Arora 2021.)
The equation of order 3 is derived for unskewed noise. Skewed noise is its control: the third derivative that no SDE
has then costs one order, for x^3 and x^4, whose third derivatives are not 0, and leaves x and x^2 as they are.

The slope is log2(err(h)/err(h/2)); its own change from one halving to the next bounds what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath
import sympy
from sympy import Symbol

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.hypothesis import BOUNDED_MOMENTS, WEAK_ORDERS
from driftproof.theory.noise import NoiseModel
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE

from .runtime.check import Check, Context, Mutant
from .runtime.mutants import changes
from .runtime.orders import at_least, at_most, lowest, slope
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
from .runtime.verdict import FAIL, Range, Region, Verdict, decide

START, TIME = Fraction(3, 2), 2
HALVINGS = range(16, 20)
"""h = T/2^16 ... T/2^19: a power of the recursion's matrix, so small steps cost nothing."""
EVERY = tuple(range(1, DEGREE + 1))
PLAIN = Problem()
SKEWED = Problem(skew=Fraction(3, 2), kurtosis=Fraction(6))


def errors(rule: UpdateRule, sde: SDE, problem: Problem, by_hand: bool = False) -> list[list[Any]]:
    """Per test function x, x^2, ... the errors of its mean at time T, for each h. by_hand: see `matrix_of_step`."""
    runs = _runs(rule, problem, sde.regime, by_hand)
    flow = matrix_of_sde(sde, problem, {"sigma0": sympy.Integer(1), "eta": H})
    found = []
    for halving in HALVINGS:
        limit = mpmath.expm(numbers(flow, _step(halving)) * TIME) * powers(START)
        found.append([runs[halving][k] - limit[k] for k in EVERY])
    return [list(column) for column in zip(*found, strict=True)]


def _step(halving: int) -> Fraction:
    return Fraction(TIME, 2**halving)


@cache
def _runs(rule: UpdateRule, problem: Problem, regime: str, by_hand: bool) -> dict[int, Any]:
    """The moments of SGD at time T, for each h."""
    sigma = 1 / sympy.sqrt(H) if regime == "diffusive" else sympy.Integer(1)  # sigma0 = 1
    matrix = matrix_of_step(rule, problem, H, sigma, by_hand)
    return {n: numbers(matrix, _step(n)) ** (2**n) * powers(START) for n in HALVINGS}


@cache
def sde_of(regime: str, order: int = 1) -> SDE:
    return derive(rule_of("sgd"), regime, order, NoiseModel("unskewed" if order == 3 else "any"))


def gradient_flow() -> SDE:
    return replace(sde_of("small"), diffusion={PAIR: sympy.Integer(0)})


@dataclass(frozen=True)
class Case:
    """An equation, and the slopes that are claimed of some test functions x^k beside what would refute them."""

    name: str
    sde: SDE
    problem: Problem
    regions: tuple[Region, Region]
    degrees: Sequence[int] = EVERY

    def judged(self, by_hand: bool = False) -> tuple[str, Range]:
        """The verdict on the slowest test function, and its slope."""
        with mpmath.workdps(DIGITS):
            columns = errors(rule_of("sgd"), self.sde, self.problem, by_hand)
            interval = lowest([slope(columns[k - 1]) for k in self.degrees])
        return decide(interval, *self.regions), interval


def cases() -> Iterator[Case]:
    """Each equation with the order that it claims, then with the order that it does not exceed."""
    small, skewed = "small noise regime", "skew 3/2"
    yield Case(f"order 1, {small}", sde_of("small"), PLAIN, at_least(1))
    yield Case(f"order 1, {small}, skew 1", sde_of("small"), Problem(skew=Fraction(1)), at_least(1))
    yield Case("order 1, diffusive noise regime", sde_of("diffusive"), PLAIN, at_least(1))
    yield Case(f"order 2, {small}", sde_of("small", 2), PLAIN, at_least(2))
    yield Case(f"order 2, {small}, {skewed}", sde_of("small", 2), SKEWED, at_least(2))
    yield Case(f"order 3, {small}", sde_of("small", 3), PLAIN, at_least(3))
    yield Case(f"order 3, {small}, {skewed}, x and x^2", sde_of("small", 3), SKEWED, at_least(3), (1, 2))
    yield Case(f"control: order 3, {small}, {skewed}, x^3", sde_of("small", 3), SKEWED, at_most(2), (3,))
    yield Case(f"control: order 3, {small}, {skewed}, x^4", sde_of("small", 3), SKEWED, at_most(2), (4,))
    yield Case(f"control: gradient flow, {small}, order 1", gradient_flow(), PLAIN, at_least(1))
    for order in (1, 2):
        control = f"control: order {order}, {small}, not {order + 1}"
        yield Case(control, sde_of("small", order), PLAIN, at_most(order))


def run(context: Context) -> Iterator[Verdict]:
    if not context.wants(rule_of("sgd")):
        return
    for case in cases():
        verdict, interval = case.judged()
        claim, alternative = case.regions
        yield context.verdict(
            f"sgd, {case.name}",
            verdict,
            interval=interval,
            n=len(case.degrees) * len(HALVINGS),
            detail={
                f"slowest slope of E[x^k], k in {', '.join(map(str, case.degrees))}": f"{sum(interval) / 2:.6f}",
                "claimed": str(claim),
                "alternative": str(alternative),
            },
        )


# Mutants: wrong SDEs, killed by the exact recursion of the step written by hand.


def wrong_sdes(sde: SDE, problem: Problem) -> dict[str, SDE]:
    """Each has a wrong drift or a wrong diffusion."""
    at = Symbol("theta")
    drift, diffusion = sde.drift["theta"], sde.diffusion[PAIR]
    correction = sympy.diff(problem.deviation**2, X).subs(X, at) / 4  # D'/4 turns Ito's drift into Stratonovich's
    correction *= 1 if sde.regime == "diffusive" else Symbol("eta")
    start = problem.deviation.subs(X, rational(START)) ** 2
    return {
        "no diffusion (gradient flow)": replace(sde, diffusion={PAIR: sympy.Integer(0)}),
        "half the diffusion": replace(sde, diffusion={PAIR: diffusion / 2}),
        "diffusion frozen at the start": replace(sde, diffusion={PAIR: diffusion.subs(Symbol("Sigma"), start)}),
        "twice the drift": replace(sde, drift={"theta": 2 * drift}),
        "drift with the wrong sign": replace(sde, drift={"theta": -drift}),
        "read in Stratonovich's sense": replace(sde, drift={"theta": drift + correction}),
    }


def wrong_corrections(sde: SDE, problem: Problem) -> Iterator[tuple[str, SDE]]:
    """One place of the drift or of the diffusion changed, where it matters on a quadratic loss."""
    right = matrix_of_sde(sde, problem, {"eta": H})
    entry = sde.diffusion[PAIR]
    for what, other in changes(sde.drift["theta"]):
        yield from _if_other(f"drift: {what}", replace(sde, drift={"theta": other}), problem, right)
    for what, other in changes(entry):
        yield from _if_other(f"diffusion: {what}", replace(sde, diffusion={PAIR: other}), problem, right)


def _if_other(what: str, wrong: SDE, problem: Problem, right: sympy.Matrix) -> Iterator[tuple[str, SDE]]:
    try:
        other = matrix_of_sde(wrong, problem, {"eta": H})
    except ValueError:  # its moments do not close on polynomials of this degree
        return
    if other != right:
        yield what, wrong


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong SDEs, and noise that breaks the hypothesis of low skewness, or that of none."""
    if not context.wants(rule_of("sgd")):
        return
    oracle = "exact moment recursion of the step written by hand"
    for name, wrong in wrong_sdes(sde_of("diffusive"), PLAIN).items():
        yield Mutant(name, oracle, partial(_killed, wrong, PLAIN, 1))
    skewed = Problem(skew=Fraction(1))
    yield Mutant("noise whose skewness stays fixed", oracle, partial(_killed, sde_of("diffusive"), skewed, 1))
    yield Mutant("order 3: skewed noise", oracle, partial(_killed, sde_of("small", 3), SKEWED, 3))
    for order in (2, 3):
        lower = sde_of("small", order - 1)
        yield Mutant(f"order {order}: the equation of order {order - 1}", oracle, partial(_killed, lower, PLAIN, order))
        sde = sde_of("small", order)
        for name, wrong in (*wrong_sdes(sde, PLAIN).items(), *wrong_corrections(sde, PLAIN)):
            yield Mutant(f"order {order}: {name}", oracle, partial(_killed, wrong, PLAIN, order))


def _killed(wrong: SDE, problem: Problem, order: int) -> str:
    """Of a wrong diffusion in the diffusive regime it is said what order 1 with small noise sees: nothing."""
    verdict, found = Case("", wrong, problem, at_least(order)).judged(by_hand=True)
    if verdict != FAIL:
        return ""
    said, right = f"slope {sum(found) / 2:.2f}", sde_of("diffusive")
    if wrong.regime == "diffusive" and wrong.diffusion != right.diffusion:
        ratio = sympy.simplify(wrong.diffusion[PAIR] / right.diffusion[PAIR])
        small = sde_of("small")
        other = replace(small, diffusion={PAIR: small.diffusion[PAIR] * ratio})
        blind, seen = Case("", other, problem, at_least(1)).judged(by_hand=True)
        said += f"; in the small-noise regime {blind} with slope {sum(seen) / 2:.2f}"
    return said


check = Check(
    id="sgd-weak-orders",
    claim="The equations of SGD have weak order 1 in both noise regimes, and 2 and 3 in the small-noise regime.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
    cites=(str(BOUNDED_MOMENTS), WEAK_ORDERS),
    source=Source("li2017stochastic", "weak approximations of order 1 and 2", "regimes: li2021validity; order 3: ours"),
)
