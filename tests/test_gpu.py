"""On a CUDA device: the cuda backend, launched on torch tensors, against the reference in float64."""

import numpy as np
import pytest
import torch

from driftproof.impl import compile_rule, emit_rule, nvidia
from driftproof.impl.backends import cuda
from driftproof.impl.lower import lower
from driftproof.theory import catalogue
from driftproof.theory.errors import Refused

SHAPES = [(0,), (1,), (33,), (), (3, 4), (40_000,)]
STEPS = 20
LOUD = {"eta": 0.05, "eps": 0.1, "beta1": 0.8, "beta2": 0.7, "mu": 0.8, "lambda": 0.1}
RULES = [*catalogue.names(), "adamw@amsgrad=corrected,eps=inside", "rmsprop@centered=yes,momentum=outside"]


def settings(rule):
    return {h.name: LOUD[h.name] for h in rule.hyperparameters if h.name in LOUD}


def run(compiled, params, grads, hyperparameters, in_place=False):
    state = compiled.init(params, [k % 2 for k in range(len(params))])
    for grad in grads:
        state = compiled.step(state, grad, hyperparameters, out=state if in_place else None)
    return state


def flat(kept):
    return np.concatenate([a.cpu().numpy().ravel() if isinstance(a, torch.Tensor) else np.ravel(a) for a in kept])


# Without a device: the text becomes machine code


@pytest.mark.parametrize("name", ["adam", "adamw@amsgrad=corrected", "adopt@clip=growing", "lion"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_text_compiles_for_sm_90_without_spills(name, dtype):
    try:
        code, said = nvidia.by_nvcc(emit_rule(name, "cuda", dtype), "sm_90")
    except Refused as refusal:
        if "neither NVRTC nor nvcc" not in refusal.what:
            raise
        pytest.skip("nvcc is not here")
    assert code.startswith(b"\x7fELF")
    assert "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads" in said


def test_nvrtc_compiles_the_text_for_sm_90():
    library = nvidia.nvrtc()
    if library is None:
        pytest.skip("NVRTC is not here")
    assert nvidia.cubin(emit_rule("adam", "cuda"), "sm_90").startswith(b"\x7fELF")


# With a device


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
class TestOnDevice:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("name", RULES)
    def test_agrees_with_the_reference(self, name, dtype):
        """K operations per entry and N steps round by at most K N u of the largest value (see test_backends)."""
        rule = catalogue.rule(name)
        random = np.random.default_rng(0)
        params = [random.normal(size=shape).astype(dtype) for shape in SHAPES]
        grads = [[random.normal(size=shape).astype(dtype) for shape in SHAPES] for _ in range(STEPS)]
        compiled = compile_rule(rule, "cuda", dtype)
        on_device = [[torch.tensor(g, device="cuda") for g in grad] for grad in grads]
        found = run(compiled, params, on_device, settings(rule))
        expected = run(compile_rule(rule), params, [[g.astype(float) for g in grad] for grad in grads], settings(rule))
        unit = sum(compiled.program.operations().values()) * STEPS * (2.0**-24 if dtype == "float32" else 2.0**-53)
        scale = np.abs(flat(params)).max() + STEPS * LOUD["eta"]
        assert np.abs(flat(found.theta) - flat(expected.theta)).max() <= unit * scale

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_equals_its_text_on_the_host_to_the_bit(self, dtype):
        """The device's division, root and fma are IEEE, denormals included."""
        rule = catalogue.rule("adamw@amsgrad=corrected,eps=inside")
        program = lower(rule, dtype)
        random = np.random.default_rng(1)
        size = 10 ** random.uniform(-40, 30, (4, 100_000)) * random.choice([-1, 1], (4, 100_000))
        params, *grads = [[row] for row in size.astype(dtype)]
        host = run(cuda.load_on_host(program, cuda.emit(program)).bind(rule), params, grads, settings(rule))
        on_device = [[torch.tensor(g, device="cuda") for g in grad] for grad in grads]
        device = run(compile_rule(rule, "cuda", dtype), params, on_device, settings(rule))
        assert flat(device.theta).tobytes() == flat(host.theta).tobytes()
        assert flat(device.states["v"]).tobytes() == flat(host.states["v"]).tobytes()

    def test_a_step_in_place_on_another_stream(self):
        compiled = compile_rule("adam", "cuda")
        params = [torch.ones(1000, device="cuda")]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            state = compiled.init(params, copy=False)
            compiled.step(state, [torch.ones(1000, device="cuda")], {"eta": 0.5}, out=state)
        stream.synchronize()
        assert torch.allclose(params[0], torch.full_like(params[0], 0.5))

    def test_the_torch_backend_runs_on_the_device(self):
        compiled = compile_rule("adam", "torch")
        state = compiled.init([torch.ones(8, device="cuda")])
        moved = compiled.step(state, [torch.ones(8, device="cuda")], {"eta": 0.5})
        assert torch.allclose(moved.theta[0], torch.full_like(moved.theta[0], 0.5))

    def test_tensors_elsewhere_are_refused(self):
        with pytest.raises(ValueError, match="lies on cpu"):
            compiled = compile_rule("sgd", "cuda")
            compiled.step(compiled.init([torch.ones(3)]), [torch.ones(3)])
