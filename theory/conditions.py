"""SC1 to SC4: the sufficient condition for Generic Adam, decided by exact asymptotics and never by sampling.

    SC1  0 <= beta1_t <= beta < 1
    SC2  0 < beta2_t < 1, and beta2_t does not decrease
    SC3  chi_t = alpha_t/sqrt(1 - beta2_t) is almost non-increasing:  C0 = sup over i <= t of chi_t/chi_i is finite
    SC4  sum_{t<=T} alpha_t sqrt(1 - beta2_t) / (T alpha_T) -> 0, and T alpha_T -> oo

SC3 is usually stated with a non-increasing a_t > 0, a_t <= chi_t <= C0 a_t; take a_t = min_{i<=t} chi_i.
What must hold at every step is shown term by term up to some N, and from there on by the tail.
source: chen2022towards, the sufficient condition, in our words; alpha_t, beta_t, theta_t there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy
from mpmath import iv
from sympy import Expr

from .enclose import enclosed
from .errors import OutOfDomain
from .growth import BOUNDED, Growth, T, Undecided
from .power_sums import PowerSum
from .recursion import Recursion
from .symbols import t
from .tails import Tail, later, tail

TAILS = (16, 64, 256, 1024, 4096)
"""From where on a tail is tried; up to there every step is looked at by itself."""

LOOKED_AT = 64
"""Up to where C0 is sought term by term."""


@dataclass(frozen=True)
class Condition:
    """name: SC1 to SC4.   holds: None where it was not decided.   why: by which exponents, or at which step."""

    name: str
    holds: bool | None
    why: str

    @property
    def word(self) -> str:
        return {True: "holds", False: "fails", None: "undecided"}[self.holds]

    def __str__(self) -> str:
        return f"{self.word}: {self.why}"


class Schedules:
    """The sequences of a recursion in t alone, from the step `start` on. Every property raises Undecided."""

    def __init__(self, recursion: Recursion, start: int = 1) -> None:
        self.recursion, self.start = recursion, start
        self.alpha, self.beta1, self.beta2 = recursion.alpha, recursion.beta1, recursion.beta2
        self.gap1, self.gap2 = _gap(self.beta1), _gap(self.beta2)

    # Values at single steps

    def steps(self, n: int) -> Iterator[int]:
        return iter(range(self.start, n))

    def first(self, e: Expr, fails: Callable[[Any], bool], n: int, after: int = 0) -> int | None:
        """The first step below n where an expression is surely outside. An enclosure decides, never a float.

        after: how many of the first steps are left out.
        """
        if not e.has(t):
            return self.start if fails(enclosed(e, self.start)) else None
        return next((k for k in range(self.start + after, n) if fails(enclosed(e, k))), None)

    def require_well_posed(self) -> None:
        """raises: OutOfDomain with the first step at which a value is outside; looks at the first steps alone."""
        zero = "At 0 it forgets v_0 at once, and log(1/beta2) is infinite."
        cases = [
            ("the step size", self.alpha, lambda x: x.b <= 0, "not positive", ""),
            ("beta1", self.beta1, lambda x: x.b < 0 or x.a >= 1, "outside [0, 1)", ""),
            ("beta2", self.beta2, lambda x: x.b <= 0 or x.a >= 1, "outside (0, 1)", zero),
        ]
        for name, e, fails, what, why in cases:
            k = self.first(e, fails, self.start + TAILS[0])
            if k is not None:
                value = float(enclosed(e, k).mid)
                later = k == self.start and e.has(t)
                fix = f"Begin later (--start {k + 1}), or change it." if later else "Change the schedule."
                what = f"{name}({k}) = {value:.6g} is {what}: the recursion is ill-posed."
                raise OutOfDomain(what, why if value == 0 else "", fix)

    # Tails

    @cached_property
    def n(self) -> int:
        """From where on the tails of all three sequences are known, positive and inside their ranges."""
        problem = Undecided("")
        for n in TAILS:
            try:
                shown = all(tail(e, n).sign() > 0 for e in (self.alpha, self.gap1, self.gap2, self.beta2))
                if shown and (self.beta1 == 0 or tail(self.beta1, n).sign() > 0):
                    self._shown_before(n)
                    return n
                raise Undecided("A sequence leaves its range for large t.")
            except Undecided as undecided:
                problem = undecided
        raise problem

    def _shown_before(self, n: int) -> None:
        positive = {"alpha": self.alpha, "1 - beta2": self.gap2, "beta2": self.beta2, "1 - beta1": self.gap1}
        for name, e in positive.items():
            k = self.first(e, lambda x: not x.a > 0, n)
            if k is not None:
                raise Undecided(f"{name} is not shown to be positive at t = {k}.")
        k = self.first(self.beta1, lambda x: not x.a >= 0, n)
        if k is not None:
            raise Undecided(f"beta1 is below 0 at t = {k}.")

    @cached_property
    def adds_up(self) -> bool:
        """Whether the step sizes are shown to have a finite sum: then alpha_t >= 1/t cannot hold for all large t."""
        for n in TAILS:
            try:
                found = tail(self.alpha, n)
                if found.is_zero or found.bounds()[0].summed() == BOUNDED:
                    return True
            except Undecided:
                continue
        return False

    def tail(self, e: Expr) -> Tail:
        return tail(e, self.n)

    def growth(self, e: Expr) -> Growth:
        """Exact exponents of a sequence that is positive."""
        found = self.tail(e)
        if found.sign() <= 0:
            raise Undecided(f"{str(e)[:60]} is not positive for large t.")
        return found.bounds()[0]

    def later(self, e: Expr) -> Tail:
        """The first tail, from n on, of a sequence that is positive there."""
        for n in TAILS[TAILS.index(self.n) :]:
            try:
                if (found := tail(e, n)).sign() > 0:
                    return found
            except Undecided:
                continue
        raise Undecided(f"{str(e)[:60]} is not positive for large t.")

    def monotone(self, e: Expr) -> int:
        """1, -1 or 0: how the sequence moves, at every step. raises: Undecided, also where it moves both ways."""
        if not e.has(t):
            return 0
        sign = tail(_change(later(e, self.n)), self.n).sign()
        for k in self.steps(self.n):
            change = enclosed(e, k + 1) - enclosed(e, k)
            if sign == 0 or not (change.a if sign > 0 else -change.b) >= -_noise(e, k):
                raise Undecided(f"it turns at t = {k}")
        return sign


def _gap(beta: Expr) -> Expr:
    """1 - beta, written so that no terms cancel."""
    if beta.has(PowerSum):
        return sympy.factor(sympy.together(1 - beta))
    if beta.is_rational_function(t):
        return sympy.cancel(1 - beta)
    plain = sympy.expand(1 - beta, power_exp=False)  # factoring would make 1 + exp(-t) a product of 0 and oo
    powers = beta.atoms(sympy.Pow, sympy.exp)
    divided = any(p.base.is_Add and p.exp.could_extract_minus_sign() for p in plain.atoms(sympy.Pow))
    if any(p.exp.has(t) for p in powers) and not divided:
        return plain
    return sympy.factor(sympy.powsimp(1 - beta))


def _change(e: Expr) -> Expr:
    """The derivative; of sums over the steps, the difference between two steps."""
    return e.subs(t, t + 1) - e if e.has(PowerSum) else sympy.diff(e, t)


def _noise(e: Expr, k: int) -> Any:
    """Twice the width of an enclosure: equal values may differ by so much."""
    return 2 * enclosed(e, k).delta


def decide(schedules: Schedules) -> tuple[Condition, ...]:
    """SC1 to SC4 of one recursion."""
    return tuple(_decided(name, test, schedules) for name, test in _TESTS.items())


def _decided(name: str, test: Callable[[Schedules], tuple[bool, str]], schedules: Schedules) -> Condition:
    try:
        return Condition(name, *test(schedules))
    except Undecided as undecided:
        return Condition(name, None, undecided.what)


def _sc1(s: Schedules) -> tuple[bool, str]:
    if not s.beta1.has(t):
        return True, f"beta1 = {s.beta1} for all t"
    growth = s.growth(s.gap1)
    return growth == BOUNDED, f"1 - beta1 ~ {growth}" + ("" if growth == BOUNDED else ", so that beta1 -> 1")


def _sc2(s: Schedules) -> tuple[bool, str]:
    if not s.beta2.has(t):
        return True, f"beta2 = {s.beta2} for all t"
    falls = _decrease(s)
    if falls is not None:
        return False, f"beta2 decreases from t = {falls} to {falls + 1}"
    s.monotone(s.beta2)
    return True, f"beta2 does not decrease: step by step to t = {s.n}, then by its derivative"


def _decrease(s: Schedules) -> int | None:
    """A step after which beta2 surely is smaller."""
    return next((k for k in s.steps(s.n) if (enclosed(s.beta2, k + 1) - enclosed(s.beta2, k)).b < 0), None)


def _sc3(s: Schedules) -> tuple[bool, str]:
    growth = s.growth(s.recursion.chi)
    if growth > BOUNDED:
        return False, f"chi_t ~ {growth} is unbounded"
    constant = spread(s)
    return True, f"chi_t ~ {growth}" + (f", C0 <= {float(constant):.4g}" if constant is not None else "")


def spread(s: Schedules) -> Any:
    """An upper bound of C0 = sup over i <= t of chi_t/chi_i; None where the tail is not shown to be almost monotone."""
    if not s.recursion.chi.has(t):
        return iv.mpf(1).b
    found = [c for n in TAILS if s.n <= n <= LOOKED_AT and (c := _spread(s, n)) is not None]
    return min(found, default=None)


def _spread(s: Schedules, n: int) -> Any:
    chi = s.recursion.chi
    smallest, most = enclosed(chi, s.start).a, iv.mpf(1).b
    for k in s.steps(n + 1):
        value = enclosed(chi, k)
        smallest = min(smallest, value.a)
        most = max(most, (iv.mpf(value.b) / smallest).b)
    if _falls(chi, n):
        return most
    growth, interval = tail(chi, n).bounds()
    falls = growth.p <= 0 and growth.q <= 0 and growth.l <= 0 and interval.a > 0
    top = iv.mpf(interval.b) * growth.at(n)
    return max(most, (iv.mpf(interval.b) / interval.a).b, (top / smallest).b) if falls else None


def _falls(e: Expr, n: int) -> bool:
    """Whether it is shown that the sequence does not rise from n on."""
    try:
        whole = later(e, n)
        if tail(whole, n).split() is None:  # what oscillates turns
            return False
        return tail(_change(whole), n).sign() <= 0
    except Undecided:
        return False


def _sc4(s: Schedules) -> tuple[bool, str]:
    if s.adds_up:
        return False, "the step sizes have a finite sum, so that T alpha_T does not grow"
    size, ratio = T * s.growth(s.alpha), sc4_ratio(s)
    if size <= BOUNDED:
        return False, f"T alpha_T ~ {size} does not grow"
    end = "" if ratio < BOUNDED else ", which does not vanish"
    return ratio < BOUNDED, f"the ratio is of the order {ratio}{end}"


def sc4_ratio(s: Schedules) -> Growth:
    alpha = s.growth(s.alpha)
    return (alpha * s.growth(s.gap2) ** "1/2").summed() / (T * alpha)


_TESTS: dict[str, Callable[[Schedules], tuple[bool, str]]] = {"SC1": _sc1, "SC2": _sc2, "SC3": _sc3, "SC4": _sc4}
