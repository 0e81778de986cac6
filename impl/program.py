"""`Program`: the only intermediate form between an update rule and the code of a backend.

Operations are in single assignment and frozen order: an operation's number is its place in the list, and its
arguments stand before it. Each has a scope (element, tensor, group, global) and is computed once per instance
of that scope. Those marked `host` depend on hyperparameters, t and each other alone.

Arithmetic contract, the same in every backend. +, -, *, /, sqrt are those of IEEE 754, on the host too: 1/0 is
an infinity, 0/0 is NaN, nothing raises. fma rounds once where the backend has it (cpu, cuda) and twice elsewhere
(reference, torch). min, max and sign hand a NaN on, whichever argument it is (torch.sign alone would not); the
sign of a zero that they return is left open. Comparisons with NaN are false, `ne` is true. exp, log and pow come
from the platform's library: they are outside every claim of equality to the bit. A sum over no entries is 0, a
mean NaN, a maximum -inf.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from driftproof.theory.errors import DriftproofError, Refused, nearest
from driftproof.theory.nodes import LINES, REDUCTIONS, SCOPES, coarsest_common

from .stages import Stage, plan

R, B = "real", "bool"
OPCODES: dict[str, tuple[tuple[str, ...], str]] = {
    **{code: ((), R) for code in ("const", "input")},
    **{code: ((R,), R) for code in ("neg", "sqrt", "exp", "log", "abs", "sign")},
    **{code: ((R,), R) for code in ("reduce", "along", "transpose", "spread")},
    **{code: ((R, R), R) for code in ("add", "sub", "mul", "div", "pow", "min", "max", "matmul")},
    **{code: ((R, R), B) for code in ("lt", "le", "eq", "ne")},
    **{code: ((B, B), B) for code in ("and", "or")},
    "fma": ((R, R, R), R),
    "select": ((B, R, R), R),
    "not": ((B,), B),
    "isfinite": ((R,), B),
}
"""Types of the arguments and of the result. spread: one value, repeated for every entry of the tensor.

along: each entry gets the sum, mean or maximum of its row or column.
"""

INPUTS = ("theta", "state", "gradient", "hyperparameter", "step", "shape", "loss")
ALONG = tuple(f"{kind} {line}" for kind in REDUCTIONS for line in LINES)
DTYPES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
"""Storage types and their bytes."""
EXACT = 2**53
"""Integers up to here are exact in float64; a constant's numerator and denominator stay within it."""


@dataclass(frozen=True)
class Op:
    """value: of a const, its number; of an input, what it is (INPUTS); of a reduce, sum, mean or max;
    of an along, one of these and row or column, as "mean row".

    name: what the rule calls this value, if it has a name there.
    """

    code: str
    args: tuple[int, ...] = ()
    scope: str = "global"
    host: bool = False
    value: Fraction | bool | str | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.code not in OPCODES:
            raise DriftproofError(f"'{self.code}' is not an operation.", "", nearest(self.code, OPCODES))
        if self.scope not in SCOPES:
            raise DriftproofError(f"'{self.scope}' is not a scope.", "", nearest(self.scope, SCOPES))
        if len(self.args) != len(OPCODES[self.code][0]):
            raise DriftproofError(f"{self.code} takes {len(OPCODES[self.code][0])} arguments, not {len(self.args)}.")
        known = {"input": INPUTS, "reduce": REDUCTIONS, "along": ALONG}.get(self.code)
        if known and self.value not in known:
            raise DriftproofError(f"'{self.value}' is not a kind of {self.code}.", "", nearest(str(self.value), known))
        if self.code == "const":
            self._check_constant()

    def _check_constant(self) -> None:
        if isinstance(self.value, bool):
            return
        if not isinstance(self.value, Fraction):
            raise DriftproofError(f"The constant {self.value!r} is not a Fraction.")
        if max(abs(self.value.numerator), self.value.denominator) > EXACT:
            raise Refused(
                f"The constant {self.value} is not carried.",
                "Its numerator or denominator exceeds 2^53, so that no backend could write it exactly.",
                "Make it a hyperparameter.",
            )

    @property
    def type(self) -> str:
        return B if isinstance(self.value, bool) else OPCODES[self.code][1]


@dataclass(frozen=True)
class Buffer:
    """An array that a step reads, and writes if it is theta or a state. init None: starts at its first value.

    storage: type in memory; compute: type in registers; rounding: how a value is rounded when it is stored.
    """

    name: str
    role: str
    scope: str
    storage: str
    compute: str
    init: Fraction | None = Fraction(0)
    rounding: str = "nearest"

    def __post_init__(self) -> None:
        for word in (self.storage, self.compute):
            if word not in DTYPES:
                raise DriftproofError(f"'{word}' is not a floating type.", "", nearest(str(word), DTYPES))
        if DTYPES[self.compute] < DTYPES[self.storage]:
            raise Refused(
                f"{self.name} is stored in {self.storage} and computed in {self.compute}.",
                "Computing in less precision than is stored would lose what the storage keeps.",
                f'Use compute="{self.storage}".',
            )
        if self.rounding != "nearest":
            raise Refused(
                f"Rounding mode '{self.rounding}' of {self.name} is not carried.",
                "Every backend rounds to nearest, ties to even, when it stores.",
                'Use rounding="nearest".',
            )


@dataclass(frozen=True)
class Program:
    """One update rule, lowered.

    stores: new value of theta and of each state, by name.  outputs: named results.  guard: condition of the step.
    points: where the gradient of each draw is taken.  stages, point_stages: the order of execution.
    asked: the RULE string that names the rule again; empty where none does.
    raises: DriftproofError where the operations do not fit together.
    """

    label: str
    digest: str
    source: str
    ops: tuple[Op, ...]
    buffers: tuple[Buffer, ...]
    stores: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...] = ()
    points: tuple[tuple[str, int], ...] = ()
    guard: int | None = None
    asked: str = ""

    def __post_init__(self) -> None:
        for number, op in enumerate(self.ops):
            self._check_op(number, op)
        scopes = {b.name: b.scope for b in self.buffers if b.role != "gradient"}
        if set(scopes) != {name for name, _ in self.stores} or len(self.stores) != len(scopes):
            raise DriftproofError(f"{self.label}: stores {dict(self.stores)} and buffers {scopes} differ.")
        for name, number in self.stores:
            if SCOPES.index(self.ops[number].scope) < SCOPES.index(scopes[name]) or (
                scopes[name] == "element" != self.ops[number].scope
            ):
                raise DriftproofError(f"{self.label}: {name} is stored from scope {self.ops[number].scope}.")
        if self.guard is not None and (self.ops[self.guard].type, self.ops[self.guard].scope) != (B, "global"):
            raise DriftproofError(f"{self.label}: the guard is not one condition for the whole step.")

    def _check_op(self, number: int, op: Op) -> None:
        if any(not 0 <= a < number for a in op.args):
            raise DriftproofError(f"{self.label}: operation {number} ({op.code}) uses a later value.")
        args = [self.ops[a] for a in op.args]
        if tuple(a.type for a in args) != OPCODES[op.code][0]:
            raise DriftproofError(f"{self.label}: operation {number} ({op.code}) has arguments of another type.")
        finest = coarsest_common(a.scope for a in args)
        fits = {
            "const": op.scope == "global",
            "input": True,
            "reduce": finest == "element" != op.scope,
            "spread": op.scope == "element" != finest,
        }.get(op.code, op.scope == finest)
        if not fits:
            raise DriftproofError(f"{self.label}: operation {number} ({op.code}) is of scope {op.scope}.")
        if op.host and (op.code == "reduce" or op.scope == "element" or not all(a.host for a in args)):
            raise DriftproofError(f"{self.label}: operation {number} ({op.code}) does not depend on the host alone.")

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """What a step runs, in this order; parameters and element states change in the last stage only."""
        targets = [number for _, number in (*self.stores, *self.outputs)]
        return plan(self.ops, targets + ([self.guard] if self.guard is not None else []), "update")

    @cached_property
    def point_stages(self) -> tuple[Stage, ...]:
        """What computes the points of the gradients; empty where all are theta itself."""
        targets = [number for _, number in self.points]
        moved = any(self.ops[n].value != "theta" for n in targets)
        return plan(self.ops, targets, "points") if moved else ()

    def inputs(self, role: str) -> tuple[int, ...]:
        """Numbers of the inputs of one kind, in the order of the list."""
        return self._inputs[role]

    @cached_property
    def _inputs(self) -> dict[str, tuple[int, ...]]:
        found = [(n, op.value) for n, op in enumerate(self.ops) if op.code == "input"]
        return {role: tuple(n for n, value in found if value == role) for role in INPUTS}

    def is_host(self, name: str) -> bool:
        """Whether a state depends on hyperparameters and t alone."""
        return any(self.ops[n].host for n in self.inputs("state") if self.ops[n].name == name)

    def buffer(self, name: str) -> Buffer:
        for buffer in self.buffers:
            if buffer.name == name:
                return buffer
        raise DriftproofError(
            f"{self.label} has no buffer '{name}'.", "", nearest(name, (b.name for b in self.buffers))
        )

    def has(self, codes: Iterable[str]) -> list[str]:
        """Those of the given operations that occur."""
        present = {op.code for op in self.ops}
        return [code for code in codes if code in present]

    def bytes_per_element(self) -> tuple[int, int]:
        """Bytes read and written per parameter entry and step, all passes counted; scalars are not counted."""
        size = {b.name: DTYPES[b.storage] for b in self.buffers if b.scope == "element"}
        read = 0
        for stage in self.stages:
            if stage.scope_of_run == "element":
                used = {a for n in (*stage.ops, *stage.reduces) for a in self.ops[n].args} | set(stage.yields)
                read += sum(size[self.ops[n].name] for n in used & set(stage.reads) if self.ops[n].scope == "element")
        return read, sum(size[name] for name, _ in self.stores if name in size)

    def operations(self) -> Counter[str]:
        """Operations per parameter entry and step, all passes counted."""
        numbers = [n for s in self.stages if s.scope_of_run == "element" for n in s.ops]
        return Counter(self.ops[n].code for n in numbers)

    def listing(self) -> str:
        """A stable text: one line per operation, stage by stage."""
        lines = [f"program {self.label}  digest {self.digest[:16]}"]
        lines += [f"  {b.name}: {b.role} {b.scope} {b.storage}/{b.compute} {b.rounding}" for b in self.buffers]
        for stage in (*self.stages, *self.point_stages):
            lines.append(f"{stage.name}: {stage.kind}, each {stage.scope_of_run}" + ", host" * stage.host)
            lines += [f"  %{n} = {self._line(self.ops[n])}" for n in (*stage.ops, *stage.reduces)]
            lines.append("  yields " + " ".join(f"%{n}" for n in stage.yields))
        lines += [f"store {name} = %{number}" for name, number in self.stores]
        lines += [f"output {name} = %{number}" for name, number in self.outputs]
        lines += [f"point {name} = %{number}" for name, number in self.points]
        return "\n".join(lines + ([f"guard %{self.guard}"] if self.guard is not None else [])) + "\n"

    def _line(self, op: Op) -> str:
        args = [self._argument(a) for a in op.args]
        kind = f" {op.value} over {op.scope}" if op.code == "reduce" else f" {op.value}" if op.code == "along" else ""
        return f"{op.code}{kind} {' '.join(args)}" + (f"  ; {op.name}" if op.name else "")

    def _argument(self, number: int) -> str:
        op = self.ops[number]
        if op.code == "const":
            return str(op.value).lower()
        return op.name if op.code == "input" else f"%{number}"
