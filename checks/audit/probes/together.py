"""Tensors of one optimizer: none changes the path of another, and their order does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..bookkeeping import base, differing, entry_shapes, expected, guarded, path_of, steady, walk
from ..counted import rises
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..telling import first_telling, plain, small, telling_script


def tensors_apart(audited: Audited) -> Iterator[Finding]:
    """The path of a tensor is the same whether or not the optimizer has a second one."""
    keywords = base(audited)
    steady(audited, keywords)
    counted = _counted_per_tensor(audited, keywords) if audited.subject.kind == "torch" else ""
    start, gradients = audited.draws(6, salt=5)
    together = path_of(audited, start, gradients, keywords)
    size_of_first = int(np.size(start[0]))
    alone = expected(audited, start[:1], [row[:1] for row in gradients], keywords)
    paths = alone if audited.joint else [a[:size_of_first] for a in together]
    size, step, _ = differing(alone, paths, start[:1])
    if not step and not counted:
        return
    text = f"a second tensor changes the path of the first by {size:.2g} steps, from step {step} on" if step else ""
    sure = bool(counted) or audited.known
    yield finding(
        APART,
        "; ".join(filter(None, [text, counted]))
        + ("" if sure else ": something is shared (meant, if the rule has a global norm)"),
        _apart_script(audited, keywords),
        severity="" if sure else "note",
    )


def _counted_per_tensor(audited: Audited, keywords: dict[str, Any]) -> str:
    """What to say about a counter that rises by the number of tensors."""
    start, gradients = audited.draws(1)
    found = []
    for members in (1, 2):
        live = audited.subject.start(start[:members], keywords)
        found.append(rises(live, lambda live=live, members=members: live.step(gradients[0][:members])))  # type: ignore[misc]
    for path, (slot, by) in found[0].items():
        if "param_groups" in path and by == {1.0} and found[1].get(path, (slot, set()))[1] == {2.0}:
            return f"the counter {slot.key!r} of the group rises by 2 in a step with two tensors"
    return ""


def _apart_script(audited: Audited, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 2, 3, 5):
                start, gradients = small([shape, shape], steps)
                right = expected(audited, start[:1], [row[:1] for row in gradients], keywords)[-1]
                lines = audited.subject.script(start, keywords, gradients)
                lines = [*lines, f'print("got  ", got[:{start[0].size}])']
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), "the first tensor alone")

    return first_telling(candidates())


def order(audited: Audited) -> Iterator[Finding]:
    """Parameters in the other order give the same result."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(6, ((3,), (2, 2), (2,)) if audited.shapes[0] == (3,) else (), salt=35)
    forward = path_of(audited, start, gradients, keywords)[-1]
    live = audited.subject.start(start[::-1], keywords)
    walk(live, [row[::-1] for row in gradients])
    backward = flat(live.theta()[::-1])
    size, step, _ = differing([forward], [backward], start)
    if step:
        text = f"parameters in the other order end {size:.2g} steps elsewhere"
        severity = "" if audited.known else "warning"
        yield finding(ORDER, text, _order_script(audited, keywords), severity=severity)


def _order_script(audited: Audited, keywords: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 2, 3, 6):
                start, gradients = small([shape, shape], steps)
                size, turned = start[0].size, [row[::-1] for row in gradients]
                path = path_of(audited, start[::-1], turned, keywords)[-1]
                right = [*path[size:], *path[:size]]
                lines = [*audited.subject.script(start, keywords, gradients), 'print("got  ", got)']
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), "made in the other order")

    return first_telling(candidates())


APART = Probe(
    "DP203",
    "tensors-apart",
    "error",
    "The path of a tensor does not depend on which other tensors the optimizer has.",
    "Runs one tensor alone and beside others, and looks at counters in param_groups: one that is incremented inside "
    "the loop over parameters rises by the number of tensors. Most rules of the dictionary treat tensors one by one, "
    "and a path that depends on other tensors contradicts them. Rules with a norm over all tensors, or an estimate of "
    "a distance, are meant to: where such a rule is known only counters are looked at; for a target that is no known "
    "rule it is a note.",
    guarded(tensors_apart),
    kinds=("torch", "optax", "functional"),
)
ORDER = Probe(
    "DP405",
    "order-of-parameters",
    "error",
    "The order of the parameters changes nothing.",
    "Runs the same tensors in the other order; each must end where it did. Something that is carried from one "
    "parameter of the loop to the next (a scale written into the group, a counter) shows here. For a target that is "
    "no known rule it is a warning.",
    guarded(order),
    kinds=("torch", "optax", "functional"),
)
PROBES = (APART, ORDER)
