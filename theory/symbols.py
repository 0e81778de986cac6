"""The one alphabet, of documentation and code alike: each letter with its meaning, role, domain and rate.

A rule may use any letter here, with a suffix of SUFFIXES (`m_hat`, `v_max`), or a name that it declares
itself in `names={"psi": "what it is"}`. `new(m)` is the value of `m` after the step, written `m_new`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sympy import Symbol

from .bounds import short
from .errors import RuleError


@dataclass(frozen=True)
class Letter:
    """meaning, and for hyperparameters: role (how it enters a limit), domain; of a rate, its SDE constant."""

    meaning: str
    role: str = ""
    domain: str = ""
    constant: str = ""


ALPHABET: dict[str, Letter] = {
    # inputs
    "theta": Letter("parameters"),
    "g": Letter("stochastic gradient"),
    "f": Letter("loss of this step"),
    "t": Letter("step, 1 at the first call"),
    "dims": Letter("number of dimensions of the tensor"),
    "rows": Letter("rows of the tensor: the length of its last axis but one, or 1"),
    "columns": Letter("columns of the tensor: the length of its last axis, or 1"),
    # state and intermediate values
    "m": Letter("first moment of the gradient"),
    "v": Letter("second moment of the gradient"),
    "u": Letter("rescaled second moment"),
    "b": Letter("momentum buffer"),
    "d": Letter("update direction"),
    "r": Letter("ratio"),
    "p": Letter("inner product"),
    "q": Letter("squared norm"),
    "s": Letter("rescaled or summed gradient"),
    "x": Letter("averaged or evaluated point"),
    "y": Letter("point where the gradient is taken"),
    "z": Letter("base sequence"),
    "A": Letter("matrix, or shrink factor"),
    "P": Letter("preconditioner"),
    "level": Letter("value of averaged linear models of the loss"),
    "denom": Letter("denominator of the step"),
    "step": Letter("step length"),
    "bias": Letter("bias correction, 1 - beta^t"),
    "count": Letter("number of steps that a second moment has seen"),
    "limit": Letter("clipping bound at this step"),
    "tau": Letter("adaptive step length, or dampening", "constant", "[0, 1]"),
    "rho": Letter("accumulated weight"),
    "psi": Letter("clipped quantity, or speed of a schedule", "constant", "[0, oo)"),
    "pi": Letter("running product"),
    "w": Letter("sum of weights, or weight of an average"),
    "weight": Letter("weight of this step in an average"),
    "size": Letter("step size of each entry"),
    "mask": Letter("1 where an entry moves, else 0"),
    "ema": Letter("exponential moving average of the parameters"),
    # hyperparameters
    "eta": Letter("step size (learning rate)", "step_size", "[0, oo)"),
    "beta": Letter("decay of an average", "averaging", "[0, 1)", "c"),
    "beta1": Letter("decay of the first moment", "averaging", "[0, 1)", "c1"),
    "beta2": Letter("decay of the second moment", "averaging", "[0, 1)", "c2"),
    "beta3": Letter("decay of a third average", "averaging", "[0, 1)", "c3"),
    "mu": Letter("momentum", "averaging", "[0, 1)", "c1"),
    "eps": Letter("damping of the denominator", "damping", "[0, oo)"),
    "lambda": Letter("weight decay", "decay", "[0, oo)"),
    "alpha": Letter("weight of the slow average", "constant", "[0, oo)"),
    "gamma": Letter("speed at which bounds close", "constant", "(0, oo)"),
    "nu": Letter("weight of the average beside the newest value", "constant", "[0, 1]"),
    "low": Letter("lower bound", "constant", "[0, oo)"),
    "high": Letter("upper bound", "constant", "[0, oo)"),
    "since": Letter("steps since the last synchronisation"),
    "every": Letter("steps between two synchronisations", "constant", "[1, oo)"),
    "share": Letter("share of the way", "constant", "[0, 1]"),
    "kappa": Letter("factor of the batch size", "constant", "(0, oo)"),
    "ell": Letter("SVAG's amplification", "constant", "[1, oo)"),
    "c": Letter("clipping threshold", "clip", "(0, oo)"),
    "f_star": Letter("lower bound of the loss", "constant", "(-oo, oo)"),
    "delta": Letter("decrease of the step size per step", "rate", "[0, oo)"),
    "power": Letter("exponent of a schedule", "constant", "[0, oo)"),
    "scale": Letter("loss scale", "constant", "(0, oo)"),
}

SUFFIXES = (
    "hat",
    "bar",
    "max",
    "min",
    "old",
    "prev",
    "clipped",
    "scaled",
    "decayed",
    "masked",
    "raw",
    "unit",
    "used",
    "eval",
    "ema",
    "slow",
)
_NAME = re.compile(r"[A-Za-z](_?[A-Za-z0-9]){0,39}\Z")


@cache
def symbol(name: str) -> Symbol:
    """The real symbol of that name; all expressions of the language are over the reals."""
    if not isinstance(name, str) or not _NAME.match(name):
        raise RuleError(
            f"{short(repr(name))} is not a name.",
            "Names are letters, digits and single underscores between them, at most 40, starting with a letter.",
            'Write symbol("v_max").',
        )
    return Symbol(name, real=True)


def new(old: Symbol) -> Symbol:
    """The value after the step of a state or of theta: new(m) is written m_new."""
    return symbol(f"{old.name}_new")


def letter(name: str) -> Letter | None:
    """The alphabet's entry for a name: the letter itself, one with a digit, or one with suffixes."""
    if name in ALPHABET:
        return ALPHABET[name]
    base, _, suffix = name.rpartition("_")
    if base and suffix in SUFFIXES:
        return letter(base)
    bare = name.rstrip("0123456789")
    if bare != name and bare in ALPHABET:
        return ALPHABET[bare]
    return None


theta, g, f, t = (symbol(name) for name in ("theta", "g", "f", "t"))
SHAPE = tuple(symbol(name) for name in ("dims", "rows", "columns"))
"""Inputs that a tensor's shape gives: one number per tensor."""
dims, rows, columns = SHAPE
