"""The guards of the kernel of proofs, each of which can be deleted, and conditions beside them to be weakened."""

from __future__ import annotations

import ast
import copy
import traceback
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from . import steps  # noqa: F401  (they fill FORGERIES)
from .files import NATURALS
from .kernels import KERNEL, MODULES, called_by, tree
from .writing import FORGERIES

CALLED_TO_REJECT = {"keys", "kind", "check", "plain", "prove", "_same", "_satisfied"}


def guards() -> dict[str, tuple[str, tuple[int, int], Callable[[], ast.Module]]]:
    """Every `require` of the kernel, every part of a conjunction in one, and every call that is there to reject: its
    place, and what gives the module without it."""
    found = {}
    for module in MODULES:
        for function in ast.walk(tree(module)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in called(function):
                required = called_by(call) == "require"
                condition = call.value.args[0] if required else call.value
                whole = not (isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And))
                for place, part in enumerate([condition] if whole else condition.values):
                    name = f"{module}.{function.name}: {ast.unparse(part)}"
                    assert name not in found, f"{name} stands there twice"
                    lines = (call.lineno, call.end_lineno)
                    found[name] = (module, lines, partial(deleted, module, call, None if whole else place))
    return found


def called(function: ast.FunctionDef) -> list[Any]:
    """The statements of a function, without those in functions inside it, that are there to reject."""
    inner = {
        id(node)
        for other in ast.walk(function)
        if isinstance(other, ast.FunctionDef) and other is not function
        for node in ast.walk(other)
    }
    names = {"require", *CALLED_TO_REJECT}
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Expr) and id(node) not in inner]
    return [node for node in nodes if called_by(node) in names]


def deleted(module: str, call: ast.Expr, place: int | None) -> ast.Module:
    class Delete(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            if (node.lineno, node.col_offset) != (call.lineno, call.col_offset):
                return node
            if place is None:
                return ast.copy_location(ast.Pass(), node)
            condition = node.value.args[0]  # type: ignore[attr-defined]
            condition.values[place] = ast.copy_location(ast.Constant(True), condition.values[place])
            return node

    return Delete().visit(copy.deepcopy(tree(module)))


GUARDS = guards()


@cache
def rejected_in(name: str) -> frozenset[tuple[str, int | None]]:
    """The modules and lines in which the kernel was when it rejected a forgery."""
    try:
        FORGERIES[name](KERNEL)
    except KERNEL.untrusted.Rejected as error:
        found: BaseException = error
        while found.__cause__ or found.__context__:
            found = found.__cause__ or found.__context__  # type: ignore[assignment]
        return frozenset(
            (Path(frame.filename).stem, frame.lineno) for frame in traceback.extract_tb(found.__traceback__)
        )
    return frozenset()


def held(guard: str) -> list[str]:
    """The forgeries that are rejected there."""
    module, (first, last), _ = GUARDS[guard]
    return [name for name in FORGERIES if any((module, line) in rejected_in(name) for line in range(first, last + 1))]


# Guards without which no forgery passes, and why.
NEUTRAL = {
    # What comes next fails, and `replay` rejects whatever fails.
    "untrusted.rational: not re.search('/0+$', text)": "a division by 0 in Fraction",
    "terms.of: match": "no match has no groups",
    "terms.__init__: isinstance(text, str)": "a pattern matches texts only",
    "terms.__init__: ''.join(self.all) == text.replace(' ', '')": "what is skipped is not written again",
    "terms.take: token": "the end is no token that any caller takes",
    "terms._numeral: token.isdecimal()": "int of a word or a sign",
    "terms._kind_of_name: name in sorts": "a key that is missing",
    "terms.substitute: len(parameters) == len(arguments)": "zip is strict",
    "polynomial.inverse: polynomial": "no monomial to take apart",
    "inferences.fact: name in self.facts": "a key that is missing",
    "inferences.run: isinstance(step, dict)": "only objects have `get`",
    "inferences.run: by in INFERENCES": "a key that is missing",
    "inferences.prove: steps": "there is no last step",
    "inferences.instance: len(step['premises']) == len(bare.premises)": "zip is strict",
    "inferences._premised: len(called) == len(premises)": "zip is strict",
    "inferences.lemma: step['theorem'] in scope.theorems": "a key that is missing",
    "inferences.lemma: len(step['hypotheses']) == len(theorem.hypotheses)": "zip is strict",
    "replay.stated: name in definitions": "a key that is missing",
    "replay._sorts: isinstance(data, dict)": "only objects have `items`",
    "replay._replay: name in theorems": "a key that is missing",
    "replay._satisfied: isinstance(model['values'], dict)": "only objects have `items`",
    # Nothing else gets there.
    "inferences.fact: isinstance(name, str)": "facts have texts for names, and lists cannot be looked up",
    "inferences.run: isinstance(by, str)": "inferences have texts for names, and lists cannot be looked up",
    "inferences.prove: isinstance(steps, list)": "`run`, just before, asks the same",
    "polynomial._ring: head in ('+', '*')": "the reader makes no other term",
    "replay._plainly: said.check({})": "a formula stays well sorted with values that have the sorts of their variables",
}

# Conditions that no `require` holds: what is changed, and the forgery that then passes.
CHANGED = [
    ("untrusted", "parse_float=no_float, ", "", "a float"),
    ("untrusted", "parse_constant=no_float, ", "", "no number"),
    ("terms", 'head in ("+", "*", "^")', 'head in ("+", "*", "^", "neg")', "an opposite as a natural number"),
    ("terms", 'head in ("+", "*", "^")', 'head in ("+", "*", "^", "/")', "a quotient as a natural number"),
    (
        "terms",
        "used = names(term[3]) - {term[1]}",
        "used = names(term[3]) | {term[1]}",
        "an index that hides a binder is replaced",
    ),
    (
        "terms",
        "return names(term[2]) | (names(term[3])",
        "return set() | (names(term[3])",
        "an index that captures the bound of a value",
    ),
    (
        "polynomial",
        "return summed(parts[0], parts[1],",
        "return summed(parts[1], parts[1],",
        "inner sums to two bounds",
    ),
    (
        "polynomial",
        'kind="" if atom.head in FUNCTIONS else atom.kind',
        'kind=""',
        "a random factor of a sum that leaves the mean",
    ),
    ("polynomial", 'f"__{term[1]}"', 'f"__{len(bound)}"', "an index of three sums that two names share"),
    ("polynomial", 'f"_{max((atom.height ', 'f"_{0 * max((atom.height ', "two sums with one index"),
    ("polynomial", "if inside else bound", "if not inside else bound", "a sum of ones"),
    ("polynomial", "constant(step)), True)", "constant(step + 1)), True)", "a sum from 1"),
    ("polynomial", 'if pair[0].kind != "rand")', "if pair)", "random numbers as constants"),
    ("polynomial", "len(inside) == 1 and", "inside and", "the mean of a long sum and a factor"),
    ("polynomial", "and inside[0][1] == 1", "", "the mean of a squared long sum"),
    ("formulas", "return (tuple(sort for _, sort in self.binders), *claims)", "return (*claims,)", NATURALS),
    (
        "formulas",
        'if self.relation == "past":\n            return ("past",',
        'if True:\n            return ("past",',
        "x = 0 because x >= 0 is shown",
    ),
    (
        "formulas",
        'if self.relation == "past":\n            return ("past",',
        'if False:\n            return ("past",',
        "a past that is moved with its time",
    ),
    ("inferences", "Fact(said, scope.pointwise)", "Fact(said)", "the mean of what follows from a case"),
    ("inferences", "scope.pointwise or random)", "False)", "the mean of a case"),
    ("inferences", "pointwise=random)", "pointwise=False)", "the mean of what follows from a case"),
    (
        "inferences",
        "self.pointwise or pointwise",
        "pointwise",
        "the mean of what follows from a case, in cases of a number",
    ),
    (
        "inferences",
        "Fact(body, scope.pointwise))\n    after",
        "Fact(body))\n    after",
        "the mean of the hypothesis of an induction",
    ),
    (
        "inferences",
        "power(normal(scope.term(square)), 2)), False",
        "power(normal(scope.term(square)), 2)), positive",
        "a square that is positive",
    ),
    ("inferences", 'positive and relation == ">"', "positive", "above because not below"),
    (
        "inferences",
        'positive and relation == ">"',
        'relation == ">"',
        "a positive factor after one that is not below 0",
    ),
    ("inferences", "require(value > 0, ", "require(value >= 0, ", "a coefficient of 0"),
    ("inferences", '("num", 1)), bound)', '("num", 2)), bound)', "a sum of all terms but the last"),
    ("inferences", "normal(fact.conclusion.left) == normal(value) and ", "", "a past of something else"),
    ("inferences", 'value[0] != "name" and all(', "all(", "a past of a family with two arguments"),
    ("inferences", 'if value[0] == "sum":', "if False:", "a past of a sum whose index hides a variable"),
    ("inferences", "if fact.binders or ", "if ", "a past of constants as one of random numbers"),
    ("inferences", "or fact.premises or", "or", "a past with a premise"),
    ("inferences", 'or fact.conclusion.relation != "past"', "", "a past because not below"),
    ("inferences", "and all(part >= 0 for part in later.values())", "", "a past of something later"),
    (
        "inferences",
        'value[0] != "name" and all(_known(part, time, known, scope) for part in parts)',
        'all(_known(part, time, known, scope) for part in (value[2] if value[0] == "name" else parts))',
        "a past of a family",
    ),
    (
        "inferences",
        'goal = Formula(((value[1], "nat"),), (), Claim("past", value[3], time))',
        "return True",
        "a past of a sum of something later",
    ),
    ("inferences", '{variable: ((), ("num", 0))}', '{variable: ((), ("num", 1))}', "an induction that starts at 1"),
    (
        "inferences",
        '((), ("+", ("name", variable, ()), ("num", 1)))}',
        '((), ("name", variable, ()))}',
        "an induction whose step stays where it is",
    ),
    ("replay", "if difference and set(difference) != {()}:", "if False:", "a hypothesis that holds at 0 only"),
    ("replay", 'said.inside({})) != "rand"', 'said.inside({})) != ""', "a past that no model shows"),
    ("replay", "(name, text) for name, text, _ in", "row[:2] for row in", "a citation without a source"),
    ("replay", '">": value > 0', '">": value >= 0', "a strict inequality that no model shows"),
    ("replay", '"/=": value != 0', '"/=": True', "a difference that no model shows"),
    ("replay", '">=": value >= 0', '">=": True', "an inequality that no model shows"),
]
