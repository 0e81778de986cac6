"""Identification and verdicts of the audit: what each target is, and a script for what it is not."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from driftproof.checks.audit.core import audit_events
from driftproof.checks.audit.declared import claimed
from driftproof.checks.audit.identify import identify
from driftproof.checks.audit.observe import Laboratory
from driftproof.checks.audit.target import subject
from driftproof.checks.audit.variant import Variant
from driftproof.checks.runtime.torch_optim import PAIRINGS
from driftproof.theory.catalogue import rule
from driftproof.theory.errors import DriftproofError, UnknownName

CLASSES = Path(__file__).parent / "audited" / "classes.py"


def audit(name, rule_text="", **options):
    """(identified, verdict, findings by code) of a class, without probes."""
    events = list(audit_events(f"{CLASSES}:{name}", rule_text, select=["none"], **options))
    found = {e["code"]: e for e in events if e["event"] == "finding"}
    return next(e for e in events if e["event"] == "identified"), events[-1]["verdict"], found


def shows_difference(finding):
    """The script runs, and what it got is not what is right."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), mock.patch.object(sys, "path", [str(CLASSES.parent), *sys.path]):
        exec(finding["counterexample"]["script"], {})
    return differ(printed.getvalue())


def differ(printed):
    got, right = (line.partition(" ")[2].strip() for line in printed.splitlines())
    return got != right


@pytest.mark.parametrize("name", sorted({p.name for p in PAIRINGS}))
def test_torch_classes_are_the_rules_of_their_names(name):
    declared = Variant(rule(next(p.rule_text for p in PAIRINGS if p.name == name)).name)
    found = identify(Laboratory(subject(f"torch.optim:{name}")), declared)
    assert found.distance.exact and found.variant.name == declared.name and found.exact
    inexact = {"NAdam", "ASGD", "Muon"}  # scalars in float32, a product in bfloat16
    assert found.precise == (name not in inexact)
    assert all(o.distance.exact for o in found.options), found.options


def test_options_of_torch_adam_are_named():
    found = identify(Laboratory(subject("torch.optim:Adam")), Variant("adam"))
    named = {o.text: str(o.variant) for o in found.options}
    assert named["amsgrad=True"] == "adam@amsgrad=raw with L2 weight decay"
    assert named["decoupled_weight_decay=True"] == "adam with decoupled weight decay"


def test_a_correct_class_conforms():
    identified, verdict, found = audit("AdamW")
    assert (verdict, identified["text"], found) == ("conforms", "adamw", {})
    assert identified["arguments"]["lambda"] == "wd" and identified["in_steps"] == 0


def test_a_named_convention_is_a_variant_with_a_script_of_one_entry_and_one_step():
    identified, verdict, found = audit("MyAdamW")
    assert (verdict, identified["text"]) == ("variant", "adamw@eps=hat")
    shown = found["DP102"]["counterexample"]
    assert found["DP102"]["severity"] == "warning" and shows_difference(found["DP102"])
    assert (shown["parameters"], shown["entries"], shown["steps"]) == (1, 1, 1)
    assert len(shown["script"].splitlines()) <= 10


def test_a_script_runs_alone():
    script = audit("MyAdamW")[2]["DP102"]["counterexample"]["script"]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=CLASSES.parent)
    assert done.returncode == 0 and differ(done.stdout), done.stderr


def test_a_declared_convention_conforms():
    assert audit("MyAdamW", "adamw@eps=hat")[1] == "conforms"


@pytest.mark.parametrize("name", ["FusedAdamW", "Adam", "DoubleAdamW"])
def test_decay_that_contradicts_the_name_is_a_bug(name):
    _, verdict, found = audit(name)
    assert verdict == "bug" and found["DP110"]["severity"] == "error" and shows_difference(found["DP110"])


def test_the_one_changed_place_is_named_even_where_nothing_is_declared():
    identified, verdict, found = audit("Late")
    assert verdict == "bug" and "bias1: t +1" in identified["explanation"]
    assert shows_difference(found["DP101"])


def test_lower_precision_inside_is_a_note():
    identified, verdict, found = audit("FastAdamW")
    assert (verdict, identified["text"]) == ("precision", "adamw") and found["DP103"]["severity"] == "note"
    assert 0 < identified["in_steps"] < 1e-5


def test_a_cached_step_size_is_found_by_editing_it():
    _, verdict, found = audit("CachedAdamW")
    assert verdict == "bug" and shows_difference(found["DP106"])


def test_a_shared_counter_is_found_by_a_second_tensor():
    _, verdict, found = audit("SharedAdamW", "adamw")
    assert verdict == "bug" and shows_difference(found["DP107"])


def test_a_norm_of_zero_that_is_divided_by_is_found():
    _, verdict, found = audit("Unguarded", "lamb")
    assert verdict == "bug" and "not finite" in found["DP108"]["message"] and shows_difference(found["DP108"])


def test_what_equals_a_rule_on_one_tensor_alone_is_no_rule_unless_it_claims_so():
    _, verdict, found = audit("SharedAdamW")  # with one parameter MoMo-Adam is Adam too, while its loss is high
    assert verdict == "unknown" and found["DP104"]["severity"] != "error"


def test_targets_that_use_the_loss_are_held_to_rules_that_do():
    identified, verdict, found = audit("Polyak", str(CLASSES.with_name("polyak.py")))
    assert verdict == "conforms" and identified["exact"], found


def test_functional_targets_are_given_the_loss_where_their_step_takes_it():
    """With all probes: by this rule tensors act on each other, which is no finding."""
    ends = {}
    for name in ("NumpyMoMo", "Forgetful"):
        events = list(audit_events(f"{CLASSES.with_name('functional_momo.py')}:{name}", "momo"))
        findings = [e for e in events if e["event"] == "finding" and e["severity"] == "error"]
        ends[name] = events[-1]["verdict"], [e["code"] for e in findings]
        assert all(shows_difference(e) for e in findings if e.get("counterexample"))
    assert ends == {"NumpyMoMo": ("conforms", []), "Forgetful": ("bug", ["DP107"])}


def test_a_flag_that_makes_it_the_declared_rule_is_named():
    _, verdict, found = audit("Rectified", "adamw")
    assert verdict == "variant" and "with rectify=False" in found["DP113"]["message"]


def test_arguments_without_a_letter_are_named():
    assert "has no letter for drag" in audit("Rectified", "adamw")[2]["DP114"]["message"]


def test_what_is_no_rule_is_unknown_and_no_error():
    identified, verdict, found = audit("Nothing")
    assert verdict == "unknown" and not identified["exact"]
    assert set(found) == {"DP104"} and found["DP104"]["severity"] in ("note", "warning")


def test_what_is_declared_and_no_rule_is_a_bug():
    _, verdict, found = audit("Nothing", "adamw")
    assert verdict == "bug" and shows_difference(found["DP101"])


def test_a_target_that_fails_is_reported_with_its_error():
    _, verdict, found = audit("Failing", "adamw")
    assert verdict == "bug" and "no such kernel" in found["DP105"]["message"]
    assert audit("Failing")[1] == "unknown"  # it may need what an audit does not give it


def test_an_argument_that_no_letter_stands_for_can_be_what_is_in_the_way():
    identified, verdict, found = audit("TwiceDamped", "adamw")
    assert verdict == "variant" and identified["exact"] and "with eps_root=0.0" in found["DP113"]["message"]


def test_weight_decay_that_is_on_by_default_is_switched_off_to_tell_the_rule():
    identified, _, _ = audit("DecayingSGD", "sgd")
    assert identified["exact"] and identified["text"] == "sgd with L2 weight decay"  # decoupled is the same here


def test_an_argument_without_a_telling_name_is_read_by_elimination():
    identified, verdict, _ = audit("OddNames")
    assert (verdict, identified["text"], identified["arguments"]) == ("conforms", "sgd", {"eta": "pace"})


def test_functional_optimizers_are_identified():
    identified, verdict, _ = audit("Scaled", "sgd")
    assert verdict == "conforms" and identified["conventions"]["momentum"] == "inside"


def test_arguments_can_be_said():
    identified, _, _ = audit("OddNames", words={"eta": "pace"})
    assert identified["exact"]
    with pytest.raises(UnknownName, match="no argument 'pac'"):
        audit("OddNames", words={"eta": "pac"})


def test_a_required_argument_without_a_meaning_is_asked_for():
    with pytest.raises(DriftproofError, match="--set appetite=VALUE"):
        audit("Hungry")


@pytest.mark.parametrize("text", ["Adam", "torch.optim:Nothing", "no.such.module:A", f"{CLASSES}:Missing", "none.py:A"])
def test_targets_that_are_not_there_are_refused(text):
    with pytest.raises(DriftproofError):
        subject(text)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("MyAdamW", "adamw"),
        ("FusedLion", "lion"),
        ("RMSProp", "rmsprop"),
        ("fused_adamw", "adamw"),
        ("NAdamW", "nadam"),
        ("AdamWScheduleFree", "schedule_free_adamw"),
        ("SGDW", "sgdw"),
        ("AdamP", ""),
        ("DAdaptAdam", ""),
        ("OptimizerA", ""),
    ],
)
def test_names_claim_the_rule_that_they_are(title, name):
    assert claimed(title) == name


def probed(name, *select):
    """(findings, checks that were skipped, with the reason) of some probes."""
    events = list(audit_events(f"{CLASSES}:{name}", select=select))
    skipped = {e["check"]: e["reason"] for e in events if e["event"] == "skipped"}
    return [e for e in events if e["event"] == "finding" and e["check"] in select], skipped


def test_gradients_that_a_functional_step_changes_are_found():
    (found,), _ = probed("Halving", "handed-gradients-unchanged")
    assert found["severity"] == "warning" and shows_difference(found)
    assert probed("Scaled", "handed-gradients-unchanged") == ([], {})


def test_where_equal_runs_differ_no_other_cause_is_named():
    found, skipped = probed("Dithered", "independent-of-seeds", "memory-layouts", "grad-modes")
    assert [f["check"] for f in found] == ["independent-of-seeds"]
    assert all("two equal runs differ" in skipped[check] for check in ("memory-layouts", "grad-modes"))
