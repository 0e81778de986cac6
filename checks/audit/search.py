"""The search for the declared variant that is nearest to a target: axis by axis, not through the full product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from driftproof.theory.catalogue import names

from .inputs import SHORT, Plan
from .observe import Distance, Laboratory, decayed_words
from .signature import bare
from .variant import DECAY, Changed, Variant

NEAR = 5
"""How many of the nearest rules are looked at along all their axes."""
LIKELY = 3
"""How many variants are compared with every place changed."""
PAIRED = 3
"""How many of those are looked at along two axes at once."""
NOT_SEARCHED = ("generic_adam",)
"""Rules for schedules alone: with constants they are others."""
Found = tuple[Variant, Distance, list[tuple[Variant, Distance]]]
"""The nearest variant, its distance, and the nearest ones of other rules."""


class Search:
    """The search. declared: the rule that the target should follow, if that is known; it is looked at first."""

    def __init__(self, laboratory: Laboratory, declared: Variant | None) -> None:
        self.laboratory, self.declared = laboratory, declared
        self.signature = laboratory.subject.signature

    def best(self, plan: Plan, starts: Sequence[Variant] = (), pairs: bool = True) -> Found:
        """The nearest variant, its distance, and others that are near; without decay, flags at their default.

        starts: where to look, instead of everywhere.   pairs: whether two axes are changed at once.
        """
        near = self._distinct(self.along_axes(v, plan, {}) for v in starts or self._nearest(plan))
        if pairs and (not starts or starts == [self.declared]) and not near[0][1].exact:
            near = self._distinct([*near, *(self._along_pairs(*pair, plan) for pair in near[:PAIRED])])
        exact = [pair for pair in near if pair[1].exact]
        if exact:
            variant, distance = min(exact, key=lambda pair: self.preference(pair[0]))
            return variant, distance, near
        variant, distance = min(near, key=lambda pair: (pair[1].score, self.preference(pair[0])))
        return variant, distance, sorted(near, key=lambda pair: pair[1].score)

    def _distinct(self, found: Iterable[tuple[Variant, Distance]]) -> list[tuple[Variant, Distance]]:
        """Each variant once, the nearest first."""
        distances = dict(found)
        return sorted(distances.items(), key=lambda pair: (pair[1].score, self.preference(pair[0])))

    def _nearest(self, plan: Plan) -> list[Variant]:
        """The rules that come nearest in a short run: as they are; where none of those fits, in any one option."""
        bases = [Variant(name) for name in names() if name not in NOT_SEARCHED]
        ranked = self._ranked(bases, plan)
        if any(pair[1].exact for pair in ranked):
            return [variant for variant, distance in ranked if distance.exact]
        near = [variant for variant, _ in ranked[:NEAR]]
        if any(self.along_axes(variant, plan, {})[1].exact for variant in near):
            return near
        single = [v for base in bases for axis, others in base.neighbours() if axis != DECAY for v in others]
        best: dict[str, Variant] = {}
        for variant, _ in self._ranked([*bases, *single], plan):
            best.setdefault(variant.name, variant)
        return [*near, *list(best.values())[:NEAR]]

    def _ranked(self, variants: Iterable[Variant], plan: Plan) -> list[tuple[Variant, Distance]]:
        measured = [(v, self.laboratory.distance(v, plan, {}, steps=SHORT)) for v in variants]
        return sorted(measured, key=lambda pair: (pair[1].score, self.preference(pair[0])))

    def preference(self, variant: Variant) -> tuple[Any, ...]:
        """Of rules that all fit: the declared one, then what leaves no letter and no argument unexplained."""
        other = self.declared is not None and variant.name != self.declared.name
        return (other, self.unexplained(variant), len(variant.options), len(variant.name), variant.text)

    def along_axes(
        self, start: Variant, plan: Plan, options: Mapping[str, Any], decay: bool = False
    ) -> tuple[Variant, Distance]:
        """Greedily: on each axis the option that comes nearest, until none comes nearer."""
        measure = self.laboratory.distance
        here, distance = start, measure(start, plan, options, decay)
        while not distance.exact:
            nearer = (here, distance)
            for other in (v for _, found in here.neighbours(decay) for v in found):
                tried = (other, measure(other, plan, options, decay, bound=nearer[1].score))
                if tried[1].exact:
                    return tried
                nearer = min(nearer, tried, key=lambda pair: pair[1].score)
            if nearer[1].score >= distance.score * (1 - 1e-9):
                break
            here, distance = nearer
        return here, distance

    def _along_pairs(self, here: Variant, distance: Distance, plan: Plan) -> tuple[Variant, Distance]:
        """The same or, where two axes have to change at once, that."""
        axes = [found for _, found in here.neighbours()]
        pairs = ((a, b) for k, one in enumerate(axes) for other in axes[k + 1 :] for a in one for b in other)
        for a, b in pairs:
            pair = a.having(**{axis: o for axis, o in b.conventions.items() if o != here.conventions[axis]})
            if self.laboratory.distance(pair, plan, {}, steps=SHORT, rows=1).exact:
                found = self.laboratory.distance(pair, plan, {})
                if found.exact:
                    return pair, found
        return here, distance

    def first_fit(self, variants: Iterable[Variant], plan: Plan) -> tuple[Variant, Distance] | None:
        """The first of these, of their neighbours, or of the rules as they are, that the target is exactly under
        another plan.
        """
        near = [w for v in variants for w in (v, *(other for _, others in v.neighbours() for other in others))]
        rest = [] if self.declared is not None else [Variant(name) for name in names() if name not in NOT_SEARCHED]
        for variant in (*near, *rest):
            if self.laboratory.distance(variant, plan, {}, steps=SHORT, rows=1).exact and self.fits(variant, plan):
                return variant, self.laboratory.distance(variant, plan, {})
        return None

    def fits(self, variant: Variant | Changed, plan: Plan, decay: bool = False) -> bool:
        """A short run first, since most are none."""
        measure = self.laboratory.distance
        return measure(variant, plan, {}, decay, SHORT).exact and measure(variant, plan, {}, decay).exact

    def likely(self, near: Iterable[tuple[Variant, Distance]]) -> list[Variant]:
        """Of those found near the ones to look at closely: the declared rule, then the simplest that come nearest."""
        found = [v for v, _ in sorted(near, key=lambda pair: pair[1].score * (1 + self.unexplained(pair[0])))]
        own = [v for v in found if self.declared is not None and v.name == self.declared.name]
        return list(dict.fromkeys([*([self.declared] if self.declared else []), *own, *found]))[:LIKELY]

    def unexplained(self, variant: Variant) -> int:
        """Letters of the rule that the target has no argument for, and arguments that the rule has no letter for."""
        words = decayed_words(self.signature, variant)
        letters = {h.name for h in variant.rule.hyperparameters}
        return len(letters - set(words)) + 2 * len(set(self.signature.numbers) - {bare(w) for w in words.values()})
