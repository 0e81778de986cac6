"""What torch calls things: classes and keywords of torch.optim -> RULE strings and letters. torch is not imported."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Expr

from driftproof.theory.errors import DriftproofError, NotReadable, OutOfDomain, UnknownName, nearest
from driftproof.theory.schedules import schedule

_COMMON = {"lr": "eta", "eps": "eps", "weight_decay": "lambda"}
_ADAM = {**_COMMON, "betas": ("beta1", "beta2")}
CLASSES: Mapping[str, Mapping[str, Any]] = {
    "Adam": _ADAM,
    "AdamW": _ADAM,
    "RMSprop": {**_COMMON, "alpha": "beta2", "momentum": "mu"},
    "Adagrad": {**_COMMON, "lr_decay": "delta", "initial_accumulator_value": "v0"},
}
"""Class -> torch's keyword -> our letter, or the letters of a pair."""
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "Adam": {"eta": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8", "lambda": "0"},
    "AdamW": {"eta": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8", "lambda": "0.01"},
    "RMSprop": {"eta": "0.01", "beta2": "0.99", "mu": "0", "eps": "1e-8", "lambda": "0"},
    "Adagrad": {"eta": "0.01", "eps": "1e-10", "delta": "0", "v0": "0", "lambda": "0"},
}
"""Those of torch, which a test holds to the ones installed."""
FLAGS = ("amsgrad", "maximize", "centered")
MAXIMIZED = "maximize: everything is about -f in place of f."
COUPLED = "weight_decay {}: it is part of the gradient, so everything is about f + weight_decay |theta|^2/2."


def letters_of(name: str, options: Mapping[str, Any]) -> dict[str, float]:
    """The hyperparameters of a group's options, by letter. raises: OutOfDomain where one is not finite."""
    found: dict[str, float] = {}
    for word, letters in CLASSES[name].items():
        pairs = zip(letters, options[word], strict=True) if isinstance(letters, tuple) else [(letters, options[word])]
        found |= {letter: float(value) for letter, value in pairs}
    for letter, value in found.items():
        if not math.isfinite(value):
            raise OutOfDomain(f"{letter} = {value} is not a finite number.", "Nothing is claimed about it.")
    return found


def rule_of_options(name: str, options: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The RULE string of a class with these options, and notes on what the string does not say."""
    decoupled = name == "AdamW" or bool(options.get("decoupled_weight_decay"))
    notes = [] if decoupled or not options.get("weight_decay") else [COUPLED.format(options["weight_decay"])]
    if name in ("Adam", "AdamW"):
        base = "adamw" if decoupled else "adam"
        return base + ("@amsgrad=raw" if options.get("amsgrad") else ""), notes
    if name == "RMSprop":
        chosen = ["centered=yes"] * bool(options.get("centered")) + ["momentum=outside"] * bool(options.get("momentum"))
        return "rmsprop" + ("@" + ",".join(chosen) if chosen else ""), notes
    return "adagrad", notes


def from_text(text: str, name: str = "Adam") -> tuple[str, dict[str, Expr], list[str]]:
    """lr=1e-3,betas=(0.9,0.999),eps=1e-8 as the RULE string, the hyperparameters by letter, and notes.

    Values are numbers or schedules in t and T (`theory.schedules`); also beta1=, beta2= alone. What is left out has
    torch's default. Nothing is executed.
    raises: NotReadable, NotExact or UnknownName, with the place.
    """
    if name not in CLASSES:
        raise UnknownName(f"torch.optim.{name} is not read.", "", nearest(name, CLASSES))
    values: dict[str, Expr] = {letter: schedule(value) for letter, value in DEFAULTS[name].items()}
    options: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in _pairs(text):
        if key in FLAGS:
            options[key] = _truth(key, value)
            continue
        for letter, part in _letters(name, key, value):
            if letter in seen:
                raise NotReadable(f"{letter} is given twice in {text[:60]!r}.", "", "Give it once.")
            seen.add(letter)
            values[letter] = schedule(part)
    options |= {"weight_decay": values["lambda"], "momentum": values.get("mu", 0)}
    asked, notes = rule_of_options(name, options)
    return asked, values, notes + [MAXIMIZED] * bool(options.get("maximize"))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """key=value, between commas that no bracket encloses."""
    for part in _split(text):
        key, equals, value = part.partition("=")
        if not equals or not value.strip():
            raise NotReadable(f"{part[:40]!r} is not key=value.", "", "Write lr=1e-3,betas=(0.9,0.999).")
        yield key.strip(), value.strip()


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    if depth != 0:
        raise NotReadable(f"Brackets do not match in {text[:60]!r}.", "", "Write lr=1e-3,betas=(0.9,0.999).")
    return parts


def _letters(name: str, key: str, value: str) -> list[tuple[str, str]]:
    """The letters that a keyword sets, with the text of each."""
    words = CLASSES[name]
    singles = {letter for letters in words.values() for letter in (letters if isinstance(letters, tuple) else ())}
    if key in singles:
        return [(key, value)]
    if key not in words:
        known = [*words, *sorted(singles), *FLAGS]
        raise UnknownName(f"torch.optim.{name} has no '{key}' that is read.", "", nearest(key, known))
    if not isinstance(words[key], tuple):
        return [(words[key], value)]
    inner = _split(value[1:-1]) if value[:1] + value[-1:] in ("()", "[]") else []
    if len(inner) != len(words[key]):
        raise NotReadable(f"{key}={value[:40]} is not a pair.", "", f"Write {key}=(0.9,0.999).")
    return list(zip(words[key], (part.strip() for part in inner), strict=True))


def _truth(key: str, value: str) -> bool:
    if value not in ("True", "False", "true", "false"):
        raise DriftproofError(f"{key}={value[:20]} is neither True nor False.", "", f"Write {key}=True.")
    return value in ("True", "true")
