"""The printer of C and CUDA C++: every stage becomes one straight-line function, the same text for both.

Statements have the form `const real x = expression;` with calls and the four signs only, so that a reader, and the
interpreter in `verify`, can follow them one by one. `real` is the type in registers, `storage` the type in memory.
Scalars are double everywhere and are rounded once when they enter the work per entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from driftproof.theory.errors import Refused

from .emit import FORMS, purpose
from .program import Op, Program
from .stages import MATRIX, Stage

CALLS = {
    **{code: form for code, form in FORMS.items() if code not in ("pow", "fma", "matmul")},
    "pow": "pow({0}, {1})",
    "fma": "fma({0}, {1}, {2})",
    "sqrt": "sqrt({0})",
    "exp": "exp({0})",
    "log": "log({0})",
    "abs": "fabs({0})",
    "sign": "sign({0})",
    "min": "minimum({0}, {1})",
    "max": "maximum({0}, {1})",
    "select": "where({0}, {1}, {2})",
    "and": "both({0}, {1})",
    "or": "either({0}, {1})",
    "not": "opposite({0})",
    "isfinite": "is_finite({0})",
    "spread": "{0}",
}
NAMED = {"matmul": "matmul", "transpose": "transpose", "along": "sums along rows and columns"}
C_TYPES = {"float64": "double", "float32": "float"}

MACROS = """\
/* A NaN is handed on, whichever argument it is. */
#define minimum(a, b) ((a) <= (b) || (a) != (a) ? (a) : (b))
#define maximum(a, b) ((a) >= (b) || (a) != (a) ? (a) : (b))
#define sign(x) ((x) > 0 ? (real)1 : (x) < 0 ? (real)-1 : (x))
#define where(c, a, b) ((c) ? (a) : (b))
#define both(a, b) ((a) && (b))
#define either(a, b) ((a) || (b))
#define opposite(a) (!(a))
#define is_finite(x) ((x) - (x) == 0)
"""


def check(program: Program, target: str) -> None:
    """raises: Refused, by name, for what C and CUDA do not carry."""
    found = program.has(MATRIX)
    if found:
        raise Refused(
            f"{target} does not carry {' and '.join(NAMED[code] for code in found)}, which {program.label} uses.",
            "It works entry by entry, with no products of matrices and no sums along rows.",
            "Use the target reference or torch.",
        )
    for kind in (program.buffers[0].storage, program.buffers[0].compute):
        if kind not in C_TYPES:
            raise Refused(
                f"{target} does not carry {kind}.", "It knows float32 and float64.", "Use the target torch for it."
            )


def types(program: Program) -> list[str]:
    return [
        f"typedef {C_TYPES[program.buffers[0].storage]} storage; /* in memory */",
        f"typedef {C_TYPES[program.buffers[0].compute]} real; /* in registers */",
    ]


def literal(op: Op, cast: bool) -> str:
    """A constant: exact, or the nearest number of the type."""
    if isinstance(op.value, bool):
        return str(int(op.value))
    assert isinstance(op.value, Fraction)
    text = f"{op.value.numerator}.0"
    if op.value.denominator != 1:
        text += f" / {op.value.denominator}.0"
    return f"(real)({text})" if cast else f"({text})" if " " in text or "-" in text else text


def function(program: Program, stage: Stage, called: Sequence[str], prefix: str) -> list[str]:
    """One stage: what it reads comes by value, what it yields is written to out0, out1, ... in order."""
    entry = stage.kind != "scalar"
    real = "real" if entry else "double"
    ops = program.ops
    text = [literal(op, entry) if op.code == "const" else called[n] for n, op in enumerate(ops)]
    kinds = {n: "int" if ops[n].type == "bool" else real for n in range(len(ops))}
    arguments = [f"const {kinds[n]} {called[n]}" for n in stage.reads]
    body = [
        f"    const {kinds[n]} {called[n]} = {CALLS[ops[n].code].format(*(text[a] for a in ops[n].args))};"
        for n in stage.ops
    ]
    results = [ops[n].args[0] for n in stage.reduces] or stage.yields
    stores = [f"    *out{k} = {text[n]};" for k, n in enumerate(results)]
    head = f"{prefix} void {stage.name}({', '.join([*arguments, *(f'{real} *out{k}' for k in range(len(results)))])})"
    return ["", f"/* {purpose(stage, ops)} */", head, "{", *body, *stores, "}"]


def scalar_runner(program: Program, stage: Stage) -> list[str]:
    """All instances of a scalar stage: row by row of `given`, into the rows of `out`."""
    width = len(stage.reads)
    arguments = [f"given[{k}]" + (" != 0" if program.ops[n].type == "bool" else "") for k, n in enumerate(stage.reads)]
    return [
        "",
        f"void run_{stage.name}(const int64_t count, const double *given, double *out)",
        "{",
        f"    for (int64_t j = 0; j < count; j++, given += {width}, out += {len(stage.yields)})",
        f"        {stage.name}({', '.join([*arguments, *(f'out + {k}' for k in range(len(stage.yields)))])});",
        "}",
    ]


def split_reads(program: Program, stage: Stage) -> tuple[list[int], list[int]]:
    """What a stage per entry reads: the arrays, and the scalars."""
    arrays = [n for n in stage.reads if program.ops[n].scope == "element"]
    return arrays, [n for n in stage.reads if program.ops[n].scope != "element"]


def loads(program: Program, stage: Stage, tensors: str) -> list[str]:
    """The pointers and scalars of tensor i, from the table and from its row of scalars."""
    arrays, scalars = split_reads(program, stage)
    lines = [
        f"    const storage *in{k} = (const storage *)table[{k} * {tensors} + i]; /* {program.ops[n].name} */"
        for k, n in enumerate(arrays)
    ]
    for k, n in enumerate(scalars):
        kind, value = ("int", f"row[{k}] != 0") if program.ops[n].type == "bool" else ("real", f"(real)row[{k}]")
        lines.append(f"    const {kind} scalar{k} = {value};")
    return lines


def call(program: Program, stage: Stage, index: str) -> str:
    """The call of a stage's function for one entry."""
    arrays, scalars = split_reads(program, stage)
    text = {n: f"(real)in{k}[{index}]" for k, n in enumerate(arrays)}
    text |= {n: f"scalar{k}" for k, n in enumerate(scalars)}
    places = [f"&out{k}" for k in range(len(stage.yields))]
    return f"{stage.name}({', '.join([*(text[n] for n in stage.reads), *places])});"


def results(stage: Stage) -> str:
    """The declaration of what one call gives."""
    return f"real {', '.join(f'out{k}' for k in range(len(stage.yields)))};"
