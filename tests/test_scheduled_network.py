"""The experiment on real images: what is measured where, and with which weights; the check holds it to torch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from driftproof.checks.a_network_on_real_images_stays_under_the_bound_of_its_schedule import half_width
from driftproof.checks.examples.schedules_on_real_images import told
from driftproof.checks.runtime.render_schedule import bounds_so_far
from driftproof.checks.runtime.scheduled_network import (
    Network,
    NetworkRun,
    Point,
    beginning,
    curvature,
    experiment,
    images,
)
from driftproof.theory.plan import Layout, Plan
from driftproof.theory.planned import planned


@pytest.fixture(scope="module")
def found():
    return experiment(5, 3, 7)


def test_the_bound_is_of_the_run_and_of_the_largest_numbers_seen(found):
    for name, run in found.runs.items():
        answer = found.answers[name]
        assert len(run.points) == 6 and run.points[-1].evaluations == answer.totals.evaluations
        assert all(p.evaluations == answer.b[: p.step].sum() for p in run.points)
        assert all(p.curvature <= found.L and p.variance.mean() <= found.sigma2 for p in run.points)
        assert (answer.inputs.L, answer.inputs.sigma2) == pytest.approx((found.L, found.sigma2), rel=1e-15)
        assert bounds_so_far(answer)[-1] <= answer.bound * (1 + 1e-12)
    spent = [answer.totals.evaluations for answer in found.answers.values()]
    assert max(spent) < 1.02 * min(spent)


def test_one_point_lies_in_each_epoch(found):
    for name, run in found.runs.items():
        ends = np.cumsum(found.answers[name].steps_per_epoch)
        assert [int(np.searchsorted(ends, p.step, side="right")) for p in run.points] == [0, 1, 2, 3, 4, 5]


def test_epochs_weigh_as_much_as_their_step_sizes():
    plan = Plan(planned("by_block(1, 1/2)"), planned("1"), Layout(steps=8, per_epoch=2, block=2))
    points = [Point(2 * k, 2.0 * k, np.ones(2), np.array([k, 1.0]), np.ones(2), 1.0) for k in range(5)]
    # weights of a step with L = 1: 1/2 and 3/8; two epochs of two steps each
    expected = (2 * 0.5 * (0 + 1) + 2 * 0.375 * (2 + 3)) / (4 * 0.5 + 4 * 0.375)
    run = NetworkRun(plan, tuple(points))
    assert run.drawn(1.0) == pytest.approx([expected, 1.0])
    assert run.smallest == 0.5


def test_replicas_begin_alike_and_part(found):
    run = found.runs["(i) constant"]
    assert found.gap == pytest.approx(Network(beginning(7)).over(*images())[0][0])
    assert len(set(run.points[-1].squared.tolist())) == 3
    assert (
        experiment.__wrapped__(5, 3, 7).runs["(i) constant"].points[-1].squared.tolist()
        == run.points[-1].squared.tolist()
    )


def test_more_products_with_the_hessian_never_show_less_curvature():
    theta = beginning(7)
    slope = Network(theta).over(*images())[2][0]
    values = [curvature(theta[0], slope, count) for count in (1, 3, 6, 9)]
    assert all(b >= a * (1 - 1e-6) for a, b in pairwise(values))


def test_the_table_has_a_row_for_each_schedule_and_names_both_winners(found):
    text = told(found)
    assert all(name in text for name in found.runs)
    assert "lowest last iterate: " in text and "lowest bound: (i)" in text


def test_intervals_are_students():
    assert half_width([1.0, 2.0, 3.0]) == pytest.approx(4.303 / 3**0.5, rel=1e-12)
