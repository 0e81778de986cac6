"""MoMo and MoMo-Adam as torch optimizers, held against the declared rules step by step."""

import copy
import io

import numpy as np
import pytest
import torch

from driftproof.impl import compile_rule
from driftproof.impl.optimizer import MoMo, MoMoAdam
from driftproof.theory.errors import DriftproofError, OutOfDomain

STEPS = 25
COMMON = {"beta1": 0.8, "f_star": 0.05}
GROUPS = ({"lr": 0.6, "weight_decay": 0.1}, {"lr": 0.2, "weight_decay": 0.0})
VARIANTS = [
    (MoMo, {}, "momo"),
    (MoMo, {"bias_correction": True}, "momo@average=bias"),
    (MoMo, {"star": True}, "momo@bound=estimated"),
    (MoMo, {"divide": False}, "momo@decay=adamw"),
    (MoMoAdam, {}, "momo_adam"),
    (MoMoAdam, {"star": True}, "momo_adam@bound=estimated"),
    (MoMoAdam, {"divide": False}, "momo_adam@decay=adamw"),
]


def made(kind, options, params):
    groups = [{"params": [p], **group} for p, group in zip(params, GROUPS, strict=True)]
    if kind is MoMo:
        return MoMo(groups, **COMMON, **options)
    return MoMoAdam(groups, betas=(0.8, 0.9), eps=0.01, f_star=0.05, **options)


def problem(dtype=torch.float64):
    """Parameters, and a loss per step: squares of random linear forms, some of them with noise."""
    random = np.random.default_rng(7)
    params = [torch.tensor(random.normal(size=s), dtype=dtype, requires_grad=True) for s in ((3, 2), (4,))]
    rows = [(torch.tensor(random.normal(size=10), dtype=dtype), float(random.normal())) for _ in range(STEPS)]

    def loss(k):
        row, target = rows[k % STEPS]
        drop = 9 if k % 7 == 3 else 0  # far below the bound
        return (row @ torch.cat([p.flatten() for p in params]) - target) ** 2 / 2 - drop

    return params, loss


@pytest.mark.parametrize(("kind", "options", "text"), VARIANTS)
def test_each_step_equals_that_of_the_rule(kind, options, text):
    """Both sides take gradients at the optimizer's parameters; 25 steps of some 50 operations: 3e-13, and room."""
    params, loss = problem()
    optimizer, compiled = made(kind, options, params), compile_rule(text, "reference")
    state, cuts = compiled.init([p.detach().numpy() for p in params], groups=[0, 1]), []
    more = {"beta2": 0.9, "eps": 0.01} if kind is MoMoAdam else {}
    for k in range(STEPS):
        factor = 1e-4 if k % 5 == 0 else 1.0  # a small step size is not cut
        for group, declared in zip(optimizer.param_groups, GROUPS, strict=True):
            group["lr"] = declared["lr"] * factor
        settings = [{"eta": g["lr"] * factor, "lambda": g["weight_decay"], **COMMON, **more} for g in GROUPS]
        optimizer.zero_grad()
        value = loss(k)
        value.backward()
        state = compiled.step(state, [p.grad.numpy() for p in params], settings, loss=value.item())
        optimizer.step(value)
        cuts.append(float(state.outputs["cut"][0]))
        for p, theta in zip(params, state.theta, strict=True):
            assert np.allclose(p.detach().numpy(), theta, rtol=0, atol=1e-11)
    assert {0.0, 1.0} < set(cuts), "no step, a cut step and the full step are met"
    assert float(optimizer.model["below"]) == float(state.states["below"][0]) > 0


def trained(optimizer, params, loss, steps):
    for k in steps:
        optimizer.zero_grad()
        value = loss(k)
        value.backward()
        optimizer.step(value)
    return [p.detach().clone() for p in params]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("kind", "options"), [(MoMo, {"star": True}), (MoMoAdam, {"star": True})])
def test_a_run_goes_on_from_a_checkpoint_to_the_bit(kind, options, dtype):
    params, loss = problem(dtype)
    optimizer = made(kind, options, params)
    trained(optimizer, params, loss, range(9))
    file = io.BytesIO()
    torch.save((optimizer.state_dict(), [p.detach() for p in params]), file)
    straight = trained(optimizer, params, loss, range(9, 18))
    others, again = problem(dtype)
    resumed = made(kind, options, others)
    kept, values = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    resumed.load_state_dict(kept)
    assert all(value.dtype == torch.float64 for value in resumed.model.values())
    with torch.no_grad():
        for p, value in zip(others, values, strict=True):
            p.copy_(value)
    for a, b in zip(straight, trained(resumed, others, again, range(9, 18)), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(("f", "spoilt"), [(np.nan, 1.0), (np.inf, 1.0), (-np.inf, 1.0), (1.0, np.nan), (1.0, np.inf)])
@pytest.mark.parametrize("kind", [MoMo, MoMoAdam])
def test_a_step_that_is_not_finite_changes_nothing_but_its_count(kind, f, spoilt):
    params, loss = problem()
    optimizer = made(kind, {}, params)
    before = trained(optimizer, params, loss, range(3))
    kept = copy.deepcopy(optimizer.state_dict())
    params[0].grad[0, 0] = spoilt
    optimizer.step(f)
    assert all(torch.equal(p, b) for p, b in zip(params, before, strict=True))
    for name, value in kept["param_groups"][0]["model"].items():
        assert torch.equal(optimizer.model[name], value + (name == "skipped"))
    for key, state in kept["state"].items():
        assert all(torch.equal(optimizer.state_dict()["state"][key][n], a) for n, a in state.items())


@pytest.mark.parametrize("kind", [MoMo, MoMoAdam])
def test_two_equal_groups_are_one(kind):
    results = []
    for split in (False, True):
        params, loss = problem()
        groups = [{"params": [p]} for p in params] if split else params
        results.append(trained(kind(groups, lr=0.3, weight_decay=0.1), params, loss, range(STEPS)))
    for a, b in zip(*results, strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [MoMo, MoMoAdam])
def test_zero_gradients_for_ever_only_shrink(kind):
    p = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = kind([p], lr=0.5, weight_decay=0.2)
    for k in range(1, 6):
        p.grad = torch.zeros(2, dtype=torch.float64)
        optimizer.step(0.0 if k % 2 else 3.0)
        expected = torch.tensor([1.0, -2.0], dtype=torch.float64) / 1.1**k
        assert torch.allclose(p.detach(), expected, rtol=1e-14)


def test_a_closure_gives_the_loss_and_the_gradients():
    params, loss = problem()
    others, again = problem()
    a, b = MoMo(params), MoMo(others)

    def closure():
        b.zero_grad()
        value = again(0)
        value.backward()
        return value

    expected = trained(a, params, loss, [0])
    first = again(0).item()
    assert b.step(closure).item() == first
    assert all(torch.equal(x, y) for x, y in zip(expected, others, strict=True))


def test_no_step_reads_a_number_from_the_device(monkeypatch):
    """Tensor.item and its relatives are what makes the host wait; none of them is called within a step."""
    params, loss = problem()
    optimizer = made(MoMoAdam, {"star": True}, params)
    value = loss(0)
    value.backward()

    def read(*_):
        raise AssertionError("the host reads a number from the device")

    for name in ("item", "__bool__", "__float__", "tolist", "cpu", "numpy"):
        monkeypatch.setattr(torch.Tensor, name, read)
    optimizer.step(value)


def test_scalars_of_half_precision_parameters_are_wide():
    params, loss = problem(torch.bfloat16)
    optimizer = made(MoMo, {}, params)
    trained(optimizer, params, loss, range(3))
    assert {value.dtype for value in optimizer.model.values()} == {torch.float64}
    assert optimizer.state[params[0]]["m"].dtype == torch.bfloat16


def test_what_cannot_be_is_refused():
    p = torch.zeros(2, requires_grad=True)
    with pytest.raises(OutOfDomain, match="lr = -1"):
        MoMo([p], lr=-1.0)
    with pytest.raises(OutOfDomain, match="beta1 = 1"):
        MoMo([p], beta1=1.0)
    with pytest.raises(DriftproofError, match="needs the loss"):
        MoMo([p]).step()
    with pytest.raises(DriftproofError, match="f_star"):
        MoMo([{"params": [p], "f_star": 1.0}, {"params": [torch.zeros(1)], "f_star": 2.0}])
