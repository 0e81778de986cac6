"""The reader: a whitelist interpreter of Python's syntax tree. Nothing it reads is ever executed.

It reads rule files (a docstring, `from ... import ...`, assignments) and single expressions (command line,
canonical text). A name means what the given namespace says; anything else is refused with its place.
No SymPy here: the namespace brings it, so the same reader also reads a file for its names and sources only.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from .bounds import LARGEST_INTEGER, bounded, fraction, power, short
from .errors import DriftproofError, NotExact, NotReadable, UnknownName, nearest

LARGEST_TEXT = 20_000
DEEPEST = 80

Importer = Callable[[str, int, str], Any]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def module(text: str, importer: Importer, where: str) -> dict[str, Any]:
    """The names that a rule file assigns, in order.

    importer(module, level, name) gives what `from module import name` means, or raises UnknownName; for "*" all
    that the module has, by name.
    raises: NotReadable or NotExact with the line; whatever error the declaration itself raises.
    """
    tree = _parse(text, "exec", where)
    imported: dict[str, Any] = {}
    assigned: dict[str, Any] = {}
    for index, statement in enumerate(tree.body):
        if index == 0 and ast.get_docstring(tree) is not None:
            continue
        if isinstance(statement, ast.ImportFrom):
            _import(statement, importer, imported, where)
        elif isinstance(statement, ast.Assign) and (pairs := _pairs(statement)):
            evaluator = _Evaluator(ast_text=text, names={**imported, **assigned}, where=where, exact_text=False)
            assigned.update([(name, evaluator.value(value)) for name, value in pairs])
        else:
            raise _refusal(
                statement, where, "A rule file holds a docstring, imports from the language, and assignments."
            )
    return assigned


def _pairs(statement: ast.Assign) -> list[tuple[str, ast.expr]]:
    """name = value, or as many names as values: a, b = x, y; nothing for another form."""
    target, value = statement.targets[0], statement.value
    several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    names = target.elts if isinstance(target, ast.Tuple) and several else [target]
    values = value.elts if isinstance(value, ast.Tuple) and several else [value]
    plain = [name.id for name in names if isinstance(name, ast.Name)]
    if len(statement.targets) != 1 or not len(plain) == len(names) == len(values):
        return []
    return list(zip(plain, values, strict=True))


def expression(text: str, names: Mapping[str, Any], where: str = "expression") -> Any:
    """The value of one expression over the given names; decimals such as 0.999 and quotients are read exactly."""
    tree = _parse(text.strip(), "eval", where)
    return _Evaluator(ast_text=text.strip(), names=names, where=where, exact_text=True).value(tree.body)


def read_text(path: Path) -> str:
    """The text of a rule file. raises: NotReadable if it is missing, too long or not text."""
    try:
        if path.exists() and not path.is_file():
            raise NotReadable(f"{short(path)} is not a file.", "", "Give the path of a UTF-8 rule file.")
        size = path.stat().st_size
        if size > LARGEST_TEXT:
            raise NotReadable(f"{short(path)} is {size} bytes long.", f"Rule files end at {LARGEST_TEXT} bytes.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, DriftproofError):
            raise
        raise NotReadable(
            f"{short(path)!r} cannot be read: {short(error)}.", "", "Give the path of a UTF-8 rule file."
        ) from error


def _parse(text: str, mode: str, where: str) -> Any:
    if len(text) > LARGEST_TEXT:
        raise NotReadable(f"{where} is {len(text)} characters long.", f"The reader stops at {LARGEST_TEXT}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f"{where}, line {line}" if line and mode == "exec" else where
        reason = getattr(error, "msg", None) or str(error) or type(error).__name__
        raise NotReadable(f"{place} is not readable: {reason}.", f"Got: {short(text)}") from error
    if _depth(tree) > DEEPEST:
        raise NotReadable(f"{where} is nested more than {DEEPEST} deep.", "", "Give intermediate values names.")
    return tree


def _depth(tree: ast.AST) -> int:
    deepest, frontier = 0, [(tree, 0)]
    while frontier:
        node, depth = frontier.pop()
        deepest = max(deepest, depth)
        frontier += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest


def _import(node: ast.ImportFrom, importer: Importer, into: dict[str, Any], where: str) -> None:
    for alias in node.names:
        if node.module == "__future__" and node.level == 0:
            continue
        if alias.asname is not None:
            raise _refusal(node, where, "Import names under their own name.")
        found = importer(node.module or "", node.level, alias.name)
        into.update(found if alias.name == "*" else {alias.name: found})


def _refusal(node: Any, where: str, why: str, fix: str = "") -> NotReadable:
    kind = type(node).__name__
    return NotReadable(
        f"{where}, line {getattr(node, 'lineno', '?')}: {_shown(node)} ({kind}) is not allowed.", why, fix
    )


def _shown(node: Any) -> str:
    try:
        return short(ast.unparse(node))
    except (ValueError, RecursionError):  # an integer with too many digits to print, or deep nesting
        return "this"


NO_OPERANDS = (str, tuple, list, dict)
"""SymPy would evaluate as Python the text that these hold when they meet one of its expressions."""


class _Evaluator:
    """Evaluates the expressions of one file or line. exact_text: decimals and quotients are read as exact."""

    def __init__(self, ast_text: str, names: Mapping[str, Any], where: str, exact_text: bool) -> None:
        self.text, self.names, self.where, self.exact_text = ast_text, names, where, exact_text

    def value(self, node: ast.expr) -> Any:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise _refusal(node, self.where, "The language has numbers, names, + - * / **, comparisons and calls.")
        try:
            return bounded(method(node))
        except DriftproofError as error:
            raise self._placed(error, node) from error
        except Exception as error:
            why = f"{type(error).__name__}: {short(error)}"
            raise self._placed(NotReadable(f"{_shown(node)} does not evaluate.", why), node) from error

    def _placed(self, error: DriftproofError, node: ast.expr) -> DriftproofError:
        """The same error, beginning with file and line: what a declaration itself refuses knows neither."""
        if error.what.startswith(self.where):
            return error
        return type(error)(f"{self.where}, line {node.lineno}: {error.what}", error.why, error.fix)

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, bool | str):
            return node.value
        if isinstance(node.value, int):
            if node.value > LARGEST_INTEGER:
                raise _refusal(node, self.where, f"Integers end at {LARGEST_INTEGER}.")
            return self._number(node.value)
        if isinstance(node.value, float):
            source = ast.get_source_segment(self.text, node) or repr(node.value)
            if self.exact_text:
                return self._number(fraction(source.replace("_", "")))
            raise NotExact(
                f"{self.where}, line {node.lineno}: {source} is a float.",
                "Declarations are exact, and a float such as 0.1 is not 1/10 in binary.",
                'Write Rational(1, 10), or "0.1" in quotes where a number is expected.',
            )
        raise _refusal(node, self.where, "Constants are integers, decimals and strings.")

    def _number(self, value: Any) -> Any:
        """On the command line numbers become exact, SymPy's where it is at hand; in files they stay Python's."""
        if not self.exact_text:
            return value
        return self.names.get("Rational", Fraction)(value.numerator, value.denominator)

    def _name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise UnknownName(
                f"{self.where}, line {node.lineno}: '{node.id}' is not known here.",
                "A name is imported from the language, assigned above, or given by the command.",
                nearest(node.id, self.names),
            )
        return self.names[node.id]

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, NO_OPERANDS) or isinstance(right, NO_OPERANDS):
            raise _refusal(node, self.where, "Strings take no part in arithmetic, nor do collections.")
        if isinstance(node.op, ast.Pow):
            return power(left, right)
        if type(node.op) not in _BINARY:
            raise _refusal(node, self.where, "The operations are + - * / and **.")
        if isinstance(node.op, ast.Div) and isinstance(left, int) and isinstance(right, int):
            raise _refusal(node, self.where, "A quotient of integers is a float in Python.", "Write Rational(1, 3).")
        return _BINARY[type(node.op)](left, right)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        inner = self.value(node.operand)
        if isinstance(node.op, ast.USub) and not isinstance(inner, NO_OPERANDS):
            return -inner
        if isinstance(node.op, ast.UAdd) and not isinstance(inner, NO_OPERANDS):
            return +inner
        raise _refusal(node, self.where, "Only a sign stands before a value.")

    def _compare(self, node: ast.Compare) -> Any:
        if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARE:
            raise _refusal(node, self.where, "Comparisons are single and strict or not: <, <=, >, >=.")
        left, right = self.value(node.left), self.value(node.comparators[0])
        if isinstance(left, NO_OPERANDS) or isinstance(right, NO_OPERANDS):
            raise _refusal(node, self.where, "Strings take no part in comparisons, nor do collections.")
        return _COMPARE[type(node.ops[0])](left, right)

    def _call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name):
            raise _refusal(node, self.where, "Only functions of the language are called, by their name.")
        function = self._name(node.func)
        if not callable(function):
            raise _refusal(node, self.where, f"{node.func.id} is not a function.")
        if any(k.arg is None for k in node.keywords):
            raise _refusal(node, self.where, "Write the arguments out.")
        arguments = [self.value(a) for a in node.args]
        return function(*arguments, **{str(k.arg): self.value(k.value) for k in node.keywords})

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.value(item) for item in node.elts)

    def _list(self, node: ast.List) -> Any:
        """Items, and the items of a list after a star: [a, *repeat(...)]."""
        found: list[Any] = []
        for item in node.elts:
            if not isinstance(item, ast.Starred):
                found.append(self.value(item))
            elif isinstance(inner := self.value(item.value), list):
                found += inner
            else:
                raise _refusal(item, self.where, "A star stands before a list only.")
        return found

    def _dict(self, node: ast.Dict) -> Any:
        keys = [self.value(key) if key is not None else None for key in node.keys]
        if None in keys or len(set(keys)) != len(keys):
            raise _refusal(node, self.where, "A key stands twice, or a dictionary is unpacked.", "Write each key once.")
        return dict(zip(keys, (self.value(value) for value in node.values), strict=True))
