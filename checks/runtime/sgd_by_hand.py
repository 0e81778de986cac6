"""Schedules, sums and second moments of SGD on quadratics by hand: plain Python loops that share no code with ours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Place = tuple[int, int, int, int, int]
"""t from 1, T, epoch from 0, epochs, block from 0."""
Number = Callable[..., Any]


@dataclass(frozen=True)
class Hand:
    """A plan as text, and the same as functions of (t, T, epoch, epochs, block).

    The run has steps steps, per_epoch in each epoch, block epochs in each block.   exact: whether it is rational.
    """

    lr: str
    batch: str
    eta: Number
    b: Number
    steps: int = 60
    per_epoch: int = 3
    block: int = 4
    exact: bool = True

    @property
    def name(self) -> str:
        return f"{self.lr} | {self.batch}"

    def places(self) -> Iterator[Place]:
        epochs = self.steps // self.per_epoch
        for t in range(1, self.steps + 1):
            epoch = (t - 1) // self.per_epoch
            yield t, self.steps, epoch, epochs, epoch // self.block

    def numbers(self) -> list[tuple[Any, Any]]:
        return [(self.eta(*place), self.b(*place)) for place in self.places()]


def _f(text: str) -> Fraction:
    return Fraction(text)


HANDS = (
    Hand("0.1", "10", lambda *_: _f("0.1"), lambda *_: 10),
    Hand("0.3", "exponential(8, 2)", lambda *_: _f("0.3"), lambda t, T, e, E, m: 8 * 2**m),
    Hand(
        "exponential(0.1, 1.3)", "exponential(8, 2)", lambda t, T, e, E, m: _f("0.1") * _f("1.3") ** m,
        lambda t, T, e, E, m: 8 * 2**m,
    ),
    Hand(
        "linear(0.5, 0.1)", "growth(3, 2, 2)", lambda t, T, e, E, m: _f("0.1") + _f("0.4") * (1 - Fraction(t - 1, T)),
        lambda t, T, e, E, m: (2 * m + 3) ** 2,
    ),
    Hand("polynomial(1, 0.05, 3)", "4", lambda t, T, e, E, m: _f("0.05") + _f("0.95") * (1 - Fraction(t - 1, T)) ** 3,
         lambda *_: 4),
    Hand(
        "warmup(exponential(0.1, 1.5, every=2), 6, linear(0.7))", "1 + block",
        lambda t, T, e, E, m: _f("0.1") * _f("1.5") ** (e // 2) if e < 6 else _f("0.7") * Fraction(T - t + 1, T - 18),
        lambda t, T, e, E, m: 1 + m,
    ),
    Hand("by_block(0.8, 0.4, 0.2)", "by_block(1, 4)", lambda t, T, e, E, m: _f(("0.8", "0.4", "0.2")[min(m, 2)]),
         lambda t, T, e, E, m: 1 if m == 0 else 4),
    Hand("min(1, t/9)*constant(1.5)", "t", lambda t, *_: _f("1.5") * min(Fraction(1), Fraction(t, 9)), lambda t, *_: t),
    Hand("cosine(1)", "1", lambda t, T, e, E, m: (1 + math.cos(math.pi * e / E)) / 2, lambda *_: 1, exact=False),
    Hand("cosine(0.4, 0.1, per='step')", "2", lambda t, T, e, E, m: 0.1 + 0.15 * (1 + math.cos(math.pi * (t - 1) / T)),
         lambda *_: 2, exact=False),
    Hand("diminishing(0.5)", "3", lambda t, *_: 0.5 / math.sqrt(t), lambda *_: 3, exact=False),
    Hand("exponential(0.1, 5**(1/4))", "growth(1, 1, 1.1)", lambda t, T, e, E, m: 0.1 * 5 ** (m / 4),
         lambda t, T, e, E, m: (m + 1) ** 1.1, exact=False),
)  # fmt: skip
"""All eta stay below 2, so that L may be 1."""


def sums(numbers: Sequence[tuple[Any, Any]]) -> tuple[Any, Any, Any]:
    """sum eta, sum eta^2, sum eta^2/b: exact for fractions."""
    add = sum if isinstance(numbers[0][0], Fraction) else math.fsum
    return add(a for a, _ in numbers), add(a * a for a, _ in numbers), add(a * a / b for a, b in numbers)


@dataclass(frozen=True)
class Moments:
    """On lam x^2/2: E |grad f|^2 before each step, and E f after the last."""

    squares: list[Any]
    left: Any

    def drawn(self, numbers: Sequence[tuple[Any, Any]], L: Any) -> Any:
        """The mean with weights eta (1 - L eta/2)."""
        weights = [eta * (1 - L * eta / 2) for eta, _ in numbers]
        return sum(w * s for w, s in zip(weights, self.squares, strict=True)) / sum(weights)


def moments(numbers: Sequence[tuple[Any, Any]], lam: Any, sigma2: Any, start: Any) -> Moments:
    """E x^2 begins at start; e <- (1 - eta lam)^2 e + eta^2 sigma2/b."""
    e, found = start, []
    for eta, b in numbers:
        found.append(lam * lam * e)
        e = (1 - eta * lam) ** 2 * e + eta * eta * sigma2 / b
    return Moments(found, lam * e / 2)


# The paper's run, epoch by epoch


@dataclass(frozen=True)
class PapersRun:
    """Epochs over 50000 samples; eta and b by epoch of 300.   lr: the same for `schedule`, with 300 epochs.

    length: epochs, a multiple of 100; the schedules are stretched.
    """

    paper: str
    lr: str
    eta: Callable[[float], float]
    length: int = 300

    def b(self, place: float) -> int:
        return 128 if self.paper == "i" else 8 * 2 ** int(place // 30)

    def epochs(self) -> list[tuple[int, float, int]]:
        """(steps, eta, b) of each."""
        places = [e * 300 / self.length for e in range(self.length)]
        return [(math.ceil(50000 / self.b(place)), self.eta(place), self.b(place)) for place in places]


def _warm(top: float, then: Callable[[float], float]) -> Callable[[float], float]:
    return lambda e: 0.1 * (10 * top) ** (e // 3 / 9) if e < 30 else then(e)


def _cosine(top: float, e: float, epochs: int) -> float:
    return top * (1 + math.cos(math.pi * e / epochs)) / 2


def _growing(k: int) -> Callable[[float], float]:
    return lambda e: 0.1 * k ** (e // 30 / 9)


def _constant(value: float) -> Callable[[float], float]:
    return lambda e: value


PAPERS_RUNS = (
    PapersRun("i", "0.1", lambda e: 0.1),
    PapersRun("i", "cosine(0.1)", lambda e: _cosine(0.1, e, 300)),
    PapersRun("ii", "0.1", lambda e: 0.1),
    PapersRun("ii", "cosine(0.1)", lambda e: _cosine(0.1, e, 300)),
    *(PapersRun("iii", f"exponential(0.1, {k}**(1/9))", _growing(k)) for k in (2, 5, 10)),
    *(
        PapersRun("iv", f"warmup(exponential(0.1, {k}**(1/9), every=3), 30, {k}/10)", _warm(k / 10, _constant(k / 10)))
        for k in (2, 5, 10)
    ),
    PapersRun(
        "iv",
        "warmup(exponential(0.1, 2**(1/9), every=3), 30, cosine(0.2))",
        _warm(0.2, lambda e: _cosine(0.2, e - 30, 270)),
    ),
)


@dataclass(frozen=True)
class Epochwise:
    """E |grad f|^2: the least at the beginning of an epoch, the last, and of the drawn iterate; sums of the run."""

    least: float
    last: float
    drawn: float
    B: float
    V: float


def epochwise(run: PapersRun, curvatures: Sequence[float], starts: Sequence[float], sigma2: float = 1.0) -> Epochwise:
    """By geometric sums: within an epoch e_k = a^k (e_0 - s) + s with a = (1 - eta lam)^2 and s its fixed point."""
    e, d, weighted, weights, least = list(starts), len(curvatures), 0.0, 0.0, math.inf
    L, epochs = max(curvatures), run.epochs()
    for steps, eta, b in epochs:
        least = min(least, sum(lam * lam * x for lam, x in zip(curvatures, e, strict=True)))
        weight = eta * (1 - L * eta / 2)
        weights += steps * weight
        for i, lam in enumerate(curvatures):
            rate = eta * lam * (2 - eta * lam)
            fixed = eta * eta * sigma2 / (d * b) / rate
            kept = math.exp(steps * math.log1p(-rate)) if rate < 1 else 0.0
            weighted += weight * lam * lam * (steps * fixed + (e[i] - fixed) * (1 - kept) / rate)
            e[i] = fixed + (e[i] - fixed) * kept
    one = math.fsum(steps * eta for steps, eta, _ in epochs)
    noise = math.fsum(steps * eta * eta / b for steps, eta, b in epochs)
    last = sum(lam * lam * x for lam, x in zip(curvatures, e, strict=True))
    return Epochwise(least, last, weighted / weights, 1 / one, noise / one)
