"""Real schedulers of torch read back as formulas with the same numbers, and formulas as schedulers of torch."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

import driftproof as dp
from driftproof.checks.runtime.live_torch import learning_rates
from driftproof.checks.runtime.torch_formulas import ROUNDINGS, formula, recipe_for
from driftproof.checks.runtime.torch_schedules import listed, made, recipe
from driftproof.impl.planned_values import U, values
from driftproof.theory.course import of_steps
from driftproof.theory.errors import NotReadable
from driftproof.theory.planned import Listed, planned
from driftproof.theory.written import written

pytestmark = pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*")
SEVERAL = of_steps(90, 3)
"""30 epochs of three steps."""
ALONE = of_steps(30)


def sgd(lr=0.1):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def read(text, course=ALONE, every=""):
    optimizer = sgd()
    return listed(optimizer, recipe(text).made(optimizer), course, every)


FORMULAS = {
    "ConstantLR(1, 0)": "1/10",
    "ConstantLR(0.5, 4)": "warmup(1/20, 4, 1/10)",
    "ConstantLR(0.5, 40)": "1/20",
    "LinearLR(0.1, 1, 30)": "polynomial(1/100, 1/10)",
    "LinearLR(0.1, 1, 5)": "warmup(polynomial(1/100, 1/10), 5, 1/10)",
    "PolynomialLR(30, 2)": "polynomial(1/10, power=2)",
    "PolynomialLR(12, 2)": "warmup(polynomial(1/10, power=2), 12, 0)",
    "ExponentialLR(0.9)": "exponential(1/10, 9/10, every=1)",
    "StepLR(7, 0.5)": "exponential(1/10, 1/2, every=7)",
    "MultiStepLR([3, 9, 9], 0.1)": "warmup(1/10, 3, warmup(1/100, 6, 1/10000))",
    "CosineAnnealingLR(30, 0.001)": "cosine(1/10, 1/1000)",
    "CosineAnnealingLR(20)": "cos(pi*epoch/20)/20 + 1/20",
    "SequentialLR([LinearLR(0.1, 1, 5), CosineAnnealingLR(25)], milestones=[5])": "warmup(polynomial(1/100, 1/10), 5, "
    "cosine(1/10))",
    "SequentialLR([ConstantLR(0.5, 9), ExponentialLR(0.9), StepLR(3, 0.5)], milestones=[5, 11])": "warmup(1/20, 5, "
    "warmup(exponential(1/10, 9/10, every=1), 6, exponential(1/10, 1/2, every=3)))",
    "ChainedScheduler([ConstantLR(0.5, 30), ExponentialLR(0.9)])": "(9/10)**epoch/20",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_scheduler_is_read_back(text):
    found = read(text)
    assert written(found.formula) == FORMULAS[text]
    assert planned(FORMULAS[text]) == found.formula


def close(ours, theirs, steps):
    return np.abs(ours - theirs).max() <= ROUNDINGS * U * steps * theirs.max()


@pytest.mark.parametrize("course, every", [(ALONE, "step"), (SEVERAL, "epoch"), (SEVERAL, "step")])
@pytest.mark.parametrize("text", FORMULAS)
def test_both_ways_the_numbers_are_the_same(text, course, every):
    """A formula by hand, of the scheduler's own numbers; and the scheduler made of the formula anew."""
    found = read(text, course, every)
    if found.formula is None:
        assert every == "step" and "within an epoch" in found.why
        return
    assert close(values(found.formula, course)[0], np.array(found.values), course.steps)
    back = recipe_for(found.formula, course)
    if not back.text:
        assert back.lr == found.values[0] if back.lr is not None else "StepSizes" in back.why
        return
    optimizer = sgd(lr=7)
    scheduler = made(back.text, back.lr, optimizer)
    again = listed(optimizer, scheduler, course, back.every)
    assert close(np.array(again.values), np.array(found.values), course.steps)


def test_formulas_of_torch_by_their_own_closed_forms():
    """Against torch's documentation: the numbers at each epoch, written out."""
    k = np.arange(30)
    by_hand = {
        "CosineAnnealingLR(30, 0.001)": 0.001 + 0.099 * (1 + np.cos(np.pi * k / 30)) / 2,
        "PolynomialLR(12, 2)": 0.1 * (1 - np.minimum(k, 12) / 12) ** 2,
        "LinearLR(0.1, 1, 5)": 0.1 * (0.1 + 0.9 * np.minimum(k, 5) / 5),
        "StepLR(7, 0.5)": 0.1 * 0.5 ** (k // 7),
    }
    for text, numbers in by_hand.items():
        assert values(read(text).formula, ALONE)[0] == pytest.approx(numbers, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    "text, why",
    [
        ("OneCycleLR(0.5, total_steps=40, cycle_momentum=False)", "No formula is declared for OneCycleLR"),
        ("CosineAnnealingWarmRestarts(7)", "No formula is declared for CosineAnnealingWarmRestarts"),
        ("ChainedScheduler([ConstantLR(0.5, 4), ExponentialLR(0.9)])", "have parts are not multiplied"),
    ],
)
def test_elsewhere_the_list_stays_and_the_reason_is_said(text, why):
    found = dp.schedule("0.1", text, batch=2, steps=30)
    assert found.formula is None and why in found.notes[-1] and why in str(found)
    assert why not in found.as_json()["torch"]["reason"] and found.as_json()["torch"]["scheduler"] is None


def test_what_a_class_says_is_held_to_what_it_does():
    """A parameter changed after the numbers were made, a scheduler of one's own, and one that has been stepped."""
    optimizer = sgd()
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.9)
    numbers = [rate for (rate,) in zip(*learning_rates(optimizer, scheduler, 30), strict=True)]
    scheduler.gamma = 0.8
    assert "its formula" in formula(optimizer, scheduler, ALONE, "step", numbers).why
    own = lr_scheduler.LambdaLR(sgd(), lambda k: 1 / (1 + k))
    assert "No formula is declared for LambdaLR" in dp.schedule(own.optimizer, own, batch=2, steps=9).notes[-1]
    stepped = lr_scheduler.CosineAnnealingLR(sgd(), 30)
    stepped.step()
    assert "stepped before" in dp.schedule(stepped.optimizer, stepped, batch=2, steps=9).notes[-1]


def test_a_formula_says_what_a_longer_run_does():
    found = dp.schedule("0.1", "CosineAnnealingLR(30)", batch="exponential(8, 2)", steps=90, steps_per_epoch=3)
    assert found.verdict == "CONVERGES" and str(found.limit.rate) == "T^(-1)"
    assert "Read back as cosine(1/10)" in found.notes[-1] and found.as_json()["lr_formula"] == "cosine(1/10)"
    assert isinstance(found.plan.lr, Listed)  # the sums are of torch's own numbers
    assert dp.schedule(sgd(), batch=10, steps=90).verdict == "FLOOR"


@pytest.mark.parametrize(
    "text, lr, scheduler, every",
    [
        ("0.3", 0.3, None, "epoch"),
        ("cosine(0.3)", 0.3, "CosineAnnealingLR(30, 0)", "epoch"),
        ("cosine(0.3, 0.1, per='step')", 0.3, "CosineAnnealingLR(90, 0.1)", "step"),
        ("linear(0.1, 0.4)", 0.4, "LinearLR(0.25, 1, 90)", "step"),
        ("exponential(0.1, 2)", 0.1, "StepLR(10, 2)", "epoch"),
        ("warmup(exponential(0.1, 2, every=1), 3, cosine(0.1))", 0.1,
         "SequentialLR([StepLR(1, 2), CosineAnnealingLR(27, 0)], milestones=[3])", "epoch"),
        ("warmup(0.1, 3, 0.4)", 0.4, "SequentialLR([ConstantLR(0.25, 10), ConstantLR(1, 0)], milestones=[3])", "epoch"),
        ("diminishing(0.1)", None, None, None),
        ("linear(0, 0.1)", None, None, None),
        ("warmup(exponential(0.1, 2, every=1), 3, 0.8)", None, None, None),
        ("warmup(linear(0.1, 0.2), 3, 0.2)", None, None, None),
        ("by_block(0.1, 0.2)", None, None, None),
    ],
)  # fmt: skip
def test_schedules_become_schedulers(text, lr, scheduler, every):
    found = dp.schedule(text, batch=2, steps=90, steps_per_epoch=3, block_epochs=10)
    told = found.as_json()["torch"]
    assert (told["lr"], told["scheduler"], told["every"]) == (lr, scheduler, every)
    assert (told["reason"] is None) == (lr is not None)
    if scheduler:
        optimizer = sgd()
        again = dp.schedule(
            optimizer, made(scheduler, lr, optimizer), batch=2, steps=90, steps_per_epoch=3, every=every
        )
        assert close(again.eta, found.eta, 90)


SMALL = st.integers(1, 100).map(lambda k: Fraction(k, 100))


@st.composite
def single(draw):
    kind = draw(st.sampled_from(["ConstantLR", "LinearLR", "PolynomialLR", "ExponentialLR", "StepLR", "Cosine"]))
    n, x, y = draw(st.integers(1, 40)), draw(SMALL), draw(SMALL)
    return {
        "ConstantLR": f"ConstantLR({x}, {n})", "LinearLR": f"LinearLR({x}, {y}, {n})",
        "PolynomialLR": f"PolynomialLR({n}, {3 * x})", "ExponentialLR": f"ExponentialLR({x})",
        "StepLR": f"StepLR({n}, {x})", "Cosine": f"CosineAnnealingLR({n}, {x / 20})",
    }[kind]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(single(), single(), st.integers(1, 39))
@example("ConstantLR(1/100, 1)", "LinearLR(1/100, 1/100, 2)", 29)
def test_any_two_in_turn_are_read_back_or_a_reason_is_given(one, other, milestone):
    text = f"SequentialLR([{one}, {other}], milestones=[{milestone}])"
    found = read(text)
    assert (found.formula is None) == bool(found.why)
    if found.formula is not None:
        assert close(values(found.formula, ALONE)[0], np.array(found.values), 30)
        assert planned(written(found.formula)) == found.formula


def test_texts_of_schedules_are_read_as_the_same_schedules():
    for text in ("growth(1, 2, 3/2)", "diminishing(1/2)", "by_block(cosine(1/2), 1/10)", "exponential(8, 2)",
                 "cosine(1/2, per='step')", "min(1, t/5)/10"):  # fmt: skip
        assert planned(written(planned(text))) == planned(text)
    long = planned(f"cosine({1 / 67!r}, {1 / 7000!r})")
    assert planned(written(long)) == long and "0.014925" in written(long)
    with pytest.raises(NotReadable, match="list of numbers"):
        written(Listed((1.0, 2.0)))
