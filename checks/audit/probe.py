"""What a probe is: one question about a target, with a stable code, and the findings that answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from driftproof.checks.runtime.whole import joins_entries
from driftproof.theory.errors import DriftproofError
from driftproof.theory.nodes import Reduce

from .finding import SEVERITIES, Counterexample, Finding
from .identified import Identified
from .observe import Laboratory, apart, flat
from .signature import Signature
from .subject import Array, Subject
from .torch_class import TorchLive
from .variant import Variant

KINDS = ("torch", "optax", "functional")


LOSS = 100
"""How much more a target may lose to its own lower precision on other inputs than on those it was identified with."""


class Skipped(Exception):
    """A probe has nothing to look at here; the text says why."""


@dataclass(frozen=True)
class Audited:
    """A target, what it was identified as, and runs of both.

    deep: whether time may be spent.   seed: of all randomness.
    """

    laboratory: Laboratory
    identified: Identified | None
    declared: Variant | None = None
    deep: bool = False
    seed: int = 20260129

    @property
    def subject(self) -> Subject:
        return self.laboratory.subject

    @property
    def signature(self) -> Signature:
        return self.subject.signature

    @property
    def known(self) -> bool:
        """Whether the target is a declared rule, so that there is an oracle for every run."""
        return self.identified is not None and self.identified.distance.exact and self.identified.exact

    @property
    def joint(self) -> bool:
        """Whether the rule is known and acts on several tensors at once, as with a norm over all of them."""
        if not self.known:
            return False
        reductions = {r.over for e in self.variant.rule.equations for r in e.expression.atoms(Reduce)}
        return bool(reductions & {"group", "all"})

    @property
    def variant(self) -> Variant:
        """What it was identified as. raises: Skipped where it is none of the declared rules."""
        if self.identified is None or not self.known:
            raise Skipped("the rule is not known, so that there is nothing to compare with")
        return self.identified.variant

    @cached_property
    def joins(self) -> bool:
        """Whether entries of a tensor act on each other by the rule (a norm, a product of matrices)."""
        return joins_entries(self.variant.rule)

    @cached_property
    def letters(self) -> dict[str, float]:
        """Loud hyperparameters by letter, for the arguments that the target has; weight decay on."""
        return self.laboratory.setting(self.variant, 0, {}, True)[1]

    @cached_property
    def words(self) -> dict[str, str]:
        """letter -> argument."""
        return self.laboratory.setting(self.variant, 0, {}, True)[0]

    @cached_property
    def loud(self) -> dict[str, Any]:
        """Keywords of the constructor at loud hyperparameters; at its defaults where the rule is not known."""
        if not self.known:
            keywords = dict(self.signature.fixed)
            eta = self.signature.word("eta")
            return {**keywords, **self.signature.keywords({"eta": eta} if eta else {}, {"eta": 0.1})}
        return self.signature.keywords(self.words, self.letters)

    def keywords(self, letters: Mapping[str, float]) -> dict[str, Any]:
        """Keywords of the constructor for other hyperparameters (letters not given are loud)."""
        return self.signature.keywords(self.words, {**self.letters, **letters})

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of tensors that the target takes: matrices for one that wants matrices."""
        matrices = self.identified is not None and self.identified.plan.shapes == "matrices"
        return ((2, 3), (3, 2)) if matrices else ((3,), (2, 2))

    @cached_property
    def plain_runs(self) -> tuple[str, bool]:
        """The error of a run on plain float64 tensors, "" for none; and whether two equal runs differ."""
        try:
            one, other = (self.target_path(*self.draws(2)) for _ in range(2))
        except DriftproofError:
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}", False
        return "", not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))

    def random(self, salt: int = 0) -> np.random.Generator:
        return np.random.default_rng((self.seed, salt))

    def draws(
        self, steps: int, shapes: Sequence[tuple[int, ...]] = (), salt: int = 0
    ) -> tuple[list[Array], list[list[Array]]]:
        """Parameters, and gradients of some steps, away from zero."""
        random, shapes = self.random(salt), shapes or self.shapes

        def away(shape: tuple[int, ...]) -> Array:
            signs = random.choice((-1.0, 1.0), size=shape)
            return np.round(random.uniform(0.2, 2.0, size=shape), 3) * signs  # few digits: they are shown in scripts

        return [away(s) for s in shapes], [[away(s) for s in shapes] for _ in range(steps)]

    def target_path(
        self,
        start: Sequence[Array],
        gradients: Sequence[Sequence[Array | None]],
        keywords: Mapping[str, Any] | None = None,
        dtype: str = "float64",
    ) -> list[Array]:
        """theta, all entries in a row, after each step of the target."""
        path = []
        with self.arithmetic() if dtype == "float64" else nullcontext():
            live = self.subject.start(start, self.loud if keywords is None else keywords, dtype=dtype)
            for step in gradients:
                live.step(step)
                path.append(flat(live.theta()))
        return path

    def arithmetic(self) -> Any:
        """The context of a run that is compared with the rule: without the target's own roundings to lower precision,
        if it was only then that it was identified.
        """
        precise = self.identified is None or self.identified.precise
        return (self.laboratory if precise else Laboratory(self.subject, doubled=True)).arithmetic()

    def oracle_path(
        self,
        start: Sequence[Array],
        gradients: Sequence[Sequence[Array]],
        letters: Mapping[str, float] | None = None,
        variant: Variant | None = None,
    ) -> list[Array]:
        """theta after each step of the identified rule, on the reference backend in float64."""
        variant = variant or self.variant
        names = {h.name for h in variant.rule.hyperparameters}
        given = {k: v for k, v in {**self.letters, **(letters or {})}.items() if k in names}
        state, path = variant.compiled.init(list(start)), []
        for step in gradients:
            state = variant.compiled.step(state, list(step), given, loss=TorchLive.loss)
            path.append(flat(state.theta))
        return path

    def differs(self, ours: Sequence[Array], theirs: Sequence[Array], start: Sequence[Array]) -> tuple[float, int, int]:
        """(in steps, first step, entry) beyond what rounding explains; step 0 if the paths are equal.

        A target that computes in lower precision, where that cannot be taken out, may lose LOSS times what it was seen
        to lose.
        """
        size, step, entry = apart(ours, theirs, flat(start))
        lost = self.identified.loss if self.identified is not None else 0.0
        return (size, 0, entry) if size <= LOSS * lost else (size, step, entry)


@dataclass(frozen=True)
class Probe:
    """code: stable, DP and three digits.   check: stable, a name with hyphens, for expected_failed_checks.

    severity: of its findings unless one says otherwise.   claim: a sentence that is true where nothing is found.
    page: what --explain prints: what is run, why it matters, what to do.   kinds: of targets that it looks at.
    run: yields findings; raises Skipped where there is nothing to look at.
    deep: whether it runs with --deep only.
    """

    code: str
    check: str
    severity: str
    claim: str
    page: str
    run: Callable[[Audited], Iterator[Finding]]
    kinds: tuple[str, ...] = ("torch",)
    deep: bool = False

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES or set(self.kinds) - set(KINDS):
            raise ValueError(f"{self.code}: {self.severity} or {self.kinds} is none of {SEVERITIES}, {KINDS}")


def finding(
    probe: Probe, message: str, counterexample: Counterexample | None = None, severity: str = "", where: str = ""
) -> Finding:
    return Finding(probe.code, probe.check, severity or probe.severity, message, counterexample, where=where)
