"""Optimizers of torch.optim beside the rules that they should follow: names, arguments, and runs.

torch is imported when something runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.combinators import compose, l2, reparametrise
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import symbol

from .scenario import Array, Scenario, flat

IMPLEMENTATIONS = ("for-loop", "foreach", "fused")
ARGUMENTS = {
    "eta": "lr",
    "mu": "momentum",
    "tau": "dampening",
    "eps": "eps",
    "delta": "lr_decay",
    "lambda": "weight_decay",
}
"""Our letter -> torch's keyword; the betas differ from class to class."""


@dataclass(frozen=True)
class Pairing:
    """A class of torch.optim with some options, and the rule it should follow.

    options: keywords that choose another rule (amsgrad=True).   decayed: with coupled (L2) weight decay.
    fixed: hyperparameters that torch holds at a number in this form.
    """

    name: str
    rule_text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    decayed: bool = False
    fixed: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        chosen = [key for key, value in self.options.items() if value] + ["weight_decay"] * self.decayed
        return " ".join([f"torch.optim.{self.name}", *chosen])

    @cached_property
    def rule(self) -> UpdateRule:
        rule = rule_of(self.rule_text)
        held = [reparametrise({symbol(k): v for k, v in self.fixed.items()})] if self.fixed else []
        around = [*held, *([l2()] if self.decayed else [])]
        return compose(rule.name, rule, around) if around else rule

    @property
    def implementations(self) -> tuple[str, ...]:
        """RMSprop has no fused form."""
        return IMPLEMENTATIONS[:2] if self.name == "RMSprop" else IMPLEMENTATIONS

    def arguments(self, letters: Mapping[str, float]) -> dict[str, Any]:
        """torch's keywords for hyperparameters given by letter; those that the rule does not use are left out."""
        names = {h.name for h in self.rule.hyperparameters}
        found: dict[str, Any] = {ARGUMENTS[k]: v for k, v in letters.items() if k in names and k in ARGUMENTS}
        if self.name in ("Adam", "AdamW"):
            found["betas"] = (letters["beta1"], letters["beta2"])
        elif self.name == "RMSprop":
            found["alpha"] = letters["beta2"]
        if self.name == "AdamW":
            found["weight_decay"] = letters["lambda"]
        return found


PAIRINGS = (
    Pairing("SGD", "sgd"),
    Pairing("SGD", "sgd", decayed=True),
    Pairing("SGD", "sgd@momentum=heavy_ball", {"momentum": True}, decayed=True),
    Pairing("SGD", "sgd@momentum=heavy_ball,nesterov=yes", {"momentum": True, "nesterov": True}, True, {"tau": 0}),
    Pairing("RMSprop", "rmsprop"),
    Pairing("RMSprop", "rmsprop@centered=yes", {"centered": True}),
    Pairing("RMSprop", "rmsprop@momentum=outside", {"momentum": True}, decayed=True),
    Pairing("RMSprop", "rmsprop@centered=yes,momentum=outside", {"centered": True, "momentum": True}, decayed=True),
    Pairing("Adagrad", "adagrad"),
    Pairing("Adagrad", "adagrad", decayed=True),
    Pairing("Adam", "adam"),
    Pairing("Adam", "adam", decayed=True),
    Pairing("Adam", "adam@amsgrad=raw", {"amsgrad": True}, decayed=True),
    Pairing("AdamW", "adamw"),
    Pairing("AdamW", "adamw@amsgrad=raw", {"amsgrad": True}),
)


def torch_run(pairing: Pairing, scenario: Scenario, implementation: str = "for-loop") -> Iterator[Array]:
    """theta after each step of the torch class, float64 on the CPU."""
    import torch

    parameters = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in scenario.start]
    optimizer = _optimizer(pairing, scenario, parameters, implementation)
    for gradients, settings in zip(scenario.gradients, scenario.settings, strict=True):
        for group, letters in zip(optimizer.param_groups, settings, strict=True):
            group.update(pairing.arguments(letters))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        yield flat([p.detach().numpy() for p in parameters])


def _optimizer(pairing: Pairing, scenario: Scenario, parameters: list[Any], implementation: str) -> Any:
    import torch

    how = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}[implementation]
    structural = {key: value for key, value in pairing.options.items() if key != "momentum"}
    groups = [
        {
            "params": [p for p, owner in zip(parameters, scenario.groups, strict=True) if owner == number],
            **pairing.arguments(letters),
        }
        for number, letters in enumerate(scenario.settings[0])
    ]
    defaults = {k: v for k, v in groups[0].items() if k != "params"}  # torch judges them before it reads the groups
    return getattr(torch.optim, pairing.name)(groups, **defaults, **structural, **how)
