"""Probes of counters, state, groups and arguments: silent on torch's classes, and each one sees its defect."""

import sys
from functools import lru_cache
from pathlib import Path

import pytest

from driftproof.checks.audit.identify import identify
from driftproof.checks.audit.observe import Laboratory
from driftproof.checks.audit.probe import Audited, Probe, Skipped
from driftproof.checks.audit.probes import (
    arguments,
    counter_types,
    counters,
    edits,
    groups,
    sharing,
    state,
    together,
)
from driftproof.checks.audit.target import subject
from driftproof.checks.audit.telling import printed, tells
from driftproof.checks.audit.variant import Variant

torch = pytest.importorskip("torch")
MODULES = (counters, together, counter_types, state, sharing, groups, edits, arguments)
PROBES = {probe.code: probe for module in MODULES for probe in module.PROBES}

TORCH = {
    "SGD": "sgd",
    "Adam": "adam",
    "AdamW": "adamw",
    "RMSprop": "rmsprop",
    "Adagrad": "adagrad",
    "Adadelta": "adadelta",
    "Adamax": "adamax",
    "NAdam": "nadam",
    "RAdam": "radam",
    "Rprop": "rprop",
    "ASGD": "asgd",
    "Adafactor": "adafactor",
}
KNOWN_OF_TORCH = {("Adagrad", "DP401"), ("NAdam", "DP305")}
"""initial_accumulator_value is read from the constructor; mu_product is cast when it is loaded."""


@lru_cache(maxsize=64)
def audited(target: str, rule: str = "") -> Audited:
    """With an oracle where there is a rule; without, the target is compared with itself."""
    laboratory = Laboratory(subject(target))
    if not rule:
        return Audited(laboratory, None)
    declared = Variant.of(rule)
    return Audited(laboratory, identify(laboratory, declared), declared)


def found(probe: Probe, of: Audited):
    try:
        return list(probe.run(of))
    except Skipped:
        return []


@pytest.mark.parametrize("name", TORCH)
def test_torch_is_free_of_errors_and_of_warnings_but_two(name):
    of = audited(f"torch.optim:{name}", TORCH[name])
    seen = {(name, f.code) for probe in PROBES.values() for f in found(probe, of) if f.severity != "note"}
    assert seen <= KNOWN_OF_TORCH
    assert {pair for pair in KNOWN_OF_TORCH if pair[0] == name} <= seen


BROKEN = {
    "CountsTheGroup": ("DP203", "DP405"),
    "CountsOnSelf": ("DP201", "DP202", "DP204", "DP304", "DP308", "DP402"),
    "CountsByTwo": ("DP205",),
    "CountsInBfloat16": ("DP206",),
    "CountsInParametersType": ("DP206",),
    "CountsInFloat32": ("DP207",),
    "MovesWithoutGradient": ("DP201", "DP202", "DP204"),
    "RaisesWithoutGradient": ("DP201", "DP202", "DP204"),
    "PairsByPlace": ("DP201", "DP202"),
    "LosesItsBuffer": ("DP301",),
    "KeepsBetaOnSelf": ("DP302", "DP308", "DP401"),
    "KeepsAFunction": ("DP303",),
    "KeepsFloat32": ("DP305",),
    "KeepsTheGradient": ("DP306",),
    "KeepsAView": ("DP307",),
    "ReadsTheFirstGroup": ("DP401", "DP404"),
    "MakesStateInConstructor": ("DP402",),
    "ReadsTheDefaults": ("DP302", "DP401", "DP403"),
    "RefusesEmptyGroups": ("DP406",),
    "WritesLr": ("DP407",),
    "IgnoresWeightDecay": ("DP711",),
    "IgnoresMaximize": ("DP712",),
    "MaximizesDecayToo": ("DP712",),
    "ChangesTheRate": ("DP714",),
}
SOURCE = '''
import torch


class Base(torch.optim.Optimizer):
    """Momentum with an average that is corrected: right, and small."""

    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, **more):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, **more))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in self.present(group):
                self.one(p, p.grad, self.state[p], group)

    def present(self, group):
        return [p for p in group["params"] if p.grad is not None]

    def one(self, p, grad, s, group):
        if "m" not in s:
            s["m"], s["step"] = self.first(p), 0
        t = self.count(s, group)
        s["m"].mul_(group["momentum"]).add_(grad, alpha=1 - group["momentum"])
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.sub_(s["m"] / (1 - group["momentum"] ** t), alpha=group["lr"])

    def first(self, p):
        return torch.zeros_like(p)

    def count(self, s, group):
        s["step"] += 1
        return int(s["step"])


class CountsTheGroup(Base):
    def count(self, s, group):
        group["t"] = group.get("t", 0) + 1
        return group["t"]


class CountsOnSelf(Base):
    calls = 0

    def step(self, closure=None):
        self.calls += 1
        super().step()

    def count(self, s, group):
        return self.calls


class CountsByTwo(Base):
    def count(self, s, group):
        s["step"] += 2
        return s["step"] // 2


class CountsInBfloat16(Base):
    def count(self, s, group):
        s["step"] = torch.as_tensor(s["step"], dtype=torch.bfloat16) + 1
        return float(s["step"])


class CountsInParametersType(Base):
    def count(self, s, group):
        s["step"] = torch.as_tensor(s["step"], dtype=s["m"].dtype) + 1
        return float(s["step"])


class CountsInFloat32(Base):
    def count(self, s, group):
        s["step"] = torch.as_tensor(s["step"], dtype=torch.float32) + 1
        return float(s["step"])


class MovesWithoutGradient(Base):
    def present(self, group):
        for p in group["params"]:
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
        return group["params"]


class RaisesWithoutGradient(Base):
    def present(self, group):
        assert all(p.grad is not None for p in group["params"])
        return group["params"]


class PairsByPlace(Base):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p].setdefault("m", torch.zeros_like(p))
            live = self.present(group)
            for p, s in zip(live, [self.state[q] for q in group["params"]]):
                s["m"] = group["momentum"] * s["m"].flatten()[:1] + p.grad
                p.sub_(s["m"], alpha=group["lr"])


class LosesItsBuffer(Base):
    def state_dict(self):
        whole = super().state_dict()
        return {**whole, "state": {k: {"m": 0 * v["m"], "step": v["step"]} for k, v in whole["state"].items()}}


class KeepsBetaOnSelf(Base):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, lr)
        del self.defaults["momentum"], self.param_groups[0]["momentum"]
        for group in self.param_groups:
            group.pop("momentum", None)
        self.momentum = momentum

    def one(self, p, grad, s, group):
        super().one(p, grad, s, {**group, "momentum": self.momentum})


class KeepsAFunction(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, group)
        s["norm"] = torch.nn.Linear


class KeepsFloat32(Base):
    def one(self, p, grad, s, group):
        s.setdefault("scale", torch.tensor(1.0))
        s["scale"] = s["scale"] * 0.97
        super().one(p, grad * s["scale"], s, group)


class KeepsTheGradient(Base):
    def one(self, p, grad, s, group):
        s["last"], last = grad, s.get("last", grad)
        super().one(p, grad + 0.5 * last, s, group)


class KeepsAView(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, group)
        s["shadow"] = p.detach().view(-1)


class ReadsTheFirstGroup(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, {**group, "weight_decay": self.param_groups[0]["weight_decay"]})


class MakesStateInConstructor(Base):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        for group in self.param_groups:
            group["scale"] = 1.0

    def one(self, p, grad, s, group):
        super().one(p, grad * group["scale"], s, group)


class ReadsTheDefaults(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, {**group, "lr": self.defaults["lr"]})


class RefusesEmptyGroups(Base):
    def present(self, group):
        group["params"][0]
        return super().present(group)


class WritesLr(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, group)
        group["lr"] *= 0.9


class IgnoresWeightDecay(Base):
    def one(self, p, grad, s, group):
        super().one(p, grad, s, {**group, "weight_decay": 0.0})


class IgnoresMaximize(Base):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, maximize=False):
        super().__init__(params, lr, momentum, weight_decay, maximize=maximize)


class MaximizesDecayToo(IgnoresMaximize):
    def one(self, p, grad, s, group):
        sign = -1 if group["maximize"] else 1
        super().one(p, sign * (grad + group["weight_decay"] * p), s, {**group, "weight_decay": 0.0})


class ChangesTheRate(Base):
    def one(self, p, grad, s, group):
        if torch.is_tensor(group["lr"]):
            group["lr"].mul_(0.9)
        super().one(p, grad, s, group)
'''
MAY_LACK_A_SCRIPT = {"DP307"}
"""Two addresses are no numbers."""


@pytest.fixture(scope="module")
def broken_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("broken") / "broken_bookkeeping.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_the_right_one_is_seen_as_right(broken_file):
    of = audited(f"{broken_file}:Base")
    assert [f for probe in PROBES.values() for f in found(probe, of) if f.severity != "note"] == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_defect_is_seen_and_its_script_shows_it(name, broken_file):
    of = audited(f"{broken_file}:{name}")
    for code in BROKEN[name]:
        seen = found(PROBES[code], of)
        assert seen, f"{code} does not see {name}"
        for each in seen:
            assert each.code == code and each.check == PROBES[code].check
            if code in MAY_LACK_A_SCRIPT:
                continue
            assert each.counterexample is not None, f"{code} of {name} has no script"
            assert tells(each.counterexample.script, 0.0), each.counterexample.script


@pytest.mark.parametrize(("target", "code"), (("FixedRate", "DP403"), ("FixedRate", "DP401"), ("AlwaysDown", "DP712")))
def test_what_contradicts_a_known_rule_is_an_error(target, code):
    unseen = Path(__file__).parent / "unseen" / "bookkeeping.py"
    of = audited(f"{unseen}:{target}", "sgd")
    assert of.known
    assert [f.severity for f in found(PROBES[code], of)] == ["error"]


def test_every_probe_has_a_defect_that_it_sees():
    seen = {code for codes in BROKEN.values() for code in codes}
    assert set(PROBES) - seen <= {"DP309", "DP713"}, "without: classes that are no torch.optim.Optimizer; ranges"


def test_ranges_are_looked_at(broken_file):
    (note,) = found(PROBES["DP713"], audited(f"{broken_file}:Base"))
    assert "lr=-1.0" in note.message and note.severity == "note"
    assert printed(note.counterexample.script) == ("accepted", "refused")


def test_a_script_that_shows_nothing_is_no_counterexample():
    assert tells('print("got  ", [1.0])\nprint("right", [2.0])')
    assert not tells('print("got  ", [1.0])\nprint("right", [1.0])')
    assert not tells("raise ValueError")
    assert not tells('print("got  ", 1.0)')


def test_a_save_that_forgets_the_count_is_seen_without_torch():
    unseen = Path(__file__).parent / "unseen" / "functional.py"
    assert found(PROBES["DP301"], audited(f"{unseen}:NumpyAdamForgetful", "adam"))
    assert not found(PROBES["DP301"], audited(f"{unseen}:NumpyAdam", "adam"))


def test_torch_s_default_type_is_put_back():
    before = torch.get_default_dtype()
    with counter_types.default_type("bfloat16"):
        assert torch.get_default_dtype() is torch.bfloat16
    assert torch.get_default_dtype() is before
    assert "torch" in sys.modules
