"""How many processors this process may use, and work that is spread over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

MOST = 8
"""Processes beyond so many gain little in what is spread here."""
MANY = 20
"""From so many tasks on processes pay."""


def usable() -> int:
    """The number of processors, at most MOST; 1 where the system does not say which are this process's."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, MOST)


@contextmanager
def spread(
    jobs: int, tasks: int, chunk: int = 1, first: Callable[[], object] | None = None
) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map`, on so many processes where tasks are many; each of them takes `chunk` at a time and calls `first` once."""
    if jobs == 1 or tasks < MANY:
        yield map
        return
    with ProcessPoolExecutor(jobs, initializer=first) as pool:
        yield partial(pool.map, chunksize=chunk)
