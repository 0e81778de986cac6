"""Colour for pages on a terminal. The only module of the command line that imports rich for them."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.text import Text

STYLES = {
    r"^[a-zA-Z][^ ]*( [a-zA-Z=^]+)*(?=  )": "bold cyan",
    r"\b(PASS|valid)\b": "green",
    r"\b(FAIL|refused|REFUSED)\b": "bold red",
    r"\bINCONCLUSIVE\b": "yellow",
}


def coloured(page: str) -> str:
    """The page with ANSI colour; its characters and line breaks stay as they are."""
    text = Text(page)
    for pattern, style in STYLES.items():
        text.highlight_regex(re.compile(pattern, re.MULTILINE), style)
    stream = StringIO()
    Console(file=stream, force_terminal=True, width=10_000).print(text, soft_wrap=True, end="")
    return stream.getvalue()
