"""Randomness that can be repeated: a Philox generator for every (check, replicate).

The root comes from the check's id, so that a run is the same on every machine; a fresh root is printed with
the replay command.
"""

from __future__ import annotations

import hashlib

import numpy as np


def root(check_id: str) -> int:
    """The pinned root of a check: the first 53 bits of the SHA-256 of its id, which every JSON reader keeps exact."""
    return int.from_bytes(hashlib.sha256(check_id.encode()).digest()[:8], "big") >> 11


def generator(seed: int, *spawn_key: int) -> np.random.Generator:
    """The generator of one replicate; different spawn keys give independent streams."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=spawn_key)))
