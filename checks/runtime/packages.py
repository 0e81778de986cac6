"""Optimizers of published packages beside the rules that they should follow: one way to say which, and to run them.

The tables are packages_torch (classes for torch), packages_optax (functions of optax) and packages_apart (what is none
of our options). A package is imported when something runs.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import Any

from driftproof.theory.amend import amend
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.combinators import (
    cautious,
    clip_by_norm,
    clip_by_value,
    compose,
    decoupled_decay,
    l2,
    lookahead,
    reparametrise,
)
from driftproof.theory.convention import Convention, decay_orders
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import symbol

from .scenario import Scenario, Shapes, shapes_for

WORDS: Mapping[str, str] = {
    "eta": "lr",
    "mu": "momentum",
    "tau": "dampening",
    "beta": "momentum",
    "eps": "eps",
    "lambda": "weight_decay",
    "lambda2": "weight_decay",
    "final": "final_lr",
    "gamma": "gamma",
    "alpha": "alpha",
    "v0": "initial_accumulator",
}
"""Our letter -> the keyword, where a pairing names no other one."""
TUPLES = {"betas": ("beta", "beta1", "beta2", "beta3"), "nus": ("nu1", "nu2")}
"""Keyword -> the letters whose values it takes together, in this order, where a rule has two or more of them."""
LOUD_SHARED = {"every": 3.0, "share": 0.3}
"""Values of letters that all groups share, where the scenario has none."""
AROUND: Mapping[str, Callable[[], Any]] = {
    "decoupled": decoupled_decay,
    "cautious": cautious,
    "clip_by_norm": lambda: clip_by_norm(over="tensor"),
    "clip_by_value": clip_by_value,
    "lookahead": lookahead,
}
"""Combinators by name, as a pairing lists them; `l2` besides."""


@dataclass(frozen=True)
class Pairing:
    """An optimizer of a package with some options, and the rule it should follow.

    name: where it is imported from.   options: keywords that choose a rule.   around: names of combinators.
    fixed: hyperparameters that it holds at a number.   words: our letter -> its keyword or keywords.
    A keyword that starts with "-" takes the negative.   tuples: keyword -> letters whose values it takes together.
    shared: our letter -> keyword, for what all groups have in common.   with_eta: letters it scales as the step size.
    small: values for the group with tiny gradients, where those of the scenario would drown a hidden constant.
    outputs: outputs of the rule that are compared too.   forms: keywords of each of its code paths, by name.
    wrapper: a class around the optimizer, which takes the shared letters.   shapes: () for those that suit the rule.
    changed: what `amend` is given, where no option is what the package computes; apart: what that is, in words.
    late: `changed` is for the rule with the combinators around it.
    """

    name: str
    rule_text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    around: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    tuples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    with_eta: tuple[str, ...] = ()
    small: Mapping[str, float] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"": {}})
    wrapper: str = ""
    shapes: Shapes = ()
    apart: str = ""
    changed: Mapping[str, Any] = field(default_factory=dict)
    late: bool = False

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def label(self) -> str:
        chosen = [key if value is True else f"{key}={_shown(value)}" for key, value in self.options.items()]
        made = f"{self.wrapper.removeprefix('driftproof.checks.runtime.')}({self.name})" if self.wrapper else self.name
        return " ".join([made, *chosen, *(name for name in self.around if not self.wrapper or name == "l2")])

    @property
    def variant(self) -> str:
        return f"as {self.rule_text}{', but for one thing' if self.apart else ''}"

    @cached_property
    def declared(self) -> UpdateRule:
        """The declared rule with the combinators around it."""
        return self._composed(rule_of(self.rule_text))

    @cached_property
    def rule(self) -> UpdateRule:
        """What the package computes."""
        if not self.changed:
            return self.declared
        rule = self.declared if self.late else rule_of(self.rule_text)
        rule = amend(rule.name, rule, held=dict(rule.options), **self.changed)
        return rule if self.late else self._composed(rule)

    def _composed(self, rule: UpdateRule) -> UpdateRule:
        held = [reparametrise({symbol(k): v for k, v in self.fixed.items()})] if self.fixed else []
        taken = any(h.name == "lambda" for h in rule.hyperparameters)
        coupled = [l2(name="lambda2" if taken else "lambda")] if "l2" in self.around else []
        others = [AROUND[name]() for name in self.around if name != "l2"]
        axes: list[Convention] = [decay_orders()] if "decoupled" in self.around else []
        combinators = [*held, *coupled, *others]
        return compose(rule.name, rule, combinators, conventions=axes) if combinators else rule

    def adapted(self, scenario: Scenario) -> Scenario:
        """The scenario with hyperparameters as this package can have them; the step size grows half-way."""
        settings = [list(step) for step in reversed(scenario.settings)]
        first = settings[0]

        def settled(number: int, letters: Mapping[str, float]) -> dict[str, float]:
            small = self.small if number == len(first) - 1 else {}
            common = {letter: first[0].get(letter, LOUD_SHARED.get(letter, 0.0)) for letter in self.shared}
            grown = letters["eta"] / first[number]["eta"]
            scaled = {letter: letters[letter] * grown for letter in self.with_eta}
            return {**letters, **scaled, **small, **common}

        return replace(
            scenario, settings=tuple(tuple(settled(k, group) for k, group in enumerate(step)) for step in settings)
        )

    @property
    def sizes(self) -> Shapes:
        return self.shapes or shapes_for(self.rule)

    def arguments(self, letters: Mapping[str, float]) -> dict[str, Any]:
        """Keywords of one group, for hyperparameters given by letter."""
        names = [h.name for h in self.rule.hyperparameters if h.name not in self.shared]
        found: dict[str, Any] = {}
        for word, members in {**TUPLES, **self.tuples}.items():
            together = [letter for letter in members if letter in names and letter not in self.words]
            if len(together) > 1:
                found[word] = tuple(letters[letter] for letter in together)
                names = [letter for letter in names if letter not in together]
        for letter in names:
            words = self.words.get(letter, WORDS.get(letter, ()))
            for word in (words,) if isinstance(words, str) else words:
                found.update(_given(word, letters[letter]))
        return found

    def common(self, letters: Mapping[str, float]) -> dict[str, Any]:
        """Keywords that all groups share; a number of steps is an int."""
        found: dict[str, Any] = {}
        for letter, word in self.shared.items():
            found.update(_given(word, int(letters[letter]) if letter == "every" else letters[letter]))
        return found


def _given(word: str, value: Any) -> dict[str, Any]:
    return {word[1:]: -value} if word.startswith("-") else {word: value}


def _shown(value: Any) -> str:
    return getattr(value, "__name__", str(value))


def absent_package(pairing: Pairing) -> str:
    """How to get the package of a pairing, "" if it is there."""
    try:
        with quiet():
            import_module(pairing.package)
    except ImportError:
        extra = "optax" if pairing.package == "optax" else "peers"
        return f'{pairing.package} is not installed: pip install "driftproof[torch,{extra}]"'
    return ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the advertisements and the deprecation warnings of packages."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def imported(name: str) -> Any:
    """The object of that full name."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)
