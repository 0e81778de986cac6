"""Forgeries: false theorems and malformed files, all rejected; without the guard that rejects one, it is accepted.

Every `require` of the kernel of proofs, and every call of a function for what it rejects, is deleted in turn, and
conditions beside them are weakened by hand. Then some forgery must pass, or the guard stands in a reviewed list with
the reason why nothing passes.
"""

import pytest
from forging.files import EQUATIONS
from forging.guards import CHANGED, GUARDS, NEUTRAL, held
from forging.kernels import KERNEL, accepted, loaded, weakened
from forging.steps import KNOWN, NEGATIVE, H
from forging.writing import FORGERIES, X, by_lemma, cases, have, same, theorem


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_rejected(name):
    with pytest.raises(KERNEL.untrusted.Rejected):
        FORGERIES[name](KERNEL)


def test_what_the_forgeries_are_made_of_is_accepted():
    assert theorem(KERNEL).statement.theorem == "forged"
    theorem(KERNEL, "x^2 >= 0", [have("s", "x^2 >= 0", [["1", ["x"], []]])], **X)
    theorem(
        KERNEL,
        "x >= 0",
        [by_lemma("s", "x >= 0", "h", c="x")],
        **H | {"given": {"h": "x >= 1"}, "model": {"x": "1"}},
        **KNOWN,
    )
    theorem(KERNEL, definitions={"rule": EQUATIONS | {"equations": [["h", "1 = 1"]]}})
    positive = [have("end", "Y^2 >= 0", ["case*case"])]
    theorem(KERNEL, "Y^2 >= 0", [cases("s", "Y^2 >= 0", "Y", positive, positive)], **NEGATIVE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deep", "why"),
    [
        ("(" * 2900 + "1" + ")" * 2900, "Recursion"),
        ("1" + "/1" * 2900, "Recursion"),
        ("9" + "^64" + ")^64" * 5, "bits"),
        ("max(" * 99 + "x" + ", y)" * 99, "characters"),
        ("sum(i < 8, " * 200 + "1" + ")" * 200, "Recursion"),
        ("".join(f"sum(i{a} < 8, {a}(i{a})*" for a in "abcdefgh") + "1" + ")" * 8, "terms"),
    ],
)
def test_hostile_terms_end_in_a_decision(deep, why):
    deep = "(" * (deep.count(")") - deep.count("(")) + deep
    variables = {"x": "real", "y": "real"} | dict.fromkeys("abcdefgh", "real(nat)")
    with pytest.raises(KERNEL.untrusted.Rejected, match=why):
        theorem(KERNEL, f"{deep} = 0", [same("s", f"{deep} = 0")], variables=variables)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_is_needed(guard):
    module, _, code = GUARDS[guard]
    kernel = loaded(module, code())
    passed = next((name for name in held(guard) if accepted(kernel, FORGERIES[name])), None)
    assert bool(passed) != (guard in NEUTRAL), f"passed: {passed}; rejected there: {held(guard)}"


@pytest.mark.parametrize(("module", "old", "new", "name"), CHANGED)
def test_a_condition_is_needed(module, old, new, name):
    assert accepted(weakened(module, old, new), FORGERIES[name])


def test_the_reviewed_list_speaks_of_guards_that_are_there():
    assert set(NEUTRAL) <= set(GUARDS)
