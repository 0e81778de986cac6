"""Terms of the kernel: what a text says, its sort, its names and substitution, against a direct evaluation."""

from __future__ import annotations

from fractions import Fraction

import pytest
from finite import drawn, models
from hypothesis import given
from hypothesis import strategies as st

from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.terms import Sort, kind, names, show, substitute, term
from driftproof.theory.kernel.untrusted import Rejected

SORTS = {name: Sort.of(sort) for name, sort in drawn.SORTS.items()}


def points():
    return drawn.models(models.Model)


@given(drawn.terms())
@drawn.examples(100)
def test_a_term_is_read_as_it_was_written(drawn_term):
    once = term(show(drawn_term))
    assert term(show(once)) == once
    assert show(term(show(once))) == show(once)


@given(drawn.terms(), points())
@drawn.examples(100)
@drawn.short(models.Undecided)
def test_what_is_written_has_the_value_of_the_term(drawn_term, model):
    assert model.value(term(show(drawn_term))) == model.value(drawn_term)


@given(st.text("xyEn01+-*/^(),<> ", max_size=12) | st.text(max_size=8))
@drawn.examples(100)
def test_a_text_is_rejected_or_written_the_same_way_twice(text):
    try:
        read = term(text)
    except Rejected:
        return
    assert term(show(read)) in (read, term(show(term(show(read)))))


@given(drawn.terms(), points())
@drawn.examples(100)
@drawn.short(models.Undecided)
def test_the_sort_of_a_term(drawn_term, model):
    found = kind(drawn_term, SORTS)
    values = [model.value(drawn_term, at=at) for at in model.outcomes]
    if found != "rand":
        assert len(set(values)) == 1
    if found == "nat":
        assert values[0] >= 0 and values[0].denominator == 1


@given(drawn.terms(), points(), points())
@drawn.examples(100)
@drawn.short(models.Undecided)
def test_a_term_depends_on_its_free_names_only(drawn_term, model, other):
    used = {name: value for name, value in model.values.items() if name in names(drawn_term)}
    if len(model.outcomes) == len(other.outcomes):
        mixed = models.Model(model.weights, other.values | used, model.draws, model.functions)
        assert mixed.value(drawn_term) == model.value(drawn_term)


@given(
    drawn.terms(depth=3), drawn.terms(depth=2), drawn.terms(("k",), 2), drawn.terms(("j", "k"), 2), drawn.naturals(),
    points(),
)  # fmt: skip
@drawn.examples(150)
@drawn.short(models.Undecided)
def test_substitution_is_evaluation_with_other_values(drawn_term, plain, one, two, natural, model):
    values = {"a": ((), plain), "X": ((), plain), "n": ((), natural), "x": (("k",), one), "y": (("j", "k"), two)}
    try:
        replaced = substitute(drawn_term, values)
    except Rejected as captured:
        assert "capture" in str(captured)
        return

    def of(body, *parameters):
        """What a term with parameters gives: at arguments, a number for each outcome."""
        return lambda *arguments: tuple(
            model.value(body, dict(zip(parameters, map(Fraction, arguments), strict=True)), at) for at in model.outcomes
        )

    meant = {"a": of(plain)(), "X": of(plain)(), "x": of(one, "k"), "y": of(two, "j", "k"), "n": model.value(natural)}
    for at in model.outcomes:
        assert model.value(replaced, at=at) == model.value(drawn_term, meant, at)


def test_names_that_are_bound_are_not_free():
    assert names(term("sum(i < i, x(i) + j)")) == {"i", "x", "j"}
    assert names(term("sum(i < n, x(i))")) == {"n", "x"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("forall i nat: x(i) >= 0", "forall j nat: x(j) >= 0", True),
        ("forall i nat, c real: x(i) >= c", "forall i nat, a real: a <= x(i)", True),
        ("forall i nat: sum(j < i, x(j)) = 0", "forall j nat: sum(i < j, x(i)) = 0", True),
        ("forall c real: c >= 0", "forall c nat: c >= 0", False),
        ("forall c real, d real: c >= d", "forall d real, c real: c >= d", False),
        ("forall c real, d nat: c >= d", "forall d nat, c real: c >= d", False),
        ("n >= 1 => n >= 0", "n >= 0", False),
        ("n >= 1 => n >= 0", "n >= 0 => n >= 1", False),
        ("n > 1", "n >= 1", False),
        ("n /= 1", "n = 1", False),
        ("past(X, n)", "past(X, n + 1)", False),
        ("past(X, n)", "past(Y, n)", False),
        ("past(X, n)", "X = n", False),
        ("(n + 1)^2 = 0", "n^2 + 2*n + 1 = 0", True),
        ("2*n >= 2", "n >= 1", False),
    ],
)
def test_when_two_formulas_say_the_same(one, other, same):
    assert (formula(one).key(SORTS) == formula(other).key(SORTS)) is same
    assert str(formula(one)) == one
