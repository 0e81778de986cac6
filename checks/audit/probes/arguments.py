"""Arguments of the constructor: each one does something, and what its name says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..bookkeeping import (
    QUIET_FLAGS,
    accepts,
    base,
    differing,
    entry_shapes,
    guarded,
    named,
    other_values,
    path_of,
    steady,
    straight,
    walk,
)
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, Skipped, finding
from ..script import called
from ..signature import REQUIRED, bare, place_of
from ..subject import Array
from ..telling import first_telling, made, plain, small, telling_script, tensors
from ..words import CLAIMS

SHARP = (*CLAIMS, "momentum", "lr", "learning_rate", "eps", "epsilon", "betas")
"""Arguments whose names say enough, whatever the rule is: one that does nothing is an error."""
SCALES = (1.0, 1e-6, 1e4)
"""Of the gradients: damping shows in small ones, clipping in large ones."""
MANY = 12
SENSELESS: Mapping[str, tuple[float, ...]] = {
    "eta": (-1.0, float("nan")), "beta1": (1.0, -0.5), "beta2": (1.0,), "eps": (-1.0,), "lambda": (-1.0,),
}  # fmt: skip
"""Letter -> values outside of its range."""


def ignored(audited: Audited) -> Iterator[Finding]:
    """Another value of an argument changes the path, or the state, in one setting at least."""
    keywords = base(audited)
    steady(audited, keywords)
    for name in _candidates(audited):
        tried = list(_settings(audited, keywords, name))
        whole = name not in SHARP and not name.startswith("weight_decay")  # these must move parameters, not state alone
        if tried and not any(_differs(audited, one, two, whole) for one, two in tried):
            one, two = tried[0]
            text = f"{name} is accepted and ignored: {_shown(one, audited, name)} and {two[name]!r} give the same path"
            kind = "error" if _sharp(audited, name) else ""
            what = f"in {len(tried)} settings"
            yield finding(IGNORED, f"{text} {what}", _ignored_script(audited, one, two), severity=kind)


def _candidates(audited: Audited) -> list[str]:
    signature = audited.signature
    names = [*signature.numbers, *signature.flags]
    required = [n for n, value in signature.defaults.items() if value is REQUIRED and n not in signature.fixed]
    return [n for n in (*names, *required) if n not in (*QUIET_FLAGS, "maximize")]


def _settings(
    audited: Audited, keywords: Mapping[str, Any], name: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of keywords that differ in one argument alone: beside the loud ones, beside the defaults, and beside each
    flag turned, or two of them.
    """
    eta = {k: v for k, v in keywords.items() if k in (bare(audited.signature.word("eta")),)}
    flags = [f for f in audited.signature.flags if f != name and f not in (*QUIET_FLAGS, "maximize")]
    turned = [{f: not keywords.get(f, audited.signature.defaults[f])} for f in flags]
    pairs = [{**a, **b} for a, b in itertools.combinations(turned, 2)]
    zeros = [{k: 0.0} for k, v in keywords.items() if k != name and isinstance(v, float) and k not in eta]
    for around in [{}, *turned, *zeros, *pairs]:
        yield from _pair({**keywords, **around}, audited, name)
    yield from _pair({**audited.signature.fixed, **eta}, audited, name)


def _pair(given: dict[str, Any], audited: Audited, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    value = given.get(name, audited.signature.defaults[name])
    for other in other_values(0.1 if value is REQUIRED else value):
        here = {**given, name: 0.1} if value is REQUIRED else given
        if accepts(audited, here) and accepts(audited, {**here, name: other}):
            yield here, {**here, name: other}
            break


def _differs(audited: Audited, one: Mapping[str, Any], two: Mapping[str, Any], whole: bool) -> bool:
    """whole: whether a difference in the state alone is one."""
    start, drawn = audited.draws(MANY, salt=51)
    for gradients, dtype, scale in [
        *((drawn, "float64", scale) for scale in SCALES),
        (straight(drawn), "float64", 1.0),
        (drawn, "bfloat16", 1.0),
        (drawn, "float16", 1.0),
    ]:
        shrinking = [[scale * g * (1 if k < 3 else 0.1) for g in row] for k, row in enumerate(gradients)]
        ours, theirs = (_everything(audited, start, shrinking, given, whole, dtype) for given in (one, two))
        if ours.shape != theirs.shape or not np.array_equal(ours, theirs, equal_nan=True):
            return True
    return False


def _everything(
    audited: Audited, start: list[Array], gradients: Sequence[Any], keywords: Mapping[str, Any], whole: bool, dtype: str
) -> Array:
    """The parameters after each step, and the tensors of the state after the last (averages that are no parameter)."""
    try:
        live: Any = audited.subject.start(start, keywords, dtype=dtype)
        path = walk(live, gradients)
    except Exception:
        if dtype == "float64":
            raise
        return np.zeros(0)  # it does not take the type
    kept: list[Any] = []
    if whole and audited.subject.kind == "torch":
        for p in live.parameters:
            state = getattr(live.optimizer, "state", {}).get(p, {})
            kept += [v.detach().double().numpy() for k, v in sorted(getattr(state, "items", dict)(), key=str)
                     if hasattr(v, "detach") and not v.is_complex()]  # fmt: skip
    return flat([*path, *kept])


def _sharp(audited: Audited, name: str) -> bool:
    """Whether the name says what should change: a letter of the rule that is known or claimed, or one of SHARP."""
    rule = audited.declared or (audited.identified.variant if audited.identified and audited.known else None)
    letters = [bare(w) for w in audited.signature.letters(rule.rule).values()] if rule else []
    decay = audited.signature.word("lambda")
    return name in SHARP or name in letters or name == decay.partition("[")[0] or name.startswith("weight_decay")


def _shown(given: Mapping[str, Any], audited: Audited, name: str) -> str:
    return repr(given.get(name, audited.signature.defaults[name]))


def _ignored_script(audited: Audited, one: Mapping[str, Any], two: Mapping[str, Any]) -> Counterexample | None:
    start, gradients = small([(2, 2)], 3)
    still = plain(path_of(audited, start, gradients, one)[-1])
    lines = audited.subject.script(start, two, gradients)
    lines = [*lines, f'print("got  ", "the same" if got == {still} else "another")']
    return first_telling([telling_script(audited.subject, lines, start, 3, '"another"', "than with the other value")])


def maximised(audited: Audited) -> Iterator[Finding]:
    """maximize=True is the run with gradients of the other sign."""
    if "maximize" not in audited.signature.flags:
        raise Skipped("it takes no maximize")
    if getattr(audited.subject, "form", "") == "loss":
        raise Skipped("its step takes the loss, whose sign is turned too")
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(6, salt=52)
    turned = [[-g for g in row] for row in gradients]
    right = path_of(audited, start, turned, keywords)
    if audited.known and audited.identified is not None and audited.identified.precise:
        right = audited.oracle_path(start, turned)
    try:
        path = path_of(audited, start, gradients, {**keywords, "maximize": True})
    except Exception as error:
        yield finding(MAXIMISED, f"maximize=True raises {named(error)}", severity="warning")
        return
    size, step, _ = differing(right, path, start)
    if step:
        plainly = path_of(audited, start, gradients, keywords)
        same = not differing(plainly, path, start)[1]
        text = f"maximize=True is {size:.2g} steps from the run with gradients of the other sign, from step {step} on"
        yield finding(MAXIMISED, text + (": it does nothing" if same else ""), _maximised_script(audited, keywords))


def _maximised_script(audited: Audited, keywords: Mapping[str, Any]) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 2, 4):
                start, gradients = small([shape], steps)
                right = plain(path_of(audited, start, [[-g for g in row] for row in gradients], keywords)[-1])
                lines = audited.subject.script(start, {**keywords, "maximize": True}, gradients)
                lines = [*lines, 'print("got  ", got)']
                yield telling_script(audited.subject, lines, start, steps, str(right), "minimising, gradients turned")

    return first_telling(candidates())


def out_of_range(audited: Audited) -> Iterator[Finding]:
    """Values that no rule takes are refused by the constructor."""
    import torch

    taken = []
    for name, value, text in _senseless(audited):
        try:
            p = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64))
            audited.subject.maker([p], **{**base(audited), name: value})  # type: ignore[attr-defined]
        except Exception:
            continue
        taken.append((name, value, text))
    if taken:
        shown = ", ".join(text for _, _, text in taken)
        yield finding(RANGE, f"accepted without a word: {shown}", _range_script(audited, *taken[0][:2]))


def _senseless(audited: Audited) -> Iterator[tuple[str, Any, str]]:
    """(argument, value, as text)."""
    signature = audited.signature
    words = audited.words if audited.known else {k: signature.word(k) for k in ("eta", "eps", "lambda")}
    for letter, values in SENSELESS.items():
        word = words.get(letter, "")
        name, place = bare(word), place_of(word)
        if not name:
            continue
        for value in values:
            if place is None:
                yield name, value, f"{name}={value}"
            elif isinstance(signature.defaults[name], tuple | list):
                members = list(signature.defaults[name])
                members[place] = value
                yield name, tuple(members), f"{name}={tuple(members)}"


def _range_script(audited: Audited, name: str, value: Any) -> Counterexample | None:
    shown = "float('nan')" if value != value else repr(value)
    keywords = {k: v for k, v in base(audited).items() if k != name}
    call = called(audited.subject, "[p]", keywords)[:-1] + f", {name}={shown})"
    lines = [
        *tensors(("p",), [np.ones((2, 2))]),
        "try:",
        f"    {call}",
        "    got = 'accepted'",
        "except Exception:",
        "    got = 'refused'",
        'print("got  ", got)',
    ]
    return first_telling(
        [telling_script(audited.subject, lines, [np.ones((2, 2))], 0, "'refused'", "no rule takes it")]
    )


def tensor_rate(audited: Audited) -> Iterator[Finding]:
    """A step size that is a tensor of no dimensions gives the path of the number, and is left as it is."""
    import torch

    keywords = base(audited)
    eta = bare(audited.signature.word("eta"))
    if not isinstance(keywords.get(eta), float):
        raise Skipped("no argument is the step size")
    steady(audited, keywords)
    start, gradients = audited.draws(6, salt=53)
    rate = torch.tensor(keywords[eta], dtype=torch.float64)
    try:
        live = audited.subject.start(start, {**keywords, eta: rate})
    except Exception as error:
        raise Skipped(f"the constructor refuses a tensor: {named(error)}") from error
    try:
        path = walk(live, gradients)
    except Exception as error:
        text = f"{eta} as a tensor is accepted by the constructor, and the step raises {named(error)}"
        yield finding(RATE, text, _rate_script(audited, keywords, eta), severity="note")
        return
    size, step, _ = differing(path_of(audited, start, gradients, keywords), path, start)
    if float(rate) != keywords[eta]:
        text = f"{eta} as a tensor is changed in place: {keywords[eta]} is {float(rate):.6g} after 6 steps"
        yield finding(RATE, text, _rate_script(audited, keywords, eta), severity="error")
    elif step:
        text = f"{eta} as a tensor gives another path than the same number, by {size:.2g} steps"
        yield finding(RATE, text, _rate_script(audited, keywords, eta))


def _rate_script(audited: Audited, keywords: Mapping[str, Any], eta: str) -> Counterexample | None:
    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for steps in (1, 2, 4):
                start, gradients = small([shape], steps)
                right = plain(path_of(audited, start, gradients, keywords)[-1])
                rest = {k: v for k, v in keywords.items() if k != eta}
                call = made(audited.subject, "optimizer", "[p]", rest)
                call[0] = call[0][:-1] + f", {eta}=torch.tensor({keywords[eta]!r}, dtype=torch.float64))"
                whole = audited.subject.script(start, keywords, gradients)
                body = [line for line in whole if not line.startswith(("p =", "optimizer"))]
                lines = [
                    *tensors(("p",), start),
                    *call,
                    "try:",
                    *(f"    {line}" for line in body),
                    "except Exception as error:",
                    "    got = repr(error)",
                    'print("got  ", got)',
                ]
                yield telling_script(audited.subject, lines, start, steps, str(right), "with the number")

    return first_telling(candidates())


IGNORED = Probe(
    "DP711",
    "arguments-used",
    "warning",
    "Every argument of the constructor changes the path somewhere.",
    "Gives each number, tuple and flag another value, beside loud values of the others, beside the defaults, beside "
    "each other flag turned (and two of them) and each other number at zero, with ordinary, tiny and large gradients, "
    "and looks for any difference in parameters or state. One that never makes one is accepted and ignored: the user "
    "who sets it believes in something that does not happen. It is an error for what the rule has (step size, betas, "
    "damping, weight decay) and for amsgrad, nesterov, momentum; maximize has a check of its own. Flags that choose "
    "another road to the same numbers (foreach, fused, capturable, differentiable) are not looked at here.",
    guarded(ignored),
    kinds=("torch", "optax", "functional"),
)
MAXIMISED = Probe(
    "DP712",
    "maximize",
    "error",
    "maximize=True is the run with gradients of the other sign.",
    "Compares it with a minimising run of the declared rule (of the target itself, where it is none) whose gradients "
    "have the other sign. Weight decay keeps its sign in both: the loss is maximised, not the norm of the parameters.",
    guarded(maximised),
)
RANGE = Probe(
    "DP713",
    "ranges",
    "note",
    "The constructor refuses values that no rule takes.",
    "Passes a negative step size, one that is not a number, decays of moments at 1 and below 0, negative damping and "
    "negative weight decay to the constructor. What is accepted turns up later as NaN, or as a loss that goes up.",
    guarded(out_of_range),
)
RATE = Probe(
    "DP714",
    "step-size-as-tensor",
    "warning",
    "A step size that is a tensor gives the path of the number.",
    "Where the constructor takes a tensor without dimensions as step size (capturable and compiled code does so): the "
    "path must be that of the same number, and the tensor must not be changed. A step that raises is a note.",
    guarded(tensor_rate),
)
PROBES = (IGNORED, MAXIMISED, RANGE, RATE)
