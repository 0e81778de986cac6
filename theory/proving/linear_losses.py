"""Instances of theorems on Adam for smooth losses: f(theta) = sum_i slope_i theta_i, in three noisy steps.

The gradient of a linear loss does not depend on theta, and the descent lemma holds for it with equality.
The noise has two results in each step; y, the power 4/3 of the gradient's norm, is 4 exactly. At time t the theorems
name theta before the step that m and v at time t make.
"""

from __future__ import annotations

from collections.abc import Mapping

from .instance import Drawn, Given, Instance, Read, Recursion, Run

GIVEN: Mapping[str, Given] = {
    "d": "2",
    "T": "2",
    "z": Drawn((("1", "-2"), ("-1", "2"))),
    "grad": ["t", "i", "2 + 0*z(0, i)"],
    "g": ["t", "i", "grad(t, i) + z(t, i)"],
    "f": ["t", "sum(i < d, grad(t, i)*theta(t, i))"],
    "fstar": "-50",
    "L": "1/4",
    "G": "3",
    "y": ["t", "4"],
    "beta1": ["t", "1/(t + 2)"],
    "beta2": ["t", "1 - 1/(t + 3)"],
    "rho": Recursion(("t",), "0", "beta1(t + 1)*alpha(t + 1)/(sqrt(beta2(t + 1))*alpha(t))"),
    "alpha": ["t", "1/(t + 4)"],
    "A": Recursion(("t",), "0", "beta1(t + 1)^2/beta2(t + 1)*A(t) + (1 - beta1(t + 1))^2/(1 - beta2(t + 1))"),
    "P": Recursion(("t",), "0", "1 + rho(t + 1)*P(t)"),
    "Q": ["t", "2"],
    "H": ["t", "8"],
    "w": ["t", "8"],
}
LAGGED = Read("theta", shift=-1)


def linear_loss(
    rule: str,
    says: str,
    settings: Mapping[str, str],
    values: Mapping[str, Given],
    torch: str = "",
    why: str = "",
    wrong: tuple[str, ...] = (),
    reads: Mapping[str, Read] | None = None,
    before: tuple[tuple[str, ...], ...] = (),
    gradient: str = "g(t + 1, i)",
    weights: tuple[str, ...] = ("1/2", "1/2"),
    steps: int = 3,
) -> Instance:
    """Some steps of a rule, on all outcomes. values: of names that the theorem has besides, or has otherwise."""
    read = reads or {"theta": LAGGED, "m": Read("m"), "v": Read("v")}
    run = Run(rule, settings, gradient, ("1", "-2"), steps, read, torch=torch, why=why, before=before)
    given = {name: value for name, value in {**GIVEN, **values}.items() if name not in read}
    return Instance(says, given, weights, steps, naturals={"": 4, "i": 2, "j": 2}, run=run, wrong=wrong)


CORRECTED: Mapping[str, Given] = {
    "beta1": ["t", "1/4"],
    "beta2": ["t", "3/4"],
    "eps": "1/8",
    "p": Recursion(("t",), "1", "beta1(1)*p(t)"),
    "q": Recursion(("t",), "1", "beta2(1)*q(t)"),
    "alpha": Recursion(("t",), "1/4", "1/4*sqrt(1 - q(t + 1))/(1 - p(t + 1))"),
    "inside": ["t", "0"],
    "outside": Recursion(("t",), "eps*sqrt(1 - q(1))", "eps*sqrt(1 - q(t + 1))"),
    "s": ["t", "i", "sqrt(v(t, i) + inside(t)) + outside(t)"],
}
"""Bias corrections as a schedule of alpha and of what is added to the root."""


def corrected_adam(values: Mapping[str, Given], wrong: tuple[str, ...] = ()) -> Instance:
    """Adam as torch has it. values: as for `linear_loss`."""
    settings = {"eta": "1/4", "beta1": "beta1(1)", "beta2": "beta2(1)", "eps": "eps"}
    says = "Adam with its bias corrections as a schedule"
    return linear_loss("adam", says, settings, {**CORRECTED, **values}, torch="Adam", wrong=wrong)
