"""z3 finds where a false theorem fails, none where a true one holds, and is not asked about what it cannot say."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from driftproof.checks.runtime.cli import cli
from driftproof.checks.runtime.falsifier import FOUND, NONE, REFUSED, falsified
from driftproof.theory.proving import corpus

pytest.importorskip("z3")
TRUE = "svag_weights_are_unique"


def test_a_false_claim_and_a_missing_hypothesis_have_countermodels():
    known = corpus.theorems()[TRUE]
    assert falsified(replace(known, claims={"at_least": "ell >= 51/100"})).outcome == FOUND
    without = replace(known, hypotheses={"mean": known.hypotheses["mean"]})
    found = falsified(without)
    assert found.outcome == FOUND and all(f"{name} = " in found.why for name in known.variables)


def test_a_quotient_by_zero_is_zero():
    known = replace(corpus.theorems()[TRUE], hypotheses={}, claims={"unit": "a*(1/a) = 1"})
    assert falsified(known).why.startswith("a = 0")
    assert falsified(replace(known, hypotheses={"apart": "a /= 0"})).outcome == NONE


def test_a_true_theorem_has_none():
    known = corpus.theorems()[TRUE]
    assert falsified(replace(known, claims={"at_least": known.claims["at_least"]})).outcome == NONE


def test_no_theorem_has_one():
    answers = [falsified(one, seconds=1) for one in corpus.theorems().values()]
    assert [str(answer) for answer in answers if answer.outcome == FOUND] == []
    assert sum(answer.outcome == NONE for answer in answers) > 10


def test_sums_and_products_of_many_parts_are_whole():
    known = replace(
        corpus.theorems()[TRUE], hypotheses={}, claims={"cube": "(a + b - ell)*2*a = 2*a^2 + 2*a*b - 2*a*ell"}
    )
    assert falsified(known).outcome == NONE


def test_what_has_binders_or_families_is_refused_with_the_reason():
    refused = [falsified(one) for one in corpus.theorems().values() if any("(" in s for s in one.variables.values())]
    assert refused and all(answer.outcome == REFUSED and answer.why for answer in refused)


def test_the_command():
    done = CliRunner().invoke(cli, ["prove", TRUE, "--falsify"])
    assert done.exit_code == 0 and done.stdout.startswith(f"{TRUE}: ")
