"""Emitted source, edited in one place at a time: mutants of the compiler rather than of the rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from driftproof.impl import toolchain
from driftproof.impl.backends import backend, cuda, names
from driftproof.impl.compiled import CompiledRule
from driftproof.impl.lower import lower
from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule

from .check import absent

STATEMENT = re.compile(r"\s+(?:const \w+ )?(\w+) = (?!.*\[)(.*)")
EDITS = (
    ("+ to -", r" \+ ", " - "),
    ("- to +", r" - ", " + "),
    ("* to /", r" \* ", " / "),
    ("/ to *", r" / ", " * "),
    ("1 to 2", r"\b1\b(?!\.\d*[1-9])", "2"),
    ("root dropped", r"(?:np\.|torch\.)?\bsqrt\((\w+)\)", r"(\1)"),
    ("fma's sum negated", r"fma\((\w+), (\w+), (\w+)\)", r"fma(\1, \2, -\3)"),
    ("fma's factors divided", r"fma\((\w+), (\w+), (\w+)\)", r"(\1 / \2 + \3)"),
    ("max to min", r"\bmax(imum)?\(", r"min\1("),
)


def edited(text: str) -> Iterator[tuple[str, str]]:
    """Every text with one operation or constant of one statement changed, and what was changed."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        match = STATEMENT.match(line)
        for what, old, new in EDITS if match else ():
            changed = re.sub(old, new, line, count=1)
            if match and changed != line:
                yield f"{match[1]}: {what}", "".join([*lines[:place], changed, *lines[place + 1 :]])


def targets() -> list[str]:
    return names()


def load(rule: UpdateRule, target: str, text: str = "") -> CompiledRule:
    """The rule on a backend in float64, from its own text or an edited one. cuda runs its very text on the host.

    raises: Refused where this machine lacks what the backend needs, or it cannot carry the rule.
    """
    chosen, program = backend(target), lower(rule, "float64")
    source = text or chosen.emit(program)
    load_text: Any = chosen.load
    if target == "cuda" and not _has_gpu():
        toolchain.compiler("c++")
        load_text = cuda.load_on_host
    compiled: CompiledRule = load_text(program, source)
    return compiled.bind(rule)


def emitted(rule: UpdateRule, target: str) -> str:
    return backend(target).emit(lower(rule, "float64"))


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def missing(target: str) -> str:
    """Why a target cannot run here, or ""."""
    if target in ("cpu", "cuda"):
        try:
            toolchain.compiler("c++" if target == "cuda" else "c")
        except Refused as refusal:
            return refusal.what
    return absent("torch") if target in ("torch", "cuda") else ""
