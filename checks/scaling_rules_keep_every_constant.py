"""Scaling rules keep every constant of the SDE and its time horizon, and no other powers of kappa do.

Batch size B -> kappa B divides sigma by sqrt(kappa). With the derived powers each constant (sigma0, eps0, c1, ...) is
the same expression as before, and so is steps times the time per step. Uniqueness is the rank of the exponent
system, which the derivation refuses to report unless it is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import sympy
from sympy import Symbol

from driftproof.theory.catalogue import names
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.errors import Refused
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.scaling import scaling_rule

from .runtime.check import Check, Context, Mutant, NotRun
from .runtime.verdict import Verdict

KAPPA = Symbol("kappa", positive=True)
Exponents = Mapping[str, Fraction]

# What stays fixed, typed from the papers: Goyal et al. 2017 for SGD, Malladi et al. 2022 for RMSprop and Adam; by hand
# for the signs.
ADAPTIVE = ("eta*sigma", "eps*eta", "(1 - beta2)/eta**2", "steps*eta**2")
BY_HAND: Mapping[str, tuple[str, ...]] = {
    "sgd": ("eta*sigma**2", "steps*eta"),
    "rmsprop": ADAPTIVE,
    "adam": (*ADAPTIVE, "(1 - beta1)/eta**2"),
    "adamw": (*ADAPTIVE, "(1 - beta1)/eta**2", "decay/eta"),
    # The noise decides the sign, and its scale is that of the step; Lion's mixture of m and g is kept as it is.
    "signsgd": ("eta*sigma", "steps*eta**2"),
    "lion": ("eta*sigma", "1 - beta1", "(1 - beta2)/eta**2", "decay/eta", "steps*eta**2"),
}


def scaled(expression: Any, exponents: Exponents) -> Any:
    """The expression at kappa times the batch size."""
    swap: dict[Any, Any] = {_letter("sigma"): _letter("sigma") / sympy.sqrt(KAPPA)}
    for name, exponent in exponents.items():
        power = KAPPA ** sympy.Rational(exponent.numerator, exponent.denominator)
        beta = _letter(name.removeprefix("1-"))
        swap[beta] = 1 - power * (1 - beta) if name.startswith("1-") else power * beta
    swap[_letter("h")] = _letter("h") / swap.get(_letter("steps"), 1) * _letter("steps")  # where no step size defines h
    return expression.xreplace({s: _letter(s.name) for s in expression.free_symbols}).xreplace(swap)


def _letter(name: str) -> Symbol:
    return Symbol("decay" if name == "lambda" else name, positive=True)


def changed(expressions: Mapping[str, Any], exponents: Exponents) -> list[str]:
    """The names of those that are not the same after scaling."""
    found = []
    for name, expression in expressions.items():
        before = expression.xreplace({s: _letter(s.name) for s in expression.free_symbols})
        if sympy.simplify(scaled(expression, exponents) / before - 1) != 0:
            found.append(name)
    return found


def by_hand(label: str) -> dict[str, Any]:
    """The fixed quantities typed above, as expressions."""
    letters = {name: _letter(name) for name in ("sigma", "eta", "eps", "beta1", "beta2", "decay", "steps")}
    return {text: sympy.sympify(text, locals=letters) for text in BY_HAND.get(label, ())}


def run(context: Context) -> Iterator[Verdict | NotRun]:
    for rule in context.rules(default=names()):
        try:
            sde, scaling = derive(rule), scaling_rule(rule)
        except Refused as refusal:
            yield context.not_run(rule.label, f"no scaling rule is derived: {refusal.why or refusal.what}")
            continue
        fixed = {**sde.constants, "time horizon": Symbol("steps") * sde.time_per_step}
        wrong = changed(fixed, scaling.exponents)
        if _is_ours(rule):
            wrong += changed(by_hand(rule.label), scaling.exponents)
        detail = {"changed": ", ".join(wrong) or "nothing", "rank": f"{scaling.rank} of {len(scaling.unknowns)}"}
        yield context.verdict(rule.label, not wrong, n=len(fixed), detail=detail)


def _is_ours(rule: UpdateRule) -> bool:
    return rule.label in BY_HAND and rule.digest == rule_of(rule.label).digest


def mutants(context: Context) -> Iterator[Mutant]:
    """One power of kappa changed by a half, either way."""
    for label in BY_HAND:
        if not context.wants(rule_of(label)):
            continue
        right = scaling_rule(rule_of(label)).exponents
        for name in right:
            for change in (Fraction(1, 2), Fraction(-1, 2)):
                wrong = {**right, name: right[name] + change}
                what = f"{label}: {name} scaled by kappa^{wrong[name]}"
                yield Mutant(what, "invariants typed from the papers", partial(_killed, label, wrong))


def _killed(label: str, wrong: Exponents) -> str:
    moved = changed(by_hand(label), wrong)
    return f"changes {', '.join(moved)}" if moved else ""


check = Check(
    id="scaling-keeps-constants",
    claim="The derived powers of kappa keep every constant of the SDE and its time horizon, and no others do.",
    evidence="T0",
    run=run,
    mutants=mutants,
    source=Source("malladi2022sdes", "square-root scaling rules", "linear rule: goyal2017accurate"),
)
