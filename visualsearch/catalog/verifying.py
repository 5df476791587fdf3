"""Proves that the state of a catalog follows from its imports and its log of operations: replays the log, and compares.

What an import brought is told by each item's digest; the index of words and the caches are made from the rest and not
looked at.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from visualsearch.catalog import rules as vocabulary
from visualsearch.catalog import valuesets
from visualsearch.catalog.cells import values_digest
from visualsearch.catalog.columns import format_number
from visualsearch.catalog.interrupt import interruptible
from visualsearch.catalog.keeping import as_type
from visualsearch.catalog.ledger import VALUE_COLUMNS, logged
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.valuesets import AttributeRow, Sets, Values
from visualsearch.catalog.writing import stored_values
from visualsearch.jobs import JobControl
from visualsearch.words import counted

REPLAYING = "replaying the history"
COMPARING = "comparing with the imports"
_BATCH = 5_000
_MOST = 1_000  # problems are told; a catalog that has more is beyond reading


@dataclass(eq=False)
class _Replayed:
    """What the log makes of an attribute: by item number, ``codes`` int32 (the set that a person decided, −1 where
    nobody did) and ``operations`` int64 (the latest that touched the item)."""

    sets: Sets
    codes: np.ndarray
    operations: np.ndarray


def verify(catalog: Catalog, control: JobControl) -> list[str]:
    """A sentence for each thing that is not as imports and log say, at most 1,000; [] when all agrees.

    Some seconds for 100,000 items. Raises Cancelled.
    """
    with catalog.read() as connection, interruptible(connection, control):
        return list(islice(_readable(_problems(connection, control)), _MOST))


def _readable(problems: Iterator[str]) -> Iterator[str]:
    """Problems up to the first thing that cannot even be read."""
    try:
        yield from problems
    except (LookupError, TypeError, ValueError) as error:
        yield f"Some of the catalog makes no sense ({error}): the file is damaged. What comes after was not looked at."


def _problems(connection: sqlite3.Connection, control: JobControl) -> Iterator[str]:
    (size,) = connection.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM item").fetchone()
    replayed: dict[str, _Replayed] = {}
    yield from _replay(connection, size, replayed, control)
    rows = connection.execute(
        "SELECT number, name, type, separator FROM attribute ORDER BY position"
    ).fetchall()
    for row in (AttributeRow(*row) for row in rows):
        yield from _compare(connection, row, replayed.pop(row.name, None), size)
    for name, state in replayed.items():
        if (state.codes >= 0).any():
            yield f"The attribute {name!r} is missing, although items have decided values of it."
    yield from _judgements(connection)
    yield from _documents(connection)
    yield from _inverses(connection)
    yield from _imports(connection, control)


def _replay(
    connection: sqlite3.Connection, size: int, replayed: dict[str, _Replayed], control: JobControl
) -> Iterator[str]:
    """Do what the log says, in its order, and tell where an entry does not fit the ones before it."""
    (last,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM operation").fetchone()
    counts: dict[int, int] = {}
    for row in connection.execute(f"SELECT {VALUE_COLUMNS} FROM value_change ORDER BY operation, number"):
        part = logged(row)
        control.progress(REPLAYING, part.operation, last, "operations")
        counts[part.operation] = counts.get(part.operation, 0) + len(part.items)
        if part.items.max(initial=0) >= size:
            yield f"Operation {part.operation} speaks of items that do not exist."
            continue
        state = replayed.get(part.attribute)
        if state is None:
            state = replayed[part.attribute] = _Replayed(
                Sets(), np.full(size, -1, np.int32), np.zeros(size, np.int64)
            )
        codes = state.sets.codes(part.sets)
        before = np.where(part.old_decided, codes[part.old], -1)
        if not np.array_equal(before, state.codes[part.items]):
            yield f"Operation {part.operation} changed {part.attribute!r} from values that it did not have."
        state.codes[part.items] = np.where(part.new_decided, codes[part.new], -1)
        state.operations[part.items] = part.operation
    for number, count in connection.execute("SELECT number, value_count FROM operation"):
        if counts.pop(number, 0) != count:
            yield f"Operation {number} does not have the {counted(count, 'change')} of values that it says."
    yield from (f"There are changes of operation {number}, which is not in the history." for number in counts)


def _compare(
    connection: sqlite3.Connection, row: AttributeRow, replayed: _Replayed | None, size: int
) -> Iterator[str]:
    """Compare the decisions about an attribute, and what follows the imports, with the tables."""
    (found,) = connection.execute(
        "SELECT group_concat(item) FROM (SELECT item FROM item_value WHERE attribute = ? UNION "
        "SELECT item FROM imported WHERE attribute = ?)",
        (row.number, row.number),
    ).fetchone()
    items = np.unique(np.fromstring(found, np.int64, sep=",")) if found else np.zeros(0, np.int64)
    decided = np.flatnonzero(replayed.codes >= 0) if replayed else np.zeros(0, np.int64)
    if len(items) and items[-1] >= size:
        yield f"There are values of {row.name!r} for items that do not exist."
        return
    items = np.union1d(items, decided).astype(np.int32)
    sets = Sets()
    states = valuesets.read(connection, row, items, sets)
    expected = np.full(len(items), -1, np.int32)
    operations = np.zeros(len(items), np.int64)
    if replayed:
        as_now = sets.codes(as_type(row.type, values) for values in replayed.sets.values)
        codes = replayed.codes[items]
        expected = np.where(codes >= 0, as_now[codes], -1)
        operations = np.where(codes >= 0, replayed.operations[items], 0)
    named = np.zeros(len(items), np.int64)
    for item, operation in connection.execute(
        "SELECT item, operation FROM imported WHERE attribute = ? AND operation IS NOT NULL", (row.number,)
    ):
        named[np.searchsorted(items, item)] = operation
    rules = vocabulary.rules_of(row.name, _body(connection, row.name), row)
    follows = sets.mapped(states.raws, rules.followed)
    right = np.where(expected >= 0, expected, follows)
    for at in np.flatnonzero((states.codes != right) | (named != operations))[:_MOST].tolist():
        (id,) = connection.execute("SELECT id FROM item WHERE number = ?", (int(items[at]),)).fetchone() or (
            "?",
        )
        has, shall = _shown(sets.values[states.codes[at]]), _shown(sets.values[right[at]])
        if has != shall:
            source = f"operation {operations[at]}" if operations[at] else "the import"
            yield f"{row.name} of {id!r} is {has}, but {source} left {shall}."
        else:
            names = [
                f"operation {number}" if number else "the import" for number in (named[at], operations[at])
            ]
            yield f"{row.name} of {id!r} is said to be of {names[0]}, but is of {names[1]}."


def _judgements(connection: sqlite3.Connection) -> Iterator[str]:
    state: dict[tuple, str | None] = {}
    for operation, *key, old, new in connection.execute(
        "SELECT operation, subject, item, other, old, new FROM judgement_change ORDER BY operation"
    ):
        if state.get(tuple(key)) != old:
            yield f"Operation {operation} changed the answer to {key[0]!r} from one that was not given."
        state[tuple(key)] = new
    present = {tuple(key): answer for *key, answer in connection.execute("SELECT * FROM judgement")}
    for key in dict.fromkeys([*state, *present]):
        if state.get(key) != present.get(key):
            yield f"The answer to {key[0]!r} for item number {key[1]} is {present.get(key)}, not {state.get(key)}."


def _documents(connection: sqlite3.Connection) -> Iterator[str]:
    state: dict[tuple, str | None] = {}
    for operation, *key, old, new in connection.execute(
        "SELECT operation, kind, name, old, new FROM document_change ORDER BY operation"
    ):
        if _parsed(state.get(tuple(key))) != _parsed(old):
            yield f"Operation {operation} changed the {key[0]} {key[1]!r} from a content that it did not have."
        state[tuple(key)] = new
    present = {tuple(key): body for *key, body in connection.execute("SELECT kind, name, body FROM document")}
    for key in dict.fromkeys([*state, *present]):
        if _parsed(state.get(key)) != _parsed(present.get(key)):
            yield f"The {key[0]} {key[1]!r} is not as the history left it."


def _inverses(connection: sqlite3.Connection) -> Iterator[str]:
    """What undid what, from the order of the log alone."""
    expected: dict[int, int | None] = {}
    of: dict[int, int] = {}
    rows = connection.execute(
        "SELECT number, kind, inverse_of, undone_by FROM operation ORDER BY number"
    ).fetchall()
    for number, kind, inverse_of, _ in rows:
        expected[number] = None
        if inverse_of is not None:
            of[number] = inverse_of
            expected[inverse_of] = number
            if kind == "redo" and inverse_of in of:
                expected[of[inverse_of]] = None
    for number, _, _, undone_by in rows:
        if expected[number] != undone_by:
            yield f"Operation {number} is said to be undone by {undone_by}, but the history says {expected[number]}."


def _imports(connection: sqlite3.Connection, control: JobControl) -> Iterator[str]:
    """What the imports brought, against the digest that they left on each item."""
    items = connection.execute(
        "SELECT id, digest FROM item WHERE digest IS NOT NULL ORDER BY number"
    ).fetchall()
    for start in range(0, len(items), _BATCH):
        control.progress(COMPARING, start, len(items))
        digests = dict(items[start : start + _BATCH])
        values = stored_values(connection, list(digests))
        for id, digest in digests.items():
            if values_digest(values.get(id, ())) != digest:
                yield f"The imported values of {id!r} are not those that the import left."


def _body(connection: sqlite3.Connection, name: str) -> dict | None:
    row = connection.execute(
        "SELECT body FROM document WHERE kind = ? AND name = ?", (vocabulary.KIND, name)
    ).fetchone()
    return _parsed(row[0]) if row else None


def _parsed(text: str | None) -> dict | None:
    return json.loads(text) if text is not None else None


def _shown(values: Values) -> str:
    texts = (value if isinstance(value, str) else format_number(value) for value in values)
    return repr(", ".join(texts)) if values else "empty"
