"""Thumbnails by image digest, in ``thumbnails.sqlite3``: a cache, which may be lost at any time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from visualsearch.catalog.database import IMMUTABLE, readable_alone
from visualsearch.errors import CatalogError
from visualsearch.thumbnail import Thumbnail

FILE_NAME = "thumbnails.sqlite3"

_APPLICATION_ID = 0x76735F74  # "vs_t"
_VERSION = 1
_CHUNK = 500  # placeholders in one statement
_BUSY_SECONDS = 5.0
_Answer = TypeVar("_Answer")


class Thumbnails:
    """The thumbnails of a catalog. Safe from any thread; use ``Thumbnails.open``, then ``close``.

    A damaged file is renamed to ``….damaged`` and replaced by an empty one, whenever that is noticed: the caller
    then finds that thumbnails are missing and makes them again. Where nothing can be written, thumbnails are read
    if there are any, and ``put_many`` does nothing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writable = os.access(file if file.exists() else file.parent, os.W_OK)

    @classmethod
    def open(cls, path: Path) -> Thumbnails:
        """Open ``path``, a catalog's folder or the file itself; it is made when missing. Raises CatalogError."""
        path = Path(path)
        file = path / FILE_NAME if path.is_dir() else path
        if not file.parent.is_dir():
            raise CatalogError(f"There is no folder {file.parent} for thumbnails.")
        thumbnails = cls(file)
        thumbnails.has([])
        return thumbnails

    def __enter__(self) -> Thumbnails:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; it is opened again by the next call."""
        with self._lock:
            self._close()

    def get_many(self, digests: Iterable[bytes]) -> dict[bytes, Thumbnail]:
        """Digest → thumbnail, of those that are there."""
        wanted = list(dict.fromkeys(digests))

        def answer(connection: sqlite3.Connection) -> dict[bytes, Thumbnail]:
            rows = _select(connection, "digest, jpeg, width, height, color", wanted)
            return {row[0]: Thumbnail(*row[1:]) for row in rows}

        return self._ask(answer, {})

    def has(self, digests: Iterable[bytes]) -> set[bytes]:
        """Those of the digests that have a thumbnail."""
        wanted = list(dict.fromkeys(digests))
        return self._ask(lambda connection: {row[0] for row in _select(connection, "digest", wanted)}, set())

    def put_many(self, thumbnails: Sequence[tuple[bytes, Thumbnail]]) -> None:
        """Keep thumbnails, in one transaction; those of the same digest are replaced. Raises CatalogError when the
        disk is full or fails."""
        rows = [(digest, one.jpeg, one.width, one.height, one.color) for digest, one in thumbnails]
        if not rows or not self._writable:
            return

        def answer(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO thumbnail VALUES (?, ?, ?, ?, ?)", rows)

        self._ask(answer, None)

    def _ask(self, answer: Callable[[sqlite3.Connection], _Answer], nothing: _Answer) -> _Answer:
        """The answer; asked once more of an empty file when the file turns out to be damaged."""
        with self._lock, self._known_errors():
            try:
                connection = self._opened()
                return nothing if connection is None else answer(connection)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
            self._set_aside()
            connection = self._opened()
            return nothing if connection is None else answer(connection)

    def _opened(self) -> sqlite3.Connection | None:
        """The connection; None where there is no file and none can be made."""
        if self._connection is None:
            if not self._writable and not self._file.exists():
                return None
            try:
                self._connection = self._connected(self._writable)
            except sqlite3.OperationalError as error:
                if not self._writable or not readable_alone(error, self._file):
                    raise
                self._connection = self._connected(False)
                self._writable = False
        return self._connection

    def _connected(self, writable: bool) -> sqlite3.Connection:
        uri = f"{self._file.absolute().as_uri()}?{'mode=rwc' if writable else IMMUTABLE}"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            _prepare(connection, writable)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _set_aside(self) -> None:
        self._close()
        if not self._writable:
            raise CatalogError(
                f"The thumbnails {self._file} are damaged.", "Copy the catalog to a writable folder."
            )
        os.replace(self._file, self._file.with_name(self._file.name + ".damaged"))
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _known_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            if "disk is full" in str(error):
                raise CatalogError(
                    f"The disk is full: the thumbnails {self._file} cannot be kept.",
                    "Free some space and try again; what was done stays.",
                ) from error
            raise CatalogError(
                f"The thumbnails {self._file} cannot be used ({error}).",
                "Check the disk; the file may be deleted.",
            ) from error


def _prepare(connection: sqlite3.Connection, writable: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) == (_APPLICATION_ID, _VERSION):
        if writable:
            connection.execute("PRAGMA synchronous = NORMAL")
        return
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if tables or not writable:
        raise sqlite3.DatabaseError("file is not a database of this version")
    connection.execute("PRAGMA page_size = 8192")  # most thumbnails take one or two pages
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "PRAGMA synchronous = NORMAL"
    )  # the newest may be lost with the power, nothing is damaged
    connection.execute(
        "CREATE TABLE IF NOT EXISTS thumbnail (digest BLOB PRIMARY KEY, jpeg BLOB NOT NULL, "
        "width INTEGER NOT NULL, height INTEGER NOT NULL, color INTEGER NOT NULL)"
    )
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _select(connection: sqlite3.Connection, columns: str, digests: list[bytes]) -> Iterator[tuple]:
    for start in range(0, len(digests), _CHUNK):
        chunk = digests[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        yield from connection.execute(f"SELECT {columns} FROM thumbnail WHERE digest IN ({marks})", chunk)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    text = str(error).lower()
    return any(
        word in text for word in ("malformed", "not a database", "corrupt", "no such table", "disk i/o")
    )
