"""Six methods on four small tasks, at any step size: the loss on all of the data where training ends.

regression   200 noisy linear equations in 10 unknowns: the least loss is above the bound 0
digits       a network of 64 - 32 - 10 units on the packaged images
attention    a transformer of one block that repeats eight tokens from memory
clicks       embeddings of three features whose products say whether somebody clicks, made data

Momentum is averaged (0.9), so that step sizes of SGD and MoMo mean the same. float64, one thread, torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from . import seeds
from .digits import TRAINING, digits

METHODS = ("SGD-M", "MoMo", "MoMo*", "Adam", "MoMo-Adam", "MoMo-Adam*")
BASELINE = {"MoMo": "SGD-M", "MoMo*": "SGD-M", "MoMo-Adam": "Adam", "MoMo-Adam*": "Adam"}
GRID = tuple(10.0**k for k in range(-5, 4))
"""Eight decades."""
TOKENS, HALF, WIDTH, HEADS = 8, 8, 32, 2
FEATURES = (50, 30, 20)


@dataclass(frozen=True)
class Task:
    """inputs, targets: one row per sample.   model: torch module, of a seed.   loss: (outputs, targets) -> mean."""

    inputs: Any
    targets: Any
    model: Callable[[], Any]
    loss: Callable[[Any, Any], Any]
    batch: int
    epochs: int


def _regression(random: np.random.Generator) -> Task:
    import torch

    a, solution = random.normal(size=(200, 10)), random.normal(size=(10, 1))
    b = a @ solution + 0.3 * random.normal(size=(200, 1))
    return Task(
        torch.tensor(a),
        torch.tensor(b),
        lambda: torch.nn.Linear(10, 1, bias=False),
        torch.nn.functional.mse_loss,
        20,
        12,
    )


def _digits(random: np.random.Generator) -> Task:
    import torch
    from torch.nn import Linear, Sequential, Tanh

    images, labels = (torch.as_tensor(part[:TRAINING]) for part in digits())
    return Task(
        images,
        labels,
        lambda: Sequential(Linear(64, 32), Tanh(), Linear(32, 10)),
        torch.nn.functional.cross_entropy,
        50,
        10,
    )


def _attention(random: np.random.Generator) -> Task:
    """The second half of a sequence repeats the first; what is learned is to look eight places back."""
    import torch

    first = random.integers(0, TOKENS, size=(512, HALF))
    sequences = torch.tensor(np.concatenate([first, first], axis=1))
    score = lambda scores, targets: torch.nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())  # noqa: E731
    return Task(sequences[:, :-1], sequences[:, HALF:], _transformer, score, 32, 12)


def _transformer() -> Any:
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token, self.place = nn.Embedding(TOKENS, WIDTH), nn.Embedding(2 * HALF - 1, WIDTH)
            self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
            self.wide = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH))
            self.before, self.scores = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, TOKENS)
            self.mask = nn.Transformer.generate_square_subsequent_mask(2 * HALF - 1, dtype=torch.float64)

        def forward(self, tokens: Any) -> Any:
            x = self.token(tokens) + self.place.weight
            y = self.before(x)
            x = x + self.attention(y, y, y, attn_mask=self.mask, need_weights=False)[0]
            return self.scores(x + self.wide(x))[:, HALF - 1 :]

    return Block()


def _clicks(random: np.random.Generator) -> Task:
    """A click has the odds exp(sum over pairs of features of <u_i, u_j>), after a factorisation machine."""
    import torch
    from torch import nn

    class Pairs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.ModuleList(nn.Embedding(n, 4) for n in FEATURES)
            self.bias = nn.Parameter(torch.zeros(()))

        def forward(self, chosen: Any) -> Any:
            a, b, c = (table(chosen[:, k]) for k, table in enumerate(self.features))
            return self.bias + (a * b + a * c + b * c).sum(1)

    chosen = np.stack([random.integers(0, n, size=2000) for n in FEATURES], axis=1)
    u, v, w = (random.normal(size=(n, 4))[chosen[:, k]] for k, n in enumerate(FEATURES))
    odds = (u * v + u * w + v * w).sum(1)
    clicked = (random.random(2000) < 1 / (1 + np.exp(-odds))).astype(float)
    return Task(
        torch.tensor(chosen), torch.tensor(clicked), Pairs, nn.functional.binary_cross_entropy_with_logits, 50, 8
    )


TASKS: Mapping[str, Callable[[np.random.Generator], Task]] = {
    "regression": _regression,
    "digits": _digits,
    "attention": _attention,
    "clicks": _clicks,
}


def optimizer(method: str, parameters: Any, lr: float, f_star: float = 0.0) -> Any:
    """torch's own SGD and Adam; ours for the others."""
    import torch

    from driftproof.impl.optimizer import MoMo, MoMoAdam

    if method == "SGD-M":
        return torch.optim.SGD(parameters, lr, momentum=0.9, dampening=0.9)
    if method == "Adam":
        return torch.optim.Adam(parameters, lr)
    kind = MoMoAdam if method.startswith("MoMo-Adam") else MoMo
    return kind(parameters, lr=lr, f_star=f_star, star=method.endswith("*"))


Make = Callable[[str, Any, float], Any]


@cache
def final_loss(task: str, method: str, lr: float, replica: int, seed: int, make: Make = optimizer) -> float:
    """The loss on all data where training ends; infinite where a loss or a parameter is not finite.

    replica: another start, other data and batches.   make: (method, parameters, lr) -> optimizer with step(loss).
    """
    made = TASKS[task](seeds.generator(seed, replica, 2))
    with _alone():
        return _trained(made, _model(made, replica, seed), seeds.generator(seed, replica, 3), method, lr, make)


@cache
def loss_at_start(task: str, replica: int, seed: int) -> float:
    made = TASKS[task](seeds.generator(seed, replica, 2))
    with _alone():
        return _whole_loss(made, _model(made, replica, seed))


@contextmanager
def _alone() -> Iterator[None]:
    """One thread: arrays this small are slower on several."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _model(task: Task, replica: int, seed: int) -> Any:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(seeds.generator(seed, replica, 1).integers(2**31)))
        return task.model().double()


def _trained(task: Task, model: Any, random: np.random.Generator, method: str, lr: float, make: Make) -> float:
    import torch

    steps = make(method, model.parameters(), lr)
    takes_loss = method in BASELINE
    for batch in _batches(random, len(task.inputs), task.batch, task.epochs):
        steps.zero_grad()
        loss = task.loss(model(task.inputs[batch]), task.targets[batch])
        if not torch.isfinite(loss):
            return math.inf
        loss.backward()
        steps.step(loss) if takes_loss else steps.step()
    return _whole_loss(task, model)


def _whole_loss(task: Task, model: Any) -> float:
    import torch

    with torch.no_grad():
        found = float(task.loss(model(task.inputs), task.targets))
    return found if math.isfinite(found) else math.inf


def _batches(random: np.random.Generator, samples: int, size: int, epochs: int) -> Iterator[np.ndarray]:
    for _ in range(epochs):
        order = random.permutation(samples)
        yield from (order[k : k + size] for k in range(0, samples, size))
