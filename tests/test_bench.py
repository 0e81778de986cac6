"""Benchmarks: found by file, run in turns, ratios within a round; times are never asserted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from driftproof.checks.bench import rivals
from driftproof.checks.bench.contest import FOLDER, Benchmark, Contender, Outcome, Ratio, benchmarks, run, select
from driftproof.checks.runtime.cli import cli
from driftproof.impl.simulate import simulate
from driftproof.theory.errors import Refused, UnknownName
from driftproof.theory.problems import reddi_one, reddi_three, synthetic

STEPS = 3000


def toy(**changes) -> Benchmark:
    fields = {
        "name": "toy",
        "title": "a toy",
        "unit": "step",
        "contenders": (Contender("a", lambda: lambda: 4), Contender("b", lambda: lambda: 2, needs="no_such_package")),
        "ratios": (Ratio("a", "b", 2),),
    }
    return Benchmark(**{**fields, **changes})


def test_every_file_with_a_benchmark_is_found():
    named = {path.stem for path in FOLDER.glob("*.py") if "\nbenchmark = Benchmark(" in path.read_text()}
    assert set(benchmarks()) == named != set()


def test_ratios_are_medians_of_ratios_within_a_round():
    times = {"a": [1.0, 10.0, 2.0], "b": [3.0, 20.0, 10.0]}
    assert Outcome(toy(), times, {}, {}).ratios == {"a / b": 3.0}


def test_a_peer_that_is_not_installed_is_named_and_leaves_no_ratio():
    outcome = run(toy(), rounds=2)
    assert "no_such_package" in outcome.absent["b"]
    assert outcome.ratios == {"a / b": None}
    assert len(outcome.seconds["a"]) == 2
    assert "no_such_package is not installed" in outcome.text()
    json.dumps(outcome.as_json(), allow_nan=False)


def test_a_contender_that_is_refused_is_named():
    def refuse():
        raise Refused("There is no C compiler.", "", "")

    outcome = run(toy(contenders=(Contender("a", refuse), Contender("b", lambda: lambda: 1))), rounds=1)
    assert outcome.absent == {"a": "not run: There is no C compiler."}


def test_ratios_of_unknown_contenders_are_refused_where_they_are_written():
    with pytest.raises(ValueError, match="c"):
        toy(ratios=(Ratio("a", "c"),))
    with pytest.raises(UnknownName, match="loops"):
        select(["loop"])


def test_the_command_prints_the_json_of_the_design(monkeypatch, capsys):
    monkeypatch.setattr("driftproof.checks.bench.contest.select", lambda names: [toy()])
    assert cli.main(["bench", "toy", "--rounds", "1", "--format", "json"], standalone_mode=False) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"name", "contenders", "ratios", "machine"} <= set(found)
    assert [c["name"] for c in found["contenders"]] == ["a", "b"]


def test_the_rivals_run_the_same_steps_as_ours():
    """Else the ratios would compare different work. Rounding aside: 3000 steps of at most 10 roundings of 2^-53."""
    bound = STEPS * 10 * 2.0**-53
    given = {"eta": "0.1/sqrt(t)", "beta1": 0, "beta2": "0.1", "eps": 0}
    ours = simulate("adam@correction=none", reddi_one(3), STEPS, hyperparameters=given).final[0]
    assert abs(rivals.python_floats(STEPS) - ours) <= bound
    assert abs(rivals.numpy_scalars(STEPS) - ours) <= bound
    torch = pytest.importorskip("torch")
    corrected = simulate("adam", reddi_one(3), 500, hyperparameters=given).final[0]
    assert torch is not None
    assert abs(rivals.torch_adam(500) - corrected) <= bound


def test_the_rivals_with_many_seeds_have_the_same_law():
    """Mean of 4000 seeds after a few steps, all in [-1, 1]: Hoeffding at level 1e-9 each, pinned seeds."""
    given = {"eta": "0.1/sqrt(t)", "beta1": 0, "beta2": "0.1", "eps": 0}
    ours = simulate("adam@correction=none", reddi_three(3, "1/50"), 50, seeds=4000, hyperparameters=given).final
    apart = 2 * np.sqrt(np.log(2 / 1e-9) * 2 / 4000)
    for theirs in (rivals.numpy_seeds(50, 4000), rivals.numpy_seeds_in_place(50, 4000)):
        assert abs(theirs.mean() - ours.mean()) <= apart
    given = {"eta": "0.5/sqrt(t)", "beta1": 0.9, "beta2": 0.99, "eps": "1e-8"}
    ours = simulate("adam@correction=none", synthetic("iid"), 200, seeds=4000, hyperparameters=given).final
    assert abs(rivals.numpy_seeds_adam(200, 4000).mean() - ours.mean()) <= apart
