"""What items have of one attribute, as sets of values: read, compared and written for many items at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from visualsearch.catalog.infer import CATEGORY, NUMBER

Values: TypeAlias = tuple[str | float, ...]
"""The values that an item has of one attribute, sorted: text, or floats for a number; () for none."""


@dataclass(frozen=True)
class AttributeRow:
    """An attribute of the catalog. ``separator`` is not empty where an item may have several values."""

    number: int
    name: str
    type: str
    separator: str = ""


class Sets:
    """Different sets of values, each with a small number: equal sets have equal numbers. Number 0 is the empty set."""

    def __init__(self) -> None:
        self.values: list[Values] = [()]
        self._codes: dict[Values, int] = {(): 0}

    def code(self, values: Values) -> int:
        """The number of a sorted set."""
        code = self._codes.get(values)
        if code is None:
            code = self._codes[values] = len(self.values)
            self.values.append(values)
        return code

    def codes(self, sets: Iterable[Values]) -> np.ndarray:
        """The numbers of several sets, int32 (n,)."""
        return np.array([self.code(values) for values in sets], np.int32)

    def mapped(self, codes: np.ndarray, change: Callable[[Values], Values]) -> np.ndarray:
        """The numbers of changed sets, int32 (n,); ``change`` is called once for each different set."""
        different, places = np.unique(codes, return_inverse=True)
        return self.codes(change(self.values[code]) for code in different.tolist())[places]


@dataclass(frozen=True, eq=False)
class States:
    """What items have of an attribute. ``items`` int32 (n,) ascending, each once; ``codes`` int32 (n,), the sets that
    they have; ``raws`` int32 (n,), what the imports say; ``decided`` bool (n,), whether a person decided."""

    items: np.ndarray
    codes: np.ndarray
    raws: np.ndarray
    decided: np.ndarray


def attribute_row(connection: sqlite3.Connection, name: str) -> AttributeRow | None:
    """The attribute of this name."""
    row = connection.execute(
        "SELECT number, name, type, separator FROM attribute WHERE name = ?", (name,)
    ).fetchone()
    return AttributeRow(*row) if row else None


def create_attribute(connection: sqlite3.Connection, name: str, kind: str, separator: str) -> AttributeRow:
    """A new attribute, after the customer's."""
    cursor = connection.execute(
        "INSERT INTO attribute (name, type, separator, position) "
        "SELECT ?, ?, ?, COALESCE(MAX(position), -1) + 1 FROM attribute",
        (name, kind, separator),
    )
    return AttributeRow(int(cursor.lastrowid or 0), name, kind, separator)


def read(connection: sqlite3.Connection, attribute: AttributeRow, items: np.ndarray, sets: Sets) -> States:
    """What ``items``, int32 (n,) ascending, have of an attribute."""
    chosen = as_json(items)
    codes = np.zeros(len(items), np.int32)
    holders, found = _held(connection, attribute, chosen, sets)
    codes[np.searchsorted(items, holders)] = found
    raws, decided = codes.copy(), np.zeros(len(items), bool)
    for raw, by_person, text in connection.execute(
        "SELECT i.raw, i.operation IS NOT NULL, group_concat(i.item) FROM json_each(?) j CROSS JOIN imported i "
        "ON i.attribute = ? AND i.item = j.value GROUP BY 1, 2",
        (chosen, attribute.number),
    ):
        at = np.searchsorted(items, np.fromstring(text, np.int64, sep=","))
        raws[at] = sets.code(from_text(raw))
        decided[at] = by_person
    return States(items, codes, raws, decided)


def write(
    connection: sqlite3.Connection,
    attribute: AttributeRow,
    items: np.ndarray,
    old: np.ndarray,
    new: np.ndarray,
    sets: Sets,
) -> None:
    """Give ``items`` other values: the sets ``new``, int32 (n,), instead of ``old``."""
    connection.execute(
        "DELETE FROM item_value WHERE attribute = ? AND item IN (SELECT value FROM json_each(?))",
        (attribute.number, as_json(items[old != 0])),
    )
    stored = _storable(connection, attribute, [sets.values[code] for code in np.unique(new).tolist()])
    for code, chosen in _by_code(items, new):
        for value in stored[sets.values[code]]:
            connection.execute(
                "INSERT INTO item_value SELECT ?, value, ? FROM json_each(?)",
                (attribute.number, value, chosen),
            )


def decide(
    connection: sqlite3.Connection,
    attribute: AttributeRow,
    items: np.ndarray,
    raws: np.ndarray,
    operation: int,
    sets: Sets,
) -> None:
    """Remember that a person decided about items, and what the imports say of them: ``raws``, int32 (n,)."""
    for code, chosen in _by_code(items, raws):
        connection.execute(
            "INSERT INTO imported SELECT ?, value, ?, ? FROM json_each(?) WHERE true "
            "ON CONFLICT (attribute, item) DO UPDATE SET operation = excluded.operation",
            (attribute.number, as_text(sets.values[code]), operation, chosen),
        )


def follow(
    connection: sqlite3.Connection,
    attribute: AttributeRow,
    items: np.ndarray,
    raws: np.ndarray,
    codes: np.ndarray,
    sets: Sets,
) -> None:
    """Let items follow the import again: they have ``codes`` where the imports say ``raws``."""
    connection.execute(
        "DELETE FROM imported WHERE attribute = ? AND item IN (SELECT value FROM json_each(?))",
        (attribute.number, as_json(items)),
    )
    other = raws != codes
    for code, chosen in _by_code(items[other], raws[other]):
        connection.execute(
            "INSERT INTO imported SELECT ?, value, ?, NULL FROM json_each(?)",
            (attribute.number, as_text(sets.values[code]), chosen),
        )


def _by_code(items: np.ndarray, codes: np.ndarray) -> Iterator[tuple[int, str]]:
    """Each different code with its items, ascending, as a JSON array."""
    order = np.argsort(codes, kind="stable")
    different, starts = np.unique(codes[order], return_index=True)
    for code, part in zip(
        different.tolist(), np.split(items[order], starts[1:]), strict=bool(len(different))
    ):
        yield code, as_json(part)


def drop_unused(
    connection: sqlite3.Connection, names: Iterable[str] | None = None, *, kept: Sequence[str] = ()
) -> None:
    """Drop the attributes, of these names or all but those that are ``kept``, that no item has and that neither a
    decision nor the vocabulary mentions."""
    condition = f"a.name {'NOT IN' if names is None else 'IN'} (SELECT value FROM json_each(?)) AND "
    arguments = (json.dumps(list(kept if names is None else names)),)
    numbers = connection.execute(
        f"SELECT number FROM attribute a WHERE {condition} "
        "NOT EXISTS (SELECT 1 FROM item_value WHERE attribute = a.number) "
        "AND NOT EXISTS (SELECT 1 FROM imported WHERE attribute = a.number) "
        "AND NOT EXISTS (SELECT 1 FROM document WHERE kind = 'attribute' AND name = a.name)",
        arguments,
    ).fetchall()
    connection.executemany("DELETE FROM category_value WHERE attribute = ?", numbers)
    connection.executemany("DELETE FROM attribute WHERE number = ?", numbers)


def as_json(items: np.ndarray) -> str:
    """Item numbers as a JSON array, for ``json_each``."""
    return str(items.tolist())  # a third of the time of json.dumps, and the same for integers


def as_text(values: Values) -> str:
    """A set of values as the tables hold it."""
    return json.dumps(values, ensure_ascii=False)


def from_text(text: str) -> Values:
    """The reverse of ``as_text``."""
    return tuple(json.loads(text))


def _held(
    connection: sqlite3.Connection, attribute: AttributeRow, chosen: str, sets: Sets
) -> tuple[np.ndarray, np.ndarray]:
    """The items of a JSON array that have a value, int64 (k,), and the sets that they have, int32 (k,)."""
    query = "json_each(?) j CROSS JOIN item_value v ON v.attribute = ? AND v.item = j.value"
    arguments = (chosen, attribute.number)
    if attribute.type != CATEGORY:
        value = "CAST(v.value AS REAL)" if attribute.type == NUMBER else "v.value"
        rows = connection.execute(f"SELECT v.item, {value} FROM {query} ORDER BY j.key, 2", arguments)
        found = {item: tuple(value for _, value in own) for item, own in groupby(rows, itemgetter(0))}
        return np.array(list(found), np.int64), sets.codes(found.values())
    row = connection.execute(
        "WITH pair (item, value) AS (SELECT v.item, CAST(v.value AS INTEGER) FROM "
        f"{query} ORDER BY j.key) SELECT group_concat(item), group_concat(value) FROM pair",
        arguments,
    ).fetchone()
    items, values = (
        np.fromstring(text, np.int64, sep=",") if text else np.zeros(0, np.int64) for text in row
    )
    texts = dict(
        connection.execute("SELECT number, text FROM category_value WHERE attribute = ?", (attribute.number,))
    )
    holders, starts, counts = np.unique(items, return_index=True, return_counts=True)
    if not len(holders):
        return holders, np.zeros(0, np.int32)
    table = np.full((len(holders), counts.max()), -1, np.int64)
    rows_at = np.repeat(np.arange(len(holders)), counts)
    table[rows_at, np.arange(len(items)) - starts[rows_at]] = values
    if table.shape[1] == 1:
        different, places = np.unique(table[:, 0], return_inverse=True)
        different = different[:, None]
    else:
        different, places = np.unique(table, axis=0, return_inverse=True)
    codes = sets.codes(tuple(sorted(texts[n] for n in numbers if n >= 0)) for numbers in different.tolist())
    return holders, codes[places.reshape(-1)]


def _storable(
    connection: sqlite3.Connection, attribute: AttributeRow, wanted: list[Values]
) -> dict[Values, tuple]:
    """Set of values → what ``item_value`` holds for them; numbers category values that are new."""
    if attribute.type != CATEGORY:
        return {values: values for values in wanted}
    texts = sorted({value for values in wanted for value in values}, key=str)
    connection.executemany(
        "INSERT OR IGNORE INTO category_value (attribute, text) VALUES (?, ?)",
        ((attribute.number, text) for text in texts),
    )
    numbers = dict(
        connection.execute("SELECT text, number FROM category_value WHERE attribute = ?", (attribute.number,))
    )
    return {values: tuple(numbers[value] for value in values) for values in wanted}
