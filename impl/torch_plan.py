"""A plan in a training loop of torch: a batch sampler whose batches change size, and the step sizes as a scheduler.

    batches = ScheduledBatches(len(data), sizes, epochs)         # sizes: one per step; epochs: steps in each
    loader = DataLoader(data, batch_sampler=batches)
    scheduler = StepSizes(optimizer, etas)
    for _ in epochs:
        for batch in loader: ...; optimizer.step(); scheduler.step()

torch comes in with this file alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import Sampler

from driftproof.theory.errors import OutOfDomain


class ScheduledBatches(Sampler[list[int]]):
    """Each pass over it is the next epoch: lists of indices, as many as the schedule says.

    sizes: the batch size of every step of the whole run.   epochs: how many steps each epoch has.
    replacement: every index drawn anew, as the bound on SGD assumes. Without it an epoch goes through a permutation,
    which no theorem here covers; the last batch of an epoch may then be smaller than its size.
    state_dict() holds the epoch to come and the generator, so that a run goes on where it stopped between epochs.
    """

    def __init__(
        self, samples: int, sizes: Sequence[int], epochs: Sequence[int] | None = None,
        replacement: bool = True, generator: torch.Generator | None = None,
    ) -> None:  # fmt: skip
        self.samples, self.sizes = samples, [_size(value) for value in sizes]
        self.epochs = [len(self.sizes)] if epochs is None else list(epochs)
        if samples < 1 or not self.sizes or sum(self.epochs) != len(self.sizes) or min(self.epochs) < 1:
            raise OutOfDomain(
                f"{len(self.sizes)} batch sizes for epochs of {sum(self.epochs)} steps, of {samples} samples.",
                "Every step has one batch size.",
            )
        self.replacement, self.epoch = replacement, 0
        self.generator = generator if generator is not None else torch.Generator().manual_seed(0)

    def __len__(self) -> int:
        """Steps of the epoch to come."""
        return self.epochs[self.epoch] if self.epoch < len(self.epochs) else 0

    def __iter__(self) -> Iterator[list[int]]:
        """The next epoch; nothing once the schedule is over. An epoch that is left early counts as begun."""
        if self.epoch >= len(self.epochs):
            return
        first = sum(self.epochs[: self.epoch])
        sizes = self.sizes[first : first + self.epochs[self.epoch]]
        self.epoch += 1
        if self.replacement:
            for size in sizes:
                yield torch.randint(self.samples, (size,), generator=self.generator).tolist()
        else:
            yield from self._permuted(sizes)

    def _permuted(self, sizes: Sequence[int]) -> Iterator[list[int]]:
        order = torch.randperm(self.samples, generator=self.generator).tolist()
        place = 0
        for step, size in enumerate(sizes):
            if place >= len(order):
                raise OutOfDomain(
                    f"Step {step + 1} of the epoch finds no sample left of {self.samples}.",
                    "Without replacement an epoch ends with the data.", "Draw with replacement, or plan fewer steps.",
                )  # fmt: skip
            yield order[place : place + size]
            place += size

    def state_dict(self) -> dict[str, Any]:
        """What load_state_dict needs to go on with the next epoch."""
        return {"epoch": self.epoch, "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epoch = int(state["epoch"])
        self.generator.set_state(state["generator"])


def _size(value: Any) -> int:
    if value != int(value) or value < 1:
        raise OutOfDomain(f"A batch of {value} samples.", "No run draws so many.", "Round the batch sizes first.")
    return int(value)


class StepSizes(LRScheduler):
    """The numbers themselves, one per step, to the bit; the last one holds on. Every group takes the same."""

    def __init__(self, optimizer: Any, values: Sequence[float], last_epoch: int = -1) -> None:
        self.values = [float(value) for value in values]
        if not self.values:
            raise OutOfDomain("No step sizes are given.")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float | torch.Tensor]:
        """As torch asks for it."""
        value = self.values[min(self.last_epoch, len(self.values) - 1)]
        return [value for _ in self.optimizer.param_groups]
