"""Errors that say what, why and the fix.

Every error a user can cause derives from `DriftproofError`; the command line prints it and exits 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class DriftproofError(ValueError):
    """Bad input: `what` happened (with the value), `why` it is refused, and the `fix`."""

    code = "input"

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__("\n  ".join(part for part in (what, why, fix) if part))


class RuleError(DriftproofError):
    """A rule is ill-formed; raised where it is written."""

    code = "rule"


class NotExact(RuleError):
    """A float stands where an exact number is meant."""

    code = "not-exact"


class NotReadable(DriftproofError):
    """Text outside the small language that the reader accepts; nothing was executed."""

    code = "not-readable"


class UnknownName(DriftproofError):
    """A name that is not known here; the message suggests the nearest one."""

    code = "unknown-name"


class OutOfDomain(DriftproofError):
    """A value outside its declared domain; it is refused, never clipped."""

    code = "out-of-domain"


class Refused(DriftproofError):
    """An honest refusal: the mathematics does not cover this input, and the message says where."""

    code = "refused"


def nearest(name: str, known: Iterable[str], far: str = "") -> str:
    """A 'did you mean' clause; when nothing is near, `far`, or the list of what exists."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return far or ("Known: " + ", ".join(names) + "." if names else "")
