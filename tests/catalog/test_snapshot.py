"""The catalog's columns as arrays, and the cache file beside it."""

from __future__ import annotations

import os
import shutil
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.catalog import snapshot_cache
from visualsearch.catalog.columns import CategoryColumn, NumberColumn, TextColumn, format_number
from visualsearch.catalog.snapshot import Snapshot, load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.errors import Cancelled, CatalogError
from visualsearch.jobs import JobControl

TYPES = {"name": "text", "colour": "category", "year": "number", "tags": "category", "sizes": "number"}
ITEMS = {
    "b": {"name": ["linen shirt"], "colour": ["Red"], "year": [2012.0], "tags": ["x", "y"], "sizes": [38.0]},
    "a": {"colour": ["Blue"], "year": [2013.5], "sizes": [38.0, 40.0, 9.5]},
    "c": {"colour": ["Green"], "tags": ["z"], "name": ["gone"]},
    "é": {"colour": ["Blue"], "tags": ["y"]},
    "d": {},
}


def _content(snapshot: Snapshot) -> list:
    def plain(value):
        if isinstance(value, tuple):
            return [plain(part) for part in value]
        return (value.dtype, value.tobytes()) if isinstance(value, np.ndarray) else value

    columns = [
        (type(column), [plain(getattr(column, own.name)) for own in fields(column)])
        for column in snapshot.columns.values()
    ]
    return [snapshot.revision, snapshot.size, plain(snapshot.alive), plain(snapshot.id_rank), columns]


def _same(left: Snapshot, right: Snapshot) -> bool:
    return _content(left) == _content(right)


def test_columns_hold_what_the_tables_hold(make_snapshot):
    snapshot = make_snapshot(TYPES, ITEMS, gone=["c"])
    assert snapshot.size == 6
    assert snapshot.alive.tolist() == [False, True, True, False, True, True]
    assert snapshot.alive_count == 4
    assert list(snapshot.columns) == list(TYPES)

    name, colour, year, tags, sizes = snapshot.columns.values()
    assert isinstance(name, TextColumn)
    assert name.has.tolist() == [False, True, False, False, False, False]

    assert isinstance(colour, CategoryColumn)
    assert colour.values == ["Blue", "Red"], "Green is only on a gone item"
    assert colour.single is not None
    assert colour.single.tolist() == [-1, 1, 0, -1, 0, -1]
    assert colour.items.tolist() == [1, 2, 4]
    assert colour.codes.tolist() == [1, 0, 0]

    assert isinstance(year, NumberColumn)
    assert np.array_equal(year.data, [np.nan, 2012, 2013.5, np.nan, np.nan, np.nan], equal_nan=True)
    assert year.values == ["2012", "2013.5"]

    assert isinstance(tags, CategoryColumn)
    assert tags.single is None
    assert tags.values == ["x", "y"]
    assert list(zip(tags.items.tolist(), tags.codes.tolist(), strict=True)) == [(1, 0), (1, 1), (4, 1)]

    assert isinstance(sizes, CategoryColumn), "a number with several values of one item"
    assert sizes.values == ["9.5", "38", "40"], "in the order of numbers"
    assert sizes.numbers is not None
    assert sizes.numbers.tolist() == [9.5, 38, 40]


def test_arrays_cannot_be_changed(make_snapshot):
    snapshot = make_snapshot(TYPES, ITEMS)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.alive[1] = False


def test_a_number_of_many_values_has_no_levels(make_snapshot):
    items = {f"i{n}": {"price": [n + 0.5]} for n in range(100)}
    price = make_snapshot({"price": "number"}, items).columns["price"]
    assert price.levels is None
    assert price.values == []
    assert price.data[100] == 99.5


def test_a_catalog_without_items_has_a_snapshot(make_snapshot):
    snapshot = make_snapshot(TYPES, {})
    assert snapshot.size == 1
    assert snapshot.alive.tolist() == [False]
    assert [len(column.present(1)) for column in snapshot.columns.values()] == [1] * 5


IDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(ids=st.lists(IDS, unique=True, max_size=12))
def test_id_rank_is_pythons_order_of_strings(make_snapshot, ids):
    snapshot = make_snapshot({}, {id: {} for id in ids})
    by_rank = sorted(range(1, len(ids) + 1), key=lambda number: snapshot.id_rank[number])
    assert [ids[number - 1] for number in by_rank] == sorted(ids)
    assert snapshot.id_rank[0] == -1


def test_ids_and_texts_are_looked_up_exactly(make_snapshot):
    snapshot = make_snapshot(TYPES, ITEMS, gone=["c"])
    assert snapshot.numbers_of(["é", "a", "c", "nobody", "\ud800"]).tolist() == [2, 4]
    assert snapshot.numbers_of(f"id{n}" for n in range(2000)).tolist() == []
    assert snapshot.items_with_text("name", ["linen shirt", "gone", "linen"]).tolist() == [1]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_formatted_without_loss(value):
    assert float(format_number(value)) == value


def test_whole_numbers_have_no_point():
    assert [format_number(value) for value in (2012.0, -3.0, 0.5, -0.0)] == ["2012", "-3", "0.5", "0"]


def test_the_cache_file_gives_the_same_snapshot(make_catalog):
    catalog = make_catalog(TYPES, ITEMS, gone=["c"])
    first = load_snapshot(catalog)
    assert (catalog.path / snapshot_cache.FILE_NAME).exists()
    second = load_snapshot(catalog)
    assert _same(first, second)
    assert not second.alive.flags.writeable
    assert second.numbers_of(["é"]).tolist() == [4]


def test_the_cache_file_is_used(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    load_snapshot(catalog)
    progress = []
    load_snapshot(catalog, JobControl(progress.append))
    assert progress == [], "reading the tables would have reported each attribute"


def test_a_change_makes_the_cache_file_stale(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    before = load_snapshot(catalog)
    with catalog.write() as connection:
        connection.execute("UPDATE item SET gone = 1 WHERE id = 'a'")
    after = load_snapshot(catalog)
    assert after.revision > before.revision
    assert before.alive_count - after.alive_count == 1
    assert _same(after, load_snapshot(catalog))


def test_a_backup_that_was_put_back_is_not_taken_for_a_later_state(make_catalog, tmp_path):
    catalog = make_catalog(TYPES, ITEMS)
    folder = catalog.path
    catalog.close()
    shutil.copytree(folder, tmp_path / "backup")

    def change(id: str) -> Catalog:
        changed = Catalog.open(folder)
        with changed.write() as connection:
            connection.execute("UPDATE item SET gone = 1 WHERE id = ?", (id,))
        return changed

    with change("a") as changed:
        first = load_snapshot(changed)
    cache = (folder / snapshot_cache.FILE_NAME).read_bytes()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    (folder / snapshot_cache.FILE_NAME).write_bytes(cache)
    with change("b") as changed:
        second = load_snapshot(changed)
    assert first.revision == second.revision
    assert second.alive.tolist() == [False, False, True, True, True, True]


@pytest.mark.parametrize("where", ["magic", "checksum", "middle", "end", "short", "empty"])
def test_a_damaged_cache_file_is_ignored_and_written_anew(make_catalog, where):
    catalog = make_catalog(TYPES, ITEMS)
    expected = load_snapshot(catalog)
    file = catalog.path / snapshot_cache.FILE_NAME
    whole = file.read_bytes()
    damaged = bytearray(whole)
    at = {"magic": 3, "checksum": 20, "middle": len(whole) // 2, "end": len(whole) - 1}.get(where)
    if at is None:
        damaged = damaged[:40] if where == "short" else damaged[:0]
    else:
        damaged[at] ^= 1
    file.write_bytes(damaged)
    assert _same(expected, load_snapshot(catalog))
    assert file.read_bytes() == whole


def test_a_cache_file_that_cannot_be_written_costs_only_time(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    (catalog.path / snapshot_cache.FILE_NAME).mkdir()
    assert _same(load_snapshot(catalog), load_snapshot(catalog))
    assert [name for name in os.listdir(catalog.path) if name.endswith(".new")] == []


def test_a_catalog_open_for_reading_gets_no_cache_file(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    with Catalog.open(catalog.path, read_only=True) as reading:
        assert _same(load_snapshot(reading), load_snapshot(reading))
    assert not (catalog.path / snapshot_cache.FILE_NAME).exists()


def test_loading_is_cancelled(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        load_snapshot(catalog, control)


def test_a_closed_catalog_says_so(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    catalog.close()
    with pytest.raises(CatalogError, match="closed"):
        load_snapshot(catalog)


def test_a_column_tells_the_values_of_one_item() -> None:
    single = CategoryColumn("colour", ["blue", "red"], np.array([-1, 1, -1, 0], np.int32))
    pairs = (np.array([1, 1, 3], np.int32), np.array([0, 1, 0], np.int32))
    several = CategoryColumn("colour", ["blue", "red"], None, pairs)
    assert [single.codes_of(item).tolist() for item in range(5)] == [[], [1], [], [0], []]
    assert [several.codes_of(item).tolist() for item in range(5)] == [[], [0, 1], [], [0], []]


def test_which_of_some_items_have_a_value() -> None:
    single = CategoryColumn("kind", ["a", "b"], np.array([-1, 0, 1, 0, -1], np.int32))
    pairs = (np.array([1, 1, 2, 4], np.int32), np.array([0, 1, 1, 0], np.int32))
    several = CategoryColumn("kind", ["a", "b"], None, pairs)
    for column in (single, several):
        for code in (0, 1):
            items = np.array([3, 1, 1, 4, 2])
            having = column.items[column.codes == code]
            assert column.has(items, code).tolist() == np.isin(items, having).tolist()
    assert single.has(np.empty(0, np.int32), 0).dtype == bool
    assert several.has(np.empty(0, np.int32), 0).dtype == bool
