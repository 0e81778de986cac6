"""Bounds on what text may build, so that reading it always ends soon. No SymPy here.

SymPy evaluates while it builds: (2*theta)**10**14 alone would make it compute a number of 10^14 bits.
`fraction` and `power` refuse before anything is computed; `bounded` looks at every value the reader makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

from .errors import NotExact, NotReadable

LARGEST_INTEGER = 10**18
LARGEST_EXPONENT = 64
LARGEST_INSIDE_EXPONENT = 10**4
MOST_BITS = 4096
MOST_NODES = 300
DEEPEST = 50
MOST_NODES_IN_CONDITION = 40

_DECIMAL = re.compile(
    r"\s*[-+]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})(e[-+]?0*[0-3]?\d{1,2})?\s*\Z", re.ASCII | re.IGNORECASE
)
_QUOTIENT = re.compile(r"\s*[-+]?\d{1,40}\s*/\s*0*[1-9]\d{0,39}\s*\Z", re.ASCII)


def short(value: Any, length: int = 80) -> str:
    """One line of at most that many characters, for messages."""
    line = " ".join(str(value).split())
    return line if len(line) <= length else line[: length - 3] + "..."


def fraction(text: str) -> Fraction:
    """The exact number that "3", "0.001", "1e-8" or "1/3" means. raises: NotExact."""
    if not _DECIMAL.match(text) and not _QUOTIENT.match(text):
        raise NotExact(
            f"'{short(text)}' is not a number.",
            "Numbers have at most 40 digits on each side of the point, and exponents of at most 399.",
            'Write "3", "0.001", "1e-8" or "1/3".',
        )
    return Fraction(text.replace(" ", ""))


def power(base: Any, exponent: Any) -> Any:
    """base ** exponent, refused where it would build a gigantic number, or a float."""
    if any(isinstance(part, str) for part in (base, exponent)):
        raise NotReadable(f"{short(base)} ** {short(exponent)} has text in it.", "", "Write numbers without quotes.")
    number, size = _rational(base), _rational(exponent)
    if number and max(abs(number.numerator), number.denominator) > LARGEST_INTEGER:
        raise NotReadable(f"{short(base)} takes part in a power.", f"Integers end at {LARGEST_INTEGER}.")
    if size and abs(size) > LARGEST_EXPONENT:
        raise NotReadable(f"The exponent {short(exponent)} is too large.", f"Exponents end at {LARGEST_EXPONENT}.")
    _check_exponent(exponent)
    if isinstance(base, int | Fraction) and isinstance(exponent, int | Fraction):
        if Fraction(exponent).denominator != 1 or (exponent < 0 and isinstance(base, int)):
            raise NotExact(f"{base} ** {exponent} is a float in Python.", "", "Write sqrt(...) or Rational(1, 2).")
        return base ** int(exponent)
    return base**exponent


def bounded(value: Any) -> Any:
    """The value itself. raises: NotExact for a float, NotReadable for an expression past the bounds above."""
    if isinstance(value, float):
        raise NotExact(f"{value} is a float.", "Declarations are exact.", "Write Rational(1, 10), or a decimal string.")
    for count, (node, depth) in enumerate(_nodes(value)):
        if count >= MOST_NODES or depth > DEEPEST:
            raise NotReadable(
                f"An expression has more than {MOST_NODES} parts, or is nested more than {DEEPEST} deep.",
                "Reading has bounds, and formulas that long are not read by people either.",
                "Give intermediate values equations of their own.",
            )
        if getattr(node, "is_number", False) and not node.args and not node.is_finite:
            raise NotExact(f"{short(node)} is not a finite number.", "Every value of the language is a finite real.")
        number = _rational(node)
        if number and max(number.numerator.bit_length(), number.denominator.bit_length()) > MOST_BITS:
            raise NotReadable(
                f"A number has more than {MOST_BITS} bits.", "Reading has bounds.", "Use smaller numbers."
            )
        if getattr(node, "is_Pow", False):
            _check_exponent(node.args[1])
    return value


def small(value: Any, what: str) -> Any:
    """The value itself. raises: NotReadable if it is long: SymPy rewrites conditions, at a cost beyond their length."""
    if sum(1 for _ in islice(_nodes(value), MOST_NODES_IN_CONDITION + 1)) > MOST_NODES_IN_CONDITION:
        raise NotReadable(
            f"{what} has more than {MOST_NODES_IN_CONDITION} parts: {short(value)}.",
            "Reading has bounds.",
            "Give the compared values equations of their own.",
        )
    return value


def _check_exponent(exponent: Any) -> None:
    """Numbers inside an exponent, as in 2**(10*t): SymPy multiplies and adds exponents by itself."""
    for node, _ in _nodes(exponent):
        number = _rational(node)
        if number and abs(number) > LARGEST_INSIDE_EXPONENT:
            raise NotReadable(
                f"{short(number)} stands in an exponent.", f"Numbers there end at {LARGEST_INSIDE_EXPONENT}."
            )


def _rational(value: Any) -> Fraction | None:
    """An int, a Fraction or a SymPy rational as a Fraction; None for anything else."""
    if isinstance(value, int | Fraction):
        return Fraction(value)
    return Fraction(int(value.p), int(value.q)) if getattr(value, "is_Rational", False) else None


def _nodes(value: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """The parts of an expression tree with their depth; a value without arguments is its only part."""
    frontier = [(value, depth)]
    while frontier:
        node, depth = frontier.pop()
        yield node, depth
        args = getattr(node, "args", ())
        frontier += [(part, depth + 1) for part in args] if isinstance(args, tuple) else []
