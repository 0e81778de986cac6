"""Processes that train together over torch.distributed (gloo), and what each of them saw: a compiled rule, and MoMo.

    python -m driftproof.checks.runtime.workers FOLDER SEED

starts groups of 1, 2 and 4 processes; `together` calls it with a time limit and reads what they wrote. They meet in a
file, and speak over the loopback interface: no network is needed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from . import seeds

SAMPLES, ENTRIES, STEPS = 16, 48, 12
SIZES = (1, 2, 4)
"""Numbers of processes that share the samples."""
SECONDS = 60
SETTINGS = {"eta": 0.125, "beta1": 0.75, "beta2": 0.875}
Losses = Callable[[np.ndarray], np.ndarray]


def dyadic(seed: int) -> Losses:
    """Gradients of linear losses <a_i, theta>: a_i are multiples of 1/8 up to 8, so that every sum is exact."""
    a = seeds.generator(seed, 1).integers(-64, 65, size=(SAMPLES, ENTRIES)) / 8.0
    return lambda theta: a


def smooth(seed: int) -> Losses:
    """Gradients of sum_k z^2/(1 + z^2), z = a_i theta - b_i per entry: sums of them are rounded."""
    random = seeds.generator(seed, 2)
    a, b = random.normal(size=(2, SAMPLES, ENTRIES))

    def gradients(theta: np.ndarray) -> np.ndarray:
        z = a * theta - b
        return np.asarray(2 * z / (1 + z * z) ** 2 * a)

    return gradients


PROBLEMS: Mapping[str, Callable[[int], Losses]] = {"dyadic": dyadic, "smooth": smooth}
WAYS = {"dyadic": ("averaged", "unequal", "squares", "summed", "alone"), "smooth": ("averaged", "weighted")}
"""averaged: equal shards.   weighted: shards of different sizes, told so.   Wrong: unequal: the same, not told;
squares: averaged gradients for the first moment, averaged squares for the second; summed: not divided; alone: no
message."""
LOSS_WAYS = ("together", "uneven", "own", "total")
"""For MoMo. together: losses averaged with the gradients.   uneven: the same with shards of different sizes, told so.
Wrong: own: each process its own loss; total: losses summed."""


def losses(problem: str, seed: int) -> Callable[[int, np.ndarray], np.ndarray]:
    """The loss of each sample at step k. Of dyadic: multiples of 1/8, whatever theta is, so that sums are exact."""
    given = seeds.generator(seed, 3).integers(0, 64, size=(STEPS, SAMPLES)) / 8.0
    a, b = seeds.generator(seed, 2).normal(size=(2, SAMPLES, ENTRIES))

    def smooth_ones(k: int, theta: np.ndarray) -> np.ndarray:
        z = a * theta - b
        return np.asarray((z * z / (1 + z * z)).sum(axis=1))

    return smooth_ones if problem == "smooth" else lambda k, theta: given[k]


def shard(rank: int, size: int, way: str) -> slice:
    """The samples of one process; in unequal shards the first has as many more as the last has less."""
    width = SAMPLES // size
    ends = [width * k for k in range(size + 1)]
    if way in ("weighted", "unequal", "uneven") and size > 1:
        ends = [0, *(e + 2 for e in ends[1:-1]), SAMPLES]
    return slice(ends[rank], ends[rank + 1])


@cache
def _compiled() -> Any:
    from driftproof.impl import compile_rule

    return compile_rule("generic_adam", "torch", "float64")


def path(
    problem: str, seed: int, direction: Callable[[np.ndarray], tuple[Any, Any]]
) -> Iterator[dict[str, np.ndarray]]:
    """A run of generic_adam on the torch backend: theta before each step, and the gradient that the step used.

    direction: per-sample gradients -> the gradient, and what takes the place of its square (None: its square).
    """
    import torch

    gradients, compiled = PROBLEMS[problem](seed), _compiled()
    state = compiled.init([torch.zeros(ENTRIES, dtype=torch.float64)])
    for _ in range(STEPS):
        theta = state.theta[0].numpy().copy()
        gradient, square = direction(gradients(theta))
        yield {"theta": theta, "gradient": gradient.numpy().copy()}
        before = state.states["v"][0].clone()
        state = compiled.step(state, [gradient], SETTINGS)
        if square is not None:
            _with_square(state, before, torch.as_tensor(theta), square)
    yield {"theta": state.theta[0].numpy().copy(), "gradient": np.zeros(ENTRIES)}


def _with_square(state: Any, before: Any, theta: Any, square: Any) -> None:
    """The step again with another second moment."""
    v = SETTINGS["beta2"] * before + (1 - SETTINGS["beta2"]) * square
    state.states["v"][0].copy_(v)
    state.theta[0].copy_(theta - SETTINGS["eta"] * state.states["m"][0] / v.sqrt())


def one_process(problem: str, seed: int) -> Iterator[dict[str, np.ndarray]]:
    """One large batch, in one process, without messages."""
    import torch

    return path(problem, seed, lambda all_of_them: (torch.as_tensor(all_of_them.sum(axis=0) / SAMPLES), None))


def momo_path(
    problem: str, seed: int, join: Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]
) -> Iterator[dict[str, np.ndarray]]:
    """A run of the torch optimizer MoMo: theta before each step, the gradient and the loss that the step used.

    join: per-sample gradients and losses -> gradient, loss.
    """
    import torch

    from driftproof.impl.optimizer import MoMo

    gradients, values = PROBLEMS[problem](seed), losses(problem, seed)
    p = torch.zeros(ENTRIES, dtype=torch.float64, requires_grad=True)
    optimizer = MoMo([p], lr=0.5, beta1=SETTINGS["beta1"])
    for k in range(STEPS):
        theta = p.detach().numpy().copy()
        p.grad, loss = join(gradients(theta), values(k, theta))
        yield {"theta": theta, "gradient": p.grad.numpy().copy(), "loss": np.array(float(loss))}
        optimizer.step(loss)
    yield {"theta": p.detach().numpy().copy(), "gradient": np.zeros(ENTRIES), "loss": np.array(0.0)}


def momo_of_one_process(problem: str, seed: int) -> Iterator[dict[str, np.ndarray]]:
    """One large batch, in one process, without messages."""
    import torch

    return momo_path(problem, seed, lambda g, f: (torch.as_tensor(g.sum(axis=0) / SAMPLES), f.sum() / SAMPLES))


def _worker(folder: Path, rank: int, size: int, seed: int) -> None:
    """One process of a group: both problems, in every way; written as one file."""
    from datetime import timedelta

    import torch.distributed as dist

    meeting = (folder / f"meeting {size}").as_uri()
    limit = timedelta(seconds=SECONDS / 2)
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=size, timeout=limit)
    found = {}
    for problem in PROBLEMS:
        for way in WAYS[problem]:
            run = list(path(problem, seed, _direction(way, rank, size)))
            found |= _rows(f"{problem} {way}", run)
        for way in LOSS_WAYS:
            found |= _rows(f"{problem} momo {way}", list(momo_path(problem, seed, _join(way, rank, size))))
    np.savez(folder / f"{size} {rank}.npz", **found)
    dist.barrier()
    dist.destroy_process_group()


def _rows(label: str, run: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {f"{label} {name}": np.array([step[name] for step in run]) for name in run[0]}


def _groups(folder: Path, seed: int) -> int:
    """Groups of 1, 2 and 4 processes, one group after another; forked, so that torch is loaded once.

    Nothing has run on several threads before the fork.   returns: 0 if all of them ended well.
    """
    import torch

    torch.set_num_threads(1)
    _compiled()
    failed = 0
    for size in SIZES:
        sys.stderr.flush()
        children = [os.fork() or _child(folder, rank, size, seed) for rank in range(size)]
        failed += sum(os.waitpid(child, 0)[1] != 0 for child in children)
    return failed


def _child(folder: Path, rank: int, size: int, seed: int) -> NoReturn:
    status = 1
    try:
        _worker(folder, rank, size, seed)
        status = 0
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}\n")
        sys.stderr.flush()
    finally:
        os._exit(status)


def _direction(way: str, rank: int, size: int) -> Callable[[np.ndarray], tuple[Any, Any]]:
    import torch

    from driftproof.impl.distributed import averaged

    mine = shard(rank, size, way)
    count = mine.stop - mine.start

    def direction(all_of_them: np.ndarray) -> tuple[Any, Any]:
        own = torch.as_tensor(all_of_them[mine].sum(axis=0) / count)
        if way == "alone":
            return own, None
        (mean,) = averaged([own], count if way == "weighted" else None)
        square = averaged([own * own])[0] if way == "squares" else None
        return (mean * size if way == "summed" else mean), square

    return direction


def _join(way: str, rank: int, size: int) -> Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]:
    import torch

    from driftproof.impl.distributed import averaged

    mine = shard(rank, size, way)
    count = mine.stop - mine.start

    def join(gradients: np.ndarray, values: np.ndarray) -> tuple[Any, Any]:
        own = torch.as_tensor(gradients[mine].sum(axis=0) / count), torch.as_tensor(values[mine].sum() / count)
        gradient, loss = averaged(own, count if way == "uneven" else None)
        return gradient, {"own": own[1], "total": loss * size}.get(way, loss)

    return join


class Unavailable(Exception):
    """The processes could not be started, or did not finish; the message says what they said."""


@cache
def together(seed: int) -> Mapping[int, list[dict[str, np.ndarray]]]:
    """For groups of 1, 2 and 4 what each process saw, one row per step: "PROBLEM WAY theta", "... gradient"; of MoMo
    "PROBLEM momo WAY theta", "... gradient", "... loss".

    raises: Unavailable, after at most SECONDS; no process is left behind.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("this system does not fork processes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        launcher = _started(folder, seed)
        try:
            _, errors = launcher.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            raise Unavailable(f"the processes did not finish within {SECONDS} s") from late
        finally:
            if launcher.poll() is None:
                os.killpg(launcher.pid, signal.SIGKILL)
                launcher.communicate()
        if launcher.returncode:
            lines = errors.strip().splitlines()
            raise Unavailable(lines[-1][:200] if lines else "a process ended without a word")
        return {n: [dict(np.load(folder / f"{n} {rank}.npz")) for rank in range(n)] for n in SIZES}


def _started(folder: Path, seed: int) -> subprocess.Popen[str]:
    loopback = {"GLOO_SOCKET_IFNAME": "lo"} if Path("/sys/class/net/lo").exists() else {}
    return subprocess.Popen(
        [sys.executable, "-m", "driftproof.checks.runtime.workers", str(folder), str(seed)],
        cwd=folder,
        env={**os.environ, **loopback, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


if __name__ == "__main__":
    sys.exit(_groups(Path(sys.argv[1]), int(sys.argv[2])))
