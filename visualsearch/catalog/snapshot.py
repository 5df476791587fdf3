"""The catalog's columns as NumPy arrays by item number: what conditions, counts and sorting work on.

A snapshot never changes; after a write to the catalog a new one is loaded. Gone items are in it (their
numbers must stay valid) but have no values and match nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from visualsearch.catalog import snapshot_cache
from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn, TextColumn, format_number
from visualsearch.catalog.interrupt import interruptible
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl

FEW_NUMBERS = 60  # a number column with at most so many different values is counted value by value
_FEW_OPERATIONS = 500  # that are caught up with faster than a cache file is written
_CHUNK = 500  # placeholders in one statement: SQLite's oldest limit is 999
Connect: TypeAlias = Callable[[], AbstractContextManager[sqlite3.Connection]]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One revision of the catalog. Arrays are read-only; safe from any thread.

    ``alive``: bool (size,), the active items. ``id_rank``: int32 (size,), the rank of each item's id among
    all ids by code points (Python's order of strings), -1 for a number that no item has. ``columns``: by
    name, in the customer's order. ``connect`` opens the catalog for what arrays do not answer.
    """

    revision: int
    size: int
    alive: np.ndarray
    id_rank: np.ndarray
    columns: Mapping[str, Column]
    connect: Connect

    @cached_property
    def alive_count(self) -> int:
        """The number of active items."""
        return int(np.count_nonzero(self.alive))

    def numbers_of(self, ids: Iterable[str]) -> np.ndarray:
        """The active items with these ids, int32 (k,), ascending; ids that nobody has are left out."""
        statement = "SELECT number FROM item WHERE id IN ({})"
        return self._select(statement, (), [text for text in ids if _storable(text)])

    def items_with_text(self, attribute: str, texts: Iterable[str]) -> np.ndarray:
        """The active items of which a text attribute is exactly one of ``texts``, int32 (k,), ascending."""
        statement = (
            "SELECT item FROM item_value WHERE attribute = (SELECT number FROM attribute WHERE name = ?) "
            "AND value IN ({})"
        )
        return self._select(statement, (attribute,), [text for text in texts if _storable(text)])

    def _select(self, statement: str, first: tuple[str, ...], texts: Sequence[str]) -> np.ndarray:
        found: list[int] = []
        with self.connect() as connection:
            for start in range(0, len(texts), _CHUNK):
                part = texts[start : start + _CHUNK]
                rows = connection.execute(statement.format(",".join("?" * len(part))), (*first, *part))
                found.extend(number for (number,) in rows)
        numbers = np.unique(np.array(found, np.int64))
        numbers = numbers[numbers < self.size]  # the catalog may have got new items since
        return numbers[self.alive[numbers]].astype(np.int32)


def load_snapshot(catalog: Catalog, control: JobControl | None = None) -> Snapshot:
    """The snapshot of the catalog as it is now, from the cache file beside it when that is of this state, or of one
    from which only operations lead here.

    Otherwise it is read from the tables. The cache file is written anew when that spares the next one much (unless
    the disk refuses, which costs only time). Raises CatalogError when the catalog cannot be read, and Cancelled.
    """
    from visualsearch.catalog import patching  # builds on this module

    file = catalog.path / snapshot_cache.FILE_NAME
    with catalog.read() as connection:
        state = _state(connection)
        state_of, document, arrays = (state and snapshot_cache.load(file)) or (None, {}, {})
        operations: list[int] | None = None
        if state is not None and state_of is not None:
            revision = document["revision"]
            operations = patching.operations_since(
                connection, revision, None if state_of == state else state_of
            )
        if operations is not None and (operations or state_of == state):
            snapshot = patching.patched(connection, _assembled(document, arrays, catalog.read), operations)
        else:
            operations = None
            snapshot = read_snapshot(connection, catalog.read, control)
    if state and not catalog.read_only and (operations is None or len(operations) > _FEW_OPERATIONS):
        snapshot_cache.save(file, state, *_parts(snapshot))
    return snapshot


def read_snapshot(
    connection: sqlite3.Connection, connect: Connect, control: JobControl | None = None
) -> Snapshot:
    """The snapshot read from the tables, without any cache; ``connection`` is in a read transaction."""
    with interruptible(connection, control):
        (rank,) = _integers(connection, "number", "item ORDER BY id")
        (gone,) = _integers(connection, "number", "item WHERE gone != 0")
        size = int(rank.max(initial=0)) + 1
        id_rank = np.full(size, -1, np.int32)
        id_rank[rank] = np.arange(len(rank), dtype=np.int32)
        alive = id_rank >= 0
        alive[gone] = False
        attributes = connection.execute(
            "SELECT number, name, type FROM attribute ORDER BY position, number"
        ).fetchall()
        columns: dict[str, Column] = {}
        for done, (attribute, name, kind) in enumerate(attributes):
            if control is not None:
                control.progress("Reading the catalog", done, len(attributes), "attributes")
            columns[name] = _READERS[kind](connection, attribute, name, alive)
        revision = _revision(connection)
    return frozen(Snapshot(revision, size, alive, id_rank, columns, connect))


def _category(connection: sqlite3.Connection, attribute: int, name: str, alive: np.ndarray) -> CategoryColumn:
    rows = connection.execute(
        "SELECT number, text FROM category_value WHERE attribute = ? ORDER BY number", (attribute,)
    ).fetchall()
    numbers = np.array([number for number, _ in rows], np.int64)
    texts = [text for _, text in rows]
    rows_of = f"item_value WHERE attribute = {int(attribute)} ORDER BY item"
    items, values = _integers(connection, "item, CAST(value AS INTEGER)", rows_of)
    positions = np.searchsorted(numbers, values)
    known = positions < len(numbers)
    known[known] = numbers[positions[known]] == values[known]
    known &= alive[items]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    code_at = np.empty(len(texts), np.int64)
    code_at[order] = np.arange(len(texts))
    return category_column(
        name, [texts[at] for at in order], items[known], code_at[positions[known]], len(alive)
    )


def _number(connection: sqlite3.Connection, attribute: int, name: str, alive: np.ndarray) -> Column:
    # Through Python's floats, not through text as for integers: SQLite's text of a number is rounded.
    rows = connection.execute(
        "SELECT item, CAST(value AS REAL) FROM item_value WHERE attribute = ? ORDER BY item", (attribute,)
    )
    table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 2)
    items = table[:, 0].astype(np.int64)
    kept = alive[items]
    return number_column(name, items[kept], table[kept, 1], len(alive))


def number_column(name: str, items: np.ndarray, values: np.ndarray, size: int) -> Column:
    """A number from pairs: ``items`` int (k,) ascending, ``values`` float64 (k,), ascending for each item."""
    if np.any(items[1:] == items[:-1]):
        numbers, codes = np.unique(values, return_inverse=True)
        texts = [format_number(number) for number in numbers.tolist()]
        return category_column(name, texts, items, codes, size, numbers)
    data = np.full(size, np.nan)
    data[items] = values
    levels = _few(values)
    if levels is None:
        return NumberColumn(name, data)
    level_of = np.full(size, -1, np.int8)
    level_of[items] = np.searchsorted(levels, values)
    return NumberColumn(name, data, levels, level_of)


def _few(values: np.ndarray) -> np.ndarray | None:
    """The different values, ascending, or None when there are more than ``FEW_NUMBERS``."""
    if len(np.unique(values[:4096])) > FEW_NUMBERS:  # spares sorting a long column of prices
        return None
    levels = np.unique(values)
    return levels if len(levels) <= FEW_NUMBERS else None


def _text(connection: sqlite3.Connection, attribute: int, name: str, alive: np.ndarray) -> TextColumn:
    has = np.zeros(len(alive), bool)
    (items,) = _integers(connection, "item", f"item_value WHERE attribute = {int(attribute)}")
    has[items] = True
    return TextColumn(name, has & alive)


_READERS: dict[str, Callable[[sqlite3.Connection, int, str, np.ndarray], Column]] = {
    "category": _category,
    "number": _number,
    "text": _text,
}


def category_column(
    name: str,
    values: list[str],
    items: np.ndarray,
    codes: np.ndarray,
    size: int,
    numbers: np.ndarray | None = None,
) -> CategoryColumn:
    """A category of (item, code) pairs sorted by item, without the values that no item has."""
    used = np.bincount(codes, minlength=len(values)) > 0
    codes = (np.cumsum(used) - 1)[codes].astype(np.int32)
    values = [value for value, in_use in zip(values, used.tolist(), strict=True) if in_use]
    if numbers is not None:
        numbers = numbers[used]
    if np.any(items[1:] == items[:-1]):
        return CategoryColumn(name, values, None, (items.astype(np.int32), codes), numbers)
    single = np.full(size, -1, np.int32)
    single[items] = codes
    return CategoryColumn(name, values, single, None, numbers)


def _integers(connection: sqlite3.Connection, columns: str, source: str) -> list[np.ndarray]:
    """One or two columns of integers, int64 (n,) each, in the order of the rows.

    SQLite joins a column to one text, which NumPy parses: three times as fast as Python tuples.
    """
    names = ("a", "b")[: columns.count(",") + 1]
    joined = ", ".join(f"group_concat({name})" for name in names)
    query = f"WITH row ({', '.join(names)}) AS (SELECT {columns} FROM {source}) SELECT {joined} FROM row"
    texts = connection.execute(query).fetchone()
    return [np.fromstring(text, np.int64, sep=",") if text else np.zeros(0, np.int64) for text in texts]


def _revision(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
    return int(row[0]) if row else 0


def _state(connection: sqlite3.Connection) -> str | None:
    """What names the catalog's present state: the random stamp that every committed change leaves."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'stamp'").fetchone()
    return row[0] if row else None


def frozen(snapshot: Snapshot) -> Snapshot:
    """The snapshot with arrays that nobody can change."""
    for array in _parts(snapshot)[1].values():
        array.setflags(write=False)
    return snapshot


def _parts(snapshot: Snapshot) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A snapshot as what JSON can hold, and named arrays."""
    arrays = {"alive": snapshot.alive, "id_rank": snapshot.id_rank}
    columns = []
    for at, column in enumerate(snapshot.columns.values()):
        entry: dict[str, Any] = {"name": column.name}
        if isinstance(column, CategoryColumn):
            entry |= {"kind": "category", "values": column.values}
            items, codes = column.pairs or (None, None)
            own = {"single": column.single, "items": items, "codes": codes, "numbers": column.numbers}
        elif isinstance(column, NumberColumn):
            entry |= {"kind": "number"}
            own = {"data": column.data, "levels": column.levels, "level_of": column.level_of}
        else:
            entry |= {"kind": "text"}
            own = {"has": column.has}
        arrays |= {f"{at}.{name}": array for name, array in own.items() if array is not None}
        columns.append(entry)
    return {"revision": snapshot.revision, "columns": columns}, arrays


def _assembled(document: dict[str, Any], arrays: dict[str, np.ndarray], connect: Connect) -> Snapshot:
    """The reverse of ``_parts``."""
    columns: dict[str, Column] = {}
    for at, entry in enumerate(document["columns"]):
        own = {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{at}.")}
        name = entry["name"]
        if entry["kind"] == "category":
            pairs = (own["items"], own["codes"]) if "items" in own else None
            columns[name] = CategoryColumn(
                name, entry["values"], own.get("single"), pairs, own.get("numbers")
            )
        elif entry["kind"] == "number":
            columns[name] = NumberColumn(name, own["data"], own.get("levels"), own.get("level_of"))
        else:
            columns[name] = TextColumn(name, own["has"])
    alive = arrays["alive"]
    return Snapshot(document["revision"], len(alive), alive, arrays["id_rank"], columns, connect)


def _storable(text: str) -> bool:
    """False for lone surrogates, which SQLite cannot hold and so cannot have."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
