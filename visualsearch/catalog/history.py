"""The log of operations, read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np

from visualsearch.catalog.ledger import VALUE_COLUMNS, LoggedValues, logged
from visualsearch.catalog.operations import Change, Operation
from visualsearch.errors import UsageError

_COLUMNS = (
    "number, kind, label, actor, at, inverse_of, undone_by, why, value_count, judgement_count, document_count"
)


def log_time(text: str) -> str:
    """A day or time as the log has it: UTC, ISO 8601. Without a zone, UTC is meant. Raises UsageError."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise UsageError(f"{text!r} is no time.", "Write it as 2026-11-22 or 2026-11-22T13:00.") from None
    found = found.replace(tzinfo=timezone.utc) if found.tzinfo is None else found.astimezone(timezone.utc)
    return found.isoformat(timespec="seconds")


def operation(connection: sqlite3.Connection, number: int) -> Operation | None:
    """An entry of the log."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM operation WHERE number = ?", (number,)).fetchone()
    return _operation(row) if row else None


def last_undoable(connection: sqlite3.Connection) -> Operation | None:
    """The latest act that is not undone."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM operation WHERE inverse_of IS NULL AND undone_by IS NULL "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return _operation(row) if row else None


def last_redoable(connection: sqlite3.Connection) -> Operation | None:
    """The latest undo after the last act that nothing undid."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM operation WHERE kind = 'undo' AND undone_by IS NULL AND number > "
        "(SELECT number FROM operation WHERE inverse_of IS NULL ORDER BY number DESC LIMIT 1) "
        "ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return _operation(row) if row else None


def listed(
    connection: sqlite3.Connection,
    *,
    kind: str | None,
    actor: str | None,
    attribute: str | None,
    item: int | None,
    since: str | None,
    before: str | None,
    limit: int,
) -> list[Operation]:
    """Entries of the log that meet all that is given, the latest first."""
    conditions: list[str] = []
    arguments: list[Any] = []
    for condition, value in (
        ("kind = ?", kind),
        ("actor = ?", actor),
        ("number IN (SELECT operation FROM value_change WHERE attribute = ?)", attribute),
        ("at >= ?", since),
        ("at < ?", before),
    ):
        if value is not None:
            conditions.append(condition)
            arguments.append(value)
    if item is not None:
        conditions.append("number IN (SELECT value FROM json_each(?))")
        arguments.append(json.dumps(sorted(_about(connection, item))))
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM operation {where} ORDER BY number DESC LIMIT ?", (*arguments, limit)
    )
    return [_operation(row) for row in rows]


def value_changes(connection: sqlite3.Connection, number: int) -> list[LoggedValues]:
    """The values that an operation changed."""
    rows = connection.execute(
        f"SELECT {VALUE_COLUMNS} FROM value_change WHERE operation = ? ORDER BY number", (number,)
    )
    return [logged(row) for row in rows]


def changes(connection: sqlite3.Connection, number: int, limit: int) -> list[Change]:
    """The first ``limit`` things that an operation changed: documents, values, judgements."""
    found: list[Change] = []
    for kind, name, old, new in connection.execute(
        "SELECT kind, name, old, new FROM document_change WHERE operation = ? LIMIT ?", (number, limit)
    ):
        before, after = (json.loads(text) if text is not None else None for text in (old, new))
        found.append(Change("document", 0, f"{kind}: {name}", before, after))
    for part in value_changes(connection, number):
        found.extend(_listed_values(part, limit - len(found)))
    for subject, item, other, old, new in connection.execute(
        "SELECT subject, item, other, old, new FROM judgement_change WHERE operation = ? LIMIT ?",
        (number, max(0, limit - len(found))),
    ):
        found.append(Change("judgement", item, subject, old, new, other))
    return found


def _listed_values(part: LoggedValues, limit: int) -> Iterator[Change]:
    rows = zip(part.items, part.old, part.new, part.old_decided, part.new_decided, strict=True)
    for _, (item, old, new, before, after) in zip(range(limit), rows, strict=False):
        followed = (not before, not after)
        yield Change("value", int(item), part.attribute, part.sets[old], part.sets[new], 0, followed)


def _about(connection: sqlite3.Connection, item: int) -> set[int]:
    """The operations that changed something of an item."""
    found = {
        number
        for (number,) in connection.execute(
            "SELECT operation FROM judgement_change WHERE item = ? OR other = ?", (item, item)
        )
    }
    for number, items in connection.execute(
        "SELECT operation, items FROM value_change WHERE first <= ? AND last >= ?", (item, item)
    ):
        numbers = np.frombuffer(items, "<i4")
        at = int(np.searchsorted(numbers, item))
        if at < len(numbers) and numbers[at] == item:
            found.add(number)
    return found


def _operation(row: Sequence[Any]) -> Operation:
    number, kind, label, actor, at, inverse_of, undone_by, why, values, judgements, documents = row
    reason = json.loads(why) if why is not None else None
    return Operation(
        number, kind, label, actor, at, inverse_of, undone_by, reason, values, judgements, documents
    )
