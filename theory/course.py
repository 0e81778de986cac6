"""Courses: how the steps of a run are laid out in epochs, and its epochs in blocks.

Steps count from 1, epochs and blocks from 0. A run without epochs has one step in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby

from .errors import OutOfDomain

MOST_STEPS = 10**7
MOST_EPOCHS = 10**5
"""Of a run over a data set, whose batch sizes are looked at one by one; and the most blocks."""


@dataclass(frozen=True)
class Stretch:
    """Epochs in a row with the same number of steps, all in one block."""

    block: int
    epochs: int
    steps: int

    def __post_init__(self) -> None:
        if min(self.epochs, self.steps) < 1 or self.block < 0:
            raise OutOfDomain(f"{self} holds no step.", "", "Epochs and steps are whole numbers from 1 on.")


@dataclass(frozen=True)
class Course:
    """All stretches of a run, in order. first_block: the number of the block that it begins with."""

    stretches: tuple[Stretch, ...]

    def __post_init__(self) -> None:
        if not self.stretches or self.steps > MOST_STEPS:
            raise OutOfDomain(f"A run of {self.steps} steps.", f"Runs have from 1 to {MOST_STEPS} steps.")

    @cached_property
    def steps(self) -> int:
        return sum(s.epochs * s.steps for s in self.stretches)

    @cached_property
    def epochs(self) -> int:
        return sum(s.epochs for s in self.stretches)

    @property
    def first_block(self) -> int:
        return self.stretches[0].block

    @property
    def blocks(self) -> int:
        return self.stretches[-1].block + 1 - self.first_block

    def within(self, first: int, last: int) -> Course:
        """The epochs first, ..., last - 1 as a run of their own; blocks keep their numbers."""
        found = []
        for s, end in zip(self.stretches, accumulate(s.epochs for s in self.stretches), strict=True):
            kept = min(end, last) - max(end - s.epochs, first)
            found += [Stretch(s.block, kept, s.steps)] if kept > 0 else []
        return Course(tuple(found))

    def by_block(self) -> Iterator[Course]:
        """Each block as a run of its own."""
        for _, group in groupby(self.stretches, key=lambda s: s.block):
            yield Course(tuple(group))


def of_steps(steps: int, per_epoch: int = 1, block: int | None = None) -> Course:
    """A run of so many steps, per_epoch of them in each epoch.

    block: epochs in a block; without it there is one block.   raises: OutOfDomain where steps are no whole epochs.
    """
    _whole("steps", steps, MOST_STEPS)
    _whole("steps per epoch", per_epoch, MOST_STEPS)
    if steps % per_epoch:
        fix = f"Take {max(steps - steps % per_epoch, per_epoch)}."
        raise OutOfDomain(f"{steps} steps are no whole number of epochs of {per_epoch}.", "", fix)
    epochs = steps // per_epoch
    length = epochs if block is None else _whole("epochs in a block", block, MOST_STEPS)
    full, rest = divmod(epochs, length)
    if full > MOST_EPOCHS:
        raise OutOfDomain(f"{full} blocks.", f"A run has at most {MOST_EPOCHS}.", "Make them longer.")
    return Course(tuple(Stretch(m, length if m < full else rest, per_epoch) for m in range(full + (rest > 0))))


def of_samples(samples: int, epochs: int, batch: Callable[[int, int], int], block: int | None = None) -> Course:
    """Epochs over a data set: ceil(samples / b) steps in an epoch whose batch size is b.

    batch(epoch, block): the batch size, rounded up.   block: epochs in a block.
    """
    _whole("samples", samples, 10**12)
    _whole("epochs", epochs, MOST_EPOCHS)
    length = epochs if block is None else _whole("epochs in a block", block, MOST_EPOCHS)
    each = [(e // length, -(-samples // batch(e, e // length))) for e in range(epochs)]
    if sum(k for _, k in each) > MOST_STEPS:
        raise OutOfDomain(f"These epochs have more than {MOST_STEPS} steps.", "", "Take fewer, or larger batches.")
    return Course(tuple(Stretch(m, len(list(group)), k) for (m, k), group in groupby(each)))


def _whole(name: str, value: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise OutOfDomain(f"{name} = {value!r} is not a whole number from 1 to {most}.")
    return value
