"""Instances of theorems: the evaluator on formulas that are true and false, runs, and the models of all theorems."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftproof.checks import theorems_hold_on_compiled_code as instances
from driftproof.checks.runtime import near
from driftproof.checks.runtime.check import Context
from driftproof.checks.runtime.finite import Finite, Unknown, whole
from driftproof.checks.runtime.instances import built, judged
from driftproof.checks.runtime.near import Near, Unclear
from driftproof.checks.runtime.without_a_run import LEMMA, REASONS, WITHOUT
from driftproof.theory.errors import DriftproofError
from driftproof.theory.kernel.formulas import formula
from driftproof.theory.proving import corpus
from driftproof.theory.proving.instance import Drawn, Instance, Read, Recursion, Run, Table

NOISE = Instance(
    "two draws",
    {
        "z": Drawn(("2", "0", "-1")),
        "x": Recursion(("t",), "1", "x(t)/2 + z(t + 1)"),
        "a": Table(("1", "3")),
        "c": "E(z(1)^2)",
    },
    ("1/4", "1/4", "1/2"),
    draws=2,
)


@pytest.mark.parametrize(
    "text",
    [
        "c = 3/2",
        "forall X rand, t nat: past(X, t) => E(X*z(t + 1)) = 0",
        "forall X rand, t nat: past(X, t), X >= 0 => E(X*z(t + 1)^2) <= 3/2*E(X)",
        "forall t nat: past(x(t), t)",
        "forall t nat: x(t + 1) = x(t)/2 + z(t + 1)",
        "E(x(2)^2) = 1/16 + 1/4*c + c",
        "forall t nat: sum(i < 2, a(i)) = 4",
        "forall y real: sqrt(y)^2 <= abs(y)",
        "1/0 = 0",
        "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1",
        "pow(2, 1/2)^2 = 2",
    ],
)
def test_what_is_true_holds(text):
    assert built(NOISE).judged(formula(text)).holds


@pytest.mark.parametrize(
    "text",
    [
        "c = 3/2 + 1/1000000",
        "forall X rand, t nat: past(X, t + 1) => E(X*z(t + 1)) = 0",
        "forall X rand, t nat: past(X, t), X >= 0 => E(X*z(t + 1)^2) < 3/2*E(X)",
        "forall t nat: past(x(t + 1), t)",
        "forall X rand: E(X*x(2)) = E(X)*E(x(2))",
        "forall t nat: x(t) >= 0",
        "pow(2, 1/2)^2 = 2 + 1/1000000000",
        "forall y real: y^2 > 0",
        "1/0 /= 0",
    ],
)
def test_what_is_false_is_refuted_with_values(text):
    assert built(NOISE).judged(formula(text)).refuted


def test_nothing_is_judged_past_the_end_of_a_run():
    finite = built(NOISE)
    assert finite.judged(formula("forall t nat: z(t + 1) <= 2")).tried == 2
    found = finite.judged(formula("forall t nat: z(t + 3) = 17"))
    assert not found.tried and not found.holds and "never" in str(found)
    with pytest.raises(Unknown):
        finite.value(("name", "z", (("num", 3),)), {})


def test_an_error_that_is_too_large_to_tell_is_not_called_true():
    blurred = Finite({"x": lambda: Near(0.0, 0.1), "y": lambda: Near(-1e-12, 1e-12)})
    assert blurred.judged(formula("x = 1/20")).coarse and blurred.judged(formula("x <= 1/20")).coarse
    assert blurred.judged(formula("x = 1/5")).refuted and blurred.judged(formula("x <= 1/5")).holds
    assert blurred.judged(formula("y = 0")).holds and not blurred.judged(formula("y > 0")).holds
    assert blurred.judged(formula("1/y = 0")).coarse and not blurred.judged(formula("y /= 0")).holds


FLOATS = st.floats(-1e6, 1e6, allow_nan=False)


@settings(max_examples=60)
@given(FLOATS, FLOATS, st.fractions(max_denominator=10**6), st.sampled_from([0.0, 1e-9]))
@example(0.0, 1e-300, Fraction(1, 3), 1e-9)
def test_intervals_hold_what_fifty_digits_say(x, y, q, radius):
    with mpmath.workdps(50):
        a, b = near.around(x, radius), near.near(q)
        exact = [mpmath.mpf(x), mpmath.mpf(q.numerator) / q.denominator]
        pairs = [(a + b, exact[0] + exact[1]), (a * b, exact[0] * exact[1]), (-a, -exact[0])]
        pairs += [(near.absolute(a), abs(exact[0])), (near.sqrt(near.absolute(a)), mpmath.sqrt(abs(exact[0])))]
        pairs += [
            (near.larger(a, b), max(exact)),
            (near.smaller(a, b), min(exact)),
            (near.whole_power(a, 2), exact[0] ** 2),
        ]
        if abs(x) > 1e-6:
            pairs += [(near.inverse(a), 1 / exact[0]), (near.log(near.absolute(a)), mpmath.log(abs(exact[0])))]
        pairs.append((near.exp(near.near(Fraction(y) / 10**6)), mpmath.exp(mpmath.mpf(y) / 10**6)))
        for found, value in pairs:
            enclosed = near.near(found)
            assert enclosed.low <= value <= enclosed.high
            assert radius or enclosed.width <= 1e-14 * (abs(x) + abs(value) + 1)


def test_what_cannot_be_enclosed_is_said():
    around = Near(-1e-9, 1e-9)
    for function in (near.inverse, near.log):
        with pytest.raises(Unclear):
            function(around)
    with pytest.raises(Unclear):
        near.exp(Near(1e4, 1e4))


STEP = Run("adam", {"eta": "1/4"}, "t + 1 + i", ("1", "-2"), 2, {"theta": Read("theta"), "v": Read("v")}, torch="Adam")


@pytest.mark.parametrize("torch", [False, True])
def test_a_run_is_read_to_rounding_and_its_gradients_are_those_given(torch):
    if torch:
        pytest.importorskip("torch")
    finite = built(Instance("two steps", {"beta2": "999/1000"}, naturals={"": 3, "i": 2}, run=STEP), torch)
    assert (
        finite.judged(formula("forall t nat, i nat: v(t + 1, i) = beta2*v(t, i) + (1 - beta2)*(t + 1 + i)^2")).tried
        == 4
    )
    for said in ("v(t + 1, i) = beta2*v(t, i) + (1 - beta2)*(t + 1 + i)^2", "theta(t + 1, i) < theta(t, i)"):
        assert finite.judged(formula(f"forall t nat, i nat: {said}")).holds
    assert finite.judged(formula("forall i nat: v(0, i) = 0")).holds
    width = near.near(finite.value(("name", "theta", (("num", 2), ("num", 0))), {})).width
    assert 0 < width < 1e-11  # 1 - beta2 has a thousand times the relative error of beta2
    assert finite.value(("name", "theta", (("num", 0), ("num", 1))), {}) == -2


def test_instances_check_themselves():
    for wrong in (
        lambda: Instance("weights", {}, ("1/2",)),
        lambda: Instance("results", {"z": Drawn(("1",))}, ("1/2", "1/2"), 1),
        lambda: Instance("twice", {"theta": "1"}, run=STEP),
        lambda: Instance("name", {"E": "1"}),
        lambda: Run("sgd", {}, "1", ("1",), 1, {}),
        lambda: Run("sgd", {}, "1", ("1",), 1, {}, torch="SGD", why="both"),
        lambda: Run("sgd", {}, "1", (), 1, {}, torch="SGD"),
    ):
        with pytest.raises(DriftproofError):
            wrong()


def test_every_theorem_holds_in_the_model_of_its_certificate():
    found = instances._on_models(Context(instances.check))
    assert found.passed, found.detail


def test_the_opposite_of_a_claim_is_false_in_the_model():
    """Where its premises hold there, and both sides are no random numbers of which a model says nothing."""
    alive = []
    for name, theorem in corpus.theorems().items():
        known = {said.name: said.judged for said in instances.on_model(name) if said.kind == "claim"}
        model = built(instances.model_of(theorem), most=instances.FOR_MODELS)
        for claim, text in theorem.claims.items():
            if known[claim].tried and not model.judged(formula(instances.altered(text))).refuted:
                alive.append(f"{name}.{claim}")
    assert alive == []


def test_theorems_without_an_instance_are_known_with_the_reason():
    lacking = {name for name, theorem in corpus.theorems().items() if not theorem.instances}
    assert lacking == set(WITHOUT), "declare an instance, or say in without_a_run.py why there is none"
    assert set(WITHOUT.values()) == set(REASONS)


def test_a_step_of_a_proof_is_used_by_a_theorem_that_is_judged_on_a_run():
    used = set()
    for name, theorem in reversed(list(corpus.theorems().items())):
        if name in used or (theorem.instances and theorem.instances[0].run):
            used |= set(theorem.lemmas)
    assert {name for name, reason in WITHOUT.items() if reason == LEMMA} <= used


def test_instances_name_all_variables_and_whole_numbers_are_kept():
    assert whole(3) is whole(3)
    for name, theorem in corpus.theorems().items():
        for instance in theorem.instances:
            assert instances.lacking(theorem, instance) == [], name


def test_a_theorem_about_another_rule_is_refuted():
    theorem = corpus.theorems()["sgd_descends_on_average"]
    instance = theorem.instances[0]
    assert all(said.judged.holds for said in judged(theorem, built(instance)))
    assert any(said.judged.refuted for said in judged(theorem, built(instance, rule=instance.wrong[0])))


def planted(monkeypatch, name, **change):
    """The verdicts on the bounded steps of RMSprop with something changed."""
    theorem = replace(corpus.theorems()["rmsprop_steps_are_bounded"], **change)
    monkeypatch.setattr(corpus, "theorems", lambda: {name: theorem})
    return list(instances.run(Context(instances.check)))


def test_a_hypothesis_that_is_false_in_an_instance_fails_as_vacuous(monkeypatch):
    given = corpus.theorems()["rmsprop_steps_are_bounded"].instances[0]
    found = planted(monkeypatch, "planted_hypothesis", instances=[replace(given, values={**given.values, "eps": "0"})])
    assert found and all(
        v.verdict == "FAIL" and v.detail["wrong"].startswith("vacuous: hypothesis positive_eps") for v in found
    )


def test_a_claim_that_is_false_of_the_numbers_of_a_run_fails(monkeypatch):
    wrong = {"step": "forall t nat: abs(eta*g(t + 1)/(sqrt(v(t + 1)) + eps)) <= eta"}
    found = planted(monkeypatch, "planted_claim", claims=wrong)
    assert found and all(
        v.verdict == "FAIL" and v.detail["wrong"].startswith("claim step: false at t = 0") for v in found
    )


def test_a_name_without_a_value_fails(monkeypatch):
    given = corpus.theorems()["rmsprop_steps_are_bounded"].instances[0]
    values = {name: value for name, value in given.values.items() if name != "eps"}
    found = planted(monkeypatch, "planted_name", instances=[replace(given, values=values)])
    assert found and all(v.verdict == "FAIL" and "eps: no value" in v.detail["wrong"] for v in found)
