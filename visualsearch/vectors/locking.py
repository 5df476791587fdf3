"""One writer per folder: a lock file that the operating system gives back when its process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from visualsearch.errors import CatalogLocked

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Exclusive between processes, and between objects of one process. The file itself stays where it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def acquire(self) -> None:
        """Take it without waiting. Raises CatalogLocked where somebody else has it, or an OSError."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            raise CatalogLocked(
                "Another program or window is preparing the photos of this catalog.",
                "Wait until it has finished, or close it.",
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Give it back (closing the handle does)."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
