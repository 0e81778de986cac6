"""The deep mode finds what takes a sequence, makes it short, and says nothing of right optimizers."""

import contextlib
import io

import numpy as np
import pytest

from driftproof.checks.audit.deep import drawn_findings, stateful_findings
from driftproof.checks.audit.identify import identify
from driftproof.checks.audit.mutated import subject_of
from driftproof.checks.audit.observe import Laboratory
from driftproof.checks.audit.probe import Audited, Skipped
from driftproof.checks.audit.session import Apart, Session
from driftproof.checks.audit.target import subject
from driftproof.checks.audit.variant import Variant

MUTANTS = "driftproof.checks.audit.hand_mutants_"
GOOD = "driftproof.checks.audit.hand_good:Good"


def audited(target, rule):
    laboratory, variant = Laboratory(subject(target)), Variant.of(rule)
    return Audited(laboratory, identify(laboratory, variant), variant)


def printed(script):
    """got and right of a script that was run."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(script, {})
    lines = zip(out.getvalue().splitlines(), ("got  ", "right"), strict=True)
    return [np.array(eval(line.removeprefix(word))) for line, word in lines]


SLOW = (pytest.param(f"torch.optim:{pair}", marks=pytest.mark.slow) for pair in ("SGD=sgd", "Rprop=rprop"))


@pytest.mark.parametrize("pair", [f"{GOOD}=adamw", *SLOW])
def test_right_optimizers_raise_nothing(pair):
    target, _, rule = pair.partition("=")
    found = audited(target, rule)
    assert [*drawn_findings(found), *stateful_findings(found)] == []


@pytest.mark.parametrize(
    ("name", "severity", "actions"),
    [
        ("counters:CounterAside", "error", {"step", "load"}),
        ("state:LoadForgetsCount", "error", {"step", "load"}),
        ("state:ListCached", "error", {"group", "load", "step"}),
        ("counters:CounterOfGroup", "warning", {"step"}),
        ("state:CopyLosesAttribute", "warning", {"copy", "step"}),
    ],
)
def test_a_sequence_is_found_and_made_short(name, severity, actions):
    (found,) = stateful_findings(audited(MUTANTS + name, "adamw"))
    assert (found.code, found.severity) == ("DP911", severity)
    said = found.message.partition("after ")[2].split(", ") if "after" in found.message else []
    assert len(said) <= 3 and set(said) <= actions
    assert found.counterexample.parameters <= 2 and found.counterexample.steps <= 2
    if said:
        got, right = printed(found.counterexample.script)
        assert got.shape == right.shape and not np.allclose(got, right, rtol=1e-9)


def test_hyperparameters_are_found_at_which_an_optimizer_is_wrong():
    """beta1 = 0 is taken for the default, as `beta1 or 0.9` does: loud hyperparameters do not come near."""
    variant = Variant("adamw")
    right = subject_of(variant.rule, variant.rule, "right")
    step = right.methods.step

    def by_default(params, grads, state, **keywords):
        return step(params, grads, state, **{**keywords, "beta1": keywords["beta1"] or 0.9})

    right.methods.step = by_default
    laboratory = Laboratory(right)
    (found,) = drawn_findings(Audited(laboratory, identify(laboratory, variant), variant))
    assert found.code == "DP910" and found.severity == "error"
    assert "beta1=0" in found.message and found.counterexample.steps <= 2


def test_the_same_seed_draws_the_same():
    found = audited(MUTANTS + "counters:CounterAside", "adamw")
    one, two = (list(stateful_findings(found)) for _ in range(2))
    assert one == two


def test_a_session_stops_where_the_rules_part():
    session = Session(audited(MUTANTS + "state:LoadForgetsCount", "adamw"), [np.array([0.7])], {})
    session.do(("step", [np.array([0.9])]))
    session.do(("load", {}))
    with pytest.raises(Apart, match="after step, load, step"):
        session.do(("step", [np.array([0.9])]))


@pytest.mark.slow
def test_a_rule_that_is_not_known_is_skipped():
    with pytest.raises(Skipped):
        list(drawn_findings(audited(MUTANTS + "rules:EpsScaled", "adamw")))
