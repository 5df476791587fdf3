"""What the caches on disk share: chunked checksums, the disk's errors as sentences."""

from __future__ import annotations

import errno
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from visualsearch.errors import CatalogError, ReadOnlyCatalog
from visualsearch.replacing import NO_ROOM

CHUNK = 16 * 2**20  # bytes that share one checksum


def checksums(path: Path, checkpoint: Callable[[], None] = lambda: None) -> list[int]:
    """CRC-32 of each CHUNK bytes of a file."""
    found = []
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            checkpoint()
            found.append(zlib.crc32(data))
    return found


def sync(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn the disk's refusals into the errors that the program knows."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnlyCatalog(
                f"{folder} cannot be written to.", "Copy the catalog to a writable disk."
            ) from error
        if error.errno in NO_ROOM:
            raise CatalogError(
                f"The disk that holds {folder} is full.", "Free some space and try again."
            ) from error
        raise CatalogError(
            f"{error.filename or folder} cannot be used: {error.strerror or error}.",
            "Check its disk, and who may read and write it.",
        ) from error
