"""A monitored rule computes, in its own step, the sequences of the convergence conditions, and marks a departure.

The oracle is a loop by hand over the definitions: maxima over all pairs, sums and products over all earlier steps, in
50 digits, from step sizes and averaging constants written down for each rule. It shares nothing with the recursions
that the rule runs, and knows neither the match nor the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
from sympy import Abs, Max, Piecewise, sqrt

from driftproof.impl import compile_rule
from driftproof.impl.compiled import CompiledRule
from driftproof.impl.monitor import departures, rows
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import Refused
from driftproof.theory.generic import matched
from driftproof.theory.monitor import SPREAD, monitored
from driftproof.theory.nodes import reduce
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import g, new, symbol, t

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.texts import load, missing, targets
from .runtime.verdict import Verdict

STEPS = 30
LIMITS = {"G": 4.0, "C0": 8.0}
"""What the runs assume: |g| <= 4 and C_0 <= 8."""
LEFT = {"SC2": 9, "SC3": 14, "gradient": 23}
"""In a run that departs: the step at which each hypothesis first fails."""
Letters = Mapping[str, float]
Row = dict[str, float]


@dataclass(frozen=True)
class Run:
    """settings: per step and group, hyperparameters by letter.   gradients: per step, one array per tensor."""

    settings: tuple[tuple[Letters, ...], ...]
    gradients: tuple[tuple[np.ndarray, ...], ...]
    groups: tuple[int, ...] = (0, 1, 1)


def usual(seed: int) -> Run:
    """Falling and restarted step sizes in one group, 1/sqrt(t) in the other; SC2 and both bounds are kept."""
    random = seeds.generator(seed)
    settings = tuple(
        (
            {"eta": 0.1 * (1 + t % 3) / (2 + t), "beta1": 0.5 + 0.3 / t, "beta2": 0.99, "eps": 1e-8},
            {"eta": 0.3 / t**0.5, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8},
        )
        for t in range(1, STEPS + 1)
    )
    shapes = ((3,), (2, 2), (5,))
    gradients = tuple(tuple(random.uniform(-3, 3, size=s) for s in shapes) for _ in range(STEPS))
    return Run(settings, gradients)


def departing(seed: int) -> Run:
    """The same with one departure of each kind, in a group of its own or in a single entry."""
    run = usual(seed)
    settings, gradients = [list(map(dict, step)) for step in run.settings], [list(step) for step in run.gradients]
    for step in settings[LEFT["SC2"] - 1 : LEFT["SC2"] + 1]:
        step[1]["beta2"] = 0.94
    for step in settings[LEFT["SC3"] - 1 :]:
        step[0]["eta"] *= 50
    for number in (LEFT["gradient"], LEFT["gradient"] + 5):
        spike = gradients[number - 1][2].copy()
        spike[3] = -1.01 * LIMITS["G"]
        gradients[number - 1][2] = spike
    return replace(run, settings=tuple(map(tuple, settings)), gradients=tuple(map(tuple, gradients)))


def watched(compiled: CompiledRule, run: Run) -> Iterator[tuple[list[Row], tuple[tuple[int, str, int], ...]]]:
    """Per step the rows of the monitor, and the departures so far."""
    names = {h.name for h in compiled.rule.hyperparameters}
    state = compiled.init([np.ones_like(a) for a in run.gradients[0]], run.groups)
    for step, settings in zip(run.gradients, run.settings, strict=True):
        given = [LIMITS | {k: v for k, v in s.items() if k in names} for s in settings]
        state = compiled.step(state, list(step), given)
        yield rows(state), tuple((d.group, d.hypothesis, d.step) for d in departures(state))


# By hand

Numbers = tuple[Any, Any, Any]


def adam_by_hand(t: int, h: Letters) -> Numbers:
    """alpha_t, beta1, beta2 of Adam: v_0 = 0, and bias correction as a factor of the step size."""
    b1, b2 = mpmath.mpf(h["beta1"]), mpmath.mpf(h["beta2"])
    return mpmath.mpf(h["eta"]) * mpmath.sqrt(1 - b2**t) / (1 - b1**t), b1, b2


def generic_by_hand(t: int, h: Letters) -> Numbers:
    return tuple(mpmath.mpf(h[name]) for name in ("eta", "beta1", "beta2"))


def rmsprop_by_hand(t: int, h: Letters) -> Numbers:
    return mpmath.mpf(h["eta"]), mpmath.mpf(0), mpmath.mpf(h["beta2"])


def adagrad_by_hand(t: int, h: Letters) -> Numbers:
    """v/(t + 1) is the average of v_0 and t squares, so the step eta g/sqrt(sum) has alpha_t = eta/sqrt(t + 1)."""
    return mpmath.mpf(h["eta"]) / mpmath.sqrt(t + 1), mpmath.mpf(0), mpmath.mpf(t) / (t + 1)


BY_HAND: Mapping[str, Callable[[int, Letters], Numbers]] = {
    "adam": adam_by_hand,
    "adamw": adam_by_hand,
    "generic_adam": generic_by_hand,
    "rmsprop": rmsprop_by_hand,
    "adagrad": adagrad_by_hand,
}


def by_hand(name: str, run: Run, group: int) -> list[Row]:
    """The sequences of one group at every step, from their definitions."""
    with mpmath.workdps(50):
        given = [BY_HAND[name](t, s[group]) for t, s in enumerate(run.settings, start=1)]
        return [_row(given[:t], run, group) for t in range(1, STEPS + 1)]


def _row(given: Sequence[Numbers], run: Run, group: int) -> Row:
    steps = range(len(given))
    alpha, beta1, beta2 = zip(*given, strict=True)
    chi = [a / mpmath.sqrt(1 - b) for a, b in zip(alpha, beta2, strict=True)]
    noise = mpmath.fsum(a * mpmath.sqrt(1 - b) for a, b in zip(alpha, beta2, strict=True))
    rho = [0, *(beta1[k] * alpha[k] / (mpmath.sqrt(beta2[k]) * alpha[k - 1]) for k in steps[1:])]
    kept = [beta1[k] ** 2 / beta2[k] for k in steps]
    sizes = [abs(x) for step in run.gradients[: len(given)] for i, a in enumerate(step) for x in a.flat
             if run.groups[i] == group]  # fmt: skip
    return {
        "alpha": alpha[-1],
        "beta1": beta1[-1],
        "beta2": beta2[-1],
        "chi": chi[-1],
        "chi_min": min(chi),
        "C_0": max(chi[k] / chi[i] for k in steps for i in range(k + 1)),
        "sum_alpha": mpmath.fsum(alpha),
        "sum_noise": noise,
        "SC4": noise / (len(given) * alpha[-1]),
        "A": mpmath.fsum((1 - beta1[k]) ** 2 / (1 - beta2[k]) * mpmath.fprod(kept[k + 1 :]) for k in steps),
        "rho": rho[-1],
        "P": mpmath.fsum(mpmath.fprod(rho[k + 1 :]) for k in steps),
        "gradient_max": max(sizes),
    }


def departures_by_hand(tables: Sequence[Sequence[Row]]) -> list[tuple[int, str, int]]:
    """(group, hypothesis, first step), the earliest first."""
    found = []
    for group, table in enumerate(tables):
        broken = {
            "SC2": [k > 0 and row["beta2"] < table[k - 1]["beta2"] for k, row in enumerate(table)],
            "SC3": [row["C_0"] > LIMITS["C0"] for row in table],
            "gradient": [row["gradient_max"] > LIMITS["G"] for row in table],
        }
        found += [(group, what, flags.index(True) + 1) for what, flags in broken.items() if True in flags]
    return sorted(found, key=lambda item: item[2])


OPERATIONS = 16
"""Roundings per step in the longest chain of one sequence, powers counted as four."""
CONDITION = 200
"""1/(1 - beta2) + 1/(1 - beta1) + ...: by how much 1 - beta2^t and 1 - beta1^t may magnify a rounding here."""
TOLERANCE = STEPS * OPERATIONS * CONDITION * 2.0**-53
"""All sequences are sums, products and quotients of positive numbers, so relative errors add up and no more."""


@cache
def _table(name: str, seed: int, departs: bool) -> tuple[tuple[list[Row], list[Row]], list[tuple[int, str, int]]]:
    run = departing(seed) if departs else usual(seed)
    tables = by_hand(name, run, 0), by_hand(name, run, 1)
    return tables, departures_by_hand(tables)


@cache
def _monitored(name: str) -> UpdateRule:
    return monitored(rule_of(name))


def first_error(compiled: CompiledRule, name: str, seed: int, departs: bool) -> tuple[float, str]:
    """The largest relative error of a sequence, and the first that is too large or a wrong departure, or ""."""
    run = departing(seed) if departs else usual(seed)
    tables, expected = _table(name, seed, departs)
    worst = 0.0
    for number, (read, left) in enumerate(watched(compiled, run)):
        for group, table in enumerate(tables):
            for what, value in table[number].items():
                error = float(abs(read[group][what] - value) / max(abs(value), mpmath.mpf(2) ** -1000))
                worst = max(worst, error)
                if not error <= TOLERANCE:
                    return worst, f"{what} is {read[group][what]:.6g}, not {float(value):.6g}, at step {number + 1}"
        so_far = tuple(item for item in expected if item[2] <= number + 1)
        if sorted(left) != sorted(so_far):
            return worst, f"departures {left} at step {number + 1}, by hand {so_far}"
    return worst, ""


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """Every rule on every backend, on a run that keeps to the hypotheses and on one that leaves each of them."""
    for name in BY_HAND:
        rule = rule_of(name)
        if not context.wants(rule):
            continue
        for target in targets():
            if reason := missing(target):
                yield context.not_run(f"{name} on {target}", reason)
                continue
            try:
                compiled = load(_monitored(name), target)
            except Refused as refusal:
                yield context.not_run(f"{name} on {target}", refusal.what)
                continue
            yield _judged(context, name, target, compiled)


def _judged(context: Context, name: str, target: str, compiled: CompiledRule) -> Verdict:
    found = [first_error(compiled, name, context.seed, departs) for departs in (False, True)]
    wrong = "; ".join(text for _, text in found if text)
    left = ", ".join(f"{what} at {step}" for _, what, step in _table(name, context.seed, True)[1])
    detail = {"left": left, "relative error": max(error for error, _ in found), "allowed": TOLERANCE}
    numbers = 2 * 2 * STEPS * (13 + 3)
    return context.verdict(
        f"{name} on {target}",
        not wrong,
        n=numbers,
        seed=context.seed,
        detail=detail | ({"wrong": wrong} if wrong else {}),
    )


# Wrong monitors

_S = {
    name: symbol("sc_" + name) for name in ("alpha", "beta1", "beta2", "chi", "sumalpha", "sumnoise", "A", "P", "rho")
}
_CHI_MIN, _C0, _GRADIENT = symbol("sc_chimin"), symbol("sc_C0"), symbol("sc_gradientmax")
_NOW = {name: new(letter) for name, letter in _S.items()}
_ALPHA, _BETA1, _BETA2, _CHI = _NOW["alpha"], _S["beta1"], _NOW["beta2"], _S["chi"]
_LEFT = (symbol("sc_leftSC3"), new(symbol("sc_leftSC3")))
WRONG: Mapping[str, tuple[Any, Any]] = {
    "chi: 1 - beta2 without the root": (_CHI, _ALPHA / (1 - _BETA2)),
    "chi: beta1 for beta2": (_CHI, _ALPHA / sqrt(1 - _BETA1)),
    "chi_min: the largest": (new(_CHI_MIN), Max(_CHI_MIN, _CHI)),
    "chi_min: the newest": (new(_CHI_MIN), _CHI),
    "C_0: of this step only": (new(_C0), _CHI / new(_CHI_MIN)),
    "C_0: against the step before": (new(_C0), Max(_C0, _CHI / _CHI_MIN)),
    "sum_alpha: one step late": (_NOW["sumalpha"], _S["sumalpha"] + _S["alpha"]),
    "sum_noise: 1 - beta2 without the root": (_NOW["sumnoise"], _S["sumnoise"] + _ALPHA * (1 - _BETA2)),
    "sum_noise: chi summed": (_NOW["sumnoise"], _S["sumnoise"] + _CHI),
    "SC4: t - 1 for t": (symbol("sc_SC4"), _NOW["sumnoise"] / (Max(t - 1, 1) * _ALPHA)),
    "A: beta1 not squared": (_NOW["A"], _BETA1 / _BETA2 * _S["A"] + (1 - _BETA1) ** 2 / (1 - _BETA2)),
    "A: not divided by beta2": (_NOW["A"], _BETA1**2 * _S["A"] + (1 - _BETA1) ** 2 / (1 - _BETA2)),
    "rho: beta2 without the root": (_S["rho"], _BETA1 * _ALPHA / (_BETA2 * Max(_S["alpha"], _ALPHA / 10**6))),
    "rho: step sizes exchanged": (_S["rho"], _BETA1 * _S["alpha"] / (sqrt(_BETA2) * _ALPHA)),
    "P: the 1 is added after": (_NOW["P"], _S["rho"] * (1 + _S["P"])),
    "gradient_max: of this step only": (new(_GRADIENT), reduce("max", Abs(g), over="group")),
    "gradient_max: no sizes": (new(_GRADIENT), Max(_GRADIENT, reduce("max", g, over="group"))),
    "gradient_max: of all groups": (new(_GRADIENT), Max(_GRADIENT, reduce("max", Abs(g), over="all"))),
    "gradient_max: the mean": (new(_GRADIENT), Max(_GRADIENT, reduce("mean", Abs(g), over="group"))),
    "departures: SC3 one step late": (_LEFT[1], Piecewise((_LEFT[0], _LEFT[0] > 0), (0, _C0 <= SPREAD), (t, True))),
    "departures: the last step, not the first": (_LEFT[1], Piecewise((0, new(_C0) <= SPREAD), (t, True))),
    "departures: SC3 of this step only": (_LEFT[1], Piecewise((_LEFT[0], SPREAD * new(_CHI_MIN) >= _CHI), (t, True))),
}
"""The equation that is replaced, and what by."""


def edited(rule: UpdateRule, changed: Any, by: Any) -> UpdateRule:
    declared = rule.declared["equations"]
    equations = [replace(e, expression=by) if e.symbol == changed else e for e in declared]
    if equations == list(declared):
        raise ValueError(f"{rule.label} has no equation for {changed}")
    return rule.replace(equations=equations)


def mutants(context: Context) -> Iterator[Mutant]:
    """Wrong monitors; monitors of another variant of the rule; and live runs that must be caught where they stray."""
    rule = rule_of("adam")
    if not context.wants(rule):
        return
    for what, (changed, by) in WRONG.items():
        yield Mutant(what, "the loop by hand", partial(_killed, "adam", what, (changed, by), context.seed))
    for what in ("correction=none", "correction=first", "correction=second"):
        yield Mutant(f"matched with {what}", "the loop by hand", partial(_killed_variant, what, context.seed))
    for what in LEFT:
        yield Mutant(f"a live run that leaves {what}", "the step by hand", partial(_caught, what, context.seed))


def _killed(name: str, what: str, change: tuple[Any, Any], seed: int) -> str:
    compiled = compile_rule(edited(_monitored(name), *change), "reference")
    return first_error(compiled, name, seed, False)[1] or first_error(compiled, name, seed, True)[1]


def _killed_variant(what: str, seed: int) -> str:
    axis, _, option = what.partition("=")
    variant = matched(rule_of("adam").variant(**{axis: option}))
    wrong = edited(_monitored("adam"), _ALPHA, variant.alpha)
    return first_error(compile_rule(wrong, "reference"), "adam", seed, False)[1]


def _caught(what: str, seed: int) -> str:
    """The run with one departure alone; how the monitor reports it, or "" if it is silent or says anything else."""
    usual_run, departing_run = usual(seed), departing(seed)
    mixed = {
        "SC2": replace(usual_run, settings=tuple((a[0], b[1]) for a, b in _both(usual_run, departing_run))),
        "SC3": replace(usual_run, settings=tuple((b[0], a[1]) for a, b in _both(usual_run, departing_run))),
        "gradient": replace(usual_run, gradients=departing_run.gradients),
    }[what]
    *_, (_, left) = watched(compile_rule(_monitored("adam"), "reference"), mixed)
    group = {"SC2": 1, "SC3": 0, "gradient": 1}[what]
    return f"left {what} at step {LEFT[what]}" if left == ((group, what, LEFT[what]),) else ""


def _both(one: Run, other: Run) -> Iterator[tuple[tuple[Letters, ...], tuple[Letters, ...]]]:
    return zip(one.settings, other.settings, strict=True)


check = Check(
    id="monitor-sees-departures",
    claim="A monitored rule computes chi, C_0, the running sums, A, rho, P and the largest gradient in its own step, "
    "and marks the step at which a run leaves SC2, SC3 or the bound of its gradients.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name in BY_HAND,
    source=Source("chen2022towards", "conditions (SC)", "chi_t is alpha_t/sqrt(1 - theta_t) there"),
)
