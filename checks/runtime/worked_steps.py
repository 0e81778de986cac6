"""First steps of rules and options that torch lacks, worked by hand in rational numbers: all the cases.

Each case follows the paper's algorithm line by line; the working stands beside the numbers, family by family, in
worked_*.py.
"""

from __future__ import annotations

from driftproof.theory.catalogue import rule as declared
from driftproof.theory.combinators import compose
from driftproof.theory.rule import UpdateRule

from .worked_adam import CASES as ADAM
from .worked_averages import CASES as AVERAGES
from .worked_case import Case
from .worked_combinators import CASES as COMBINATORS
from .worked_combinators import COMPOSED
from .worked_moments import CASES as MOMENTS
from .worked_momo import CASES as MOMO
from .worked_radam import CASES as RADAM
from .worked_roots import CASES as ROOTS
from .worked_signs import CASES as SIGNS
from .worked_steps_of_adam import CASES as STEPS_OF_ADAM
from .worked_tensors import CASES as TENSORS

CASES: tuple[Case, ...] = (
    *ADAM,
    *MOMENTS,
    *STEPS_OF_ADAM,
    *RADAM,
    *ROOTS,
    *SIGNS,
    *AVERAGES,
    *TENSORS,
    *MOMO,
    *COMBINATORS,
)


def rule_of(text: str) -> UpdateRule:
    """The declared rule that a RULE string names, or one composed here of a rule and combinators."""
    if text not in COMPOSED:
        return declared(text)
    around, combinator = COMPOSED[text]
    return compose(text, declared(around), [combinator])
