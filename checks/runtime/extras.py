"""What to say where an optional library is not installed: the extra that brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from driftproof.theory.errors import DriftproofError

OPTIONAL = ("torch", "hypothesis", "scipy", "cvxpy", "joblib", "matplotlib", "z3")
WHERE = {"matplotlib": "report", "z3": "z3"}
"""The extra that brings a library, where it is neither torch nor check."""


class NotInstalled(DriftproofError):
    """An optional library is needed here, and it is not installed."""

    code = "not-installed"


@contextmanager
def extras_named() -> Iterator[None]:
    """Turns the absence of an optional library into NotInstalled; every other error goes through."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in OPTIONAL:
            raise
        raise NotInstalled(
            f"This needs {library}, which is not installed.",
            "The base install brings only what derive, scale and the reference need.",
            f'pip install "driftproof[{WHERE.get(library, "torch,check")}]"',
        ) from error
