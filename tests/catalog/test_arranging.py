"""Groups and copies of results, against plain Python that does the same item by item."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.catalog.arranging import Arrangement, arrange, round_edges
from visualsearch.catalog.columns import CategoryColumn, NumberColumn, TextColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import UsageError

VALUES = ["Ant", "Zebra", "bee"]


def snapshot_of(codes: list[int], prices: list[float] | None = None) -> Snapshot:
    size = len(codes)
    columns: dict = {"kind": CategoryColumn("kind", VALUES, np.array(codes, np.int32))}
    columns["note"] = TextColumn("note", np.zeros(size, bool))
    if prices is not None:
        columns["price"] = NumberColumn("price", np.array(prices))
    ranks = np.arange(size, dtype=np.int32)
    return Snapshot(1, size, np.ones(size, bool), ranks, columns, lambda: None)  # type: ignore[arg-type]


@given(
    st.lists(st.integers(-1, 2), min_size=1, max_size=40),
    st.sets(st.sampled_from([*VALUES, ""])),
    st.booleans(),
    st.randoms(),
)
def test_groups_are_those_of_plain_python(codes, folded, all_but, random):
    items = list(range(len(codes)))
    random.shuffle(items)
    scores = np.arange(len(items), dtype=np.float32)
    wanted = Arrangement("kind", frozenset(folded), all_but)
    found = arrange(snapshot_of(codes), np.array(items, np.int32), scores, wanted)
    name_of = lambda item: VALUES[codes[item]] if codes[item] >= 0 else ""  # noqa: E731
    names = sorted({name_of(item) for item in items}, key=lambda name: (not name, name.casefold()))
    expected = [
        item for name in names if not wanted.is_folded(name) for item in items if name_of(item) == name
    ]
    assert found.items.tolist() == expected
    assert found.scores is not None
    assert found.scores.tolist() == [items.index(item) for item in expected]
    sections = found.sections
    assert sections is not None
    assert sections.names == names
    assert sections.counts.tolist() == [sum(name_of(item) == name for item in items) for name in names]
    assert sections.folded.tolist() == [wanted.is_folded(name) for name in names]
    for place, name in enumerate(names):
        rows = found.items[sections.starts[place] : sections.starts[place + 1]]
        assert all(name_of(int(item)) == name for item in rows)
    assert sections.starts[-1] == len(expected)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=30), st.randoms())
def test_of_identical_photos_the_best_stays(pictures, random):
    items = list(range(len(pictures)))
    random.shuffle(items)
    snapshot = snapshot_of([0] * len(pictures))
    found = arrange(
        snapshot,
        np.array(items, np.int32),
        None,
        Arrangement(hide_copies=True),
        lambda: np.array(pictures, np.int32),
    )
    seen: dict[int, int] = {}
    for item in items:
        picture = pictures[item]
        seen.setdefault(picture if picture >= 0 else -10 - item, item)
    assert found.items.tolist() == list(seen.values())
    assert found.hidden == len(items) - len(seen)
    assert found.copies is not None
    assert found.copies.sum() == found.hidden


def test_a_number_with_many_values_makes_ranges():
    prices = [float(price) for price in range(0, 1000, 7)] + [float("nan")]
    snapshot = snapshot_of([0] * len(prices), prices)
    items = np.arange(len(prices), dtype=np.int32)
    sections = arrange(snapshot, items, None, Arrangement("price")).sections
    assert sections is not None
    assert sections.names[:2] == ["< 100", "100 – 200"]
    assert sections.names[-2:] == ["≥ 900", ""]
    assert sections.counts[1] == sum(100 <= price < 200 for price in prices)


def test_one_number_alone_is_a_group():
    snapshot = snapshot_of([0, 0], [5.0, 5.0])
    found = arrange(snapshot, np.array([1, 0], np.int32), None, Arrangement("price"))
    assert found.sections is not None
    assert found.sections.counts.sum() == 2


def test_texts_make_no_groups():
    with pytest.raises(UsageError, match="grouped by 'note'"):
        arrange(snapshot_of([0]), np.zeros(1, np.int32), None, Arrangement("note"))


@given(
    st.floats(-1e6, 1e6, allow_subnormal=False), st.floats(0, 1e6, allow_subnormal=False), st.integers(1, 40)
)
def test_round_edges_enclose(low, reach, wanted):
    edges = round_edges(low, low + reach, wanted)
    assert edges[0] <= low
    assert edges[-1] >= low + reach
    assert len(edges) <= wanted + 3
