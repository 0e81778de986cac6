"""MoMo with parameters in bfloat16, float16 and float32: the share of the step against a bound of its rounding errors.

The share is rest/q: how high the averaged model lies over the bound, and the squared slope in the step's metric. Both
are put together by definition from what the run saw: iterates as stored, gradients and losses as given. The torch
optimizer keeps averages in the type of the parameters and scalars in float64, and works in float32. With u the unit of
the stored type, w = 2^-24, and m the average that a step used, errors add up to, entry by entry,

    d_k     <= beta (d_{k-1} + u |m_{k-1}|) + 3 w (1 - beta) |g - m'| + w |m_k|            of m, m' the stored one
    level_k <= beta level_{k-1} + sum d_k |x_{k+1} - x_k| + 2 w sum |m_k (x_{k+1} - x_k)|   of the model at x_{k+1}
    q_k     <= eta (sum 2 |m_k| d_k + d_k^2) + 3 w q_k                                      of q
    share   <= (rest's + share q's)/(q - q's),

and what float64 rounds in the scalars and in the definition. The bound is of the very run; nothing in it was chosen.
In float32 the run ends at a loss of some 1e-5, 1000 away from 0, where averages of loss and <g, x> have nothing left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.roundoff import UNIT, UNITS
from .runtime.verdict import Verdict

ENTRIES, STEPS, ETA, BETA, F_STAR = 20, 400, 1000.0, 0.9, 50.0
WIDE = UNITS["float32"]
OFFSETS = {"bfloat16": 0.0, "float16": 1.0, "float32": 1000.0}
"""How far from 0 the solution lies; in bfloat16 the spacing near 1000 would be 4."""


@dataclass(frozen=True)
class Seen:
    """One row per step. x: iterates, one more than steps.   g, f: as given.   stored: the average before the step.

    cut: the share that was taken.
    """

    x: np.ndarray
    g: np.ndarray
    f: np.ndarray
    stored: np.ndarray
    cut: np.ndarray


Way = Callable[[Any, Any, float, np.ndarray], None]
"""Called after a step: (optimizer, parameter, loss, iterate before); a wrong one changes the carried value."""


def right(optimizer: Any, p: Any, f: float, before: np.ndarray) -> None:
    """Nothing is changed."""


def _numpy(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.detach().double().numpy().copy())


@cache
def seen(dtype: str, seed: int, way: Way = right) -> Seen:
    """Least squares with a solution, one row at a time; the losses are moved up by F_STAR."""
    import torch

    from driftproof.impl.optimizer import MoMo

    random, kind = seeds.generator(seed), getattr(torch, dtype)
    solution = OFFSETS[dtype] + random.normal(size=ENTRIES)
    p = torch.tensor(solution + random.normal(size=ENTRIES), dtype=kind, requires_grad=True)
    optimizer, rows = MoMo([p], lr=ETA, beta1=BETA, f_star=F_STAR), []
    for _ in range(STEPS):
        a, x = random.normal(size=ENTRIES), _numpy(p)
        rest = a @ (x - solution)
        p.grad, f = torch.tensor(rest * a, dtype=kind), F_STAR + rest**2 / 2
        stored = _numpy(optimizer.state[p]["m"]) if rows else np.zeros(ENTRIES)
        optimizer.step(f)
        rows.append((x, _numpy(p.grad), f, stored, float(optimizer.model["cut"])))
        way(optimizer, p, f, x)
    x, g, f, stored, cut = (np.array(column) for column in zip(*rows, strict=True))
    return Seen(np.array([*x, _numpy(p)]), g, f, stored, cut)


def compared(run: Seen, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """|share taken - share by definition| of each step, and what rounding allows."""
    unit, gaps, bounds = UNITS[dtype], [], []
    off, level_off = np.zeros(ENTRIES), 0.0
    used = np.zeros(ENTRIES)
    for k in range(STEPS):
        fresh = 1.0 if k == 0 else 1 - BETA
        weights = np.array([1.0]) if k == 0 else np.append(weights * BETA, fresh)  # noqa: F821
        m = weights @ run.g[: k + 1]
        apart = run.g[: k + 1] * (run.x[k] - run.x[: k + 1])
        rest = weights @ (run.f[: k + 1] - F_STAR + apart.sum(axis=1))
        rounded = 4 * ENTRIES * UNIT * weights @ (np.abs(run.f[: k + 1]) + np.abs(apart).sum(axis=1))
        gap = run.g[k] - run.stored[k]
        off = (1 - fresh) * (off + unit * np.abs(used)) + 3 * WIDE * fresh * np.abs(gap)
        used = run.stored[k] + fresh * gap  # what the step used, up to `off`
        off = off + WIDE * np.abs(used)
        q, q_off = ETA * np.sum(m**2), ETA * np.sum(2 * np.abs(used) * off + off**2)
        q_off += 3 * WIDE * q
        rest_off = (1 - fresh) * level_off + rounded
        share = min(max(rest / q, 0.0), 1.0)
        gaps.append(abs(run.cut[k] - share))
        bounds.append((rest_off + run.cut[k] * q_off) / (q - q_off) if q > q_off else np.inf)
        moved = np.abs(run.x[k + 1] - run.x[k])
        level_off = rest_off + np.sum(off * moved) + 2 * WIDE * np.sum(np.abs(used) * moved)
    return np.array(gaps), np.array(bounds)


def broken(dtype: str, seed: int, way: Way = right) -> str:
    """Where the share is further off than rounding allows, or ""."""
    run = seen(dtype, seed, way)
    gaps, bounds = compared(run, dtype)
    k = int(np.argmax(gaps / bounds))
    return f"{gaps[k]:.3g} off at step {k + 1}, {bounds[k]:.3g} allowed" if gaps[k] > bounds[k] else ""


def run(context: Context) -> Iterator[Verdict | NotRun]:
    if not context.wants(rule_of("momo")):
        return
    for dtype in OFFSETS:
        if reason := absent("torch"):
            yield context.not_run(dtype, reason)
            continue
        wrong, found = broken(dtype, context.seed), seen(dtype, context.seed)
        gaps, bounds = compared(found, dtype)
        cut = found.cut > 0
        detail = {
            "used of the bound": float(np.max(gaps / bounds)),
            "median error of the share": float(np.median(gaps[cut] / found.cut[cut])),
            "median bound": float(np.median(bounds[cut] / found.cut[cut])),
            "loss at the end": float(np.mean(found.f[-20:]) - F_STAR),
        }
        yield context.verdict(dtype, not wrong, n=STEPS, seed=context.seed, detail=detail)


def _narrow(optimizer: Any, p: Any, f: float, before: np.ndarray) -> None:
    """The carried value in the parameters' type."""
    level = optimizer.model["level"]
    level.copy_(level.to(p.dtype).double())


def _intended(optimizer: Any, p: Any, f: float, before: np.ndarray) -> None:
    """Carried by the step that was meant, not by what the stored parameters moved."""
    import torch

    moved = torch.sum(optimizer.state[p]["m"].double() * (p.detach().double() - torch.as_tensor(before)))
    m = optimizer.state[p]["m"].double()
    optimizer.model["level"].add_(-moved - optimizer.model["cut"] * ETA * torch.sum(m * m))


class _Averages:
    """The value from averages of the loss and of <g, x> in float32, each step anew."""

    def __call__(self, optimizer: Any, p: Any, f: float, before: np.ndarray) -> None:
        import torch

        kept, x = optimizer.state[p], torch.as_tensor(before, dtype=torch.float32)
        fresh = 1.0 if float(optimizer.model["t"]) == 1 else 1 - BETA
        for name, value in (("f", torch.tensor(f, dtype=torch.float32)), ("gx", torch.sum(p.grad.float() * x))):
            old = kept.setdefault(name, torch.zeros((), dtype=torch.float32))
            kept[name] = old + fresh * (value - old)
        value = kept["f"] + torch.sum(kept["m"].float() * p.detach().float()) - kept["gx"]
        optimizer.model["level"].copy_(value.double())


WRONG: dict[str, tuple[str, Way]] = {
    "the model's value kept in bfloat16": ("bfloat16", _narrow),
    "the model's value kept in float16": ("float16", _narrow),
    "the model's value kept in float32": ("float32", _narrow),
    "the step that was meant, in bfloat16": ("bfloat16", _intended),
    "the step that was meant, in float32": ("float32", _intended),
    "averages of loss and <g, x>": ("float32", _Averages()),
}


def mutants(context: Context) -> Iterator[Mutant]:
    if context.wants(rule_of("momo")) and not absent("torch"):
        for name, (dtype, way) in WRONG.items():
            yield Mutant(name, "the share by definition", partial(broken, dtype, context.seed, way))


check = Check(
    id="momo-low-precision",
    claim="With parameters in bfloat16, float16 or float32 the torch optimizer MoMo takes the share of the step that "
    "the history defines, up to a bound of the run's own rounding errors.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "momo",
)
