"""What a run depends on and what it leaves behind: randomness, default types, other instances."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import flat, largest_step
from ..probe import Audited, Probe, Skipped, finding
from ..script import called
from ..subject import Array
from ..torch_class import step_text

FEW = 1e-6
"""Of the largest step: what a counter or a product in float32 amounts to."""


@contextlib.contextmanager
def surroundings(seed: int, default: str = "float32") -> Iterator[None]:
    """Other seeds of all generators and another default type; everything is put back."""
    import torch

    before = (torch.get_rng_state(), random.getstate(), np.random.get_state(), torch.get_default_dtype())
    try:
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        torch.set_default_dtype(getattr(torch, default))
        yield
    finally:
        torch.set_rng_state(before[0])
        random.setstate(before[1])
        np.random.set_state(before[2])
        torch.set_default_dtype(before[3])


def bare(audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array]]) -> list[Array]:
    """As tensors.path, with the target's own roundings."""
    run, found = tensors.live(audited, [tensors.parameter(a) for a in start]), []
    for row in series:
        tensors.step(run, [tensors.tensor(g) for g in row])
        found.append(tensors.entries(run.parameters))
    return found


def equal(a: Sequence[Array], b: Sequence[Array]) -> bool:
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


# Randomness and default types


def deterministic(audited: Audited) -> Iterator[Finding]:
    """The same run twice is the same, bit for bit."""
    start, series = audited.draws(3, audited.shapes, salt=91)
    with surroundings(1):
        first = bare(audited, start, series)
    with surroundings(1):
        second = bare(audited, start, series)
    if not equal(first, second):
        shown = _twice_script(audited, start, series, ["torch.manual_seed(1)", "torch.manual_seed(1)"])
        yield finding(AGAIN, "the same run with the same seed gives other numbers", shown)


def independent_of_seed(audited: Audited) -> Iterator[Finding]:
    """Another seed of the global generators changes nothing."""
    start, series = audited.draws(3, audited.shapes, salt=91)
    with surroundings(1):
        first, again = bare(audited, start, series), None
    with surroundings(1):
        again = bare(audited, start, series)
    with surroundings(2):
        other = bare(audited, start, series)
    if not equal(first, again):
        raise Skipped("the same seed gives other numbers already")
    if not equal(first, other):
        shown = _twice_script(audited, start, series, ["torch.manual_seed(1)", "torch.manual_seed(2)"])
        yield finding(SEED, "another seed of the global generators gives other numbers", shown)


def independent_of_default(audited: Audited) -> Iterator[Finding]:
    """Another default type of torch changes no run of float64 parameters."""
    start, series = audited.draws(3, audited.shapes, salt=91)
    with surroundings(1):
        first = bare(audited, start, series)
    try:
        with surroundings(1, "float64"):
            other = bare(audited, start, series)
    except Exception as error:
        told = f"with torch.set_default_dtype(torch.float64) it fails: {type(error).__name__}: {error}"
        yield finding(DEFAULT, told, None, "warning")
        return
    if equal(first, other):
        return
    size = float(np.max(np.abs(np.array(other) - np.array(first)))) / largest_step(other, flat(start))
    words = ["torch.set_default_dtype(torch.float32)", "torch.set_default_dtype(torch.float64)"]
    told = "with float32 as torch's default type, float64 parameters move otherwise than with float64"
    shown = _twice_script(audited, start, series, words)
    yield finding(DEFAULT, f"{told}: by {size:.2g} steps", shown, "" if size < FEW else "warning")


def _twice_script(
    audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array]], before: Sequence[str]
) -> Counterexample:
    """Two runs of one tensor, each after a line of its own."""
    lines = [
        "def run():",
        f"    p = torch.nn.Parameter({tensors.written(start[0])})",
        f"    optimizer = {called(audited.subject, '[p]', audited.loud)}",
        f"    for g in {tensors.literal([row[0] for row in series])}:",
        "        p.grad = torch.tensor(g, dtype=torch.float64)",
        f"        {step_text(audited.subject)}",
        "    return p.flatten().tolist()",
        before[0],
        'print("got  ", run())',
        before[1],
        'print("right", run())  # the second run; nothing that it is given is other',
        "torch.set_default_dtype(torch.float32)",
    ]
    return tensors.told(audited, lines, 1, int(start[0].size), len(series))


def left_alone(audited: Audited) -> Iterator[Finding]:
    """step leaves generators, default type and grad mode as they are."""
    import torch

    start, series = audited.draws(2, audited.shapes, salt=92)
    with surroundings(3):
        before = _state(torch)
        run = tensors.live(audited, [tensors.parameter(a) for a in start])
        made = _state(torch)
        for row in series:
            tensors.step(run, [tensors.tensor(g) for g in row])
        after = _state(torch)
        torch.set_grad_enabled(True)
    changed = [name for name in before if not (before[name] == made[name] == after[name])]
    if changed:
        texts = {
            "torch's generator": "torch.get_rng_state().sum().item()",
            "Python's generator": "__import__('random').getstate()[1][-1]",
            "NumPy's generator": "__import__('numpy').random.get_state()[2]",
            "the default type": "torch.get_default_dtype()",
            "whether gradients are enabled": "torch.is_grad_enabled()",
        }
        seen = texts[changed[0]]
        lines = [
            "torch.manual_seed(1)",
            f"p = torch.nn.Parameter({tensors.written(start[0])})",
            f"before = {seen}",
            f"optimizer = {called(audited.subject, '[p]', audited.loud)}",
            f"p.grad = {tensors.written(series[0][0])}",
            f"{step_text(audited.subject)}",
            f'print("got  ", {seen})',
            'print("right", before)  # as before',
        ]
        shown = tensors.told(audited, lines, 1, int(start[0].size), 1)
        yield finding(ALONE, f"making the optimizer, or a step, changes {', '.join(changed)}", shown)


def _state(torch: Any) -> dict[str, Any]:
    return {
        "torch's generator": torch.get_rng_state().numpy().tobytes(),
        "Python's generator": random.getstate(),
        "NumPy's generator": repr(np.random.get_state()),
        "the default type": torch.get_default_dtype(),
        "whether gradients are enabled": torch.is_grad_enabled(),
    }


def instances(audited: Audited) -> Iterator[Finding]:
    """Two optimizers in one process do not disturb each other."""
    start, series = audited.draws(4, audited.shapes, salt=93)
    with surroundings(1):
        right = bare(audited, start, series)
    with surroundings(2):
        again = bare(audited, start, series)
    if not equal(right, again):
        raise Skipped("it draws from the global generators, or no two runs are equal")
    one = tensors.live(audited, [tensors.parameter(a) for a in start])
    eta = audited.signature.word("eta")
    other_keywords = {**audited.loud, **({eta: 0.017} if eta in audited.loud else {})}
    other = tensors.live(audited, [tensors.parameter(-3 * a) for a in start], other_keywords)
    got = []
    for row in series:
        tensors.step(other, [tensors.tensor(5 * g) for g in row])
        tensors.step(one, [tensors.tensor(g) for g in row])
        got.append(tensors.entries(one.parameters))
    if not equal(right, got):
        size = float(np.max(np.abs(np.array(right) - np.array(got))))
        told = f"a second optimizer in the same process moves the first one's parameters by {size:.2g}"
        yield finding(INSTANCES, told, _instances_script(audited, start, series, other_keywords))


def _instances_script(
    audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array]], others: Mapping[str, Any]
) -> Counterexample:
    call = step_text(audited.subject)
    lines = [
        f"a, b = (torch.nn.Parameter({tensors.written(start[0])}) for _ in range(2))",
        f"optimizer = {called(audited.subject, '[a]', audited.loud)}",
        f"second = {called(audited.subject, '[b]', others)}",
        f"for g in {tensors.literal([row[0] for row in series])}:",
        "    a.grad, b.grad = torch.tensor(g, dtype=torch.float64), torch.tensor(g, dtype=torch.float64) * 5",
        f"    {call.replace('optimizer', 'second')}",
        f"    {call}",
        'print("got  ", a.flatten().tolist())',
        f'print("right", {tensors.listed(bare(audited, start[:1], [row[:1] for row in series])[-1])})  # a alone',
    ]
    return tensors.told(audited, lines, 2, 2 * int(start[0].size), len(series))


AGAIN = Probe(
    "DP721",
    "deterministic",
    "error",
    "The same run twice is the same, bit for bit.",
    "Makes the same run twice in one process, with the same seeds. Uninitialised memory, and state that outlives an "
    "instance, show here.",
    deterministic,
)
SEED = Probe(
    "DP722",
    "independent-of-seeds",
    "warning",
    "Another seed of the global generators changes nothing.",
    "Makes the same run with other seeds of torch, NumPy and Python. Stochastic rounding and random projections draw "
    "numbers by design; list the check in expected_failed_checks then, or take a generator as an argument.",
    independent_of_seed,
)
DEFAULT = Probe(
    "DP723",
    "independent-of-default-type",
    "note",
    "torch's default type changes no run of float64 parameters.",
    "Makes the same run with float32 and float64 as default types. A tensor that is made without a type, such as a "
    "counter or a product of decays, has the default one: its rounding then limits float64 parameters. Above a "
    "millionth of a step it is a warning.",
    independent_of_default,
)
ALONE = Probe(
    "DP724",
    "surroundings-kept",
    "warning",
    "Making an optimizer and making a step leave generators, default type and grad mode as they are.",
    "Compares the states of the generators of torch, NumPy and Python, the default type and the grad mode before and "
    "after. A draw from the global generator changes every dropout mask that follows.",
    left_alone,
)
INSTANCES = Probe(
    "DP725",
    "instances-apart",
    "error",
    "Two optimizers in one process do not disturb each other.",
    "Steps two optimizers of the class in turn, with other parameters and another step size, and compares the first "
    "with a run of it alone, bit for bit. State at the class, in a default argument or in a module is shared.",
    instances,
)
PROBES = (*tensors.that_run(AGAIN, SEED, noisy=True), *tensors.that_run(DEFAULT, ALONE, INSTANCES))
