"""Divergence witnesses: exact proof objects that a method goes the wrong way, found for given betas.

The order of quantifiers: the betas come first, then the problem. That says nothing against a problem that is fixed
before beta2 is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from json import dumps
from typing import Any

import sympy
from sympy import Expr

from .crossing import Crossing, crossing
from .errors import DriftproofError, NotReadable, OutOfDomain, Refused
from .generic import matched
from .kernel.recursion import Runs
from .kernel.untrusted import DIGITS
from .kernel.witness import LONGEST, Proof, as_data, replay
from .limiting import Method, constant, exact, limit, rounded_down, step_size
from .quantities import number
from .recursion import Recursion
from .rule import UpdateRule
from .sampled import sampled
from .schedules import schedule
from .spikes import fastest, first_order, largest_sum, smallest, spike
from .symbols import symbol, t
from .witnessed import Outcome, Search, length

BUDGET = 10**7
EXAMPLE = 101
"""Period of the stream whose crossing time is told where none is asked for."""


def stream(given: str | Iterable[Any]) -> Runs:
    """The gradients of "1000,-1x999", or of a list of numbers. raises: NotReadable, OutOfDomain."""
    entries = given.split(",") if isinstance(given, str) else list(given)
    runs = []
    for entry in entries[: LONGEST + 1]:
        value, times, count = str(entry).strip().partition("x") if isinstance(given, str) else (entry, "", "")
        if times and not (count.isascii() and count.isdigit() and 0 < len(count) < 6 and int(count) > 0):
            raise NotReadable(f"'{str(entry)[:40]}' is not VALUExCOUNT.", "", "Write 1000,-1x999.")
        g = number(value, "a gradient")
        runs.append((int(count or 1), Fraction(int(g.p), int(g.q))))
    if not runs or any(len(str(g)) > DIGITS for _, g in runs):
        raise OutOfDomain("There is no gradient, or one with too many digits.", "", f"At most {DIGITS} characters.")
    return tuple(runs)


def witness(rule: UpdateRule, values: Mapping[str, Any], search: Search | None = None) -> Outcome:
    """A divergence witness of a rule, or why there is none.

    values: hyperparameters by letter, as numbers or as text in t; those left out have the rule's defaults.
    raises: Refused where the rule is not Generic Adam's recursion, or has weight decay; OutOfDomain, UnknownName,
    NotReadable for bad values.
    source: the search is ours; the spikes are after reddi2018convergence, Theorem 2.
    """
    search = search or Search()
    found = matched(rule, _values(rule, values))
    beta2 = limit(found.beta2, "beta2")
    impossible = _impossible(found, beta2, search)
    if impossible:
        return Outcome("IMPOSSIBLE", impossible, rule, search.sampling, crossing=_crossed(found, beta2, search))
    if search.sampling == "iid" and limit(found.floor, "floor") != 0:
        raise Refused(
            f"{rule.label} has a floor under the root.", "The bounds for independent draws need a smooth one.", ""
        )
    method = Method(constant(found, exact(found.beta2, "beta2")), search.sampling, step_size(found))
    outcome = _searched(rule, method, search)
    return replace(outcome, step_size=method.alpha)


def _values(rule: UpdateRule, given: Mapping[str, Any]) -> dict[str, Expr]:
    """Every hyperparameter as an expression in t. raises: UnknownName, OutOfDomain, NotReadable."""
    found: dict[str, Expr] = {h.name: h.default for h in rule.hyperparameters}
    absent = {"beta1"} - found.keys()
    for name, value in given.items():
        e = schedule(value) if isinstance(value, str) else number(value, name)
        if e.has(symbol("T")):
            raise NotReadable(f"{name} = {value} has T in it.", "A witness runs without end.", "Write it in t alone.")
        if name in absent and e == 0:
            continue
        domain = rule.hyperparameter(name).domain
        if not e.has(t):
            domain.check(name, number(str(e), name))
        found[name] = e
    return {name: sympy.sympify(e) for name, e in found.items()}


def _impossible(found: Recursion, beta2: Expr, search: Search) -> str:
    if found.form == "max":
        return (
            "The largest v so far tends to a constant V along a periodic stream, so that a period moves theta by "
            "-alpha sum(g)/(sqrt(V) + eps): down, where the gradients add up to more than 0."
        )
    if beta2 == 1:
        return (
            "beta2(t) tends to 1. On a periodic stream v then varies less and less within a period, which moves theta "
            "by about -alpha sum(g)/(sqrt(v) + eps): the right way in the end, wrong only for a time."
        )
    if found.form == "old" and search.sampling == "iid":
        return (
            "The gradient is divided by the root of the v before it, which an independent draw knows nothing of: the "
            "mean step is -alpha E[g] E[1/D(v)], the right way."
        )
    return ""


def _crossed(found: Recursion, beta2: Expr, search: Search) -> Crossing | None:
    """Where beta2 tends to 1: the stream asked for, or an example, and when it turns around."""
    if beta2 != 1 or found.form == "max" or search.sampling == "iid":
        return None
    placeholder = Method(constant(found, Fraction(1, 2)), "cyclic", None)
    runs = search.gradients or spike(placeholder, search.period or EXAMPLE)
    return crossing(placeholder, found.beta2, runs)


def _searched(rule: UpdateRule, method: Method, search: Search) -> Outcome:
    if search.gradients is not None:
        return _judged(rule, method, search, _upward(search.gradients))
    if search.period is not None:
        return _of_period(rule, method, search, search.period)
    if search.smallest:
        runs = smallest(method)
        if runs is None:
            why = "No spike with sum 1 of a period up to 1000 is a witness; --period N finds one with a smaller sum."
            return Outcome("NONE_FOUND", why, rule, method.sampling)
        return _judged(rule, method, search, runs)
    return _fastest(rule, method, search)


def _upward(runs: Runs) -> Runs:
    total, entries = sum((n * g for n, g in runs), Fraction(0)), length(runs) or 0
    if total <= 0 or entries > LONGEST:
        raise DriftproofError(
            f"The gradients are {entries} with the sum {total}.",
            f"A stream has at most {LONGEST} entries, and a sum above 0, so that theta ought to go down.",
            "Turn the signs around: that changes nothing else.",
        )
    return runs


def _of_period(rule: UpdateRule, method: Method, search: Search, period: int) -> Outcome:
    """The spike of sum 1 if it is a witness, else one of about half the largest sum."""
    runs = spike(method, period)
    if method.sampling == "iid":
        return _judged(rule, method, search, runs)
    bracket = largest_sum(method, period)
    if bracket is None:
        why = "Not even the spike of sum 0 goes the wrong way: the damping hides the gradients, which have size 1."
        return Outcome("NONE_FOUND", why, rule, method.sampling, runs=runs, interval=method.drift(runs))
    if method.sign(runs) <= 0:
        runs = spike(method, period, rounded_down(bracket[0] / 2, 2))
    return replace(_judged(rule, method, search, runs), largest_sum=bracket)


def _fastest(rule: UpdateRule, method: Method, search: Search) -> Outcome:
    found = fastest(method)
    if method.sampling == "iid" and not found:
        return _judged(rule, method, search, spike(method, EXAMPLE))
    if not found:  # every period has a witness of a smaller sum
        small = [spike(method, n, rounded_down(first_order(method, n) / 4, 2)) for n in (10, 100, 1000)]
        steps = [(method.steps(runs, method.drift(runs)[0]), runs) for runs in small]
        found = sorted((s, runs) for s, runs in steps if s is not None)
    if not found:
        why = "No spike tried is a witness, or the step size has no limit to predict a time by; give a period."
        return Outcome("NONE_FOUND", why, rule, method.sampling)
    return _judged(rule, method, replace(search, budget=search.budget or BUDGET), found[0][1])


def _judged(rule: UpdateRule, method: Method, search: Search, runs: Runs) -> Outcome:
    """The verdict on one stream; a witness is replayed before it is given."""
    low, high = method.drift(runs)
    about: dict[str, Any] = {"runs": runs, "interval": (low, high)}
    if low <= 0:
        if high < 0:
            why = "Along this stream theta goes the right way."
            return Outcome("NONE_FOUND", why, rule, method.sampling, **about)
        if method.sampling == "iid":
            why = "The interval of the drift holds 0. The mean of a simulation is no proof."
            return Outcome("STATISTICAL", why, rule, "iid", sampled=sampled(method, runs), **about)
        return Outcome("NONE_FOUND", "The sign of the drift is not decided.", rule, method.sampling, **about)
    bound, steps = rounded_down(low), method.steps(runs, low)
    if search.budget is not None and steps is not None and steps > search.budget:
        why = f"The fastest witness found needs about {steps} steps, more than the budget of {search.budget}."
        return Outcome("NONE_FOUND", why, rule, method.sampling, predicted_steps=steps, **about)
    total = sum((n * g for n, g in runs), Fraction(0))
    proof = Proof(method.sampling, method.constant, runs, total, bound, rule.label, rule.digest)
    replay(dumps(as_data(proof)))
    return Outcome("WITNESS", _why(proof), rule, method.sampling, proof, steps, **about)


def _why(proof: Proof) -> str:
    per = "a period" if proof.sampling == "cyclic" else f"{proof.period} draws, on average,"
    return (
        f"The gradients of {per} add up to {proof.gradient_sum} > 0, and yet they move theta up, by at least "
        f"{float(proof.drift_lower_bound):.6g} alpha in the limit."
    )
