"""`driftproof audit`: reports, baselines, exit codes, the configuration.

Over 400 lines: one command, and its refusals are asserted in one way throughout.
"""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import driftproof as dp
from driftproof.checks.audit import core, report
from driftproof.checks.audit.baseline import Baseline
from driftproof.checks.audit.codes import all_checks, applicable, pages
from driftproof.checks.audit.finding import Counterexample, Finding
from driftproof.checks.audit.judge import VERDICTS as JUDGED
from driftproof.checks.audit.junit import junit
from driftproof.checks.audit.policy import Policy
from driftproof.checks.audit.process import CORE
from driftproof.checks.audit.progress import PAGES
from driftproof.checks.audit.report import VERDICTS, AuditReport, NotDone
from driftproof.checks.audit.request import Request, literals
from driftproof.checks.audit.rule_codes import CODES, DICTIONARY
from driftproof.checks.audit.screen import page, several
from driftproof.checks.runtime.cli import cli
from driftproof.checks.runtime.config import load
from driftproof.checks.runtime.config_error import BadConfig
from driftproof.theory.errors import DriftproofError

FIRST, SECOND, THIRD = [p.check for p in applicable("torch", False, (), ())][:3]


# Reports

SHOWN = Counterexample(1, 1, 2, "import torch\nprint('got  ', 1)\nprint('right', 2)")


def finding(code="DP201", check=FIRST, severity="warning", message="something", shown=SHOWN):
    return Finding(code, check, severity, message, shown)


def made(*findings, verdict="conforms", **more):
    identified = {"rule": "adam", "conventions": {"eps": "outside"}, "text": "adam", "exact": True, "in_steps": 0.0}
    given = {"identified": identified, "findings": findings, "declared": "adam", "dictionary": 1} | more
    return AuditReport("m:C", verdict, **given)


def test_verdicts_are_those_of_the_judge_and_each_code_has_one_page():
    assert VERDICTS == JUDGED
    assert set(CODES).isdisjoint(PAGES) and not {p.code for p in applicable("torch", True, (), ())} & {*CODES, *PAGES}
    assert all(len(text) > 40 for text in pages().values())
    assert f"{core.__name__}:{core.audit_events.__name__}" == CORE


def test_json_has_the_keys_of_the_contract():
    data = json.loads(json.dumps(made(finding()).as_json(), allow_nan=False))
    assert {"target", "declared", "identified", "verdict", "findings"} <= set(data)
    assert {"rule", "conventions"} <= set(data["identified"])
    (item,) = data["findings"]
    assert {"code", "severity", "message", "counterexample", "also_in_torch"} <= set(item)
    assert set(item["counterexample"]) == {"parameters", "entries", "steps", "script"}
    assert AuditReport("m:C").as_json()["identified"] is None


@pytest.mark.parametrize(
    ("found", "fail_on", "code"),
    [
        (made(), "error", 0),
        (made(finding()), "error", 0),
        (made(finding()), "warning", 1),
        (made(finding(severity="note")), "warning", 0),
        (made(finding(severity="note")), "note", 1),
        (made(finding(severity="error"), verdict="bug"), "error", 1),
        (made(verdict="bug"), "error", 1),
        (made(verdict="unknown"), "error", 4),
        (made(verdict="variant"), "error", 0),
        (made(verdict="precision"), "error", 0),
        (made(skipped=(NotDone(FIRST, "no time", True),)), "error", 4),
        (made(skipped=(NotDone(FIRST, "nothing to look at"),)), "error", 0),
        (made(finding(severity="error"), verdict="unknown"), "error", 1),
    ],
)
def test_exit_code(found, fail_on, code):
    assert Policy(fail_on).exit_code(found) == code


def test_an_expected_failure_is_none_and_must_happen():
    policy = Policy(expected={FIRST: "by design"})
    assert policy.exit_code(made(finding(severity="error"), verdict="bug")) == 0
    assert policy.exit_code(made(passed=(FIRST,))) == 1
    assert policy.exit_code(made(skipped=(NotDone(FIRST, "does not apply"),))) == 0
    assert "expected to fail (by design), and passed" in page(made(passed=(FIRST,)), policy)


def test_junit_has_a_case_for_each_target_and_check():
    found = made(finding(severity="error"), verdict="bug", passed=(SECOND,), skipped=(NotDone(THIRD, "why not"),))
    root = ElementTree.fromstring(junit([(found, Policy()), (made(), Policy())]))
    cases = {case.get("name"): case for case in root[0].iter("testcase")}
    assert set(cases) == {FIRST, SECOND, THIRD, "verdict"} and len(root) == 2
    assert (
        SHOWN.script in cases[FIRST].find("failure").text and cases[THIRD].find("skipped").get("message") == "why not"
    )
    assert (root[0].get("failures"), root[0].get("skipped")) == ("1", "1")


def test_first_screen_fits_and_the_whole_page_has_everything():
    many = [finding(f"DP2{k:02}", f"check-{k}", "warning", f"message {k} " * 40) for k in range(12)]
    identified = {**made().identified, "equation": [f"m{k}' = beta {k} " * 12 for k in range(20)], "at_default": 0.1}
    found = made(*many, identified=identified, passed=tuple(all_checks()), verdict="variant")
    rows = [found] * 14
    for screen in (page(found), page(made()), page(AuditReport("m:C")), several(rows, [Policy("note")] * 14)):
        lines = screen.splitlines()
        assert len(lines) <= 25 and max(map(len, lines)) <= 100
    assert "VARIANT" in page(found) and "12 warnings" in page(found)
    assert SHOWN.script.splitlines()[-1] in page(made(finding()))
    whole = page(found, whole=True)
    assert all(f"check-{k}" in whole for k in range(12)) and all(check in whole for check in all_checks())


def test_half_a_script_is_never_shown():
    long = Counterexample(1, 1, 1, "\n".join(["import torch", *("x = 1" for _ in range(40))]))
    assert "x = 1" not in page(made(finding(shown=long))) and "--all" in page(made(finding(shown=long)))
    assert page(made(finding(shown=long)), whole=True).count("x = 1") == 40


# Baselines


def test_only_what_is_new_or_worse_counts(tmp_path):
    path = tmp_path / "audit.json"
    old = made(finding("DP201"), finding("DP202", SECOND, "error"), verdict="bug")
    Baseline().updated([old]).write(path)
    known = Baseline.read(path)
    assert known.dictionary == 1 and [p.name for p in tmp_path.iterdir()] == ["audit.json"]
    policy = Policy("warning", baseline=known)
    assert policy.exit_code(old) == 0
    assert policy.exit_code(made(finding("DP201", severity="error"), verdict="bug")) == 1
    assert policy.exit_code(made(finding("DP203", THIRD))) == 1
    fixed = made(finding("DP201"))
    assert policy.exit_code(fixed) == 0 and known.gone(fixed) == ["DP202"]
    assert "gone: DP202" in page(fixed, policy)
    assert "written with dictionary 1, this is 2" in page(made(dictionary=2), policy)


def test_an_unknown_rule_can_be_known():
    known = Baseline().updated([made(verdict="unknown")])
    assert Policy(baseline=known).exit_code(made(verdict="unknown")) == 0
    assert Policy(baseline=known).exit_code(made(verdict="bug")) == 1


# The command


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The command line on reports that a test gives, target by target."""
    monkeypatch.chdir(tmp_path)
    seen = []

    def invoke(*arguments, reports=None):
        def answer(request, *_):
            seen.append(request)
            found = (reports or {}).get(request.target, made())
            if isinstance(found, Exception):
                raise found
            return report.replace(found, target=request.target)

        monkeypatch.setattr(report, "audited", answer)
        result = CliRunner().invoke(cli, ["audit", *arguments])
        return result, seen

    return invoke


def assert_refused(result, *words):
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("error[") and "\n  fix: " in result.stderr and "Traceback" not in result.stderr
    assert all(word in result.stderr for word in words), result.stderr


def test_options_reach_the_request(run):
    result, (request,) = run(
        "a:B", "--rule", "adam", "--argument", "beta1=b", "--set", "betas=(0.5, 0.6)", "--set", "x='text'",
        "--deep", "--select", FIRST, "--ignore", "dp102", "--timeout", "7",
    )  # fmt: skip
    assert result.exit_code == 0
    assert request == Request(
        "a:B", "adam", {"beta1": "b"}, {"betas": (0.5, 0.6), "x": "text"}, True, (FIRST,), ("DP102",), timeout=7.0
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a:B", "--select", "late-gradient"],
        ["a:B", "--argument", "beta1"],
        ["a:B", "--argument", "beta1=b", "--argument", "beta1=c"],
        ["a:B", "--set", "x=__import__('os')"],
        ["a:B", "--set", "x=text"],
        ["a:B", "--set", "x=1e"],
        ["a:B", "--set", "x=b'1'"],
        ["a:B", "--set", "=1"],
        ["a:B", "--timeout", "0"],
        ["a:B", "--timeout", "nan"],
        ["a:B", "--fail-on", "fatal"],
        ["a:B", "--write-baseline"],
        ["a:B", "--baseline", "missing.json"],
        ["a:B", "--baseline", "missing/audit.json", "--write-baseline"],
        ["", "--format", "json"],
        ["--selftest", "a:B"],
        ["--selftest", "--format", "junit"],
        ["a:B", "--kernel", "a:b"],
    ],
)
def test_bad_input_is_refused_before_anything_runs(run, arguments):
    result, seen = run(*arguments)
    assert_refused(result)
    assert result.stdout == "" and seen == []


def test_literals_are_read_and_never_run():
    assert literals(["a=1e-3", "b=(1, [2.5])", "c=None", "d=True", "e='x=y'", "f=-1"]) == {
        "a": 1e-3, "b": (1, [2.5]), "c": None, "d": True, "e": "x=y", "f": -1,
    }  # fmt: skip
    for text in ("x=open('f')", "x=[" * 500, "x=2**9**9", "x=f'{1}'"):
        with pytest.raises(DriftproofError):
            literals([text])


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"targets": {"a:B": 1}, "dictionary": 1}', "\0", '{"targets": []}']
)
def test_a_file_that_is_no_baseline_is_refused(run, tmp_path, content):
    (tmp_path / "b.json").write_text(content)
    assert_refused(run("a:B", "--baseline", "b.json")[0], "b.json")
    assert (tmp_path / "b.json").read_text() == content


def test_writing_a_baseline_keeps_other_targets_and_makes_the_run_green(run, tmp_path):
    bad = {"a:B": made(finding(severity="error"), verdict="bug")}
    assert run("a:B", reports=bad)[0].exit_code == 1
    assert run("a:B", "--baseline", "b.json", "--write-baseline", reports=bad)[0].exit_code == 0
    assert run("a:C", "--baseline", "b.json", "--write-baseline")[0].exit_code == 0
    assert set(json.loads((tmp_path / "b.json").read_text())["targets"]) == {"a:B", "a:C"}
    assert run("a:B", "--baseline", "b.json", reports=bad)[0].exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.json"]


def test_json_of_one_target_is_a_table_and_of_several_a_list(run, tmp_path):
    assert json.loads(run("a:B", "--format", "json")[0].stdout)["target"] == "a:B"
    found = json.loads(run("a:B", "a:C", "a:B", "--format", "json")[0].stdout)
    assert [item["target"] for item in found] == ["a:B", "a:C"]
    run("a:B", "--format", "junit", "--output", "out.xml")
    assert ElementTree.parse(tmp_path / "out.xml").getroot().tag == "testsuites"


def test_the_worst_target_decides_and_a_missing_one_costs_no_result(run):
    reports = {"a:B": made(verdict="unknown"), "a:C": made(finding(severity="error"), verdict="bug")}
    assert run("a:A", "a:B", reports=reports)[0].exit_code == 4
    assert run("a:A", "a:B", "a:C", reports=reports)[0].exit_code == 1
    reports["a:D"] = DriftproofError("a has no 'D'.", "", "Did you mean 'B'?")
    result, _ = run("a:B", "a:D", reports=reports)
    assert_refused(result, "a has no 'D'")
    assert "a:B" in result.stdout


@pytest.mark.parametrize("survivors", [(), ("adam: eps dropped",)])
def test_the_self_test_fails_where_something_survives(monkeypatch, survivors):
    from driftproof.checks.audit import selftest

    asked = []

    def answer(jobs, tier):
        asked.append(tier)
        return selftest.SelfTest(tier, 3, 3 + len(survivors), survivors, 1, (), 0, (), 1.0)

    monkeypatch.setattr(selftest, "selftest", answer)
    result = CliRunner().invoke(cli, ["audit", "--selftest", "--format", "json"])
    assert result.exit_code == len(survivors) and json.loads(result.stdout)["survivors"] == list(survivors)
    shown = CliRunner().invoke(cli, ["audit", "--selftest", "--deep"])
    assert f"3/{3 + len(survivors)}" in shown.stdout and asked == ["fast", "full"]


def test_configuration_gives_targets_and_what_is_said_of_them(run, tmp_path):
    (tmp_path / "pyproject.toml").write_text(f"""
[tool.driftproof.audit]
targets = ["a:B", "a:C"]
rule = {{"a:B" = "adam"}}
arguments = {{beta1 = "b1", "a:C" = {{beta1 = "rho"}}}}
set = {{betas = [0.5, 0.6]}}
fail_on = "warning"
timeout = 9
dictionary = {DICTIONARY}
[tool.driftproof.audit.expected_failed_checks]
{FIRST} = "by design"
""")
    reports = {name: made(finding(severity="error"), verdict="bug") for name in ("a:B", "a:C")}
    result, (one, other) = run(reports=reports)
    assert result.exit_code == 0, result.output
    assert (one.rule, other.rule) == ("adam", "") and one.timeout == 9
    assert (one.words, other.words) == ({"beta1": "b1"}, {"beta1": "rho"}) and one.fixed == {"betas": (0.5, 0.6)}
    assert run("a:B", reports={"a:B": made(passed=(FIRST,))})[0].exit_code == 1
    assert run("a:B", reports={"a:B": made(finding("DP202", SECOND))})[0].exit_code == 1
    assert run("a:B", "--fail-on", "error", reports={"a:B": made(finding("DP202", SECOND))})[0].exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "target = ['a:B']",
        "targets = 'a:B'",
        "rule = 1",
        "rule = {adam = 'a:B'}",
        "arguments = {beta1 = 2}",
        "set = 3",
        "set = {'a:B' = 1}",
        "expected_failed_checks = {x = ''}",
        "fail_on = 'fatal'",
        "timeout = 0",
        "dictionary = true",
    ],
)
def test_a_mistake_in_the_table_is_an_error(tmp_path, line):
    (tmp_path / "pyproject.toml").write_text(f"[tool.driftproof.audit]\n{line}\n")
    with pytest.raises(BadConfig) as error:
        load(tmp_path)
    assert line.split()[0] in error.value.what and error.value.fix


def test_another_dictionary_or_an_expected_check_that_does_not_exist_is_refused(run, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.driftproof.audit]\ndictionary = 999\n")
    assert_refused(run("a:B")[0], "999")
    (tmp_path / "pyproject.toml").write_text("[tool.driftproof.audit.expected_failed_checks]\nlate-gradient = 'x'\n")
    result, seen = run("a:B")
    assert_refused(result, "late-gradient")
    assert seen == []
    (tmp_path / "pyproject.toml").write_text("[tool.driftproof]\naudit = 3\n")
    assert_refused(run("a:B")[0], "audit")


KERNELS = """
import os

def sgd(theta, grad, state, step, eta=1.0):
    theta -= eta * grad

def wrong(theta, grad, state, step, eta=1.0):
    theta += eta * grad

def crashes(theta, grad, state, step, eta=1.0):
    os.abort()
"""


@pytest.mark.parametrize(("name", "code"), [("sgd", 0), ("wrong", 1), ("crashes", 1)])
def test_a_kernel(tmp_path, monkeypatch, name, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kernels.py").write_text(KERNELS)
    arguments = ["--kernel", f"kernels.py:{name}", "--rule", "sgd", "--set", "arrays='numpy'", "--format", "json"]
    result = CliRunner().invoke(cli, ["audit", *arguments])
    assert result.exit_code == code, result.output
    data = json.loads(result.stdout)
    assert [item["code"] for item in data["findings"]] == {"sgd": [], "wrong": ["DP950"], "crashes": ["DP901"]}[name]
    assert data["verdict"] == ("bug" if code else "conforms")
    for wrong in (["--set", "array='numpy'"], ["--set", "arrays='jax'"], ["--rule", "sdg"]):
        if name == "sgd":
            assert_refused(CliRunner().invoke(cli, ["audit", *arguments, *wrong]))


# On real targets


PLAIN = """
import torch

class SGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        print("hello")
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["lr"] * p.grad)

class Wrong(SGD):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(group["lr"] * p.grad)
"""


@pytest.fixture
def real(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(PLAIN)
    (tmp_path / "broken.py").write_text("raise RuntimeError('not today')")
    (tmp_path / "needs.py").write_text("import a_package_that_is_not_there")
    return lambda *arguments: CliRunner().invoke(cli, ["audit", *arguments])


def test_a_right_and_a_wrong_optimizer(real):
    result = real("mine.py:SGD", "mine.py:Wrong", "--rule", "sgd", "--select", "late-gradients", "--format", "json")
    right, wrong = json.loads(result.stdout)
    assert result.exit_code == 1 and result.stderr == ""
    assert right["verdict"] == "conforms" and right["identified"]["rule"] == "sgd" and right["findings"] == []
    assert wrong["verdict"] == "bug" and wrong["findings"][0]["code"] == "DP101"


@pytest.mark.parametrize(
    "target", ["mine.py:Nothing", "nowhere.py:A", "no_such_module_here:A", "mine", "mine.py:torch"]
)
def test_a_target_that_is_not_there_is_bad_input(real, target):
    assert_refused(real(target, "--format", "json"))


def test_a_rule_or_an_argument_that_does_not_exist_is_bad_input(real):
    assert_refused(real("mine.py:SGD", "--rule", "sdg"), "sgd")
    assert_refused(real("mine.py:SGD", "--set", "leaning_rate=1"), "leaning_rate")


@pytest.mark.parametrize(("module", "said"), [("broken", "not today"), ("needs", "a_package_that_is_not_there")])
def test_a_module_that_does_not_import_is_a_finding(real, module, said):
    result = real(f"{module}:A", "--format", "json")
    (found,) = json.loads(result.stdout)["findings"]
    assert result.exit_code == 1 and found["code"] == "DP903" and said in found["message"]


def test_from_python(real):
    found = dp.audit("mine.py:SGD", rule="sgd", select="late-gradients")
    assert (found.verdict, found.exit_code) == ("conforms", 0) and "CONFORMS" in str(found)
    for wrong in ({"target": 3}, {"target": "mine.py:SGD", "select": "nope"}, {"target": "mine.py:SGD", "timeout": -1}):
        with pytest.raises(DriftproofError):
            dp.audit(**wrong)


def test_explain_knows_the_codes_of_an_audit():
    for code in ("DP101", "DP901", "targets", "dictionary", FIRST):
        assert CliRunner().invoke(cli, ["--explain", code]).exit_code == 0
