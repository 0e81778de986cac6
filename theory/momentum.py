"""A rule read as a momentum method: a direction d = sum_j rho_j g_j, and a positive diagonal beside it.

d is a weighted sum of past gradients, kept in averages whose recurrences have weights that are known before the
gradients are; whatever else stands in the step must be positive, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .nodes import Choice, choose
from .positive import Positive
from .rule import Equation, First, State, UpdateRule
from .symbols import g, new, symbol, theta

Form = dict[Symbol, Expr]
"""letter -> weight: a linear form."""


@dataclass(frozen=True)
class Momentum:
    """What the model needs of a rule.

    step: the rule's own step, in the letters of its equations.
    slope: letter -> weight, of new and old averages and g.
    averages: average -> its recurrence, letter -> weight.   start: average -> its first value as a multiple of g.
    weighing: the hyperparameters and states that the weights depend on.
    """

    step: Expr
    slope: Mapping[Symbol, Expr]
    averages: Mapping[Symbol, Mapping[Symbol, Expr]]
    start: Mapping[Symbol, Expr]
    weighing: frozenset[Symbol]


def momentum(rule: UpdateRule, label: str = "") -> Momentum:
    """Reads d and D off a rule's equations. raises: Refused, with the term that does not fit, for the rule `label`."""
    found = _Reading(rule, label or rule.label)
    own = next(e.expression for e in rule.declared["equations"] if e.symbol == new(theta))
    slope = found.slope(_moved(found.inlined[new(theta)]))
    used = _used(slope, found.averages)
    found.require_weights("d", slope)
    for m in used:
        found.require_weights(str(m), found.averages[m])
    averages = {m: found.averages[m] for m in used}
    start = {m: found.start(m) for m in used}
    forms = [slope, *averages.values(), *({g: value} for value in start.values())]
    return Momentum(_moved(own), slope, averages, start, found.behind({x for form in forms for x in form.values()}))


def _moved(own: Expr) -> Expr:
    """theta - new(theta), case by case."""
    if isinstance(own, sympy.Piecewise):
        return sympy.Piecewise(*((theta - value, condition) for value, condition in own.args))
    return theta - own


class _Reading:
    """A rule's equations, and what of them is linear in gradients."""

    def __init__(self, rule: UpdateRule, label: str) -> None:
        self.label, self.declared = label, rule.declared
        if [(d.symbol, d.at) for d in self.declared["gradients"]] != [(g, theta)]:
            raise self.refused("its gradient is not one draw at theta", "A loss is linearised where its step starts.")
        self.states = {s.symbol: s for s in self.declared["state"] if s.scope == "element"}
        self.inlined = _inlined(self.declared["equations"], {new(s) for s in self.states})
        self.constants = {h.symbol for h in self.declared["hyperparameters"]}
        self.scalars = _scalars(rule, self.inlined)
        self.averages = _averages(self.states, self.inlined, self.scalars)
        self.positive = Positive(rule, self.inlined)

    def refused(self, what: str, why: str = "") -> Refused:
        fix = "Take a rule whose step is a weighted sum of gradients times a positive diagonal."
        return Refused(f"momo({self.label}): {what}.", why, fix)

    def slope(self, step: Expr) -> Form:
        """d of step = (positive diagonal) * d; where there are cases the same d in all that move."""
        if isinstance(step, sympy.Piecewise):
            found = [self.slope(value) for value, _ in step.args if value != 0]
            if not found or any(form != found[0] for form in found):
                raise self.refused(f"the cases of {_short(step)} step along different directions")
            return found[0]
        for term in sympy.Add.make_args(step):
            if theta in sympy.Mul.make_args(term):
                raise self.refused(f"its step has the term {_short(term)}", "A direction comes from gradients alone.")
        return self._factors(step) or self._factors(sympy.factor_terms(step)) or {}

    def _factors(self, step: Expr) -> Form | None:
        """None where a sum may have to be factored before. raises: Refused."""
        letters = {g, *self.averages, *(new(s) for s in self.averages)}
        parts = sympy.Mul.make_args(step)
        forms = [form for a in parts if (form := linear(a, letters, self.scalars))]
        others = [a for a in parts if not linear(a, letters, self.scalars)]
        unclear = [a for a in others if not self.positive.nonnegative(a)]
        if isinstance(step, sympy.Add) and step != sympy.factor_terms(step) and (unclear or len(forms) != 1):
            return None
        if unclear:
            what = f"{_short(unclear[0])} in its step is neither a weighted sum of gradients nor shown to be positive"
            raise self.refused(what, "All that stands beside the direction must be a positive diagonal.")
        if len(forms) != 1:
            raise self.refused(f"{_short(step)} has {len(forms)} factors that are weighted sums of gradients")
        return forms[0]

    def require_weights(self, name: str, weights: Mapping[Symbol, Expr]) -> None:
        for letter, weight in weights.items():
            if not self.positive.nonnegative(weight):
                why = "An average of lower models bounds the average of losses only with weights that are not negative."
                raise self.refused(f"the weight {_short(weight)} of {letter} in {name} may be negative", why)

    def start(self, average: Symbol) -> Expr:
        """The first old value as a multiple of g."""
        init = self.states[average].init
        value = init.expression if isinstance(init, First) else init
        form = linear(value, {g}, self.constants)
        if form is None:
            raise self.refused(f"{average} starts at {_short(value)}, which is no multiple of g")
        return form.get(g, sympy.S.Zero)

    def behind(self, weights: set[Expr]) -> frozenset[Symbol]:
        """The hyperparameters and states that the weights depend on."""
        found: set[Symbol] = set()
        frontier = [x for weight in weights for x in weight.free_symbols]
        while frontier:
            at = frontier.pop()
            if at not in found:
                found.add(at)
                frontier += [*self.inlined[new(at)].free_symbols] if new(at) in self.inlined else []
        return frozenset(found)


def _inlined(equations: Sequence[Equation], kept: set[Symbol]) -> Form:
    """Every equation in terms of inputs, old values and the values that are kept."""
    known: Form = {}
    found: Form = {}
    for equation in equations:
        found[equation.symbol] = equation.expression.xreplace(known)
        if equation.symbol not in kept:
            known[equation.symbol] = found[equation.symbol]
    return found


def _scalars(rule: UpdateRule, inlined: Mapping[Symbol, Expr]) -> set[Symbol]:
    """Letters that are one number for all entries, and do not come from gradients."""
    letters = {h.symbol for h in rule.declared["hyperparameters"]} | {symbol("t")}
    scalar = {s.symbol for s in rule.declared["state"] if s.scope != "element"}
    while True:
        bad = {s for s in scalar if not inlined[new(s)].free_symbols <= letters | scalar}
        if not bad:
            return letters | scalar
        scalar -= bad


def linear(expression: Any, letters: set[Symbol], scalars: set[Symbol]) -> Form | None:
    """letter -> weight where the expression is a linear form of the letters, with scalar weights; else None."""
    if expression == 0:
        return {}
    if isinstance(expression, Symbol):
        return {expression: sympy.S.One} if expression in letters else None
    if isinstance(expression, sympy.Add):
        return _sum([linear(a, letters, scalars) for a in expression.args])
    if isinstance(expression, sympy.Mul):
        factors = [a for a in expression.args if not a.free_symbols <= scalars]
        inner = linear(factors[0], letters, scalars) if len(factors) == 1 else None
        weight = sympy.Mul(*(a for a in expression.args if a.free_symbols <= scalars))
        return None if inner is None else {x: weight * w for x, w in inner.items()}
    if isinstance(expression, Choice):
        return _branches(expression.branches, lambda ws: choose(expression.axis, **ws), letters, scalars)
    if isinstance(expression, sympy.Piecewise) and all(c.free_symbols <= scalars for _, c in expression.args):
        conditions = [c for _, c in expression.args]
        values = {str(k): v for k, (v, _) in enumerate(expression.args)}

        def cases(weights: Mapping[str, Expr]) -> Expr:
            return sympy.Piecewise(*zip(weights.values(), conditions, strict=True))

        return _branches(values, cases, letters, scalars)
    return None


def _sum(forms: Sequence[Form | None]) -> Form | None:
    total: Form = {}
    for form in forms:
        if form is None:
            return None
        for letter, weight in form.items():
            total[letter] = total.get(letter, sympy.S.Zero) + weight
    return total


def _branches(
    values: Mapping[str, Any], join: Callable[[Mapping[str, Expr]], Any], letters: set[Symbol], scalars: set[Symbol]
) -> Form | None:
    forms = {name: linear(value, letters, scalars) for name, value in values.items()}
    if any(form is None for form in forms.values()):
        return None
    found = sorted({x for form in forms.values() for x in form or ()}, key=str)
    return {x: join({name: (form or {}).get(x, sympy.S.Zero) for name, form in forms.items()}) for x in found}


def _averages(
    states: Mapping[Symbol, State], inlined: Mapping[Symbol, Expr], scalars: set[Symbol]
) -> dict[Symbol, Form]:
    """The states that are linear in gradients, with their recurrences."""
    found = set(states)
    while True:
        letters = {g, *found, *(new(s) for s in found)}
        forms = {s: linear(inlined[new(s)], letters, scalars) for s in found}
        good = {s for s, form in forms.items() if form is not None}
        if good == found:
            return {s: form for s, form in forms.items() if form is not None}
        found = good


def _short(expression: Any) -> str:
    text = str(expression)
    return text if len(text) < 100 else text[:97] + "..."


def _used(slope: Mapping[Symbol, Expr], averages: Mapping[Symbol, Mapping[Symbol, Expr]]) -> list[Symbol]:
    """The averages on which d depends, in the order of the rule."""
    old = {new(s): s for s in averages} | {s: s for s in averages}
    found: set[Symbol] = set()
    frontier = [old[x] for x in slope if x in old]
    while frontier:
        at = frontier.pop()
        if at not in found:
            found.add(at)
            frontier += [old[x] for x in averages[at] if x in old]
    return [s for s in averages if s in found]


__all__ = ["Form", "Momentum", "linear", "momentum"]
