"""Lines, labels and columns of the pages for people. No SymPy here: `rules` must be quick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftproof.theory.catalogue import Outline

WIDTH = 112
LABEL = 13


def block(label: str, text: str | Iterable[str]) -> list[str]:
    """Lines under a label, wrapped with a hanging indent; each item of a list starts a line of its own.

    A label too long for its column has a line of its own.
    """
    lines: list[str] = []
    for item in [text] if isinstance(text, str) else text:
        lines += wrap(item, WIDTH - LABEL, subsequent_indent="  ", break_on_hyphens=False) or [""]
    if not lines:
        return []
    if len(label) >= LABEL:
        return [label, *(" " * LABEL + line for line in lines)]
    return [f"{label:<{LABEL}}{lines[0]}".rstrip(), *(" " * LABEL + line for line in lines[1:])]


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Rows of cells, each column as wide as its widest cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return [(indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]


def flowing(items: Iterable[str], gap: str = "   ") -> list[str]:
    """Short items side by side, as many on a line as fit; an item is not broken."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(gap) + len(item) <= WIDTH - LABEL:
            lines[-1] += gap + item
        else:
            lines.append(item)
    return lines


def rules_text(outlines: Iterable[Outline]) -> str:
    """One rule a line: name, source, and its conventions as axis=default|other."""
    rows = []
    for item in outlines:
        axes = "  ".join(f"{c.name}={'|'.join(c.options)}" for c in item.conventions)
        rows.append((item.name, str(item.source).split(",")[0], axes))
    return "\n".join(columns(rows, indent=""))
