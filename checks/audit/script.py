"""Scripts of about ten lines with literal numbers: the target runs, and the wrong number is beside the right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .finding import Counterexample
from .subject import Array, Subject


def steps_script(
    subject: Subject,
    start: Sequence[Array],
    keywords: Mapping[str, Any],
    gradients: Sequence[Sequence[Any]],
    right: Sequence[float],
    why: str,
) -> Counterexample:
    """A run of the target from literal numbers.

    right: what the parameters' entries should be.   why: one line on where the right numbers come from.
    """
    lines = [
        *subject.header(),
        *subject.script(start, keywords, gradients),
        'print("got  ", got)',
        f'print("right", {[float(x) for x in right]})  # {why}',
    ]
    entries = sum(int(np.size(a)) for a in start)
    return Counterexample(len(start), entries, len(gradients), "\n".join(lines))


def lines_script(subject: Subject, lines: Sequence[str], parameters: int, entries: int, steps: int) -> Counterexample:
    """A script made of lines of its own after the imports; it should end with what it got and what is right."""
    return Counterexample(parameters, entries, steps, "\n".join([*subject.header(), *lines]))


def called(subject: Any, parameters: str, keywords: Mapping[str, Any]) -> str:
    """The text that makes a torch optimizer."""
    return f"{subject.title}({parameters}{''.join(f', {k}={v!r}' for k, v in keywords.items())})"
