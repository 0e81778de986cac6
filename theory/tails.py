"""How an expression in t behaves for every t >= N: leading terms with exact exponents, and a bound on the rest.

A tail is  sum_k c_k M_k + M_r [lo, hi]  with M = t^p (log t)^q (log log t)^l and exact numbers c_k: a Taylor model.
Its leading exponents are exact, and its sign holds for all t >= N, not only for large t. Bounded oscillation, such
as sin(t), is a rest of growth 1; what dies out like beta^t is a rest below every term.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from mpmath import iv
from sympy import Expr
from sympy.core import relational
from sympy.core.evalf import PrecisionExhausted

from .enclose import around, digits
from .growth import BOUNDED, LOG, LOGLOG, Growth, T, Undecided, interval_of
from .power_sums import PowerSum
from .symbols import t

MOST_TERMS = 6
ORDER = 4
"""Terms of the series of (1 + e)^r, log(1 + e) and exp(e) that are kept."""
_FAST = (8, 4, 2, 1)
"""The powers of 1/t under which beta^t is put, once it is small enough there."""


@dataclass(frozen=True)
class Tail:
    """terms: growth -> exact number, none of them 0.   rest: (growth, interval), or None where nothing is left."""

    n: int
    terms: tuple[tuple[Growth, Expr], ...]
    rest: tuple[Growth, Any] | None = None

    @property
    def is_zero(self) -> bool:
        return not self.terms and self.rest is None

    def bounds(self) -> tuple[Growth, Any]:
        """M and an interval with the value in M [lo, hi] for every t >= n."""
        return _folded(self.n, self._pieces())

    def _pieces(self) -> list[tuple[Growth, Any]]:
        return [(m, around(c)) for m, c in self.terms] + ([self.rest] if self.rest else [])

    def sign(self) -> int:
        """1, -1 or 0: for every t >= n. raises: Undecided."""
        if self.is_zero:
            return 0
        interval = self.bounds()[1]
        if interval.a > 0 or interval.b < 0:
            return 1 if interval.a > 0 else -1
        raise Undecided("The sign changes, or is not decided.")

    def __add__(self, other: Tail) -> Tail:
        return _tail(self.n, [*self.terms, *other.terms], [r for r in (self.rest, other.rest) if r])

    def __mul__(self, other: Tail) -> Tail:
        terms = [(a * b, c * d) for a, c in self.terms for b, d in other.terms]
        rests = [(a * r[0], around(c) * r[1]) for a, c in self.terms for r in (other.rest,) if r]
        rests += [(b * r[0], around(d) * r[1]) for b, d in other.terms for r in (self.rest,) if r]
        if self.rest and other.rest:
            rests.append((self.rest[0] * other.rest[0], self.rest[1] * other.rest[1]))
        return _tail(self.n, terms, rests)

    def scaled(self, growth: Growth, c: Expr) -> Tail:
        return self * Tail(self.n, ((growth, c),))

    def split(self) -> tuple[Growth, Expr, Tail] | None:
        """M, c, e with the value c M (1 + e), |e| <= 1/2; None where no single term leads."""
        if not self.terms or (self.rest and self.rest[0] >= self.terms[0][0]):
            return None
        (m, c), *_ = self.terms
        e = Tail(self.n, self.terms[1:], self.rest).scaled(m**-1, 1 / c)
        return (m, c, e) if e.is_zero or _size(e) <= 0.5 else None

    def power(self, r: Expr) -> Tail:
        """raises: Undecided unless positive, or r is a whole number."""
        if r.is_Integer and 0 <= r <= ORDER:
            return _product([self] * int(r), self.n)
        if r.is_Integer and self.sign() < 0:
            negated = self.scaled(BOUNDED, sympy.Integer(-1))
            return negated.power(r).scaled(BOUNDED, (-1) ** r)
        if not r.is_Rational or self.sign() <= 0:
            raise Undecided(f"A power {r} of what is not positive.")
        exponent, lead = Fraction(int(r.p), int(r.q)), self.split()
        if lead is None:
            m, interval = self.bounds()
            return Tail(self.n, (), (m**exponent, _power(interval, exponent)))
        m, c, e = lead
        return _series(e, [sympy.binomial(r, k) for k in range(ORDER + 1)], _power_rest(r)).scaled(m**exponent, c**r)

    def log(self) -> Tail:
        if self.sign() <= 0:
            raise Undecided("A logarithm of what is not positive.")
        lead = self.split()
        m, c, e = lead if lead else (self.bounds()[0], sympy.Integer(1), None)
        if m.l:
            raise Undecided("log log log t is beyond this scale.")
        exact = [(LOG, _rational(m.p)), (LOGLOG, _rational(m.q)), (BOUNDED, sympy.log(c))]
        start = _tail(self.n, exact, [])
        if e is None:
            return start + Tail(self.n, (), (BOUNDED, iv.log(self.bounds()[1])))
        terms = [sympy.Integer(0), *(sympy.Rational((-1) ** (k + 1), k) for k in range(1, ORDER + 1))]
        return start + _series(e, terms, lambda x: iv.mpf([-1, 1]) / (ORDER + 1) / (1 - _abs(x)) ** (ORDER + 1))

    def exp(self) -> Tail:
        large = [(m, c) for m, c in self.terms if m > BOUNDED]
        powers = {m: c for m, c in large if m in (LOG, LOGLOG) and c.is_Rational}
        if len(powers) < len(large) or (self.rest and self.rest[0] > BOUNDED):
            return self._dying()
        c = dict(self.terms).get(BOUNDED, sympy.Integer(0))
        small = Tail(self.n, tuple((m, c) for m, c in self.terms if m < BOUNDED), self.rest)
        m = LOG**0 * T ** _fraction(powers.get(LOG, 0)) * LOG ** _fraction(powers.get(LOGLOG, 0))
        if small.rest and small.rest[0] == BOUNDED:
            return Tail(self.n, (), (m, iv.exp(small.bounds()[1] + around(c))))
        terms = [1 / sympy.factorial(k) for k in range(ORDER + 1)]
        return _series(small, terms, lambda x: iv.exp(x) / math.factorial(ORDER + 1)).scaled(m, sympy.exp(c))

    def _dying(self) -> Tail:
        """exp of what falls faster than -log t: bounded by its value at n, and put below every term once small."""
        growth, interval = self.bounds()
        if interval.b >= 0 or growth < LOG or (growth.p == 0 and growth < LOG**2):
            raise Undecided("An exponential that does not die out faster than every power.")
        rate = -iv.mpf(interval.b)
        at = growth.at(self.n)
        # t^k exp(-rate M(t)) falls from n on where its logarithm does: k <= rate * t M'(t), and t M'(t) >= p M(t).
        for k in _FAST if growth.p > 0 and growth.q >= 0 and growth.l >= 0 else ():
            bound = iv.mpf(self.n) ** k * iv.exp(-rate * at)
            if (rate * interval_of(growth.p) * at).a >= k and bound.b < 1e-3:
                return Tail(self.n, (), (Growth(p=Fraction(-k)), iv.mpf([0, bound.b])))
        grows = growth.p >= 0 and growth.q >= 0 and growth.l >= 0
        return Tail(self.n, (), (BOUNDED, iv.mpf([0, iv.exp(-rate * at).b if grows else 1])))


def later(e: Expr, n: int) -> Expr:
    """The expression without Piecewise, Max, Min and Abs: the branches that hold at every t >= n. raises: Undecided."""
    if isinstance(e, sympy.Piecewise):
        return later(next(v for v, c in e.args if _holds(c, n)), n)
    if not e.has(sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs):
        return e
    parts = [later(a, n) for a in e.args]
    if isinstance(e, sympy.Max | sympy.Min):
        return _extreme(parts, 1 if isinstance(e, sympy.Max) else -1, n)
    if isinstance(e, sympy.Abs):
        return parts[0] * tail(parts[0], n).sign()
    return e.func(*parts)


def tail(e: Expr, n: int) -> Tail:
    """The tail of an expression in t from t = n on, n >= 16. raises: Undecided."""
    e = sympy.expand(later(e, n))
    return _followed(e, n)


def _followed(e: Expr, n: int) -> Tail:
    if e == t:
        return Tail(n, ((T, sympy.Integer(1)),))
    if e.is_number:
        return _tail(n, [(BOUNDED, e)], [])
    if isinstance(e, sympy.Add):
        parts = [_followed(a, n) for a in e.args]
        return sum(parts[1:], parts[0])
    if isinstance(e, sympy.Mul):
        return _product([_followed(a, n) for a in e.args], n)
    if isinstance(e, sympy.Pow):
        return (
            _followed(e.base, n).power(e.exp)
            if e.exp.is_Rational
            else (_followed(e.exp, n) * _followed(e.base, n).log()).exp()
        )
    if isinstance(e, PowerSum) and e.args[1] == t and e.args[0].is_Rational:
        return _sum_of_powers(e.args[0], n)
    if type(e) in _FUNCTIONS:
        return _FUNCTIONS[type(e)](_followed(e.args[0], n))
    raise Undecided(f"{str(e)[:60]} is not followed to large t.")


def _sum_of_powers(u: Expr, n: int) -> Tail:
    """Euler and Maclaurin: the integral, a constant, t^-u/2, and a rest between -u t^(-u-1)/12 and 0."""
    exponent = _fraction(u)
    start = (
        [(LOG, sympy.Integer(1)), (BOUNDED, sympy.EulerGamma)]
        if u == 1
        else [(T ** (1 - exponent), 1 / (1 - u)), (BOUNDED, sympy.zeta(u))]
    )
    rest = (T ** (-exponent - 1), iv.mpf([-1, 0]) * around(u) / 12)
    return _tail(n, [*start, (T**-exponent, sympy.Rational(1, 2))], [rest])


# The pieces


def _tail(n: int, terms: Iterable[tuple[Growth, Expr]], rests: list[tuple[Growth, Any]]) -> Tail:
    """Equal growths added; what is below the rest, or beyond the number of terms kept, goes into the rest."""
    found: dict[Growth, Expr] = {}
    for m, c in terms:
        found[m] = found.get(m, sympy.Integer(0)) + c
    kept = sorted(((m, c) for m, c in found.items() if not _vanishes(c)), key=lambda x: x[0], reverse=True)
    floor = max((m for m, _ in rests), default=None)
    below = [(m, c) for k, (m, c) in enumerate(kept) if k >= MOST_TERMS or (floor is not None and m < floor)]
    rests = [*rests, *((m, around(c)) for m, c in below)]
    return Tail(n, tuple(x for x in kept if x not in below), _folded(n, rests) if rests else None)


def _folded(n: int, pieces: list[tuple[Growth, Any]]) -> tuple[Growth, Any]:
    most = max(m for m, _ in pieces)
    return most, sum((i * (m / most).span(n) for m, i in pieces), iv.mpf(0))


def _product(parts: list[Tail], n: int) -> Tail:
    done = Tail(n, ((BOUNDED, sympy.Integer(1)),))
    for part in parts:
        done = done * part
    return done


def _series(e: Tail, coefficients: list[Expr], rest: Callable[[Any], Any]) -> Tail:
    """sum c_k e^k + rest(range of e) e^(ORDER+1), the Lagrange form."""
    done, power = Tail(e.n, ()), Tail(e.n, ((BOUNDED, sympy.Integer(1)),))
    for c in coefficients:
        done, power = done + power.scaled(BOUNDED, c) if c != 0 else done, power * e
    if e.is_zero:
        return done
    growth, interval = power.bounds()
    reach = _size(e)
    return done + Tail(e.n, (), (growth, interval * rest(iv.mpf([-reach, reach]))))


def _power_rest(r: Expr) -> Callable[[Any], Any]:
    scale = around(sympy.binomial(r, ORDER + 1))
    return lambda x: scale * _power(1 + x, Fraction(int(r.p), int(r.q)) - ORDER - 1)


def _size(e: Tail) -> Any:
    growth, interval = e.bounds()
    return _abs(interval * growth.span(e.n)).b


def _abs(x: Any) -> Any:
    return iv.mpf([0, max(abs(x.a), abs(x.b))])


def _power(x: Any, e: Fraction) -> Any:
    return iv.exp(interval_of(e) * iv.log(x))


def _vanishes(c: Expr) -> bool:
    if c.is_Rational:
        return bool(c == 0)
    value = digits(c)
    if not value.is_Float or not value.is_finite:
        raise Undecided(f"{str(c)[:60]} is not a real number.")
    if abs(value) > sympy.Float("1e-25"):
        return False
    with suppress(PrecisionExhausted):  # where 15 digits are sure, none of them is needed to see that it is not 0
        return bool(c.evalf(15, strict=True) == 0)
    if sympy.simplify(c) != 0:
        raise Undecided(f"Whether {str(c)[:60]} is 0 is not decided.")
    return True


def _rational(e: Fraction) -> Expr:
    return sympy.Rational(e.numerator, e.denominator)


def _fraction(e: Any) -> Fraction:
    e = sympy.sympify(e)
    return Fraction(int(e.p), int(e.q))


def _holds(condition: Any, n: int) -> bool:
    """Whether a condition holds for every t >= n, or fails for every one. raises: Undecided."""
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if isinstance(condition, sympy.And | sympy.Or):
        parts = [_holds(c, n) for c in condition.args]
        return all(parts) if isinstance(condition, sympy.And) else any(parts)
    if not isinstance(condition, relational.Relational):
        raise Undecided(f"{str(condition)[:60]} is not followed to large t.")
    return bool(type(condition)(tail(condition.lhs - condition.rhs, n).sign(), 0))


def _extreme(parts: list[Expr], wanted: int, n: int) -> Expr:
    best = parts[0]
    for other in parts[1:]:
        best = other if tail(other - best, n).sign() == wanted else best
    return best


def _wave(function: Any) -> Callable[[Tail], Tail]:
    """sin or cos: bounded by 1; an argument that tends to a number is looked at no closer than its range."""

    def applied(x: Tail) -> Tail:
        if x.is_zero:
            return _tail(x.n, [(BOUNDED, function(0))], [])
        growth, interval = x.bounds()
        if growth > BOUNDED:
            return Tail(x.n, (), (BOUNDED, iv.mpf([-1, 1])))
        reach = interval * growth.span(x.n)
        return Tail(x.n, (), (BOUNDED, (iv.cos if function is sympy.cos else iv.sin)(reach)))

    return applied


_FUNCTIONS: dict[Any, Callable[[Tail], Tail]] = {
    sympy.exp: Tail.exp,
    sympy.log: Tail.log,
    sympy.sin: _wave(sympy.sin),
    sympy.cos: _wave(sympy.cos),
}
