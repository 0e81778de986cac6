"""MoMo around momentum methods: what is taken, what is refused and why, and the properties of its steps.

Steps are teacher-forced: both sides see the same history. The negative controls are properties that look like true
ones and are not; each must fail, so that the tests can see something.

Over 400 lines: the properties of one step, over one set of drawn histories.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from driftproof.checks.api import derive
from driftproof.checks.runtime.momo_model import METHODS, problem
from driftproof.impl import compile_rule
from driftproof.impl.state import RuleState
from driftproof.theory import catalogue, model_step
from driftproof.theory.errors import Refused
from driftproof.theory.momo import momo

FEW = settings(max_examples=60, deadline=None, derandomize=True)
FIRST = {"momo": "momo", "momo_adam": "momo_adam@average=first"}
COMPILED = {}


def compiled(text):
    if text not in COMPILED:
        COMPILED[text] = compile_rule(text, "reference")
    return COMPILED[text]


def numbers(low, high):
    """Multiples of 1/16, which shrink towards 0 and are sums without rounding."""
    return st.integers(16 * low, 16 * high).map(lambda k: k / 16)


@st.composite
def histories(draw, entries=4):
    """x before the first step, gradients and losses of 1 to 6 steps, and hyperparameters of both rules.

    The entries themselves are drawn, so that a failure shrinks to a history that can be read: zeros are among them.
    """
    vector = st.lists(numbers(-2, 2), min_size=entries, max_size=entries)
    steps = draw(st.integers(1, 6))
    h = {
        "eta": 2.0 ** draw(st.integers(-6, 3)),
        "beta1": draw(st.sampled_from([0.0, 0.5, 0.9])),
        "beta2": 0.9,
        "eps": 0.05,
        "lambda": draw(st.sampled_from([0.0, 0.3])),
        "f_star": draw(numbers(-2, 2)),
    }
    g = np.array([draw(vector) for _ in range(steps)])
    return np.array(draw(vector)), g, np.array([draw(numbers(0, 3)) for _ in range(steps)]), h


NOTHING = 1e-20
"""A squared slope below it is rounding of gradients that cancel: then no step is made, whatever the share."""


def run(text, x, g, f, h):
    """theta after each step, the shares of the full step, and the last state."""
    rule = compiled(text)
    names = {item.name for item in rule.rule.hyperparameters}
    state, path, cuts = rule.init([x]), [x], []
    for gradient, loss in zip(g, f, strict=True):
        state = rule.step(state, [gradient], {k: v for k, v in h.items() if k in names}, loss=loss)
        path.append(state.theta[0].copy())
        cuts.append(float(state.outputs["cut"][0]))
    return np.array(path), np.array(cuts), state


def close(a, b, bound=1e-9):
    """Rounding of six steps is some 1e-14; losses and steps here are at most a thousand times as large."""
    return np.max(np.abs(np.asarray(a) - b)) <= bound * (1 + np.max(np.abs(b)))


RULES = pytest.mark.parametrize("text", ["momo", "momo@average=bias", "momo_adam"])


def last(text, history):
    """F, d, D, rho of the last step by definition, x before it and after it, and its tau."""
    _, g, f, h = history
    path, cuts, _ = run(text, *history)
    weights = METHODS[text].weights(len(g), h)
    D, rho = METHODS[text].metric(g, h), weights.sum()
    F = weights @ (f - np.sum(g * path[:-1], axis=1))
    return F, weights @ g, D, rho, path[-2], path[-1], cuts[-1] * h["eta"] / rho


# P1 to P7, P16, P17, P21


@RULES
@FEW
@given(history=histories())
def test_the_step_lies_between_none_and_the_full_one_and_the_model_never_below_the_bound(text, history):
    """P1 to P3 and P17: the share is in [0, 1], and is what the averages give; at the kink the model is the bound."""
    F, d, D, rho, x, y, tau = last(text, history)
    h = history[3]
    A = 1 + h["eta"] * h["lambda"]
    q = np.sum(d**2 / D)
    assert 0 <= tau <= h["eta"] / rho * (1 + 1e-12)
    assert close(y, (x - tau * d / D) / A)
    if q < NOTHING:
        return
    assert close(tau, min(h["eta"] / rho, max(A * (F - rho * h["f_star"]) + d @ x, 0) / q), 1e-8)
    reached, shrunk = (F + d @ y) / rho, (F + d @ x / A) / rho
    scale = 1e-9 * (1 + abs(F) + abs(d @ x)) / rho
    assert reached >= min(h["f_star"], shrunk) - scale
    if 0 < tau < h["eta"] / rho * (1 - 1e-9):
        assert abs(reached - h["f_star"]) <= scale


@RULES
@FEW
@given(history=histories(), more=st.floats(0.01, 2))
def test_the_step_shrinks_with_the_bound_and_grows_with_the_cap(text, history, more):
    """P4, on the last step."""
    x, g, f, h = history
    h = {**h, "lambda": 0.0}
    before = last(text, (x, g[:1], f[:1], h))[-1]
    assert last(text, (x, g[:1], f[:1], {**h, "f_star": h["f_star"] + more}))[-1] <= before * (1 + 1e-12)
    assert last(text, (x, g[:1], f[:1], {**h, "eta": h["eta"] * (1 + more)}))[-1] >= before * (1 - 1e-12)


@RULES
@FEW
@given(history=histories())
def test_the_objective_falls_as_much_as_the_formula_says(text, history):
    """P5: S8 of the derivation, for no decay and a model above the bound."""
    x, g, f, h = history
    history = (x, g, f, {**h, "lambda": 0.0})
    F, d, D, rho, x, y, tau = last(text, history)
    eta, low = h["eta"], h["f_star"]
    q, model = np.sum(d**2 / D), lambda at: (F + d @ at) / rho
    if model(x) >= low:
        fall = model(x) - max(model(y), low) - np.sum(D * (y - x) ** 2) / (2 * eta)
        assert close(fall, q * tau * (2 * eta - rho * tau) / (2 * eta * rho), 1e-8)


@RULES
@FEW
@given(history=histories(), z=st.lists(numbers(-4, 4), min_size=4, max_size=4))
def test_the_step_beats_every_other_point_by_its_distance(text, history, z):
    """P6: the problem is put together by definition, and is (1/eta + lambda)-strongly convex in the metric."""
    _, g, f, h = history
    path, _, _ = run(text, *history)
    posed = problem(METHODS[text], path[:-1], g, f, h, np.full(4, h["eta"]), np.full(4, h["lambda"]))
    best, other = posed.objective(path[-1]), posed.objective(np.array(z))
    assert other - best >= posed.distance(path[-1], np.array(z)) - 1e-9 * (1 + abs(best) + abs(other))


@pytest.mark.parametrize(("text", "plain"), [("momo", "sgd@momentum=ema"), ("momo_adam@decay=adamw", "adamw")])
@FEW
@given(history=histories())
def test_where_the_model_is_high_the_step_is_that_of_the_method(text, plain, history):
    """P7. SGD with averaged momentum starts at the first gradient, as MoMo does."""
    x, g, f, h = history
    if plain.startswith("sgd"):
        h = {**h, "lambda": 0.0}
    path, cuts, _ = run(text, x, g, f, {**h, "f_star": -1e6})
    assert set(cuts) <= {1.0, 0.0}, "where gradients cancel there is no step"
    assert cuts[0] == float(g[0].any())
    rule, settings_ = compiled(plain), {**h, "mu": h["beta1"]}
    state, names = rule.init([x]), {item.name for item in rule.rule.hyperparameters}
    for k, gradient in enumerate(g):
        state = rule.step(state, [gradient], {n: v for n, v in settings_.items() if n in names})
        assert close(path[k + 1], state.theta[0], 1e-12)


@FEW
@given(history=histories())
def test_first_steps(history):
    """P16: Polyak's step along the gradient, and along its sign."""
    x, g, f, h = history
    assume(g[0].any())
    h = {**h, "lambda": 0.0, "eps": 0.0}
    size = max(f[0] - h["f_star"], 0.0)
    for text in ("momo", "momo@average=bias"):
        assert close(run(text, x, g[:1], f[:1], h)[0][1], x - min(h["eta"], size / np.sum(g[0] ** 2)) * g[0])
    signs = x - min(h["eta"], size / np.sum(np.abs(g[0]))) * np.sign(g[0])
    assert close(run("momo_adam", x, g[:1], f[:1], h)[0][1], signs)


@RULES
def test_zero_gradients_for_ever_shrink_and_nothing_else(text):
    x, h = np.array([1.0, -2.0]), {"eta": 0.5, "lambda": 0.2, "eps": 0.0, "f_star": 0.0}
    path, _, _ = run(text, x, np.zeros((5, 2)), [3.0, 0.0, 1.0, -1.0, 2.0], h)
    assert close(path, x / 1.1 ** np.arange(6)[:, None], 1e-14)


# P8 to P13: what may be changed, and what may not


def changed(history, point=lambda x: x, gradient=lambda g: g, loss=lambda f: f, **h):
    x, g, f, before = history
    return point(x), np.array([gradient(row) for row in g]), loss(f), {**before, **h}


TURN = np.linalg.qr(np.random.default_rng(11).normal(size=(4, 4)))[0]
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
C = 3.0


def symmetries(h):
    """name -> (rules, change of a history, what becomes of the iterates)."""
    both, plain = ("momo", "momo@average=bias", "momo_adam"), ("momo", "momo@average=bias")
    low, eta, decay = h["f_star"], h["eta"], h["lambda"]
    flip = {"point": lambda x: (SIGNS * x)[::-1], "gradient": lambda g: (SIGNS * g)[::-1]}
    grown = {"gradient": lambda g: C * g, "loss": lambda f: C * f, "f_star": C * low}
    wide = {"point": lambda x: x / C, "gradient": lambda g: C * g}
    return {
        "P8 shift": (both, {"loss": lambda f: f + C, "f_star": low + C}, lambda x: x),
        "P9 scale": (plain, {**grown, "eta": eta / C, "lambda": decay * C}, lambda x: x),
        "P10 scale": (("momo_adam",), {**grown, "eps": 0.0, "lambda": 0.0}, lambda x: x),
        "P11 units": (plain, {**wide, "eta": eta / C**2, "lambda": decay * C**2}, lambda x: x / C),
        "P11 units of Adam": (("momo_adam",), {**wide, "eta": eta / C, "eps": 0.0, "lambda": 0.0}, lambda x: x / C),
        "P12 flips": (both, flip, lambda x: (SIGNS * x)[:, ::-1]),
        "P12 rotation": (plain, {"point": lambda x: TURN @ x, "gradient": lambda g: TURN @ g}, lambda x: x @ TURN.T),
        "P13 translation": (both, {"point": lambda x: x + C, "lambda": 0.0}, lambda x: x + C),
    }


NAMES = list(symmetries({"f_star": 0.0, "eta": 1.0, "lambda": 0.0}))


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(history=histories())
def test_symmetries(name, history):
    texts, change, image = symmetries(history[3])[name]
    base = (*history[:3], {**history[3], **{k: change[k] for k in ("eps", "lambda") if change.get(k) == 0.0}})
    for text in texts:
        assert close(run(text, *changed(base, **change))[0], image(run(text, *base)[0]))


FALSE = {
    "rotation of MoMo-Adam": ("momo_adam", "P12 rotation", {}),
    "translation with decay": ("momo", "P13 translation", {"lambda": 0.3}),
    "shift of the estimated bound": ("momo@bound=estimated", "P8 shift", {"f_star": 0.0}),
    "rescaled entries of MoMo-Adam": ("momo_adam", "P11 units", {}),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_no_symmetry_is_seen_to_be_none(name):
    text, which, more = FALSE[name]
    random = np.random.default_rng(2)
    h = {"eta": 0.5, "beta1": 0.5, "beta2": 0.9, "eps": 0.05, "lambda": 0.0, "f_star": 0.2, **more}
    history = random.normal(size=4), random.normal(size=(6, 4)), np.array([1.0, 0.6, 0.2, 0.9, 0.4, 0.3]), h
    _, change, image = symmetries(h)[which]
    change = {k: v for k, v in change.items() if k not in more or name.startswith("shift")}
    if name.startswith("shift"):
        change["f_star"] = 0.0  # the bound stays where it was estimated from: only losses move
    found = run(text, *changed(history, **change))[0]
    assert not close(found, image(run(text, *history)[0]), 0.01)


# P14 and P15: convex losses


def least_squares(seed, interpolated=True, beta=0.5, eta=1.0, f_star=0.0, steps=60):
    """MoMo on squares <a, x - x*>^2/2 of one random row per step, with its distance to x* at each step."""
    random, rule = np.random.default_rng(seed), compiled("momo")
    solution, state = random.normal(size=4), rule.init([random.normal(size=4)])
    distance, rows = [], []
    for _ in range(steps):
        a, x = random.normal(size=4), state.theta[0]
        rest = a @ (x - solution) + (0.0 if interpolated else random.normal())
        distance.append(np.sum((x - solution) ** 2))
        rows.append((a, rest, x.copy()))
        settings_ = {"eta": eta, "beta1": beta, "f_star": f_star}
        state = rule.step(state, [rest * a], settings_, loss=rest**2 / 2)
    return np.array(distance), rows, solution


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("eta", [0.01, 1.0, 100.0])
def test_with_interpolation_the_distance_never_grows_for_any_cap(beta, eta):
    """P15: Fejer monotonicity; an over-estimated bound keeps it. Rounding of a step is 1e-15 of the distance."""
    for seed in range(5):
        for f_star in (0.0, 0.3):
            distance, _, _ = least_squares(seed, beta=beta, eta=eta, f_star=f_star)
            assert np.all(np.diff(distance) <= 1e-13 * distance[0])


def test_a_bound_set_too_low_breaks_it_and_so_does_noise():
    assert np.max(np.diff(least_squares(0, eta=100.0, f_star=-0.3)[0])) > 0.01
    assert np.max(np.diff(least_squares(0, eta=100.0, interpolated=False)[0])) > 0.01


def test_the_averaged_model_is_never_above_the_averaged_losses():
    """P14."""
    _, rows, _ = least_squares(3)
    weights = 0.5 ** np.arange(len(rows) - 1, -1, -1.0) * 0.5
    weights[0] *= 2
    points = np.random.default_rng(4).normal(size=(200, 4)) * 3
    losses = sum(w * (points @ a - (a @ x - rest)) ** 2 / 2 for w, (a, rest, x) in zip(weights, rows, strict=True))
    linear = sum(w * (rest**2 / 2 + rest * (points - x) @ a) for w, (a, rest, x) in zip(weights, rows, strict=True))
    assert np.all(linear <= losses + 1e-12)


# P18 to P20


STARRED = ("momo@bound=estimated", "momo_adam@bound=estimated")


@pytest.mark.parametrize("text", STARRED)
@FEW
@given(history=histories())
def test_the_estimated_bound(text, history):
    """P20: never below where it started; after a reset half of the model is left, and a step follows exactly where the
    model is positive; the next estimate takes this step's share."""
    x, g, f, h = history
    h, plain = {**h, "f_star": 0.0, "lambda": 0.0}, text.partition("@")[0]
    low, resets = 0.0, 0
    for k in range(1, len(f) + 1):
        path, cuts, state = run(text, x, g[:k], f[:k], h)
        weights, D = METHODS[plain].weights(k, h), METHODS[plain].metric(g[:k], h)
        d, rho = weights @ g[:k], weights.sum()
        model = weights @ (f[:k] + np.sum(g[:k] * (path[-2] - path[:-1]), axis=1))
        q = np.sum(d**2 / D)
        if q > NOTHING and abs(model - rho * low) > 1e-9:  # else rounding may decide
            reset = model < rho * low
            used = max(model / (2 * rho), 0.0) if reset else low
            full = h["eta"] / rho * q
            assert close(cuts[-1] * full, min(max(model - rho * used, 0.0), full), 1e-8)
            resets += reset
            if reset:
                assert close(max(model, 0.0) / 2, max(model - rho * used, 0.0), 1e-12) and (cuts[-1] > 0) == (model > 0)
        estimate = (model - cuts[-1] * h["eta"] / rho * q / 2) / rho
        low = float(state.states["low"][0])
        assert close(low, max(estimate, 0.0), 1e-8) and low >= 0.0


def test_resets_are_met_and_a_negative_model_is_among_them():
    """Else the property above would say nothing about them."""
    x, g, h = np.zeros(1), np.array([[1.0], [-1.0]]), {"eta": 10.0, "beta1": 0.0, "f_star": 0.0}
    for loss in (0.25, -1.0):
        _, cuts, state = run(STARRED[0], x, g, [4.0, loss], h)
        assert (cuts[1] > 0) == (loss > 0)
        assert float(state.states["low"][0]) == (loss - cuts[1] * 10 / 2 if loss > 0 else 0.0)


AROUND = ("adam", "amsgrad", "rmsprop", "qhadam", "ademamix", "sgd@momentum=heavy_ball")


def taken(text):
    """momo(rule) compiled, or the declared one."""
    key = text if text.startswith("momo") else f"momo({text})"
    if key not in COMPILED:
        COMPILED[key] = compile_rule(momo(catalogue.rule(text)), "reference")
    return COMPILED[key] if key != text else compiled(text)


@pytest.mark.parametrize("text", ["momo", "momo_adam", *STARRED, *AROUND])
def test_two_groups_with_equal_hyperparameters_are_one(text):
    """P18, for compiled rules. Sums over groups may be rounded in another order."""
    rule, random = taken(text), np.random.default_rng(4)
    parts = [random.normal(size=3), random.normal(size=(2, 2))]
    one, two = rule.init(parts, groups=[0, 0]), rule.init(parts, groups=[0, 1])
    for _ in range(12):
        g, f = [random.normal(size=p.shape) for p in parts], 2 * random.random()
        h = {"eta": 0.5, "lambda": 0.1}
        one, two = rule.step(one, g, [h], loss=f), rule.step(two, g, [h, h], loss=f)
    assert all(close(a, b, 1e-12) for a, b in zip(one.theta, two.theta, strict=True))


@pytest.mark.parametrize("text", ["momo", "momo_adam", *STARRED, *AROUND])
def test_a_compiled_run_goes_on_from_saved_numbers_to_the_bit(text, tmp_path):
    """P19, for compiled rules: what a state holds is all there is."""
    rule, random = taken(text), np.random.default_rng(9)
    parts = [random.normal(size=3), random.normal(size=(2, 2))]
    inputs = [([random.normal(size=p.shape) for p in parts], 2 * random.random()) for _ in range(10)]
    state = rule.init(parts, groups=[0, 1])
    for g, f in inputs[:5]:
        state = rule.step(state, g, loss=f)
    kept = {f"theta{k}": a for k, a in enumerate(state.theta)}
    shapes = {name: len(v) if isinstance(v, list) else None for name, v in state.states.items()}
    for name, v in state.states.items():
        kept |= {f"{name}/{k}": a for k, a in enumerate(v)} if isinstance(v, list) else {name: v}
    np.savez(tmp_path / "kept.npz", **kept)
    with np.load(tmp_path / "kept.npz") as read:
        states = {n: read[n] if c is None else [read[f"{n}/{k}"] for k in range(c)] for n, c in shapes.items()}
        resumed = RuleState(state.t, [read["theta0"], read["theta1"]], states, state.groups)
    for g, f in inputs[5:]:
        state, resumed = rule.step(state, g, loss=f), rule.step(resumed, g, loss=f)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(state.theta, resumed.theta, strict=True))


def test_the_estimated_bound_neither_falls_for_ever_nor_stays_below_the_optimum():
    """Two claims that are not true, and must be seen to fail: on least squares with noise the minimum is above 0."""
    random, rule = np.random.default_rng(5), compiled("momo@bound=estimated")
    A, b = random.normal(size=(40, 4)), random.normal(size=40)
    optimum = np.linalg.lstsq(A, b, rcond=None)[1][0] / 80
    state, lows = rule.init([np.ones(4)]), []
    for _ in range(200):
        batch = random.integers(0, 40, size=8)
        rest = A[batch] @ state.theta[0] - b[batch]
        state = rule.step(state, [A[batch].T @ rest / 8], {"eta": 10.0, "f_star": 0.0}, loss=rest @ rest / 16)
        lows.append(float(state.states["low"][0]))
    assert np.max(np.diff(lows[1:])) > 0
    assert max(lows) > optimum


def test_with_decay_a_bound_above_the_model_may_still_allow_a_step():
    """A third claim that is not true: the test point is x/A, not x."""
    h = {"eta": 1.0, "lambda": 1.0, "beta1": 0.0, "f_star": 1.5}
    assert run("momo", np.array([-4.0]), np.array([[1.0]]), [1.0], h)[1][0] > 0
    assert run("momo", np.array([-4.0]), np.array([[1.0]]), [1.0], {**h, "lambda": 0.0})[1][0] == 0


@RULES
@pytest.mark.parametrize(
    ("loss", "spoilt"), [(np.nan, 1.0), (np.inf, 1.0), (-np.inf, 1.0), (1.0, np.nan), (1.0, np.inf)]
)
def test_what_is_not_finite_changes_nothing(text, loss, spoilt):
    rule = compiled(text)
    before = rule.step(rule.init([np.ones(3)]), [np.ones(3)], loss=2.0)
    after = rule.step(before, [np.array([0.5, spoilt, 0.5])], loss=loss)
    assert not after.applied and after.t == 1
    assert np.array_equal(after.theta[0], before.theta[0])
    assert all(np.array_equal(after.states[n], kept) for n, kept in before.states.items())


def test_losses_below_the_bound_are_counted():
    _, cuts, state = run("momo", np.ones(2), np.ones((3, 2)), [0.5, -1.0, 2.0], {"f_star": 1.0, "beta1": 0.0})
    assert float(state.states["below"][0]) == 2.0
    assert cuts.tolist()[:2] == [0.0, 0.0]


def test_in_float32_near_convergence_far_from_zero_the_share_is_that_of_float64():
    """Iterates near 1000, float32: what is carried keeps the model's value to rounding; three averages lose it.

    Teacher-forced: the float64 share is that of the same inputs and of what the float32 iterates really moved.
    """
    random = np.random.default_rng(6)
    solution, rule = (
        np.float32(1000) + random.normal(size=8).astype(np.float32),
        compile_rule("momo", "torch", "float32"),
    )
    state, h = rule.init([solution + np.float32(0.5)]), {"eta": 1000.0, "beta1": 0.9}
    found, level, m, naive = [], None, None, np.zeros(2, dtype=np.float32)
    for k in range(200):
        x, a = state.theta[0].numpy().copy(), random.normal(size=8).astype(np.float32)
        rest = np.float32(a @ (x - solution))
        g, f, w = rest * a, np.float32(rest * rest / 2), 0.1 if k else 1.0
        m = g.astype(float) if m is None else m + w * (g - m)
        level = float(f) if level is None else level + w * (float(f) - level)
        naive += np.float32(w) * (np.array([f, g @ x], dtype=np.float32) - naive)
        state = rule.step(state, [g], h, loss=float(f))
        share = max(level, 0.0) / (1000 * m @ m)
        averaged = max(float(naive[0] + m.astype(np.float32) @ x - naive[1]), 0.0) / (1000 * m @ m)
        found.append((float(state.outputs["cut"][0]) / share - 1, averaged / share - 1) if share > 0 else (0.0, 0.0))
        level += m @ (state.theta[0].numpy().astype(float) - x)
    ours, averages = np.median(np.abs(found), axis=0)
    assert ours < 1e-5, "a hundred roundings of float32"
    assert averages > 1e-2, "the control: the form with three averages"


def test_at_a_step_size_that_is_far_too_large_momo_stays_near_and_momentum_does_not():
    """The script's numbers, and that its first step on x^2/2 is Polyak's: half of the way."""
    from driftproof.checks.examples.momo_at_a_large_step_size import picture, table

    found = table()
    assert found["x^2/2", "momo"][0] == 1.5 and found["x^2/2", "sgd"][0] == 12.0
    for (_, method), values in found.items():
        others = found[_, "sgd"]
        assert method == "sgd" or all(a < b for a, b in zip(values, others, strict=True))
    assert picture().count("<circle") == 10


# What is taken and what is refused


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("lion", "sign"),
        ("signum", "sign"),
        ("laprop", "m_new"),
        ("adan", "g_prev"),
        ("lamb", "lambda\\*theta"),
        ("schedule_free_sgd", "term theta|draw at theta"),
        ("adopt", "m_new"),
        ("rprop", "sign"),
        ("yogi@m0=same", "v0"),
    ],
)
def test_what_is_no_momentum_method_is_refused_with_its_term(text, term):
    with pytest.raises(Refused, match=term) as refusal:
        momo(catalogue.rule(text))
    assert f"momo({text.split('@')[0]}" in str(refusal.value)


@pytest.mark.parametrize("text", ["momo", "momo_adam"])
def test_momo_adam_is_momo_of_adam(text):
    plain = {"momo": "sgd@momentum=ema", "momo_adam": "adam"}[text]
    made = compile_rule(momo(catalogue.rule(plain)), "reference")
    declared, random = compiled(text), np.random.default_rng(8)
    x = random.normal(size=3)
    a, b = made.init([x]), declared.init([x])
    for _ in range(10):
        g, f = random.normal(size=3), random.random()
        a = made.step(a, [g], {"eta": 0.3}, loss=f)
        b = declared.step(b, [g], {"eta": 0.3}, loss=f)
        assert close(a.theta[0], b.theta[0], 1e-13)


@pytest.mark.parametrize("text", ["momo", "momo_adam@bound=estimated"])
def test_derive_gives_the_closed_form_and_its_origin_and_refuses_an_sde(text):
    with pytest.raises(Refused, match="depends on the loss") as refusal:
        derive(text)
    assert model_step.CLOSED_FORM in refusal.value.fix and "KKT" in refusal.value.fix


def test_the_closed_form_is_derived_from_its_kkt_conditions():
    assert model_step.not_shown() == []


@pytest.mark.parametrize("slip", ["F", "p", "A", "rho"])
def test_a_slip_in_the_closed_form_is_not_shown(slip, monkeypatch):
    A, p, q, F = model_step.A, model_step.p, model_step.q, model_step.F
    rho, low = model_step.rho, model_step.f_star
    wrong = {
        "F": (A * F - rho * low + p) / q,
        "p": A * (F - rho * low + p) / q,
        "A": (F - rho * low + p) / q,
        "rho": (A * (F - low) + p) / q,
    }
    monkeypatch.setattr(model_step, "tau_star", wrong[slip])
    assert {"S5", "S6"} <= set(model_step.not_shown())
