"""Optimizers of torch.optim beside the rules that they should follow: names, arguments, and runs.

torch is imported when something runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Rational

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.combinators import compose, l2, reparametrise
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import symbol

from .scenario import Array, Scenario, Shapes, flat, shapes_for

FORMS: Mapping[str, Mapping[str, bool]] = {
    "for-loop": {"foreach": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
}
FUSED = ("SGD", "Adagrad", "Adam", "AdamW")
"""The classes that have a fused form on the CPU."""
ARGUMENTS = {
    "eta": "lr",
    "mu": "momentum",
    "tau": "dampening",
    "eps": "eps",
    "delta": "lr_decay",
    "lambda": "weight_decay",
    "lambda2": "weight_decay",
    "psi": "momentum_decay",
    "beta": "rho",
    "begin": "t0",
    "power": "alpha",
    "c": "d",
}
"""Our letter -> torch's keyword, where the class has no other one."""
OTHER_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "ASGD": {"lambda": "lambd"},
    "RMSprop": {"beta2": "alpha"},
}
PAIRS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    **{name: {"betas": ("beta1", "beta2")} for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam")},
    "Rprop": {"etas": ("down", "up"), "step_sizes": ("low", "high")},
    "Adafactor": {"eps": ("eps1", "eps2")},
}
"""torch's keyword -> the two letters whose values it takes as a pair."""
OUT_OF_SCOPE = {
    "LBFGS": "It evaluates the loss several times a step along a search line; a rule sees each gradient once.",
    "SparseAdam": "It moves only entries whose gradient is stored, and which those are its values do not tell.",
}
"""Classes of torch.optim that no rule declares, and why."""


@dataclass(frozen=True)
class Pairing:
    """A class of torch.optim with some options, and the rule it should follow.

    options: keywords that choose another rule (amsgrad=True).   decayed: with coupled (L2) weight decay.
    fixed: hyperparameters that torch holds at a number in this form.
    outputs: output of the rule -> key of torch's state.
    """

    name: str
    rule_text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    decayed: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        chosen = [key if value is True else f"{key}={value}" for key, value in self.options.items() if value]
        return " ".join([f"torch.optim.{self.name}", *chosen, *["weight_decay"] * self.decayed])

    @cached_property
    def rule(self) -> UpdateRule:
        rule = rule_of(self.rule_text)
        held = [reparametrise({symbol(k): v for k, v in self.fixed.items()})] if self.fixed else []
        taken = any(h.name == "lambda" for h in rule.hyperparameters)
        around = [*held, *([l2(name="lambda2" if taken else "lambda")] if self.decayed else [])]
        return compose(rule.name, rule, around) if around else rule

    @cached_property
    def shapes(self) -> Shapes:
        return shapes_for(self.rule)

    @property
    def implementations(self) -> tuple[str, ...]:
        """The forms that torch has of the class on a CPU."""
        if self.name == "Muon":
            return ("for-loop",)
        return tuple(FORMS) if self.name in FUSED else ("for-loop", "foreach")

    def arguments(self, letters: Mapping[str, float]) -> dict[str, Any]:
        """torch's keywords for hyperparameters given by letter; those that the rule does not use are left out."""
        names = {h.name for h in self.rule.hyperparameters}
        words = {**ARGUMENTS, **OTHER_ARGUMENTS.get(self.name, {})}
        found: dict[str, Any] = {words[k]: letters[k] for k in names if k in words}
        for word, pair in PAIRS.get(self.name, {}).items():
            found[word] = tuple(letters[letter] for letter in pair)
        if self.name == "Adafactor":
            found["beta2_decay"] = -found.pop("alpha")
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
    Pairing("Adagrad", "adagrad", fixed={"v0": 0}),
    Pairing("Adagrad", "adagrad", {"initial_accumulator_value": 0.25}, True, {"v0": Rational(1, 4)}),
    Pairing("Adam", "adam"),
    Pairing("Adam", "adam", decayed=True),
    Pairing("Adam", "adam@amsgrad=raw", {"amsgrad": True}, decayed=True),
    Pairing("AdamW", "adamw"),
    Pairing("AdamW", "adamw@amsgrad=raw", {"amsgrad": True}),
    Pairing("Adadelta", "adadelta", decayed=True),
    Pairing("Adamax", "adamax", decayed=True),
    Pairing("NAdam", "nadam", {"decoupled_weight_decay": True}),
    Pairing("NAdam", "nadam", decayed=True, fixed={"lambda": 0}),
    Pairing("RAdam", "radam", {"decoupled_weight_decay": True}),
    Pairing("RAdam", "radam", decayed=True, fixed={"lambda": 0}),
    Pairing("Rprop", "rprop"),
    Pairing("ASGD", "asgd", decayed=True, outputs={"mean": "ax"}),
    Pairing("Adafactor", "adafactor"),
    Pairing("Muon", "muon"),
    Pairing("Muon", "muon@scale=match_rms", {"adjust_lr_fn": "match_rms_adamw"}),
    Pairing("Muon", "muon@nesterov=no", {"nesterov": False}),
)


def torch_run(
    pairing: Pairing,
    scenario: Scenario,
    implementation: str = "for-loop",
    dtype: str = "float64",
    maximize: bool = False,
) -> Iterator[Array]:
    """theta, and the outputs of the pairing, after each step of the torch class on the CPU."""
    import torch

    kind = getattr(torch, dtype)
    parameters = [torch.tensor(a, dtype=kind, requires_grad=True) for a in scenario.start]
    optimizer = _optimizer(pairing, scenario, parameters, implementation, maximize)
    for gradients, settings in zip(scenario.gradients, scenario.settings, strict=True):
        for group, letters in zip(optimizer.param_groups, settings, strict=True):
            group.update(pairing.arguments(letters))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient, dtype=kind)
        with in_float64():
            optimizer.step()
        kept = [optimizer.state[p][key] for key in pairing.outputs.values() for p in parameters]
        yield flat([a.detach().numpy() for a in (*parameters, *kept)])


@contextmanager
def in_float64() -> Iterator[None]:
    """torch's own code with its internal roundings taken out.

    NAdam and ASGD keep scalars in torch's default type, and Muon rounds to bfloat16 before it iterates.
    """
    from unittest.mock import patch

    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with patch.object(torch.Tensor, "bfloat16", lambda self: self.clone()):
            yield
    finally:
        torch.set_default_dtype(before)


def _optimizer(
    pairing: Pairing, scenario: Scenario, parameters: list[Any], implementation: str, maximize: bool
) -> Any:
    import torch

    how = {} if pairing.name == "Muon" else {**FORMS[implementation], "maximize": maximize}
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
