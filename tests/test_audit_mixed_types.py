"""The probe about parameters of several types in one optimizer."""

from pathlib import Path

import torch

from driftproof.checks.audit.identify import identify
from driftproof.checks.audit.observe import Laboratory
from driftproof.checks.audit.probe import Audited
from driftproof.checks.audit.probes.mixed import PROBES
from driftproof.checks.audit.target import subject
from driftproof.checks.audit.variant import Variant

HERE = Path(__file__)


class FirstTypeAdam(torch.optim.Adam):
    """Takes the type of the first tensor for all: half of the digits go where that is float32."""

    @torch.no_grad()
    def step(self, closure=None):
        first = self.param_groups[0]["params"][0].dtype
        for p in self.param_groups[0]["params"]:
            if p.grad is not None:
                p.grad = (p.grad * (0.5 if p.dtype != first else 1.0)).to(p.dtype)
        return super().step(closure)


def findings(target):
    laboratory = Laboratory(subject(target))
    audited = Audited(laboratory, identify(laboratory, Variant("adam")), Variant("adam"))
    return [found for probe in PROBES for found in probe.run(audited)]


def test_tensors_of_several_types_move_as_alone():
    assert findings("torch.optim:Adam") == []


def test_what_follows_from_the_first_type_is_found_by_a_script_that_shows_it():
    (found,) = findings(f"{HERE}:FirstTypeAdam")
    assert found.code == "DP507" and found.severity == "error" and "beside those of other types" in found.message
    assert "FirstTypeAdam" in found.counterexample.script
