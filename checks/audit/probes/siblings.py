"""Other ways to the same numbers: foreach, fused, capturable, differentiable, and maximize.

Every way is held to the declared rule, and not only to its siblings: two that are wrong alike agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from driftproof.theory.errors import DriftproofError

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import Laboratory, flat, largest_step
from ..probe import Audited, Probe, Skipped, finding
from ..rounding import bounds, excess
from ..subject import Array
from ..variant import Variant

STEPS = 4
SIZES = ((17,), ())
"""Beside the shapes of every probe: more than two vector registers, and no dimension at all."""
WRONG, CERTAIN = 0.25, 4
"""Of a step, and times what rounding explains: in low precision that is no lack of precision any more."""


@dataclass(frozen=True)
class Case:
    """Options that choose an equation, and the rule that they choose. turned: whether the loss is maximised."""

    options: Mapping[str, Any]
    variant: Variant
    keywords: Mapping[str, Any]
    letters: Mapping[str, float]
    turned: bool = False

    def right(self, audited: Audited, start: Sequence[Array], gradients: Sequence[Sequence[Array]]) -> list[Array]:
        seen = [[-g for g in row] for row in gradients] if self.turned else gradients
        return audited.oracle_path(start, seen, self.letters, self.variant)


def cases(audited: Audited) -> Iterator[Case]:
    """The target as it was identified, with each flag whose rule is known, and maximised."""
    yield Case({}, audited.variant, audited.loud, audited.letters)
    for option in audited.identified.options if audited.identified else ():
        if option.effect == "changes" and option.variant is not None and option.distance.exact:
            turned = {option.flag: option.value}
            words, letters = audited.laboratory.setting(option.variant, 0, turned, True)
            yield Case(turned, option.variant, {**audited.signature.keywords(words, letters), **turned}, letters)
    if "maximize" in audited.signature.flags:
        yield Case({"maximize": True}, audited.variant, {**audited.loud, "maximize": True}, audited.letters, True)


def data(audited: Audited, sizes: Sequence[tuple[int, ...]] = SIZES) -> tuple[list[Array], list[list[Array]]]:
    matrices = all(len(s) == 2 for s in audited.shapes)
    return audited.draws(STEPS, (*audited.shapes, *(() if matrices else sizes)), salt=51)


def siblings(audited: Audited) -> list[dict[str, bool]]:
    """The forms with a flag on. raises: Skipped where there are none."""
    found = list(tensors.forms(audited))
    if len(found) == 1:
        raise Skipped("there is one way to the numbers only")
    return found[1:]


def ran(audited: Audited, form: Mapping[str, Any], keywords: Mapping[str, Any], dtype: str = "float64") -> list[Array]:
    """The path of one form. raises: Skipped where it refuses to run, on the CPU for example."""
    start, gradients = data(audited, SIZES if dtype == "float64" else ())
    try:
        return tensors.path(audited, start, gradients, {**keywords, **form}, dtype)
    except DriftproofError:
        raise
    except Exception as error:
        raise Skipped(f"{tensors.named(form)} does not run: {error}") from error


@tensors.on_several
def follow_the_rule(audited: Audited) -> Iterator[Finding]:
    """In float64 every form follows the rule in every option."""
    start, gradients = data(audited)
    others, plain = siblings(audited), next(tensors.forms(audited))
    pairs = [(case, case.right(audited, start, gradients)) for case in cases(audited)]
    # where the plain form is off too, it is no matter of siblings
    pairs = [(c, r) for c, r in pairs if not audited.differs(r, ran(audited, plain, c.keywords), start)[1]]
    for form in others:
        try:
            ran(audited, form, audited.loud)
        except Skipped:
            continue
        for case, right in pairs:
            try:
                got = ran(audited, form, case.keywords)
            except Skipped:
                continue
            size, step, entry = audited.differs(right, got, start)
            if step:
                yield _differing(audited, case, form, size, step, entry)
                break


def _differing(audited: Audited, case: Case, form: Mapping[str, Any], size: float, step: int, entry: int) -> Finding:
    words = tensors.named({**form, **case.options})
    shown = _script(audited, case, form, entry, step)
    if _inner(audited, case, form):
        told = f"with {words} it is {size:.2g} steps from {case.variant} at step {step}: it computes in float32 inside"
        return finding(RULE, told, shown, "note")
    return finding(RULE, f"with {words} it is {size:.2g} steps from {case.variant} at step {step}", shown)


def _inner(audited: Audited, case: Case, form: Mapping[str, Any]) -> bool:
    """Whether it follows the rule once its own roundings to lower precision are taken out."""
    start, gradients = data(audited)
    with Laboratory(audited.subject, doubled=True).arithmetic():
        got = tensors.path(audited, start, gradients, {**case.keywords, **form})
    return not audited.differs(case.right(audited, start, gradients), got, start)[1]


def _script(audited: Audited, case: Case, form: Mapping[str, Any], entry: int, step: int) -> Counterexample:
    """Of the entry that differs alone, if it differs alone; else of its whole tensor, else of all."""
    start, gradients = data(audited)
    keywords = {**case.keywords, **form}
    why = f"{case.variant.text}" + (" with the gradient negated" if case.turned else "")
    for chosen_start, chosen in _smaller(start, gradients[:step], entry):
        try:
            right = case.right(audited, chosen_start, chosen)
            got = tensors.path(audited, chosen_start, chosen, keywords)
        except Exception:  # a rule of matrices takes no single entry
            continue
        if audited.differs(right, got, chosen_start)[1]:
            return tensors.plain(audited, chosen_start, keywords, chosen, list(right[-1]), why)
    right = case.right(audited, start, gradients)
    return tensors.plain(audited, start, keywords, gradients[:step], list(right[step - 1]), why)


def _smaller(
    start: Sequence[Array], gradients: Sequence[Sequence[Array]], entry: int
) -> Iterator[tuple[list[Array], list[list[Array]]]]:
    place = 0
    for number, array in enumerate(start):
        if place <= entry < place + array.size:
            at = entry - place
            yield [array.reshape(-1)[at : at + 1]], [[row[number].reshape(-1)[at : at + 1]] for row in gradients]
            yield [array], [[row[number]] for row in gradients]
        place += array.size


def agree(audited: Audited) -> Iterator[Finding]:
    """Where the rule is not known: in float64 every form is where the plain one is."""
    if audited.known:
        raise Skipped("every form is held to the rule")
    others, start = siblings(audited), data(audited)[0]
    off = {flag: False for flag in others[0]}
    plain = ran(audited, off, audited.loud)
    for form in others:
        try:
            got = ran(audited, form, audited.loud)
        except Skipped:
            continue
        size, step, _ = audited.differs(plain, got, start)
        if step:
            keywords, gradients = {**audited.loud, **form}, data(audited)[1][:step]
            shown = tensors.plain(
                audited, start, keywords, gradients, list(plain[step - 1]), "with every such flag off"
            )
            told = f"with {tensors.named(form)} it is {size:.2g} steps from the plain form at step {step}"
            with Laboratory(audited.subject, doubled=True).arithmetic():
                doubled, other = (ran(audited, f, audited.loud) for f in (off, form))
            inner = not audited.differs(doubled, other, start)[1]
            inside = ": one of them computes in float32 inside" if inner else ""
            yield finding(AGREE, told + inside, shown, "note" if inner else "")


@tensors.on_several
def round_alike(audited: Audited) -> Iterator[Finding]:
    """In low precision every form is as near to the rule as rounding explains."""
    forms, (start, gradients) = _on_the_rule(audited), data(audited, ())  # sizes are the matter of kernel-sizes
    for dtype in tensors.LOW:
        low_start = [tensors.rounded(a, dtype) for a in start]
        low = [[tensors.rounded(g, dtype) for g in row] for row in gradients]
        right, bound = audited.oracle_path(low_start, low), bounds(audited, low_start, low, dtype)
        for form in forms:
            try:
                got = ran(audited, form, audited.loud, dtype)
            except Skipped:
                continue
            share, step, entry = excess(right, got, bound)
            if share > 1:
                gap = abs(got[step - 1][entry] - right[step - 1][entry]) / largest_step(right, flat(low_start))
                yield finding(
                    LOW,
                    f"with {tensors.named(form)} in {dtype} it is {gap:.2g} steps from the rule at step {step}, "
                    f"{share:.2g} times what rounding explains",
                    _low_script(audited, form, dtype, low_start, low[:step], entry),
                    "error" if gap > WRONG and share > CERTAIN else "warning",
                )


def _on_the_rule(audited: Audited) -> list[dict[str, bool]]:
    """The forms that follow the rule in float64, to a millionth of a step: they may compute in float32 inside."""
    start, gradients = data(audited)
    right, found = audited.oracle_path(start, gradients), []
    for form in siblings(audited):
        with suppress(Skipped):
            if audited.differs(right, ran(audited, form, audited.loud), start)[0] < 1e-5:
                found.append(form)
    return found


def _low_script(
    audited: Audited,
    form: Mapping[str, Any],
    dtype: str,
    start: Sequence[Array],
    gradients: Sequence[Sequence[Array]],
    entry: int,
) -> Counterexample:
    """Of the entry, or of its tensor, if they show it alone; else of all tensors."""
    keywords = {**audited.loud, **form}
    why = f"{audited.variant.text} in float64"
    whole = (list(start), [list(row) for row in gradients])
    for chosen, rows in (*_smaller(start, gradients, entry), whole):
        try:
            right, bound = audited.oracle_path(chosen, rows), bounds(audited, chosen, rows, dtype)
            got = tensors.path(audited, chosen, rows, keywords, dtype)
        except Exception:  # a rule of matrices takes no single entry
            continue
        if excess(right, got, bound)[0] > 1:
            break
    return tensors.plain(audited, chosen, keywords, rows, list(right[-1]), why, dtype)


def run_at_all(audited: Audited) -> Iterator[Finding]:
    """A flag that is accepted does not fail with an error that is no refusal."""
    start, gradients = data(audited)
    siblings(audited)
    for form in list(tensors.forms(audited, most=1))[1:]:
        keywords = {**audited.loud, **form}
        flag = next(name for name, on in form.items() if on)
        try:
            run = tensors.live(audited, [tensors.parameter(a) for a in start], keywords)
        except Exception as error:
            if isinstance(error, tensors.CRASHES) and flag not in str(error):
                yield _crash(audited, form, error)
            continue
        try:
            tensors.path(audited, start, gradients, keywords)
        except Exception as error:
            if flag not in str(error) and not isinstance(error, NotImplementedError):
                yield _crash(audited, form, error)
        del run


def _crash(audited: Audited, form: Mapping[str, bool], error: Exception) -> Finding:
    start, gradients = data(audited)
    shown = tensors.plain(audited, start[:1], {**audited.loud, **form}, [gradients[0][:1]], "numbers", "or a refusal")
    told = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return finding(CRASH, f"with {tensors.named(form)} it fails, and says nothing of the flag: {told}", shown)


@tensors.on_several
def maximized(audited: Audited) -> Iterator[Finding]:
    """maximize=True is minimising with the gradient negated."""
    if "maximize" not in audited.signature.flags:
        raise Skipped("there is no argument maximize")
    case = next(c for c in cases(audited) if c.turned)
    start, gradients = data(audited)
    plain = next(tensors.forms(audited))
    got = tensors.path(audited, start, gradients, {**case.keywords, **plain})
    size, step, entry = audited.differs(case.right(audited, start, gradients), got, start)
    if step:
        yield finding(
            MAXIMIZE,
            f"with maximize=True it is {size:.2g} steps at step {step} from {audited.variant} with negated gradients",
            _script(audited, case, plain, entry, step),
        )


RULE = Probe(
    "DP501",
    "siblings-follow-the-rule",
    "error",
    "Every combination of foreach, fused, capturable and differentiable that runs follows the declared rule.",
    "Runs every combination of these flags that the constructor accepts, with the flags that choose another equation "
    "(amsgrad, nesterov, centered, maximize) and with weight decay, in float64, and compares each with the declared "
    "rule. Parity tests compare siblings with each other; where both are wrong alike they pass. Combinations that "
    "refuse to run, such as capturable on a CPU, are left out. Look at what the form that is named computes for the "
    "entry in the script.",
    follow_the_rule,
)
MAXIMIZE = Probe(
    "DP502",
    "maximize-negates-the-gradient",
    "error",
    "maximize=True is the same as minimising with the gradient negated.",
    "Runs with maximize=True and compares with the declared rule run on negated gradients; weight decay still "
    "shrinks the parameters. torch negates the gradient before anything else looks at it. An implementation that "
    "negates the step instead turns weight decay into growth, one that forgets the flag minimises.",
    maximized,
)
AGREE = Probe(
    "DP503",
    "siblings-agree",
    "error",
    "Where the rule is not known, every combination of foreach, fused, capturable and differentiable does the same.",
    "As siblings-follow-the-rule, for a target that is none of the declared rules: in float64 each form is compared "
    "with the one in which every such flag is off. Both may be wrong; that they differ is certain.",
    agree,
)
LOW = Probe(
    "DP504",
    "siblings-round-alike",
    "warning",
    "In float32, bfloat16 and float16 every form is as near to the rule as rounding in that type explains.",
    "Runs every form in three types from inputs that the type holds exactly, and compares with the declared rule in "
    "float64. What is allowed is a running error bound of this very run, scaled to the type: every operation of the "
    "rule rounds, up to four times as often as it is written. Forms that are each within it are within twice that of "
    "each other. A form beyond it computes something in a lower precision, or something else.",
    round_alike,
)
CRASH = Probe(
    "DP505",
    "siblings-run",
    "warning",
    "A form that the constructor has a flag for runs, or refuses with an error that names the flag.",
    "Turns each of foreach, fused, capturable and differentiable on. An error that names the flag is a refusal; a "
    "TypeError, a KeyError, or a RuntimeError about something else says that the form was never run.",
    run_at_all,
)
PROBES = tensors.that_run(RULE, MAXIMIZE, AGREE, LOW, CRASH)
