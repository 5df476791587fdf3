"""A catalog into a file for other programs, in one consistent state.

Everything is read in one transaction, page by page, and written beside the file that it becomes in one step at the end:
a cancelled or failed export leaves what was there. Every format imports again without loss (see `export_sidecar`).
"""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from visualsearch.catalog import paths
from visualsearch.catalog.export_formats import DelimitedWriter, ItemWriter, JsonLinesWriter, ParquetWriter
from visualsearch.catalog.export_rows import ExportColumn, image_separator, read_columns, read_items
from visualsearch.catalog.export_shops import NAMESPACE, ShopifyWriter, SolrWriter
from visualsearch.catalog.export_sidecar import Sidecar, SidecarColumn, sidecar_file
from visualsearch.catalog.importing import last_request
from visualsearch.catalog.store import Catalog, now
from visualsearch.catalog.tables import DELIMITED, JSON, PARQUET
from visualsearch.errors import CatalogError, UsageError, not_written
from visualsearch.jobs import JobControl
from visualsearch.replacing import replacing
from visualsearch.words import counted

FORMATS = ("csv", "tsv", "jsonl", "parquet", "shopify", "solr")
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "solr",
}
_READ_AS = {
    **dict.fromkeys(("csv", "tsv", "shopify"), DELIMITED),
    **dict.fromkeys(("jsonl", "solr"), JSON),
    "parquet": PARQUET,
}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_META = "exports"
_REMEMBERED = 200


@dataclass(frozen=True, eq=False)
class Extent:
    """Which items are exported. ``items``: int (n,), or None for all; ``changed``: attribute's name → items of which
    people changed it, int ascending, or None where whole items count."""

    items: np.ndarray | None = None
    changed: Mapping[str, np.ndarray] | None = None


@dataclass
class ExportReport:
    """What was exported. ``columns``: attribute → column or field; ``neutralised``: cells that got an apostrophe;
    ``sidecar``: the file that the import reads beside it; ``import_with``: the options of `visualsearch import`
    that bring it back; ``number``: under which it is remembered, or None; ``operation``: the latest in
    it."""

    file: str
    format: str
    items: int
    columns: dict[str, str]
    neutralised: int
    sidecar: str
    import_with: str
    operation: int
    number: int | None = None
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Exported:
    """An export that is remembered. ``operation``: the latest one that is in it; ``complete``: no condition and no
    person narrowed it, so that the next one may go on from there; ``at``: ISO 8601 in UTC."""

    number: int
    at: str
    file: str
    format: str
    items: int
    operation: int
    complete: bool


def format_of(file: Path, given: str | None) -> str:
    """The format of a file, by its suffix unless given. Raises UsageError, also where the import, which goes by the
    suffix, would read the file as something else."""
    if given:
        if given not in FORMATS:
            raise UsageError(f"{given!r} is no format.", f"Choose one of: {', '.join(FORMATS)}.")
        if file.suffix.lower() not in _READ_AS[given]:
            raise UsageError(
                f"The name {file.name} is not one of a file in the format {given}: it could not be read again.",
                f"Let it end with {' or '.join(sorted(_READ_AS[given]))}.",
            )
        return given
    inner = Path(file.stem).suffix.lower()
    if inner in (".shopify", ".solr"):
        return inner[1:]
    found = _SUFFIXES.get(file.suffix.lower())
    if found is None:
        raise UsageError(
            f"The name {file.name} does not tell the format.",
            f"Let it end with .csv, .tsv, .jsonl or .parquet, or choose a format: {', '.join(FORMATS)}.",
            "To choose: --format NAME",
        )
    return found


def check_target(catalog: Catalog, file: Path) -> None:
    """Raise UsageError where a file must not be written: no such folder, in the catalog, the customer's own table."""
    folder = file.absolute().parent
    if file.is_dir() or not folder.is_dir():
        raise UsageError(f"The export cannot be written to {file}.", "Name a file in a folder that is there.")
    paths.require_outside(file, catalog.path)
    last = last_request(catalog)
    if last is None or last.table is None or not file.exists() or sidecar_file(file).exists():
        return
    try:
        same = file.samefile(last.table)
    except OSError:
        return
    if same:
        raise UsageError(
            f"{file} is the table that the catalog was imported from; it is not overwritten.",
            "Choose another name.",
        )


def export(
    catalog: Catalog,
    connection: sqlite3.Connection,
    file: Path,
    kind: str,
    extent: Extent,
    control: JobControl,
    image_url: str = "",
) -> ExportReport:
    """Write a file. ``connection`` is in the read transaction whose state is exported; ``kind`` is of ``FORMATS``.

    Raises UsageError (see ``check_target``; pyarrow is missing), CatalogError (disk), Cancelled.
    """
    started = time.monotonic()
    check_target(catalog, file)
    columns = read_columns(connection)
    (operation,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM operation").fetchone()
    last = last_request(catalog)
    id, images = _own_names(last.id if last else None, last.image if last else None)
    between = image_separator(connection)
    total, items = read_items(connection, columns, extent.items, control)
    try:
        with ExitStack() as stack:
            target = stack.enter_context(replacing(file))
            writer = _writer(kind, target, columns, (id, images, between), extent, image_url)
            with writer:
                for item in items:
                    writer.write(item)
            target.flush()
            os.fsync(target.fileno())  # or the two files would be renamed that long apart
            sidecar = _sidecar(kind, writer, columns, between, extent)
            stack.enter_context(replacing(sidecar_file(file))).write(sidecar.to_text().encode())
    except OSError as error:
        raise not_written(f"The export cannot be written to {file}", error) from error
    photos = str(last.images) if last else "DIR"
    report = ExportReport(
        str(file),
        kind,
        total,
        writer.names,
        writer.neutralised,
        str(sidecar_file(file)),
        import_with=shlex.join(["--images", photos, "--table", str(file)]),
        operation=operation,
        notes=_notes(kind, writer),
    )
    if kind == "shopify" and not image_url:
        report.notes.append(
            "The shop gets no photos, only their files' names as a metafield, since Shopify fetches photos from the "
            "web. Say at which address they are."
        )
    report.seconds = time.monotonic() - started
    return report


def remembered(catalog: Catalog) -> list[Exported]:
    """The exports that are remembered, the latest last."""
    try:
        return [Exported(**one) for one in json.loads(catalog.meta(_META, "[]") or "[]")]
    except (ValueError, TypeError):
        return []


def remember(catalog: Catalog, report: ExportReport, complete: bool) -> None:
    """Remember an export, so that the next one can go on from it. It is no change of the catalog, and is not undone.
    Where the catalog does not take it, the report says so: the file is there all the same."""
    if catalog.read_only:
        report.notes.append("The catalog can only be read: this export is not remembered.")
        return
    try:
        report.number = _kept(catalog, report, complete)
    except CatalogError as error:
        report.notes.append(f"{error} This export is written, but not remembered.")


def _kept(catalog: Catalog, report: ExportReport, complete: bool) -> int:
    """Put an export among those that are remembered; its number."""
    with catalog.write(derived=True) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (_META,)).fetchone()
        try:
            entries = json.loads(row[0]) if row else []
        except ValueError:
            entries = []
        number = max((one.get("number", 0) for one in entries), default=0) + 1
        path = str(Path(report.file).absolute())
        entry = Exported(number, now(), path, report.format, report.items, report.operation, complete)
        entries = [*entries, asdict(entry)][-_REMEMBERED:]
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_META, json.dumps(entries)),
        )
    return number


def _own_names(id: str | None, image: str | None) -> tuple[str, str]:
    """The columns of ids and photos, as the customer's table has them."""
    names_column = image and not set("{},").intersection(image) and image != id
    return id or "id", image if names_column and image else "images"


def _writer(
    kind: str,
    target: BinaryIO,
    columns: list[ExportColumn],
    names: tuple[str, str, str],
    extent: Extent,
    image_url: str,
) -> DelimitedWriter | JsonLinesWriter | ParquetWriter | ShopifyWriter | SolrWriter:
    id, images, between = names
    if kind in _DELIMITERS:
        return DelimitedWriter(target, columns, id, images, between, _DELIMITERS[kind])
    if kind == "jsonl":
        return JsonLinesWriter(target, columns, id, images)
    if kind == "parquet":
        return ParquetWriter(target, columns, id, images)
    if kind == "shopify":
        return ShopifyWriter(target, columns, image_url)
    changed = None
    if extent.changed is not None:
        none = np.empty(0, np.int32)
        changed = {column.number: extent.changed.get(column.name, none) for column in columns}
    return SolrWriter(target, columns, changed)


def _sidecar(
    kind: str,
    writer: DelimitedWriter | JsonLinesWriter | ParquetWriter | ShopifyWriter | SolrWriter,
    columns: list[ExportColumn],
    between: str,
    extent: Extent,
) -> Sidecar:
    of_shop = isinstance(writer, ShopifyWriter)
    return Sidecar(
        id=writer.id,
        images=writer.images,
        images_separator=between if kind in _DELIMITERS else "",
        neutralised=kind in _DELIMITERS or of_shop,
        exact=writer.exact,
        whole=extent.items is None,
        delimiter="," if of_shop else _DELIMITERS.get(kind, ""),
        columns=tuple(
            SidecarColumn(writer.names[one.name], one.name, one.type, one.separator) for one in columns
        ),
        json_lists=of_shop,
        derived=writer.derived if of_shop else (),
        images_url=writer.image_url if of_shop else "",
    )


def _notes(kind: str, writer: ItemWriter) -> list[str]:
    notes = []
    if writer.neutralised:
        notes.append(
            f"Given an apostrophe, since spreadsheets would run them: {counted(writer.neutralised, 'cell')}."
        )
    if writer.too_long:
        notes.append(f"Longer than the import takes: {counted(writer.too_long, 'cell')}.")
    if kind == "shopify":
        notes.append(
            f"Each attribute is a metafield of the namespace {NAMESPACE!r}: define it in the shop before you import."
        )
    renamed = [f"{name!r} as {field!r}" for name, field in writer.names.items() if name != field]
    if kind == "solr" and renamed:
        notes.append(f"Names that Solr does not take were changed: {', '.join(renamed)}.")
    return notes
