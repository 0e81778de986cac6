"""How many processors this process may use."""

from __future__ import annotations

import os

MOST = 8
"""Processes beyond so many gain little in what is spread here."""


def usable() -> int:
    """The number of processors, at most MOST; 1 where the system does not say which are this process's."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, MOST)
