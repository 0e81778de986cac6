"""Exact moments of one step of a rule under a noise law with finitely many values, and what an SDE says of them.

Nothing here expands anything: the step is evaluated at every value of the noise, at a time step h as small as
10^-24, with 150 digits. The SDE is only read: its constants are solved for the hyperparameters, and its drift
and diffusion are evaluated at one point. What is left over must vanish like h^2.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, product
from math import prod
from typing import Any

import mpmath
import sympy
from sympy import Expr, Symbol

from driftproof.theory.rule import Hyperparameter, UpdateRule
from driftproof.theory.sde import SDE
from driftproof.theory.symbols import new, symbol, t

from .evaluate import MPMATH, evaluate, step
from .hand_steps import BY_HAND

DIGITS = 150
H = Fraction(1, 10**24)
FINER = H / 16
ENOUGH_ORDER = 1.9
"""A remainder is c h^p with p in {3/2, 2, 5/2, ...}; at this h the measured p is right to 20 digits."""

Law = tuple[tuple[Any, Any], ...]


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
        """skew: that of the noise. State values are positive, as second moments must be."""
        names = [*self.sde.drift, "df", "Sigma"]
        letters = {name: generic(name, self.salt + 31 * side) for name in names}
        return Coordinate(letters, noise_law(letters["Sigma"], skew))

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

    def increments(self, at: Coordinate, noise: Sequence[Any]) -> dict[str, Any]:
        """One step's change of every state of the SDE; noise: the z of each draw of the gradient."""
        letters, values = self.shared, {}
        for name, (stored, unit) in self._stored.items():
            values[symbol(stored)] = at.letters[name] / unit
        values |= {h.symbol: letters[h.name] for h in self.rule.hyperparameters}
        values[t] = letters["t"] / self.h + 1  # step k ends at time (k + 1) h and is the (k + 1)th call
        for draw, z in zip(self.rule.gradients, noise, strict=True):
            values[draw.symbol] = at.letters["df"] + letters["sigma"] * z
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
        return evaluate(entry, {s: letters[s.name] for s in entry.free_symbols}, MPMATH)


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


def _joint(i: Coordinate, j: Coordinate) -> Iterator[tuple[Any, Any, Any]]:
    """(z_i, z_j, probability) with covariance rho sd_i sd_j; z_j has its own variance."""
    rho = mpmath.mpf(CORRELATION.numerator) / CORRELATION.denominator
    ratio, rest = mpmath.sqrt(j.letters["Sigma"] / i.letters["Sigma"]), mpmath.sqrt(1 - rho**2)
    for (a, p), (b, q) in product(i.law, j.law):
        yield a, rho * ratio * a + rest * b, p * q


def _noise_moment(name: str, sides: Sequence[Coordinate]) -> Any:
    """Sigma_ij, and moments mu3, mu4, mu3_i, mu21_ij of the law."""
    if name == "Sigma_ij":
        return mpmath.fsum(p * a * b for a, b, p in _joint(*sides))
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


def remainders(scene: Scene, skew: Any) -> Named:
    """Moments of one step up to degree 4, less what the SDE gives to first order in h.

    In the small-noise regime the order-1 statement is about means; covariances are compared too, to leading order.
    """
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
            if degree == 1:
                moment -= scene.h * scene.value(scene.sde.drift[names[0]], at)
            if degree == 2:
                moment -= scene.h * scene.value(scene.sde.diffusion[names[0], names[-1]], at)
                moment -= mean[names[0]] * mean[names[1]] if small else 0
            found[moment_name(names), degree] = moment
    return found


def cross_remainders(scene: Scene, skew: Any) -> Named:
    """E[Delta_i Delta_j] for two coordinates, less h times the SDE's entry."""
    i, j = scene.coordinate(0, skew), scene.coordinate(1, skew)
    outcomes = [
        (
            scene.increments(i, [a for a, _, _ in draws]),
            scene.increments(j, [b for _, b, _ in draws]),
            prod(p for _, _, p in draws),
        )
        for draws in product(list(_joint(i, j)), repeat=len(scene.rule.gradients))
    ]
    small, found = scene.sde.regime == "small", {}
    for (a, b), entry in scene.sde.cross_diffusion.items():
        moment = mpmath.fsum(p * di[a] * dj[b] for di, dj, p in outcomes)
        if small:
            moment -= mpmath.fsum(p * di[a] for di, _, p in outcomes) * mpmath.fsum(p * dj[b] for _, dj, p in outcomes)
        found[f"E[d{a}_i d{b}_j]", 2] = moment - scene.h * scene.value(entry, i, j)
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

    low_skew: skew 0.8/sigma, as the hypothesis allows; else skew 2.   by_hand: the step of `hand_steps`.
    """
    with mpmath.workdps(DIGITS):
        found = []
        for h in (H, FINER):
            scene = Scene(rule, sde, mpmath.mpf(h.numerator) / h.denominator, salt, by_hand)
            skew = mpmath.mpf("0.8") / scene.shared["sigma"] if low_skew else mpmath.mpf(2)
            both = cross_remainders(scene, skew) if cross else {}
            found.append({**remainders(scene, skew), **both})
        coarse, fine = found
        return [_remainder(*key, coarse[key], fine[key]) for key in coarse]


def _remainder(name: str, degree: int, coarse: Any, fine: Any) -> Remainder:
    noise = mpmath.mpf(10) ** (25 - DIGITS)
    if max(abs(coarse), abs(fine)) < noise:
        return Remainder(name, 0.0, float("inf"), degree)
    order = mpmath.log(abs(coarse / fine)) / mpmath.log(16)
    return Remainder(name, float(abs(coarse) * H.denominator / H.numerator), float(order), degree)
