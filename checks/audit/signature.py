"""Constructor signatures: which argument sets which letter of a rule."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftproof.theory.errors import DriftproofError, UnknownName, nearest
from driftproof.theory.rule import UpdateRule

from .words import OF_RULE, WORDS

REQUIRED = inspect.Parameter.empty
PLAUSIBLE = {
    "eta": (1e-6, 10.0),
    "eps": (1e-16, 1e-4),
    "beta1": (0.3, 0.9999),
    "beta2": (0.3, 0.99999),
    "mu": (0.3, 0.9999),
}
"""Defaults that a letter can have, for arguments whose names say nothing."""


@dataclass(frozen=True)
class Signature:
    """defaults: keyword -> default, REQUIRED where there is none.   words: letter -> argument, as the user says.

    fixed: keyword -> value in every run, as the user says.
    """

    defaults: Mapping[str, Any]
    words: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, maker: Callable[..., Any], skip: int) -> Signature:
        """Of a class or a function. skip: how many leading parameters are no hyperparameters (self, params)."""
        try:
            parameters = list(inspect.signature(maker).parameters.values())[skip:]
        except (TypeError, ValueError):  # a builtin, or a class without a readable signature
            parameters = []
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
        return cls({p.name: p.default for p in parameters if p.kind not in kinds})

    def overridden(self, words: Mapping[str, str], fixed: Mapping[str, Any]) -> Signature:
        """raises: UnknownName for an argument that the signature lacks."""
        for name in (*(bare(word) for word in words.values()), *fixed):
            if name not in self.defaults:
                raise UnknownName(f"The target takes no argument '{name}'.", "", nearest(name, self.defaults))
        return replace(self, words=dict(words), fixed=dict(fixed))

    @property
    def flags(self) -> tuple[str, ...]:
        """Arguments that are switched on and off."""
        return tuple(
            name for name, value in self.defaults.items() if isinstance(value, bool) and name not in self.fixed
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """Arguments that are numbers, or tuples of them; a momentum that is None by default is one too."""
        absent = {n for n, value in self.defaults.items() if value is None and n in WORDS["mu"]}
        return tuple(n for n, v in self.defaults.items() if (_numeric(v) or n in absent) and n not in self.fixed)

    def word(self, letter: str, rule_name: str = "", taken: Sequence[str] = ()) -> str:
        """The argument that sets a letter of a rule, "" if none does."""
        if letter in self.words:
            return self.words[letter]
        for word in (*OF_RULE.get(rule_name, {}).get(letter, ()), *WORDS.get(letter, ())):
            name = bare(word)
            if word.lstrip("-") in taken or name in self.fixed or name not in self.defaults:
                continue
            if self._fits(word, letter):
                return word
        return ""

    def _fits(self, word: str, letter: str) -> bool:
        default, place = self.defaults[bare(word)], place_of(word)
        if word.startswith("-") and isinstance(default, int | float) and default > 0:
            return False  # torch's beta2_decay is -0.8; one that is 0.8 is the power itself
        if place is None:
            return not isinstance(default, bool | str | tuple | list) or default is REQUIRED
        if isinstance(default, tuple | list):
            return place < len(default)
        return default is REQUIRED and bare(word) == "betas" and letter in ("beta1", "beta2")

    def letters(self, rule: UpdateRule) -> dict[str, str]:
        """letter -> argument, for the letters of a rule that the target can set; each argument once."""
        found: dict[str, str] = {}
        for letter in sorted((h.name for h in rule.hyperparameters), key=_first_eta):
            word = self.word(letter, rule.name, list(found.values()))
            if word:
                found[letter] = word
        return {**found, **self._left(rule, found)}

    def _left(self, rule: UpdateRule, found: Mapping[str, str]) -> dict[str, str]:
        """What is left on both sides, by elimination: the one number whose default can only be that letter."""
        named = {bare(word) for word in found.values()}
        numbers = [n for n in self.defaults if n not in named and n not in self.fixed]
        pairs: dict[str, str] = {}
        for letter in (h.name for h in rule.hyperparameters if h.name not in found and h.name in PLAUSIBLE):
            low, high = PLAUSIBLE[letter]
            fitting = [n for n in numbers if isinstance(d := self.defaults[n], float) and low <= d <= high]
            if len(fitting) == 1 and fitting[0] not in pairs.values():
                pairs[letter] = fitting[0]
        return pairs

    def decay(self, rule: UpdateRule) -> str:
        """The argument of weight decay, "" if there is none."""
        taken = [w for letter, w in self.letters(rule).items() if letter != "lambda"]
        return self.word("lambda", rule.name, taken)

    def keywords(self, words: Mapping[str, str], letters: Mapping[str, float]) -> dict[str, Any]:
        """Keywords of the constructor for hyperparameters given by letter, with what the user fixed."""
        found: dict[str, Any] = dict(self.fixed)
        for letter, word in words.items():
            value, name, place = letters[letter], bare(word), place_of(word)
            value = -value if word.startswith("-") else value
            if place is None:
                found[name] = value
                continue
            default = self.defaults[name]
            members = list(found.get(name, (0.9, 0.999) if default is REQUIRED else default))
            members[place] = value
            found[name] = tuple(members)
        return {**found, **{name: 0.1 for name in self._missing(found)}}

    def _missing(self, given: Mapping[str, Any]) -> list[str]:
        return [n for n, value in self.defaults.items() if value is REQUIRED and n not in given and n in WORDS["eta"]]

    def check_complete(self, given: Mapping[str, Any]) -> None:
        """raises: DriftproofError for a required argument without a value."""
        left = [n for n, value in self.defaults.items() if value is REQUIRED and n not in given]
        if left:
            raise DriftproofError(
                f"The target requires {', '.join(left)}, and no letter of the rule stands for it.",
                "Arguments are inferred by name.",
                f"Say what it is: --argument LETTER={left[0]}, or --set {left[0]}=VALUE.",
            )

    def values(self, words: Mapping[str, str], rule: UpdateRule) -> dict[str, float]:
        """The letters at the target's own defaults; at the rule's where the target has none."""
        found = {h.name: float(h.default) for h in rule.hyperparameters}
        for letter, word in words.items():
            default, place = self.defaults[bare(word)], place_of(word)
            if default is REQUIRED:
                continue
            number = default if place is None else default[place]
            if isinstance(number, int | float):
                found[letter] = -float(number) if word.startswith("-") else float(number)
        return found


def bare(word: str) -> str:
    """The keyword, without the place in its tuple and the sign."""
    return re.sub(r"\[\d+\]$", "", word.lstrip("-"))


def place_of(word: str) -> int | None:
    """The place in a tuple, None for a word that is a whole argument."""
    found = re.search(r"\[(\d+)\]$", word)
    return int(found[1]) if found else None


def _numeric(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return bool(value) and all(_numeric(v) for v in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first_eta(letter: str) -> tuple[int, str]:
    """The step size and the moments choose their arguments first."""
    order = ("eta", "beta1", "beta2", "beta3", "mu", "beta")
    return (order.index(letter) if letter in order else len(order), letter)
