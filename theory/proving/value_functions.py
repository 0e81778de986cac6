"""Instances about the value of a test function along an SDE, in closed form: of RMSprop, of Adam, and without a run.

A value solves Kolmogorov's backward equation. Where it is a sum of exponentials of the time that is left, its error in
one step of length h is at most h^2/2 times the second derivative in time, which is R.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .instance import Given, Instance, Recursion
from .noisy import BEFORE, VALUES, WEIGHTS


def valued(instance: Instance, says: str, values: Mapping[str, Given], before: tuple[str, ...] = BEFORE[0]) -> Instance:
    """A run with the values of a test function after its two steps. before: gradients of the step before time 0."""
    assert instance.run is not None
    run, given = replace(instance.run, before=(before,)), {**instance.values, **values}
    return replace(instance, says=says, values=given, naturals={"t": 2}, run=run)


THETA_TIMES_U: Mapping[str, Given] = {
    "G": ["t", "i", "i*(1/2 + z(t, i)/4)"],
    "d": "2",
    "N": "2",
    "decay": ["t", "exp(-c2*((N - t - 1)*eta^2))"],
    "gap": ["t", "(u(t, 1) - Sigma(0, 1, 1))*decay(t)"],
    "V": ["t", "(2*theta(t, 0) + 3)*(Sigma(0, 1, 1) + gap(t)*exp(-c2*eta^2))"],
    "later": ["t", "(2*theta(t, 0) + 3)*(Sigma(0, 1, 1) + gap(t))"],
    "V_x": ["t", "i", "(1 - i)*2*(Sigma(0, 1, 1) + gap(t))"],
    "V_xx": ["t", "i", "j", "0"],
    "V_u": ["t", "i", "i*(2*theta(t, 0) + 3)*decay(t)"],
    "V_xu": ["t", "i", "j", "(1 - i)*j*2*decay(t)"],
    "V_xxx": ["t", "i", "j", "l", "0"],
    "M": ["t", "0"],
    "R": ["t", "c2^2/2*abs((2*theta(t, 0) + 3)*gap(t))"],
    "test": "(2*theta(2, 0) + 3)*u(2, 1)",
    "limit": "V(0)",
}
"""The test function (2 theta + 3) u, theta at a coordinate without a gradient and u at the other; its exact value.

Along RMSprop's SDE theta is a martingale there, and u(s) = Sigma + (u - Sigma) exp(-c2 s).
"""
SQUARE_OF_THETA: Mapping[str, Given] = {
    **THETA_TIMES_U,
    "eps": "0",
    "until_end": ["t", "Sigma(0, 0, 0)*(exp(c2*((N - t)*eta^2)) - 1)"],
    "after_step": ["t", "Sigma(0, 0, 0)*(exp(c2*((N - t - 1)*eta^2)) - 1)"],
    "ratio": ["t", "u(t, 0)/Sigma(0, 0, 0)"],
    "V": [
        "t",
        "theta(t, 0)^2 + log(1 + until_end(t)/u(t, 0))/c2 + 3*(Sigma(0, 1, 1) + gap(t)*exp(-c2*eta^2))",
    ],
    "later": ["t", "theta(t, 0)^2 + log(1 + after_step(t)/u(t, 0))/c2 + 3*(Sigma(0, 1, 1) + gap(t))"],
    "V_x": ["t", "i", "(1 - i)*(2*theta(t, 0))"],
    "V_xx": ["t", "i", "j", "(1 - i)*(1 - j)*2"],
    "V_u": [
        "t",
        "i",
        "i*3*decay(t) - (1 - i)*(after_step(t)/(u(t, 0)*(u(t, 0) + after_step(t))*c2))",
    ],
    "V_xu": ["t", "i", "j", "0"],
    "M": ["t", "1/(2*c2*(beta2*u(t, 0))^2)"],
    "R": ["t", "c2/2*abs(1 - ratio(t))/min(1, ratio(t))^2 + 3/2*c2^2*abs(gap(t))"],
    "test": "theta(2, 0)^2 + 3*u(2, 1)",
}
"""The test function theta^2 + 3 u, theta at a coordinate without a gradient, and its exact value along RMSprop's SDE.

There u(s) = Sigma + (u - Sigma) exp(-c2 s), and theta has the variance rate sigma0^2 Sigma/P^2 = Sigma/u, for eps = 0.
"""


CUBE_OF_M: Mapping[str, Given] = {
    "G": ["t", "i", "1/2 - i + 0*z(0, i)"],
    "d": "2",
    "N": "2",
    "W": ["j", "c1*sigma0^2*Sigma(0, 0, j)/2"],
    "y": ["t", "i", "m(t, i) - G(t, i)"],
    "f": ["t", "k", "exp(-k*c1*((N - t - 1)*eta^2))"],
    "fu": ["t", "exp(-c2*((N - t - 1)*eta^2))"],
    "A1": ["t", "y(t, 0)*(3*W(0) + Sigma(0, 1, 1))*f(t, 1)"],
    "A2": ["t", "2*(y(t, 0)*y(t, 1) - W(1))*f(t, 2)"],
    "A3": ["t", "(y(t, 0)^3 - 3*y(t, 0)*W(0))*f(t, 3)"],
    "Au": ["t", "(u(t, 0) - Sigma(0, 0, 0))*fu(t)"],
    "Ax": ["t", "y(t, 0)*(u(t, 1) - Sigma(0, 1, 1))*f(t, 1)*fu(t)"],
    "later": ["t", "2*W(1) + Sigma(0, 0, 0) + A1(t) + A2(t) + A3(t) + Au(t) + Ax(t)"],
    "V": [
        "t",
        "2*W(1) + Sigma(0, 0, 0) + A1(t)*exp(-c1*eta^2) + A2(t)*exp(-2*c1*eta^2) + A3(t)*exp(-3*c1*eta^2)"
        " + Au(t)*exp(-c2*eta^2) + Ax(t)*exp(-(c1 + c2)*eta^2)",
    ],
    "R": [
        "t",
        "1/2*(c1^2*(abs(A1(t)) + 4*abs(A2(t)) + 9*abs(A3(t))) + c2^2*abs(Au(t)) + (c1 + c2)^2*abs(Ax(t)))",
    ],
    "V_x": ["t", "i", "0"],
    "V_m": [
        "t",
        "i",
        "(1 - i)*(3*(y(t, 0)^2 - W(0))*f(t, 3) + (3*W(0) + Sigma(0, 1, 1) + (u(t, 1) - Sigma(0, 1, 1))*fu(t))*f(t, 1))"
        " + 2*((1 - i)*y(t, 1) + i*y(t, 0))*f(t, 2)",
    ],
    "V_u": ["t", "i", "((1 - i) + i*y(t, 0)*f(t, 1))*fu(t)"],
    "V_mm": ["t", "i", "j", "(1 - i)*(1 - j)*6*y(t, 0)*f(t, 3) + 2*(i - j)^2*f(t, 2)"],
    "V_xm": ["t", "i", "j", "0"],
    "V_mu": ["t", "i", "j", "(1 - i)*j*f(t, 1)*fu(t)"],
    "V_mmm": ["t", "i", "j", "l", "(1 - i)*(1 - j)*(1 - l)*6*f(t, 3)"],
    "M": ["t", "0"],
    "test": "y(2, 0)^3 + 2*y(2, 0)*y(2, 1) + y(2, 0)*u(2, 1) + u(2, 0)",
    "limit": "V(0)",
}
"""The test function y^3 + 2 y y' + y u' + u, y = m - G at two coordinates, and its exact value along Adam's SDE.

There y is Ornstein and Uhlenbeck's process, of rate c1 and variance 2 W = c1 sigma0^2 Sigma, and u as above.
"""

STATES: Mapping[str, Given] = {
    **VALUES,
    **CUBE_OF_M,
    "G": ["t", "i", "-i/2 + 0*z(0, i)"],
    "h": "eta^2",
    "rho": "0",
    "b": ["t", "i", "c1*(G(t, i) - m(t, i)) + h*rho*m(t, i)^2"],
    "s": ["i", "j", "c1^2*sigma0^2*Sigma(0, i, j)"],
    "m": Recursion(("t", "i"), "1 - i/2 + 0*z(0, i)", "m(t, i) + h*b(t, i) + c1*eta*sigma0*z(t + 1, i)"),
    "u": Recursion(("t", "i"), "1 + i + 0*z(0, i)", "u(t, i) + c2*h*((G(t, i)/sigma + z(t + 1, i))^2 - u(t, i))"),
    "Q": ["t", "i", "(m(t + 1, i) - m(t, i))^4"],
    "S": ["t", "i", "8*(c1^4*sigma0^4*kurt(t, i, i, i) + h^2*b(t, i)^4)"],
    "M": ["t", "(1 + y(t, 0)^2)/99"],
}
"""Adam's averages m and u as recursions. rho: of an error of their drift, of order h^2."""
FAMILIES: Mapping[str, tuple[str, str]] = {
    "P_m": ("i", "m(t + 1, i) - m(t, i)"),
    "B_m": ("i", "c1*(G(t, i) - m(t, i))"),
    "R_m": ("i", "rho*m(t, i)^2"),
    "P_u": ("i", "u(t + 1, i) - u(t, i)"),
    "B_u": ("i", "c2*(Sigma(0, i, i) - u(t, i))"),
    "R_u": ("i", "c2*G(t, i)^2/sigma0^2"),
    "P_mm": ("ij", "P_m(t, i)*P_m(t, j)"),
    "B_mm": ("ij", "s(i, j)"),
    "R_mm": ("ij", "abs(b(t, i)*b(t, j))"),
    "P_mu": ("ij", "P_m(t, i)*P_u(t, j)"),
    "R_mu": (
        "ij",
        "abs(c2*b(t, i)*(Sigma(0, j, j) - u(t, j) + h*G(t, j)^2/sigma0^2)"
        " + c1*c2*(sigma0*skew(0, i, j, j)/eta + 2*G(t, j)*Sigma(0, i, j)))",
    ),
    "P_mmm": ("ijl", "P_m(t, i)*P_m(t, j)*P_m(t, l)"),
    "R_mmm": (
        "ijl",
        "abs(b(t, i)*s(j, l) + b(t, j)*s(i, l) + b(t, l)*s(i, j) + h*b(t, i)*b(t, j)*b(t, l)"
        " + c1^3*sigma0^3*skew(0, i, j, l)/eta)",
    ),
}
"""Products of their steps, their means over h and the errors over h^2."""


WITH_THETA: Mapping[str, Given] = {
    "theta": Recursion(("t", "i"), "i - 1/2 + 0*z(0, i)", "theta(t, i) - h*m(t + 1, i)"),
    "B0": ["t", "theta(t, 0) - (y(t, 0) + W(1))/c1"],
    "B1": ["t", "((y(t, 0) + 2*W(1) - y(t, 0)*y(t, 1))/c1 + theta(t, 0)*y(t, 1))*f(t, 1)"],
    "B2": ["t", "(y(t, 0)*y(t, 1) - W(1))/c1*f(t, 2)"],
    "later_of_m": CUBE_OF_M["later"],
    "later": ["t", "later_of_m(t) + B0(t) + B1(t) + B2(t)"],
    "V_of_m": CUBE_OF_M["V"],
    "V": ["t", "V_of_m(t) + B0(t) + B1(t)*exp(-c1*eta^2) + B2(t)*exp(-2*c1*eta^2)"],
    "R_of_m": CUBE_OF_M["R"],
    "R": ["t", "R_of_m(t) + c1^2/2*(abs(B1(t)) + 4*abs(B2(t)))"],
    "V_x": ["t", "i", "(1 - i)*(1 + y(t, 1)*f(t, 1))"],
    "V_m_of_m": CUBE_OF_M["V_m"],
    "V_m": [
        "t",
        "i",
        "V_m_of_m(t, i) - (1 - i)*(1 - f(t, 1))/c1 + i*theta(t, 0)*f(t, 1)"
        " - ((1 - i)*y(t, 1) + i*y(t, 0))*(f(t, 1) - f(t, 2))/c1",
    ],
    "V_mm_of_m": CUBE_OF_M["V_mm"],
    "V_mm": ["t", "i", "j", "V_mm_of_m(t, i, j) - (i - j)^2*(f(t, 1) - f(t, 2))/c1"],
    "V_xm": ["t", "i", "j", "(1 - i)*j*f(t, 1)"],
    "P_x": ["t", "i", "theta(t + 1, i) - theta(t, i)"],
    "B_x": ["t", "i", "-m(t, i)"],
    "R_x": ["t", "i", "abs(b(t, i))"],
    "P_xm": ["t", "i", "j", "P_x(t, i)*P_m(t, j)"],
    "R_xm": ["t", "i", "j", "abs(m(t, i)*b(t, j) + h*b(t, i)*b(t, j) + s(i, j))"],
}
"""theta moves by -h m; to the test function theta + theta y' is added, theta where G is 0."""


def states(says: str, bound: str, letter: str = "m", **values: Given) -> Instance:
    """A state that moves as these averages do. letter: what the theorem calls m.   bound: C."""
    families: dict[str, Given] = {name: ["t", *letters, text] for name, (letters, text) in FAMILIES.items()}
    given: dict[str, Given] = {**STATES, **families, **values, "C": bound}
    for name in list(given):
        kind, _, part = name.partition("_")
        if letter != "m" and kind in ("V", "P", "B", "R") and "m" in part and "x" not in part:
            letters = ["t", *"ijl"[: len(part)]]
            given[f"{kind}_{part.replace('m', letter)}"] = [*letters, f"{name}({', '.join(letters)})"]
    return Instance(says, given, WEIGHTS, 2, naturals={"t": 2})
