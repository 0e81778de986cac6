"""Where results go: standard output, or a file that is written whole or not at all; and errors, on standard error."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from driftproof.theory.errors import DriftproofError


class CannotWrite(DriftproofError):
    """The result could not be written; no part of it was."""

    code = "cannot-write"


class NotBuilt(DriftproofError):
    """A command of the design that does not exist yet."""

    code = "not-built"


class Usage(DriftproofError):
    """The command line was not understood."""

    code = "usage"


def as_json(data: Any) -> str:
    """Strict JSON, ASCII: no NaN, no infinity."""
    return json.dumps(data, indent=2, allow_nan=False)


def emit(text: str, output: str | None = None) -> None:
    """Writes a result: to the file, whole or not at all, or to standard output. raises: CannotWrite."""
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        _to_stdout(text)
    else:
        write_whole(Path(output), text)


def _to_stdout(text: str) -> None:
    """A reader that has closed the pipe has read enough: no error, and nothing more is written."""
    if sys.stdout is None:  # Python's stand-in for a standard output that was closed before it began
        raise CannotWrite("Standard output is closed.", "", "Use --output FILE.")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise CannotWrite(f"Standard output cannot be written: {_reason(error)}.", "", "Use --output FILE.") from error


def require_folder(output: str | None) -> str | None:
    """Says at once that a file cannot be written there, before anything is computed. raises: CannotWrite.

    returns: the name, or None for standard output ("-", or nothing given).
    """
    if output is None or output == "-":
        return None
    if not output.strip():
        raise CannotWrite("The name of the output file is empty.", "", "Name a file, or leave --output out.")
    try:
        path = Path(output)
        why = (
            "It is a folder." if path.is_dir() else "" if path.parent.is_dir() else f"There is no folder {path.parent}."
        )
    except (OSError, ValueError) as error:
        why = f"{_reason(error)}."
    if why:
        raise CannotWrite(f"{output} cannot be written.", why, "Name a file in a folder that exists.")
    return output


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes to a temporary name in the same folder, then renames; devices and pipes are written as they are."""
    try:
        data = content.encode() if isinstance(content, str) else content
        target = path.resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            temporary.write_bytes(data)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise CannotWrite(
            f"{path} cannot be written: {_reason(error)}.",
            "Nothing was written.",
            "Name a file in a folder that exists.",
        ) from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def report(error: DriftproofError) -> None:
    """What happened, why, and the fix, on standard error."""
    fix = error.fix or f"driftproof --explain {error.code} says what it means."
    lines = [f"error[{error.code}]: {error.what}", f"  why: {error.why}" if error.why else "", f"  fix: {fix}"]
    complain("\n".join(filter(None, lines)))


def complain(text: str) -> None:
    """A message on standard error, with control characters shown, not obeyed. A closed pipe is no error."""
    if sys.stderr is None:  # closed before we began; print would then use standard output
        return
    visible = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    try:
        print(visible, file=sys.stderr, flush=True)
    except OSError:
        return


def styled(text: str) -> str:
    """The page with its labels and verdicts in colour: on a terminal, unless NO_COLOR is set."""
    if sys.stdout is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    from .colour import coloured

    return coloured(text)
