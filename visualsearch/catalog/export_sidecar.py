"""What the import has to know about a table that was exported: a small JSON file beside it.

``products.csv.import.json`` says which column is which attribute, of which type, and what separates several values, so
that nothing is guessed anew (``00123`` and ``2012.0`` stay the texts that they are) and nothing is lost. Without it the
table imports like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from visualsearch.catalog import paths
from visualsearch.catalog.infer import CATEGORY, NUMBER, TEXT, AttributeType
from visualsearch.catalog.neutralise import restored
from visualsearch.catalog.sources import (
    ID_LIMIT,
    Description,
    ImportRequest,
    Source,
    SourceItem,
)
from visualsearch.catalog.store import Refusal
from visualsearch.catalog.tables import Cell, Row, Table, Update, as_cell, read_table
from visualsearch.errors import TableError

VERSION = 2  # 1 had no lists in JSON, no derived columns and no addresses of photos
_MARK = "visualsearch-export"
_LOOKED_AT = 20  # other sidecars of a folder
_SUFFIX = ".import.json"
_LARGEST = 16 << 20  # bytes: a catalog with 50,000 attributes has a smaller one


@dataclass(frozen=True)
class SidecarColumn:
    """A column of the table and the attribute that it holds."""

    column: str
    attribute: str
    type: str
    separator: str


@dataclass(frozen=True)
class Sidecar:
    """How an exported table is read. ``images_separator`` is "" where photos are a list; ``exact``: blanks at the ends
    of cells belong to them; ``whole``: every item of the catalog was exported, so that what is missing is gone;
    ``json_lists``: several values in a cell are a JSON list; ``derived``: columns that were made of others;
    ``images_url``: what photos' paths were put after, as parts of web addresses."""

    id: str
    images: str
    images_separator: str
    neutralised: bool
    exact: bool
    whole: bool
    delimiter: str
    columns: tuple[SidecarColumn, ...]
    json_lists: bool = False
    derived: tuple[str, ...] = ()
    images_url: str = ""

    def to_text(self) -> str:
        """As the file's text."""
        return (
            json.dumps({"kind": _MARK, "version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1)
            + "\n"
        )


def sidecar_file(table: Path) -> Path:
    """Where a table's sidecar is."""
    return table.parent / f"{table.name}{_SUFFIX}"


def read_sidecar(table: Path) -> Sidecar | None:
    """A table's sidecar; None where there is none, or another program's file. Raises TableError (damaged, newer)."""
    file = sidecar_file(table)
    try:
        if not file.is_file():
            return None
        if file.stat().st_size > _LARGEST:
            raise _damaged(file, "it is far too large")
        found = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise _damaged(file, f"it cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(file, "it is not valid JSON") from error
    if not isinstance(found, dict) or found.get("kind") != _MARK:
        return None
    version = found.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise _damaged(file, "it does not say its version")
    if version > VERSION:
        raise TableError(
            f"{file.name}, which says how to read {table.name}, was written by a newer version of the program.",
            "Install the newest version of visualsearch.",
        )
    return _checked(file, found)


def _checked(file: Path, found: dict[str, Any]) -> Sidecar:
    texts = ("id", "images", "images_separator", "delimiter", "images_url")
    flags = ("neutralised", "exact", "whole", "json_lists")
    columns = found.get("columns")
    if found["version"] == 1:
        found = {"json_lists": False, "derived": [], "images_url": "", **found}
    derived = found.get("derived")
    if (
        not all(isinstance(found.get(name), str) for name in texts)
        or not all(isinstance(found.get(name), bool) for name in flags)
        or not isinstance(columns, list)
        or not isinstance(derived, list)
        or not all(isinstance(one, str) for one in derived)
    ):
        raise _damaged(file, "parts of it are missing or of the wrong kind")
    names = ("column", "attribute", "type", "separator")
    made = []
    for one in columns:
        if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in names):
            raise _damaged(file, "a column is not described whole")
        if (
            one["type"] not in (CATEGORY, NUMBER, TEXT)
            or not one["attribute"].strip()
            or "\0" in one["attribute"]
        ):
            raise _damaged(file, f"the column {one['column']!r} has a type or a name that means nothing")
        made.append(SidecarColumn(*(one[name] for name in names)))
    different = (found["id"], *(one.column for one in made)), tuple(one.attribute for one in made)
    if any(len(set(names)) < len(names) for names in different):
        raise _damaged(file, "a column or an attribute is named twice")
    return Sidecar(
        **{name: found[name] for name in (*texts, *flags)},
        columns=tuple(made),
        derived=tuple(derived),
    )


def _damaged(file: Path, what: str) -> TableError:
    return TableError(
        f"{file.name}, which says how to read the exported table beside it, is of no use: {what}.",
        "Export again, or remove the file: the table is then read like any other, and its columns are guessed.",
    )


def open_exported(request: ImportRequest, table: Path) -> ExportedSource | None:
    """The table as what it is, an export, or None where it is none, or where the request wants it read otherwise."""
    sidecar = read_sidecar(table)
    if sidecar is None or not table.is_file():
        return None
    if request.id not in (None, sidecar.id) or request.image not in (None, sidecar.images):
        return None
    own = {one.column: one.separator for one in sidecar.columns}
    own |= {one.attribute: one.separator for one in sidecar.columns}
    if any(own.get(column) != separator for column, separator in (request.separators or {}).items()):
        return None
    read = _as_written(request, sidecar, sidecar.delimiter)
    if (
        sidecar.id not in read.columns and sidecar.delimiter
    ):  # another program saved it with another delimiter
        read = _as_written(request, sidecar, "")
    return ExportedSource(sidecar, read) if sidecar.id in read.columns else None


def note_on_copy(table: Path, columns: list[str]) -> list[str]:
    """A note where a table seems to be an export that was saved under another name, away from its sidecar: then its
    types are guessed, and apostrophes before formulas stay."""
    if sidecar_file(table).exists():
        return []
    try:
        others = sorted(table.absolute().parent.glob(f"*{_SUFFIX}"))[:_LOOKED_AT]
    except OSError:
        return []
    for file in others:
        original = file.with_name(file.name[: -len(_SUFFIX)])
        try:
            sidecar = read_sidecar(original)
        except TableError:
            continue
        if sidecar is not None and {sidecar.id, *(one.column for one in sidecar.columns)} <= set(columns):
            return [
                f"The table looks like the export {original.name} under another name, and was read like any other: "
                f"types are guessed, and apostrophes before formulas stay. To have it read as it was written, copy "
                f"{file.name} to {sidecar_file(table).name}."
            ]
    return []


def _as_written(request: ImportRequest, sidecar: Sidecar, delimiter: str) -> Table:
    """The table with the columns and cells of the file. Attributes that came from a shop keep their names: only where
    the export is a product file itself, several rows are one item."""
    from visualsearch.catalog.shop_tables import ShopifyTable

    assert request.table is not None
    table = read_table(
        Path(request.table),
        encoding=request.encoding,
        delimiter=delimiter or None,
        plain=not sidecar.json_lists,
    )
    if isinstance(table, ShopifyTable):
        table.read_as_written()
    return table


class ExportedSource(Source):
    """The items of an exported table. Columns that were added since are attributes like those of any table."""

    def __init__(self, sidecar: Sidecar, table: Table) -> None:
        self._sidecar = sidecar
        self._table = table
        self._table.exact = sidecar.exact
        self._refused: list[Refusal] = []
        self._types = {one.attribute: AttributeType(one.type, one.separator) for one in sidecar.columns}
        why = "the table was exported by this program, and is read as it was written"
        self.description = Description(sidecar.id, sidecar.images, why, table.encoding, table.delimiter)
        self.photo_columns = [sidecar.images]

    @property
    def whole(self) -> bool:
        return self._sidecar.whole and not self._table.is_part

    @property
    def has_lost_rows(self) -> bool:
        return self._table.has_lost_rows

    @property
    def attributes(self) -> list[str]:
        there = set(self._table.columns)
        own = {self._sidecar.id, self._sidecar.images, *self._sidecar.derived}
        own |= {one.column for one in self._sidecar.columns}
        known = [one.attribute for one in self._sidecar.columns if one.column in there or self._may_come]
        taken = set(known)
        return [*known, *(name for name in self._table.columns if name not in own and name not in taken)]

    @property
    def _may_come(self) -> bool:
        """JSON Lines names a column where it is first filled in."""
        return not self._sidecar.delimiter

    @property
    def refused(self) -> list[Refusal]:
        return self._table.problems + self._refused

    def known_type(self, attribute: str) -> AttributeType | None:
        return self._types.get(attribute)

    @property
    def declared(self) -> list[str]:
        return list(self._types)

    def rows(self) -> Iterator[Row]:
        return (self._cells(row) for _, row in self._table.rows())

    def items(self) -> Iterator[SourceItem]:
        self._refused = []
        for line, row in self._table.rows():
            source = self._table.source(line)
            cell = row.get(self._sidecar.id)
            id = self._text(cell) if isinstance(cell, str) else None
            if not id:
                self._refused.append(
                    Refusal(source, f"the row has no id (column {self._sidecar.id!r} is empty)")
                )
            elif len(id) > ID_LIMIT:
                self._refused.append(Refusal(source, f"the id is longer than {ID_LIMIT} characters"))
            else:
                images = [
                    paths.from_text(self._path(one))
                    for one in self._several(row.get(self._sidecar.images), self._sidecar.images_separator)
                ]
                operations = self._operations(row) if isinstance(row, Update) else None
                yield SourceItem(source, id, self._cells(row), images, operations)

    def _operations(self, row: Update) -> dict[str, str]:
        names = {one.column: one.attribute for one in self._sidecar.columns}
        return {names.get(column, column): how for column, how in row.operations.items()}

    def _path(self, image: str) -> str:
        """A photo's path, from its address on the web where it was given one."""
        before = self._sidecar.images_url
        if not before or not image.startswith(before):
            return image
        return paths.to_text(unquote(image[len(before) :], errors="surrogateescape"))

    def _cells(self, row: Row) -> Row:
        cells: Row = {}
        own = {self._sidecar.id, self._sidecar.images, *self._sidecar.derived}
        for one in self._sidecar.columns:
            own.add(one.column)
            cell = row.get(one.column)
            if not cell:
                if one.column in row:
                    cells[one.attribute] = None
                continue
            if one.separator:
                cells[one.attribute] = self._several(cell, one.separator) or None
            else:
                cells[one.attribute] = self._text(cell) if isinstance(cell, str) else cell
        for name, cell in row.items():
            if name not in own:
                cells.setdefault(name, cell)
        return cells

    def _text(self, cell: str) -> str:
        return restored(cell) if self._sidecar.neutralised else cell

    def _several(self, cell: Cell, separator: str) -> list[str]:
        if isinstance(cell, list) or not cell:
            return cell or []
        text = self._text(cell)
        if self._sidecar.json_lists and (found := _json_list(text, self._sidecar.exact)) is not None:
            return found
        parts = text.split(separator) if separator else [text]
        return [part for part in (parts if self._sidecar.exact else map(str.strip, parts)) if part]


def _json_list(text: str, exact: bool) -> list[str] | None:
    """The texts of a list in JSON; None where a person wrote something else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    cell = as_cell(found, exact) if isinstance(found, list) else None
    return cell if isinstance(cell, list) else None
