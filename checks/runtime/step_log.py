"""The generator of a step, measured: log of the operator E[. | x0] from exact moments of one, two and three steps.

For phi(x) = (x - x0)^a / a! a differential operator at x0 is just its coefficient of d^a. So the coefficient in
L = log(T)/h is read off  log T = (T - 1) - (T - 1)^2 / 2 + (T - 1)^3 / 3 - ...  applied to phi at x0, where T^n phi
is the mean over n steps: a finite sum for a law of the noise with three values. f' and Sigma are given functions of
theta, so that they change from step to step. Nothing is expanded, no letter is differentiated and no code is shared
with the derivation; an SDE is only evaluated at one point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import comb, prod
from typing import Any

import mpmath
import sympy
from sympy import Expr, Symbol

from driftproof.theory.rule import UpdateRule
from driftproof.theory.sde import SDE

from .evaluate import MPMATH, evaluate
from .local_moments import DIGITS, Coordinate, Law, Scene, generic

H = Fraction(1, 10**24)
AGREEMENT = 1e-12
"""A remainder over its power of h is C h at h = 1e-24, or C sqrt(h) in a mean that skewness enters."""
X = Symbol("x", real=True)
SLOPE: Expr = X + X**2 / 3 - X**3 / 7 + X**4 / 5
VARIANCE: Expr = (sympy.Rational(3, 5) + 3 * X / 10) ** 2 + X**3 / 9
"""f' and Sigma as functions of theta; positive where they are used, with derivatives that do not vanish."""
AWAY = ("slope of df", "slope of Sigma")
"""What a gradient away from theta would see; beyond order 1 no such rule is derived."""
LETTER = re.compile(r"(?:d(\d*))?(f|Sigma|mu(\d+)|K3)\Z")


@dataclass(frozen=True)
class Noise:
    """The law of zeta in g = f' + sigma sqrt(Sigma) zeta: variance 1, and three values with this skewness, kurtosis.

    Two of its values differ from 0, or one, and the moments up to the fourth determine them.
    """

    skew: Fraction = Fraction(0)
    kurtosis: Fraction = Fraction(3)

    def law(self, over: Any) -> Law:
        """The skewness is divided by `over`: 1, or sigma where low skewness is assumed.

        Values a > 0 > b and 0. E zeta^2 = 1, E zeta^3 = skew and E zeta^4 = kurtosis give a + b = skew and
        -a b = kurtosis - skew^2.
        """
        skew, kurtosis = _number(self.skew) / over, _number(self.kurtosis)
        root = mpmath.sqrt(skew**2 + 4 * (kurtosis - skew**2))
        a, b = (skew + root) / 2, (skew - root) / 2
        p, q = 1 / (a * (a - b)), 1 / (b * (b - a))
        return tuple((z, w) for z, w in ((a, p), (b, q), (mpmath.mpf(0), 1 - p - q)) if w != 0)


def _number(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


@dataclass(frozen=True)
class Measured:
    """Where and what: scales gives the constants of the limit, and the states; the steps are those of the rule."""

    rule: UpdateRule
    scales: SDE
    noise: Noise
    by_hand: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        return self.rule.label, self.rule.digest, self.scales.regime, self.noise, self.by_hand


class Point:
    """The start, the noise and the values of every letter of an SDE there."""

    def __init__(self, what: Measured) -> None:
        self.what = what
        self.h = _number(H)
        self.scene = Scene(what.rule, what.scales, self.h, by_hand=what.by_hand)
        self.sigma = self.scene.shared["sigma"]
        self.start = {name: generic(name) for name in what.scales.drift}
        self.law = what.noise.law(self.sigma if what.scales.regime == "diffusive" else mpmath.mpf(1))

    def steps(self, count: int) -> Iterator[tuple[dict[str, Any], Any]]:
        """(state after so many steps, probability)."""
        paths: list[tuple[dict[str, Any], Any]] = [(self.start, mpmath.mpf(1))]
        for number in range(count):
            scene = self._at(number)
            paths = [(self._moved(scene, x, zeta), p * w) for x, p in paths for zeta, w in self.law]
        yield from paths

    def _at(self, number: int) -> Scene:
        """The scene at that step: only the time differs."""
        later = Scene(self.what.rule, self.what.scales, self.h, by_hand=self.what.by_hand)
        later.shared["t"] += number * self.h
        return later

    def _moved(self, scene: Scene, x: Mapping[str, Any], zeta: Any) -> dict[str, Any]:
        df, variance = (_at(e, x["theta"]) for e in (SLOPE, VARIANCE))
        here = {**x, "df": df, "Sigma": variance, **dict.fromkeys(AWAY, mpmath.mpf(0))}
        moves = scene.increments(Coordinate(here, ()), [mpmath.sqrt(variance) * zeta])
        return {name: x[name] + moves[name] for name in x}

    def value(self, entry: Expr) -> Any:
        """A coefficient at the start."""
        known = {**self.scene.shared, **self.start}
        letters = {s: known[s.name] if s.name in known else self._of_theta(s.name) for s in entry.free_symbols}
        return evaluate(entry, letters, MPMATH)

    def _of_theta(self, name: str) -> Any:
        """df, d2f, dSigma, mu3, dmu3, K3 ... of the given functions."""
        times, what, degree = LETTER.match(name).groups()  # type: ignore[union-attr]
        count = 0 if times is None else int(times or 1)
        if what == "f":
            return _at(sympy.diff(SLOPE, X, count - 1), self.start["theta"])
        if what == "Sigma":
            return _at(sympy.diff(VARIANCE, X, count), self.start["theta"])
        power = int(degree or 3)
        moment = mpmath.fsum(w * z**power for z, w in self.law) * (self.sigma if what == "K3" else 1)
        return moment * _at(sympy.diff(VARIANCE ** sympy.Rational(power, 2), X, count), self.start["theta"])


@cache
def _compiled(e: Expr) -> Any:
    return sympy.lambdify(X, e, "mpmath")


def _at(e: Expr, x: Any) -> Any:
    return _compiled(e)(x)


Index = tuple[str, ...]
"""The states in which an operator differentiates, in the order of the SDE's states."""
_KNOWN: dict[tuple[Any, ...], dict[Index, Any]] = {}


def generator(what: Measured, order: int, degree: int) -> dict[Index, Any]:
    """The coefficients of L for all derivatives up to that degree; the error is O(h^order)."""
    key = (*what.key, order, degree)
    if key not in _KNOWN:
        point = Point(what)
        moments = [_moments(point, count, degree) for count in range(1, order + 1)]
        _KNOWN[key] = {a: _logarithm([m[a] for m in moments]) / point.h for a in moments[0]}
    return _KNOWN[key]


def _moments(point: Point, count: int, degree: int) -> dict[Index, Any]:
    """T^count phi at x0, for phi = (x - x0)^a / a!."""
    ends = [({n: x[n] - point.start[n] for n in x}, p) for x, p in point.steps(count)]
    found = {}
    for size in range(1, degree + 1):
        for names in combinations_with_replacement(point.start, size):
            factorials = prod(prod(range(1, names.count(n) + 1)) for n in set(names))
            found[names] = mpmath.fsum(p * prod(d[n] for n in names) for d, p in ends) / factorials
    return found


def _logarithm(means: Sequence[Any]) -> Any:
    """(T - 1) - (T - 1)^2 / 2 + ... from T phi, T^2 phi, ... at x0, where phi itself is 0."""
    total = mpmath.mpf(0)
    for k in range(1, len(means) + 1):
        power = mpmath.fsum(comb(k, j) * (-1) ** (k - j) * means[j - 1] for j in range(1, k + 1))
        total += (-1) ** (k + 1) * power / k
    return total


def claimed(sde: SDE, index: Index) -> Expr:
    """What an SDE has there: drift, half the diagonal of D, D between two states, and no higher derivative."""
    if len(index) == 1:
        return sde.drift[index[0]]
    if len(index) == 2:
        entry = sde.diffusion[index[0], index[1]]
        return entry / 2 if index[0] == index[1] else entry
    return sympy.Integer(0)


def differences(what: Measured, sde: SDE, order: int, degree: int) -> dict[Index, float]:
    """Measured less claimed, over h^(order - 1): C h where the SDE has weak order `order`."""
    with mpmath.workdps(DIGITS):
        point = Point(what)
        scale = point.h ** (order - 1)
        found = generator(what, order, degree)
        return {a: float(abs(found[a] - point.value(claimed(sde, a))) / scale) for a in found}
