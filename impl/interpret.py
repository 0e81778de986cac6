"""Emitted text as Python functions over intervals: each backend's statements, read from its syntax and run.

Of C and CUDA it knows the stage functions of emit_c: `const TYPE name = expression;` and `*outK = name;`. A text
outside these forms is refused, so that nothing passes unread.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from driftproof.theory.errors import NotReadable

from . import interval
from .program import Program

EXP, LOG, SQRT, SIGN, ABS = (
    np.frompyfunc(function, 1, 1) for function in (interval.exp, interval.log, interval.sqrt, interval.sign, abs)
)
MAXIMUM, MINIMUM = np.frompyfunc(interval.maximum, 2, 1), np.frompyfunc(interval.minimum, 2, 1)
FINITE = np.frompyfunc(lambda x: interval.number(x).is_finite(), 1, 1)


def _where(condition: Any, yes: Any, no: Any) -> Any:
    if isinstance(condition, np.ndarray):
        return np.where(condition.astype(bool), yes, no)
    return yes if condition else no


def _full(like: Any, value: Any, dtype: Any = None) -> Any:
    return np.full(np.shape(like), value, dtype=object)


def _largest(x: Any, **_: Any) -> Any:
    return MAXIMUM.reduce(x, axis=None)


def _total(x: Any, **_: Any) -> Any:
    return np.sum(x)


def _along(kind: str, axis: int) -> Callable[[Any], Any]:
    """Every entry gets the sum, mean or maximum of its line along the axis, where there is one."""

    def joined(x: Any) -> Any:
        if x.ndim < -axis:
            return x
        total = (MAXIMUM.reduce if kind == "max" else np.sum)(x, axis=axis, keepdims=True)
        return np.broadcast_to(total / interval.number(x.shape[axis]) if kind == "mean" else total, x.shape)

    return joined


ALONG = {
    f"{line}_{kind}": _along(kind, axis)
    for kind in ("sum", "mean", "max")
    for line, axis in (("row", -1), ("column", -2))
}

_SHARED: dict[str, Any] = {
    **{"sqrt": SQRT, "exp": EXP, "log": LOG, "abs": ABS, "sign": SIGN, "isfinite": FINITE},
    **{"maximum": MAXIMUM, "minimum": MINIMUM, "where": _where, "full_like": _full, "sum": _total},
    **{"logical_and": np.logical_and, "logical_or": np.logical_or, "logical_not": np.logical_not},
    "float64": None,
}
NUMPY = SimpleNamespace(**_SHARED, max=_largest)
TORCH = SimpleNamespace(
    **_SHARED,
    amax=_largest,
    clamp_min=MAXIMUM,
    clamp_max=MINIMUM,
    zeros_like=lambda like: _full(like, interval.number(0)),
)
C_NAMES: dict[str, Any] = {
    **{"sqrt": SQRT, "exp": EXP, "log": LOG, "fabs": ABS, "sign": SIGN, "is_finite": FINITE, "where": _where},
    **{"maximum": MAXIMUM, "minimum": MINIMUM, "real": lambda x: x},
    "pow": lambda x, y: x**y,
    "fma": lambda a, b, c: a * b + c,
    "both": np.logical_and,
    "either": np.logical_or,
    "opposite": np.logical_not,
}


def functions(program: Program, text: str, language: str) -> dict[str, Callable[..., Any]]:
    """The functions of the program's stages, by name; language: "python" or "c".

    raises: NotReadable where a stage is missing or a statement has another form.
    """
    names = [stage.name for stage in (*program.stages, *program.point_stages)]
    tree = ast.parse(text) if language == "python" else ast.parse(_translated(text, names))
    kept = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    if [node.name for node in kept] != names:
        raise NotReadable(f"The text has the functions {[n.name for n in kept]}, the program the stages {names}.")
    module = ast.fix_missing_locations(_Exact().visit(ast.Module([*kept], [])))
    namespace: dict[str, Any] = {"number": interval.number, "__builtins__": {}}
    namespace |= {"np": NUMPY, "torch": TORCH, **ALONG} if language == "python" else C_NAMES
    exec(compile(module, "<emitted>", "exec"), namespace)
    found = {name: namespace[name] for name in names}
    for stage in (*program.stages, *program.point_stages) if language == "c" else ():
        if stage.kind != "scalar":
            found[stage.name] = _on_tensors(found[stage.name], [program.ops[n].value for n in stage.reduces])
    return found


def _on_tensors(entry: Callable[..., Any], kinds: list[Any]) -> Callable[..., Any]:
    """C's functions are for one entry, and loops run them over a tensor, or join their terms; so does this one."""

    def tensor(*arguments: Any) -> Any:
        shape = np.shape(arguments[0])
        results = [np.broadcast_to(np.asarray(r, dtype=object), shape) for r in entry(*arguments)]
        joins = [_largest if kind == "max" else _total for kind in kinds]
        return [join(r) for join, r in zip(joins, results, strict=True)] if kinds else [r.copy() for r in results]

    return tensor


class _Exact(ast.NodeTransformer):
    """Numbers in the text become intervals, so that 1 / 10 is a tenth and not the nearest float."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return ast.Call(ast.Name("number", ast.Load()), [node], [])
        return node


_HEAD = re.compile(r"[\w ]*\bvoid (\w+)\((.*)\)\Z")
_ASSIGN = re.compile(r"const (?:real|double|int) (\w+) = (.*);\Z")
_STORE = re.compile(r"\*out(\d+) = (.*);\Z")


def _translated(text: str, names: Mapping[str, Any] | list[str]) -> str:
    """The stage functions of C text as Python text."""
    lines, result = iter(text.splitlines()), []
    for line in lines:
        head = _HEAD.match(line)
        if not head or head[1] not in names:
            continue
        arguments = [part.split()[-1] for part in head[2].split(", ") if "*" not in part]
        result += [f"def {head[1]}({', '.join(arguments)}):", *_body(lines, head[1])]
    return "\n".join(result) + "\n"


def _body(lines: Any, name: str) -> list[str]:
    body: list[str] = []
    stores: dict[int, str] = {}
    for line in lines:
        statement = line.strip()
        if statement == "}":
            return [*body, f"    return [{', '.join(stores[k] for k in sorted(stores))}]"]
        if assigned := _ASSIGN.match(statement):
            body.append(f"    {assigned[1]} = {assigned[2]}")
        elif stored := _STORE.match(statement):
            stores[int(stored[1])] = stored[2]
        elif statement != "{":
            raise NotReadable(f"'{statement}' in the function {name} is outside the form of emitted statements.")
    raise NotReadable(f"The function {name} does not end.")
