"""Memory that should not be shared, and copies that should go on: gradients, state, deepcopy and pickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from driftproof.checks.runtime.packages import quiet

from ..bookkeeping import accepts, base, differing, entry_shapes, guarded, named, path_of, same, steady, walk
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, Skipped, finding
from ..telling import (
    first_telling,
    made,
    plain,
    series,
    small,
    stepper,
    telling_script,
    tensors,
)
from ..torch_class import TorchLive, step_text, written

BEFORE, STEPS = 3, 6


def gradient_kept(audited: Audited) -> Iterator[Finding]:
    """What happens to .grad after a step does not change the steps after it."""
    keywords = base(audited)
    decay = audited.signature.word("lambda")
    settings = [keywords, *([{**keywords, decay: 0.0}] if decay in keywords else [])]
    for given in settings:
        if not accepts(audited, given):
            continue
        steady(audited, given)
        start, gradients = audited.draws(STEPS, salt=21)
        live: Any = audited.subject.start(start, given)
        path = []
        for row in gradients:
            live.step(row)
            path.append(flat(live.theta()))
            for p in live.parameters:
                if p.grad is not None:
                    p.grad.zero_()
        clean = path_of(audited, start, gradients, given)
        size, step, _ = differing(clean, path, start)
        if step:
            text = f"p.grad.zero_() after a step changes the steps after it, by {size:.2g} steps"
            shown = _kept_script(audited, given)
            yield finding(GRADIENT, f"{text}: the state is the gradient itself, not a copy of it", shown)
            return


def _kept_script(audited: Audited, keywords: Mapping[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (2, 3, 5):
                start, gradients = small([shape], steps)
                right = path_of(audited, start, gradients, keywords)[-1]
                lines = [
                    *tensors(("p",), start),
                    *made(audited.subject, "optimizer", "[p]", keywords),
                    f"for g in [{', '.join(written(row[0]) for row in gradients)}]:",
                    "    p.grad = torch.tensor(g, dtype=p.dtype)",
                    f"    {step_text(audited.subject)}",
                    "    p.grad.zero_()  # as zero_grad(set_to_none=False) does",
                    'print("got  ", p.flatten().tolist())',
                ]
                yield telling_script(audited.subject, lines, start, steps, str(plain(right)), "without zero_()")

    return first_telling(candidates())


def shared_memory(audited: Audited) -> Iterator[Finding]:
    """No tensor of the state shares memory with a parameter, or with another tensor of the state."""
    keywords = base(audited)
    start, gradients = audited.draws(2, salt=22)
    live: Any = audited.subject.start(start, keywords)
    walk(live, gradients)
    places = [(f"parameter {k}", p) for k, p in enumerate(live.parameters)]
    for k, p in enumerate(live.parameters):
        state = getattr(live.optimizer, "state", {}).get(p, {})
        if isinstance(state, Mapping):
            places += [(f"{key!r} of parameter {k}", v) for key, v in state.items() if hasattr(v, "data_ptr")]
    for position, (name, one) in enumerate(places):
        for other, two in places[position + 1 :]:
            if _overlap(one, two):
                yield finding(MEMORY, f"the state {other} shares its memory with {name}")
                return


def _overlap(one: Any, two: Any) -> bool:
    """Whether the bytes of two dense tensors overlap."""
    if one.layout != two.layout or "strided" not in str(one.layout) or not one.numel() or not two.numel():
        return False
    (a, b), (c, d) = _bytes(one), _bytes(two)
    return a < d and c < b


def _bytes(tensor: Any) -> tuple[int, int]:
    """Where the bytes of a tensor begin and end."""
    span = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True)) + 1
    return tensor.data_ptr(), tensor.data_ptr() + span * tensor.element_size()


def loaded_memory(audited: Audited) -> Iterator[Finding]:
    """Steps of an optimizer that loaded the state of another leave the other's state as it is."""
    import torch

    if issubclass(audited.subject.maker, torch.optim.Optimizer):  # type: ignore[attr-defined]
        raise Skipped("torch's load_state_dict shares tensors with the dictionary that it loads, in every class")
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(STEPS, salt=23)
    live: Any = audited.subject.start(start, keywords)
    walk(live, gradients[:BEFORE])
    fresh: Any = audited.subject.start(live.theta(), keywords)
    with quiet():
        fresh.optimizer.load_state_dict(live.optimizer.state_dict())
    walk(fresh, gradients[:BEFORE])
    clean = path_of(audited, start, gradients, keywords)
    if not same(clean[BEFORE:], walk(live, gradients[BEFORE:])):
        text = "steps of the optimizer that loaded a state_dict change the one that gave it: they share tensors"
        yield finding(LOADED, text, _loaded_script(audited, keywords))


def _loaded_script(audited: Audited, keywords: Mapping[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            start, gradients = small([shape], 4)
            right = path_of(audited, start, gradients, keywords)[-1]
            lines = [
                *tensors(("p", "q"), [start[0], start[0]]),
                *made(audited.subject, "one", "[p]", keywords),
                *made(audited.subject, "two", "[q]", keywords),
                *stepper(audited.subject),
                f"steps(one, [p], {series(gradients[:2])})",
                "two.load_state_dict(one.state_dict())",
                f"steps(two, [q], {series(gradients[:2])})",
                f"steps(one, [p], {series(gradients[2:])})",
                'print("got  ", p.flatten().tolist())',
            ]
            yield telling_script(audited.subject, lines, start, 4, str(plain(right)), "without the second optimizer")

    return first_telling(candidates(), 0.0)


Copier = Callable[[Any], Any]


def copies(audited: Audited) -> Iterator[Finding]:
    """copy.deepcopy and pickle give an optimizer that goes on bit by bit, and on its own."""
    keywords = base(audited)
    steady(audited, keywords)
    makers = {"copy.deepcopy": copy.deepcopy, "pickle": _pickled}
    for name, copier in makers.items():
        found = _copied(audited, keywords, copier)
        if found:
            what, severity = found
            yield finding(COPIES, f"after {name}, {what}", _copy_script(audited, keywords, name), severity=severity)
            return


def _pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def _copied(audited: Audited, keywords: Mapping[str, Any], copier: Copier) -> tuple[str, str] | None:
    """What goes wrong, and how bad that is; None if nothing does."""
    start, gradients = audited.draws(STEPS, salt=24)
    live: Any = audited.subject.start(start, keywords)
    walk(live, gradients[:BEFORE])
    try:
        with quiet():
            optimizer, parameters = copier((live.optimizer, live.parameters))
        twin = TorchLive(live.subject, optimizer, parameters)
    except Exception as error:
        local = copier is _pickled and ("local" in str(error) or "not the same object" in str(error))
        return None if local else (f"nothing is there: {named(error)}", "")
    try:
        theirs = walk(twin, gradients[BEFORE:])
    except Exception as error:
        return f"a step raises {named(error)}", ""
    ours = walk(live, gradients[BEFORE:])
    clean = path_of(audited, start, gradients, keywords)[BEFORE:]
    if not same(ours, clean):
        return "steps of the copy change the original", "error"
    if not same(theirs, clean):
        return "the copy does not go on as the original does", "error"
    return None


def _copy_script(audited: Audited, keywords: Mapping[str, Any], how: str) -> Counterexample | None:
    copied = "copy.deepcopy((one, p))" if how == "copy.deepcopy" else "pickle.loads(pickle.dumps((one, p)))"

    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((1, 1), (2, 2)):
                start, gradients = small([shape], before + after)
                rest = series(gradients[before:])
                lines = [
                    "import copy, pickle",
                    *tensors(("p",), start),
                    *made(audited.subject, "one", "[p]", keywords),
                    *stepper(audited.subject),
                    f"steps(one, [p], {series(gradients[:before])})",
                    "try:",
                    f"    two, q = {copied}",
                    f"    steps(two, [q], {rest})",
                    "    got = q.flatten().tolist()",
                    "except Exception as error:",
                    "    got = repr(error)",
                    f"steps(one, [p], {rest})",
                    'print("got  ", got)',
                ]
                right = path_of(audited, start, gradients, keywords)[-1]
                yield telling_script(
                    audited.subject, lines, start, before + after, str(plain(right)), "the original's path"
                )

    return first_telling(candidates(), 0.0)


GRADIENT = Probe(
    "DP306",
    "gradient-kept",
    "error",
    "What happens to .grad after a step does not change the steps after it.",
    "Sets every .grad to zero in place after each step, as zero_grad(set_to_none=False) does; the path must not "
    "change. It does where a buffer is the gradient tensor itself (state['buf'] = p.grad), as often in the first "
    "step: zeroing the gradient then zeroes the momentum. Runs with and without weight decay, since grad.add() makes "
    "a copy by chance. Write p.grad.clone().",
    guarded(gradient_kept),
)
MEMORY = Probe(
    "DP307",
    "state-shares-memory",
    "warning",
    "No tensor of the state shares memory with a parameter or with another tensor of the state.",
    "Compares the addresses of parameters and state after two steps. A state that is a view of the parameter moves "
    "when the parameter is changed from outside (a load, clipping, averaging); two buffers in one place overwrite "
    "each other.",
    guarded(shared_memory),
)
COPIES = Probe(
    "DP308",
    "copies-go-on",
    "warning",
    "copy.deepcopy and pickle give an optimizer that goes on as the original does, and leaves it alone.",
    "Copies optimizer and parameters after three steps and lets both go on. torch's Optimizer copies defaults, state "
    "and param_groups only: attributes of a subclass are not copied, and a step of the copy raises AttributeError. "
    "Keep options in the groups, or override __getstate__. A copy that goes on differently without a word is an "
    "error.",
    guarded(copies),
)
LOADED = Probe(
    "DP309",
    "loaded-state-apart",
    "warning",
    "An optimizer that loaded a state shares no tensor with where it came from.",
    "For classes that are no torch.optim.Optimizer: a second optimizer loads the state_dict of a first and makes "
    "steps; the first must go on as if it had not. torch's own load_state_dict shares tensors of the right type with "
    "the dictionary, so that one should pass a copy; subclasses are skipped.",
    guarded(loaded_memory),
)
PROBES = (GRADIENT, MEMORY, COPIES, LOADED)
