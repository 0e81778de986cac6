"""The words a rule file may use: `from driftproof.theory.language import ...` (ours write `from ..language`).

Everything here, and nothing else, is known to the reader of rule files.
"""

from __future__ import annotations

from .amend import amend, average, repeat
from .combinators import (
    cautious,
    clip_by_norm,
    clip_by_value,
    compose,
    decoupled_decay,
    ema,
    l2,
    lookahead,
    reparametrise,
    svag,
    unscale,
)
from .convention import DECAY_ORDERS, Convention, decay_orders
from .functions import absolute as abs
from .functions import exp, log, sign, sqrt
from .functions import maximum as Max
from .functions import minimum as Min
from .functions import piecewise as Piecewise
from .functions import rational as Rational
from .momo import momentum_model
from .nodes import choose, dot, is_finite, matmul, norm, norm_squared, reduce, transpose
from .references import Source
from .rule import Gradient, Output, State, UpdateRule, eq, first
from .rule import Hyperparameter as hyper
from .symbols import columns, dims, f, g, new, rows, symbol, t, theta

m, v, u, b, d, r, p, q, s, w, x, y, z, A = (symbol(name) for name in "m v u b d r p q s w x y z A".split())
m_hat, v_hat, v_max, b_hat, g1, g2, g_prev = (symbol(n) for n in "m_hat v_hat v_max b_hat g1 g2 g_prev".split())
eta, beta, beta1, beta2, beta3, mu, v0 = (symbol(name) for name in "eta beta beta1 beta2 beta3 mu v0".split())
eps, eps1, eps2, lambda_, kappa, ell, c, tau = (symbol(n) for n in "eps eps1 eps2 lambda kappa ell c tau".split())
f_star, rho, power, denom, step, size = (symbol(name) for name in "f_star rho power denom step size".split())
bias1, bias2, count, limit, delta, weight = (symbol(n) for n in "bias1 bias2 count limit delta weight".split())
alpha, gamma, nu1, nu2, psi, pi, low, high = (symbol(n) for n in "alpha gamma nu1 nu2 psi pi low high".split())
v_used, theta_raw, rho_max, eta_max = (symbol(name) for name in "v_used theta_raw rho_max eta_max".split())

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
    "amend",
    "average",
    "repeat",
    "cautious",
    "clip_by_norm",
    "clip_by_value",
    "compose",
    "decoupled_decay",
    "ema",
    "l2",
    "lookahead",
    "momentum_model",
    "reparametrise",
    "svag",
    "unscale",
    "Convention",
    "DECAY_ORDERS",
    "decay_orders",
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
    "dims",
    "rows",
    "columns",
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
    "w",
    "x",
    "y",
    "z",
    "A",
    "m_hat",
    "v_hat",
    "v_max",
    "b_hat",
    "g1",
    "g2",
    "g_prev",
    "eta",
    "beta",
    "beta1",
    "beta2",
    "beta3",
    "mu",
    "v0",
    "eps",
    "eps1",
    "eps2",
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
    "size",
    "bias1",
    "bias2",
    "count",
    "limit",
    "delta",
    "weight",
    "alpha",
    "gamma",
    "nu1",
    "nu2",
    "psi",
    "pi",
    "low",
    "high",
    "v_used",
    "theta_raw",
    "rho_max",
    "eta_max",
]
