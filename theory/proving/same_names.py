"""Theorems used by others in which their variables and hypotheses have the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .script import Proof
from .theorem import Theorem


def own_letters(
    variables: Mapping[str, str], places: Sequence[str] = ("i", "j", "l", "k")
) -> dict[str, str | Sequence[str]]:
    """Each variable as its own value: x, and families [places, .., x(places, ..)]."""
    values: dict[str, str | Sequence[str]] = {}
    for name, sort in variables.items():
        used = list(places[: sort.count("nat")]) if "(" in sort else []
        values[name] = [*used, f"{name}({', '.join(used)})"] if used else name
    return values


def with_same_names(proof: Proof, theorem: Theorem, *claims: str) -> None:
    """Claims (all, if none is named) as facts where variables and hypotheses have the names that they have there."""
    values = own_letters(theorem.variables)
    for name in claims or theorem.claims:
        proof.lemma(name, theorem.claims[name], theorem.theorem, list(theorem.hypotheses), values)
