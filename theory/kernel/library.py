"""Facts that may be used without proof, about reciprocals, roots, absolute values, exp, log and natural numbers.

Each holds on every outcome by itself: its premises are needed at that outcome only. Each is proved in Coq under its
name, in `theory/coq/Library.v`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .formulas import Formula, formula

LIBRARY: Mapping[str, Formula] = MappingProxyType(
    {
        name: formula(text)
        for name, text in {
            "reciprocal": "forall x rand: x /= 0 => x*(1/x) = 1",
            "reciprocal_positive": "forall x rand: x > 0 => 1/x > 0",
            "root_squared": "forall x rand: x >= 0 => sqrt(x)^2 = x",
            "root_nonnegative": "forall x rand: sqrt(x) >= 0",
            "root_positive": "forall x rand: x > 0 => sqrt(x) > 0",
            "absolute_above": "forall x rand: abs(x) >= x",
            "absolute_below": "forall x rand: abs(x) >= -x",
            "absolute_squared": "forall x rand: abs(x)^2 = x^2",
            "absolute_of_nonnegative": "forall x rand: x >= 0 => abs(x) = x",
            "absolute_of_negative": "forall x rand: x < 0 => abs(x) = -x",
            "exp_positive": "forall x rand: exp(x) > 0",
            "exp_tangent": "forall x rand: exp(x) >= 1 + x",
            "exp_of_sum": "forall x rand, y rand: exp(x + y) = exp(x)*exp(y)",
            "exp_of_zero": "exp(0) = 1",
            "exp_of_log": "forall x rand: x > 0 => exp(log(x)) = x",
            "log_of_exp": "forall x rand: log(exp(x)) = x",
            "positive_is_apart": "forall x rand: x > 0 => x /= 0",
            "square_is_apart": "forall x rand: x^2 > 0 => x /= 0",
            "square_of_apart": "forall x rand: x /= 0 => x^2 > 0",
            "zero_of_both_signs": "forall x rand: x >= 0, x <= 0 => x = 0",
            "natural": "forall n nat: n >= 0",
            "next_natural": "forall m nat, n nat: m > n => m >= n + 1",
        }.items()
    }
)
