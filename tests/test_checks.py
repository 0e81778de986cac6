"""Tests of the tester: the runner loses nothing, every oracle is right where truth is known, every check can fail."""

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import exp, prod

import numpy as np
import pytest
import sympy

from driftproof.checks import adam_steps_are_bounded as adam_bound
from driftproof.checks import denormals_are_untouched as denormals
from driftproof.checks import first_steps_equal_the_paper_by_hand as by_hand
from driftproof.checks import scaling_rules_keep_the_law as scaling
from driftproof.checks import torch_optim_equals_our_reference_on_drawn_inputs as drawn
from driftproof.checks.runtime import discover, orders, quadrature, recursion, runner
from driftproof.checks.runtime.check import Check, Mutant, NotRun
from driftproof.checks.runtime.local_moments import measured, noise_law
from driftproof.checks.runtime.scenario import allowed, compare, compiled_run, flat, loud_scenario
from driftproof.checks.runtime.torch_optim import PAIRINGS, torch_run
from driftproof.checks.runtime.verdict import FAIL, PASS, decide
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.derive import derive
from driftproof.theory.errors import DriftproofError, UnknownName

# Discovery


def test_every_check_is_a_file_whose_name_is_a_sentence():
    found = {path.stem: check.id for path, check in zip(discover.files(), discover.checks().values(), strict=True)}
    assert len(found) >= 10
    assert all(stem.count("_") >= 2 for stem in found)
    assert {"torch-equals-reference", "moments-equal-derived", "adam-step-bound"} <= set(found.values())


def test_every_check_names_mutants():
    for check in discover.checks().values():
        context = runner.Context(check, seed=1)
        nothing_here = (isinstance(event, NotRun) for event in check.run(context))
        assert next(iter(check.mutants(context)), None) is not None or all(nothing_here), check.id


def test_listing_the_checks_loads_nothing_heavy(tmp_path):
    code = "from driftproof.checks.runtime.discover import checks; import sys; checks(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not {"torch", "scipy", "cvxpy", "hypothesis", "joblib", "matplotlib", "pytest"} & set(run.stdout.split())


# The runner


def made(name, outcome=PASS, killed="dead", broken=False):
    """A small check."""

    def run(context):
        yield context.verdict("adam", outcome)
        if broken:
            raise ZeroDivisionError("on purpose")
        yield context.not_run("lion", "out of scope")

    return Check(name, "a claim", "T1", run, lambda context: [Mutant("a slip", "an oracle", lambda: killed)])


@pytest.fixture
def only(monkeypatch):
    """The runner knows these checks and no others."""

    def install(*checks):
        monkeypatch.setattr(discover, "checks", lambda: {check.id: check for check in checks})

    return install


def test_a_check_that_raises_is_a_crash_and_the_others_go_on(only):
    only(made("broken", broken=True), made("sound"))
    report = runner.run()
    assert [v.id for v in report.verdicts] == ["broken", "sound"]
    assert [(c.id, c.message) for c in report.crashes] == [("broken", "ZeroDivisionError: on purpose")]
    assert report.exit_code == 3


def test_a_mutant_that_survives_fails_the_run(only):
    only(made("blind", killed=""))
    report = runner.run()
    assert [m.name for m in report.survivors] == ["a slip"]
    assert report.exit_code == 1


def test_an_interrupted_run_keeps_what_had_finished(only):
    only(made("first"), made("second"))

    def stop(event):
        if event.id == "second":
            raise KeyboardInterrupt

    report = runner.run(progress=stop)
    assert [v.id for v in report.verdicts] == ["first", "second"]
    assert report.interrupted
    assert report.exit_code == 130
    assert report.unfinished == ("second",)


def test_nothing_selected_is_exit_code_5(only):
    only(Check("of-sgd", "a claim", "T1", lambda context: [], applies_to=lambda rule: rule.name == "sgd"))
    report = runner.run(rules=["adam"])
    assert report.exit_code == 5
    assert report.notes == ("nothing was run: no claim of of-sgd is about adam",)


def test_what_a_check_takes_from_the_literature_is_cited_once_and_only_where_it_ran(only):
    texts = ("a theorem", "a lemma")
    only(replace(made("one"), cites=texts), replace(made("two"), cites=texts[:1]))
    assert runner.run().cites == texts
    assert runner.run(["two"]).cites == texts[:1]


WITHOUT = """
import sys
for name in ("torch", "hypothesis", "scipy", "joblib"):
    sys.modules[name] = None
from driftproof.checks.runtime.cli import main
sys.exit(main(["check", *sys.argv[1:]]))
"""


def test_the_base_installation_runs_what_needs_no_torch(tmp_path):
    ids = ["adam-step-bound", "backends-agree", "denormals-untouched", "torch-equals-reference"]
    ids += ["torch-equals-reference-drawn", "emitted-code-equals-rule"]
    command = [sys.executable, "-c", WITHOUT, *ids, "--tier", "full", "--rule", "adam", "--rule", "sgd"]
    run = subprocess.run([*command, "--format", "json"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout)
    assert {v["id"] for v in found["verdicts"]} == {*ids} - {"torch-equals-reference", "torch-equals-reference-drawn"}
    assert "adam" in {v["subject"] for v in found["verdicts"] if v["id"] == "adam-step-bound"}
    lacking = [n for n in found["not_run"] if 'pip install "driftproof[torch,check]"' in n["reason"]]
    assert {n["id"] for n in lacking} == {*ids}


OWN = """
from driftproof.theory.language import Source, UpdateRule, eq, eta, g, hyper, new, theta

adam = UpdateRule("adam", Source("kingma2015adam", "a test"), [eq(new(theta), theta - eta * g)], [hyper(eta, "0.1")])
"""


def test_a_rule_of_ones_own_that_is_called_adam_is_not_taken_for_ours(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    report = runner.run(["adam-step-bound", "torch-equals-reference"], [f"{tmp_path}/own.py"])
    assert not report.events
    assert report.exit_code == 5


def test_a_rule_of_ones_own_has_mutants_of_its_sde(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    report = runner.run(["moments-equal-derived"], [f"{tmp_path}/own.py"])
    assert report.exit_code == 0
    assert len(report.mutants) >= 3


TERMINATED = """
import os, signal
from driftproof.checks.runtime import cli, discover
from driftproof.checks.runtime.check import Check

def run(context):
    yield context.verdict("adam", True)
    os.kill(os.getpid(), signal.SIGTERM)
    yield context.verdict("lion", True)

discover.checks = lambda: {"some-check": Check("some-check", "a claim", "T1", run)}
raise SystemExit(cli.main(["check", "--format", "json"]))
"""


def test_a_terminated_run_is_an_interrupted_one(tmp_path):
    run = subprocess.run([sys.executable, "-c", TERMINATED], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 130, run.stderr
    found = json.loads(run.stdout)
    assert [v["subject"] for v in found["verdicts"]] == ["adam"]
    assert found["unfinished"] == ["some-check"]


@pytest.mark.parametrize("bad", [{"ids": ["adam-step-bond"]}, {"rules": ["adm"]}, {"tier": "slow"}, {"executor": "x"}])
def test_a_name_that_does_not_exist_is_refused(bad):
    with pytest.raises(DriftproofError):
        runner.run(**bad)
    with pytest.raises(UnknownName, match="adam-step-bound"):
        runner.run(ids=["adam-step-bond"])


def test_verdicts_say_how_to_repeat_them(only):
    only(made("sound"))
    (verdict,) = runner.run(rules=["adam@eps=inside"], tier="full", seed=3).verdicts
    assert verdict.replay == "driftproof check sound --rule adam@eps=inside --tier full --seed 3"


def test_two_processes_say_what_one_says():
    ids = ["sgd-weak-orders"]
    one, two = runner.run(ids), runner.run(ids, jobs=2)
    assert one.exit_code == two.exit_code == 0
    assert {(v.id, v.subject, v.verdict) for v in one.verdicts} == {(v.id, v.subject, v.verdict) for v in two.verdicts}
    assert {m.name for m in one.mutants} == {m.name for m in two.mutants}


@pytest.mark.slow
def test_the_fast_tier_passes_at_its_pinned_seeds():
    report = runner.run(jobs=2)
    assert report.exit_code == 0, [(v.id, v.subject) for v in report.verdicts if not v.passed]


# The oracles, where the truth is known


def test_the_slope_of_an_error_of_order_one_is_told_from_a_plateau_and_from_half_an_order():
    steps = [2.0**-k for k in range(4, 9)]
    judged = lambda errors: decide(orders.slope(errors), orders.FIRST_ORDER, orders.LESS)  # noqa: E731
    assert judged([3 * h + 5 * h**2 for h in steps]) == PASS
    assert judged([3 * h - 5 * h**2 for h in steps]) == PASS
    assert judged([0.1 + h for h in steps]) == FAIL
    assert judged([h**0.5 - 0.3 * h for h in steps]) == FAIL


def test_an_error_that_changes_sign_decides_nothing():
    assert decide(orders.slope([0.1, 0.01, -0.01, -0.02]), orders.FIRST_ORDER, orders.LESS) == "INCONCLUSIVE"


def test_interpolation_is_exact_on_polynomials():
    grid = quadrature.Grid(np.array([-1.0, 0.5]), np.array([2.0, 3.0]), (4, 5))
    polynomial = lambda at: (at[:, 0] ** 3 - at[:, 0] * at[:, 1] ** 4)[:, None]  # noqa: E731
    points = np.array([[0.3, 1.7], [-1.0, 0.5], [1.99, 2.2]])
    found = grid.interpolate(polynomial(grid.nodes()), points)
    np.testing.assert_allclose(found, polynomial(points), rtol=1e-12)


def test_quadrature_equals_the_sum_over_all_paths():
    """Five steps and three values of the noise: 243 paths, summed one by one."""
    steps, law = 5, quadrature.mean_of_signs(2)

    def step(at, z, k):
        y, u = at[:, 0], at[:, 1]
        new_y = 0.9 * y + 0.1 * z / (1 + u**2) + 0.01 * k
        return np.stack([new_y, 0.8 * u + 0.2 * (z + y) ** 2], axis=1), y * z + 0.1 * k

    def tests(at):
        return np.stack([at[:, 0] ** 2, np.sin(at[:, 1])], axis=1)

    expected = np.zeros(4)
    for path in product(law, repeat=steps):
        at, total = np.array([[0.5, 0.7]]), 0.0
        for k, (z, _) in enumerate(path):
            at, moved = step(at, z, k)
            total += moved[0]
        expected += prod(p for _, p in path) * np.array([total, total**2, *tests(at)[0]])
    found = quadrature.expectations(step, [0.5, 0.7], range(steps), law, tests, (20, 24))
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_mean_of_signs_has_mean_zero_and_variance_one():
    for count in (1, 2, 4):
        law = quadrature.mean_of_signs(count)
        assert [sum(p * z**k for z, p in law) for k in range(3)] == pytest.approx([1, 0, 1])


def test_moments_of_sgd_equal_the_sum_over_all_paths():
    problem = recursion.Problem()
    step = recursion.matrix_of_step(rule_of("sgd"), problem, recursion.H, sympy.Integer(1))
    h, scale = Fraction(1, 4), (5 / 2) ** 0.5  # a three-point law with kurtosis 5/2: +-sqrt(5/2) with mass 1/5 each
    law = [(scale, 0.2), (-scale, 0.2), (0.0, 0.6)]
    expected = np.zeros(5)
    for path in product(law, repeat=3):
        x = 1.5
        for z, _ in path:
            x -= 0.25 * (x + (0.6 + 0.3 * x) * z)
        expected += prod(p for _, p in path) * x ** np.arange(5)
    found = recursion.numbers(step, h) ** 3 * recursion.powers(Fraction(3, 2))
    np.testing.assert_allclose([float(e) for e in found], expected, rtol=1e-12)


def test_moments_of_the_sde_are_those_of_ornstein_and_uhlenbeck():
    problem = recursion.Problem(q=Fraction(0), p=Fraction(1))
    flow = recursion.matrix_of_sde(derive(rule_of("sgd")), problem, {"sigma0": sympy.Integer(1)})
    found = recursion.mpmath.expm(recursion.numbers(flow, Fraction(1))) * recursion.powers(Fraction(3, 2))
    assert float(found[1]) == pytest.approx(1.5 * exp(-1))
    assert float(found[2]) == pytest.approx((1.5 * exp(-1)) ** 2 + (1 - exp(-2)) / 2)


def test_the_noise_law_has_the_moments_that_it_is_asked_for():
    law = noise_law(recursion.mpmath.mpf(2), recursion.mpmath.mpf(1))
    assert [float(sum(p * z**k for z, p in law)) for k in range(3)] == pytest.approx([1, 0, 2])
    assert float(sum(p * z**3 for z, p in law)) > 0.5


def test_exact_moments_name_the_two_terms_of_rmsprop_that_need_low_skewness():
    rule = rule_of("rmsprop@second_moment=old")
    found = measured(rule, derive(rule), low_skew=False, cross=False)
    assert {r.name for r in found if r.order < 1.9} == {"E[dtheta du]", "E[dtheta^3]"}
    assert {round(r.order, 6) for r in found if r.order < 1.9} == {1.5}
    assert all(r.order > 1.9 for r in measured(rule, derive(rule), low_skew=True))


def test_the_small_noise_moments_of_a_centred_rule_are_taken_where_it_is_defined():
    report = runner.run(["moments-equal-derived"], ["rmsprop@centered=yes"])
    assert [v.verdict for v in report.verdicts] == [PASS, PASS]
    assert len(report.mutants) > 50
    assert not report.survivors


# Every check can fail


def test_a_rule_that_differs_in_the_tenth_digit_is_seen():
    scenario, pairing = loud_scenario(np.random.default_rng(0), 10), PAIRINGS[10]
    theirs, bounds = list(torch_run(pairing, scenario)), list(allowed(pairing.rule, scenario))
    ours = list(compiled_run(pairing.rule, scenario))
    start = flat(scenario.start)
    assert compare(ours, theirs, bounds, start).agrees
    assert not compare([a * (1 + 1e-10) for a in ours], theirs, bounds, start).agrees
    assert not compare([np.where(a == a[0], np.nan, a) for a in ours], theirs, bounds, start).agrees


def test_the_search_finds_and_shrinks_a_counterexample():
    tried, said = drawn.search(PAIRINGS[10], rule_of("adam@eps=hat"), 100, seed=3)
    assert tried
    assert "step 1" in said
    assert said.count(";") == 1, "one step is enough to tell them apart"


def test_a_sample_decides_both_ways():
    assert drawn.sampled(PAIRINGS[0], rule_of("sgd@momentum=ema"), seed=1).verdict == FAIL
    assert drawn.sampled(PAIRINGS[0], rule_of("sgd"), seed=1).verdict == PASS


def test_wrong_numbers_by_hand_are_seen():
    case = next(c for c in by_hand.CASES if c.rule == "lion")
    wrong = by_hand.Case(case.rule, case.given, case.start, case.gradients, case.expected.replace("22", "21"), "a slip")
    assert by_hand.agrees(rule_of("lion"), case) == ""
    assert by_hand.agrees(rule_of("lion"), wrong).startswith("step 1")


@pytest.mark.parametrize("option", ["correction=first", "second_moment=old", "eps=hat"])
def test_the_derivation_of_the_step_bound_does_not_go_through_for_other_rules(option):
    assert all(adam_bound.shown(rule_of("adam")).values())
    assert not all(adam_bound.shown(rule_of(f"adam@{option}")).values())


def test_a_wrong_scaling_rule_leaves_a_gap():
    right = scaling.exponents("adam")
    assert scaling.judged("adam", right)[0] == PASS
    assert scaling.judged("adam", {**right, "eps": -right["eps"]})[0] == FAIL


def test_flushed_denormals_are_seen_and_the_thread_is_left_as_it_was():
    assert denormals.flushed() == []
    assert denormals._flushing()
    assert denormals.flushed() == []
