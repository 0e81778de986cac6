"""One C text that runs a program for millions of steps, on many lanes (seeds) side by side.

Scalars that change with t are computed for a segment of steps first, into arrays, and shared by all lanes. Then every
tile of LANES lanes runs through the segment with its states in registers or in the first cache. The functions of the
stages are those of the target cpu. Draws come from Philox, by seed, step and lane: see impl/philox.py.

Over 400 lines: one text is printed here, and its parts share their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from driftproof.theory.errors import Refused

from . import emit_c
from .emit import names
from .philox import C_TEXT
from .program import Program
from .stages import Stage

SEGMENT = 4096
"""Steps whose scalars are computed at once: a few arrays of 32 KB."""
MEASURES = {
    "hit": ("hit",),
    "regret": ("sum_gx", "sum_g"),
    "extremes": ("largest", "largest_at", "largest_last", "smallest", "smallest_at", "smallest_last"),
}
"""What a run can measure on the way, and the numbers per lane that it needs."""
MOST_BRANCHES = 8
"""Distinct values that are chosen by comparisons; longer tables must have equal weights."""


@dataclass(frozen=True)
class LoopPlan:
    """What a text is made for. lanes: side by side in a tile, 1 or a multiple of 8.

    sampling: as in Problem.   branches: distinct values chosen by comparisons, 0 for a table of equal weights.
    measures: keys of MEASURES.
    """

    program: Program
    lanes: int
    sampling: str
    branches: int
    measures: tuple[str, ...]

    @property
    def rows(self) -> list[str]:
        """The numbers that a run keeps per lane, beside theta and the states."""
        return [row for name in self.measures for row in MEASURES[name]]

    @property
    def entry_states(self) -> list[str]:
        """theta and the states per entry, in the order of the stores."""
        return [name for name, _ in self.program.stores if self.program.buffer(name).scope == "element"]

    @property
    def scalar_states(self) -> list[str]:
        return [name for name, _ in self.program.stores if self.program.buffer(name).scope != "element"]

    @property
    def scalars(self) -> list[int]:
        """The scalars that the work per entry reads."""
        return [n for n in self.program.stages[-1].reads if self.program.ops[n].scope != "element"]

    @property
    def changing(self) -> list[int]:
        """Those of them that differ between steps."""
        moving = _moving(self.program)
        return [n for n in self.scalars if n in moving]

    @cached_property
    def drawn(self) -> Stage:
        """The part of the last stage that depends on the draw and on steady scalars alone: it has one result per value
        of the table, computed once."""
        last, moving = self.program.stages[-1], _moving(self.program)
        known = {n for n in last.reads if self.program.ops[n].scope != "element" and n not in moving}
        known |= set(self.program.inputs("gradient"))
        known |= {n for n, op in enumerate(self.program.ops) if op.code == "const"}
        own: list[int] = []
        for n in last.ops:
            if set(self.program.ops[n].args) <= known | set(own) and self.branches:
                own.append(n)
        rest = [n for n in last.ops if n not in own]
        needed = {a for n in rest for a in self.program.ops[n].args} | set(last.yields)
        reads = tuple(n for n in last.reads if n in {a for m in own for a in self.program.ops[m].args})
        return Stage("drawn", last.kind, last.scope, reads, tuple(own), tuple(n for n in own if n in needed))

    @cached_property
    def update(self) -> Stage:
        """The rest of the last stage: what is done at every step, for every lane."""
        last, drawn = self.program.stages[-1], self.drawn
        rest = tuple(n for n in last.ops if n not in drawn.ops)
        used = {a for n in rest for a in self.program.ops[n].args} | set(last.yields)
        return replace(last, ops=rest, reads=tuple(n for n in (*last.reads, *drawn.yields) if n in used))


def check(program: Program) -> None:
    """raises: Refused for what one coordinate and a stream of gradients do not determine."""
    emit_c.check(program, "a compiled loop")
    reasons = {
        "joins the entries of a tensor": any(s.kind == "reduce" for s in program.stages),
        "uses the loss": any(program.inputs("loss")),
        "has a guard": program.guard is not None,
        "takes several gradients a step": len(program.inputs("gradient")) > 1,
    }
    for reason, found in reasons.items():
        if found:
            raise Refused(
                f"{program.label} {reason}: no compiled loop carries it.", "A loop runs one coordinate alone.", ""
            )


def _moving(program: Program) -> set[int]:
    """The operations whose value differs between steps for a fixed lane: from t, or from a scalar state."""
    found: set[int] = set()
    for number, op in enumerate(program.ops):
        state = op.code == "input" and op.value == "state"
        if op.value == "step" or state or found & set(op.args):
            found.add(number)
    return found


def emit(plan: LoopPlan) -> str:
    """The C text. raises: Refused, by name, for what it does not carry."""
    check(plan.program)
    called = names(plan.program)
    block = 4 if plan.lanes > 1 else 64
    lines = [
        f"/* {plan.program.label}, millions of steps; {plan.sampling} sampling, {plan.lanes} lanes side by side. */",
        "#include <math.h>",
        "#include <stdint.h>",
        "#include <stdlib.h>",
        "",
        *emit_c.types(plan.program),
        f"#define LANES {plan.lanes}",
        f"#define BLOCK {block} /* steps whose draws are made at once */",
        f"#define SEGMENT {SEGMENT} /* steps whose scalars are computed at once */",
        f"#define MANY {plan.lanes if plan.lanes > 1 else block // 4}",
        "",
        *emit_c.MACROS.splitlines(),
        *CLAMPS.splitlines(),
        *(C_TEXT.splitlines() if plan.sampling != "cyclic" else []),
        "",
        *RUN.splitlines(),
    ]
    for stage in (*plan.program.stages[:-1], *([plan.drawn] if plan.drawn.ops else []), plan.update):
        lines += _clamped(plan.program, emit_c.function(plan.program, stage, called, "static inline"), called)
    return "\n".join([*lines, *_scalars(plan), *_sampler(plan), *_tile(plan), *DRIVER.splitlines()]) + "\n"


CLAMPS = """\
/* The same where a is a hyperparameter, which is never NaN: one instruction. */
#define least(a, b) ((a) < (b) ? (a) : (b))
#define greatest(a, b) ((a) > (b) ? (a) : (b))
"""


def _clamped(program: Program, lines: list[str], called: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    for n in program.inputs("hyperparameter"):
        text = text.replace(f"minimum({called[n]},", f"least({called[n]},")
        text = text.replace(f"maximum({called[n]},", f"greatest({called[n]},")
    return text.splitlines()


RUN = """\
/* Steps first .. first + steps - 1 of `lanes` lanes, a multiple of LANES.
   numbers: hyperparameters.  kept: scalar states.  states, measured: row by row, one number per lane.
   scalars: room for one row of SEGMENT per changing scalar.  values, cuts: the table of the problem. */
typedef struct {
    int64_t first, steps, lanes, count;
    const double *numbers, *values;
    const int64_t *cuts;
    double *kept, *scalars, *states, *measured;
    double target;
    uint64_t seed;
    int64_t threads;
} run;
"""


def _known(plan: LoopPlan) -> dict[int, str]:
    """How the loop calls the inputs of scalar stages."""
    ops = plan.program.ops
    found = {n: f"r->numbers[{k}]" for k, n in enumerate(plan.program.inputs("hyperparameter"))}
    found |= {n: "moment" for n in plan.program.inputs("step")}
    found |= {n: {"dims": "0.0"}.get(ops[n].name, "1.0") for n in plan.program.inputs("shape")}
    kept = plan.scalar_states
    return found | {n: f"kept{kept.index(ops[n].name)}" for n in plan.program.inputs("state") if ops[n].name in kept}


def _calls(plan: LoopPlan, known: dict[int, str]) -> list[str]:
    """The calls of the scalar stages, in order; `known` gains what they yield."""
    ops, lines = plan.program.ops, []
    for stage in plan.program.stages[:-1]:
        given = [f"({known[n]}) != 0" if ops[n].type == "bool" else known[n] for n in stage.reads]
        known |= {n: f"in{n}" for n in stage.yields}
        lines.append(f"double {', '.join(known[n] for n in stage.yields)};")
        lines.append(f"{stage.name}({', '.join([*given, *(f'&{known[n]}' for n in stage.yields)])});")
    return lines


def _scalars(plan: LoopPlan) -> list[str]:
    known = _known(plan)
    calls = _calls(plan, known)
    stores = dict(plan.program.stores)
    kept = plan.scalar_states
    text = {n: str(op.value) for n, op in enumerate(plan.program.ops) if op.code == "const"} | known
    return [
        "",
        "/* The changing scalars of a segment, row by row. */",
        "static void fill_scalars(const run *r, int64_t first, int64_t steps)",
        "{",
        *(f"    double kept{k} = r->kept[{k}]; /* {name} */" for k, name in enumerate(kept)),
        "    for (int64_t k = 0; k < steps; k++) {",
        "        const double moment = (double)(first + k);",
        "        (void)moment;",
        *(f"        {line}" for line in calls),
        *(f"        r->scalars[{row} * SEGMENT + k] = {text[n]};" for row, n in enumerate(plan.changing)),
        *(f"        kept{k} = {text[stores[name]]};" for k, name in enumerate(kept)),
        "    }",
        *(f"    r->kept[{k}] = kept{k};" for k in range(len(kept))),
        "}",
    ]


# Draws

WORDS = """\
/* The words of steps base .. base + BLOCK - 1, base - 1 being a multiple of 4, for the lanes from `lane` on. */
static inline void words(const uint64_t *keys, int64_t base, int64_t lane, int64_t out[BLOCK][LANES])
{
    const uint64_t q = (uint64_t)(base - 1) / 4;
#if LANES > 1
    for (int b = 0; b < BLOCK / 4; b++)
        philox(q + (uint64_t)b, 0, (uint64_t)lane, 1, 0, keys, out + 4 * b);
#else
    int64_t found[4][MANY];
    philox(q, 1, (uint64_t)lane, 0, 0, keys, found);
    for (int b = 0; b < MANY; b++)
        for (int w = 0; w < 4; w++)
            out[4 * b + w][0] = found[w][b];
#endif
}
"""

SHUFFLE = """\
/* The table of an epoch (0, 1, ...) for each lane, shuffled by Fisher and Yates with the words of the epoch's steps. */
static void shuffle(const run *r, const uint64_t *keys, int64_t epoch, int64_t lane, double *table)
{
    const int64_t count = r->count, start = epoch * count;
    int64_t found[BLOCK][LANES], base = -BLOCK;
    for (int64_t i = 0; i < count; i++)
        for (int j = 0; j < LANES; j++)
            table[i * LANES + j] = r->values[i];
    for (int64_t i = 0; i < count; i++) {
        const int64_t t = start + i + 1;
        if (t >= base + BLOCK) {
            base = (t - 1) / BLOCK * BLOCK + 1;
            words(keys, base, lane, found);
        }
        for (int j = 0; j < LANES; j++) {
            const int64_t other = i + (int64_t)((uint64_t)found[t - base][j] * (uint64_t)(count - i) >> 32);
            const double moved = table[other * LANES + j];
            table[other * LANES + j] = table[i * LANES + j];
            table[i * LANES + j] = moved;
        }
    }
}
"""


def _sampler(plan: LoopPlan) -> list[str]:
    if plan.sampling == "cyclic":
        return []
    return ["", *WORDS.splitlines(), *(["", *SHUFFLE.splitlines()] if plan.sampling == "reshuffled" else [])]


def _drawn(plan: LoopPlan) -> list[str]:
    """What depends on the draw alone, for each of its values."""
    if not plan.drawn.ops:
        return []
    lines = [f"real {', '.join(f'drawn{n}_{q}' for n in plan.drawn.yields)};" for q in range(plan.branches)]
    for q in range(plan.branches):
        places = [f"&drawn{n}_{q}" for n in plan.drawn.yields]
        given = [_scalar_text(plan, n) or f"value{q}" for n in plan.drawn.reads]
        lines.append(f"drawn({', '.join([*given, *places])});")
    return lines


def _scalar_text(plan: LoopPlan, n: int) -> str:
    """How the work per entry calls a scalar; "" for what is none."""
    if n not in plan.scalars:
        return ""
    return f"scalar{plan.scalars.index(n)}" + (" != 0" if plan.program.ops[n].type == "bool" else "")


def _chosen(plan: LoopPlan, name: str) -> str:
    """name0, name1, ...: the one of this step's draw."""
    text = f"{name}{plan.branches - 1}"
    for q in reversed(range(plan.branches - 1)):
        text = f"where(found[k][j] < cut{q}, {name}{q}, {text})"
    return text


def _draw(plan: LoopPlan) -> str:
    """The value of the step, in row k and lane j of the block."""
    if plan.sampling == "cyclic":
        return "value"
    if plan.sampling == "reshuffled":
        return "row[j]"
    if not plan.branches:
        return "r->values[(uint64_t)found[k][j] * (uint64_t)r->count >> 32]"
    return _chosen(plan, "value")


def _per_step(plan: LoopPlan) -> list[str]:
    """What all lanes share at a step."""
    if plan.sampling == "cyclic":
        return ["const double value = r->values[place];", "place = place + 1 == r->count ? 0 : place + 1;"]
    if plan.sampling == "iid":
        return []
    return [
        "if (place == r->count) {",
        "    shuffle(r, keys, ++epoch, lane, table);",
        "    place = 0;",
        "}",
        "const double *row = table + LANES * place++;",
    ]


KEYS = ["uint64_t keys[20];", "rounds(r->seed, keys);"]


def _before(plan: LoopPlan) -> list[str]:
    """What a tile sets up for its draws."""
    if plan.sampling == "cyclic":
        return ["int64_t place = (first - 1) % r->count;"]
    if plan.sampling == "iid":
        lines = [*KEYS, *(f"const double value{q} = r->values[{q}];" for q in range(plan.branches))]
        return [*lines, *(f"const int64_t cut{q} = r->cuts[{q}];" for q in range(plan.branches - 1))]
    return [
        *KEYS,
        "int64_t epoch = (first - 1) / r->count, place = (first - 1) % r->count;",
        "double *table = malloc(sizeof(double) * LANES * (size_t)r->count);",
        "if (!table)",
        "    return 1;",
        "shuffle(r, keys, epoch, lane, table);",
    ]


# The work per entry

MEASURING = {
    "hit": ["hit[j] = where(both(hit[j] == 0, after == r->target), moment, hit[j]);"],
    "regret": ["sum_gx[j] += slope * before;", "sum_g[j] += slope;"],
    "extremes": [
        "largest_last[j] = where(after >= largest[j], moment, largest_last[j]);",
        "smallest_last[j] = where(after <= smallest[j], moment, smallest_last[j]);",
        "largest_at[j] = where(after > largest[j], moment, largest_at[j]);",
        "largest[j] = where(after > largest[j], after, largest[j]);",
        "smallest_at[j] = where(after < smallest[j], moment, smallest_at[j]);",
        "smallest[j] = where(after < smallest[j], after, smallest[j]);",
    ],
}


def _call(plan: LoopPlan) -> str:
    """The call of the last stage for lane j."""
    ops, states = plan.program.ops, plan.entry_states
    text = {n: f"lane{states.index(ops[n].name)}[j]" for n in plan.update.reads if ops[n].name in states}
    text |= {n: "slope" for n in plan.program.inputs("gradient")}
    text |= {n: _chosen(plan, f"drawn{n}_") for n in plan.drawn.yields}
    text |= {n: _scalar_text(plan, n) for n in plan.scalars}
    return f"{plan.update.name}({', '.join([*(text[n] for n in plan.update.reads), *_places(plan)])});"


def _places(plan: LoopPlan) -> list[str]:
    return [f"&out{k}" for k in range(len(plan.update.yields))]


def _constants(plan: LoopPlan) -> list[str]:
    """The scalars that are the same at every step."""
    known = _known(plan)
    lines = ["const double moment = (double)first;", "(void)moment;"]
    lines += [f"const double kept{k} = r->kept[{k}];" for k in range(len(plan.scalar_states))]
    lines += _calls(plan, known)
    steady = [n for n in plan.scalars if n not in plan.changing]
    return lines + [f"{_scalar_text(plan, n).split()[0]} = {known[n]};" for n in steady]


def _tile(plan: LoopPlan) -> list[str]:
    states, rows = plan.entry_states, plan.rows
    ops = plan.program.ops
    yields = list(plan.update.yields)
    stores = dict(plan.program.stores)
    steady = [k for k, n in enumerate(plan.scalars) if n not in plan.changing]
    moving = [k for k, n in enumerate(plan.scalars) if n in plan.changing]
    load = [f"lane{q}[j] = r->states[{q} * r->lanes + lane + j];" for q in range(len(states))]
    load += [f"{name}[j] = r->measured[{q} * r->lanes + lane + j];" for q, name in enumerate(rows)]
    assert all(ops[stores[name]].scope == "element" for name in states)
    return [
        "",
        "/* Steps first .. first + steps - 1, at most SEGMENT, of LANES lanes. whole: whether these are whole blocks.",
        "   returns: 0, or 1 without memory. */",
        "static inline __attribute__((always_inline))",
        "int walk(const run *r, int64_t first, int64_t steps, int64_t lane, const int whole)",
        "{",
        f"    real {', '.join(f'lane{q}[LANES]' for q in range(len(states)))};",
        *([f"    double {', '.join(f'{name}[LANES]' for name in rows)};"] if rows else []),
        *([f"    double {', '.join(f'scalar{k}' for k in steady)};"] if steady else []),
        *(f"    const double *row{k} = r->scalars + {row} * SEGMENT;" for row, k in enumerate(moving)),
        *_indented(_before(plan), 4),
        "    {",
        *_indented(_constants(plan), 8),
        "    }",
        *_indented(_drawn(plan), 4),
        "    for (int j = 0; j < LANES; j++) {",
        *_indented(load, 8),
        "    }",
        *_indented(_blocks(plan, moving, yields, stores), 4),
        "    for (int j = 0; j < LANES; j++) {",
        *_indented([" = ".join(reversed(line.rstrip(";").split(" = "))) + ";" for line in load], 8),
        "    }",
        *(["    free(table);"] if plan.sampling == "reshuffled" else []),
        "    return 0;",
        "}",
        "",
        "static int tile(const run *r, int64_t first, int64_t steps, int64_t lane)",
        "{",
        "    const int whole = (first - 1) % BLOCK == 0 && steps % BLOCK == 0;",
        "    return whole ? walk(r, first, steps, lane, 1) : walk(r, first, steps, lane, 0);",
        "}",
    ]


def _blocks(plan: LoopPlan, moving: Sequence[int], yields: list[int], stores: dict[str, int]) -> list[str]:
    """The loop over steps; where words are needed, block by block, the blocks beginning at fixed steps."""
    moment = any(name in plan.measures for name in ("hit", "extremes"))
    body = [
        *(["const double moment = (double)(first + at);"] if moment else []),
        *(f"const double scalar{k} = row{k}[at];" for k in moving),
        *_per_step(plan),
        "#pragma GCC ivdep",
        "for (int j = 0; j < LANES; j++) {",
        f"    const real slope = {_draw(plan)}, before = lane0[j];",
        f"    {emit_c.results(plan.update)}",
        f"    {_call(plan)}",
        *(f"    lane{q}[j] = out{yields.index(stores[name])};" for q, name in enumerate(plan.entry_states)),
        "    const real after = lane0[j];",
        "    (void)before, (void)after;",
        *_indented([line for name in plan.measures for line in MEASURING[name]], 4),
        "}",
    ]
    if plan.sampling != "iid":
        return ["(void)whole;", "for (int64_t at = 0; at < steps; at++) {", *_indented(body, 4), "}"]
    return [
        "for (int64_t base = (first - 1) / BLOCK * BLOCK + 1; base < first + steps; base += BLOCK) {",
        "    int64_t found[BLOCK][LANES];",
        "    words(keys, base, lane, found);",
        "    const int64_t from = whole || first <= base ? 0 : first - base;",
        "    const int64_t to = whole || first + steps - base >= BLOCK ? BLOCK : first + steps - base;",
        "#pragma GCC unroll 4",
        "    for (int64_t k = from; k < to; k++) {",
        "        const int64_t at = base + k - first;",
        *_indented(body, 8),
        "    }",
        "}",
    ]


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [line if line.startswith("#") else " " * by + line for line in lines]


DRIVER = """
/* returns: 0, or 1 where there was no memory. */
int simulate(const run *r)
{
    int failed = 0;
    for (int64_t first = r->first, end = r->first + r->steps; first < end;) {
        const int64_t next = ((first - 1) / SEGMENT + 1) * SEGMENT + 1, steps = (next < end ? next : end) - first;
        fill_scalars(r, first, steps);
        if (r->lanes == LANES || r->threads == 1) {
            for (int64_t lane = 0; lane < r->lanes; lane += LANES)
                failed |= tile(r, first, steps, lane);
            first += steps;
            continue;
        }
#pragma omp parallel for num_threads(r->threads) schedule(dynamic) reduction(| : failed)
        for (int64_t lane = 0; lane < r->lanes; lane += LANES)
            failed |= tile(r, first, steps, lane);
        first += steps;
    }
    return failed;
}
"""
