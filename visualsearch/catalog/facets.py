"""Facets: how many items of a set have each value."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn, TextColumn
from visualsearch.catalog.snapshot import Snapshot


def count(
    snapshot: Snapshot,
    item_set: np.ndarray,
    attributes: Iterable[str] | None = None,
    *,
    limit: int | None = None,
) -> dict[str, dict[str, int]]:
    """Exact counts of the active items of ``item_set``, bool (size,), for each value.

    Attribute → {value: count}, most frequent first, ties by value; values that no item of the set has are
    left out, and of each attribute all but the first ``limit`` values. Categories and numbers with at most 60
    different values have facets, in the customer's order or in that of ``attributes``; other attributes are
    left out. An item with several values counts once for each.
    """
    names = snapshot.columns if attributes is None else attributes
    columns = [snapshot.columns[name] for name in names if name in snapshot.columns]
    selection = _Selection(snapshot, item_set)
    return {
        column.name: _ranked(column.values, selection.counts(column), limit)
        for column in columns
        if not isinstance(column, TextColumn)
        and not (isinstance(column, NumberColumn) and column.levels is None)
    }


def missing(snapshot: Snapshot, item_set: np.ndarray) -> dict[str, int]:
    """For each attribute, how many active items of ``item_set``, bool (size,), have no value of it."""
    chosen = item_set & snapshot.alive
    total = int(np.count_nonzero(chosen))
    return {
        name: total - int(np.count_nonzero(column.present(snapshot.size) & chosen))
        for name, column in snapshot.columns.items()
    }


class _Selection:
    """An item set, counted through its smaller side: the chosen items, or all minus the ones left out."""

    def __init__(self, snapshot: Snapshot, item_set: np.ndarray) -> None:
        chosen = item_set & snapshot.alive
        self._inverted = 2 * int(np.count_nonzero(chosen)) > snapshot.alive_count
        self._mask = snapshot.alive & ~item_set if self._inverted else chosen
        self._items = np.flatnonzero(self._mask)

    def counts(self, column: Column) -> np.ndarray:
        """Items of the set by value, int64 (number of values,)."""
        assert not isinstance(column, TextColumn)
        side = self._side(column)
        return column.counts - side if self._inverted else side

    def _side(self, column: CategoryColumn | NumberColumn) -> np.ndarray:
        values = len(column.values)
        if not len(self._items):
            return np.zeros(values, np.int64)
        single = column.single if isinstance(column, CategoryColumn) else column.level_of
        if single is not None:
            return np.bincount(single[self._items] + 1, minlength=values + 1)[1:]
        assert isinstance(column, CategoryColumn)
        return np.bincount(column.codes[self._mask[column.items]], minlength=values)


def _ranked(values: list[str], counts: np.ndarray, limit: int | None) -> dict[str, int]:
    order = np.argsort(-counts, kind="stable")[:limit]  # values are sorted, so that ties stay in their order
    numbers = counts[order]
    used = int(np.count_nonzero(numbers))
    return {
        values[code]: number
        for code, number in zip(order[:used].tolist(), numbers[:used].tolist(), strict=True)
    }
