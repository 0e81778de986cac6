"""Step counters of a target, found by what they do: scalars of its state that rise by one at each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .subject import Live

NAMES = ("step", "steps", "t", "count", "k", "iteration", "iterations", "num_updates", "num_steps", "n", "i")
"""What counters are called."""


@dataclass(frozen=True)
class Slot:
    """A scalar in the state. path: where it is, as Python would write it, with p for the parameter.

    read, write: its number; write keeps the type.   kind: the name of its type.
    """

    path: str
    key: str
    read: Callable[[], float]
    write: Callable[[float], None]
    kind: str


def slots(live: Live) -> dict[str, Slot]:
    """Scalars of the state, by path; hyperparameters of the constructor are none."""
    found = {"torch": _of_torch, "optax": _of_optax, "functional": _of_functional}[live.subject.kind](live)  # type: ignore[attr-defined]
    return {slot.path: slot for slot in found}


def counters(live: Live, step: Callable[[], None]) -> dict[str, Slot]:
    """Those scalars that rise by one in each of three steps."""
    return {path: slot for path, (slot, by) in rises(live, step).items() if by == {1.0}}


def rises(live: Live, step: Callable[[], None], steps: int = 3) -> dict[str, tuple[Slot, set[float]]]:
    """The scalars that are there from the first step on, and by how much they rose in each step after it."""
    step()
    before = {k: s.read() for k, s in slots(live).items()}
    found: dict[str, tuple[Slot, set[float]]] = {}
    for _ in range(steps):
        step()
        now = slots(live)
        for path, slot in now.items():
            if path in before:
                found[path] = (slot, {*found.get(path, (slot, set()))[1], slot.read() - before[path]})
        before = {k: s.read() for k, s in now.items()}
    return found


def _of_torch(live: Any) -> Iterator[Slot]:
    optimizer, arguments = live.optimizer, live.subject.signature.defaults
    state = getattr(optimizer, "state", {})
    for number, p in enumerate(live.parameters):
        if p in state:
            name = "p" if len(live.parameters) == 1 else f"p{number}"
            yield from _of_mapping(state[p], f"optimizer.state[{name}]")
    yield from _of_mapping({k: v for k, v in state.items() if isinstance(k, str)}, "optimizer.state")
    for number, group in enumerate(getattr(optimizer, "param_groups", [])):
        yield from _of_mapping(group, f"optimizer.param_groups[{number}]", arguments)
    for name in vars(optimizer):
        yield from _of_mapping(vars(optimizer), "vars(optimizer)", [n for n in vars(optimizer) if n != name])


def _of_mapping(values: Any, place: str, without: Any = ()) -> Iterator[Slot]:
    if not hasattr(values, "items"):
        return
    for key, value in list(values.items()):
        if key in without or not _scalar(value):
            continue
        yield Slot(f"{place}[{key!r}]", str(key), _reader(values, key), _writer(values, key), _kind(value))


def _scalar(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    return isinstance(value, int | float) or (getattr(value, "ndim", 1) == 0 and "bool" not in str(value.dtype))


def _kind(value: Any) -> str:
    return str(value.dtype) if hasattr(value, "dtype") else type(value).__name__


def _reader(values: Any, key: Any) -> Callable[[], float]:
    return lambda: float(values[key])


def _writer(values: Any, key: Any) -> Callable[[float], None]:
    def write(number: float) -> None:
        old = values[key]
        if hasattr(old, "fill_"):
            old.fill_(number)
        else:
            values[key] = type(old)(number) if isinstance(old, int | float) else np.asarray(number, dtype=old.dtype)[()]

    return write


def _of_optax(live: Any) -> Iterator[Slot]:
    import jax

    for number, leaf in enumerate(jax.tree.leaves(live.state)):
        if _scalar(leaf):
            path = f"jax.tree.leaves(state)[{number}]"
            yield Slot(path, "count", _leaf_reader(live, number), _leaf_writer(live, number), _kind(leaf))


def _leaf_reader(live: Any, number: int) -> Callable[[], float]:
    import jax

    return lambda: float(jax.tree.leaves(live.state)[number])


def _leaf_writer(live: Any, number: int) -> Callable[[float], None]:
    def write(value: float) -> None:
        import jax
        import jax.numpy as jnp

        leaves, tree = jax.tree.flatten(live.state)
        leaves[number] = jnp.asarray(value, dtype=leaves[number].dtype)
        live.state = jax.tree.unflatten(tree, leaves)

    return write


def _of_functional(live: Any) -> Iterator[Slot]:
    """The entries of a state that is a mapping, or a list of them."""
    parts = {"state": live.state}
    if isinstance(live.state, list | tuple):
        parts = {f"state[{k}]": part for k, part in enumerate(live.state)}
    for place, part in parts.items():
        yield from _of_mapping(part if hasattr(part, "items") else getattr(part, "__dict__", {}), place)
