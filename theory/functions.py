"""The elementary functions of the language: SymPy's, of expressions only, and bounded.

SymPy's own take text and evaluate it as Python, which a rule file must never be able to ask for;
these take expressions and numbers, in place and not by keyword, and nothing else.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr
from sympy.logic.boolalg import Boolean

from .bounds import LARGEST_INSIDE_EXPONENT, fraction, short, small
from .errors import NotExact, NotReadable, RuleError

MOST_ARGUMENTS = 8


def as_expression(value: Any) -> Expr:
    """The SymPy expression of a number or an expression; text is never evaluated. raises: RuleError."""
    # Never sympify anything else: SymPy evaluates as Python the text that a tuple, list or dictionary holds.
    if not isinstance(value, int | float | Fraction | sympy.Basic):
        raise RuleError(
            f"{short(repr(value))} ({type(value).__name__}) stands where an expression is meant.",
            "Text is not evaluated, and only numbers and expressions have a value.",
            "Write the expression without quotes.",
        )
    found = sympy.sympify(value, strict=True)
    if not isinstance(found, Expr):
        raise RuleError(f"{short(found)} ({type(found).__name__}) is not an expression.", "", "Write an expression.")
    return found


def as_condition(value: Any) -> Boolean:
    """The SymPy condition of a comparison, True or False. raises: RuleError."""
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if not isinstance(value, Boolean) or isinstance(value, sympy.Symbol):
        raise RuleError(
            f"{short(repr(value))} ({type(value).__name__}) stands where a condition is meant.",
            "A branch or a guard needs something that is true or false.",
            "Write a comparison such as t <= 1, is_finite(...), or True.",
        )
    return small(value, "A condition")


def rational(numerator: Any, denominator: Any = 1) -> sympy.Rational:
    """Rational(1, 3), Rational("0.1"), Rational("1/3"): an exact number, never from a float. raises: NotExact."""
    numbers = [fraction(part) if isinstance(part, str) else part for part in (numerator, denominator)]
    for part in numbers:
        if isinstance(part, bool | float) or getattr(part, "is_Float", False):
            raise NotExact(f"Rational({part!r}) is not exact.", "", 'Write Rational(1, 10) or Rational("0.1").')
    top, bottom = (as_expression(part) for part in numbers)
    if not (top.is_Rational and bottom.is_Rational) or bottom == 0:
        raise NotExact(
            f"Rational({short(numerator)}, {short(denominator)}) is not a number.", "", "Write Rational(1, 3)."
        )
    return top / bottom


def absolute(x: Any) -> Expr:
    return sympy.Abs(as_expression(x))


def sign(x: Any) -> Expr:
    return sympy.sign(as_expression(x))


def sqrt(x: Any) -> Expr:
    return sympy.sqrt(as_expression(x))


def exp(x: Any) -> Expr:
    argument = _not_closed("exp", x)
    if argument.has(sympy.log):
        # SymPy turns exp(n*log(2)) into the number 2**n.
        for number in argument.atoms(sympy.Rational):
            if abs(number) > LARGEST_INSIDE_EXPONENT:
                raise NotReadable(
                    f"{short(number)} stands in exp(... log ...).", f"Numbers there end at {LARGEST_INSIDE_EXPONENT}."
                )
    return sympy.exp(argument)


def log(x: Any) -> Expr:
    return sympy.log(_not_closed("log", x))


def maximum(*values: Any) -> Expr:
    return sympy.Max(*_few("Max", values))


def minimum(*values: Any) -> Expr:
    return sympy.Min(*_few("Min", values))


def piecewise(*pairs: Any) -> Expr:
    """Piecewise((value, condition), ..., (otherwise, True)): the value of the first condition that holds."""
    _few("Piecewise", pairs, convert=False)
    branches = []
    for pair in pairs:
        if not isinstance(pair, tuple | sympy.Tuple) or len(pair) != 2:
            raise RuleError(f"Piecewise: {short(pair)} is not a pair.", "", "Write (value, condition).")
        branches.append((as_expression(pair[0]), as_condition(pair[1])))
    return sympy.Piecewise(*branches)


def _few(name: str, values: tuple[Any, ...], convert: bool = True) -> list[Any]:
    if not 1 <= len(values) <= MOST_ARGUMENTS:
        raise RuleError(
            f"{name} has {len(values)} arguments.", f"It takes 1 to {MOST_ARGUMENTS}.", "Nest it, or name parts of it."
        )
    return [as_expression(value) for value in values] if convert else list(values)


def _not_closed(name: str, x: Any) -> Expr:
    """The argument, unless it is a number other than a rational: towers of exp are beyond any evaluation."""
    argument = as_expression(x)
    if argument.is_number and not argument.is_Rational:
        raise RuleError(
            f"{name}({short(argument)}) is a number that is not built from rationals in one step.",
            "Comparing towers of exp and log may never end.",
            "Make it a hyperparameter.",
        )
    return argument
