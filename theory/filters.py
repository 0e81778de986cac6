"""Which states of a rule average the gradient, with which decay, and how strongly: momentum, first moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy
from sympy import Rational

from .rule import UpdateRule
from .settled import eventually
from .symbols import g, new, symbol, theta

eta = symbol("eta")


@dataclass(frozen=True)
class Filter:
    """A state that averages an input odd in the gradient: new(s) = beta s + rest.

    power: of 1 - beta in its gain, rest/(1 - beta): 0 for an average, -1 for a sum (heavy ball).
    holds_eta: rest has the step size as a factor, so that the state is a sum of steps.
    """

    state: str
    beta: str
    power: Rational
    holds_eta: bool

    @property
    def note(self) -> str:
        if self.power == 0:
            return f"{self.state} is an average (gain 1), so eta is the effective step size"
        gain = f"(1 - {self.beta})^{self.power}"
        return f"{self.state} is a sum (gain {gain}): the effective step size is eta {gain}"


def filters(rule: UpdateRule, decays: Iterable[str]) -> tuple[Filter, ...]:
    """The averaging states of a rule, each with a decay (one of `decays`) that no other state shares."""
    candidates = (_filter(rule, state.name, decay) for state in rule.state for decay in decays)
    return tuple(item for item in candidates if item is not None)


def _filter(rule: UpdateRule, state: str, beta: str) -> Filter | None:
    """The filter that this decay makes of this state, or None where it is something else."""
    old, decay, small = symbol(state), symbol(beta), symbol("small")
    rest = sympy.expand(eventually(rule.step_map[new(old)], rule) - decay * old)
    others = [e for s, e in rule.step_map.items() if s not in (new(old), new(theta))]
    at_zero = rest.subs(theta, 0)
    is_odd = rest.has(g) and sympy.expand(at_zero + at_zero.subs(g, -g)) == 0
    in_signs = any(old in jump.free_symbols for e in rule.step_map.values() for jump in e.atoms(sympy.sign))
    if rest.has(old) or not is_odd or any(e.has(decay) for e in others) or in_signs:
        return None
    of_small = rest.subs(decay, 1 - small)
    power = sympy.simplify(small * sympy.diff(of_small, small) / of_small) - 1
    holds_eta = sympy.simplify(eta * sympy.diff(rest, eta) / rest) == 1
    return Filter(state, beta, power, holds_eta) if power.is_Rational else None
