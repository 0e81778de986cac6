"""The sentences that go with a derived SDE: hypotheses, meanings of letters, times, remarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from .noise import Hypothesis
from .symbols import letter

if TYPE_CHECKING:
    from .step_series import Scales

MEANINGS = {
    "theta": "parameters, one coordinate",
    "t": "SDE time: step k is at t = k h",
    "h": "time per step; a free small number, since the limit keeps eta fixed",
    "eta": "step size",
    "df": "f'(theta), that coordinate of the gradient of the loss",
    "Sigma": "Sigma_ii(theta), covariance of z in one coordinate",
    "sigma0": "noise scale in units of the limit",
    "eps0": "damping in units of the limit",
    "lambda0": "weight decay in units of the limit",
    "delta0": "decrease of the step size per unit of time",
    "s_eta": "schedule: the step size at time t over its base value",
    "Sigma_ij": "covariance of z between coordinates i and j",
    "mu3": "third moment of z", "mu4": "fourth moment of z",
}  # fmt: skip


def symbol_meanings(
    entries: Iterable[Expr], states: Mapping[str, Any], constants: Mapping[str, Expr]
) -> dict[str, str]:
    """A meaning for every letter that occurs."""
    names = sorted({s.name for e in entries for s in e.free_symbols} | set(states) | {"t"})
    return {name: _meaning(name, constants) for name in names}


def _meaning(name: str, constants: Mapping[str, Expr]) -> str:
    if name in constants:
        return f"{MEANINGS.get(name, 'averaging rate')}: {constants[name]}"
    if name in MEANINGS:
        return MEANINGS[name]
    base, _, side = name.rpartition("_")
    if side in ("i", "j") and base:
        return f"{_meaning(base, constants)}; coordinate {side}"
    if name.startswith("gamma"):
        return f"1 - exp(-c{name.removeprefix('gamma')} t): bias correction in the limit"
    if name == "u":
        return "second moment in units of the noise"
    if name.endswith("_scaled"):
        return f"{name.removesuffix('_scaled')} in units of the limit"
    if name.startswith("mu"):
        return f"moment of z of degree {name.removeprefix('mu').removesuffix('_ij')}"
    known = letter(name)
    return known.meaning if known else name


def hypotheses(scales: Scales, entries: Iterable[Expr]) -> list[Hypothesis]:
    """What the order-1 statement assumes for any rule; source of the theorem: see SDE.source."""
    found = [
        Hypothesis(
            "smoothness", "f and Sigma^(1/2) are smooth, with derivatives of polynomial growth; grad f is Lipschitz"
        ),
        Hypothesis("independent calls", "the gradients of different steps are independent given theta"),
        Hypothesis("bounded moments", "E|x_k|^2m is bounded uniformly in k <= T/h and h (cited, not derived)"),
    ]
    letters = {s.name for e in entries for s in e.free_symbols}
    if scales.regime == "diffusive":
        exponent = scales.noise.weight
        found.append(
            Hypothesis(
                "noise-dominated scaling", f"sigma = sigma0 h^({exponent}), with sigma0 and the other constants fixed"
            )
        )
    if "u" in letters or "v" in letters:
        damped = " or eps0 > 0" if "eps0" in letters or "eps" in letters else ""
        found.append(
            Hypothesis(
                "positive second moment",
                f"{'u' if 'u' in letters else 'v'} at the start is bounded below by a positive number{damped}",
            )
        )
    return found


def valid_from(entries: Iterable[Expr]) -> str:
    """From which time on the claim holds: bias corrections and powers of t may be singular at t = 0."""
    singular: set[str] = set()
    for entry in entries:
        vanishing = {s: 0 for s in entry.free_symbols if s.name == "t" or s.name.startswith("gamma")}
        if vanishing and entry.subs(vanishing).has(sympy.zoo, sympy.nan, sympy.oo):
            singular |= {s.name for s in vanishing}
    if singular:
        return f"t >= t0 > 0, started from the rule's own state at t0: {', '.join(sorted(singular))} {'vanishes' if len(singular) == 1 else 'vanish'} at t = 0"
    return "t >= 0"


def remarks(regime: str, time_per_step: Expr) -> tuple[str, ...]:
    """What a reader must not conclude."""
    if regime == "small":
        return (
            f"one step is {time_per_step} of time",
            "In this regime the gradient flow, without any noise, is also of weak order 1: order 1 does not test D.",
        )
    return (f"one step is {time_per_step} of time",)
