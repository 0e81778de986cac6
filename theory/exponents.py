"""Distinguished limits: the powers of the time per step h that hyperparameters, noise and states must carry.

Every term of the mean of one step must weigh as much as time (h), and so must the variance that the noise
gives. Weights are exponents of h, so balance is a linear system. Solved with h = 1 it is the distinguished
limit; solved with the noise scale's weight set to -1/2 (batch size kappa) it is the scaling rule.
A term that the solution makes strictly smaller than its balance is dominated and dropped, and reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

from .errors import Refused

NOISE = "sigma (noise)"
"""The unknown of the noise scale; no letter of a rule can be called so."""

MOST_DROPPED = 3
"""Of each kind; more dominated terms than that are not looked for."""

Form = Mapping[str, Fraction]
"""A linear form: unknown -> coefficient; the key "" holds the constant."""


class Contradiction(Refused):
    """No choice of dominated terms makes the balances consistent."""


def form(**terms: int | Fraction) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in terms.items()}


def add(*forms: Form) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for item in forms:
        for name, value in item.items():
            total[name] = total.get(name, Fraction(0)) + value
    return {name: value for name, value in total.items() if value}


def times(factor: Fraction, item: Form) -> dict[str, Fraction]:
    return {name: factor * value for name, value in item.items() if factor * value}


def subtract(left: Form, right: Form) -> dict[str, Fraction]:
    return add(left, times(Fraction(-1), right))


@dataclass(frozen=True)
class Balance:
    """`weight = 0`, and where it comes from.

    kind: "inner" (terms of a sum), "mean" or "variance" of a step, which may turn out dominated (weight > 0);
    "fixed" is never dropped.
    """

    weight: Form
    reason: str
    kind: str = "fixed"

    def __str__(self) -> str:
        constant = -self.weight.get("", Fraction(0))
        terms = [f"{_coefficient(v)}{k}" for k, v in sorted(self.weight.items()) if k]
        return f"{' + '.join(terms) or '0'} = {constant}   [{self.reason}]".replace("+ -", "- ")


def _coefficient(value: Fraction) -> str:
    return "" if value == 1 else "-" if value == -1 else f"{value} "


@dataclass(frozen=True)
class Weights:
    """The unique solution: powers of h, with the rank that proves uniqueness."""

    values: Mapping[str, Fraction]
    rank: int
    unknowns: tuple[str, ...]
    equations: tuple[Balance, ...]
    dominated: tuple[Balance, ...]

    def of(self, item: Form) -> Fraction:
        return sum((v * (self.values[k] if k else 1) for k, v in item.items()), Fraction(0))


def solve(balances: Sequence[Balance], unknowns: Sequence[str], label: str, diffusion: bool) -> Weights:
    """The weights of the distinguished limit, with as few dominated terms as can be.

    diffusion: the limit must keep the variance of some state.
    raises: Refused when no choice of dominated terms makes the system consistent, when the balances leave
    some weight free (rank deficiency, which is reported and never resolved silently), or when two limits exist.
    """
    for number, level in enumerate(_levels(balances)):
        found: dict[tuple[Fraction, ...], Weights] = {}
        for dropped in level:
            kept = [b for b in balances if b not in dropped]
            solution = _solve_linear(kept, unknowns)
            if solution is None or (diffusion and all(b.kind != "variance" for b in kept)):
                continue
            weights = Weights(*solution, tuple(unknowns), tuple(kept), dropped)
            if weights.rank == len(unknowns) and all(weights.of(b.weight) > 0 for b in dropped):
                found[tuple(weights.values[u] for u in unknowns)] = weights
            elif number == 0:
                raise _rank_deficient(weights, label)
        if len(found) == 1:
            return next(iter(found.values()))
        if len(found) > 1:
            raise Refused(
                f"{label}: {len(found)} distinguished limits exist.",
                "; ".join(str({u: str(w.values[u]) for u in unknowns}) for w in found.values()),
                "The balances alone do not choose between them.",
            )
    raise Contradiction(
        f"{label}: no distinguished limit; the balances contradict each other: {'; '.join(map(str, balances))}.",
        "Some state does not vary slowly, or the noise dominates a term that has to balance the drift.",
        "No SDE is claimed for this variant in this regime.",
    )


def _levels(balances: Sequence[Balance]) -> Iterable[list[tuple[Balance, ...]]]:
    """Sets of balances to drop, fewest first: of steps before of sums, since a limit should keep every drift."""
    steps = [b for b in balances if b.kind in ("mean", "variance")]
    inner = [b for b in balances if b.kind == "inner"]
    for of_steps in range(min(len(steps), MOST_DROPPED) + 1):
        for of_sums in range(min(len(inner), MOST_DROPPED) + 1):
            yield [(*a, *b) for a in combinations(steps, of_steps) for b in combinations(inner, of_sums)]


def _rank_deficient(weights: Weights, label: str) -> Refused:
    free = [u for u in weights.unknowns if not _determined(weights.equations, weights.unknowns, u)]
    return Refused(
        f"{label}: the exponent system has rank {weights.rank} for {len(weights.unknowns)} unknowns.",
        f"Left free: {', '.join(free)}. Equations: " + "; ".join(str(e) for e in weights.equations),
        "A limit that leaves a hyperparameter free says nothing about it; declare it a constant.",
    )


def _determined(equations: Sequence[Balance], unknowns: Sequence[str], name: str) -> bool:
    """Whether the equations fix one unknown: pinning it elsewhere must make them inconsistent."""
    for value in (Fraction(0), Fraction(1)):
        pin = Balance({name: Fraction(1), "": -value}, "")
        if _solve_linear([*equations, pin], unknowns) is None:
            return True
    return False


def _solve_linear(balances: Iterable[Balance], unknowns: Sequence[str]) -> tuple[dict[str, Fraction], int] | None:
    """Gauss elimination over the rationals: (a solution, rank), or None if inconsistent.

    Rows are kept as integers without a common factor: many choices of dominated terms are tried.
    """
    rows = [_row(b.weight, tuple(unknowns)) for b in balances]
    pivots: list[int] = []
    for column in range(len(unknowns)):
        top = len(pivots)
        pivot = next((r for r in range(top, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[top], rows[pivot] = rows[pivot], rows[top]
        leading = rows[top]
        for r, row in enumerate(rows):
            if r != top and row[column]:
                a, b = leading[column], row[column]
                rows[r] = _reduced([a * x - b * y for x, y in zip(row, leading, strict=True)])
        pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    values = dict.fromkeys(unknowns, Fraction(0))
    for r, column in enumerate(pivots):
        values[unknowns[column]] = Fraction(rows[r][-1], rows[r][column])
    return values, len(pivots)


def _row(weight: Form, unknowns: tuple[str, ...]) -> list[int]:
    """The coefficients of the unknowns and the constant on the other side, as integers."""
    exact = [weight.get(u, Fraction(0)) for u in unknowns] + [-weight.get("", Fraction(0))]
    scale = lcm(*(x.denominator for x in exact))
    return _reduced([int(x * scale) for x in exact])


def _reduced(row: list[int]) -> list[int]:
    common = gcd(*row)
    return [x // common for x in row] if common > 1 else row
