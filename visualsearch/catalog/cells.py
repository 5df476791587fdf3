"""From a row's cells to the values of its attributes, and the attributes' types."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from visualsearch.catalog import text, valuesets
from visualsearch.catalog.infer import (
    CATEGORY,
    NUMBER,
    AttributeType,
    ColumnStatistics,
    split_values,
)
from visualsearch.catalog.keeping import retype
from visualsearch.catalog.locating import DIGEST_BYTES
from visualsearch.catalog.numerals import parse_number
from visualsearch.catalog.sources import ImportRequest, Source, SourceItem
from visualsearch.catalog.store import Refusal
from visualsearch.catalog.tables import Cell
from visualsearch.catalog.valuesets import AttributeRow
from visualsearch.catalog.writing import Counts, Values
from visualsearch.errors import UsageError
from visualsearch.jobs import JobControl

READING = "reading the table"
CHANGING = "changing types"
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


@dataclass
class Brought:
    """What a source says of attributes whose types change. ``values``: attribute → id → values, () for none.
    ``others``: items that it does not name may be left as they are, and not be gone."""

    values: dict[str, dict[str, valuesets.Values]]
    others: bool = False


def read_changed(
    source: Source,
    types: Mapping[str, AttributeType],
    known: Mapping[str, AttributeType],
    control: JobControl,
) -> Brought:
    """Read the values of the attributes whose types are not as ``known``; nothing without any. Raises Cancelled."""
    changed = {name: kind for name, kind in types.items() if name in known and known[name].type != kind.type}
    brought = Brought({name: {} for name in changed})
    if not changed:
        return brought
    names = list(changed)
    reader = CellReader(changed, {name: at for at, name in enumerate(names)})
    for count, item in enumerate(source.items(), start=1):
        if count % _STEP == 0:
            control.progress(READING, count, source.total, "rows")
        if item.id not in brought.values[names[0]]:  # further rows of an item bring photos
            values = dict(reader.values(item))
            for at, name in enumerate(names):
                brought.values[name][item.id] = values.get(at, ())
    brought.others = source.has_lost_rows
    return brought


def store_types(
    connection: sqlite3.Connection,
    types: Mapping[str, AttributeType],
    brought: Brought,
    counts: Counts,
    control: JobControl,
) -> dict[str, int]:
    """Write the attributes, and return their numbers. Where a type changes, all items get the values that are
    ``brought``, so that an import that ends early leaves none without; the others' values are kept as the new type has
    them. An item whose values it cannot have is gone, since the source does not name it. What people decided stays.
    Raises UsageError, before anything is changed, where that or such an item stands in the way; Cancelled."""
    numbers = dict(connection.execute("SELECT name, number FROM attribute"))
    before = known_types(connection)
    touched: set[int] = set()
    for position, (name, found) in enumerate(types.items()):
        if name not in numbers:
            cursor = connection.execute(
                "INSERT INTO attribute (name, type, separator, position) VALUES (?, ?, ?, ?)",
                (name, found.type, found.separator, position),
            )
            numbers[name] = int(cursor.lastrowid or 0)
            continue
        if name in brought.values:
            was = AttributeRow(numbers[name], name, before[name].type, before[name].separator)
            retyped = retype(connection, was, found.type, brought.values[name])
            _let_go(connection, name, found.type, retyped.lost, brought.others, counts)
            touched.update(retyped.touched.tolist())
        row = (found.type, found.separator, position)
        connection.execute(
            "UPDATE attribute SET type = ?, separator = ?, position = ? "
            "WHERE number = ? AND (type, separator, position) != (?, ?, ?)",
            (*row, numbers[name], *row),
        )
    if brought.values:
        connection.execute("UPDATE item SET digest = NULL")  # no row counts as unchanged
    ordered = sorted(touched)
    for start in range(0, len(ordered), _STEP):
        control.progress(CHANGING, start, len(ordered))
        text.index_items(connection, ordered[start : start + _STEP])
    return {name: numbers[name] for name in types}


def _let_go(
    connection: sqlite3.Connection, name: str, kind: str, items: np.ndarray, others: bool, counts: Counts
) -> None:
    """Mark items gone of which a value would be lost. Raises UsageError where they may be there still."""
    gone = valuesets.as_json(items)
    active = "gone = 0 AND {} IN (SELECT value FROM json_each(?))"
    first = connection.execute(f"SELECT id FROM item WHERE {active.format('number')}", (gone,)).fetchone()
    if first is None:
        return
    if others:
        raise UsageError(
            f"{name!r} cannot become of type {kind}: {first[0]!r} would lose its value, and the rows that could not be "
            "read may be about it.",
            "Mend the rows of the table that cannot be read, or leave the type out.",
        )
    counts.items_gone += connection.execute(
        f"UPDATE item SET gone = 1 WHERE {active.format('number')}", (gone,)
    ).rowcount
    counts.images_gone += connection.execute(
        f"UPDATE image SET gone = 1 WHERE {active.format('item')}", (gone,)
    ).rowcount


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
