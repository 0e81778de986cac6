"""Sums of powers, sum_{k=1}^{n} k^-u: the weights of averages that remember early gradients."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from .symbols import t

MOST_TERMS = 64
"""Up to here a sum with rational terms is written out."""


class PowerSum(sympy.Function):
    """PowerSum(u, n) = sum_{k=1}^{n} k^-u, u >= 0. One that ends before t or after it is written by the one that ends
    at t."""

    nargs = 2

    @classmethod
    def eval(cls, u: Any, n: Any) -> Expr | None:
        if u == 0:
            return n
        if n in (0, 1):
            return n
        if n.is_Integer and 0 <= n <= MOST_TERMS and u.is_number:
            return sympy.Add(*(sympy.Integer(k) ** -u for k in range(1, int(n) + 1)))
        if n == t - 1:
            return cls(u, t) - t ** (-u)
        if n == t + 1:
            return cls(u, t) + (t + 1) ** (-u)
        return None

    def _eval_is_positive(self) -> bool:
        return True


def as_sum(step: Expr) -> tuple[Expr, Expr] | None:
    """u and c where a step's increase is c t^-u; None for another one."""
    c, power = step.as_independent(t, as_Add=False)
    base, exponent = power.as_base_exp()
    if base != t or exponent.has(t):
        return (sympy.Integer(0), c) if power == 1 else None
    return -exponent, c
