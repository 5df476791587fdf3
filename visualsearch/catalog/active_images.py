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
    found, digests = [np.empty(0, np.int32)], [np.empty((0, DIGEST_BYTES), np.uint8)]
    (last,) = connection.execute("SELECT MAX(item) FROM image").fetchone()
    for start in range(0, last or 0, _ITEMS):
        items, hexadecimal = connection.execute(_STATEMENT, (start, start + _ITEMS)).fetchone()
        if items is not None:
            found.append(np.fromstring(items, np.int32, sep=","))
            digests.append(np.frombuffer(bytes.fromhex(hexadecimal), np.uint8).reshape(-1, DIGEST_BYTES))
    return np.concatenate(found), np.concatenate(digests)
