"""Brings a snapshot up to date with the operations made since, without reading the catalog anew.

The result equals a snapshot read anew; columns that no operation touched are the same objects, so that what was
computed from them stays valid.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from visualsearch.catalog import valuesets
from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn, TextColumn
from visualsearch.catalog.infer import CATEGORY, NUMBER, TEXT
from visualsearch.catalog.snapshot import FEW_NUMBERS, Snapshot, category_column, frozen, number_column
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.valuesets import AttributeRow


def catch_up(catalog: Catalog, snapshot: Snapshot) -> Snapshot | None:
    """The snapshot as it is with the latest operation, by whichever process; the same object when there is none
    since. None when something else was changed too."""
    with catalog.read() as connection:
        operations = operations_since(connection, snapshot.revision)
        return None if operations is None else patched(connection, snapshot, operations)


def operations_since(
    connection: sqlite3.Connection, revision: int, stamp: str | None = None
) -> list[int] | None:
    """The operations that lead from a revision to the present one, or None when something else was changed too, as
    by an import. With ``stamp``, the revision must have been that very state and not one of a backup."""
    rows = connection.execute(
        "SELECT number, revision, upon FROM operation WHERE revision > ? ORDER BY revision", (revision,)
    ).fetchall()
    (present,) = connection.execute(
        "SELECT COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision'), 0)"
    ).fetchone()
    if [row[1] for row in rows] != list(range(revision + 1, present + 1)):
        return None
    if stamp is not None and rows and rows[0][2] != stamp:
        return None
    return [row[0] for row in rows]


def patched(connection: sqlite3.Connection, snapshot: Snapshot, operations: list[int]) -> Snapshot:
    """The snapshot with what these operations changed; they are all since it, as ``operations_since`` tells."""
    if not operations:
        return snapshot
    touched: dict[str, list[np.ndarray]] = {}
    for attribute, items in connection.execute(
        "SELECT attribute, items FROM value_change WHERE operation BETWEEN ? AND ?",
        (operations[0], operations[-1]),
    ):
        touched.setdefault(attribute, []).append(np.frombuffer(items, "<i4"))
    columns: dict[str, Column] = {}
    for row in connection.execute(
        "SELECT number, name, type, separator FROM attribute ORDER BY position, number"
    ).fetchall():
        attribute = AttributeRow(*row)
        old = snapshot.columns.get(attribute.name)
        if old is None or _kind(old) != attribute.type:
            old = _empty(attribute, snapshot.size)  # all that has a value of a new attribute was touched
        if attribute.name in touched:
            items = np.unique(np.concatenate(touched[attribute.name]))
            old = _replaced(connection, attribute, old, items, snapshot.alive)
        columns[attribute.name] = old
    (revision,) = connection.execute(
        "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision'"
    ).fetchone()
    return frozen(
        Snapshot(revision, snapshot.size, snapshot.alive, snapshot.id_rank, columns, snapshot.connect)
    )


def _kind(column: Column) -> str:
    if isinstance(column, TextColumn):
        return TEXT
    return NUMBER if isinstance(column, NumberColumn) or column.numbers is not None else CATEGORY


def _empty(attribute: AttributeRow, size: int) -> Column:
    if attribute.type == TEXT:
        return TextColumn(attribute.name, np.zeros(size, bool))
    if attribute.type == NUMBER:
        return number_column(attribute.name, np.zeros(0, np.int64), np.zeros(0), size)
    return CategoryColumn(attribute.name, [], np.full(size, -1, np.int32))


def _replaced(
    connection: sqlite3.Connection,
    attribute: AttributeRow,
    old: Column,
    items: np.ndarray,
    alive: np.ndarray,
) -> Column:
    """A column with what ``items``, int32 (n,) ascending, have now."""
    items = items[alive[items]]
    rows = connection.execute(
        "SELECT v.item, v.value FROM json_each(?) j "
        "CROSS JOIN item_value v ON v.attribute = ? AND v.item = j.value ORDER BY j.key, v.value",
        (valuesets.as_json(items), attribute.number),
    ).fetchall()
    holders = np.array([row[0] for row in rows], np.int64)
    if isinstance(old, TextColumn):
        has = old.has.copy()
        has[items] = False
        has[holders] = True
        return TextColumn(old.name, has)
    if attribute.type == NUMBER:
        return _numbers_replaced(
            old, items, holders, np.array([row[1] for row in rows], np.float64), len(alive)
        )
    assert isinstance(old, CategoryColumn)
    names = dict(
        connection.execute("SELECT number, text FROM category_value WHERE attribute = ?", (attribute.number,))
    )
    return _categories_replaced(old, items, holders, [names[row[1]] for row in rows], len(alive))


def _categories_replaced(
    old: CategoryColumn, items: np.ndarray, holders: np.ndarray, texts: list[str], size: int
) -> CategoryColumn:
    values = sorted({*old.values, *texts})
    place = {value: code for code, value in enumerate(values)}
    moved = np.array([place[value] for value in old.values], np.int32)
    codes = np.array([place[text] for text in texts], np.int32)
    if old.single is None or np.any(holders[1:] == holders[:-1]):
        kept = ~np.isin(old.items, items)
        return category_column(
            old.name,
            values,
            *_merged(old.items[kept], moved[old.codes[kept]], holders, codes),
            size,
        )
    single = old.single.copy() if len(values) == len(old.values) else _recoded(old.single, moved)
    single[items] = -1
    single[holders] = codes
    used = np.bincount(single + 1, minlength=len(values) + 1)[1:] > 0
    if not used.all():
        single = _recoded(single, (np.cumsum(used) - 1).astype(np.int32))
        values = [value for value, in_use in zip(values, used.tolist(), strict=True) if in_use]
    return CategoryColumn(old.name, values, single)


def _numbers_replaced(
    old: CategoryColumn | NumberColumn, items: np.ndarray, holders: np.ndarray, numbers: np.ndarray, size: int
) -> Column:
    several = bool(np.any(holders[1:] == holders[:-1]))
    if isinstance(old, NumberColumn) and not several:
        data = old.data.copy()
        data[items] = np.nan
        data[holders] = numbers
        levels = None if old.levels is None else np.union1d(old.levels, numbers)
        if levels is not None and len(levels) <= FEW_NUMBERS:
            return _with_levels(old, data, levels, items, holders, numbers)
        present = np.flatnonzero(~np.isnan(data))
        return number_column(old.name, present, data[present], size)
    if isinstance(old, NumberColumn):
        known = np.flatnonzero(~np.isnan(old.data))
        values = old.data[known]
    else:
        assert old.numbers is not None
        known, values = old.items, old.numbers[old.codes]
    kept = ~np.isin(known, items)
    return number_column(old.name, *_merged(known[kept], values[kept], holders, numbers), size)


def _with_levels(
    old: NumberColumn,
    data: np.ndarray,
    levels: np.ndarray,
    items: np.ndarray,
    holders: np.ndarray,
    numbers: np.ndarray,
) -> NumberColumn:
    """The column with other data, of which ``levels`` holds all the values and perhaps more."""
    assert old.levels is not None
    assert old.level_of is not None
    level_of = _recoded(old.level_of, np.searchsorted(levels, old.levels).astype(np.int8))
    level_of[items] = -1
    level_of[holders] = np.searchsorted(levels, numbers)
    used = np.bincount(level_of.astype(np.int16) + 1, minlength=len(levels) + 1)[1:] > 0
    if not used.all():
        level_of = _recoded(level_of, (np.cumsum(used) - 1).astype(np.int8))
        levels = levels[used]
    return NumberColumn(old.name, data, levels, level_of)


def _recoded(codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Codes through a table; −1 stays."""
    return np.append(table, table.dtype.type(-1))[codes]


def _merged(
    items: np.ndarray, values: np.ndarray, more: np.ndarray, added: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two lists of (item, value) pairs, each sorted by item, with no item in common, as one."""
    at = np.searchsorted(items, more)
    return np.insert(items.astype(np.int64), at, more), np.insert(values, at, added)
