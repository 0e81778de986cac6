"""The command line: exit codes, streams, files and errors."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import driftproof.checks.runtime.cli as cli_module
from driftproof.checks.runtime import discover
from driftproof.checks.runtime.cli import PLANNED, cli
from driftproof.checks.runtime.explain import explain
from driftproof.checks.runtime.output import CannotWrite, write_whole
from driftproof.checks.runtime.verdict import EVIDENCE, STATUSES, VERDICTS
from driftproof.theory.errors import DriftproofError

BUILT = ["rules", "show", "derive", "scale", "compile", "check", "claims", "audit"]
SCREEN = 25


def run(*arguments):
    return CliRunner().invoke(cli, list(arguments))


def process(*arguments, **options):
    command = [sys.executable, "-m", "driftproof", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def assert_clear_error(result, code="", exit_code=2):
    """One message that says what and the fix, on standard error; no traceback."""
    assert result.exit_code == exit_code, result.output
    assert result.stderr.startswith(f"error[{code}" if code else "error["), result.stderr
    assert "\n  fix: " in result.stderr
    assert "Traceback" not in result.output


# Screens


def test_first_screen_and_help_fit_a_terminal_and_name_what_is_built():
    for arguments in ([], ["--help"]):
        result = run(*arguments)
        assert result.exit_code == 0 and len(result.stdout.splitlines()) <= SCREEN
        assert [name for name in BUILT if name not in result.stdout] == []
        assert [name for name in PLANNED if f"  {name} " in result.stdout] == []


@pytest.mark.parametrize("name", BUILT)
def test_help_of_each_command_names_the_two_common_options(name):
    result = run(name, "--help")
    assert result.exit_code == 0 and "--format" in result.stdout and "--output" in result.stdout
    assert len(result.stdout.splitlines()) <= 30


@pytest.mark.parametrize("name", PLANNED)
def test_command_that_is_planned_does_not_pretend(name):
    result = run(name, "--lr", "0.1")
    assert_clear_error(result, "not-built")
    assert "not built yet" in result.stderr and "rules" in result.stderr and result.stdout == ""


def test_version_is_printed():
    from driftproof import __version__

    assert run("--version").stdout == f"driftproof {__version__}\n"


# rules, show, derive, scale, compile


def test_rules_has_a_line_for_each_name_with_its_axes():
    *lines, hint = run("rules").stdout.splitlines()
    named = [line.split()[0] for line in lines]
    assert named == [item["name"] for item in json.loads(run("rules", "--format", "json").stdout)]
    (adam,) = [line for line in lines if line.split()[0] == "adam"]
    assert "eps:7  correction:4" in adam and "Kingma" in adam and "show NAME" in hint


def test_json_has_the_keys_of_the_contract():
    keys = {
        ("rules",): {"name", "source", "conventions"},
        ("show", "adam"): {"name", "equations", "hyperparameters", "source"},
        ("scale", "adam", "--kappa", "4"): {
            *("hyperparameters", "steps", "state_transform", "valid", "reason", "alternatives")
        },
        ("compile", "adam", "--target", "reference"): {"target", "digest", "source"},
        ("claims",): {"claim", "status", "source", "place"},
    }
    for arguments, wanted in keys.items():
        result = run(*arguments, "--format", "json")
        data = json.loads(result.stdout)
        assert result.exit_code == 0 and set(data[0] if isinstance(data, list) else data) >= wanted, arguments


def test_compile_emits_the_source_of_the_backend():
    from driftproof.impl import emit_rule

    for target in ("reference", "torch", "cpu", "cuda"):
        assert run("compile", "adam", "--target", target).stdout.rstrip("\n") == emit_rule("adam", target).rstrip("\n")


def test_derive_refuses_orders_and_rules_that_are_not_covered():
    for arguments in (["adam", "--order", "2"], ["adam", "--order", "3"], ["signum"], ["adopt"]):
        result = run("derive", *arguments, "--format", "json")
        assert_clear_error(result, "refused")
        assert result.stdout == "" and "  why: " in result.stderr


def test_derive_in_the_small_regime_says_that_order_one_does_not_see_the_noise():
    assert "gradient flow" in " ".join(run("derive", "sgd", "--regime", "small").stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [["adam", "--kappa", "10"], ["signum", "--kappa", "2"], ["adam", "--kappa", "nan"], ["nope", "--kappa", "4"]],
)
def test_refusal_of_scale_is_json_on_stdout_and_an_error_on_stderr(arguments):
    result = run("scale", *arguments, "--format", "json")
    assert_clear_error(result)
    data = json.loads(result.stdout)
    assert data["valid"] is False and data["reason"] and data["hyperparameters"] == {}


def test_refusal_in_text_lists_the_alternatives():
    result = run("scale", "adam", "--kappa", "16")
    assert_clear_error(result, "out-of-domain")
    assert "REFUSED: beta1 needs kappa < 10" in result.stdout
    assert "beta^kappa: " in result.stdout and "beta1 fixed: " in result.stdout


def test_scale_says_what_happens_to_the_run():
    options = "--batch-size 64 --steps 1001 --warmup 100 --schedule min(1,t/100) --set eps=1e-6".split()
    page = " ".join(run("scale", "adam", "--kappa", "4", *options).stdout.split())
    assert "batch size 256" in page and "warm-up 25" in page and "min(1, t / 25)" in page
    assert "steps 250, the nearest whole number to 1001/4: it ends 1/4 new steps short of the same SDE time" in page
    assert "m -> m v -> v / 4 t -> t / 4" in page and "eps 1e-6 5e-7" in page


@pytest.mark.parametrize("pair", ["beta3", "=1", "beta1=0.5=", "eps=1e-6 --set eps=1e-5", "lr=1"])
def test_set_takes_a_hyperparameter_of_the_rule_once(pair):
    assert_clear_error(run("scale", "adam", "--kappa", "4", "--set", *pair.split(), "--lr", "1"))


# check and claims


def test_check_list_runs_nothing_and_names_every_check():
    data = json.loads(run("check", "--list", "--format", "json").stdout)
    assert {item["id"] for item in data} == set(discover.select(None, "fast")[i].id for i in range(len(data)))


def test_check_that_does_not_exist_is_an_error():
    assert_clear_error(run("check", "no-such-check"), "unknown-name")
    assert_clear_error(run("check", "--rule", "no-such-rule"), "unknown-name")


@pytest.fixture
def one_check(monkeypatch):
    """A check whose verdict the test sets, in place of ours."""
    from driftproof.checks.runtime.check import Check

    def install(outcome):
        def verdicts(context):
            if isinstance(outcome, BaseException):
                raise outcome
            yield context.verdict("thing", outcome)

        check = Check("toy", "A toy claim.", "T1", verdicts)
        monkeypatch.setattr(discover, "checks", lambda: {"toy": check})

    return install


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(True, 0), (False, 1), ("INCONCLUSIVE", 4), (RuntimeError("x"), 3), (KeyboardInterrupt(), 130)],
)
def test_exit_code_is_the_outcome(one_check, outcome, code):
    one_check(outcome)
    for form in ("text", "json", "junit"):
        result = run("check", "toy", "--format", form)
        assert result.exit_code == code, result.output
        if form == "json":
            assert json.loads(result.stdout)["passed"] == (outcome is True)
        if form == "junit":
            assert ElementTree.fromstring(result.stdout).tag == "testsuites"


def test_configuration_selects_and_ignores(one_check, tmp_path, monkeypatch):
    one_check(True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.driftproof]\nignore = ["toy"]\n')
    assert run("check").exit_code == 5
    assert run("check", "toy").exit_code == 0
    (tmp_path / "pyproject.toml").write_text('[tool.driftproof]\ntire = "full"\n')
    assert_clear_error(run("check"), "config")
    assert run("rules").exit_code == 0


def test_ledger_has_known_statuses_and_places():
    from driftproof.theory.proving import corpus

    data = json.loads(run("claims", "--format", "json").stdout)
    assert {item["status"] for item in data} <= {*STATUSES, "open"}
    assert all(item["claim"].strip() and item["place"].startswith("driftproof ") for item in data)
    shown = {item["place"] for item in data}
    assert {f"driftproof check {name}" for name in discover.checks()} <= shown
    refuting = {f"driftproof check {name}" for name, check in discover.checks().items() if check.refutes}
    refuting.add('driftproof converge --lr "1/sqrt(t)" --beta1 0.9 --beta2 "1-1/t"')
    theorems = corpus.theorems()
    refuting |= {f"driftproof prove {name}" for name, theorem in theorems.items() if theorem.refutes}
    assert {item["place"] for item in data if item["status"] == "refuted"} == refuting
    rest = {(f"driftproof prove {name}", theorem.unproved) for name, theorem in theorems.items() if theorem.unproved}
    assert rest <= {(item["place"], item["claim"]) for item in data if item["status"] == "open"}
    refused = [item for item in data if item["place"] == "driftproof derive signum"]
    assert [item["status"] for item in refused] == ["open"]


def test_commands_that_show_what_papers_say_run(tmp_path, monkeypatch):
    from driftproof.theory.published import STATEMENTS

    monkeypatch.chdir(tmp_path)
    for place in sorted({item.place for item in STATEMENTS}):
        program, command, *rest = shlex.split(place)
        assert program == "driftproof"
        if command == "check":
            assert set(rest) <= discover.checks().keys()
        elif "--phase-diagram" not in rest:  # its own tests draw it
            result = run(command, *rest)
            assert result.exit_code in (0, 4), result.output
            shown = ("Defossez",) if "adam@correction" in place else ("WITNESS", "IMPOSSIBLE", "CONVERGES")
            assert any(word in result.stdout for word in shown), place


# Explanations


def every_error(kind=DriftproofError):
    for sub in kind.__subclasses__():
        yield sub
        yield from every_error(sub)


def test_every_word_of_converge_and_witness_has_a_page_with_its_exit_code():
    from driftproof.checks.runtime import cli_witness, convergence, explain_converge, render_converge

    exits = {**convergence.EXITS, **cli_witness.CODES}
    assert explain_converge.VERDICTS.keys() == exits.keys()
    assert explain_converge.CONDITIONS.keys() == render_converge.STATEMENTS.keys()
    for word, code in exits.items():
        page = " ".join(explain(word).split())
        assert page.startswith(word) and page.endswith(f"Exit code {code}.")
    for name, statement in render_converge.STATEMENTS.items():
        assert statement in " ".join(explain(name).split())


def test_every_code_has_a_page():
    from driftproof.checks.runtime import config, output

    assert config.BadConfig.code and output.NotBuilt.code  # loaded, hence among the subclasses
    ours = {kind.code for kind in (DriftproofError, *every_error()) if kind.__module__.startswith("driftproof.")}
    codes = {*ours, *VERDICTS, *EVIDENCE, *STATUSES, "open", "reduced", "placeholder", *discover.checks()}
    codes |= {f"exit-{code}" for code in (0, 1, 2, 3, 4, 5, 130)}
    for code in codes:
        page = explain(code)
        assert run("--explain", code).stdout == page + "\n"
        assert page.split()[0] == code and len(page) > len(code) + 20
    assert_clear_error(run("--explain", "no-such-code"), "unknown-name")


# Files and streams


@pytest.mark.parametrize("command", [["show", "adam"], ["rules"], ["scale", "sgd", "--kappa", "2"], ["derive", "lion"]])
def test_output_is_written_whole_or_not_at_all(tmp_path, command):
    file = tmp_path / "out.json"
    result = run(*command, "--format", "json", "--output", str(file))
    assert result.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == (["out.json"] if result.exit_code == 0 else [])
    if result.exit_code == 0:
        assert json.loads(file.read_text())


@pytest.mark.parametrize("place", ["missing/out.txt", ".", "file/out.txt", "a" * 300])
def test_place_that_cannot_be_written_is_an_error_and_nothing_is_left(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    assert_clear_error(run("rules", "--output", place), "cannot-write")
    assert [p.name for p in tmp_path.iterdir()] == ["file"] and (tmp_path / "file").read_text() == "kept"


def test_write_that_fails_half_way_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "out.txt"
    file.write_text("old")
    monkeypatch.setattr(
        "pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(CannotWrite, match="No space left"):
        write_whole(file, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"] and file.read_text() == "old"


def test_a_device_stays_a_device():
    assert run("rules", "--output", os.devnull).exit_code == 0
    assert not os.path.isfile(os.devnull)


def test_closed_pipe_is_quiet():
    command = f"{sys.executable} -m driftproof rules --format json | head -c 1"
    result = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_closed_pipe_before_the_first_byte_is_quiet():
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as closed:
        result = subprocess.run(
            [sys.executable, "-m", "driftproof", "show", "adam"],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (result.returncode, result.stderr) == (0, "")


def test_json_is_alone_on_standard_output_and_plain_text_has_no_colour():
    result = process("derive", "adam", "--format", "json")
    assert json.loads(result.stdout) and result.stderr == ""
    assert "\x1b" not in process("derive", "adam").stdout


def on_a_terminal(*arguments, **environment):
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    child = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"} | environment
    subprocess.run([sys.executable, "-m", "driftproof", *arguments], stdout=follower, env=child, check=True)
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 4096):
            written += chunk
    except OSError:  # the end of a terminal
        pass
    os.close(leader)
    return written.decode().replace("\r\n", "\n")


def test_terminal_gets_colour_and_the_same_characters_unless_no_color_is_set():
    plain = process("show", "adam", env={**os.environ, "COLUMNS": "90"}).stdout
    coloured = on_a_terminal("show", "adam", COLUMNS="90")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert on_a_terminal("show", "adam", COLUMNS="90", NO_COLOR="1") == plain


# Faults and interrupts


def test_internal_error_says_so_and_shows_the_traceback_on_request(monkeypatch):
    monkeypatch.setattr("driftproof.checks.api.rules", lambda: 1 / 0)
    result = run("rules")
    assert result.exit_code == 3 and result.stdout == ""
    assert result.stderr.startswith("internal error: ZeroDivisionError") and "DRIFTPROOF_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setenv("DRIFTPROOF_DEBUG", "1")
    assert "Traceback" in run("rules").stderr


def test_interrupt_ends_with_130(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("driftproof.checks.api.rules", interrupted)
    result = run("rules")
    assert result.exit_code == 130 and "Traceback" not in result.output
    assert cli_module.main(["rules"]) == 130


def test_ctrl_c_of_a_running_process_ends_with_130():
    # A job in the background ignores Ctrl-C, and what it starts inherits that.
    code = """import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import driftproof.checks.api as api
from driftproof.checks.runtime.cli import main
api.rules = lambda: print("on", flush=True) or time.sleep(60)
sys.exit(main(["rules"]))"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "on\n"
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert child.returncode == 130 and "Traceback" not in said
