"""`driftproof audit` in processes of its own: crashes, hangs, what targets print, and what they are asked."""

import contextlib
import signal
import subprocess
import sys
import time

import pytest

from driftproof.checks.audit import core, process
from driftproof.checks.audit.codes import applicable
from driftproof.checks.audit.progress import PAGES
from driftproof.checks.audit.report import audited
from driftproof.checks.audit.request import SEED, Request
from driftproof.theory.errors import DriftproofError

PROBES = [(p.code, p.check) for p in applicable("torch", False, (), ())][:3]
FAKE = """
import ctypes, os, sys, time

PROBES = {probes}

def audit_events(target, rule="", words=None, fixed=None, deep=False, select=(), ignore=(), seed=0):
    where, what = target.partition(":")[::2]

    def happen(stage):
        if where == stage:
            exec(what)

    happen("start")
    yield {{"event": "target", "title": "T", "kind": "torch", "where": "t.py:1", "version": "t 1", "declared": "adam"}}
    happen("target")
    yield {{"event": "identified", "rule": "adam", "conventions": {{}}, "text": "adam", "exact": True, "equation": [],
           "in_steps": 0.0, "at_default": 0.0, "verdict": "conforms", "explanation": "adam", "options": []}}
    yield {{"event": "finding", "code": "DP102", "check": "convention", "severity": "warning", "message": "m",
           "counterexample": None, "also_in_torch": False, "where": ""}}
    for code, check in PROBES:
        if code in ignore or check in ignore:
            continue
        yield {{"event": "probe", "code": code, "check": check}}
        happen(check)
        yield {{"event": "passed", "code": code, "check": check}}
    yield {{"event": "end", "verdict": "conforms", "seconds": 1.0, "dictionary": 1}}
"""
FIRST, SECOND, THIRD = (check for _, check in PROBES)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Audits by a generator that does at one stage what its target says: "stage:statement"."""
    (tmp_path / "fake.py").write_text(FAKE.format(probes=PROBES))
    monkeypatch.chdir(tmp_path)

    def run(target, **options):
        return audited(Request(target, **options), "fake:audit_events")

    return run


def codes(found):
    return [f.code for f in found.findings if f.code in PAGES]


def probes_passed(found):
    return [check for check in found.passed if check in (FIRST, SECOND, THIRD)]


def test_an_audit_without_incident_passes_every_probe(fake):
    found = fake("nothing:pass")
    assert (found.verdict, codes(found), probes_passed(found)) == ("conforms", [], [FIRST, SECOND, THIRD])
    assert found.dictionary == 1 and found.about["where"] == "t.py:1" and not found.undecided


CRASHES = {
    "ctypes.string_at(0)": "SIGSEGV",
    "os.abort()": "SIGABRT",
    "os._exit(0)": "exit code 0",
    "os._exit(7)": "exit code 7",
    "sys.exit(0)": "called exit",
}


@pytest.mark.parametrize("statement", CRASHES)
def test_a_crash_is_an_error_of_its_probe_and_the_others_still_run(fake, statement):
    found = fake(f"{SECOND}:{statement}")
    (crash,) = [f for f in found.findings if f.code == "DP901"]
    assert (crash.severity, crash.check) == ("error", SECOND)
    assert CRASHES[statement] in crash.message and SECOND in crash.message
    assert probes_passed(found) == [FIRST, THIRD]
    assert (found.verdict, found.exit_code, found.dictionary) == ("bug", 1, 1)
    assert [f.code for f in found.findings].count("DP102") == 1  # said by both children, reported once


def test_an_end_from_outside_is_no_error_of_the_target(fake):
    found = fake(f"{FIRST}:os.kill(os.getpid(), 9)")
    (crash,) = [f for f in found.findings if f.code == "DP901"]
    assert crash.severity == "warning" and "SIGKILL" in crash.message
    assert probes_passed(found) == [SECOND, THIRD]


def test_a_hang_is_ended_and_says_where_it_was(fake):
    began = time.monotonic()
    found = fake(f"{SECOND}:time.sleep(600)", timeout=6)
    assert time.monotonic() - began < 30
    (hang,) = [f for f in found.findings if f.code == "DP902"]
    assert hang.check == SECOND and hang.severity == "warning" and "fake.py" in hang.message
    assert FIRST in found.passed and SECOND in found.undecided
    assert (found.verdict, found.exit_code) == ("conforms", 4)


def test_a_hang_before_the_first_probe_is_unknown(fake):
    found = fake("target:time.sleep(600)", timeout=2)
    assert (codes(found), found.verdict, found.exit_code) == (["DP902"], "unknown", 1 if found.count("error") else 4)
    assert found.findings[0].check == "runs" and "before any check" in found.findings[0].message


def test_when_time_is_used_up_no_check_is_to_blame_and_those_left_are_named(monkeypatch):
    """The second probe is cut off though it took no third of the time; then a new process comes no further."""
    told = [
        {"event": "target", "kind": "torch", "title": "T", "where": "", "version": "", "declared": "adam"},
        {"event": "identified", "rule": "adam", "verdict": "conforms", "explanation": "", "exact": True},
        {"event": "probe", "code": PROBES[0][0], "check": FIRST},
        {"event": "passed", "code": PROBES[0][0], "check": FIRST},
        {"event": "probe", "code": PROBES[1][0], "check": SECOND},
    ]
    children = iter([[*told, process.TIME_UP], [process.TIME_UP]])

    class Scripted(contextlib.nullcontext):
        def __init__(self, *_):
            super().__init__(self)
            self.events = iter(next(children))

        def next(self, _):
            return next(self.events)

    monkeypatch.setattr(process, "Child", Scripted)
    found = audited(Request("a:B"))
    every = [probe.check for probe in applicable("torch", False, (), ())]
    assert set(found.undecided) == {*every} - {FIRST} and probes_passed(found) == [FIRST]
    assert found.findings == () or codes(found) == ["DP902"]
    assert (found.verdict, found.exit_code) == ("conforms", 4)


@pytest.mark.parametrize("stage", ["start", "target"])
def test_an_error_before_the_first_probe_is_a_finding(fake, stage):
    found = fake(f"{stage}:1 / 0")
    (broken,) = found.findings
    assert (broken.code, broken.severity, broken.check) == ("DP903", "error", "runs")
    assert "ZeroDivisionError" in broken.message
    assert (found.verdict, found.exit_code) == ("unknown", 1)


def test_an_error_in_a_probe_is_a_warning_and_is_not_decided(fake):
    found = fake(f"{FIRST}:[][1]")
    (broken,) = [f for f in found.findings if f.code == "DP904"]
    assert broken.check == FIRST and "IndexError" in broken.message and broken.severity == "warning"
    assert probes_passed(found) == [SECOND, THIRD]
    assert found.undecided == (FIRST,) and found.exit_code == 4


def test_what_the_target_prints_does_not_break_the_report(fake):
    line = 'print(\'{"event": "finding"}\' * 10000); sys.stderr.write("x" * 200000); os.write(1, b"\\xff\\n")'
    found = fake(f"{FIRST}:{line}")
    assert codes(found) == [] and probes_passed(found) == [FIRST, SECOND, THIRD]


def test_what_it_printed_last_is_quoted_when_it_crashes(fake):
    found = fake(f"{FIRST}:os.write(2, b'assertion failed in kernel 7\\n'); os._exit(3)")
    assert "assertion failed in kernel 7" in found.findings[-1].message


def test_a_target_that_asks_a_question_gets_no_answer(fake):
    assert "EOFError" in fake(f"{FIRST}:input()").findings[-1].message


def test_children_of_the_target_end_with_it(fake, tmp_path):
    fork = (
        "import subprocess; p = subprocess.Popen(['sleep', '300']); open('pid', 'w').write(str(p.pid)); time.sleep(300)"
    )
    fake(f"{FIRST}:{fork}", timeout=6)
    number = int((tmp_path / "pid").read_text())
    for _ in range(50):
        if not alive(number):
            return
        time.sleep(0.1)
    pytest.fail("a process that the target started is still there")


def alive(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ctrl_c_ends_the_child_and_exits_with_130(fake, tmp_path):
    # A job in the background ignores Ctrl-C, and what it starts inherits that.
    code = """import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from driftproof.checks.audit import report
real = report.events
report.events = lambda request, *_: real(request, "fake:audit_events")
from driftproof.checks.runtime.cli import main
sys.exit(main(["audit", "target:open('pid', 'w').write(str(os.getpid())); time.sleep(300)"]))"""
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    out, said = run.communicate(timeout=30)
    assert run.returncode == 130 and "Traceback" not in said and "interrupted" in said and out == ""
    assert not alive(int(pid.read_text()))


def test_the_child_has_none_of_our_imports():
    code = (
        "import driftproof.checks.audit.child, sys; print([m for m in ('numpy', 'torch', 'sympy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_the_request_arrives_as_it_was_sent():
    given = Request(
        "a:B", "adam", {"beta1": "b"}, {"betas": (0.1, [0.2, (3,)]), "x": None, "t": {"u": True}}, select=("c",)
    )
    assert Request.of_text(given.text()) == given
    with pytest.raises(DriftproofError, match="cannot be handed"):
        Request("a:B", fixed={"f": print})
    assert Request("a:B").seed == SEED == core.audit_events.__defaults__[-1]


def test_what_we_can_import_the_child_can(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "fake_elsewhere.py").write_text(FAKE.format(probes=PROBES))
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    assert audited(Request("nothing:pass"), "fake_elsewhere:audit_events").verdict == "conforms"
