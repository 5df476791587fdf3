"""The items of a catalog, page by page, from one read transaction: what every export format writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from visualsearch.catalog.infer import CATEGORY, NUMBER
from visualsearch.catalog.valuesets import Values, as_json
from visualsearch.jobs import JobControl

EXPORTING = "exporting"
_PAGE = 2_000
_DENSE = 4  # numbers of a page's range for each item of it, up to which the whole range is read
_SEPARATORS = ("|", ";", ",", "¦", "\n", "\x1f")
_PRIVATE = range(0xE000, 0xF000)  # signs that no text should have


@dataclass(frozen=True)
class ExportColumn:
    """An attribute. ``separator`` stands between the values of an item and is in none of them; "" where every item has
    one value at most."""

    number: int
    name: str
    type: str
    separator: str


@dataclass
class ExportItem:
    """An item: ``values`` by the attribute's number, without empty ones; ``images``: stored paths, in order."""

    number: int
    id: str
    values: dict[int, Values] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)


def read_columns(connection: sqlite3.Connection) -> list[ExportColumn]:
    """Every attribute, in the customer's order, with a separator that none of its values contains."""
    rows = connection.execute(
        "SELECT number, name, type, separator FROM attribute ORDER BY position, number"
    ).fetchall()
    return [
        ExportColumn(number, name, kind, _separator(connection, number, kind, separator))
        for number, name, kind, separator in rows
    ]


def image_separator(connection: sqlite3.Connection) -> str:
    """A separator that no image's path contains."""
    return _unused(connection, "SELECT 1 FROM image WHERE gone = 0 AND instr(path, ?) LIMIT 1", (), "|")


def read_items(
    connection: sqlite3.Connection,
    columns: Sequence[ExportColumn],
    items: np.ndarray | None,
    control: JobControl,
) -> tuple[int, Iterator[ExportItem]]:
    """How many items there are, and the items by number: all active ones, or those of ``items``, int (n,).

    A page is in memory at a time. The iterator raises Cancelled.
    """
    numbers = np.fromiter(
        (
            number
            for (number,) in connection.execute("SELECT number FROM item WHERE gone = 0 ORDER BY number")
        ),
        np.int32,
    )
    if items is not None:
        numbers = numbers[np.isin(numbers, items)]
    return len(numbers), _pages(connection, columns, numbers, control)


def _pages(
    connection: sqlite3.Connection, columns: Sequence[ExportColumn], numbers: np.ndarray, control: JobControl
) -> Iterator[ExportItem]:
    for start in range(0, len(numbers), _PAGE):
        control.progress(EXPORTING, start, len(numbers))
        page = numbers[start : start + _PAGE]
        yield from _page(connection, columns, page).values()
    control.progress(EXPORTING, len(numbers), len(numbers))


def _page(
    connection: sqlite3.Connection, columns: Sequence[ExportColumn], numbers: np.ndarray
) -> dict[int, ExportItem]:
    first, last = int(numbers[0]), int(numbers[-1])
    if last - first < _DENSE * len(numbers):
        chosen, condition, arguments = "", "{} BETWEEN ? AND ?", (first, last)
    else:  # a few items from far apart are looked up one by one
        chosen, condition, arguments = "json_each(?) j CROSS JOIN ", "{} = j.value", (as_json(numbers),)
    wanted = set(numbers.tolist())
    found: dict[int, ExportItem] = {}
    for number, id in connection.execute(
        f"SELECT item.number, item.id FROM {chosen}item WHERE {condition.format('item.number')} "
        "ORDER BY item.number",
        arguments,
    ):
        if number in wanted:
            found[number] = ExportItem(number, id)
    for column in columns:
        for item, values in _values(connection, column, chosen, condition.format("v.item"), arguments):
            if item in found:
                found[item].values[column.number] = values
    for item, path in connection.execute(
        f"SELECT item, image.path FROM {chosen}image WHERE {condition.format('item')} AND gone = 0 "
        "ORDER BY item, position, image.number",
        arguments,
    ):
        if item in found:
            found[item].images.append(path)
    return found


def _values(
    connection: sqlite3.Connection, column: ExportColumn, chosen: str, condition: str, arguments: tuple
) -> Iterator[tuple[int, Values]]:
    """(item, values) of one attribute; several values are sorted."""
    text = "c.text" if column.type == CATEGORY else "v.value"
    words = " CROSS JOIN category_value c ON c.number = v.value" if column.type == CATEGORY else ""
    rows = connection.execute(
        f"SELECT v.item, {text} FROM {chosen}item_value v{words} WHERE v.attribute = ? AND {condition}"
        " ORDER BY v.item",
        (*arguments[: 1 if chosen else 0], column.number, *(() if chosen else arguments)),
    )
    item, values = -1, []
    for number, value in rows:
        if number != item:
            if values:
                yield item, tuple(sorted(values))
            item, values = number, []
        values.append(float(value) if column.type == NUMBER else value)
    if values:
        yield item, tuple(sorted(values))


def _separator(connection: sqlite3.Connection, number: int, kind: str, own: str) -> str:
    """The separator to write an attribute with; "" where nobody has several values and nobody may."""
    if not own:
        several = connection.execute(
            "SELECT 1 FROM item_value WHERE attribute = ? GROUP BY item HAVING COUNT(*) > 1 LIMIT 1",
            (number,),
        ).fetchone()
        if several is None:
            return ""
    if kind == NUMBER:
        return "|"
    table, text = ("category_value", "text") if kind == CATEGORY else ("item_value", "value")
    statement = f"SELECT 1 FROM {table} WHERE attribute = ? AND instr({text}, ?) LIMIT 1"
    return _unused(connection, statement, (number,), own)


def _unused(connection: sqlite3.Connection, statement: str, arguments: tuple, own: str) -> str:
    candidates = dict.fromkeys([*filter(None, [own]), *_SEPARATORS, *map(chr, _PRIVATE)])
    for candidate in candidates:
        if connection.execute(statement, (*arguments, candidate)).fetchone() is None:
            return candidate
    raise AssertionError("every sign of a whole private area is in use")
