"""Instances of theorems on MoMo: steps on losses |a_k . x| of two coordinates, which have 0 as their common minimiser.

The losses that the run is given are those along the exact path (`xs`), which is rational; what the theorems name x, d
and v is read from the run. x(k) is where loss and gradient k are taken, d(k) the average that then moves it.
"""

from __future__ import annotations

from collections.abc import Mapping

from .instance import Given, Instance, Read, Recursion, Run, Table, along

STEPS = 3
WHY = "momo-opt has the class; published-packages-equal-reference compares it"
PATH: Mapping[str, Given] = {
    "n": "2",
    "beta": "1/2",
    "rate": "1/4",
    "decay": "0",
    "least": "0",
    "a": Table((("1", "2"), ("-2", "1"), ("1", "-1"), ("3", "1"))),
    "fs": ["k", "abs(sum(i < n, a(k, i)*xs(k, i)))"],
    "gs": ["k", "i", "sum(j < n, a(k, j)*xs(k, j))/fs(k)*a(k, i)"],
    "fbars": Recursion(("k",), "fs(0)", "beta*fbars(k) + (1 - beta)*fs(k + 1)"),
    "gammas": Recursion(
        ("k",), "sum(i < n, gs(0, i)*xs(0, i))", "beta*gammas(k) + (1 - beta)*sum(i < n, gs(k + 1, i)*xs(k + 1, i))"
    ),
    "ds": Recursion(("k", "i"), "gs(0, i)", "beta*ds(k, i) + (1 - beta)*gs(k + 1, i)"),
    "height": ["k", "(1 + rate*decay)*(fbars(k) - gammas(k) - least) + sum(i < n, ds(k, i)*xs(k, i))"],
    "taus": ["k", "min(rate, max(0, height(k))/sum(i < n, ds(k, i)^2))"],
    "xs": Recursion(("k", "i"), "1 - 3*i", "(xs(k, i) - taus(k)*ds(k, i))/(1 + rate*decay)"),
}
"""The exact path."""
ALONG: Mapping[str, Given] = {
    "alpha": ["k", "rate"],
    "lambda": "decay",
    "bound": ["k", "least"],
    "rho": ["k", "1"],
    "first": "1",
    "best": ["i", "0"],
    "value": ["k", "0"],
    "floor": ["k", "0"],
    "f": ["k", "fs(k)"],
    "g": ["k", "i", "gs(k, i)"],
    "fbar": ["k", "fbars(k)"],
    "gamma": Recursion(
        ("k",), "sum(i < n, gs(0, i)*x(0, i))", "beta*gamma(k) + (1 - beta)*sum(i < n, gs(k + 1, i)*x(k + 1, i))"
    ),
    "rise": ["k", "(1 + rate*decay)*(fbar(k) - gamma(k) - least) + sum(i < n, d(k, i)*x(k, i))"],
    "tau": ["k", "min(rate, max(0, rise(k))/sum(i < n, d(k, i)^2))"],
}
"""What theorems name, with x and d of the run."""
SETTINGS = {"eta": "rate", "beta1": "beta", "lambda": "decay", "f_star": "least"}


def path(what: str, shift: int = 0) -> Read:
    """x(k, i) of the run."""
    return Read(what, ("k", "i"), "k", "i", shift)


def place(what: str, steps: int) -> Read:
    """x(i) of the run, after so many steps."""
    return Read(what, ("i",), str(steps), "i")


def momo_run(
    says: str,
    values: Mapping[str, Given] | None = None,
    wrong: tuple[str, ...] = ("momo@average=bias",),
    along: Mapping[str, Given] = ALONG,
    reads: Mapping[str, Read] | None = None,
) -> Instance:
    """Three steps of MoMo. values: of names that the theorem has besides, or has otherwise."""
    read = reads or {"x": path("theta"), "d": path("m", shift=1)}
    given = {**PATH, **along, **(values or {})}
    run = Run("momo", SETTINGS, "gs(t, i)", ("1", "-2"), STEPS, read, why=WHY, loss="fs(t)")
    return Instance(says, given, naturals={"": STEPS, "i": 2}, run=run, wrong=wrong)


RULE: Mapping[str, Given] = {
    "beta1": "beta",
    "eta": ["t", "rate"],
    "lambda": "decay",
    "f_star": "least",
    "f": Recursion(("t",), "0", "fs(t)"),
    "g": Recursion(("t", "i"), "0", "gs(t, i)"),
    "rho": ["t", "1"],
    "q": Recursion(("t",), "0", "sum(j < n, eta(t + 1)*m(t + 1, j)^2)/(1 + rate*decay)"),
    "rest": Recursion(
        ("t",),
        "0",
        "beta*level(t) + (1 - beta)*f(t + 1) - least - rate*decay/(1 + rate*decay)*sum(j < n, m(t + 1, j)*theta(t, j))",
    ),
}
"""What the rule's own equations name, with theta, m and level of the run; loss and gradient of step t + 1 at t + 1."""
RESTS: Mapping[str, Given] = {"a": Table((("0", "0"),) * 4)}
"""Losses without gradients."""
LARGE: Mapping[str, Given] = {"rate": "9"}
"""A cap that does not bind."""


def momo_by_its_rule(
    says: str, values: Mapping[str, Given], wrong: tuple[str, ...] = ("momo@average=bias", "momo@decay=adamw")
) -> Instance:
    """Three steps of MoMo, for theorems on its own equations."""
    reads = {"theta": Read("theta"), "m": Read("m"), "level": along("level")}
    return momo_run(says, values, wrong, RULE, reads)


ADAM: Mapping[str, Given] = {
    "n": "2",
    "rate": "1/8",
    "decay": "1/2",
    "least": "0",
    "beta1": "1/2",
    "beta2": "3/4",
    "eps": "1/8",
    "eta": ["t", "rate"],
    "lambda": "decay",
    "f_star": "least",
    "f": Table(("0", "2", "1/4", "1")),
    "g": Table((("0", "0"), ("1", "2"), ("-2", "1"), ("1", "-1"))),
    "beta1_power": Recursion(("t",), "1", "beta1*beta1_power(t)"),
    "beta2_power": Recursion(("t",), "1", "beta2*beta2_power(t)"),
    "rho": ["t", "1 - beta1_power(t)"],
    "move": ["t", "i", "eta(t)*m(t, i)/(1 - beta1_power(t))/(sqrt(v(t, i)/(1 - beta2_power(t))) + eps)"],
    "q": ["t", "sum(j < n, m(t, j)*move(t, j))/(1 + rate*decay)"],
    "rest": Recursion(
        ("t",),
        "0",
        "beta1*level(t) + (1 - beta1)*f(t + 1) - least*rho(t + 1)"
        " - rate*decay/(1 + rate*decay)*sum(j < n, m(t + 1, j)*theta(t, j))",
    ),
}
"""What the equations of MoMo-Adam name."""


def momo_adam_by_its_rule(says: str, values: Mapping[str, Given], wrong: tuple[str, ...]) -> Instance:
    """Three steps of MoMo-Adam, for theorems on its own equations."""
    given = {**ADAM, **values}
    settings = {"eta": "rate", "lambda": "decay", "f_star": "least"} | {b: b for b in ("beta1", "beta2", "eps")}
    reads = {"level": along("level"), **{name: Read(name) for name in ("theta", "m", "v")}}
    run = Run("momo_adam", settings, "g(t + 1, i)", ("1", "-2"), STEPS, reads, why=WHY, loss="f(t + 1)")
    return Instance(says, given, naturals={"": STEPS, "i": 2}, run=run, wrong=wrong)


def momo_step(says: str, values: Mapping[str, Given], wrong: tuple[str, ...]) -> Instance:
    """The third step of three with decay: x, d and z of the theorem are read from the run."""
    given = {"F": "fbars(2) - gammas(2)", "y": ["i", "1/2 - i"], "D": ["i", "1"], "decay": "1/2", "bound": "least"}
    reads = {"x": place("theta", 2), "d": place("m", 3), "z": place("theta", 3)}
    return momo_run(says, {**given, "rho": "1", **values}, wrong, {}, reads)


def sgd_beside_momo(says: str) -> Instance:
    """Three steps of torch's SGD with momentum and dampening, where MoMo, exactly computed, is at its cap."""
    given = {
        **PATH,
        **RULE,
        "least": "-9",
        "theta": ["t", "i", "xs(t, i)"],
        "m": Recursion(("t", "i"), "gs(0, i)", "ds(t, i)"),
        "level": Recursion(
            ("t",),
            "fs(0)",
            "beta*level(t) + (1 - beta)*fs(t) + sum(j < n, (xs(t + 1, j) - xs(t, j))*ds(t, j))",
        ),
    }
    settings = {"eta": "rate", "mu": "beta", "tau": "beta"}
    reads = {"x": Read("theta"), "b": Read("b")}
    run = Run("sgd@momentum=heavy_ball", settings, "gs(t, i)", ("1", "-2"), STEPS, reads, torch="SGD")
    wrong = ("sgd@momentum=heavy_ball,first=damped",)
    return Instance(says, given, naturals={"": STEPS, "i": 2}, run=run, wrong=wrong)


def adam_beside_momo(says: str) -> Instance:
    """Three steps of torch's Adam, where MoMo-Adam, by its equations, is at its cap."""
    moved = "sum(j < n, (theta(t + 1, j) - theta(t, j))*m(t + 1, j))"
    given = {
        **ADAM,
        "decay": "0",
        "least": "-99",
        "m": Recursion(("t", "i"), "0", "beta1*m(t, i) + (1 - beta1)*g(t + 1, i)"),
        "v": Recursion(("t", "i"), "0", "beta2*v(t, i) + (1 - beta2)*g(t + 1, i)^2"),
        "theta": Recursion(("t", "i"), "1 - 3*i", "theta(t, i) - move(t + 1, i)"),
        "level": Recursion(("t",), "0", f"{moved} + beta1*level(t) + (1 - beta1)*f(t + 1)"),
        **{f"{power}_adam": ["t", f"{power}(t)"] for power in ("beta1_power", "beta2_power")},
    }
    settings = {"eta": "rate"} | {b: b for b in ("beta1", "beta2", "eps")}
    reads = {"x": Read("theta"), "m_adam": Read("m"), "v_adam": Read("v")}
    run = Run("adam", settings, "g(t + 1, i)", ("1", "-2"), STEPS, reads, torch="Adam")
    return Instance(says, given, naturals={"": STEPS, "i": 2}, run=run, wrong=("adam@eps=hat", "adam@correction=none"))
