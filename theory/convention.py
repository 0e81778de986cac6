"""`Convention`: an independent axis on which published implementations of one rule differ. No SymPy here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import RuleError, UnknownName, nearest

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True)
class Convention:
    """One axis: its name, what each option means (the first option is the default).

    Write `eps = Convention("eps", {"outside": "after the root (paper)", "inside": "under the root"})`
    and use it in an equation as `choose("eps", outside=..., inside=...)`.
    """

    name: str
    options: Mapping[str, str]

    def __post_init__(self) -> None:
        for word in (self.name, *self.options):
            if not IDENTIFIER.match(word):
                raise RuleError(
                    f"Convention '{self.name}': '{word}' is not a lower-case identifier.",
                    "Axis and option names are typed on the command line as @axis=option.",
                    "Use letters, digits and underscores, starting with a letter.",
                )
        if len(self.options) < 2:
            raise RuleError(
                f"Convention '{self.name}' has {len(self.options)} option(s).",
                "An axis on which nothing differs is not a convention.",
                "Give at least two options, or remove the axis.",
            )

    @property
    def default(self) -> str:
        return next(iter(self.options))

    def check(self, option: str) -> str:
        if option not in self.options:
            raise UnknownName(
                f"Convention '{self.name}' has no option '{option}'.",
                "Options: " + ", ".join(self.options) + ".",
                nearest(option, self.options),
            )
        return option


DECAY_ORDERS = Convention(
    "decay",
    {
        "before": "theta shrinks by 1 - eta*lambda before the step (paper and torch: the old theta is decayed)",
        "after": "the stepped theta shrinks by 1 - eta*lambda (early Hugging Face AdamW)",
        "independent": "theta shrinks by 1 - lambda, whatever the step size",
        "proximal": "the stepped theta is divided by 1 + eta*lambda",
    },
)


def decay_orders(**more: str) -> Convention:
    """DECAY_ORDERS with further options, and what they mean."""
    return Convention(DECAY_ORDERS.name, {**DECAY_ORDERS.options, **more})


def amended_conventions(
    rule: str,
    present: Iterable[Convention],
    others: Iterable[Convention],
    held: Mapping[str, str],
    defaults: Mapping[str, str],
) -> tuple[Convention, ...]:
    """The conventions without those held at an option, with other defaults, and others replaced by name or added.

    raises: UnknownName for an axis or an option that is not there.
    """
    table = {c.name: c for c in present}
    for axis, option in {**held, **defaults}.items():
        if axis not in table:
            raise UnknownName(f"amend('{rule}'): the rule has no convention '{axis}'.", "", nearest(axis, table))
        table[axis].check(option)
    for axis, option in defaults.items():
        meanings = dict(table[axis].options)
        table[axis] = Convention(axis, {option: meanings.pop(option), **meanings})
    table.update({c.name: c for c in others})
    return tuple(c for name, c in table.items() if name not in held)
