"""The step of MoMo derived: the minimiser of a truncated linear model plus a proximal term, from its KKT conditions.

    min over y of max((F + <d, y>)/rho, f_star) + |y - x|_D^2/(2 alpha) + lambda |y|_D^2/2      (D > 0 diagonal)

is min t + ... subject to t >= (F + <d, y>)/rho and t >= f_star: convex, with Slater's condition (take t large), so
that its KKT conditions are necessary and sufficient. Coordinates meet in F, <d, x> and q = sum d^2/D alone, so that
three of them, with letters for everything, stand for any number. Every step is an identity that SymPy reduces to 0.

    S2  the Hessian in y is (1/alpha + lambda) D: one minimiser
    S3  stationarity with multipliers s and 1 - s: y(s) = (x - alpha s/rho D^-1 d)/A, A = 1 + alpha lambda
    S4  the dual's slope is model(y(s)) - f_star, its curvature -alpha q/(rho^2 A) <= 0: a concave parabola on [0, 1]
    S5  with tau = alpha s/rho its root is tau* = (A (F - rho f_star) + <d, x>)/q
    S6  model(y(tau)) - f_star = q (tau* - tau)/(rho A): s is the root clipped to [0, 1]
    S7  the numerator is A (h - rho f_star) - alpha lambda <d, x>, h = F + <d, x>
    S8  with lambda = 0 and the model above f_star the objective falls by q tau (2 alpha - rho tau)/(2 alpha rho)
    S9  after a reset of the bound the numerator is half of A F + <d, x>
    S10 h of the next step is beta (h + <d, x' - x>) + (1 - beta) f
    groups  with one s for all groups, s* = rho (F - rho f_star + sum p/A) / sum alpha q/A

source: Schaipp et al. 2024, Lemma 3.1; S8 to S10 and the groups are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

import sympy
from sympy import Expr

from .errors import Refused

N = 3
alpha, rho = sympy.symbols("alpha rho", positive=True)
lambda_ = sympy.Symbol("lambda", nonnegative=True)
F, f_star, f, beta, s, tau = sympy.symbols("F f_star f beta s tau", real=True)
x, d, y = (sympy.symbols(f"{letter}1:{N + 1}", real=True) for letter in "xdy")
D = sympy.symbols(f"D1:{N + 1}", positive=True)
A = 1 + alpha * lambda_


def _sum(terms: Sequence[Expr]) -> Expr:
    return reduce(add, terms, sympy.S.Zero)


def inner(a: Sequence[Expr], b: Sequence[Expr]) -> Expr:
    return _sum([i * j for i, j in zip(a, b, strict=True)])


p = inner(d, x)
q = _sum([i**2 / j for i, j in zip(d, D, strict=True)])
tau_star = (A * (F - rho * f_star) + p) / q


def model(at: Sequence[Expr]) -> Expr:
    """The averaged linear model."""
    return (F + inner(d, at)) / rho


def proximal(at: Sequence[Expr]) -> Expr:
    near = _sum([w * (a - b) ** 2 for w, a, b in zip(D, at, x, strict=True)]) / (2 * alpha)
    return near + lambda_ / 2 * _sum([w * a**2 for w, a in zip(D, at, strict=True)])


def point(step: Expr) -> list[Expr]:
    """The closed form: (x - step D^-1 d)/A."""
    return [(a - step * b / w) / A for a, b, w in zip(x, d, D, strict=True)]


def obligations() -> Mapping[str, Expr]:
    """What must vanish identically, by the name of the step."""
    lagrangian = s * model(y) + (1 - s) * f_star + proximal(y)
    at = dict(zip(y, point(alpha * s / rho), strict=True))
    dual = lagrangian.subs(at)
    h, found = F + p, {}
    for i in range(N):
        found[f"S2, {i + 1}"] = sympy.diff(lagrangian, y[i], 2) - (1 / alpha + lambda_) * D[i]
        found[f"S3, {i + 1}"] = sympy.diff(lagrangian, y[i]).subs(at)
    found["S4, slope"] = sympy.diff(dual, s) - (model(point(alpha * s / rho)) - f_star)
    found["S4, curvature"] = sympy.diff(dual, s, 2) + alpha * q / (rho**2 * A)
    found["S5"] = model(point(tau_star)) - f_star
    found["S6"] = model(point(tau)) - f_star - q * (tau_star - tau) / (rho * A)
    found["S7"] = q * tau_star - (A * (h - rho * f_star) - alpha * lambda_ * p)
    plain = {lambda_: sympy.S.Zero}
    fall = (model(x) + proximal(x) - model(point(tau)) - proximal(point(tau))).subs(plain)
    found["S8"] = fall - q * tau * (2 * alpha - rho * tau) / (2 * alpha * rho)
    reset = (A * F + p) / (2 * A * rho)
    found["S9"] = (q * tau_star).subs(f_star, reset) - (A * F + p) / 2
    found["S10"] = _carried()
    found["groups"] = _shared()
    return found


def _carried() -> Expr:
    """h of the next step by its averages, less the recurrence; g and x' are new letters."""
    g, moved = (sympy.symbols(f"{letter}1:{N + 1}", real=True) for letter in ("g", "z"))
    mean, gamma = sympy.symbols("f_bar gamma", real=True)
    slope = [beta * a + (1 - beta) * b for a, b in zip(d, g, strict=True)]
    after = beta * mean + (1 - beta) * f + inner(slope, moved) - beta * gamma - (1 - beta) * inner(g, moved)
    h = mean + p - gamma
    return after - (1 - beta) * f - beta * (h + inner(d, [b - a for a, b in zip(x, moved, strict=True)]))


def _shared() -> Expr:
    """Each coordinate a group of its own: the model at the shared root equals f_star."""
    rates = sympy.symbols(f"alpha1:{N + 1}", positive=True)
    decays = sympy.symbols(f"lambda1:{N + 1}", nonnegative=True)
    shrink = [1 + a * b for a, b in zip(rates, decays, strict=True)]
    drift = _sum([a * b / c for a, b, c in zip(d, x, shrink, strict=True)])
    width = _sum([r * a**2 / w / c for r, a, w, c in zip(rates, d, D, shrink, strict=True)])
    root = rho * (F - rho * f_star + drift) / width
    ends = [(b - r * root / rho * a / w) / c for b, r, a, w, c in zip(x, rates, d, D, shrink, strict=True)]
    return model(ends) - f_star


def vanishes(expression: Expr) -> bool:
    """Whether the numerator over a common denominator expands to 0: exact for rational functions."""
    return bool(sympy.expand(sympy.numer(sympy.together(expression))) == 0)


def not_shown() -> list[str]:
    """The steps of the derivation that SymPy does not reduce to 0; empty where the closed form is proved."""
    return [name for name, rest in obligations().items() if not vanishes(rest)]


CLOSED_FORM = (
    "tau = min(alpha/rho, max(A (F - rho f_star) + <d, x>, 0)/sum d^2/D), x' = (x - tau d/D)/A, A = 1 + alpha lambda"
)


def no_sde(label: str) -> Refused:
    """Why a rule with a model of the loss has no SDE, and what there is instead: its closed form, and where from."""
    return Refused(
        f"{label} has no SDE here: its step depends on the loss, by a reduction that couples all coordinates.",
        "The noise model speaks of gradients, entry by entry, and the cut is not smooth where its cases meet.",
        f"What is derived, from the KKT conditions of its model (theory/model_step.py): {CLOSED_FORM}; there F is the "
        "average of losses less that of <g, x>, each at its own iterate, d the average of gradients, D the metric.",
    )


__all__ = ["CLOSED_FORM", "model", "no_sde", "not_shown", "obligations", "point", "proximal", "vanishes"]
