"""Verdicts on schedules follow from their exponents: known cases, exact arithmetic on fresh ones, and brute force.

For alpha = t^-s log(t+1)^x, 1 - beta2 = 0.3 t^-r log(t+1)^y and 1 - beta1 = t^-q/2 (or beta1 = 0) everything can be
worked by hand, in pairs (power of t, power of log t); `worked` does so in fractions and must agree with `converge`
exactly, log powers included. Sums over t <= T in NumPy, which know nothing of exponents, then judge `worked`: the slope
fitted to SC4's ratio and to the bound over T = 2^14 .. 2^20 is that of T^p (log T)^q up to what `tolerance` derives.

Over 400 lines: hand calculation, sums and tolerance speak of the same exponents and are read side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial

import numpy as np
import sympy

from driftproof.impl.certificate import finite
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.certificate import Inputs, rate
from driftproof.theory.conditions import Schedules, sc4_ratio, spread
from driftproof.theory.convergence import Limit, limit
from driftproof.theory.generic import matched
from driftproof.theory.growth import BOUNDED, Undecided
from driftproof.theory.recursion import Recursion
from driftproof.theory.references import Source
from driftproof.theory.schedules import schedule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant
from .runtime.verdict import Verdict

Pair = tuple[Fraction, Fraction]
"""Powers of t and of log t, in the order of growth."""
ONE: Pair = (Fraction(0), Fraction(0))
HORIZONS = tuple(2**k for k in range(14, 21))
SHORT, LONG = HORIZONS[-2:]
WEIGHTS = np.array([3, 5, 6, 6, 5, 3]) / 28
"""The least-squares slope over seven equally spaced points is this mean of the slopes between neighbours."""
CLOSE = 0.15
"""Exponents of these draws are whole eighths or sixteenths; wrong ones are off by several."""

# Known cases: lr, beta1, beta2 -> verdict, by, powers of T and log T, the conditions that fail

SC, CERT, NO = "sufficient_condition", "certificate", "NOT_COVERED"
Known = tuple[str, str, tuple[str, str] | None, str]
CASES: dict[tuple[str, str, str], Known] = {
    ("1/sqrt(t)", "0.9", "1 - 0.5/t"): ("CONVERGES", SC, ("-1/2", "1"), ""),
    ("1/sqrt(t)", "0.9", "1 - 0.5/sqrt(t)"): ("CONVERGES", SC, ("-1/4", "0"), ""),
    ("t**Rational(-1,4)", "0.9", "1 - 0.5/sqrt(t)"): ("CONVERGES", SC, ("-1/4", "0"), ""),
    ("t**Rational(-3,4)", "0.9", "1 - 0.5/sqrt(t)"): ("CONVERGES", SC, ("-1/4", "1"), ""),
    ("t**Rational(-3,4)", "0.9", "1 - 0.5*t**Rational(-3,2)"): ("CONVERGES", SC, ("-1/4", "0"), ""),
    ("t**Rational(-1,4)", "0.9", "1 - 0.5/t"): ("CONVERGES", CERT, ("-1/4", "1"), "SC3"),
    ("1/sqrt(t)", "0.9", "1 - 0.5*t**Rational(-5,4)"): ("CONVERGES", CERT, ("-1/4", "0"), "SC3"),
    ("1/sqrt(t)", "0.9", "1 - 0.5*t**Rational(-3,2)"): (NO, "", None, "SC3"),
    ("0.001", "0.9", "1 - 0.5/sqrt(t)"): (NO, "", None, "SC3"),
    ("1/t", "0.9", "1 - 0.5/t"): ("CONVERGES", CERT, ("0", "-1"), "SC4"),
    ("log(t + 1)/t", "0.9", "1 - 0.5/t"): ("CONVERGES", SC, ("0", "-1"), ""),
    ("1/sqrt(t)", "0.9", "1 - 0.5/log(t + 1)"): ("CONVERGES", SC, ("0", "-1/2"), ""),
    ("log(t + 1)/sqrt(t)", "0.9", "1 - 0.5/t"): ("CONVERGES", CERT, ("-1/2", "2"), "SC3"),
    ("1/sqrt(t)", "0.9", "0.999"): (NO, "", None, "SC4"),
    ("1/sqrt(t)", "0.9", "0.9 + 0.09/t"): (NO, "", None, "SC2 SC4"),
    ("1/sqrt(t)", "0.9", "1 - 1/t"): ("REJECTED", "", None, ""),
    ("1/sqrt(t)", "1 - 0.9*t**Rational(-1,10)", "1 - 0.5/t"): ("CONVERGES", CERT, ("-3/10", "1"), "SC1"),
    ("1/sqrt(t)", "1 - 0.9*t**Rational(-3,10)", "1 - 0.5/t"): (NO, "", None, "SC1"),
    ("1/sqrt(T)", "0.9", "1 - 5/T"): ("FINITE", CERT, ("-1/2", "0"), ""),
    ("(2 + sin(t))/sqrt(t)", "0.9", "1 - 0.5/t"): ("CONVERGES", SC, ("-1/2", "1"), ""),
    ("0.001", "0.99", "0.5"): (NO, "", None, "SC4"),
}
RULES: dict[str, tuple[dict[str, str], Known]] = {
    "adagrad": ({}, ("CONVERGES", SC, ("-1/2", "1"), "")),
    "adamnc": ({}, ("CONVERGES", SC, ("-1/2", "1"), "")),
    "nosadam": ({}, ("CONVERGES", SC, ("-1/2", "1"), "")),
    "rmsprop": ({"eta": "1/sqrt(t)", "beta2": "1 - 0.9/t"}, ("CONVERGES", SC, ("-1/2", "1"), "")),
    "adam": ({}, (NO, "", None, "SC4")),
    "adopt": ({"eta": "1/sqrt(t)", "beta1": "0"}, ("CONVERGES", CERT, ("-1/2", "1"), "")),
    "amsgrad": ({}, (NO, "", None, "")),
}
SLOW = ("nosadam",)
"""In the full tier: its sums of powers take seconds."""


def told(found: Limit) -> Known:
    order = None if found.rate is None else (str(found.rate.p), str(found.rate.q))
    return found.verdict, found.by, order, " ".join(c.name for c in found.conditions if c.holds is False)


def recursion(name: str, given: dict[str, str]) -> Recursion:
    rule = rule_of(name)
    values = {h.name: h.default for h in rule.hyperparameters}
    return matched(rule, {**values, **{letter: schedule(text) for letter, text in given.items()}})


# Fresh ones


@dataclass(frozen=True)
class Case:
    """Exponents; q: None for beta1 = 0."""

    s: Fraction
    x: Fraction
    r: Fraction
    y: Fraction
    q: Fraction | None

    def given(self) -> dict[str, str]:
        alpha = f"{_power('t', -self.s)}*{_power('log(t + 1)', self.x)}"
        gap = f"Rational(3,10)*{_power('t', -self.r)}*{_power('log(t + 1)', self.y)}"
        beta1 = "0" if self.q is None else f"1 - {_power('t', -self.q)}/2"
        return {"eta": alpha, "beta1": beta1, "beta2": f"1 - {gap}"}

    @property
    def k(self) -> Fraction:
        return self.q or Fraction(0)

    def terms(self) -> list[Pair]:
        """Growths of terms times t: of each sum over t <= T in the ratio or the bound."""
        s, r, x, y, k = self.s, self.r, self.x, self.y, self.k
        chi = (r / 2 - s, x - y / 2)
        weights = [(chi[0] + k / 2, chi[1]), (2 * chi[0] + k, 2 * chi[1])]
        forgotten = [(1 - r + d, y + l) for d, l in weights]
        return [(1 - s - k, x), (1 - s - r / 2, x + y / 2), (1 - r, y), *forgotten]

    def ratios(self) -> list[Pair]:
        """Growths of one part of the bound over another; of a weight over the constant, of beta1's own limits; of
        1 - beta2, by which log 1/beta2 is more than that."""
        s, r, x, y, k = self.s, self.r, self.x, self.y, self.k
        chi = (r / 2 - s, x - y / 2)
        limits = [] if self.q is None else [(r - k, -y), (1 - k, Fraction(0))]
        return [(chi[0] + k / 2, chi[1]), (2 * chi[0] + k, 2 * chi[1]), chi, (-r, y), *limits]

    @property
    def near(self) -> bool:
        """Whether these horizons do not tell its exponents from their neighbours: left out of brute force."""
        return tolerance(self) > CLOSE


def _power(base: str, e: Fraction) -> str:
    return f"({base})**Rational({e.numerator},{e.denominator})" if e else "1"


def drawn(random: np.random.Generator) -> Case:
    """Rational exponents; beta1 tends to 1 more slowly than beta2, or stays."""
    while True:
        s, r = (Fraction(int(random.integers(0, top)), 8) for top in (9, 14))
        x, y = (Fraction(int(random.integers(-1, 3)), 2) for _ in range(2))
        q = [None, Fraction(0), Fraction(1, 8), Fraction(1, 4)][random.integers(4)]
        if (r > 0 or y <= 0) and (q is None or q < min(r, 1) or q == 0):
            return Case(s, x, r, y, q)


# By hand, in fractions


def times(*pairs: Pair) -> Pair:
    return sum((p for p, _ in pairs), Fraction(0)), sum((q for _, q in pairs), Fraction(0))


def raised(pair: Pair, e: Fraction | int) -> Pair:
    return pair[0] * e, pair[1] * e


def summed(pair: Pair) -> Pair | None:
    """Of sums over t <= T; None for log log T."""
    p, q = pair
    if p > -1:
        return p + 1, q
    if p == -1 and q == -1:
        return None
    return (Fraction(0), q + 1) if p == -1 and q > -1 else ONE


@dataclass(frozen=True)
class Slip:
    """How `worked` may go wrong."""

    half: Fraction = Fraction(1, 2)
    sign: int = 1
    log: bool = True
    weight: bool = True
    sums: bool = True
    momentum: int = 1


@dataclass(frozen=True)
class Worked:
    """chi, SC4's ratio, the certificate's order."""

    chi: Pair
    ratio: Pair
    order: Pair


def worked(case: Case, slip: Slip = Slip()) -> Worked | None:
    """None where a log log comes in."""
    alpha, gap = (-case.s, case.x), (-case.r, case.y)
    k: Pair = ((case.q or Fraction(0)) * slip.momentum, Fraction(0))
    chi = times(alpha, raised(gap, -slip.half * slip.sign))
    total = summed(times(alpha, raised(gap, slip.half)))
    weight = max(times(k, raised(chi, 2 if slip.weight else 1)), times(raised(k, Fraction(1, 2)), chi))
    forgets = summed(gap) if weight > ONE and slip.sums else summed(times(weight, gap))
    moved = summed(times(alpha, raised(k, -1)))
    if total is None or forgets is None or moved is None:
        return None
    noise = max(weight, times(weight, forgets)) if weight > ONE and slip.sums else forgets
    order = times(max(ONE, noise), raised(moved, -1))
    ratio = times(total, raised(times((Fraction(1), Fraction(0)), alpha), -1))
    if not slip.log:
        ratio, order = (ratio[0], Fraction(0)), (order[0], Fraction(0))
    return Worked(chi, ratio, order)


def asked(case: Case) -> Worked | None:
    """What `converge` is made of; None where it is not decided."""
    s = Schedules(recursion("generic_adam", case.given()))
    try:
        found = [s.growth(s.recursion.chi), sc4_ratio(s), rate(s)]
    except Undecided:
        return None
    return Worked(*((e.p, e.q) for e in found))


# By brute force


def tolerance(case: Case) -> float:
    """How far the fitted slope may be from that of T^p (log T)^q: a mean of what slopes between neighbours may be.

    A sum or product here is c T^p (log T)^q (1 + e), and a slope moves by that of e. Where one part is T^d (log T)^l
    times another, e = C T^-|d| (log T)^(-l sign d), or C (log T)^-|l| where d = 0. A sum whose terms times t are
    T^d (log T)^l has against its integral a constant, which is the same with l + 1 for l where d = 0, and by parts
    e = l/(d log T) (1 + ...), at d log T >= 3 less than twice its first term. C = 8 is above the ratios of constants:
    weights 1, 2, sums of t^(d-1) with d >= 1/4 near 1/d <= 4. Between two horizons the smaller one is the worse.
    """
    return float(WEIGHTS @ [_tolerance(case, T) for T in HORIZONS[:-1]])


def _tolerance(case: Case, T: int) -> float:
    log = math.log(T)
    logs = sum(2 * abs(l) / (abs(d) * log**2) for d, l in case.terms() if d)
    constants = [(d, l if d else l + 1) for d, l in case.terms()]
    return float(logs) + sum(_moved(d, l, T) for d, l in {*constants, *case.ratios()})


def _moved(d: Fraction, l: Fraction, T: int) -> float:
    log = math.log(T)
    if d == 0:
        return 8 * abs(l) * log ** (-1 - abs(float(l)))
    return 8 * abs(d) * T ** -abs(float(d)) * log ** (-float(l) * (1 if d > 0 else -1))


def fitted(values: list[float]) -> float:
    """The least-squares slope of log2 over log2 T."""
    return float(WEIGHTS @ np.diff(np.log2(values)))


def exact(pair: Pair) -> float:
    """The fitted slope of T^p (log T)^q itself."""
    return fitted([2 ** (float(pair[0]) * math.log2(T)) * math.log(T) ** float(pair[1]) for T in HORIZONS])


def numbers(case: Case, T: int) -> tuple[np.ndarray, np.ndarray]:
    """alpha and 1 - beta2 at t = 1..T."""
    t = np.arange(1.0, T + 1)
    log = np.log(t + 1)
    return t ** -float(case.s) * log ** float(case.x), 0.3 * t ** -float(case.r) * log ** float(case.y)


def slopes(case: Case) -> tuple[float, float]:
    """Of SC4's ratio and of the bound, fitted over the horizons."""
    ratio, bound = [], []
    for T in HORIZONS:
        alpha, gap = numbers(case, T)
        ratio.append(np.sum(alpha * np.sqrt(gap)) / (T * alpha[-1]))
        bound.append(_bound(case, alpha, gap))
    return fitted(ratio), fitted(bound)


def _bound(case: Case, alpha: np.ndarray, gap: np.ndarray) -> float:
    """The certificate for L = G = 1, v_0 = 1 and no gap; with momentum from the recurrences of impl."""
    if case.q is not None:
        found = replace(recursion("generic_adam", case.given()), v_start=sympy.Integer(1))
        return finite(found, Inputs(gap=1e-6, horizon=len(alpha))).bound
    chi = alpha / np.sqrt(gap)
    weight = np.maximum.accumulate((chi**2 + 2 * chi)[::-1])[::-1]
    return float((weight[0] * math.log(2) - weight @ np.log1p(-gap)) / np.sum(alpha))


def largest_rise(case: Case, T: int) -> float:
    """sup over i <= t <= T of chi_t/chi_i."""
    alpha, gap = numbers(case, T)
    chi = alpha / np.sqrt(gap)
    return float(np.max(chi / np.minimum.accumulate(chi)))


def contradiction(case: Case, said: Worked, found: tuple[float, float], rises: tuple[float, float]) -> str:
    """What brute force has against exponents, or ""."""
    room = tolerance(case)
    for name, pair, slope in (("ratio", said.ratio, found[0]), ("bound", said.order, found[1])):
        if abs(exact(pair) - slope) > room:
            return f"slope of the {name} {slope:.4f}, said {exact(pair):.4f}, tolerance {room:.4f}"
    grows = rises[1] > rises[0] * (1 + 1e-9) * 2.0 ** (float(said.chi[0]) / 2)
    if said.chi > ONE and said.chi[0] > 0 and not grows:
        return f"chi is said to rise, and sup chi_t/chi_i is {rises[1]:.4g}"
    if said.chi <= ONE and said.chi[0] < 0 and rises[1] > rises[0] * (1 + 1e-9):
        return f"chi is said not to rise, and sup chi_t/chi_i goes from {rises[0]:.4g} to {rises[1]:.4g}"
    return ""


@cache
def brute(seed: int, count: int, spawn: int = 1) -> list[tuple[Case, tuple[float, float], tuple[float, float]]]:
    """So many draws that are not near a boundary, with what brute force finds."""
    found, k = [], 0
    while len(found) < count:
        case = drawn(seeds.generator(seed, spawn, k))
        k += 1
        if not case.near and worked(case) is not None:
            found.append((case, slopes(case), (largest_rise(case, SHORT), largest_rise(case, LONG))))
    return found


# The check


def run(context: Context) -> Iterator[Verdict]:
    if not context.wants(rule_of("generic_adam")):
        return
    for (lr, beta1, beta2), known in CASES.items():
        found = told(limit(recursion("generic_adam", {"eta": lr, "beta1": beta1, "beta2": beta2})))
        yield _told(context, f"{lr}; {beta1}; {beta2}", found, known)
    later = told(limit(recursion("generic_adam", {"eta": "1/sqrt(t)", "beta1": "0.9", "beta2": "1 - 1/t"}), start=2))
    yield _told(context, "1/sqrt(t); 0.9; 1 - 1/t from t = 2", later, ("CONVERGES", SC, ("-1/2", "1"), ""))
    for name, (given, known) in RULES.items():
        if name in SLOW and context.tier == "fast":
            continue
        yield _told(context, name, told(limit(recursion(name, given))), known)
    yield _exactly(context, 16 if context.tier == "fast" else 400)
    yield from _by_brute_force(context, 10 if context.tier == "fast" else 100)


def _told(context: Context, subject: str, found: Known, known: Known) -> Verdict:
    return context.verdict(subject, found == known, "T1", n=1, detail={"found": str(found), "known": str(known)})


def _exactly(context: Context, draws: int) -> Verdict:
    """converge against the exponents by hand."""
    cases = [drawn(seeds.generator(context.seed, 0, k)) for k in range(draws)]
    pairs = [(case, asked(case), worked(case)) for case in cases]
    wrong = [f"{case}: {a}, by hand {b}" for case, a, b in pairs if a is not None and a != b]
    decided = sum(a is not None for _, a, _ in pairs)
    detail = {"decided": decided, "wrong": "; ".join(wrong[:2]) or "none"}
    return context.verdict("fresh exponents, by hand", not wrong and decided > draws / 2, "T1", n=draws, detail=detail)


def _by_brute_force(context: Context, draws: int) -> Iterator[Verdict]:
    found = brute(context.seed, draws)
    wrong = [f"{c}: {w}" for c, s, r in found if (w := contradiction(c, _sure(c), s, r))]
    detail = {"wrong": "; ".join(wrong[:2]) or "none", "widest tolerance": max(tolerance(c) for c, *_ in found)}
    yield context.verdict("fresh exponents, by brute force", not wrong, "T1", n=draws, detail=detail)
    least = min((_spread_room(c, r[1]) for c, _, r in found), default=math.inf)
    yield context.verdict("C0 is an upper bound", least >= 1 - 1e-9, "T1", n=draws, detail={"C0 over the sup": least})


def _sure(case: Case) -> Worked:
    found = worked(case)
    assert found is not None
    return found


def _spread_room(case: Case, rise: float) -> float:
    """C0 as converge says it over sup chi_t/chi_i for t <= 2^20."""
    try:
        s = Schedules(recursion("generic_adam", case.given()))
        said = spread(s) if s.growth(s.recursion.chi) <= BOUNDED else None
    except Undecided:
        said = None
    return math.inf if said is None else float(said) / rise


SLIPS = {
    "SC3 with the wrong sign": Slip(sign=-1),
    "r for r/2": Slip(half=Fraction(1)),
    "r/4 for r/2": Slip(half=Fraction(1, 4)),
    "chi for its square": Slip(weight=False),
    "weights that grow summed with the rest": Slip(sums=False),
    "momentum forgotten": Slip(momentum=0),
    "momentum twice": Slip(momentum=2),
}


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("generic_adam")):
        return
    for name, slip in SLIPS.items():
        yield Mutant(name, "sums over t in NumPy", partial(_refuted, slip))
    yield Mutant("logarithms dropped", "sums over t in NumPy", partial(_refuted_at, LOGARITHMIC, Slip(log=False)))


LOGARITHMIC = (Case(Fraction(1, 2), Fraction(0), Fraction(1), Fraction(0), None),)
"""sum 1/t: log T in the ratio and in the bound."""


def _refuted(slip: Slip) -> str:
    """By the draws of the pinned seed, whatever seed is run: not every ten of them meet every slip."""
    return next((how for c, s, r in brute(seeds.root(check.id), 10) if (how := _against(c, slip, s, r))), "")


def _refuted_at(cases: tuple[Case, ...], slip: Slip) -> str:
    found = ((c, slopes(c), (largest_rise(c, SHORT), largest_rise(c, LONG))) for c in cases)
    return next((how for c, s, r in found if (how := _against(c, slip, s, r))), "")


def _against(case: Case, slip: Slip, found: tuple[float, float], rises: tuple[float, float]) -> str:
    said = worked(case, slip)
    return contradiction(case, said, found, rises) if said is not None else ""


check = Check(
    id="verdicts-from-exponents",
    claim="Whether converge says that schedules are covered, by what and at which rate, follows from exact exponents: "
    "known cases come out, fresh ones agree with hand calculation, log powers included, and with sums up to T = 2^20.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "generic_adam",
    source=Source("chen2022towards", "the sufficient condition", "the certificate's orders are ours"),
)
