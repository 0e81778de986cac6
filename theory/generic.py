"""`matched`: an update rule read as Generic Adam's recursion, its sequences taken off the rule's own equations.

Averages that do not weigh to one are rescaled: v = e_t v' with e_0 = 1 and e_t = a e_{t-1} + b for v_t = a v + b g^2.
So Adagrad's sum is an average with beta2 = t/(t + 1), and alpha = eta/sqrt(t + 1). A bias correction is left where it
is, as a factor of alpha and of the damping: the average itself has weights from v_0 on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol

from .errors import Refused
from .nodes import MatMul, Reduce, Transpose
from .power_sums import PowerSum, as_sum
from .recursion import ONE, ZERO, Recursion
from .rule import First, UpdateRule
from .symbols import SHAPE, f, new, t, theta

_ROOT = sympy.Dummy("root", positive=True)


def _sqrt(e: Expr) -> Expr:
    """The root of a square or product of things that are positive by their domains: letters, t, and 1 - beta^t."""
    positive = {s: sympy.Dummy(s.name, positive=True) for s in e.free_symbols}
    count = positive.get(t, t)
    e = e.xreplace(positive)
    below = {p.base: sympy.Dummy(positive=True) for p in e.atoms(sympy.Pow) if p.exp.has(count)}
    powers = {p: (1 - below[p.base]) ** (p.exp / count) for p in e.atoms(sympy.Pow) if p.exp.has(count)}
    inside = {**dict.fromkeys(positive.values(), sympy.Rational(1, 2)), count: sympy.Integer(1000)}
    inside |= dict.fromkeys(below.values(), sympy.Rational(1, 2))  # one point of the domains decides every sign
    root = sympy.sqrt(sympy.factor(e.xreplace(powers)))
    root = root.replace(sympy.Abs, lambda a: a if a.xreplace(inside) > 0 else -a)
    back = {letter: 1 - base**count for base, letter in below.items()}
    return root.xreplace(back).xreplace({dummy: s for s, dummy in positive.items()})


def matched(rule: UpdateRule, values: Mapping[str, Expr] | None = None) -> Recursion:
    """The recursion of a rule, after the given hyperparameters are put in; those not named stay letters.

    values: letter -> expression in t and T.   raises: Refused with the term that does not fit.
    """
    return _Match(rule, values or {}).found()


class _Match:
    """One rule's equations, with new values of its states kept as letters."""

    def __init__(self, rule: UpdateRule, values: Mapping[str, Expr]) -> None:
        self.rule, self.since = rule, 1
        self.put = {h.symbol: values[h.name] for h in rule.hyperparameters if h.name in values}
        self.states = {s.symbol: s for s in rule.state}
        self._only_entries()
        self.g, self.penalty = self._gradient()
        self.steps = {s: self._written(new(s), keep=frozenset()) for s in self.states}
        self.moments = frozenset({new(s) for s in self.states})

    def refuse(self, term: Any, why: str) -> Refused:
        return Refused(
            f"{self.rule.label} is not Generic Adam: {str(term)[:160]} does not fit.",
            why,
            "It is v' = beta2 v + (1 - beta2) g^2, m' = beta1 m + (1 - beta1) g, step alpha m'/(sqrt(v') + eps).",
        )

    def _only_entries(self) -> None:
        draws = self.rule.gradients
        if len(draws) != 1 or draws[0].at != theta:
            raise self.refuse(", ".join(f"{d.symbol} at {d.at}" for d in draws), "It takes one gradient, at theta.")
        if self.rule.guard != sympy.true:
            raise self.refuse(self.rule.guard, "A step that may be left out is not in the recursion.")
        for equation in self.rule.equations:
            e = equation.expression
            if e.atoms(Reduce, MatMul, Transpose) or e.free_symbols & {*SHAPE, f}:
                raise self.refuse(e, "It acts on each entry by itself, and on the gradient alone.")

    def _gradient(self) -> tuple[Symbol, Expr]:
        """The letter that plays g: the draw, or the equation that adds a multiple of theta to it."""
        draw = self.rule.gradients[0].symbol
        users = [e for e in self.rule.equations if e.expression.has(draw)]
        if len(users) == 1:
            rest = sympy.expand(users[0].expression - draw)
            share = rest.coeff(theta, 1)
            if share != 0 and sympy.expand(rest - share * theta) == 0 and not share.free_symbols & {draw, theta}:
                return users[0].symbol, share
        return draw, ZERO

    def _written(self, wanted: Symbol, keep: frozenset[Symbol]) -> Expr:
        """The value of a letter in old values, g and kept letters; branches in t are taken as for large t."""
        known: dict[Symbol, Expr] = dict(self._clocks())
        for equation in self.rule.equations:
            if equation.symbol != self.g:
                expression = self._later(equation.expression)
                known[equation.symbol] = expression.xreplace({k: v for k, v in known.items() if k not in keep})
        return known[wanted]

    def _clocks(self) -> Iterator[tuple[Symbol, Expr]]:
        """States that add up c t^-u from 0 on, whatever the gradient: what each holds before step t."""
        for equation in self.rule.equations:
            s = next((s for s in self.states if new(s) == equation.symbol), None)
            found = as_sum(sympy.expand(equation.expression - s)) if s is not None else None
            if (
                s is not None
                and found
                and self.states[s].init == 0
                and not found[1].free_symbols & {*self.states, self.g}
            ):
                yield s, found[1] * PowerSum(found[0], t - 1)

    def _later(self, expression: Expr) -> Expr:
        """Branches on t as they are for large t; `since` remembers from when on."""
        for piecewise in expression.atoms(sympy.Piecewise):
            expression = expression.xreplace({piecewise: self._branch(piecewise)})
        return expression

    def _branch(self, piecewise: Any) -> Expr:
        if any(c.free_symbols - {t} for _, c in piecewise.args):
            raise self.refuse(piecewise, "A branch on anything but t is not in the recursion.")
        chosen: Expr | None = None
        for value, condition in piecewise.args:
            if condition in (True, sympy.true) or condition.subs(t, sympy.oo) == sympy.true:
                chosen = value
                break
            last = max((k for k in range(1, 101) if condition.subs(t, k) == sympy.true), default=0)
            self.since = max(self.since, last + 1)
        if chosen is None or self.since > 100:
            raise self.refuse(piecewise, "Its branches do not settle within 100 steps.")
        return chosen

    # The pieces

    def found(self) -> Recursion:
        moved = self._written(new(theta), keep=self.moments)
        step = sympy.expand(theta - moved)
        decay = step.coeff(theta, 1)
        rest = sympy.together(theta - moved - decay * theta)
        rest = sympy.expand(rest) if rest.has(theta) else rest
        if rest.has(theta) or decay.free_symbols & ({*self.states} | self.moments | {self.g}):
            raise self.refuse(step, "Beside a multiple of theta, a step depends on the moments alone.")
        carrier = self._carrier(rest)
        factor = sympy.simplify(rest / carrier)
        if factor.has(carrier):
            raise self.refuse(rest, f"The step is not proportional to {carrier}.")
        if carrier == self.g:
            return self._without_momentum(factor, decay)
        return self._with_momentum(carrier, factor, decay)

    def _carrier(self, rest: Expr) -> Symbol:
        """The letter that the step is proportional to: the new first moment, or g itself."""
        first = [new(s) for s in self.states if new(s) in rest.free_symbols and self._is_first(s)]
        if self.g in rest.free_symbols:
            if first:
                raise self.refuse(rest, f"The step depends on {self.g} and on {first[0]}.")
            return self.g
        if len(first) != 1:
            raise self.refuse(rest, "The step needs one average of the gradient.")
        return first[0]

    def _is_first(self, s: Symbol) -> bool:
        """Whether the state is linear in itself and in g."""
        e = self.steps[s]
        once, itself = sympy.diff(e, self.g), sympy.diff(e, s)
        return not (once == 0 or itself == 0 or once.has(self.g) or itself.has(s))

    def _without_momentum(self, factor: Expr, decay: Expr) -> Recursion:
        old = [s for s in self.states if s in factor.free_symbols]
        if old:
            self._second(old[0])
            return self._build("old", old[0], old[0], factor, ZERO, decay)
        return self._build(*self._large(factor), factor, ZERO, decay)

    def _with_momentum(self, carrier: Symbol, factor: Expr, decay: Expr) -> Recursion:
        m = next(s for s in self.states if new(s) == carrier)
        a, share = self._average(m, self.g)
        inner = [s for s in self.states if s in share.free_symbols and s != m]
        if inner and not factor.free_symbols & {*self.states, *self.moments}:
            normaliser = sympy.simplify(share / (1 - a))
            return self._build("old", inner[0], inner[0], factor, a, decay, normaliser)
        if share.free_symbols & ({*self.states} | self.moments):
            raise self.refuse(self.steps[m], "The first moment averages the gradient itself, or g over the old root.")
        scale = self._weight(m, a, share)
        return self._build(*self._large(factor), factor / scale, a, decay)

    def _average(self, s: Symbol, term: Expr) -> tuple[Expr, Expr]:
        """a, b of s' = a s + b term. raises: Refused for another form, or a start other than 0."""
        e = self.steps[s]
        a = sympy.diff(e, s)
        b = sympy.simplify((e - a * s).subs(s, 0) / term)
        if sympy.simplify(e - a * s - b * term) != 0 or a.free_symbols & ({*self.states} | {self.g, theta}):
            raise self.refuse(e, f"{s} is not an average of {term}.")
        if b.free_symbols & {self.g, theta} or (term == self.g and self.states[s].init != 0):
            raise self.refuse(e, f"{s} is not an average of {term} that starts at 0.")
        return a, b

    def _weight(self, m: Symbol, a: Expr, b: Expr) -> Expr:
        """c for which c m averages with weights a and 1 - a."""
        c = sympy.simplify((1 - a) / b)
        if c != 1 and self._moves(a, b):
            raise self.refuse(self.steps[m], f"The weights {a} and {b} of {m} do not keep one ratio.")
        return c

    def _moves(self, *weights: Expr) -> bool:
        """Whether weights change with t, after the schedules are put in."""
        return any(w.xreplace(self.put).has(t) for w in weights)

    def _large(self, factor: Expr) -> tuple[str, Symbol, Symbol]:
        """form, the letter under the root, and the second moment."""
        inside = [s for s in self.states if new(s) in factor.free_symbols]
        if len(inside) != 1 or factor.free_symbols & {*self.states}:
            raise self.refuse(factor, "The denominator is made of one second moment, after this step.")
        s = inside[0]
        e = self.steps[s]
        largest = [p for p in e.atoms(sympy.Max) if s in p.args]
        if not largest:
            return "new", new(s), s
        others = [v for v in self.states if v != s and v in e.free_symbols]
        if e not in largest or len(others) != 1:
            raise self.refuse(e, "It is not the largest second moment so far.")
        return "max", new(s), others[0]

    def _second(self, v: Symbol) -> tuple[Expr, Expr]:
        return self._average(v, self.g**2)

    def _build(
        self, form: str, letter: Symbol, v: Symbol, factor: Expr, beta1: Expr, decay: Expr, inner: Expr = ONE
    ) -> Recursion:
        """inner: what g is multiplied with before it is averaged; 1 where the whole factor follows the average."""
        a, b = self._second(v)
        e = self._growth(v, a, b)
        beta2 = a if e == 1 else sympy.simplify(a * e.subs(t, t - 1) / e)
        scaled = e.subs(t, t - 1) if form == "old" else e
        p, inside, outside, floor = self._denominator(1 / (factor if inner == 1 else inner), letter)
        size = _sqrt(p * scaled)
        alpha = sympy.simplify(1 / size if inner == 1 else factor / size)
        damping = (sympy.simplify(inside / scaled), sympy.simplify(outside / size))
        found = (alpha, beta1, beta2, *damping, self._start(v), decay, sympy.simplify(floor / size), self.penalty)
        alpha, beta1, beta2, inside, outside, start, decay, floor, penalty = (e.xreplace(self.put) for e in found)
        return Recursion(
            self.rule, alpha, beta1, beta2, inside, outside, start, decay, floor, penalty, form, self.since
        )

    def _growth(self, v: Symbol, a: Expr, b: Expr) -> Expr:
        """e_t with e_0 = 1 and e_t = a e_{t-1} + b: what v becomes where every g^2 and v_0 are 1."""
        if sympy.simplify(a + b - 1) == 0:
            return self._forgetting(a) if a.subs(t, 1) == 0 else ONE
        if self._moves(a, b):
            raise self.refuse(self.steps[v], f"Its weights {a} and {b} have a sum that is not known in closed form.")
        return 1 + b * t if a == 1 else a**t + b * (1 - a**t) / (1 - a)

    def _forgetting(self, a: Expr) -> Expr:
        """e_t where the rule's own a_1 is 0: v_0 plays no part, so that e_1 = 2 keeps beta2_1 above 0.

        e_t - 1 = a_t (e_{t-1} - 1) from t = 2 on.
        """
        for whole in (*a.atoms(PowerSum), sympy.fraction(sympy.together(a))[1]):
            if sympy.simplify(a * whole - whole.subs(t, t - 1)) == 0:
                return 1 + whole.subs(t, 1) / whole
        raise self.refuse(a, "It forgets the start, and its products are not known in closed form.")

    def _denominator(self, inverse: Expr, letter: Symbol) -> tuple[Expr, Expr, Expr, Expr]:
        """p, inside, outside, floor of inverse = sqrt(p (V + inside)) + outside, or Max(sqrt(p V), floor)."""
        q = sympy.expand(sympy.simplify(sympy.together(inverse.xreplace({letter: _ROOT**2}))))
        if isinstance(q, sympy.Max):
            return self._floored(q)
        outside, root = q.as_independent(_ROOT, as_Add=True)
        squared = sympy.expand(sympy.simplify(root**2))
        p, rest = squared.coeff(_ROOT, 2), sympy.simplify(squared - squared.coeff(_ROOT, 2) * _ROOT**2)
        if p == 0 or rest.has(_ROOT):
            raise self.refuse(inverse, "The denominator is sqrt(v + eps) or sqrt(v) + eps.")
        return p, sympy.simplify(rest / p), outside, ZERO

    def _floored(self, q: Any) -> tuple[Expr, Expr, Expr, Expr]:
        free, root = [a for a in q.args if not a.has(_ROOT)], [a for a in q.args if a.has(_ROOT)]
        p = sympy.simplify((root[0] / _ROOT) ** 2) if len(root) == 1 else _ROOT
        if len(free) != 1 or p.has(_ROOT):
            raise self.refuse(q, "The denominator is sqrt(v) + eps, or max(sqrt(v), eps).")
        return p, ZERO, ZERO, free[0]

    def _start(self, v: Symbol) -> Expr:
        """v_0; one that starts at its first value counts from there on."""
        init = self.states[v].init
        if not isinstance(init, First):
            return sympy.sympify(init)
        found = init.expression
        return ZERO if found.has(self.rule.gradients[0].symbol) else found
