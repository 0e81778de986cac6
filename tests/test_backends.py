"""Every backend gives what the reference gives, entry by entry, and refuses by name what it does not carry.

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
from driftproof.impl.lower import lower
from driftproof.theory import catalogue
from driftproof.theory.errors import DriftproofError, Refused, UnknownName
from driftproof.theory.language import (
    Output,
    Rational,
    Source,
    UpdateRule,
    eq,
    g,
    new,
    reduce,
    theta,
)

HERE = Source("kingma2015adam", "a test")
PROBES = sorted(path.stem for path in (Path(__file__).parent / "probes").glob("*.py"))
SHAPES = [(0,), (1,), (7,), (8,), (9,), (33,), (), (3, 4)]
MATRICES = [(2, 3), (3, 3), (4, 1)]
LOUD = {"eta": 0.05, "eps": 0.1, "beta1": 0.8, "beta2": 0.7, "mu": 0.8, "lambda": 0.1, "tau": 0.2}
STEPS = 20
ON_ALL_RULES = [("torch", "float64", ""), ("torch", "float32", ""), ("cpu", "float64", ""), ("cpu", "float32", "")]
ON_SOME_RULES = [("cpu", "float32", "float64"), ("cuda", "float64", ""), ("cuda", "float32", "float64")]
SOME_RULES = ["adam", "adopt", "schedule_free"]


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


NOT_CARRIED = {
    "cpu": {"muon": "matmul and transpose", "adafactor": "sums along rows and columns"},
    "cuda": {
        "muon": "matmul and transpose",
        "adafactor": "sums along rows and columns",
        "lamb": "reductions",
        "clipped_adamw": "reductions",
        "momo_adam": "reductions and the loss and a guard",
    },
}


def carried():
    """Each build of C costs a third of a second, so that what differs by a typedef alone is run on some rules."""
    names = [*catalogue.names(), *PROBES]
    pairs = [(name, backend) for name in names for backend in ON_ALL_RULES]
    pairs += [(name, backend) for name in SOME_RULES for backend in ON_SOME_RULES]
    return [(name, *backend) for name, backend in pairs if name not in NOT_CARRIED.get(backend[0], {})]


@pytest.mark.parametrize(("name", "target", "dtype", "compute"), carried())
def test_agrees_with_the_reference(name, target, dtype, compute):
    rule = declared(name)
    compiled = built(rule, target, dtype, compute)
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


# Reductions


def made(expression, *more, **rest):
    return UpdateRule("made", HERE, [*more, eq(new(theta), expression)], **rest)


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


# What a target does not carry


@pytest.mark.parametrize(
    ("target", "dtype"), [("reference", "float32"), ("cpu", "bfloat16"), ("cuda", "float16"), ("torch", "float8")]
)
def test_types_that_a_target_does_not_carry_are_refused(target, dtype):
    with pytest.raises(DriftproofError, match=dtype):
        compile_rule("sgd", target, dtype)


@pytest.mark.parametrize(
    ("name", "target", "what"), [(name, target, w) for target in NOT_CARRIED for name, w in NOT_CARRIED[target].items()]
)
def test_rules_that_a_target_does_not_carry_are_refused_by_name(name, target, what):
    with pytest.raises(Refused, match=f"^{target} does not carry {what}, which {name} uses"):
        compile_rule(declared(name), target)


def test_a_matrix_rule_takes_matrices_only():
    for target in ("reference", "torch"):
        with pytest.raises(DriftproofError, match="multiplies matrices"):
            built(declared("muon"), target).init([np.ones(3)])


def test_unknown_targets_are_named():
    with pytest.raises(UnknownName, match="Did you mean 'cuda'"):
        compile_rule("sgd", "cuba")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_says_so():
    with pytest.raises(Refused, match=r"(?s)runs on a CUDA device.*sees no CUDA device"):
        compile_rule("sgd", "cuda")
