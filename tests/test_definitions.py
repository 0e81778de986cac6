"""Definitions: what ships is generated, agrees with the compiled reference, and binds the theorems that use it."""

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from driftproof.checks.runtime.mutants import built, other_options
from driftproof.impl import compile_rule
from driftproof.theory import catalogue
from driftproof.theory.errors import DriftproofError, Refused
from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.replay import replay, sha256, stated
from driftproof.theory.kernel.terms import Term, names
from driftproof.theory.kernel.untrusted import Rejected
from driftproof.theory.proving import corpus
from driftproof.theory.proving.define import Definitions
from driftproof.theory.proving.theorem import Theorem
from driftproof.theory.rule import Equation, UpdateRule
from driftproof.theory.symbols import new, theta

STEPS, ENTRIES = 5, 3
REFUSED = {
    "adafactor": "over row",
    "asgd": "no root and no integer power",
    "madgrad": "no root and no integer power",
    "muon": "products of matrices",
    "nadam": "to t and an integer",
}
"""Rules that the language cannot say, and why."""
DIRECT = {
    "adam_with_eps_beside_v": "adam_without_momentum_of_its_rule_has_an_explicit_bound",
    "adopt": "adopt_with_momentum_converges_on_average",
    "adopt_with_schedule": "adopt_converges_on_average",
    "amsgrad_with_schedule": "amsgrad_of_its_rule_has_bounded_regret",
    "sgd_step": "sgd_moments_match_its_sde",
    "rmsprop_step_with_old_second_moment": "rmsprop_in_units_of_its_sde",
    "rmsprop_step": "rmsprop_with_new_second_moment_has_the_same_sde",
    "rmsprop_second_moment": "steps_of_u_are_small",
    "rmsprop_second_moment_of_one_entry": "rmsprop_steps_are_bounded",
    "adam_of_one_entry": "corrected_adam_follows_the_drift_of_its_periodic_state",
    "adam_with_schedule": "corrected_adam_with_falling_rates_goes_to_the_worst_point",
    "adam_without_correction_of_one_entry": "adam_follows_the_drift_of_its_periodic_state",
    "adam_without_correction_with_schedules": "adam_with_eps_outside_is_bounded_at_every_horizon",
    "adam_without_correction_with_schedule": "adam_with_falling_rates_goes_to_the_worst_point",
    "adam_moments": "adam_needs_low_skewness",
    "adam_moments_of_one_entry": "adam_moments_obey_cauchy_schwarz",
    "adam_step": "adam_with_new_second_moment_has_the_same_sde",
    "adam_step_with_old_second_moment": "adam_moments_match_its_sde",
    "adamw_step": "adamw_with_new_second_moment_in_units_of_its_sde",
    "adamw_step_with_old_second_moment": "adamw_in_units_of_its_sde",
    "adam_beside_momo": "momo_adam_at_its_cap_is_adam",
    "momo_adam_step": "momo_adam_rule_takes_the_step_of_its_closed_form",
    "adam": "torch_adam_is_generic_adam_with_schedules",
    "momo_step_with_estimated_bound": "estimates_of_momo_exceed_losses_by_the_distance",
    "momo_step_on_random_losses": "momo_rule_converges_to_common_minimisers",
    "sgd_with_momentum_step": "momo_at_its_cap_is_sgd_with_momentum",
    "generic_adam": "generic_adam_of_its_rule_converges",
    "generic_adam_step": "larger_batches_speed_adam_up",
    "generic_adam_step_with_schedules": "adam_with_eps_in_v_is_bounded_at_every_horizon",
    "momo_step": "momo_rule_takes_the_step_of_its_closed_form",
}
"""The theorem that is about the equations of each definitions."""

GENERAL = "any sequences alpha, beta1 and beta2, and a family of scales, that the rule, which has one eps, is a case of"
LAGS = "a theta one step behind; for the rule,"
PROJECTED = "theta takes the steps of the rule, as definitions say them, projected onto [-1, 1], which the rule is not"
PAPERS = "v and eps without 1 - beta2, for adam_without_momentum_of_its_rule_has_an_explicit_bound"
BOXED = "steps are projected, which the rule's are not: see amsgrad_of_its_rule_has_bounded_regret"
PART = "one state alone, of which the rule is not the subject: a lemma on averages, or gradient descent on a loss"
WRITTEN = {
    "adam_descends_up_to_the_growth_of_its_scale": GENERAL,
    "adam_gradients_are_bounded_at_every_horizon": f"{GENERAL}: torch_adam_is_bounded_at_every_horizon",
    "adam_scale_along_a_run": GENERAL,
    "adam_scale_is_bounded_on_average": GENERAL,
    "adam_squared_steps_along_a_run": GENERAL,
    "adam_with_falling_rates_goes_to_the_worst_point": PROJECTED,
    "adam_with_inverse_root_rates_tends_to_the_worst_point": PROJECTED,
    "adam_without_momentum_has_an_explicit_bound": PAPERS,
    "amsgrad_has_bounded_regret": BOXED,
    "averages_over_all_steps_make_adam_converge": f"{LAGS} averages_over_all_steps_make_adam_of_its_rule_converge",
    "corrected_adam_with_falling_rates_goes_to_the_worst_point": PROJECTED,
    "corrected_adam_with_inverse_root_rates_tends_to_the_worst_point": PROJECTED,
    "generic_adam_converges_under_its_conditions": f"{LAGS} generic_adam_of_its_rule_converges",
    "generic_adam_has_power_law_rates": f"{LAGS} generic_adam_of_its_rule_has_power_law_rates",
    "gradient_descent_contracts_on_strongly_convex_losses": PART,
    "gradient_descent_falls_by_weighted_interpolation": PART,
    "gradient_descent_has_its_worst_case_rate": PART,
    "heavy_ball_with_fixed_momentum_scales_linearly": "the answer to a single gradient, so that b only decays",
    "losses_at_a_minimiser_are_bounded_along_momo": "any metrics; estimates_of_momo_exceed_losses_by_the_distance",
    "momentum_is_bounded_by_the_second_moment": GENERAL,
    "momo_converges_to_common_minimisers": "any bounds and first weight; for the rule, momo_rule_converges",
    "momo_never_moves_away_from_a_common_minimiser": "any bounds and metric; for the rule, momo_rule_never_moves_away",
    "momo_value_follows_a_recurrence": "any metric and any moves; for the rule, momo_rule_takes_the_step",
    "steps_less_their_potential_climb": PART,
    "steps_near_periodic_ones_follow_their_drift": PART,
    "weighted_averages_are_sums_of_squares": PART,
}
"""Theorems whose hypotheses have a recursion of parameters or states that no definitions say, and why."""


def made() -> dict[str, Definitions]:
    return {one.name: one for theorem in corpus.theorems().values() for one in theorem.definitions}


def test_the_definitions_that_ship_are_those_that_rules_give() -> None:
    assert corpus.shipped("definitions") == corpus.definitions()


def test_a_name_of_definitions_means_one_thing() -> None:
    uses = [one for theorem in corpus.theorems().values() for one in theorem.definitions]
    assert all(one == made()[one.name] for one in uses)
    assert set(made()) == set(DIRECT)


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_language_cannot_say_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(Refused, match=REFUSED[name]):
        Definitions(name, name).of()


def test_a_run_from_anywhere_may_not_know_its_first_step() -> None:
    with pytest.raises(Refused, match="begin"):
        Definitions("adam", "adam@second_moment=old", after=0).of()


def test_powers_of_a_schedule_are_refused() -> None:
    with pytest.raises(Refused, match="changes with t"):
        Definitions("adam", "adam", schedules=("beta1",)).of()


def test_a_schedule_is_a_sequence() -> None:
    said = Definitions("sgd", "sgd", schedules=("eta",)).equations
    assert said == {"theta_next": "forall t nat, i nat: theta(t + 1, i) = theta(t, i) - eta(t + 1)*g(t + 1, i)"}


def recursions(theorem: Theorem) -> list[str]:
    """Hypotheses beside definitions that give parameters or a state from themselves."""
    said = {name: formula(text).conclusion for name, text in theorem.written.items()}
    own = [name for name, one in said.items() if one.left[0] == "name" and one.left[1] in names(one.right)]
    return [name for name in own if said[name].relation == "=" and said[name].left[1] in ("m", "v", "theta", "x", "d")]


def test_recursions_that_are_written_by_hand_have_a_reason() -> None:
    found = {name for name, theorem in corpus.theorems().items() if recursions(theorem)}
    assert found == set(WRITTEN)


# Mutants of the rule


def changed(one: Definitions) -> dict[str, str]:
    """The definitions of rules that differ in one convention or in a coefficient, where they differ."""
    rule = catalogue.rule(one.rule)
    found = dict(other_options(rule)) | {"twice": twice(rule, one)}
    texts = {}
    for what, other in found.items():
        try:
            texts[what] = json.loads(one.of(other)) | {"rule": rule.label}
        except Refused:
            continue
    own = json.loads(one.text)
    return {what: json.dumps(data, indent=1, sort_keys=True) + "\n" for what, data in texts.items() if data != own}


def twice(rule: UpdateRule, one: Definitions) -> UpdateRule:
    """The rule with the last of the equations doubled."""
    states = {s.symbol for s in rule.state if s.name in one.only} or {theta}
    wanted = [e.symbol for e in rule.equations if any(e.symbol == new(s) for s in states)][-1]
    mutant = built(rule, [Equation(e.symbol, e.expression * (1 + (e.symbol == wanted))) for e in rule.equations])
    assert mutant is not None
    return mutant


@pytest.mark.parametrize("name", DIRECT)
def test_other_conventions_of_a_rule_are_other_definitions_and_end_the_proof(name: str) -> None:
    statements, certificates = corpus.shipped("statements"), corpus.shipped("certificates")
    files, theorem = corpus.shipped("definitions"), corpus.theorems()[DIRECT[name]]
    proved = {used: (sha256(statements[used]), stated(statements[used], files).proved) for used in theorem.lemmas}
    replay(certificates[theorem.theorem], statements[theorem.theorem], files, proved)
    mutants = changed(made()[name])
    assert "twice" in mutants
    for what, text in mutants.items():
        with pytest.raises(Rejected, match="other definitions"):
            replay(certificates[theorem.theorem], statements[theorem.theorem], {**files, name: text}, proved)
        with pytest.raises((DriftproofError, Rejected)):
            theorem.certificate({**files, name: text}, proved, {})
            print(f"{theorem.theorem} also holds for {what}")


# Agreement with the compiled reference

OPERATIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": lambda x: math.sqrt(max(x, 0)), "abs": abs, "exp": math.exp, "log": lambda x: math.log(x) if x > 0 else 7.0,
    "max": max, "min": min, "pow": pow, "neg": lambda x: -x, "/": lambda a, b: a / b if b else 0.0,
    "+": lambda *terms: math.fsum(terms), "*": lambda *factors: math.prod(factors),
}  # fmt: skip


class Run:
    """Values of families by their equations, read as definitions; `given` are values of names without one."""

    def __init__(self, equations: Mapping[str, str], given: Mapping[str, Callable[..., float]]) -> None:
        self.given, self.equations = given, [formula(text).conclusion for text in equations.values()]
        self.value = cache(self._value)

    def _value(self, letter: str, *arguments: int) -> float:
        for said in self.equations:
            if said.left[1] == letter and (bound := self._bound(said.left[2], arguments)) is not None:
                return self.term(said.right, bound)
        return self.given[letter](*arguments)

    def _bound(self, patterns: tuple[Term, ...], arguments: tuple[int, ...]) -> dict[str, int] | None:
        bound = {}
        for pattern, argument in zip(patterns, arguments, strict=True):
            if pattern[0] == "num":
                if pattern[1] != argument:
                    return None
            else:
                letter, more = (pattern[1], 0) if pattern[0] == "name" else (pattern[1][1], pattern[2][1])
                if argument < more:
                    return None
                bound[letter] = argument - more
        return bound

    def term(self, e: Term, bound: Mapping[str, int]) -> Any:
        if e[0] == "num":
            return e[1]
        if e[0] == "name":
            if e[1] in bound:
                return bound[e[1]]
            return self.value(e[1], *(int(self.term(part, bound)) for part in e[2]))
        if e[0] == "sum":
            return math.fsum(self.term(e[3], {**bound, e[1]: k}) for k in range(int(self.term(e[2], bound))))
        if e[0] == "^":
            return self.term(e[1], bound) ** e[2]
        return OPERATIONS[e[0]](*(self.term(part, bound) for part in e[1:]))


def sayable() -> list[str]:
    """Every rule and every variant in one convention that has definitions."""
    return [name for name in catalogue.names() if name not in REFUSED]


@pytest.mark.parametrize("name", sayable())
def test_definitions_agree_with_the_compiled_reference(name: str) -> None:
    rule = catalogue.rule(name)
    for variant in [rule, *(other for _, other in other_options(rule))]:
        try:
            data = json.loads(Definitions(name, name).of(variant))
        except Refused:
            assert variant is not rule
            continue
        ours, theirs = defined(data, variant), compiled(variant)
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-12), variant.label


Draws = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(7)
GRADIENTS = RANDOM.normal(size=(STEPS + 2, ENTRIES))
LOSSES, START = RANDOM.uniform(1, 5, size=STEPS + 2), RANDOM.normal(size=ENTRIES)


@pytest.mark.parametrize("name", ["lamb", "momo", "momo_adam"])
def test_definitions_agree_where_a_case_distinction_divides_by_zero(name: str) -> None:
    still = GRADIENTS.copy()
    still[:3], still[4, 0] = 0, 0
    low = np.array([1, 2, -1, 3, -2, 0.01, 5])
    rule = catalogue.rule(name)
    for variant in [rule, *(other for _, other in other_options(rule))]:
        data = json.loads(Definitions(name, name).of(variant))
        ours, theirs = defined(data, variant, still, low), compiled(variant, still, low)
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-12), variant.label


def defined(
    data: Mapping[str, Any], rule: UpdateRule, gradients: Draws = GRADIENTS, losses: Draws = LOSSES
) -> np.ndarray[Any, Any]:
    given: dict[str, Callable[..., float]] = {
        h.name: lambda value=float(h.default): value for h in rule.hyperparameters
    }
    given |= {d.symbol.name: lambda t, i: float(gradients[t, i]) for d in rule.gradients}
    given |= {"f": lambda t: float(losses[t]), "n": lambda: ENTRIES, "theta": lambda t, i: float(START[i])}
    run = Run(dict(data["equations"]), given)
    return np.array([[run.value("theta", t, i) for i in range(ENTRIES)] for t in range(1, STEPS + 1)])


def compiled(rule: UpdateRule, gradients: Draws = GRADIENTS, losses: Draws = LOSSES) -> np.ndarray[Any, Any]:
    made_of = compile_rule(rule)
    state = made_of.init([START.copy()])
    found = []
    for t in range(1, STEPS + 1):
        draws = [gradients[t].copy()]
        state = made_of.step(state, draws, loss=float(losses[t]))
        found.append(np.array(state.theta[0]))
    return np.array(found)
