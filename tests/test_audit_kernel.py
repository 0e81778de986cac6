"""The sweep over kernels: ours pass, wrong ones are found at the smallest size at which they are wrong."""

import contextlib
import inspect
import io
import sys
import types

import numpy as np
import pytest

from driftproof.checks.audit.kernel import CHECKS, DTYPES, PAGES, audit_kernel, kernel_of
from driftproof.checks.audit.kernel_bounds import UNITS, expected
from driftproof.checks.audit.variant import Variant
from driftproof.checks.runtime.mutants import mutants
from driftproof.impl.toolchain import compiler
from driftproof.theory.errors import DriftproofError

torch = pytest.importorskip("torch")
ADAMW = Variant("adamw")
SIZES = (1, 2, 7, 8, 9, 17)


def good(theta, grad, state, step, *, lr, beta1, beta2, eps, weight_decay):
    m, v = state["m"], state["v"]
    theta.mul_(1 - lr * weight_decay)
    m.mul_(beta1).add_(grad, alpha=1 - beta1)
    v.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    below = (v.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
    theta.addcdiv_(m, below, value=-lr / (1 - beta1**step))


def like_good(function):
    function.__signature__ = inspect.signature(good)
    return function


@like_good
def eights(theta, grad, state, step, **given):
    """The last entries that fill no register are left out."""
    n = theta.numel() // 8 * 8 if theta.numel() > 8 else theta.numel()
    good(theta[:n], grad[:n], {k: v[:n] for k, v in state.items()}, step, **given)


@like_good
def strides(theta, grad, state, step, **given):
    """Memory is walked through as if it was contiguous."""
    dense = [torch.as_strided(a, (theta.numel(),), (1,)) for a in (theta, grad, *state.values())]
    good(*dense[:2], dict(zip(state, dense[2:], strict=True)), step, **given)


@like_good
def rough(theta, grad, state, step, **given):
    """Powers of beta in the type of the entries."""
    m, v = state["m"], state["v"]
    good(theta.clone(), grad, state, step, **given)
    first, second = (1 - torch.tensor(given[k], dtype=theta.dtype) ** step for k in ("beta1", "beta2"))
    theta.mul_(1 - given["lr"] * given["weight_decay"])
    theta.sub_(given["lr"] * (m / first) / ((v / second).sqrt() + given["eps"]))


@like_good
def scaling(theta, grad, state, step, **given):
    good(theta, grad, state, step, **given)
    grad.mul_(0.5)


@like_good
def sums(theta, grad, state, step, **given):
    """m is kept as a sum, not as an average."""
    state["m"].mul_(1 - given["beta1"])
    good(theta, grad, state, step, **given)
    state["m"].div_(1 - given["beta1"])


@like_good
def refusing(theta, grad, state, step, **given):
    if theta.dtype == torch.float16 or not theta.is_contiguous():
        raise TypeError("not supported")
    good(theta, grad, state, step, **given)


@pytest.fixture(autouse=True)
def kernels(monkeypatch):
    """A module from which scripts import."""
    module = types.ModuleType("kernels_of_a_test")
    for kernel in (eights, strides, rough, scaling, sums):
        setattr(module, kernel.__name__, kernel)
    monkeypatch.setitem(sys.modules, module.__name__, module)


def audit(function, **given):
    return audit_kernel(function, ADAMW, f"kernels_of_a_test:{function.__name__}", sizes=SIZES, **given)


def printed(script):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(script, {})
    return out.getvalue().splitlines()


def test_a_right_kernel_raises_nothing_and_fills_the_table():
    found = audit(good)
    assert found.findings == ()
    assert set(found.table) == {(str(n), dtype) for n in SIZES for dtype in DTYPES}
    assert max(found.table.values()) < 1
    assert found.rows()[0] == ("1", ["ok"] * len(DTYPES))


@pytest.mark.parametrize(
    ("kernel", "code", "severity", "where"),
    [
        (eights, "DP950", "error", "size 9, float64, contiguous"),
        (strides, "DP951", "error", "size 2, float64, strided"),
        (strides, "DP953", "error", "size 2, float64, strided"),
        (rough, "DP952", "warning", "size 1, "),
        (scaling, "DP954", "warning", "size 1, float64, contiguous"),
        (sums, "DP956", "warning", "size 1, float64, contiguous"),
        (refusing, "DP957", "note", "size 2, float64, strided"),
        (refusing, "DP958", "note", "size 1, float16, contiguous"),
    ],
)
def test_a_wrong_kernel_is_found_at_its_smallest_size(kernel, code, severity, where):
    found = {f.code: f for f in audit(kernel).findings}
    together = {"DP951", "DP953"} if kernel is strides else {"DP957", "DP958"} if kernel is refusing else {code}
    assert code in found and set(found) == together
    assert found[code].severity == severity and found[code].message.startswith(where)


@pytest.mark.parametrize("kernel", [eights, strides, rough, scaling, sums])
def test_scripts_show_the_difference(kernel):
    for found in audit(kernel).findings:
        got, right = printed(found.counterexample.script)
        assert got.startswith("got") and right.startswith("right")
        assert len(found.counterexample.script.splitlines()) <= 17
        if found.code != "DP953":
            ours, theirs = (np.array(eval(line.split(" ", 1)[1])) for line in (got, right))
            assert np.abs(ours - theirs).max() > 1e-4


def test_a_kernel_that_raises_everywhere_does_not_run():
    def broken(theta, grad, state, step, **given):
        raise ValueError("no")

    (found,) = audit(broken).findings
    assert (found.code, found.severity) == ("DP955", "error")


def test_arguments_that_nothing_stands_for_are_named():
    def odd(theta, grad, state, step, *, flux):
        pass

    with pytest.raises(DriftproofError, match="flux"):
        audit(odd)


@pytest.mark.parametrize("name", ["adamw", "sgd@momentum=heavy_ball", "nadam", "adafactor", "schedule_free_sgd"])
def test_our_torch_code_passes(name):
    variant = Variant.of(name)
    assert audit_kernel(kernel_of(variant, "torch"), variant, sizes=(1, 3, 9)).findings == ()


@pytest.mark.skipif(not compiler(), reason="there is no C compiler")
def test_our_c_code_passes_and_refuses_strides():
    given = {"arrays": "numpy", "dtypes": ("float64", "float32"), "sizes": SIZES}
    found = audit_kernel(kernel_of(ADAMW, "cpu"), ADAMW, **given)
    assert [f.code for f in found.findings] == ["DP957"]


def test_mutants_of_a_rule_as_kernels_are_found():
    variant, killed = Variant("adam"), []
    for what, mutant in mutants(variant.rule)[::8]:
        if {h.name for h in mutant.hyperparameters} <= {h.name for h in variant.rule.hyperparameters}:
            kernel = kernel_of(variant, "reference", mutant)
            found = audit_kernel(kernel, variant, arrays="numpy", dtypes=("float64",), sizes=(3,))
            killed.append((what, any(f.severity == "error" for f in found.findings)))
    assert len(killed) > 5 and all(dead for _, dead in killed), killed


@pytest.mark.parametrize("dtype", DTYPES)
def test_bounds_are_wide_enough_for_exact_arithmetic_and_too_narrow_for_a_tenth_of_a_step(dtype):
    letters = {"eta": 0.3, "beta1": 0.6, "beta2": 0.7, "eps": 0.4, "lambda": 0.2}
    found = expected(ADAMW.rule, np.array([0.5]), [np.array([1.0])] * 3, letters, dtype)
    moved = np.abs(np.diff([0.5, *(float(v["theta"][0]) for v in found.values)]))
    for narrow, wide, step in zip(found.narrow, found.wide, moved, strict=True):
        assert UNITS[dtype] / 4 < float(narrow["theta"][0]) <= float(wide["theta"][0]) * 1.01
        assert dtype == "bfloat16" or float(narrow["theta"][0]) < step / 2


def test_every_code_has_a_page():
    assert set(CHECKS) == set(PAGES)
