"""Tails of expressions: what they say of every t >= n is true at every t that is tried, in 400 digits."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sympy import Rational, cos, exp, log, sin, sqrt

from driftproof.theory.growth import BOUNDED, LOG, LOGLOG, Growth, T, Undecided
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import t
from driftproof.theory.tails import Tail, tail

SLACK = mpmath.mpf(10) ** -25
"""Relative; numbers that are not rational are enclosed from 40 digits, and compared here in 400."""


def places(n: int) -> list[int]:
    return [n, n + 1, n + 7, 2 * n, 10 * n + 3, 1000 * n, 10**9, 10**15]


def value(e: Any, at: int) -> Any:
    return sympy.lambdify(t, e, "mpmath")(mpmath.mpf(at))


def grown(m: Growth, at: int) -> Any:
    def number(e: Fraction) -> Any:
        return mpmath.mpf(e.numerator) / e.denominator

    s = mpmath.log(at)
    return mpmath.mpf(at) ** number(m.p) * s ** number(m.q) * mpmath.log(s) ** number(m.l)


def edges(interval: Any) -> tuple[Any, Any]:
    """Both ends as numbers at working precision."""
    return mpmath.mpf(interval.a._mpi_[0]), mpmath.mpf(interval.b._mpi_[1])


def holds(found: Tail, e: Any, at: int) -> None:
    """The value is in the leading interval and, less the exact terms, in that of the rest; the sign is right."""
    exact = value(e, at)
    if found.is_zero:
        assert abs(exact) < SLACK
        return
    m, interval = found.bounds()
    low, high = edges(interval)
    scaled, room = exact / grown(m, at), SLACK * (abs(low) + abs(high) + abs(exact / grown(m, at)))
    assert low - room <= scaled <= high + room, (e, at, low, scaled, high)
    terms = [mpmath.mpf(sympy.N(c, 60)) * grown(m, at) for m, c in found.terms]
    left, size = exact - sum(terms), sum(map(abs, terms)) + abs(exact)
    low, high = edges(found.rest[1]) if found.rest else (mpmath.mpf(0), mpmath.mpf(0))
    scale = grown(found.rest[0], at) if found.rest else mpmath.mpf(1)
    assert low * scale - SLACK * size <= left <= high * scale + SLACK * size, (e, at)
    try:
        sign = found.sign()
    except Undecided:
        return
    assert mpmath.sign(exact) == sign, (e, at, exact, sign)


# Fresh expressions

numbers = st.fractions(-3, 3, max_denominator=8).map(lambda x: Rational(x.numerator, x.denominator))
powers = st.sampled_from([Rational(k, 8) for k in (-12, -8, -4, -2, -1, 1, 4, 8)])
small = st.sampled_from([Rational(1, 2), Rational(9, 10), Rational(99, 100)])
leaves = st.one_of(
    numbers,
    powers.map(lambda p: t**p),
    st.sampled_from(
        [t, log(t + 1), log(t), 1 / log(t + 1), log(log(t + 3)), exp(-t), exp(-t / 100), sin(t), cos(1 / t)]
    ),
    small.map(lambda b: b**t),
    small.map(lambda a: 1 - a / t),
)


def is_real(e: Any) -> bool:
    return not e.has(sympy.zoo, sympy.nan, sympy.I)


def grow(inner: Any) -> Any:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: sympy.Max(*p)),
        pairs.map(lambda p: sympy.Min(*p)),
        pairs.map(lambda p: sympy.Piecewise((p[0], t < 40), (p[1], True))),
        st.tuples(inner, st.sampled_from([2, -1, Rational(1, 2), Rational(-1, 2), Rational(1, 3)]))
        .map(lambda p: p[0] ** p[1])
        .filter(is_real),
        inner.map(sympy.Abs),
        inner.map(lambda e: log(1 + e**2)),
        inner.map(lambda e: sin(e)),
        inner.map(lambda e: exp(-(e**2))),
    )


expressions = st.recursive(leaves, grow, max_leaves=5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much], derandomize=True)
@given(e=expressions, n=st.sampled_from([16, 64, 256]))
def test_a_tail_holds_the_value_at_every_step(e: Any, n: int) -> None:
    assume(is_real(e) and e.count_ops() < 60)
    try:
        found = tail(e, n)
    except Undecided:
        assume(False)
    with mpmath.workdps(400):  # 1 + t^-12 at t = 10^15 must not be 1
        for at in places(n):
            holds(found, e, at)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(p=powers, q=powers, a=small, c=numbers)
def test_schedules_of_the_usual_kind_are_always_decided(p: Any, q: Any, a: Any, c: Any) -> None:
    assume(p < 0 and c > 0)
    e = c * t**p * log(t + 1) ** q * (1 - a / t) / (1 + t ** Rational(-1, 2))
    found = tail(e, 64)
    assert found.sign() == 1
    assert found.bounds()[0] == Growth(Fraction(int(p.p), int(p.q)), Fraction(int(q.p), int(q.q)))


# Known ones

KNOWN = {
    "1 - 0.5/t": (BOUNDED, 1),
    "t*log(t)/log(t**2)": (T, 1),
    "log(3*t) - log(2*t)": (BOUNDED, 1),
    "sqrt(t + 1) - sqrt(t)": (T ** "-1/2", 1),
    "log(t + 1) - log(t)": (T**-1, 1),
    "(1 - 1/t)**t": (BOUNDED, 1),
    "2**(-t) - 1/t": (T**-1, -1),
    "exp(2*log(t))/t": (T, 1),
    "exp(log(t)/2)": (T ** "1/2", 1),
    "log(log(t))": (LOGLOG, 1),
    "log(t)**2/log(t**2 + 1)": (LOG, 1),
    "(2 + sin(t))/sqrt(t)": (T ** "-1/2", 1),
    "cos(t) - 2": (BOUNDED, -1),
    "min(t, 100)": (BOUNDED, 1),
    "max(1/t, 1/sqrt(t))": (T ** "-1/2", 1),
    "abs(1 - t)": (T, 1),
    "Piecewise((1, t < 10), (1/t, True))": (T**-1, 1),
}


@pytest.mark.parametrize("text", KNOWN)
def test_growth_and_sign_of_known_expressions(text: str) -> None:
    growth, sign = KNOWN[text]
    found = tail(schedule(text), 128)
    assert found.bounds()[0] == growth
    assert found.sign() == sign


@pytest.mark.parametrize("text", ["sin(t)", "1 + sin(t)", "sin(t)/t", "t - 100", "log(t) - 10", "cos(t)*sqrt(t)"])
def test_what_changes_its_sign_or_touches_zero_is_not_decided(text: str) -> None:
    with pytest.raises(Undecided):
        tail(schedule(text), 16).sign()


@pytest.mark.parametrize("text", ["exp(t)", "exp(sqrt(log(t)))", "log(log(log(t)))", "max(1/t, 0.01)", "(-2)**t"])
def test_what_is_beyond_the_scale_is_not_decided(text: str) -> None:
    with pytest.raises(Undecided):
        tail(schedule(text), 16)


def test_zero_is_seen_where_everything_cancels() -> None:
    assert tail(schedule("t*(t + 1) - t**2 - t"), 16).is_zero
    assert tail(schedule("log(t**2) - 2*log(t)"), 16).sign() == 0


def test_a_sign_holds_from_n_on_and_not_only_in_the_end() -> None:
    """t - 20 is negative at 16 and positive from 64 on."""
    with pytest.raises(Undecided):
        tail(t - 20, 16).sign()
    assert tail(t - 20, 64).sign() == 1


# Growth

pairs = st.tuples(*[st.fractions(-3, 3, max_denominator=4)] * 3)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(a=pairs, b=pairs, n=st.sampled_from([16, 100]))
def test_the_span_of_a_growth_holds_its_values(a: Any, b: Any, n: int) -> None:
    low, high = sorted([Growth(*a), Growth(*b)])
    span = (low / high).span(n)
    with mpmath.workdps(60):
        bottom, top = edges(mpmath.iv.mpf(span))
        for at in (n, n + 1, 3 * n, 1000 * n, 10**12, 10**40):
            assert bottom <= grown(low / high, at) * (1 + SLACK)
            assert grown(low / high, at) <= top * (1 + SLACK)


@pytest.mark.parametrize(
    ("term", "whole"),
    [
        (T**-1, LOG), (T**0, T), (T**-2, BOUNDED), (T ** "-1/2", T ** "1/2"), (T**-1 * LOG, LOG**2),
        (T**-1 / LOG, LOGLOG), (T**-1 * LOG**-2, BOUNDED), (T**-1 / LOG * LOGLOG, LOGLOG**2), (T * LOG, T**2 * LOG),
    ],
)  # fmt: skip
def test_sums_grow_as_integrals_do(term: Growth, whole: Growth) -> None:
    assert term.summed() == whole


def test_a_sum_that_grows_like_log_log_log_is_not_decided() -> None:
    with pytest.raises(Undecided):
        (T**-1 / LOG / LOGLOG).summed()


def test_growth_reads_well() -> None:
    assert str(T ** "-1/2" * LOG) == "T^(-1/2) log T"
    assert (T ** "-1/2" * LOG).as_json() == {"T_power": "-1/2", "log_power": "1"}
    assert re.fullmatch(r".*log log T.*", str(LOGLOG))


def test_roots_and_logarithms_of_what_is_not_positive_are_not_taken() -> None:
    for e in (sqrt(sin(t)), log(cos(t)), sqrt(-t), log(1 / t - 1)):
        with pytest.raises(Undecided):
            tail(e, 16)
