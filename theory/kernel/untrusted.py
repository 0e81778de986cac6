"""Reading untrusted files: strict JSON, exact numbers, bounded sizes. Whatever is doubtful is rejected."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

LARGEST, DIGITS = 1 << 21, 200
_RATIONAL = re.compile(r"-?[0-9]+(?:/[0-9]+)?", re.ASCII)


class Rejected(ValueError):
    """Not a witness, a statement or a certificate that is accepted; the message says why."""


def require(holds: object, otherwise: str, *of: object) -> None:
    """Reject, unless it holds. What `of` says is put into the braces of `otherwise` only then: it can be long."""
    if not holds:
        raise Rejected(otherwise.format(*(one() if callable(one) else one for one in of)) if of else otherwise)


def parsed(text: str, largest: int = LARGEST) -> Any:
    """The JSON value of a text without floats, large integers and double keys."""

    def no_float(found: str) -> Any:
        raise Rejected(f"{found[:40]} is a float; numbers are exact here")

    def small(found: str) -> int:
        require(len(found) <= 9, f"{found[:40]}... is too large for a count")
        return int(found)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len({key for key, _ in pairs}) == len(pairs), "a key stands there twice")
        return dict(pairs)

    require(len(text) <= largest, f"it is longer than {largest} characters")
    try:
        return json.loads(text, parse_float=no_float, parse_constant=no_float, parse_int=small, object_pairs_hook=once)
    except Rejected:
        raise
    except (ValueError, RecursionError) as error:
        raise Rejected(f"it is not JSON: {str(error)[:80]}") from error


def keys(data: Any, wanted: list[str], name: str) -> None:
    """Reject what is not an object with exactly these keys."""
    require(isinstance(data, dict), f"{name} is not an object")
    missing, extra = [k for k in wanted if k not in data], [k[:40] for k in data if k not in wanted]
    found = f"{name}: missing keys: {', '.join(missing) or 'none'}; unknown keys: {extra[:5] or 'none'}"
    require(not missing and not extra, found)


def rational(text: Any, name: str) -> Fraction:
    """The rational that a text in lowest terms says."""
    good = isinstance(text, str) and len(text) <= DIGITS and _RATIONAL.fullmatch(text)
    require(good, f'{name} is not a rational of at most {DIGITS} characters, written as "-3" or "1/100"')
    require(not re.search("/0+$", text) and str(Fraction(text)) == text, f"{name} = {text[:40]} is not in lowest terms")
    return Fraction(text)
