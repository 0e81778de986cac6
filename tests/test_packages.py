"""The table of other people's packages: every pairing names a declared rule and variant, and something importable."""

import inspect
from contextlib import suppress

import pytest

from driftproof.checks import published_packages_equal_our_reference as published
from driftproof.checks.runtime.packages import WORDS, absent_package, imported, quiet
from driftproof.theory.catalogue import rule as rule_of

PAIRINGS = published.PAIRINGS
NAMED = [f"{pairing.label} {pairing.variant}" for pairing in PAIRINGS]


def test_no_pairing_stands_twice():
    assert len(set(NAMED)) == len(NAMED)


@pytest.mark.parametrize("pairing", PAIRINGS, ids=NAMED)
def test_every_pairing_names_a_declared_rule_and_variant(pairing):
    rule = rule_of(pairing.rule_text)
    assert rule.name == pairing.rule_text.split("@")[0] == pairing.declared.name
    assert bool(pairing.apart) == (pairing.rule.digest != pairing.declared.digest)


@pytest.mark.parametrize("pairing", PAIRINGS, ids=NAMED)
def test_no_hyperparameter_is_left_to_the_packages_default(pairing):
    letters = [h.name for h in pairing.rule.hyperparameters]
    together = [letter for members in pairing.tuples.values() for letter in members]
    plain = {*WORDS, *pairing.words, *pairing.shared, *together, "beta1", "beta2", "beta3", "nu1", "nu2"}
    assert set(letters) <= plain


@pytest.mark.parametrize("pairing", PAIRINGS, ids=NAMED)
def test_every_class_and_function_is_there_and_takes_the_keywords(pairing):
    if reason := absent_package(pairing):
        pytest.skip(reason)
    with quiet():
        made, wrapper = imported(pairing.name), imported(pairing.wrapper) if pairing.wrapper else None
    words = set(inspect.signature(made).parameters)
    letters = {h.name: 0.5 for h in pairing.rule.hyperparameters} | dict.fromkeys(pairing.shared, 3.0)
    given = {*pairing.arguments(letters), *pairing.options}
    common = set(pairing.common(letters))
    if wrapper:
        assert common <= set(inspect.signature(wrapper).parameters)
    with suppress(KeyError):
        words.remove("kwargs")
        given -= {"adam_debias", "cautious"}  # pytorch_optimizer takes these two by no name
    assert given | (set() if wrapper else common) <= words
