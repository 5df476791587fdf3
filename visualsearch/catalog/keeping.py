"""Where an import meets decisions: what a person decided stays, and what the import says of it is remembered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog import rules as vocabulary
from visualsearch.catalog import valuesets
from visualsearch.catalog.columns import format_number
from visualsearch.catalog.infer import NUMBER
from visualsearch.catalog.numerals import parse_number
from visualsearch.catalog.rules import Rules
from visualsearch.catalog.valuesets import AttributeRow, Sets, States, Values
from visualsearch.errors import UsageError

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


@dataclass(frozen=True, eq=False)
class Retyped:
    """Numbers of items, int32 ascending: those that had or have values of a retyped attribute, and those whose values
    cannot be of the new type and of which the import says nothing."""

    touched: np.ndarray
    lost: np.ndarray


def retype(
    connection: sqlite3.Connection, row: AttributeRow, kind: str, brought: Mapping[str, Values]
) -> Retyped:
    """Make an attribute of type ``kind``. Items have what people decided, else what the import has ``brought`` for
    their ids, else what they had, as far as it can be of the new type. Call it before the type changes; ``row`` is as
    it was. Raises UsageError, before anything is changed, where a decided value or the vocabulary does not fit."""
    rows = connection.execute("SELECT number, id FROM item ORDER BY number").fetchall()
    items, sets = np.array([number for number, _ in rows], np.int32), Sets()
    states = valuesets.read(connection, row, items, sets)
    body = _body(connection, row.name)
    _check_vocabulary(row.name, body, kind)
    misfits = np.array([kind == NUMBER and any(map(_is_no_number, values)) for values in sets.values])
    _check_numbers(connection, row, states, sets, misfits)
    changed = AttributeRow(row.number, row.name, kind, row.separator)
    had, raws = (
        sets.mapped(codes, lambda values: as_type(kind, values)) for codes in (states.codes, states.raws)
    )
    named = np.array([id in brought for _, id in rows], bool)
    raws[named] = sets.codes(brought[id] for _, id in rows if id in brought)
    followed = sets.mapped(raws, vocabulary.rules_of(row.name, body, changed).followed)
    codes, follows = np.where(states.decided, had, followed), ~states.decided
    for table in ("item_value", "category_value"):
        connection.execute(f"DELETE FROM {table} WHERE attribute = ?", (row.number,))
    connection.executemany(
        "UPDATE imported SET raw = ? WHERE attribute = ? AND item = ?",
        (
            (valuesets.as_text(sets.values[raws[at]]), row.number, int(items[at]))
            for at in np.flatnonzero(states.decided)
        ),
    )
    valuesets.follow(connection, changed, items[follows], raws[follows], codes[follows], sets)
    valuesets.write(connection, changed, items, np.zeros_like(codes), codes, sets)
    return Retyped(items[(states.codes != 0) | (codes != 0)], items[follows & ~named & misfits[states.codes]])


def as_type(kind: str, values: Values) -> Values:
    """Values as an attribute of type ``kind`` has them: numbers as texts, or texts as the numbers that they show; those
    that show none are left out."""
    if kind != NUMBER:
        return tuple(sorted({format_number(one) if isinstance(one, float) else one for one in values}))
    numbers = {parse_number(one) if isinstance(one, str) else one for one in values}
    return tuple(sorted(one for one in numbers if one is not None))


def _check_vocabulary(name: str, body: dict | None, kind: str) -> None:
    """Raise UsageError where the vocabulary of an attribute holds for another type only."""
    given = (body or {}).get("type")
    words = [value for value in (body or {}).get("values", ()) if isinstance(value, str)]
    if given not in (None, kind):
        said = f"says that it is of type {given}"
    elif kind == NUMBER and words:
        said = f"has the value {words[0]!r}"
    else:
        return
    raise UsageError(
        f"{name!r} cannot become of type {kind}: its vocabulary {said}.",
        "Keep the type as it is, or import the column under another name.",
    )


def _check_numbers(
    connection: sqlite3.Connection, row: AttributeRow, states: States, sets: Sets, misfits: np.ndarray
) -> None:
    """Raise UsageError where a person decided a value that is no number; ``misfits``: which sets have one."""
    for at in np.flatnonzero(states.decided & misfits[states.codes])[:1]:
        value = next(filter(_is_no_number, sets.values[states.codes[at]]))
        number = int(states.items[at])
        (id,) = connection.execute("SELECT id FROM item WHERE number = ?", (number,)).fetchone()
        raise UsageError(
            f"{row.name!r} cannot become a number: {value!r} was decided for the item {id!r}, and is none.",
            "Clear the decided values that are no numbers, or keep the type as it is.",
        )


def _is_no_number(value: str | float) -> bool:
    return isinstance(value, str) and parse_number(value) is None


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
