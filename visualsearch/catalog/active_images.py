"""Which images are in use, read for a million items at once."""

from __future__ import annotations

import sqlite3

import numpy as np

from visualsearch.catalog.locating import DIGEST_BYTES

_ITEMS = 100_000  # numbers of items in one statement: to make arrays of what it gives takes some milliseconds
# One text instead of rows: for each row the interpreter's lock would change hands, while the window waits for it.
# In the order of the index on these two columns, and not of that on the digest, which jumps about in the file.
_STATEMENT = """
    SELECT group_concat(item), group_concat(hex(digest), '') FROM (
        SELECT item, digest FROM image
        WHERE item > ? AND item <= ? AND gone = 0 AND refused IS NULL AND digest IS NOT NULL
        ORDER BY item, position
    )
"""


def read(connection: sqlite3.Connection) -> tuple[np.ndarray, np.ndarray]:
    """See `Catalog.active_images`."""
    found: list[np.ndarray] = [np.empty(0, np.int32)]
    digests: list[np.ndarray] = [np.empty((0, DIGEST_BYTES), np.uint8)]
    (last,) = connection.execute("SELECT MAX(item) FROM image").fetchone()
    for start in range(0, last or 0, _ITEMS):
        items, hexadecimal = connection.execute(_STATEMENT, (start, start + _ITEMS)).fetchone()
        if items is not None:
            found.append(np.fromstring(items, np.int32, sep=","))
            digests.append(np.frombuffer(bytes.fromhex(hexadecimal), np.uint8).reshape(-1, DIGEST_BYTES))
    return np.concatenate(found), np.concatenate(digests)


def different(digests: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones of digests uint8 (m, 16), in their order: (k, 16), and which of them each is, int64 (m,).

    As `np.unique` of rows, which takes two seconds for a million and holds the interpreter's lock all the while.
    """
    halves = np.ascontiguousarray(digests).view(">u8")
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    ordered = halves[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    which = np.empty(len(order), np.int64)
    which[order] = np.cumsum(fresh) - 1
    return digests[order[fresh]], which
