"""The smallest run that shows a difference: parameters x entries x steps, with as few arguments as will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .finding import Counterexample
from .inputs import Inputs, Plan, loud
from .observe import Laboratory, apart, flat, reference_path
from .script import called, lines_script, steps_script
from .subject import Array
from .telling import numbers
from .variant import Changed, Variant

SMALLS = (1.0, 1e-3, 1e-7)
"""What gradients of few digits are multiplied with: some differences show in small gradients alone."""
SHAPES = (((1,),), ((1, 1),), ((2,),), ((1,), (1,)), ((2, 2),), ((2, 2), (3,)))
MOST_STEPS = 10
VISIBLE = 1e-6
"""Of the largest step: a smaller difference is shown only where there is no larger one."""
KEPT = 0.1
"""A setting is given up for a simpler one that still shows so much of the difference."""


@dataclass(frozen=True)
class Run:
    """A candidate for the counterexample. words: the arguments that are given."""

    shapes: tuple[tuple[int, ...], ...]
    steps: int
    scale: float
    words: tuple[tuple[str, str], ...]
    row: int


def smallest(
    laboratory: Laboratory, variant: Variant | Changed, options: Mapping[str, Any], decay: bool, why: str
) -> tuple[Counterexample, float] | None:
    """The run, and its difference in steps; None where no small run shows one (at a constant step size)."""
    search = _Search(laboratory, variant, options, decay)
    for run in search.candidates():
        size = search.size(run)
        if size > VISIBLE:
            run, size = search.simplified(run, size)
            return search.script(run, why), size
    return None


class _Search:
    def __init__(
        self, laboratory: Laboratory, variant: Variant | Changed, options: Mapping[str, Any], decay: bool
    ) -> None:
        self.laboratory, self.variant, self.options, self.decay = laboratory, variant, options, decay

    def candidates(self) -> Iterator[Run]:
        """From small to large."""
        for shapes in SHAPES:
            for steps in range(1, MOST_STEPS + 1):
                for row in range(len(loud(Plan()))):
                    words = tuple(self.laboratory.setting(self.variant, row, self.options, self.decay)[0].items())
                    for scale in SMALLS:
                        yield Run(shapes, steps, scale, words, row)

    def letters(self, run: Run) -> dict[str, float]:
        """Loud ones for the arguments that are given; the target's defaults for the others."""
        words, letters = self.laboratory.setting(self.variant, run.row, self.options, self.decay)
        defaults = self.laboratory.subject.signature.values(words, self.variant.rule)
        given = dict(run.words)
        return {k: v if k in given or k not in words else defaults[k] for k, v in letters.items()}

    def inputs(self, run: Run) -> Inputs:
        gradients = tuple(
            tuple(run.scale * numbers(s, step + 3 * k) for k, s in enumerate(run.shapes)) for step in range(run.steps)
        )
        return Inputs(tuple(np.ones(s) for s in run.shapes), gradients, {}, (1.0,) * run.steps)

    def size(self, run: Run) -> float:
        """The difference at the last step, in steps; 0 where the run fails, which is another finding."""
        ours, theirs, inputs = self.paths(run)
        return apart(ours, theirs, flat(inputs.start))[0] if ours else 0.0

    def paths(self, run: Run) -> tuple[list[Array], list[Array], Inputs]:
        inputs, letters = self.inputs(run), self.letters(run)
        try:
            theirs = self.laboratory.run(self.keywords(run, letters), dict(run.words), inputs, letters)
            return reference_path(self.variant, inputs, letters, run.steps), theirs, inputs
        except Exception:
            return [], [], inputs

    def keywords(self, run: Run, letters: Mapping[str, float]) -> dict[str, Any]:
        return {**self.laboratory.subject.signature.keywords(dict(run.words), letters), **self.options}

    def simplified(self, run: Run, size: float) -> tuple[Run, float]:
        """Without the arguments that the difference does not need."""
        for pair in run.words:
            if pair[0] == "eta":
                continue
            words = tuple(w for w in run.words if w != pair)
            simpler = Run(run.shapes, run.steps, run.scale, words, run.row)
            found = self.size(simpler)
            if found >= KEPT * size:
                run, size = simpler, max(size, found)
        return run, self.size(run)

    def script(self, run: Run, why: str) -> Counterexample:
        ours, _, inputs = self.paths(run)
        keywords = self.keywords(run, self.letters(run))
        shown = [tuple(step) for step in inputs.gradients]
        return steps_script(self.laboratory.subject, inputs.start, keywords, shown, list(ours[-1]), why)


def edited(laboratory: Laboratory, variant: Variant) -> Counterexample | None:
    """Two steps of a torch class, the step size halved between them in param_groups."""
    subject = laboratory.subject
    if subject.kind != "torch":
        return None
    words, letters = laboratory.setting(variant, 0, {}, False)
    inputs = Inputs((np.ones(1),), ((np.ones(1),), (np.ones(1),)), letters, (1.0, 0.5))
    right = float(reference_path(variant, inputs, letters, 2)[-1][0])
    lines = [
        "p = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))",
        f"optimizer = {called(subject, '[p]', subject.signature.keywords(words, letters))}",
        f"for lr in ({letters['eta']}, {letters['eta'] / 2}):",
        f"    optimizer.param_groups[0]['{words.get('eta', 'lr')}'] = lr",
        "    p.grad = torch.tensor([1.0], dtype=torch.float64)",
        "    optimizer.step()",
        'print("got  ", p.item())',
        f'print("right", {right!r})  # {variant} in float64',
    ]
    return lines_script(subject, lines, 1, 1, 2)


def zero_first(laboratory: Laboratory, variant: Variant) -> Counterexample | None:
    """One step with a gradient of 0, in a tensor of one entry; None where that shows nothing."""
    zero = (np.zeros(1),)
    for row in range(len(loud(Plan()))):
        words, letters = laboratory.setting(variant, row, {}, False)
        inputs = Inputs((np.ones(1),), (zero,), letters, (1.0,))
        keywords = laboratory.subject.signature.keywords(words, letters)
        right = reference_path(variant, inputs, letters, 1)
        if apart(right, laboratory.run(keywords, words, inputs, letters), flat(inputs.start))[1]:
            return steps_script(
                laboratory.subject, [np.ones(1)], keywords, [zero], list(right[-1]), f"{variant} in float64"
            )
    return None
