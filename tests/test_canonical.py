"""Canonical text is a function of the mathematics alone, and reads back as the expression it was made from."""

import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from driftproof.checks.runtime.mutants import variants
from driftproof.theory import canonical, catalogue
from driftproof.theory.language import (
    Max,
    Min,
    Piecewise,
    Source,
    UpdateRule,
    beta,
    d,
    eps,
    eq,
    eta,
    exp,
    f,
    g,
    hyper,
    is_finite,
    log,
    m,
    new,
    norm,
    sqrt,
    symbol,
    t,
    theta,
    v,
)

SOURCE = Source("kingma2015adam", "Algorithm 1")
PROBES = Path(__file__).parent / "probes"


def gradient_step(direction, **changes):
    fields = {"name": "probe", "source": SOURCE, "hyperparameters": [hyper(eta, "0.1")]}
    equations = [eq(d, direction), eq(new(theta), theta - eta * d)]
    return UpdateRule(**{**fields, "equations": equations, **changes})


def all_expressions(rule):
    yield from (e.expression for e in rule.equations)
    yield from (o.expression for o in rule.outputs)
    yield from (d.at for d in rule.gradients)
    yield from (s.init.expression for s in rule.state if hasattr(s.init, "expression"))
    yield rule.guard


@cache
def expressions_of_all_variants():
    """Every expression of every variant of every declared rule and of every probe, once."""
    found = {}
    for name in (*catalogue.names(), *sorted(map(str, PROBES.glob("*.py")))):
        base = catalogue.rule(name)
        for variant in variants(base):
            found |= {expression: variant.label for expression in all_expressions(variant)}
    return found


def test_canonical_text_reads_back_as_the_expression():
    for expression, label in expressions_of_all_variants().items():
        assert canonical.parse(canonical.text(expression)) == expression, label


def test_canonical_text_of_unresolved_choices_reads_back():
    for name in catalogue.names():
        for equation in catalogue.rule(name).declared["equations"]:
            assert canonical.parse(canonical.text(equation.expression)) == equation.expression, name


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (beta * m + (1 - beta) * g, "Add(Mul(Add(1, Mul(-1, beta)), g), Mul(beta, m))"),
        (symbol("lambda") / 2, "Mul(Rational(1, 2), lambda_)"),
        (sqrt(new(v)) + eps, "Add(Pow(v_new, Rational(1, 2)), eps)"),
        (Piecewise((0, t <= 1), (g, True)), "Piecewise(Pair(0, Le(t, 1)), Pair(g, true))"),
        (norm(g, over="all") ** 2, 'Reduce("sum", Pow(g, 2), "all")'),
        (sympy.And(is_finite(f), t <= 1), "And(IsFinite(f), Le(t, 1))"),
        (sympy.Ne(g, m), "Ne(g, m)"),
        (log(abs(g)) + exp(-t), "Add(exp(Mul(-1, t)), log(Abs(g)))"),
    ],
)
def test_canonical_text_is(expression, text):
    assert canonical.text(expression) == text
    assert canonical.parse(text) == expression


def test_a_comparison_and_its_mirror_image_have_one_text():
    assert canonical.text(g > m) == canonical.text(sympy.Lt(m, g)) == "Lt(m, g)"
    assert canonical.text(sympy.Ge(g, m)) == canonical.text(sympy.Le(m, g)) == "Le(m, g)"


def shuffled(expression, order):
    """The same tree, unevaluated, the arguments of commutative operations in another order."""
    if not expression.args:
        return expression
    args = [shuffled(a, order) for a in expression.args]
    if isinstance(expression, sympy.Add | sympy.Mul):
        order.shuffle(args)
        return expression.func(*args, evaluate=False)
    if isinstance(expression, sympy.core.relational.StrictLessThan | sympy.core.relational.LessThan):
        return expression.reversed.func(*args[::-1], evaluate=False)
    if isinstance(expression, sympy.Pow | sympy.Max | sympy.Min):
        order.shuffle(args if isinstance(expression, sympy.Max | sympy.Min) else [])
        return expression.func(*args, evaluate=False)
    return expression.func(*args)


leaves = st.sampled_from([theta, g, m, v, eta, beta, sympy.Integer(2), sympy.Rational(-1, 3)])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda a: sympy.Add(*a)),
        st.lists(inner, min_size=2, max_size=4).map(lambda a: sympy.Mul(*a)),
        inner.map(lambda a: a**2),
        inner.map(lambda a: sqrt(abs(a) + 1)),
        st.tuples(inner, inner).map(lambda a: Max(*a)),
        st.tuples(inner, inner).map(lambda a: Min(*a)),
        st.tuples(inner, inner).map(lambda a: Piecewise((a[0], t <= 1), (a[1], True))),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tree=trees, seed=st.integers(0, 2**16))
def test_canonical_text_does_not_depend_on_the_order_of_arguments(tree, seed):
    assert canonical.text(shuffled(tree, random.Random(seed))) == canonical.text(tree)


def test_canonical_text_of_every_rule_does_not_depend_on_the_order_of_arguments():
    order = random.Random(0)
    for expression, label in expressions_of_all_variants().items():
        assert canonical.text(shuffled(expression, order)) == canonical.text(expression), label


DIGESTS = """
import sys
from pathlib import Path
from driftproof.theory import catalogue
rules = [*catalogue.names(), *sorted(map(str, Path(sys.argv[1]).glob("*.py")))]
print(*(catalogue.rule(name).digest for name in rules))
"""


@pytest.mark.parametrize("seed", ["1", "2025"])
def test_digests_do_not_depend_on_the_hash_seed(seed):
    here = [catalogue.rule(name).digest for name in (*catalogue.names(), *sorted(map(str, PROBES.glob("*.py"))))]
    run = subprocess.run(
        [sys.executable, "-c", DIGESTS, str(PROBES)],
        env={"PYTHONHASHSEED": seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == here


def test_digest_is_of_the_mathematics_alone():
    renamed = gradient_step(2 * g, name="other", source=Source("hinton2012rmsprop", "slide 29"), notes="a note")
    assert renamed.digest == gradient_step(2 * g).digest
    assert gradient_step(2 * g).digest != gradient_step(-g).digest
    assert gradient_step(2 * g).digest != gradient_step(2 * g, hyperparameters=[hyper(eta, "0.2")]).digest
