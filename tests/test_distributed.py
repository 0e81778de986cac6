"""Averaging over processes: refusals, shards, time limits. The runs themselves are in workers-equal-one-batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from driftproof.checks.runtime import workers
from driftproof.impl.distributed import averaged
from driftproof.theory.errors import DriftproofError


def test_without_a_process_group_it_says_what_to_call():
    with pytest.raises(DriftproofError, match="init_process_group"):
        averaged([torch.ones(2)])


@pytest.mark.parametrize("way", ["averaged", "weighted"])
@pytest.mark.parametrize("size", workers.SIZES)
def test_shards_are_a_partition(size, way):
    shards = [list(range(workers.SAMPLES))[workers.shard(rank, size, way)] for rank in range(size)]
    assert [i for s in shards for i in s] == list(range(workers.SAMPLES))
    assert size == 1 or (len({len(s) for s in shards}) == 1) == (way == "averaged")


def test_dyadic_sums_are_exact_in_any_order():
    a = workers.dyadic(3)(np.zeros(workers.ENTRIES))
    assert (a * 8 == np.round(a * 8)).all()
    assert (a.sum(0) == a[::-1].sum(0)).all()


def test_processes_that_do_not_finish_are_ended(monkeypatch):
    monkeypatch.setattr(workers, "SECONDS", 0.05)
    with pytest.raises(workers.Unavailable, match="did not finish"):
        workers.together(987_654)


def test_a_process_that_fails_is_told_with_its_words(monkeypatch):
    monkeypatch.setattr(workers, "_started", lambda folder, seed: failing(folder))
    with pytest.raises(workers.Unavailable, match="out of luck"):
        workers.together(987_655)


def failing(folder):
    import subprocess
    import sys

    code = "raise SystemExit('out of luck')"
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize("size", workers.SIZES)
def test_uneven_shards_are_a_partition_too(size):
    shards = [list(range(workers.SAMPLES))[workers.shard(rank, size, "uneven")] for rank in range(size)]
    assert [i for s in shards for i in s] == list(range(workers.SAMPLES))
    assert size == 1 or len({len(s) for s in shards}) > 1


def test_the_loss_decides_steps_of_the_run_that_processes_share():
    """If no step were cut, any loss would give the same run, and averaging it would not be tested."""
    theta = np.array([step["theta"] for step in workers.momo_of_one_process("dyadic", 3)])
    gradient = workers.dyadic(3)(theta[0]).sum(0) / workers.SAMPLES
    shares = -np.diff(theta, axis=0) @ gradient / (0.5 * gradient @ gradient)
    assert np.sum((shares > 0.01) & (shares < 0.99)) >= 3


def test_dyadic_losses_are_exact_in_any_order():
    f = workers.losses("dyadic", 3)
    assert all((f(k, np.zeros(1)) * 8 % 1 == 0).all() and f(k, np.zeros(1)).min() >= 0 for k in range(workers.STEPS))
