"""The order of execution: which operations run together, and what passes between the groups.

Every stage is a backward slice of old values: it recomputes what it needs per entry, and nothing is stored
before the last stage. So a reduction may come before or after the parameters change in the rule, and a step in
place is right. Work that does not differ between entries is done once per step, apart from the per-entry work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Op

COARSE = ("global", "group", "tensor")
MATRIX = ("matmul", "transpose", "along")


@dataclass(frozen=True)
class Stage:
    """kind: scalar, reduce, elementwise, or matrix (whole tensors at once).

    scope: of its results; a scalar stage runs once per instance of it, the others once per tensor.
    host: runs on the host in float64, whatever the backend.   reads: values from before.   ops: computed here.
    reduces: reductions taken at the end.   yields: the results, in order.
    """

    name: str
    kind: str
    scope: str
    reads: tuple[int, ...]
    ops: tuple[int, ...]
    yields: tuple[int, ...]
    host: bool = False
    reduces: tuple[int, ...] = ()

    @property
    def scope_of_run(self) -> str:
        return self.scope if self.kind == "scalar" else "element"


def levels(ops: Sequence[Op]) -> list[int]:
    """How many reductions lie in a chain before each value."""
    found: list[int] = []
    for op in ops:
        found.append(max((found[a] for a in op.args), default=0) + (op.code == "reduce"))
    return found


def closure(ops: Sequence[Op], roots: Iterable[int], through: Iterable[str] | None = None) -> list[int]:
    """Everything the roots depend on, in order; `through`: the scopes within which to follow."""
    scopes = None if through is None else set(through)
    seen: set[int] = set()
    frontier = list(roots)
    while frontier:
        at = frontier.pop()
        if at not in seen and (scopes is None or ops[at].scope in scopes):
            seen.add(at)
            frontier += ops[at].args
    return sorted(seen)


def plan(ops: Sequence[Op], targets: Sequence[int], last: str) -> tuple[Stage, ...]:
    """The stages that compute the targets; the last one, named `last`, yields all targets of element scope."""
    level, needed = levels(ops), closure(ops, targets)
    stages: list[Stage] = []
    prefix = "" if last == "update" else f"{last}_"
    for depth in range(max((level[n] for n in needed), default=0) + 1):
        here = [n for n in needed if level[n] == depth]
        for host in (True, False):
            for scope in COARSE:
                stages += _scalar(ops, [n for n in here if ops[n].host == host and ops[n].scope == scope], prefix, host)
        after = [n for n in needed if ops[n].code == "reduce" and level[n] == depth + 1]
        for scope in COARSE:
            stages += _reduce(ops, [n for n in after if ops[n].scope == scope], prefix)
    stages.append(_last(ops, targets, last))
    return _numbered(_with_yields(ops, stages, targets))


def _scalar(ops: Sequence[Op], numbers: list[int], prefix: str, host: bool) -> list[Stage]:
    own = tuple(n for n in numbers if ops[n].code not in ("const", "input", "reduce"))
    if not own:
        return []
    return [Stage(f"{prefix}scalars", "scalar", ops[own[0]].scope, _reads(ops, own, own), own, (), host)]


def _slice(ops: Sequence[Op], roots: Iterable[int]) -> tuple[int, ...]:
    return tuple(n for n in closure(ops, roots, ("element",)) if ops[n].code != "input")


def _reduce(ops: Sequence[Op], reduces: list[int], prefix: str) -> list[Stage]:
    if not reduces:
        return []
    operands = [a for n in reduces for a in ops[n].args]
    own, found = _slice(ops, operands), tuple(reduces)
    reads = _with_theta(ops, _reads(ops, own, operands))
    return [Stage(f"{prefix}reduce", "reduce", ops[found[0]].scope, reads, own, found, False, found)]


def _last(ops: Sequence[Op], targets: Sequence[int], name: str) -> Stage:
    yields = tuple(dict.fromkeys(n for n in targets if ops[n].scope == "element"))
    own = _slice(ops, yields)
    kind = "matrix" if any(ops[n].code in MATRIX for n in own) else "elementwise"
    return Stage(name, kind, "element", _with_theta(ops, _reads(ops, own, yields)), own, yields)


def _reads(ops: Sequence[Op], own: Sequence[int], roots: Iterable[int]) -> tuple[int, ...]:
    used = {a for n in own for a in ops[n].args} | set(roots)
    return tuple(sorted(n for n in used - set(own) if ops[n].code != "const"))


def _with_theta(ops: Sequence[Op], reads: tuple[int, ...]) -> tuple[int, ...]:
    """Work per entry always reads theta, so that every backend knows the shape and the type."""
    theta = {n for n, op in enumerate(ops) if op.code == "input" and op.value == "theta"}
    return tuple(sorted(theta | set(reads)))


def _with_yields(ops: Sequence[Op], stages: list[Stage], targets: Sequence[int]) -> list[Stage]:
    """Scalar stages yield what a later stage reads, and the targets among their own."""
    wanted = {n for s in stages for n in s.reads} | set(targets)
    return [replace(s, yields=tuple(n for n in s.ops if n in wanted)) if s.kind == "scalar" else s for s in stages]


def _numbered(stages: list[Stage]) -> tuple[Stage, ...]:
    """scalars_1, reduce_2, ...: numbered in order; the last stage keeps its name."""
    named = [replace(s, name=f"{s.name}_{k}") for k, s in enumerate(stages[:-1], 1)]
    return (*named, stages[-1])
