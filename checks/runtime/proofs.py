"""Files of proof objects, read as untrusted, and given to the replay of theory/kernel alone. No SymPy here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driftproof.theory.kernel import witness
from driftproof.theory.kernel.untrusted import LARGEST, Rejected

MOST = 4 * LARGEST
"""Bytes that are read of a file: the page of `witness` holds its pattern besides."""
CERTIFICATE = "driftproof certificate"


def replayed(file: str) -> dict[str, Any]:
    """{file, accepted, reason, readable}; accepted only if the replay accepts everything in it.

    The file is a divergence witness, the JSON page of `witness` with one under "certificate", or the certificate of a
    theorem; that is replayed against the statement that ships, after the certificates that it uses.
    """
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(MOST + 1).decode()
    except (OSError, ValueError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        return {"file": file, "accepted": False, "reason": reason, "readable": False}
    try:
        found = _parsed(text)
        if isinstance(found, dict) and found.get("format") == CERTIFICATE:
            kept = _theorem(text, found)
        else:
            kept = _witness(_certificate(text, found))
    except Rejected as rejected:
        return {"file": file, "accepted": False, "reason": str(rejected), "readable": True}
    return {"file": file, "accepted": True, "reason": f"replayed: {kept}", "readable": True}


def _witness(text: str) -> str:
    proof = witness.replay(text)
    drift = float(proof.drift_lower_bound)
    return f"period {proof.period}, sum {proof.gradient_sum}, drift at least {drift:.6g} alpha"


def _theorem(text: str, found: dict[str, Any]) -> str:
    """Replays a theorem and what it uses; says the theorem."""
    from driftproof.theory.proving import corpus

    name = found.get("theorem")
    statements, certificates, definitions = map(corpus.shipped, ("statements", "certificates", "definitions"))
    if not isinstance(name, str) or name not in statements:
        raise Rejected(f"no statement of {str(name)[:80]!r} ships; a certificate proves a statement that is on record")
    if not isinstance(found.get("lemmas"), dict):
        raise Rejected("lemmas are missing")
    wanted = {**corpus.needed(text, certificates), name: text}
    for result in corpus.replayed(statements, wanted, definitions):
        if result.report is None:
            raise Rejected(result.reason if result.theorem == name else f"{result.theorem}: {result.reason}")
    return f"{name}: {json.loads(statements[name])['says']}"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        return None


def _certificate(text: str, found: Any) -> str:
    """The proof object in a page of `witness`; any other text as it is, for the replay to judge."""
    inner = found.get("certificate") if isinstance(found, dict) and "verdict" in found else None
    return json.dumps(inner) if isinstance(inner, dict) else text
