"""Exact moments of one step of a rule under a noise law with finitely many values, and what an SDE says of them.

Nothing here expands anything: the step is evaluated at every value of the noise, at a time step h as small as
10^-24, with 150 digits. The SDE is only read: its constants are solved for the hyperparameters, and its drift
and diffusion are evaluated at one point. What is left over must vanish like h^2.

A gradient that is taken away from theta sees a loss of its own: f' and Sigma move with its point, so that an SDE
that reads them elsewhere, or a point that is not within O(h) of its limit, leaves something over. For an SDE that
names Gaussian noise the sum over its values is a quadrature between the jumps of the step.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement, product
from math import prod
from typing import Any

import mpmath
import sympy
from sympy import Expr, Symbol

from driftproof.theory.rule import Hyperparameter, UpdateRule
from driftproof.theory.sde import SDE
from driftproof.theory.symbols import new, symbol, t, theta

from .evaluate import MPMATH, evaluate, step
from .gaussian_law import RIGHT_DIGITS, correlation_factor, gaussian_law
from .hand_steps import BY_HAND

DIGITS = 150
H = Fraction(1, 10**24)
FINER = H / 16
GAUSSIAN_DIGITS = 70
"""Twice what a quadrature is good for: more would only take longer."""
ENOUGH_ORDER = 1.9
"""A remainder is c h^p with p in {3/2, 2, 5/2, ...}; at this h the measured p is right to 20 digits."""

Law = tuple[tuple[Any, Any], ...]
_PI = Symbol("the number pi")
_WITH_ERF = replace(MPMATH, functions={**MPMATH.functions, sympy.erf: mpmath.erf, sympy.asin: mpmath.asin})


def value_of(entry: Expr, values: Mapping[Symbol, Any]) -> Any:
    """The number that an entry of an SDE is; beside what rules are made of, it may have erf, asin and pi."""
    return evaluate(entry.xreplace({sympy.pi: _PI}), {**values, _PI: +mpmath.pi}, _WITH_ERF)


def noise_law(variance: Any, skew: Any) -> Law:
    """(value, probability): mean 0, this variance, third moment proportional to skew, and mass 1/3 at zero."""
    scale, root = mpmath.sqrt(variance * 3 / 2), mpmath.sqrt(1 + skew**2 / 4)
    high, low = skew / 2 + root, skew / 2 - root
    weight = -low / (high - low) * 2 / 3
    return ((scale * high, weight), (scale * low, mpmath.mpf(2) / 3 - weight), (mpmath.mpf(0), mpmath.mpf(1) / 3))


def generic(name: str, salt: int = 0) -> Any:
    """A number between 0.3 and 1.7 for every letter: 60 digits of a hash, so that no two letters agree by chance."""
    digits = int(hashlib.sha256(f"{name} {salt}".encode()).hexdigest(), 16) % 10**60
    return mpmath.mpf(3) / 10 + mpmath.mpf(14) / 10 * digits / mpmath.mpf(10) ** 60


@dataclass(frozen=True)
class Coordinate:
    """One coordinate at one point: values of states, df and Sigma, and the noise that it sees."""

    letters: Mapping[str, Any]
    law: Law
    gaussian: bool = False

    def moment(self, degree: int) -> Any:
        return mpmath.fsum(w * z**degree for z, w in self.law)


@dataclass(frozen=True)
class Scene:
    """A rule beside the SDE that is claimed for it, at time step h and one generic point (chosen by salt)."""

    rule: UpdateRule
    sde: SDE
    h: Any
    salt: int = 0
    by_hand: bool = False

    @cached_property
    def shared(self) -> dict[str, Any]:
        """Constants of the SDE, and the hyperparameters, sigma, eta and t that they stand for."""
        letters = {name: generic(name, self.salt) for name in self.sde.constants}
        letters |= {"t": generic("t", self.salt), "h": self.h}
        letters |= {h.name: _inside(h, self.salt) for h in self.rule.hyperparameters}
        letters["sigma"] = mpmath.mpf(1)  # where noise is fixed, Sigma is its covariance; else solved below
        if self.sde.time_per_step != Symbol("h"):  # eta**p
            power = sympy.Rational(self.sde.time_per_step.as_base_exp()[1])
            letters["eta"] = self.h ** (mpmath.mpf(int(power.q)) / int(power.p))
        for name, definition in self.sde.constants.items():
            (unknown,) = definition.free_symbols - {Symbol("eta"), Symbol("h")}
            letters[unknown.name] = _solve(definition, unknown, letters[name], letters)
        for gamma in self.sde.symbols:
            rate = "c" + gamma.removeprefix("gamma")
            if gamma.startswith("gamma") and rate in self.sde.constants:
                letters[gamma] = 1 - mpmath.exp(-letters[rate] * letters["t"])
        return letters

    def coordinate(self, side: int, skew: Any) -> Coordinate:
        """skew: that of the noise, None for a Gaussian. State values are positive, as second moments must be."""
        names = [*self.sde.drift, "df", "Sigma", "slope of df", "slope of Sigma"]
        letters = {name: generic(name, self.salt + 31 * side) for name in names}
        if skew is not None:
            return Coordinate(letters, noise_law(letters["Sigma"], skew))
        return Coordinate(letters, gaussian_law(letters["Sigma"], self._jumps(Coordinate(letters, ()))), gaussian=True)

    def _jumps(self, at: Coordinate) -> Iterator[Any]:
        """The values of the noise at which the argument of a sign, affine in it, is 0."""
        for equation in self.rule.equations:
            for jump in equation.expression.atoms(sympy.sign):
                at_0, at_1 = (self._argument(jump, at, mpmath.mpf(z)) for z in (0, 1))
                root = at_0 / (at_0 - at_1)
                assert abs(self._argument(jump, at, root)) < mpmath.mpf(10) ** (20 - mpmath.mp.dps) * abs(at_0 - at_1)
                yield root

    def _argument(self, jump: Expr, at: Coordinate, noise: Any) -> Any:
        known = step(self.rule, self._values(at, [noise] * len(self.rule.gradients)), MPMATH)
        return evaluate(jump.args[0], known, MPMATH)

    @cached_property
    def _stored(self) -> dict[str, tuple[str, Any]]:
        """state of the SDE -> (stored state, its unit): u = v/sigma**2 gives ("v", 1/sigma**2)."""
        found = {name: (name, mpmath.mpf(1)) for name in self.sde.drift}
        for name, text in self.sde.rescaling.items():
            known = {k: Symbol(k) for k in ("sigma", "eta", "h", *(s.name for s in self.rule.state))}
            read = sympy.sympify(text, locals=known)
            (stored,) = read.free_symbols - {Symbol(k) for k in ("sigma", "eta", "h")}
            values = {Symbol(k): v for k, v in self.shared.items()} | {stored: mpmath.mpf(1)}
            found[name] = (stored.name, evaluate(read, values, MPMATH))
        return found

    def _values(self, at: Coordinate, noise: Sequence[Any]) -> dict[Symbol, Any]:
        """Old values and inputs of a step; noise: the z of each draw of the gradient."""
        letters, values = self.shared, {}
        for name, (stored, unit) in self._stored.items():
            values[symbol(stored)] = at.letters[name] / unit
        values |= {h.symbol: letters[h.name] for h in self.rule.hyperparameters}
        values[t] = letters["t"] / self.h + 1  # step k ends at time (k + 1) h and is the (k + 1)th call
        values |= self._beside(values)
        for draw, z in zip(self.rule.gradients, noise, strict=True):
            # f' and Sigma at the point of this draw: what the SDE reads where it says, and moving from there.
            away = mpmath.mpf(0)
            if draw.at != theta or self.sde.gradient_at != Symbol("theta"):
                away = evaluate(draw.at, values, MPMATH) - self.value(self.sde.gradient_at, at)
            mean = at.letters["df"] + at.letters["slope of df"] * away
            values[draw.symbol] = mean + letters["sigma"] * z * mpmath.exp(at.letters["slope of Sigma"] * away)
        return values

    def _beside(self, values: Mapping[Symbol, Any]) -> dict[Symbol, Any]:
        """States that are not in the SDE: what the step before gave to those that only count steps, where it lies
        to those that come to rest at once; any number else."""
        found = {}
        for item in (s for s in self.rule.state if s.symbol not in values):
            state = item.symbol
            (made,) = (e.expression for e in self.rule.equations if e.symbol == new(state))
            counts = made.free_symbols <= {t, *(h.symbol for h in self.rule.hyperparameters)}
            before = {**values, t: values[t] - 1}
            if counts:
                found[state] = evaluate(made, before, MPMATH)
            elif getattr(item.init, "is_Rational", False) and made.free_symbols <= {state, *before}:
                once = evaluate(made, {**before, state: evaluate(item.init, {}, MPMATH)}, MPMATH)
                rests = evaluate(made, {**before, state: once}, MPMATH) == once
                found[state] = once if rests else generic(state.name, self.salt)
            else:
                found[state] = generic(state.name, self.salt)
        return found

    def increments(self, at: Coordinate, noise: Sequence[Any]) -> dict[str, Any]:
        """One step's change of every state of the SDE; noise: the z of each draw of the gradient."""
        values = self._values(at, noise)
        after = self._after(values)
        return {name: (after[stored] - values[symbol(stored)]) * unit for name, (stored, unit) in self._stored.items()}

    def _after(self, values: Mapping[Symbol, Any]) -> dict[str, Any]:
        """New values by name of the stored state: by the declared equations, or by the step written by hand."""
        if self.by_hand:
            return BY_HAND[self.rule.label]({s.name: value for s, value in values.items()})
        after = step(self.rule, values, MPMATH)
        return {stored: after[new(symbol(stored))] for stored, _ in self._stored.values()}

    def value(self, entry: Expr, *sides: Coordinate) -> Any:
        """A drift or diffusion entry at this point; two sides give the letters their suffixes _i and _j."""
        letters = dict(self.shared)
        if len(sides) == 1:
            letters |= sides[0].letters
        for suffix, side in zip("ij", sides, strict=False):
            letters |= {f"{name}_{suffix}": value for name, value in side.letters.items()}
        missing = {s.name for s in entry.free_symbols} - set(letters)
        letters |= {name: _noise_moment(name, sides) for name in missing}
        return value_of(entry, {s: letters[s.name] for s in entry.free_symbols})


def _solve(definition: Expr, unknown: Symbol, value: Any, letters: Mapping[str, Any]) -> Any:
    """The unknown for which a definition, affine in it, has this value."""
    known = {s: letters[s.name] for s in definition.free_symbols - {unknown}}
    at_zero, at_one = (evaluate(definition, {**known, unknown: mpmath.mpf(x)}, MPMATH) for x in (0, 1))
    return (value - at_zero) / (at_one - at_zero)


def _inside(hyper: Hyperparameter, salt: int) -> Any:
    """A generic value of the hyperparameter's domain."""
    value = generic(hyper.name, salt)
    return value if hyper.domain.contains(float(value)) else value + 1


CORRELATION = Fraction(3, 5)
"""Of the two coordinates: z_j = rho z_i sd_j/sd_i + sqrt(1 - rho^2) w, with w independent of z_i."""


def _joint(i: Coordinate, j: Coordinate) -> Sequence[tuple[Any, Any, Any]]:
    """(z_i, z_j, probability) with covariance rho sd_i sd_j; z_j has its own variance."""
    deviations = (mpmath.sqrt(i.letters["Sigma"]), mpmath.sqrt(j.letters["Sigma"]))
    return _joined(i.law, j.law, deviations, i.gaussian, mpmath.mp.dps)


@lru_cache(maxsize=16)
def _joined(
    one: Law, other: Law, deviations: tuple[Any, Any], gaussian: bool, digits: int
) -> Sequence[tuple[Any, Any, Any]]:
    """The same from the laws of the coordinates and their standard deviations; digits: mpmath's, for the cache."""
    rho = mpmath.mpf(CORRELATION.numerator) / CORRELATION.denominator
    pairs = list(product(one, other))
    if gaussian:
        factors = (correlation_factor(a / deviations[0], b / deviations[1], rho) for (a, _), (b, _) in pairs)
        return [(a, b, p * q * factor) for ((a, p), (b, q)), factor in zip(pairs, factors, strict=True)]
    ratio, rest = deviations[1] / deviations[0], mpmath.sqrt(1 - rho**2)
    return [(a, rho * ratio * a + rest * b, p * q) for (a, p), (b, q) in pairs]


def _noise_moment(name: str, sides: Sequence[Coordinate]) -> Any:
    """Sigma_ij, and moments mu3, mu4, mu3_i, mu21_ij of the law."""
    if name == "Sigma_ij":
        rho = mpmath.mpf(CORRELATION.numerator) / CORRELATION.denominator
        return rho * mpmath.sqrt(sides[0].letters["Sigma"] * sides[1].letters["Sigma"])
    match = re.fullmatch(r"mu(\d)(\d?)(?:_(i|j|ij))?", name)
    if match is None:
        raise KeyError(name)
    first, second, side = match.groups()
    if side is None:
        return sides[0].moment(int(first + second))
    powers = {"i": (int(first), 0), "j": (0, int(first))}.get(side) or (int(first), int(second))
    return mpmath.fsum(p * a ** powers[0] * b ** powers[1] for a, b, p in _joint(*sides))


def moment_name(names: Sequence[str]) -> str:
    """E[dtheta^2 du], in the order of the states."""
    parts = [f"d{n}" + (f"^{names.count(n)}" if names.count(n) > 1 else "") for n in dict.fromkeys(names)]
    return f"E[{' '.join(parts)}]"


Named = dict[tuple[str, int], Any]
"""(name, degree) -> value."""


@dataclass(frozen=True)
class _Step:
    """A scene by what its step depends on: wrong entries of an SDE do not change it."""

    key: tuple[Any, ...]
    scene: Scene = field(compare=False)

    @classmethod
    def of(cls, scene: Scene) -> _Step:
        sde = scene.sde
        constants = tuple(sorted((name, str(e)) for name, e in sde.constants.items()))
        named = (sde.rule, sde.regime, str(sde.time_per_step), str(sde.gradient_at), tuple(sde.drift), constants)
        chosen = (tuple(sorted(sde.rescaling.items())), tuple(sorted(sde.symbols)), _uncorrelated(sde))
        return cls((scene.rule.digest, *named, *chosen, scene.h, scene.salt, scene.by_hand), scene)


@lru_cache(maxsize=512)
def _moments(here: _Step, skew: Any) -> Named:
    """E of every product of up to four increments (two in the small-noise regime, and less the means there)."""
    scene = here.scene
    at, small = scene.coordinate(0, skew), scene.sde.regime == "small"
    outcomes = [
        (scene.increments(at, [z for z, _ in draws]), prod(w for _, w in draws))
        for draws in product(at.law, repeat=len(scene.rule.gradients))
    ]
    mean = {n: mpmath.fsum(w * d[n] for d, w in outcomes) for n in scene.sde.drift}
    found = {}
    for degree in (1, 2) if small else (1, 2, 3, 4):
        for names in combinations_with_replacement(scene.sde.drift, degree):
            moment = mpmath.fsum(w * prod(d[n] for n in names) for d, w in outcomes)
            moment -= mean[names[0]] * mean[names[1]] if small and degree == 2 else 0
            found[moment_name(names), degree] = moment
    return found


@lru_cache(maxsize=512)
def _cross_moments(here: _Step, skew: Any) -> Named:
    """E[Delta_i Delta_j] of two coordinates, less the product of the means in the small-noise regime."""
    scene = here.scene
    sides = (scene.coordinate(0, skew), scene.coordinate(1, skew))
    known: dict[tuple[Any, ...], dict[str, Any]] = {}

    def increments(side: int, noise: list[Any]) -> dict[str, Any]:
        if (side, *noise) not in known:
            known[side, *noise] = scene.increments(sides[side], noise)
        return known[side, *noise]

    outcomes = [
        (increments(0, [a for a, _, _ in draws]), increments(1, [b for _, b, _ in draws]), prod(p for _, _, p in draws))
        for draws in product(_joint(*sides), repeat=len(scene.rule.gradients))
    ]
    names, small, found = scene.sde.drift, scene.sde.regime == "small", {}
    means = [{n: mpmath.fsum(o[2] * o[side][n] for o in outcomes) for n in names} for side in (0, 1) if small]
    for a, b in product(names, names):
        moment = mpmath.fsum(p * di[a] * dj[b] for di, dj, p in outcomes)
        found[f"E[d{a}_i d{b}_j]", 2] = moment - (means[0][a] * means[1][b] if small else 0)
    return found


def is_gaussian(sde: SDE) -> bool:
    """Whether the SDE is claimed for Gaussian noise alone."""
    return any(h.name == "Gaussian noise" for h in sde.hypotheses)


def _uncorrelated(sde: SDE) -> bool:
    """Whether it is claimed for a diagonal Sigma alone."""
    return any(h.name == "Sigma diagonal" for h in sde.hypotheses)


def remainders(scene: Scene, skew: Any) -> Named:
    """Moments of one step up to degree 4, less what the SDE gives to first order in h.

    In the small-noise regime the order-1 statement is about means; covariances are compared too, to leading order.
    """
    at, found = scene.coordinate(0, skew), dict(_moments(_Step.of(scene), skew))
    for names in combinations_with_replacement(scene.sde.drift, 2):
        found[moment_name(names), 2] -= scene.h * scene.value(scene.sde.diffusion[names[0], names[-1]], at)
    for name, entry in scene.sde.drift.items():
        found[moment_name([name]), 1] -= scene.h * scene.value(entry, at)
    return found


def cross_remainders(scene: Scene, skew: Any) -> Named:
    """E[Delta_i Delta_j] for two coordinates, less h times the SDE's entry."""
    i, j = scene.coordinate(0, skew), scene.coordinate(1, skew)
    if _uncorrelated(scene.sde):  # then the moments are products of means, and nothing is left over
        return {(f"E[d{a}_i d{b}_j]", 2): scene.h * e for (a, b), e in scene.sde.cross_diffusion.items() if e != 0}
    found = dict(_cross_moments(_Step.of(scene), skew))
    for (a, b), entry in scene.sde.cross_diffusion.items():
        found[f"E[d{a}_i d{b}_j]", 2] -= scene.h * scene.value(entry, i, j)
    return found


@dataclass(frozen=True)
class Remainder:
    """value at H, over H; order: the power of h with which the remainder itself falls; degree of the moment."""

    name: str
    value: float
    order: float
    degree: int


def measured(
    rule: UpdateRule, sde: SDE, low_skew: bool, salt: int = 0, cross: bool = True, by_hand: bool = False
) -> list[Remainder]:
    """Every remainder with its order.

    low_skew: skew 0.8/sigma, as the hypothesis allows, or Gaussian where the SDE asks for it; else skew 2.
    by_hand: the step of `hand_steps`.
    """
    gaussian = low_skew and is_gaussian(sde)
    with mpmath.workdps(GAUSSIAN_DIGITS if gaussian else DIGITS):
        found = []
        for h in (H, FINER):
            scene = Scene(rule, sde, mpmath.mpf(h.numerator) / h.denominator, salt, by_hand)
            skew = mpmath.mpf("0.8") / scene.shared["sigma"] if low_skew else mpmath.mpf(2)
            skew = None if gaussian else skew
            both = cross_remainders(scene, skew) if cross else {}
            found.append({**remainders(scene, skew), **both})
        coarse, fine = found
        # Below it a value is rounding, or the error of the quadrature.
        noise = mpmath.mpf(10) ** (-RIGHT_DIGITS) * H if gaussian else mpmath.mpf(10) ** (25 - DIGITS)
        return [_remainder(*key, coarse[key], fine[key], noise) for key in coarse]


def _remainder(name: str, degree: int, coarse: Any, fine: Any, noise: Any) -> Remainder:
    if max(abs(coarse), abs(fine)) < noise:
        return Remainder(name, 0.0, float("inf"), degree)
    order = mpmath.log(abs(coarse / fine)) / mpmath.log(16)
    return Remainder(name, float(abs(coarse) * H.denominator / H.numerator), float(order), degree)
