"""What every letter of a rule becomes in its limit: its power of h, and the letter it has in the SDE.

Letters of the SDE are unique: the rule's own names stay, and a name made here (c1, eps0, u, gamma1) gives way to
another one where the rule uses it already. Names that every SDE uses are refused in a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy
from sympy import Expr, Symbol

from .balance import FREE_ROLES, Limit, limit
from .errors import Refused
from .exponents import NOISE, Weights
from .rule import Hyperparameter, UpdateRule
from .settled import averaging
from .symbols import letter, t, theta

TIME = Symbol("t", positive=True)
DF = Symbol("df", real=True)
SIGMA0 = Symbol("sigma0", positive=True)
THETA = Symbol("theta", real=True)
H = Symbol("h", positive=True)
RESERVED = ("h", "df", "sigma", "sigma0", "Sigma", "l")
"""Letters of every SDE and of its definitions; a rule cannot use them for something else."""

_MOMENT = re.compile(r"mu[3-9]|mu\d\d+")


@dataclass(frozen=True)
class Scaled:
    """A symbol of the rule on the scale of the limit: symbol = coefficient * h^weight, coefficient in new letters."""

    coefficient: Expr
    weight: Fraction
    letter: Symbol | None = None


@dataclass(frozen=True)
class Scales:
    """The scales of one rule in one regime.

    small regime: the noise stays as it is, so nothing is measured in units of sigma.
    scheduled: step sizes multiplied by a function of time, written s_eta.
    """

    rule: UpdateRule
    regime: str
    scheduled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = {*(h.name for h in self.rule.hyperparameters), *(s.name for s in self.rule.state)}
        for name in sorted(named):
            if name in RESERVED or _MOMENT.match(name) or name.endswith(("_i", "_j", "_ij")):
                raise Refused(
                    f"{self.rule.label} calls one of its letters {name}.",
                    "In an SDE that letter, or suffix, means something else.",
                    "Rename it in the rule.",
                )
        steps = {h.name for h in self.rule.hyperparameters if h.role == "step_size"}
        for name in self.scheduled:
            if name not in steps:
                raise Refused(f"{name} cannot be scheduled.", f"Step sizes of {self.rule.label}: {', '.join(steps)}.")

    @cached_property
    def _limit(self) -> Limit:
        return limit(self.rule, self.regime)

    @property
    def weights(self) -> Weights:
        return self._limit.weights

    @property
    def states(self) -> list[Symbol]:
        """theta and the states it depends on."""
        return list(self._limit.increments)

    @property
    def rule_letters(self) -> list[Symbol]:
        """The rule's own states and hyperparameters."""
        return [*self.states, *(h.symbol for h in self.rule.hyperparameters)]

    @cached_property
    def nonnegative(self) -> frozenset[Symbol]:
        """States that never fall below 0: at 0 their step is a sum of nonnegative terms."""
        return frozenset(s for s, e in self._limit.increments.items() if s != theta and _grows_at_zero(e, s, self.rule))

    # Letters

    @cached_property
    def _letters(self) -> dict[str, str]:
        """What it stands for -> the name of its letter, all different."""
        rates = averaging(self.rule)
        fixed = {"theta": "theta", "t": "t", **{n: n for n in RESERVED}}
        made: dict[str, str] = {}
        for s in self.states:
            if s != theta:
                (fixed if self._kept(s) else made)[s.name] = self._state_name(s)
        for h in self.rule.hyperparameters:
            if h.symbol in rates:
                known = letter(h.name)
                made[h.name] = known.constant if known and known.constant else f"c_{h.name}"
            else:
                (made if self._is_scaled(h) else fixed)[h.name] = f"{h.name}0" if self._is_scaled(h) else h.name
        return _distinct_names(fixed, made)

    def _kept(self, symbol: Symbol) -> bool:
        return self.weights.values[symbol.name] == 0 and self._in_sigma(symbol) == 0

    def _state_name(self, symbol: Symbol) -> str:
        if self._kept(symbol):
            return str(symbol.name)
        own = {s.name for s in self._limit.increments}
        mean_square = symbol.name == "v" and self._in_sigma(symbol) == 2 and "u" not in own
        return "u" if mean_square else f"{symbol.name}_scaled"

    def _is_scaled(self, h: Hyperparameter) -> bool:
        moves = bool(self.weights.values.get(h.name, Fraction(0)))
        return h.role in FREE_ROLES and (moves or h.role != "step_size") and h.symbol != self.anchor

    def _in_sigma(self, symbol: Symbol) -> int:
        """The power of sigma that a state is measured in: 2 for a mean square."""
        feed = self._limit.feeds.get(symbol.name, {}) if self.regime == "diffusive" else {}
        return int(feed.get(NOISE, 0))

    @cached_property
    def rates(self) -> dict[Symbol, Symbol]:
        """beta -> its constant c, with 1 - beta = c h."""
        return {beta: Symbol(self._letters[beta.name], positive=True) for beta in averaging(self.rule)}

    @cached_property
    def gammas(self) -> dict[Symbol, Symbol]:
        """c -> gamma, with gamma = 1 - exp(-c t)."""
        names = {c.name: c.name.replace("c", "gamma", 1) for c in self.rates.values()}
        taken = {name: name for name in (*self._letters.values(), *RESERVED)}
        unique = _distinct_names(taken, {f"gamma of {c}": gamma for c, gamma in names.items()})
        return {c: Symbol(unique[f"gamma of {c}"], positive=True) for c in self.rates.values()}

    @cached_property
    def noise(self) -> Scaled:
        return Scaled(sympy.Integer(1) if self.regime == "small" else SIGMA0, self.weights.values[NOISE])

    def state(self, symbol: Symbol) -> Scaled:
        """v = sigma**2 u where noise feeds it; else the state over its power of h."""
        if symbol == theta:
            return Scaled(THETA, Fraction(0), THETA)
        name = self._letters[symbol.name]
        here = Symbol(name, positive=True) if symbol in self.nonnegative else Symbol(name, real=True)
        return Scaled(SIGMA0 ** self._in_sigma(symbol) * here, self.weights.values[symbol.name], here)

    def hyperparameter(self, h: Hyperparameter) -> Scaled:
        """eta = h^w, eps = eps0 h^w, ...; a constant keeps its name."""
        weight = self.weights.values.get(h.name, Fraction(0))
        schedule = Symbol(f"s_{h.name}", positive=True) if h.name in self.scheduled else sympy.Integer(1)
        if h.symbol == self.anchor:
            return Scaled(schedule, weight)
        here = Symbol(self._letters[h.name], positive=True)
        return Scaled(schedule * here, weight, here)

    @cached_property
    def anchor(self) -> Symbol | None:
        """The step size that defines h, h = eta^(1/w); None where the limit keeps every step size."""
        moving = (h for h in self.rule.hyperparameters if h.role == "step_size" and self.weights.values.get(h.name))
        return next((h.symbol for h in moving), None)

    @cached_property
    def time_per_step(self) -> Expr:
        """h as a function of the step size; a free h where the limit keeps it fixed."""
        if self.anchor is None:
            return H
        return Symbol(self.anchor.name, positive=True) ** sympy.Rational(1 / self.weights.values[self.anchor.name])


def _distinct_names(fixed: Mapping[str, str], made: Mapping[str, str]) -> dict[str, str]:
    """Names as wished, those in `made` changed where they are taken."""
    result, taken = dict(fixed), set(fixed.values())
    for key, wish in made.items():
        name = next(n for n in _alternatives(wish, key) if n not in taken)
        taken.add(name)
        result[key] = name
    return result


def _alternatives(wish: str, key: str) -> Iterable[str]:
    yield wish
    yield f"{wish}_{key.rpartition(' ')[2]}"
    yield from (f"{wish}_{number}" for number in range(2, 100))


def _grows_at_zero(increment: Expr, state: Symbol, rule: UpdateRule) -> bool:
    """Whether the step at state = 0 is nonnegative whatever the gradient: a sum of squares, say."""
    positive = {s: sympy.Dummy(positive=True) for s in (t, *(h.symbol for h in rule.hyperparameters))}
    at_zero = increment.xreplace({state: sympy.Integer(0)})
    if at_zero.has(sympy.zoo, sympy.nan):
        return False
    return bool(at_zero.xreplace(positive).is_nonnegative)
