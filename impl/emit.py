"""What the emitted texts share: names, header, and the printer of Python functions, one line per operation."""

from __future__ import annotations

import builtins
import keyword
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from .program import Op, Program
from .stages import Stage

C_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
asm catch class constexpr delete explicit export friend mutable namespace new noexcept nullptr operator private
protected public template this throw try typeid typename using virtual wchar_t and or not xor bitand bitor compl
real storage where maximum minimum sign fma sqrt exp log pow fabs isfinite both either opposite given out
i k n j0 j1 y0 y1 jn yn gamma signgam select time index div abs main
np torch row_sum row_mean row_max column_sum column_mean column_max
""".split()
RESERVED = {*keyword.kwlist, *dir(builtins), *C_WORDS}
"""Words that are not used as names of values in any target."""
OURS = re.compile(r"(in|out|to|scalar|lane|total)\d+\Z")
"""Names that the loops of C and CUDA use."""

FORMS: Mapping[str, str] = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
    "pow": "{0} ** {1}",
    "fma": "{0} * {1} + {2}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "matmul": "{0} @ {1}",
}
"""The operations that Python writes with a sign, for every kind of array."""

EACH = {"global": "step", "group": "group", "tensor": "tensor", "element": "tensor"}


def names(program: Program) -> list[str]:
    """A name for every operation: the rule's own where there is one, else s1, s2 (scalars) and e1, e2 (entries)."""
    taken = set(RESERVED) | {stage.name for stage in (*program.stages, *program.point_stages)}
    found = {n: _fresh(op.name, taken) for n, op in enumerate(program.ops) if op.code == "input"}
    found |= {n: _fresh(op.name, taken) for n, op in enumerate(program.ops) if op.name and op.code != "input"}
    count = {"e": 0, "s": 0}
    for number, op in enumerate(program.ops):
        if number not in found and op.code != "const":
            letter = "e" if op.scope == "element" else "s"
            count[letter] += 1
            found[number] = _fresh(f"{letter}{count[letter]}", taken)
    return [found.get(n, "") for n in range(len(program.ops))]


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken or OURS.match(name):
        name += "_"
    taken.add(name)
    return name


def header(program: Program, target: str, mark: str) -> list[str]:
    """Who made this text, from what, and how to make it again."""
    read, written = program.bytes_per_element()
    asked = f"driftproof compile {shlex.quote(program.asked)} --target {target}"
    made = asked if program.asked else f'emit_rule(rule, "{target}") of driftproof.impl, of a rule made in Python'
    lines = [
        f"{program.label}: {program.source}",
        f"target: {target}   storage: {program.buffers[0].storage}   compute: {program.buffers[0].compute}",
        f"digest: {program.digest}",
        f"traffic: {read} bytes read and {written} written per entry and step",
        f"made by: {made}",
    ]
    return [f"{mark} {_one_line(line)}" for line in lines]


def _one_line(text: str) -> str:
    """A rule file may come from anywhere, and its words about the source must stay inside their comment."""
    return " ".join("".join(c if c.isprintable() and c != "\\" else " " for c in text).split())


def literal(value: object, python: bool = True) -> str:
    """A constant, exactly: an integer, or a quotient of two."""
    if isinstance(value, bool):
        return str(value) if python else str(int(value))
    assert isinstance(value, Fraction)
    size = str(abs(value.numerator)) if value.denominator == 1 else f"{abs(value.numerator)} / {value.denominator}"
    text = f"-{size}" if value < 0 else size
    return text if text.isdigit() else f"({text})"


def along(op: Op) -> str:
    """The name of the function that gives every entry the sum, mean or maximum of its row or column."""
    kind, line = str(op.value).split()
    return f"{line}_{kind}"


def along_functions(program: Program, join: Mapping[str, str]) -> list[str]:
    """Those functions, as far as they are used; join: per kind a form of {axis}, with the axis kept."""
    lines: list[str] = []
    for name, op in sorted({along(op): op for op in program.ops if op.code == "along"}.items()):
        kind, line = str(op.value).split()
        axis = {"row": -1, "column": -2}[line]
        lines += ["", "", f"def {name}(x):"]
        lines += [f'    """Every entry gets the {kind} of its {line}, where there are {line}s."""']
        lines += [f"    return {join[kind].format(axis=axis)} if x.ndim >= {-axis} else x"]
    return lines


Printer = Callable[[Op, list[str], Sequence[Op]], str]
"""(operation, texts of its arguments, the arguments) -> expression."""


def python_function(program: Program, stage: Stage, called: Sequence[str], printer: Printer) -> list[str]:
    """One stage as a function of what it reads, returning what it yields."""
    ops = program.ops
    text = [literal(op.value) if op.code == "const" else called[n] for n, op in enumerate(ops)]
    body = [
        f"    {called[n]} = {printer(ops[n], [text[a] for a in ops[n].args], [ops[a] for a in ops[n].args])}"
        for n in (*stage.ops, *stage.reduces)
    ]
    head = f"def {stage.name}({', '.join(called[n] for n in stage.reads)}):"
    return ["", "", head, f'    """{purpose(stage, ops)}"""', *body, f"    return {_tuple(stage, called)}"]


def purpose(stage: Stage, ops: Sequence[Op]) -> str:
    """What a stage is for, in words."""
    if stage.kind == "scalar":
        where = "on the host, in float64" if stage.host else "from reductions, the loss or stored scalars"
        return f"Once per {EACH[stage.scope]}: {where}."
    if stage.kind == "reduce":
        over = {"tensor": "each tensor", "group": "all tensors of a group", "global": "all tensors"}[stage.scope]
        means = [ops[n].value for n in stage.reduces if ops[n].value == "mean"]
        return (
            f"Each tensor's part of a reduction over {over}" + ("; means are divided by the count" * bool(means)) + "."
        )
    return "Each tensor, entry by entry." if stage.kind == "elementwise" else "Each tensor as a matrix."


def _tuple(stage: Stage, called: Sequence[str]) -> str:
    found = ", ".join(called[n] for n in stage.yields)
    return f"({found},)" if len(stage.yields) == 1 else found
