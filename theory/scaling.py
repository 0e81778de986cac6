"""Scaling rules: what a new batch size does to the hyperparameters, from the weights of the distinguished limit.

Batch size B -> kappa B divides sigma by sqrt(kappa). The SDE stays the same if everything carries its power of h,
and sigma's weight w fixes how h itself scales: h -> h kappa^(-1/(2w)). SVAG is the same rule with kappa = 1/A.
source: Malladi et al. 2022, square-root scaling rule; Goyal et al. 2017, linear; exponents derived here for any rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import sympy
from sympy import Expr, Symbol

from .balance import limit
from .combinators import compose, svag
from .errors import Refused
from .exponents import NOISE, Weights
from .rule import UpdateRule
from .sde import readable
from .settled import averaging
from .symbols import symbol


@dataclass(frozen=True)
class ScalingRule:
    """Powers of kappa under batch size -> kappa * batch size.

    exponents: "eta", "eps", "lambda", ..., "1-beta1" (the small quantity), "steps"; constants keep 0 and are left out.
    state_exponents: stored state -> power, for a change in mid-run.   rank, unknowns: the proof of uniqueness.
    """

    rule: str
    exponents: Mapping[str, Fraction]
    state_exponents: Mapping[str, Fraction]
    rank: int
    unknowns: tuple[str, ...]
    equations: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.rank != len(self.unknowns):
            raise ValueError(f"rank {self.rank} does not determine {len(self.unknowns)} unknowns")


def scaling_rule(rule: UpdateRule) -> ScalingRule:
    """The unique power rule that keeps the diffusive SDE and its time horizon.

    raises: Refused where the rule has no distinguished limit, or the system leaves a hyperparameter free.
    """
    found = limit(rule).weights
    per_step = _per_step(found, rule.label)
    states = {s.name for s in rule.state}
    exponents = {n: per_step * w for n, w in found.values.items() if n not in states and n != NOISE}
    exponents["steps"] = -per_step
    return ScalingRule(
        rule.label,
        exponents,
        {n: per_step * w for n, w in found.values.items() if n in states},
        found.rank,
        found.unknowns,
        tuple(str(e) for e in found.equations),
    )


def _per_step(found: Weights, label: str) -> Fraction:
    """The power of kappa that the time per step carries."""
    sigma = found.values[NOISE]
    if sigma >= 0:
        raise Refused(f"{label}: the noise does not grow as h goes to 0.", "Batch size then does not enter the limit.")
    return Fraction(-1, 2) / sigma


@dataclass(frozen=True)
class SVAGForm:
    """SVAG(l) of a rule: amplification A of the covariance, changed hyperparameters, steps, error C/l^order."""

    amplification: Expr
    hyperparameters: Mapping[str, Expr]
    steps: Expr
    order: Fraction

    def as_json(self) -> dict[str, Any]:
        ell, amplification = Symbol("l"), self.amplification
        root = sympy.sqrt(2 * amplification - 1)
        third = sympy.factor((3 * amplification - 1) / 2)
        fourth = sympy.factor((amplification**2 + 2 * amplification - 1) / 2)
        return {
            "parameter": str(ell),
            "amplification": str(amplification),
            "r1": str((1 + root) / 2),
            "r2": str((1 - root) / 2),
            "hyperparameters": {name: readable(e) for name, e in self.hyperparameters.items()},
            "steps": str(self.steps),
            "error": f"C/{ell ** sympy.Rational(self.order)}",
            "cubes": str(third),
            "fourth_powers": str(fourth),
        }


def svag_form(rule: UpdateRule, scaling: ScalingRule | None = None) -> SVAGForm:
    """The scaling rule at kappa = 1/l^p, with p the least power that makes every exponent of l an integer.

    scaling: the scaling rule of the rule, where it is known already.
    source: Li, Malladi & Arora 2021 (SGD: A = l, step eta/l); Malladi et al. 2022 (adaptive: A = l^2, step eta/l).
    """
    scaling = scaling or scaling_rule(rule)
    power = lcm(*(e.denominator for e in scaling.exponents.values()))
    ell = Symbol("l")

    def factor(name: str) -> Expr:
        return ell ** sympy.Rational(-power * scaling.exponents[name])

    changed: dict[str, Expr] = {}
    for beta, small in averaging(rule).items():
        changed[beta.name] = 1 - (1 - Symbol(beta.name)) * factor(small)
    for name, exponent in scaling.exponents.items():
        if not name.startswith("1-") and name != "steps" and exponent:
            changed[name] = Symbol(name) * factor(name)
    return SVAGForm(ell**power, changed, factor("steps"), -power * scaling.exponents["steps"])


def svag_rule(rule: UpdateRule) -> UpdateRule:
    """The rule with SVAG around its gradient and its hyperparameters; l = 1 is the rule itself."""
    form = svag_form(rule)
    ell = symbol("ell")
    names = {Symbol("l"): ell, **{Symbol(h.name): h.symbol for h in rule.hyperparameters}}
    changed = {symbol(name): e.xreplace(names) for name, e in form.hyperparameters.items()}
    return compose(f"svag_{rule.name}", rule, [svag(form.amplification.xreplace(names), changed)])
