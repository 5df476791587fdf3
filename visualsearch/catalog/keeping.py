"""Where an import meets decisions: what a person decided stays, and what the import says of it is remembered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog import rules as vocabulary
from visualsearch.catalog import valuesets
from visualsearch.catalog.columns import format_number
from visualsearch.catalog.rules import Rules
from visualsearch.catalog.valuesets import AttributeRow, Sets, Values

_NAMED = 5  # decisions that a report names one by one


@dataclass(frozen=True)
class Kept:
    """Decisions about active items where the import says otherwise: how many, and the first ones as sentences."""

    count: int
    named: tuple[str, ...]

    def note(self) -> str:
        """The remark for the import's report."""
        more = self.count - len(self.named)
        what = "decision" if self.count == 1 else "decisions"
        rest = f", and {more:,} more" if more else ""
        return f"Kept {self.count:,} {what} where the import says otherwise: {'; '.join(self.named)}{rest}."


class Keeper:
    """The decisions about some items and the vocabulary's synonyms, as they are in one write transaction."""

    def __init__(self, connection: sqlite3.Connection, items: Iterable[int]) -> None:
        self._decided: dict[int, set[int]] = {}
        chosen = json.dumps(sorted(items))
        for attribute, item in connection.execute(
            "SELECT i.attribute, i.item FROM attribute a CROSS JOIN json_each(?) j CROSS JOIN imported i "
            "ON i.attribute = a.number AND i.item = j.value WHERE i.operation IS NOT NULL",
            (chosen,),
        ):
            self._decided.setdefault(item, set()).add(attribute)
        self._rules = {row.number: rules for row, rules in _vocabulary(connection) if rules.synonyms}
        self._raws: dict[tuple[int, int], Values] = {}

    def values(self, item: int, values: Iterable[tuple[int, Values]]) -> list[tuple[int, Values]]:
        """Of the values that the import has for an item, by attribute, those to write, in the vocabulary's words. What
        it says of the others is noted."""
        decided = self._decided.get(item, set())
        self._raws.update(((attribute, item), ()) for attribute in decided)
        found = []
        for attribute, raw in values:
            if attribute in decided:
                self._raws[attribute, item] = raw
                continue
            rules = self._rules.get(attribute)
            followed = raw if rules is None else rules.followed(raw)
            if followed != raw:
                self._raws[attribute, item] = raw
            found.append((attribute, followed))
        return found

    def rewritten(self, items: Iterable[int], attributes: Iterable[int]) -> list[tuple[int, int]]:
        """The (attribute, item) pairs whose values the import replaces."""
        every = list(attributes)
        return [
            (attribute, item)
            for item in items
            for attribute in every
            if attribute not in self._decided.get(item, ())
        ]

    def write(self, connection: sqlite3.Connection, rewritten: Iterable[tuple[int, int]]) -> None:
        """Remember what the import says where that is not what the items have."""
        connection.executemany(
            "DELETE FROM imported WHERE attribute = ? AND item = ? AND operation IS NULL",
            (pair for pair in rewritten if pair[0] in self._rules),
        )
        connection.executemany(
            "INSERT INTO imported VALUES (?, ?, ?, NULL) "
            "ON CONFLICT (attribute, item) DO UPDATE SET raw = excluded.raw WHERE raw != excluded.raw",
            ((*pair, valuesets.as_text(raw)) for pair, raw in sorted(self._raws.items())),
        )


def kept(connection: sqlite3.Connection) -> Kept | None:
    """The decisions about active items where the import has another value; not where it has none. None without any."""
    count, named = 0, []
    for row in _rows(connection):
        items = np.array(
            connection.execute(
                "SELECT i.item FROM imported i JOIN item ON item.number = i.item AND item.gone = 0 "
                "WHERE i.attribute = ? AND i.operation IS NOT NULL AND i.raw != '[]' ORDER BY i.item",
                (row.number,),
            ).fetchall(),
            np.int32,
        ).reshape(-1)
        if not len(items):
            continue
        sets = Sets()
        states = valuesets.read(connection, row, items, sets)
        rules = vocabulary.rules_of(row.name, _body(connection, row.name), row)
        other = np.flatnonzero(sets.mapped(states.raws, rules.followed) != states.codes)
        count += len(other)
        for at in other[: _NAMED - len(named)].tolist():
            (id,) = connection.execute("SELECT id FROM item WHERE number = ?", (int(items[at]),)).fetchone()
            mine, theirs = (_shown(sets.values[codes[at]]) for codes in (states.codes, states.raws))
            named.append(f"{row.name} of {id!r} stays {mine}, not {theirs}")
    return Kept(count, tuple(named)) if count else None


def as_texts(connection: sqlite3.Connection, row: AttributeRow) -> None:
    """Keep the decisions about an attribute that becomes a category, in which values are texts; what follows the
    import goes, since the import writes it anew. Call it before the type changes; ``row`` is as it was."""
    items = [
        item
        for (item,) in connection.execute(
            "SELECT item FROM imported WHERE attribute = ? AND operation IS NOT NULL ORDER BY item",
            (row.number,),
        )
    ]
    sets = Sets()
    states = valuesets.read(connection, row, np.array(items, np.int32), sets)
    codes, raws = (sets.mapped(codes, _texts) for codes in (states.codes, states.raws))
    for table in ("item_value", "category_value"):
        connection.execute(f"DELETE FROM {table} WHERE attribute = ?", (row.number,))
    connection.execute("DELETE FROM imported WHERE attribute = ? AND operation IS NULL", (row.number,))
    connection.executemany(
        "UPDATE imported SET raw = ? WHERE attribute = ? AND item = ?",
        (
            (valuesets.as_text(sets.values[raw]), row.number, item)
            for item, raw in zip(items, raws.tolist(), strict=True)
        ),
    )
    category = AttributeRow(row.number, row.name, valuesets.CATEGORY, row.separator)
    valuesets.write(connection, category, states.items, np.zeros_like(codes), codes, sets)


def _texts(values: Values) -> Values:
    return tuple(sorted(format_number(value) if isinstance(value, float) else value for value in values))


def _vocabulary(connection: sqlite3.Connection) -> Iterable[tuple[AttributeRow, Rules]]:
    for row in _rows(connection):
        body = _body(connection, row.name)
        if body is not None:
            yield row, vocabulary.rules_of(row.name, body, row)


def _rows(connection: sqlite3.Connection) -> list[AttributeRow]:
    rows = connection.execute("SELECT number, name, type, separator FROM attribute ORDER BY position, number")
    return [AttributeRow(*row) for row in rows.fetchall()]


def _body(connection: sqlite3.Connection, name: str) -> dict | None:
    row = connection.execute(
        "SELECT body FROM document WHERE kind = ? AND name = ?", (vocabulary.KIND, name)
    ).fetchone()
    return json.loads(row[0]) if row else None


def _shown(values: Values) -> str:
    texts = (value if isinstance(value, str) else format_number(value) for value in values)
    return repr(", ".join(texts)) if values else "empty"
