"""Numbers as users give them and read them: exact inside, decimals outside."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Rational

from .errors import NotExact, OutOfDomain
from .functions import rational
from .reader import expression

_NOT_FINITE = ("nan", "inf", "infinity", "oo")
MOST_DIGITS = 400


def number(value: Any, name: str) -> Rational:
    """The exact number meant: "0.001", "1/3" and 4 as they stand; a float by its shortest decimal.

    raises: OutOfDomain for NaN and infinities; NotReadable, NotExact or UnknownName for what is not a number.
    """
    if isinstance(value, Rational):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Rational(value)
    text = repr(float(value)) if isinstance(value, float) else str(value).strip()
    if text.lower().lstrip("+-") in _NOT_FINITE:
        raise OutOfDomain(
            f"{name} = {text} is not a finite number.",
            "Nothing is claimed about it.",
            f"Give {name} as 4, 0.001 or 1/3.",
        )
    found = expression(text, {"Rational": rational}, name)
    if not isinstance(found, Rational) or not found.is_finite:
        raise NotExact(f"{name} = {_brief(text)} is not a number.", "", f"Give {name} as 4, 0.001 or 1/3.")
    if max(int(found.p).bit_length(), int(found.q).bit_length()) > MOST_DIGITS * math.log2(10):
        raise OutOfDomain(f"{name} has more than {MOST_DIGITS} digits.", "", f"Give {name} as 4, 0.001 or 1/3.")
    return found


def in_float64(name: str, value: Expr) -> float:
    """The nearest double. raises: OutOfDomain where the value is too large, or not 0 and too small, for one."""
    try:
        found = float(sympy.N(value, 25))
    except OverflowError:
        found = math.inf
    # Not value.is_zero: SymPy may look for a minimal polynomial, for ever.
    if not math.isfinite(found) or (found == 0 and value != 0):
        raise OutOfDomain(f"{name} = {_brief(value)} does not fit in float64.", "", "Take a kappa nearer to 1.")
    return found


def short(value: Expr, digits: int = 6) -> str:
    """For people: 0.001, 1e-8, 1/3 if short; else a decimal of that many digits."""
    if value.is_Rational:
        if value.is_Integer and abs(value) < 10**digits:
            return str(value)
        exact = _decimal(value, digits)
        if exact is not None:
            return exact
        if value.q < 100 and abs(value.p) < 1000:
            return str(value)
    return _plain(Decimal(str(sympy.N(value, digits))))


def _decimal(value: Rational, digits: int) -> str | None:
    """The terminating decimal of at most so many significant digits, or None."""
    rest = value.q
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or value.q.bit_length() > 1000:
        return None
    exact = Decimal(value.p) / Decimal(value.q)
    if Fraction(exact) != Fraction(value.p, value.q) or len(exact.normalize().as_tuple().digits) > digits:
        return None
    return _plain(exact)


def _plain(value: Decimal) -> str:
    """0.0001 as it stands, 0.00001 as 1e-5."""
    value = value.normalize()
    exponent = value.adjusted()
    if -5 < exponent < 7:
        return f"{value:f}"
    mantissa = f"{value.scaleb(-exponent).normalize():f}"
    return f"{mantissa}e{exponent}"


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
