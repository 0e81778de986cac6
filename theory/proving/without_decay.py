"""Theorems on AdamW where lambda is 0: what they say of Adam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .same_names import own_letters
from .script import Proof
from .theorem import Theorem

DECAY = (
    "2*lambda0^2*theta(t, i)^2 + ",
    "8*lambda0^4*theta(t, i)^4 + ",
    "-lambda0*theta(t, i) ",
    "lambda0*theta(t, i) + ",
    " - eta*lambda*theta(t, i)",
)
"""How the theorems write the terms that vanish."""


def without_decay(formulas: Mapping[str, str]) -> dict[str, str]:
    """Formulas, less the terms with lambda and the hypothesis that defines lambda0."""
    return {name: _shorter(text) for name, text in formulas.items() if name != "decay_constant"}


def _shorter(formula: str) -> str:
    for words in DECAY:
        formula = formula.replace(words, "")
    return formula.replace("(- sqrt", "(-sqrt")


def variables_without_decay(theorem: Theorem) -> dict[str, str]:
    """The variables, less lambda and lambda0."""
    return {name: sort for name, sort in theorem.variables.items() if not name.startswith("lambda")}


def use_without_decay(proof: Proof, theorem: Theorem, claims: Mapping[str, str], places: Sequence[str]) -> None:
    """Claims about Adam, as those about AdamW with lambda = 0; `places` are the arguments of families."""
    proof.have("no_decay", "0 = 0/eta")
    values = {"lambda": "0", "lambda0": "0", **own_letters(variables_without_decay(theorem), places)}
    names = ["no_decay" if name == "decay_constant" else name for name in (*theorem.hypotheses, *theorem.cites)]
    for name, claim in claims.items():
        proof.lemma(name, claim, theorem.theorem, names, values)
