"""Canonical text and digest of a rule: a function of its mathematics alone, not of SymPy's ordering.

Expressions are written in prefix form, Add(a, Mul(b, c)), with the arguments of commutative operations
sorted as text, so that another SymPy version, which may store them in another order, writes the same.
The text is read back by `reader.expression`, the same reader that rule files and the command line use.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.symbol import Str

if TYPE_CHECKING:
    from .rule import UpdateRule

COMMUTATIVE = (sympy.Add, sympy.Mul, sympy.Max, sympy.Min, sympy.And, sympy.Or, sympy.Eq, sympy.Ne)
NAMES = {
    "StrictGreaterThan": "Gt",
    "GreaterThan": "Ge",
    "StrictLessThan": "Lt",
    "LessThan": "Le",
    "Equality": "Eq",
    "Unequality": "Ne",
    "ExprCondPair": "Pair",
    "BooleanTrue": "true",
    "BooleanFalse": "false",
}
_FLIPPED = {"Gt": "Lt", "Ge": "Le"}


def text(expression: Any) -> str:
    """Prefix text of an expression; equal trees, in whatever argument order, give equal text."""
    if isinstance(expression, sympy.Symbol):
        return str(expression.name)
    if isinstance(expression, sympy.Rational):
        return str(expression) if expression.q == 1 else f"Rational({expression.p}, {expression.q})"
    if isinstance(expression, Str):
        return json.dumps(str(expression.name))
    head = NAMES.get(type(expression).__name__, type(expression).__name__)
    if not expression.args:
        return head
    parts = [text(a) for a in expression.args]
    if head in _FLIPPED:
        head, parts = _FLIPPED[head], parts[::-1]
    if isinstance(expression, COMMUTATIVE):
        parts.sort()
    return f"{head}({', '.join(parts)})"


def document(rule: UpdateRule) -> dict[str, Any]:
    """The mathematics of the chosen variant as plain data; names, sources and provenance are left out."""
    from .rule import First

    return {
        "gradients": [[d.symbol.name, text(d.at)] for d in rule.gradients],
        "hyperparameters": [[h.name, text(h.default), str(h.domain), h.role, h.scope] for h in rule.hyperparameters],
        "state": [
            [s.name, s.scope, f"first {text(s.init.expression)}" if isinstance(s.init, First) else text(s.init)]
            for s in rule.state
        ],
        "equations": [[e.symbol.name, text(e.expression)] for e in rule.equations],
        "guard": text(rule.guard),
        "outputs": [[o.name, text(o.expression)] for o in rule.outputs],
    }


def serialise(rule: UpdateRule) -> str:
    """The canonical text: JSON of `document`, one line, keys sorted."""
    return json.dumps(document(rule), sort_keys=True, separators=(",", ":"))


def digest(rule: UpdateRule) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(serialise(rule).encode()).hexdigest()
