"""Records of a delimited text, found again after a damaged one."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

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
        wide = encoding.replace("_", "-").startswith(("utf-16", "utf-32"))  # there, no byte can be escaped
        errors = "replace" if wide else "surrogateescape"
        self._stream = open(file, encoding=encoding, errors=errors, newline="")  # noqa: SIM115
        self._lines = _Lines(self._stream)
        self._reader = csv.reader(self._lines, delimiter=delimiter)
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
            except csv.Error:
                cells, problem = [], self._csv_problem()
            if not cells and not problem:
                continue  # a blank line
            if problem and line > 1:
                self._lines.retry()
            yield Record(line, [] if problem else cells, problem)

    def _problem(self, cells: list[str]) -> str:
        if self._lines.ended:  # the csv module asked for more: it was still inside quotation marks
            return "a quotation mark is not closed"
        if self._width is None or len(cells) == self._width or not cells:
            return ""
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            return ""
        return f"{len(cells)} cells where the header has {self._width}"

    def _csv_problem(self) -> str:
        if self._lines.has_nul():
            return "the line contains a NUL character"
        return f"a cell is longer than {CELL_LIMIT:,} characters (is a quotation mark not closed?)"


class _Lines:
    """Lines for the csv module; those of the present record can be read again from its second one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self.number = 0  # lines before the present record
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline()
        if not line:
            self.ended = bool(self._record)
            raise StopIteration
        self._record.append(line)
        return line

    def begin(self) -> None:
        self.number += len(self._record)
        self._record = []
        self.ended = False

    def retry(self) -> None:
        self._again.extendleft(reversed(self._record[1:]))
        del self._record[1:]

    def has_nul(self) -> bool:
        return any("\0" in line for line in self._record)
