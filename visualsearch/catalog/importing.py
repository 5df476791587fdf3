"""A table with photos, or photos alone, into the catalog.

After an import the catalog mirrors its source: what is there is active, what is not there any more is gone (kept,
with its number, and back when it comes back). Rows are recognised by their ids, unchanged rows and photos by
digests, so that an import again changes nothing, a killed one is continued by running it again, and another table
for the same photos replaces the first. What cannot be used is reported and does not stop the rest.

Rows are read in batches; the photos of a batch are found and, where their size or times changed, read by a few
threads; then the batch is written in one transaction, so that items can be seen and searched while the import runs.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from visualsearch.catalog import paths
from visualsearch.catalog.cells import CellReader, decide_types, known_types, read_changed, store_types
from visualsearch.catalog.database import known_error
from visualsearch.catalog.infer import CATEGORY, AttributeType
from visualsearch.catalog.locating import FileStat, Locator, file_digest
from visualsearch.catalog.losing import would_lose
from visualsearch.catalog.merging import Merger
from visualsearch.catalog.requests import last_request, opened, remember, skipped_attributes
from visualsearch.catalog.sources import ImportRequest, Source, SourceItem
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.catalog.writing import (
    Counts,
    KnownItem,
    NewItems,
    Photo,
    Prepared,
    Values,
    Writer,
    any_below,
    keep_photo_items,
    lookup,
    stored_values,
)
from visualsearch.errors import CatalogLocked, ImageRefused, UsageError
from visualsearch.jobs import JobControl

__all__ = [
    "ImportReport",
    "ImportRequest",
    "import_catalog",
    "last_request",
]

SCANNING = "looking for photos"
IMPORTING = "importing"
_BATCH = 5_000
_TASK = 64  # photos that a thread looks at before it reports
_THREADS = min(8, (os.cpu_count() or 1) + 3)  # reading waits for the disk more than it computes
_NAMED = 3  # photos in a note
NEW_ITEMS = (
    "new_items"  # meta: the items that came with the last import that brought any; see attributes.onboarding
)


@dataclass
class ImportReport(Counts):
    """What an import did. ``columns``: how the source was understood: id, image, why, encoding, delimiter and the
    attributes' types. ``refused`` is ordered by source and line; ``notes`` are remarks for the person. ``new_items``
    tells which items were counted as new."""

    refused: list[Refusal] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    new_items: NewItems = field(default_factory=NewItems)
    decisions_kept: int = 0

    def add_encoding(self, refused: list[Refusal], vanished: list[str], hidden: Iterable[int]) -> None:
        """Add what the encoding found out: photos refused, those that were not there any more (their paths), and the
        items (numbers) that are none by this."""
        self.refused += refused
        if vanished:
            more = ", …" if len(vanished) > _NAMED else ""
            self.notes.append(
                f"Not there any more when they were prepared: {len(vanished):,} of the photos "
                f"({', '.join(vanished[:_NAMED])}{more}). An import that finds them brings them back."
            )
        for number in hidden:
            if number in self.new_items:
                self.items_new -= 1
            else:
                self.items_unchanged -= 1
                self.items_gone += 1

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        report = asdict(self)
        del report["new_items"]
        report["refused"] = [{"source": one.source, "reason": one.reason} for one in self.refused]
        report["seconds"] = round(self.seconds, 3)
        return report


def import_catalog(
    catalog: Catalog,
    request: ImportRequest,
    control: JobControl,
    located: Callable[[Path], None] = lambda photo: None,
) -> ImportReport:
    """Bring the catalog in line with a source. Runs in the calling thread, with a few helpers that end with it; they
    say which photos they ``located`` whose bytes they had to read, before the catalog has them.

    Raises TableError and UsageError (the source as a whole cannot be understood; nothing is changed), CatalogLocked
    (another import runs), ReadOnlyCatalog and CatalogError (disk), Cancelled. What was committed before stays.
    """
    started = time.monotonic()
    with _only_import(catalog):
        report = _Import(catalog, request, control, located).run()
    report.seconds = time.monotonic() - started
    return report


class _Import:
    """One run of an import."""

    def __init__(
        self,
        catalog: Catalog,
        request: ImportRequest,
        control: JobControl,
        located: Callable[[Path], None],
    ) -> None:
        self._catalog = catalog
        self._control = control
        self._located = located
        self._given = request
        self._source = self._open(request)
        self._locator = Locator(request.images)
        self._refused: list[Refusal] = []
        self._done = 0
        self._had_photos = not paths.is_away(request.images)

    def run(self) -> ImportReport:
        lost = would_lose(self._catalog, self._given, self._source, self._control)
        if lost is not None:
            raise lost
        with self._catalog.read() as connection:
            known = known_types(connection)
        types = decide_types(self._source, known, self._given, self._control)
        if not self._source.whole:
            _check_part(types, known)
        brought, counts = read_changed(self._source, types, known, self._control), Counts()
        with self._catalog.write() as connection:
            numbers = store_types(connection, types, brought, counts, self._control)
            rows = connection.execute("SELECT number, type FROM attribute").fetchall()
        categories = [number for number, kind in rows if kind == CATEGORY]
        writer = Writer(self._catalog, [row[0] for row in rows], categories, counts)
        self._reader = CellReader(types, numbers)
        names = {number: name for name, number in numbers.items()}
        self._merger = Merger(self._reader, names, self._stored_values)
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="import") as pool:
            try:
                items = self._source.items()
                while batch := list(islice(items, _BATCH)):
                    self._import_batch(batch, writer, pool)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return self._finish(writer, types)

    def _open(self, request: ImportRequest) -> Source:
        """The source; columns that were not given are those of the last import of the same table and photos."""

        def step(found: int) -> None:
            self._control.progress(SCANNING, found, 0, "photos")

        self._given, source = opened(request, last_request(self._catalog), step)
        return source

    def _import_batch(self, batch: list[SourceItem], writer: Writer, pool: ThreadPoolExecutor) -> None:
        prepared = self._merger.prepare(batch)
        if not self._done:  # not before: a source without anything leaves the catalog as it is
            self._catalog.image_root = self._given.images
        with self._catalog.read() as connection:
            known = lookup(connection, [item.id for item in prepared])
        refused = len(self._refused)
        self._find_photos(prepared, known, pool)
        if len(self._refused) > refused and self._had_photos and paths.is_away(self._given.images):
            raise paths.away(self._given.images)  # all the others would be taken for vanished, too
        if self._given.table is None:
            prepared = keep_photo_items(prepared, known)
        writer.write(prepared, known)
        for item in prepared:
            self._merger.add_photos(item.id, len(item.photos))
        self._done += len(batch)
        self._control.progress(IMPORTING, self._done, self._source.total)

    def _stored_values(self, ids: list[str]) -> dict[str, Values]:
        with self._catalog.read() as connection:
            return stored_values(connection, ids)

    def _find_photos(
        self, prepared: list[Prepared], known: dict[str, KnownItem], pool: ThreadPoolExecutor
    ) -> None:
        """Fill in the photos of a batch, and refuse those that are not there."""
        wanted = [
            (item, source, name, known.get(item.id)) for item in prepared for source, name in item.references
        ]
        tasks: list[Future[list[Photo | str]]] = []
        for start in range(0, len(wanted), _TASK):
            chunk = [(name, item) for _, _, name, item in wanted[start : start + _TASK]]
            tasks.append(pool.submit(self._examine, chunk))
        for index, task in enumerate(tasks):
            chunk = wanted[index * _TASK : (index + 1) * _TASK]
            for (item, source, name, _), found in zip(chunk, task.result(), strict=True):
                if isinstance(found, Photo):
                    item.photos.append(found)
                else:
                    where = "" if source == paths.to_text(name) else f"{paths.to_text(name)}: "
                    self._refused.append(Refusal(source, f"{where}{found}"))
            share = len(prepared) * (index + 1) // max(1, len(tasks))
            self._control.progress(IMPORTING, self._done + share, self._source.total)

    def _examine(self, wanted: list[tuple[str, KnownItem | None]]) -> list[Photo | str]:
        """Each photo, its digest only where it was not known; or why it cannot be used. Runs in a helper thread."""
        found: list[Photo | str] = []
        for name, item in wanted:
            if self._control.is_cancelled:
                break
            try:
                relative, stat = self._locator.locate(name)
                path = paths.to_text(relative)
                digest = None
                if not _unchanged(item, path, stat):
                    file = self._locator.file(relative)
                    digest = file_digest(file)
                    self._located(Path(file))
                found.append(Photo(path, stat, digest))
            except ImageRefused as refusal:
                found.append(str(refusal))
            except OSError as error:
                found.append(f"cannot be read ({error.strerror or error})")
        if len(found) < len(wanted):
            self._control.checkpoint()
        return found

    def _finish(self, writer: Writer, types: dict[str, Any]) -> ImportReport:
        source, notes = self._source, [*self._source.description.notes, *self._merger.notes()]
        refused = [*source.refused, *self._merger.refused(), *self._refused, *self._reader.refused]
        refused = sorted(set(refused), key=lambda one: (_natural(one.source), one.reason))
        mark_gone = bool(self._merger) or self._given.replace
        if not mark_gone:
            what = "row of the table" if self._given.table else "photo in the folder"
            notes.append(f"There is no usable {what}: what the catalog had was left as it is.")
        elif not source.whole:
            mark_gone = False
            notes.append(
                "The table holds a part of a catalog: items that are not in it were left as they are."
            )
        declared = [name for name in source.declared if name in types]
        with self._catalog.read() as connection:
            lost = source.has_lost_rows or any_below(connection, source.unread)
        if mark_gone and lost:
            notes.append(source.lost)
        gone = mark_gone and not lost
        decisions = writer.finish(refused, mark_gone=gone, declared=declared)
        if decisions is not None:
            notes.append(decisions.note())
        if writer.counts.items_new:
            new = {"above": writer.new_items.last, "back": sorted(writer.new_items.back)}
            self._catalog.set_meta(NEW_ITEMS, json.dumps(new))
        if mark_gone:
            notes += self._of_forgotten_table()
            remember(self._catalog, self._given, self._source.description)
        columns = {name: value for name, value in asdict(source.description).items() if name != "notes"}
        columns["attributes"] = {name: str(kind) for name, kind in types.items()}
        if skipped := skipped_attributes(source, self._given):
            columns["skipped"] = skipped
        return ImportReport(
            **asdict(writer.counts),
            refused=refused,
            columns=columns,
            notes=notes,
            new_items=writer.new_items,
            decisions_kept=decisions.count if decisions is not None else 0,
        )

    def _of_forgotten_table(self) -> list[str]:
        """A note when photos alone replace a table, which may have been forgotten."""
        last = last_request(self._catalog)
        if self._given.table is not None or last is None or last.table is None:
            return []
        return [
            f"The import before this one was of the table {last.table}; its items are gone now, since each photo is an "
            f"item. To have them back, import with the table again."
        ]


def _check_part(types: dict[str, AttributeType], known: dict[str, AttributeType]) -> None:
    """Raise UsageError where a part of a catalog would change a type: items that are not in it would lose values."""
    for name, found in types.items():
        if name in known and known[name].type != found.type:
            raise UsageError(
                f"{name!r} cannot become of type {found.type}: the table holds a part of the catalog only.",
                "Import the whole table with this type, or leave the type out.",
            )


def _unchanged(item: KnownItem | None, path: str, stat: FileStat) -> bool:
    image = item.images.get(path) if item is not None else None
    return image is not None and image.digest is not None and image.stat == stat


def _natural(source: str) -> tuple[str, int]:
    """Sorts ``table.csv:9`` before ``table.csv:10``."""
    name, _, line = source.rpartition(":")
    return (name, int(line)) if name and line.isascii() and line.isdigit() else (source, 0)


@contextmanager
def _only_import(catalog: Catalog) -> Iterator[None]:
    """Hold the lock that keeps a second import, of any process, away. It is SQLite's own lock on an empty file,
    which works on every system and ends with the process."""
    if catalog.read_only:
        with catalog.write():  # raises ReadOnlyCatalog
            pass
    file = catalog.path / "import.lock"
    lock = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise known_error(error, file) or error from error
            raise CatalogLocked(
                f"Another import into {catalog.path} is running.",
                "Wait until it has finished, and try again.",
            ) from error
        yield
    finally:
        lock.close()
