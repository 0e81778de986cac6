"""What a recursion becomes for large t, with exact numbers: the method that a witness speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, log10

import sympy
from sympy import Expr

from .errors import OutOfDomain, Refused
from .kernel.recursion import Recursion as Constant
from .kernel.recursion import Runs, Unbounded
from .kernel.untrusted import DIGITS
from .kernel.witness import BITS, DRIFTS
from .recursion import Recursion
from .symbols import t

MORE_PRECISION = 256
"""Bits from which on the interval of independent draws is as narrow as its two-point laws are."""


@dataclass(frozen=True)
class Method:
    """The recursion with its limits put in, under one sampling: "cyclic" or "iid". alpha: its limit, or None."""

    constant: Constant
    sampling: str
    alpha: Fraction | None

    def drift(self, runs: Runs) -> tuple[Fraction, Fraction]:
        """low <= Phi <= high, Phi as in `kernel.witness`: of one sign and 40 bits, where the precision allows.

        raises: Refused where a denominator is 0, or not told from 0.
        """
        bits, low, high = 64, None, None
        while (bits := 2 * bits) <= BITS:
            try:
                low, high = DRIFTS[self.sampling](self.constant, runs, bits)
            except Unbounded:
                continue
            if low * high > 0 and (high - low) * 2**40 < abs(low):
                break
            if self.sampling == "iid" and bits >= MORE_PRECISION:
                break
        if low is None or high is None:
            raise Refused(
                f"A denominator is not bounded away from 0 with {BITS} bits.",
                "A gradient is 0 and nothing is added to the root, or beta2 is that close to 0.",
                "Give gradients other than 0, or --eps.",
            )
        return low, high

    def sign(self, runs: Runs) -> int:
        """1 if theta goes up, -1 if it goes down, 0 if this does not tell."""
        low, high = self.drift(runs)
        return 1 if low > 0 else -1 if high < 0 else 0

    def steps(self, runs: Runs, low: Fraction, distance: int = 2) -> int | None:
        """Steps for which theta goes up by that distance, at most, once the moments have settled."""
        if self.alpha is None or low <= 0:
            return None
        return -(-sum(n for n, _ in runs) * distance // (self.alpha * low))


def rounded_down(x: Fraction, digits: int = 10) -> Fraction:
    """The largest decimal of so many significant digits that is not above x > 0."""
    shift = digits - 1 - floor(log10(x.numerator) - log10(x.denominator))
    scale = Fraction(10) ** shift
    return Fraction(floor(x * scale)) / scale


def rounded_up(x: Fraction, digits: int = 10) -> Fraction:
    """The smallest decimal of about so many significant digits that is not below x > 0."""
    low = rounded_down(x, digits)
    return low if low == x else low + rounded_down(x / 10 ** (digits - 1), 1)


def limit(e: Expr, name: str) -> Expr:
    """The limit of a sequence in t as SymPy knows it; oo, or a finite number. raises: Refused."""
    powers = {p: sympy.S.Zero for p in e.atoms(sympy.Pow) if p.exp == t and p.base.is_Rational and abs(p.base) < 1}
    e = e.xreplace(powers)
    if not e.has(t):
        return e
    try:
        found = sympy.limit(e, t, sympy.oo)
    except (NotImplementedError, ValueError) as error:
        raise _no_limit(e, name) from error
    if not (found.is_number and (found.is_finite or found == sympy.oo)) or found.has(sympy.AccumBounds):
        raise _no_limit(e, name)
    return found


def _no_limit(e: Expr, name: str) -> Refused:
    return Refused(
        f"{name} = {str(e)[:80]} has no limit that is found.",
        "A witness speaks of what the method becomes for large t.",
        f"Give {name} as a number, or a schedule that settles.",
    )


def exact(e: Expr, name: str) -> Fraction:
    """A rational of few enough digits for a proof object. raises: Refused, OutOfDomain."""
    found = limit(e, name)
    if found.free_symbols or not found.is_Rational:
        raise Refused(
            f"{name} tends to {str(found)[:80]}, which is not a rational number.",
            "A witness is exact.",
            f"Give {name} as 0.999 or 999/1000.",
        )
    value = Fraction(int(found.p), int(found.q))
    if len(str(value)) > DIGITS:
        raise OutOfDomain(f"{name} has more than {DIGITS} characters as a fraction.", "", "Give fewer digits.")
    return value


def constant(found: Recursion, beta2: Fraction) -> Constant:
    """The recursion of large t, with that beta2. raises: Refused for weight decay, OutOfDomain."""
    for name, value in (("weight decay", found.decay), ("an L2 penalty", found.penalty)):
        if limit(value, name) != 0:
            raise Refused(
                f"{found.rule.label} has {name}: {value}.",
                "It holds theta back, and a witness is about linear losses, on which theta runs away.",
                "Give --set lambda=0.",
            )
    numbers = {name: exact(getattr(found, name), name) for name in ("beta1", "inside", "outside", "floor")}
    try:
        return Constant(found.form, beta2=beta2, **numbers)
    except ValueError as error:
        raise OutOfDomain(f"{found.rule.label}: {error}.", "Nothing is clipped.", "Give a value within.") from error


def step_size(found: Recursion) -> Fraction | None:
    """The limit of alpha, where it is a rational above 0."""
    try:
        value = exact(found.alpha, "alpha")
    except (Refused, OutOfDomain):
        return None
    return value if value > 0 else None
