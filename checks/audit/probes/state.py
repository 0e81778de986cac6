"""What state_dict keeps: a run that is saved and loaded goes on as one that was not interrupted, bit by bit."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from driftproof.checks.runtime.packages import quiet

from ..bookkeeping import Series, base, entry_shapes, guarded, listed, named, path_of, same, steady, varied, walk
from ..finding import Counterexample, Finding
from ..probe import Audited, Probe, Skipped, finding
from ..subject import Array
from ..telling import first_telling, made, series, small, stepper, telling_script, tensors

BEFORE, STEPS = 3, 6
DTYPES = ("float64", "float32", "bfloat16", "float16")
NUMPY_DTYPES = ("float64", "float32", "float16")
LIBRARY = ("defaults", "state", "param_groups", "_zero_grad_profile_name", "_warned_capturable_if_run_uncaptured")
"""Attributes that torch's own base class has."""


def save_load(audited: Audited) -> Iterator[Finding]:
    """A fresh instance that loads the state goes on bit by bit, in four types."""
    keywords = base(audited)
    if not _outside(audited, keywords):
        yield from _lost(audited, keywords, SAVED, "")


def kept_outside(audited: Audited) -> Iterator[Finding]:
    """The same, for a target with attributes that a step changes: they are what is lost."""
    keywords = base(audited)
    outside = _outside(audited, keywords)
    if outside:
        yield from _lost(audited, keywords, OUTSIDE, f": {outside}")


def _lost(audited: Audited, keywords: Mapping[str, Any], probe: Probe, why: str) -> Iterator[Finding]:
    lost: list[str] = []
    for dtype in DTYPES if audited.subject.kind != "functional" else NUMPY_DTYPES:
        try:
            steady_in(audited, keywords, dtype)
        except Exception:
            continue  # the target does not take the type, or is not repeatable in it
        found = _resumed(audited, keywords, dtype)
        if isinstance(found, str):
            script = _resume_script(audited, keywords, keywords, dtype)
            yield finding(probe, f"in {dtype}, {found}{why}", script)
            return
        if not found:
            lost.append(dtype)
    if lost:
        text = f"a run that is saved and loaded does not go on as before in {', '.join(lost)}{why}"
        # of a functional state, types are part of what is saved: a float32 that comes back as float64 is no loss
        full = {"float64", "float32"} if audited.subject.kind == "torch" else {"float64"}
        severe = "error" if full & set(lost) else "warning"
        yield finding(probe, text, _resume_script(audited, keywords, keywords, lost[0]), severity=severe)


def steady_in(audited: Audited, keywords: Mapping[str, Any], dtype: str) -> None:
    """raises: Skipped where two equal runs in a type differ."""
    start, gradients = audited.draws(2, salt=11)
    if not same(*(path_of(audited, start, gradients, keywords, dtype) for _ in range(2))):
        raise Skipped(f"two equal runs of the target differ in {dtype}")


def _resumed(audited: Audited, keywords: Mapping[str, Any], dtype: str) -> bool | str:
    """Whether it goes on as before; what was raised where something was. A cast of the state is put back, since
    another probe reports it.
    """
    start, gradients = audited.draws(STEPS, salt=12)
    live = audited.subject.start(start, keywords, dtype=dtype)
    walk(live, gradients[:BEFORE])
    try:
        saved = live.save()
        fresh = audited.subject.start(live.theta(), keywords, dtype=dtype)
        fresh.load(saved)
    except Exception as error:
        return f"saving and loading raises {named(error)}"
    if audited.subject.kind == "torch":
        uncast(live, fresh)
    else:
        fresh.params = list(live.params)  # type: ignore[attr-defined]  # in the type that the steps gave them
    try:
        after = walk(fresh, gradients[BEFORE:])
    except Exception as error:
        return f"a step after loading raises {named(error)}"
    return same(walk(live, gradients[BEFORE:]), after)


def casts(live: Any, fresh: Any) -> Iterator[tuple[Any, str, Any, Any]]:
    """(parameter of the loaded run, key, tensor there, tensor as it was) where the types differ."""
    for p, q in zip(live.parameters, fresh.parameters, strict=True):
        old, new = _state(live, p), _state(fresh, q)
        for key, value in old.items():
            if hasattr(value, "dtype") and hasattr(new.get(key), "dtype") and value.dtype != new[key].dtype:
                yield q, key, new[key], value


def uncast(live: Any, fresh: Any) -> None:
    for q, key, _, value in list(casts(live, fresh)):
        fresh.optimizer.state[q][key] = value.clone()


def _state(live: Any, parameter: Any) -> Mapping[str, Any]:
    state = getattr(live.optimizer, "state", {})
    found = state.get(parameter, {}) if hasattr(state, "get") else {}
    return found if isinstance(found, Mapping) else {}


def _outside(audited: Audited, keywords: Mapping[str, Any]) -> str:
    """Attributes that change in a step and are no part of state_dict, in words; "" if there are none."""
    if audited.subject.kind != "torch":
        return ""
    start, gradients = audited.draws(2, salt=13)
    live: Any = audited.subject.start(start, keywords)
    before = {k: _print_of(v) for k, v in vars(live.optimizer).items() if k not in LIBRARY}
    walk(live, gradients)
    after = {k: _print_of(v) for k, v in vars(live.optimizer).items() if k not in LIBRARY}
    moved = sorted(k for k, v in after.items() if before.get(k) != v)
    if not moved:
        return ""
    return f"{', '.join(moved)} {'is an attribute' if len(moved) == 1 else 'are attributes'} that state_dict leaves out"


def _print_of(value: Any) -> str:
    try:
        return repr(value)
    except Exception:
        return "?"


def casting(audited: Audited) -> Iterator[Finding]:
    """Loading leaves the types of the state as they were saved."""
    keywords = base(audited)
    for dtype in DTYPES:
        start, gradients = audited.draws(STEPS, salt=12)
        try:
            live: Any = audited.subject.start(start, keywords, dtype=dtype)
            walk(live, gradients[:BEFORE])
            fresh: Any = audited.subject.start(live.theta(), keywords, dtype=dtype)
            fresh.load(live.save())
        except Exception:
            continue  # saved-and-loaded reports it
        cast = [(key, str(old.dtype), str(new.dtype)) for _, key, new, old in casts(live, fresh)]
        if not cast:
            continue
        steady_in(audited, keywords, dtype)
        if not same(walk(live, gradients[BEFORE:]), walk(fresh, gradients[BEFORE:])):
            key, old, new = cast[0]
            text = f"loading turns the state {key!r} from {_short(old)} into {_short(new)} with {dtype} parameters"
            yield finding(
                CAST, f"{text}, and the steps after it differ", _resume_script(audited, keywords, keywords, dtype)
            )
            return


def _short(name: str) -> str:
    return name.removeprefix("torch.")


def other_constructor(audited: Audited) -> Iterator[Finding]:
    """A fresh instance made with other hyperparameters takes those of the state it loads."""
    keywords = base(audited)
    steady(audited, keywords)
    start, gradients = audited.draws(STEPS, salt=14)
    live: Any = audited.subject.start(start, keywords)
    walk(live, gradients[:BEFORE])
    saved, theta = live.save(), live.theta()
    groups = live.optimizer.param_groups[0] if getattr(live.optimizer, "param_groups", None) else {}
    plain = _continued(audited, keywords, theta, saved, gradients)
    if plain is None:
        raise Skipped("the state does not load (see saved-and-loaded)")
    kept: dict[bool, dict[str, dict[str, Any]]] = {True: {}, False: {}}
    for name, other in varied(audited, keywords):
        if not same(plain, _continued(audited, other, theta, saved, gradients) or []):
            kept[name in groups].setdefault(name, other)
    for inside, found in kept.items():
        if found:
            where = "param_groups has the loaded value, steps use another" if inside else "kept outside param_groups"
            text = f"after loading, {listed(list(found), 'is', 'are')} still the constructor's: {where}"
            shown = _resume_script(audited, keywords, next(iter(found.values())), "float64")
            yield finding(OTHER, text, shown, severity="error" if inside else "")


def _continued(audited: Audited, keywords: Mapping[str, Any], theta: list[Array], saved: Any, gradients: Series) -> Any:
    """The path after a load into an instance that was made with these; None if something was raised."""
    try:
        fresh = audited.subject.start(theta, keywords)
        fresh.load(saved)
        return walk(fresh, gradients[BEFORE:])
    except Exception:
        return None


def _resume_script(
    audited: Audited, keywords: Mapping[str, Any], other: Mapping[str, Any], dtype: str
) -> Counterexample | None:
    """One tensor: steps, a load into a second optimizer, one step of both."""
    if audited.subject.kind != "torch":
        return None

    def candidates() -> Iterator[Counterexample]:
        for shape in entry_shapes(audited):
            for before, after in ((1, 1), (1, 2), (2, 1), (3, 3), (3, 10)):
                start, gradients = small([shape], before + after)
                rest = series(gradients[before:])
                lines = [
                    *tensors(("p",), start, dtype),
                    *made(audited.subject, "one", "[p]", keywords),
                    *stepper(audited.subject),
                    f"steps(one, [p], {series(gradients[:before])})",
                    "q = torch.nn.Parameter(p.detach().clone())",
                    *made(audited.subject, "two", "[q]", other),
                    "two.load_state_dict(copy.deepcopy(one.state_dict()))",
                    f"for optimizer, x in ((one, p), (two, q)):\n    steps(optimizer, [x], {rest})",
                    'print("got  ", q.flatten().tolist())',
                    'print("right", p.flatten().tolist())  # the run that was not interrupted',
                ]
                yield telling_script(audited.subject, ["import copy", *lines], start, before + after)

    return first_telling(candidates(), 0.0)


def weights_only(audited: Audited) -> Iterator[Finding]:
    """The state goes through torch.save, and through torch.load with weights_only=True."""
    import torch

    keywords = base(audited)
    start, gradients = audited.draws(2, salt=15)
    live: Any = audited.subject.start(start, keywords)
    walk(live, gradients)
    stream = io.BytesIO()
    try:
        with quiet(), live.subject.usual_types():
            torch.save(live.optimizer.state_dict(), stream)
            torch.load(io.BytesIO(stream.getvalue()), weights_only=True)
    except Exception as error:
        yield finding(
            WEIGHTS_ONLY,
            f"the state does not go through torch.save and torch.load: {named(error)}",
            _weights_script(audited, keywords),
        )


def _weights_script(audited: Audited, keywords: Mapping[str, Any]) -> Counterexample | None:
    start, gradients = small([(2, 2)], 1)
    lines = [
        "import io",
        *tensors(("p",), start),
        *made(audited.subject, "optimizer", "[p]", keywords),
        *stepper(audited.subject),
        f"steps(optimizer, [p], {series(gradients)})",
        "stream, got = io.BytesIO(), 'loaded'",
        "try:",
        "    torch.save(optimizer.state_dict(), stream)",
        "    torch.load(io.BytesIO(stream.getvalue()), weights_only=True)",
        "except Exception as error:",
        "    got = type(error).__name__",
        'print("got  ", got)',
    ]
    return first_telling([telling_script(audited.subject, lines, start, 1, "'loaded'")])


SAVED = Probe(
    "DP301",
    "saved-and-loaded",
    "error",
    "A run that is saved and loaded goes on as one that was not interrupted.",
    "Makes four steps, saves, loads into a fresh instance with the same arguments and parameters, and makes four "
    "more, in float64, float32, bfloat16 and float16. The parameters must be equal to the last bit. What is lost "
    "shows after every restart of a training: moments at zero, a bias correction that starts again. In bfloat16 and "
    "float16 alone it is a warning; for what is no torch class in float32, too.",
    guarded(save_load, real=True),
    kinds=("torch", "optax", "functional"),
)
OTHER = Probe(
    "DP302",
    "loaded-hyperparameters",
    "warning",
    "Hyperparameters come from the state that is loaded, not from the constructor.",
    "Loads a state into instances that were made with one other argument each, and goes on: the path must be that of "
    "the saved run. torch's convention is that all hyperparameters are in param_groups, which load_state_dict "
    "restores. One that is an attribute of the optimizer is not saved. It is an error where param_groups shows the "
    "value that was loaded and the step uses another: something was computed in the constructor, or before the load.",
    guarded(other_constructor),
)
WEIGHTS_ONLY = Probe(
    "DP303",
    "weights-only",
    "warning",
    "The state goes through torch.save, and through torch.load with weights_only=True.",
    "torch.load refuses by default what is no tensor, number, text or container of them. A state with functions, "
    "arrays of NumPy or objects of a class of its own does not load.",
    guarded(weights_only),
)
OUTSIDE = Probe(
    "DP304",
    "state-outside-state-dict",
    "error",
    "Everything that a step changes is in state_dict.",
    "Reported in place of saved-and-loaded where attributes of the optimizer change in a step, and a loaded run goes "
    "on differently: counters and buffers on self are not saved. Keep them in self.state[p], or in the group.",
    guarded(kept_outside, real=True),
)
CAST = Probe(
    "DP305",
    "state-types",
    "warning",
    "Loading leaves the types of the state as they were saved.",
    "Compares the types of the state before and after, in four types of the parameters. torch's load_state_dict turns "
    "every floating-point tensor of a parameter's state, other than 'step', into the type of the parameter: a float32 "
    "copy of bfloat16 weights, or a scalar kept in float32, comes back as something else, and the run goes on "
    "differently. Override load_state_dict, or keep such numbers as Python floats.",
    guarded(casting, real=True),
)
PROBES = (SAVED, OTHER, WEIGHTS_ONLY, OUTSIDE, CAST)
