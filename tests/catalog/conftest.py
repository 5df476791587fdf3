"""Small catalogs written straight into the tables, as an import would leave them."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from visualsearch.catalog import schema
from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.snapshot import Snapshot, read_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.text import index_items
from visualsearch.jobs import JobControl

Items = Mapping[str, Mapping[str, Sequence[str | float]]]


def fill_tables(
    connection: sqlite3.Connection, types: Mapping[str, str], items: Items, gone: Sequence[str] = ()
) -> None:
    """``types``: attribute → type; ``items``: id → attribute → values, numbered from 1 in this order."""
    codes: dict[tuple[int, str], int] = {}
    attributes = {name: number for number, name in enumerate(types, 1)}
    for name, number in attributes.items():
        connection.execute(
            "INSERT INTO attribute VALUES (?, ?, ?, '', ?)", (number, name, types[name], number)
        )
    for item, (id, own) in enumerate(items.items(), 1):
        connection.execute("INSERT INTO item (number, id, gone) VALUES (?, ?, ?)", (item, id, id in gone))
        for name, values in own.items():
            for value in dict.fromkeys(values):
                if types[name] == "category":
                    key = (attributes[name], str(value))
                    if key not in codes:
                        codes[key] = len(codes) + 1
                        connection.execute("INSERT INTO category_value VALUES (?, ?, ?)", (codes[key], *key))
                    value = codes[key]
                connection.execute("INSERT INTO item_value VALUES (?, ?, ?)", (attributes[name], item, value))
    index_items(connection, range(1, len(items) + 1))


def agrees(catalog: Catalog) -> bool:
    """Whether the values are those that the imports and the log of decisions lead to."""
    return Decisions(catalog).verify(JobControl()) == []


@pytest.fixture(scope="session")
def make_snapshot() -> Callable[..., Snapshot]:
    """``make_snapshot(types, items, gone)``: a snapshot of tables in memory, which live as long as it does."""

    def make(types: Mapping[str, str], items: Items, gone: Sequence[str] = ()) -> Snapshot:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for script in schema.MIGRATIONS:
            connection.executescript(script)
        fill_tables(connection, types, items, gone)
        snapshot = read_snapshot(connection, lambda: nullcontext(connection))
        weakref.finalize(snapshot, connection.close)
        return snapshot

    return make


@pytest.fixture(scope="session")
def version_1() -> str:
    """The script that made the tables of version 1 of the catalog, word for word as it was released."""
    return Path(__file__).with_name("version_1.sql").read_text("utf-8")


@pytest.fixture(scope="session")
def fill() -> Callable[..., None]:
    """``fill(catalog, types, items, gone)``: write items into an empty catalog."""

    def write(catalog: Catalog, types: Mapping[str, str], items: Items, gone: Sequence[str] = ()) -> None:
        with catalog.write() as connection:
            fill_tables(connection, types, items, gone)

    return write


@pytest.fixture
def make_catalog(tmp_path: Path) -> Iterator[Callable[..., Catalog]]:
    """``make_catalog(types, items, gone)``: a catalog in a folder of its own."""
    made: list[Catalog] = []

    def make(types: Mapping[str, str], items: Items, gone: Sequence[str] = ()) -> Catalog:
        catalog = Catalog.open(tmp_path / f"catalog-{len(made)}", create=True)
        made.append(catalog)
        with catalog.write() as connection:
            fill_tables(connection, types, items, gone)
        return catalog

    yield make
    for catalog in made:
        catalog.close()
