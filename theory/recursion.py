"""Generic Adam's recursion: what `generic.matched` reads off a rule, and all that the theory of convergence asks of it.

    v_t = beta2 v_{t-1} + (1 - beta2) g_t^2,    v_0 = v_start
    m_t = beta1 m_{t-1} + (1 - beta1) n_t,      m_0 = 0
    theta_t = theta_{t-1} - alpha m_t / (sqrt(V_t + inside) + outside) - decay theta_{t-1}

Three forms:  new: V_t = v_t, n = g (Adam, RMSprop, Adagrad);  max: V_t is the largest v so far, n = g (AMSGrad);
old: n_t = g_t/denominator of v_{t-1}, and the step is alpha m_t (ADOPT).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from .rule import UpdateRule

ONE, ZERO = sympy.Integer(1), sympy.Integer(0)
FORMS = ("new", "old", "max")


@dataclass(frozen=True)
class Recursion:
    """The sequences of one rule; each is an expression in t, T, and the hyperparameters that were left as letters.

    inside, outside: damping added under the root, and to the root.   floor: the denominator is Max(sqrt(V), floor).
    v_start: v_0 of the average that weighs to one.   penalty: c where the rule adds c theta to the gradient: f is
    then the loss plus c/2 |theta|^2.   since: first step from which the equations have this form.
    source: chen2022towards, Algorithm 1, with alpha_t, beta_t, theta_t there.
    """

    rule: UpdateRule
    alpha: Expr
    beta1: Expr
    beta2: Expr
    inside: Expr = ZERO
    outside: Expr = ZERO
    v_start: Expr = ZERO
    decay: Expr = ZERO
    floor: Expr = ZERO
    penalty: Expr = ZERO
    form: str = "new"
    since: int = 1

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError(f"form {self.form!r}")

    @property
    def chi(self) -> Expr:
        """alpha_t/sqrt(1 - beta2_t), the sequence that SC3 asks to be almost non-increasing."""
        return self.alpha / sympy.sqrt(1 - self.beta2)

    @property
    def damping(self) -> Expr:
        """What stands beside the root where V = 0."""
        return sympy.sqrt(self.inside) + self.outside

    def as_json(self) -> dict[str, Any]:
        names = ("alpha", "beta1", "beta2", "inside", "outside", "v_start", "decay", "floor", "penalty")
        return {"form": self.form, "since": self.since} | {name: str(getattr(self, name)) for name in names}
