"""Which declared rule a target is, in which conventions: found axis by axis, at hyperparameters that tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftproof.theory.catalogue import names

from .inputs import PLANS, SHORT, STEPS, Plan, loud
from .observe import (
    FAR,
    Distance,
    Failed,
    Laboratory,
    apart,
    decay_letters,
    decayed_words,
    flat,
    reference_path,
)
from .places import suspects
from .signature import bare
from .variant import DECAY, Changed, Variant
from .words import SIBLINGS

COARSE = 1e-3
"""Computations in single precision stay nearer than that, in steps."""
NEAR = 5
"""How many of the nearest rules are looked at along all their axes."""
LIKELY = 3
"""How many variants are compared with every place changed."""
PAIRED = 3
"""How many of those are looked at along two axes at once."""
NOT_SEARCHED = ("generic_adam",)
"""Rules for schedules alone: with constants they are others."""
ALWAYS_OFF = (*SIBLINGS, "maximize", "verbose", "compile", "gradient_checkpointing")
"""Flags that choose no other equation; probes look at them."""


@dataclass(frozen=True)
class Option:
    """What a flag does: the variant that the target is when it is turned, the distance to it, and whether it claims one.

    effect: "changes", "nothing" (the path is the same) or "fails" (the run raises; the error is in `error`).
    """

    flag: str
    value: bool
    effect: str
    variant: Variant | None = None
    distance: Distance = FAR
    error: str = ""

    @property
    def text(self) -> str:
        return f"{self.flag}={self.value}"


@dataclass(frozen=True)
class Identified:
    """variant: the nearest one.   distance: to it, at loud hyperparameters.   at_default: in steps, at the target's own.

    plan: how it was run; a plan that is not the first says what the target cannot do.
    first: the distance under the first plan (the same as distance where that is the plan).
    changed: a variant with one place changed that the target equals exactly, where it equals none as declared.
    decay: the distance with weight decay on, None without an argument for it; variant has its form around it.
    """

    variant: Variant
    distance: Distance
    plan: Plan
    first: Distance
    at_default: float
    words: Mapping[str, str]
    changed: Changed | None = None
    decay: Distance | None = None
    options: tuple[Option, ...] = ()
    error: str = ""
    precise: bool = True
    near: tuple[tuple[str, float], ...] = field(default=())

    @property
    def exact(self) -> bool:
        return self.distance.exact and (self.decay is None or self.decay.exact)


Found = tuple[Variant, Distance, list[tuple[Variant, Distance]]]
"""The nearest variant, its distance, and the nearest ones of other rules."""


class Identification:
    """The search. declared: the rule that the target should follow, if that is known; it is looked at first."""

    def __init__(self, laboratory: Laboratory, declared: Variant | None) -> None:
        self.laboratory, self.declared = laboratory, declared
        self.signature = laboratory.subject.signature

    def best(self, plan: Plan, starts: Sequence[Variant] = ()) -> Found:
        """The nearest variant, its distance, and the nearest ones of other rules; without decay, flags at their default.

        starts: where to look, instead of everywhere.
        """
        near = self._distinct(self.along_axes(v, plan, {}) for v in starts or self._nearest(plan))
        if (not starts or starts == [self.declared]) and not near[0][1].exact:
            near = self._distinct([*near, *(self._along_pairs(*pair, plan) for pair in near[:PAIRED])])
        exact = [pair for pair in near if pair[1].exact]
        if exact:
            variant, distance = min(exact, key=lambda pair: self._preference(pair[0]))
            return variant, distance, near
        variant, distance = min(near, key=lambda pair: (pair[1].score, self._preference(pair[0])))
        return variant, distance, sorted(near, key=lambda pair: pair[1].score)

    def _distinct(self, found: Iterable[tuple[Variant, Distance]]) -> list[tuple[Variant, Distance]]:
        """Each variant once, the nearest first."""
        distances = dict(found)
        return sorted(distances.items(), key=lambda pair: (pair[1].score, self._preference(pair[0])))

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
        return sorted(measured, key=lambda pair: (pair[1].score, self._preference(pair[0])))

    def _preference(self, variant: Variant) -> tuple[Any, ...]:
        """Of rules that all fit: the declared one, then what leaves no letter and no argument unexplained."""
        other = self.declared is not None and variant.name != self.declared.name
        return (other, self._unexplained(variant), len(variant.options), len(variant.name), variant.text)

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

    def decayed(self, variants: Iterable[Variant], plan: Plan) -> list[tuple[Variant, Distance]]:
        """With weight decay on: its forms from the nearest on, for rules that are equal without it; none without an
        argument for it.
        """
        found: list[tuple[Variant, Distance]] = []
        for variant in variants:
            for form in variant.decays():
                words = decayed_words(self.signature, form)
                if all(letter in words for letter in decay_letters(form)) and decay_letters(form):
                    found.append((form, self.laboratory.distance(form, plan, {}, decay=True)))
        exact = [pair for pair in found if pair[1].exact]
        if exact:
            return sorted(exact, key=lambda pair: (_around(pair[0]), *self._preference(pair[0])))
        return sorted(found, key=lambda pair: pair[1].score)

    def equal_without_decay(self, variant: Variant, plan: Plan) -> list[Variant]:
        """The rules that are the same where weight decay is 0: adam and adamw, sgd and sgdw."""
        found = [variant]
        for name in names():
            if name == variant.name or name in NOT_SEARCHED:
                continue
            base = Variant(name)
            axes = {c.name: c for c in base.rule.conventions if c.name != DECAY}
            carried = {a: o for a, o in variant.conventions.items() if a in axes and o in axes[a].options}
            if self._exact(same := base.having(**carried), plan):
                found.append(same)
        return found

    def _exact(self, variant: Variant | Changed, plan: Plan, decay: bool = False) -> bool:
        """A short run first, since most are none."""
        measure = self.laboratory.distance
        return measure(variant, plan, {}, decay, SHORT).exact and measure(variant, plan, {}, decay).exact

    def explaining(self, variant: Variant, plan: Plan) -> Variant:
        """Of variants that fit, along one axis, the one that leaves the fewest arguments unexplained: momentum, say."""
        fitting = [v for _, others in variant.neighbours() for v in others if self._exact(v, plan)]
        return min([variant, *fitting], key=lambda v: (self._unexplained(v), len(v.options)))

    def option(self, variant: Variant, flag: str, plan: Plan) -> Option:
        """What turning one flag does."""
        value = not self.signature.defaults[flag]
        turned = {flag: value}
        words, letters = self.laboratory.setting(variant, 0, turned, True)
        try:
            changed = self.laboratory.path(words, plan, 0, letters, turned)
            base = self.laboratory.path(words, plan, 0, letters, {})
        except Exception as error:
            return Option(flag, value, "fails", error=str(error))
        if all((a == b).all() for a, b in zip(changed, base, strict=True)):
            return Option(flag, value, "nothing")
        decay = bool(decay_letters(variant))
        claimed = [v for axis, others in variant.neighbours() for v in others if axis in flag or axis == _axis(flag)]
        starts = [*claimed, variant]
        found = [(s, self.laboratory.distance(s, plan, turned, decay)) for s in starts]
        nearest = min(found, key=lambda pair: pair[1].score)
        if not nearest[1].exact:
            nearest = self.along_axes(nearest[0], plan, turned, decay)
        if not nearest[1].exact:
            forms = [
                v
                for v in _bare(variant).decays()
                if all(k in decayed_words(self.signature, v) for k in decay_letters(v))
            ]
            found = [nearest, *((v, self.laboratory.distance(v, plan, turned, True)) for v in forms)]
            nearest = min(found, key=lambda pair: pair[1].score)
        return Option(flag, value, "changes", *nearest)

    def one_place(self, variants: Iterable[Variant], plan: Plan, decay: bool) -> Changed | None:
        """A variant with one place changed, where the target is exactly that."""
        for variant in variants:
            words, letters = self.laboratory.setting(variant, 0, {}, decay)
            inputs = loud(plan)[0]
            schedule = [{**letters, "eta": letters.get("eta", 1.0) * factor} for factor in inputs.factors]
            entry = [float(step[0].flat[0]) for step in inputs.gradients]
            try:
                path = [float(theta[0]) for theta in self.laboratory.path(words, plan, 0, letters, {})]
            except Failed:
                continue
            for changed in suspects(variant, float(inputs.start[0].flat[0]), entry, schedule, path):
                if self._exact(changed, plan, decay):
                    return changed
        return None

    def likely(self, near: Iterable[tuple[Variant, Distance]]) -> list[Variant]:
        """Of those found near the ones to look at closely: the declared rule, then the simplest that come nearest."""
        found = [v for v, _ in sorted(near, key=lambda pair: pair[1].score * (1 + self._unexplained(pair[0])))]
        own = [v for v in found if self.declared is not None and v.name == self.declared.name]
        return list(dict.fromkeys([*([self.declared] if self.declared else []), *own, *found]))[:LIKELY]

    def _unexplained(self, variant: Variant) -> int:
        """Letters of the rule that the target has no argument for, and arguments that the rule has no letter for."""
        words = decayed_words(self.signature, variant)
        letters = {h.name for h in variant.rule.hyperparameters}
        return len(letters - set(words)) + 2 * len(set(self.signature.numbers) - {bare(w) for w in words.values()})

    def at_default(self, variant: Variant, plan: Plan) -> float:
        """The distance in steps where every hyperparameter is what the target has by default."""
        words = decayed_words(self.signature, variant)
        letters = self.signature.values(words, variant.rule)
        inputs = loud(plan)[0] if "eta" in words else replace(loud(plan)[0], factors=(1.0,) * STEPS)
        try:
            with self.laboratory.arithmetic():
                theirs = self.laboratory.run(self.signature.keywords(words, letters), words, inputs, letters)
            ours = reference_path(variant, inputs, letters, STEPS)
        except Exception:
            return float("nan")
        return apart(ours, theirs, flat(inputs.start))[0]


def _around(variant: Variant) -> int:
    """Decay of the rule's own is named first, and L2 around a rule that has one of its own last."""
    return 0 if not variant.around else 2 if variant.own_decay and variant.around == "l2" else 1


def _axis(flag: str) -> str:
    return {"ams_bound": "amsgrad", "amsbound": "amsgrad"}.get(flag, flag)


def _bare(variant: Variant) -> Variant:
    options = {axis: option for axis, option in variant.options if axis != "decay"}
    return Variant(variant.name).having(**options)


def identify(laboratory: Laboratory, declared: Variant | None) -> Identified:
    """The nearest variant, with weight decay and flags looked at one by one.

    The declared rule is looked at from every side before the others are.
    """
    search = Identification(laboratory, declared)
    if declared is not None:
        found = _near(search, [declared])
        if found.error or found.distance.exact or found.changed is not None:
            return found
    return _near(search, [])


def _near(search: Identification, starts: list[Variant]) -> Identified:
    """The nearest of these rules along their axes (of all rules if there are none), run as well as the target can."""
    laboratory = search.laboratory
    plan, (variant, distance, near) = _planned(search, starts)
    if distance is FAR:
        return Identified(variant, FAR, plan, FAR, float("nan"), {}, error=_error(laboratory, variant, plan))
    if distance.exact:
        return _completed(search, variant, distance, plan, near, distance)
    likely = search.likely(near)
    if (doubled := _in_double(search, likely, plan) or _in_single(search, near, plan)) is not None:
        return doubled
    first = distance
    for other in PLANS:
        found = search.best(other, likely)
        if found[1].exact:
            plan, (variant, distance, near) = other, found
            break
    return _completed(search, variant, distance, plan, near, first)


def _planned(search: Identification, starts: list[Variant]) -> tuple[Plan, Found]:
    """The first plan that the target can be run by, and what is found there."""
    for plan in PLANS:
        found = search.best(plan, starts)
        if found[1] is not FAR:
            return plan, found
    return PLANS[0], search.best(PLANS[0], starts)


def _in_double(search: Identification, starts: list[Variant], plan: Plan) -> Identified | None:
    """The same without the target's own roundings to lower precision, if that makes it exact."""
    doubled = Identification(Laboratory(search.laboratory.subject, doubled=True), search.declared)
    found = doubled.best(plan, starts)
    if not found[1].exact:
        return None
    whole = _completed(doubled, *found[:2], plan, found[2], found[1])
    decay = bool(decay_letters(whole.variant)) and whole.decay is not None
    real = search.laboratory.distance(whole.variant, plan, {}, decay)
    here = search.at_default(whole.variant, plan)
    return replace(whole, first=real, at_default=here, precise=False)


def _in_single(search: Identification, near: list[tuple[Variant, Distance]], plan: Plan) -> Identified | None:
    """The nearest variant, where the target is no further from it than the variant itself in single precision."""
    variant, distance = near[0]
    if distance.in_steps > COARSE or not search.laboratory.as_single(variant, plan):
        return None
    return Identified(
        variant,
        replace(distance, step=0),
        plan,
        distance,
        search.at_default(variant, plan),
        decayed_words(search.signature, variant),
        precise=False,
    )


def _completed(
    search: Identification, variant: Variant, distance: Distance, plan: Plan, near: list[Any], first: Distance
) -> Identified:
    """With the form of weight decay, what each flag does, and the one place that is changed if there is one."""
    forms: list[tuple[Variant, Distance]] = []
    if distance.exact:
        variant = search.explaining(variant, plan)
        forms = search.decayed([variant], plan) if search.declared is not None else []
        if not forms or not forms[0][1].exact:
            forms = search.decayed(search.equal_without_decay(variant, plan), plan)
    decayed = forms[0] if forms else None
    chosen = decayed[0] if decayed else variant
    exact = distance.exact and (decayed is None or decayed[1].exact)
    bases = [v for near_one in search.likely(forms or near) for v in (near_one, replace(near_one, options=()))]
    changed = None if exact else search.one_place(dict.fromkeys(bases), plan, decay=distance.exact)
    chosen = changed.base if changed else chosen
    flags = [f for f in search.signature.flags if f not in ALWAYS_OFF] if distance.exact else []
    return Identified(
        chosen,
        distance,
        plan,
        first,
        search.at_default(chosen, plan),
        decayed_words(search.signature, chosen),
        changed,
        decayed[1] if decayed else None,
        tuple(search.option(chosen, flag, plan) for flag in flags),
        near=tuple((v.text, d.in_steps) for v, d in near[:3]),
    )


def _error(laboratory: Laboratory, variant: Variant, plan: Plan) -> str:
    words, letters = laboratory.setting(variant, 0, {}, False)
    try:
        laboratory.path(words, plan, 0, letters, {})
    except Exception as error:
        return str(error)
    return ""
