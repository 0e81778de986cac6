"""A declared rule in one convention, with or without weight decay around it: what a target is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from driftproof.impl import compile_rule
from driftproof.impl.compiled import CompiledRule
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.combinators import compose, decoupled_decay, l2
from driftproof.theory.convention import decay_orders
from driftproof.theory.rule import UpdateRule

DECAY = "decay"


@dataclass(frozen=True)
class Variant:
    """name: NAME or PATH.py[:NAME].   options: of axes that are not at their default.

    around: "" (nothing), "l2" (lambda theta is added to the gradient) or "decoupled".
    """

    name: str
    options: tuple[tuple[str, str], ...] = ()
    around: str = ""

    @classmethod
    def of(cls, text: str) -> Variant:
        """Of a RULE string. raises: as catalogue.rule."""
        base, separator, options = text.rpartition("@")
        named = bool(separator) and ".py" not in options
        variant = cls(base if named else text)
        chosen = dict(pair.partition("=")[::2] for pair in options.split(",")) if named else {}
        return variant.having(**chosen)

    def having(self, **options: str) -> Variant:
        """The same with other options; those at their default are left out."""
        whole = {**dict(self.options), **options}
        defaults = {c.name: c.default for c in _built(self.name, (), self.around).conventions}
        for axis, option in options.items():
            if axis in defaults:
                next(c for c in _built(self.name, (), self.around).conventions if c.name == axis).check(option)
        kept = {axis: option for axis, option in whole.items() if defaults.get(axis) != option}
        order = list(defaults)
        return replace(self, options=tuple(sorted(kept.items(), key=lambda pair: _place(order, pair[0]))))

    @property
    def rule(self) -> UpdateRule:
        return _built(self.name, self.options, self.around)

    @property
    def compiled(self) -> CompiledRule:
        return _compiled(self)

    @property
    def text(self) -> str:
        """The RULE string, without what is around it."""
        return self.name + ("@" + ",".join(f"{a}={o}" for a, o in self.options) if self.options else "")

    @property
    def conventions(self) -> dict[str, str]:
        """Every axis and its option."""
        return dict(self.rule.options)

    def __str__(self) -> str:
        words = {"": "", "l2": " with L2 weight decay", "decoupled": " with decoupled weight decay"}
        return self.text + words[self.around]

    @property
    def own_decay(self) -> bool:
        """Whether lambda of this rule is weight decay, along an axis of its own."""
        return any(c.name == DECAY for c in self.rule.conventions)

    def neighbours(self, decay: bool = False) -> Iterator[tuple[str, list[Variant]]]:
        """For every axis the variants that differ on it alone; decay: on the axis of weight decay, or on the others."""
        for convention in self.rule.conventions:
            if (convention.name == DECAY) == decay:
                others = [o for o in convention.options if o != self.rule.options[convention.name]]
                yield convention.name, [self.having(**{convention.name: o}) for o in others]

    def decays(self) -> list[Variant]:
        """Every form of weight decay of this rule."""
        if self.around:
            return [self]
        found = [v for _, others in self.neighbours(decay=True) for v in (self, *others)]
        found.append(replace(self, around="l2"))
        if not self.own_decay and not any(h.name == "lambda" for h in self.rule.hyperparameters):
            apart = replace(self, around="decoupled")
            found += [apart, *(v for _, others in apart.neighbours(decay=True) for v in others)]
        return found


def _place(order: list[str], axis: str) -> int:
    return order.index(axis) if axis in order else len(order)


@lru_cache(maxsize=4096)
def _built(name: str, options: tuple[tuple[str, str], ...], around: str) -> UpdateRule:
    rule = rule_of(name)
    inner = {axis: option for axis, option in options if any(c.name == axis for c in rule.conventions)}
    rule = rule.variant(**inner) if inner else rule
    if around == "l2":
        taken = any(h.name == "lambda" for h in rule.hyperparameters)
        rule = compose(rule.name, rule, [l2(name="lambda2" if taken else "lambda")])
    if around == "decoupled":
        rule = compose(rule.name, rule, [decoupled_decay()], conventions=[decay_orders()])
        outer = {axis: option for axis, option in options if axis not in inner}
        rule = rule.variant(**outer) if outer else rule
    return rule


@lru_cache(maxsize=4096)
def _compiled(variant: Variant) -> CompiledRule:
    return compile_rule(variant.rule, "reference")


@dataclass(frozen=True)
class Changed:
    """A variant with one place of its equations changed: what, and the rule that results."""

    base: Variant
    what: str
    rule: UpdateRule = field(compare=False)

    @cached_property
    def compiled(self) -> CompiledRule:
        return compile_rule(self.rule, "reference")

