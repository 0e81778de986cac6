"""Implementation: update rules lowered to programs, and programs compiled into functions that run.

This room knows `driftproof.theory` and NumPy. A backend imports its heavy library inside its own file.

    from driftproof.impl import compile_rule

    adam = compile_rule("adam@eps=inside", target="reference")     # an UpdateRule, or a RULE string
    state = adam.init([numpy.ones(3), numpy.zeros((2, 2))], groups=[0, 1])
    state = adam.step(state, grads, {"eta": 0.1})                  # grads: one array per tensor; returns a new state
    state = adam.step(state, grads, [{"eta": 0.1}, {"eta": lambda t: 0.1 / t}], out=state)      # per group; in place

state.theta, state.states["m"] and state.outputs[name] hold lists with one array per tensor; values of coarser scope
are arrays with one number per tensor, per group, or a single one. state.t counts completed steps; state.applied is
False after a step that the guard stopped. Pass loss=... where the rule uses it. With several draws give grads as
{"g1": [...], "g2": [...]}; adam.points(state) says where each draw is to be taken. adam.source is the emitted text.

NaN and infinities: in one entry's gradient they stay in that entry's parameter and states, and all other entries are
equal to the bit, unless a reduction or a matrix product joins entries. `init` accepts them in parameters silently;
hyperparameters that are NaN or infinite are refused; a rule with a guard (is_finite) stops the whole step instead.

In the order of dependence:

    stages     the order of execution
    program    Program, the only intermediate form
    builder    operations in frozen order
    lower      UpdateRule -> Program
    settings   values of the hyperparameters at a step
    state      RuleState: what a run remembers
    emit       the printers
    emit_c     the printers
    engine     runs a program's stages
    run        one step of a compiled rule, stage by stage
    compiled   CompiledRule
    distributed  gradients averaged over processes
    optimizer  MoMo and MoMo-Adam as torch optimizers
    monitor    the numbers of a monitored run
    toolchain  the C compiler, and its cache
    nvidia     CUDA C++ to machine code
    interval   200-bit intervals
    equations  a rule's equations on intervals
    interpret  emitted text on intervals
    verify     emitted text equals the rule
    philox     random words as a function of a counter
    emit_loop  one C text for millions of steps
    loop       that text, built and called
    loop_numpy  the same steps without a C compiler
    sequences  schedules as numbers
    planned_values  the same along a course, with errors, and the sums of a run
    quadratic_law  SGD on a quadratic, exactly
    torch_plan  batches and step sizes of a plan in a training loop of torch
    recurrence  recurrences over many steps, compiled
    certificate  the certificate at a horizon
    simulate   millions of steps of a rule on a problem
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftproof.theory.rule import UpdateRule

    from .backends import Backend
    from .compiled import CompiledRule
    from .program import Program

if __name__ != "driftproof.impl":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.impl`."
    )


def compile_rule(
    rule: Any, target: str = "reference", dtype: str = "", compute: str = "", asked: str = ""
) -> CompiledRule:
    """The rule as a function that runs on one backend.

    rule: an UpdateRule, or a RULE string.   target: see driftproof.impl.backends.names().
    dtype: type in memory (default: float64 for the reference, float32 for the others).
    compute: type in registers (default: dtype).
    asked: the RULE string that the header of the text repeats, where the rule is no declared one.
    raises: UnknownName for a target; Refused, by name, for what the backend cannot carry.
    """
    chosen, declared, program = _lowered(rule, target, dtype, compute, asked)
    return chosen.load(program, chosen.emit(program)).bind(declared)


def emit_rule(rule: Any, target: str = "reference", dtype: str = "", compute: str = "", asked: str = "") -> str:
    """The readable source of a rule for a target, with its header; nothing is compiled or run. As compile_rule."""
    chosen, _, program = _lowered(rule, target, dtype, compute, asked)
    return chosen.emit(program)


def _lowered(rule: Any, target: str, dtype: str, compute: str, asked: str) -> tuple[Backend, UpdateRule, Program]:
    from dataclasses import replace

    from driftproof.theory.catalogue import rule as declared
    from driftproof.theory.errors import DriftproofError
    from driftproof.theory.rule import UpdateRule

    from .backends import backend
    from .lower import lower

    chosen = backend(target)
    update_rule = declared(rule) if isinstance(rule, str) else rule
    if not isinstance(update_rule, UpdateRule):
        what = f"A {type(rule).__name__} is not a rule."
        raise DriftproofError(
            what, "Only declared rules are compiled.", 'Give an UpdateRule, or a text such as "adam".'
        )
    program = lower(update_rule, dtype or chosen.DEFAULT, compute)
    named = rule if isinstance(rule, str) else _name_of(update_rule)
    return chosen, update_rule, replace(program, asked=asked or named)


def _name_of(rule: UpdateRule) -> str:
    """The RULE string of a declared rule; "" for one that was made in Python, such as momo(rule)."""
    return rule.label if _declared_digest(rule.label) == rule.digest else ""


@cache
def _declared_digest(label: str) -> str:
    """Of the rule that a label names; "" where it names none. Kept: mutants are compiled by the thousand."""
    from driftproof.theory.catalogue import rule
    from driftproof.theory.errors import DriftproofError

    try:
        return str(rule(label).digest)
    except DriftproofError:
        return ""
