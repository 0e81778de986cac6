"""What the mutants by hand are: the class, the letter of its defect, and where it should be seen.

The letters: A1 eps, A2 recurrence and correction, W weight decay, C counter, S state, G groups, F foreach, K kernel,
N NaN and infinities, E empty tensors, I ignored argument, P copies, O closure, M gradient changed, D not
deterministic. Each came up in a published implementation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

PLACES = ("rules", "counters", "state", "numbers")
"""Of hand_mutants_*.py; each has a table MUTANTS."""
PACKAGE = "driftproof.checks.audit"


@dataclass(frozen=True)
class HandMutant:
    """name: of the class.   letter: see above.   codes: one of its findings has one of these.

    severity: the least that this finding has.
    """

    name: str
    letter: str
    codes: tuple[str, ...]
    severity: str = "error"
    place: str = ""

    @property
    def target(self) -> str:
        return f"{PACKAGE}.hand_mutants_{self.place}:{self.name}"


def hand_mutants() -> Iterator[HandMutant]:
    """All of them. Loads torch."""
    for place in PLACES:
        for name, letter, codes, *severity in import_module(f"{PACKAGE}.hand_mutants_{place}").MUTANTS:
            yield HandMutant(name, letter, tuple(codes.split()), *severity, place=place)


def right_ones() -> Iterator[str]:
    """Targets in which nothing is wrong: one class, written in several ways."""
    for name in import_module(f"{PACKAGE}.hand_good").RIGHT:
        yield f"{PACKAGE}.hand_good:{name}"
