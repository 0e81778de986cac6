"""Files of proof objects, read as untrusted, and given to the replay of theory/kernel alone. No SymPy here."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftproof.theory.kernel import witness
from driftproof.theory.kernel.untrusted import LARGEST, Rejected

from .processors import spread

MOST = 4 * LARGEST
"""Bytes that are read of a file: the page of `witness` holds its pattern besides."""
CHUNK = 4
"""Theorems that a process takes at a time."""
CERTIFICATE, STATEMENT = "driftproof certificate", "driftproof statement"


def replayed(files: Iterable[str], jobs: int = 1) -> list[dict[str, Any]]:
    """{file, accepted, reason, readable} of each; accepted only if the replay accepts everything in it.

    A file is a divergence witness, the JSON page of `witness` with one under "certificate", or the certificate of a
    theorem; that is replayed against the statement that ships, with the certificates that it uses.
    jobs: how many processes replay theorems, where there are many.
    """
    found = [_read(file) for file in files]
    theorems = [one for one in found if one.theorem]
    for one, reason in zip(theorems, _judged([(one.theorem, one.text) for one in theorems], jobs), strict=True):
        one.answer.update(reason)
    return [one.answer for one in found]


@dataclass(frozen=True)
class _File:
    """What is known of a file. theorem: whose certificate it is, if that of one; then `answer` is not complete."""

    answer: dict[str, Any]
    theorem: str = ""
    text: str = ""


def _read(file: str) -> _File:
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(MOST + 1).decode()
    except (OSError, ValueError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        return _File({"file": file, "accepted": False, "reason": reason, "readable": False})
    answer = {"file": file, "accepted": False, "reason": "", "readable": True}
    try:
        found = _parsed(text)
        if isinstance(found, dict) and found.get("format") == CERTIFICATE:
            return _File(answer, str(found.get("theorem")), text)
        if isinstance(found, dict) and found.get("format") == STATEMENT:
            raise Rejected("it is a statement, which proves nothing; its proof is the file in certificates/")
        return _File({**answer, "accepted": True, "reason": f"replayed: {_witness(_certificate(text, found))}"})
    except Rejected as rejected:
        return _File({**answer, "reason": str(rejected)})


def _judged(asked: Sequence[tuple[str, str]], jobs: int) -> list[dict[str, Any]]:
    """{accepted, reason} of certificates of theorems."""
    if not asked:
        return []
    from driftproof.theory.proving.files import ProofFiles

    shipped = ProofFiles.shipped()
    with spread(jobs, len(asked), CHUNK, first=gc.disable) as spread_map:  # nothing is circular, and all of it is kept
        found = shipped.replayed(asked, spread_map)
    says = [json.loads(shipped.statements[one.theorem])["says"] if one.report else "" for one in found]
    return [
        {"accepted": one.report is not None, "reason": one.reason or f"replayed: {one.theorem}: {said}"}
        for one, said in zip(found, says, strict=True)
    ]


def _witness(text: str) -> str:
    proof = witness.replay(text)
    drift = float(proof.drift_lower_bound)
    return f"period {proof.period}, sum {proof.gradient_sum}, drift at least {drift:.6g} alpha"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        return None


def _certificate(text: str, found: Any) -> str:
    """The proof object in a page of `witness`; any other text as it is, for the replay to judge."""
    inner = found.get("certificate") if isinstance(found, dict) and "verdict" in found else None
    return json.dumps(inner) if isinstance(inner, dict) else text
