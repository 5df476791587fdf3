"""The catalog: a folder that we own, with everything but the photos; what the program reads and writes.

Every method may be called from any thread. Item and image numbers are those of ``docs/architecture.md``.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch.catalog import paths
from visualsearch.catalog.database import Database
from visualsearch.catalog.interrupt import interruptible
from visualsearch.errors import CatalogError

if TYPE_CHECKING:  # NumPy is loaded by the first search, not by the first paint
    import numpy as np

    from visualsearch.jobs import JobControl

FILE_NAME = "catalog.sqlite3"
_CHUNK = 500  # placeholders in one statement: SQLite's oldest limit is 999
_PAGE = 5_000


@dataclass(frozen=True)
class CatalogCounts:
    """How much there is, without what is gone. ``refused`` counts images that cannot be used,
    ``without_image`` items that no usable image shows."""

    items: int
    images: int
    refused: int
    without_image: int
    attributes: int


@dataclass(frozen=True)
class AttributeValue:
    """An attribute of one item; ``values`` are floats for a number and text otherwise, never empty."""

    name: str
    type: str
    values: tuple[str | float, ...]


@dataclass(frozen=True)
class ImageInfo:
    """A photo of an item. ``path`` is for people: relative to the image root, absolute where it is not below it, since
    an import from elsewhere was of other items or ended early. ``file`` opens it."""

    number: int
    path: str
    digest: bytes | None
    refused: str | None
    position: int
    file: Path


@dataclass(frozen=True)
class ItemDetails:
    """All that is known of one item: attributes in the customer's order, images by position, none gone."""

    number: int
    id: str
    gone: bool
    attributes: list[AttributeValue]
    images: list[ImageInfo]


@dataclass(frozen=True)
class Refusal:
    """Something that could not be used. ``source``: a file, or ``table.csv:17``; ``at``: ISO 8601 in UTC."""

    source: str
    reason: str
    at: str = ""


def now() -> str:
    """This moment in UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


class Catalog:
    """An open catalog. Use ``Catalog.open``; close it, or use it as a context manager."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self._database = database

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False) -> Catalog:
        """Open the catalog in the folder ``path``; ``create`` makes the folder and the catalog when missing.

        On a disk or in a folder that cannot be written it opens for reading (``read_only`` is then True).
        Raises CatalogError (no catalog there, not a catalog, damaged, disk), CatalogTooNew, CatalogLocked.
        """
        path = paths.of_catalog(Path(path))
        file = path / FILE_NAME
        makes = create and not read_only
        try:
            if makes and not file.exists():
                path.mkdir(parents=True, exist_ok=True)
                file.touch()
            size = file.stat().st_size
        except OSError as error:
            if not makes and isinstance(error, FileNotFoundError | NotADirectoryError):
                raise CatalogError(
                    f"There is no catalog in {path}.",
                    command="Make one with: visualsearch import CATALOG --images DIR",
                ) from error
            raise CatalogError(
                f"The catalog {path} cannot be opened ({error.strerror}).",
                "A catalog is a folder of its own: choose another name, or a place that may be written to.",
            ) from error
        if not file.is_file() or (size == 0 and not create):
            raise CatalogError(
                f"The file {file} is empty or not a file.",
                "If there was something in it, restore it from a backup: what was decided is nowhere else. Otherwise "
                "import into it again to make it whole.",
            )
        return cls(path, Database(file, read_only=read_only))

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def read_only(self) -> bool:
        """True when nothing can be written: that was asked for, or the disk does not allow it."""
        return self._database.read_only

    def close(self) -> None:
        """Close every connection of every thread. A second call does nothing."""
        self._database.close()

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection inside a read transaction: what it sees does not change until the block ends.

        Keep it short, since a long one keeps the write-ahead log from shrinking.
        """
        return self._database.read()

    def write(
        self, *, derived: bool = False, checked: bool = False
    ) -> AbstractContextManager[sqlite3.Connection]:
        """A connection inside BEGIN IMMEDIATE; commits at the end of the block, rolls back on an error.

        A transaction that changed something bumps ``revision``, unless it only brings up to date what is ``derived``
        from the rest, such as the index of words. ``checked``: the caller has seen to it that references hold. Not
        reentrant. Raises ReadOnlyCatalog, CatalogLocked, CatalogError.
        """
        return self._database.write(derived=derived, checked=checked)

    @property
    def revision(self) -> int:
        """A number that grows with every committed change of any process; costs some 15 µs."""
        return int(self.meta("revision", "0") or 0)

    def meta(self, key: str, default: str | None = None) -> str | None:
        """A remembered text, or ``default``."""
        with self.read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Remember a text; the same text again changes nothing."""
        with self.write() as connection:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value "
                "WHERE value != excluded.value",
                (key, value),
            )

    @property
    def image_root(self) -> Path | None:
        """The absolute folder that image paths are relative to, or None before the first import."""
        text = self.meta("image_root")
        return Path(paths.from_text(text)) if text else None

    @image_root.setter
    def image_root(self, root: Path) -> None:
        """Images that are not below the new folder stay where they are, with a path that is absolute."""
        before, now = self.image_root, Path(root).absolute()
        if before == now:
            return
        with self.write() as connection:
            if before is not None:
                _keep_in_place(connection, before, now)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('image_root', ?)", (paths.to_text(str(now)),)
            )

    def image_file(self, path: str) -> Path:
        """The file of an image's stored ``path``."""
        root = self.image_root
        if root is None:
            raise CatalogError(
                "The catalog does not know where its photos are.", "Import the photos' folder again."
            )
        return root / paths.from_text(path)

    def counts(self, control: JobControl | None = None) -> CatalogCounts:
        """Counts of what is active; some 100 ms with 1,000,000 items. Raises Cancelled."""
        with self.read() as connection, interruptible(connection, control):
            (items,) = connection.execute(
                "SELECT (SELECT COUNT(*) FROM item) - COUNT(*) FROM item WHERE gone = 1"
            ).fetchone()
            usable, shown = connection.execute(
                "SELECT COUNT(*), COUNT(DISTINCT item) FROM image WHERE gone = 0 AND refused IS NULL"
            ).fetchone()
            (refused,) = connection.execute(
                "SELECT COUNT(*) FROM image WHERE gone = 0 AND refused IS NOT NULL"
            ).fetchone()
            (attributes,) = connection.execute("SELECT COUNT(*) FROM attribute").fetchone()
        return CatalogCounts(items, usable + refused, refused, items - shown, attributes)

    def items_in_id_order(self, limit: int = -1) -> array[int]:
        """Numbers of the active items by id (code point order), C ints as in int32; at most ``limit``, if not −1."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT number FROM item WHERE gone = 0 ORDER BY id LIMIT ?", (limit,)
            ).fetchall()
        return array("i", [number for (number,) in rows])

    def ids_of(self, numbers: Iterable[int]) -> list[str]:
        """The ids of items, in the order given. Raises KeyError for a number that no item has."""
        wanted = [int(number) for number in numbers]
        with self.read() as connection:
            ids = dict(_select_in(connection, "SELECT number, id FROM item WHERE number IN ({})", wanted))
        return [ids[number] for number in wanted]

    def number_of(self, id: str) -> int | None:
        """The number of an active item, or None."""
        with self.read() as connection:
            row = connection.execute(
                "SELECT number FROM item WHERE id = ? AND gone = 0", (paths.as_id(id),)
            ).fetchone()
        return row[0] if row else None

    def details(self, number: int) -> ItemDetails:
        """All of one item. Raises KeyError when no item has the number."""
        number = int(number)
        root = self.image_root or Path()
        with self.read() as connection:
            item = connection.execute("SELECT id, gone FROM item WHERE number = ?", (number,)).fetchone()
            if item is None:
                raise KeyError(number)
            values = connection.execute(
                "SELECT a.name, a.type, CASE a.type WHEN 'category' THEN c.text ELSE v.value END "
                "FROM attribute a CROSS JOIN item_value v ON v.attribute = a.number AND v.item = ? "
                "LEFT JOIN category_value c ON a.type = 'category' AND c.number = v.value "
                "ORDER BY a.position, a.number, 3",
                (number,),
            ).fetchall()
            images = connection.execute(
                "SELECT number, path, digest, refused, position FROM image "
                "WHERE item = ? AND gone = 0 ORDER BY position, number",
                (number,),
            ).fetchall()
        grouped: dict[tuple[str, str], list[str | float]] = {}
        for name, kind, value in values:
            grouped.setdefault((name, kind), []).append(value)
        return ItemDetails(
            number,
            item[0],
            bool(item[1]),
            [AttributeValue(name, kind, tuple(found)) for (name, kind), found in grouped.items()],
            [
                ImageInfo(image, path, digest, refused, position, root / paths.from_text(path))
                for image, path, digest, refused, position in images
            ],
        )

    def first_digests(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Item number → digest of its first usable image, which the tile shows; no entry without one."""
        wanted = [int(number) for number in numbers]
        found: dict[int, tuple[int, bytes]] = {}
        with self.read() as connection:
            for item, position, digest in _select_in(
                connection,
                "SELECT item, position, digest FROM image "
                "WHERE gone = 0 AND refused IS NULL AND digest IS NOT NULL AND item IN ({})",
                wanted,
            ):
                if item not in found or position < found[item][0]:
                    found[item] = (position, digest)
        return {item: digest for item, (_, digest) in found.items()}

    def image_counts(self, numbers: Iterable[int]) -> list[int]:
        """How many usable images items have, in the order given."""
        wanted = [int(number) for number in numbers]
        statement = "SELECT item, COUNT(*) FROM image WHERE gone = 0 AND refused IS NULL AND item IN ({}) GROUP BY item"
        with self.read() as connection:
            counts = dict(_select_in(connection, statement, wanted))
        return [counts.get(number, 0) for number in wanted]

    def ids_starting(self, text: str, limit: int) -> list[str]:
        """Ids of active items that begin with a text, by code points; at most ``limit``."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT id FROM item WHERE id >= ? AND id < ? AND gone = 0 ORDER BY id LIMIT ?",
                (text, text + chr(0x10FFFF), limit),
            ).fetchall()
        return [id for (id,) in rows]

    def first_paths(self, numbers: Iterable[int]) -> dict[int, Path]:
        """Item number → file of its first image that is there, usable or not. Items without are left out."""
        found: dict[int, tuple[int, str]] = {}
        with self.read() as connection:
            for item, position, path in _select_in(
                connection,
                "SELECT item, position, path FROM image WHERE gone = 0 AND item IN ({})",
                [int(number) for number in numbers],
            ):
                if item not in found or position < found[item][0]:
                    found[item] = (position, path)
        return {item: self.image_file(path) for item, (_, path) in found.items()}

    def attributes(self) -> list[tuple[str, str]]:
        """(name, type) of each attribute, in the customer's order."""
        with self.read() as connection:
            return connection.execute("SELECT name, type FROM attribute ORDER BY position, number").fetchall()

    def active_images(self, control: JobControl | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Usable images: item numbers int32 (m,) and digests uint8 (m, 16), by item, then by position.

        Raises Cancelled."""
        from visualsearch.catalog import active_images

        with self.read() as connection, interruptible(connection, control):
            return active_images.read(connection)

    def pending_images(
        self, control: JobControl | None = None
    ) -> Iterator[tuple[int, int, str, bytes | None]]:
        """(image number, item number, path, digest) of every usable image, by image number.

        Reads page by page, so that an encoder may take hours over it. ``path`` is as it is stored: a million paths
        take seconds to put together, and few are wanted. Raises Cancelled.
        """
        last = 0
        while True:
            with self.read() as connection, interruptible(connection, control):
                page = connection.execute(
                    "SELECT number, item, path, digest FROM image "
                    "WHERE number > ? AND gone = 0 AND refused IS NULL ORDER BY number LIMIT ?",
                    (last, _PAGE),
                ).fetchall()
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def refuse_images(self, refusals: Sequence[tuple[int, str]], unread: Sequence[int] = ()) -> None:
        """Remember (image number, reason) pairs, until the images' bytes change. Nobody has seen the bytes of the
        ``unread`` among them: the next import that finds their files takes them for changed."""
        if not refusals:
            return
        at = now()
        with self.write() as connection:
            connection.executemany(
                "UPDATE image SET refused = ?, refused_at = ? WHERE number = ? AND refused IS NOT ?",
                [(reason, at, int(number), reason) for number, reason in refusals],
            )
            connection.executemany(
                "UPDATE image SET digest = NULL WHERE number = ?", ((number,) for number in unread)
            )

    def refused_images(self) -> list[Refusal]:
        """The photos that cannot be used, by path; one that several items share is named once."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT path, refused, MIN(refused_at) FROM image WHERE gone = 0 AND refused IS NOT NULL "
                "GROUP BY path, refused ORDER BY path, refused"
            ).fetchall()
        return [Refusal(*row) for row in rows]

    def refusals(self) -> list[Refusal]:
        """What the last import could not use, and the images refused since, ordered by source."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT source, reason, at FROM refusal UNION ALL "
                "SELECT path, refused, refused_at FROM image "
                "WHERE gone = 0 AND refused IS NOT NULL ORDER BY 1, 2"
            ).fetchall()
        return [Refusal(*row) for row in rows]


def _select_in(connection: sqlite3.Connection, statement: str, numbers: Sequence[int]) -> Iterator[tuple]:
    """Rows of a statement with ``IN ({})``, in chunks that SQLite accepts."""
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        yield from connection.execute(statement.format(",".join("?" * len(chunk))), chunk)


def _keep_in_place(connection: sqlite3.Connection, before: Path, now: Path) -> None:
    """Let the images' paths lead to the same files from another root, where that has none of their names."""
    rows = connection.execute("SELECT number, path FROM image WHERE gone = 0").fetchall()
    moved = [(other, number) for number, path in rows if (other := paths.from_root(path, before, now))]
    connection.executemany("UPDATE OR IGNORE image SET path = ? WHERE number = ?", moved)
