"""One machine run at a time on a home: a second one waits, then finds the work of the first done."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.store import Store


@contextmanager
def only_run(store: Store) -> Iterator[None]:
    """Hold the home's run lock. It ends with the process, also with one that is killed."""
    with (store.home / "run.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
