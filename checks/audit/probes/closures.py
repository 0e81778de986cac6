"""Closures: how often step calls one, in which mode, and what becomes of its value and its gradients."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet

from .. import tensors
from ..finding import Counterexample, Finding
from ..probe import Audited, Probe, Skipped, finding
from ..script import called
from ..subject import Array


class Closure:
    """Calls backward, as one does; gradients are those that it is given. calls, with_grad: of the last step."""

    def __init__(self, parameters: list[Any]) -> None:
        self.parameters, self.calls, self.with_grad, self.failed = parameters, 0, True, False
        self.gradients: list[Any] = []
        self.value: Any = None

    def __call__(self) -> Any:
        import torch

        self.calls += 1
        self.with_grad = torch.is_grad_enabled()
        with torch.enable_grad():
            for parameter in self.parameters:
                parameter.grad = None
            self.value = sum((p * g).sum() for p, g in zip(self.parameters, self.gradients, strict=True))
            self.value.backward()
        return self.value.detach()


def stepped(audited: Audited) -> tuple[Closure, list[Any], list[Array]]:
    """A run of three steps with a closure: the closure, what step returned each time, and theta after each.

    raises: Skipped where step takes no closure, or fails with one.
    """
    subject: Any = audited.subject
    try:
        names = list(inspect.signature(subject.maker.step).parameters)
    except (TypeError, ValueError):
        names = []
    if "closure" not in names:
        raise Skipped("step takes no closure")
    start, gradients = audited.draws(3, audited.shapes, salt=81)
    parameters = [tensors.parameter(a) for a in start]
    returned, path = [], []
    with quiet(), audited.arithmetic():
        run = tensors.live(audited, parameters)
        closure = Closure(parameters)
        for row in gradients:
            closure.gradients, closure.calls = [tensors.tensor(g) for g in row], 0
            try:
                value = run.optimizer.step(closure)
            except Exception as error:
                raise Skipped(f"step fails with a closure: {type(error).__name__}: {error}") from error
            returned.append((value, closure.value, closure.calls))
            path.append(tensors.entries(parameters))
    return closure, returned, path


def _closure_script(audited: Audited, shown: str, right: str, why: str) -> Counterexample:
    lines = [
        f"p = torch.nn.Parameter({tensors.one(audited)})",
        f"optimizer, calls = {called(audited.subject, '[p]', audited.loud)}, []",
        "p.grad = torch.full_like(p, -9.0)",
        "def closure():",
        "    calls.append(torch.is_grad_enabled())",
        "    p.grad = torch.ones_like(p)",
        "    return torch.tensor(3.0)",
        "loss = optimizer.step(closure)",
        f'print("got  ", {shown})',
        f'print("right", {right})  # {why}',
    ]
    return tensors.told(audited, lines, 1, 1, 1)


def called_once(audited: Audited) -> Iterator[Finding]:
    """step calls its closure once."""
    counts = {count for _, _, count in stepped(audited)[1]}
    if counts == {1}:
        return
    most = max(counts)
    told = "step never calls its closure" if not most else f"step calls its closure {most} times"
    shown = _closure_script(audited, "len(calls)", "1", "calls of the closure")
    certain = audited.known or not most
    yield finding(ONCE, told, shown, "" if certain else "note")


def grad_enabled(audited: Audited) -> Iterator[Finding]:
    """The closure is called with gradients enabled."""
    if not stepped(audited)[0].with_grad:
        shown = _closure_script(audited, "calls[0]", "True", "torch.is_grad_enabled() in the closure")
        yield finding(ENABLED, "the closure is called with gradients disabled, so that backward in it fails", shown)


def value_returned(audited: Audited) -> Iterator[Finding]:
    """step returns what the closure returned, and None without a closure."""
    for value, right, count in stepped(audited)[1]:
        if count and _number(value) != float(right.detach()):
            shown = _closure_script(
                audited, "None if loss is None else float(loss)", "3.0", "what the closure returned"
            )
            told = f"step returns {_number(value)} where the closure returned {float(right.detach()):.4g}"
            yield finding(RETURNED, told, shown)
            return


def _number(value: Any) -> float | None:
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError):
        return None


@tensors.on_several
def fresh_gradients(audited: Audited) -> Iterator[Finding]:
    """A step with a closure uses the gradients that the closure leaves."""
    if audited.subject.form == "loss":  # type: ignore[attr-defined]
        raise Skipped("the step uses the value of the loss too")
    _, returned, path = stepped(audited)
    if any(count != 1 for *_, count in returned):
        raise Skipped("the closure is not called once")
    start, gradients = audited.draws(3, audited.shapes, salt=81)
    right = audited.oracle_path(start, gradients) if audited.known else tensors.path(audited, start, gradients)
    size, step, _ = audited.differs(right, path, start)
    if step:
        wide = [np.ones((1, 1) if "1, 1" in tensors.one(audited) else (1,))]
        last = audited.oracle_path(wide, [wide])[-1] if audited.known else tensors.path(audited, wide, [wide])[-1]
        shown = _closure_script(
            audited, "p.flatten().tolist()", tensors.listed(last), "with the closure's gradient of 1"
        )
        yield finding(FRESH, f"with a closure it is {size:.2g} steps from the run without one at step {step}", shown)


ONCE = Probe(
    "DP701",
    "closure-called-once",
    "error",
    "step calls its closure once.",
    "Counts the calls. Twice means two backward passes for one step, and with dropout or batch normalisation another "
    "loss. Rules that need the gradient at several points call it more often by design; where the rule is not known, "
    "it is a note.",
    called_once,
)
ENABLED = Probe(
    "DP702",
    "closure-with-grad",
    "error",
    "The closure is called with gradients enabled.",
    "step runs under torch.no_grad; the closure has to run under torch.enable_grad inside it, or backward raises.",
    grad_enabled,
)
RETURNED = Probe(
    "DP703",
    "closure-value",
    "warning",
    "step returns what the closure returned.",
    "torch's contract: loss = optimizer.step(closure). Trainers log it.",
    value_returned,
)
FRESH = Probe(
    "DP704",
    "closure-gradients",
    "error",
    "A step with a closure uses the gradients that the closure leaves.",
    "Gradients are made by backward inside the closure, and p.grad is empty before. Code that looks at gradients "
    "before it calls the closure uses those of the step before, or none.",
    fresh_gradients,
)
PROBES = tensors.that_run(ONCE, ENABLED, RETURNED, FRESH)
