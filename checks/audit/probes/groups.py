"""Groups of parameters: k groups are k optimizers, from the start, added later, or empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet

from ..bookkeeping import (
    apart_or_skip,
    base,
    differing,
    entry_shapes,
    expected,
    guarded,
    listed,
    named,
    path_of,
    source,
    steady,
    sure,
    varied,
    walk,
)
from ..finding import Counterexample, Finding
from ..probe import Audited, Probe, Skipped, finding
from ..subject import Array, Group
from ..telling import first_telling, made, plain, series, small, stepper, telling_script, tensors

ADDED_AT, STEPS = 10, 14


def own_values(audited: Audited) -> Iterator[Finding]:
    """Two groups, one with another value of an argument, move as two optimizers do; for every argument."""
    keywords = base(audited)
    steady(audited, keywords)
    apart_or_skip(audited, keywords)
    start, gradients = _two(audited, 6, 31)
    seen: set[str] = set()
    outside: dict[str, dict[str, Any]] = {}
    for name, other in varied(audited, keywords):
        if name in seen | set(outside):
            continue
        try:
            live: Any = audited.subject.start(start, keywords, [Group((0,), {}), Group((1,), {name: other[name]})])
            path = walk(live, gradients)
        except Exception as error:
            seen.add(name)
            yield finding(OWN, f"a group with its own {name} raises {named(error)}", severity="warning")
            continue
        size, step, entry = differing(_separately(audited, start, gradients, (keywords, other)), path, start)
        if step and name not in getattr(live.optimizer, "param_groups", [{}])[0]:
            outside[name] = other
        elif step:
            seen.add(name)
            whose = "second" if entry >= np.size(start[0]) else "first"
            text = f"the {whose} of two groups that differ in {name} is {size:.2g} steps from {source(audited, other)}"
            # torch's Adagrad, too, takes what only the start needs from the constructor
            severity = "warning" if "initial" in name else sure(audited)
            yield finding(OWN, text, _own_script(audited, keywords, name, other), severity=severity)
    if outside:
        first = next(iter(outside))
        text = f"{listed(list(outside), 'is', 'are')} taken into a group without a word and not used there"
        yield finding(OWN, text, _own_script(audited, keywords, first, outside[first]), severity="warning")


def _two(audited: Audited, steps: int, salt: int) -> tuple[list[Array], list[list[Array]]]:
    """Two tensors and their gradients."""
    start, gradients = audited.draws(steps, salt=salt)
    return start[:2], [row[:2] for row in gradients]


def _separately(
    audited: Audited,
    start: Sequence[Array],
    gradients: Sequence[Sequence[Array]],
    settings: Sequence[Mapping[str, Any]],
) -> list[Array]:
    """The paths of tensors that have an optimizer each, all entries in a row."""
    paths = [expected(audited, [a], [[row[k]] for row in gradients], given)
             for k, (a, given) in enumerate(zip(start, settings, strict=True))]  # fmt: skip
    return [np.concatenate(parts) for parts in zip(*paths, strict=True)]


def _own_script(audited: Audited, keywords: dict[str, Any], name: str, other: dict[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 2, 3, 6):
                start, gradients = small([shape, shape], steps)
                right = _separately(audited, start, gradients, (keywords, other))[-1]
                groups = f"[{{'params': [a]}}, {{'params': [b], {name!r}: {other[name]!r}}}]"
                lines = [
                    *tensors(("a", "b"), start),
                    *made(audited.subject, "optimizer", groups, keywords),
                    *stepper(audited.subject),
                    f"steps(optimizer, [a, b], {series(gradients)})",
                    'print("got  ", [*a.flatten().tolist(), *b.flatten().tolist()])',
                ]
                why = f"{source(audited, other)}, once for each group"
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), why)

    return first_telling(candidates())


def added(audited: Audited) -> Iterator[Finding]:
    """A group added after ten steps, with its own step size, moves as an optimizer that begins then."""
    keywords = base(audited)
    steady(audited, keywords)
    apart_or_skip(audited, keywords)
    start, gradients = _two(audited, STEPS, 32)
    own = _own_rate(audited, keywords)
    live: Any = audited.subject.start(start[:1], keywords)
    if not hasattr(live.optimizer, "add_param_group"):
        raise Skipped("it has no add_param_group")
    if own and not _uses(audited, keywords, own):
        raise Skipped("the step size of a group is not used (see groups-as-optimizers)")
    walk(live, [row[:1] for row in gradients[:ADDED_AT]])
    try:
        _add(live, start[1], own)
        path = walk(live, gradients[ADDED_AT:])
    except Exception as error:
        text = f"a group added by add_param_group after {ADDED_AT} steps raises {named(error)}"
        yield finding(ADDED, text, _added_script(audited, keywords, own), severity="warning")
        return
    first = expected(audited, start[:1], [row[:1] for row in gradients], keywords)[ADDED_AT:]
    second = expected(audited, start[1:], [row[1:] for row in gradients[ADDED_AT:]], {**keywords, **own})
    right = [np.concatenate(pair) for pair in zip(first, second, strict=True)]
    size, step, entry = differing(right, path, start)
    if step:
        whose = "the added group" if entry >= np.size(start[0]) else "the group that was there"
        text = f"{whose} is {size:.2g} steps from {source(audited, keywords)} after add_param_group"
        shared = entry >= np.size(start[0]) and _counts_together(audited, keywords)
        why = ", since the count is shared (see late-gradients)" if shared else ""
        severity = "warning" if shared else sure(audited)
        yield finding(ADDED, text + why, _added_script(audited, keywords, own), severity=severity)


def _counts_together(audited: Audited, keywords: dict[str, Any]) -> bool:
    """Whether a tensor that comes late into a group is already counted: then a group that comes late may be, too."""
    start, gradients = _two(audited, 6, 33)
    late: list[list[Array | None]] = [[row[0], row[1] if number > 2 else None] for number, row in enumerate(gradients)]
    size = np.size(start[0])
    path = [a[size:] for a in path_of(audited, start, late, keywords)][3:]
    alone = expected(audited, start[1:], [row[1:] for row in gradients[3:]], keywords)
    return differing(alone, path, start[1:])[1] > 0


def _own_rate(audited: Audited, keywords: Mapping[str, Any]) -> dict[str, Any]:
    eta = audited.signature.word("eta")
    return {eta: 0.5 * keywords[eta]} if isinstance(keywords.get(eta), int | float) else {}


def _uses(audited: Audited, keywords: dict[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether a group that is there from the start moves by the options of its own."""
    start, gradients = _two(audited, 3, 36)
    path = walk(audited.subject.start(start, keywords, [Group((0,), {}), Group((1,), own)]), gradients)
    return not differing(_separately(audited, start, gradients, (keywords, {**keywords, **own})), path, start)[1]


def _add(live: Any, array: Array, own: Mapping[str, Any]) -> None:
    import torch

    p = torch.nn.Parameter(torch.tensor(np.array(array), dtype=torch.float64))
    with quiet():
        live.optimizer.add_param_group({"params": [p], **own})
    live.parameters.append(p)


def _added_script(audited: Audited, keywords: dict[str, Any], own: Mapping[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((1, 1), (2, 2), (5, 5)):
                start, gradients = small([shape, shape], before + after)
                right = expected(audited, start[1:], [row[1:] for row in gradients[before:]], {**keywords, **own})[-1]
                options = "".join(f", {k!r}: {v!r}" for k, v in own.items())
                lines = [
                    *tensors(("a", "b"), start),
                    *made(audited.subject, "optimizer", "[a]", keywords),
                    *stepper(audited.subject),
                    f"steps(optimizer, [a], {series([row[:1] for row in gradients[:before]])})",
                    "try:",
                    f"    optimizer.add_param_group({{'params': [b]{options}}})",
                    f"    steps(optimizer, [a, b], {series(gradients[before:])})",
                    "    got = b.flatten().tolist()",
                    "except Exception as error:",
                    "    got = repr(error)",
                    'print("got  ", got)',
                ]
                why = f"{source(audited, keywords)}: the added tensor alone"
                yield telling_script(audited.subject, lines, start, before + after, str(plain(right)), why)

    return first_telling(candidates())


def empty(audited: Audited) -> Iterator[Finding]:
    """A group without parameters beside others changes nothing."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(4, salt=34)
    members = tuple(range(len(start)))
    plainly = path_of(audited, start, gradients, keywords)
    for groups in ([Group(members, {}), Group((), {})], [Group((), {}), Group(members, {})]):
        place = "last" if groups[0].members else "first"
        try:
            path = walk(audited.subject.start(start, keywords, groups), gradients)
        except Exception as error:
            text = f"an empty group, {place} of two, raises {named(error)}"
            yield finding(EMPTY, text, _empty_script(audited, keywords, place), severity="warning")
            return
        size, step, _ = differing(plainly, path, start)
        if step:
            text = f"an empty group, {place} of two, changes the path of the other by {size:.2g} steps"
            yield finding(EMPTY, text, _empty_script(audited, keywords, place))
            return


def _empty_script(audited: Audited, keywords: dict[str, Any], place: str) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 3):
                start, gradients = small([shape], steps)
                pair = ["{'params': [p]}", "{'params': []}"][:: 1 if place == "last" else -1]
                lines = [
                    *tensors(("p",), start),
                    "try:",
                    *(f"    {line}" for line in made(audited.subject, "optimizer", f"[{', '.join(pair)}]", keywords)),
                    *(f"    {line}" for line in stepper(audited.subject)),
                    f"    steps(optimizer, [p], {series(gradients)})",
                    "    got = p.flatten().tolist()",
                    "except Exception as error:",
                    "    got = repr(error)",
                    'print("got  ", got)',
                ]
                right = path_of(audited, start, gradients, keywords)[-1]
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), "without the empty group")

    return first_telling(candidates())


OWN = Probe(
    "DP401",
    "groups-as-optimizers",
    "error",
    "Two groups with different hyperparameters move as two optimizers do.",
    "For every argument that is a number, a tuple or a flag: two groups, the second with another value of it, against "
    "two runs, one for each: of the declared rule, or of the target alone where it is none. A value that is read from "
    "the first group, from the defaults, or from a cache that all groups share shows here and nowhere else. It is an "
    "error where the argument is in param_groups, so that the user sees a value that is not used; a warning where it "
    "is not there, because torch takes any key into a group without a word. For a target that is no known rule it is "
    "a warning: groups may be meant to act on each other.",
    guarded(own_values),
)
ADDED = Probe(
    "DP402",
    "added-group",
    "error",
    "A group that is added in the middle of a run moves as an optimizer that begins there.",
    "Adds a second group with a step size of its own by add_param_group after ten steps, as for layers that are "
    "unfrozen. State or caches that only the constructor makes are missing for it. An error that is raised, and a "
    "count that is shared with the others, are warnings.",
    guarded(added),
)
EMPTY = Probe(
    "DP406",
    "empty-group",
    "error",
    "A group without parameters changes nothing.",
    "Runs with a group of no parameters before and after the others. Models without biases, or with all of a kind "
    "frozen, make such groups. An error that is raised is a warning.",
    guarded(empty),
)
PROBES = (OWN, ADDED, EMPTY)
