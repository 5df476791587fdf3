"""Replaces files as a whole: written beside and renamed, so that who reads sees the old file or the new one."""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""Errors of a disk that is full, or of which one may not use more."""
_IN_USE = 3600  # seconds in which something is written to a file that is not abandoned
_SQLITE = b"SQLite format 3\0"  # how every SQLite file begins


@contextmanager
def replacing(file: Path, *, derived: bool = False) -> Iterator[BinaryIO]:
    """A stream into a new file that takes the place of ``file``, or of what it links to, at the end, once it is on the
    disk; on an error it is removed and nothing is changed. Any thread, also several at once. Raises OSError, which
    names the file, also for a device, a pipe, or a database: no file that a person names takes the place of a catalog.

    What a kill leaves is removed when the file is replaced again an hour later or more. ``derived``: it can be made
    again, and whoever reads it finds out whether it is whole. Then the disk is not waited for, and the next one
    overwrites what a kill leaves.
    """
    if file.is_symlink():
        file = Path(os.path.realpath(file))
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise OSError(errno.EINVAL, "it is not a regular file", str(file))
    if _is_database(file):
        raise OSError(errno.EEXIST, "it is a database", str(file))
    name = f"{file.name}.new" if derived else f".{file.name}.{threading.get_native_id()}.new"
    new = file.parent / name  # not with_name, which refuses "."
    try:
        stream = open(new, "wb")  # noqa: SIM115 - closed below, before it is renamed
    except OSError as error:
        error.filename = str(file)
        raise
    if not derived:
        _remove_leftovers(file)
    try:
        yield stream
        if not derived:
            stream.flush()
            os.fsync(stream.fileno())
        stream.close()
        rename_over(new, file)
    except BaseException as error:
        with suppress(OSError):
            stream.close()
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(new)):  # which nobody knows
            error.filename, error.filename2 = str(file), None
        raise
    if not derived and os.name == "posix":
        _sync_folder(file.absolute().parent)


def _remove_leftovers(file: Path) -> None:
    """What processes that were killed left beside a file. What was written to of late may belong to somebody."""
    name = re.compile(rf"\.{re.escape(file.name)}\.[0-9]+\.new")
    with suppress(OSError), os.scandir(file.parent) as entries:
        for left in [entry for entry in entries if name.fullmatch(entry.name)]:
            with suppress(OSError):
                if left.stat().st_mtime < time.time() - _IN_USE:
                    os.unlink(left.path)


def _is_database(file: Path) -> bool:
    with suppress(OSError), open(file, "rb") as stream:
        return stream.read(len(_SQLITE)) == _SQLITE
    return False


def replace_file(file: Path, content: bytes, *, derived: bool = False) -> None:
    """Put a content in place of a file's, as `replacing` does. Raises OSError."""
    with replacing(file, derived=derived) as stream:
        stream.write(content)


def rename_over(source: Path, target: Path) -> None:
    """Windows refuses while somebody reads the target: try for a second. Raises OSError."""
    for wait in (0.05, 0.1, 0.2, 0.3, 0.4):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(wait)
    os.replace(source, target)


def _sync_folder(folder: Path) -> None:
    """Wait until the new name is on the disk; some network disks cannot, and the file is in its place anyway."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
