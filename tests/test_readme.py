"""The README is run: its files are written, its commands executed, its output compared.

Run as a script it writes today's output into the README: `.venv/bin/python tests/test_readme.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FILE = re.compile(r"```python title=\"(?P<name>[a-z_]+\.py)\"\n(?P<text>.*?)```", re.DOTALL)
SESSION = re.compile(r"```console\n(?P<text>.*?)```", re.DOTALL)
TIMED = re.compile(r"\b\d+(\.\d+)? ?(s\b|seconds)|(?<=  )\d+\.\d(?=\n)|\| \d+ s$", re.MULTILINE)
LONG = ("driftproof check", "driftproof audit --selftest")
BIN = Path(sys.executable).parent


def commands(text: str) -> list[tuple[str, str]]:
    """(command, output) of every `$ command` in the console blocks, in order."""
    found = []
    for session in SESSION.finditer(text):
        for part in session["text"].split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


def write_files(text: str, folder: Path) -> None:
    for block in FILE.finditer(text):
        (folder / block["name"]).write_text(block["text"], encoding="utf-8")


def run(command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "110", "NO_COLOR": "1"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    output = "\n".join(filter(None, [done.stdout.rstrip("\n"), done.stderr.rstrip("\n")]))
    codes = {"REFUSED": 2, "BUG:": 1, " NOT_COVERED\n": 4}
    assert done.returncode == next((code for word, code in codes.items() if word in done.stdout), 0), output
    return output


def without_times(output: str) -> str:
    return TIMED.sub("T", output)


def quick(command: str) -> bool:
    """Commands that a test can afford: not the whole of `make check` and `make test`."""
    return command.startswith(("driftproof ", "python ")) and command not in LONG


def test_the_readme_has_both_commands_and_a_session():
    text = README.read_text(encoding="utf-8")
    assert "make check" in text and "make test" in text
    assert sum(quick(command) for command, _ in commands(text)) >= 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("readme")
    write_files(README.read_text(encoding="utf-8"), path)
    return path


@pytest.mark.parametrize("command, output", [c for c in commands(README.read_text(encoding="utf-8")) if quick(c[0])])
def test_the_output_shown_is_the_output(command, output, folder):
    assert without_times(run(command, folder)) == without_times(output)


def test_the_table_of_make_check_shows_every_check_passing():
    from driftproof.checks.runtime.discover import checks

    shown = dict(commands(README.read_text(encoding="utf-8")))["make check"]
    rows = {line.split()[0]: line.split()[1] for line in shown.splitlines() if len(line.split()) > 2}
    for check in checks().values():
        if check.tier == "fast":
            assert rows.get(check.id) == "PASS", check.id


def rewrite() -> None:
    """Puts the present output of every quick command into the README."""
    import tempfile

    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(text, folder)

        def session(block: re.Match[str]) -> str:
            parts = [(c, run(c, folder) if quick(c) else output) for c, output in commands(block[0])]
            return "```console\n" + "\n".join(f"$ {c}\n{output}" for c, output in parts) + "\n```"

        README.write_text(SESSION.sub(session, text), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
