"""What the probes about bookkeeping share: runs that should be equal, hyperparameters that are varied one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any

import numpy as np

from driftproof.theory.errors import DriftproofError

from .finding import Finding
from .observe import apart, flat
from .probe import Audited, Skipped
from .signature import REQUIRED, bare, place_of
from .subject import Array, Live
from .words import SIBLINGS

QUIET_FLAGS = (*SIBLINGS, "verbose", "compile", "gradient_checkpointing", "train_mode")
"""Flags that change no number."""
Run = Callable[[Audited], Iterator[Finding]]
Series = Sequence[Sequence[Array | None]]


def guarded(run: Run, real: bool = False) -> Run:
    """A probe whose preparations raise has nothing to look at: it is skipped, and says what was raised.

    real: whether the target's own roundings to lower precision stay; they are taken out where that makes it exact.
    """

    @wraps(run)
    def guard(audited: Audited) -> Iterator[Finding]:
        try:
            with nullcontext() if real else audited.arithmetic():
                found = list(run(audited))
        except (Skipped, DriftproofError):
            raise
        except Exception as error:
            raise Skipped(f"the target raises {named(error)}") from error
        yield from found

    return guard


def named(error: Exception) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


def base(audited: Audited) -> dict[str, Any]:
    """Keywords at which every term shows: loud ones, weight decay on. raises: Skipped where the target takes none."""
    loud = dict(audited.loud)
    decay = audited.signature.word("lambda")
    if not audited.known and decay and place_of(decay) is None:
        loud = {**loud, decay: 0.1}
    for keywords in (loud, dict(audited.loud)):
        if accepts(audited, keywords):
            return keywords
    raise Skipped("the target does not run at loud hyperparameters")


def accepts(audited: Audited, keywords: Mapping[str, Any]) -> bool:
    """Whether a step can be made with these."""
    start, gradients = audited.draws(1)
    try:
        path_of(audited, start, gradients, keywords)
    except Exception:
        return False
    return True


def walk(live: Live, gradients: Series) -> list[Array]:
    """theta, all entries in a row, after each step."""
    path = []
    for step in gradients:
        live.step(step)
        path.append(flat(live.theta()))
    return path


def path_of(
    audited: Audited, start: Sequence[Array], gradients: Series, keywords: Mapping[str, Any], dtype: str = "float64"
) -> list[Array]:
    """theta after each step of a run of its own."""
    return walk(audited.subject.start(start, keywords, dtype=dtype), gradients)


def entry_shapes(audited: Audited) -> tuple[tuple[int, ...], ...]:
    """Shapes of tensors in counterexamples, from small to large."""
    return ((2, 2),) if len(audited.shapes[0]) > 1 else ((1,), (2, 2))


def same(ours: Sequence[Array], theirs: Sequence[Array]) -> bool:
    """Whether two paths agree in every bit that a float64 has (NaN is equal to NaN)."""
    return len(ours) == len(theirs) and all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(ours, theirs, strict=True)
    )


def differing(ours: Sequence[Array], theirs: Sequence[Array], start: Sequence[Array]) -> tuple[float, int, int]:
    """(in steps, first step, entry) beyond what rounding explains; step 0 if the paths are equal.

    Both are runs of the target in the same arithmetic, or one is of a rule that it is exactly; so nothing is forgiven
    for what a target loses.
    """
    return apart(ours, theirs, flat(start))


def steady(audited: Audited, keywords: Mapping[str, Any] | None = None) -> None:
    """raises: Skipped for a target of which two equal runs differ, so that no comparison of runs says anything."""
    start, gradients = audited.draws(4, salt=2)
    given = base(audited) if keywords is None else keywords
    if not same(path_of(audited, start, gradients, given), path_of(audited, start, gradients, given)):
        raise Skipped("two equal runs of the target differ")


def letters_of(audited: Audited, keywords: Mapping[str, Any]) -> dict[str, float]:
    """The letters of the identified rule that these keywords stand for; those without an argument are as ever."""
    found = dict(audited.letters)
    for letter, word in audited.words.items():
        if bare(word) in keywords:
            value, place = keywords[bare(word)], place_of(word)
            number = float(value if place is None else value[place])
            found[letter] = -number if word.startswith("-") else number
    return found


def expected(audited: Audited, start: Sequence[Array], gradients: Series, keywords: Mapping[str, Any]) -> list[Array]:
    """The path of an optimizer that has these tensors alone, and a gradient for each in each step.

    By the reference, where the target is a declared rule computed in double precision and only letters of the rule
    are varied; by a run of the target itself otherwise.
    """
    if oracle(audited, keywords):
        return audited.oracle_path(start, gradients, letters_of(audited, keywords))  # type: ignore[arg-type]
    return path_of(audited, start, gradients, keywords)


def oracle(audited: Audited, keywords: Mapping[str, Any]) -> bool:
    """Whether the reference can say what is right at these keywords."""
    if not audited.known or audited.identified is None or not audited.identified.precise:
        return False
    usual, words = base(audited), {bare(w) for w in audited.words.values()}
    return all(
        name in words or usual.get(name, audited.signature.defaults.get(name)) == value
        for name, value in keywords.items()
    )


def source(audited: Audited, keywords: Mapping[str, Any]) -> str:
    """Where the right numbers come from, in words."""
    return audited.variant.text if oracle(audited, keywords) else "an optimizer of its own"


def independent(audited: Audited, keywords: Mapping[str, Any]) -> bool:
    """Whether each tensor moves as one that an optimizer of its own has."""
    start, gradients = audited.draws(8, salt=3)
    gradients = [[g * 4.0**k for k, g in enumerate(row)] for row in straight(gradients)]  # for a distance they share
    together = path_of(audited, start, gradients, keywords)
    alone = [expected(audited, [a], [[step[k]] for step in gradients], keywords) for k, a in enumerate(start)]
    joined = [np.concatenate(parts) for parts in zip(*alone, strict=True)]
    return differing(joined, together, start)[1] == 0


def straight(gradients: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """The same with the signs of the first step in all: an estimate of the distance to a minimum grows on these."""
    return [[np.abs(g) * np.sign(first) for g, first in zip(row, gradients[0], strict=True)] for row in gradients]


def apart_or_skip(audited: Audited, keywords: Mapping[str, Any]) -> None:
    """raises: Skipped where tensors act on each other, which another probe reports."""
    if not independent(audited, keywords):
        raise Skipped("tensors act on each other, so that none moves as if it was alone (see tensors-apart)")


def sure(audited: Audited, severity: str = "error") -> str:
    """A severity, or a warning for a target that is no known rule: there, groups may be meant to act on each other."""
    return severity if audited.known else "warning"


def listed(names: Sequence[str], one: str, more: str) -> str:
    """Names with the verb that fits their number."""
    return f"{', '.join(names)} {one if len(names) == 1 else more}"


def other_values(value: Any) -> list[Any]:
    """Values of the same kind that a constructor may take too, likeliest first."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, tuple | list):
        firsts = [other_values(v)[:1] for v in value]
        whole = type(value)(f[0] if f else v for f, v in zip(firsts, value, strict=True))
        return [whole]
    if isinstance(value, int) and abs(value) > 1:
        return [value + 1, value * 2, value - 1]
    if isinstance(value, float) and not math.isfinite(value):
        return [1.01]  # a bound that was not there
    if isinstance(value, int | float):
        factors = (0.7, 1.3, 0.1) if value < 1 else (0.7, 1.5, 0.5)
        around = [1 + 0.7 * (value - 1)] if value > 1 else []
        found = [0.1, 0.5, 1, 2] if value == 0 else [*around, *(f * value for f in factors)]
        found = [0.1, *found] if 0 < abs(value) < 1e-3 else found  # so that a damping shows
        return [x if isinstance(x, int) else float(f"{x:.6g}") for x in found]
    return []


def varied(audited: Audited, keywords: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(argument, keywords with another value of it), for each number, tuple of numbers (place by place) and flag."""
    for name in (*audited.signature.numbers, *audited.signature.flags):
        if name in QUIET_FLAGS:
            continue
        default = audited.signature.defaults[name]
        value = keywords.get(name, default)
        for candidates in _places(value):
            for other in candidates:
                given = {**keywords, name: other}
                if accepts(audited, given):
                    yield name, given
                    break
    for name, default in audited.signature.defaults.items():
        if default is REQUIRED and isinstance(keywords.get(name), int | float):
            yield name, {**keywords, name: 0.7 * keywords[name]}


def _places(value: Any) -> list[list[Any]]:
    """The other values; of a tuple for each place alone."""
    if not isinstance(value, tuple | list):
        return [other_values(value)]
    found = []
    for place, member in enumerate(value):
        others = other_values(member)
        found.append([type(value)((*value[:place], other, *value[place + 1 :])) for other in others])
    return found
