"""`schedule --best` and dp.best_schedule: limits in, a schedule that `schedule` reads out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import driftproof as dp
from driftproof.checks.runtime import best_plan
from driftproof.checks.runtime.best_plan import Limits, found
from driftproof.checks.runtime.best_schedule import best
from driftproof.checks.runtime.cli import cli
from driftproof.checks.the_best_schedule_under_limits_is_beaten_by_none import Case, failure
from driftproof.theory.errors import OutOfDomain, UnknownName

pytest.importorskip("cvxpy")


def command(*words):
    return CliRunner().invoke(cli, ["schedule", "--best", *words])


TIME = "--time 10 --step-cost 2e-3 --sample-cost 1e-5 --floor 10*10**block --blocks 3 --share time".split()


def test_the_command_reports_blocks_limits_and_the_gap_to_the_best_constant(tmp_path):
    page = command(*TIME).stdout
    assert "time: 10 of 10, binds" in page and "% above" in page and "a batch of b takes 0.002 + 1e-05 b" in page
    data = json.loads(command(*TIME, "--format", "json").stdout)
    best_of = data["best"]
    assert {"B_T", "V_T", "bound", "verdict", "reason"} <= data.keys()
    assert [row["floor"] for row in best_of["blocks"]] == [10, 100, 1000]
    assert best_of["gap_to_constant"] == pytest.approx(best_of["constant"]["bound"] / best_of["bound"] - 1)
    assert best_of["bound"] <= data["bound"] <= 1.01 * best_of["bound"]
    assert data["compared"][0]["bound"] >= best_of["constant"]["bound"]


def test_what_it_writes_is_read_by_schedule_and_has_the_same_bound():
    answer = dp.best_schedule(budget=4000, most_steps=400, floor=[1, 2, 4, 24], L=2, gap="1/2").answer
    again = dp.schedule(str(answer.plan.lr), batch=str(answer.plan.batch), steps=answer.totals.steps, L=2, gap="1/2")
    assert again.eta.tolist() == answer.eta.tolist() and again.b.tolist() == answer.b.tolist()
    assert again.bound == pytest.approx(answer.bound, rel=1e-12)


def test_a_cap_on_step_sizes_is_kept():
    answer = dp.best_schedule(budget=4000, floor="2**block", blocks=3, most_lr=0.03, L=3, sigma2=0)
    assert answer.answer.eta.max() == 0.03
    free = dp.best_schedule(budget=4000, floor="2**block", blocks=3, L=3, sigma2=0)
    assert free.answer.eta.max() <= 1 / 3 and free.bound < answer.bound


def test_with_all_steps_given_it_is_the_solution_of_the_other_program():
    """There step counts are fixed and (eta, b) are the variables: another formulation."""
    floors = (1.0, 1.5, 2.0, 3.0)
    ours = found(Limits(evaluations=4000, steps=400, floors=floors), 1.0).best
    assert ours.w == pytest.approx([100] * 4, rel=1e-6)
    assert ours.bound == pytest.approx(best([100.0] * 4, 1.0, 4000, floors).bound, rel=1e-7)


@pytest.mark.parametrize("share", ["steps", "evaluations", "time"])
def test_where_floors_do_not_change_a_constant_is_optimal(share):
    limits = Limits(1e5, None, 50.0, 1e-3, 1e-4, (8.0, 8.0, 8.0), share)
    answer = found(limits, 0.5)
    assert answer.gap == pytest.approx(0, abs=1e-9)
    assert np.ptp(answer.best.b) <= 1e-3 * answer.best.b[0]


MANY_DECADES = [
    (Limits(2757008.084, 27.98925, floors=(6.12989, 15.23172, 26.48687, 234.127, 241.1123, 880.9176)), 0.00134417),
    (Limits(None, 3511.652, 3.125564, 1.201329e-3, 6.756507e-6, (1.095149, 2.670624, 30.18916, 34.35636, 153.9356,
                                                                1365.397), "evaluations"), 77.36563),
]  # fmt: skip
"""Where the solver is accurate under other options than its own only."""


@pytest.mark.parametrize("limits, r", MANY_DECADES)
def test_limits_over_many_decades_are_solved_too(limits, r, monkeypatch):
    assert not failure(Case("many decades", limits, r), 3)
    monkeypatch.setattr(best_plan, "ATTEMPTS", best_plan.ATTEMPTS[:1])
    with pytest.raises(OutOfDomain, match="optimal_inaccurate"):
        found(limits, r)


def test_more_room_never_hurts():
    small = {"budget": 1e4, "time": 20, "step_cost": 1e-3, "sample_cost": 1e-3, "floor": [1, 8, 64]}
    least = dp.best_schedule(**small).bound
    for more in ({"budget": 2e4, "time": 40}, {"step_cost": 5e-4}, {"floor": [1, 4, 64]}, {"floor": [1, 8, 32]}):
        assert dp.best_schedule(**{**small, **more}).bound <= least * (1 + 1e-6)


@pytest.mark.parametrize(
    "words, what",
    [
        ("--most-steps 100", "Nothing limits the batch size"),
        ("--time 10 --step-cost 1", "Nothing limits the batch size"),
        ("--budget 100 --time 3", "belong together"),
        ("--budget 100 --share time", "belong together"),
        ("--budget 100 --lr 0.1", "--lr with --best"),
        ("--budget 100 --paper iii", "--paper with --best"),
        ("--budget 100 --floor 2**block", "how many blocks"),
        ("--budget 100 --floor 1/2", "below 1"),
        ("--budget 100 --floor 1000", "steps"),
        ("--budget 0", "A limit is 0"),
        ("--budget 1000 --blocks 1000", "1000 blocks"),
        ("--budget 100 --most-lr 0", "Step sizes up to 0"),
        ("--budget nan", "no limit"),
        ("--budget 1e15", "--most-steps"),
    ],
)
def test_limits_that_leave_no_schedule_are_refused(words, what):
    done = command(*words.split(), "--format", "json")
    assert done.exit_code == 2 and what in done.stderr
    assert json.loads(done.stdout)["verdict"] == "REJECTED"


def test_limits_without_best_are_refused():
    done = CliRunner().invoke(cli, ["schedule", "--lr", "0.1", "--steps", "5", "--floor", "2"])
    assert done.exit_code == 2 and "--floor without --best" in done.output


def test_numbers_that_are_none_are_refused():
    with pytest.raises(UnknownName, match="equal shares"):
        Limits(evaluations=10, share="epochs")
    with pytest.raises(OutOfDomain, match="above 0"):
        found(Limits(evaluations=10), 1.0, most=1.5)


def test_the_best_schedule_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / "best.svg"
    assert command(*TIME, "--plot", str(file)).exit_code == 0 and b"batch size" in file.read_bytes()
