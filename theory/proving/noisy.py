"""Instances of theorems about a noisy gradient g = G + sigma z: two steps on two coordinates, with skewed noise.

The noise has three results in each step, a mean of 0, correlated coordinates and third moments; G depends on the draw
before. Steps are run on all nine outcomes, after `before`, so that v > 0 at time 0.
"""

from __future__ import annotations

from collections.abc import Mapping

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
