"""Every script of checks/examples runs as its first lines say, and shows what it is there to show."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from driftproof.checks.examples.is_my_schedule_covered import main as ask
from driftproof.impl.toolchain import compiler
from driftproof.theory.errors import Refused

FOLDER = Path(__file__).parent.parent / "checks" / "examples"
LONG = {"default_adam_diverges", "momo_over_eight_decades"}
"""Scripts that take many seconds; tests of their own call them with less to do."""
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def run(name: str, folder: Path) -> str:
    command = [sys.executable, "-m", f"driftproof.checks.examples.{name}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """name -> (output, folder), each script once."""
    done: dict[str, tuple[str, Path]] = {}

    def once(name: str) -> tuple[str, Path]:
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            done[name] = run(name, folder), folder
        return done[name]

    return once


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in SCRIPTS])
def test_every_script_runs_and_says_how(name, ran):
    assert f"python -m driftproof.checks.examples.{name}" in (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert ran(name)[0].strip()


def test_default_betas_are_not_covered_and_the_script_finds_what_is(ran):
    output = ran("is_my_schedule_covered")[0]
    assert output.startswith("generic_adam NOT_COVERED")
    assert "lr = 1e-3/sqrt(t), beta2 = 1 - (1 - 0.999)/sqrt(t): CONVERGES, order T^(-1/4)" in output


@pytest.mark.parametrize(
    "schedules, verdict, change",
    [
        (("0.1/sqrt(t)", "0.9", "1 - 1/(2*sqrt(t))"), "CONVERGES", None),
        (("0.1/sqrt(t)", "0.9", "0.99"), "NOT_COVERED", "\n  beta2 = 1 - (1 - 0.99)/sqrt(t): CONVERGES"),
        (("1e-3", "0.9", "1 - 1/(2*sqrt(t))"), "NOT_COVERED", "\n  lr = 1e-3/sqrt(t): CONVERGES"),
        (("1/sqrt(t)", "1 - 9/10*t**(-3/10)", "1 - 1/(2*t)"), "NOT_COVERED", "\n  beta1 = 0.9: CONVERGES"),
    ],
)
def test_the_smallest_change_is_the_one_that_the_failing_condition_asks_for(schedules, verdict, change, capsys):
    assert ask(*schedules) == verdict
    output = capsys.readouterr().out
    assert (change in output) if change else ("what to change" not in output)


def test_trajectories_end_where_the_exact_verdicts_say(ran):
    try:
        compiler()
    except Refused:
        pytest.skip("no C compiler: too few steps to see the end")
    output, folder = ran("trajectories")
    rows = list(csv.reader((folder / "trajectories.csv").read_text().splitlines()))
    last = dict(zip(rows[0][1:], map(float, rows[-1][1:]), strict=True))
    witnesses = {line[:22].strip() for line in output.splitlines() if "WITNESS" in line}
    assert witnesses == {"Adam (0.9, 0.99)", "Adam (0.9, 0.999)"}
    assert all(last[name] > 0.99 for name in witnesses)
    # r = 1/2 is predicted to turn at step 1.09e6, and has not come far at 5e6.
    late = "Generic Adam, r = 1/2"
    highest = max(float(row[1 + list(last).index(late)]) for row in rows[1:])
    assert -0.99 < last[late] < 0.9 < highest
    assert all(last[name] < -0.99 for name in last.keys() - witnesses - {late})


def test_the_phase_diagram_is_written(ran):
    output, folder = ran("phase_diagram")
    (file,) = folder.iterdir()
    assert file.name in ("phase.svg", "phase.csv") and file.name in output
    assert "torch's (0.9, 0.999), n = 100: diverges" in output
