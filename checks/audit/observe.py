"""Runs of the target and of declared rules on the same inputs, and how far apart they are, in steps."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from driftproof.impl.compiled import CompiledRule
from driftproof.theory.errors import DriftproofError

from .inputs import STEPS, Inputs, Plan, loud, perturbed
from .signature import Signature
from .subject import Array, Subject
from .variant import Changed, Variant

EXACT = 1e-9
"""Of the largest step: honest float64 implementations stay below 2e-10, computations in float32 above 7e-9."""
ROUNDINGS = 64
"""Units in the last place of a parameter that a run may lose to rounding beside that."""
SINGLE = 8
"""How much further from a rule than the rule itself in single precision one may be whose roundings fall elsewhere."""
UNSTABLE = 1e-13
"""Relative move of the inputs; an entry that jumps by more than EXACT then lies on an edge, and is not compared."""


@dataclass(frozen=True)
class Distance:
    """in_steps: the largest difference over the largest step, over all inputs.   score: the same, summed, for ranking.

    row, step, entry: where it first exceeds what rounding explains (step from 1; 0: nowhere).
    """

    in_steps: float
    score: float
    row: int = 0
    step: int = 0
    entry: int = 0

    @property
    def exact(self) -> bool:
        return self.step == 0


FAR = Distance(np.inf, np.inf, 0, 1, 0)


class Failed(Exception):
    """The target raised an error in a run."""


def with_options(laboratory: Laboratory, options: Mapping[str, Any]) -> Laboratory:
    """Another one, whose target always has these keywords."""
    if not options:
        return laboratory
    subject = copy.copy(laboratory.subject)
    subject.signature = replace(subject.signature, fixed={**subject.signature.fixed, **options})
    return Laboratory(subject)


class Laboratory:
    """A target, and everything that was measured on it; the same run is made once.

    doubled: the target runs with its own roundings to lower precision taken out, as far as they are in Python.
    references: runs of declared rules that another laboratory made.
    """

    def __init__(self, subject: Subject, doubled: bool = False, references: dict[Any, Any] | None = None) -> None:
        self.subject, self.doubled = subject, doubled
        self._paths: dict[Any, Any] = {}
        self._references: dict[Any, Any] = {} if references is None else references

    # The target

    def path(
        self, words: Mapping[str, str], plan: Plan, row: int, letters: Mapping[str, float], options: Mapping[str, Any]
    ) -> list[Array]:
        """theta, all entries in a row, after each step. raises: Failed."""
        keywords = {**self.subject.signature.keywords(words, letters), **options}
        key = (plan, row, repr(sorted(keywords.items())))
        if key not in self._paths:
            try:
                with self.arithmetic():
                    self._paths[key] = self.run(keywords, words, loud(plan)[row], letters)
            except DriftproofError:
                raise
            except Exception as error:
                self._paths[key] = Failed(f"{type(error).__name__}: {error}")
        found = self._paths[key]
        if isinstance(found, Failed):
            raise found
        return found  # type: ignore[no-any-return]

    def run(
        self, keywords: Mapping[str, Any], words: Mapping[str, str], inputs: Inputs, letters: Mapping[str, float]
    ) -> list[Array]:
        live = self.subject.start(inputs.start, keywords)
        path, before = [], 1.0
        for gradients, factor, loss in zip(inputs.gradients, inputs.factors, inputs.losses, strict=True):
            if factor != before and "eta" in words:
                changed = {"eta": letters["eta"] * factor}
                live.set(self.subject.signature.keywords({"eta": words["eta"]}, changed))
                before = factor
            if self.subject.kind != "optax":
                live.loss = loss  # type: ignore[attr-defined]
            live.step(gradients)
            path.append(flat(live.theta()))
        return path

    def arithmetic(self) -> Any:
        """The context of a run."""
        if not self.doubled or self.subject.kind == "functional":
            return contextlib.nullcontext()
        if self.subject.kind == "optax":
            from driftproof.checks.runtime.packages_optax import in_double as optax_in_double

            return optax_in_double()
        from driftproof.checks.runtime.packages_torch import in_double

        return in_double()

    # Declared rules

    def reference(
        self, variant: Variant | Changed, inputs: Inputs, key: Any, letters: Mapping[str, float], steps: int
    ) -> list[Array]:
        """The path of a declared rule on the reference backend, in float64."""
        names = (variant.rule.digest, key, tuple(sorted(letters.items())))
        found = self._references.get(names)
        if found is None or len(found) < steps:
            found = self._references[names] = reference_path(variant, inputs, letters, steps)
        return found[:steps]  # type: ignore[no-any-return]

    # Both

    def distance(
        self,
        variant: Variant | Changed,
        plan: Plan,
        options: Mapping[str, Any],
        decay: bool = False,
        steps: int = STEPS,
        rows: int | None = None,
        bound: float = np.inf,
    ) -> Distance:
        """Between the target with these options and a declared rule.

        decay: whether weight decay is on.   steps, rows: how much of the inputs is looked at.
        bound: of the score; what lies above it is not looked at further.
        """
        worst, score = 0.0, 0.0
        where = (0, 0, 0)
        for row, inputs in enumerate(loud(plan)[:rows]):
            words, letters = self.setting(variant, row, options, decay)
            if "eta" not in words:
                inputs = inputs.at_constant_step_size()
            try:
                theirs = self.path(words, plan, row, letters, options)[:steps]
                ours = self.reference(variant, inputs, (plan, row), letters, steps)
            except (Failed, DriftproofError):
                return FAR
            size, step, entry = apart(ours, theirs, flat(inputs.start))
            if step and steps == STEPS and _few(ours, theirs, step):
                steady = self.steady(variant, inputs, (plan, row), letters, ours)
                size, step, entry = apart(ours, theirs, flat(inputs.start), steady)
            score += min(size, 10.0)
            worst = max(worst, size)
            if step and not where[1]:
                where = (row, step, entry)
            if score > bound:
                break
        return Distance(worst, score, *where)

    def steady(
        self, variant: Variant | Changed, inputs: Inputs, key: Any, letters: Mapping[str, float], ours: list[Array]
    ) -> Array:
        """Per step and entry, whether the reference stays where it is when its inputs move in the last digits."""
        other = self.reference(variant, perturbed(inputs, UNSTABLE), (key, "moved"), letters, len(ours))
        largest = largest_step(ours, flat(inputs.start))
        with np.errstate(invalid="ignore"):
            jumps = np.array([np.abs(a - b) > EXACT * largest + spacing(a) for a, b in zip(ours, other, strict=True)])
        return ~np.logical_or.accumulate(jumps, axis=0)

    def as_single(self, variant: Variant, plan: Plan) -> bool:
        """Whether the target is nowhere further from the rule than SINGLE times the rule in single precision is."""
        for row, inputs in enumerate(loud(plan)):
            words, letters = self.setting(variant, row, {}, False)
            theirs = np.array(self.path(words, plan, row, letters, {}))
            ours = np.array(self.reference(variant, inputs, (plan, row), letters, STEPS))
            single = np.array(single_path(variant, inputs, letters))
            with np.errstate(invalid="ignore"):
                allowed = SINGLE * np.maximum.accumulate(np.abs(single - ours), axis=0)
                allowed = np.maximum(allowed, np.max(allowed) / ROUNDINGS)  # an entry may be lucky
                if not (np.abs(theirs - ours) <= allowed).all():
                    return False
        return True

    def setting(
        self, variant: Variant | Changed, row: int, options: Mapping[str, Any], decay: bool
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Which arguments are set for this rule, and all its letters; what the target has no argument for is at the
        rule's default, and what a flag forbids at the target's.
        """
        signature, rule = self.subject.signature, variant.rule
        base = variant.base if isinstance(variant, Changed) else variant
        words = {
            k: w for k, w in decayed_words(signature, base).items() if w.lstrip("-").partition("[")[0] not in options
        }
        loud_letters = loud(Plan())[row].letters
        without = "lambda" not in {h.name for h in rule.hyperparameters}
        words = self.accepted(words, loud_letters, options)
        letters = {**signature.values(words, rule), "lambda": 0.0} if without else signature.values(words, rule)
        letters |= {k: loud_letters[k] for k in words if k in loud_letters and not (without and k == "lambda")}
        if not decay:
            letters |= {k: 0.0 for k in decay_letters(base) if k in words}
        if base.around == "l2" and base.own_decay:
            letters["lambda"] = 0.0
        return words, letters

    def accepted(
        self, words: dict[str, str], letters: Mapping[str, float], options: Mapping[str, Any]
    ) -> dict[str, str]:
        """The words without one that the constructor refuses to take beside these options, such as dampening beside
        nesterov=True.
        """
        key = ("accepted", tuple(words.items()), repr(options), letters["eta"])
        if key not in self._paths:
            tried = [words, *({k: w for k, w in words.items() if k != out} for out in sorted(words, key=_expendable))]
            self._paths[key] = next((t for t in tried if self._starts(t, letters, options)), words)
        return dict(self._paths[key])

    def _starts(self, words: Mapping[str, str], letters: Mapping[str, float], options: Mapping[str, Any]) -> bool:
        try:
            self.subject.start([np.ones((2, 2))], {**self.subject.signature.keywords(words, letters), **options})
        except DriftproofError:
            raise
        except Exception:
            return False
        return True


def _expendable(letter: str) -> tuple[int, str]:
    return (("tau", "delta", "v0", "lambda").index(letter) if letter in ("tau", "delta", "v0", "lambda") else 9, letter)


def decay_letters(variant: Variant) -> tuple[str, ...]:
    """The letters that are weight decay: along an axis of the rule's own, or around it."""
    if variant.around == "l2" and _own_lambda(variant):
        return ("lambda2",)
    return ("lambda",) if variant.own_decay or variant.around else ()


def _own_lambda(variant: Variant) -> bool:
    """Whether the rule around which L2 is taken has a lambda of its own, so that L2's is lambda2."""
    return any(h.name == "lambda2" for h in variant.rule.hyperparameters)


def decayed_words(signature: Signature, variant: Variant) -> dict[str, str]:
    """letter -> argument, with the argument of weight decay given to the decay that the variant has.

    A rule with a decay of its own that is taken with L2 instead has its own one at 0; a rule without any has the
    argument as well, so that it can be switched off.
    """
    words = signature.letters(variant.rule)
    if "lambda" not in {h.name for h in variant.rule.hyperparameters}:
        words["lambda"] = signature.word("lambda", "", [w for w in words.values()])
    if "lambda2" in {h.name for h in variant.rule.hyperparameters}:
        if variant.own_decay:
            words["lambda2"] = words.pop("lambda", "")
        else:  # its lambda is no weight decay, so that another argument is
            words["lambda2"] = signature.word("lambda", "", [w for w in words.values()])
    return {letter: word for letter, word in words.items() if word}


def _few(ours: Sequence[Array], theirs: Sequence[Array], step: int) -> bool:
    """Whether only some entries part at that step: those may lie on an edge, such as the 0 of a sign."""
    a, b = ours[step - 1], theirs[step - 1]
    return a.shape == b.shape and bool(2 * np.count_nonzero(np.abs(a - b) > EXACT * np.abs(a)) <= a.size)


def reference_path(variant: Variant | Changed, inputs: Inputs, letters: Mapping[str, float], steps: int) -> list[Array]:
    """theta after each step, all entries in a row."""
    return _rule_path(variant.compiled, inputs, letters, np.array, steps)


def single_path(variant: Variant, inputs: Inputs, letters: Mapping[str, float]) -> list[Array]:
    """The same in single precision throughout, with torch."""
    import torch

    from driftproof.impl import compile_rule

    compiled = compile_rule(variant.rule, "torch", dtype="float32")
    return _rule_path(compiled, inputs, letters, lambda a: torch.tensor(a, dtype=torch.float32), STEPS)


def _rule_path(
    compiled: CompiledRule, inputs: Inputs, letters: Mapping[str, float], convert: Callable[[Array], Any], steps: int
) -> list[Array]:
    """Of a compiled rule, whose arrays `convert` makes; letters that it lacks are not given."""
    names = {h.name for h in compiled.rule.hyperparameters}
    given = {k: v for k, v in letters.items() if k in names}
    state, path = compiled.init([convert(a) for a in inputs.start]), []
    for gradients, factor, loss in zip(inputs.gradients[:steps], inputs.factors, inputs.losses, strict=False):
        settings = {**given, "eta": given["eta"] * factor} if "eta" in given else given
        state = compiled.step(state, [convert(g) for g in gradients], settings, loss=loss)
        path.append(flat(state.theta))
    return path


def flat(tensors: Sequence[Any]) -> Array:
    return np.concatenate([np.asarray(a, dtype=np.float64).reshape(-1) for a in tensors] or [np.zeros(0)])


def spacing(array: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return ROUNDINGS * np.nan_to_num(np.spacing(np.abs(array)), nan=0.0, posinf=0.0)


def largest_step(path: Sequence[Array], start: Array) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        moves = np.abs(np.diff(np.array([start, *path]), axis=0))
    finite = moves[np.isfinite(moves)]
    return float(np.max(finite, initial=0.0)) or 1.0


def apart(
    ours: Sequence[Array], theirs: Sequence[Array], start: Array, steady: Array | None = None
) -> tuple[float, int, int]:
    """The largest difference in steps, and the first step (from 1) and entry where rounding does not explain it."""
    a, b = np.array(ours), np.array(theirs)
    if a.shape != b.shape:
        return np.inf, 1, 0
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.where(np.isnan(a) & np.isnan(b) | (a == b), 0.0, np.abs(a - b))
    gap = np.nan_to_num(gap, nan=np.inf)
    if steady is not None:
        gap = np.where(steady, gap, 0.0)
    unit = largest_step(ours, start)
    allowed = EXACT * unit + np.maximum.accumulate(spacing(a), axis=0) + ROUNDINGS * np.spacing(np.abs(start))
    beyond = np.argwhere(gap > allowed)
    step, entry = (int(beyond[0][0]) + 1, int(beyond[0][1])) if len(beyond) else (0, 0)
    return float(np.max(np.where(gap > allowed, gap, 0.0), initial=0.0)) / unit, step, entry
