"""A snapshot that follows operations equals one read anew."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.catalog import patching, snapshot_cache
from visualsearch.catalog.decisions import BulkValues, Decisions, Document, ValueChange
from visualsearch.catalog.snapshot import Snapshot, load_snapshot, read_snapshot
from visualsearch.catalog.store import Catalog

TYPES = {"colour": "category", "tags": "category", "year": "number", "sizes": "number", "name": "text"}
ITEMS = {
    "a": {"colour": ["Blue"], "tags": ["x", "y"], "year": [2012.0], "sizes": [38.0, 40.0], "name": ["linen"]},
    "b": {"colour": ["Red"], "tags": ["y"], "year": [2013.0]},
    "c": {"colour": ["Green"], "tags": ["z"], "sizes": [36.0]},
    "d": {},
    "e": {"name": ["wool"]},
}
RULES = [Document("attribute", name, {"multi": True}) for name in ("tags", "sizes", "looks")]


def content(snapshot: Snapshot) -> list:
    """All that a snapshot holds, comparable."""

    def plain(value):
        if isinstance(value, tuple):
            return [plain(part) for part in value]
        return (value.dtype.str, value.tolist()) if isinstance(value, np.ndarray) else value

    columns = [
        (type(column), [(own.name, str(plain(getattr(column, own.name)))) for own in fields(column)])
        for column in snapshot.columns.values()
    ]
    return [snapshot.revision, snapshot.size, plain(snapshot.alive), plain(snapshot.id_rank), columns]


def read_anew(catalog: Catalog) -> Snapshot:
    with catalog.read() as connection:
        return read_snapshot(connection, catalog.read)


WORDS = st.sampled_from(["Blue", "Red", "Navy", "x", "q"])
NUMBERS = st.sampled_from([36.0, 38.0, 2012.0, 7.5])
CHANGE = st.one_of(
    st.builds(
        ValueChange,
        st.integers(1, 5),
        st.sampled_from(["colour", "name", "style"]),
        st.lists(WORDS, max_size=1).map(tuple),
    ),
    st.builds(
        ValueChange,
        st.integers(1, 5),
        st.sampled_from(["tags", "looks"]),
        st.lists(WORDS, max_size=3).map(tuple),
    ),
    st.builds(ValueChange, st.integers(1, 5), st.just("year"), st.lists(NUMBERS, max_size=1).map(tuple)),
    st.builds(ValueChange, st.integers(1, 5), st.just("sizes"), st.lists(NUMBERS, max_size=3).map(tuple)),
)
STEP = st.one_of(st.lists(CHANGE, min_size=1, max_size=4), st.sampled_from(["undo", "redo"]))


def _do(decisions: Decisions, step) -> None:
    if isinstance(step, list):
        decisions.apply("set", "change", values=step)
    elif step == "undo" and decisions.can_undo not in (None, "several values"):
        decisions.undo()
    elif step == "redo" and decisions.can_redo:
        decisions.redo()


@settings(max_examples=60)
@given(steps=st.lists(STEP, max_size=6), together=st.booleans())
def test_a_patched_snapshot_equals_one_read_anew(tmp_path_factory, fill, steps, together):
    with Catalog.open(tmp_path_factory.mktemp("c"), create=True) as catalog:
        fill(catalog, TYPES, ITEMS)
        decisions = Decisions(catalog)
        decisions.apply("vocabulary", "several values", documents=RULES)
        snapshot = read_anew(catalog)
        for step in steps:
            _do(decisions, step)
            if not together:
                snapshot = patching.catch_up(catalog, snapshot)
                assert snapshot is not None
                assert content(snapshot) == content(read_anew(catalog))
        snapshot = patching.catch_up(catalog, snapshot)
        assert snapshot is not None
        assert content(snapshot) == content(read_anew(catalog))


def test_columns_that_nobody_touched_stay_the_same_objects(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    before = read_anew(catalog)
    Decisions(catalog).apply("set", "x", values=[ValueChange(1, "colour", ("Red",))])
    after = patching.catch_up(catalog, before)
    assert after is not None
    assert [name for name in TYPES if after.columns[name] is not before.columns[name]] == ["colour"]
    assert patching.catch_up(catalog, after) is after, "nothing since"


def test_the_cache_file_is_caught_up_with_and_not_rewritten(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    load_snapshot(catalog)
    file = catalog.path / snapshot_cache.FILE_NAME
    before = file.read_bytes()
    decisions = Decisions(catalog)
    for number in range(1, 5):
        decisions.apply("set", "x", values=[ValueChange(number, "colour", (f"new {number}",))])
    decisions.undo()
    assert content(load_snapshot(catalog)) == content(read_anew(catalog))
    assert file.read_bytes() == before


def test_another_change_is_not_patched_over(make_catalog):
    catalog = make_catalog(TYPES, ITEMS)
    before = load_snapshot(catalog)
    with catalog.write() as connection:
        connection.execute("UPDATE item SET gone = 1 WHERE number = 2")
    Decisions(catalog).apply("set", "x", values=[ValueChange(1, "colour", ("Red",))])
    assert patching.catch_up(catalog, before) is None
    assert content(load_snapshot(catalog)) == content(read_anew(catalog))


def test_a_cache_of_another_course_of_events_is_not_trusted(make_catalog, tmp_path: Path):
    catalog = make_catalog(TYPES, ITEMS)
    load_snapshot(catalog)
    content_before = (catalog.path / snapshot_cache.FILE_NAME).read_bytes()
    decisions = Decisions(catalog)
    decisions.apply("set", "x", values=[ValueChange(1, "colour", ("One",))])
    load_snapshot(catalog)
    with catalog.write() as connection:  # as a backup that was put back: the revision is one that was
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'revision'")
        connection.execute("DELETE FROM value_change")
        connection.execute("DELETE FROM imported")
        connection.execute("DELETE FROM operation")
    decisions.apply("set", "x", values=[ValueChange(2, "tags", ("Two",))])
    (catalog.path / snapshot_cache.FILE_NAME).write_bytes(content_before)
    assert content(load_snapshot(catalog)) == content(read_anew(catalog))


@pytest.mark.parametrize("count", [61, 200])
def test_a_number_that_gets_many_values_loses_its_levels(make_catalog, count):
    catalog = make_catalog({"price": "number"}, {f"i{n}": {"price": [1.0]} for n in range(count)})
    snapshot = read_anew(catalog)
    changes = [ValueChange(n, "price", (n + 0.5,)) for n in range(1, count + 1)]
    decisions = Decisions(catalog)
    for step in (
        lambda: decisions.apply("set", "prices", values=changes),
        decisions.undo,
        lambda: decisions.apply("set", "x", values=BulkValues(np.arange(1, 9), "price", "clear")),
    ):
        step()
        snapshot = patching.catch_up(catalog, snapshot)
        assert snapshot is not None
        assert content(snapshot) == content(read_anew(catalog))
