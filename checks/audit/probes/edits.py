"""Edits of param_groups in the middle of a run, as schedulers make them: honoured, and by their own group alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..bookkeeping import (
    Series,
    apart_or_skip,
    base,
    differing,
    entry_shapes,
    guarded,
    letters_of,
    oracle,
    path_of,
    same,
    steady,
    sure,
    varied,
    walk,
)
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..signature import bare
from ..subject import Array, Group
from ..telling import first_telling, made, plain, series, small, stepper, telling_script, tensors

AT, STEPS = 3, 8


def honoured(audited: Audited) -> Iterator[Finding]:
    """A hyperparameter that is edited in param_groups is used from the next step on."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(STEPS, salt=41)
    start, gradients = start[:1], [row[:1] for row in gradients]
    plainly = path_of(audited, start, gradients, keywords)
    seen: set[str] = set()
    for name, other in varied(audited, keywords):
        if name in seen or isinstance(other[name], bool):
            continue
        live: Any = audited.subject.start(start, keywords)
        groups = getattr(live.optimizer, "param_groups", [{}])
        matters = _matters(audited, start, gradients, keywords, name, other)
        if name not in groups[0] or not matters:
            continue
        try:
            walk(live, gradients[:AT])
            live.set({name: other[name]})
            path = walk(live, gradients[AT:])
        except Exception:
            continue
        if same(path, plainly[AT:]):
            seen.add(name)
            text = f"{name} that is edited in param_groups in the middle of a run changes nothing"
            severity = "" if audited.known else "warning"
            yield finding(HONOURED, text, _edit_script(audited, keywords, name, other), severity=severity)
        elif late := _not_as_the_rule(audited, start, gradients, keywords, name, other, path):
            seen.add(name)
            text = f"{name} that is edited in param_groups in mid-run is {late:.2g} steps from {audited.variant}"
            yield finding(HONOURED, text, _edit_script(audited, keywords, name, other), severity="warning")


def _matters(
    audited: Audited,
    start: list[Array],
    gradients: Series,
    keywords: Mapping[str, Any],
    name: str,
    other: Mapping[str, Any],
) -> bool:
    """Whether the edit must change the path: by the rule where there is one; else for step size and weight decay."""
    if not audited.known:
        words = [audited.signature.word(letter) for letter in ("eta", "lambda")]
        return name in [bare(w) for w in words if w]
    unedited = _by_rule(audited, start, gradients, keywords, keywords)
    return differing(unedited, _by_rule(audited, start, gradients, keywords, other), start)[1] > 0


def _by_rule(
    audited: Audited,
    start: list[Array],
    gradients: Series,
    keywords: Mapping[str, Any],
    other: Mapping[str, Any],
    at: int = AT,
) -> list[Array]:
    """The reference's path with other letters from a step on."""
    compiled, names = audited.variant.compiled, {h.name for h in audited.variant.rule.hyperparameters}
    state, path = compiled.init(list(start)), []
    settings = [{k: v for k, v in letters_of(audited, given).items() if k in names} for given in (keywords, other)]
    for number, row in enumerate(gradients):
        state = compiled.step(state, list(row), settings[number >= at])
        path.append(flat(state.theta))
    return path


def _not_as_the_rule(
    audited: Audited, start: list[Array], gradients: Series, keywords: Mapping[str, Any], name: str,
    other: Mapping[str, Any], path: list[Array],
) -> float:  # fmt: skip
    """How far an edited damping or weight decay is from the rule's; 0 where it is there, or nothing says where.

    Edited betas have two readings, beta^t and a running product, so that no rule says what is right.
    """
    letters = [k for k, word in audited.words.items() if bare(word) == name] if audited.known else []
    if not set(letters) <= {"eps", "lambda", "lambda2"} or not oracle(audited, other):
        return 0.0
    right = _by_rule(audited, start, gradients, keywords, other)[AT:]
    size, step, _ = differing(right, path, start)
    return size if step else 0.0


def _edit_script(
    audited: Audited, keywords: dict[str, Any], name: str, other: Mapping[str, Any]
) -> Counterexample | None:
    """One tensor; right is what the rule says, or that it should be another number than without the edit."""

    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((1, 1), (2, 2), (3, 5)):
                start, gradients = small([shape], before + after)
                lines = [
                    *tensors(("p",), start),
                    *made(audited.subject, "optimizer", "[p]", keywords),
                    *stepper(audited.subject),
                    f"steps(optimizer, [p], {series(gradients[:before])})",
                    f"optimizer.param_groups[0][{name!r}] = {other[name]!r}",
                    f"steps(optimizer, [p], {series(gradients[before:])})",
                ]
                if audited.known:
                    right = plain(_by_rule(audited, start, gradients, keywords, other, before)[-1])
                    lines.append('print("got  ", p.flatten().tolist())')
                    yield telling_script(
                        audited.subject, lines, start, before + after, str(right), audited.variant.text
                    )
                else:
                    still = plain(path_of(audited, start, gradients, keywords)[-1])
                    lines.append(f'print("got  ", "as before" if p.flatten().tolist() == {still} else "changed")')
                    yield telling_script(audited.subject, lines, start, before + after, '"changed"', "by the edit")

    return first_telling(candidates())


def leaks(audited: Audited) -> Iterator[Finding]:
    """Edits of one group leave the others where they go."""
    keywords = base(audited)
    steady(audited, keywords)
    apart_or_skip(audited, keywords)
    start, gradients = audited.draws(STEPS, salt=42)
    start, gradients = start[:2], [row[:2] for row in gradients]
    groups = [Group((0,), {}), Group((1,), {})]
    try:
        plainly = walk(audited.subject.start(start, keywords, groups), gradients)
    except Exception:
        return  # groups-as-optimizers reports it
    size = int(np.size(start[0]))
    for edited, others in ((0, slice(size, None)), (1, slice(0, size))):
        for name, other in varied(audited, keywords):
            if isinstance(other[name], bool):
                continue
            live: Any = audited.subject.start(start, keywords, groups)
            walk(live, gradients[:AT])
            if name not in live.optimizer.param_groups[edited]:
                continue
            live.optimizer.param_groups[edited][name] = other[name]
            try:
                path = walk(live, gradients[AT:])
            except Exception:
                continue
            if not same([a[others] for a in path], [a[others] for a in plainly[AT:]]):
                text = f"{name} that is edited in group {edited + 1} of two changes the path of the other"
                yield finding(LEAKS, text, _leak_script(audited, keywords, name, other, edited), severity=sure(audited))
                return


def _leak_script(
    audited: Audited, keywords: dict[str, Any], name: str, other: Mapping[str, Any], edited: int
) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((1, 1), (3, 5)):
                start, gradients = small([shape, shape], before + after)
                path = walk(audited.subject.start(start, keywords, [Group((0,), {}), Group((1,), {})]), gradients)[-1]
                right = path[start[0].size :] if edited == 0 else path[: start[0].size]
                lines = [
                    *tensors(("a", "b"), start),
                    *made(audited.subject, "optimizer", "[{'params': [a]}, {'params': [b]}]", keywords),
                    *stepper(audited.subject),
                    f"steps(optimizer, [a, b], {series(gradients[:before])})",
                    f"optimizer.param_groups[{edited}][{name!r}] = {other[name]!r}",
                    f"steps(optimizer, [a, b], {series(gradients[before:])})",
                    f'print("got  ", {"ba"[edited]}.flatten().tolist())',
                ]
                yield telling_script(
                    audited.subject, lines, start, before + after, str(plain(right)), "without the edit"
                )

    return first_telling(candidates())


def overwritten(audited: Audited) -> Iterator[Finding]:
    """A step leaves the hyperparameters of the group as they were given."""
    keywords = base(audited)
    start, gradients = audited.draws(4, salt=43)
    live: Any = audited.subject.start(start, keywords)
    group = getattr(live.optimizer, "param_groups", [{}])[0]
    before = {k: group[k] for k in audited.signature.numbers if k in group}
    walk(live, gradients)
    for name, value in before.items():
        if repr(group[name]) != repr(value):
            text = f"a step overwrites {name} of the group: {value!r} is {group[name]!r} after 4 steps"
            yield finding(OVERWRITTEN, text, _overwritten_script(audited, keywords, name, value))


def _overwritten_script(audited: Audited, keywords: dict[str, Any], name: str, value: Any) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for steps in (1, 2, 4):
            start, gradients = small([(2, 2)], steps)
            lines = [
                *tensors(("p",), start),
                *made(audited.subject, "optimizer", "[p]", keywords),
                *stepper(audited.subject),
                f"steps(optimizer, [p], {series(gradients)})",
                f'print("got  ", optimizer.param_groups[0][{name!r}])',
            ]
            yield telling_script(audited.subject, lines, start, steps, repr(value), "as it was given")

    return first_telling(candidates())


HONOURED = Probe(
    "DP403",
    "edits-honoured",
    "error",
    "A hyperparameter that is edited in param_groups is used from the next step on.",
    "For every number in param_groups: a run in which it is edited after three steps, as schedulers do, against one "
    "without. The rule says whether the edit must change the path; for a target that is no known rule the step size "
    "and weight decay must, and what does not is a warning. Where a damping or weight decay is edited and the path is "
    "neither the old one nor the rule's, that is a warning too. A value read from self.defaults, or computed in the "
    "constructor, makes every schedule of it do nothing.",
    guarded(honoured),
)
LEAKS = Probe(
    "DP404",
    "edits-apart",
    "error",
    "Edits of one group leave the paths of the others as they are.",
    "Edits each number in one group of two after three steps, and looks at the parameters of the other, to the last "
    "bit. A value taken from param_groups[0] for all, or a cache without the group in its key, moves them.",
    guarded(leaks),
)
OVERWRITTEN = Probe(
    "DP407",
    "options-overwritten",
    "warning",
    "A step leaves the hyperparameters of the group as they were given.",
    "Reads the numbers of param_groups that the constructor took before and after four steps. A step that writes lr "
    "there undoes what a scheduler set, and schedulers that multiply what they find compound it.",
    guarded(overwritten),
)
PROBES = (HONOURED, LEAKS, OVERWRITTEN)
