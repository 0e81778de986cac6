"""The format of divergence witnesses, and their replay. Read it as untrusted: nothing in it is executed.

A witness is one JSON object with exactly these keys:

    format             "driftproof divergence witness"
    version            1
    statement          what it proves, in words. The replay writes this sentence from the other keys and compares.
    sampling           "cyclic": g_t runs through the pattern again and again.
                       "iid": every g_t is drawn from the pattern's entries, each equally likely, independently.
    recursion          {"form", "beta1", "beta2", "inside", "outside", "floor"}: form is "new" or "old" as in
                       `recursion.Recursion`; the others are rationals. eps stands where it stands in the method:
                       inside the root, outside it, or as a floor of the root.
    pattern            [[count, value], ...]: the gradients g_1 .. g_n with their repetitions
    gradient_sum       g_1 + ... + g_n, a rational above 0
    drift_lower_bound  a rational above 0 and at most Phi: the limit of what theta moves, per unit of alpha, in a period
                       (cyclic) or in n steps on average (iid)
    rule               {"label", "digest"} of the update rule it was made for; information, it proves nothing

Rationals are strings in lowest terms: "3", "-1", "1/100000000". No other numbers stand there but version and counts.

Why it proves divergence. Take the linear losses f_t(theta) = g_t theta. Their mean falls as theta falls, with slope
gradient_sum/n > 0. Whatever m and v start from, and whatever bias corrections tend to 1, the step of theta divided by
alpha_t has the mean Phi/n over long times (along the periodic orbit, or almost surely by the ergodic theorem). Weights
alpha_t > 0 that do not increase and have an infinite sum give the same mean as equal weights (Hardy, Divergent Series,
Theorem 14), so that (theta_T - theta_0)/(alpha_1 + ... + alpha_T) -> Phi/n > 0, and theta goes up for ever.

Limits: a file of `LARGEST` bytes, `LONGEST` entries in a period, `DIGITS` characters in a rational, and `BITS` of
precision; what cannot be decided within them is rejected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import cyclic, draws
from .recursion import Recursion, Runs, Unbounded
from .untrusted import DIGITS, Rejected, keys, parsed, rational

FORMAT, VERSION = "driftproof divergence witness", 1
LARGEST, LONGEST, BITS = 1 << 20, 10_000, 4096
_KEYS = ("format version statement sampling recursion pattern gradient_sum drift_lower_bound rule").split()
_NUMBERS = ("beta1", "beta2", "inside", "outside", "floor")


def _drawn(recursion: Recursion, runs: Runs, bits: int) -> tuple[Fraction, Fraction]:
    """The drift of as many draws as the list is long."""
    low, high = draws.drift(recursion, runs, bits)
    length = sum(count for count, _ in runs)
    return length * low, length * high


DRIFTS: dict[str, Callable[[Recursion, Runs, int], tuple[Fraction, Fraction]]] = {"cyclic": cyclic.drift, "iid": _drawn}


@dataclass(frozen=True)
class Proof:
    """A witness as it is read: well formed, not yet replayed."""

    sampling: str
    recursion: Recursion
    runs: Runs
    gradient_sum: Fraction
    drift_lower_bound: Fraction
    label: str
    digest: str

    @property
    def period(self) -> int:
        return sum(count for count, _ in self.runs)


def as_data(proof: Proof) -> dict[str, Any]:
    """The JSON object of a witness."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "statement": statement(proof),
        "sampling": proof.sampling,
        "recursion": {
            "form": proof.recursion.form,
            **{name: str(getattr(proof.recursion, name)) for name in _NUMBERS},
        },
        "pattern": [[count, str(g)] for count, g in proof.runs],
        "gradient_sum": str(proof.gradient_sum),
        "drift_lower_bound": str(proof.drift_lower_bound),
        "rule": {"label": proof.label, "digest": proof.digest},
    }


def statement(proof: Proof) -> str:
    """What a witness proves, in words; betas first, then the problem."""
    r, n = proof.recursion, proof.period
    how = {
        "cyclic": f"g_t runs through a pattern of {n} gradients again and again",
        "iid": f"g_t is drawn from a list of {n} gradients, each equally likely, independently of the past",
    }[proof.sampling]
    root = f"max(sqrt(v + {r.inside}), {r.floor}) + {r.outside}"
    average = "m' = beta1 m + (1 - beta1) " + ("g/D(v)" if r.form == "old" else "g")
    moved = {"new": "m'/D(v')", "old": "m'"}[r.form]
    surely = " almost surely" if proof.sampling == "iid" else ""
    return (
        f"The betas come first, then the problem. For beta1 = {r.beta1}, beta2 = {r.beta2}, D(v) = {root}, "
        f"v' = beta2 v + (1 - beta2) g^2, {average}, theta' = theta - alpha {moved} "
        "(and for sequences that tend to these, bias corrections that tend to 1): on the losses f_t(theta) = g_t "
        f"theta, where {how} and the gradients of the pattern add up to {proof.gradient_sum} > 0, the mean loss falls "
        "as theta falls; yet from every start with v > 0 and for all step sizes alpha_t > 0 that do not increase and "
        "have an infinite sum, constant ones too, "
        f"theta rises without bound{surely}: (theta_T - theta_0)/(alpha_1 + ... + alpha_T) tends to a number of at "
        f"least {proof.drift_lower_bound / n} > 0."
    )


def replay(text: str) -> Proof:
    """Computes everything again from pattern, recursion and sampling. raises: Rejected, with the reason."""
    proof, said = _read(text)
    total = sum((count * g for count, g in proof.runs), Fraction(0))
    if total != proof.gradient_sum:
        raise Rejected(f"the gradients add up to {total}, not to {proof.gradient_sum}")
    if total <= 0:
        raise Rejected(f"the gradients add up to {total}, which is not above 0")
    if proof.drift_lower_bound <= 0:
        raise Rejected(f"drift_lower_bound = {proof.drift_lower_bound} is not above 0")
    if said != statement(proof):
        raise Rejected("the statement is not the sentence that belongs to the other keys")
    _require(proof)
    return proof


def _require(proof: Proof) -> None:
    """The drift reaches the bound, at the first precision that tells."""
    bound, bits = proof.drift_lower_bound, 128
    while bits <= BITS:
        try:
            low, high = DRIFTS[proof.sampling](proof.recursion, proof.runs, bits)
        except Unbounded:
            bits *= 2
            continue
        except ValueError as error:
            raise Rejected(str(error)) from error
        if low >= bound:
            return
        if high < bound:
            raise Rejected(f"the drift is at most {float(high):.6g}, below drift_lower_bound = {float(bound):.6g}")
        if proof.sampling == "iid" and bits > 256:  # what is left is the width of the moment bounds
            break
        bits *= 2
    raise Rejected(f"the drift is not shown to reach drift_lower_bound within {BITS} bits")


def _read(text: str) -> tuple[Proof, str]:
    """A well-formed witness and the statement it carries."""
    data = parsed(text, LARGEST)
    keys(data, _KEYS, "the witness")
    if data["format"] != FORMAT or type(data["version"]) is not int or data["version"] != VERSION:
        raise Rejected(f"the format is not '{FORMAT}', version {VERSION}")
    if data["sampling"] not in list(DRIFTS):
        raise Rejected("sampling is neither 'cyclic' nor 'iid'")
    given, rule = data["recursion"], data["rule"]
    keys(given, ["form", *_NUMBERS], "recursion")
    keys(rule, ["label", "digest"], "rule")
    if not all(isinstance(x, str) and len(x) <= DIGITS for x in rule.values()) or not isinstance(given["form"], str):
        raise Rejected(f"form, label and digest are not texts of at most {DIGITS} characters")
    try:
        recursion = Recursion(given["form"], *(rational(given[name], name) for name in _NUMBERS))
    except Rejected:
        raise
    except ValueError as error:
        raise Rejected(str(error)) from error
    total, bound = (rational(data[key], key) for key in ("gradient_sum", "drift_lower_bound"))
    runs, said = _runs(data["pattern"]), data["statement"]
    return Proof(data["sampling"], recursion, runs, total, bound, rule["label"], rule["digest"]), said


def _runs(data: Any) -> Runs:
    if not isinstance(data, list) or not 0 < len(data) <= LONGEST:
        raise Rejected(f"pattern is not a list of 1 to {LONGEST} entries")
    for entry in data:
        if not isinstance(entry, list) or len(entry) != 2 or type(entry[0]) is not int or entry[0] < 1:
            raise Rejected("an entry of pattern is not [count, value] with a count of at least 1")
    if sum(entry[0] for entry in data) > LONGEST:
        raise Rejected(f"the period is longer than {LONGEST}")
    return tuple((count, rational(value, "a value of pattern")) for count, value in data)
