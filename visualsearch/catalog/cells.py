"""From a row's cells to the values of its attributes, and the attributes' types."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from hashlib import blake2b

from visualsearch.catalog.infer import (
    CATEGORY,
    NUMBER,
    AttributeType,
    ColumnStatistics,
    parse_number,
    split_values,
)
from visualsearch.catalog.keeping import retype
from visualsearch.catalog.locating import DIGEST_BYTES
from visualsearch.catalog.sources import ImportRequest, Source, SourceItem
from visualsearch.catalog.store import Refusal
from visualsearch.catalog.tables import Cell
from visualsearch.catalog.valuesets import AttributeRow
from visualsearch.catalog.writing import Values
from visualsearch.jobs import JobControl

READING = "reading the table"
_STEP = 5_000
_CACHED = 200_000  # cells that were split already


def known_types(connection: sqlite3.Connection) -> dict[str, AttributeType]:
    """The types that earlier imports decided."""
    rows = connection.execute("SELECT name, type, separator FROM attribute")
    return {name: AttributeType(kind, separator) for name, kind, separator in rows}


def decide_types(
    source: Source,
    known: Mapping[str, AttributeType],
    request: ImportRequest,
    control: JobControl,
) -> dict[str, AttributeType]:
    """The type of each attribute of the source, in the customer's order; those without any value, and those that the
    request skips, are left out.

    Known types stay, but for a separator or a type that was given. Otherwise every cell is looked at, and
    ``source.total`` is set.
    """
    separators, wanted, skip = request.separators or {}, request.types or {}, set(request.skip or ())
    types: dict[str, AttributeType] = {}
    statistics: dict[str, ColumnStatistics] = {}

    def note_columns() -> None:
        for name in source.attributes:
            if name in types or name in statistics or name in skip:
                continue
            own = source.known_type(name)
            found = known.get(name) or own
            if found and own and own.type == found.type and own.separator and not found.separator:
                found = own  # people gave items several values since
            given, kind = separators.get(name), wanted.get(name)
            if found is None or kind not in (None, found.type):
                statistics[name] = ColumnStatistics()
            elif given is None or given == found.separator:
                types[name] = found
            elif kind is not None:
                types[name] = AttributeType(kind, given)
            else:
                types[name] = AttributeType(CATEGORY if given else found.type, given)

    note_columns()
    if statistics:
        count = 0
        met: set[str] = set()
        for count, row in enumerate(source.rows(), start=1):
            for name, cell in row.items():
                if name not in met:
                    met.add(name)
                    note_columns()  # JSON Lines: a field that no row before had
                if name in statistics:
                    statistics[name].add(cell)
            if count % _STEP == 0:
                control.progress(READING, count, 0, "rows")
        source.total = count
    for name, found in statistics.items():
        decided = found.decide(separators.get(name), wanted.get(name))
        if decided is not None:
            types[name] = decided
    return {name: types[name] for name in source.attributes if name in types}


def store_types(connection: sqlite3.Connection, types: Mapping[str, AttributeType]) -> dict[str, int]:
    """Write the attributes, and return their numbers. An attribute whose type changes loses its values, also those
    of items that are gone, since they are of the old type; the import writes them again. What people decided stays.
    Raises UsageError where that cannot be of the new type."""
    numbers = dict(connection.execute("SELECT name, number FROM attribute"))
    before = known_types(connection)
    for position, (name, found) in enumerate(types.items()):
        if name not in numbers:
            cursor = connection.execute(
                "INSERT INTO attribute (name, type, separator, position) VALUES (?, ?, ?, ?)",
                (name, found.type, found.separator, position),
            )
            numbers[name] = int(cursor.lastrowid or 0)
            continue
        if before[name].type != found.type:
            was = before[name]
            retype(connection, AttributeRow(numbers[name], name, was.type, was.separator), found.type)
            connection.execute("UPDATE item SET digest = NULL")  # no row counts as unchanged
        row = (found.type, found.separator, position)
        connection.execute(
            "UPDATE attribute SET type = ?, separator = ?, position = ? "
            "WHERE number = ? AND (type, separator, position) != (?, ?, ?)",
            (*row, numbers[name], *row),
        )
    return {name: numbers[name] for name in types}


class CellReader:
    """Turns cells into values. ``refused`` collects the cells that do not fit their attribute."""

    def __init__(self, types: Mapping[str, AttributeType], numbers: Mapping[str, int]) -> None:
        self._attributes = sorted((numbers[name], name, found) for name, found in types.items())
        self._split: dict[tuple[int, str], tuple[str, ...]] = {}
        self.refused: list[Refusal] = []

    def values(self, item: SourceItem) -> Values:
        """(attribute number, values) of the filled cells, by attribute number; several values are sorted."""
        found = []
        for number, name, kind in self._attributes:
            cell = item.cells.get(name)
            if cell:
                values = self._values(number, name, kind, cell, item.source)
                if values:
                    found.append((number, values))
        return tuple(found)

    def updated(self, known: Values, item: SourceItem) -> Values:
        """The values of an item that a row changes, of those that were ``known``."""
        found = dict(known)
        new = dict(self.values(item))
        for number, name, kind in self._attributes:
            if name not in item.cells:
                continue
            how, old, given = (
                (item.operations or {}).get(name, "set"),
                found.pop(number, ()),
                new.get(number, ()),
            )
            if how == "remove":
                given = tuple(value for value in old if value not in given)
            elif how == "add":
                given = tuple(sorted({*old, *given}))  # type: ignore[type-var]
                if len(given) > 1 and not kind.separator:
                    reason = f"{name!r} has one value an item: to replace it, it must be set and not added"
                    self.refused.append(Refusal(item.source, reason))
                    given = old
            if given:
                found[number] = given
        return tuple(sorted(found.items()))

    def _values(
        self, number: int, name: str, kind: AttributeType, cell: Cell, source: str
    ) -> tuple[str | float, ...]:
        if kind.separator:
            if isinstance(cell, list):
                parts = tuple(sorted(set(cell)))
            else:
                parts = self._separated(number, str(cell), kind.separator)
            if kind.type != NUMBER:
                return parts
            numbers = [self._number(name, part, source) for part in parts]
            return tuple(sorted({one for one in numbers if one is not None}))
        if isinstance(cell, list):
            if len(cell) > 1:
                self.refused.append(
                    Refusal(source, f"{name!r} has one value an item, but the row has {len(cell)}")
                )
                return ()
            cell = cell[0]
        if kind.type != NUMBER:
            return (str(cell),)
        value = self._number(name, str(cell), source)
        return () if value is None else (value,)

    def _number(self, name: str, cell: str, source: str) -> float | None:
        value = parse_number(cell)
        if value is None:
            shown = cell if len(cell) <= 40 else f"{cell[:40]}…"
            self.refused.append(Refusal(source, f"{shown!r} is not a number: {name!r} was left empty"))
        return value

    def _separated(self, number: int, cell: str, separator: str) -> tuple[str, ...]:
        values = self._split.get((number, cell))
        if values is None:
            values = tuple(sorted(split_values(cell, separator)))
            if len(self._split) < _CACHED:
                self._split[number, cell] = values
        return values


def values_digest(values: Values) -> bytes:
    """What an unchanged row is told by: BLAKE2b-128 of its values."""
    return blake2b(repr(values).encode(), digest_size=DIGEST_BYTES).digest()
