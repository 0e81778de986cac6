"""Runs of a torch class on tensors that a probe makes itself: other types, other layouts, other ways to the numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet
from driftproof.theory.errors import DriftproofError

from .finding import Counterexample, Finding
from .probe import Audited, Probe, Skipped
from .script import called, lines_script
from .subject import Array
from .torch_class import TorchLive, step_text
from .words import SIBLINGS

LOW = ("float32", "bfloat16", "float16")
KERNELS = ("foreach", "fused")
"""Flags that choose other code for the tensors; the others change what is recorded of it."""
CRASHES = (AttributeError, LookupError, NameError, TypeError, ZeroDivisionError)
"""What nobody raises to say that something is not supported."""


def live(audited: Audited, parameters: Sequence[Any], keywords: Mapping[str, Any] | None = None) -> TorchLive:
    """The target over these tensors, which it moves in place."""
    given = audited.loud if keywords is None else keywords
    subject: Any = audited.subject
    subject.signature.check_complete(given)
    with quiet():
        return TorchLive(subject, subject.maker(list(parameters), **given), list(parameters))


def step(run: TorchLive, gradients: Sequence[Any]) -> Any:
    """One step with these tensors as gradients, themselves and no copies. returns: what the target's step returns."""
    with quiet():
        for parameter, gradient in zip(run.parameters, gradients, strict=True):
            parameter.grad = gradient
    return run.call()


def parameter(array: Any, dtype: str = "float64") -> Any:
    import torch

    return torch.nn.Parameter(tensor(array, dtype))


def tensor(array: Any, dtype: str = "float64") -> Any:
    """A copy of an array or a tensor as a tensor."""
    import torch

    return torch.as_tensor(np.array(array)).to(getattr(torch, dtype), copy=True)


def draws_of(audited: Audited, shape: tuple[int, ...], salt: int) -> Array:
    """One array, away from zero."""
    return audited.draws(0, (shape,), salt)[0][0]


def rounded(array: Any, dtype: str) -> Array:
    """The numbers of a type nearest to these, in float64."""
    return tensor(array, dtype).double().numpy()  # type: ignore[no-any-return]


def entries(tensors: Sequence[Any]) -> Array:
    """All entries in a row, in float64."""
    parts = [t.detach().double().numpy().reshape(-1) for t in tensors]
    return np.concatenate(parts) if parts else np.zeros(0)


def path(
    audited: Audited,
    start: Sequence[Array],
    gradients: Sequence[Sequence[Array | None]],
    keywords: Mapping[str, Any] | None = None,
    dtype: str = "float64",
) -> list[Array]:
    """theta after each step, as Audited.target_path, also for differentiable=True, which takes no leaves."""
    given = audited.loud if keywords is None else keywords
    parameters = [parameter(a, dtype) for a in start]
    if given.get("differentiable"):
        parameters = [p.clone() for p in parameters]
    with audited.arithmetic() if dtype == "float64" else nullcontext():
        run, found = live(audited, parameters, given), []
        for row in gradients:
            step(run, [None if g is None else tensor(g, dtype) for g in row])
            found.append(entries(run.parameters))
    return found


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def as_it_is() -> Any:
    """The context of a run whose roundings are looked at."""
    return nullcontext()


ONE = "torch.ones(1, dtype=torch.float64)"


def one(audited: Audited) -> str:
    """The text of the smallest tensor of ones that the target takes."""
    return ONE.replace("1,", "1, 1,", 1) if all(len(s) == 2 for s in audited.shapes) else ONE


# Siblings


def forms(audited: Audited, most: int = len(SIBLINGS)) -> Iterator[dict[str, bool]]:
    """Every way to the same numbers that the constructor has flags for; first the one with every flag off.

    most: how many flags are on at once.
    """
    flags = [f for f in SIBLINGS if f in audited.signature.defaults and f not in audited.signature.fixed]
    for count in range(min(most, len(flags)) + 1):
        for on in itertools.combinations(flags, count):
            yield {flag: flag in on for flag in flags}


def runnable(audited: Audited, keywords: Mapping[str, Any] | None = None) -> list[dict[str, bool]]:
    """The forms with code of their own that run here: every flag off, foreach, fused; just {} where there are none.

    One that is off the rule on a plain run is left out: that is one finding, of siblings-follow-the-rule.
    """
    start, gradients = audited.draws(2)
    given, found = audited.loud if keywords is None else keywords, []
    right = audited.oracle_path(start, gradients) if audited.known and keywords is None else None
    for form in forms(audited, most=1):
        if any(on and flag not in KERNELS for flag, on in form.items()):
            continue
        try:
            got = path(audited, start, gradients, {**given, **form})
        except DriftproofError:
            raise
        except Exception:
            continue
        if right is None or not any(form.values()) or not audited.differs(right, got, start)[1]:
            found.append(form)
    return found or [{}]


def named(form: Mapping[str, Any]) -> str:
    """A form, or other options, as words."""
    on = [f"{k}={v}" for k, v in form.items() if v is not False]
    return ", ".join(on) or ("the for-loop" if form else "the only form")


# Scripts


def literal(array: Any) -> str:
    """Nested lists of numbers that Python reads."""
    text = repr(np.asarray(array, dtype=float).tolist())
    return re.sub(r"\b(nan|inf)\b", r'float("\1")', text)


def written(array: Any, dtype: str = "float64") -> str:
    """The text that makes a tensor."""
    return f"torch.tensor({literal(array)}, dtype=torch.{dtype})"


def script(
    audited: Audited,
    parameters: Sequence[str],
    keywords: Mapping[str, Any],
    gradients: Sequence[Sequence[str]],
    right: Sequence[float] | str,
    why: str,
    entry_count: int,
) -> Counterexample:
    """A run from texts that make tensors. right: what the entries should be after the last step, or words.

    Where words are given, an exception in the run is what it got.
    """
    subject: Any = audited.subject
    names = [f"p{k}" for k in range(len(parameters))] if len(parameters) > 1 else ["p"]
    lines = [f"{n} = torch.nn.Parameter({text})" for n, text in zip(names, parameters, strict=True)]
    if keywords.get("differentiable"):
        lines += [f"{n} = {n}.clone()" for n in names]
    run = ["optimizer = " + called(subject, "[" + ", ".join(names) + "]", keywords)]
    run += ["optimizer.train()"] * hasattr(subject.maker, "train")
    for row in gradients:
        run += [f"{n}.grad = {text}" for n, text in zip(names, row, strict=True)]
        run.append(step_text(subject))
    run.append('print("got  ", [' + ", ".join(f"*{n}.detach().flatten().tolist()" for n in names) + "])")
    lines += attempted(run) if isinstance(right, str) else run
    shown = repr(right) if isinstance(right, str) else listed(right)
    lines.append(f'print("right", {shown})  # {why}')
    return lines_script(subject, lines, len(parameters), entry_count, len(gradients))


def told(audited: Audited, lines: Sequence[str], parameters: int, entries: int, steps: int) -> Counterexample:
    """A script of lines of its own, in which every optimizer that has a train mode is in it before it steps."""
    subject: Any = audited.subject
    if hasattr(subject.maker, "train"):
        made = re.compile(r"^(\s*)(optimizer|second)(?:, \w+)? = ")
        lines = [
            text
            for line in lines
            for text in (line, *(f"{found[1]}{found[2]}.train()" for found in (made.match(line),) if found))
        ]
    return lines_script(subject, lines, parameters, entries, steps)


def attempted(lines: Sequence[str]) -> list[str]:
    """The lines, with an exception printed as what was got."""
    inner = [f"    {line}" for line in lines]
    return ["try:", *inner, "except Exception as error:", '    print("got  ", repr(error))']


def listed(numbers: Any) -> str:
    return literal(np.asarray(numbers, dtype=float).reshape(-1))


def plain(
    audited: Audited,
    start: Sequence[Any],
    keywords: Mapping[str, Any],
    gradients: Sequence[Sequence[Any]],
    right: Sequence[float] | str,
    why: str,
    dtype: str = "float64",
) -> Counterexample:
    """The same from arrays; None for a missing gradient."""
    text = partial(written, dtype=dtype)
    rows = [["None" if g is None else text(g) for g in row] for row in gradients]
    count = sum(int(np.size(a)) for a in start)
    return script(audited, [text(a) for a in start], keywords, rows, right, why, count)


# Several tensors


def on_several(run: Callable[[Audited], Iterator[Finding]]) -> Callable[[Audited], Iterator[Finding]]:
    """A probe that runs several tensors has nothing to say where several tensors are off already.

    That they are is one finding, of tensors-apart, and not a dozen.
    """

    @wraps(run)
    def guarded(audited: Audited) -> Iterator[Finding]:
        if audited.known and several_off(audited)[1]:
            raise Skipped("several tensors in one optimizer are off already: see tensors-apart")
        yield from run(audited)

    return guarded


def several_off(audited: Audited) -> tuple[float, int, int]:
    """How far the plain form on several tensors is from the rule: steps, first step, entry."""
    start, gradients = audited.draws(3, audited.shapes, salt=50)
    return audited.differs(audited.oracle_path(start, gradients), audited.target_path(start, gradients), start)


# Targets that do not run


def that_run(*probes: Probe, noisy: bool = False) -> tuple[Probe, ...]:
    """The probes, skipped where the target does not take plain float64 tensors at all.

    noisy: whether they look at targets whose runs differ from time to time, too; others would name a wrong cause.
    """
    return tuple(replace(probe, run=_where_it_runs(probe.run, noisy)) for probe in probes)


def _where_it_runs(run: Callable[[Audited], Iterator[Finding]], noisy: bool) -> Callable[[Audited], Iterator[Finding]]:
    @wraps(run)
    def guarded(audited: Audited) -> Iterator[Finding]:
        if audited.subject.kind == "torch":
            failed, differ = audited.plain_runs
            if failed:
                raise Skipped(f"it does not run on plain tensors: {failed}")
            if differ and not noisy:
                raise Skipped("two equal runs differ: see deterministic")
        yield from run(audited)

    return guarded
