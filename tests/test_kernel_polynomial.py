"""Normal forms of the kernel: a normal form has the value of its term, at random rational points of finite spaces."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from finite import drawn, models
from hypothesis import assume, given
from hypothesis import strategies as st

from driftproof.theory.kernel.polynomial import Normal, text
from driftproof.theory.kernel.terms import PAIRS, Sort, term
from driftproof.theory.kernel.untrusted import Rejected

SORTS = {name: Sort.of(sort) for name, sort in drawn.SORTS.items()}


def points():
    return drawn.models(models.Model)


def normal(given_term, linear=False):
    try:
        return Normal(SORTS, linear)(given_term)
    except Rejected as limit:
        assert "division by 0" in str(limit) or "power above" in str(limit) or "terms" in str(limit), limit
        assume(False)


def value(model, polynomial, inner, at):
    """The value of a normal form. `inner` are the values of indices."""
    return sum(
        (
            coefficient
            * math.prod((atom_value(model, atom, inner, at) ** power for atom, power in monomial), start=Fraction(1))
            for monomial, coefficient in polynomial.items()
        ),
        Fraction(0),
    )


def atom_value(model, atom, inner, at):
    if atom.over:
        bound = value(model, atom.parts[0], inner, at)
        return sum(
            (value(model, atom.parts[1], inner | {atom.over: Fraction(i)}, at) for i in range(int(bound))), Fraction(0)
        )
    if atom.head == "E":
        pairs = zip(model.outcomes, model.weights, strict=True)
        return sum((weight * value(model, atom.parts[0], inner, here) for here, weight in pairs), Fraction(0))
    parts = [value(model, part, inner, at) for part in atom.parts]
    if atom.head == "inv":
        return models.inverse(parts[0])
    if atom.head in model.functions:
        return model.functions[atom.head](parts[0])
    found = {**model.values, **inner}[atom.head]
    found = found(*map(int, parts)) if parts else found
    return found[at] if isinstance(found, tuple) else found


@pytest.mark.parametrize("linear", [False, True])
@given(drawn.terms(), points())
@drawn.examples(200)
@drawn.short(models.Undecided)
def test_a_normal_form_has_the_value_of_its_term(linear, drawn_term, model):
    polynomial = normal(drawn_term, linear)
    for at in model.outcomes:
        assert value(model, polynomial, {}, at) == model.value(drawn_term, at=at)


@given(st.lists(drawn.terms(depth=3), min_size=2, max_size=6))
@drawn.examples(100)
def test_atoms_of_one_text_are_one(several):
    seen = {}

    def visit(polynomial):
        for monomial in polynomial:
            for atom, _ in monomial:
                known = seen.setdefault(str(atom), atom)
                assert (known.head, known.over, known.kind, known.free, known.height) == (
                    atom.head,
                    atom.over,
                    atom.kind,
                    atom.free,
                    atom.height,
                )
                assert known.parts == atom.parts
                for part in atom.parts:
                    visit(part)

    for linear in (False, True):
        for one in several:
            visit(normal(one, linear))
        seen.clear()


@given(drawn.terms(depth=2), drawn.terms(depth=2))
@drawn.examples(100)
def test_the_text_of_a_normal_form_says_which_it_is(one, other):
    left, right = normal(one), normal(other)
    assert (text(left) == text(right)) == (left == right)


def renamed(given_term, scope=()):
    """The same term with other names of indices: the depth of a sum says what its index is called."""
    head = given_term[0]
    if head == "num":
        return given_term
    if head == "name":
        letter = dict(scope).get(given_term[1], given_term[1])
        return ("name", letter, tuple(renamed(part, scope) for part in given_term[2]))
    if head == "sum":
        _, index, bound, body = given_term
        inner = {**dict(scope), index: f"index{len(scope)}"}
        deeper = (*scope, (index, inner[index]))
        return ("sum", inner[index], renamed(bound, scope), renamed(body, deeper))
    return tuple(renamed(part, scope) if isinstance(part, tuple) else part for part in given_term)


@pytest.mark.parametrize("linear", [False, True])
@given(drawn.terms())
@drawn.examples(100)
def test_the_names_of_indices_do_not_matter(linear, drawn_term):
    assert normal(renamed(drawn_term), linear) == normal(drawn_term, linear)


@pytest.mark.parametrize("linear", [False, True])
@given(drawn.terms(depth=3), drawn.terms(depth=2), drawn.terms(depth=2))
@drawn.examples(80)
def test_laws_of_rings_hold(linear, one, two, three):
    def form(head, *parts):
        return normal((head, *parts), linear)

    assert form("+", one, two) == form("+", two, one)
    assert form("*", one, two, three) == form("*", three, ("*", two, one))
    assert form("*", one, ("+", two, three)) == form("+", ("*", one, two), ("*", one, three))
    assert form("+", one, ("neg", one)) == {}
    assert form("^", one, 2) == form("*", one, one)


@given(drawn.terms(depth=2), drawn.terms(depth=2), drawn.naturals())
@drawn.examples(80)
def test_means_and_sums_are_linear(one, two, bound):
    def form(given_term):
        return normal(given_term, True)

    both = ("+", one, ("*", ("num", 3), two))
    assert form(("E", both)) == form(("+", ("E", one), ("*", ("num", 3), ("E", two))))
    assert form(("sum", "i", bound, both)) == form(
        ("+", ("sum", "i", bound, one), ("*", ("num", 3), ("sum", "i", bound, two)))
    )
    assert form(("E", ("*", ("name", "a", ()), one))) == form(("*", ("name", "a", ()), ("E", one)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("E(sum(i < n, Z(i)*a))", "a*sum(j < n, E(Z(j)))"),
        ("sum(i < n + 2, x(i))", "sum(i < n, x(i)) + x(n) + x(n + 1)"),
        ("sum(i < 3, x(i))", "x(0) + x(1) + x(2)"),
        ("sum(i < 0, x(i))", "0"),
        ("sum(i < n + m, 1)", "n + m"),
        ("E(E(X)*Y)", "E(X)*E(Y)"),
        ("E(1)", "1"),
        ("1/(2*a*b^2)", "1/2*(1/a)*(1/b)^2"),
        ("sum(i < n, sum(j < m, y(i, j)*x(j)))", "sum(k < n, sum(i < m, x(i)*y(k, i)))"),
    ],
)
def test_what_the_linear_normal_form_knows(one, other):
    assert normal(term(one), True) == normal(term(other), True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("E(X*Y)", "E(X)*E(Y)"),
        ("E(X^2)", "E(X)^2"),
        ("E(X)", "X"),
        ("sum(i < n, sum(j < n, y(i, j)))", "sum(i < n, sum(j < n, y(j, j)))"),
        ("sum(i < n, sum(i < m, x(i)))", "sum(i < n, sum(j < m, x(i)))"),
        ("sum(i < 1, sum(i < 2, sum(j < 2, y(i, j))))", "sum(i < 1, sum(k < 2, sum(j < 2, y(j, j))))"),
        ("a/a", "1"),
        ("sqrt(a^2)", "a"),
        ("sqrt(a)^2", "a"),
        ("abs(a)", "a"),
        ("1/(a + b)", "1/a + 1/b"),
        ("exp(a + b)", "exp(a) + exp(b)"),
        ("Z(0)", "Z(1)"),
        ("y(n, m)", "y(m, n)"),
    ],
)
@pytest.mark.parametrize("linear", [False, True])
def test_what_differs_has_two_normal_forms(linear, one, other):
    assert normal(term(one), linear) != normal(term(other), linear)


def test_maxima_are_written_with_absolute_values():
    assert {"max", "min", "pow"} == set(PAIRS)
    assert normal(term("max(a, b) + min(a, b)")) == normal(term("a + b"))
    assert normal(term("max(a, b) - min(a, b)")) == normal(term("abs(a - b)"))
    assert normal(term("pow(a, b)")) == normal(term("exp(b*log(a))"))
