"""What people changed about values since some moment: first old against last new, so that what was undone does not
count. Renaming or merging a value in the vocabulary corrects no item and does not count either. Any thread.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog.history import value_changes
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.valuesets import Sets, Values

WORDING = ("vocabulary", "rename", "merge")  # operations that change words, not what is said of an item

_OPERATIONS = """
    SELECT DISTINCT o.number, o.inverse_of IS NULL AND o.undone_by IS NULL
    FROM operation o JOIN value_change v ON v.operation = o.number
    LEFT JOIN operation a ON a.number = o.inverse_of LEFT JOIN operation b ON b.number = a.inverse_of
    WHERE o.number > ? AND (? IS NULL OR v.attribute = ?)
    AND COALESCE(b.kind, a.kind, o.kind) NOT IN ({}) ORDER BY o.number
"""


@dataclass(frozen=True, eq=False)
class NetChanges:
    """Items of one attribute that have other values than before. ``items`` int32 (n,) ascending; ``old``, ``new`` int32
    (n,): places in ``sets``; ``operation`` int64 (n,): the latest that changed it; ``credit`` int64 (n,): the latest
    act that changed it and that holds, not an undo, where there is one."""

    attribute: str
    items: np.ndarray
    old: np.ndarray
    new: np.ndarray
    operation: np.ndarray
    credit: np.ndarray
    sets: list[Values]

    @property
    def corrected(self) -> np.ndarray:
        """Those that had values before, int32 (k,): filling in what was missing corrects nothing."""
        return self.items[self.old != 0]


def last_operation(catalog: Catalog) -> int:
    """The number of the latest operation, 0 before the first."""
    with catalog.read() as connection:
        (number,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM operation").fetchone()
    return int(number)


def net_changes(catalog: Catalog, after: int = 0, attribute: str | None = None) -> dict[str, NetChanges]:
    """Attribute → what operations later than ``after`` changed in effect; of one attribute, or of all."""
    with catalog.read() as connection:
        return changes_of(connection, after, attribute)


def changes_of(
    connection: sqlite3.Connection, after: int = 0, attribute: str | None = None, *, wording: bool = False
) -> dict[str, NetChanges]:
    """The same from a read transaction; ``wording``: with what renaming and merging values changed."""
    parts: dict[str, list] = {}
    excluded = "" if wording else ", ".join(f"'{kind}'" for kind in WORDING)
    rows = connection.execute(_OPERATIONS.format(excluded), (after, attribute, attribute)).fetchall()
    for number, _ in rows:
        for part in value_changes(connection, number):
            if attribute is None or part.attribute == attribute:
                parts.setdefault(part.attribute, []).append(part)
    holding = np.array([number for number, holds in rows if holds], np.int64)
    return {name: _net(name, found, holding) for name, found in parts.items()}


def _net(attribute: str, parts: list, holding: np.ndarray) -> NetChanges:
    sets = Sets()
    items = np.concatenate([part.items for part in parts])
    codes = [sets.codes(tuple(values) for values in part.sets) for part in parts]
    old = np.concatenate([code[part.old] for code, part in zip(codes, parts, strict=True)])
    new = np.concatenate([code[part.new] for code, part in zip(codes, parts, strict=True)])
    operation = np.repeat([part.operation for part in parts], [len(part.items) for part in parts])
    different, first = np.unique(items, return_index=True)
    _, backwards = np.unique(items[::-1], return_index=True)
    last = len(items) - 1 - backwards
    moved = old[first] != new[last]
    first, last = first[moved], last[moved]
    credit = operation[last]
    holds = np.flatnonzero(np.isin(operation, holding))[::-1]
    held, latest = np.unique(items[holds], return_index=True)
    at = np.searchsorted(different[moved], held)
    there = (at < len(credit)) & np.isin(held, different[moved])
    credit[at[there]] = operation[holds[latest[there]]]
    return NetChanges(
        attribute, different[moved], old[first], new[last], operation[last], credit, sets.values
    )
