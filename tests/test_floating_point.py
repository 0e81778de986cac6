"""Floating point at its edges, the same in every backend: denormals, NaN, infinities, divisions by zero."""

import numpy as np
import pytest
import torch

from driftproof.impl import compile_rule, toolchain
from driftproof.impl.backends import cuda
from driftproof.impl.backends import names as targets
from driftproof.impl.lower import lower
from driftproof.theory import catalogue
from driftproof.theory.errors import Refused
from driftproof.theory.language import Max, Min, Source, UpdateRule, eq, eta, g, hyper, log, new, sign, t, theta
from driftproof.theory.nodes import MatMul, Reduce

HERE = Source("kingma2015adam", "a test")
LOUD = {"eta": 0.05, "eps": 0.1, "beta1": 0.8, "beta2": 0.7, "mu": 0.8, "lambda": 0.1, "tau": 0.2}

declared = catalogue.rule


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
    return np.concatenate([numbers(a).ravel() for a in kept])


def settings(rule):
    return {h.name: LOUD[h.name] for h in rule.hyperparameters if h.name in LOUD}


def made(expression, *more, **rest):
    return UpdateRule("made", HERE, [*more, eq(new(theta), expression)], **rest)


def live_denormals():
    """Whether this thread computes with denormals, and takes them as inputs."""
    small, tiny = np.float64(5e-324), np.array([1e-45], dtype=np.float32)
    return bool(small * 1.0 > 0 and np.float64(2.3e-308) / 4 > 0 and (tiny * np.float32(1) > 0).all())


@pytest.mark.parametrize("target", targets())
def test_denormals_stay_alive(target):
    assert live_denormals()
    compiled = built(declared("adam"), target, "float64" if target == "reference" else "float32")
    state = compiled.step(
        compiled.init([np.ones(9, np.float32)]), [np.full(9, 1e-42, np.float32)], settings(declared("adam"))
    )
    assert (flat(state.states["m"]) > 0).all()
    assert live_denormals()


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


def joins_entries(name):
    """Reductions and products of matrices: there an entry is not alone, and the contract says so."""
    return any(e.expression.has(Reduce, MatMul) for e in declared(name).equations)


ENTRYWISE = [name for name in catalogue.names() if not joins_entries(name)]


def test_few_rules_join_entries():
    assert set(catalogue.names()) - set(ENTRYWISE) == {"adafactor", "lamb", "muon", "momo", "momo_adam"}


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", ENTRYWISE)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e-310])
def test_a_strange_gradient_stays_in_its_entry(name, target, bad):
    """Entry 4 gets it at every step; all others, of parameter and states, are as without it, to the bit."""
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
        kept = {name: column[0] for name, column in state.states.items() if isinstance(column, list)}
        states.append({name: numbers(array) for name, array in {"theta": state.theta[0], **kept}.items()})
    others = np.arange(19) != 4
    for name, array in states[0].items():
        assert array[others].tobytes() == states[1][name][others].tobytes(), name
        assert np.isfinite(array).all(), name
    assert np.isnan(states[1]["theta"][4]) == np.isnan(bad) or np.isinf(bad)


@pytest.mark.parametrize("target", targets())
def test_a_parameter_that_is_not_a_number_is_accepted_and_stays_alone(target):
    compiled = built(declared("adam"), target)
    state = compiled.step(compiled.init([np.array([np.nan, 1.0])]), [np.ones(2)])
    assert np.isnan(numbers(state.theta[0])).tolist() == [True, False]


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
    state = compiled.step(compiled.init([np.ones(3)]), [np.ones(3)], settings(declared("adam")))
    assert numbers(state.theta[0]).tolist() == [1, 1, 1]
    assert np.isfinite(numbers(compiled.step(state, [np.ones(3)], settings(declared("adam"))).theta[0])).all()
