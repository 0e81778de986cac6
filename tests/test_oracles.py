"""Every rule and every option has an oracle outside; every two options of an axis are two different rules."""

from __future__ import annotations

import ast
from itertools import combinations

import pytest

from driftproof.checks.runtime.mutants import observable
from driftproof.checks.runtime.torch_optim import PAIRINGS
from driftproof.checks.runtime.worked_combinators import COMPOSED
from driftproof.checks.runtime.worked_steps import CASES, rule_of
from driftproof.theory import catalogue
from driftproof.theory.catalogue import RULES
from driftproof.theory.convention import DECAY_ORDERS

NAMES = catalogue.names()
SHARED = {"DECAY_ORDERS": "adamw"}
"""Options that many files share, and the rule with which they count."""


def own_options(name: str) -> set[tuple[str, str]]:
    """(axis, option) that the file of a rule declares itself; what it has from another file counts there."""
    tree = ast.parse((RULES / f"{name}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Convention":
                axis, options = (ast.literal_eval(a) for a in node.args)
                found |= {(axis, option) for option in options}
            elif node.func.id == "decay_orders":
                found |= {(DECAY_ORDERS.name, str(keyword.arg)) for keyword in node.keywords}
    if name in SHARED.values():
        found |= {(DECAY_ORDERS.name, option) for option in DECAY_ORDERS.options}
    return found


def seen_options() -> dict[str, set[tuple[str, str]]]:
    """(axis, option) of every variant that a class of torch.optim or a worked case is an oracle for, by rule."""
    texts = [p.rule_text for p in PAIRINGS] + [case.rule for case in CASES if case.rule not in COMPOSED]
    found: dict[str, set[tuple[str, str]]] = {}
    for text in texts:
        rule = rule_of(text)
        found.setdefault(rule.name, set()).update(rule.options.items())
    return found


SEEN = seen_options()


def without_oracle(seen: dict[str, set[tuple[str, str]]]) -> list[str]:
    missing = [name for name in NAMES if name not in seen]
    return missing + [
        f"{name}@{axis}={option}"
        for name in NAMES
        for axis, option in sorted(own_options(name))
        if (axis, option) not in seen.get(name, set())
    ]


def test_every_rule_and_option_is_held_against_torch_or_steps_by_hand():
    assert without_oracle(SEEN) == []


def test_a_missing_oracle_is_named():
    assert without_oracle({name: found for name, found in SEEN.items() if name != "yogi"})[0] == "yogi"
    fewer = {**SEEN, "muon": SEEN["muon"] - {("scale", "none")}}
    assert without_oracle(fewer) == ["muon@scale=none"]


def test_own_options_are_those_of_the_file():
    assert ("damped", "once") in own_options("adabelief") and ("eps", "both") not in own_options("adabelief")
    assert ("decay", "later") in own_options("adopt") and ("decay", "after") not in own_options("adopt")
    assert ("decay", "after") in own_options("adamw")


def test_every_combinator_but_those_of_declared_rules_is_worked():
    from driftproof.theory import combinators

    made = {n.name for n in ast.parse(_text(combinators)).body if isinstance(n, ast.FunctionDef) and _makes(n)}
    assert made >= {"clip_by_norm", "cautious", "svag"}
    elsewhere = {"l2", "decoupled_decay", "reparametrise", "svag"}  # torch.optim, AdamW, the scaling and SVAG checks
    elsewhere |= {"on_gradient", "on_update"}  # what others are made with
    worked = {combinator.label.partition("(")[0] for _, combinator in COMPOSED.values()}
    assert made - elsewhere == worked
    assert {case.rule for case in CASES} >= COMPOSED.keys()


def _text(module) -> str:
    with open(module.__file__, encoding="utf-8") as file:
        return file.read()


def _makes(node: ast.FunctionDef) -> bool:
    return not node.name.startswith("_") and isinstance(node.returns, ast.Name) and node.returns.id == "Combinator"


# Options of one axis


def apart(rule, axis, one, other) -> str:
    """The other options under which two options of an axis differ ("none" needed first), or "" if none are found."""
    others = [(c.name, option) for c in rule.conventions if c.name != axis for option in c.options]
    settings = [{}, *({name: option} for name, option in others)]
    settings += [dict(pair) for pair in combinations(others, 2) if pair[0][0] != pair[1][0]]
    for setting in settings:
        a, b = (rule.variant(**setting, **{axis: option}) for option in (one, other))
        if a.digest != b.digest and observable(a, b):
            return ",".join(f"{k}={v}" for k, v in setting.items()) or "none"
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_every_two_options_of_every_axis_differ_somewhere(name):
    rule = catalogue.rule(name)
    same = [
        f"{name}: {convention.name}={one} is {convention.name}={other}"
        for convention in rule.conventions
        for one, other in combinations(convention.options, 2)
        if not apart(rule, convention.name, one, other)
    ]
    assert same == []


def test_options_that_are_one_are_found():
    """An axis whose options differ in name alone: signSGD with its letter eta chosen between itself and itself."""
    from driftproof.theory.language import Convention, choose, eq, eta, g, new, sign, theta

    twice = Convention("twice", {"yes": "2 sign", "also": "sign + sign"})
    rule = catalogue.rule("signsgd").replace(
        conventions=[twice],
        equations=[eq(new(theta), theta - eta * choose("twice", yes=2 * sign(g), also=sign(g) + sign(2 * g)))],
    )
    assert apart(rule, "twice", "yes", "also") == ""
