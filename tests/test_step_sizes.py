"""Training over step sizes: repeatable, one thing at a time; the claims see what breaks them; the script."""

from __future__ import annotations

import csv
import math

import pytest
import torch

from driftproof.checks import momo_is_robust_to_the_learning_rate as robust
from driftproof.checks.examples import momo_over_eight_decades as script
from driftproof.checks.runtime import step_sizes
from driftproof.checks.runtime.step_sizes import GRID, METHODS, TASKS, final_loss, loss_at_start


def test_the_grid_spans_eight_decades():
    assert len(GRID) == 9 and math.isclose(GRID[-1] / GRID[0], 1e8)
    assert set(step_sizes.BASELINE) | set(step_sizes.BASELINE.values()) == set(METHODS)


def test_runs_are_repeatable_and_leave_torch_as_it_was():
    before = torch.random.get_rng_state(), torch.get_num_threads()
    one = final_loss.__wrapped__("regression", "MoMo", 0.1, 0, 5)
    assert one == final_loss.__wrapped__("regression", "MoMo", 0.1, 0, 5) < loss_at_start("regression", 0, 5)
    assert one != final_loss("regression", "MoMo", 0.1, 1, 5), "another replica is another run"
    assert torch.equal(before[0], torch.random.get_rng_state()) and before[1] == torch.get_num_threads()


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_trained_by_plain_momentum(task, monkeypatch):
    """A task that nothing can train would make every claim about large step sizes empty."""
    lr = {"attention": 1.0}.get(task, 0.1)
    assert final_loss(task, "SGD-M", lr, 0, 3) < 0.8 * loss_at_start(task, 0, 3)


def test_what_leaves_all_numbers_is_infinite():
    assert final_loss("regression", "SGD-M", 1e3, 0, 3) == math.inf


def test_equal_momentum_is_equal_to_the_bit_of_three_digits_at_small_steps():
    for method, baseline in (("MoMo", "SGD-M"), ("MoMo-Adam", "Adam")):
        ours, theirs = (final_loss("regression", m, 1e-3, 0, 3) for m in (method, baseline))
        assert math.isclose(ours, theirs, rel_tol=1e-9)


@pytest.mark.parametrize("name", robust.WRONG)
def test_what_is_wrong_breaks_a_claim_at_another_seed_too(name):
    method, make, _ = robust.WRONG[name]
    assert robust.broken("regression", method, 0, 7) == ""
    assert robust.broken("regression", method, 0, 7, make)


def test_the_script_writes_its_table_and_its_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    script.main(["--tasks", "regression", "--replicas", "1", "--jobs", "1"])
    output = capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "robustness.csv").read_text().splitlines()))
    assert len(rows) == len(GRID) * len(METHODS)
    picture = (tmp_path / "robustness.svg").read_text()
    assert picture.count("<circle") == len(rows) and picture.count("<polyline") == len(METHODS)
    ends = {
        line.split()[0]: line.split()[-1] for line in output.splitlines() if line.split()[:1] and "to" in line.split()
    }
    assert all(ends[method] == "1e+03" for method in step_sizes.BASELINE)
    assert float(ends["SGD-M"]) < 100 and float(ends["Adam"]) < 100


@pytest.mark.parametrize("words", [["--tasks", "mnist"], ["--replicas", "0"], ["--jobs", "0"]])
def test_what_the_script_cannot_do_is_refused(words, capsys):
    with pytest.raises(SystemExit) as end:
        script.main(words)
    assert end.value.code == 2 and "error" in capsys.readouterr().err
