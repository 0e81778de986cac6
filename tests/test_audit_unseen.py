"""The auditor on optimizers that were written blind: what it identifies, what it misses, what it accuses falsely.

Both sets were written from the papers by people who had not seen the auditor. `unseen` was looked at while it was
built, `held_out` when it was done.
"""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest

from driftproof.checks.audit.core import audit_events

HERE = Path(__file__).parent
FEW = 14
"""Every so many-th optimizer is audited in the fast tests."""


@cache
def entries(folder):
    spec = importlib.util.spec_from_file_location(f"manifest_of_{folder}", HERE / folder / "manifest.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return tuple(e for e in module.UNSEEN if "transformations.py" not in e.target)  # those need optax


@cache
def audited(folder, entry):
    """(what it was identified as, whether exactly, severities of its findings)."""
    events = list(audit_events(f"{HERE / folder / entry.target}", entry.declared))
    identified = next(e for e in events if e["event"] == "identified")
    return identified["rule"], identified["exact"], {e["severity"] for e in events if e["event"] == "finding"}


def right(entry):
    return entry.kind in ("correct", "variant")


def score(folder, chosen):
    """Shares: of right ones that are identified, of defects that are missed; and the right ones with an error."""
    found = {entry: audited(folder, entry) for entry in chosen}
    named = [exact and rule == e.truth.partition("@")[0] for e, (rule, exact, _) in found.items() if right(e)]
    missed = [not {"warning", "error"} & seen for e, (_, _, seen) in found.items() if e.kind == "broken"]
    accused = [entry.target for entry, (_, _, seen) in found.items() if right(entry) and "error" in seen]
    return sum(named) / len(named), sum(missed) / len(missed), accused


@pytest.mark.parametrize("folder", ["unseen", "held_out"])
def test_a_sample_is_identified_and_no_defect_of_it_missed(folder):
    identified, missed, accused = score(folder, entries(folder)[::FEW])
    assert identified == 1 and missed == 0 and accused == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["unseen", "held_out"])
def test_nine_in_ten_are_identified_one_in_ten_missed_and_none_accused_falsely(folder):
    identified, missed, accused = score(folder, entries(folder))
    assert identified >= 0.9 and missed <= 0.1 and accused == []
