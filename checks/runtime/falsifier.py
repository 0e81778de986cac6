"""z3 as a falsifier: values at which a theorem's hypotheses hold and a claim does not. It proves nothing.

For statements without binders, families, sums, exp and log, definitions aside; the probability space has one outcome,
where E(x) is x. A quotient by 0 is 0, as in the kernel; roots are looked at of what is >= 0 only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftproof.theory.kernel.formulas import Claim, formula
from driftproof.theory.kernel.terms import Term
from driftproof.theory.proving.theorem import Theorem

from .extras import extras_named

SECONDS = 5
FOUND, NONE, UNKNOWN, REFUSED = "countermodel", "none", "unknown", "refused"


class Outside(Exception):
    """Why a statement is not one that z3 is asked about."""


@dataclass(frozen=True)
class Answer:
    """outcome: FOUND, with values in `why`; NONE, where z3 says that there is none; UNKNOWN in the time; REFUSED."""

    theorem: str
    outcome: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.theorem}: {self.outcome}" + (f": {self.why}" if self.why else "")


def falsified(theorem: Theorem, seconds: int = SECONDS) -> Answer:
    """raises: NotInstalled without z3."""
    with extras_named():
        import z3
    try:
        if theorem.definitions:
            raise Outside("it rests on the equations of a rule")
        if families := [name for name, sort in theorem.variables.items() if "(" in sort]:
            raise Outside(f"{families[0]} is a family")
        model = _Model(theorem.variables)
        given = [*theorem.hypotheses.values(), *(text for text, _ in theorem.cites.values())]
        hypotheses = [model.said(_plain(text)) for text in given]
        claims = [model.said(_plain(text)) for text in theorem.claims.values()]
    except Outside as reason:
        return Answer(theorem.theorem, REFUSED, str(reason))
    solver = z3.Solver()
    solver.set("timeout", 1000 * seconds)
    solver.add(*model.sides, *hypotheses, z3.Not(z3.And(*claims)))
    found = solver.check()
    if found == z3.sat:
        values = solver.model()
        said = ", ".join(f"{name} = {values.eval(x, model_completion=True)}" for name, x in model.names.items())
        return Answer(theorem.theorem, FOUND, said)
    return Answer(theorem.theorem, NONE if found == z3.unsat else UNKNOWN)


def _plain(text: str) -> Claim:
    said = formula(text)
    if said.binders or said.premises:
        raise Outside(f"{text} has binders or premises")
    return said.conclusion


class _Model:
    """Names as numbers of z3; `sides` are what else has to hold of them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        import z3

        self.names: dict[str, Any] = {name: z3.Real(name) for name in variables}
        whole = [name for name, sort in variables.items() if sort == "nat"]
        self.sides: list[Any] = [self.names[name] >= 0 for name in whole]
        self.sides += [z3.IsInt(self.names[name]) for name in whole]

    def said(self, claim: Claim) -> Any:
        if claim.relation == "past":
            raise Outside("it speaks of the past")
        a, b = self.value(claim.left), self.value(claim.right)
        relations = {"=": a == b, "/=": a != b, ">=": a >= b, ">": a > b, "<=": a <= b, "<": a < b}
        return relations[claim.relation]

    def value(self, term: Term) -> Any:
        import z3

        head, *rest = term
        if head == "num":
            return z3.RealVal(str(rest[0]))
        if head == "name":
            return self.names[rest[0]]
        if head == "^":
            return (
                z3.simplify(self.value(rest[0]) ** 0) if rest[1] == 0 else z3.Product([self.value(rest[0])] * rest[1])
            )
        if head not in ("+", "*", "/", "neg", "inv", "sqrt", "abs", "max", "min", "E"):
            raise Outside(f"{head} is no polynomial")
        return self._of(head, [self.value(part) for part in rest])

    def _of(self, head: str, parts: list[Any]) -> Any:
        import z3

        a, b = parts[0], parts[-1]
        if head == "sqrt":
            root = z3.FreshReal("root")
            self.sides += [a >= 0, root >= 0, root * root == a]
            return root
        return {
            "+": lambda: z3.Sum(parts),
            "*": lambda: z3.Product(parts),
            "/": lambda: z3.If(b == 0, z3.RealVal(0), a / b),
            "inv": lambda: z3.If(a == 0, z3.RealVal(0), 1 / a),
            "neg": lambda: -a,
            "abs": lambda: z3.If(a >= 0, a, -a),
            "max": lambda: z3.If(a >= b, a, b),
            "min": lambda: z3.If(a >= b, b, a),
            "E": lambda: a,
        }[head]()
