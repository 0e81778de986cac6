"""Live optimizers of torch.optim read: rule, hyperparameters, and the step sizes that a scheduler will give.

    from_torch(torch.optim.AdamW(model.parameters()), scheduler, steps=10_000)

The live objects stay as they are: the scheduler is run as a copy, on a stand-in that holds one number per group.
torch is imported when something runs.
"""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Rational

from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, nearest
from driftproof.theory.quantities import number

from .torch_words import CLASSES, MAXIMIZED, letters_of, rule_of_options

MOST_STEPS = 10**7
"""The longest sequence that is written out."""


@dataclass(frozen=True)
class LiveGroup:
    """One parameter group of a live optimizer.

    group: its place.   asked: the RULE string.   values: hyperparameters by letter, exact, at the step to come; a
    float stands for its shortest decimal.   eta: step sizes of the steps start, start + 1, ...
    varying: other hyperparameters that the scheduler moves (a momentum that cycles), likewise.
    start: the rule's t of the step to come; 1 for an optimizer that has not moved.   notes: what else holds.
    """

    group: int
    asked: str
    values: Mapping[str, Rational]
    eta: tuple[float, ...]
    varying: Mapping[str, tuple[float, ...]]
    start: int = 1
    notes: tuple[str, ...] = ()


def from_torch(optimizer: Any, scheduler: Any = None, steps: int = 1, every: int = 1) -> tuple[LiveGroup, ...]:
    """Every group of an Adam, AdamW, RMSprop or Adagrad of torch.optim, with its next `steps` step sizes.

    scheduler: one of torch.optim.lr_scheduler on that optimizer, or a list of those that are stepped in turn.
    every: steps of the optimizer for each of the scheduler's.
    raises: Refused for another class, and for a scheduler that follows the loss; OutOfDomain for values.
    """
    name = _class_of(optimizer)
    schedulers = _schedulers(optimizer, scheduler)
    for word, value in (("steps", steps), ("every", every)):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_STEPS:
            raise OutOfDomain(f"{word} = {value!r} is not a whole number from 1 to {MOST_STEPS}.")
    read = [list(column) for column in zip(*_run(name, optimizer, schedulers, steps, every), strict=True)]
    return tuple(_group(name, optimizer, place, column) for place, column in enumerate(read))


def _class_of(optimizer: Any) -> str:
    """raises: Refused unless it is an object of one of the classes themselves: a subclass may do anything."""
    kind = type(optimizer)
    name = kind.__name__
    if not kind.__module__.startswith("torch.optim") or name not in CLASSES:
        raise Refused(
            f"{kind.__module__}.{name} is not read.",
            "Only classes of torch.optim have a declared meaning that its tests hold to the rule.",
            nearest(name, CLASSES) + " Or declare your rule, and give its hyperparameters.",
        )
    return name


def _schedulers(optimizer: Any, given: Any) -> list[Any]:
    """raises: Refused for a scheduler that needs the loss; DriftproofError for what is none of this optimizer."""
    from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

    listed = [] if given is None else list(given) if isinstance(given, Sequence) else [given]
    for scheduler in listed:
        name = type(scheduler).__name__
        if not isinstance(scheduler, LRScheduler):
            raise DriftproofError(f"{name} is not a scheduler of torch.optim.lr_scheduler.", "", "Give one, or a list.")
        if isinstance(scheduler, ReduceLROnPlateau):
            raise Refused(
                "ReduceLROnPlateau is not read.",
                "Its step sizes follow the loss, which is known only when the run is over.",
                "Leave it out and give the step sizes of the run as a sequence.",
            )
        if scheduler.optimizer is not optimizer:
            raise DriftproofError(f"This {name} moves another optimizer.", "", "Give the one it was made with.")
    return listed


def learning_rates(optimizer: Any, scheduler: Any = None, steps: int = 1, every: int = 1) -> list[tuple[float, ...]]:
    """The next `steps` learning rates of every group, of an optimizer of any class. As from_torch."""
    rows = _moves(optimizer, _schedulers(optimizer, scheduler), steps, every)
    return list(zip(*([float(options["lr"]) for options in groups] for groups in rows), strict=True))


def _run(
    name: str, optimizer: Any, schedulers: Sequence[Any], steps: int, every: int
) -> Iterator[list[dict[str, float]]]:
    """Per step the hyperparameters of every group, by letter."""
    for groups in _moves(optimizer, schedulers, steps, every):
        yield [letters_of(name, options) for options in groups]


def _moves(optimizer: Any, schedulers: Sequence[Any], steps: int, every: int) -> Iterator[list[dict[str, Any]]]:
    """Per step the options of every group; copies are stepped, and torch's warnings about it kept to ourselves: the
    stand-in makes no steps between."""
    stand_in = _stand_in(optimizer)
    copies = copy.deepcopy(list(schedulers), {id(optimizer): stand_in})
    for step in range(steps):
        yield stand_in.param_groups
        if (step + 1) % every == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for scheduler in copies:
                    scheduler.step()


def _stand_in(optimizer: Any) -> Any:
    """An optimizer of the same class and options with one number per group, made as unpickling makes one."""
    import torch

    groups = [
        {**copy.deepcopy({k: v for k, v in group.items() if k != "params"}), "params": [torch.nn.Parameter(_zero())]}
        for group in optimizer.param_groups
    ]
    made = type(optimizer).__new__(type(optimizer))
    defaults = copy.deepcopy(optimizer.defaults)
    made.__setstate__({"defaults": defaults, "state": defaultdict(dict), "param_groups": groups})
    return made


def _zero() -> Any:
    import torch

    return torch.zeros(1)


def _group(name: str, optimizer: Any, place: int, column: Sequence[Mapping[str, float]]) -> LiveGroup:
    options = optimizer.param_groups[place]
    asked, notes = rule_of_options(name, options)
    values = {letter: number(value, letter) for letter, value in column[0].items()}
    moving = {k: tuple(row[k] for row in column) for k in values if any(row[k] != column[0][k] for row in column)}
    eta = tuple(row["eta"] for row in column)
    start, mixed = _start(optimizer, options)
    notes += [f"Parameters of this group have made different numbers of steps; the most is {start - 1}."] * mixed
    notes += [MAXIMIZED] * bool(options.get("maximize"))
    return LiveGroup(place, asked, values, eta, {k: v for k, v in moving.items() if k != "eta"}, start, tuple(notes))


def _start(optimizer: Any, options: Mapping[str, Any]) -> tuple[int, bool]:
    """1 more than the steps that the group has made; and whether its parameters disagree (one without a gradient has
    no state and does not count)."""
    made = {int(optimizer.state[p]["step"]) for p in options["params"] if optimizer.state.get(p)}
    return 1 + max(made, default=0), len(made) > 1
