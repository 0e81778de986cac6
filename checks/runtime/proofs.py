"""Files of proof objects, read as untrusted, and given to the replay of theory/kernel alone. No SymPy here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.theory.kernel import witness
from driftproof.theory.kernel.untrusted import LARGEST, Rejected

if TYPE_CHECKING:
    from driftproof.theory.proving.corpus import Shipped

MOST = 4 * LARGEST
"""Bytes that are read of a file: the page of `witness` holds its pattern besides."""
CERTIFICATE, STATEMENT = "driftproof certificate", "driftproof statement"


def replayed(files: Iterable[str]) -> list[dict[str, Any]]:
    """{file, accepted, reason, readable} of each; accepted only if the replay accepts everything in it.

    A file is a divergence witness, the JSON page of `witness` with one under "certificate", or the certificate of a
    theorem; that is replayed against the statement that ships, after the certificates that it uses.
    """
    shipped = cache(_shipped)
    return [_replayed(file, shipped) for file in files]


def _shipped() -> Shipped:
    from driftproof.theory.proving.corpus import Shipped

    return Shipped()


def _replayed(file: str, shipped: Callable[[], Shipped]) -> dict[str, Any]:
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(MOST + 1).decode()
    except (OSError, ValueError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        return {"file": file, "accepted": False, "reason": reason, "readable": False}
    try:
        found = _parsed(text)
        if isinstance(found, dict) and found.get("format") == CERTIFICATE:
            kept = _theorem(text, found.get("theorem"), shipped())
        elif isinstance(found, dict) and found.get("format") == STATEMENT:
            raise Rejected("it is a statement, which proves nothing; its proof is the file in certificates/")
        else:
            kept = _witness(_certificate(text, found))
    except Rejected as rejected:
        return {"file": file, "accepted": False, "reason": str(rejected), "readable": True}
    return {"file": file, "accepted": True, "reason": f"replayed: {kept}", "readable": True}


def _witness(text: str) -> str:
    proof = witness.replay(text)
    drift = float(proof.drift_lower_bound)
    return f"period {proof.period}, sum {proof.gradient_sum}, drift at least {drift:.6g} alpha"


def _theorem(text: str, name: Any, shipped: Shipped) -> str:
    """Replays a theorem and what it uses; says the theorem."""
    shipped.replay(str(name), text)
    return f"{name}: {json.loads(shipped.statements[str(name)])['says']}"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        return None


def _certificate(text: str, found: Any) -> str:
    """The proof object in a page of `witness`; any other text as it is, for the replay to judge."""
    inner = found.get("certificate") if isinstance(found, dict) and "verdict" in found else None
    return json.dumps(inner) if isinstance(inner, dict) else text
