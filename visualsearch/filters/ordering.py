"""Orders that do not depend on scores: by id, or by an attribute's values."""

from __future__ import annotations

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, measured
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import UnknownName
from visualsearch.filters.query import Sort


def permutation(snapshot: Snapshot, sort: Sort) -> np.ndarray:
    """The active items in order, int32 (alive,). Items without the attribute come last, ties are by id.

    Categories and texts are in the order of code points. Of several values the one that comes first in the wanted
    direction counts. Raises UnknownName for an attribute that does not exist.
    """
    items = np.flatnonzero(snapshot.alive).astype(np.int32)
    ids = snapshot.id_rank[items].astype(np.int64)
    if sort.by in ("id", "relevance") and sort.by not in snapshot.columns:
        backwards = sort.by == "id" and sort.descending
        return items[np.argsort(-ids if backwards else ids, kind="stable")]
    if sort.by not in snapshot.columns:
        raise UnknownName(
            f"There is no attribute {sort.by!r} to sort by.",
            f"There are: relevance, id, {', '.join(snapshot.columns)}.",
        )
    keys = _keys(snapshot, sort)[items]
    missing = np.isnan(keys)
    keys = np.where(missing, 0.0, -keys if sort.descending else keys)
    return items[np.lexsort((ids, keys, missing))]


def _keys(snapshot: Snapshot, sort: Sort) -> np.ndarray:
    """float64 (size,): numbers in the attribute's order, NaN where an item has no value."""
    column = snapshot.columns[sort.by]
    data = measured(column)
    if data is not None:
        return data
    keys = np.full(snapshot.size, np.nan)
    if isinstance(column, CategoryColumn):
        places = column.codes.astype(np.float64) if column.amounts is None else column.amounts[column.codes]
        items, places = column.items[~np.isnan(places)], places[~np.isnan(places)]
        # Pairs are written in such an order that the value which counts is written last.
        order = np.argsort(places if sort.descending else -places, kind="stable")
        keys[items[order]] = places[order]
        return keys
    with snapshot.connect() as connection:
        rows = connection.execute(
            "SELECT item, value FROM item_value "
            "WHERE attribute = (SELECT number FROM attribute WHERE name = ?) ORDER BY value",
            (sort.by,),
        )
        numbers: list[int] = []
        ranks: list[int] = []
        before = None
        for item, value in rows:
            ranks.append(ranks[-1] + (value != before) if ranks else 0)
            numbers.append(item)
            before = value
    found = np.array(numbers, np.int64)
    known = found < snapshot.size
    keys[found[known]] = np.array(ranks, np.float64)[known]
    return keys
