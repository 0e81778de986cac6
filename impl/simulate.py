"""`simulate`: millions of steps of a declared rule on a problem in one dimension, for one seed or thousands.

    from driftproof.impl.simulate import simulate
    from driftproof.theory.problems import reddi_one, synthetic

    run = simulate("adam@correction=none", reddi_one(3), steps=300_000, start=-1, target=1,
                   hyperparameters={"eta": "1/2*sqrt(9/10)/sqrt(t)", "beta1": 0, "beta2": "1/10", "eps": 0})
    run.hit[0]            # the first t whose update lands on 1; 0 if none does
    run.regret[0] / run.steps
    simulate("adopt", synthetic("iid"), steps=10**6, seeds=1024, seed=7, record=(10**4, 10**5)).trajectory[10**4]

One C loop is made from the rule itself: the problem's gradient in place of g, schedules in place of hyperparameters,
and the projection around new(theta). Without a C compiler NumPy runs the same steps, and `run.engine` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from driftproof.theory.catalogue import rule as declared
from driftproof.theory.combinators import compose, reparametrise
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, UnknownName, nearest
from driftproof.theory.problems import Problem, posed
from driftproof.theory.problems import problem as named_problem
from driftproof.theory.rule import Hyperparameter, UpdateRule
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import symbol, t

from .emit_loop import MEASURES, MOST_BRANCHES, SEGMENT, LoopPlan
from .loop import Array, CompiledLoop, Memory, Work
from .loop_numpy import NumpyLoop
from .lower import lower

ENGINES = ("auto", "c", "c_without_avx512", "numpy")
PIECE = 2**25
"""Steps times seeds between two calls of `progress`: a tenth of a second."""
LANES = 16
"""Seeds side by side: two registers of AVX-512, so that one waits for its root while the other works."""
STARTS = {"largest": -np.inf, "smallest": np.inf}
"""Where a measure does not start at 0."""


@dataclass(frozen=True)
class Run:
    """What a run gave; arrays have one number per seed.

    steps: those that were done.   final: theta after the last.   states: the others, by name.
    trajectory: theta after so many steps, by their number.
    hit: the first t whose update gives exactly `target`, 0 for never; None where no target was given.
    regret: sum g_t x_t - min_x sum g_t x over the interval, x_t before step t; None where not measured.
    largest, smallest: of theta after each step; largest_at, largest_last: the first and the last t that reaches it.
    engine: what ran, such as "C, 64 lanes at a time".
    """

    rule: str
    problem: str
    steps: int
    final: Array
    states: Mapping[str, Array]
    trajectory: Mapping[int, Array]
    engine: str
    hit: Array | None = None
    regret: Array | None = None
    largest: Array | None = None
    largest_at: Array | None = None
    largest_last: Array | None = None
    smallest: Array | None = None
    smallest_at: Array | None = None
    smallest_last: Array | None = None


def simulate(
    rule: str | UpdateRule,
    problem: str | Problem,
    steps: int,
    *,
    seeds: int = 1,
    hyperparameters: Mapping[str, Any] | None = None,
    start: Any = 0,
    target: Any = None,
    record: Sequence[int] = (),
    measure: Sequence[str] = ("regret", "extremes"),
    seed: int = 0,
    engine: str = "auto",
    threads: int = 0,
    progress: Callable[[Run], object] | None = None,
) -> Run:
    """Runs the rule on the problem.

    hyperparameters: numbers, or schedules: text in t and T (the number of steps), or SymPy expressions, which may use
    other letters that are given as numbers too, {"eta": a / sympy.sqrt(t), "a": 0.1}. Those not given: defaults.
    start: a number, or one per seed.   target: see Run.hit.   record: numbers of steps after which theta is kept.
    measure: of "regret", "extremes".   seed: key of the draws, below 2^64.   threads: 0 means all processors.
    progress: called with what is done so far, ten times a second or so; the run ends where it returns False.
    raises: Refused for a rule that is not one coordinate alone; OutOfDomain, UnknownName for bad values.
    """
    update_rule = declared(rule) if isinstance(rule, str) else rule
    chosen = named_problem(problem) if isinstance(problem, str) else problem
    _require(steps, seeds, seed, measure, engine)
    made, numbers = scheduled(update_rule, chosen, hyperparameters or {}, steps)
    wanted = [*(["hit"] if target is not None else []), *(m for m in measure if m != "regret" or _has_regret(chosen))]
    lanes = 1 if seeds == 1 else LANES
    values, cuts, branches = _table(chosen)
    plan = LoopPlan(lower(made), lanes, chosen.sampling, branches, tuple(wanted))
    loop = _loop(plan, engine)
    from .backends.cpu import _threads

    work = Work(
        np.array([numbers[plan.program.ops[n].name] for n in plan.program.inputs("hyperparameter")], dtype=np.float64),
        values,
        cuts,
        float("nan") if target is None else _real("target", target),
        seed,
        threads or _threads(),
    )
    memory = _memory(plan, start, seeds)
    trajectory: dict[int, Array] = {}
    before = 0
    for done in _stops(steps, seeds, record):
        loop.advance(work, memory, before + 1, done - before)
        before = done
        if done in record:
            trajectory[done] = memory.states[0, :seeds].copy()
        if (
            progress is not None
            and progress(_result(made, chosen, plan, loop, memory, seeds, done, trajectory)) is False
        ):
            break
    return _result(made, chosen, plan, loop, memory, seeds, before, trajectory)


def _require(steps: Any, seeds: Any, seed: Any, measure: Sequence[str], engine: str) -> None:
    for name, value, most in (("steps", steps, 2**53), ("seeds", seeds, 2**32), ("seed", seed, 2**64)):
        if not isinstance(value, int) or isinstance(value, bool) or not (name != "seed") <= value < most:
            raise OutOfDomain(f"{name} = {value!r} is not a whole number below {most}.", "", f"Give {name} as 1000.")
    for name in measure:
        if name not in MEASURES or name == "hit":
            raise UnknownName(f"There is no measure '{name}'.", "", nearest(str(name), ("regret", "extremes")))
    if engine not in ENGINES:
        raise UnknownName(f"There is no engine '{engine}'.", "", nearest(str(engine), ENGINES))


def scheduled(
    rule: UpdateRule, problem: Problem, given: Mapping[str, Any], steps: int
) -> tuple[UpdateRule, dict[str, float]]:
    """The rule on the problem with schedules put in, and the numbers of the hyperparameters that are left."""
    values = {name: _value(name, value, steps) for name, value in given.items()}
    # A hyperparameter that is 0 goes into the equations: the loop does not add 0 a million times.
    zeros = {
        name: sympy.Integer(0) for name, value in values.items() if not isinstance(value, sympy.Expr) and not value
    }
    schedules = {symbol(name): value for name, value in (values | zeros).items() if isinstance(value, sympy.Expr)}
    letters: set[Any] = set().union(*(value.free_symbols for value in schedules.values())) - {t}
    known = {h.name for h in rule.hyperparameters}
    extra = [Hyperparameter(x, 0, "(-oo, oo)", "constant") for x in sorted(letters, key=str) if x.name not in known]
    for item in extra:
        if item.name not in values:
            raise UnknownName(f"The letter {item.name} of a schedule has no value.", "", f"Give {item.name} a number.")
    for name in values:
        if name not in {x.name for x in extra}:
            rule.hyperparameter(name)
    if schedules:
        rule = compose(rule.name, rule, [reparametrise(schedules, extra, "scheduled")])
    made = posed(rule, problem)
    numbers = {
        h.name: values.get(h.name, float(Fraction(int(h.default.p), int(h.default.q)))) for h in made.hyperparameters
    }
    for hyper in made.hyperparameters:
        hyper.domain.check(hyper.name, numbers[hyper.name])
    return made, numbers


def _value(name: str, given: Any, steps: int) -> Any:
    """A float, or the expression of a schedule."""
    found = schedule(given) if isinstance(given, str) else given
    if isinstance(found, sympy.Expr):
        found = found.xreplace({symbol("T"): sympy.Integer(steps)})
        return _real(name, sympy.N(found, 25)) if found.is_number else found
    return _real(name, found)


def _real(name: str, given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise OutOfDomain(f"{name} = {given!r} is not a real number.", "", f"Give {name} as 0.1.") from error


def _has_regret(problem: Problem) -> bool:
    return problem.is_linear and problem.interval is not None


def _table(problem: Problem) -> tuple[Array, Array, int]:
    """Values, the bounds of the words that take them (probabilities are rounded to 2^-32), and their number."""
    law = problem.law
    if problem.sampling != "iid" or (len(law) > MOST_BRANCHES and not problem.weights):
        return _floats(problem.values), np.zeros(0, dtype=np.int64), 0
    if len(law) > MOST_BRANCHES:
        raise Refused(
            f"'{problem.name}' draws one of {len(law)} values with unequal probabilities.",
            f"Up to {MOST_BRANCHES} are carried, or a table with equal ones.",
            "",
        )
    sums = np.cumsum([share for _, share in law])
    return _floats([value for value, _ in law]), np.array([round(s * 2**32) for s in sums[:-1]], np.int64), len(law)


def _floats(values: Sequence[Any]) -> Array:
    return np.array([float(value) for value in values], dtype=np.float64)


def _loop(plan: LoopPlan, engine: str) -> CompiledLoop | NumpyLoop:
    if engine == "numpy":
        return NumpyLoop(plan)
    from .toolchain import compiler

    if engine == "auto":
        try:
            compiler()
        except Refused:
            return NumpyLoop(plan)
    return CompiledLoop(plan, avx512=engine != "c_without_avx512")


def _memory(plan: LoopPlan, start: Any, seeds: int) -> Memory:
    lanes = -(-seeds // plan.lanes) * plan.lanes
    beginnings = np.zeros(lanes)
    try:
        beginnings[:seeds] = start
    except (TypeError, ValueError) as error:
        raise DriftproofError(f"start = {start!r} is neither a number nor one per seed.") from error
    inits = {name: plan.program.buffer(name).init for name, _ in plan.program.stores}
    states = np.array([np.full(lanes, float(inits[name] or 0)) for name in plan.entry_states])
    states[plan.entry_states.index("theta")] = beginnings
    measured = np.array([np.full(lanes, STARTS.get(name, 0.0)) for name in plan.rows]).reshape(len(plan.rows), lanes)
    return Memory(_floats([inits[name] or 0 for name in plan.scalar_states]), states, measured)


def _stops(steps: int, seeds: int, record: Sequence[int]) -> list[int]:
    """Where a run comes up for air: at recorded steps, after every piece, and at the end."""
    size = max(PIECE // seeds // SEGMENT, 1) * SEGMENT
    return sorted({*range(size, steps, size), *(r for r in record if 0 < r <= steps), steps})


def _result(
    rule: UpdateRule,
    problem: Problem,
    plan: LoopPlan,
    loop: CompiledLoop | NumpyLoop,
    memory: Memory,
    seeds: int,
    done: int,
    trajectory: Mapping[int, Array],
) -> Run:
    states = {name: row[:seeds].copy() for name, row in zip(plan.entry_states, memory.states, strict=True)}
    found = {name: row[:seeds].copy() for name, row in zip(plan.rows, memory.measured, strict=True)}
    for name in found:
        if name == "hit" or name.endswith(("_at", "_last")):
            found[name] = found[name].astype(np.int64)
    if "sum_g" in found:
        total = found.pop("sum_g")
        ends = [float(end) for end in problem.interval or ()]
        found["regret"] = found.pop("sum_gx") - np.minimum(total * ends[0], total * ends[1])
    engine = (
        loop.name
        if isinstance(loop, NumpyLoop)
        else f"{loop.name}, {plan.lanes} lane{'s' * (plan.lanes > 1)} at a time"
    )
    return Run(rule.label, problem.name, done, states.pop("theta"), states, dict(trajectory), engine, **found)
