"""torch.optim equals our compiled reference on drawn shapes, gradients and hyperparameters.

Hypothesis draws step sizes and eps on a logarithmic scale, 1 - beta in place of beta, zero and huge gradients,
0-dimensional and empty tensors, one or two groups, and a step size that may change after the first step. It is a
search for a counterexample, not a sample: the number of examples is reported, and no probability is claimed. The draws
follow from the seed, Hypothesis' version and the constants that it finds in the modules loaded.

The full tier adds a sample: independent inputs of a stated law, and an exact binomial interval for the probability
that one of them tells torch from us. Zero is claimed, and a version that differs on one input in twenty is excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from driftproof.theory.rule import UpdateRule

from .runtime import seeds
from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.mutants import observable, other_options
from .runtime.scenario import MATRICES, Scenario, allowed, compare, compiled_run, first_difference, start_of
from .runtime.statistics import Decision, exact_binomial, sequential
from .runtime.torch_optim import PAIRINGS, Pairing, torch_run
from .runtime.verdict import FAIL, INCONCLUSIVE, PASS, Range, Region, Verdict

EXAMPLES = {"fast": 40, "full": 500}
FOR_MUTANTS = 400
MOST_STEPS = 10
"""RAdam adapts from its sixth step on, so its eps shows in half of the runs."""

COARSE = 1e-6
"""Where rounding alone may move a run by this share of its largest step, a comparison says nothing."""


LOGARITHMIC = {"eta": (-4, 1), "eps": (-8, 1), "eps1": (-8, 1), "eps2": (-8, 1), "low": (-6, -2), "high": (-1, 2)}
PLAIN = {"tau": (0, 1), "psi": (0.01, 1), "power": (0.5, 1), "c": (1, 3), "begin": (0, 4)}
PLAIN |= {"up": (1.1, 2), "down": (0.1, 0.9)}
RATES = ("beta", "beta1", "beta2", "mu")
OR_ZERO = ("delta", "lambda", "lambda2")
"""How a hyperparameter is drawn: on a logarithmic scale, evenly, as 1 - beta, or as 0 in many cases."""


def scenarios(pairing: Pairing) -> Any:
    """A Hypothesis strategy of scenarios for a class: shapes that it takes, and its hyperparameters."""
    from hypothesis import strategies as st

    shapes = st.lists(st.sampled_from(pairing.shapes), min_size=1, max_size=3)
    magnitude = st.floats(-6, 3).map(lambda power: 10.0**power)
    signed = st.builds(lambda sign, size: sign * size, st.sampled_from([-1.0, 1.0]), magnitude)
    entry = st.one_of(st.just(0.0), signed)
    ways = {name: st.floats(low, high).map(lambda power: 10.0**power) for name, (low, high) in LOGARITHMIC.items()}
    ways |= {name: st.floats(low, high) for name, (low, high) in PLAIN.items()}
    ways |= {name: st.floats(-4, -0.1).map(lambda power: 1 - 10.0**power) for name in RATES}
    ways |= {name: st.one_of(st.just(0.0), st.floats(0.001, 1)) for name in OR_ZERO}
    letters = st.fixed_dictionaries({h.name: ways[h.name] for h in pairing.rule.hyperparameters})

    @st.composite
    def scenario(draw: Any) -> Scenario:
        chosen, steps = tuple(draw(shapes)), draw(st.integers(1, MOST_STEPS))
        count = draw(st.integers(1, min(2, len(chosen))))
        groups = tuple(i % count for i in range(len(chosen)))

        def tensors() -> tuple[np.ndarray, ...]:
            entries = (draw(st.lists(entry, min_size=prod(s), max_size=prod(s))) for s in chosen)
            return tuple(np.array(e, dtype=np.float64).reshape(s) for e, s in zip(entries, chosen, strict=True))

        start, gradients = tensors(), tuple(tensors() for _ in range(steps))
        given, later = tuple(draw(letters) for _ in range(count)), draw(st.sampled_from([1.0, 0.25]))
        after = tuple({**group, "eta": group["eta"] * later} for group in given)
        return Scenario(chosen, groups, start, gradients, (given, *[after] * (steps - 1)))

    return scenario()


class Differs(AssertionError):
    """A counterexample."""


def search(pairing: Pairing, rule: UpdateRule, examples: int, seed: int, shrink: bool = True) -> tuple[int, str]:
    """Examples compared in every form that torch has, and a counterexample (the smallest if shrink), or ""."""
    import hypothesis

    compared = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        verbosity=hypothesis.Verbosity.quiet,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if shrink else [])],
    )
    @hypothesis.given(scenarios(pairing))
    def property_holds(scenario: Scenario) -> None:
        nonlocal compared
        bounds = list(allowed(pairing.rule, scenario))
        forms = {form: list(torch_run(pairing, scenario, form)) for form in pairing.implementations}
        hypothesis.assume(_sharp(forms["for-loop"], bounds, start_of(pairing.rule, scenario)))
        compared += 1
        ours = list(compiled_run(rule, scenario))
        for form, theirs in forms.items():
            found = compare(ours, theirs, bounds, start_of(pairing.rule, scenario))
            if not found.agrees:
                raise Differs(f"{form}: {found}; {_said(scenario)}")

    try:
        property_holds()
    except Differs as difference:
        return compared, str(difference)
    except hypothesis.errors.Unsatisfiable:  # every example was too ill-conditioned to tell anything
        pass
    return compared, ""


def _sharp(theirs: list[np.ndarray], bounds: list[np.ndarray], start: np.ndarray) -> bool:
    """Whether the comparison can tell anything: the bound is finite and small beside the steps."""
    if not bounds[-1].size:
        return True
    moved = np.abs(np.diff([start, *theirs], axis=0)).max(axis=0)
    scale = np.maximum(moved, np.abs(theirs[-1]) * COARSE)
    return bool(np.all(bounds[-1] <= COARSE * scale + 1e-300))


def _said(scenario: Scenario) -> str:
    """The example in full: it is small."""
    gradients = "; ".join(str([g.tolist() for g in step]) for step in scenario.gradients)
    return f"theta {[a.tolist() for a in scenario.start]}, gradients {gradients}, {scenario.settings[0]}"


# A sample, for the full tier


RARE, COMMON = Region(0, 1e-6), Region(0.05, 1)


def random_scenario(pairing: Pairing, random: np.random.Generator) -> Scenario:
    """One input of the law that is sampled: one tensor, 4 steps, everything independent.

    Gradients and theta are normal, an eighth of the gradients zero; step sizes, eps, bounds and 1 - beta are
    log-uniform, other hyperparameters uniform.
    """

    def power(low: float, high: float) -> float:
        return float(10.0 ** random.uniform(low, high))

    shape = (2, 3) if pairing.shapes == MATRICES else (5,)
    gradients = tuple((random.normal(size=shape) * (random.uniform(size=shape) > 1 / 8),) for _ in range(4))
    letters = {name: 1 - power(-3, -0.1) for name in RATES}
    letters |= {name: power(max(low, -3), min(high, 0)) for name, (low, high) in LOGARITHMIC.items()}
    letters |= {name: float(random.uniform(*ends)) for name, ends in PLAIN.items()}
    letters |= {name: float(random.uniform()) for name in OR_ZERO}
    return Scenario((shape,), (0,), (random.normal(size=shape),), gradients, ((letters,),) * 4)


def sampled(pairing: Pairing, rule: UpdateRule, seed: int, budget: int = 520) -> Decision:
    """The verdict rule on the probability that a random input tells them apart."""
    random, differs = seeds.generator(seed), list[bool]()

    def interval(n: int, level: float) -> Range:
        while len(differs) < n:
            scenario = random_scenario(pairing, random)
            bounds = list(allowed(pairing.rule, scenario))
            differs.append(bool(first_difference(compiled_run(rule, scenario), torch_run(pairing, scenario), bounds)))
        return exact_binomial(sum(differs), n, level)

    return sequential(interval, RARE, COMMON, first=130, budget=budget)


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict per class and options, over all forms; in the full tier another one from a sample."""
    for number, pairing in enumerate(PAIRINGS):
        if context.wants(pairing.rule):
            yield _from_search(context, pairing, context.seed + number)
            if context.tier == "full":
                yield _from_sample(context, pairing, context.seed + number)


def _from_search(context: Context, pairing: Pairing, seed: int) -> Verdict | NotRun:
    if reason := absent("torch", "hypothesis"):
        return context.not_run(pairing.label, reason)
    compared, counterexample = search(pairing, pairing.rule, EXAMPLES[context.tier], seed)
    detail = {"examples": compared} | ({"counterexample": counterexample} if counterexample else {})
    holds = FAIL if counterexample else PASS if compared else INCONCLUSIVE
    return context.verdict(pairing.label, holds, n=compared, seed=context.seed, detail=detail)


def _from_sample(context: Context, pairing: Pairing, seed: int) -> Verdict | NotRun:
    subject = f"{pairing.label}, random inputs"
    if reason := absent("torch", "scipy"):
        return context.not_run(subject, reason)
    found = sampled(pairing, pairing.rule, seed)
    return context.verdict(
        subject,
        found.verdict,
        "T2",
        claim="The probability that a random input tells torch.optim from our declaration is below 5%.",
        interval=found.interval,
        n=found.n,
        level=found.level,
        seed=context.seed,
        detail={"claimed": str(RARE), "alternative": str(COMMON)},
    )


def mutants(context: Context) -> Iterator[Mutant]:
    """The other conventions of each class's plain rule, found by the same search."""
    seen = set()
    for number, pairing in enumerate(PAIRINGS):
        if pairing.name not in seen and context.wants(pairing.rule):
            seen.add(pairing.name)
            for option, mutant in other_options(pairing.rule):
                if observable(pairing.rule, mutant):
                    oracle = f"torch.optim.{pairing.name}"
                    yield Mutant(f"{pairing.label}: {option}", oracle, _killer(number, mutant, context))


def _killer(number: int, mutant: UpdateRule, context: Context) -> Callable[[], str]:
    def kill() -> str:
        return search(PAIRINGS[number], mutant, FOR_MUTANTS, context.seed + number, shrink=False)[1]

    return kill


check = Check(
    id="torch-equals-reference-drawn",
    claim="No drawn shapes, gradients and hyperparameters tell torch.optim from our declarations.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(rule.name == pairing.rule_text.split("@")[0] for pairing in PAIRINGS),
)
