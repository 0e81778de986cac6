"""The SDE of an update rule: drift and diffusion from the moments of one step (notes of the sources below).

    a = [h^1] E[Delta],   D = [h^1] E[Delta Delta^T],   Delta = one step's increment, X rescaled to its limit.

Order 1 holds if every other coefficient of E[Delta], E[Delta Delta^T] and of the third and fourth moments below h^2
vanishes (Milstein; Malladi et al. 2022). What does not vanish names the hypothesis that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, product

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .forms import plain, tidy, vanishes
from .hypothesis import Hypothesis
from .modified import Modified, modified
from .noise import GAUSSIAN, GENERAL, MU3, SIGMA, NoiseModel, low_skewness
from .points import gradient_point
from .references import Source
from .rule import UpdateRule
from .scales import DF, SIGMA0, THETA, Scales
from .sde import SDE
from .series import Series
from .settled import holds_later
from .signs import SIGMA_DIAGONAL, Signs, gaussian_noise
from .step_series import StepSeries
from .symbols import theta
from .wording import hypotheses, remarks, symbol_meanings, valid_from

REGIMES = ("diffusive", "small")
ORDERS = (1, 2, 3)
TWO = Fraction(2)
SOURCES = {
    "diffusive": Source("malladi2022sdes", "method of its SDE derivations", "derived anew from the declared rule"),
    "small": Source("li2017stochastic", "method of its order-1 equation", "derived anew from the declared rule"),
}
MODIFIED = Source("li2017stochastic", "modified equations", "log of the one-step operator, derived anew from the rule")
LAWS = {
    "gaussian": Hypothesis("Gaussian noise", "z ~ N(0, Sigma): every moment of the noise follows from Sigma"),
    "unskewed": Hypothesis("unskewed noise", "the third moments of z are 0"),
}


def derive(
    rule: UpdateRule,
    regime: str = "diffusive",
    order: int = 1,
    noise: NoiseModel = GENERAL,
    scheduled: tuple[str, ...] = (),
) -> SDE:
    """The SDE of a rule, of weak order 1, 2 or 3.

    regime: "diffusive" (sigma grows as h goes to 0, diffusion O(1)) or "small" (noise fixed, diffusion O(h)).
    noise: what is known of the law of the noise; by default its moments are symbols.
    scheduled: hyperparameters multiplied by a function of time (s_eta), as ("eta",).
    raises: Refused where the rule is outside the engine or the moments do not allow an SDE, with the reason.
    """
    if regime not in REGIMES:
        raise Refused(f"There is no regime '{regime}'.", "", f"Regimes: {', '.join(REGIMES)}.")
    if order not in ORDERS:
        raise Refused(f"Order {order} is not derived.", "", f"Orders: {', '.join(map(str, ORDERS))}.")
    scales = Scales(rule, regime, scheduled)
    moments = _Moments.of(scales, noise)
    skewed = moments.require_order_one()
    point = gradient_point(moments.step)
    if order == 1:
        found = Modified(moments.drift(), moments.diffusion(), moments.cross_diffusion())
    else:
        _require_differentiable(scales, moments, order)
        found = modified(scales, noise, order)
    drift, diffusion, cross = found.drift, found.diffusion, found.cross
    entries: list[Expr] = [*drift.values(), *diffusion.values(), *cross.values(), *found.coupling.values()]
    if any(entry.has(sympy.I) for entry in entries):
        raise Refused(f"{rule.label}: the SDE is not real.", "A root is taken of something negative.", "")
    if any(e.has(sympy.pi) for e in entries) and "pi" in {s.name for e in entries for s in e.free_symbols}:
        raise Refused(
            f"{rule.label}: the SDE has the number pi beside a letter of that name.",
            "Its text would not read back.",
            "Rename the letter pi in the rule.",
        )
    constants, rescaling = _constants(scales, [*entries, point]), _rescaling(scales)
    return SDE(
        rule=rule.label,
        digest=rule.digest,
        regime=regime,
        time_per_step=plain(scales.time_per_step),
        rescaling=rescaling,
        constants={k: plain(v) for k, v in constants.items()},
        drift={k: plain(v) for k, v in drift.items()},
        diffusion={k: plain(v) for k, v in diffusion.items()},
        cross_diffusion={k: plain(v) for k, v in cross.items()},
        hypotheses=(
            *hypotheses(scales, [*drift.values(), *diffusion.values(), point]),
            *moments.of_signs(),
            *((low_skewness(skewed),) if skewed else ()),
            *((LAWS[noise.law],) if noise.law in LAWS and not moments.signs.items else ()),
            *found.hypotheses,
        ),
        valid_from=valid_from(entries, holds_later(scales.rule)),
        symbols=symbol_meanings(scales, [*entries, point], constants, rescaling, point),
        source=SOURCES[regime] if order == 1 else MODIFIED,
        remarks=(*remarks(scales, point, order), *found.remarks),
        weak_order=order,
        drift_coupling={k: plain(v) for k, v in found.coupling.items()},
        gradient_at=plain(point),
    )


def _require_differentiable(scales: Scales, moments: _Moments, order: int) -> None:
    """Beyond order 1 the generator differentiates f' and Sigma in theta, and takes moments of z alone."""
    if moments.signs.items or any(d.at != theta for d in scales.rule.gradients):
        what = "the sign of a noisy gradient" if moments.signs.items else "a gradient taken away from theta"
        raise Refused(
            f"{scales.rule.label}: order {order} is not derived for {what}.",
            "It needs derivatives that the generator of one step does not carry.",
            "Use order 1.",
        )


@dataclass
class _Moments:
    """Moments of one step; expectations over the noise, coefficient by coefficient."""

    noise: NoiseModel
    scales: Scales
    step: StepSeries
    increments: Mapping[Symbol, Series]

    @classmethod
    def of(cls, scales: Scales, noise: NoiseModel) -> _Moments:
        """With as many powers of h as the order conditions need."""
        for length in (2, 3, 5):
            step = StepSeries(scales, Fraction(length))
            increments = step.increments()
            if all(s.order >= TWO for s in increments.values()):
                if step.signs.items:  # a sign needs the whole law of the noise, and this is the one that is taken
                    noise = GAUSSIAN
                return cls(noise, scales, step, {k: s.truncated(TWO + 1) for k, s in increments.items()})
        raise Refused(f"{scales.rule.label}: the expansion in h does not reach order 2.", "", "")

    def expectation(self, series: Series) -> dict[Fraction, Expr]:
        if self.signs.items:
            return dict(self.signs.mean(series).terms)
        found = {k: self.noise.expectation(v, self.step.draws) for k, v in series.terms.items()}
        return {k: v for k, v in found.items() if sympy.expand(v) != 0}

    @cached_property
    def signs(self) -> Signs:
        return self.step.signs

    def of_signs(self) -> tuple[Hypothesis, ...]:
        """What signs of the noisy gradient assume, with the states that move by them."""
        marks = {s.mark for s in self.signs.items}
        moved = [k.name for k, s in self.increments.items() if any(c.free_symbols & marks for c in s.terms.values())]
        if not moved:
            return ()
        diagonal = () if self.signs.dominated_by_noise else (SIGMA_DIAGONAL,)
        return (*gaussian_noise(moved), *diagonal)

    def require_order_one(self) -> tuple[str, ...]:
        """The moments that vanish only under low skewness. raises: Refused, naming every term that remains."""
        skewed: list[str] = []
        broken: list[str] = []
        for count in (1, 2, 3, 4) if self.scales.regime == "diffusive" else (1,):
            for names in combinations_with_replacement(self.increments, count):
                for exponent, value in self._offending(names, count):
                    term = f"{_moment_name(names)} at h^({exponent}): {tidy(self.step.expansion.reveal(value))}"
                    low = self._vanishes_under_low_skewness(exponent, value)
                    (skewed if low else broken).append(_moment_name(names) if low else term)
        if broken:
            raise Refused(
                f"{self.scales.rule.label}: {len(broken)} moment(s) of one step do not fit: " + "; ".join(broken) + ".",
                "Order 1 needs every moment to agree with the SDE's up to O(h^2).",
                self._way_out(broken),
            )
        return tuple(dict.fromkeys(skewed))

    def _way_out(self, broken: Sequence[str]) -> str:
        """A letter in two places of different size breaks what a variant with one place keeps."""
        dampings = [h for h in self.scales.rule.hyperparameters if h.role == "damping"]
        for h in dampings:
            letter = self.scales.hyperparameter(h).letter
            if all(re.search(rf"\b{letter}\b", term) for term in broken):
                return (
                    f"{h.name} stands beside quantities of different size, and no one power of h fits all its places: "
                    f"take a variant with {h.name} in one place, or without it."
                )
        return "No SDE of order 1 is claimed for this variant in this regime and noise model."

    def _offending(self, names: tuple[Symbol, ...], count: int) -> list[tuple[Fraction, Expr]]:
        if sum((self.increments[n].valuation for n in names), Fraction(0)) >= TWO:
            return []
        product = self.increments[names[0]]
        for name in names[1:]:
            product = product.times(self.increments[name], below=TWO)
        found = self.expectation(product.truncated(TWO))
        allowed = {Fraction(1)} if count <= 2 else set()
        return [(k, v) for k, v in found.items() if k not in allowed and not self._vanishes(v)]

    def _vanishes(self, value: Expr) -> bool:
        return bool(sympy.simplify(self.step.expansion.reveal(value)) == 0)

    def _vanishes_under_low_skewness(self, exponent: Fraction, value: Expr) -> bool:
        """Low skewness gives the third moment the weight of 1/sigma."""
        with_hypothesis = exponent - self.scales.noise.weight
        return self.noise.low_skewness and with_hypothesis >= TWO and self._vanishes(value.subs(MU3, 0))

    def drift(self) -> dict[str, Expr]:
        result = {}
        for name, series in self.increments.items():
            found = self.expectation(series)
            result[name.name] = _tidy_or_zero(self.step.expansion.reveal(found.get(Fraction(1), sympy.Integer(0))))
        return result

    def diffusion(self) -> dict[tuple[str, str], Expr]:
        def mean(series: Series, at: Fraction) -> Expr:
            if not self.signs.items:
                series = Series({at: series.coefficient(at)})
            return self.expectation(series).get(at, sympy.Integer(0))

        reveal = self.step.expansion.reveal
        found: dict[tuple[str, str], Expr] = {}
        for a, b in product(self.increments, repeat=2):
            known = found.get((b.name, a.name))
            value = reveal(self._covariance(self.increments[a], self.increments[b], mean)) if known is None else known
            found[a.name, b.name] = known if known is not None else _tidy_or_zero(value)
        return found

    def _covariance(self, a: Series, b: Series, mean: Callable[[Series, Fraction], Expr]) -> Expr:
        """[h^1] of the covariance of two increments; in the small regime its leading term is of order h^2."""
        at = Fraction(1) if self.scales.regime == "diffusive" else TWO
        value = mean(a.times(b, below=at + 1), at)
        if self.scales.regime == "small":
            leading = [mean(s, Fraction(1)) for s in (a, b)]
            value = sympy.expand(value - leading[0] * leading[1]) * self.scales.time_per_step
        return value

    def cross_diffusion(self) -> dict[tuple[str, str], Expr]:
        """Between two coordinates: the same step, letters renamed, z_i and z_j of covariance Sigma_ij.

        Terms in third moments across coordinates appear at the orders of those within one, so the hypotheses are
        the same, read for the tensor E z^3.
        """
        held = {p: self.step.expansion.reveal(p) for p in self.step.expansion.opaque.values()}
        letters = {s for series in self.increments.values() for c in series.terms.values() for s in c.free_symbols}
        letters |= {s for value in held.values() for s in value.free_symbols}
        marks = [s.mark for s in self.signs.items]
        if not self.signs.dominated_by_noise:  # under the hypothesis that Sigma is diagonal
            return {(a.name, b.name): sympy.Integer(0) for a in self.increments for b in self.increments}
        of_coordinate = {DF, SIGMA, THETA, *self.step.draws, *self.increments, *held, *marks}
        moments = {s for s in letters if re.fullmatch(r"mu[3-9]|mu\d\d+", s.name)}
        vectors = {s for s in letters | of_coordinate if s in of_coordinate or s in moments}
        sides = [{s: Symbol(f"{s.name}_{side}", **s.assumptions0) for s in vectors} for side in "ij"]
        shown = {side[p]: value.xreplace(side) for side in sides for p, value in held.items()}
        renamed = [
            {k: Series({e: c.xreplace(side) for e, c in s.terms.items()}, s.order) for k, s in self.increments.items()}
            for side in sides
        ]
        pairs = [(sides[0][z], sides[1][z]) for z in self.step.draws]

        def expectation(series: Series, at: Fraction) -> Expr:
            # The noise of a step starts at h^(1/2): what signs add beyond their leading order falls above `at`.
            if marks:
                return self.signs.joint(series.coefficient(at), *sides)
            return self.noise.joint_expectation(series.coefficient(at), pairs)

        return {
            (a.name, b.name): _tidy_or_zero(self._covariance(renamed[0][a], renamed[1][b], expectation).xreplace(shown))
            for a in self.increments
            for b in self.increments
        }


def _tidy_or_zero(expression: Expr) -> Expr:
    """Quotients that stood for one another may cancel only when they are written out."""
    return sympy.Integer(0) if vanishes(expression) else tidy(expression)


def _moment_name(names: tuple[Symbol, ...]) -> str:
    parts = []
    for name in dict.fromkeys(names):
        power = names.count(name)
        parts.append(f"d{name}" + (f"^{power}" if power > 1 else ""))
    return f"E[{' '.join(parts)}]"


def _rescaling(scales: Scales) -> dict[str, str]:
    result = {}
    for symbol in scales.states:
        scaled = scales.state(symbol)
        if scaled.letter is not None and scaled.letter.name != symbol.name:
            result[scaled.letter.name] = str(
                plain(_definition(scales, symbol, scaled.coefficient / scaled.letter, scaled.weight))
            )
    return result


def _definition(scales: Scales, symbol: Symbol, unit: Expr, weight: Fraction) -> Expr:
    """A stored quantity over its unit, in terms of sigma and the step size."""
    noise = scales.noise
    sigma = Symbol("sigma", positive=True)
    in_sigma = unit.as_base_exp()[1] if unit.has(SIGMA0) else sympy.Integer(0)
    rest = weight - Fraction(int(in_sigma)) * noise.weight
    return Symbol(symbol.name) / (
        sigma**in_sigma * scales.time_per_step ** sympy.Rational(rest.numerator, rest.denominator)
    )


def _constants(scales: Scales, entries: Iterable[Expr]) -> dict[str, Expr]:
    """Each constant that occurs (a gamma brings its rate), as a function of the hyperparameters and sigma."""
    h = scales.time_per_step
    letters = {s for e in entries for s in e.free_symbols}
    letters |= {c for c, gamma in scales.gammas.items() if gamma in letters}

    def over(top: Expr, weight: Fraction) -> Expr:
        return top / h ** sympy.Rational(weight.numerator, weight.denominator)

    found: dict[str, Expr] = {}
    if scales.regime == "diffusive":
        found["sigma0"] = over(Symbol("sigma"), scales.noise.weight)
    for item in scales.rule.hyperparameters:
        if item.symbol in scales.rates:
            weight = scales.weights.values.get(f"1-{item.name}", Fraction(1))
            here: Symbol | None = scales.rates[item.symbol]
            definition = over(1 - Symbol(item.name), weight)
        else:
            scaled = scales.hyperparameter(item)
            here, definition = scaled.letter, over(Symbol(item.name), scaled.weight)
        if here is not None and here in letters and here.name != item.name:
            found[here.name] = definition
    return {name: e for name, e in found.items() if name == "sigma0" or Symbol(name, positive=True) in letters}


__all__ = ["derive", "plain", "tidy"]
