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
{"g1": [...], "g2": [...]}; step.points(state) says where each draw is to be taken. adam.source is the emitted text.

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
    toolchain  the C compiler, and its cache
    nvidia     CUDA C++ to machine code
    interval   200-bit intervals
    equations  a rule's equations on intervals
    interpret  emitted text on intervals
    verify     emitted text equals the rule
"""

from __future__ import annotations

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


def compile_rule(rule: Any, target: str = "reference", dtype: str = "", compute: str = "") -> CompiledRule:
    """The rule as a function that runs on one backend.

    rule: an UpdateRule, or a RULE string.   target: see driftproof.impl.backends.names().
    dtype: type in memory (default: float64 for the reference, float32 for the others).
    compute: type in registers (default: dtype).
    raises: UnknownName for a target; Refused, by name, for what the backend cannot carry.
    """
    chosen, declared, program = _lowered(rule, target, dtype, compute)
    return chosen.load(program, chosen.emit(program)).bind(declared)


def emit_rule(rule: Any, target: str = "reference", dtype: str = "", compute: str = "") -> str:
    """The readable source of a rule for a target, with its header; nothing is compiled or run. As compile_rule."""
    chosen, _, program = _lowered(rule, target, dtype, compute)
    return chosen.emit(program)


def _lowered(rule: Any, target: str, dtype: str, compute: str) -> tuple[Backend, UpdateRule, Program]:
    from driftproof.theory.catalogue import rule as declared

    from .backends import backend
    from .lower import lower

    chosen = backend(target)
    update_rule = declared(rule) if isinstance(rule, str) else rule
    return chosen, update_rule, lower(update_rule, dtype or chosen.DEFAULT, compute)
