"""Probe rules: what the language must be able to say, run on the reference backend against independent oracles.

Errors are in units of the largest step of a run. Both sides compute in float64 with a few tens of operations per
entry and step, so that N steps differ by about 30 N units of 1.1e-16 relative to the parameters, which are at most
ten steps large here: 20 steps make 7e-13. The bound is 1e-12, for twelve digits of a step.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from driftproof.impl import compile_rule
from driftproof.theory import catalogue

PROBES = Path(__file__).parent / "probes"
BOUND = 1e-12
STEPS = 20


def probe(name, options=""):
    return catalogue.rule(f"{PROBES / name}.py{options}")


def start(seed=0, shapes=((3, 4), (5,))):
    """Parameters and gradients of order 1; the first gradients are large, so that order and clipping are seen."""
    random = np.random.default_rng(seed)
    theta = [random.normal(size=shape) for shape in shapes]
    grads = [[random.normal(size=shape) * (5 if k == 0 else 1) for shape in shapes] for k in range(STEPS)]
    return theta, grads


def run(rule, theta, grads, hyper=None, loss=None, groups=None):
    """All parameters after each step, and the last state."""
    compiled = compile_rule(rule, target="reference")
    state, path = compiled.init(theta, groups=groups), []
    for k, grad in enumerate(grads):
        state = compiled.step(state, grad, hyper, loss=None if loss is None else loss[k])
        path.append([p.copy() for p in state.theta])
    return path, state


def run_torch(make, theta, grads, after=lambda params: None):
    params = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in theta]
    optimizer, path = make(params), []
    for grad in grads:
        for p, g in zip(params, grad, strict=True):
            p.grad = torch.tensor(g, dtype=torch.float64)
        after(params)
        optimizer.step()
        path.append([p.detach().numpy().copy() for p in params])
    return path


def flat(tensors):
    return np.concatenate([np.ravel(a) for a in tensors])


def error(ours, theirs, theta):
    """The largest difference on the way, in units of the largest step."""
    a, b = np.array([flat(p) for p in ours]), np.array([flat(p) for p in theirs])
    steps = np.diff(np.vstack([flat(theta), b]), axis=0)
    assert np.abs(steps).max() > 0.05, "steps too small to see anything"
    return np.abs(a - b).max() / np.abs(steps).max()


def adam_numpy(theta, grads, eta, beta1, beta2, eps, amsgrad="off"):
    """Adam by hand, on one flat vector per step."""
    theta, path = flat(theta), []
    m, v, largest = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)
    for t, grad in enumerate(grads, start=1):
        g = flat(grad)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        v_hat = v / (1 - beta2**t)
        if amsgrad == "corrected":
            v_hat = largest = np.maximum(largest, v_hat)
        theta = theta - eta * (m / (1 - beta1**t)) / (np.sqrt(v_hat) + eps)
        path.append([theta])
    return path


def test_clip_then_adamw_then_average_equals_torch_step_by_step():
    theta, grads = start()
    average = [torch.tensor(p) for p in theta]

    def make(params):
        optimizer = torch.optim.AdamW(params, lr=0.1, betas=(0.8, 0.9), eps=0.01, weight_decay=0.3)
        step = optimizer.step

        def step_and_average():
            step()
            for a, p in zip(average, params, strict=True):
                a.lerp_(p.detach(), 0.25)

        optimizer.step = step_and_average
        return optimizer

    clip = lambda params: torch.nn.utils.clip_grad_norm_(params, 2.0)  # noqa: E731
    theirs = run_torch(make, theta, grads, after=clip)
    hyper = {"eta": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 0.01, "lambda": 0.3, "c": 2.0, "beta_ema": 0.75}
    ours, state = run(probe("clipped_adamw"), theta, grads, hyper)
    assert error(ours, theirs, theta) < BOUND
    assert error([state.outputs["averaged"]], [[a.numpy() for a in average]], theta) < BOUND


@pytest.mark.parametrize("amsgrad", ["off", "raw"])
def test_amsgrad_on_the_raw_second_moment_equals_torch(amsgrad):
    theta, grads = start()
    ours, _ = run(f"adam@amsgrad={amsgrad}", theta, grads, {"eta": 0.1, "beta1": 0.8, "beta2": 0.6, "eps": 0.01})
    make = lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.6), eps=0.01, amsgrad=amsgrad == "raw")  # noqa: E731
    assert error(ours, run_torch(make, theta, grads), theta) < BOUND


def test_amsgrad_on_the_corrected_second_moment_equals_adam_by_hand():
    theta, grads = start()
    ours, _ = run("adam@amsgrad=corrected", theta, grads, {"eta": 0.1, "beta1": 0.8, "beta2": 0.6, "eps": 0.01})
    by_hand = adam_numpy(theta, grads, 0.1, 0.8, 0.6, 0.01, amsgrad="corrected")
    assert error(ours, by_hand, theta) < BOUND
    raw, _ = run("adam@amsgrad=raw", theta, grads, {"eta": 0.1, "beta1": 0.8, "beta2": 0.6, "eps": 0.01})
    assert error(raw, by_hand, theta) > 0.01


def test_lamb_equals_lamb_by_hand():
    """The second tensor starts at zero: its ratio of norms is 1 at the first step, and is not afterwards."""
    theta, grads = start()
    theta[1] = np.zeros(5)
    eta, beta1, beta2, eps, decay = 0.1, 0.8, 0.9, 0.01, 0.3
    p, m, v = [a.copy() for a in theta], [0.0, 0.0], [0.0, 0.0]
    by_hand = []
    for t, grad in enumerate(grads, start=1):
        for i, g in enumerate(grad):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            v[i] = beta2 * v[i] + (1 - beta2) * g**2
            d = m[i] / (1 - beta1**t) / (np.sqrt(v[i] / (1 - beta2**t)) + eps) + decay * p[i]
            size, length = np.sqrt(np.sum(p[i] ** 2)), np.sqrt(np.sum(d**2))
            p[i] = p[i] - eta * (size / length if size > 0 and length > 0 else 1.0) * d
        by_hand.append([a.copy() for a in p])
    hyper = {"eta": eta, "beta1": beta1, "beta2": beta2, "eps": eps, "lambda": decay}
    ours, _ = run("lamb", theta, grads, hyper)
    assert error(ours, by_hand, theta) < BOUND


def test_svag_at_one_is_adam_of_the_first_draw():
    theta, grads = start()
    _, others = start(seed=1)
    hyper = {"eta": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 0.01}
    draws = [{"g1": g1, "g2": g2} for g1, g2 in zip(grads, others, strict=True)]
    ours, _ = run(probe("svag_adam"), theta, draws, {**hyper, "ell": 1})
    adam, _ = run("adam", theta, grads, hyper)
    assert error(ours, adam, theta) < BOUND


def test_svag_at_two_is_adam_by_hand_of_the_mixed_draws():
    """r = (1 +- sqrt(7))/2: they add up to 1 and their squares to 4 = ell^2."""
    theta, grads = start()
    _, others = start(seed=1)
    r1, r2 = (1 + np.sqrt(7)) / 2, (1 - np.sqrt(7)) / 2
    mixed = [[r1 * a + r2 * b for a, b in zip(g1, g2, strict=True)] for g1, g2 in zip(grads, others, strict=True)]
    by_hand = adam_numpy(theta, mixed, 0.4 / 2, 1 - 0.2 / 4, 1 - 0.1 / 4, 0.01 * 2)
    draws = [[g1, g2] for g1, g2 in zip(grads, others, strict=True)]
    hyper = {"eta": 0.4, "beta1": 0.8, "beta2": 0.9, "eps": 0.01, "ell": 2}
    ours, _ = run(probe("svag_adam"), theta, draws, hyper)
    assert error(ours, by_hand, theta) < BOUND


def test_schedule_free_takes_the_gradient_between_the_sequences():
    """On a quadratic, with the gradient evaluated by each side where it says; x is a running mean of z."""
    eta, beta, curvature, target = 0.2, 0.7, np.array([1.0, 3.0]), np.array([0.5, -1.0])
    compiled = compile_rule(probe("schedule_free"), target="reference")
    state = compiled.init([np.array([2.0, 1.0])])
    z = x = np.array([2.0, 1.0])
    ours, averages, by_hand, by_hand_averages = [], [], [], []
    for t in range(1, STEPS + 1):
        (point,) = compiled.points(state, {"eta": eta, "beta": beta})["g"]
        state = compiled.step(state, [curvature * (point - target)], {"eta": eta, "beta": beta})
        z = z - eta * curvature * ((1 - beta) * z + beta * x - target)
        x = x + (z - x) / t
        for path, value in ((ours, state.theta), (averages, state.outputs["evaluation"])):
            path.append([value[0].copy()])
        by_hand.append([z])
        by_hand_averages.append([x])
    assert error(ours, by_hand, [np.array([2.0, 1.0])]) < BOUND
    assert error(averages, by_hand_averages, [np.array([2.0, 1.0])]) < BOUND


# MoMo-Adam, in the notation of its closed form: x, f, g, d (average of g), D, A, F, p, q, s.

MOMO = [
    {"eta": 0.5, "lambda": 0.2, "beta2": 0.8, "eps": 0.1, "beta1": 0.7, "f_star": 1.5},
    {"eta": 0.1, "lambda": 0.0, "beta2": 0.9, "eps": 0.01, "beta1": 0.7, "f_star": 1.5},
]


def least_squares(steps=STEPS):
    """One random pair (loss, gradients of two tensors) per step, as a function of the parameters."""
    random = np.random.default_rng(3)
    rows = [(random.normal(size=7), random.normal()) for _ in range(steps)]

    def at(k, theta):
        row, target = rows[k]
        rest = row @ flat(theta) - target
        return rest**2 / 2, [rest * row[:3], rest * row[3:]]

    return [random.normal(size=3), random.normal(size=4)], at


def momo_by_hand(theta, losses_and_gradients, settings, average):
    """Yields x after each step, with what the step minimises: F, d, D, rho and x before it."""
    x, beta1, f_star = [a.copy() for a in theta], settings[0]["beta1"], settings[0]["f_star"]
    d, v, f_bar, gamma = [np.zeros_like(a) for a in x], [np.zeros_like(a) for a in x], 0.0, 0.0
    for t, (f, g) in enumerate(losses_and_gradients, start=1):
        weight = 0.0 if average == "first" and t == 1 else beta1
        rho = 1.0 if average == "first" else 1 - beta1**t
        f_bar = weight * f_bar + (1 - weight) * f
        gamma = weight * gamma + (1 - weight) * flat(g) @ flat(x)
        D, p, q = [], 0.0, 0.0
        for i, h in enumerate(settings):
            d[i] = weight * d[i] + (1 - weight) * g[i]
            v[i] = h["beta2"] * v[i] + (1 - h["beta2"]) * g[i] ** 2
            D.append(h["eps"] + np.sqrt(v[i] / (1 - h["beta2"] ** t)))
            A = 1 + h["eta"] * h["lambda"]
            p += d[i] @ x[i] / A
            q += h["eta"] * (d[i] @ (d[i] / D[i])) / A
        s = min(1.0, max(0.0, rho * (f_bar - gamma - rho * f_star + p) / q))
        before = [a.copy() for a in x]
        for i, h in enumerate(settings):
            x[i] = (x[i] - h["eta"] * s / rho * d[i] / D[i]) / (1 + h["eta"] * h["lambda"])
        yield [a.copy() for a in x], (f_bar - gamma, [a.copy() for a in d], D, rho, before)


def momo_run(settings, average, groups=(0, 1)):
    """Ours on the same losses; both sides take them at our parameters, so that errors do not feed back."""
    theta, at = least_squares()
    compiled = compile_rule(probe("momo_adam", f"@average={average}"), target="reference")
    state, path, seen, cuts = compiled.init(theta, groups=groups), [], [], []
    for k in range(STEPS):
        loss, grads = at(k, state.theta)
        seen.append((loss, grads))
        state = compiled.step(state, grads, settings, loss=loss)
        path.append([a.copy() for a in state.theta])
        cuts.append(float(np.ravel(state.outputs["cut"])[0]))
    return theta, path, seen, cuts


@pytest.mark.parametrize("average", ["bias", "first"])
def test_momo_adam_with_two_groups_equals_momo_adam_by_hand(average):
    theta, ours, seen, cuts = momo_run(MOMO, average)
    assert {0.0, 1.0} < set(cuts), "all three cases are met: no step, a cut step, the full step"
    by_hand = [x for x, _ in momo_by_hand(theta, seen, MOMO, average)]
    assert error(ours, by_hand, theta) < BOUND


@pytest.mark.parametrize("average", ["bias", "first"])
def test_momo_adam_minimises_its_model(average):
    """max((F + <d, y>)/rho, f_star) + sum over groups of (1/eta |y - x|_D^2 + lambda |y|_D^2)/2 is strongly convex
    in the metric D: every other point is worse by half of (1/eta + lambda) times its squared distance."""
    theta, ours, seen, _ = momo_run(MOMO, average)
    random = np.random.default_rng(4)
    for y, (_, (F, d, D, rho, x)) in zip(ours, momo_by_hand(theta, seen, MOMO, average), strict=True):

        def model(z, F=F, d=d, D=D, rho=rho, x=x):
            value = max((F + flat(d) @ flat(z)) / rho, MOMO[0]["f_star"])
            for i, h in enumerate(MOMO):
                value += (D[i] @ (z[i] - x[i]) ** 2 / h["eta"] + h["lambda"] * (D[i] @ z[i] ** 2)) / 2
            return value

        for size in (1.0, 1e-3):
            z = [a + size * random.normal(size=a.shape) for a in y]
            worse = sum((1 / h["eta"] + h["lambda"]) * (D[i] @ (z[i] - y[i]) ** 2) / 2 for i, h in enumerate(MOMO))
            assert model(z) - model(y) >= worse - 1e-13 * abs(model(z))


@pytest.mark.parametrize("average", ["bias", "first"])
@pytest.mark.parametrize("loss", [0.1, 100.0])
def test_first_step_of_momo_adam_is_a_sign_step_with_polyaks_length(average, loss):
    """x - min(eta, (f - f_star)/|g|_1) sign(g), for eps = lambda = 0; the entry without gradient stays."""
    x, g = np.array([1.0, -2.0, 3.0]), np.array([0.5, -4.0, 0.0])
    compiled = compile_rule(probe("momo_adam", f"@average={average}"), target="reference")
    state = compiled.step(compiled.init([x]), [g], {"eta": 0.3, "eps": 0}, loss=loss)
    assert np.allclose(state.theta[0], x - min(0.3, loss / 4.5) * np.sign(g), rtol=0, atol=1e-15)


def test_equal_groups_of_momo_adam_are_one_group():
    theta, two, seen, _ = momo_run([MOMO[0], MOMO[0]], "bias")
    one, _ = run(probe("momo_adam"), theta, [g for _, g in seen], MOMO[0], loss=[f for f, _ in seen])
    assert error(two, one, theta) < BOUND


def test_momo_adam_without_a_gradient_only_shrinks():
    compiled = compile_rule(probe("momo_adam"), target="reference")
    x = np.array([1.0, -2.0])
    state = compiled.step(compiled.init([x]), [np.zeros(2)], {"eta": 0.5, "lambda": 0.2, "eps": 0}, loss=3.0)
    assert np.array_equal(state.theta[0], x / 1.1)


@pytest.mark.parametrize(("loss", "spoilt"), [(np.nan, 1.0), (np.inf, 1.0), (1.0, np.nan), (1.0, -np.inf)])
def test_momo_adam_changes_nothing_where_its_guard_is_false(loss, spoilt):
    compiled = compile_rule(probe("momo_adam"), target="reference")
    before = compiled.step(compiled.init([np.ones(3)]), [np.ones(3)], loss=2.0)
    after = compiled.step(before, [np.array([0.5, spoilt, 0.5])], loss=loss)
    assert not after.applied
    assert after.t == before.t == 1
    assert np.array_equal(after.theta[0], before.theta[0])
    for name, kept in before.states.items():
        assert np.array_equal(flat(after.states[name]), flat(kept)), name
