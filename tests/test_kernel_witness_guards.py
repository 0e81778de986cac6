"""Forgeries of divergence witnesses, and the checker of witnesses without each of its guards.

A guard is an `if` that raises, each alternative in its condition by itself, or a call that is there to reject. Without
it a forgery is accepted, or the guard stands in a reviewed list with the reason why nothing passes.
"""

from __future__ import annotations

import ast
import copy
import json
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from forging import kernels
from forging.kernels import accepted, weakened

import driftproof.theory.kernel.witness  # noqa: F401  (all modules of the intact kernel)

MODULES = ("recursion", "cyclic", "draws", "untrusted", "witness")
GUARDED = ("recursion", "cyclic", "draws", "witness")  # those of `untrusted` are deleted with the kernel of theorems
KERNEL = kernels.loaded(modules=MODULES)


# Forgeries: each gives what the kernel makes of it


def recursion(k: Any, beta1="9/10", beta2="999/1000", form="new", inside=0, outside="1/100000000", floor=0) -> Any:
    return k.recursion.Recursion(form, *(Fraction(x) for x in (beta1, beta2, inside, outside, floor)))


def spike(n: int, total: int = 1) -> tuple[tuple[int, Fraction], ...]:
    return (1, Fraction(n - 1 + total)), (n - 1, Fraction(-1))


def good(k: Any) -> Any:
    return k.witness.Proof("cyclic", recursion(k), spike(74), Fraction(1), Fraction(18, 10_000), "adam", "0" * 64)


def witness(k: Any, data: dict[str, Any] | None = None, **changes: Any) -> object:
    """The replay of a witness with other parts, and the statement that belongs to them; `data`: other entries."""
    return k.witness.replay(json.dumps(k.witness.as_data(replace(good(k), **changes)) | (data or {})))


def nested(k: Any, key: str, **changes: Any) -> object:
    return witness(k, {key: k.witness.as_data(good(k))[key] | changes})


def drawn(k: Any, **changes: Any) -> object:
    law = {"sampling": "iid", "runs": spike(10)}
    return witness(k, recursion=recursion(k, beta1="0", beta2="9/10", outside=0), **law, **changes)


BOUND = Fraction(1, 10**9)
FORGERIES = {
    "a sum of gradients that is another": lambda k: witness(k, gradient_sum=Fraction(2)),
    "gradients that add up to less than 0": lambda k: witness(k, runs=spike(74, -1), gradient_sum=Fraction(-1)),
    "a drift that is not above 0": lambda k: witness(k, runs=spike(73), drift_lower_bound=Fraction(-1)),
    "no drift": lambda k: witness(k, drift_lower_bound=Fraction(0)),
    "another statement": lambda k: witness(k, {"statement": "Adam diverges on everything."}),
    "the other sign": lambda k: witness(k, runs=spike(73)),
    "a bound above the drift": lambda k: witness(k, drift_lower_bound=Fraction(19, 10_000)),
    "a bound that nobody shows": lambda k: drawn(k, drift_lower_bound=Fraction(1)),
    "another format": lambda k: witness(k, {"format": "driftproof certificate"}),
    "version 2": lambda k: witness(k, {"version": 2}),
    "version true": lambda k: witness(k, {"version": True}),
    "another sampling": lambda k: witness(k, {"sampling": "reshuffled"}),
    "a list of samplings": lambda k: witness(k, {"sampling": ["cyclic"]}),
    "another key": lambda k: witness(k, {"note": ""}),
    "another key of the recursion": lambda k: nested(k, "recursion", note="0"),
    "another key of the rule": lambda k: nested(k, "rule", note=""),
    "a label that is a number": lambda k: nested(k, "rule", label=3),
    "a form that is a list": lambda k: nested(k, "recursion", form=["new"]),
    "a pattern that is an object": lambda k: witness(k, {"pattern": {"11": "1"}}),
    "no pattern": lambda k: witness(k, {"pattern": []}),
    "an entry that is a text": lambda k: witness(k, {"pattern": ["ab"]}),
    "an entry of three": lambda k: witness(k, {"pattern": [[1, "74", "0"], [73, "-1"]]}),
    "a count that is true": lambda k: witness(k, {"pattern": [[True, "74"], [73, "-1"]]}),
    "a count of 0": lambda k: witness(k, {"pattern": [[1, "74"], [73, "-1"], [0, "5"]]}),
    "a count below 0": lambda k: witness(k, {"pattern": [[1, "74"], [74, "-1"], [-1, "-1"]]}),
    "a period of 10001": lambda k: witness(k, runs=spike(10_001), drift_lower_bound=BOUND),
    "another form": lambda k: recursion(k, form="max"),
    "beta1 = 1": lambda k: recursion(k, beta1="1"),
    "beta1 below 0": lambda k: witness(k, recursion=recursion(k, beta1="-1/2")),
    "beta2 = 1": lambda k: recursion(k, beta2="1"),
    "beta2 = 0": lambda k: recursion(k, beta2="0"),
    "a denominator below 0": lambda k: recursion(k, outside="-1"),
    "a denominator that may be 0": lambda k: recursion(k, outside=0).denominator((-1, 5), 8),
    "a division by what may be 0": lambda k: k.recursion.over((1, 1), (-1, 1), 8),
    "a memory that never fades": lambda k: k.cyclic.drift(recursion(k, beta1=1 - Fraction(1, 2**99)), spike(3), 9),
    "draws for a quotient that is averaged": lambda k: k.draws.drift(recursion(k, form="old"), spike(3), 64),
    "draws for a denominator with a floor": lambda k: k.draws.drift(recursion(k, floor=1), spike(3), 64),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_rejected(name: str) -> None:
    with pytest.raises((ValueError, KERNEL.recursion.Unbounded)):
        FORGERIES[name](KERNEL)


def test_what_the_forgeries_are_made_of_is_accepted() -> None:
    assert witness(KERNEL) == good(KERNEL)
    assert drawn(KERNEL, drift_lower_bound=BOUND)
    assert witness(KERNEL, runs=spike(9_999), drift_lower_bound=BOUND)


# Without its guard, some forgery is accepted

NEUTRAL = {
    "cyclic._start: left[1] >= one": "`over` refuses the 0 that would be divided by",
    "witness._require: high < bound": "more bits do not help, and then the witness is rejected",
    "witness._read: data['sampling'] not in list(DRIFTS)": "a key that is missing when the statement is written",
    "witness._read: not isinstance(given['form'], str)": "`Recursion` takes two forms only, which are texts",
    "witness._runs: not isinstance(data, list)": "the entries of nothing else are lists",
    "witness._runs: not 0 < len(data) <= LONGEST": "nothing adds up to 0, and long patterns have long periods",
    "witness._runs: not isinstance(entry, list)": "nothing else has an integer in front",
    "witness._runs: len(entry) != 2": "a count and a value are unpacked",
}


def guards() -> dict[str, tuple[str, Any]]:
    """Every alternative of every condition that raises, and every call of `keys`: the module, and what deletes it."""
    found: dict[str, tuple[str, Any]] = {}
    for module in GUARDED:
        for function in ast.walk(kernels.tree(module)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                parts: list[ast.expr] = []
                if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise):
                    both = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
                    parts = node.test.values if both else [node.test]
                elif isinstance(node, ast.Expr) and kernels.called_by(node) in ("keys", "_require"):
                    parts = [node.value]
                for part in parts:
                    name = f"{module}.{function.name}: {ast.unparse(part)}"
                    assert name not in found, f"{name} stands there twice"
                    found[name] = module, partial(without, module, part)
    return found


def without(module: str, part: ast.expr) -> ast.Module:
    """The module with `False` in place of an expression."""
    place = (part.lineno, part.col_offset, ast.dump(part))

    class Delete(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if (getattr(node, "lineno", 0), getattr(node, "col_offset", 0), ast.dump(node)) == place:
                return ast.copy_location(ast.Constant(False), node)
            return self.generic_visit(node)

    changed: ast.Module = Delete().visit(copy.deepcopy(kernels.tree(module)))
    return changed


GUARDS = guards()


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_is_needed(guard: str) -> None:
    module, code = GUARDS[guard]
    kernel = kernels.loaded(module, code(), MODULES)
    passed = next((name for name in FORGERIES if accepted(kernel, FORGERIES[name])), None)
    assert bool(passed) != (guard in NEUTRAL), passed


# Conditions and lines that are no `if` that raises, and the forgery that then passes.
CHANGED = [
    ("witness", "if low >= bound:", "if high >= bound:", "a bound that nobody shows"),
    (
        "witness",
        'raise Rejected(f"the drift is not shown',
        'print(f"the drift is not shown',
        "a bound that nobody shows",
    ),
    ("cyclic", "low - quotient[1], high - quotient[0]", "low + quotient[0], high + quotient[1]", "the other sign"),
    ("draws", "-total[1] - rest", "rest - total[0]", "a bound that nobody shows"),
]


@pytest.mark.parametrize(("module", "old", "new", "name"), CHANGED)
def test_a_condition_is_needed(module: str, old: str, new: str, name: str) -> None:
    assert accepted(weakened(module, old, new, MODULES), FORGERIES[name])


def test_the_reviewed_list_speaks_of_guards_that_are_there() -> None:
    assert set(NEUTRAL) <= set(GUARDS)
