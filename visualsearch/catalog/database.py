"""Connections to ``catalog.sqlite3``: opening, migrating, transactions, and SQLite's errors as sentences."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from visualsearch.catalog import schema
from visualsearch.errors import CatalogError, CatalogLocked, CatalogTooNew, ReadOnlyCatalog

IMMUTABLE = "mode=ro&immutable=1"  # reads without SQLite's log and shared memory, which need to be written
BUSY_SECONDS = 10.0  # how long a writer waits for another one; an import's batches take far less


def readable_alone(error: sqlite3.Error, file: Path) -> bool:
    """Whether a file that could not be opened can be as IMMUTABLE, being whole without its log: a full disk, for one,
    has no room for the log's shared memory."""
    no_room = any(word in str(error).lower() for word in ("disk i/o", "disk is full", "unable to open"))
    return no_room and not _has_log(file) and file.exists() and file.stat().st_size > 0


def _has_log(file: Path) -> bool:
    log = file.with_name(file.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def known_error(error: sqlite3.Error, file: Path) -> CatalogError | None:
    """The sentence for an error that is the world's fault, or None for one that is ours (a bug)."""
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return CatalogLocked(
            f"The catalog {file.parent} is being written by another process.",
            "Wait until it has finished, or close the other program, and try again.",
        )
    if "disk is full" in text:
        return CatalogError(
            f"The disk is full: without some room the catalog {file.parent} can be neither opened nor changed.",
            "Nothing was half written. Free some space and try again.",
        )
    if "readonly" in text:
        return ReadOnlyCatalog(
            f"The catalog {file.parent} can only be read: its folder or disk does not allow writing.",
            "Copy the catalog to a folder that you may write to.",
        )
    if any(word in text for word in ("malformed", "not a database", "corrupt", "could not decode")):
        return _damaged(file)
    if "disk i/o" in text or "unable to open" in text:
        return CatalogError(
            f"The file {file} cannot be read or written ({error}).",
            "Check the disk and the folder's permissions.",
        )
    return None


def _damaged(file: Path) -> CatalogError:
    return CatalogError(
        f"The file {file} is damaged or is not a catalog.",
        "Restore it from a backup, or import into a new catalog.",
    )


class Database:
    """One SQLite file with a pool of reading connections and one writing connection. Safe from any thread.

    A reading connection belongs to one ``read()`` at a time and is handed on afterwards, so that threads that
    ended leave nothing open. ``close()`` closes them all.
    """

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        """Open an existing file; an empty one gets the tables. Raises CatalogError and its kinds."""
        self.file = file
        self.read_only = read_only or not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))
        self._mode = self._choose_mode()
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        self._has_room = True
        with self._known_errors():
            try:
                connection = self._first()
            except sqlite3.OperationalError as error:
                if self._mode == IMMUTABLE or not readable_alone(error, file):
                    raise
                self.read_only, self._has_room, self._mode = True, False, IMMUTABLE
                connection = self._first()
        if self.read_only:
            self._idle.append(connection)
        else:
            self._writer = connection
        self._inode = self._inode_now()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction: all that it sees is one moment of the catalog."""
        with self._known_errors():
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def write(self, *, derived: bool = False, checked: bool = False) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when anything is raised. Not reentrant.

        A transaction that changed something bumps ``meta['revision']``, unless it only brings up to date what is
        ``derived`` from the rest. ``checked``: the caller has seen to it that references hold, row by row SQLite
        takes as long for that as for writing. Raises ReadOnlyCatalog,
        CatalogLocked, CatalogError (full or failing disk, or the file is not there any more).
        """
        if not self._has_room:
            raise ReadOnlyCatalog(
                f"The catalog {self.file.parent} could only be opened for reading: there is no room to write.",
                "Free some space on its disk, and open it again.",
            )
        if self.read_only:
            raise ReadOnlyCatalog(
                f"The catalog {self.file.parent} is open for reading only.",
                "Copy the catalog to a folder that you may write to.",
            )
        if not self._write_lock.acquire(timeout=BUSY_SECONDS):
            raise CatalogLocked(f"The catalog {self.file.parent} is busy with another change.", "Try again.")
        try:
            with self._known_errors():
                connection = self._writing()
                connection.execute(f"PRAGMA foreign_keys = {'OFF' if checked else 'ON'}")
                connection.execute("BEGIN IMMEDIATE")
                before = connection.total_changes
                try:
                    yield connection
                    if connection.total_changes != before and not derived:
                        _bump(connection)
                    self._require_file()
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        finally:
            self._write_lock.release()

    def close(self) -> None:
        """Close every connection; one that is still in use is closed when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        with self._write_lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _inode_now(self) -> int | None:
        try:
            return self.file.stat().st_ino
        except OSError:
            return None

    def _require_file(self) -> None:
        """A file that was deleted while it is open takes all that is written, and is gone when it is closed."""
        if self._inode_now() != self._inode:
            raise CatalogError(
                f"Nothing was saved: {self.file} was moved, deleted or replaced while it was open.",
                "Put it back where it was and try again, or open the catalog where it is now.",
            )

    def _choose_mode(self) -> str:
        if not self.read_only:
            return "mode=rw"
        return "mode=ro" if _has_log(self.file) or os.access(self.file.parent, os.W_OK) else IMMUTABLE

    def _first(self) -> sqlite3.Connection:
        """A connection to a file that was found to be a catalog of this version."""
        connection = self._connect(self._mode)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.file.absolute().as_uri()}?{mode}",
            uri=True,
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,  # the pool sees to it that only one thread at a time uses it
            cached_statements=256,
        )
        try:
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA cache_size = -32768")  # KiB
        except BaseException:  # not a database, for one
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if application != schema.APPLICATION_ID and (tables or version or application):
            raise CatalogError(
                f"The file {self.file} belongs to another program.",
                "Choose the folder of a catalog, or a new folder.",
            )
        if version > schema.VERSION:
            raise CatalogTooNew(
                f"The catalog {self.file.parent} was written by a newer version of the program.",
                "Install the newest version of visualsearch.",
            )
        if self.read_only:
            if version < schema.VERSION and not self._has_room:
                raise CatalogError(
                    f"There is no room for the catalog {self.file.parent}: its disk is full.",
                    "Free some space and try again.",
                )
            if version < schema.VERSION:
                raise CatalogError(
                    f"The catalog {self.file.parent} is of an older version and cannot be brought up to date "
                    "here, because it can only be read.",
                    "Copy it to a folder that you may write to.",
                )
            return
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        for step in range(version, schema.VERSION):
            _migrate(connection, step)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise CatalogError(f"The catalog {self.file.parent} is closed.")
            if self._idle:
                return self._idle.pop()
        return self._connect(self._mode if self.read_only else "mode=ro")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            return
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            raise CatalogError(f"The catalog {self.file.parent} is closed.")
        return self._writer

    @contextmanager
    def _known_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            known = known_error(error, self.file)
            if known is None and not self._is_damaged():
                raise
            raise known or _damaged(self.file) from error
        except (LookupError, TypeError, ValueError) as error:  # what a number that leads nowhere ends in
            if not self._is_damaged():
                raise
            raise _damaged(self.file) from error

    def _is_damaged(self) -> bool:
        """Whether the file is not as SQLite wrote it, or numbers in it lead nowhere. SQLite keeps no checksums, and a
        flipped byte is often seen only by what reads it. Takes seconds for a large catalog."""
        try:
            with closing(self._connect(self._mode if self.read_only else "mode=ro")) as connection:
                whole = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
                return not whole or connection.execute("PRAGMA foreign_key_check").fetchone() is not None
        except sqlite3.OperationalError:  # busy, for one: then nobody knows
            return False
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite's words may quote the damage
            return True


def _bump(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO meta VALUES ('revision', '1') "
        "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
    )
    # The revision alone could come again after a backup was put back; caches of a state go by the stamp.
    connection.execute(
        "INSERT INTO meta VALUES ('stamp', lower(hex(randomblob(16)))) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )


def _migrate(connection: sqlite3.Connection, step: int) -> None:
    """One migration, whole or not at all; a second process that waited for the first finds nothing to do."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == step:
            for statement in _statements(schema.MIGRATIONS[step]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {step + 1}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; ``executescript`` would commit and so break the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
