"""The error of a configuration that is not understood."""

from __future__ import annotations

from driftproof.theory.errors import DriftproofError


class BadConfig(DriftproofError):
    """[tool.driftproof] holds something that is not understood; nothing was run."""

    code = "config"
