"""A network on real images stays under the bound of its schedule, with constants measured along the runs.

The four schedulers of the paper at equal gradient evaluations, several replicas each. L and sigma2 are estimates, see
runtime.scheduled_network, so that this is measured and nothing is proved. What is held: in every replica the mean of
|grad f|^2 with the weights of the bound is below it; losses, gradients, variances and curvatures by hand are torch's;
torch's SGD, fed by our sampler and our step sizes, takes the steps by hand. Which schedule ends lowest is reported, not
asserted: on these runs the last |grad f|^2 orders them otherwise than the bound does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.sgd_bound import NOISE, START

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.digits import one_thread
from .runtime.scheduled_network import (
    SHAPES,
    TRAINING,
    Experiment,
    Network,
    beginning,
    curvature,
    experiment,
    images,
    steps_of,
)
from .runtime.verdict import Verdict

SIZES = {"fast": (5, 3), "full": (30, 16)}
"""Epochs and replicas."""
SOME = 12
SUMS = 1e-12
"""Relative: sums of 1500 terms of some 100 operations each, 1500 * 2^-53 at worst = 2e-13, and cancellation by 10."""
DIFFERENCE = 1e-6
"""Relative, of v H v by a central difference: PROBE^2/6 = 2e-9 of a third derivative that is 100 times as large, and
rounding 2^-53 * 100/PROBE = 1e-10."""
STEPS = 1e-10
"""Relative, of parameters after some 400 steps with gradients that are right to SUMS/100 and no growth of errors beyond
a factor of 100; a wrong batch or step size moves them by 1e-4 and more."""
DENSE = 1e-3
"""Relative: what Lanczos' method leaves after 12 products, where the next eigenvalue is a tenth below the first."""


# What torch says


def _torch_loss(theta: Any, x: Any, y: Any) -> Any:
    import torch

    ends = np.cumsum([a * b for a, b in SHAPES])[:-1].tolist()
    W, c, V, d = (p.reshape(s) for p, s in zip(torch.tensor_split(theta, ends), SHAPES, strict=True))
    return torch.nn.functional.cross_entropy(torch.tanh(x @ W + c) @ V + d, y)


def _point(seed: int) -> Any:
    """Parameters away from the start, where the constants are not 0."""
    return beginning(seed) + seeds.generator(seed, 4).normal(size=beginning(seed).shape) / 5


@one_thread()
def off_torch(seed: int, network: Callable[[Any], Any] = Network) -> float:
    """Largest relative distance of loss, gradient and variance from torch's, one image at a time."""
    import torch

    theta, (x, y) = _point(seed), (a[:, :SOME] for a in images())
    loss, variance, gradient = network(theta).over(x, y)
    point = torch.as_tensor(theta[0]).requires_grad_()
    each = [_torch_loss(point, torch.as_tensor(x[0, i : i + 1]), torch.as_tensor(y[0, i : i + 1])) for i in range(SOME)]
    slopes = np.stack([torch.autograd.grad(item, point)[0].numpy() for item in each])
    mean = slopes.mean(0)
    spread = float(((slopes - mean) ** 2).sum(1).mean())
    losses = float(np.mean([item.item() for item in each]))
    worst = np.linalg.norm(gradient[0] - mean) / np.linalg.norm(mean)
    return max(abs(float(loss[0]) / losses - 1), abs(float(variance[0]) / spread - 1), float(worst))


@one_thread()
def off_curvature(seed: int, found: Callable[..., float] = curvature) -> float:
    """Relative distance of v H v/|v|^2 from torch's, by differentiating twice."""
    import torch

    theta, worst = _point(seed)[0], 0.0
    x, y = (torch.as_tensor(a[0]) for a in images())
    for k in range(3):
        v = seeds.generator(seed, 5, k).normal(size=theta.size)
        v[0] *= 10.0**k
        point = torch.as_tensor(theta).requires_grad_()
        slope = torch.autograd.grad(_torch_loss(point, x, y), point, create_graph=True)[0]
        product = torch.autograd.grad(slope @ torch.as_tensor(v), point)[0].numpy()
        worst = max(worst, abs(found(theta, v, 1) / abs(v @ product / (v @ v)) - 1))
    return worst


@one_thread()
def off_dense(seed: int) -> float:
    """Relative distance of the largest |lambda| at the start from that of the whole Hessian."""
    import torch

    x, y = (torch.as_tensor(a[0]) for a in images())
    whole = torch.func.hessian(lambda p: _torch_loss(p, x, y))(torch.as_tensor(beginning(seed)[0]))
    largest = float(torch.linalg.eigvalsh(whole).abs().max())
    return abs(curvature(beginning(seed)[0], Network(beginning(seed)).over(*images())[2][0], 12) / largest - 1)


@one_thread()
def off_loop(seed: int, change: Callable[[Any, Any], tuple[Any, Any]] = lambda eta, b: (eta, b)) -> float:
    """torch's loop on scheduler (iii), relative to the same steps by hand. change: what torch is given, of a mutant."""
    import torch
    from torch.utils.data import DataLoader

    from driftproof.impl.torch_plan import ScheduledBatches, StepSizes

    answer = experiment(*SIZES["fast"], seed).answers["(iii) both grow"]
    x, y = (a[0] for a in images())
    eta, b = change(answer.eta, answer.b.astype(int))
    point = torch.as_tensor(beginning(seed)[0]).clone().requires_grad_()
    optimizer = torch.optim.SGD([point], lr=1.0)
    scheduler = StepSizes(optimizer, eta)
    made = torch.Generator().manual_seed(seed % 2**31)
    loader = DataLoader(
        range(TRAINING), batch_sampler=ScheduledBatches(TRAINING, b, steps_of(answer.plan), generator=made)
    )
    theta, t = beginning(seed), 0
    for _ in steps_of(answer.plan):
        for batch in loader:
            optimizer.zero_grad()
            _torch_loss(point, torch.as_tensor(x[batch]), torch.as_tensor(y[batch])).backward()
            optimizer.step()
            scheduler.step()
            drawn = batch.numpy()[: int(answer.b[t])]
            theta, t = theta - answer.eta[t] * Network(theta).gradient(x[None, drawn], y[None, drawn]), t + 1
    return float(np.linalg.norm(point.detach().numpy() - theta[0]) / np.linalg.norm(theta[0]))


# The runs


def margins(found: Experiment, bound: Callable[[Any], float] = lambda answer: answer.bound) -> dict[str, float]:
    """By schedule: the largest mean over a run, of all replicas, over the bound."""
    return {name: float(run.drawn(found.L).max()) / bound(found.answers[name]) for name, run in found.runs.items()}


def numbers(found: Experiment, name: str) -> dict[str, Any]:
    """drawn: mean over replicas, and half an interval of about 95 %, by Student's t as if it were Gaussian."""
    run, answer = found.runs[name], found.answers[name]
    drawn = run.drawn(found.L)
    return {
        "bound": answer.bound,
        "drawn": float(drawn.mean()),
        "interval": half_width(drawn),
        "smallest": run.smallest,
        "last": float(run.points[-1].squared.mean()),
        "last interval": half_width(run.points[-1].squared),
        "evaluations": answer.totals.evaluations,
    }


STUDENT = {3: 4.303, 4: 3.182, 8: 2.365, 16: 2.131}
"""Quantiles at 97.5 %, by the number of replicas."""


def half_width(values: Any) -> float:
    count = len(values)
    return STUDENT[count] * float(np.std(values, ddof=1)) / math.sqrt(count)


def run(context: Context) -> Iterator[Verdict | NotRun]:
    if not context.wants(rule_of("sgd")):
        return
    found = experiment(*SIZES[context.tier], context.seed)
    estimates = {"L": found.L, "sigma2": found.sigma2, "gap": found.gap}
    over = margins(found)
    for name in found.runs:
        replicas = len(found.runs[name].points[0].loss)
        yield context.verdict(name, over[name] <= 1, n=replicas, seed=context.seed,
                              detail={**numbers(found, name), **estimates})  # fmt: skip
    if reason := absent("torch"):
        yield context.not_run("against torch", reason)
        return
    cases = [("loss, gradient, variance", off_torch, SUMS), ("curvature", off_curvature, DIFFERENCE),
             ("torch's loop", off_loop, STEPS)]  # fmt: skip
    cases += [("the largest curvature", off_dense, DENSE)] * (context.tier == "full")
    for name, off, room in cases:
        value = off(context.seed)
        yield context.verdict(f"{name}, by hand and by torch", value <= room, n=1, detail={"off": value})


# Mutants


class _NoConstants(Network):
    def measured(self, x: Any, y: Any) -> Any:
        loss, squares, gradient = super().measured(x, y)
        _, _, inner, outer = self.backward(x, y)
        return loss, squares - ((inner**2).sum(-1) + (outer**2).sum(-1)).mean(-1), gradient


class _SecondMoment(Network):
    def over(self, x: Any, y: Any) -> Any:
        loss, variance, gradient = super().over(x, y)
        return loss, variance + (gradient**2).sum(-1), gradient


class _Slope(Network):
    def backward(self, x: Any, y: Any) -> Any:
        loss, hidden, inner, outer = super().backward(x, y)
        return loss, hidden, inner / (1 + abs(hidden)), outer


NETWORKS: Mapping[str, Callable[[Any], Any]] = {
    "the constants forgotten in the variance": _NoConstants,
    "a second moment for the variance": _SecondMoment,
    "1 - |h| for 1 - h^2": _Slope,
}
LOOPS: Mapping[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "step sizes one step late": lambda eta, b: (np.concatenate([eta[:1], eta[:-1]]), b),
    "step sizes of the last block": lambda eta, b: (np.full_like(eta, eta[-1]), b),
    "one sample more in a batch": lambda eta, b: (eta, b + 1),
}
BOUNDS: Mapping[str, Callable[[Any], float]] = {
    "the noise dropped": lambda answer: answer.value(START),
    "the gap dropped": lambda answer: answer.value(NOISE),
    "b^2 for b": lambda answer: answer.value(START) + answer.value(NOISE) * float(
        np.sum(answer.eta**2 / answer.b**2) / np.sum(answer.eta**2 / answer.b)),
}  # fmt: skip


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("sgd")):
        return
    for name, bound in BOUNDS.items():
        yield Mutant(name, "training by hand", partial(_passed, context, bound))
    if absent("torch"):
        return
    for name, network in NETWORKS.items():
        yield Mutant(name, "torch, one image at a time", partial(_off, off_torch, context.seed, network, SUMS))
    yield Mutant("v H v for its mean over v", "torch, differentiating twice",
                 partial(_off, off_curvature, context.seed, _unscaled, DIFFERENCE))  # fmt: skip
    for name, change in LOOPS.items():
        yield Mutant(name, "steps by hand", partial(_off, off_loop, context.seed, change, STEPS))


def _passed(context: Context, bound: Callable[[Any], float]) -> str:
    name, worst = max(margins(experiment(*SIZES["fast"], context.seed), bound).items(), key=lambda item: item[1])
    return f"{name} reaches {worst:.3g} times it" if worst > 1 else ""


def _off(measure: Callable[..., float], seed: int, wrong: Any, room: float) -> str:
    found = measure(seed, wrong)
    return f"{found:.2g} off" if found > room else ""


def _unscaled(theta: Any, vector: Any, products: int) -> float:
    return curvature(theta, vector, products) * float(vector @ vector)


check = Check(
    id="sgd-schedules-train-network",
    claim="A network on real images, trained by SGD along the four schedulers: in every replica the mean of |grad f|^2 "
    "over the run is below the bound with the largest variance and curvature seen, which are estimates.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
    source=Source("umeda2024increasing", "the numerical results", "a smaller network and data set; the runs are ours"),
)
