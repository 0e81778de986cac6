"""Which declared rule a target is, in which conventions: at hyperparameters that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .aspects import at_default, decayed, equal_without_decay, explaining, one_place, option
from .identified import Identified
from .inputs import PLANS, Plan
from .observe import FAR, Distance, Laboratory, decay_letters, decayed_words, with_options
from .search import Found, Search
from .signature import bare
from .variant import Variant
from .words import CLAIMS, SIBLINGS

COARSE = 1e-3
"""Computations in single precision stay nearer than that, in steps."""
ALONE = ("vector", "entry")
"""Plans with one tensor."""
ALWAYS_OFF = (*SIBLINGS, "maximize", "verbose", "compile", "gradient_checkpointing")
"""Flags that choose no other equation; probes look at them."""


def identify(laboratory: Laboratory, declared: Variant | None) -> Identified:
    """The nearest variant, with weight decay and flags looked at one by one.

    The declared rule is looked at from every side before the others are.
    """
    search = Search(laboratory, declared)
    if declared is not None:
        found = _near(search, [declared])
        if found.error or found.distance.exact or found.changed is not None:
            return found
        if (turned := _under_a_flag(search, declared, found.plan)) is not None:
            return turned
        other = search.best(found.plan, pairs=False)
        return _completed(search, *other[:2], found.plan, other[2], other[1]) if other[1].exact else found
    return _near(search, [])


def _under_a_flag(search: Search, declared: Variant, plan: Plan) -> Identified | None:
    """The target with one flag turned, where that is the declared rule as it is: rectify=False, say.

    Flags with a meaning in the dictionary are left out: by default, too, they choose something that is known.
    """
    for flag in (f for f in search.signature.flags if f not in ALWAYS_OFF and f not in CLAIMS):
        turned = {flag: not search.signature.defaults[flag]}
        if search.laboratory.distance(declared, plan, turned).exact:
            return _under(search, declared, turned)
    return _under_a_number(search, declared, plan)


def _under_a_number(search: Search, declared: Variant, plan: Plan) -> Identified | None:
    """The same, in some convention, with an argument that no letter stands for at 0 or 1: a second eps, the size from
    which it factors.
    """
    read = {bare(word) for word in decayed_words(search.signature, declared).values()}
    for name in (n for n in search.signature.numbers if n not in read):
        default = search.signature.defaults[name]
        for value in (v for v in (0, 1) if isinstance(default, int | float) and v != default):
            turned = {name: type(default)(value)}
            if search.along_axes(declared, plan, turned)[1].exact:
                return _under(search, declared, turned)
    return None


def _under(search: Search, declared: Variant, turned: Mapping[str, Any]) -> Identified:
    found = _near(Search(with_options(search.laboratory, turned), declared), [declared])
    return replace(found, under=turned)


def _near(search: Search, starts: list[Variant]) -> Identified:
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
        if search.declared is None and other.shapes in ALONE:
            continue  # on one tensor many rules are Adam; only one that is claimed is then a bug
        if (fitting := search.first_fit(likely, other)) is not None:
            plan, (variant, distance) = other, fitting
            break
    return _completed(search, variant, distance, plan, near, first)


def _planned(search: Search, starts: list[Variant]) -> tuple[Plan, Found]:
    """The first plan that the target can be run by, and what is found there."""
    for plan in PLANS:
        found = search.best(plan, starts)
        if found[1] is not FAR:
            return plan, found
    return PLANS[0], search.best(PLANS[0], starts)


def _in_double(search: Search, starts: list[Variant], plan: Plan) -> Identified | None:
    """The same without the target's own roundings to lower precision, if that makes it exact."""
    doubled = Search(Laboratory(search.laboratory.subject, doubled=True), search.declared)
    found = doubled.best(plan, starts)
    if not found[1].exact:
        return None
    whole = _completed(doubled, *found[:2], plan, found[2], found[1])
    decay = bool(decay_letters(whole.variant)) and whole.decay is not None
    real = search.laboratory.distance(whole.variant, plan, {}, decay)
    here = at_default(search, whole.variant, plan)
    return replace(whole, first=real, at_default=here, precise=False)


def _in_single(search: Search, near: list[tuple[Variant, Distance]], plan: Plan) -> Identified | None:
    """The nearest variant, where the target is no further from it than the variant itself in single precision."""
    variant, distance = near[0]
    if distance.in_steps > COARSE or not search.laboratory.as_single(variant, plan):
        return None
    return Identified(
        variant,
        replace(distance, step=0),
        plan,
        distance,
        at_default(search, variant, plan),
        decayed_words(search.signature, variant),
        precise=False,
        loss=distance.in_steps,
    )


def _completed(
    search: Search, variant: Variant, distance: Distance, plan: Plan, near: list[Any], first: Distance
) -> Identified:
    """With the form of weight decay, what each flag does, and the one place that is changed if there is one."""
    forms: list[tuple[Variant, Distance]] = []
    if distance.exact:
        variant = explaining(search, variant, plan)
        forms = decayed(search, [variant], plan) if search.declared is not None else []
        if not forms or not forms[0][1].exact:
            forms = decayed(search, equal_without_decay(search, variant, plan), plan)
    nearest = forms[0] if forms else None
    chosen = nearest[0] if nearest else variant
    exact = distance.exact and (nearest is None or nearest[1].exact)
    bases = [v for near_one in search.likely(forms or near) for v in (near_one, replace(near_one, options=()))]
    changed = None if exact else one_place(search, dict.fromkeys(bases), plan, decay=distance.exact)
    chosen = changed.base if changed else chosen
    flags = [f for f in search.signature.flags if f not in ALWAYS_OFF] if distance.exact else []
    return Identified(
        chosen,
        distance,
        plan,
        first,
        at_default(search, chosen, plan),
        decayed_words(search.signature, chosen),
        changed,
        nearest[1] if nearest else None,
        tuple(option(search, chosen, flag, plan) for flag in flags),
        near=tuple((v.text, d.in_steps) for v, d in near[:3]),
    )


def _error(laboratory: Laboratory, variant: Variant, plan: Plan) -> str:
    words, letters = laboratory.setting(variant, 0, {}, False)
    try:
        laboratory.path(words, plan, 0, letters, {})
    except Exception as error:
        return str(error)
    return ""
