"""Records of a delimited text, found again after a damaged one."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from visualsearch.words import counted

CELL_LIMIT = 131_072  # characters; also the csv module's limit


@dataclass
class Record:
    """One record: its first ``line``, its cells, or what is wrong with it."""

    line: int
    cells: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def cells_are_marker(self) -> bool:
        """True for the line ``sep=;``, which tells spreadsheets the delimiter."""
        return self.line == 1 and bool(self.cells) and self.cells[0].lower().startswith("sep=")


class Records:
    """The records of a file, by the csv module. Use as a context manager, then iterate.

    A damaged record (a quotation mark that is never closed, a cell that is too long, a wrong number of cells) costs
    only its first line: reading goes on with the next one, since a stray quotation mark swallows good lines.
    """

    def __init__(self, file: Path, encoding: str, delimiter: str) -> None:
        self._stream = open(file, encoding=encoding, errors=escape_errors(encoding), newline="")  # noqa: SIM115
        self._lines = _Lines(self._stream)
        self._delimiter = delimiter
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._width: int | None = None

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def expect(self, width: int) -> None:
        """From now on a record with another number of cells is damaged; empty cells beyond do not matter."""
        self._width = width

    def __iter__(self) -> Iterator[Record]:
        while True:
            self._lines.begin()
            line = self._lines.number + 1
            try:
                cells = next(self._reader)
                problem = self._problem(cells)
            except StopIteration:
                return
            except csv.Error as error:
                cells, problem = self._leniently(str(error))
            if not cells and not problem:
                continue  # a blank line
            if problem and line > 1:
                self._lines.retry()
            yield Record(line, [] if problem else cells, problem)

    def _problem(self, cells: list[str]) -> str:
        if self._width is None or len(cells) == self._width or not cells:
            return ""
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            return ""
        return f"{counted(len(cells), 'cell')} where the header has {self._width}"

    def _leniently(self, error: str) -> tuple[list[str], str]:
        """The cells of a record that the csv module refused, or what is wrong with it. A quotation mark in the middle
        of a cell does no harm within a line; over several lines it means that good lines were swallowed."""
        lines = self._lines.record
        if any("\0" in line for line in lines):
            return [], "the line contains a NUL character"
        if "limit" in error:
            return [], f"a cell is longer than {CELL_LIMIT:,} characters (is a quotation mark not closed?)"
        if len(lines) > 1 or "end of data" in error:
            return [], "a quotation mark is not closed, or stands in the middle of a cell"
        cells = next(csv.reader(lines, delimiter=self._delimiter))
        return cells, self._problem(cells)


def escape_errors(encoding: str) -> str:
    """How ``open`` shall treat bytes that are no text: as lone surrogates, so that their cells can be refused."""
    wide = (
        encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    )  # there, no byte can be escaped
    return "replace" if wide else "surrogateescape"


class _Lines:
    """Lines for the csv module; those of the present record can be read again from its second one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self.record: list[str] = []  # the lines of the present record
        self.number = 0  # lines before it

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline()
        if not line:
            raise StopIteration
        self.record.append(line)
        return line

    def begin(self) -> None:
        self.number += len(self.record)
        self.record = []

    def retry(self) -> None:
        self._again.extendleft(reversed(self.record[1:]))
        del self.record[1:]
