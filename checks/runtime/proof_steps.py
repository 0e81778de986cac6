"""Each step of the certificate's proof by itself, on runs of which every path is known; and its sums by definition.

The letters are those of theory/certificate.py. Nothing here is taken from it but the sequences that are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from driftproof.theory.certificate import Inputs

from .enumerated import Array, Moment, Problem, Settings, by_hand


def excess(left: Any, right: Any) -> float:
    """By how much left <= right is broken, in units of their sizes."""
    gap, size = np.asarray(left) - np.asarray(right), np.abs(left) + np.abs(right)
    return float(np.max(gap / np.where(size > 0, size, 1)))


def judged(p: Problem, s: Settings, q: Mapping[str, Array], a: float = 2.0, d: float = 1.0) -> dict[str, float]:
    """How much each inequality of the proof is broken at worst: at most rounding where it holds.

    q: the sequences rho, P, A, c, Q, w, wbar at every step.   a, d: the constants of A and D, for wrong ones.
    """
    found: dict[str, float] = {}
    for name, value in _steps(p, s, q, a, d):
        found[name] = max(found.get(name, -1.0), value)
    return found


def _steps(p: Problem, s: Settings, q: Mapping[str, Array], a: float, d: float) -> Iterator[tuple[str, float]]:
    chances, L, G = p.chances(), p.smoothness, p.largest()
    zero = np.zeros((2**p.steps, p.dim))
    first = np.sqrt(s.v_start + s.inside[0]) + s.outside[0]
    before = Moment(p.start, zero, zero, zero + s.v_start, zero + first, zero, zero)
    gone, charge, kept = 0.0, 0.0, 0.0  # sums over t: of grad^2/(2 st), of w U, of wbar U, in expectation
    spread, energy = zero, 0.0  # sum_i R (1 - beta1)^2 chi^2 U_i, and M_{t-1}
    top = np.sqrt(G**2 + s.v_start + s.inside.max()) + s.outside.max()
    for t, now in enumerate(by_hand(p, s)):
        rate, short, keep = s.alpha[t] * (1 - s.beta1[t]), 1 - s.beta2[t], np.sqrt(s.beta2[t])
        grad = p.gradient(now.x)
        share = p.given_the_past((now.g / now.sized) ** 2, t)
        yield (
            "A",
            excess(
                grad**2 / (2 * now.expected),
                p.given_the_past(grad * now.g / now.sized, t) + a * np.sqrt(short) * G * share,
            ),
        )
        yield "B", excess(now.m**2, q["A"][t] * now.v)
        grown = _grown(s, t, before, now)
        bracket = grown / (keep * before.sized * now.sized)
        parts = q["rho"][t] * before.moved - rate * now.g / now.sized + s.alpha[t] * s.beta1[t] * before.m * bracket
        yield "C", float(np.max(np.abs(now.moved - parts) / (np.abs(parts) + s.alpha[t])))
        U = -d * 2 * np.log1p(-grown / now.sized)
        yield "D: the damped root keeps up", excess(keep * before.sized, now.sized)
        yield "D: the share of g^2", excess(short * now.g**2 / now.sized**2, U)
        yield "D: the bracket", excess(bracket * keep * before.sized, U / 2)
        spread = q["rho"][t] * spread + (1 - s.beta1[t]) ** 2 * s.alpha[t] ** 2 / short * U
        yield "E: the step", excess(now.moved**2, q["P"][t] * spread)
        yield "E: the root", excess(chances @ np.sum(now.sized**2, axis=1), p.dim * top**2)

        def mean(values: Array) -> float:
            return float(chances @ np.sum(values, axis=1))

        square = mean(now.moved**2)
        work = mean(grad * now.moved) + L * square
        own = rate * mean(grad**2 / (2 * now.expected))
        yield "F: smoothness", excess(chances @ (p.value(now.x + now.moved) - p.value(now.x)), work)
        yield "F: one step", excess(work, q["rho"][t] * energy - own + q["c"][t] * mean(U) + L * square)
        gone, charge, kept = gone + own, charge + q["w"][t] * mean(U), kept + q["wbar"][t] * mean(U)
        norm = float(chances @ np.linalg.norm(grad, axis=1) ** (4 / 3)) ** 1.5
        yield "G", excess(norm, mean(grad**2 / now.expected) * np.sqrt(mean(now.expected**2)))
        before, energy = now, work
    yield "F: all steps", excess(gone, p.gap + charge)
    yield "F: the larger weights", excess(charge, kept)
    forgotten = -float(q["wbar"] @ np.log(s.beta2))
    yield "E: telescoped", excess(kept, p.dim * (2 * q["wbar"][0] * np.log(top / first) + forgotten))


def _grown(s: Settings, t: int, before: Moment, now: Moment) -> Array:
    """s_t - sqrt(beta2_t) s_{t-1}, without cancellation: a difference of roots is one of squares over a sum."""
    b, earlier = s.beta2[t], max(t - 1, 0)
    squares = (1 - b) * now.g**2 + (s.inside[t] - b * s.inside[earlier])
    roots = np.sqrt(now.v + s.inside[t]) + np.sqrt(b * (before.v + s.inside[earlier]))
    return squares / roots + (s.outside[t] - np.sqrt(b) * s.outside[earlier])


# By definition


def defined(s: Settings, inputs: Inputs) -> tuple[dict[str, list[Any]], Any]:
    """The sequences by their sums over pairs of steps, and the bound; mpmath, 40 digits."""
    mpf, T = mpmath.mpf, len(s.alpha)
    al, b1, b2 = ([mpf(float(x)) for x in seq] for seq in (s.alpha, s.beta1, s.beta2))
    L, G, d = mpf(inputs.L), mpf(inputs.G), inputs.dim
    chi = [al[t] / mpmath.sqrt(1 - b2[t]) for t in range(T)]

    def R(t: int, i: int) -> Any:
        """rho_{i+1} ... rho_t in closed form."""
        kept = mpmath.fprod(b1[j] / mpmath.sqrt(b2[j]) for j in range(i + 1, t + 1))
        return kept * al[t] / al[i]

    A = [
        sum(mpmath.fprod(b1[j] ** 2 / b2[j] for j in range(i + 1, t + 1)) * (1 - b1[i]) ** 2 / (1 - b2[i])
            for i in range(t + 1)) for t in range(T)
    ]  # fmt: skip
    P = [sum(R(t, i) for i in range(t + 1)) for t in range(T)]
    Q = [sum(R(t, i) for t in range(i, T)) for i in range(T)]
    H = [sum(Q[t] * P[t] * R(t, i) for t in range(i, T)) for i in range(T)]
    earlier = [mpf(0), *A[:-1]]
    c = [G * (2 * (1 - b1[t]) * chi[t] + al[t] * b1[t] * mpmath.sqrt(earlier[t] / b2[t])) for t in range(T)]
    w = [L * H[t] * ((1 - b1[t]) * chi[t]) ** 2 + Q[t] * c[t] for t in range(T)]
    wbar = [max(w[t:]) for t in range(T)]
    inside, outside = ([mpf(float(x)) for x in seq] for seq in (s.inside, s.outside))
    B = mpmath.sqrt(G**2 + mpf(s.v_start) + max(inside)) + max(outside)
    s0 = mpmath.sqrt(mpf(s.v_start) + inside[0]) + outside[0]
    paid = 2 * wbar[0] * mpmath.log(B / s0) + sum(wbar[t] * mpmath.log(1 / b2[t]) for t in range(T))
    moved = sum(al[t] * (1 - b1[t]) for t in range(T))
    bound = 2 * mpmath.sqrt(d) * B * (mpf(inputs.gap) + d * paid) / moved
    return {"A": A, "P": P, "Q": Q, "H": H, "c": c, "w": w, "wbar": wbar}, bound


# B is attained


def attained(beta1: list[Fraction], beta2: list[Fraction]) -> Fraction:
    """m_T^2/v_T for the worst gradients, with v_0 = 0, exactly: what A_T must be.

    m = sum p_i g_i, v = sum q_i g_i^2; Cauchy-Schwarz is an equality where g_i is proportional to p_i/q_i.
    """
    T = len(beta1)
    p, q = ([_weight(beta, i, T) for i in range(T)] for beta in (beta1, beta2))
    g = [p[i] / q[i] for i in range(T)]
    m, v = Fraction(0), Fraction(0)
    for a, b, x in zip(beta1, beta2, g, strict=True):
        m, v = a * m + (1 - a) * x, b * v + (1 - b) * x**2
    return m**2 / v


def _weight(beta: list[Fraction], i: int, T: int) -> Fraction:
    found = 1 - beta[i]
    for j in range(i + 1, T):
        found *= beta[j]
    return found


# A, one step


def least_constant(random: np.random.Generator, draws: int) -> float:
    """The least constant with which A holds on so many random two-point gradients, with delta in place of G.

    A says that 2 will do for every one.
    """
    grad, size = (10 ** random.uniform(-3, 3, draws) for _ in range(2))
    chance, gap = 10 ** random.uniform(-4, np.log10(0.5), draws), 10 ** random.uniform(-4, -0.01, draws)
    v, inside, outside = (10 ** random.uniform(-9, 3, draws) * (random.random(draws) < 0.7) for _ in range(3))
    sign = np.where(random.random(draws) < 0.5, 1, -1)
    odds = np.sqrt(chance / (1 - chance))
    g = np.array([grad + sign * size / odds, grad - sign * size * odds])
    weight = np.array([chance, 1 - chance])
    second = np.sum(weight * g**2, axis=0)
    roots = np.sqrt((1 - gap) * v + gap * np.array([*g**2, second]) + inside) + outside
    sized, expected = roots[:2], roots[2]
    lost = grad**2 / (2 * expected) - np.sum(weight * grad * g / sized, axis=0)
    return float(np.max(lost / (np.sqrt(gap * second) * np.sum(weight * (g / sized) ** 2, axis=0))))
