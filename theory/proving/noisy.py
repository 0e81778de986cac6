"""Instances of theorems about a noisy gradient g = G + sigma z: two steps on two coordinates, with skewed noise.

The noise has three results in each step, a mean of 0, correlated coordinates and third moments; G depends on the draw
before. Steps are run on all nine outcomes, after `before`, so that v > 0 at time 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .instance import Drawn, Given, Instance, Read, Recursion, Run, defined_by

VALUES: Mapping[str, Given] = {
    "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1"))),
    "G": ["t", "i", "1/2 - i + z(t, i)/4"],
    "g": Recursion(("t", "i"), "0*z(0, i)", "G(t, i) + sigma*z(t + 1, i)"),
    "Sigma": ["t", "i", "j", "E(z(1, i)*z(1, j))"],
    "skew": ["t", "i", "j", "l", "E(z(1, i)*z(1, j)*z(1, l))"],
    "kurt": ["t", "i", "j", "l", "E(z(1, i)*z(1, j)*z(1, l)^2)"],
    "tail": ["t", "i", "E(z(1, i)^8)"],
    "K": ["t", "6*sigma"],
    "sigma": "2",
    "eta": "1/2",
    "sigma0": "eta*sigma",
    "eps": "1/4",
    "eps0": "eta*eps",
    "beta1": "1/2",
    "beta2": "3/4",
    "lambda": "1/2",
    "lambda0": "lambda/eta",
    "c1": "(1 - beta1)/eta^2",
    "c2": "(1 - beta2)/eta^2",
    "u": ["t", "i", "v(t, i)/sigma^2"],
    "k0": "0",
    "p1": Recursion(("k",), "1", "beta1*p1(k)"),
    "p2": Recursion(("k",), "1", "beta2*p2(k)"),
    "gamma1": ["k", "1 - exp(-c1*(k*eta^2))"],
    "gamma2": ["k", "1 - exp(-c2*(k*eta^2))"],
}
WEIGHTS = ("1/4", "1/4", "1/2")
BEFORE = (("1", "-1/2"),)
SETTINGS = ("eta", "beta1", "beta2", "eps", "lambda")


OLD = "torch divides by v after the step; the theorem with the new second moment runs it"


def noisy_run(
    rule: str,
    read: str,
    hypotheses: Mapping[str, str] | None = None,
    torch: str = "",
    why: str = "",
    wrong: tuple[str, ...] = (),
    values: Mapping[str, Given] | None = None,
) -> Instance:
    """The run of a rule on this noise. read: names of the theorem that are theta or a state, with spaces between.

    hypotheses: of the theorem; those called factor and .._definition give the names that they define their values.
    """
    settings = {name: name for name in SETTINGS}
    reads = {name: Read(name) for name in read.split()}
    run = Run(rule, settings, "g(t + 1, i)", ("1", "-2"), 2, reads, torch=torch, why=why, before=BEFORE)
    given = {**_defined(hypotheses or {}), **VALUES, **(values or {})}
    says = "two steps on two coordinates, skewed noise"
    return Instance(says, given, WEIGHTS, 2, reals=("0", "9", "99"), run=run, wrong=wrong)


def _defined(hypotheses: Mapping[str, str]) -> dict[str, Given]:
    chosen = [text for name, text in hypotheses.items() if name == "factor" or name.endswith("_definition")]
    return {text.split(": ")[-1].split("(")[0].split(" =")[0]: defined_by(text) for text in chosen}


def noise() -> Instance:
    """The noise alone, without an optimizer."""
    return Instance("two draws on two coordinates, skewed noise", VALUES, WEIGHTS, 2)


def noisy_sgd() -> Instance:
    values = {"eta": "1/4", "sigma0": "1"}
    return noisy_run("sgd", "theta", torch="SGD", values=values, wrong=("sgd@momentum=ema",))


def noisy_rmsprop(hypotheses: Mapping[str, str], new: bool = False) -> Instance:
    """new: with v after the step, as torch has it."""
    if new:
        others = ("rmsprop@second_moment=old", "rmsprop@eps=inside", "rmsprop@correction=second")
        return noisy_run("rmsprop", "theta v", hypotheses, torch="RMSprop", wrong=others)
    others = ("rmsprop", "rmsprop@second_moment=old,eps=inside", "rmsprop@second_moment=old,correction=second")
    return noisy_run("rmsprop@second_moment=old", "theta v", hypotheses, why=OLD, wrong=others)


def noisy_adam(hypotheses: Mapping[str, str], name: str = "adam", new: bool = False) -> Instance:
    """name: adam or adamw, whose decay is that of the theorem.   new: with v after the step, as torch has it."""
    chosen = "" if new else "second_moment=old,"
    others = ("eps=hat", "eps=inside", "correction=none", "correction=first")
    wrong = tuple(f"{name}@{chosen}{other}" for other in others)
    wrong += (f"{name}@second_moment=old",) if new else (name,)
    rule = name if new else f"{name}@second_moment=old"
    torch = {"adam": "Adam", "adamw": "AdamW"}[name] if new else ""
    return noisy_run(rule, "theta m v", hypotheses, torch, "" if new else OLD, wrong)


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
