"""For people who write kernels: a function that updates buffers in place, against the rule.

    function(theta, grad, state, step, **hyperparameters) -> None

theta, grad: arrays of one shape; theta is updated in place, grad is left as it is.   state: name -> array, updated in
place; the names are those of the rule (`driftproof show RULE`), zeros (or their init) before the first step, zeros too
where the init is the first gradient, theta or a letter.   step: 1 in the first call.   hyperparameters: keywords, by
letter or by the usual names (lr, beta1, weight_decay; lambda is lambda_); what the function takes no argument for is
at the rule's default.

The sweep: sizes around the widths of vector registers and of warps, layouts in memory, types, loud and default
hyperparameters, several steps. What a run may be off is worked out for it (kernel_bounds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from driftproof.checks.runtime.scenario import LOUD
from driftproof.checks.runtime.whole import joins_entries
from driftproof.theory.errors import DriftproofError
from driftproof.theory.nodes import MatMul

from .finding import Finding
from .kernel_bounds import Expected, expected
from .kernel_case import LAYOUTS, Kernel, Memory, Ran, run
from .kernel_script import kernel_script
from .signature import REQUIRED, Signature
from .subject import Array
from .variant import Variant

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1023, 1024, 1025)
FEWER = (1, 2, 3, 7, 8, 9, 16, 17, 33)
"""For rules that look at whole tensors, where each size is a run of its own."""
MATRICES = ((1, 1), (2, 3), (3, 2), (4, 4), (5, 8), (8, 9), (16, 17))
DTYPES = ("float64", "float32", "bfloat16", "float16")
STEPS = 4
ROWS = ("loud", "default", "default with large steps")
"""Of hyperparameters."""
CHECKS = {
    "DP950": ("kernel-rule", "error"),
    "DP951": ("kernel-layout", "error"),
    "DP952": ("kernel-scalars", "warning"),
    "DP953": ("kernel-writes-outside", "error"),
    "DP954": ("kernel-gradient", "warning"),
    "DP955": ("kernel-runs", "error"),
    "DP956": ("kernel-state", "warning"),
    "DP957": ("kernel-refuses-layout", "note"),
    "DP958": ("kernel-refuses-type", "note"),
}
COVERED = {"DP950": ("DP951", "DP952", "DP956"), "DP951": ("DP952", "DP956")}
"""What is not said beside a finding that explains it."""
PAGES = {
    "DP950": "The buffer of parameters differs from the rule by more than rounding in that type explains.",
    "DP951": "On contiguous buffers the kernel is right; with an offset or strides it is not.",
    "DP952": "The difference is what rounding explains only if scalars (powers of beta, corrections) are rounded to "
    "the type of the entries. Work them out in float64 on the host.",
    "DP953": "Memory before, after or between the entries of a buffer was written.",
    "DP954": "The gradient was changed.",
    "DP955": "The kernel raised an error on contiguous buffers, of a type that it takes otherwise, or of all types.",
    "DP956": "The parameters are right, and a state is not what the rule has under that name: a run that is resumed by "
    "another implementation goes another way.",
    "DP957": "The kernel takes contiguous buffers and raises an error for others, which is better than wrong numbers.",
    "DP958": "The kernel raises an error for every size of a type.",
}


@dataclass(frozen=True)
class KernelAudit:
    """findings: each code once, at the smallest size.   table: (size, dtype) -> the largest difference over what is
    allowed, over all layouts and hyperparameters; above 1 it is a finding, infinite where the kernel raised.
    """

    findings: tuple[Finding, ...]
    table: Mapping[tuple[str, str], float]
    runs: int

    def rows(self) -> list[tuple[str, list[str]]]:
        """Per size, a word per type: "ok", or the excess."""
        dtypes = list(dict.fromkeys(dtype for _, dtype in self.table))
        sizes = list(dict.fromkeys(size for size, _ in self.table))
        return [(size, [_word(self.table[size, dtype]) for dtype in dtypes]) for size in sizes]


def _word(share: float) -> str:
    return "ok" if share <= 1 else f"x {share:.2g}"


@dataclass(frozen=True)
class Sweep:
    """kernel: the function.   name: module:function, for scripts."""

    kernel: Kernel
    variant: Variant
    name: str
    memory: Memory
    dtypes: Sequence[str]
    sizes: Sequence[int]
    steps: int
    seed: int
    kept: dict[Any, Expected] = field(default_factory=dict, compare=False)

    @cached_property
    def signature(self) -> Signature:
        return Signature.of(self.kernel, 4)

    @cached_property
    def words(self) -> dict[str, str]:
        """letter -> keyword. A function that takes any keywords has the letters themselves."""
        letters = [h.name for h in self.variant.rule.hyperparameters]
        if not self.signature.defaults:
            return {k: "lambda_" if k == "lambda" else k for k in letters}
        own = {k: f"{k}_" if k == "lambda" else k for k in letters}
        found = self.signature.letters(self.variant.rule)
        return {**found, **{k: w for k, w in own.items() if w in self.signature.defaults}}

    def settings(self) -> list[dict[str, float]]:
        """Letters: loud ones, the rule's defaults, and those with large steps, in which a rough correction shows."""
        defaults = {h.name: float(h.default) for h in self.variant.rule.hyperparameters}
        loud = {k: LOUD[0].get(k, v) if k in self.words else v for k, v in defaults.items()}
        return [loud, defaults, {**defaults, "eta": loud["eta"]} if "eta" in loud else defaults]

    def expected(self, shape: tuple[int, ...], dtype: str, row: int) -> Expected:
        """What the rule makes of the inputs; for all sizes at once where it works entry by entry."""
        whole = joins_entries(self.variant.rule)
        at = shape if whole else (max(n for (n,) in self.shapes),)
        key = (at, dtype, row)
        if key not in self.kept:
            self.kept[key] = expected(self.variant.rule, *self.inputs(at, dtype), self.settings()[row], dtype)
        return self.kept[key] if whole else self.kept[key].first(shape[0])

    def keywords(self, letters: Mapping[str, float]) -> dict[str, Any]:
        return self.signature.keywords(self.words, letters) if self.words else {}

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        rule = self.variant.rule
        if any(e.expression.has(MatMul) for e in rule.equations):
            return [*MATRICES]
        if joins_entries(rule):
            return [(n,) for n in self.sizes if n in FEWER]
        return [(n,) for n in self.sizes]

    def inputs(self, shape: tuple[int, ...], dtype: str) -> tuple[Array, list[Array]]:
        """Numbers of size one, as the type holds them; those of a smaller vector are the first of a larger one."""
        random = np.random.default_rng(self.seed)
        count = int(np.prod(shape))

        def away() -> Array:
            values = random.uniform(0.2, 2.0, size=4096) * random.choice((-1.0, 1.0), size=4096)
            return self.memory.rounded(values[:count].reshape(shape), dtype)

        return away(), [away() for _ in range(self.steps)]


@dataclass(frozen=True)
class Failure:
    """row: of the hyperparameters."""

    code: str
    shape: tuple[int, ...]
    dtype: str
    layout: str
    row: int
    said: str


def audit_kernel(
    function: Kernel,
    variant: Variant,
    name: str = "kernel:function",
    arrays: str = "torch",
    device: str = "cpu",
    dtypes: Sequence[str] = DTYPES,
    sizes: Sequence[int] = SIZES,
    steps: int = STEPS,
    seed: int = 20260129,
) -> KernelAudit:
    """The whole sweep.

    name: module:function, as a script imports it.   arrays: "torch" or "numpy".   device: of torch.
    raises: DriftproofError for a rule without one gradient at theta, or arguments that no letter stands for.
    """
    memory = Memory(arrays, device)
    dtypes = [d for d in dtypes if arrays == "torch" or d != "bfloat16"]
    sweep = Sweep(function, variant, name, memory, dtypes, sizes, steps, seed)
    _check_arguments(sweep)
    table: dict[tuple[str, str], float] = {}
    failures: list[Failure] = []
    for shape, dtype in ((shape, dtype) for shape in sweep.shapes for dtype in sweep.dtypes):
        found = list(_of_cell(sweep, shape, dtype))
        table[_size(shape), dtype] = max(problems.share for problems, _, _ in found)
        failures += [
            Failure(code, shape, dtype, layout, row, said)
            for problems, layout, row in found
            for code, said in problems.found
        ]
    return KernelAudit(tuple(_findings(sweep, failures)), table, len(table) * len(ROWS) * len(LAYOUTS))


def _of_cell(sweep: Sweep, shape: tuple[int, ...], dtype: str) -> Iterator[tuple[Problems, str, int]]:
    """All layouts and hyperparameters."""
    start, gradients = sweep.inputs(shape, dtype)
    for row, letters in enumerate(sweep.settings()):
        right = sweep.expected(shape, dtype, row)
        for layout in LAYOUTS:
            yield problems_of(sweep, start, gradients, letters, dtype, layout, right), layout, row


def _check_arguments(sweep: Sweep) -> None:
    given = sweep.keywords({h.name: float(h.default) for h in sweep.variant.rule.hyperparameters})
    left = [n for n, value in sweep.signature.defaults.items() if value is REQUIRED and n not in given]
    if left:
        raise DriftproofError(
            f"{sweep.name} requires {', '.join(left)}, and no letter of {sweep.variant} stands for it.",
            "Keywords are letters of the rule, or their usual names.",
            f"The letters are {', '.join(h.name for h in sweep.variant.rule.hyperparameters)}.",
        )


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


@dataclass(frozen=True)
class Problems:
    """share: the largest difference of theta over what is allowed.   found: (code, what is said).   entry: where."""

    share: float
    found: tuple[tuple[str, str], ...]
    entry: int = 0


def problems_of(
    sweep: Sweep,
    start: Array,
    gradients: Sequence[Array],
    letters: Mapping[str, float],
    dtype: str,
    layout: str,
    right: Expected,
) -> Problems:
    """Everything that is wrong in one run."""
    keywords = sweep.keywords(letters)
    try:
        ran = run(sweep.kernel, sweep.variant.rule, start, gradients, keywords, dtype, layout, sweep.memory)
    except Exception as error:
        return Problems(np.inf, (("DP955", f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"),))
    found = []
    share, step, entry = worst(ran, right, "theta", right.narrow)
    if share > 1:
        scalars = worst(ran, right, "theta", right.wide)[0] <= 1
        code = "DP952" if scalars else "DP950" if layout == "contiguous" else "DP951"
        got, value = (np.ravel(path[step - 1]["theta"])[entry] for path in (ran.path, right.values))
        said = f"entry {entry} is {abs(got - value):.2g} off after step {step}, {share:.2g} times what is allowed"
        found.append((code, said))
    else:
        found += [("DP956", said) for said in _states(ran, right)]
    if ran.outside:
        found.append(("DP953", f"memory beside the entries of {ran.outside} was written"))
    if ran.gradient_changed:
        found.append(("DP954", "the gradient is another after the call"))
    return Problems(share, tuple(found), entry)


def _states(ran: Ran, right: Expected) -> Iterator[str]:
    for name in right.values[0]:
        share, step, _ = worst(ran, right, name, right.wide)
        if share > 1:
            yield f"state {name} is not the rule's after step {step}: {share:.2g} times what is allowed"


def worst(ran: Ran, right: Expected, name: str, bounds: Sequence[Mapping[str, Array]]) -> tuple[float, int, int]:
    """The largest difference over what is allowed, with its step (from 1) and entry."""
    found = (0.0, 0, 0)
    for number, (got, value, bound) in enumerate(zip(ran.path, right.values, bounds, strict=True), start=1):
        a, b = got[name].ravel(), value[name].ravel()[: got[name].size]
        with np.errstate(all="ignore"):
            gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
            shares = np.where(gap == 0, 0.0, np.nan_to_num(gap / bound[name].ravel()[: a.size], nan=np.inf))
        if shares.size and shares.max() > found[0]:
            found = (float(shares.max()), number, int(shares.argmax()))
    return found


def _findings(sweep: Sweep, failures: Sequence[Failure]) -> Iterator[Finding]:
    """Each code once: at the smallest size, in the widest type, with the simplest layout."""
    failures = _refusals(sweep, failures)
    codes = {f.code for f in failures}
    for code in sorted(codes - {other for one in codes for other in COVERED.get(one, ())}):
        these = [f for f in failures if f.code == code]
        f = min(these, key=lambda f: _order(sweep, f))
        where = f"size {_size(f.shape)}, {f.dtype}, {f.layout}, {ROWS[f.row]} hyperparameters"
        said = f"{where}: {f.said} ({len({(o.shape, o.dtype, o.layout, o.row) for o in these})} of the runs)"
        yield Finding(code, *CHECKS[code], said, kernel_script(sweep, f))


def _refusals(sweep: Sweep, failures: Sequence[Failure]) -> list[Failure]:
    """Errors sorted out: for a type at every size, for a layout only, or neither."""
    raised = {(f.shape, f.dtype) for f in failures if f.code == "DP955" and f.layout == "contiguous"}
    never = {d for d in sweep.dtypes if all((shape, d) in raised for shape in sweep.shapes)}
    never = set() if never == {*sweep.dtypes} else never

    def code(f: Failure) -> str:
        if f.code != "DP955":
            return f.code
        return "DP958" if f.dtype in never else f.code if (f.shape, f.dtype) in raised else "DP957"

    return [replace(f, code=code(f)) for f in failures]


def _order(sweep: Sweep, failure: Failure) -> tuple[int, int, int, int]:
    place = list(sweep.dtypes).index(failure.dtype), LAYOUTS.index(failure.layout), failure.row
    return int(np.prod(failure.shape)), *place


def kernel_of(variant: Variant, backend: str, mutated: Any = None) -> Callable[..., None]:
    """Our own compiled rule as a kernel, as a control; with another rule instead, as a kernel that is wrong.

    backend: "reference", "torch" or "cpu" (with NumPy arrays, in float64).
    """
    from driftproof.impl import compile_rule
    from driftproof.impl.state import RuleState

    rule = mutated or variant.rule
    names, of_dtype = {h.name for h in rule.hyperparameters}, lru_cache(maxsize=8)(partial(compile_rule, rule, backend))

    def function(theta: Any, grad: Any, state: Mapping[str, Any], step: int, **keywords: float) -> None:
        compiled = of_dtype(str(theta.dtype).removeprefix("torch."))
        given = {k.rstrip("_"): v for k, v in keywords.items() if k.rstrip("_") in names}
        single = {s.name: np.array([float(state[s.name])]) for s in rule.state if s.scope != "element"}
        kept = {**{name: [array] for name, array in state.items()}, **single}
        after = compiled.step(RuleState(step - 1, [theta], kept, (0,)), [grad], given)
        theta[...] = after.theta[0]
        for name, value in after.states.items():
            state[name][...] = value[0] if isinstance(value, list) else float(value[0])

    return function
