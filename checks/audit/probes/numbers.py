"""Numbers at the edge: zeros, and numbers whose squares leave the type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from driftproof.checks.runtime.torch_optim import PAIRINGS
from driftproof.theory.errors import DriftproofError

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import decay_letters
from ..probe import KINDS, Audited, Probe, Skipped, finding
from ..script import steps_script
from ..subject import Array

Series = Sequence[Sequence[Array]]


# What the probes share


def small_damping(audited: Audited) -> dict[str, float]:
    """Every eps at the target's own default: large ones hide divisions by zero."""
    if not audited.known:
        return {}
    defaults = audited.signature.values(audited.words, audited.variant.rule)
    return {k: defaults[k] for k in audited.words if k.startswith("eps")}


def dampings(audited: Audited) -> list[dict[str, float]]:
    """Loud ones, and those at the default; the latter alone where a run takes long, because it is compiled first."""
    quick = audited.subject.kind == "torch" or audited.deep
    return [{}, small_damping(audited)] if quick else [small_damping(audited)]


def without_decay(audited: Audited) -> dict[str, float]:
    """Weight decay at 0, where the target has an argument for it."""
    return {k: 0.0 for k in decay_letters(audited.variant) if k in audited.words} if audited.known else {}


def keywords(audited: Audited, letters: Mapping[str, float]) -> dict[str, Any]:
    return audited.keywords(letters) if audited.known else audited.loud


def ran(audited: Audited, start: Sequence[Array], series: Series, given: Mapping[str, Any], dtype: str) -> list[Array]:
    """raises: Skipped where the target refuses."""
    try:
        with np.errstate(all="ignore"):
            return audited.target_path(start, series, given, dtype)
    except DriftproofError:
        raise
    except Exception as error:
        raise Skipped(f"it does not run here: {type(error).__name__}: {error}") from error


def shown(
    audited: Audited,
    start: Sequence[Array],
    given: Mapping[str, Any],
    series: Series,
    right: Sequence[float],
    why: str,
    dtype: str = "float64",
) -> Counterexample:
    """right: NaN alone where the right numbers are not known, but that they are finite is."""
    unknown = bool(len(right)) and bool(np.isnan(np.asarray(right, dtype=float)).all())
    if audited.subject.kind == "torch":
        return tensors.plain(audited, start, given, series, "finite numbers" if unknown else right, why, dtype)
    return steps_script(audited.subject, start, given, series, [0.0] * len(right) if unknown else right, why)


def oracle(audited: Audited, start: Sequence[Array], series: Series, letters: Mapping[str, float]) -> list[Array]:
    with np.errstate(all="ignore"):
        return audited.oracle_path(start, series, letters)


def finite(path: Sequence[Array]) -> bool:
    return all(np.isfinite(row).all() for row in path)


def torch_names(audited: Audited) -> list[str]:
    """torch's own classes of the same rule."""
    return [p.name for p in PAIRINGS if audited.known and p.rule_text.partition("@")[0] == audited.variant.name]


def torch_too(
    audited: Audited, start: Sequence[Array], series: Series, letters: Mapping[str, float], dtype: str
) -> bool:
    """Whether torch's own class of the same rule leaves the finite numbers on the same inputs."""
    from ..target import subject

    if audited.subject.name.startswith("torch.optim:"):
        return True
    names = torch_names(audited)
    if not names:
        return False
    torchs = subject(f"torch.optim:{names[0]}")
    words = torchs.signature.letters(audited.variant.rule)
    given = torchs.signature.keywords(words, {**audited.letters, **letters})
    live = torchs.start(start, {**given, "foreach": False} if names[0] != "Muon" else given, dtype=dtype)
    for row in series:
        live.step(row)
    return not finite(live.theta())


def entry(audited: Audited) -> tuple[int, ...]:
    """The smallest tensor that the target takes."""
    return (1, 1) if all(len(s) == 2 for s in audited.shapes) else (1,)


# Zeros


def _against_rule(
    audited: Audited, probe: Probe, start: Sequence[Array], series: Series, letters: Mapping[str, float], what: str
) -> Iterator[Finding]:
    """The run follows the rule; where that is not known, its numbers are finite."""
    given = keywords(audited, letters)
    got = ran(audited, start, series, given, "float64")
    if not audited.known:
        if not finite(got):
            unknown = [float("nan")] * got[-1].size
            yield finding(
                probe, f"{what} gives {_odd(got[-1])}", shown(audited, start, given, series, unknown, "no NaN")
            )
        return
    right = oracle(audited, start, series, letters)
    size, step, _ = audited.differs(right, got, start)
    if finite(right) and step:
        told = f"{what} gives {_odd(got[-1])}" if not finite(got) else f"{what} leads {size:.2g} steps from the rule"
        example = shown(audited, start, given, series[:step], list(right[step - 1]), audited.variant.text)
        yield finding(probe, told, example)


def _odd(values: Array) -> str:
    return "nan" if np.isnan(values).any() else "an infinity"


def zero_first(audited: Audited) -> Iterator[Finding]:
    """A first gradient that is 0 is followed by what the rule says."""
    start, gradients = audited.draws(3, (entry(audited),), salt=61)
    series = [[np.zeros_like(start[0])], *gradients[1:]]
    for letters in dampings(audited):
        found = list(_against_rule(audited, ZERO_FIRST, start, series, letters, "a first gradient of 0"))
        yield from found
        if found:
            return


def zeros_only(audited: Audited) -> Iterator[Finding]:
    """Gradients that are always 0 move what the rule moves, and give no NaN."""
    start, _ = audited.draws(1, (entry(audited),), salt=62)
    series = [[np.zeros_like(start[0])]] * 4
    letters = {**small_damping(audited), **without_decay(audited)}
    yield from _against_rule(audited, ZEROS, start, series, letters, "gradients of 0 only")


def no_damping(audited: Audited) -> Iterator[Finding]:
    """eps = 0 and a gradient of 0 give no NaN."""
    names = [k for k in audited.words if k.startswith("eps")] if audited.known else []
    if not names:
        raise Skipped("there is no eps")
    start, _ = audited.draws(1, (entry(audited),), salt=63)
    series = [[np.zeros_like(start[0])]] * 2
    letters = {**without_decay(audited), **{k: 0.0 for k in names}}
    given = keywords(audited, letters)
    got = ran(audited, start, series, given, "float64")
    if not finite(got):
        right = list(np.concatenate([a.reshape(-1) for a in start]))
        too = torch_too(audited, start, series, letters, "float64")
        example = shown(audited, start, given, series, right, "a gradient of 0 should move nothing")
        yield replace(
            finding(NO_DAMPING, f"with eps = 0 a gradient of 0 gives {_odd(got[-1])}", example), also_in_torch=too
        )


@tensors.on_several
def zero_parameters(audited: Audited) -> Iterator[Finding]:
    """A parameter whose entries are all 0 moves as the rule says."""
    start, gradients = audited.draws(2, audited.shapes, salt=64)
    zeros = [np.zeros_like(a) for a in start]
    for letters in dampings(audited):
        found = list(_against_rule(audited, ZERO_NORM, zeros, gradients, letters, "a parameter of zeros"))
        yield from found
        if found:
            return


# Sizes of numbers


def _in_range(audited: Audited, probe: Probe, sizes: Sequence[float]) -> Iterator[Finding]:
    for size in sizes if audited.subject.kind == "torch" or audited.deep else sizes[:1]:
        start, gradients = audited.draws(3, (entry(audited),), salt=65)
        series = [[np.float32(size * g).astype(float) for g in row] for row in gradients]
        letters = small_damping(audited)
        given = keywords(audited, letters)
        got = ran(audited, start, series, given, "float32")
        if finite(got) or (audited.known and not _holds(oracle(audited, start, series, letters))):
            continue
        too = torch_too(audited, start, series, letters, "float32")
        last = oracle(audited, start, series, letters)[-1] if audited.known else np.full(got[-1].shape, np.nan)
        example = shown(audited, start, given, series, list(last), "the rule in float64", "float32")
        told = f"gradients of about {size:g} in float32 give {_odd(got[-1])}"
        severity = "note" if too or not torch_names(audited) else ""
        yield replace(finding(probe, told, example, severity), also_in_torch=too)
        return


def _holds(path: Sequence[Array]) -> bool:
    """Whether float32 has room for these parameters."""
    return finite(path) and max(float(np.max(np.abs(row))) for row in path) < float(np.finfo(np.float32).max)


def tiny(audited: Audited) -> Iterator[Finding]:
    """Gradients whose squares underflow in float32 give finite parameters."""
    yield from _in_range(audited, TINY, (1e-30, 1e-40))


def huge(audited: Audited) -> Iterator[Finding]:
    """Gradients whose squares overflow in float32 give finite parameters."""
    yield from _in_range(audited, HUGE, (1e25,))


def half_damping(audited: Audited) -> Iterator[Finding]:
    """In float16, gradients of 0 and of 1e-5 give finite parameters at the default eps."""
    start, _ = audited.draws(1, (entry(audited),), salt=66)
    letters = {**small_damping(audited), **without_decay(audited)}
    given = keywords(audited, letters)
    for size in (0.0, 1e-5):
        series = [[np.full_like(start[0], size)]]
        odd: list[tuple[dict[str, bool], list[Array]]] = []
        fine: list[tuple[dict[str, bool], list[Array]]] = []
        for form in tensors.runnable(audited):
            try:
                got = tensors.path(audited, start, series, {**given, **form}, "float16")
            except Exception:  # a form that does not take float16
                continue
            (fine if finite(got) else odd).append((form, got))
        if odd:
            form, got = odd[0]
            right = [tensors.rounded(a, "float16") for a in start]
            told = f"in float16 a gradient of {size:g} gives {_odd(got[-1])} at the default eps with "
            told += " and with ".join(tensors.named(f) for f, _ in odd)
            told += f"; with {tensors.named(fine[0][0])} it is finite" if fine else ""
            last = oracle(audited, right, series, letters)[-1] if audited.known else np.full(got[-1].shape, np.nan)
            example = shown(audited, right, {**given, **form}, series, list(last), "the rule in float64", "float16")
            too = torch_too(audited, start, series, letters, "float16")
            yield replace(finding(HALF, told, example), also_in_torch=too)
            return


ZERO_FIRST = Probe(
    "DP601",
    "zero-first-gradient",
    "error",
    "A first gradient of 0 is followed by what the rule says.",
    "The first gradient is 0, the next are not, at large and at the default eps. Moments that start at 0 are then "
    "divided by each other, and an implementation that starts a maximum or a ratio from the first gradient divides "
    "by 0. Compared with the declared rule; where that is not known, NaN and infinities are looked for.",
    zero_first,
    KINDS,
)
ZEROS = Probe(
    "DP602",
    "zero-gradients",
    "error",
    "Gradients that are always 0 give what the rule says, and no NaN.",
    "Four steps with gradients of 0, without weight decay, at the default eps. A frozen layer or a dead unit has "
    "such gradients; a NaN there stays for good.",
    zeros_only,
    KINDS,
)
NO_DAMPING = Probe(
    "DP603",
    "no-damping",
    "note",
    "With eps = 0, a gradient of 0 gives no NaN.",
    "Sets every eps to 0 and gives gradients of 0. 0/0 is what the equation says, and torch gives NaN as well; it is "
    "worth knowing before somebody sets eps=0. A constructor that refuses eps=0 is fine.",
    no_damping,
    KINDS,
)
TINY = Probe(
    "DP604",
    "tiny-gradients",
    "warning",
    "Gradients of 1e-30 and of 1e-40 in float32 give finite parameters.",
    "The square of 1e-30 is 0 in float32, and 1e-40 is a denormal number. A step that divides by a second moment "
    "that has become 0 is infinite unless eps is outside the root. A note where torch has no class of the rule, or "
    "one that does the same.",
    tiny,
    KINDS,
)
HUGE = Probe(
    "DP605",
    "huge-gradients",
    "note",
    "Gradients of 1e25 in float32 give finite parameters where the rule does.",
    "The square of 1e25 overflows float32. By torch's Adam the second moment is then infinite and the step 0, so "
    "that parameters stay finite. inf/inf or inf - inf gives NaN: v + w (g^2 - v) does, and b v + w g^2 does not. A "
    "note where torch has no class of the rule, or one that does the same.",
    huge,
    KINDS,
)
HALF = Probe(
    "DP606",
    "damping-in-float16",
    "note",
    "In float16, small gradients give finite parameters at the default eps.",
    "1e-8 is 0 in float16. Where eps is added in that type, a gradient whose square underflows is divided by 0. "
    "torch's for-loop gives NaN or an infinity there, and its fused form, which computes in float32, does not. Raise "
    "eps to 1e-4 or so, or keep a copy of the parameters in float32.",
    half_damping,
)
ZERO_NORM = Probe(
    "DP609",
    "zero-parameters",
    "error",
    "A parameter whose entries are all 0 moves as the rule says.",
    "Starts from zeros, as biases do, at large and at the default eps. Rules with a ratio of norms divide by or "
    "multiply with the norm of the parameter, which is 0: it must neither become NaN nor stay at 0 unless the rule "
    "says so.",
    zero_parameters,
    KINDS,
)
PROBES = tensors.that_run(ZERO_FIRST, ZEROS, NO_DAMPING, TINY, HUGE, HALF, ZERO_NORM)
