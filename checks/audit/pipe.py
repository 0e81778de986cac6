"""One child process: its events as they come, the tail of what it printed, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any, Self

from .request import Request

TIME_UP: dict[str, Any] = {"event": "time-up"}
ENDED: dict[str, Any] = {"event": "ended"}
TAIL = 4000
"""Bytes of what the target prints that are kept."""
SHOWN = 3
"""Lines of them that a finding quotes."""
OURS = str(Path(__file__).parent)
"""Frames in this folder say nothing about the target."""
LAST_WORDS = 1.0
"""Seconds that a process that is stopped has to say where it was."""


class Child:
    """Runs child.py. Used as a context: leaving it, by whatever way, ends the process and its own children."""

    def __init__(self, request: Request, source: str) -> None:
        self._waiting: deque[dict[str, Any]] = deque()
        self._partial, self._printed = b"", b""
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "driftproof.checks.audit.child", str(writing), source]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                start_new_session=True,  # so that it can be ended as a group, and the terminal's Ctrl-C is ours alone
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._events = reading
        self._selector = selectors.DefaultSelector()
        assert self._process.stdout is not None and self._process.stdin is not None
        self._output = self._process.stdout.fileno()
        for source_fd in (self._events, self._output):
            os.set_blocking(source_fd, False)
            self._selector.register(source_fd, selectors.EVENT_READ)
        try:
            self._process.stdin.write(json.dumps([sys.path, request.text()]).encode())
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it is gone already; what it said comes with its end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._selector.close()
        os.close(self._events)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def next(self, until: float) -> dict[str, Any]:
        """The next event; TIME_UP at the given time of time.monotonic(), ENDED where the process has ended."""
        while not self._waiting:
            left = until - time.monotonic()
            if left <= 0:
                return TIME_UP
            if not self._pump(min(left, 0.2)) and self._process.poll() is not None:
                return ENDED
        return self._waiting.popleft()

    def _pump(self, seconds: float) -> bool:
        """Reads what is there. returns: whether there was something."""
        if not self._selector.get_map():
            time.sleep(min(seconds, 0.01))
            return False
        found = False
        for key, _ in self._selector.select(seconds):
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if not data:
                self._selector.unregister(key.fd)
            elif key.fd == self._events:
                self._take(data)
            else:
                self._printed = (self._printed + data)[-TAIL:]
            found = True
        return found

    def _take(self, data: bytes) -> None:
        """Whole lines; a line that is no event of ours was written by something that found the pipe."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                self._waiting.append(event)

    @property
    def code(self) -> int:
        """The exit code, negative for a signal."""
        return self._process.wait()

    def said(self) -> str:
        """The last lines that it printed, "" if none."""
        text = self._printed.decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip() and OURS not in line]
        places = [line for line in lines if line.startswith("File ")]
        shown = places[:SHOWN] if places else lines[-SHOWN:]
        return f"; {'at' if places else 'it printed'}: " + " / ".join(shown) if shown else ""

    def stop(self, tell: bool = False) -> None:
        """Ends the process and its own children. tell: it is asked first to print where it is."""
        if tell and self._process.poll() is None:
            self._process.send_signal(signal.SIGABRT)
            end = time.monotonic() + LAST_WORDS
            while time.monotonic() < end and (self._pump(0.1) or self._process.poll() is None):
                pass
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # its group has its number
        self._process.wait()
