"""Mutants of declared rules as targets: what the auditor must not take for the rule itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from driftproof.checks.runtime.evaluate import uses_loss
from driftproof.checks.runtime.mutants import change_of, changed_equations, observable, other_options, telling
from driftproof.impl import compile_rule
from driftproof.theory.catalogue import names
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.dataflow import needed
from driftproof.theory.nodes import MatMul
from driftproof.theory.rule import UpdateRule

from .functional import FunctionalSubject
from .inputs import Plan
from .observe import Laboratory, decay_letters
from .subject import Array
from .variant import Variant
from .words import OF_RULE, WORDS

PREFERRED: Mapping[str, str] = {"eta": "lr", "lambda": "weight_decay"}
"""Arguments that are called so whatever the rule."""


class RuleMethods:
    """A rule as a functional optimizer with the arguments of another: of the one that it was made from by a change.

    arguments: letter -> keyword.   declared: the rule whose letters they are.
    """

    def __init__(self, rule: UpdateRule, declared: UpdateRule, arguments: Mapping[str, str]) -> None:
        self.compiled = compile_rule(rule, "reference")
        self.letters = {arguments[h.name]: h.name for h in rule.hyperparameters}
        self.step = _with_signature(self._step, declared, arguments, uses_loss(rule) or uses_loss(declared))

    def init(self, params: Sequence[Array]) -> Any:
        return self.compiled.init(list(params))

    def _step(self, grads: Sequence[Array], state: Any, loss: float | None, **keywords: Any) -> Any:
        given = {self.letters[k]: value for k, value in keywords.items() if k in self.letters}
        state = self.compiled.step(state, list(grads), given, loss=loss)
        return state.theta, state


def _with_signature(step: Any, declared: UpdateRule, arguments: Mapping[str, str], loss: bool) -> Any:
    """The step, with the keywords of the arguments and the rule's defaults; with the loss where it takes it."""

    def stepped(params: Any, grads: Any, state: Any, loss: Any = None, **keywords: Any) -> Any:
        return step(grads, state, loss, **keywords)

    kinds, names = inspect.Parameter, ("params", "grads", "state", *(("loss",) if loss else ()))
    first = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
    rest = [kinds(arguments[h.name], kinds.KEYWORD_ONLY, default=float(h.default)) for h in declared.hyperparameters]
    stepped.__signature__ = inspect.Signature([*first, *rest])  # type: ignore[attr-defined]
    return stepped


def arguments_of(rule: UpdateRule) -> dict[str, str]:
    """letter -> a plausible name of its argument, each once; a letter that nobody has a word for is spelt out."""
    found: dict[str, str] = {}
    for h in rule.hyperparameters:
        known = (*OF_RULE.get(rule.name, {}).get(h.name, ()), *WORDS.get(h.name, ()))
        words = (PREFERRED.get(h.name, h.name), *known)
        plain = [w for w in words if w in known and w.isidentifier()]
        found[h.name] = next(w for w in (*plain, f"{h.name}_") if w not in found.values())
    return found


def subject_of(rule: UpdateRule, declared: UpdateRule, name: str) -> FunctionalSubject:
    """A rule as a target with the signature of the declared one, or its own where it has letters beside those."""
    if {h.name for h in rule.hyperparameters} - {h.name for h in declared.hyperparameters}:
        declared = rule
    return FunctionalSubject(RuleMethods(rule, declared, arguments_of(declared)), name, "", "", [])


def plan_of(variant: Variant) -> Plan:
    """The most telling plan that the rule takes."""
    return Plan("matrices") if any(e.expression.has(MatMul) for e in variant.rule.equations) else Plan()


def judged_exact(laboratory: Laboratory, variant: Variant) -> bool:
    """What the auditor says of a target: without weight decay, and with it."""
    plan, decays = plan_of(variant), (True, False) if decay_letters(variant) else (False,)
    return all(laboratory.distance(variant, plan, {}, decay).exact for decay in decays)


# Which mutants there are


@dataclass(frozen=True)
class Changes:
    """variant: of which.   rules: what was changed -> the observable mutant.   outputs: how many changes are left out
    because they change what the rule gives out beside theta, at which an audit does not look.
    """

    variant: Variant
    rules: Mapping[str, UpdateRule]
    outputs: int


def changes_of(variant: Variant, share: int = 1, known: frozenset[Any] = frozenset()) -> Changes:
    """The observable mutants of a variant, each mathematics once.

    share: one of so many is taken, by the digest of its name.   known: changes that another variant has had.
    """
    rule, seen, found, outputs = variant.rule, {variant.rule.digest}, {}, 0
    moving = _moves_theta(rule)
    for what, mutant in (*other_options(rule), *changed_equations(rule, known)):
        if mutant.digest in seen or not _taken(f"{variant.text}: {what}", share):
            continue
        seen.add(mutant.digest)
        place, separator, _ = what.partition(": ")
        if separator and place not in moving:
            outputs += 1
        elif observable(rule, mutant):
            found[what] = mutant
    return Changes(variant, found, outputs)


def _taken(text: str, share: int) -> bool:
    return int(sha256(text.encode()).hexdigest(), 16) % share == 0


def _moves_theta(rule: UpdateRule) -> set[str]:
    """The symbols that theta depends on; the others are for outputs alone."""
    used = needed(
        {
            "equations": rule.equations,
            "state": rule.state,
            "hyperparameters": rule.hyperparameters,
            "gradients": rule.gradients,
            "guard": rule.guard,
            "outputs": (),
        }
    )
    return {str(symbol) for symbol in used}


def variants_of(name: str) -> Iterator[tuple[Variant, frozenset[Any]]]:
    """The rule and its variants along one axis, each with the changes that those before it had."""
    base = Variant(name)
    known: set[Any] = set()
    kept = next(kept for rule, kept in telling(rule_of(n) for n in names()) if rule.name == name)
    for rule in kept:
        variant = base.having(**{a: o for a, o in rule.options.items() if base.conventions.get(a) != o})
        yield variant, frozenset(known)
        known |= {change_of(variant.rule, what) for what, _ in changed_equations(variant.rule)}


def survivors(changes: Changes) -> Iterator[str]:
    """The mutants that the auditor takes for the variant."""
    references: dict[Any, Any] = {}
    for what, rule in changes.rules.items():
        laboratory = Laboratory(subject_of(rule, changes.variant.rule, what), references=references)
        if judged_exact(laboratory, changes.variant):
            yield f"{changes.variant.text}: {what}"


def options_of(name: str) -> Iterator[Variant]:
    """The rule, and every option of each of its axes."""
    base = Variant(name)
    yield base
    for _, others in (*base.neighbours(), *base.neighbours(decay=True)):
        yield from others


def misjudged(variant: Variant) -> bool:
    """Whether the auditor does not see that the rule itself, unchanged, is the rule."""
    return not judged_exact(Laboratory(subject_of(variant.rule, variant.rule, variant.text)), variant)
