"""Files of proof objects, read as untrusted, and given to the replay of theory/kernel alone. No SymPy here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driftproof.theory.kernel.witness import LARGEST, Rejected, replay

MOST = 4 * LARGEST
"""Bytes that are read of a file: the page of `witness` holds its pattern besides."""


def replayed(file: str) -> dict[str, Any]:
    """{file, accepted, reason, readable}; accepted only if the replay accepts every number in it.

    The file is a proof object, or the JSON page of `witness` with one under "certificate".
    """
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(MOST + 1).decode()
    except (OSError, ValueError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        return {"file": file, "accepted": False, "reason": reason, "readable": False}
    try:
        proof = replay(_certificate(text))
    except Rejected as rejected:
        return {"file": file, "accepted": False, "reason": str(rejected), "readable": True}
    kept = f"period {proof.period}, sum {proof.gradient_sum}, drift at least {float(proof.drift_lower_bound):.6g} alpha"
    return {"file": file, "accepted": True, "reason": f"replayed: {kept}", "readable": True}


def _certificate(text: str) -> str:
    """The proof object in a page of `witness`; any other text as it is, for the replay to judge."""
    try:
        found = json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        return text
    inner = found.get("certificate") if isinstance(found, dict) and "verdict" in found else None
    return json.dumps(inner) if isinstance(inner, dict) else text
