"""The worst case of N steps of gradient descent, found by cvxpy and proved by the kernel (performance estimation).

f is convex and 1-smooth with minimum 0 at 0, x_{k+1} = x_k - g_k. Nodes are the steps 0 .. N and the minimiser *; the
interpolation inequality of a pair (a, b) is f_a - f_b - <g_b, x_a - x_b> - |g_a - g_b|^2/2 >= 0. Multipliers >= 0
with flow -1 into N leave of tau |x_0|^2 - f_N a quadratic form in x_0, g_0 .. g_N, which is a sum of squares where tau
is large enough. The least tau is 1/(4N + 2) (Drori & Teboulle 2014). The solver says floats: they are rounded to
fractions above that, and are worth nothing until the kernel accepts the steps made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np

from driftproof.theory.kernel.replay import Report, replay
from driftproof.theory.proving.script import Proof
from driftproof.theory.proving.spoken import canonical
from driftproof.theory.proving.theorem import Theorem

from .extras import extras_named

STAR = -1
Pair = tuple[int, int]
Weights = Mapping[Pair, Fraction]


@dataclass(frozen=True)
class Found:
    """tau and the multipliers, exactly."""

    steps: int
    tau: Fraction
    weights: Weights


def _rows(a: int, steps: int) -> tuple[list[int], list[int]]:
    """x_a and g_a in terms of (x_0, g_0, .., g_N); both are 0 at the minimiser."""
    if a == STAR:
        return [0] * (steps + 2), [0] * (steps + 2)
    x = [1] + [-1 if k < a else 0 for k in range(steps + 1)]
    return x, [0] + [int(k == a) for k in range(steps + 1)]


def form(pair: Pair, steps: int) -> list[list[Fraction]]:
    """The symmetric matrix of <g_b, x_a - x_b> + |g_a - g_b|^2/2."""
    (xa, ga), (xb, gb) = (_rows(node, steps) for node in pair)
    x, g, n = (
        [p - q for p, q in zip(xa, xb, strict=True)],
        [p - q for p, q in zip(ga, gb, strict=True)],
        range(steps + 2),
    )
    return [[Fraction(gb[i] * x[j] + gb[j] * x[i] + g[i] * g[j], 2) for j in n] for i in n]


def pairs(steps: int) -> list[Pair]:
    return list(permutations([STAR, *range(steps + 1)], 2))


def searched(steps: int, slack: Fraction = Fraction(1, 1000), digits: int = 6) -> Found:
    """Multipliers for a tau that is larger than 1/(4N + 2) by the fraction `slack`, far from all borders, rounded."""
    with extras_named():
        import cvxpy
    tau, all_pairs = (1 + slack) / (4 * steps + 2), pairs(steps)
    weight, room = cvxpy.Variable(len(all_pairs)), cvxpy.Variable()
    flow = np.array([[int(a == k) - int(b == k) for a, b in all_pairs] for k in range(steps + 1)])
    wanted = np.array([-int(k == steps) for k in range(steps + 1)])
    start = np.zeros((steps + 2, steps + 2))
    start[0, 0] = float(tau)
    left = start + sum(weight[k] * np.array(form(pair, steps), dtype=float) for k, pair in enumerate(all_pairs))
    rows = [flow @ weight == wanted, weight >= room, left - room * np.eye(steps + 2) >> 0]
    cvxpy.Problem(cvxpy.Maximize(room), rows).solve(solver=cvxpy.CLARABEL)
    rounded = {pair: Fraction(round(float(value) * 10**digits), 10**digits)
               for pair, value in zip(all_pairs, weight.value, strict=True)}  # fmt: skip
    for k in range(steps + 1):  # what rounding took from the flow, the edge from the minimiser gives back
        lacking = sum(rounded[p] * ((p[0] == k) - (p[1] == k)) for p in all_pairs) + int(k == steps)
        rounded[STAR, k] += lacking
    return Found(steps, tau, rounded)


def squares(matrix: Sequence[Sequence[Fraction]]) -> list[tuple[Fraction, list[Fraction]]]:
    """z'Mz = sum c (l'z)^2, by LDL'; whether c > 0 is for the kernel to see. raises: ValueError where a pivot is 0."""
    rest, found = [list(row) for row in matrix], []
    for k in range(len(rest)):
        pivot = rest[k][k]
        if not pivot:
            raise ValueError(f"pivot {k} is 0")
        line = [value / pivot for value in rest[k]]
        found.append((pivot, line))
        rest = [[rest[i][j] - pivot * line[i] * line[j] for j in range(len(rest))] for i in range(len(rest))]
    return found


# As a theorem


def _letters(steps: int) -> list[str]:
    return ["x(i)", *(f"g{k}(i)" for k in range(steps + 1))]


def _quadratic(matrix: Sequence[Sequence[Fraction]], letters: Sequence[str]) -> str:
    terms = [f"({matrix[i][j] * (1 if i == j else 2)})*{letters[i]}*{letters[j]}"
             for i in range(len(letters)) for j in range(i, len(letters)) if matrix[i][j]]  # fmt: skip
    return " + ".join(terms) or "0"


def _value(node: int) -> str:
    return "0" if node == STAR else f"f{node}"


def _name(pair: Pair) -> str:
    return "from_" + "_to_".join("star" if node == STAR else str(node) for node in pair)


def theorem(found: Found) -> Theorem:
    """f_N <= tau |x_0|^2, with the steps that the multipliers make."""
    n, letters = found.steps, _letters(found.steps)
    forms = {pair: form(pair, n) for pair in pairs(n)}
    hypotheses = {_name(p): f"{_value(p[0])} - {_value(p[1])} - sum(i < d, {_quadratic(m, letters)}) >= 0"
                  for p, m in forms.items()}  # fmt: skip
    used = {pair: value for pair, value in found.weights.items() if value}
    left = [[sum((w * forms[p][i][j] for p, w in used.items()), found.tau if i == j == 0 else Fraction(0))
             for j in range(n + 2)] for i in range(n + 2)]  # fmt: skip
    whole = _quadratic(left, letters)
    claim = f"f{n} <= {found.tau}*sum(i < d, x(i)^2)"

    def script(proof: Proof) -> None:
        with proof.fixing("each", f"forall i nat: {whole} >= 0") as one:
            lines = [
                (c, " + ".join(f"({v})*{z}" for v, z in zip(line, letters, strict=True) if v))
                for c, line in squares(left)
            ]
            products = [[str(c), [canonical(text)], []] for c, text in lines]
            one.step("here", f"{whole} >= 0", "combination", products=products, equations=[])
        proof.add("all", f"sum(i < d, {whole}) >= 0", "each", "d")
        rows: list[Any] = [[str(value), [], [_name(pair)]] for pair, value in used.items()]
        parts = [f"({value})*sum(i < d, {_quadratic(forms[pair], letters)})" for pair, value in used.items()]
        proof.linear("split", f"sum(i < d, {whole}) = {' + '.join([f'{found.tau}*sum(i < d, x(i)^2)', *parts])}")
        products = [["1", [], ["all"]], *rows]
        proof.step("rate", claim, "combination", products=products, equations=[["-1", "split"]])

    families = {letter.split("(")[0]: "real(nat)" for letter in letters}
    values = {f"f{k}": "real" for k in range(n + 1)}
    zero: dict[str, Any] = {**dict.fromkeys(values, "0"), **{name: ["i", "0"] for name in families}, "d": "1"}
    return Theorem(f"worst_case_of_{n}_steps", "A worst case", "Found by a search.", {"d": "nat", **values, **families},
                   hypotheses, {"rate": claim}, zero, script)  # fmt: skip


def accepted(found: Found) -> Report:
    """What the kernel says of it. raises: NotProved, with the kernel's reason."""
    said = theorem(found)
    return replay(said.certificate({}, {}, {}), said.statement(), {}, {})
