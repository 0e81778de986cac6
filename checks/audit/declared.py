"""Which rule a target claims to be: as the user says, or by the name of its class."""

from __future__ import annotations

import re

from driftproof.theory.catalogue import names

from .variant import Variant
from .words import AFFIXES, MEANT


def declared(title: str, rule: str = "") -> Variant | None:
    """The rule that the target should follow; None where neither the user nor the name says.

    title: of the class or function.   rule: a RULE string.   raises: as catalogue.rule.
    """
    if rule:
        return Variant.of(rule)
    name = claimed(title)
    return Variant(name) if name else None


def claimed(title: str) -> str:
    """The rule whose name the title is, but for words such as My or Fused; "" if it is none's.

    AdamP is not Adam: a part that is none of these words means another method.
    """
    known = {name.replace("_", ""): name for name in names()} | dict(MEANT)
    words = [w.lower() for w in re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+", title.rpartition(".")[2])]
    for length in range(len(words), 0, -1):
        for first in range(len(words) - length + 1):
            name = "".join(words[first : first + length])
            rest = words[:first] + words[first + length :]
            if name in known and all(w in AFFIXES or w.isdigit() for w in rest):
                return known[name]
    return known.get(_stripped("".join(words), known), "")


def _stripped(name: str, known: dict[str, str]) -> str:
    """The name without what stands before or after it, where words cannot be told apart: fusedadamw."""
    changed = True
    while name not in known and changed:
        changed = False
        for affix in sorted(AFFIXES, key=len, reverse=True):
            for shorter in (name.removeprefix(affix), name.removesuffix(affix)):
                if shorter and shorter != name and not changed:
                    name, changed = shorter, True
    return name
