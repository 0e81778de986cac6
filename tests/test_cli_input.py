"""The command line given bad input: a clear error and exit code 2, never a traceback, nothing executed."""

import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import driftproof.checks.runtime.cli as cli_module
from driftproof.checks.runtime.cli import cli

BUILT = ["rules", "show", "derive", "scale", "compile", "check", "claims"]
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


# Bad input


@pytest.mark.parametrize(
    "arguments",
    [
        ["show"],
        ["show", "adam", "extra"],
        ["show", "adam", "--nope"],
        ["show", "adam", "--format", "xml"],
        ["show", "adm"],
        ["show", "adam@"],
        ["show", "adam@eps"],
        ["show", "adam@eps=nope"],
        ["show", "adam@nope=outside"],
        ["show", "missing.py"],
        ["show", "."],
        ["show", ""],
        ["nope"],
        ["--nope"],
        ["scale", "adam"],
        ["scale", "adam", "--kappa", ""],
        ["scale", "adam", "--kappa", "4", "--lr", "-1"],
        ["scale", "adam", "--kappa", "4", "--mu", "0.9"],
        ["scale", "adam", "--kappa", "4", "--steps", "1.5"],
        ["scale", "adam", "--kappa", "4", "--batch-size", "0"],
        ["scale", "adam", "--kappa", "4", "--schedule", "open('x')"],
        ["derive", "adam", "--order", "9"],
        ["compile", "adam", "--target", "fortran"],
        ["check", "-j", "0"],
    ],
)
def test_wrong_input_is_a_clear_error(arguments):
    result = run(*arguments)
    assert_clear_error(result)
    assert result.stdout == ""


def test_control_characters_of_the_input_are_shown_and_not_obeyed():
    result = run("show", "a\x1b[31mdam")
    assert_clear_error(result)
    assert "\x1b" not in result.stderr and r"\x1b" in result.stderr


def test_rule_file_is_read_and_never_executed(tmp_path):
    file = tmp_path / "mine.py"
    attack = f"__import__('os').mkdir('{tmp_path / 'made'}')"
    start = "from driftproof.theory.language import *\n", "from driftproof.theory.language import sqrt, theta\n"
    for body in (
        f"x = {attack}",
        f'x = sqrt("{attack}")',
        f'x = sqrt(("{attack}", 1))',
        f'x = theta * ("{attack}", 1)',
    ):
        for first in start:
            file.write_text(first + body + "\n")
            assert_clear_error(run("show", str(file)))
    assert not (tmp_path / "made").exists()


words = st.sampled_from(
    ["adam", "sgd", "@", "=", ",", "eps=inside", ":", ".py", "/", "..", "-", " ", "\0", "é", "@eps=hat"]
)
rule_texts = st.lists(words | st.text(max_size=3), max_size=5).map("".join)
numbers = st.sampled_from(
    ["4", "0", "-1", "1e400", "1e-400", "nan", "inf", "1/3", "1/0", "9**9**9", "2**64", "0x10", "1_0", "()"]
)
values = numbers | st.text(alphabet="0123456789.eE+-*/() ntT", max_size=8) | st.floats().map(str) | st.text(max_size=4)


@settings(max_examples=60, deadline=None)
@given(command=st.sampled_from(["show", "derive"]), text=rule_texts)
def test_any_rule_text_gives_a_page_or_a_clear_error(command, text):
    result = run(command, "--", text)
    assert result.exit_code in (0, 2) and "Traceback" not in result.output
    if result.exit_code:
        assert_clear_error(result)


@settings(max_examples=100, deadline=None)
@given(
    rule=st.sampled_from(["adam", "sgd", "rmsprop", "sgd@momentum=heavy_ball", "lion"]) | rule_texts,
    kappa=values,
    options=st.lists(
        st.tuples(
            st.sampled_from("lr beta1 beta2 mu eps weight-decay batch-size steps warmup schedule set".split()), values
        ),
        max_size=3,
    ),
    form=st.sampled_from(["text", "json"]),
)
def test_any_values_give_a_scaling_or_a_clear_refusal(rule, kappa, options, form):
    given = [f"--{name}={value}" for name, value in options]
    started = time.perf_counter()
    result = run("scale", f"--kappa={kappa}", *given, "--format", form, "--", rule)
    assert time.perf_counter() - started < 20  # a value that would compute for ever is refused, not computed
    assert result.exit_code in (0, 2) and "Traceback" not in result.output
    if result.exit_code:
        assert_clear_error(result)
    if form == "json" and "error[usage]" not in result.stderr:
        assert json.loads(result.stdout)["valid"] == (result.exit_code == 0)


# Streams, paths and limits


def test_closed_standard_output_is_said_and_is_no_internal_error():
    command = f'"{sys.executable}" -m driftproof derive sgd >&-'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("error[cannot-write]: Standard output is closed")


def test_output_may_be_standard_output_and_must_have_a_name():
    assert run("show", "sgd", "-o", "-").stdout == run("show", "sgd").stdout
    assert_clear_error(run("show", "sgd", "-o", ""), "cannot-write")


def test_jobs_are_bounded():
    assert_clear_error(run("check", "-j", "100000000"), "usage")


def test_path_without_its_ending_is_called_a_path():
    for text in ("./mine", "folder/mine"):
        result = run("show", text)
        assert_clear_error(result, "unknown-name")
        assert "looks like a path" in result.stderr


def test_order_says_that_higher_ones_need_not_exist():
    assert "where there is such an SDE" in " ".join(run("derive", "--help").stdout.split())


@pytest.mark.parametrize(("library", "code"), [("torch", 2), ("scipy.special", 2), ("something", 3)])
def test_missing_extra_is_named_and_any_other_missing_module_is_a_fault(library, code, capsys):
    def command():
        raise ModuleNotFoundError(f"No module named '{library}'", name=library)

    assert cli_module.guarded(command) == code
    assert ('pip install "driftproof[torch,check]"' in capsys.readouterr().err) == (code == 2)
