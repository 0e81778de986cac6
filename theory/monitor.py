"""`monitored`: a rule that also computes, in its own step, the sequences on which its convergence rests.

They are generated from the rule's match with Generic Adam (`theory.generic`), so that every backend that carries
reductions (all but cuda; torch serves a GPU) computes them in the call of `step`: what the schedules give once per step
and group, on the host in float64; what the gradients give by a reduction where they lie. A run that leaves the
hypotheses is marked with the step at which it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy
from sympy import Expr, Piecewise, Rational, Symbol, sqrt

from .combinators import reparametrise
from .errors import Refused
from .generic import matched
from .nodes import reduce
from .recursion import Recursion
from .rule import Equation, Hyperparameter, Output, State, UpdateRule, exact
from .symbols import new, symbol, t, theta

SLACK = Rational(1, 2**20)
"""SC2 and SC3 hold up to this relative error: in float64 a constant chi wobbles by a few times 2^-53/(1 - beta2), and
this leaves room for 1 - beta2 down to 2^-30."""
BOUND, SPREAD = symbol("G"), symbol("C0")
HYPOTHESES = {
    "SC2": "beta2 does not decrease",
    "SC3": "chi_t is at most C0 times the smallest chi before it",
    "gradient": "no entry of the gradient exceeds G in size, so that its second moment is at most G^2",
}
"""What a monitored run is held to -> in words. Output left_NAME: the first step at which it failed, or 0."""


def monitored(
    rule: UpdateRule, values: Mapping[str, Expr] | None = None, bound: Any = 1, spread: Any = 1
) -> UpdateRule:
    """The rule with outputs, one number per group: the sequences of the convergence conditions up to this step.

    alpha, beta1, beta2, chi = alpha/sqrt(1 - beta2).   chi_min, C_0 = sup chi_t/min_{i<=t} chi_i (SC3).
    sum_alpha; sum_noise = sum alpha sqrt(1 - beta2); SC4 = sum_noise/(t alpha).
    A, rho, P: of the certificate, with m^2 <= A v.   gradient_max: the largest |g| so far.   left_*: see HYPOTHESES.
    values: hyperparameters replaced by schedules in t; the others stay, and may change from step to step.
    bound, spread: defaults of the new hyperparameters G and C0, exact numbers.
    raises: Refused with the term where the rule is not Generic Adam's recursion; RuleError for a schedule outside the
    language of rules.   source: chen2022towards, conditions (SC); A, rho, P are those of the finite certificate.
    """
    fixed = _with_values(rule, values or {})
    found = matched(fixed)
    if found.form != "new":
        raise Refused(
            f"{rule.label} is not monitored.",
            "The conditions are about the step alpha m/sqrt(v) with the newest v; this one takes "
            + ("the one before." if found.form == "old" else "the largest so far."),
            "Monitor a rule such as adam, rmsprop, adagrad or generic_adam.",
        )
    sequences = _Sequences(found)
    return UpdateRule(
        name=f"{rule.name}_monitored",
        source=rule.source,
        equations=(*fixed.equations, *sequences.equations()),
        hyperparameters=(*fixed.hyperparameters, *_assumed(bound, spread)),
        state=(*fixed.state, *(State(s, init=0, scope="group") for s in sequences.states)),
        gradients=fixed.gradients,
        guard=fixed.guard,
        outputs=(*fixed.outputs, *sequences.outputs()),
        names={**fixed.declared["names"], **{str(s): meaning for s, meaning in sequences.names.items()}},
        combinators=(*fixed.combinators, f"monitored({rule.label})"),
        notes=rule.declared["notes"],
    )


def _with_values(rule: UpdateRule, values: Mapping[str, Expr]) -> UpdateRule:
    """The schedules become part of the rule, so that what runs is what is monitored. raises: UnknownName; Refused."""
    letters = {rule.hyperparameter(name).symbol: value for name, value in values.items()}
    for letter, value in letters.items():
        if value.has(symbol("T")):
            raise Refused(f"{letter} = {value} depends on T.", "A step knows t only.", "Put the number of steps in.")
    return reparametrise(letters, label="scheduled").apply(rule) if letters else rule


def _assumed(bound: Any, spread: Any) -> tuple[Hyperparameter, ...]:
    return (
        Hyperparameter(BOUND, exact(bound, "bound"), domain="(0, oo)", meaning="assumed bound of |g|"),
        Hyperparameter(SPREAD, exact(spread, "spread"), domain="[1, oo)", meaning="assumed C_0 of SC3"),
    )


class _Sequences:
    """The equations of the sequences, in order; letters begin with sc so that they meet none of the rule's own."""

    MEANINGS: Mapping[str, str] = {
        "alpha": "step size alpha_t of Generic Adam",
        "beta1": "decay of the first moment",
        "beta2": "decay of the second moment",
        "chi": "alpha/sqrt(1 - beta2)",
        "chi_min": "smallest chi so far",
        "C_0": "largest chi_t/min chi_i so far, i <= t",
        "sum_alpha": "sum of alpha",
        "sum_noise": "sum of alpha sqrt(1 - beta2)",
        "SC4": "sum_noise/(t alpha)",
        "A": "m^2 <= A v",
        "rho": "beta1 alpha_t/(sqrt(beta2) alpha_{t-1}), 0 at t = 1",
        "P": "1 + rho P",
        "gradient_max": "largest |g| so far",
        **{f"left_{name}": f"first step at which this failed: {words}" for name, words in HYPOTHESES.items()},
    }
    STATES = ("alpha", "beta2", "chi_min", "C_0", "sum_alpha", "sum_noise", "A", "P", "gradient_max")
    """Those of which the step needs the value before."""

    def __init__(self, found: Recursion) -> None:
        self.found = found
        self.letters = {name: symbol("sc_" + name.replace("_", "")) for name in self.MEANINGS}
        kept = (*self.STATES, *(name for name in self.MEANINGS if name.startswith("left_")))
        self.states = [self.letters[name] for name in kept]

    @property
    def names(self) -> dict[Symbol, str]:
        added = {BOUND: "assumed bound of |g|", SPREAD: "assumed C_0"}
        return {self.letters[name]: words for name, words in self.MEANINGS.items()} | added

    def before(self, name: str) -> Symbol:
        return self.letters[name]

    def now(self, name: str) -> Symbol:
        letter = self.letters[name]
        return new(letter) if letter in self.states else letter

    def equations(self) -> list[Equation]:
        return [Equation(self.now(name), value) for name, value in (*self._sequences(), *self._departures())]

    def outputs(self) -> list[Output]:
        return [Output(name, self.now(name), meaning) for name, meaning in self.MEANINGS.items()]

    def _sequences(self) -> Iterator[tuple[str, Expr]]:
        found, now, before = self.found, self.now, self.before
        alpha, beta1, beta2, chi, low = (now(name) for name in ("alpha", "beta1", "beta2", "chi", "chi_min"))
        first = t <= 1
        yield "alpha", found.alpha
        yield "beta1", found.beta1
        yield "beta2", found.beta2
        yield "chi", Recursion(found.rule, alpha, beta1, beta2).chi
        yield "chi_min", Piecewise((chi, first), (sympy.Min(before("chi_min"), chi), True))
        # Where chi is 0 so is the smallest; what comes after is infinitely larger, but not the 0 itself.
        yield "C_0", sympy.Max(before("C_0"), Piecewise((chi / low, chi > 0), (1, True)))
        yield "sum_alpha", before("sum_alpha") + alpha
        yield "sum_noise", before("sum_noise") + alpha * sqrt(1 - beta2)
        yield "SC4", now("sum_noise") / (t * alpha)
        yield "A", beta1**2 / beta2 * before("A") + (1 - beta1) ** 2 / (1 - beta2)
        yield "rho", Piecewise((0, first), (beta1 * alpha / (sqrt(beta2) * before("alpha")), True))
        yield "P", 1 + now("rho") * before("P")
        gradient = found.rule.gradients[0].symbol + found.penalty * theta
        yield "gradient_max", sympy.Max(before("gradient_max"), reduce("max", sympy.Abs(gradient), over="group"))

    def _departures(self) -> Iterator[tuple[str, Expr]]:
        """A NaN is a departure too: what is asked is that the hypothesis holds, not that it fails."""
        now, beta2 = self.now, self.before("beta2")
        holds = {
            "SC2": now("beta2") >= beta2 - SLACK * (1 - beta2),
            "SC3": now("C_0") <= SPREAD * (1 + SLACK),
            "gradient": now("gradient_max") <= BOUND,
        }
        for name, condition in holds.items():
            was = self.before(f"left_{name}")
            yield f"left_{name}", Piecewise((was, was > 0), (0, condition), (t, True))
