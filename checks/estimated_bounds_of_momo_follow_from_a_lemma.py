"""The bound that MoMo estimates: what its lemma says holds on every run, and the rule's line is what follows from it.

For convex losses f_j, any point x*, any steps tau_j > 0, x^{j+1} = x^j - tau_j d_j/D_j, with rho_ij the weights of d_j
and h_j = sum_i rho_ij (f_i + <g_i, x^j - x^i>) the model's value, q_j = sum d_j^2/D_j, eta_1 = 1 and
eta_{j+1} = eta_j min(D_j/D_{j+1}):

    2 sum_j eta_j tau_j sum_i rho_ij f_i(x*)  >=  sum_j eta_j tau_j (2 h_j - tau_j q_j) - |x^1 - x*|^2_{D_1}.

Without the last term, which nobody knows, and with earlier estimates put in, the sums telescope to

    low = max((h_k - tau_k q_k/2)/rho_k, f_star),

which is therefore an estimate and no bound: it lies above the least averaged loss at times. Histories, weights and
metric are put together by definition (runtime/momo_model.py); losses have noise, so that x* is no common minimiser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import numpy as np
import sympy

from driftproof.impl import compile_rule
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import new, symbol

from .runtime import seeds
from .runtime.check import Check, Context, Mutant
from .runtime.momo_model import METHODS
from .runtime.mutants import built
from .runtime.verdict import Verdict

TEXTS = ("momo", "momo@average=bias", "momo_adam", "momo_adam@average=first")
LOSSES = ("squares", "absolute values", "squared hinges", "growing values")
"""The last: absolute values of which the first ones are a hundredth as large, so that Adam's metric grows."""
STEPS, ENTRIES = 39, 4
SMALL = 1e-10
"""Of the sum of absolute values of the terms: 39 steps of some 50 roundings each are 2e-13 of it."""


@dataclass(frozen=True)
class History:
    """One row per step. x: iterates, one more than steps.   f, g: loss and gradient there.   best: f_i(x*).

    tau: length of the step.   low: the rule's estimate after it.
    """

    x: np.ndarray
    f: np.ndarray
    g: np.ndarray
    best: np.ndarray
    tau: np.ndarray
    low: np.ndarray
    far: np.ndarray
    values: dict[str, float]


def _loss(kind: str, rest: float, k: int) -> tuple[float, float]:
    if "values" in kind:
        size = 0.01 if kind == "growing values" and k < 2 else 1.0
        return size * abs(rest), size * float(np.sign(rest))
    positive = max(rest, 0.0) if kind == "squared hinges" else rest
    return positive**2 / 2, positive


@cache
def history(rule: UpdateRule, text: str, kind: str, seed: int) -> History:
    """A run of the estimated form on losses of random forms <a, x> - b."""
    random = seeds.generator(seed, TEXTS.index(text), LOSSES.index(kind))
    names = {h.name for h in rule.hyperparameters}
    given = {"eta": 0.5, "beta1": float(random.choice([0.0, 0.5, 0.9])), "beta2": 0.9, "eps": 0.1, "f_star": 0.0}
    values = {k: v for k, v in given.items() if k in names}
    compiled, far = compile_rule(rule, "reference"), random.normal(size=ENTRIES)
    state, rows = compiled.init([random.normal(size=ENTRIES)]), []
    for k in range(STEPS):
        a, b, x = random.normal(size=ENTRIES), random.normal(), state.theta[0].copy()
        f, slope = _loss(kind, a @ x - b, k)
        state = compiled.step(state, [slope * a], values, loss=f)
        rho = METHODS[text].weights(k + 1, given).sum()
        tau, low = float(state.outputs["cut"][0]) * given["eta"] / rho, float(state.states["low"][0])
        rows.append((x, f, slope * a, _loss(kind, a @ far - b, k)[0], tau, low))
    x, f, g, best, tau, low = (np.array(column) for column in zip(*rows, strict=True))
    return History(np.array([*x, state.theta[0]]), f, g, best, tau, low, far, given)


@dataclass(frozen=True)
class Terms:
    """Of every step. at_best: sum_i rho_ij f_i(x*)."""

    h: np.ndarray
    q: np.ndarray
    rho: np.ndarray
    at_best: np.ndarray
    eta: np.ndarray
    distance: float


def terms(text: str, seen: History) -> Terms:
    method, rows, metric = METHODS[text], [], []
    for k in range(1, STEPS + 1):
        weights, x = method.weights(k, seen.values), seen.x[k - 1]
        D, d = method.metric(seen.g[:k], seen.values), weights @ seen.g[:k]
        h = weights @ (seen.f[:k] + np.sum(seen.g[:k] * (x - seen.x[:k]), axis=1))
        rows.append((h, np.sum(d**2 / D), weights.sum(), weights @ seen.best[:k]))
        metric.append(D)
    shrinks = [np.min(a / b) for a, b in pairwise(metric)]
    h, q, rho, at_best = np.array(rows).T
    distance = float(metric[0] @ (seen.x[0] - seen.far) ** 2)
    return Terms(h, q, rho, at_best, np.cumprod([1.0, *shrinks]), distance)


def lacking(text: str, seen: History, weighed: bool = True, distance: bool = True) -> str:
    """Where the lemma's inequality does not hold, or "". Without weights eta, or without the distance, it is false."""
    found = terms(text, seen)
    eta = found.eta if weighed else np.ones(STEPS)
    left = np.cumsum(2 * eta * seen.tau * found.at_best)
    right = np.cumsum(eta * seen.tau * (2 * found.h - seen.tau * found.q)) - distance * found.distance
    size = np.cumsum(eta * seen.tau * (np.abs(found.at_best) + np.abs(found.h) + seen.tau * found.q)) + found.distance
    k = int(np.argmin((left - right) / size))
    return f"{text}, {right[k] - left[k]:.3g} short at step {k + 1}" if left[k] < right[k] - SMALL * size[k] else ""


def off(text: str, seen: History) -> str:
    """Where the rule's estimate is not the lemma's line, or ""."""
    found = terms(text, seen)
    line = np.maximum((found.h - seen.tau * found.q / 2) / found.rho, seen.values["f_star"])
    gap = np.abs(line - seen.low) / (1 + np.abs(found.h) + seen.tau * found.q)
    k = int(np.argmax(gap))
    return f"{seen.low[k]:.4g} for {line[k]:.4g} at step {k + 1}" if gap[k] > SMALL else ""


def over(text: str, seen: History) -> str:
    """Where the estimate lies above the averaged losses at x*, so that it bounds nothing, or ""."""
    found = terms(text, seen)
    excess = seen.low - found.at_best / found.rho
    k = int(np.argmax(excess))
    return f"{seen.low[k]:.3g} over {found.at_best[k] / found.rho[k]:.3g} at step {k + 1}" if excess[k] > SMALL else ""


@cache
def _starred(text: str) -> UpdateRule:
    return rule_of(text).variant(bound="estimated")


def run(context: Context) -> Iterator[Verdict]:
    for text in TEXTS:
        if not context.wants(rule_of(text.partition("@")[0])):
            continue
        seeds_ = range(context.seed, context.seed + (20 if context.tier == "full" else 3))
        seen = [(kind, history(_starred(text), text, kind, seed)) for kind in LOSSES for seed in seeds_]
        wrong = [w for _, one in seen for w in (lacking(text, one), off(text, one)) if w]
        above = sum(bool(over(text, one)) for _, one in seen)
        detail = {"runs": len(seen), "wrong": wrong[0] if wrong else "none", "runs with an estimate above": above}
        yield context.verdict(text, not wrong and above > 0, n=len(seen) * STEPS, seed=context.seed, detail=detail)


def _slips() -> dict[str, dict[object, object]]:
    right = {e.symbol: e.expression for e in _starred("momo_adam").equations}
    low, value, cut, rho, used = (symbol(n) for n in ("low", "level_bar", "cut", "rho", "low_used"))
    line = right[new(low)]
    return {
        "the whole of tau q": {new(low): line.xreplace({cut: 2 * cut})},
        "no tau q": {new(low): line.xreplace({cut: 0 * cut})},
        "rho forgotten": {new(low): line.xreplace({new(rho): sympy.Integer(1)})},
        "value before this loss": {new(low): line.xreplace({value: symbol("level")})},
        "the bound kept": {new(low): used},
    }


def mutants(context: Context) -> Iterator[Mutant]:
    text, seed = "momo_adam", context.seed
    if not context.wants(rule_of(text)):
        return
    rule = _starred(text)
    for name, changed in _slips().items():
        mutant = built(rule, [type(e)(e.symbol, changed.get(e.symbol, e.expression)) for e in rule.equations])
        if mutant is None:
            raise ValueError(f"the mutant '{name}' is not well formed")
        yield Mutant(name, "the lemma's line by definition", partial(_off_somewhere, mutant, text, seed))
    yield Mutant("the lemma without the distance", "sums by definition", partial(_false, seed, distance=False))
    yield Mutant("the lemma without weights eta", "sums by definition", partial(_false, seed, weighed=False))
    yield Mutant("the estimate as a bound", "sums by definition", partial(_over_somewhere, seed))


def _off_somewhere(mutant: UpdateRule, text: str, seed: int) -> str:
    return next(filter(None, (off(text, history(mutant, text, kind, seed)) for kind in LOSSES)), "")


def _false(seed: int, **left_out: bool) -> str:
    runs = ((t, history(_starred(t), t, kind, s)) for t in TEXTS for kind in LOSSES for s in range(seed, seed + 3))
    return next(filter(None, (lacking(text, seen, **left_out) for text, seen in runs)), "")


def _over_somewhere(seed: int) -> str:
    text = "momo_adam"
    return next(filter(None, (over(text, history(_starred(text), text, kind, seed)) for kind in LOSSES)), "")


check = Check(
    id="momo-estimated-bound",
    claim="The bound that MoMo* and MoMo-Adam* estimate is the last line of their lemma, whose inequality holds on "
    "every convex run; and it is above the least averaged loss at times.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name in ("momo", "momo_adam"),
    source=Source("schaipp2024momo", "the lemma on lower bounds", "derived anew"),
)
