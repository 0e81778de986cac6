"""A time in which the kernel has to decide."""

import signal
from contextlib import contextmanager

import pytest


@contextmanager
def within(seconds):
    """Fails if it takes longer; the kernel does not catch this."""

    def late(*_):
        pytest.fail(f"no decision within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
