"""A target and its rule taken through the same actions: steps, edits, groups that come later, saving, copying.

Every tensor is followed by the rule for itself, since a torch optimizer of k tensors is k optimizers.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet

from .observe import EXACT, ROUNDINGS, UNSTABLE
from .probe import Audited
from .subject import Array

Action = tuple[Any, ...]
"""step with gradients, edit with letters, group with a tensor and letters, load with letters of the new one, copy."""
MOVES = (0.0, UNSTABLE, -UNSTABLE)
"""The rule runs three times, twice with inputs moved in their last digits: how far those runs part is no defect."""


class Apart(Exception):
    """The target left the rule, or raised an error."""


class Tracked:
    """One tensor by the rule alone."""

    def __init__(self, audited: Audited, start: Array, letters: Mapping[str, float]) -> None:
        self.compiled, self.letters = audited.variant.compiled, dict(letters)
        self.names = {h.name for h in audited.variant.rule.hyperparameters}
        self.states = [self.compiled.init([start * (1 + move)]) for move in MOVES]
        self.largest, self.reach, self.steady = 0.0, np.abs(start), np.ones(start.shape, dtype=bool)

    def step(self, gradient: Array) -> None:
        given = {k: v for k, v in self.letters.items() if k in self.names}
        before = self.theta
        pairs = zip(self.states, MOVES, strict=True)
        self.states = [self.compiled.step(state, [gradient * (1 + move)], given) for state, move in pairs]
        moved = np.abs(self.theta - before)
        self.largest = max(self.largest, float(np.max(moved, initial=0.0, where=np.isfinite(moved))))
        self.reach = np.fmax(self.reach, np.abs(self.theta))
        with np.errstate(invalid="ignore"):
            self.steady &= ~(self.conditioned() > EXACT * (self.largest or 1.0) + ROUNDINGS * np.spacing(self.reach))

    @property
    def theta(self) -> Array:
        return np.asarray(self.states[0].theta[0], dtype=np.float64)

    def conditioned(self) -> Array:
        """How far the runs part."""
        with np.errstate(invalid="ignore"):
            return np.fmax(*(np.abs(state.theta[0] - self.theta) for state in self.states[1:]))

    def gap(self, theirs: Array) -> float:
        """In steps, where rounding does not explain it; 0 where it does."""
        ours, unit = self.theta, self.largest or 1.0
        with np.errstate(invalid="ignore", over="ignore"):
            same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | ~self.steady
            gaps = np.nan_to_num(np.where(same, 0.0, np.abs(ours - theirs)), nan=np.inf)
            allowed = EXACT * unit + ROUNDINGS * np.spacing(self.reach)
        return float(np.max(np.where(gaps > allowed, gaps, 0.0), initial=0.0)) / unit


@dataclass(frozen=True)
class Case:
    """Everything that was done. letters: of the constructor, by letter."""

    start: tuple[Array, ...]
    letters: Mapping[str, float]
    actions: tuple[Action, ...]


class Followed:
    """Tensors by the rule alone, taken through actions."""

    def __init__(self, audited: Audited, start: Sequence[Array], letters: Mapping[str, float]) -> None:
        self.audited, self.letters = audited, dict(letters)
        self.tracked = [Tracked(audited, a, letters) for a in start]

    def do(self, action: Action) -> None:
        """Saving, loading and copying change nothing."""
        kind, *what = action
        if kind == "step":
            for one, gradient in zip(self.tracked, what[0], strict=True):
                if gradient is not None:
                    one.step(gradient)
        if kind == "edit":
            for one in self.tracked:
                one.letters |= what[0]
        if kind == "group":
            self.tracked.append(Tracked(self.audited, what[0], {**self.letters, **what[1]}))

    def right(self) -> list[float]:
        return [float(x) for one in self.tracked for x in one.theta.ravel()]


class Session:
    """Target and rule. raises: Apart from `do` as soon as they differ."""

    def __init__(self, audited: Audited, start: Sequence[Array], letters: Mapping[str, float]) -> None:
        self.audited, self.start, self.letters = audited, tuple(start), {**audited.letters, **letters}
        self.actions: list[Action] = []
        self.live: Any = audited.subject.start(start, audited.keywords(self.letters))
        self.followed = Followed(audited, start, self.letters)

    @property
    def case(self) -> Case:
        return Case(self.start, self.letters, tuple(self.actions))

    def do(self, action: Action) -> None:
        self.actions.append(action)
        kind, *what = action
        self.followed.do(action)
        try:
            getattr(self, f"_{kind}")(*what)
            theirs = self.live.theta()
        except Exception as error:
            raise Apart(f"{kind} raises {type(error).__name__}: {error}") from error
        pairs = zip(self.followed.tracked, theirs, strict=True)
        gap = max(one.gap(np.reshape(a, one.theta.shape)) for one, a in pairs)
        if gap > 0:
            raise Apart(f"{gap:.2g} steps from the rule after {', '.join(a[0] for a in self.actions)}")

    def _step(self, gradients: Sequence[Array | None]) -> None:
        self.live.step(gradients)

    def _edit(self, letters: Mapping[str, float]) -> None:
        words = {k: w for k, w in self.audited.words.items() if k in letters}
        self.live.set(self.audited.signature.keywords(words, letters))

    def _group(self, tensor: Array, letters: Mapping[str, float]) -> None:
        import torch

        keywords = self.audited.keywords({**self.letters, **letters})
        self.live.parameters.append(torch.nn.Parameter(torch.as_tensor(np.array(tensor))))
        self.live.optimizer.add_param_group({"params": [self.live.parameters[-1]], **keywords})

    def _load(self, letters: Mapping[str, float]) -> None:
        """A new instance for the same parameters goes on from the saved state; torch saves hyperparameters with it."""
        saved, subject = self.live.save(), self.audited.subject
        if subject.kind != "torch":
            keywords = self.audited.keywords(self.followed.tracked[0].letters)
            fresh: Any = subject.start(self.live.theta(), keywords)
        else:
            keywords = self.audited.keywords({**self.letters, **letters})
            groups = [{"params": group["params"]} for group in self.live.optimizer.param_groups]
            with quiet():
                made = self.live.subject.maker(groups, **keywords)
            fresh = type(self.live)(subject, made, self.live.parameters)
        fresh.load(saved)
        self.live = fresh

    def _copy(self) -> None:
        self.live.optimizer, self.live.parameters = copy.deepcopy((self.live.optimizer, self.live.parameters))


def right_of(audited: Audited, case: Case) -> list[float]:
    """What the rule makes of a case."""
    followed = Followed(audited, case.start, case.letters)
    for action in case.actions:
        followed.do(action)
    return followed.right()
