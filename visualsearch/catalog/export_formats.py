"""Items as tables that import again: CSV, TSV, JSON Lines, Parquet."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from visualsearch.catalog.columns import format_number
from visualsearch.catalog.export_rows import ExportColumn, ExportItem
from visualsearch.catalog.infer import NUMBER
from visualsearch.catalog.neutralise import neutralised
from visualsearch.catalog.records import CELL_LIMIT
from visualsearch.errors import UsageError

_ROWS_AT_ONCE = 5_000  # of Parquet


class ItemWriter(ABC):
    """Writes items one by one to a file that is open for writing. Use as a context manager: leaving it without an error
    ends the format. ``neutralised``: cells that got an apostrophe; ``exact``: some text begins or ends with blanks;
    ``too_long``: cells that the import would refuse; ``names``: column or field of each attribute, by name."""

    def __init__(self) -> None:
        self.neutralised = 0
        self.exact = False
        self.too_long = 0
        self.names: dict[str, str] = {}

    def __enter__(self) -> ItemWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.end()

    @abstractmethod
    def write(self, item: ExportItem) -> None: ...

    @abstractmethod
    def end(self) -> None:
        """Write what comes after the last item; the file stays open."""

    def _look(self, texts: Iterable[str]) -> None:
        """Note texts that would not survive the trimming of cells."""
        if not self.exact:
            self.exact = any(text != text.strip() for text in texts)


class Cells:
    """Rows of a delimited text. Every line ends with CR LF (RFC 4180), so that any line break in a cell is quoted."""

    def __init__(self, file: BinaryIO, delimiter: str) -> None:
        self._text = io.TextIOWrapper(file, "utf-8", newline="", write_through=False)
        self._writer = csv.writer(self._text, delimiter=delimiter, lineterminator="\r\n")
        self.neutralised = 0
        self.too_long = 0

    def row(self, cells: Sequence[str]) -> None:
        """Write a row; cells that a spreadsheet would run get an apostrophe."""
        written = [neutralised(cell) for cell in cells]
        self.neutralised += sum(map(str.__ne__, written, cells))
        self.too_long += sum(len(cell) > CELL_LIMIT for cell in written)
        self._writer.writerow(written)

    def end(self) -> None:
        """Hand everything to the file, which stays open."""
        self._text.flush()
        self._text.detach()


class DelimitedWriter(ItemWriter):
    """CSV and TSV in UTF-8; several values in one cell, with a separator that none of them contains."""

    def __init__(
        self,
        file: BinaryIO,
        columns: Sequence[ExportColumn],
        id: str,
        images: str,
        between: str,
        delimiter: str,
    ) -> None:
        super().__init__()
        self._columns = columns
        self._between = between
        self._cells = Cells(file, delimiter)
        header = column_names([id, *(one.name for one in columns), images])
        self._cells.row(header)
        self.id, *attributes, self.images = map(neutralised, header)
        self.names = dict(zip((one.name for one in columns), attributes, strict=True))

    def write(self, item: ExportItem) -> None:
        cells = [item.id]
        for column in self._columns:
            texts = as_texts(column, item)
            self._look(texts)
            cells.append(column.separator.join(texts) if texts else "")
        cells.append(self._between.join(item.images))
        self._look((item.id, *item.images))
        self._cells.row(cells)

    def end(self) -> None:
        self._cells.end()
        self.neutralised, self.too_long = self._cells.neutralised, self._cells.too_long


class JsonLinesWriter(ItemWriter):
    """An object a line; numbers are numbers, several values are lists, what an item lacks is left out."""

    def __init__(self, file: BinaryIO, columns: Sequence[ExportColumn], id: str, images: str) -> None:
        super().__init__()
        self._file = file
        self._columns = columns
        self.id, *attributes, self.images = column_names([id, *(one.name for one in columns), images])
        self.names = dict(zip((one.name for one in columns), attributes, strict=True))
        self._keys = attributes

    def write(self, item: ExportItem) -> None:
        record: dict[str, Any] = {self.id: item.id}
        for key, column in zip(self._keys, self._columns, strict=True):
            values = item.values.get(column.number)
            if values:
                self._look(value for value in values if isinstance(value, str))
                record[key] = as_json_value(column, values)
        if item.images:
            record[self.images] = item.images
        self._look((item.id, *item.images))
        self._file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def end(self) -> None:
        pass


class ParquetWriter(ItemWriter):
    """A table with typed columns, by pyarrow, which is an extra. Raises UsageError where that is missing."""

    def __init__(self, file: BinaryIO, columns: Sequence[ExportColumn], id: str, images: str) -> None:
        super().__init__()
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise UsageError(
                "Parquet files need the package pyarrow.",
                "Install it, or choose another format.",
                'To install it: pip install "visualsearch[parquet]"',
            ) from error
        self._columns = columns
        self.id, *attributes, self.images = column_names([id, *(one.name for one in columns), images])
        self.names = dict(zip((one.name for one in columns), attributes, strict=True))
        fields = [pyarrow.field(self.id, pyarrow.string())]
        for name, column in zip(attributes, columns, strict=True):
            kind = pyarrow.float64() if column.type == NUMBER else pyarrow.string()
            fields.append(pyarrow.field(name, pyarrow.list_(kind) if column.separator else kind))
        fields.append(pyarrow.field(self.images, pyarrow.list_(pyarrow.string())))
        self._schema = pyarrow.schema(fields)
        self._table = pyarrow.Table.from_pydict
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema)
        self._rows: list[list[Any]] = [[] for _ in fields]

    def write(self, item: ExportItem) -> None:
        cells: list[Any] = [item.id]
        for column in self._columns:
            values = item.values.get(column.number)
            self._look(value for value in values or () if isinstance(value, str))
            cells.append((list(values) if column.separator else values[0]) if values else None)
        cells.append(item.images or None)
        self._look((item.id, *item.images))
        for row, cell in zip(self._rows, cells, strict=True):
            row.append(cell)
        if len(self._rows[0]) >= _ROWS_AT_ONCE:
            self._write_rows()

    def _write_rows(self) -> None:
        named = dict(zip(self._schema.names, self._rows, strict=True))
        self._writer.write_table(self._table(named, schema=self._schema))
        self._rows = [[] for _ in self._rows]

    def __exit__(self, kind: object, *rest: object) -> None:
        super().__exit__(kind, *rest)
        self._writer.close()

    def end(self) -> None:
        self._write_rows()


def column_names(wanted: Sequence[str]) -> list[str]:
    """Names that a table can have, different from each other: without line breaks and doubled spaces."""
    names: list[str] = []
    for name in wanted:
        plain = unique = " ".join(name.split()) or "column"
        copy = 2
        while unique in names:
            unique, copy = f"{plain} ({copy})", copy + 1
        names.append(unique)
    return names


def as_texts(column: ExportColumn, item: ExportItem) -> list[str]:
    """An item's values of an attribute as texts."""
    values = item.values.get(column.number, ())
    return [value if isinstance(value, str) else format_number(value) for value in values]


def as_json_value(column: ExportColumn, values: Sequence[str | float]) -> Any:
    """An item's values of an attribute for JSON: a list where it may have several."""
    plain = [_whole(value) for value in values]
    return plain if column.separator else plain[0]


def _whole(value: str | float) -> str | float | int:
    """2012 for 2012.0, as people write it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
