"""What the kernel accepts is true in finite models, which know nothing of normal forms; and these find planted faults.

Statements and certificates are changed together, so that hashes fit and steps say the same other thing everywhere. Some
mutants are proofs still; each claim and each outermost step of those must hold in every model of the hypotheses.
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from functools import cache

import pytest
from finite import drawn, models, mutants, sampled
from forging.guards import CHANGED, GUARDS, NEUTRAL, held
from forging.kernels import KERNEL, loaded, weakened
from forging.writing import FORGERIES
from hypothesis import given
from hypothesis import strategies as st

from driftproof.theory.kernel.formulas import formula
from driftproof.theory.kernel.inferences import INFERENCES
from driftproof.theory.kernel.terms import term
from driftproof.theory.proving import corpus

STATEMENTS, CERTIFICATES = corpus.shipped("statements"), corpus.shipped("certificates")
SHORT = sorted(
    (name for name in CERTIFICATES if len(CERTIFICATES[name]) < 7200), key=lambda name: len(STATEMENTS[name])
)


@cache
def base(name):
    """The values of the model in a certificate."""
    found, plain = {}, models.Model([Fraction(1)], {})

    def family(parameters, body):
        return lambda *given: plain.value(body, dict(zip(parameters, map(Fraction, given), strict=True)))

    for letter, said in json.loads(CERTIFICATES[name])["model"]["values"].items():
        *parameters, body = said if isinstance(said, list) else [said]
        value = family(parameters, term(body))
        found[letter] = value if parameters else value()
    return found


def lemmas(kernel, name):
    """The statements that a certificate rests on, as they ship."""
    return {
        used: (kernel.replay.sha256(STATEMENTS[used]), kernel.replay.stated(STATEMENTS[used], {}).proved)
        for used in json.loads(CERTIFICATES[name])["lemmas"]
    }


def proved(kernel, name, mutant):
    """The statement and what the steps show, if they are accepted; the model may be one of the old statement only."""
    statement, certificate = mutant
    known = lemmas(kernel, name)
    try:
        kernel.replay.replay(certificate, statement, {}, known)
    except Exception as wrong:  # whatever a kernel with a fault raises
        if not str(wrong).startswith("the model does not show"):  # which is asked last
            return None
    said = kernel.replay.stated(statement, {})
    start = kernel.inferences.Scope.of(said.variables, said.given, {used: found for used, (_, found) in known.items()})
    facts = kernel.inferences.run(start, json.loads(certificate)["steps"]).facts
    return said, [*said.claims, *(fact.formula for fact in facts.values())]


def judged(name, said, claims, seed=0, enough=5, tries=25):
    return sampled.verdict(models, said.variables, tuple(said.given.values()), claims, seed, enough, tries, base(name))


# The theorems that ship


LONG = {  # minutes to evaluate
    "moments_of_shifted_noise",
    "corrected_steps_depend_smoothly_on_corrections",
    "products_of_moved_steps_are_near",
}


@pytest.mark.parametrize("names", [SHORT, pytest.param(sorted(set(CERTIFICATES) - LONG), marks=pytest.mark.slow)])
def test_theorems_that_ship_hold_in_models(names):
    """The hypotheses of a few are hard to meet by luck."""
    said = {name: KERNEL.replay.stated(STATEMENTS[name], corpus.shipped("definitions")) for name in names}
    found = {name: judged(name, one, one.claims, tries=100) for name, one in said.items()}
    assert {name: seen.false for name, seen in found.items() if seen.false} == {}
    assert sum(seen.models == 5 for seen in found.values()) > 0.85 * len(found)


# Statements and certificates that are changed together


@given(st.sampled_from(SHORT), st.sampled_from(sorted(mutants.CHANGES)), st.integers(0, 2**32))
@drawn.examples(100)
def test_what_is_accepted_of_a_mutant_is_true(name, change, seed):
    made = mutants.mutant(STATEMENTS[name], CERTIFICATES[name], mutants.CHANGES[change], random.Random(seed))
    if made and (accepted := proved(KERNEL, name, made)):
        assert not judged(name, *accepted, seed).false


def test_mutants_are_worth_it():
    made = accepted = met = 0
    for name in SHORT[:12]:
        for change in mutants.CHANGES.values():
            for seed in range(2):
                mutant = mutants.mutant(STATEMENTS[name], CERTIFICATES[name], change, random.Random(seed))
                found = proved(KERNEL, name, mutant) if mutant else None
                made, accepted = made + bool(mutant), accepted + bool(found)
                met += bool(found) and judged(name, *found).models > 0
    assert made > 90 and made - accepted > 40, "few are made, or few rejected"
    assert accepted > 15 and met > 0.9 * accepted, "few are accepted, or are about something"


MUTANTS = [
    ("inferences.prove: last.key(scope.sorts) == goal.key(scope.sorts)", "sgd_descends_on_average", "relation"),
    ("inferences.combination: not rest", "size_from_squares", "factor"),
    ("inferences.combination: relation != '>' or strict", "clipped_numbers_stay_near", "relation"),
    ("inferences._same: difference == value", "mean_square_of_a_damped_root", "sort"),
    ("inferences.lemma: said in claims or said.key(scope.sorts) in by_key", "size_from_squares", "relation"),
    (
        "inferences.instance: plain(said, said.conclusion.relation).key(normal) == bare.conclusion.key(normal)",
        "clipped_numbers_stay_near",
        "relation",
    ),
]


@pytest.mark.parametrize(("guard", "name", "change"), MUTANTS)
def test_mutants_find_a_guard_that_is_not_there(guard, name, change):
    module, _, code = GUARDS[guard]
    kernel = loaded(module, code())
    for seed in range(120):
        made = mutants.mutant(STATEMENTS[name], CERTIFICATES[name], mutants.CHANGES[change], random.Random(seed))
        if made and (accepted := proved(kernel, name, made)) and judged(name, *accepted, seed).false:
            assert proved(KERNEL, name, made) is None
            return
    pytest.fail("no mutant is accepted and false")


# Forgeries, which a kernel with a fault accepts


def verdict(kernel, name):
    """What the models say of a forgery; None if the kernel rejects it, or it is no theorem."""
    try:
        said = FORGERIES[name](kernel).statement
    except Exception:  # whatever a kernel with a fault raises
        return None
    claims = [formula(text) for _, text in said.data["claims"]]  # as a reader finds them in the file
    try:
        return sampled.verdict(models, said.variables, tuple(said.given.values()), claims, 1, 100, 200)
    except TypeError:  # a family where a number should stand
        return None


def planted():
    """Kernels without a guard, or with a condition that is too weak, and the forgeries that may pass there."""
    for guard, (module, _, code) in GUARDS.items():
        if guard not in NEUTRAL and module not in ("untrusted", "polynomial"):
            yield guard, loaded(module, code()), held(guard)
    for module, old, new, name in CHANGED:
        if module != "untrusted":
            yield f"{module}: {old}", weakened(module, old, new), [name]


def test_models_refute_what_a_kernel_with_a_fault_accepts():
    found, vacuous = set(), set()
    for fault, kernel, names in planted():
        for seen in filter(None, (verdict(kernel, name) for name in names)):
            if not seen.models:
                vacuous.add(fault)
            if seen.false:
                found.add(fault)
                break
    where = {fault.partition(":")[0] for fault in found}
    # Faults in induction, fixing and cases are the absence of what `prove`, `claim` and the fields of Scope ask.
    asked = {f"inferences.{name}" for name in INFERENCES} - {"inferences.fixing", "inferences.cases"}
    asked |= {f"inferences.{name}" for name in ("_product", "_values", "_same", "_known", "claim", "prove", "run")}
    asked |= {"terms.kind", "terms.substitute", "formulas.inside", "formulas.substituted", "replay._replay"}
    assert where >= asked | {"replay._named", "inferences", "polynomial", "terms", "formulas"}
    changed = {f"{module}: {old}" for module, old, *_ in CHANGED if module not in ("untrusted", "replay")}
    assert found >= changed
    # Hypotheses that contradict each other: the models do not refute what follows, but there are none.
    assert {fault.partition(":")[0] for fault in vacuous} == {"replay._replay", "replay._satisfied", "replay"}
