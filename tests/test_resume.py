"""An interrupted run goes on where it was, and only the very same run does."""

import json
from dataclasses import replace

import pytest

from driftproof.checks.runtime import discover, runner
from driftproof.checks.runtime.check import Check, Mutant
from driftproof.checks.runtime.verdict import PASS


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


def counted(name, runs, **more):
    """A small check that notes when it runs."""

    def run(context):
        runs.append(name)
        yield context.verdict("adam", PASS, **more)

    return replace(made(name), run=run)


def stop_at(name):
    def stop(event):
        if event.id == name:
            raise KeyboardInterrupt

    return stop


SAMPLE = {"evidence": "T2", "level": 1e-9, "seed": 7, "n": 3, "interval": (0.9, float("inf")), "detail": {"used": 0.5}}


def test_an_interrupted_run_goes_on_where_it_was(only, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    runs = []
    only(counted("first", runs, **SAMPLE), counted("second", runs))
    stopped = runner.run(progress=stop_at("second"))
    assert [path.suffix for path in (tmp_path / "driftproof").iterdir()] == [".json"]
    whole = runner.run(resume=True)
    assert runs == ["first", "second", "second"]
    assert whole.exit_code == 0
    assert whole.verdicts[0] == stopped.verdicts[0]
    assert [m.id for m in whole.mutants] == ["first", "second"]
    assert not list((tmp_path / "driftproof").iterdir()), "a complete run leaves nothing behind"


def test_only_the_same_run_goes_on(only, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    runs = []
    only(counted("first", runs), counted("second", runs))
    runner.run(progress=stop_at("second"))
    for other in ({"seed": 3}, {"tier": "full"}, {"rules": ["adam"]}, {"ids": ["first"]}, {}):
        runs.clear()
        runner.run(**other, resume=bool(other))
        assert "first" in runs, other


def test_what_crashed_or_cannot_be_read_is_done_again(only, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    only(made("broken", broken=True), made("sound"), made("last"))
    runner.run(progress=stop_at("last"))
    (path,) = (tmp_path / "driftproof").iterdir()
    assert list(json.loads(path.read_text())) == ["sound"]
    path.write_text(path.read_text()[:-9])
    assert len(runner.run(resume=True).verdicts) == 3
