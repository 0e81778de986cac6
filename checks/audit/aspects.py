"""Single aspects of a target whose rule is known or near: weight decay, flags, one changed place, defaults."""

from __future__ import annotations

from collections.abc import Iterable

from driftproof.theory.catalogue import names

from .identified import Option
from .inputs import STEPS, Plan, loud
from .observe import Distance, Failed, apart, decay_letters, decayed_words, flat, reference_path
from .places import suspects
from .search import NOT_SEARCHED, Search
from .signature import bare
from .variant import DECAY, Changed, Variant
from .words import axis_of


def decayed(search: Search, variants: Iterable[Variant], plan: Plan) -> list[tuple[Variant, Distance]]:
    """With weight decay on: its forms from the nearest on, for rules that are equal without it; none without an
    argument for it.
    """
    found: list[tuple[Variant, Distance]] = []
    for variant in variants:
        for form in variant.decays():
            words = decayed_words(search.signature, form)
            if all(letter in words for letter in decay_letters(form)) and decay_letters(form):
                found.append((form, search.laboratory.distance(form, plan, {}, decay=True)))
    exact = [pair for pair in found if pair[1].exact]
    if exact:
        return sorted(exact, key=lambda pair: (_around(pair[0]), *search.preference(pair[0])))
    return sorted(found, key=lambda pair: pair[1].score)


def equal_without_decay(search: Search, variant: Variant, plan: Plan) -> list[Variant]:
    """The rules that are the same where weight decay is 0: adam and adamw, sgd and sgdw."""
    found = [variant]
    for name in names():
        if name == variant.name or name in NOT_SEARCHED:
            continue
        base = Variant(name)
        axes = {c.name: c for c in base.rule.conventions if c.name != DECAY}
        carried = {a: o for a, o in variant.conventions.items() if a in axes and o in axes[a].options}
        if search.fits(same := base.having(**carried), plan):
            found.append(same)
    return found


def explaining(search: Search, variant: Variant, plan: Plan) -> Variant:
    """Of variants that fit, along one axis or two, the one that leaves the fewest arguments unexplained: with momentum,
    say.
    """
    here = search.unexplained(variant)
    for fuller in (v for _, others in variant.neighbours() for v in others if search.unexplained(v) < here):
        further = [w for _, others in fuller.neighbours() for w in others]
        for tried in (fuller, *(w for w in further if search.unexplained(w) < here)):
            if search.fits(tried, plan):
                return tried
    return variant


def option(search: Search, variant: Variant, flag: str, plan: Plan) -> Option:
    """What turning one flag does."""
    value = not search.signature.defaults[flag]
    turned = {flag: value}
    words, letters = search.laboratory.setting(variant, 0, turned, True)
    try:
        changed = search.laboratory.path(words, plan, 0, letters, turned)
        base = search.laboratory.path(words, plan, 0, letters, {})
    except Exception as error:
        return Option(flag, value, "fails", error=str(error))
    if all((a == b).all() for a, b in zip(changed, base, strict=True)):
        return Option(flag, value, "nothing")
    decay = bool(decay_letters(variant))
    claimed = [v for axis, others in variant.neighbours() for v in others if axis in flag or axis == axis_of(flag)]
    starts = [*claimed, variant]
    found = [(s, search.laboratory.distance(s, plan, turned, decay)) for s in starts]
    nearest = min(found, key=lambda pair: pair[1].score)
    if not nearest[1].exact:
        nearest = search.along_axes(nearest[0], plan, turned, decay)
    if not nearest[1].exact:
        forms = [
            v
            for v in _bare(variant).decays()
            if all(k in decayed_words(search.signature, v) for k in decay_letters(v))
        ]
        found = [nearest, *((v, search.laboratory.distance(v, plan, turned, True)) for v in forms)]
        nearest = min(found, key=lambda pair: pair[1].score)
    if not nearest[1].exact and "tau" in words:  # dampening together with a flag is nobody's convention
        undamped = {**turned, bare(words["tau"]): search.signature.defaults[bare(words["tau"])]}
        nearest = min(nearest, search.along_axes(nearest[0], plan, undamped, decay), key=lambda pair: pair[1].score)
    return Option(flag, value, "changes", *nearest)


def one_place(search: Search, variants: Iterable[Variant], plan: Plan, decay: bool) -> Changed | None:
    """A variant with one place changed, where the target is exactly that."""
    for variant in variants:
        words, letters = search.laboratory.setting(variant, 0, {}, decay)
        inputs = loud(plan)[0]
        schedule = [{**letters, "eta": letters.get("eta", 1.0) * factor} for factor in inputs.factors]
        entry = [float(step[0].flat[0]) for step in inputs.gradients]
        try:
            path = [float(theta[0]) for theta in search.laboratory.path(words, plan, 0, letters, {})]
        except Failed:
            continue
        if len(set(path)) == 1:
            continue  # what does not move at all is every rule without its step
        for changed in suspects(variant, float(inputs.start[0].flat[0]), entry, schedule, path):
            if search.fits(changed, plan, decay):
                return changed
    return None


def at_default(search: Search, variant: Variant, plan: Plan) -> float:
    """The distance in steps where every hyperparameter is what the target has by default."""
    words = decayed_words(search.signature, variant)
    letters = search.signature.values(words, variant.rule)
    inputs = loud(plan)[0] if "eta" in words else loud(plan)[0].at_constant_step_size()
    try:
        with search.laboratory.arithmetic():
            theirs = search.laboratory.run(search.signature.keywords(words, letters), words, inputs, letters)
        ours = reference_path(variant, inputs, letters, STEPS)
    except Exception:
        return float("nan")
    return apart(ours, theirs, flat(inputs.start))[0]


def _around(variant: Variant) -> int:
    """Decay of the rule's own is named first, and L2 around a rule that has one of its own last."""
    return 0 if not variant.around else 2 if variant.own_decay and variant.around == "l2" else 1


def _bare(variant: Variant) -> Variant:
    options = {axis: option for axis, option in variant.options if axis != "decay"}
    return Variant(variant.name).having(**options)
