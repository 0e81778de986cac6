"""The pytest plugin: one test for each (target, check), expectations that must hold, one audit a session."""

import subprocess
import sys

import pytest

import driftproof
from driftproof.checks.audit import checked
from driftproof.checks.audit.codes import all_checks
from driftproof.checks.audit.finding import Counterexample, Finding
from driftproof.checks.audit.report import AuditReport, NotDone
from driftproof.theory.errors import DriftproofError

pytest_plugins = "pytester"
CHECKS = list(all_checks(deep=False))
LATE = "late-gradients"
SCRIPT = "print('got  ', 1)\nprint('right', 2)"


@pytest.fixture
def audits(monkeypatch):
    """Reports that tests give instead of real audits; the list of targets that were asked for."""
    asked = []

    def give(*findings, **more):
        def answer(request, *_):
            asked.append(request)
            failed = {f.check for f in findings}
            given = {"passed": tuple(c for c in CHECKS if c not in failed), "verdict": "conforms"} | more
            return AuditReport(request.target, findings=findings, **given)

        monkeypatch.setattr(checked, "audited", answer)
        return asked

    return give


def found(check=LATE, severity="error", code="DP201"):
    return Finding(code, check, severity, "the count is shared", Counterexample(2, 2, 2, SCRIPT))


def test_the_command_line_alone_makes_a_test_for_each_check(pytester, audits):
    asked = audits()
    pytester.makepyfile("def test_other(): assert False")
    result = pytester.runpytest("--driftproof", "a:B", "--driftproof", "a:C", "-v")
    result.assert_outcomes(passed=2 * len(CHECKS))
    result.stdout.fnmatch_lines([f"driftproof::a:B::{LATE} PASSED*", f"driftproof::a:C::{LATE} PASSED*"])
    assert [request.target for request in asked] == ["a:B", "a:C"]  # once each


def test_files_that_are_named_run_too_and_k_selects(pytester, audits):
    audits()
    pytester.makepyfile(test_it="def test_other(): pass")
    pytester.runpytest("--driftproof", "a:B", "test_it.py").assert_outcomes(passed=len(CHECKS) + 1)
    outcome = pytester.runpytest("--driftproof", "a:B", "-k", LATE)
    chosen = sum(LATE in check for check in CHECKS)
    outcome.assert_outcomes(passed=chosen, deselected=len(CHECKS) - chosen)


def test_nothing_is_asked_for_unless_the_option_is_given(pytester, audits):
    asked = audits()
    pytester.makepyfile("def test_other(): pass")
    pytester.runpytest().assert_outcomes(passed=1)
    assert pytester.runpytest("--collect-only", "--driftproof", "a:B").ret == 0
    assert asked == []


def test_a_finding_fails_its_check_alone_and_shows_the_script(pytester, audits):
    audits(found(), verdict="bug")
    result = pytester.runpytest("--driftproof", "a:B")
    result.assert_outcomes(passed=len(CHECKS) - 1, failed=1)
    result.stdout.fnmatch_lines(["*DP201 error late-gradients: the count is shared*", "print('right', 2)"])
    result.stdout.no_fnmatch_line("*checked.py*")


def test_severities_below_fail_on_pass(pytester, audits):
    audits(found(severity="warning"))
    pytester.runpytest("--driftproof", "a:B").assert_outcomes(passed=len(CHECKS))
    pytester.makepyprojecttoml('[tool.driftproof.audit]\nfail_on = "warning"')
    pytester.runpytest("--driftproof", "a:B").assert_outcomes(passed=len(CHECKS) - 1, failed=1)


@pytest.mark.parametrize("severity", ["note", "warning", "error"])
def test_an_expected_failure_is_one_whatever_its_severity(pytester, audits, severity):
    audits(found(severity=severity))
    pytester.makepyprojecttoml(f'[tool.driftproof.audit.expected_failed_checks]\n{LATE} = "by design"')
    pytester.runpytest("--driftproof", "a:B").assert_outcomes(passed=len(CHECKS) - 1, xfailed=1)


def test_an_expected_failure_that_passes_fails_the_run(pytester, audits):
    audits()
    pytester.makepyprojecttoml(f'[tool.driftproof.audit.expected_failed_checks]\n{LATE} = "by design"')
    result = pytester.runpytest("--driftproof", "a:B")
    result.assert_outcomes(passed=len(CHECKS) - 1, failed=1)
    result.stdout.fnmatch_lines(["*XPASS(strict)*by design*"])


def test_what_was_skipped_or_not_decided_is_skipped_with_the_reason(pytester, audits):
    broken = found("convention", "warning", "DP902")
    audits(broken, passed=("rule",), skipped=(NotDone(LATE, "no tensor is late"),))
    result = pytester.runpytest("--driftproof", "a:B", "-rs")
    result.assert_outcomes(passed=1, skipped=len(CHECKS) - 1)
    result.stdout.fnmatch_lines(["*no tensor is late*"])


def test_the_decorator_makes_the_same_tests(pytester, audits):
    asked = audits(found(severity="warning"))
    pytester.makepyfile(f"""
        import driftproof
        @driftproof.parametrize_with_checks(
            ["a:B", "a:C"], expected_failed_checks={{"{LATE}": "by design"}}, rule={{"a:C": "adam"}}
        )
        def test_optimizer(check):
            check()
    """)
    result = pytester.runpytest("-v", "-W", "error")
    result.assert_outcomes(passed=2 * len(CHECKS) - 2, xfailed=2)
    result.stdout.fnmatch_lines([f"*test_optimizer?a:B-{LATE}? XFAIL*"])
    assert [(request.target, request.rule) for request in asked] == [("a:B", ""), ("a:C", "adam")]


def test_the_decorator_is_strict_and_expectations_can_be_of_one_target(pytester, audits):
    audits()
    pytester.makepyfile(f"""
        from driftproof.checks.audit.plugin import parametrize_with_checks
        @parametrize_with_checks(["a:B", "a:C"], expected_failed_checks={{"a:C": {{"{LATE}": "by design"}}}})
        def test_optimizer(check):
            check()
    """)
    pytester.runpytest().assert_outcomes(passed=2 * len(CHECKS) - 1, failed=1)


def test_a_session_audits_a_target_once_and_the_next_one_again(pytester, audits):
    asked = audits()
    pytester.makepyfile("""
        import driftproof
        one = driftproof.parametrize_with_checks(["a:B"])(lambda check: check())
        @driftproof.parametrize_with_checks(["a:B"])
        def test_one(check): check()
        @driftproof.parametrize_with_checks(["a:B"])
        def test_two(check): check()
    """)
    for sessions in (1, 2):
        pytester.runpytest().assert_outcomes(passed=2 * len(CHECKS))
        assert len(asked) == sessions


def test_mistakes_are_usage_errors(pytester, audits):
    audits()
    pytester.makepyprojecttoml("[tool.driftproof.audit.expected_failed_checks]\nlate-gradient = 'x'")
    result = pytester.runpytest("--driftproof", "a:B")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*late-gradient*"])
    pytester.makepyprojecttoml("[tool.driftproof.audit]\ntarget = []")
    assert pytester.runpytest("--driftproof", "a:B").ret == pytest.ExitCode.USAGE_ERROR
    with pytest.raises(DriftproofError):
        driftproof.parametrize_with_checks(["a:B"], expected_failed_checks={"no-such-check": "x"})


def test_a_class_is_a_target_if_it_can_be_imported():
    assert checked.named_target(pytest.Item) == "_pytest.nodes:Item"

    class Local:
        pass

    with pytest.raises(DriftproofError, match="imported by its name"):
        checked.named_target(Local)


def test_the_plugin_loads_nothing_heavy_where_it_is_not_used(pytester):
    """Every run of pytest in an environment with driftproof pays for this import."""
    pytester.makepyfile("def test_other(): pass")
    code = "import pytest, sys; assert pytest.main(['-p', 'no:hypothesispytest']) == 0; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.splitlines()[-1].split())
    assert not {name.split(".")[0] for name in loaded} & {"numpy", "torch", "sympy", "click", "rich"}
    ours = {name for name in loaded if name.startswith("driftproof.")}
    assert ours == {"driftproof.checks", "driftproof.checks.audit", "driftproof.checks.audit.plugin"}


def test_a_real_target(pytester):
    pytester.makepyfile(
        mine="""
        import torch

        class SGD(torch.optim.Optimizer):
            def __init__(self, params, lr=0.1):
                super().__init__(params, {"lr": lr})

            @torch.no_grad()
            def step(self, closure=None):
                for group in self.param_groups:
                    for p in group["params"]:
                        if p.grad is not None:
                            p.add_(group["lr"] * p.grad)
    """
    )
    result = pytester.runpytest_subprocess("--driftproof", "mine:SGD", "-k", "rule or late-gradients", "-W", "error")
    result.stdout.fnmatch_lines(["*DP101 error rule: *", "*FAILED driftproof::mine:SGD::rule*"])
    assert result.ret == 1
