"""What theorems say of every run: bounds of one step, tried with the worst gradients.

Whether a rule converges is a question about its declaration, not about the code: `driftproof converge`, `witness`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from driftproof.checks.adam_steps_are_bounded import derived

from ..finding import Counterexample, Finding
from ..observe import decay_letters
from ..probe import KINDS, Audited, Probe, Skipped, finding
from ..script import steps_script
from ..subject import Array

MOMENTS = ((0.6, 0.7), (0.9, 0.99))
"""beta1, beta2. With the second the worst sequence is 500 steps long: counters pass 256."""
ETA = 2.0**-10
ROUNDING = 1e-9
SIGNS = ("signsgd", "signum", "lion")
"""Rules that move every entry by the step size, or not at all."""


def worst(beta1: float, beta2: float) -> list[float]:
    """Zeros until the correction of the second moment is over, then gradients that grow by beta2/beta1."""
    zeros = int(np.ceil(np.log(1e-2) / np.log(beta2)))
    growing = int(np.ceil(np.log(1e-3) / np.log(beta1 / beta2)))
    return [0.0] * zeros + [(beta1 / beta2) ** k for k in reversed(range(min(growing, 60)))]


def _run(
    audited: Audited, gradients: Sequence[float], letters: dict[str, float]
) -> tuple[list[float], list[list[Array]]]:
    """theta of one entry from 0 on, and the gradients as arrays."""
    shape = (1, 1) if all(len(s) == 2 for s in audited.shapes) else (1,)
    series = [[np.full(shape, g)] for g in gradients]
    path = audited.target_path([np.zeros(shape)], series, audited.keywords(letters))
    return [0.0, *(float(row[0]) for row in path)], series


def _plain_adam(audited: Audited) -> bool:
    """Whether the step is eta m_hat/(sqrt(v_hat) + eps), or smaller: the bound's own hypotheses."""
    options = audited.variant.conventions
    return audited.variant.name in ("adam", "adamw") and (
        options.get("correction", "both") == "both" and options.get("second_moment", "new") == "new"
    )


def adam_bounded(audited: Audited) -> Iterator[Finding]:
    """Adam's step stays below the bound of the check adam-step-bound."""
    if not _plain_adam(audited):
        raise Skipped("the bound is about Adam with both corrections")
    if not {"eta", "beta1", "beta2"} <= set(audited.words):
        raise Skipped("the target has no arguments for the moments")
    for b1, b2 in MOMENTS if audited.subject.kind == "torch" or audited.deep else MOMENTS[:1]:
        letters = {"eta": ETA, "beta1": b1, "beta2": b2, **{k: 0.0 for k in decay_letters(audited.variant)}}
        letters |= {k: 1e-12 for k in audited.words if k.startswith("eps")}
        gradients = worst(b1, b2)
        theta, series = _run(audited, gradients, letters)
        steps = np.abs(np.diff(theta)) / ETA
        most, bound = float(np.max(steps)), derived(b1, b2)
        if not most <= bound * (1 + ROUNDING):
            at = int(np.argmax(steps > bound * (1 + ROUNDING)))
            told = f"with betas ({b1:g}, {b2:g}) a step is {most:.4g} times lr; no step of Adam is above {bound:.4g}"
            yield finding(ADAM, told, _script(audited, letters, series[: at + 1], "the rule"))
            return


def _script(audited: Audited, letters: dict[str, float], series: list[list[Array]], why: str) -> Counterexample:
    start = [np.zeros_like(series[0][0])]
    right = audited.oracle_path(start, series, letters)[-1]
    return steps_script(audited.subject, start, audited.keywords(letters), series, list(right), why)


def signs_bounded(audited: Audited) -> Iterator[Finding]:
    """A rule of signs moves no entry by more than the step size."""
    if audited.variant.name not in SIGNS:
        raise Skipped("the rule is none of signs")
    letters = {"eta": ETA, **{k: 0.0 for k in decay_letters(audited.variant)}}
    gradients = [1e-12, -1e12, 3.0, 0.0, -1e-3, 1e6, -1e6, 1.0]
    theta, series = _run(audited, gradients, letters)
    most = float(np.max(np.abs(np.diff(theta)))) / ETA
    if not most <= 1 + ROUNDING:
        told = f"a step is {most:.4g} times lr; the sign of something is at most 1"
        yield finding(SIGN, told, _script(audited, letters, series, "the rule"))


ADAM = Probe(
    "DP801",
    "adam-step-bound",
    "error",
    "No step of Adam exceeds lr (1-beta1)/sqrt((1-beta2)(1-beta1^2/beta2)).",
    "Runs the gradients that come nearest to the bound: zeros, until the corrections are over, then gradients that "
    "grow by beta2/beta1 from step to step. The bound is derived in the check adam-step-bound, for every t and with "
    "the bias correction; the one usually quoted, lr (1-beta1)/sqrt(1-beta2), is false and is not used. A step above "
    "it has a counter that stopped, or moments that are not those of Adam.",
    adam_bounded,
    KINDS,
)
SIGN = Probe(
    "DP802",
    "sign-step-bound",
    "error",
    "A rule of signs moves no entry by more than the step size.",
    "Runs gradients over 24 decades through sign descent, Signum or Lion without weight decay: every entry moves by "
    "lr or stays.",
    signs_bounded,
    KINDS,
)
PROBES = (ADAM, SIGN)
