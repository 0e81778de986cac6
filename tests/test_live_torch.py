"""Live optimizers of torch.optim: what is read of them equals what they do, and they stay as they are."""

from __future__ import annotations

import copy
import warnings

import pytest
import torch
from sympy import Rational, sqrt
from torch.optim import lr_scheduler as schedules

from driftproof.checks.runtime.live_torch import from_torch
from driftproof.checks.runtime.torch_words import CLASSES, DEFAULTS, from_text, letters_of
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.errors import DriftproofError, NotReadable, OutOfDomain, Refused, UnknownName
from driftproof.theory.symbols import t

STEPS = 23


def model(count=2):
    return [torch.nn.Parameter(torch.full((3,), float(k))) for k in range(count)]


def adamw(**more):
    a, b = model()
    return torch.optim.AdamW([{"params": [a], "lr": 0.01}, {"params": [b], "lr": 0.3, "betas": (0.8, 0.97)}], **more)


def twice(factor):
    """One schedule and then another, with a scheduler of their own for the change."""

    def made(o):
        parts = [schedules.LinearLR(o, 0.25, total_iters=6), schedules.ExponentialLR(o, factor)]
        return schedules.SequentialLR(o, parts, milestones=[6])

    return made


SCHEDULERS = {
    "ConstantLR": lambda o: schedules.ConstantLR(o, 0.5, 4),
    "LambdaLR": lambda o: schedules.LambdaLR(o, lambda k: 1 / (1 + k)),
    "MultiplicativeLR": lambda o: schedules.MultiplicativeLR(o, lambda k: 0.9 if k % 2 else 1.1),
    "StepLR": lambda o: schedules.StepLR(o, 5, 0.3),
    "MultiStepLR": lambda o: schedules.MultiStepLR(o, [3, 9], 0.3),
    "ExponentialLR": lambda o: schedules.ExponentialLR(o, 0.9),
    "LinearLR": lambda o: schedules.LinearLR(o, 0.1, total_iters=8),
    "PolynomialLR": lambda o: schedules.PolynomialLR(o, STEPS, 2.0),
    "CosineAnnealingLR": lambda o: schedules.CosineAnnealingLR(o, STEPS),
    "CosineAnnealingWarmRestarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 4, 2),
    "CyclicLR": lambda o: schedules.CyclicLR(o, 0.001, 0.1, 4, cycle_momentum=True),
    "CyclicLR, a function": lambda o: schedules.CyclicLR(o, 0.001, 0.1, 4, scale_fn=lambda x: 1 / x),
    "OneCycleLR": lambda o: schedules.OneCycleLR(o, 0.2, total_steps=STEPS + 1),
    "SequentialLR": twice(0.8),
    "ChainedScheduler": lambda o: schedules.ChainedScheduler(
        [schedules.ConstantLR(o, 0.5, 4), schedules.ExponentialLR(o, 0.9)]
    ),
    "two in turn": lambda o: [schedules.ConstantLR(o, 0.5, 4), schedules.ExponentialLR(o, 0.9)],
}


def live_run(optimizer, scheduler, steps, every=1):
    """What the optimizer itself holds before each of its steps, which are really made."""
    listed = scheduler if isinstance(scheduler, list) else [scheduler]
    for step in range(steps):
        yield [(g["lr"], tuple(map(float, g["betas"]))) for g in copy.deepcopy(optimizer.param_groups)]
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = torch.ones_like(p)
        optimizer.step()
        if (step + 1) % every == 0:
            for one in listed:
                one.step()


def snapshot(optimizer, scheduler):
    listed = scheduler if isinstance(scheduler, list) else [scheduler]
    held = [{k: repr(v) for k, v in s.__dict__.items() if k != "optimizer"} for s in listed]
    return repr(optimizer.param_groups), repr(dict(optimizer.state)), held


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize(("done", "every"), [(0, 1), (5, 1), (4, 2)])
def test_step_sizes_are_those_of_the_live_run_and_nothing_is_disturbed(name, done, every):
    optimizer = adamw()
    scheduler = SCHEDULERS[name](optimizer)
    list(live_run(optimizer, scheduler, done, every))
    before = snapshot(optimizer, scheduler)
    left = STEPS - done
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = from_torch(optimizer, scheduler, left, every)
    assert snapshot(optimizer, scheduler) == before
    truth = list(live_run(optimizer, scheduler, left, every))
    for group in read:
        rows = [row[group.group] for row in truth]
        assert group.eta == tuple(float(lr) for lr, _ in rows)
        for place, letter in enumerate(("beta1", "beta2")):
            seen = tuple(betas[place] for _, betas in rows)
            assert group.varying.get(letter, (float(group.values[letter]),) * left) == seen
        assert group.start == done + 1
        assert group.asked == "adamw"


def test_a_step_size_held_in_a_tensor_is_read_and_stays():
    (p,) = model(1)
    lr = torch.tensor(0.5, dtype=torch.float64)
    optimizer = torch.optim.Adam([p], lr=lr)
    scheduler = schedules.ExponentialLR(optimizer, 0.5)
    (read,) = from_torch(optimizer, scheduler, 3)
    assert read.eta == (0.5, 0.25, 0.125)
    assert lr == 0.5


CASES = [
    ("Adam", {}, "adam"),
    ("Adam", {"amsgrad": True}, "adam@amsgrad=raw"),
    ("Adam", {"weight_decay": 0.1}, "adam"),
    ("Adam", {"weight_decay": 0.1, "decoupled_weight_decay": True}, "adamw"),
    ("AdamW", {"amsgrad": True}, "adamw@amsgrad=raw"),
    ("RMSprop", {}, "rmsprop"),
    ("RMSprop", {"momentum": 0.5, "centered": True}, "rmsprop@centered=yes,momentum=outside"),
    ("Adagrad", {"initial_accumulator_value": 0.25, "lr_decay": 0.5}, "adagrad"),
]


@pytest.mark.parametrize(("name", "options", "asked"), CASES)
def test_the_rule_is_the_one_that_torch_follows(name, options, asked):
    """The same three steps by the rule that is read and by torch, in float64."""
    from driftproof.impl import compile_rule

    p = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = getattr(torch.optim, name)([p], **options)
    (read,) = from_torch(optimizer, steps=3)
    assert read.asked == asked
    compiled = compile_rule(rule_of(read.asked), "reference")
    used = {h.name: float(read.values[h.name]) for h in compiled.rule.hyperparameters}
    coupled = float(read.values["lambda"]) if "lambda" not in used else 0.0
    assert bool(read.notes) == bool(coupled)
    state = compiled.init([p.detach().numpy()])
    for step, gradient in enumerate(([0.5, -1.0], [2.0, 0.25], [-1.0, 1.0])):
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        with_decay = p.grad.numpy() + coupled * state.theta[0]
        state = compiled.step(state, [with_decay], {**used, "eta": read.eta[step]})
        optimizer.step()
    # Three steps of size below 0.2, each with a handful of roundings.
    assert abs(state.theta[0] - p.detach().numpy()).max() < 1e-14


def test_values_are_exact_and_defaults_are_those_of_torch():
    for name, defaults in DEFAULTS.items():
        optimizer = getattr(torch.optim, name)(model(1))
        (read,) = from_torch(optimizer)
        assert read.values == {letter: Rational(value) for letter, value in defaults.items()}
        assert set(letters_of(name, optimizer.param_groups[0])) == set(defaults)
        assert set(CLASSES[name]) <= set(optimizer.param_groups[0])


def test_what_is_noted():
    (read,) = from_torch(torch.optim.Adam(model(1), weight_decay=0.5, maximize=True))
    assert any("weight_decay 0.5" in note for note in read.notes)
    assert any("maximize" in note for note in read.notes)
    optimizer = torch.optim.Adam(model(2))
    a, b = optimizer.param_groups[0]["params"]
    for parameters in ([a], [a, b]):
        optimizer.zero_grad()
        for p in parameters:
            p.grad = torch.ones_like(p)
        optimizer.step()
    (read,) = from_torch(optimizer)
    assert read.start == 3
    assert "different numbers of steps" in read.notes[0]


class Mine(torch.optim.Adam):
    pass


def test_refusals_say_what_and_why():
    optimizer = torch.optim.Adam(model(1))
    for other in (torch.optim.SGD(model(1)), Mine(model(1)), "adam"):
        with pytest.raises(Refused, match="not read"):
            from_torch(other)
    with pytest.raises(Refused, match="follow the loss"):
        from_torch(optimizer, schedules.ReduceLROnPlateau(optimizer))
    with pytest.raises(DriftproofError, match="another optimizer"):
        from_torch(optimizer, schedules.StepLR(torch.optim.Adam(model(1)), 3))
    with pytest.raises(DriftproofError, match="not a scheduler"):
        from_torch(optimizer, lambda k: k)
    for steps in (0, -1, 10**9, 2.0, True):
        with pytest.raises(OutOfDomain):
            from_torch(optimizer, steps=steps)
    optimizer.param_groups[0]["lr"] = float("nan")
    with pytest.raises(OutOfDomain, match="eta"):
        from_torch(optimizer)


def test_text_in_torchs_words():
    asked, values, notes = from_text("lr=1e-3, betas=(0.8,0.99),eps=1e-6 ,weight_decay=0.1")
    assert (asked, len(notes)) == ("adam", 1)
    expected = {"eta": "0.001", "beta1": "0.8", "beta2": "0.99", "eps": "1e-6", "lambda": "0.1"}
    assert values == {letter: Rational(value) for letter, value in expected.items()}
    asked, values, notes = from_text("lr=Rational(1,2)/sqrt(t),beta1=0.5", "AdamW")
    assert (asked, values["eta"], values["beta1"], notes) == ("adamw", 1 / (2 * sqrt(t)), Rational(1, 2), [])
    assert values["lambda"] == Rational("0.01")
    assert from_text("lr=1,amsgrad=True")[0] == "adam@amsgrad=raw"
    assert from_text("lr=1,momentum=0.9", "RMSprop")[0] == "rmsprop@momentum=outside"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("lr", NotReadable),
        ("lr=", NotReadable),
        ("lr=1,lr=2", NotReadable),
        ("betas=(0.9,0.99),beta1=0.5", NotReadable),
        ("betas=0.9", NotReadable),
        ("betas=(0.9,0.99,0.5)", NotReadable),
        ("betas=(0.9,0.99", NotReadable),
        ("lr=__import__('os')", DriftproofError),
        ("lr=[1]", DriftproofError),
        ("lr=nan", DriftproofError),
        ("learning_rate=1", UnknownName),
        ("amsgrad=1", DriftproofError),
    ],
)
def test_text_that_is_not_understood(text, error):
    with pytest.raises(error):
        from_text(text)
