"""Scripts of about ten lines with literal numbers: the target runs, and the wrong number is beside the right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .finding import Counterexample
from .signature import REQUIRED
from .subject import Array, Subject
from .words import SIBLINGS


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
    """The text that makes a torch optimizer; what is so by default is left out."""
    defaults, chosen = subject.signature.defaults, any(keywords.get(name) for name in SIBLINGS)

    def shown(name: str, value: Any) -> bool:
        return not (defaults.get(name, REQUIRED) is value or (chosen and name in SIBLINGS and not value))

    return f"{subject.title}({parameters}{''.join(f', {k}={v!r}' for k, v in keywords.items() if shown(k, v))})"
