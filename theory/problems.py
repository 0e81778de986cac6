"""Problems in one dimension on which methods are watched for millions of steps, as data.

At step t a value c is taken from a short table: cyclically, drawn independently, or reshuffled in every epoch. The
gradient is an expression in theta, t and c; for a linear loss it is c itself. After each step the iterate is put back
into the interval, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from .combinators import compose, on_gradient, on_update
from .errors import DriftproofError, Refused, UnknownName, nearest
from .functions import as_expression
from .references import Source
from .rule import Hyperparameter, UpdateRule, eq, exact
from .symbols import new, symbol, t, theta

SAMPLING = ("cyclic", "iid", "reshuffled")
c = symbol("c")
"""The value of this step."""


@dataclass(frozen=True)
class Problem:
    """values: the table, exact numbers.   weights: their probabilities, for iid; equal ones if empty.

    gradient: in theta, t and c.   interval: where iterates are kept, or None.   optimum: the best fixed point.
    sampling: "cyclic" (step t takes value (t - 1) mod n), "iid", or "reshuffled" (each epoch a new permutation).
    raises: DriftproofError for what does not fit together.
    """

    name: str
    values: Sequence[Any]
    interval: tuple[Any, Any] | None
    optimum: Any
    sampling: str = "cyclic"
    weights: Sequence[Any] = ()
    gradient: Expr = c
    source: Source | None = None

    def __post_init__(self) -> None:
        place = f"problem '{self.name}'"
        if self.sampling not in SAMPLING:
            raise UnknownName(f"{place}: no sampling '{self.sampling}'.", "", nearest(str(self.sampling), SAMPLING))
        found: dict[str, Any] = {w: tuple(exact(x, place) for x in getattr(self, w)) for w in ("values", "weights")}
        found["optimum"] = exact(self.optimum, place)
        found["interval"] = None if self.interval is None else tuple(exact(x, place) for x in self.interval)
        found["gradient"] = as_expression(self.gradient)
        for name, value in found.items():
            object.__setattr__(self, name, value)
        self._check(place)

    def _check(self, place: str) -> None:
        if not self.values or not self.gradient.free_symbols <= {theta, t, c}:
            raise DriftproofError(f"{place} has no values, or a gradient with letters other than theta, t and c.")
        if self.weights and (self.sampling != "iid" or len(self.weights) != len(self.values) or sum(self.weights) != 1):
            raise DriftproofError(f"{place}: weights are the probabilities of the values, for iid, with sum 1.")
        if self.interval and not self.interval[0] <= self.optimum <= self.interval[1]:
            raise DriftproofError(f"{place}: the optimum {self.optimum} lies outside {self.interval}.")

    @property
    def is_linear(self) -> bool:
        return bool(self.gradient == c)

    @property
    def law(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The distinct values with their shares, in the order of the table."""
        shares = self.weights or [sympy.Rational(1, len(self.values))] * len(self.values)
        found: dict[Fraction, Fraction] = {}
        for value, share in zip(self.values, shares, strict=True):
            key = Fraction(int(value.p), int(value.q))
            found[key] = found.get(key, Fraction(0)) + Fraction(int(share.p), int(share.q))
        return tuple(found.items())

    @property
    def mean(self) -> Fraction:
        """The mean of the values: of the gradients, for a linear loss."""
        return sum((value * share for value, share in self.law), Fraction(0))

    def sampled(self, sampling: str) -> Problem:
        """The same table under another sampling. raises: Refused where the probabilities have no period."""
        if self.weights and sampling != "iid":
            raise Refused(f"'{self.name}' is drawn with given probabilities.", "It has no period.", "Give a table.")
        return replace(self, sampling=sampling)


def posed(rule: UpdateRule, problem: Problem) -> UpdateRule:
    """The rule on a problem: its gradient in place of g, and new(theta) put back into the interval.

    The one draw left is c, under the rule's name for its gradient; the ends of the interval are the hyperparameters
    theta_min and theta_max. raises: Refused for rules with several draws where the loss is not linear.
    """
    combinators = []
    if not problem.is_linear:
        combinators.append(on_gradient(f"gradient of {problem.name}", "used", _gradient(rule, problem)))
    if problem.interval:
        combinators.append(_projected(*problem.interval))
    return compose(rule.name, rule, combinators) if combinators else rule


def _gradient(rule: UpdateRule, problem: Problem) -> Callable[[Expr], Any]:
    if len(rule.gradients) != 1:
        raise Refused(f"'{rule.label}' takes {len(rule.gradients)} gradients a step.", "", "Take a linear problem.")
    at = rule.gradients[0].at
    return lambda raw: problem.gradient.xreplace({c: raw, theta: at})


def _projected(low: Any, high: Any) -> Any:
    """new(theta) := max(low, min(high, the rule's own))."""
    lower, upper = symbol("theta_min"), symbol("theta_max")
    ends = [Hyperparameter(lower, low, "(-oo, oo)", "constant"), Hyperparameter(upper, high, "(-oo, oo)", "constant")]
    formula = lambda rule, raw: [eq(new(theta), sympy.Max(lower, sympy.Min(upper, raw)))]  # noqa: E731
    return on_update("projected", formula, ends)


# The problems by name

REDDI = "reddi2018convergence"
UNIT = (-1, 1)


def stream(name: str, values: Sequence[Any], source: Source | None = None) -> Problem:
    """Linear losses on [-1, 1] with a period; the optimum is the end against the sign of the sum."""
    found = [exact(value, name) for value in values]
    return Problem(name, found, UNIT, -sympy.sign(sum(found)), source=source)


def spike(period: int = 74, total: Any = 1) -> Problem:
    """(n - 1 + total, -1, ..., -1): the universal witness, with sum total > 0."""
    first = period - 1 + exact(total, "the sum of a spike")
    return stream(f"spike({period}, {total})", [first, *[-1] * (period - 1)])


def reddi_one(large: Any = 3) -> Problem:
    """Theorem 1: (C, -1, -1) with C > 2."""
    return stream(f"reddi_one({large})", [large, -1, -1], Source(REDDI, "Theorem 1", "their C is `large`"))


def reddi_two(period: int = 10) -> Problem:
    """Theorem 2: C once in C steps, else -1."""
    return replace(spike(period), name=f"reddi_two({period})", source=Source(REDDI, "Theorem 2", "their C is `period`"))


def reddi_three(large: Any = 101, delta: Any = "1/50") -> Problem:
    """Theorem 3: C with probability (1 + delta)/(C + 1), else -1; the mean is delta."""
    size = exact(large, "reddi_three")
    share = (1 + exact(delta, "reddi_three")) / (size + 1)
    source = Source(REDDI, "Theorem 3", "their C is `large`")
    return Problem(f"reddi_three({large}, {delta})", (size, -1), UNIT, -1, "iid", (share, 1 - share), source=source)


def synthetic(sampling: str = "cyclic") -> Problem:
    """1010 once in 101 steps, else -10; iid: 1010 with probability 1/100."""
    source = Source(REDDI, "Section 5, synthetic experiment", "the online and the stochastic setting")
    if sampling == "iid":
        return Problem("synthetic(iid)", (1010, -10), UNIT, -1, "iid", ("1/100", "99/100"), source=source)
    return replace(stream("synthetic", [1010, *[-10] * 100], source), sampling=sampling)


def finite_sum(parts: int = 10, sampling: str = "reshuffled") -> Problem:
    """f_0 = (1 + (n-1)a) x, f_i = -a x with a = 1/(n-1)^2, below -1 continued by a parabola with its vertex at -2.

    The sum is x above -1, and its minimiser -2. source: Zhang et al. 2022, the divergence example, in our words.
    """
    a = sympy.Rational(1, (parts - 1) ** 2)
    values = [1 + (parts - 1) * a, *[-a] * (parts - 1)]
    return Problem(f"finite_sum({parts})", values, None, -2, sampling, gradient=c * sympy.Min(1, theta + 2))


PROBLEMS: dict[str, Callable[..., Problem]] = {
    "spike": spike,
    "reddi_one": reddi_one,
    "reddi_two": reddi_two,
    "reddi_three": reddi_three,
    "synthetic": synthetic,
    "finite_sum": finite_sum,
}


def problem(name: str, *arguments: Any) -> Problem:
    """problem("spike", 74). raises: UnknownName, with the nearest name."""
    if name not in PROBLEMS:
        raise UnknownName(f"There is no problem '{name}'.", "", nearest(name, PROBLEMS))
    return PROBLEMS[name](*arguments)
