"""torch.optim against our reference: every class, option and form, in float64 and float32, minimised and maximised.

`make test` runs a representative part; the slow marks are the rest of the matrix. The allowed difference is the
running error bound of the very run; in float32 it is 2^29 times that of float64, the ratio of their roundings.
"""

from itertools import product

import numpy as np
import pytest
import torch

from driftproof.checks.runtime.mutants import observable, other_options
from driftproof.checks.runtime.scenario import allowed, compare, compiled_run, loud_scenario, start_of
from driftproof.checks.runtime.torch_optim import OUT_OF_SCOPE, PAIRINGS, torch_run
from driftproof.theory.errors import DriftproofError

STEPS = 30
FLOAT32 = 2.0**29
DTYPES = {"float64": 1.0, "float32": FLOAT32}
SEEDS = (0, 1, 2)


def quick(form, dtype, maximised, seed):
    """What `make test` runs: every form in float64, the for-loop in float32, foreach maximised."""
    if seed:
        return False
    return (dtype == "float64" and form == "foreach") if maximised else (dtype == "float64" or form == "for-loop")


def cells():
    """(pairing, form, type, maximised, seed)."""
    found = []
    for pairing in PAIRINGS:
        for form, dtype, maximised, seed in product(pairing.implementations, DTYPES, (False, True), SEEDS):
            if not (maximised and pairing.name == "Muon"):  # it has no such option
                marks = [] if quick(form, dtype, maximised, seed) else [pytest.mark.slow]
                name = f"{pairing.label} {form} {dtype}{' maximised' * maximised} {seed}"
                found.append(pytest.param(pairing, form, dtype, maximised, seed, id=name, marks=marks))
    return found


def scenario_for(pairing, seed, dtype):
    """Loud, with every number exact in the type; three groups, a change of the step size, tiny gradients."""
    found = loud_scenario(np.random.default_rng(seed), STEPS, pairing.shapes)
    return found.rounded(np.dtype(dtype))


@pytest.mark.parametrize(("pairing", "form", "dtype", "maximised", "seed"), cells())
def test_torch_is_our_reference_up_to_rounding(pairing, form, dtype, maximised, seed):
    if dtype == "float32" and pairing.name == "Muon":
        pytest.skip("five polynomials of degree five leave no digits of float32 for a bound")
    scenario = scenario_for(pairing, seed, dtype)
    bounds = [DTYPES[dtype] * b for b in allowed(pairing.rule, scenario)]
    ours = list(compiled_run(pairing.rule, scenario))
    given = scenario.turned() if maximised else scenario
    theirs = list(torch_run(pairing, given, form, dtype=dtype, maximize=maximised))
    found = compare(ours, theirs, bounds, start_of(pairing.rule, scenario))
    assert found.agrees, str(found)


@pytest.mark.parametrize("pairing", PAIRINGS, ids=lambda p: p.label)
def test_another_option_is_no_match_in_float32_either(pairing):
    """The test of the test: float32's allowance does not swallow a wrong convention."""
    if pairing.name == "Muon":
        pytest.skip("not compared in float32")
    scenario = scenario_for(pairing, 0, "float32")
    bounds = [FLOAT32 * b for b in allowed(pairing.rule, scenario)]
    theirs = list(torch_run(pairing, scenario, "for-loop", dtype="float32"))
    same = [
        option
        for option, other in other_options(pairing.rule)
        if observable(pairing.rule, other)
        and compare(list(compiled_run(other, scenario)), theirs, bounds, start_of(pairing.rule, scenario)).agrees
    ]
    assert same == []


def test_every_class_of_torch_is_declared_or_out_of_scope_with_a_reason():
    classes = {name for name, kind in vars(torch.optim).items() if isinstance(kind, type)} - {"Optimizer"}
    declared = {pairing.name for pairing in PAIRINGS}
    assert classes == declared | OUT_OF_SCOPE.keys() and not declared & OUT_OF_SCOPE.keys()
    assert all(len(reason.split()) > 5 for reason in OUT_OF_SCOPE.values())


def test_a_pairing_names_a_rule_of_the_catalogue():
    for pairing in PAIRINGS:
        try:
            assert pairing.rule.name == pairing.rule_text.split("@")[0]
        except DriftproofError as error:
            raise AssertionError(pairing.label) from error
