"""torch's clipping of gradients and its average of weights equal our combinators around SGD.

clip_grad_norm_ of all parameters and of each alone, with and without decay after it; clip_grad_value_; and
torch.optim.swa_utils.AveragedModel with both of its exponential averages. In float64, over 40 steps, with a threshold
that some gradients exceed and others do not. What may differ is the running error bound of this very run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from sympy import Piecewise

from driftproof.theory.amend import amend
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.combinators import Combinator, clip_by_norm, clip_by_value, compose, ema, l2
from driftproof.theory.rule import UpdateRule, eq
from driftproof.theory.symbols import new, symbol, t, theta

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.scenario import (
    Array,
    Scenario,
    allowed,
    compare,
    compiled_run,
    first_difference,
    flat,
    loud_scenario,
    start_of,
)
from .runtime.verdict import Verdict

STEPS = 40
LETTERS = {"eta": 0.3, "c": 2.5, "lambda": 0.2, "beta_ema": 0.7}
FORMS = {"for-loop": False, "foreach": True}
COMBINATORS: Mapping[str, Callable[[], Combinator]] = {
    "norm of all": lambda: clip_by_norm(form="torch"),
    "exact norm of all": clip_by_norm,
    "norm of each": lambda: clip_by_norm(over="tensor", form="torch"),
    "exact norm of each": lambda: clip_by_norm(over="tensor"),
    "value": clip_by_value,
    "l2": l2,
    "ema": ema,
}


@dataclass(frozen=True)
class Case:
    """What torch offers; names of our combinators for it, and of others that it must be told from.

    started: whether the average begins at the weights before the first step, as our combinator has it.
    """

    name: str
    combinators: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    started: bool = True


CASES = (
    Case("clip_grad_norm_", ("norm of all",), (("exact norm of all",), ("norm of each",), ("value",), ())),
    Case("clip_grad_norm_, then weight_decay", ("norm of all", "l2"), (("l2", "norm of all"), ("norm of all",))),
    Case("clip_grad_norm_ of each", ("norm of each",), (("exact norm of each",), ("norm of all",), ("value",))),
    Case("clip_grad_value_", ("value",), (("norm of each",), ())),
    Case("AveragedModel", ("ema",), ()),
    Case("AveragedModel, first updated after a step", ("ema",), (("ema",),), started=False),
)


def _around(names: tuple[str, ...], started: bool = True) -> UpdateRule:
    """SGD with these combinators; not started: with an average that begins at the weights after the first step."""
    rule = compose("sgd", rule_of("sgd"), [COMBINATORS[name]() for name in names])
    if started:
        return rule
    rate, average = symbol("beta_ema"), symbol("ema")
    mean = Piecewise((new(theta), t <= 1), (rate * average + (1 - rate) * new(theta), True))
    return amend("sgd", rule, [eq(new(average), mean)], held=dict(rule.options))


def _wrong(case: Case) -> Iterator[tuple[str, UpdateRule]]:
    for names in case.others:
        yield ", then ".join(names) or "nothing", _around(names)
    if case.combinators == ("ema",):
        rule, (rate, average) = _around(("ema",)), (symbol("beta_ema"), symbol("ema"))
        for what, mean in (
            ("of the weights before the step", rate * average + (1 - rate) * theta),
            ("with the shares exchanged", (1 - rate) * average + rate * new(theta)),
            ("with a weight too many", average + (1 - rate) * new(theta)),
        ):
            yield what, amend("sgd", rule, [eq(new(average), mean)], held=dict(rule.options))


@cache
def _scenario(seed: int) -> Scenario:
    """One group, since a threshold is the same for all."""
    made = loud_scenario(seeds.generator(seed), STEPS)
    early, late = {**LETTERS}, {**LETTERS, "eta": LETTERS["eta"] / 3}
    settings = ((early,),) * (STEPS // 2) + ((late,),) * (STEPS - STEPS // 2)
    return replace(made, groups=(0,) * len(made.shapes), settings=settings)


@cache
def _bounds(case: Case, seed: int) -> tuple[Array, ...]:
    """A norm of all tensors is one of a tensor that holds all of their entries."""
    scenario = _scenario(seed)
    if "norm of all" not in case.combinators:
        return tuple(allowed(_around(case.combinators, case.started), scenario))
    joined = replace(
        scenario,
        shapes=(np.shape(flat(scenario.start)),),
        groups=(0,),
        start=(flat(scenario.start),),
        gradients=tuple((flat(gradients),) for gradients in scenario.gradients),
    )
    names = tuple("norm of each" if name == "norm of all" else name for name in case.combinators)
    return tuple(allowed(_around(names), joined))


@cache
def _theirs(case: Case, form: str, seed: int) -> tuple[Array, ...]:
    """theta, and the averaged weights, after each step of torch."""
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_ema_multi_avg_fn

    scenario, foreach = _scenario(seed), FORMS[form]
    parameters = [torch.nn.Parameter(torch.tensor(a, dtype=torch.float64)) for a in scenario.start]
    decay = LETTERS["lambda"] if "l2" in case.combinators else 0.0
    optimizer = torch.optim.SGD(parameters, lr=LETTERS["eta"], weight_decay=decay, foreach=foreach)
    model = torch.nn.ParameterList(parameters)
    if foreach:
        average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(LETTERS["beta_ema"]))
    else:
        average = AveragedModel(model, avg_fn=get_ema_avg_fn(LETTERS["beta_ema"]))
    if case.started:
        average.update_parameters(model)
    found = []
    for gradients, (letters,) in zip(scenario.gradients, scenario.settings, strict=True):
        optimizer.param_groups[0]["lr"] = letters["eta"]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        _clip(case, parameters, foreach)
        optimizer.step()
        average.update_parameters(model)
        kept = list(average.module) if case.combinators == ("ema",) else []
        found.append(flat([a.detach().numpy() for a in (*parameters, *kept)]))
    return tuple(found)


def _clip(case: Case, parameters: list[Any], foreach: bool) -> None:
    from torch.nn.utils import clip_grad_norm_, clip_grad_value_

    if "norm of all" in case.combinators:
        clip_grad_norm_(parameters, LETTERS["c"], foreach=foreach)
    elif "norm of each" in case.combinators:
        for parameter in parameters:
            clip_grad_norm_([parameter], LETTERS["c"], foreach=foreach)
    elif "value" in case.combinators:
        clip_grad_value_(parameters, LETTERS["c"], foreach=foreach)


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per function, use and code path."""
    if reason := absent("torch"):
        yield context.not_run("torch", reason)
        return
    if not context.wants(rule_of("sgd")):
        return
    for case in CASES:
        scenario, rule = _scenario(context.seed), _around(case.combinators, case.started)
        ours = list(compiled_run(rule, scenario))
        for form in FORMS:
            theirs = list(_theirs(case, form, context.seed))
            found = compare(ours, theirs, _bounds(case, context.seed), start_of(rule, scenario))
            detail: dict[str, Any] = {"error in steps": found.in_steps, "ulps": found.ulps, "used": found.used}
            if not found.agrees:
                detail["first wrong step"] = found.step
            size = STEPS * ours[0].size
            yield context.verdict(f"{case.name}, {form}", found.agrees, n=size, seed=context.seed, detail=detail)


def mutants(context: Context) -> Iterator[Mutant]:
    """Other norms and orders, no clipping, and other averages."""
    if context.wants(rule_of("sgd")):
        for case in CASES:
            for what, rule in _wrong(case):
                yield Mutant(f"{case.name}: {what}", "torch", _killer(case, rule, context))


def _killer(case: Case, mutant: UpdateRule, context: Context) -> Callable[[], str]:
    def kill() -> str:
        theirs = _theirs(case, "for-loop", context.seed)
        return first_difference(compiled_run(mutant, _scenario(context.seed)), theirs, _bounds(case, context.seed))

    return kill


check = Check(
    id="torch-utilities",
    claim="torch's gradient clipping and weight averages follow our combinators.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "sgd",
)
