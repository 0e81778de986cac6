"""Compiled loops, made from the declared rule, against the loops that people write by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from . import rivals
from .contest import Benchmark, Contender, Ratio

SEEDS = 1024
HYPERPARAMETERS = {"eta": "0.1/sqrt(t)", "beta1": 0, "beta2": "0.1", "eps": 0}


def _ours(steps: int, seeds: int, engine: str = "c", threads: int = 1) -> Callable[[], int]:
    """The whole call counts: reading the rule, lowering it and taking the library from the cache too."""
    from driftproof.impl.simulate import simulate
    from driftproof.theory.problems import reddi_one, reddi_three

    problem = reddi_one(3) if seeds == 1 else reddi_three(3, "1/50")
    call = partial(
        simulate,
        "adam@correction=none",
        problem,
        steps,
        seeds=seeds,
        hyperparameters=HYPERPARAMETERS,
        measure=(),
        engine=engine,
        threads=threads,
    )
    return lambda: call().steps * seeds


def _adam(steps: int) -> Callable[[], int]:
    """Adam (0.9, 0.99) on Reddi's stochastic stream."""
    from driftproof.impl.simulate import simulate
    from driftproof.theory.problems import synthetic

    given = {"eta": "0.5/sqrt(t)", "beta1": 0.9, "beta2": 0.99, "eps": "1e-8"}
    call = partial(simulate, "adam@correction=none", synthetic("iid"), steps, seeds=SEEDS, hyperparameters=given)
    return lambda: call(measure=(), engine="c", threads=1).steps * SEEDS


def _theirs(function: Callable[..., Any], *arguments: int) -> Callable[[], int]:
    """function(steps, ...): the work is the product of the arguments."""
    units = 1
    for number in arguments:
        units *= number

    def work() -> int:
        function(*arguments)
        return units

    return work


ONE, MANY = "driftproof, 1 seed", f"driftproof, {SEEDS} seeds"
FULL = f"{MANY}, Adam (0.9, 0.99)"

benchmark = Benchmark(
    name="loops",
    title="Adam (beta1 = 0, eta = 0.1/sqrt(t)) on Reddi's streams, projected on [-1, 1]; float64, one thread",
    unit="step",
    contenders=(
        Contender(ONE, lambda: _ours(10**8, 1)),
        Contender("Python floats", lambda: _theirs(rivals.python_floats, 10**6)),
        Contender("NumPy scalars", lambda: _theirs(rivals.numpy_scalars, 10**5)),
        Contender(
            "torch.optim.Adam", lambda: _theirs(rivals.torch_adam, 5000), "torch", "with bias correction and a clamp"
        ),
        Contender("numba", lambda: _theirs(rivals.numba_one(), 5 * 10**7), "numba", "the loop of Python floats"),
        Contender(MANY, lambda: _ours(3 * 10**6, SEEDS)),
        Contender(
            f"{MANY}, all threads", lambda: _ours(3 * 10**6, SEEDS, threads=0), note="by the wall clock", wall=True
        ),
        Contender(f"{MANY}, no AVX-512", lambda: _ours(2 * 10**6, SEEDS, "c_without_avx512")),
        Contender(f"NumPy, {SEEDS} seeds", lambda: _theirs(rivals.numpy_seeds, 2 * 10**4, SEEDS)),
        Contender(
            f"NumPy in place, {SEEDS} seeds",
            lambda: _theirs(rivals.numpy_seeds_in_place, 2 * 10**4, SEEDS),
            note="no temporaries, float32 uniforms",
        ),
        Contender(FULL, lambda: _adam(3 * 10**6)),
        Contender(f"NumPy, {SEEDS} seeds, Adam", lambda: _theirs(rivals.numpy_seeds_adam, 2 * 10**4, SEEDS)),
        Contender(
            f"numba, {SEEDS} seeds", lambda: _theirs(rivals.numba_seeds(), 10**4, SEEDS), "numba", "its own generator"
        ),
    ),
    ratios=(
        Ratio(ONE, "Python floats", 20),
        Ratio(ONE, "NumPy scalars"),
        Ratio(ONE, "torch.optim.Adam"),
        Ratio(ONE, "numba", 1),
        Ratio(MANY, f"NumPy, {SEEDS} seeds", 20),
        Ratio(MANY, f"NumPy in place, {SEEDS} seeds"),
        Ratio(f"{MANY}, all threads", f"NumPy, {SEEDS} seeds"),
        Ratio(f"{MANY}, no AVX-512", f"NumPy, {SEEDS} seeds", 12),
        Ratio(f"{MANY}, no AVX-512", f"NumPy in place, {SEEDS} seeds"),
        Ratio(FULL, f"NumPy, {SEEDS} seeds, Adam", 20),
        Ratio(MANY, f"numba, {SEEDS} seeds"),
    ),
)
