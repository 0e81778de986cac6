"""Modified equations: the drift and diffusion of the SDE of weak order 2 or 3, from the generator of one step.

    drift = sum_n h^n [d](L_n),   D[a, b] = sum_n h^n [d_a d_b](L_n) (1 + (a = b)),   n < order

There is such an SDE where L has only first and second derivatives up to h^(order - 1) and D is non-negative up to
h^order. Else the refusal names the derivative of higher order, its coefficient, and what would remove it.
Conversely an Ito SDE in the same states whose means agree up to O(h^order) for all smooth functions and all times
has this generator up to O(h^order), and a generator of an SDE has no derivative of order above 2.
source: Li, Tai & E 2017 for SGD (order 2); Callisti, Romito & Triggiano 2025 compare regimes of adaptive methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .forms import shortest, tidy, tidy_quotient, vanishes
from .generator import K3, SIDES, Generator, generator
from .hypothesis import Hypothesis
from .noise import GAUSSIAN, UNSKEWED, NoiseModel
from .obstructions import conditions, contradiction, obstructions
from .operators import differentiated
from .scales import DF, Scales

Entries = dict[tuple[str, str], Expr]
NAMED_NOISE = {"gaussian": GAUSSIAN, "unskewed": UNSKEWED}
WHATEVER = "whatever the law of the noise"
"""Said of an order that no law of the noise allows."""
NON_NEGATIVE = Hypothesis(
    "non-negative diffusion", "D is positive semidefinite at the h that is used: so it is for small h where Sigma > 0"
)


@dataclass(frozen=True)
class Modified:
    """The parts of an SDE.

    drift, diffusion: of one coordinate.   cross: D between two coordinates; empty where one was treated.

    coupling: what each other coordinate j adds to the drift of coordinate i, letters with suffixes.
    """

    drift: dict[str, Expr]
    diffusion: Entries
    cross: Entries
    coupling: Mapping[str, Expr] = field(default_factory=dict)
    hypotheses: tuple[Hypothesis, ...] = ()
    remarks: tuple[str, ...] = ()


def modified(scales: Scales, noise: NoiseModel, order: int) -> Modified:
    """raises: Refused where there is no SDE of that order, with the obstruction."""
    found = generator(scales, noise, order)
    if stopped := _refusal(scales, noise, order, found):
        raise stopped
    states = list(found.coordinates)
    drift = {x.name: _sum(found, scales, x) for x in states}
    diffusion = {(a.name, b.name): _entry(found, scales, a, b) for a in states for b in states}
    completed = _completed(scales, order, found, diffusion)
    corrected = any(sum(1 for k in found.terms if found.coefficient(k, x, x) != 0) > 1 for x in states)
    remarks = [f"D[{a},{b}] is completed at a higher power of h, so that D is non-negative" for a, b in completed]
    cross: Entries = {}
    coupling: dict[str, Expr] = {}
    if scales.regime == "small" and order == 2:
        cross, coupling, said = _coordinates(scales, noise, found)
        remarks += said
    else:
        remarks.append("derived for one parameter: with several, derivatives in the others add terms at this order")
    remarks.append("order is about h going to 0: at a given h an equation of lower order can be closer for some mean")
    return Modified(
        drift, {**diffusion, **completed}, cross, coupling, (NON_NEGATIVE,) if corrected else (), tuple(remarks)
    )


def obstacle(scales: Scales, noise: NoiseModel, order: int) -> Refused | None:
    """The refusal of that order; None where the generator of one step is that of an SDE up to h^(order - 1)."""
    return _refusal(scales, noise, order, generator(scales, noise, order))


def _sum(found: Generator, scales: Scales, *states: Symbol) -> Expr:
    """sum_n h^n times the coefficient of this derivative."""
    h = scales.time_per_step
    parts = []
    for exponent, operator in found.terms.items():
        index = tuple(states.count(x) for x in found.coordinates)
        held = operator.get(index, sympy.Integer(0))
        forms = [tidy(found.revealed(held))] if exponent == 0 else []  # as at order 1
        value = shortest(forms or [found.revealed(tidy_quotient(held)), tidy_quotient(found.revealed(held))])
        parts.append(h ** sympy.Rational(exponent.numerator, exponent.denominator) * value)
    return sympy.Add(*parts)


def _entry(found: Generator, scales: Scales, a: Symbol, b: Symbol) -> Expr:
    """D[a, b]: L has D[a, a]/2 d_a^2 and D[a, b] d_a d_b."""
    value = _sum(found, scales, a, b)
    return sympy.Add(*(2 * term for term in sympy.Add.make_args(value))) if a == b else value


# D must be non-negative


def _completed(scales: Scales, order: int, found: Generator, diffusion: Mapping[tuple[str, str], Expr]) -> Entries:
    """Entries added beyond the order where a state without noise is correlated with one that has it.

    D = [[0, x], [x, s]] is not non-negative; [[x^2/s, x], [x, s]] is, and differs by O(h^order).
    """
    names = [x.name for x in found.coordinates]
    noisy = [n for n in names if diffusion[n, n] != 0]
    still = [n for n in names if n not in noisy and any(diffusion[n, m] != 0 for m in names)]
    if not still:
        return {}
    between = [(a, b) for a in still for b in still if diffusion[a, b] != 0]
    driving = [m for m in noisy if any(diffusion[n, m] != 0 for n in still)]
    if between or len(driving) > 1:
        raise Refused(
            f"{scales.rule.label}: D of order {order} is not shown to be non-negative.",
            f"{', '.join(still)} have no noise of their own and are correlated with {', '.join(driving or still)}.",
            f"No SDE of order {order} is claimed for this variant.",
        )
    (m,) = driving
    x, s = (_lowest(found, [n for n in found.coordinates if n.name in pair]) for pair in ((still[0], m), (m,)))
    if 2 * x - s < order:
        raise Refused(
            f"{scales.rule.label}: D of order {order} is not non-negative.",
            f"{still[0]} has no noise of its own and is correlated with {m} at h^({x}).",
            f"There is no SDE of order {order} for this variant.",
        )
    return {(a, b): sympy.simplify(diffusion[a, m] * diffusion[b, m] / diffusion[m, m]) for a in still for b in still}


def _lowest(found: Generator, states: list[Symbol]) -> Fraction:
    pair = states * 2 if len(states) == 1 else states
    return min(k for k in found.terms if found.coefficient(k, *pair) != 0)


# Several coordinates


def _coordinates(scales: Scales, noise: NoiseModel, one: Generator) -> tuple[Entries, dict[str, Expr], list[str]]:
    """D between coordinates i and j, and what j adds to the drift of i, from one step of two coupled coordinates."""
    two = generator(scales, noise, 2, SIDES)
    names = [x.name for x in one.coordinates]
    at = {(n, side): x for side, part in zip(SIDES, _halves(two.coordinates), strict=True)
          for n, x in zip(names, part, strict=True)}  # fmt: skip
    cross = {(a, b): _sum(two, scales, at[a, "i"], at[b, "j"]) for a in names for b in names}
    coupling = {n: _of_the_other(_sum(two, scales, at[n, "i"])) for n in names}
    said = []
    if one.coordinates and len(names) == 1 and _is_gradient_correction(two, at[names[0], "i"]):
        said.append(f"in any number of coordinates the drift is -grad(f + {scales.time_per_step}/4 |grad f|^2)")
    return cross, {n: e for n, e in coupling.items() if e != 0}, said


def _halves(items: tuple[Symbol, ...]) -> tuple[tuple[Symbol, ...], tuple[Symbol, ...]]:
    middle = len(items) // 2
    return items[:middle], items[middle:]


def _of_the_other(drift: Expr) -> Expr:
    """The terms with a letter of coordinate j."""
    terms = sympy.Add.make_args(sympy.expand(drift))
    kept = [t for t in terms if any("j" in s.name.partition("_")[2] for s in t.free_symbols)]
    return shortest([sympy.factor_terms(sympy.Add(*kept)), sympy.factor(sympy.Add(*kept))])


def _is_gradient_correction(two: Generator, theta_i: Symbol) -> bool:
    """Whether L0 + h L1 has the drift -d_i(f + h/4 |grad f|^2): compared for two coordinates."""
    df = {side: Symbol(f"{DF.name}_{side}", **DF.assumptions0) for side in SIDES}
    square = sympy.Add(*(df[s] * (differentiated(df[s], "i") or 0) for s in SIDES)) * 2
    first, second = two.coefficient(Fraction(0), theta_i), two.coefficient(Fraction(1), theta_i)
    return vanishes(first + df["i"]) and vanishes(second + square / 4)


# Refusals


def _refusal(scales: Scales, noise: NoiseModel, order: int, found: Generator) -> Refused | None:
    stopped = obstructions(found)
    if not stopped:
        return None
    lowest = stopped[0].exponent
    here = [o for o in stopped if o.exponent == lowest]
    needed = conditions(found, here)
    clash = contradiction(needed)
    shown = [c.of for c in clash] or here
    law = WHATEVER if noise.law == "any" else f"with {noise.law} noise"
    subject = f"{scales.rule.label} has"
    here_in = f"SDE of order {order} in the {scales.regime} regime"
    what = f"{subject} no {here_in}, {law}."
    if not clash:
        what = f"{subject} an {here_in} only if {' and '.join(dict.fromkeys(map(str, needed)))}."
    at = "" if lowest == 0 else f" at h^({lowest})" if lowest != 1 else " at h"
    why = (
        f"The generator of one step has{at} derivatives of order above 2, and that of an SDE in these states has none: "
        + "; ".join(map(str, shown))
        + "."
    )
    if clash:
        why += f" Of these {', '.join(c.demand for c in clash)}" + (": a contradiction." if len(clash) > 1 else ".")
    if any(o.coefficient.has(K3) for o in shown):
        why += " K3 stands for sigma E z^3."
    return Refused(what, why, _way_out(scales, noise, order, int(lowest), bool(clash)))


def _way_out(scales: Scales, noise: NoiseModel, order: int, highest: int, clash: bool) -> str:
    """A noise law that derives it, if one does; else the order that there is."""
    if noise.law == "any" and not clash:
        laws = [n for n, model in NAMED_NOISE.items() if not obstructions(generator(scales, model, order))]
        if laws:
            options = " or ".join(f"--noise {name}" for name in laws)
            return f"{options} derives it; order {highest} needs no such condition."
    return f"Use order {highest}" + (", or the small regime." if scales.regime == "diffusive" and highest == 1 else ".")
