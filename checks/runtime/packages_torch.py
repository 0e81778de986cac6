"""Classes for torch from the authors' packages and from two collections, and the rules that they follow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sympy import Rational

from .packages import Pairing, imported, quiet
from .scenario import Array, Scenario, flat
from .torch_optim import in_float64

FOREACH: Mapping[str, Mapping[str, Any]] = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}}
L2, APART = ("l2",), ("decoupled",)
COUPLED: Mapping[str, Any] = {"weight_decouple": False}
DECOUPLED: Mapping[str, Any] = {"weight_decouple": True}
BARE = {"v0": 1e-13}
FIXED: Mapping[str, Any] = {"weight_decouple": True, "fixed_decay": True}


def _authors() -> Iterator[Pairing]:
    """Packages of the people who published the rule."""
    free = {"outputs": ("evaluation",), "forms": FOREACH}
    yield Pairing("schedulefree.SGDScheduleFree", "schedule_free_sgd@weights=largest", **free)
    yield Pairing("schedulefree.AdamWScheduleFree", "schedule_free_adamw@weights=largest", **free)
    yield Pairing("lion_pytorch.Lion", "lion")
    yield Pairing("madgrad.MADGRAD", "madgrad@offset=eps", around=L2)
    bounded = {"with_eta": ("final",), "around": L2}
    yield Pairing("adabound.AdaBound", "adabound", **bounded)
    yield Pairing("adabound.AdaBound", "adabound@amsgrad=raw", {"amsbound": True}, **bounded)
    yield Pairing("qhoptim.pyt.QHAdam", "qhadam", around=L2)
    yield Pairing("qhoptim.pyt.QHAdam", "qhadam", {"decouple_weight_decay": True}, APART)
    belief = {"rectify": False, "print_change_log": False}
    yield Pairing("adabelief_pytorch.AdaBelief", "adabelief", {**belief, "weight_decouple": True}, APART)
    yield Pairing("adabelief_pytorch.AdaBelief", "adabelief", {**belief, "weight_decouple": False}, L2)
    yield Pairing("adabelief_pytorch.AdaBelief", "adabelief@amsgrad=raw", {**belief, **COUPLED, "amsgrad": True}, L2)


def _torch_optimizer() -> Iterator[Pairing]:
    name = "torch_optimizer.{}".format
    yield Pairing(name("AdaBound"), "adabound", around=L2, with_eta=("final",))
    yield Pairing(name("AdaBound"), "adabound@amsgrad=raw", {"amsbound": True}, L2, with_eta=("final",))
    belief = {"rectify": False}
    yield Pairing(name("AdaBelief"), "adabelief", {**belief, **COUPLED}, L2)
    yield Pairing(name("AdaBelief"), "adabelief", {**belief, **DECOUPLED}, APART)
    yield Pairing(name("Yogi"), "yogi@m0=same", around=L2, small=BARE)
    yield Pairing(name("QHAdam"), "qhadam", around=L2)
    yield Pairing(name("QHAdam"), "qhadam", {"decouple_weight_decay": True}, APART)
    yield Pairing(name("RAdam"), "radam")
    yield Pairing(name("MADGRAD"), "madgrad@offset=eps", around=L2)
    yield Pairing(name("Lamb"), "lamb@correction=none,trust=clamped", shared={"c": "clamp_value"})
    yield Pairing(
        name("Adafactor"),
        "adafactor@damping=added,decay=step",
        fixed={"eta": Rational(1, 100)},
        tuples={"eps2": ("eps1", "eps2")},
        words={"c": "clip_threshold", "power": "-decay_rate"},
    )


def _pytorch_optimizer() -> Iterator[Pairing]:
    name = "pytorch_optimizer.{}".format
    both = {"forms": FOREACH}
    yield Pairing(name("Adan"), "adan", DECOUPLED, **both)
    yield Pairing(name("Adan"), "adan@decay=proximal", COUPLED, **both)
    yield Pairing(name("AdEMAMix"), "ademamix", DECOUPLED, **both)
    yield Pairing(name("AdEMAMix"), "ademamix@decay=independent", FIXED, **both)
    yield Pairing(name("AdEMAMix"), "ademamix", COUPLED, L2, {"lambda": 0}, **both)
    clipped, power = "adopt@clip=counted", {"power": Rational(1, 4)}
    yield Pairing(name("ADOPT"), clipped, DECOUPLED, fixed=power, **both)
    yield Pairing(name("ADOPT"), clipped, COUPLED, L2, {"lambda": 0, **power}, **both)
    yield Pairing(name("ADOPT"), "adopt@decay=independent", {**FIXED, "clip_lambda": None}, **both)
    yield Pairing(name("Lion"), "lion", DECOUPLED, **both)
    yield Pairing(name("Lion"), "lion@decay=independent", FIXED, **both)
    yield Pairing(name("Lion"), "lion", COUPLED, L2, {"lambda": 0}, **both)
    yield Pairing(name("Yogi"), "yogi@m0=same", DECOUPLED, APART, small=BARE, **both)
    yield Pairing(name("Yogi"), "yogi@m0=same", COUPLED, L2, small=BARE, **both)
    yield Pairing(name("AdaBelief"), "adabelief", DECOUPLED, APART, **both)
    yield Pairing(name("AdaBelief"), "adabelief", COUPLED, L2, **both)
    yield Pairing(name("AdaBelief"), "adabelief@amsgrad=raw", {**COUPLED, "ams_bound": True}, L2)
    yield Pairing(name("QHAdam"), "qhadam", DECOUPLED, APART, **both)
    yield Pairing(name("QHAdam"), "qhadam", COUPLED, L2, **both)
    yield Pairing(name("MADGRAD"), "madgrad@offset=eps", COUPLED, L2, **both)
    yield Pairing(name("SGDW"), "sgdw", DECOUPLED, **both)
    nesterov = {**DECOUPLED, "nesterov": True}
    yield Pairing(name("SGDW"), "sgdw@nesterov=yes", nesterov, fixed={"tau": 0}, **both)
    yield Pairing(name("SignSGD"), "signum", DECOUPLED, **both)
    yield Pairing(name("SignSGD"), "signsgd", {**COUPLED, "momentum": 0.0}, L2, **both)
    yield Pairing(name("RAdam"), "radam", {"degenerated_to_sgd": True}, **both)
    yield Pairing(name("RAdam"), "radam@unadapted=none,decay=rectified", {"degenerated_to_sgd": False}, **both)
    yield Pairing(name("AdaMax"), "adamax", COUPLED, L2, **both)
    yield Pairing(name("AdaMax"), "adamax", DECOUPLED, APART, **both)
    yield Pairing(
        name("AdaFactor"),
        "adafactor@damping=added,decay=step",
        {"betas": (None, 1.0 - 1e-12), "momentum_dtype": None},
        fixed={"eta": Rational(1, 100)},
        shared={"c": "clip_threshold", "power": "-decay_rate", "eps1": "eps1", "eps2": "eps2"},
        forms=FOREACH,
    )
    yield Pairing(name("ScheduleFreeSGD"), "schedule_free_sgd@weights=largest", outputs=("evaluation",), **both)
    slow = {"wrapper": name("Lookahead"), "shared": {"every": "k", "share": "alpha"}}
    yield Pairing(name("SGDW"), "sgd@momentum=heavy_ball", around=("lookahead",), **slow)
    yield Pairing(name("Lion"), "lion", around=("lookahead",), **slow)


PAIRINGS = (*_authors(), *_torch_optimizer(), *_pytorch_optimizer())


def class_run(pairing: Pairing, scenario: Scenario, form: str) -> Iterator[Array]:
    """theta, and the outputs of the pairing, after each step of a class for torch, in float64 on the CPU.

    scenario: one of the pairing's own.
    """
    import torch

    parameters = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in scenario.start]
    with quiet(), in_double():
        optimizer = _optimizer(pairing, scenario, parameters, pairing.forms[form])
    for gradients, settings in zip(scenario.gradients, scenario.settings, strict=True):
        for group, letters in zip(optimizer.param_groups, settings, strict=True):
            group["lr"] = pairing.arguments(letters).get("lr")  # what goes with it is left to the class
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        with quiet(), in_double():
            optimizer.step()
        kept = _evaluated(optimizer, parameters) if "evaluation" in pairing.outputs else []
        yield flat([a.detach().numpy() for a in (*parameters, *kept)])


def _evaluated(optimizer: Any, parameters: list[Any]) -> list[Any]:
    """The weights of .eval(); those of training are put back as they were, since the way there and back rounds."""
    before = [p.detach().clone() for p in parameters]
    optimizer.eval()
    found = [p.detach().clone() for p in parameters]
    optimizer.train()
    for parameter, value in zip(parameters, before, strict=True):
        parameter.data.copy_(value)
    return found


def _optimizer(pairing: Pairing, scenario: Scenario, parameters: list[Any], form: Mapping[str, Any]) -> Any:
    groups = [
        {
            "params": [p for p, owner in zip(parameters, scenario.groups, strict=True) if owner == number],
            **pairing.arguments(letters),
        }
        for number, letters in enumerate(scenario.settings[0])
    ]
    defaults = {k: v for k, v in groups[0].items() if k != "params"}  # constructors judge them before the groups
    common = pairing.common(scenario.settings[0][0])
    inner = {} if pairing.wrapper else common
    optimizer = imported(pairing.name)(groups, **defaults, **inner, **pairing.options, **form)
    if pairing.wrapper:
        optimizer = imported(pairing.wrapper)(optimizer, **common)
    if hasattr(optimizer, "train"):
        optimizer.train()
    return optimizer


@contextmanager
def in_double() -> Iterator[None]:
    """Code of packages with its internal roundings to lower precision taken out."""
    from unittest.mock import patch

    import torch

    with in_float64(), contextlib.ExitStack() as patches:
        for name in ("float", "half"):
            patches.enter_context(patch.object(torch.Tensor, name, lambda self: self.double()))
        for name in ("float32", "float16", "bfloat16", "half"):
            patches.enter_context(patch.object(torch, name, torch.float64))
        yield
