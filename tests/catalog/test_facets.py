"""Counts of values over item sets, against a count by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.catalog import facets
from visualsearch.catalog.columns import format_number

TYPES = {"colour": "category", "tags": "category", "year": "number", "sizes": "number", "name": "text"}

_items = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "colour": st.sampled_from(["Red", "Blue", "blue", "Navy Blue"]).map(lambda value: [value]),
            "tags": st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
            "year": st.sampled_from([2011.0, 2012.0, 2012.5]).map(lambda value: [value]),
            "sizes": st.lists(st.sampled_from([38.0, 9.5, 100.0]), min_size=1, max_size=2, unique=True),
            "name": st.just(["some text"]),
        },
    ),
    max_size=20,
)


def _by_hand(items, chosen, attribute):
    counter = Counter()
    for values in (items[at].get(attribute, []) for at in chosen):
        counter.update(values)
    ranked = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    return [(format_number(value) if isinstance(value, float) else value, count) for value, count in ranked]


@settings(max_examples=80, deadline=None)
@given(items=_items, data=st.data())
def test_counts_equal_a_count_by_hand(make_snapshot, items, data):
    everyone = list(range(len(items)))
    gone = data.draw(st.sets(st.sampled_from(everyone)) if everyone else st.just(set()))
    chosen = data.draw(st.sets(st.sampled_from(everyone)) if everyone else st.just(set()))
    snapshot = make_snapshot(
        TYPES, {f"i{at}": own for at, own in enumerate(items)}, [f"i{at}" for at in gone]
    )
    item_set = np.zeros(snapshot.size, bool)
    item_set[[at + 1 for at in chosen]] = True
    active = sorted(chosen - gone)

    counted = facets.count(snapshot, item_set)
    assert list(counted) == ["colour", "tags", "year", "sizes"]
    for attribute, found in counted.items():
        assert list(found.items()) == _by_hand(items, active, attribute)
        assert all(type(count) is int for count in found.values())
    lacking = facets.missing(snapshot, item_set)
    assert lacking == {name: sum(name not in items[at] for at in active) for name in TYPES}


def test_all_items_are_counted_the_same_twice(make_snapshot):
    snapshot = make_snapshot(TYPES, {"a": {"colour": ["Red"]}, "b": {"colour": ["Red"], "tags": ["x", "y"]}})
    everything = np.ones(snapshot.size, bool)
    wanted = {"colour": {"Red": 2}, "tags": {"x": 1, "y": 1}, "year": {}, "sizes": {}}
    assert facets.count(snapshot, everything) == wanted
    assert facets.count(snapshot, everything) == wanted


def test_attributes_are_chosen_and_values_limited(make_snapshot):
    items = {f"i{n}": {"colour": [f"c{n % 7}"], "year": [2000.0]} for n in range(20)}
    snapshot = make_snapshot(TYPES, items)
    everything = np.ones(snapshot.size, bool)
    assert facets.count(snapshot, everything, ["year", "name", "unknown"]) == {"year": {"2000": 20}}
    assert facets.count(snapshot, everything, ["colour"], limit=2) == {"colour": {"c0": 3, "c1": 3}}


@pytest.mark.parametrize(("different", "counted"), [(60, True), (61, False)])
def test_numbers_of_many_values_are_no_facet(make_snapshot, different, counted):
    items = {f"i{n}": {"price": [n / 4]} for n in range(different)}
    snapshot = make_snapshot({"price": "number"}, items)
    found = facets.count(snapshot, np.ones(snapshot.size, bool))
    assert (list(found) == ["price"]) is counted
    assert not counted or found["price"]["0.25"] == 1
