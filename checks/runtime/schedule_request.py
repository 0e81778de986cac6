"""What `schedule` is asked: texts, numbers or live objects, made into plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from driftproof.theory.errors import DriftproofError, NotReadable, OutOfDomain, UnknownName, nearest
from driftproof.theory.plan import PAPER, Layout, Plan
from driftproof.theory.planned import Schedule, planned
from driftproof.theory.sgd_bound import Inputs

from .scheduled import Scheduled, compare
from .torch_schedules import from_text, listed, notes


@dataclass(frozen=True)
class Request:
    """lr, batch: numbers, texts, lists or schedules; lr may be a live torch.optim.SGD.

    torch: a scheduler as text, or a live one.   every: when it is stepped.   paper: i, ii, iii or iv.
    The others are those of theory.plan.Layout; blocks: how many there are, instead of how long each is.
    """

    lr: Any = None
    batch: Any = None
    torch: Any = None
    every: str = ""
    paper: str | None = None
    steps: int | None = None
    steps_per_epoch: int | None = None
    samples: int | None = None
    epochs: int | None = None
    block_epochs: int | None = None
    blocks: int | None = None
    whole: str = ""

    def filled(self) -> Request:
        """With what the paper's run says of all that is not given."""
        if self.paper is None:
            return self
        if self.paper not in PAPER:
            raise UnknownName(f"There is no scheduler '{self.paper}' in the paper.", "", nearest(self.paper, PAPER))
        ours = dict(PAPER[self.paper])
        ours["block_epochs"] = ours.pop("block")
        if self.steps is not None or self.steps_per_epoch is not None:
            ours = {"lr": ours["lr"], "batch": ours["batch"]}
        if self.blocks is not None:
            ours.pop("block_epochs", None)
        return replace(self, **{name: value for name, value in ours.items() if getattr(self, name) is None})

    def plan(self) -> tuple[Plan, tuple[str, ...]]:
        """The plan, and notes. raises: DriftproofError where something is missing or does not fit."""
        if self.lr is None:
            raise DriftproofError("No step size is given.", "", 'Give lr=0.1, "cosine(0.1)", or paper="iii".')
        batch = planned(1 if self.batch is None else self.batch)
        layout = self._layout()
        lr, told = self._lr(batch, layout)
        told += ("Batches of one sample: no batch size is given.",) * (self.batch is None)
        return Plan(lr, batch, layout, self.whole), told

    def _lr(self, batch: Schedule, layout: Layout) -> tuple[Schedule, tuple[str, ...]]:
        if type(self.lr).__module__.startswith("torch."):
            return listed(self.lr, self.torch, layout.course(batch), self.every), notes(self.lr)
        if self.torch is None:
            return planned(self.lr), ()
        return from_text(self.torch, self.lr)(layout.course(batch), self.every), ()

    def _layout(self) -> Layout:
        if self.blocks is not None and self.block_epochs is not None:
            raise DriftproofError("The blocks are given twice.", "", "Give how many, or how many epochs each has.")
        per, block = self.steps_per_epoch or 1, self.block_epochs
        length = self.epochs if self.epochs is not None else (self.steps or 0) // per
        if self.blocks is not None:
            if not 1 <= self.blocks <= max(length, 1):
                raise OutOfDomain(f"{self.blocks} blocks of {length} epochs.", "A block has an epoch at least.")
            block = -(-length // self.blocks)
        return Layout(self.steps, per, self.samples, self.epochs, block)


NAMES = tuple(field.name for field in fields(Request))


def asked(request: Request, inputs: Inputs, versus: Iterable[Any] = (), budget: float | None = None) -> Scheduled:
    """The answer, with those of the others at as many gradient evaluations.

    versus: each a mapping of what differs from the first, or a text: "lr=cosine(0.1); batch=128".
    """
    first = request.filled()
    others = [_differing(first, item).filled() for item in versus]
    found = [item.plan() for item in (first, *others)]
    answer = compare(tuple(plan for plan, _ in found), inputs, budget)
    return replace(answer, notes=(*found[0][1], *answer.notes))


def _differing(first: Request, given: Any) -> Request:
    changes = _pairs(given) if isinstance(given, str) else dict(given) if isinstance(given, Mapping) else None
    if changes is None:
        raise NotReadable(
            f"{given!r} is not what another schedule differs in.", "", 'Write "lr=cosine(0.1); batch=128".'
        )
    for name in changes:
        if name not in NAMES:
            raise UnknownName(f"A schedule has no '{name}'.", "", nearest(name, NAMES))
    for name in ("steps", "steps_per_epoch", "samples", "epochs", "block_epochs", "blocks"):
        if isinstance(changes.get(name), str):
            changes[name] = _count(name, changes[name])
    base = replace(first, lr=None, batch=None, torch=None) if "paper" in changes else first
    if "lr" in changes and "torch" not in changes:
        base = replace(base, torch=None)
    return replace(base, **changes)


def _pairs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = part.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not value.strip() or name in found:
            raise NotReadable(f"{part[:60]!r} is not NAME=VALUE.", "", 'Write "lr=cosine(0.1); batch=128".')
        found[name] = value.strip()
    return found


def _count(name: str, text: str) -> int:
    if not text.isdecimal():
        raise OutOfDomain(f"{name} = {text[:40]} is not a whole number.")
    return int(text)
