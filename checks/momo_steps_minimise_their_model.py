"""MoMo's step is the minimiser of its truncated model, around any momentum method: held against cvxpy.

The problem is put together from the history of a run by definition (runtime/momo_model.py), with groups of their own
step size and decay, and solved by an interior-point method. Families: generic losses; losses at which two branches
of the closed form meet; a bound above the model; no gradient; and step sizes without end, where the step is the
projection on the half-space on which the model lies below the bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import sympy

from driftproof.impl import compile_rule
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.model_step import not_shown, obligations
from driftproof.theory.momo import momo
from driftproof.theory.references import Source
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import new, symbol, theta

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.momo_model import METHODS, PROJECTION, Problem, problem, settings, tie
from .runtime.mutants import built
from .runtime.verdict import Verdict

FAMILIES = ("generic", "generic", "cap tie", "zero tie", "bound above", "no gradient", "projection")
POINT = {"cap tie": 1e-5, "zero tie": 1e-5}
"""At a tie strict complementarity fails, and the solver gives points to the root of its tolerance 1e-12 only."""
CLOSE = 1e-7
"""Away from ties its points are good to some 1e-10 of their size; a wrong step is off by 1e-3 and more."""
OBJECTIVE = 1e-9
GROUPS = (0, 0, 1)
SHAPES = ((2,), (1, 2), (3,))


@cache
def around(text: str) -> UpdateRule:
    return rule_of(text) if text.startswith("momo") else momo(rule_of(text))


@dataclass(frozen=True)
class Instance:
    """A history up to the step that is looked at. inputs: (gradients, loss) of each step."""

    family: str
    values: tuple[dict[str, float], dict[str, float]]
    start: tuple[np.ndarray, ...]
    inputs: tuple[tuple[tuple[np.ndarray, ...], float], ...]


def _flat(tensors: Any) -> np.ndarray:
    return np.concatenate([np.ravel(a) for a in tensors])


@lru_cache(maxsize=32)
def _compiled(rule: UpdateRule) -> Any:
    return compile_rule(rule, "reference")


def walk(rule: UpdateRule, instance: Instance) -> np.ndarray:
    """theta before each step, and after the last: one row each."""
    compiled = _compiled(rule)
    names = {h.name for h in rule.hyperparameters}
    values = [{k: v for k, v in group.items() if k in names} for group in instance.values]
    state = compiled.init(list(instance.start), groups=GROUPS)
    path = [_flat(state.theta)]
    for gradients, loss in instance.inputs:
        state = compiled.step(state, list(gradients), values, loss=loss)
        path.append(_flat(state.theta))
    return np.array(path)


def posed(text: str, instance: Instance, path: np.ndarray) -> Problem:
    g = np.array([_flat(gradients) for gradients, _ in instance.inputs])
    f = [loss for _, loss in instance.inputs]
    sizes = [int(np.prod(shape)) for shape in SHAPES]
    eta, decay = (np.repeat([instance.values[k][n] for k in GROUPS], sizes) for n in ("eta", "lambda"))
    return problem(METHODS[text], path[: len(f)], g, f, instance.values[0], eta, decay)


def drawn(text: str, number: int, seed: int) -> Instance:
    """A random instance: one to six steps, the last one of its family."""
    random = np.random.default_rng([seed, number, sum(map(ord, text))])
    family = FAMILIES[number % len(FAMILIES)]
    shared = settings([h.name for h in around(text).hyperparameters], random)
    steps = 1 if family == "no gradient" else int(random.integers(1, 7))
    groups = [{**shared, "eta": _size(random, family), "lambda": _decay(random, family)} for _ in range(2)]
    if family == "projection":
        groups[1]["eta"] = groups[0]["eta"]
    size = 0.0 if family == "no gradient" else 1.0
    inputs = [(tuple(size * random.normal(size=s) for s in SHAPES), float(3 * random.random())) for _ in range(steps)]
    start = tuple(random.normal(size=s) for s in SHAPES)
    made = Instance(family, (groups[0], groups[1]), start, tuple(inputs))
    if "tie" in family or family in ("bound above", "projection"):
        return _with_last_loss(text, made)
    return made


def _size(random: Any, family: str) -> float:
    return 2.0**200 if family == "projection" else float(10 ** random.uniform(-2, 1))


def _decay(random: Any, family: str) -> float:
    return 0.0 if family == "projection" or random.random() < 0.3 else float(random.uniform(0, 1))


def _with_last_loss(text: str, instance: Instance) -> Instance:
    """The last loss moved to where branches meet; below there, or above for a projection."""
    before = posed(text, instance, walk(around(text), instance))
    gradients, loss = instance.inputs[-1]
    weight = METHODS[text].weights(len(instance.inputs), instance.values[0])[-1]
    changed = tie(before, loss, float(weight), float(instance.family == "cap tie"))
    if instance.family == "projection":
        changed = tie(before, loss, float(weight), 0.0) + 1.0
    elif instance.family == "bound above":
        changed -= 1.0
    return Instance(instance.family, instance.values, instance.start, (*instance.inputs[:-1], (gradients, changed)))


@cache
def solved(text: str, number: int, seed: int) -> tuple[Instance, Problem]:
    """An instance with its problem, and cvxpy's answer in it."""
    instance = drawn(text, number, seed)
    found = posed(text, instance, walk(around(text), instance))
    _ = found.minimiser
    return instance, found


def off(rule: UpdateRule, text: str, number: int, seed: int) -> str:
    """How a rule's step differs from the minimiser, or "". The history is that of the right rule: one step counts."""
    instance, right = solved(text, number, seed)
    path = walk(rule, instance)
    if not np.array_equal(path[-2], right.x):
        return f"step before the last differs by {np.max(np.abs(path[-2] - right.x)):.2g}"
    step, best = path[-1], right.minimiser
    scale = 1 + np.max(np.abs(best)) + np.max(np.abs(right.x))
    gap = np.max(np.abs(step - best)) / scale
    if not gap <= POINT.get(instance.family, CLOSE):
        return f"{instance.family}: {gap:.2g} from cvxpy's minimiser"
    if right.eta[0] > PROJECTION:
        return ""
    worse = right.objective(step) - right.objective(best)
    size = 1 + abs(right.objective(best))
    certified = right.objective(best) - right.objective(step) - right.distance(step, best) >= -1e-12 * size
    return "" if abs(worse) <= OBJECTIVE * size and certified else f"{instance.family}: objective {worse:.2g} higher"


def run(context: Context) -> Iterator[Verdict | NotRun]:
    reason = absent("cvxpy")
    if context.wants(rule_of("momo")):
        failed = not_shown()
        detail = {"identities": len(obligations()), "not shown": ", ".join(failed) or "none"}
        yield context.verdict("the closed form from KKT", not failed, "T0", n=len(obligations()), detail=detail)
    count = len(FAMILIES) * (6 if context.tier == "full" else 1)
    for text in METHODS:
        if not context.wants(rule_of(text)):
            continue
        if reason:
            yield context.not_run(text, reason)
            continue
        wrong = [off(around(text), text, k, context.seed) for k in range(count)]
        failed = [w for w in wrong if w]
        detail = {"instances": count, "families": len(set(FAMILIES)), "wrong": failed[0] if failed else "none"}
        subject = text if text.startswith("momo") else f"momo({text})"
        yield context.verdict(subject, not failed, "T1", n=count, detail=detail)


def _wrong() -> dict[str, dict[Any, Any]]:
    """Slips, as equations of momo_adam that are replaced."""
    right = {e.symbol: e.expression for e in rule_of("momo_adam").equations}
    m, v, rho, level, A, cut, move = (symbol(n) for n in "m v rho level A cut move".split())
    rest, height, q = symbol("rest"), symbol("height"), symbol("q")
    t, beta2, eps, f_star = symbol("t"), symbol("beta2"), symbol("eps"), symbol("f_star")
    return {
        "gamma with the iterate of this step": {new(level): symbol("level_bar")},
        "division by 1 + eta*lambda missing": {new(theta): theta - cut * move},
        "only theta divided": {new(theta): theta / A - cut * move},
        "rho forgotten at the bound": {rest: height - f_star},
        "rho forgotten at the cap": {symbol("bias1"): sympy.Integer(1)},
        "factor 1 + eta*lambda on <d, theta> too": {height: symbol("level_bar")},
        "1 + eta*lambda forgotten in the squared norm": {q: right[q].xreplace({A: sympy.Integer(1)})},
        "cut above 1": {cut: sympy.Piecewise((sympy.Max(0, rest / q), q > 0), (0, True))},
        "eps under the root": {symbol("denom"): sympy.sqrt(eps + new(v) / (1 - beta2**t))},
        "second moment not corrected": {symbol("denom"): eps + sympy.sqrt(new(v))},
        "old momentum in the squared norm": {q: right[q].xreplace({new(m): m})},
        "old weight": {rest: right[rest].xreplace({new(rho): rho})},
    }


def mutants(context: Context) -> Iterator[Mutant]:
    rule = rule_of("momo_adam")
    if absent("cvxpy") or not context.wants(rule):
        return
    for name, changed in _wrong().items():
        equations = [type(e)(e.symbol, changed.get(e.symbol, e.expression)) for e in rule.equations]
        mutant = built(rule, equations)
        if mutant is None:
            raise ValueError(f"the mutant '{name}' is not well formed")
        yield Mutant(name, "cvxpy", partial(_killed, mutant, context.seed))


def _killed(mutant: UpdateRule, seed: int) -> str:
    return next(filter(None, (off(mutant, "momo_adam", k, seed) for k in range(len(FAMILIES)))), "")


check = Check(
    id="momo-minimises-its-model",
    claim="Around any momentum method, MoMo's step is the minimiser of the truncated averaged model in the method's "
    "metric: with weight decay, groups, ties and bounds above the model; without a cap it is the projection.",
    evidence="T0",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(rule.name == text.split("@")[0] for text in METHODS),
    source=Source("schaipp2024momo", "Lemma 3.1", "one share for all groups is ours"),
)
