"""The process in which a target runs: `python -m driftproof.checks.audit.child FD SOURCE`.

On standard input come the asker's sys.path and the request. Events leave as JSON lines through the pipe with the number
FD, so that what the target prints cannot come between.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, TextIO

from driftproof.theory.errors import DriftproofError

from .request import Request


def main(number: str, source: str) -> None:
    """Runs the generator SOURCE (module:function) on the request, and sends what it yields."""
    path, text = json.loads(sys.stdin.read())
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # tensors are small: threads would only wait for each other
    sys.path += [place for place in path if place not in sys.path]  # what the asker can import, we can
    request = Request.of_text(text)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a target that asks a question gets no answer
    os.set_inheritable(int(number), False)
    faulthandler.enable()  # so that a crash, or being stopped, says where
    _no_core_files()
    with os.fdopen(int(number), "w", encoding="utf-8") as channel:
        send = _sender(channel)
        stage = "start"
        try:
            module, _, name = source.partition(":")
            for event in getattr(importlib.import_module(module), name)(request.target, **request.arguments()):
                stage = event["event"]
                send(event)
        except DriftproofError as error:
            if stage in ("start", "target") and not _fault_of_target(error, request.target):
                send({"event": "refused", "code": error.code, "what": error.what, "why": error.why, "fix": error.fix})
            else:
                send(_raised(error))
        except BaseException as error:  # SystemExit of a target too: it must not look like an end
            send(_raised(error))


def _sender(channel: TextIO) -> Callable[[dict[str, Any]], None]:
    def send(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event, default=_number) + "\n")
        channel.flush()

    return send


def _number(value: Any) -> Any:
    """What JSON does not know: numbers of NumPy and torch as numbers, anything else as text."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "size", 1) == 1 else str(value)


def _fault_of_target(error: DriftproofError, target: str) -> bool:
    """Whether the module that was asked for is there, and fails while it is imported."""
    cause = error.__cause__
    if not isinstance(cause, ImportError):
        return False
    place = target.rpartition(":")[0]
    missing = getattr(cause, "name", None) or ""
    return not (isinstance(cause, ModuleNotFoundError) and (place == missing or place.startswith(f"{missing}.")))


def _raised(error: BaseException) -> dict[str, Any]:
    while isinstance(error, DriftproofError) and isinstance(error.__cause__, ImportError):
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    last = next((f for f in reversed(frames) if not f.filename.startswith("<")), None)
    return {
        "event": "raised",
        "type": type(error).__name__,
        "message": str(error),
        "where": f"{last.filename}:{last.lineno}" if last else "",
        "traceback": "".join(traceback.format_exception(error))[-4000:],
    }


def _no_core_files() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass  # a system without limits


if __name__ == "__main__":
    main(*sys.argv[1:3])
