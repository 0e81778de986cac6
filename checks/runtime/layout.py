"""Lines, labels and columns of the pages for people. No SymPy here: `rules` must be quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftproof.theory.catalogue import Outline

NARROWEST, WIDEST = 60, 110
LABEL = 13


def width() -> int:
    """Columns of the terminal, or COLUMNS, within bounds; the widest where neither is there."""
    if not os.environ.get("COLUMNS") and not (sys.stdout and sys.stdout.isatty()):
        return WIDEST
    return min(max(get_terminal_size((WIDEST, 24)).columns, NARROWEST), WIDEST)


def block(label: str, text: str | Iterable[str]) -> list[str]:
    """Lines under a label, wrapped with a hanging indent; each item of a list starts a line of its own.

    A label too long for its column has a line of its own.
    """
    lines: list[str] = []
    for item in [text] if isinstance(text, str) else text:
        lines += wrap(item, width() - LABEL, subsequent_indent="  ", break_on_hyphens=False) or [""]
    if not lines:
        return []
    if len(label) >= LABEL:
        return [label, *(" " * LABEL + line for line in lines)]
    return [f"{label:<{LABEL}}{lines[0]}".rstrip(), *(" " * LABEL + line for line in lines[1:])]


def unbroken(label: str, items: Iterable[str]) -> list[str]:
    """Items under a label, none of them broken however long it is: commands are there to be copied."""
    lines = flowing(items)
    return [f"{label:<{LABEL}}{lines[0]}", *(" " * LABEL + line for line in lines[1:])]


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Rows of cells, each column as wide as its widest cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return [(indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]


def equations(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Left sides, and right sides wrapped under each other."""
    pairs = list(rows)
    room = width() - 5 - max((len(left) for left, _ in pairs), default=0)
    cells: list[tuple[str, str]] = []
    for left, right in pairs:
        first, *rest = wrap(right, room, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
        cells += [(left, first), *(("", line) for line in rest)]
    return columns(cells)


def flowing(items: Iterable[str], gap: str = "   ") -> list[str]:
    """Short items side by side, as many on a line as fit; an item is not broken."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(gap) + len(item) <= width() - LABEL:
            lines[-1] += gap + item
        else:
            lines.append(item)
    return lines


def rules_text(outlines: Iterable[Outline]) -> str:
    """A line for each rule: name, authors, and its axes with the number of options; last, what to type next."""
    found = list(outlines)
    authors = [str(item.source).split(",")[0] for item in found]
    longest, widest = (max(map(len, texts), default=0) for texts in ([item.name for item in found], authors))
    lines = []
    for item, by in zip(found, authors, strict=True):
        line = f"{item.name:<{longest}}  {by:<{widest}}  "
        axes = "  ".join(f"{c.name}:{len(c.options)}" for c in item.conventions)
        lines.append((line + shortened(axes, width() - len(line))).rstrip())
    return "\n".join([*lines, "next: driftproof show NAME   equations, what each option means, who uses it"])


def shortened(items: str, room: int) -> str:
    """Items apart by two blanks, as many as fit; "..." for the rest."""
    kept: list[str] = []
    for item in items.split("  "):
        if len("  ".join([*kept, item, "..."])) > room and kept and len(items) > room:
            return "  ".join([*kept, "..."])
        kept.append(item)
    return "  ".join(kept)
