"""Steps of compiled rules: in place and pure, groups, schedules, guards, points and draws; and bad input to them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from driftproof.impl import compile_rule, toolchain
from driftproof.impl.backends import cuda
from driftproof.impl.backends import names as targets
from driftproof.impl.lower import lower
from driftproof.theory import catalogue
from driftproof.theory.combinators import clip_by_norm, compose, ema, unscale
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused
from driftproof.theory.language import (
    Rational,
    Source,
    State,
    UpdateRule,
    eq,
    eta,
    f,
    g,
    is_finite,
    m,
    new,
    svag,
    symbol,
    theta,
    v,
)

HERE = Source("kingma2015adam", "a test")
PROBES = Path(__file__).parent / "probes"
SHAPES = [(0,), (1,), (9,), (), (3, 4)]
LOUD = {"eta": 0.05, "eps": 0.1, "beta1": 0.8, "beta2": 0.7, "beta": 0.8, "lambda": 0.1}
STEPS = 6
ONES = np.ones(3)


def declared(name):
    path = PROBES / f"{name}.py"
    return catalogue.rule(str(path) if path.exists() else name)


def built(rule, target, dtype="float64"):
    """The compiled rule; cuda runs its very text on the host."""
    if target in ("cpu", "cuda"):
        try:
            toolchain.compiler("c++" if target == "cuda" else "c")
        except Refused:
            pytest.skip("no compiler")
    if target == "cuda":
        program = lower(rule, dtype)
        return cuda.load_on_host(program, cuda.emit(program)).bind(rule)
    return compile_rule(rule, target, dtype)


def numbers(array):
    return np.asarray(array.numpy() if isinstance(array, torch.Tensor) else array)


def flat(kept):
    return np.concatenate([numbers(a).ravel() for a in kept] or [np.zeros(0)])


def bits(state):
    kept = [state.theta, *state.states.values(), *state.outputs.values()]
    return [numbers(a).tobytes() for values in kept for a in values]


def settings(rule):
    return {h.name: LOUD[h.name] for h in rule.hyperparameters if h.name in LOUD}


def inputs(rule, shapes=tuple(SHAPES)):
    """Parameters, and for each step gradients of every draw and a loss."""
    random = np.random.default_rng(0)
    draws = [d.symbol.name for d in rule.gradients]

    def arrays():
        return [random.normal(size=shape) for shape in shapes]

    params = arrays()
    return params, [({d: arrays() for d in draws}, float(random.uniform(1, 2))) for _ in range(STEPS)]


def run(compiled, params, steps, hyperparameters, groups=None):
    state = compiled.init(params, groups)
    for grads, loss in steps:
        state = compiled.step(state, grads, hyperparameters, loss)
    return state


def made(expression, *more, **rest):
    return UpdateRule("made", HERE, [*more, eq(new(theta), expression)], **rest)


RULES_OF_STATE = [(name, target) for name in ("adamw", "adopt", "schedule_free") for target in targets()]
RULES_OF_STATE += [
    (name, target) for name in ("clipped_adamw", "momo_adam") for target in ("reference", "torch", "cpu")
]


@pytest.mark.parametrize(("name", "target"), RULES_OF_STATE)
def test_a_step_in_place_equals_a_pure_step_and_a_pure_step_changes_nothing(name, target):
    rule = declared(name)
    compiled = built(rule, target)
    params, steps = inputs(rule)
    pure = compiled.init(params)
    placed, elsewhere = compiled.init(params), compiled.init(params)
    for grads, loss in steps[:4]:
        before, old = bits(pure), pure
        pure = compiled.step(pure, grads, settings(rule), loss)
        assert bits(old)[: len(before)] == before
        assert compiled.step(placed, grads, settings(rule), loss, out=placed) is placed
        compiled.step(old, grads, settings(rule), loss, out=elsewhere)
        assert bits(placed) == bits(pure) == bits(elsewhere)
        assert placed.t == pure.t == elsewhere.t
        mine = [numbers(a) for a in (*pure.theta, *[a for k in pure.states.values() for a in k])]
        theirs = [numbers(a) for a in (*old.theta, *[a for k in old.states.values() for a in k])]
        assert not any(np.shares_memory(a, b) for a in mine for b in theirs if a.ndim and b.ndim)


@pytest.mark.parametrize("target", targets())
def test_states_that_exchange_their_values_do_so_in_place(target):
    swap = made(theta - m * g, eq(new(m), v), eq(new(v), m), state=[State(m, init=1), State(v, init=2)])
    compiled = built(swap, target)
    state = compiled.init([np.zeros(3)])
    compiled.step(state, [np.ones(3)], out=state)
    assert (flat(state.states["m"]).tolist(), flat(state.states["v"]).tolist()) == ([2, 2, 2], [1, 1, 1])
    compiled.step(state, [np.ones(3)], out=state)
    assert flat(state.theta).tolist() == [-3, -3, -3]


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", ["adamw", "nadam"])
def test_groups_are_separate_optimizers(name, target):
    rule = declared(name)
    compiled = built(rule, target)
    params, steps = inputs(rule, shapes=[(5,), (6,), (7,)])
    hyper_of = [settings(rule), {**settings(rule), "eta": 0.3, "beta1": 0.5}]
    together = run(compiled, params, steps, hyper_of, groups=[0, 1, 0])
    for group, members in ((0, [0, 2]), (1, [1])):
        own = [({"g": [grads["g"][i] for i in members]}, loss) for grads, loss in steps]
        alone = run(compiled, [params[i] for i in members], own, hyper_of[group])
        assert flat(alone.theta).tobytes() == flat([together.theta[i] for i in members]).tobytes()


@pytest.mark.parametrize("target", targets())
def test_a_schedule_is_its_value_at_t_which_starts_at_1(target):
    rule = declared("adam")
    compiled = built(rule, target)
    params, steps = inputs(rule, shapes=[(5,)])
    seen = []

    def schedule(step):
        seen.append(step)
        return 0.1 / step

    scheduled, state = run(compiled, params, steps, {"eta": schedule}), compiled.init(params)
    for k, (grads, _) in enumerate(steps, 1):
        state = compiled.step(state, grads, {"eta": 0.1 / k})
    assert bits(scheduled) == bits(state)
    assert seen == list(range(1, STEPS + 1))


@pytest.mark.parametrize(("target", "dtype"), [("reference", "float64"), ("torch", "float32"), ("cpu", "float32")])
def test_a_state_starts_at_the_nearest_number_to_its_init(target, dtype):
    state = built(declared("generic_adam"), target, dtype).init([np.ones(2)])
    assert flat(state.states["v"]).tolist() == [np.dtype(dtype).type("1e-8")] * 2


def test_a_tensor_given_twice_without_a_copy_is_refused():
    with pytest.raises(DriftproofError, match="one tensor twice"):
        compile_rule("sgd").init([ONES, ONES], copy=False)


@pytest.mark.parametrize("target", targets())
def test_an_average_starts_at_its_first_value(target):
    rule = compose("averaged", declared("sgd"), [ema("0.75")])
    compiled = built(rule, target)
    state = compiled.step(compiled.init([np.array([8.0])]), [np.array([4.0])], {"eta": 1.0})
    assert flat(state.theta).tolist() == [4]
    assert flat(state.outputs["averaged"]).tolist() == [0.75 * 8 + 0.25 * 4]


@pytest.mark.parametrize("target", targets())
def test_points_of_the_gradients(target):
    rule = declared("schedule_free")
    compiled, reference = built(rule, target), compile_rule(rule)
    params, steps = inputs(rule)
    state, expected = run(compiled, params, steps[:3], None), run(reference, params, steps[:3], None)
    found = compiled.points(state, settings(rule))["g"]
    assert np.allclose(flat(found), flat(reference.points(expected, settings(rule))["g"]), rtol=1e-13, atol=1e-13)
    assert not np.allclose(flat(found), flat(state.theta))
    assert compile_rule("adam").points(compile_rule("adam").init(params))["g"][1].tolist() == params[1].tolist()


GUARDED = compose("guarded", declared("adam"), [unscale("4"), clip_by_norm("1")])


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
@pytest.mark.parametrize("place", ["new", "itself", "another"])
def test_where_the_guard_is_false_nothing_changes(target, place):
    """A step with an infinite gradient is as if it had not been made, t included."""
    compiled = built(GUARDED, target)
    params, steps = inputs(GUARDED)
    state = run(compiled, params, steps[:2], {"eta": 0.1})
    before = bits(state)
    struck = [a.copy() for a in steps[2][0]["g"]]
    struck[1][0] = np.inf
    out = {"new": None, "itself": state, "another": compiled.init(params)}[place]
    after = compiled.step(state, struck, {"eta": 0.1}, out=out)
    assert (bits(after), after.t, after.applied) == (before, 2, False)
    assert out is None or after is out
    resumed = compiled.step(after, steps[2][0], {"eta": 0.1})
    straight = run(compiled, params, steps[:3], {"eta": 0.1})
    assert (bits(resumed), resumed.t, resumed.applied) == (bits(straight), 3, True)


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
def test_a_loss_that_is_not_finite_stops_the_step(target):
    rule = made(theta - f * g, guard=is_finite(f))
    compiled = built(rule, target)
    state = compiled.init([np.ones(2)])
    stopped = compiled.step(state, [np.ones(2)], loss=float("nan"))
    assert (stopped.applied, stopped.t, flat(stopped.theta).tolist()) == (False, 0, [1, 1])
    moved = compiled.step(state, [np.ones(2)], loss=torch.tensor(0.5, requires_grad=True))
    assert (moved.applied, flat(moved.theta).tolist()) == (True, [0.5, 0.5])


# Two draws, lists of any length, tensors of torch


@pytest.mark.parametrize("target", targets())
def test_two_draws_by_name_or_in_order(target):
    ell = symbol("ell")
    compiled = built(compose("svag_sgd", declared("sgd"), [svag(ell, {eta: eta / ell})]), target)
    one, two = [np.array([1.0, 2.0])], [np.array([3.0, 5.0])]
    given = {"eta": 1.0, "ell": 5.0}
    by_name = compiled.step(compiled.init([np.zeros(2)]), {"g1": one, "g2": two}, given)
    in_order = compiled.step(compiled.init([np.zeros(2)]), [one, two], given)
    assert flat(by_name.theta).tolist() == flat(in_order.theta).tolist()
    assert np.allclose(flat(by_name.theta), [-(2 * 1 - 3) / 5, -(2 * 2 - 5) / 5], rtol=1e-15)


@pytest.mark.parametrize("target", targets())
def test_a_list_without_tensors_takes_a_step(target):
    compiled = built(declared("adam"), target)
    state = compiled.step(compiled.init([]), [])
    assert (state.t, state.theta) == (1, [])


@pytest.mark.parametrize("target", ["torch", "cpu"])
def test_without_a_copy_a_parameter_of_torch_is_updated_where_it_lies(target):
    compiled = built(declared("sgd"), target, "float32")
    param = torch.ones(4, requires_grad=True)
    state = compiled.init([param], copy=False)
    compiled.step(state, [torch.ones(4)], {"eta": 0.25}, out=state)
    assert param.tolist() == [0.75] * 4
    assert param.requires_grad


# Bad input

COMPILED = [("reference", "float64"), ("torch", "float64"), ("cpu", "float64")]
BAD_STEPS = [
    ({"grads": [np.ones(4)]}, "gradient g\\[0\\] has shape \\(4,\\), its parameter \\(3,\\)"),
    ({"grads": [ONES, ONES]}, "2 gradients g for 1 tensors"),
    ({"grads": ONES}, "The gradient is one array"),
    ({"grads": {"h": [ONES]}}, "Gradients \\['h'\\] are given"),
    ({"grads": [ONES + 1j]}, "gradient g\\[0\\]"),
    ({"grads": [np.array(["a", "b", "c"])]}, "gradient g\\[0\\]"),
    ({"grads": None}, "grads is None"),
    ({"grads": 3}, "The gradient is of type int"),
    ({"grads": [None]}, "gradient g\\[0\\]"),
    ({"grads": {"g": None}}, "The gradient g is of type NoneType"),
    ({"state": None}, "state = None is not a state"),
    ({"out": 3}, "out = 3 is not a state"),
    ({"hyperparameters": {"etta": 1}}, "no hyperparameter 'etta'.*Did you mean 'eta'"),
    ({"hyperparameters": {"beta1": 1.0}}, "beta1 = 1.0 lies outside its domain \\[0, 1\\)"),
    ({"hyperparameters": {"beta1": -0.1}}, "beta1 = -0.1 lies outside"),
    ({"hyperparameters": {"eta": float("nan")}}, "eta = nan lies outside"),
    ({"hyperparameters": {"eta": float("inf")}}, "eta = inf lies outside"),
    ({"hyperparameters": {"eta": "0.1"}}, "eta = '0.1' is not a real number"),
    ({"hyperparameters": {"eta": lambda t: None}}, "eta = None is not a real number"),
    ({"hyperparameters": [{}, {}]}, "for 1 groups"),
    ({"hyperparameters": 3}, "hyperparameters = 3 for 1 groups"),
]


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
@pytest.mark.parametrize(("changes", "said"), BAD_STEPS, ids=range(len(BAD_STEPS)))
def test_bad_input_of_a_step_is_refused_and_the_state_is_untouched(changes, said, target, dtype):
    compiled = built(declared("adam"), target, dtype)
    state = compiled.init([ONES])
    with pytest.raises(DriftproofError, match=f"(?s){said}"):
        compiled.step(**{"state": state, "grads": [ONES], "out": state, **changes})
    assert (state.t, flat(state.theta).tolist()) == (0, [1, 1, 1])


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ONES,), "params is one array"),
        (([ONES, ONES], [0]), "groups = \\(0,\\) for 2 tensors"),
        (([ONES], [-1]), "groups = \\(-1,\\)"),
        (([ONES], 3), "groups is of type int"),
        ((None,), "params is of type NoneType"),
        (([ONES + 1j],), "params\\[0\\]"),
        (([None],), "params\\[0\\]"),
    ],
)
def test_bad_parameters_are_refused(arguments, said, target, dtype):
    with pytest.raises(DriftproofError, match=said):
        built(declared("adam"), target, dtype).init(*arguments)


@pytest.mark.parametrize("arguments", [("adam", None), ("adam", 3), (None,), (3, "torch"), ("adam", "torch", 3)])
def test_what_is_no_rule_target_or_type_is_refused(arguments):
    with pytest.raises(DriftproofError):
        compile_rule(*arguments)


def test_parameters_and_gradients_may_come_from_anything_that_goes_through_them_in_order():
    compiled = built(declared("adam"), "reference")
    state = compiled.step(compiled.init(p for p in [ONES, ONES]), (g for g in [ONES, ONES]))
    assert bits(state) == bits(compiled.step(compiled.init([ONES, ONES]), [ONES, ONES]))


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
def test_a_loss_that_is_needed_must_be_given(target, dtype):
    compiled = built(made(theta - f * g), target, dtype)
    with pytest.raises(DriftproofError, match="uses the loss"):
        compiled.step(compiled.init([ONES]), [ONES])
    with pytest.raises(DriftproofError, match="loss"):
        compiled.step(compiled.init([ONES]), [ONES], loss="high")


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
def test_a_state_of_another_rule_is_refused(target, dtype):
    adam, sgd = built(declared("adam"), target, dtype), built(declared("sgd"), target, dtype)
    with pytest.raises(DriftproofError, match="It is the state of another rule"):
        adam.step(sgd.init([ONES]), [ONES])
    with pytest.raises(DriftproofError, match="`out` is not a state"):
        sgd.step(sgd.init([ONES]), [ONES], out=sgd.init([ONES, ONES]))


@pytest.mark.parametrize("array", [np.ones(4), np.ones(3, np.float32), np.ones(6)[::2]])
def test_c_refuses_an_array_put_into_a_state_that_it_could_not_address(array):
    compiled = built(declared("adam"), "cpu")
    state = compiled.init([ONES])
    state.states["m"][0] = array
    with pytest.raises(DriftproofError, match="not a contiguous"):
        compiled.step(state, [ONES])


def test_hyperparameters_given_as_any_number():
    compiled = compile_rule("sgd")
    state = compiled.init([ONES])
    for value in (1, 1.0, np.float32(1), Rational(1), torch.tensor(1.0), np.int64(1)):
        assert flat(compiled.step(state, [ONES], {"eta": value}).theta).tolist() == [0, 0, 0]
    with pytest.raises(OutOfDomain, match="not a real number"):
        compiled.step(state, [ONES], {"eta": True})
