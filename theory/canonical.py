"""Canonical text and digest of a rule: a function of its mathematics alone, not of SymPy's ordering.

Expressions are written in prefix form, Add(a, Mul(b, c)), with the arguments of commutative operations
sorted as text, so that another SymPy version, which may store them in another order, writes the same.
`parse` reads the text back with the same bounded reader that rule files and the command line use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.symbol import Str

from . import functions, nodes, reader
from .bounds import power
from .functions import as_condition, as_expression
from .symbols import symbol

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

WORDS: dict[str, Any] = {
    "Add": lambda *terms: sympy.Add(*map(as_expression, terms)),
    "Mul": lambda *factors: sympy.Mul(*map(as_expression, factors)),
    "Pow": lambda base, exponent: power(as_expression(base), as_expression(exponent)),
    "Rational": functions.rational,
    "Abs": functions.absolute,
    "sign": functions.sign,
    "exp": functions.exp,
    "log": functions.log,
    "Max": functions.maximum,
    "Min": functions.minimum,
    "Piecewise": functions.piecewise,
    "Pair": lambda value, condition: (value, condition),
    "Lt": lambda a, b: sympy.Lt(as_expression(a), as_expression(b)),
    "Le": lambda a, b: sympy.Le(as_expression(a), as_expression(b)),
    "Eq": lambda a, b: sympy.Eq(as_expression(a), as_expression(b)),
    "Ne": lambda a, b: sympy.Ne(as_expression(a), as_expression(b)),
    "And": lambda *conditions: sympy.And(*map(as_condition, conditions)),
    "Or": lambda *conditions: sympy.Or(*map(as_condition, conditions)),
    "Not": lambda condition: sympy.Not(as_condition(condition)),
    "true": sympy.true,
    "false": sympy.false,
    "IsFinite": nodes.is_finite,
    "Reduce": nodes.reduce,
    "MatMul": nodes.matmul,
    "Transpose": nodes.transpose,
    "Choice": lambda axis, *branches: nodes.choose(axis, **dict(branches)),
    "Tuple": lambda option, branch: (option, branch),
}
"""What the heads of canonical text mean; no letter of a rule may bear one of these names."""


class _Names(Mapping[str, Any]):
    """The words above; every other name is the letter of that name."""

    def __getitem__(self, name: str) -> Any:
        if name in WORDS:
            return WORDS[name]
        return symbol(name[:-1] if iskeyword(name.removesuffix("_")) else name)

    def __iter__(self) -> Iterator[str]:
        return iter(WORDS)

    def __len__(self) -> int:
        return len(WORDS)


def parse(text: str) -> Any:
    """The expression or condition that a canonical text stands for: parse(text(e)) == e.

    Only a > b comes back turned, as b < a: they are one condition with one text.
    raises: NotReadable, NotExact or RuleError; nothing in the text is executed.
    """
    return reader.expression(text, _Names(), "canonical text")


def _name(letter: sympy.Symbol) -> str:
    """The letter's name; one that Python reserves, such as lambda, gets an underscore, as in rule files."""
    return f"{letter.name}_" if iskeyword(letter.name) else str(letter.name)


def text(expression: Any) -> str:
    """Prefix text of an expression; equal trees, in whatever argument order, give equal text."""
    if isinstance(expression, sympy.Symbol):
        return _name(expression)
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
