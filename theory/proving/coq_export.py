"""Replayed certificates as one Coq file each: the statement in Coq's own terms, and a proof that Coq's kernel checks.

Equations of definitions, hypotheses and citations are premises of the exported theorem; nothing is an axiom.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..kernel.formulas import Formula
from ..kernel.inferences import Proved, Scope
from ..kernel.replay import Statement
from . import coq_terms as coq
from .coq_equal import Fresh
from .coq_steps import Writer

HEAD = """(* {title}. Written by driftproof from the certificate of {theorem}; edit neither. *)
Require Import Reals Lra Lia.
Require Import Library.
{lemmas}Open Scope R_scope.

"""


def exported(said: Statement, certificate: str, theorems: Mapping[str, Proved]) -> str:
    """The Coq file of a theorem whose certificate was accepted."""
    data = json.loads(certificate)
    writer = Writer(Scope.of(said.variables, said.given, theorems), Fresh())
    after, steps = writer.steps(data["steps"])
    lemmas = "".join(f"Require Import {name}.\n" for name in data["lemmas"])
    title = str(said.data["title"]).replace("*)", "* )").replace("(*", "( *").replace('"', "'")
    lines = [HEAD.format(title=title, theorem=said.theorem, lemmas=lemmas)]
    binders = "".join(f" ({coq.name(letter)} : {coq.sort(sort)})" for letter, sort in said.variables.items())
    lines.append(f"Theorem {said.theorem} : forall (Pr : space){binders},\n")
    lines += [f"  ({coq.formula(given, said.variables, None)}) ->\n" for given in said.given.values()]
    lines.append(
        "  " + " /\\\n  ".join(f"({coq.formula(claim, said.variables, None)})" for claim in said.claims) + ".\n"
    )
    names = [coq.name(letter) for letter in said.variables]
    lines.append(f"Proof.\nintros {' '.join(['Pr', *names, *(f'h_{name}' for name in said.given)])}.\n{steps}\n")
    ends = [_claimed(after, claim) for claim in said.claims]
    for end in ends[:-1]:
        lines.append(f"split. {{ {end} }}\n")
    lines.append(f"{ends[-1]}\nQed.\nPrint Assumptions {said.theorem}.\n")
    return "".join(lines)


def _claimed(writer: Writer, claim: Formula) -> str:
    key = claim.key(writer.scope.sorts)
    for name, fact in writer.scope.facts.items():
        if fact.formula.key(writer.scope.sorts) == key:
            return writer.again(f"h_{name}", fact.formula, claim)
    raise AssertionError(f"no fact says {claim}")
