"""Probes by file: every module of checks/audit/probes has a table PROBES."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

from .probe import Probe


@lru_cache(maxsize=1)
def probes() -> tuple[Probe, ...]:
    """All probes, by code. raises: ValueError if a code or a name is there twice."""
    from . import probes as folder

    modules = [import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__)]
    found = sorted((p for module in modules for p in getattr(module, "PROBES", ())), key=lambda p: p.code)
    for names in ([p.code for p in found], [p.check for p in found]):
        if len(set(names)) < len(names):
            raise ValueError(f"a probe is there twice: {sorted(n for n in names if names.count(n) > 1)}")
    return tuple(found)
