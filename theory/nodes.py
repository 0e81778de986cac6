"""What SymPy lacks for update rules: choices between conventions, reductions over tensors, matrix products.

Letters are real and commutative and stand for one entry; `reduce`, `matmul` and `transpose` speak of whole
tensors. Scopes run from the finest to the coarsest: element, tensor, group, global.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import sympy
from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean, BooleanFunction

from .errors import RuleError, nearest
from .functions import as_expression, sqrt

SCOPES = ("element", "tensor", "group", "global")
REDUCTIONS = ("sum", "mean", "max")
OVER = {"row": "element", "column": "element", "tensor": "tensor", "group": "group", "all": "global"}
"""What a reduction runs over, and the scope of its result: along a row or a column every entry gets its own's."""
LINES = ("row", "column")
"""Along the last axis of a tensor, and along the last but one; a tensor without that axis is left as it is."""


def coarsest_common(scopes: Iterable[str]) -> str:
    """The scope of an expression: the finest among its parts (a constant is global)."""
    return min(scopes, key=SCOPES.index, default="global")


class Choice(sympy.Expr):
    """choose("axis", option=expression, ...): resolved when a variant of the rule is taken."""

    def __new__(cls, axis: Str, *pairs: sympy.Tuple) -> Any:
        return super().__new__(cls, axis, *pairs)

    is_commutative = True
    is_extended_real = True

    @property
    def axis(self) -> str:
        return str(self.args[0].name)

    @property
    def branches(self) -> dict[str, sympy.Expr]:
        return {str(pair.args[0]): pair.args[1] for pair in self.args[1:]}


def choose(axis: str, **options: Any) -> Choice:
    """The expression that the chosen option of a convention stands for."""
    pairs = [sympy.Tuple(Str(name), as_expression(value)) for name, value in options.items()]
    return Choice(Str(axis), *pairs)  # type: ignore[no-any-return]


class Reduce(sympy.Function):
    """reduce("sum" | "mean" | "max", expression, over="row" | "column" | "tensor" | "group" | "all")."""

    nargs: ClassVar[Any] = 3
    is_commutative = True
    is_extended_real = True

    @property
    def kind(self) -> str:
        return str(self.args[0].name)

    @property
    def operand(self) -> sympy.Expr:
        return self.args[1]

    @property
    def over(self) -> str:
        return str(self.args[2].name)

    @property
    def scope(self) -> str:
        return OVER[self.over]


def reduce(kind: str, expression: Any, over: str) -> sympy.Expr:
    """Sum, mean or maximum of an entry-wise expression over each row, column, tensor or group, or all parameters."""
    for value, known, word in ((kind, REDUCTIONS, "kind"), (over, OVER, "range")):
        if value not in known:
            raise RuleError(f"reduce: '{value}' is not a {word} of reduction.", "", nearest(value, known))
    return Reduce(Str(kind), as_expression(expression), Str(over))


def dot(a: Any, b: Any, over: str) -> sympy.Expr:
    """Inner product: the sum of a*b."""
    return reduce("sum", as_expression(a) * as_expression(b), over)


def norm_squared(a: Any, over: str) -> sympy.Expr:
    """Squared 2-norm: the sum of a**2."""
    return reduce("sum", as_expression(a) ** 2, over)


def norm(a: Any, over: str) -> sympy.Expr:
    """2-norm: the root of the sum of a**2."""
    return sqrt(norm_squared(a, over))


class MatMul(sympy.Function):
    """matmul(A, B): the product of two matrix-valued expressions; the order of the arguments is kept."""

    nargs: ClassVar[Any] = 2
    is_commutative = True
    is_extended_real = True

    def _sympystr(self, printer: Any) -> str:
        # SymPy prints by the name of the class, and takes this one for its own MatMul.
        return f"matmul({', '.join(map(printer.doprint, self.args))})"


class Transpose(sympy.Function):
    """transpose(A) of a matrix-valued expression."""

    nargs: ClassVar[Any] = 1
    is_commutative = True
    is_extended_real = True

    def _sympystr(self, printer: Any) -> str:
        return f"transpose({printer.doprint(self.args[0])})"


def matmul(a: Any, b: Any) -> sympy.Expr:
    """The matrix product of two entry-wise expressions whose entries form matrices."""
    return MatMul(as_expression(a), as_expression(b))


def transpose(a: Any) -> sympy.Expr:
    """The transpose of an entry-wise expression whose entries form a matrix."""
    return Transpose(as_expression(a))


class IsFinite(BooleanFunction):
    """is_finite(x), the usual guard of a step."""

    nargs: ClassVar[Any] = 1

    @classmethod
    def eval(cls, argument: Any) -> Boolean | None:
        return sympy.sympify(bool(argument.is_finite)) if getattr(argument, "is_number", False) else None


def is_finite(x: Any) -> Boolean:
    """True where x is neither NaN nor an infinity."""
    return IsFinite(as_expression(x))
