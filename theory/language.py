"""The words a rule file may use: `from driftproof.theory.language import ...` (ours write `from ..language`).

Everything here, and nothing else, is known to the reader of rule files.
"""

from __future__ import annotations

from .combinators import (
    cautious,
    clip_by_norm,
    clip_by_value,
    compose,
    decoupled_decay,
    ema,
    l2,
    reparametrise,
    svag,
    unscale,
)
from .convention import DECAY_ORDERS, Convention
from .functions import absolute as abs
from .functions import exp, log, sign, sqrt
from .functions import maximum as Max
from .functions import minimum as Min
from .functions import piecewise as Piecewise
from .functions import rational as Rational
from .nodes import choose, dot, is_finite, matmul, norm, norm_squared, reduce, transpose
from .references import Source
from .rule import Gradient, Output, State, UpdateRule, eq, first
from .rule import Hyperparameter as hyper
from .symbols import f, g, new, symbol, t, theta

m, v, u, b, d, r, p, q, s, x, y, z = (symbol(name) for name in "m v u b d r p q s x y z".split())
m_hat, v_hat, v_max, b_hat, g1, g2 = (symbol(name) for name in "m_hat v_hat v_max b_hat g1 g2".split())
eta, beta, beta1, beta2, beta3, mu = (symbol(name) for name in "eta beta beta1 beta2 beta3 mu".split())
eps, lambda_, kappa, ell, c, tau = (symbol(name) for name in "eps lambda kappa ell c tau".split())
f_star, rho, power, denom, step = (symbol(name) for name in "f_star rho power denom step".split())
bias1, bias2, count, limit, delta = (symbol(name) for name in "bias1 bias2 count limit delta".split())
v_used = symbol("v_used")

__all__ = [
    "abs",
    "Max",
    "Min",
    "Piecewise",
    "Rational",
    "exp",
    "log",
    "sign",
    "sqrt",
    "cautious",
    "clip_by_norm",
    "clip_by_value",
    "compose",
    "decoupled_decay",
    "ema",
    "l2",
    "reparametrise",
    "svag",
    "unscale",
    "Convention",
    "DECAY_ORDERS",
    "choose",
    "dot",
    "is_finite",
    "matmul",
    "norm",
    "norm_squared",
    "reduce",
    "transpose",
    "Source",
    "Gradient",
    "Output",
    "State",
    "UpdateRule",
    "eq",
    "first",
    "hyper",
    "f",
    "g",
    "new",
    "symbol",
    "t",
    "theta",
    "m",
    "v",
    "u",
    "b",
    "d",
    "r",
    "p",
    "q",
    "s",
    "x",
    "y",
    "z",
    "m_hat",
    "v_hat",
    "v_max",
    "b_hat",
    "g1",
    "g2",
    "eta",
    "beta",
    "beta1",
    "beta2",
    "beta3",
    "mu",
    "eps",
    "lambda_",
    "kappa",
    "ell",
    "c",
    "tau",
    "f_star",
    "rho",
    "power",
    "denom",
    "step",
    "bias1",
    "bias2",
    "count",
    "limit",
    "delta",
    "v_used",
]
