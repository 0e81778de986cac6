"""A verdict follows from an interval and two regions, checks itself, and is counted, never lost."""

import json
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from driftproof.checks.runtime import table
from driftproof.checks.runtime.check import MutantResult, NotRun
from driftproof.checks.runtime.summary import Crash, Report
from driftproof.checks.runtime.verdict import FAIL, INCONCLUSIVE, PASS, Region, Verdict, decide

CLAIM, NAMED = Region(0.9, 1.1), Region(upper=0.75)
GOOD = Verdict("some-check", "a claim", "adam", PASS, "T1", n=3, replay="driftproof check some-check")
SAMPLED = replace(GOOD, evidence="T2", level=1e-9, seed=7, interval=(0.9, 1.0), status="")


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.95, 1.2), PASS),  # misses the alternative
        ((0.1, 0.8), FAIL),  # misses the claim
        ((1.2, 1.3), FAIL),  # misses both: the claim is false, whatever else is true
        ((0.7, 1.0), INCONCLUSIVE),  # meets both
        ((math.nan, math.nan), INCONCLUSIVE),  # no evidence is no pass
    ],
)
def test_decide(interval, verdict):
    assert decide(interval, CLAIM, NAMED) == verdict


def test_regions_that_meet_cannot_be_told_apart():
    with pytest.raises(ValueError, match="overlap"):
        decide((0, 1), Region(0, 1), Region(1, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "OK"},
        {"evidence": "T4"},
        {"status": "certain"},
        {"level": 1e-9},  # exact evidence has no error probability
        {"evidence": "T2"},  # sampled evidence has one, a seed, an interval and a sample size
        {"evidence": "T2", "level": 1e-9, "seed": 1, "n": 0, "interval": (0.0, 1.0)},
        {"interval": (1.0, 0.0)},
    ],
)
def test_an_illegal_verdict_cannot_be_built(change):
    with pytest.raises(ValueError, match="some-check"):
        replace(GOOD, **change)


def test_what_sympy_shows_counts_as_derived_and_a_run_as_measured():
    assert replace(GOOD, evidence="T0", status="").status == "derived"
    assert GOOD.status == "measured"


KILLED, SURVIVOR = MutantResult("some-check", "a slip", "torch", "dead"), MutantResult("some-check", "b", "torch", "")


@pytest.mark.parametrize(
    ("events", "interrupted", "code"),
    [
        ((GOOD, KILLED), False, 0),
        ((GOOD, replace(GOOD, verdict=FAIL)), False, 1),
        ((GOOD, KILLED, SURVIVOR), False, 1),
        ((GOOD, Crash("some-check", "mutants", "ZeroDivisionError")), False, 3),
        ((GOOD, replace(GOOD, verdict=INCONCLUSIVE)), False, 4),
        ((), False, 5),
        ((NotRun("some-check", "adam", "no compiler"),), False, 5),
        ((GOOD,), True, 130),
    ],
)
def test_exit_code(events, interrupted, code):
    assert Report(events, interrupted=interrupted).exit_code == code


def test_a_failure_is_never_hidden_by_what_passes():
    report = Report((GOOD,) * 50 + (replace(GOOD, verdict=FAIL, subject="lion"),))
    (row,) = table.rows(report)
    assert row[1] == FAIL
    assert "lion" in row
    assert any("replay: driftproof check some-check" in line for line in table.remarks(report))


def test_a_check_that_was_not_finished_never_says_pass():
    bad = replace(GOOD, id="bad", verdict=FAIL)
    report = Report((GOOD, KILLED, bad), interrupted=True, unfinished=("some-check", "bad", "never-begun"))
    assert [row[:2] for row in table.rows(report)] == [
        ("some-check", "partial"),
        ("bad", FAIL),
        ("never-begun", "partial"),
    ]
    assert report.exit_code == 130


def test_a_row_shows_the_weakest_evidence_of_its_check():
    (row,) = table.rows(Report((replace(GOOD, evidence="T0", status=""), SAMPLED, GOOD)))
    assert row[2] == "T2"
    assert "error bound 1e-09" in table.last_line(Report((GOOD, SAMPLED)))


def test_statements_are_counted_once_whatever_rests_on_them():
    refuted = replace(GOOD, claim="a published claim", status="refuted")
    report = Report((GOOD, refuted, refuted, NotRun("c", "adam", "no compiler")), cites=("a theorem", "a lemma"))
    assert table.last_line(report).startswith(
        "0 proved, 0 derived, 2 cited, 1 measured, 1 published claim(s) refuted, 0 inconclusive, 0 failed, 1 not run |"
    )
    assert (report.as_json()["cited"], report.as_json()["refuted"]) == (2, 1)


def test_many_omissions_take_a_line_for_each_check():
    few = tuple(NotRun("c", f"rule {k}", f"reason {k}") for k in range(3))
    assert [line for line in table.remarks(Report((GOOD, KILLED, *few)))] == [
        f"not run c: rule {k}: reason {k}" for k in range(3)
    ]
    many = tuple(NotRun(name, f"rule {k}", f"reason {k}") for name in "cd" for k in range(5))
    assert [line for line in table.remarks(Report((GOOD, KILLED, *many)))] == [
        f"not run {name}: rule 0, rule 1, rule 2 and 2 more, for 5 reasons (--format json has them)" for name in "cd"
    ]


def test_a_check_that_passed_without_mutants_says_so():
    assert any("mutants: none" in line and "some-check" in line for line in table.remarks(Report((GOOD,))))
    assert not any("mutants: none" in line for line in table.remarks(Report((GOOD, KILLED))))


def test_json_has_the_normative_keys_and_counts():
    events = (GOOD, replace(GOOD, evidence="T0", status=""), SAMPLED, SAMPLED, KILLED, SURVIVOR)
    found = json.loads(json.dumps(Report(events).as_json(), allow_nan=False))
    assert {"id", "claim", "verdict", "evidence", "interval", "n", "level", "seed", "seconds", "replay"} <= set(
        found["verdicts"][0]
    )
    assert (found["proved"], found["derived"], found["cited"], found["measured"]) == (0, 1, 0, 3)
    assert (found["passed"], found["failed"], found["inconclusive"]) == (4, 0, 0)
    assert found["familywise_error_bound"] == pytest.approx(2e-9)
    assert found["mutation_score"]["killed"] == 1
    assert found["mutation_score"]["total"] == 2
    assert found["mutation_score"]["survivors"] == [{"id": "some-check", "mutant": "b", "oracle": "torch"}]


def test_numbers_that_json_lacks_are_written_as_text():
    report = Report((replace(GOOD, interval=(math.nan, math.nan), detail={"gap": math.inf}),))
    (found,) = json.loads(json.dumps(report.as_json(), allow_nan=False))["verdicts"]
    assert found["interval"] == ["nan", "nan"]
    assert found["detail"] == {"gap": "inf"}


def test_junit_counts_failures_errors_and_what_was_skipped():
    bad = replace(GOOD, verdict=FAIL, detail={"text": "not \x00 XML <&>"})
    events = (GOOD, bad, NotRun("c", "adam", "no compiler"), Crash("c", "verdicts", "boom"), KILLED, SURVIVOR)
    checks, mutants = ElementTree.fromstring(Report(events).as_junit())
    assert [checks.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]
    assert [mutants.get(k) for k in ("tests", "failures")] == ["2", "1"]


def test_the_table_ends_and_says_what_it_leaves_out():
    count = table.MOST_ROWS + 20
    lines = table.text(Report(tuple(replace(GOOD, id=f"check-{i}") for i in range(count)))).splitlines()
    assert len(lines) <= table.MOST_ROWS + 5
    assert any("20 more checks" in line for line in lines)
    assert f"0 proved, 0 derived, 0 cited, {count} measured, 0 inconclusive" in lines[-1]
