"""What callers of step rely on: gradients that stay as they are, parameters that stay the same objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import tensors
from ..bookkeeping import accepts
from ..finding import Counterexample, Finding
from ..observe import decay_letters
from ..probe import Audited, Probe, finding
from ..script import called
from ..subject import Array
from ..words import SIBLINGS

# Gradients


def settings(audited: Audited) -> Iterator[dict[str, Any]]:
    """Keywords for every form, with weight decay and without: its sum with the gradient is a new tensor."""
    letters = {k: 0.0 for k in decay_letters(audited.variant) if k in audited.words} if audited.known else {}
    for form in tensors.runnable(audited):
        yield {**audited.loud, **form}
        if letters:
            yield {**audited.keywords(letters), **form}


def gradients_kept(audited: Audited) -> Iterator[Finding]:
    """step leaves p.grad as it is, bit for bit."""
    start, gradients = audited.draws(3, audited.shapes, salt=82)
    for given_keywords in (*settings(audited), *turned(audited)):
        run = tensors.live(audited, [tensors.parameter(a) for a in start], given_keywords)
        kept: list[tuple[Any, Any]] = []
        for row in gradients:
            given = [tensors.tensor(g) for g in row]
            kept += [(g, g.clone()) for g in given]
            tensors.step(run, given)
            changed = [k for k, (now, before) in enumerate(kept) if not bool((now == before).all())]
            replaced = any(p.grad is not g for p, g in zip(run.parameters, given, strict=True))
            if changed or replaced:
                what = "changes p.grad in place" if changed else "puts another tensor at p.grad"
                told = f"step {len(kept) // len(row)} {what}{flags(given_keywords)}"
                yield finding(KEPT, told, _kept_script(audited, given_keywords, bool(changed)))
                return


def turned(audited: Audited) -> Iterator[dict[str, Any]]:
    """Keywords with one flag turned that is no other way to the same numbers: maximize, say."""
    for flag in audited.signature.flags:
        keywords = {**audited.loud, flag: not audited.signature.defaults[flag]}
        if flag not in SIBLINGS and accepts(audited, keywords):
            yield keywords


def flags(keywords: Mapping[str, Any]) -> str:
    """What is switched on, as words after a sentence."""
    on = [f"{name}=True" for name, value in keywords.items() if value is True]
    return f" with {', '.join(on)}" if on else ""


def _kept_script(audited: Audited, given: Mapping[str, Any], changed: bool) -> Counterexample:
    lines = [
        f"p = torch.nn.Parameter({tensors.one(audited)})",
        f"optimizer = {called(audited.subject, '[p]', given)}",
        f"p.grad = g = 2 * {tensors.one(audited)}",
        "optimizer.step()",
        f"p.grad = 3 * {tensors.one(audited)}",
        "optimizer.step()",
        'print("got  ", g.flatten().tolist())' if changed else 'print("got  ", p.grad.flatten().tolist())',
        f'print("right", {[2.0] if changed else [3.0]})  # the caller\'s tensor',
    ]
    return tensors.told(audited, lines, 1, 1, 2)


def gradients_not_held(audited: Audited) -> Iterator[Finding]:
    """Filling the same gradient tensors anew, as zero_grad(set_to_none=False) does, changes nothing."""
    start, gradients = audited.draws(4, audited.shapes, salt=83)
    for given in settings(audited):
        right = tensors.path(audited, start, gradients, given)
        with audited.arithmetic():
            run = tensors.live(audited, [tensors.parameter(a) for a in start], given)
            held, got = [tensors.tensor(a) for a in start], []
            for row in gradients:
                for tensor, values in zip(held, row, strict=True):
                    tensor.zero_().add_(tensors.tensor(values))
                tensors.step(run, held)
                got.append(tensors.entries(run.parameters))
        size, step, _ = audited.differs(right, got, start)
        if step:
            told = f"the state is the gradient tensor itself{flags(given)}: refilled, it is {size:.2g} steps off"
            yield finding(HELD, f"{told} at step {step}", _held_script(audited, given))
            return


def _held_script(audited: Audited, given: Mapping[str, Any]) -> Counterexample:
    shape = (1, 1) if "1, 1" in tensors.one(audited) else (1,)
    start, series = [np.ones(shape)], [[np.full(shape, g)] for g in (1.0, -2.0, 0.5)]
    right = tensors.path(audited, start, series, given)[-1]
    lines = [
        f"p = torch.nn.Parameter({tensors.one(audited)})",
        "p.grad = torch.zeros_like(p)",
        f"optimizer = {called(audited.subject, '[p]', given)}",
        "for g in (1.0, -2.0, 0.5):",
        "    optimizer.zero_grad(set_to_none=False)",
        "    p.grad.add_(g)",
        "    optimizer.step()",
        'print("got  ", p.flatten().tolist())',
        f'print("right", {tensors.listed(right)})  # with a new tensor as gradient each time',
    ]
    return tensors.told(audited, lines, 1, 1, 3)


# Parameters


def parameters_kept(audited: Audited) -> Iterator[Finding]:
    """Parameters are moved in place: the same memory, requires_grad and no history."""
    start, gradients = audited.draws(2, audited.shapes, salt=84)
    for form in tensors.runnable(audited):
        parameters = [tensors.parameter(a) for a in start]
        before = [p.data_ptr() for p in parameters]
        run = tensors.live(audited, parameters, {**audited.loud, **form})
        for row in gradients:
            tensors.step(run, [tensors.tensor(g) for g in row])
        words = {
            "are moved to other memory": [p.data_ptr() for p in parameters] == before,
            "lose requires_grad": all(p.requires_grad for p in parameters),
            "are no leaves any more": all(p.is_leaf for p in parameters),
            "are other objects in param_groups": [id(p) for g in run.optimizer.param_groups for p in g["params"]]
            == [id(p) for p in parameters],
        }
        wrong = [word for word, fine in words.items() if not fine]
        if wrong:
            told = f"with {tensors.named(form)} parameters {', '.join(wrong)}"
            yield finding(PARAMETERS, told, _place_script(audited, {**audited.loud, **form}))
            return


def _place_script(audited: Audited, given: Mapping[str, Any]) -> Counterexample:
    lines = [
        f"p = torch.nn.Parameter({tensors.one(audited)})",
        f"optimizer = {called(audited.subject, '[p]', given)}",
        "tied, before = p.data, p.data_ptr()",
        f"p.grad = {tensors.one(audited)}",
        "optimizer.step()",
        "members = optimizer.param_groups[0]['params']",
        'print("got  ", p.data_ptr() == before, p.requires_grad, p.is_leaf, members[0] is p)',
        'print("right", True, True, True, True)  # moved in place',
    ]
    return tensors.told(audited, lines, 1, 1, 1)


def modes(audited: Audited) -> Iterator[Finding]:
    """step does the same with gradients enabled and disabled."""
    import torch

    start, gradients = audited.draws(2, audited.shapes, salt=85)
    with torch.enable_grad(), torch.random.fork_rng([]):
        torch.manual_seed(1)
        right = tensors.path(audited, start, gradients)
    for name, mode in (("torch.no_grad()", torch.no_grad), ("torch.inference_mode()", torch.inference_mode)):
        lines = [
            f"p = torch.nn.Parameter({tensors.one(audited)})",
            f"optimizer = {called(audited.subject, '[p]', audited.loud)}",
            f"p.grad = {tensors.one(audited)}",
            f"with {name}:",
            "    optimizer.step()",
            'print("got  ", p.flatten().tolist())',
        ]
        shape = (1, 1) if "1, 1" in tensors.one(audited) else (1,)
        last = tensors.path(audited, [np.ones(shape)], [[np.ones(shape)]])[-1]
        lines.append(f'print("right", {tensors.listed(last)})  # as outside it')
        shown = tensors.told(audited, lines, 1, 1, 1)
        try:
            with mode(), torch.random.fork_rng([]):
                torch.manual_seed(1)
                got = _outside(audited, start, gradients, mode)
        except Exception as error:
            if mode is torch.no_grad:
                yield finding(MODES, f"under {name} step fails: {type(error).__name__}: {error}", shown)
            continue
        if any((a != b).any() for a, b in zip(right, got, strict=True)):
            yield finding(MODES, f"under {name} step gives other numbers", shown)
            return


def _outside(audited: Audited, start: list[Array], gradients: list[list[Array]], mode: Any) -> list[Array]:
    """Everything but step with gradients enabled."""
    import torch

    with torch.inference_mode(False), torch.enable_grad(), audited.arithmetic():
        run, got = tensors.live(audited, [tensors.parameter(a) for a in start]), []
        for row in gradients:
            for parameter, g in zip(run.parameters, row, strict=True):
                parameter.grad = tensors.tensor(g)
            with mode():
                run.call()
            got.append(tensors.entries(run.parameters))
    return got


KEPT = Probe(
    "DP705",
    "gradients-unchanged",
    "warning",
    "step leaves p.grad as it is, bit for bit.",
    "Keeps a copy of every gradient and compares after this and later steps. People log norms of gradients, clip and "
    "accumulate after step; weight decay or a normalisation written into p.grad is seen by all of them.",
    gradients_kept,
)
HELD = Probe(
    "DP706",
    "gradients-not-held",
    "error",
    "No state is the gradient tensor itself.",
    "Uses the same tensors as gradients in every step, zeroed and filled anew, as zero_grad(set_to_none=False) and "
    "gradient buckets of data-parallel training do. A first moment that is p.grad and no copy of it is zeroed with "
    "it.",
    gradients_not_held,
)
PARAMETERS = Probe(
    "DP707",
    "parameters-in-place",
    "warning",
    "Parameters are moved in place: the same memory, requires_grad and no history.",
    "Compares data_ptr, requires_grad and is_leaf before and after. Tied weights, views, flattened buffers and CUDA "
    "graphs hold the memory; a parameter that gets new memory leaves them behind.",
    parameters_kept,
)
MODES = Probe(
    "DP708",
    "grad-modes",
    "warning",
    "step does the same with gradients enabled and disabled.",
    "Calls step as it is, under torch.no_grad and under torch.inference_mode, and compares bit for bit. An error "
    "under inference_mode is let pass.",
    modes,
)
PROBES = tensors.that_run(KEPT, HELD, PARAMETERS, MODES)
