"""The contract of every rule file: what whoever adds an optimizer gets checked without writing a test."""

import ast
import subprocess
import sys
from collections import defaultdict

import pytest

from driftproof.checks.runtime.mutants import trajectories, variants
from driftproof.theory import catalogue
from driftproof.theory.dataflow import expressions
from driftproof.theory.nodes import Choice
from driftproof.theory.references import BIBLIOGRAPHY

MOST_LINES = 40


@pytest.fixture(params=catalogue.names())
def rule(request):
    return catalogue.rule(request.param)


def text_of(rule):
    return (catalogue.RULES / f"{rule.name}.py").read_text()


def test_there_are_rules():
    assert len(catalogue.names()) >= 28
    assert {"sgd", "rmsprop", "adagrad", "adam", "adamw", "generic_adam", "lion", "adopt"} <= set(catalogue.names())


def test_name_is_that_of_the_file(rule):
    assert (catalogue.RULES / f"{rule.name}.py").exists()
    assert rule.label == rule.name, "the first option of each axis is its default"


def test_source_has_a_place_in_a_listed_paper(rule):
    assert rule.source.key in BIBLIOGRAPHY
    assert rule.source.where.strip()
    assert ast.get_docstring(ast.parse(text_of(rule))), "the file says what it declares"


def test_defaults_lie_in_their_domains(rule):
    for item in rule.declared["hyperparameters"]:
        item.domain.check(item.name, item.default)
        assert item.default.is_Rational
        assert item.role


def test_every_option_builds_and_is_in_the_label(rule):
    for convention in rule.conventions:
        for option, meaning in convention.options.items():
            variant = rule.variant(**{convention.name: option})
            assert variant.options[convention.name] == option
            assert (f"{convention.name}={option}" in variant.label) == (option != convention.default)
            assert meaning.strip()
            assert catalogue.rule(variant.label).digest == variant.digest


def test_everything_declared_is_used_in_some_variant(rule):
    used = variants(rule, pairs=True)
    declared = rule.declared
    assert {h.name for v in used for h in v.hyperparameters} == {h.name for h in declared["hyperparameters"]}
    assert {s.name for v in used for s in v.state} == {s.name for s in declared["state"]}
    chosen_by = {c.axis for _, e in expressions(declared) for c in e.atoms(Choice)}
    assert chosen_by == {c.name for c in rule.conventions}, "an axis on which nothing depends"


def test_file_is_short(rule):
    """Lines of mathematics: imports, one word a line, and blank lines do not count."""
    text = text_of(rule)
    imports = sum(s.end_lineno - s.lineno + 1 for s in ast.parse(text).body if isinstance(s, ast.ImportFrom))
    assert sum(bool(line.strip()) for line in text.splitlines()) - imports <= MOST_LINES


def test_no_equation_is_written_twice():
    """Each stands in one file; relatives take it over with `amend`, averages are the word `average`."""
    found = defaultdict(list)
    for path in catalogue.RULES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "eq":
                found[ast.unparse(node)].append(path.stem)
    several = {text: files for text, files in found.items() if len(files) > 1}
    assert {text: files for text, files in several.items() if text not in PLAIN_STEPS} == {}


PLAIN_STEPS = {"eq(new(theta), theta - eta * d)", "eq(d, g / denom)"}
"""A step along a direction, and a quotient, are no rule's own equations."""


def test_outline_agrees_with_the_full_reading(rule):
    (outline,) = [o for o in catalogue.outlines() if o.name == rule.name]
    assert (outline.source, outline.notes) == (rule.source, rule.notes)
    assert outline.conventions == tuple(rule.conventions)


def test_outlines_load_no_sympy():
    code = (
        "import sys; from driftproof.theory import catalogue as c; assert c.outlines(); print('sympy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def one_digest_for_each_mathematics(found):
    digests = defaultdict(set)
    for variant in found:
        digests[trajectories(variant)].add(variant.digest)
    return all(len(of_one) == 1 for of_one in digests.values()) and len(digests) == len({v.digest for v in found})


def test_digests_differ_exactly_where_the_mathematics_does(rule):
    """By exact evaluation on probes, along one axis at a time."""
    assert one_digest_for_each_mathematics(variants(rule))


@pytest.mark.slow
def test_digests_differ_exactly_where_the_mathematics_does_along_two_axes(rule):
    assert one_digest_for_each_mathematics(variants(rule, pairs=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sgd", "sgd@nesterov=yes"),
        ("sgd", "sgd@momentum=none,first=damped"),
        ("adam@correction=none", "adam@correction=none,eps=hat"),
        ("adam@correction=first,amsgrad=raw", "adam@correction=first,amsgrad=corrected"),
    ],
)
def test_options_that_change_nothing_change_no_digest(one, other):
    assert catalogue.rule(one).digest == catalogue.rule(other).digest
