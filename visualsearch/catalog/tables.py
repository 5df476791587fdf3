"""Tables of the customer: CSV, TSV and the like, JSON, Parquet → rows of text, with what is wrong with them.

Whatever the format, a cell is text, a list of texts, or None where it is empty: numbers are written the shortest
way (2012, not 2012.0, so that they serve as ids), nested values as JSON. Formulas are text like any other.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from visualsearch.catalog.decoding import (
    SAMPLE_ROWS,
    detect_delimiter,
    detect_encoding,
    header_at,
    require_encoding,
    require_text,
)
from visualsearch.catalog.paths import is_unicode
from visualsearch.catalog.records import CELL_LIMIT, Records
from visualsearch.catalog.store import Refusal
from visualsearch.errors import TableError, UsageError

Cell = str | list[str] | None  # type: ignore[operator]
Row = dict[str, Cell]


class Update(Row):
    """A row that changes some values of an item and leaves the others: "set", "add" or "remove" for each column of
    ``operations``; the cells of other columns are set. An empty cell that is set takes the values away."""

    def __init__(self, cells: Row, operations: Mapping[str, str]) -> None:
        super().__init__(cells)
        self.operations = operations


DELIMITED = {".csv", ".tsv", ".tab", ".txt", ".psv"}
JSON = {".jsonl", ".ndjson", ".json"}
PARQUET = {".parquet", ".pq"}
TABLE_SUFFIXES = frozenset(DELIMITED | JSON | PARQUET)


class Table(ABC):
    """A table that can be read any number of times, row by row.

    ``columns``: the names in the file's order (JSON Lines may add some while it is read). ``encoding`` and
    ``delimiter`` are "" where they mean nothing. ``problems``: rows that could not be used, as far as the latest
    ``rows()`` has come, each with ``table.csv:LINE``; each ``rows()`` starts the list again. ``exact``: blanks at the
    ends of cells belong to them. ``is_part``: items that are not in it stay as they are, as far as ``rows()`` has come;
    ``has_lost_rows``: so do they where whole rows could not be read, since nobody knows of which items they told.
    ``id`` and ``image`` are the columns of ids and photos where the format says them, and ``what`` names that format.
    ``notes``: what a person should know of how the table is read.
    """

    encoding = ""
    delimiter = ""
    exact = False
    is_part = False
    has_lost_rows = False
    id = ""
    image = ""
    what = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state = self._state_now()
        self.columns: list[str] = []
        self.problems: list[Refusal] = []
        self.notes: list[str] = []

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(line, cells by column) of each usable row. ``line`` counts from 1, the header included; it is the row's
        number in Parquet. Raises TableError where the file was changed since it was opened: other columns may be where
        those were, and rows that are still to be written would be taken for vanished."""
        self._require_unchanged()
        yield from self._rows()
        self._require_unchanged()

    @abstractmethod
    def _rows(self) -> Iterator[tuple[int, Row]]: ...

    def _require_unchanged(self) -> None:
        if self._state_now() != self._state:
            raise TableError(
                f"The table {self.path.name} was changed while it was read.",
                "Import it again once it is written. What was imported of it stays.",
            )

    def _state_now(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns

    def source(self, line: int) -> str:
        """How a refusal names a line."""
        return f"{self.path.name}:{line}"

    def report(self, line: int, reason: str) -> None:
        """Note that something of a line cannot be used."""
        self.problems.append(Refusal(self.source(line), reason))

    def lose(self, line: int, reason: str) -> None:
        """Note that a row cannot be used at all."""
        self.has_lost_rows = True
        self.report(line, reason)

    def _checked(self, line: int, row: Row) -> Row | None:
        """The row, unless a cell of it cannot be kept."""
        whole = "".join([value for value in row.values() if type(value) is str])
        plain = len(whole) <= CELL_LIMIT and whole.isascii() and "\0" not in whole
        if plain and list not in map(type, row.values()):
            return row  # nearly every row: its cells need not be looked at one by one
        for name, value in row.items():
            for text in value if isinstance(value, list) else (value,):
                if not text:
                    continue
                if len(text) > CELL_LIMIT:
                    return self.lose(line, f"the cell of {name!r} is longer than {CELL_LIMIT:,} characters")
                if not is_unicode(text):
                    return self.lose(line, f"the cell of {name!r} is not valid {self.encoding or 'text'}")
                if "\0" in text:
                    return self.lose(line, f"the cell of {name!r} contains a NUL character")
        return row


def read_table(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, plain: bool = False
) -> Table:
    """Open a table; its format follows from the suffix, encoding and delimiter are detected unless given. ``plain``: a
    row is an item, even where the columns are those of a shop's product file.

    Raises TableError when the table as a whole cannot be read (missing, empty, unknown format), UsageError for an
    encoding that does not exist.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        raise TableError(f"{path} is a folder, not a table.", "Name the file.")
    if not path.is_file():
        raise TableError(f"There is no table {path}.", "Check its name.")
    if suffix in PARQUET:
        return ParquetTable(path)
    if suffix not in DELIMITED | JSON:
        known = ", ".join(sorted(TABLE_SUFFIXES))
        raise TableError(f"The table {path.name} is of an unknown format.", f"Tables may be: {known}.")
    if encoding:
        require_encoding(encoding)
    try:
        require_text(path)
        encoding = encoding or detect_encoding(path)
        if suffix in JSON:
            from visualsearch.catalog.json_tables import JsonTable  # builds on this module

            return JsonTable(path, encoding)
        table = DelimitedTable(path, encoding, delimiter)
    except OSError as error:
        raise TableError(f"The table {path} cannot be read ({error.strerror}).") from error
    from visualsearch.catalog.shop_tables import ShopifyTable, is_shopify

    return ShopifyTable(table) if not plain and is_shopify(table.columns) else table


def require_column(column: str, columns: list[str]) -> None:
    """Raise UsageError, with the nearest name, when the table has no such column."""
    if column not in columns:
        near = get_close_matches(column, columns, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(columns)}."
        raise UsageError(f"The table has no column {column!r}.", hint)


class DelimitedTable(Table):
    """CSV and its relatives, with a header in the first line, or after a title, or after ``sep=;``, which some programs
    write."""

    def __init__(self, path: Path, encoding: str, delimiter: str | None) -> None:
        super().__init__(path)
        self.encoding = encoding
        self.delimiter = delimiter or detect_delimiter(path, encoding)
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise TableError(f"{self.delimiter!r} cannot be a delimiter.", "Give a single character.")
        with self._records() as records:
            first = list(islice((one for one in records if not one.cells_are_marker), SAMPLE_ROWS))
        header = header_at([one.cells for one in first])
        if not first or not any(cell.strip() for cell in first[header].cells):
            raise TableError(f"The table {path.name} is empty.", "Its first line must name the columns.")
        self._header_line = first[header].line
        if header:
            self.notes.append(f"The table is read from line {self._header_line} on: above it is a title.")
        self._fields, self._header_problems = _name_columns(first[header].cells)
        self.columns = [name for name in self._fields if name is not None]

    def _rows(self) -> Iterator[tuple[int, Row]]:
        self.problems.clear()
        for reason in self._header_problems:
            self.report(self._header_line, reason)
        width = len(self._fields)
        nameless = {index for index, name in enumerate(self._fields) if name is None}
        with self._records() as records:
            records.expect(width)
            for record in records:
                if record.line <= self._header_line:
                    continue
                if record.problem:
                    self.lose(record.line, record.problem)
                    continue
                if nameless:
                    self._report_nameless(nameless, record.cells)
                row: Row = {
                    name: (cell if self.exact else cell.strip()) or None
                    for name, cell in zip(self._fields, record.cells, strict=False)
                    if name is not None
                }
                checked = self._checked(record.line, row)
                if checked is not None:
                    yield record.line, checked

    def _report_nameless(self, nameless: set[int], cells: list[str]) -> None:
        """Report the columns without a name when they turn out to hold something."""
        for index in [index for index in nameless if cells[index].strip()]:
            nameless.discard(index)
            self.report(self._header_line, f"column {index + 1} has no name and is not used")

    def _records(self) -> Records:
        return Records(self.path, self.encoding, self.delimiter)


class ParquetTable(Table):
    """Parquet, read with pyarrow, which is an extra. Raises TableError when that is missing or the file damaged."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            import pyarrow.parquet
        except ImportError as error:
            raise TableError(
                "Parquet tables need the package pyarrow.",
                "Install it, or save the table as CSV.",
                'To install it: pip install "visualsearch[parquet]"',
            ) from error
        self._open = pyarrow.parquet.ParquetFile
        self._error = pyarrow.ArrowException
        try:
            with self._open(path) as file:
                self._fields, self._header_problems = _name_columns(file.schema_arrow.names)
                self._leave_out_bytes(file)
        except (self._error, OSError) as error:
            raise self._damaged(error) from error
        self.columns = [name for name in self._fields if name is not None]

    def _rows(self) -> Iterator[tuple[int, Row]]:
        self.problems.clear()
        for reason in self._header_problems:
            self.report(0, reason)
        line = 0
        try:
            with self._open(self.path) as file:
                for batch in file.iter_batches(batch_size=4096):
                    columns = [column.to_pylist() for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        line += 1
                        named = zip(self._fields, cells, strict=True)
                        row = {name: as_cell(cell, self.exact) for name, cell in named if name is not None}
                        checked = self._checked(line, row)
                        if checked is not None:
                            yield line, checked
        except (self._error, OSError) as error:
            raise self._damaged(error) from error

    def _leave_out_bytes(self, file: Any) -> None:
        """Use no column of pictures and the like: a row must not be refused for it."""
        for index, field in enumerate(file.schema_arrow):
            name = self._fields[index]
            if name is None or "binary" not in str(field.type):
                continue
            first = next(file.iter_batches(batch_size=SAMPLE_ROWS, columns=[field.name]), None)
            cells = [cell for cell in first.columns[0].to_pylist() if cell is not None] if first else []
            if 2 * sum(not _is_text(cell) for cell in cells) > len(cells):
                self._fields[index] = None
                self._header_problems.append(
                    f"the column {name!r} holds bytes that are no text; it is not used"
                )

    def _damaged(self, error: Exception) -> TableError:
        return TableError(
            f"The table {self.path.name} cannot be read as Parquet ({str(error).splitlines()[0]})."
        )


def _name_columns(header: list[str]) -> tuple[list[str | None], list[str]]:
    """The column of each cell (None: it has no name), and what is wrong with the header."""
    fields: list[str | None] = []
    problems: list[str] = []
    for index, cell in enumerate(header, start=1):
        name = " ".join(cell.split())
        if not name:
            fields.append(None)
            continue
        if not is_unicode(name) or "\0" in name:
            problems.append(f"the name of column {index} is not valid text; the column is not used")
            fields.append(None)
            continue
        unique, copy = name, 2
        while unique in fields:
            unique, copy = f"{name} ({copy})", copy + 1
        if unique != name:
            problems.append(f"there is more than one column {name!r}; column {index} is used as {unique!r}")
        fields.append(unique)
    return fields, problems


def _is_text(value: Any) -> bool:
    """Whether a value of a column of bytes can be kept; those within others cannot."""
    return isinstance(value, bytes) and b"\0" not in value and is_unicode(_text(value, True))


def as_cell(value: Any, exact: bool) -> Cell:
    """A JSON or Parquet value as a cell."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        parts = [text for text in (_text(part, exact) for part in value) if text]
        return parts or None
    return _text(value, exact) or None


def _text(value: Any, exact: bool) -> str:
    if isinstance(value, str):
        return value if exact else value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape").strip()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
