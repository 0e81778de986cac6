"""Every backend gives what the reference gives, entry by entry, and every backend refuses bad input.

Units. One operation rounds once, by at most u = 2^-53 (2^-24 in float32) of its result. A program with K operations
per entry, run for N steps, therefore moves a buffer by about K N u of its largest value, as long as no step divides
by a small difference; the hyperparameters here (eps = 0.1, betas near 0.8) keep away from that. Where float32 inputs
are used they are exact in float64, so that both sides start from the same numbers.
"""

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
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, UnknownName
from driftproof.theory.language import (
    Max,
    Min,
    Output,
    Rational,
    Source,
    State,
    UpdateRule,
    eq,
    eta,
    f,
    g,
    g1,
    g2,
    hyper,
    is_finite,
    log,
    m,
    new,
    reduce,
    sign,
    svag,
    symbol,
    t,
    theta,
    v,
)

HERE = Source("kingma2015adam", "a test")
PROBES = sorted(path.stem for path in (Path(__file__).parent / "probes").glob("*.py"))
SHAPES = [(0,), (1,), (7,), (8,), (9,), (33,), (), (3, 4)]
MATRICES = [(2, 3), (3, 3), (4, 1)]
LOUD = {"eta": 0.05, "eps": 0.1, "beta1": 0.8, "beta2": 0.7, "mu": 0.8, "lambda": 0.1, "tau": 0.2}
STEPS = 20
BACKENDS = [
    ("torch", "float64", ""),
    ("torch", "float32", ""),
    ("cpu", "float64", ""),
    ("cpu", "float32", ""),
    ("cpu", "float32", "float64"),
    ("cuda", "float64", ""),
]


def has_compiler(language):
    try:
        return bool(toolchain.compiler(language))
    except Refused:
        return False


needs_compiler = pytest.mark.skipif(not (has_compiler("c") and has_compiler("c++")), reason="no C and C++ compiler")


def declared(name):
    return catalogue.rule(str(Path(__file__).parent / "probes" / f"{name}.py") if name in PROBES else name)


def built(rule, target, dtype="float64", compute=""):
    """The compiled rule; cuda runs its very text on the host."""
    if target in ("cpu", "cuda") and not has_compiler("c++" if target == "cuda" else "c"):
        pytest.skip("no compiler")
    if target == "cuda":
        program = lower(rule, dtype, compute)
        return cuda.load_on_host(program, cuda.emit(program)).bind(rule)
    return compile_rule(rule, target, dtype, compute)


def numbers(array):
    return np.asarray(array.numpy() if isinstance(array, torch.Tensor) else array)


def flat(kept):
    """All numbers of a buffer, in float64."""
    return np.concatenate([numbers(a).astype(np.float64).ravel() for a in kept] or [np.zeros(0)])


def buffers(state):
    outputs = {f"output {name}": kept for name, kept in state.outputs.items()}
    return {name: flat(kept) for name, kept in {"theta": state.theta, **state.states, **outputs}.items()}


def bits(state):
    kept = [state.theta, *state.states.values(), *state.outputs.values()]
    return [numbers(a).tobytes() for values in kept for a in values]


def settings(rule):
    return {h.name: LOUD[h.name] for h in rule.hyperparameters if h.name in LOUD}


def strided(array):
    """The same numbers with gaps between them in memory."""
    return np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array


def inputs(rule, shapes=None, dtype="float32", seed=0):
    """Parameters, and for each step gradients of every draw and a loss; every number is exact in dtype."""
    matrices = lower(rule).has(("matmul", "transpose"))
    shapes = shapes or (MATRICES if matrices else SHAPES)
    random = np.random.default_rng(seed)
    draws = [d.symbol.name for d in rule.gradients]

    def arrays():
        return [random.normal(size=shape).astype(dtype) for shape in shapes]

    params = arrays()
    return params, [({d: arrays() for d in draws}, float(random.uniform(1, 2))) for _ in range(STEPS)]


def run(compiled, params, steps, hyperparameters, groups=None, in_place=False):
    state = compiled.init(params, groups)
    for grads, loss in steps:
        state = compiled.step(state, grads, hyperparameters, loss, out=state if in_place else None)
    return state


def distance(found, expected, scales):
    """The largest difference of any buffer, in units of its largest value on the way."""
    pairs = zip(buffers(found).items(), buffers(expected).values(), strict=True)
    gaps = []
    for (name, one), other in pairs:
        assert np.array_equal(np.isfinite(one), np.isfinite(other)), name
        fits = np.isfinite(one)
        gaps += [np.max(np.abs(one - other)[fits], initial=0) / scales[name]]
    return max(gaps)


def reference_run(rule, params, steps, hyperparameters, groups):
    """The last state, and the largest value of each buffer on the way."""
    compiled = compile_rule(rule, "reference")
    state, scales = compiled.init([p.astype(np.float64) for p in params], groups), {}
    for grads, loss in steps:
        wide = {d: [a.astype(np.float64) for a in arrays] for d, arrays in grads.items()}
        state = compiled.step(state, wide, hyperparameters, loss)
        for name, values in buffers(state).items():
            largest = np.max(np.abs(values[np.isfinite(values)]), initial=0)
            scales[name] = max(scales.get(name, 1e-300), largest)
    return state, scales


# Agreement with the reference


@pytest.mark.parametrize(("target", "dtype", "compute"), BACKENDS)
@pytest.mark.parametrize("name", [*catalogue.names(), *PROBES])
def test_agrees_with_the_reference(name, target, dtype, compute):
    rule = declared(name)
    try:
        compiled = built(rule, target, dtype, compute)
    except Refused as refusal:
        assert compile_rule(rule, "reference")
        pytest.skip(f"refused: {refusal.what}")
    params, steps = inputs(rule)
    groups = [k % 2 for k in range(len(params))]
    expected, scales = reference_run(rule, params, steps, settings(rule), groups)
    given = [({d: [strided(a).astype(dtype) for a in x] for d, x in grads.items()}, loss) for grads, loss in steps]
    found = run(compiled, [strided(p) for p in params], given, settings(rule), groups)
    unit = 2.0**-24 if dtype == "float32" else 2.0**-53
    operations = sum(compiled.program.operations().values())
    assert found.t == expected.t == STEPS
    assert [tuple(a.shape) for a in found.theta] == [p.shape for p in params]
    assert distance(found, expected, scales) < operations * STEPS * unit


@needs_compiler
def test_float64_in_registers_loses_only_the_storing():
    """The step itself is exact to 2^-53; what is left is one rounding per stored value and step."""
    rule = declared("adam")
    params, steps = inputs(rule, shapes=[(1000,)])
    expected, scales = reference_run(rule, params, steps[:1], {"eta": 0.05}, None)
    found = run(built(rule, "cpu", "float32", "float64"), params, steps[:1], {"eta": 0.05})
    assert distance(found, expected, scales) <= 2.0**-24


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["adamw@amsgrad=corrected,eps=inside,decay=proximal", "rmsprop@centered=yes", "adopt"])
def test_cuda_text_on_the_host_equals_c_to_the_bit(name, dtype):
    """Magnitudes from 1e-40 to 1e30, denormals of float32 included."""
    rule = declared(name)
    random = np.random.default_rng(1)

    def draw():
        size = 10 ** random.uniform(-40, 30, 100_000) * random.choice([-1, 1], 100_000)
        return [size.astype(dtype), size[:33].astype(dtype)]

    pair = [built(rule, "cpu", dtype), built(rule, "cuda", dtype)]
    states = [compiled.init(params) for params in [draw()] for compiled in pair]
    for _ in range(3):
        grads = draw()
        states = [c.step(s, grads, settings(rule)) for c, s in zip(pair, states, strict=True)]
    assert bits(states[0]) == bits(states[1])


def test_host_scalars_of_c_equal_those_of_numpy_to_the_bit():
    rule = declared("adamw@eps=hat")
    c, python = built(rule, "cpu"), compile_rule(rule, "reference")
    (stage,) = [s for s in c.program.stages if s.host]
    values = {"eta": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "lambda": 0.01}
    for step in range(1, 300):
        reads = [[np.float64(values.get(c.program.ops[n].name, step))] for n in stage.reads]
        assert c.engine.run_scalars(stage, reads, 1) == python.engine.run_scalars(stage, reads, 1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_computes_in_float32_and_rounds_once(dtype):
    compiled = compile_rule("sgd", "torch", dtype, "float32")
    kind = getattr(torch, dtype)
    param, grad = torch.randn(64).to(kind), torch.randn(64).to(kind)
    state = compiled.step(compiled.init([param]), [grad], {"eta": 0.1})
    assert torch.equal(state.theta[0], (param.float() - 0.1 * grad.float()).to(kind))


# Floating point at its edges


def live_denormals():
    """Whether this thread computes with denormals, and takes them as inputs."""
    small, tiny = np.float64(5e-324), np.array([1e-45], dtype=np.float32)
    return bool(small * 1.0 > 0 and np.float64(2.3e-308) / 4 > 0 and (tiny * np.float32(1) > 0).all())


@pytest.mark.parametrize("target", targets())
def test_denormals_stay_alive(target):
    assert live_denormals()
    if target == "cuda":
        compiled = built(declared("adam"), "cuda", "float32")
    else:
        compiled = built(declared("adam"), target, "float64" if target == "reference" else "float32")
    state = compiled.step(compiled.init([np.ones(9, np.float32)]), [np.full(9, 1e-42, np.float32)], LOUD_ADAM)
    assert (flat(state.states["m"]) > 0).all()
    assert live_denormals()


LOUD_ADAM = {name: LOUD[name] for name in ("eta", "beta1", "beta2", "eps")}


@needs_compiler
def test_the_denormal_check_sees_a_thread_that_flushes():
    text = "#include <xmmintrin.h>\nunsigned get(void) { return _mm_getcsr(); }\n"
    text += "void set(unsigned csr) { _mm_setcsr(csr); }\n"
    try:
        library = toolchain.load(toolchain.build(text))
    except Refused:
        pytest.skip("not an x86 processor")
    before = library.get()
    library.set(before | 0x8040)
    flushed = live_denormals()
    library.set(before)
    assert not flushed
    assert live_denormals()


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e-310])
def test_a_strange_gradient_stays_in_its_entry(name, target, bad):
    """Entry 4 gets it at every step; all others are as without it, to the bit."""
    rule = declared(name)
    compiled = built(rule, target)
    plain = np.linspace(-1, 1, 19)
    struck = plain.copy()
    struck[4] = bad
    states = []
    for grad in (plain, struck):
        state = compiled.init([np.arange(19.0)])
        for _ in range(3):
            state = compiled.step(state, [grad], settings(rule))
        states.append(numbers(state.theta[0]))
    others = np.arange(19) != 4
    assert states[0][others].tobytes() == states[1][others].tobytes()
    assert np.isnan(states[1][4]) == np.isnan(bad) or np.isinf(bad)
    assert np.isfinite(states[0]).all()


def made(expression, *more, **rest):
    return UpdateRule("made", HERE, [*more, eq(new(theta), expression)], **rest)


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("expression", [Max(theta, g), Min(theta, g), theta * sign(g), theta + g * Max(1, log(t) - t)])
def test_nan_is_handed_on_whichever_argument_it_is(expression, target):
    compiled = built(made(expression), target)
    values = [np.nan, 2.0]
    pairs = [(a, b) for a in values for b in values]
    state = compiled.init([np.array([a for a, _ in pairs])])
    found = numbers(compiled.step(state, [np.array([b for _, b in pairs])]).theta[0])
    assert np.isnan(found).tolist() == [True, True, True, False]


@pytest.mark.parametrize("target", targets())
def test_nan_of_the_host_is_handed_on(target):
    """eta/(t - 1) - eta/(t - 1) is inf - inf at the first step."""
    scalar = eta / (t - 1)
    rule = made(theta - Max(1, scalar - log(t) * scalar) * g, hyperparameters=[hyper(eta, "1")])
    compiled = built(rule, target)
    state = compiled.step(compiled.init([np.ones(3)]), [np.ones(3)])
    assert np.isnan(numbers(state.theta[0])).all()


@pytest.mark.parametrize("target", targets())
def test_division_by_zero_in_a_branch_that_is_not_taken_harms_nothing(target):
    """The old second moment is corrected by 1 - beta2^0 = 0 at the first step, which does not move."""
    rule = declared("adam@second_moment=old")
    compiled = built(rule, target)
    state = compiled.step(compiled.init([np.ones(3)]), [np.ones(3)], LOUD_ADAM)
    assert numbers(state.theta[0]).tolist() == [1, 1, 1]
    assert np.isfinite(numbers(compiled.step(state, [np.ones(3)], LOUD_ADAM).theta[0])).all()


# Steps, groups, schedules


RULES_OF_STATE = ["adamw", "adopt", "clipped_adamw", "momo_adam", "schedule_free"]


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", RULES_OF_STATE)
def test_a_step_in_place_equals_a_pure_step_and_a_pure_step_changes_nothing(name, target):
    rule = declared(name)
    try:
        compiled = built(rule, target)
    except Refused:
        pytest.skip("refused, as tested elsewhere")
    params, steps = inputs(rule, dtype="float64")
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
    params, steps = inputs(rule, shapes=[(5,), (6,), (7,)], dtype="float64")
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
    params, steps = inputs(rule, shapes=[(5,)], dtype="float64")
    seen = []

    def schedule(step):
        seen.append(step)
        return 0.1 / step

    scheduled, state = run(compiled, params, steps, {"eta": schedule}), compiled.init(params)
    for k, (grads, _) in enumerate(steps, 1):
        state = compiled.step(state, grads, {"eta": 0.1 / k})
    assert bits(scheduled) == bits(state)
    assert seen == list(range(1, STEPS + 1))


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
    params, steps = inputs(rule, dtype="float64")
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
    params, steps = inputs(GUARDED, dtype="float64")
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


# Reductions

KINDS = ("sum", "mean", "max")
OVER = ("tensor", "group", "all")
REDUCED = made(
    theta - sum((reduce(k, g**2 * theta, over=o) for k in KINDS for o in OVER), 0) * g * Rational(1, 100),
    outputs=[Output(f"{k}_{o}", reduce(k, g**2 * theta, over=o)) for k in KINDS for o in OVER],
)


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
def test_reductions_equal_numpys(target):
    """Sums of n terms may be added in any order: they agree to n u times the sum of the magnitudes."""
    compiled = built(REDUCED, target)
    random = np.random.default_rng(3)
    shapes, groups = [(10_000,), (3, 5), (), (4097,)], [0, 1, 1, 0]
    params = [random.normal(size=shape) for shape in shapes]
    grads = [random.normal(size=shape) for shape in shapes]
    outputs = compiled.step(compiled.init(params, groups), grads).outputs
    terms = [np.ravel(b**2 * a) for a, b in zip(params, grads, strict=True)]
    of = {"tensor": [[i] for i in range(4)], "group": [[0, 3], [1, 2]], "all": [[0, 1, 2, 3]]}
    for kind in KINDS:
        for over in OVER:
            for found, members in zip(numbers(outputs[f"{kind}_{over}"]), of[over], strict=True):
                joined = np.concatenate([terms[i] for i in members])
                bound = 0 if kind == "max" else joined.size * 2.0**-53 * np.abs(joined).sum()
                assert abs(found - getattr(np, kind)(joined)) <= bound + 4 * 2.0**-53 * abs(found)


@pytest.mark.parametrize("target", ["reference", "torch", "cpu"])
def test_reductions_over_no_entries(target):
    compiled = built(REDUCED, target)
    outputs = compiled.step(compiled.init([np.zeros((0, 3))]), [np.zeros((0, 3))]).outputs
    for over in OVER:
        found = [float(outputs[f"{kind}_{over}"][0]) for kind in KINDS]
        assert found[0] == 0
        assert np.isnan(found[1])
        assert found[2] == -np.inf


@needs_compiler
def test_results_of_c_do_not_depend_on_the_number_of_threads():
    rule = declared("clipped_adamw")
    params, steps = inputs(rule, shapes=[(250_000,), (3,), (100_001,)], dtype="float64")
    found = []
    for threads in (1, 2, 3):
        compiled = compile_rule(rule, "cpu", "float64")
        compiled.engine.threads = threads
        found.append(bits(run(compiled, params, steps[:2], settings(rule))))
    assert found[0] == found[1] == found[2]


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
    assert {g1.name, g2.name} == {"g1", "g2"}


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
ONES = np.ones(3)
BAD_STEPS = [
    ({"grads": [np.ones(4)]}, "gradient g\\[0\\] has shape \\(4,\\), its parameter \\(3,\\)"),
    ({"grads": [ONES, ONES]}, "2 gradients g for 1 tensors"),
    ({"grads": ONES}, "The gradient is one array"),
    ({"grads": {"h": [ONES]}}, "Gradients \\['h'\\] are given"),
    ({"grads": [ONES + 1j]}, "gradient g\\[0\\]"),
    ({"grads": [np.array(["a", "b", "c"])]}, "gradient g\\[0\\]"),
    ({"grads": [ONES.astype(np.longdouble)]}, "gradient g\\[0\\]"),
    ({"hyperparameters": {"etta": 1}}, "no hyperparameter 'etta'.*Did you mean 'eta'"),
    ({"hyperparameters": {"beta1": 1.0}}, "beta1 = 1.0 lies outside its domain \\[0, 1\\)"),
    ({"hyperparameters": {"beta1": -0.1}}, "beta1 = -0.1 lies outside"),
    ({"hyperparameters": {"eta": float("nan")}}, "eta = nan lies outside"),
    ({"hyperparameters": {"eta": float("inf")}}, "eta = inf lies outside"),
    ({"hyperparameters": {"eta": "0.1"}}, "eta = '0.1' is not a real number"),
    ({"hyperparameters": {"eta": lambda t: None}}, "eta = None is not a real number"),
    ({"hyperparameters": [{}, {}]}, "for 1 groups"),
    ({"hyperparameters": 3}, "is not a mapping"),
]


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
@pytest.mark.parametrize(("changes", "said"), BAD_STEPS, ids=range(len(BAD_STEPS)))
def test_bad_input_of_a_step_is_refused_and_the_state_is_untouched(changes, said, target, dtype):
    if "longdouble" in str(changes) or getattr(changes.get("grads", [None])[0], "dtype", None) == np.longdouble:
        assert np.dtype(np.longdouble).itemsize > 8 or pytest.skip("long double is double here")
    compiled = built(declared("adam"), target, dtype)
    state = compiled.init([ONES])
    with pytest.raises(DriftproofError, match=f"(?s){said}"):
        compiled.step(state, **{"grads": [ONES], "out": state, **changes})
    assert (state.t, flat(state.theta).tolist()) == (0, [1, 1, 1])


@pytest.mark.parametrize(("target", "dtype"), COMPILED)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ONES,), "params is one array"),
        (([ONES, ONES], [0]), "groups = \\(0,\\) for 2 tensors"),
        (([ONES], [-1]), "groups = \\(-1,\\)"),
        (([ONES + 1j],), "params\\[0\\]"),
        (([None],), "params\\[0\\]"),
    ],
)
def test_bad_parameters_are_refused(arguments, said, target, dtype):
    with pytest.raises(DriftproofError, match=said):
        built(declared("adam"), target, dtype).init(*arguments)


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


@needs_compiler
@pytest.mark.parametrize("array", [np.ones(4), np.ones(3, np.float32), np.ones(6)[::2]])
def test_c_refuses_an_array_put_into_a_state_that_it_could_not_address(array):
    compiled = compile_rule("adam", "cpu", "float64")
    state = compiled.init([ONES])
    state.states["m"][0] = array
    with pytest.raises(DriftproofError, match="not a contiguous"):
        compiled.step(state, [ONES])


@pytest.mark.parametrize(
    ("target", "dtype"), [("reference", "float32"), ("cpu", "bfloat16"), ("cuda", "float16"), ("torch", "float8")]
)
def test_types_that_a_target_does_not_carry_are_refused(target, dtype):
    with pytest.raises(DriftproofError, match=dtype):
        compile_rule("sgd", target, dtype)


@pytest.mark.parametrize(
    ("name", "target", "what"),
    [
        ("muon", "cpu", "matmul and transpose"),
        ("muon", "cuda", "matmul and transpose"),
        ("lamb", "cuda", "reductions"),
        ("momo_adam", "cuda", "reductions and the loss and a guard"),
    ],
)
def test_rules_that_a_target_does_not_carry_are_refused_by_name(name, target, what):
    with pytest.raises(Refused, match=f"^{target} does not carry {what}, which {name} uses"):
        compile_rule(declared(name), target)


def test_a_matrix_rule_takes_matrices_only():
    for target in ("reference", "torch"):
        with pytest.raises(DriftproofError, match="multiplies matrices"):
            built(declared("muon"), target).init([ONES])


def test_unknown_targets_are_named():
    with pytest.raises(UnknownName, match="Did you mean 'cuda'"):
        compile_rule("sgd", "cuba")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_says_so():
    with pytest.raises(Refused, match="(?s)runs on a CUDA device.*sees no CUDA device"):
        compile_rule("sgd", "cuda")


def test_hyperparameters_given_as_any_number():
    compiled = compile_rule("sgd")
    state = compiled.init([ONES])
    for value in (1, 1.0, np.float32(1), Rational(1), torch.tensor(1.0), np.int64(1)):
        assert flat(compiled.step(state, [ONES], {"eta": value}).theta).tolist() == [0, 0, 0]
    with pytest.raises(OutOfDomain, match="not a real number"):
        compiled.step(state, [ONES], {"eta": True})


# The C compiler and its cache


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "driftproof"


def test_without_a_c_compiler_cpu_says_so_and_the_others_serve(own_cache, monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(own_cache))
    with pytest.raises(Refused, match="(?s)There is no C compiler: looked for cc, gcc, clang.*reference and torch"):
        compile_rule("adam", "cpu")
    for target in ("reference", "torch"):
        assert compile_rule("adam", target).backend == target


def test_a_compiler_that_is_named_and_missing_is_not_replaced(own_cache, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(Refused, match="looked for no-such-compiler"):
        compile_rule("adam", "cpu")


def test_a_compiler_that_fails_leaves_nothing_behind(own_cache, tmp_path, monkeypatch):
    broken = tmp_path / "broken-cc"
    broken.write_text("#!/bin/sh\necho 'no luck' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(Refused, match="(?s)failed on generated code.*no luck"):
        compile_rule("adam", "cpu")
    assert [path.name for path in own_cache.iterdir() if path.suffix == ".so" or path.is_dir()] == []


@needs_compiler
def test_the_second_time_nothing_is_compiled(own_cache, monkeypatch):
    compile_rule("adam", "cpu")
    built_once = sorted(path.name for path in own_cache.iterdir())
    monkeypatch.setattr(toolchain.subprocess, "run", None)
    assert compile_rule("adam", "cpu").backend == "cpu"
    assert sorted(path.name for path in own_cache.iterdir()) == built_once
    assert sum(name.endswith(".so") for name in built_once) == 1


@needs_compiler
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compile_rule("sgd", "cpu").backend == "cpu"


def test_no_flag_gives_up_ieee_arithmetic():
    assert not {"-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-fassociative-math"} & set(toolchain.FLAGS)
    assert "-ffp-contract=off" in toolchain.FLAGS
