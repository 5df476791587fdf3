"""Objects in JSON as tables: an object a line, an array of them, and what Solr writes and takes.

Solr (solr.apache.org/guide: "Indexing with Update Handlers", "Partial Document Updates"): an array of documents,
commands such as ``{"add": {"doc": …}}``, the answer of a search (``{"response": {"docs": […]}}``), and documents that
change some fields only: ``{"id": …, "colour": {"set": "red"}, "tags": {"add": ["new"]}}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from visualsearch.catalog.paths import is_unicode
from visualsearch.catalog.records import escape_errors
from visualsearch.catalog.tables import Cell, Row, Table, Update, as_cell
from visualsearch.errors import TableError

_SAMPLE = 1_000  # rows that are looked at for the columns
_BLOCK = 1 << 16  # characters
_LONGEST = 1 << 23  # characters of one object of an array
_LARGEST = 256 << 20  # bytes of a file that is one object
_COMMANDS = {"add", "delete", "commit", "optimize", "rollback"}
_OPERATIONS = {"set": "set", "add": "add", "add-distinct": "add", "remove": "remove"}
_NOT_UNDERSTOOD = {"inc", "removeregex"}
_OF_SOLR = {"_version_", "_root_", "_nest_path_"}  # its own fields
_BEFORE, _BETWEEN = re.compile(r"\s*\[?"), re.compile(r"[\s,]*")


class JsonTable(Table):
    """JSON Lines, a JSON array of objects, or one object that holds a list of them; lists are several values.

    A line counts from 1; in a file that is one object it is the place in the list."""

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__(path)
        self.encoding = encoding
        self._form = self._find_form()
        for count, _ in enumerate(self.rows()):
            if count >= _SAMPLE:
                break
        if not self.columns:
            raise TableError(
                f"The table {path.name} holds no JSON objects.",
                "It needs one object a line, or an array of objects.",
            )

    def _rows(self) -> Iterator[tuple[int, Row]]:
        self.problems.clear()
        known = set(self.columns)
        for line, value in self._values():
            for document in self._documents(line, value):
                row = self._row(line, document)
                checked = self._checked(line, row) if row is not None else None
                if checked is None:
                    continue
                for name in row or ():
                    if name not in known and is_unicode(name):
                        known.add(name)
                        self.columns.append(name)
                yield line, checked

    # --- from the file to values ------------------------------------------------------------------------------

    def _open(self) -> TextIO:
        return open(self.path, encoding=self.encoding, errors=escape_errors(self.encoding))

    def _find_form(self) -> str:
        """ "lines", "array" or "object"."""
        with self._open() as stream:
            first, second = islice(chain((line for line in stream if line.strip()), ("", "")), 2)
        try:
            value = json.loads(first)
        except (ValueError, RecursionError):
            if first.lstrip().startswith("["):
                return "array"
            return "object" if first.lstrip().startswith("{") and isinstance(self._whole(), dict) else "lines"
        if second:
            return "lines"
        return "array" if isinstance(value, list) else "object" if _list_in(value) is not None else "lines"

    def _whole(self) -> Any:
        """The file as one value; None where it is none."""
        if self.path.stat().st_size > _LARGEST:
            return None
        try:
            with self._open() as stream:
                return json.load(stream, parse_constant=_no_number, object_pairs_hook=_joined)
        except (ValueError, RecursionError):
            return None

    def _values(self) -> Iterator[tuple[int, Any]]:
        if self._form == "array":
            yield from self._elements()
        elif self._form == "object":
            value = self._whole()
            found = _list_in(value)
            if found is None:
                yield 1, value
            else:
                self._look_at_extent(value)
                yield from enumerate(found, 1)
        else:
            yield from self._lines()

    def _lines(self) -> Iterator[tuple[int, Any]]:
        with self._open() as stream:
            for line, text in enumerate(stream, start=1):
                if not text.strip():
                    continue
                try:
                    hook = _joined if text.count('"add"') > 1 else None
                    yield line, json.loads(text, parse_constant=_no_number, object_pairs_hook=hook)
                except (ValueError, RecursionError) as error:
                    self.lose(line, _reason(error))

    def _elements(self) -> Iterator[tuple[int, Any]]:
        """The elements of an array. After one that is no JSON, reading goes on with the next line that begins as its
        own did."""
        with self._open() as stream:
            text = _Window(stream)
            text.skip(_BEFORE)
            while True:
                text.skip(_BETWEEN)
                if text.is_at_end:
                    self.lose(text.line, "the array is not closed: the file may have been cut off")
                    return
                if text.text[text.at] == "]":
                    return
                line = text.line
                try:
                    yield line, text.take()
                except (ValueError, RecursionError) as error:
                    self.lose(line, _reason(error))
                    if not text.skip_damaged():
                        return

    # --- from values to rows ----------------------------------------------------------------------------------

    def _documents(self, line: int, value: Any) -> Iterator[dict[str, Any]]:
        """The documents of a line or an element: itself, or what a command of Solr adds."""
        if not isinstance(value, dict):
            self.lose(line, "not a JSON object")
        elif not _is_command(value):
            yield value
        else:
            self.is_part = True
            if value.get("delete"):
                self.report(line, "a command that deletes: an import deletes nothing")
            added = value.get("add", [])
            for one in added if isinstance(added, list) else [added]:
                document = one.get("doc", one) if isinstance(one, dict) else one
                if isinstance(document, dict):
                    yield document
                else:
                    self.lose(line, "not a JSON object")

    def _row(self, line: int, document: dict[str, Any]) -> Row | None:
        cells: Row = {}
        operations: dict[str, str] = {}
        is_update = False
        for name, value in document.items():
            name = name.strip()
            if not name or name in _OF_SOLR:
                continue
            if isinstance(value, dict) and value and value.keys() <= {*_OPERATIONS, *_NOT_UNDERSTOOD}:
                is_update = True
                [(operation, value), *rest] = value.items()
                if rest or operation in _NOT_UNDERSTOOD:
                    self.report(
                        line, f"{name!r}: {operation!r} is not understood here; the field was left as it is"
                    )
                    continue
                operations[name] = _OPERATIONS[operation]
            cells[name] = as_cell(value, self.exact)
        if not is_update:
            return cells
        self.is_part = True
        return Update(cells, operations)

    def _look_at_extent(self, value: Any) -> None:
        """Whether the answer of a search holds only some of what was found."""
        answer = value.get("response")
        if isinstance(answer, dict):
            found = answer.get("numFound")
            if answer.get("start") or (isinstance(found, int) and found > len(answer["docs"])):
                self.is_part = True


class _Window:
    """The text of a stream from ``at`` on, read as it is needed; ``line`` is that of ``at``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder(parse_constant=_no_number)
        self.text, self.at, self.line = stream.read(_BLOCK), 0, 1

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left, here or in the stream."""
        return self.at == len(self.text) and not self._more(_BLOCK)

    def skip(self, what: re.Pattern[str]) -> None:
        """Go past what matches, which may be nothing."""
        while True:
            self._go_to(what.match(self.text, self.at).end())  # type: ignore[union-attr]
            if self.at < len(self.text) or not self._more(_BLOCK):
                return

    def take(self) -> Any:
        """The JSON value that begins here. Raises ValueError, RecursionError."""
        while True:
            left = len(self.text) - self.at
            try:
                value, end = self._decoder.raw_decode(self.text, self.at)
            except ValueError:
                if left > _LONGEST or not self._more(max(_BLOCK, left)):
                    raise
                continue
            if end < len(self.text) or isinstance(value, (dict, list)) or not self._more(_BLOCK):
                self._go_to(end)
                return value

    def skip_damaged(self) -> bool:
        """Go to the next object that begins a line as the one here does; False where none is near."""
        margin = self.text[self.text.rfind("\n", 0, self.at) + 1 : self.at]
        before = re.escape(margin) if not margin.strip() else ""
        found = re.compile(rf"\n{before},?(?={{)").search(self.text, self.at + 1)
        if found:
            self._go_to(found.end())
        return found is not None

    def _go_to(self, at: int) -> None:
        self.line += self.text.count("\n", self.at, at)
        self.at = at

    def _more(self, characters: int) -> bool:
        read = self._stream.read(characters)
        start = self.text.rfind("\n", 0, self.at) + 1  # the margin before what comes
        self.text, self.at = self.text[start:] + read, self.at - start
        return bool(read)


def _list_in(value: Any) -> list[Any] | None:
    """The list of objects that an object holds: what a search of Solr answers, or the only one that there is."""
    if not isinstance(value, dict) or _is_command(value):
        return None
    answer = value.get("response")
    if isinstance(answer, dict) and isinstance(answer.get("docs"), list):
        return answer["docs"]
    lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
    return lists[0] if len(lists) == 1 and not {"id", "sku"} & {name.lower() for name in value} else None


def _is_command(value: Any) -> bool:
    if not isinstance(value, dict) or not value or not value.keys() <= _COMMANDS:
        return False
    added, deleted = value.get("add"), value.get("delete")
    of_documents = isinstance(added, list) and any(isinstance(one, dict) for one in added)
    return of_documents or (isinstance(added, dict) and "doc" in added) or isinstance(deleted, (dict, list))


def _joined(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of the commands of Solr that repeat a name, all are kept."""
    found = dict(pairs)
    if len(found) < len(pairs) and "add" in found:
        added = [value for name, value in pairs if name == "add"]
        found["add"] = [one for value in added for one in (value if isinstance(value, list) else [value])]
    return found


def _reason(error: BaseException) -> str:
    return f"not valid JSON ({getattr(error, 'msg', 'nested too deeply')})"


def _no_number(_name: str) -> Cell:
    """What NaN and Infinity are: nothing."""
    return None
