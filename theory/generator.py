"""The generator of one step: L = log(T_h) / h, so that e^(h L) takes a mean over one step exactly.

    T_h phi(x, t) = E phi(x + Delta, t + h) = sum_a E[Delta^a] / a! d^a phi = phi + h D1 phi + h^2 D2 phi + ...
    L = L0 + h L1 + h^2 L2 + ...,  L0 = D1,  L1 = D2 - D1 D1 / 2,  L2 = D3 - (D1 D2 + D2 D1) / 2 + D1 D1 D1 / 3

An SDE whose generator is L up to O(h^p) has weak order p: its moments over one step agree up to O(h^(p+1)). A
generator is a second-order operator; where L has a derivative of higher order there is no such SDE.
t is a coordinate of its own, with the increment h, where a bias correction makes the step depend on time.

source: Li, Tai & E 2017, modified equations; the logarithm as in backward error analysis, derived anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .noise import MU3, NoiseModel
from .operators import FUNCTIONS_OF_THETA, Calculus, Index, Operator, OperatorSeries, added
from .scales import DF, SIGMA0, THETA, TIME, Scales
from .series import Series, monomial
from .step_series import StepSeries
from .symbols import theta

K3 = Symbol("K3", real=True)
"""sigma E z^3, which low skewness bounds."""
SIDES = ("i", "j")


@dataclass(frozen=True)
class Generator:
    """terms: exponent of h -> the operator there, over the coordinates of `calculus`; t is left out.

    step: the series it came from, for the symbols that stand for expressions.
    """

    terms: OperatorSeries
    calculus: Calculus
    step: StepSeries

    @property
    def coordinates(self) -> tuple[Symbol, ...]:
        return tuple(x for x in self.calculus.coordinates if x != TIME)

    def revealed(self, coefficient: Expr) -> Expr:
        """The coefficient with every symbol that stands for an expression replaced."""
        while inside := coefficient.free_symbols & self.calculus.held.keys():
            coefficient = coefficient.xreplace({s: self.calculus.held[s] for s in inside})
        return coefficient

    def coefficient(self, exponent: Fraction, *states: Symbol) -> Expr:
        """Of the derivative in these states, at h^exponent."""
        index = tuple(states.count(x) for x in self.coordinates)
        return self.revealed(self.terms.get(exponent, {}).get(index, sympy.Integer(0)))


def generator(scales: Scales, noise: NoiseModel, order: int, sides: Sequence[str] = ("",)) -> Generator:
    """L up to h^(order - 1). sides: ("",) for one coordinate, ("i", "j") for two that the noise and the loss couple.

    raises: Refused where the step has no expansion to that order.
    """
    _require_scope(scales)
    step = _expanded(scales, order)
    increments = {k: s.truncated(Fraction(order + 1)) for k, s in step.increments().items()}
    _require_short(scales, increments, order)
    renamings = [_renaming(step, increments, side) for side in sides] if sides != ("",) else [{}]
    states = {r.get(k, k): _renamed(s, r) for r in renamings for k, s in increments.items()}
    opaque = {symbol: value for value, symbol in step.expansion.opaque.items()}
    held = {r.get(k, k): v.xreplace(r) for r in renamings for k, v in opaque.items()}
    thetas = {r.get(THETA, THETA): side for r, side in zip(renamings, sides, strict=True)}
    timed = _depends_on_time(scales, [*states.values()], held)
    calculus = Calculus((*states, *((TIME,) if timed else ())), thetas, held, {g: c for c, g in scales.gammas.items()})
    moves = [*states.values(), *((monomial(1, 1),) if timed else ())]
    mean = _expectation(noise, step, renamings)
    low = scales.regime == "diffusive" and noise.low_skewness
    moments = _step_operators(moves, mean, order, -scales.noise.weight if low else None)
    logarithm = calculus.logarithm(moments, Fraction(order))
    return Generator(_per_time(scales, logarithm, timed), calculus, step)


MOST_OPERATIONS = 3000
"""In one coefficient of a step's expansion; products of longer ones are beyond any reader, and take minutes."""


def _require_short(scales: Scales, increments: Mapping[Symbol, Series], order: int) -> None:
    longest = max((c.count_ops() for s in increments.values() for c in s.terms.values()), default=0)
    if longest > MOST_OPERATIONS:
        raise Refused(
            f"{scales.rule.label}: a coefficient of one step's expansion to order {order} has {longest} operations.",
            f"Its moments are products of several such; the engine stops at {MOST_OPERATIONS}.",
            "Derive order 1, or a variant with fewer explicit functions of time.",
        )


def _require_scope(scales: Scales) -> None:
    rule = scales.rule
    if elsewhere := [d.at for d in rule.gradients if d.at != theta]:
        raise Refused(
            f"{rule.label} takes its gradient at {elsewhere[0]}.",
            "Beyond order 1 the derivatives of f' and Sigma between that point and theta enter.",
            "Derive order 1.",
        )
    if any(e.expression.has(sympy.sign) for e in rule.equations):
        raise Refused(f"{rule.label} takes a sign.", "Its moments are derived at order 1 only.", "Derive order 1.")
    for symbol in scales.rule_letters:
        if FUNCTIONS_OF_THETA.match(symbol.name):
            raise Refused(
                f"{scales.rule.label} calls one of its letters {symbol.name}.",
                "In a modified equation that letter is a derivative of the loss or of the noise.",
                "Rename it in the rule.",
            )


def _expanded(scales: Scales, order: int) -> StepSeries:
    """With every power of h up to h^order known."""
    for length in (order + 1, order + 2, 2 * order + 2):
        step = StepSeries(scales, Fraction(length))
        if all(s.order > order for s in step.increments().values()):
            return step
    raise Refused(f"{scales.rule.label}: the expansion in h does not reach order {order}.", "", "Use a lower order.")


def _renaming(step: StepSeries, increments: Mapping[Symbol, Series], side: str) -> dict[Symbol, Symbol]:
    """Letters of one coordinate -> the same letters of coordinate `side`."""
    letters = {s for series in increments.values() for c in series.terms.values() for s in c.free_symbols}
    letters |= {s for value in step.expansion.opaque for s in value.free_symbols}
    own = {DF, THETA, *step.draws, *increments, *step.expansion.opaque.values()}
    vectors = {s for s in letters | own if s in own or FUNCTIONS_OF_THETA.match(s.name)}
    return {s: Symbol(f"{s.name}_{side}", **s.assumptions0) for s in vectors}


def _renamed(series: Series, renaming: Mapping[Symbol, Symbol]) -> Series:
    return Series({k: c.xreplace(dict(renaming)) for k, c in series.terms.items()}, series.order)


def _depends_on_time(scales: Scales, moves: Sequence[Series], held: Mapping[Symbol, Expr]) -> bool:
    letters = {s for m in moves for c in m.terms.values() for s in c.free_symbols}
    letters |= {s for value in held.values() for s in value.free_symbols}
    if scheduled := sorted(s.name for s in letters if s.name.startswith("s_")):
        raise Refused(
            f"{scales.rule.label}: {', '.join(scheduled)} is a schedule.",
            "Its derivative in time enters at order 2, and only the schedule's name is known.",
            "Derive order 1, or write the schedule into the rule as a function of t.",
        )
    return bool(letters & {TIME, *scales.gammas.values()})


def _expectation(
    noise: NoiseModel, step: StepSeries, renamings: Sequence[Mapping[Symbol, Symbol]]
) -> Callable[[Expr], Expr]:
    if len(renamings) == 1:
        return lambda e: noise.expectation(e, step.draws)
    pairs = [(renamings[0][z], renamings[1][z]) for z in step.draws]
    return lambda e: noise.joint_expectation(e, pairs)


def _step_operators(
    moves: Sequence[Series], mean: Callable[[Expr], Expr], order: int, skew_weight: Fraction | None
) -> OperatorSeries:
    """N = T_h - 1 up to h^order: E[Delta^a] / a! for every product of increments that reaches that far."""
    found: dict[Fraction, Operator] = {}
    most = math.floor(order / min(m.valuation for m in moves))
    for count in range(1, most + 1):
        for chosen in combinations_with_replacement(range(len(moves)), count):
            if sum(moves[n].valuation for n in chosen) <= order:
                index = tuple(chosen.count(n) for n in range(len(moves)))
                for exponent, value in _moment([moves[n] for n in chosen], mean, order, skew_weight).items():
                    part = {index: value / math.prod(math.factorial(n) for n in index)}
                    found[exponent] = added(found.get(exponent, {}), part)
    return {k: v for k, v in found.items() if v}


def _moment(
    factors: Sequence[Series], mean: Callable[[Expr], Expr], order: int, skew_weight: Fraction | None
) -> dict[Fraction, Expr]:
    """E of a product of increments; under low skewness mu3 = K3 / sigma, which has a weight of its own."""
    product = factors[0]
    for factor in factors[1:]:
        product = product.times(factor, below=Fraction(order) + Fraction(1, 8))
    found: dict[Fraction, Expr] = {}
    for exponent, value in product.terms.items():
        expected = mean(value)
        skewed = skew_weight is not None and expected.has(MU3)
        for (power,), c in sympy.Poly(expected, MU3).terms() if skewed else [((0,), expected)]:
            at = exponent + power * (skew_weight or 0)
            if at <= order:
                found[at] = found.get(at, sympy.Integer(0)) + c * (K3 / SIGMA0) ** power
    return found


def _per_time(scales: Scales, logarithm: OperatorSeries, timed: bool) -> dict[Fraction, Operator]:
    """log(T_h) / h without d/dt, whose coefficient must be 1."""
    found: dict[Fraction, Operator] = {}
    for exponent, operator in logarithm.items():
        kept: dict[Index, Expr] = {}
        for index, value in operator.items():
            if timed and index[-1]:
                if (index, exponent, value) != ((0,) * (len(index) - 1) + (1,), Fraction(1), 1):
                    raise Refused(f"{scales.rule.label}: d/dt does not separate in the generator.")
            else:
                kept[index[: len(index) - 1] if timed else index] = value
        found[exponent - 1] = kept
    return {k: v for k, v in found.items() if v}
