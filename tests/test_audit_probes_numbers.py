"""The probes about kernels, numbers and contracts: each sees its defect, its script shows it, and torch is as it is.

Over 400 lines, since the scripts import the defects from the module that the tests are in.
"""

import contextlib
import io
from functools import cache

import pytest

torch = pytest.importorskip("torch")

from driftproof.checks.audit.identify import identify  # noqa: E402
from driftproof.checks.audit.observe import Laboratory  # noqa: E402
from driftproof.checks.audit.probe import Audited, Skipped  # noqa: E402
from driftproof.checks.audit.probes import (  # noqa: E402
    closures,
    contracts,
    edges,
    encodings,
    kernels,
    layouts,
    nonfinite,
    numbers,
    siblings,
    surroundings,
    theory,
)
from driftproof.checks.audit.target import subject  # noqa: E402
from driftproof.checks.audit.torch_class import TorchSubject  # noqa: E402
from driftproof.checks.audit.variant import Variant  # noqa: E402

MOMENTUM = "sgd@momentum=heavy_ball"
MODULES = (siblings, kernels, layouts, numbers, nonfinite, edges, closures, contracts, surroundings, encodings, theory)
MINE = tuple(p for module in MODULES for p in module.PROBES)
CODES = {p.code: p for p in MINE}


class Momentum(torch.optim.Optimizer):
    """SGD with momentum. Each class below has one defect more."""

    def __init__(self, params, lr=0.1, momentum=0.5, foreach=False, fused=False, maximize=False):
        super().__init__(params, dict(lr=lr, momentum=momentum, foreach=foreach, fused=fused, maximize=maximize))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.move(p, -p.grad if group["maximize"] else p.grad, group)
        return loss

    def move(self, p, g, group):
        state = self.state[p]
        g = self.changed(p, g, group)
        if "buffer" not in state:
            state["buffer"] = g.clone()
        else:
            state["buffer"].mul_(group["momentum"]).add_(g)
        p.add_(state["buffer"], alpha=-group["lr"])

    def changed(self, p, g, group):
        return g


class ForeachDoubles(Momentum):
    def changed(self, p, g, group):
        return 2 * g if group["foreach"] else g


class MaximizeForgotten(Momentum):
    def changed(self, p, g, group):
        return -g if group["maximize"] else g


class ForeachRounds(Momentum):
    def changed(self, p, g, group):
        return g.bfloat16().float() if group["foreach"] and g.dtype == torch.float32 else g


class ForeachCrashes(Momentum):
    def changed(self, p, g, group):
        return g + group["buffers"] if group["foreach"] else g


class TornVector(Momentum):
    def changed(self, p, g, group):
        whole = g.numel() // 8 * 8
        return torch.cat([g.reshape(-1)[:whole], 0 * g.reshape(-1)[whole:]]).view_as(g) if whole else g


class HalfInside(Momentum):
    def changed(self, p, g, group):
        return g.bfloat16().float() if g.dtype == torch.float32 else g


class MemoryOrder(Momentum):
    def changed(self, p, g, group):
        return g.t().reshape(g.shape) if g.dim() == 2 and p.is_contiguous() and not g.is_contiguous() else g


class FirstRatio(Momentum):
    def changed(self, p, g, group):
        if "ratio" not in self.state[p]:
            self.state[p]["ratio"] = g / g
        return g * self.state[p]["ratio"]


class SquareRatio(Momentum):
    def changed(self, p, g, group):
        square = g * g
        return g * (square / square)


class AnyNanSkips(Momentum):
    def changed(self, p, g, group):
        return g if bool(torch.isfinite(g).all()) else 0 * torch.nan_to_num(g)


class NanEverywhere(Momentum):
    def changed(self, p, g, group):
        total = sum((q.grad * 0).sum() for one in self.param_groups for q in one["params"] if q.grad is not None)
        return g + (total if bool(total.isnan()) else 0)


class NormRatio(Momentum):
    def changed(self, p, g, group):
        return g * (p.abs().max() / p.abs().max()) if p.numel() else g


class ScalesForgotten(Momentum):
    _step_supports_amp_scaling = True


class Indexes(Momentum):
    def changed(self, p, g, group):
        return g + 0 * g[0]


class Largest(Momentum):
    def changed(self, p, g, group):
        return g + 0 * g.max()


class NeedsOne(Momentum):
    def step(self, closure=None):
        max(p.grad.abs().sum() for p in self.param_groups[0]["params"] if p.grad is not None)
        return super().step(closure)


class ByPlace(Momentum):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            moving = [p for p in group["params"] if p.grad is not None]
            buffers = group.setdefault("buffers", [])
            for k, p in enumerate(moving):
                if k == len(buffers):
                    buffers.append(torch.zeros_like(p))
                fitting = buffers[k] if buffers[k].shape == p.shape else torch.zeros_like(p)
                buffers[k] = group["momentum"] * fitting + p.grad
                p.add_(buffers[k], alpha=-group["lr"])


class FreezesBadly(Momentum):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            assert all(p.requires_grad for p in group["params"])
        return super().step(closure)


class SparseLargest(Momentum):
    def changed(self, p, g, group):
        if g.is_sparse:
            g.coalesce().values().max()
        return g.to_dense() if g.is_sparse else g


class TwoCalls(Momentum):
    def step(self, closure=None):
        if closure is not None:
            closure()
        return super().step(closure)


class NoGradCalls(Momentum):
    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else closure()
        super().step()
        return loss


class Silent(Momentum):
    def step(self, closure=None):
        super().step(closure)


class Stale(Momentum):
    @torch.no_grad()
    def step(self, closure=None):
        before = [None if p.grad is None else p.grad.clone() for p in self.param_groups[0]["params"]]
        if closure is None:
            return super().step()
        with torch.enable_grad():
            loss = closure()
        for p, g in zip(self.param_groups[0]["params"], before, strict=True):
            if g is not None:
                p.grad = g
        super().step()
        return loss


class InPlace(Momentum):
    def changed(self, p, g, group):
        return g.mul_(2).mul_(0.5).add_(0.0) if "buffer" in self.state[p] else g.mul_(1.0)

    def move(self, p, g, group):
        super().move(p, g, group)
        g.mul_(3.0)


class Holds(Momentum):
    def move(self, p, g, group):
        state = self.state[p]
        state["buffer"] = g if "buffer" not in state else state["buffer"] * group["momentum"] + g
        p.add_(state["buffer"], alpha=-group["lr"])


class Moves(Momentum):
    def move(self, p, g, group):
        super().move(p, g, group)
        p.data = p.data.clone()


class ModeMatters(Momentum):
    def step(self, closure=None):
        if not torch.is_grad_enabled():
            return None
        return super().step(closure)


class Forgets(Momentum):
    calls = 0

    def changed(self, p, g, group):
        type(self).calls += 1
        return g * (1 + 1e-12 * type(self).calls)


class Draws(Momentum):
    def changed(self, p, g, group):
        return g * (1 + 1e-12 * torch.rand(()).item())


class DefaultType(Momentum):
    def changed(self, p, g, group):
        return g * (torch.tensor(1 / 3) * 3.0).item() if torch.get_default_dtype() == torch.float64 else g * (1 + 1e-10)


class Sets(Momentum):
    def move(self, p, g, group):
        super().move(p, g, group)
        torch.manual_seed(0)


class Shared(Momentum):
    buffers: dict = {}  # noqa: RUF012

    def __init__(self, params, **keywords):
        super().__init__(params, **keywords)
        self.buffers.clear()
        self.number = 0

    def step(self, closure=None):
        self.number = 0
        return super().step(closure)

    def move(self, p, g, group):
        self.number += 1
        old = self.buffers.get((self.number, p.shape))
        new = g.clone() if old is None else group["momentum"] * old + g
        self.buffers[(self.number, p.shape)] = new
        p.add_(new, alpha=-group["lr"])


class Real(Momentum):
    def changed(self, p, g, group):
        return g.real + 0 * g if g.is_complex() else g


class Dense(Momentum):
    def changed(self, p, g, group):
        return g._values().sum() + 0 * g.to_dense() if g.is_sparse else g


class WholeTorn(torch.optim.Adafactor):
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and p.grad.shape[-1] > 16:
                    p.grad = torch.cat([p.grad[..., :16], 0 * p.grad[..., 16:]], -1)
        return super().step(closure)


class LaterAdam(torch.optim.Adam):
    def __init__(self, params, lr=0.1, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr=lr, betas=betas, eps=eps)
        self.count = 0

    def step(self, closure=None):
        self.count += 1
        if self.count == 40:
            for group in self.param_groups:
                group["lr"] *= 3
        return super().step(closure)


class Signs(Momentum):
    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr, momentum=0.0)

    def move(self, p, g, group):
        p.add_(torch.sign(g), alpha=-group["lr"])


class SoftSign(Signs):
    def move(self, p, g, group):
        p.add_(torch.where(g.abs() > 1e5, g / 1e5, torch.sign(g)), alpha=-group["lr"])


DEFECTS = [
    ("DP501", ForeachDoubles, MOMENTUM),
    ("DP502", MaximizeForgotten, MOMENTUM),
    ("DP503", ForeachDoubles, ""),
    ("DP504", ForeachRounds, MOMENTUM),
    ("DP505", ForeachCrashes, MOMENTUM),
    ("DP551", TornVector, MOMENTUM),
    ("DP552", WholeTorn, "adafactor"),
    ("DP553", HalfInside, MOMENTUM),
    ("DP554", MemoryOrder, MOMENTUM),
    ("DP601", FirstRatio, MOMENTUM),
    ("DP602", SquareRatio, ""),
    ("DP604", SquareRatio, ""),
    ("DP605", SquareRatio, ""),
    ("DP607", AnyNanSkips, MOMENTUM),
    ("DP608", NanEverywhere, MOMENTUM),
    ("DP609", NormRatio, MOMENTUM),
    ("DP610", ScalesForgotten, MOMENTUM),
    ("DP651", Indexes, MOMENTUM),
    ("DP652", Largest, MOMENTUM),
    ("DP653", NeedsOne, MOMENTUM),
    ("DP654", ByPlace, MOMENTUM),
    ("DP655", FreezesBadly, MOMENTUM),
    ("DP656", SparseLargest, MOMENTUM),
    ("DP701", TwoCalls, MOMENTUM),
    ("DP702", NoGradCalls, MOMENTUM),
    ("DP703", Silent, MOMENTUM),
    ("DP704", Stale, MOMENTUM),
    ("DP705", InPlace, ""),
    ("DP706", Holds, MOMENTUM),
    ("DP707", Moves, MOMENTUM),
    ("DP708", ModeMatters, MOMENTUM),
    ("DP721", Forgets, MOMENTUM),
    ("DP722", Draws, MOMENTUM),
    ("DP723", DefaultType, MOMENTUM),
    ("DP724", Sets, MOMENTUM),
    ("DP725", Shared, MOMENTUM),
    ("DP731", Real, MOMENTUM),
    ("DP732", Dense, MOMENTUM),
    ("DP801", LaterAdam, "adam"),
    ("DP802", SoftSign, "signsgd"),
]


@cache
def identified(rule):
    """Of an honest class of the rule: a defect that identification sees is no matter for a probe."""
    honest = {MOMENTUM: Momentum, "signsgd": Signs, "adam": torch.optim.Adam, "adafactor": torch.optim.Adafactor}
    found = identify(Laboratory(made(honest[rule])), Variant.of(rule))
    assert found.exact
    return found


def made(target):
    return TorchSubject(target, f"{__name__}:{target.__name__}", "", "", [f"from {__name__} import {target.__name__}"])


def audited(target, rule):
    """Without a rule it is looked at as one that is not known."""
    return Audited(Laboratory(made(target)), identified(rule) if rule else None)


@cache
def of_torch(target, rule):
    laboratory = Laboratory(subject(target))
    return Audited(laboratory, identify(laboratory, Variant.of(rule)))


def findings(of, probe):
    try:
        return list(probe.run(of))
    except Skipped:
        return []


def printed(script):
    """What the script says it got, and what is right."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        exec(compile(script, "script", "exec"), {})
    lines = stream.getvalue().splitlines()
    got = [line.removeprefix("got").strip() for line in lines if line.startswith("got")]
    right = [line.removeprefix("right").strip() for line in lines if line.startswith("right")]
    return got, right


def shows(found):
    """Whether its script runs and prints two different things, on few lines."""
    script = found.counterexample.script
    got, right = printed(script)
    return len(got) == len(right) == 1 and got != right and len(script.splitlines()) <= 20


@pytest.mark.parametrize(("code", "target", "rule"), DEFECTS, ids=[f"{c}-{t.__name__}" for c, t, _ in DEFECTS])
def test_a_probe_sees_its_defect_and_its_script_shows_it(code, target, rule):
    found = findings(audited(target, rule), CODES[code])
    assert found
    assert all(shows(f) for f in found)


@pytest.mark.parametrize("code", ["DP603", "DP606"])
def test_notes_about_torch_itself(code):
    found = findings(of_torch("torch.optim:Adamax", "adamax"), CODES[code])
    assert [f.severity for f in found] == ["note"] and all(f.also_in_torch and shows(f) for f in found)


def codes(of):
    return {f.code for probe in MINE for f in findings(of, probe)}


def test_a_sibling_that_is_off_is_one_finding():
    assert codes(audited(ForeachDoubles, MOMENTUM)) == {"DP501"}


def test_a_flag_that_is_off_in_every_form_is_one_finding():
    assert codes(audited(MaximizeForgotten, MOMENTUM)) == {"DP502"}


class SecondDoubles(Momentum):
    def changed(self, p, g, group):
        return 2 * g if p is not group["params"][0] else g


def test_where_several_tensors_are_off_already_probes_of_several_tensors_say_nothing():
    assert codes(audited(SecondDoubles, MOMENTUM)) == set()


class SinglesOnly(Momentum):
    def changed(self, p, g, group):
        return g.lerp(torch.ones_like(g, dtype=torch.float32), 0.5)


@pytest.mark.parametrize("rule", [MOMENTUM, ""])
def test_a_class_that_does_not_run_on_plain_tensors_is_skipped_and_not_accused(rule):
    of = audited(SinglesOnly, rule)
    for probe in MINE:
        if probe.code not in ("DP801", "DP802"):
            with pytest.raises(Skipped):
                list(probe.run(of))


def test_every_probe_is_tried_on_a_defect():
    assert {c for c, *_ in DEFECTS} | {"DP603", "DP606"} == set(CODES)


@pytest.fixture(scope="module")
def honest():
    return audited(Momentum, MOMENTUM)


@pytest.mark.parametrize("probe", MINE, ids=[p.check for p in MINE])
def test_an_honest_class_has_no_finding(honest, probe):
    assert findings(honest, probe) == []


KNOWN = {
    "torch.optim:SGD": (MOMENTUM, {"DP551 error", "DP554 error"}),
    "torch.optim:Adagrad": ("adagrad", {"DP554 error"}),
    "torch.optim:RMSprop": ("rmsprop", {"DP603 note", "DP606 note"}),
    "torch.optim:Rprop": ("rprop", set()),
    "torch.optim:Muon": ("muon", {"DP603 note"}),
    "torch.optim:Adafactor": ("adafactor", {"DP603 note", "DP604 note", "DP605 note", "DP606 note", "DP652 warning"}),
}
"""What is true of torch 2.13 on a CPU: errors are of the fused form alone."""


@pytest.mark.parametrize("target", KNOWN)
def test_findings_about_torch_are_those_known_to_be_true(target):
    rule, expected = KNOWN[target]
    found = [f for probe in MINE for f in findings(of_torch(target, rule), probe)]
    assert {f"{f.code} {f.severity}" for f in found} <= expected
    assert all("fused=True" in f.message for f in found if f.severity == "error")
    assert all(shows(f) for f in found if f.counterexample)
