"""The self-test notices wrong optimizers and lets right ones be; and it notices when it would not."""

import pytest

from driftproof.checks.audit import mutated, selftest
from driftproof.checks.audit.hand_mutants import hand_mutants, right_ones
from driftproof.checks.audit.mutated import arguments_of, changes_of, judged_exact, misjudged, subject_of, survivors
from driftproof.checks.audit.observe import Laboratory
from driftproof.checks.audit.selftest import TORCH_DEFECTS, Part, SelfTest, alarms_of, noticed, of_torch
from driftproof.checks.audit.variant import Variant
from driftproof.theory.catalogue import names
from driftproof.theory.errors import UnknownName

torch = pytest.importorskip("torch")
HAND = {mutant.name: mutant for mutant in hand_mutants()}


@pytest.mark.parametrize("name", ["adamw", "adagrad", "yogi", "schedule_free_adamw", "lamb"])
def test_a_sample_of_the_changes_of_a_rule_is_noticed(name):
    changes = changes_of(Variant(name), share=4)
    assert len(changes.rules) > 5
    assert list(survivors(changes)) == []


def test_the_fast_tier_on_two_rules_kills_all_and_raises_nothing():
    heard = []
    found = selftest.selftest(progress=heard.append, rules=["sgd", "lion"])
    assert found.passed and found.killed == found.total > 1 and found.right >= 2
    assert {part.task for part in heard} == {"rule sgd", "rule lion"}
    assert found.as_json()["passed"] and f"{found.killed}/{found.total} wrong optimizers noticed" in found.text()


def test_two_processes_find_what_one_does():
    one, two = (selftest.selftest(jobs=jobs, rules=["sgd", "signsgd"]) for jobs in (1, 2))
    assert one == two


@pytest.mark.parametrize("name", names())
def test_arguments_that_stand_for_the_letters_are_found_again(name):
    rule = Variant(name).rule
    subject = subject_of(rule, rule, name)
    assert subject.signature.letters(rule) == arguments_of(rule)


@pytest.mark.parametrize("text", ["adam@eps=hat", "sgd@momentum=heavy_ball", "adafactor", "adan", "muon", "asgd"])
def test_an_unchanged_rule_is_seen_to_be_itself(text):
    assert not misjudged(Variant.of(text))


@pytest.mark.parametrize(
    "name",
    [
        *("EpsHat", "NoCorrection", "DecayCoupled", "MaximumNotStored", "CounterOfGroup", "CounterInBytes"),
        *("StateNotSaved", "FirstGroupOnly", "CopyLosesAttribute", "ClosureTwice", "ForeachOneCount"),
        *("EightsOnly", "StrideIgnored", "NanSpreads", "EmptyCrashes", "MaximizeIgnored", "GradientTurned"),
    ],
)
def test_a_defect_by_hand_is_noticed(name):
    assert noticed(HAND[name])


def test_every_letter_of_defects_has_a_mutant():
    assert {m.letter for m in HAND.values()} == {*"A1 A2 W C S G F K N E I P O M D".split()}
    assert len(HAND) > 55


@pytest.mark.parametrize("name", ["Good", "Products"])
def test_a_right_optimizer_raises_nothing(name):
    target = next(t for t in right_ones() if t.endswith(f":{name}"))
    assert list(alarms_of(target, "adamw")) == []


def fused_and_not(name, dtype, gradients, **given):
    """The parameters with and without fused=True, by torch alone."""
    for fused in (False, True):
        p = torch.nn.Parameter(torch.ones(gradients[0].shape, dtype=dtype))
        optimizer = getattr(torch.optim, name)([p], lr=0.5, fused=fused, **given)
        for g in gradients:
            p.grad = g.clone()
            optimizer.step()
        yield p.detach().double()


@pytest.mark.parametrize("name", TORCH_DEFECTS["DP554"][1])
def test_torch_itself_reads_a_transposed_gradient_as_if_it_was_not(name):
    g = torch.tensor([[1.0, 2.0], [-3.0, 4.0], [5.0, -6.0]], dtype=torch.float64)
    loop, fused = fused_and_not(name, torch.float64, [g.t().contiguous()])
    assert torch.allclose(loop, fused)
    p = torch.nn.Parameter(torch.ones(2, 3, dtype=torch.float64))
    p.grad = g.t()
    getattr(torch.optim, name)([p], lr=0.5, fused=True).step()
    assert (p.detach() - loop).abs().max() > 0.5


@pytest.mark.parametrize(("size", "largest"), [(15, 0.02), (16, None)])
def test_torch_itself_is_wrong_in_half_precision_from_16_entries_on(size, largest):
    gradients = [torch.linspace(-1, 2, size).bfloat16(), torch.linspace(3, -1, size).bfloat16()]
    loop, fused = fused_and_not("SGD", torch.bfloat16, gradients, momentum=0.5, dampening=0.25)
    gap = float((loop - fused).abs().max())
    assert gap < largest if largest else gap > 0.2


def test_torch_itself_takes_the_first_tensors_eps_for_all_in_adafactor():
    found = []
    for others in ([], [torch.nn.Parameter(torch.ones(3, dtype=torch.bfloat16))]):
        p = torch.nn.Parameter(torch.ones(3))
        for one in (*others, p):
            one.grad = torch.tensor([1e-3, 2e-3, -1e-2], dtype=one.dtype)
        torch.optim.Adafactor([*others, p], lr=0.1, foreach=False).step()
        found.append(p.detach())
    assert (found[0] - found[1]).abs().max() > 0.01


def test_a_defect_of_torch_is_no_false_alarm_and_others_are():
    found = {"code": "DP554", "message": "with fused=True, a parameter that is transposed"}
    assert of_torch("torch.optim:Adam", found)
    assert not of_torch("torch.optim:RMSprop", found)
    assert not of_torch("my.optim:Adam", found)
    assert not of_torch("torch.optim:Adam", {**found, "message": "with the for-loop, a parameter that is transposed"})


# Tests of the tester


def test_a_rule_that_is_not_changed_survives():
    variant = Variant("adam")
    found = mutated.Changes(variant, {"nothing at all": variant.rule}, 0)
    assert list(survivors(found)) == ["adam: nothing at all"]


def test_a_right_class_is_not_noticed_as_a_mutant():
    from driftproof.checks.audit.hand_mutants import HandMutant

    class AsIfWrong(HandMutant):
        @property
        def target(self):
            return "driftproof.checks.audit.hand_good:Good"

    assert not noticed(AsIfWrong("Good", "A1", ("DP101", "DP102", "DP110"), "warning"))


def test_another_rule_raises_an_alarm():
    assert list(alarms_of("torch.optim:Adam", "adamw"))


def test_changes_of_outputs_are_counted_apart():
    found = changes_of(Variant("schedule_free_sgd"))
    assert found.outputs > 5
    assert not any(what.startswith("evaluation") for what in found.rules)


def test_a_survivor_or_a_false_alarm_fails_the_self_test():
    parts = [Part("a", killed=2), Part("b", survivors=("x",))]
    found = selftest._joined("fast", parts, 1.0)
    assert (found.killed, found.total, found.passed) == (2, 3, False)
    assert "survived     x" in found.text()
    alarmed = SelfTest("fast", 1, 1, (), 1, ("y",), 0, (), 1.0)
    assert not alarmed.passed and "false alarm  y" in alarmed.text()
    assert not SelfTest("fast", 0, 0, (), 1, (), 0, (), 1.0).passed  # nothing was tried


def test_inputs_without_weight_decay_would_miss_its_mutants():
    """So that both runs are needed."""
    variant = Variant("adamw")
    rule = variant.having(decay="after").rule
    laboratory = Laboratory(subject_of(rule, variant.rule, "after"))
    assert not judged_exact(laboratory, variant)
    assert laboratory.distance(variant, mutated.plan_of(variant), {}, decay=False).exact


def test_unknown_tiers_and_rules_are_refused():
    with pytest.raises(UnknownName):
        selftest.selftest(tier="quick")
    with pytest.raises(UnknownName):
        selftest.selftest(rules=["adamm"])
