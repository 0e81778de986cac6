"""Nonnegative rational solutions of linear equations, by the simplex method with Bland's rule."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Row = list[Fraction]


def nonnegative_solution(rows: Sequence[Row], right: Row, strict: Sequence[int] = ()) -> Row | None:
    """x >= 0 with rows x = right, and some x_k > 0 for k in `strict` where that is given; None where there is none."""
    width = len(rows[0]) if rows else 0
    solution = _feasible([list(row) for row in rows], list(right), width)
    if solution is None or not strict or any(solution[k] > 0 for k in strict):
        return solution
    for wanted in strict:  # move along a direction that raises x_wanted, or show that none is
        shifted = _feasible(
            [[*row, -b] for row, b in zip(rows, right, strict=True)] + [_unit(width, wanted)],
            [Fraction(0)] * len(rows) + [Fraction(1)],
            width + 1,
        )
        if shifted is None:
            continue
        scale = shifted[width]
        if scale > 0:
            return [value / scale for value in shifted[:width]]
        return [one + two for one, two in zip(solution, shifted[:width], strict=True)]
    return None


def _unit(width: int, place: int) -> Row:
    return [Fraction(int(k == place)) for k in range(width + 1)]


def _feasible(rows: list[Row], right: Row, width: int) -> Row | None:
    """Phase one: artificial variables start as the basis, and their sum is brought to 0."""
    height = len(rows)
    table = []
    for place, (row, value) in enumerate(zip(rows, right, strict=True)):
        sign = -1 if value < 0 else 1
        table.append([sign * entry for entry in row] + _identity(height, place) + [sign * value])
    basis = [width + place for place in range(height)]
    cost = [-sum((row[k] for row in table), Fraction(0)) for k in range(width)] + [Fraction(0)] * height
    cost.append(-sum((row[-1] for row in table), Fraction(0)))
    while True:
        entering = next((k for k in range(width) if cost[k] < 0), None)
        if entering is None:
            break
        ratios = [(row[-1] / row[entering], basis[p], p) for p, row in enumerate(table) if row[entering] > 0]
        if not ratios:
            return None
        _pivot(table, cost, basis, min(ratios)[2], entering)
    if cost[-1] != 0:
        return None
    found = [Fraction(0)] * width
    for place, variable in enumerate(basis):
        if variable < width:
            found[variable] = table[place][-1]
    return found


def _identity(height: int, place: int) -> Row:
    return [Fraction(int(k == place)) for k in range(height)]


def _pivot(table: list[Row], cost: Row, basis: list[int], leaving: int, entering: int) -> None:
    pivot = table[leaving][entering]
    table[leaving] = [entry / pivot for entry in table[leaving]]
    for row in (*(row for place, row in enumerate(table) if place != leaving), cost):
        factor = row[entering]
        if factor:
            for k, entry in enumerate(table[leaving]):
                if entry:
                    row[k] -= factor * entry
    basis[leaving] = entering
