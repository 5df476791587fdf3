"""Cancelling a statement that SQLite is busy with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from visualsearch.jobs import JobControl

_STEPS = 20_000  # virtual machine instructions between two looks at the control: well under a millisecond


@contextmanager
def interruptible(connection: sqlite3.Connection, control: JobControl | None) -> Iterator[None]:
    """While the block runs, a cancel of ``control`` stops the running statement with Cancelled."""
    if control is None:
        yield
        return
    control.checkpoint()
    connection.set_progress_handler(lambda: control.is_cancelled, _STEPS)
    try:
        yield
    except sqlite3.OperationalError:
        control.checkpoint()  # a statement that was interrupted by the cancel fails with this error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    control.checkpoint()
