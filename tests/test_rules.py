"""The contract of every rule file: what whoever adds an optimizer gets checked without writing a test."""

import ast
import itertools
import math
import subprocess
import sys
from collections import defaultdict
from functools import cache

import pytest
import sympy

from driftproof.theory import catalogue
from driftproof.theory.dataflow import expressions
from driftproof.theory.nodes import Choice, MatMul, Reduce, Transpose
from driftproof.theory.references import BIBLIOGRAPHY
from driftproof.theory.rule import First
from driftproof.theory.symbols import f, new, symbol, t, theta

MOST_LINES = 45
eta = symbol("eta")


@cache
def variants(rule):
    """Every combination of options."""
    axes = [[(c.name, option) for option in c.options] for c in rule.conventions]
    return [rule.variant(**dict(chosen)) for chosen in itertools.product(*axes)]


@pytest.fixture(params=catalogue.names())
def rule(request):
    return catalogue.rule(request.param)


def text_of(rule):
    return (catalogue.RULES / f"{rule.name}.py").read_text()


def test_there_are_rules():
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
    used = variants(rule)
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


# Equal digests, equal mathematics. An evaluator of our own: plain floats, a few loud steps, and a single coordinate,
# so that sums, means and maxima over tensors are the number itself.

GRADIENTS = (2.0, -0.5, 1.0, 0.3, -2.0, 0.7)
LOUD = {"beta1": 0.7, "beta2": 0.6, "eps": 0.1, "mu": 0.8, "tau": 0.25, "delta": 0.5, "lambda": 0.4, "beta": 0.7}
FUNCTIONS = {
    sympy.Add: lambda *a: math.fsum(a),
    sympy.Mul: lambda *a: math.prod(a),
    sympy.Max: max,
    sympy.Min: min,
    sympy.Abs: abs,
    sympy.sign: lambda x: (x > 0) - (x < 0),
    sympy.exp: math.exp,
    sympy.log: math.log,
    sympy.Le: lambda a, b: a <= b,
    sympy.Lt: lambda a, b: a < b,
    sympy.Ge: lambda a, b: a >= b,
    sympy.Gt: lambda a, b: a > b,
    sympy.Pow: pow,
    sympy.And: lambda *a: all(a),
    sympy.Or: lambda *a: any(a),
    sympy.Not: lambda a: not a,
    MatMul: lambda a, b: a * b,
    Transpose: lambda a: a,
}


def value(e, at):
    if e.is_Symbol:
        return at[e]
    if e.is_Rational:
        return e.p / e.q
    if isinstance(e, Reduce):
        return value(e.operand, at)
    if isinstance(e, sympy.Piecewise):
        return next(value(x, at) for x, condition in e.args if condition == sympy.true or value(condition, at))
    return FUNCTIONS[type(e)](*(value(a, at) for a in e.args))


def trajectory(rule):
    """theta after each step, eta falling, to nine digits."""
    at = {theta: 1.3, **{h.symbol: LOUD.get(h.name, float(h.default)) for h in rule.hyperparameters}}
    path = []
    for k, gradient in enumerate(GRADIENTS, start=1):
        at |= {t: k, f: 1 / k, eta: 0.3 / k}
        at |= {draw.symbol: gradient / (1 + n) for n, draw in enumerate(rule.gradients)}
        for state in rule.state if k == 1 else ():
            at[state.symbol] = value(state.init.expression if isinstance(state.init, First) else state.init, at)
        for equation in rule.equations:
            at[equation.symbol] = value(equation.expression, at)
        at |= {s: at[new(s)] for s in (theta, *(s.symbol for s in rule.state))}
        path.append(round(at[theta], 9))
    return tuple(path)


def test_digests_differ_exactly_where_the_mathematics_does(rule):
    digests, trajectories = defaultdict(set), defaultdict(set)
    for variant in variants(rule):
        path = trajectory(variant)
        assert all(map(math.isfinite, path)), variant.label
        digests[path].add(variant.digest)
        trajectories[variant.digest].add(path)
    assert all(len(found) == 1 for found in digests.values()), "two digests for one mathematics"
    assert all(len(found) == 1 for found in trajectories.values()), "one digest for two mathematics"


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
