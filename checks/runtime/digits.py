"""A small network on real images of digits, trained by a compiled rule; torch is imported when it trains.

64 - 32 - 10 with tanh, cross-entropy, float64, mini-batches of 64 reshuffled every epoch. The images are in data/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from driftproof.impl.compiled import CompiledRule

from . import seeds

FILE = Path(__file__).parent.parent / "data" / "digits.npz"
TRAINING, HIDDEN, BATCH, CLASSES = 1500, 32, 64, 10


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Images as rows of 64 numbers in [0, 1], and the digits. source and licence: data/digits.md."""
    with np.load(FILE, allow_pickle=False) as stored:
        return stored["images"] / 16.0, stored["labels"].astype(np.int64)


@dataclass(frozen=True)
class Step:
    """One step of training: t, what went in, and what came out. theta, gradients, v, m, new_...: flat, float64."""

    t: int
    gradient: np.ndarray
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]


@dataclass(frozen=True)
class Trained:
    """theta: flat, at the end.   loss, accuracy: on the images trained on.   held_out: accuracy on the others."""

    theta: np.ndarray
    loss: float
    accuracy: float
    held_out: float


def start(seed: int) -> list[np.ndarray]:
    """The weights and constants of both layers before the first step."""
    random = seeds.generator(seed, 1)
    shapes = ((64, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,))
    return [random.normal(size=s) / s[0] ** 0.5 if len(s) == 2 else np.zeros(s) for s in shapes]


def batches(seed: int, epochs: int) -> Iterator[np.ndarray]:
    random = seeds.generator(seed, 2)
    for _ in range(epochs):
        order = random.permutation(TRAINING)
        yield from (order[k : k + BATCH] for k in range(0, TRAINING, BATCH))


def train(
    compiled: CompiledRule,
    settings: Callable[[int], dict[str, float]],
    seed: int,
    epochs: int,
    watch: Callable[[Step], object] | None = None,
) -> Trained:
    """Trains from the same start on the same batches for equal seeds, whatever the rule.

    compiled: on the torch backend, float64.   settings: hyperparameters of step t.   watch: called with every step.
    """
    with one_thread():
        return _train(compiled, settings, seed, epochs, watch)


@contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread: arrays this small are slower on several, and much slower where others run too."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _train(
    compiled: CompiledRule, settings: Callable[[int], dict[str, float]], seed: int, epochs: int, watch: Any
) -> Trained:
    import torch

    images, labels = (torch.as_tensor(a) for a in digits())
    weights = [torch.as_tensor(a).requires_grad_() for a in start(seed)]
    state = compiled.init([w.detach() for w in weights], copy=False)
    for t, batch in enumerate(batches(seed, epochs), start=1):
        chosen = torch.as_tensor(batch)
        loss = torch.nn.functional.cross_entropy(_scores(weights, images[chosen]), labels[chosen])
        gradients = list(torch.autograd.grad(loss, weights))
        before = _flat(state) if watch else {}
        state = compiled.step(state, gradients, settings(t), out=state)
        if watch:
            watch(Step(t, _joined(gradients), before, _flat(state)))
    with torch.no_grad():
        scores = _scores(weights, images)
        right = (scores.argmax(1) == labels).double()
        loss = torch.nn.functional.cross_entropy(scores[:TRAINING], labels[:TRAINING])
    return Trained(_joined(state.theta), float(loss), float(right[:TRAINING].mean()), float(right[TRAINING:].mean()))


def _scores(weights: list[Any], images: Any) -> Any:
    import torch

    return torch.tanh(images @ weights[0] + weights[1]) @ weights[2] + weights[3]


def _joined(tensors: Any) -> np.ndarray:
    return np.concatenate([t.detach().numpy().reshape(-1) for t in tensors])


def _flat(state: Any) -> dict[str, np.ndarray]:
    return {"theta": _joined(state.theta), **{name: _joined(kept) for name, kept in state.states.items()}}
