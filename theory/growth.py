"""Growth as t^p (log t)^q (log log t)^l with exact exponents: comparing, multiplying, and summing over t."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import iv

from .errors import DriftproofError

ZERO = Fraction(0)
SMALLEST_N = 16
"""Tails begin here or later: log log 16 > 1, so that all three factors exceed 1 and grow."""


class Undecided(DriftproofError):
    """The behaviour for large t does not follow from what is looked at."""

    code = "undecided"


@dataclass(frozen=True, order=True)
class Growth:
    """t^p (log t)^q (log log t)^l. The order of growth is the lexicographic order of the exponents."""

    p: Fraction = Fraction(0)
    q: Fraction = Fraction(0)
    l: Fraction = Fraction(0)

    def __mul__(self, other: Growth) -> Growth:
        return Growth(self.p + other.p, self.q + other.q, self.l + other.l)

    def __truediv__(self, other: Growth) -> Growth:
        return self * other**-1

    def __pow__(self, power: Any) -> Growth:
        e = Fraction(power)
        return Growth(self.p * e, self.q * e, self.l * e)

    def summed(self) -> Growth:
        """The growth of the sum over t = 1..T of terms that grow so, up to constant factors.

        source: series and integrals of power-log functions; the constant 1 where the series converges.
        """
        if self.p > -1:
            return self * T
        if self.p < -1 or self.q < -1 or (self.q == -1 and self.l < -1):
            return BOUNDED
        if self.q > -1:
            return Growth(q=self.q + 1, l=self.l)
        if self.l > -1:
            return Growth(l=self.l + 1)
        raise Undecided("A sum grows like log log log T.", "That is slower than this scale tells apart.")

    @lru_cache(maxsize=4096)  # noqa: B019 (a growth is a value: the cache keeps a few small ones)
    def span(self, n: int) -> Any:
        """An interval that holds the value at every t >= n >= 16, for growth at most that of a constant."""
        if self == BOUNDED:
            return iv.mpf(1)
        if self > BOUNDED:
            raise Undecided(f"{self} is not bounded.")
        s = iv.log(n)
        if self.p < 0:
            # log log t <= log t, so positive powers of both are powers of one.
            k = max(self.q, ZERO) + max(self.l, ZERO)
            rest = iv.mpf(s) ** interval_of(min(self.q, ZERO)) * iv.log(s) ** interval_of(min(self.l, ZERO))
            top = _peak(s, k, -self.p)
            return _from_zero(rest * top ** interval_of(k) * iv.exp(interval_of(self.p) * top))
        if self.q < 0:
            top = _peak(iv.log(s), max(self.l, ZERO), -self.q)
            return _from_zero(top ** interval_of(self.l) * iv.exp(interval_of(self.q) * top))
        return _from_zero(iv.log(s) ** interval_of(self.l))

    def at(self, n: int) -> Any:
        """An interval around the value at t = n >= 16."""
        s = iv.log(n)
        p, q, l = (interval_of(e) for e in (self.p, self.q, self.l))
        return iv.exp(p * s + q * iv.log(s) + l * iv.log(iv.log(s)))

    def __str__(self) -> str:
        names = (("T", self.p), ("log T", self.q), ("log log T", self.l))
        words = [name if e == 1 else f"({name})^({e})" if " " in name else f"{name}^({e})" for name, e in names if e]
        return " ".join(words) or "1"

    def as_json(self) -> dict[str, str]:
        found = {"T_power": str(self.p), "log_power": str(self.q)}
        return found | ({"loglog_power": str(self.l)} if self.l else {})


def interval_of(e: Fraction) -> Any:
    """An interval around a fraction."""
    return iv.mpf(e.numerator) / e.denominator if isinstance(e, Fraction) else iv.mpf(e)


def _peak(s: Any, k: Any, rate: Fraction) -> Any:
    """Where x^k exp(-rate x) is largest for x >= s."""
    peak = interval_of(Fraction(k) / rate)
    return s if peak.b <= s.a else peak if peak.a >= s.b else iv.mpf([s.a, peak.b])


def _from_zero(top: Any) -> Any:
    return iv.mpf([0, top.b])


BOUNDED = Growth()
T = Growth(p=Fraction(1))
LOG = Growth(q=Fraction(1))
LOGLOG = Growth(l=Fraction(1))
